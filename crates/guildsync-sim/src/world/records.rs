//! The tables of a world that has some: what is durable of them, what people do with them, and what is
//! looked at after every step.

use std::collections::BTreeSet;

use guildsync::tables::{
    Config, GuildName, Record, RecordId, RecordKey, Report, TableKind, Tables,
};
use guildsync::wire::lua::Table;
use guildsync::{Input, Replica};

use super::{Newcomer, Setup, What, Work, World};
use crate::tables::side::{Peer, Side};
use crate::tables::volume::Stored;

/// What a person does with a record.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// Writes it.
    Set {
        /// The table.
        table: TableKind,
        /// The guild.
        guild: GuildName,
        /// The id.
        id: RecordId,
        /// What it says then.
        data: Table,
    },
    /// Deletes it.
    Delete(RecordKey),
    /// Takes it in from a file, as it is.
    Take(Box<Record>),
}

impl World {
    /// A world whose members have tables.
    pub(crate) fn with_tables(setup: Setup, newcomers: Vec<Newcomer>, side: Side) -> Self {
        Self::put_together(setup, newcomers, Some(Box::new(side)))
    }

    /// The tables' side. Only a world with tables has one.
    pub(crate) fn side(&mut self) -> &mut Side {
        match &mut self.tables {
            Some(side) => side,
            None => unreachable!("a world without tables is asked for them"),
        }
    }

    /// A member's tables, while its program runs.
    pub(crate) fn tables_of(&self, member: usize) -> Option<&Tables> {
        self.members[member].replica().map(Replica::tables)
    }

    /// Lets a member's user do something with a record; nothing happens if its program does not run.
    pub(crate) fn edit(&mut self, member: usize, edit: Edit) {
        if self.members[member].replica.is_some() {
            self.members[member].inbox.push_back(Work::Edit(edit));
            self.go_on(member);
        }
    }

    /// Changes a member's policies of table sync, for its program's next starts too.
    pub(crate) fn set_table_config(&mut self, member: usize, config: Config) {
        if let Some(replica) = &mut self.members[member].replica {
            replica.set_table_config(config.clone());
        }
        self.side().members[member].config = config;
        self.set_alarm(member);
    }

    pub(super) fn carry_out_edit(&mut self, member: usize, edit: Edit) {
        self.trace.event(self.now, format_args!("{member} does {edit:?}"));
        let clock = self.clock(member).0 / 1000;
        let Some(replica) = &mut self.members[member].replica else { return };
        let tables = replica.tables_mut();
        let done = match edit {
            Edit::Set { table, guild, id, data } => {
                let done = tables.set(table, guild, id, data, clock);
                done.map_err(|why| why.to_string()).map(|record| Some(record.clone()))
            }
            Edit::Delete(key) if tables.get(&key).is_none_or(Record::is_deleted) => Ok(None),
            Edit::Delete(key) => {
                let done = tables.delete(&key, clock);
                done.map_err(|why| why.to_string()).map(|record| Some(record.clone()))
            }
            Edit::Take(record) => {
                let is_change = tables.merge((*record).clone(), clock).merged.is_change();
                Ok(is_change.then_some(*record))
            }
        };
        let record = match done {
            Ok(Some(record)) => record,
            Ok(None) => return,
            Err(why) => return self.fail(format!("member {member} cannot write: {why}")),
        };
        if let (Some(side), Some(replica)) = (&mut self.tables, &self.members[member].replica) {
            let name = &self.members[member].name;
            let may = side.rights.may_write(name, &record) || side.forger != Some(member);
            side.books.edited(member, &record, may);
            side.books.seen(member, replica.tables());
        }
        self.begin_commit(member, Vec::new(), None, Input::Committed);
    }

    /// Brings back what a member's disk holds of tables and, beside them, of sheets.
    pub(super) fn load_tables(&mut self, member: usize) -> Result<Option<Stored>, String> {
        let Some(side) = &mut self.tables else { return Ok(None) };
        let stored = side.members[member].volume.open()?;
        side.books.started(member, &stored.tables.0)?;
        Ok(Some(stored))
    }

