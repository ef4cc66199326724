//! What a node does with its tables when it is asked to.

use guildsync_tables::{ChangeError, Config, GuildName, Mode, RecordId, RecordKey, TableKind};
use guildsync_types::MemberName;
use guildsync_wire::lua::Table;

use super::Node;
use crate::local::Error;
use crate::replica::Input;

impl Node {
    /// Starts sessions of the tables: with these members, however fresh, or with everyone who is online
    /// and was not synced lately; `mode` says how far back, or the policy does.
    ///
    /// # Errors
    /// A failed store; a stopped node. What is in the way of a session is logged.
    pub async fn start_tables(
        &self,
        with: Option<Vec<MemberName>>,
        mode: Option<Mode>,
    ) -> Result<(), Error> {
        self.step(Input::TableStart { with, mode }).await
    }

    /// Ends every session of the tables and forgets what is unfinished.
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn reset_tables(&self) -> Result<(), Error> {
        self.step(Input::TableReset).await
    }

    /// Asks who is online: answers show as [`Status::presence`](super::Status::presence).
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn ask_who_is_online(&self) -> Result<(), Error> {
        self.step(Input::TableAsk).await
    }

    /// Says which guild this node's member is in.
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn set_guild(&self, guild: GuildName) -> Result<(), Error> {
        self.step(Input::Guild(guild)).await
    }

    /// Says whether this node's member fights.
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn set_fighting(&self, fighting: bool) -> Result<(), Error> {
        self.step(Input::Fighting(fighting)).await
    }

    /// Changes the policies of table sync.
    ///
    /// # Errors
    /// A stopped node.
    pub async fn set_table_config(&self, config: Config) -> Result<(), Error> {
        self.act(move |local, _, _| {
            local.set_table_config(config);
            Ok(())
        })
        .await
    }

    /// Writes a record as of now. Durable on return.
    ///
    /// # Errors
    /// Too much data, or too deep, with nothing changed; a failed store; a stopped node.
    pub async fn set_record(
        &self,
        table: TableKind,
        guild: GuildName,
        id: RecordId,
        data: Table,
    ) -> Result<(), Error> {
        self.act(move |local, moment, _| {
            local.change_tables(|tables| {
                tables.set(table, guild, id, data, moment.seconds())?;
                Ok(())
            })
        })
        .await
    }

    /// Marks a record as deleted as of now. Durable on return.
    ///
    /// # Errors
    /// [`ChangeError::Unknown`], with nothing changed; a failed store; a stopped node.
    pub async fn delete_record(&self, key: RecordKey) -> Result<(), Error> {
        self.act(move |local, moment, _| {
            local.change_tables(|tables| {
                let deleted: Result<_, ChangeError> = tables.delete(&key, moment.seconds());
                Ok(deleted.map(drop)?)
            })
        })
        .await
    }
}
