//! A replica and its store: every change is on disk before the call returns.

use std::path::Path;

use guildsync_leader::Config;
use guildsync_log::{AppendError, Draft, Log, ProfileError, Profiles, Segment};
use guildsync_store::{Data, Opened, Store, StoreError};
use guildsync_tables::{ChangeError, Tables};
use guildsync_transport::ChannelProfile;
use guildsync_types::{MemberName, ProfileId, SecretKey, Time};
use thiserror::Error;

use crate::moment::Moment;
use crate::replica::{Input, Output, Replica};

mod sheets;

/// A replica with its store, without a transport.
#[derive(Debug)]
pub struct Local {
    store: Store,
    replica: Replica,
}

/// Why a local change was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The store could not be opened or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An entry breaks a rule.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A profile operation was refused.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A record was not changed.
    #[error(transparent)]
    Record(#[from] ChangeError),
    /// An assignment sheet was not changed.
    #[error(transparent)]
    Sheet(#[from] guildsync_sections::ChangeError),
    /// The node is not running any more.
    #[error("this node has stopped: its store failed, or it was asked to")]
    Stopped,
}

impl Local {
    /// Creates a store for member `me`, with a new random key.
    ///
    /// # Errors
    /// [`StoreError`]: nothing is overwritten.
    pub fn create(path: &Path, me: MemberName, config: Config) -> Result<Self, StoreError> {
        Ok(Self::of(Store::create(path, None)?, me, config))
    }

    /// Opens member `me`'s store.
    ///
    /// # Errors
    /// [`StoreError`] says what is in the way.
    pub fn open(path: &Path, me: MemberName, config: Config) -> Result<Self, StoreError> {
        Ok(Self::of(Store::open(path)?, me, config))
    }

    /// A replica on a store that is open already.
    #[must_use]
    pub fn of(opened: Opened, me: MemberName, config: Config) -> Self {
        let key = opened.store.key().clone();
        let replica = Replica::new(me, key, opened.profiles, config);
        let replica = replica.with_tables(opened.tables, opened.table_sync);
        let replica = replica.with_sheets(opened.shelf, opened.section_sync);
        Self { store: opened.store, replica }
    }

    /// Changes the policies of table sync: until then the defaults.
    pub fn set_table_config(&mut self, config: guildsync_tables::Config) {
        self.replica.set_table_config(config);
    }

    /// The logs.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        self.replica.profiles()
    }

    /// The tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        self.replica.tables()
    }

    /// The pure replica.
    #[must_use]
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Says which channel frames go to.
    pub fn use_channel(&mut self, channel: ChannelProfile) {
        self.replica.use_channel(channel);
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Appends what `draft` makes of a profile's log, and returns once it is durable. Frames for the
    /// group, if there is one, are added to `out`. If this replica has to go on as a new writer first, it
    /// does, and stays that one whatever becomes of the drafts.
    ///
    /// # Errors
    /// A broken rule, with none of the drafts appended; or a failed store, after which it has to be
    /// opened again.
    pub fn append(
        &mut self,
        moment: impl Into<Moment>,
        profile: &ProfileId,
        draft: impl FnOnce(&Log) -> Result<Vec<Draft>, AppendError>,
        out: &mut Vec<Output>,
    ) -> Result<Segment, Error> {
        let moment = moment.into();
        let log = self.profiles().get(profile).ok_or_else(|| unknown(self.profiles(), profile))?;
        let drafts = draft(log)?;
        if self.replica.needs_new_writer(profile) {
            self.go_on_as_new(moment, out)?;
        }
        let segment = self.replica.append(profile, &drafts)?;
        self.commit(moment, out)?;
        Ok(segment)
    }

    /// Goes on as a new writer. The old key is replaced only once its signature for the new one is
    /// durable: a crash leaves the old key, which starts over, or the new one with all it continues.
    fn go_on_as_new(&mut self, moment: Moment, out: &mut Vec<Output>) -> Result<(), StoreError> {
        let (old, new) = (self.store.key().clone(), self.store.new_key(None)?);
        self.replica.go_on_as(new.clone(), &old, moment.clock);
        self.commit(moment, out)?;
        self.store.replace_key(new)?;
        Ok(())
    }

    /// Lets the store's present key go on for an older one; durable with the next commit.
    pub fn continue_for(&mut self, old: &SecretKey, clock: Time) {
        self.replica.go_on_as(self.store.key().clone(), old, clock);
    }

    /// Changes the logs by other means than appending (profiles, merges), and returns once the change
    /// is durable. If `change` fails, nothing is written.
    ///
    /// # Errors
    /// What `change` said, or a failed store.
    pub fn change<T, E: From<StoreError>>(
        &mut self,
        change: impl FnOnce(&mut Profiles) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut changed = self.profiles().clone();
        let done = change(&mut changed)?;
        self.store.commit(&changed)?;
        *self.replica.profiles_mut() = changed;
        Ok(done)
    }

    /// Changes the tables, and returns once the change is durable. If `change` fails, nothing is written.
    ///
    /// # Errors
    /// What `change` said, or a failed store.
    pub fn change_tables<T, E: From<StoreError>>(
        &mut self,
        change: impl FnOnce(&mut Tables) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut changed = self.tables().clone();
        let done = change(&mut changed)?;
        let saved = self.replica.table_sync().saved();
        let data = Data { tables: Some((&changed, saved)), ..self.replica.data() };
        self.store.commit(data)?;
        *self.replica.tables_mut() = changed;
        Ok(done)
    }

    /// Takes in one input, commits what has to be durable, and adds the rest to `out`.
    ///
    /// # Errors
    /// A failed store: nothing of the step has been sent.
    pub fn step(
        &mut self,
        moment: impl Into<Moment>,
        input: Input,
        out: &mut Vec<Output>,
    ) -> Result<(), StoreError> {
        let moment = moment.into();
        self.replica.step(moment, input, out);
        self.commit_if_asked(moment, out)
    }

    fn commit(&mut self, moment: Moment, out: &mut Vec<Output>) -> Result<(), StoreError> {
        self.store.commit(self.replica.data())?;
        self.replica.step(moment, Input::Committed, out);
        self.commit_if_asked(moment, out)
    }

    fn commit_if_asked(&mut self, moment: Moment, out: &mut Vec<Output>) -> Result<(), StoreError> {
        while out.last() == Some(&Output::Commit) {
            out.pop();
            self.store.commit(self.replica.data())?;
            self.replica.step(moment, Input::Committed, out);
        }
        Ok(())
    }
}

fn unknown(profiles: &Profiles, id: &ProfileId) -> ProfileError {
    let known = profiles.iter().map(Log::label).collect::<Vec<_>>().join(", ");
    ProfileError::Unknown { wanted: id.short(), known }
}