    /// Tells a program that has just started what it has to know about tables.
    pub(super) fn introduce_tables(&mut self, member: usize) {
        if let Some(side) = &self.tables {
            let (guild, is_alone) = (side.members[member].guild.clone(), side.is_alone);
            if is_alone {
                self.give(member, Input::SetEnabled(false));
            }
            self.give(member, Input::Guild(guild));
        }
    }

    /// A commit is done.
    pub(super) fn commit_tables(&mut self, member: usize) {
        let Self { tables: Some(side), members, .. } = self else { return };
        let Some(replica) = &members[member].replica else { return };
        match side.members[member].volume.commit(replica.data()) {
            Ok(()) => side.books.durable(member),
            Err(why) => self.fail(format!("member {member} cannot commit: {why}")),
        }
    }

    /// A program is killed, maybe in the middle of a commit.
    pub(super) fn crash_tables(&mut self, member: usize, replica: &Replica, is_writing: bool) {
        let Some(side) = &mut self.tables else { return };
        side.members[member].volume.crash(is_writing.then(|| replica.data()));
        side.members[member].ends();
    }

    /// Looks at what a step has done to a member's tables and sessions.
    pub(super) fn look_at_tables(&mut self, member: usize) {
        let clock = self.clock(member).0 / 1000;
        let Self { tables: Some(side), members, now, .. } = self else { return };
        let Some(replica) = &members[member].replica else { return };
        let looked = side.books.stepped(member, replica.tables(), clock);
        let running = replica.table_sync().running();
        let looked = looked.and_then(|()| side.runs(*now, member, running));
        if let Err(why) = looked {
            self.fail(why);
        }
    }

    /// A session of a member's ended.
    pub(super) fn session_ended(&mut self, member: usize, report: &Report) {
        let peer = self.by_name.get(&report.peer).copied();
        let clock = peer.map_or(0, |peer| self.clock(peer).0 / 1000);
        let Self { tables: Some(side), members, seen, .. } = self else { return };
        let peer = peer.map(|peer| {
            let tables = members[peer].replica().map(Replica::tables);
            let held: BTreeSet<&RecordKey> =
                tables.into_iter().flat_map(Tables::held).map(Record::key).collect();
            Peer { member: peer, clock, held }
        });
        if let Err(why) = side.ended(member, report, peer, seen) {
            self.fail(why);
        }
    }

    /// Copies a member's disk to a safe place.
    pub(crate) fn back_up_tables(&mut self, member: usize) {
        let side = self.side();
        side.members[member].volume.back_up();
        side.books.backed_up(member);
    }

    /// Puts the copy of a member's disk in place; its program ends and starts on that. Whether there was a
    /// copy.
    pub(crate) fn restore_tables(&mut self, member: usize) -> bool {
        if !self.side().members[member].volume.has_backup() {
            return false;
        }
        let was_running = self.members[member].replica.is_some();
        self.kill(member);
        let others = self.members.iter().filter_map(super::Member::replica);
        let held: Vec<Record> =
            others.flat_map(|replica| replica.tables().held().cloned()).collect();
        let now = self.now;
        let side = self.side();
        side.members[member].volume.restore();
        side.members[member].went_back_at = Some(now);
        side.books.restored(member, &held);
        if was_running {
            self.start(member);
        }
        true
    }

    /// Kills whoever is to be killed now.
    pub(super) fn kill_due(&mut self) {
        let Some(kill) = self.tables.as_mut().and_then(|side| side.take_due()) else { return };
        self.trace.event(self.now, format_args!("the program of {} is killed", kill.victim));
        self.seen.hit("fault: killed at a frame");
        self.kill(kill.victim);
        self.at(self.now + kill.pause_ms, What::Start { member: kill.victim });
    }
}
