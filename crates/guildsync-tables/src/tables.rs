//! What one member holds: the records of all five tables, and which version of each counts.

use std::collections::BTreeMap;
use std::ops::Bound;

use guildsync_types::Hash;
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::hash::Domain;
use guildsync_types::{StampError, TextError};
use guildsync_wire::lua::Table;
use thiserror::Error;

use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::record::{Record, RecordError, RecordKey};
use crate::updated::Updated;

mod mark;

pub use mark::Mark;

/// Records with a time this many seconds ahead of the clock are taken as they are: clocks differ.
pub const CLOCK_TOLERANCE_S: u64 = 300;
/// The most records from the future that are held.
pub const HELD_MAX: usize = 1024;

/// The tables of one member.
///
/// Every write keeps the index current that sync compares: there is one index, the records themselves,
/// and the two forms of the addon's metadata are made from it when they are asked for. The number of the
/// last write to each record is kept too, so that a store finds what is new without looking at the rest.
#[derive(Debug, Default)]
pub struct Tables {
    /// By [`TableKind::index`]; with each record the number of its write.
    records: [BTreeMap<RecordKey, (u64, Record)>; 5],
    /// The last version of deleted records that had data, until it is purged.
    kept: BTreeMap<RecordKey, Record>,
    by_write: BTreeMap<u64, RecordKey>,
    n_writes: u64,
    /// Records of a time to come, by that time.
    held: BTreeMap<(u64, RecordKey), Record>,
    /// How often what is kept or held has changed.
    n_asides: u64,
    lineage: mark::Lineage,
}

/// When the data of deleted records goes. The deletion itself never does: who was away for a year
/// would bring the dead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    /// Never.
    Never,
    /// So many days after the deletion; 30 is the default.
    AfterDays(u32),
}

impl Default for Purge {
    fn default() -> Self {
        Self::AfterDays(30)
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// There was none of this key.
    Added,
    /// It is newer than the one that was there.
    Updated,
    /// It is newer and says that the record is deleted.
    Deleted,
    /// It is what is there.
    Same,
    /// What is there is newer: nothing changed.
    Older,
    /// Its time lies ahead of the clock: it is held until then.
    Held,
    /// Its time lies ahead of the clock, and as many as may be are held already.
    NotHeld,
}

impl Merged {
    /// Whether the tables are other ones now.
    #[must_use]
    pub fn is_change(self) -> bool {
        matches!(self, Self::Added | Self::Updated | Self::Deleted)
    }
}

/// A merged record, and whether it met another of the same second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// What became of it.
    pub merged: Merged,
    /// Whether two versions claimed one second with different content, and one of them won.
    pub conflict: bool,
}

/// Why a change by hand was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// It is no record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] TextError),
    /// A time that is none.
    #[error(transparent)]
    Time(#[from] StampError),
    /// There is nothing to delete.
    #[error("there is no record {id} in {table}: `table list` shows what there is")]
    Unknown {
        /// The table.
        table: TableKind,
        /// The id.
        id: RecordId,
    },
}

impl Tables {
    /// No records at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The record of a key.
    #[must_use]
    pub fn get(&self, key: &RecordKey) -> Option<&Record> {
        self.records[key.table.index()].get(key).map(|(_, record)| record)
    }

    /// All records, table by table as in [`TableKind::ALL`], then by id, then by guild.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Record> + Clone {
        self.records.iter().flat_map(BTreeMap::values).map(|(_, record)| record)
    }

    /// The records of one table, deleted ones too.
    pub fn of(&self, table: TableKind) -> impl DoubleEndedIterator<Item = &Record> + Clone {
        self.records[table.index()].values().map(|(_, record)| record)
    }

    /// How many records there are, deleted ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.iter().map(BTreeMap::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.iter().all(BTreeMap::is_empty)
    }

    /// Takes a record in if it counts more than the one that is here; `clock` is the present in seconds
    /// since 1970. What is ahead of the clock by more than [`CLOCK_TOLERANCE_S`] is held.
    pub fn merge(&mut self, record: Record, clock: u64) -> Merge {
        let seconds = record.updated().seconds();
        let is_ahead = seconds > clock.saturating_add(CLOCK_TOLERANCE_S);
        if is_ahead && !planted(Bug::FutureApplied) {
            return Merge { merged: self.hold(seconds, record), conflict: false };
        }
        let key = record.key();
        let old = self.get(key);
        let conflict = old.is_some_and(|old| old.conflicts_with(&record));
        let merged = match old {
            None => Merged::Added,
            Some(old) if old.hash() == record.hash() => Merged::Same,
            Some(old) if old.version() > record.version() && !planted(Bug::StalePush) => {
                Merged::Older
            }
            Some(_) if record.is_deleted() => Merged::Deleted,
            Some(_) => Merged::Updated,
        };
        if merged.is_change() {
            self.write(record);
        }
        Merge { merged, conflict }
    }

    fn hold(&mut self, seconds: u64, record: Record) -> Merged {
        let key = (seconds, record.key().clone());
        if self.held.len() >= HELD_MAX && !self.held.contains_key(&key) {
            return Merged::NotHeld;
        }
        let newer = self.held.get(&key).is_none_or(|held| held.version() < record.version());
        if newer {
            self.held.insert(key, record);
            self.n_asides += 1;
        }
        Merged::Held
    }

    /// Takes in what was held and is no longer ahead of the clock. How many records that changed.
    pub fn release(&mut self, clock: u64) -> usize {
        let mut n_changed = 0;
        while self.next_release().is_some_and(|release| release <= clock) {
            let Some((_, record)) = self.held.pop_first() else { break };
            self.n_asides += 1;
            n_changed += usize::from(self.merge(record, clock).merged.is_change());
        }
        n_changed
    }

    /// When the first held record may be taken in, in seconds since 1970.
    #[must_use]
    pub fn next_release(&self) -> Option<u64> {
        self.held.keys().next().map(|(seconds, _)| seconds.saturating_sub(CLOCK_TOLERANCE_S))
    }

    /// The records that are held for a time to come.
    pub fn held(&self) -> impl Iterator<Item = &Record> {
        self.held.values()
    }

    /// Writes a record as of now: its time is the clock's, or a second after the version that is here.
    ///
    /// # Errors
    /// [`ChangeError`]: too much data, or too deep.
    pub fn set(
        &mut self,
        table: TableKind,
        guild: GuildName,
        id: RecordId,
        data: Table,
        clock: u64,
    ) -> Result<&Record, ChangeError> {
        let key = key(table, &guild, &id);
        let record = Record::new(table, guild, id, self.next(&key, clock), data)?;
        Ok(self.write(record))
    }

    /// Marks a record as deleted as of now.
    ///
    /// # Errors
    /// [`ChangeError::Unknown`].
    pub fn delete(&mut self, key: &RecordKey, clock: u64) -> Result<&Record, ChangeError> {
        let unknown = || ChangeError::Unknown { table: key.table, id: key.id.clone() };
        let old = self.get(key).ok_or_else(unknown)?;
        let (table, guild, id) = (key.table, old.guild().clone(), key.id.clone());
        let updated = if old.is_deleted() { old.updated() } else { self.next(key, clock) };
        Ok(self.write(Record::deletion(table, guild, id, updated)))
    }

    /// The data that a deleted record had, as long as it is kept.
    #[must_use]
    pub fn kept(&self, key: &RecordKey) -> Option<&Record> {
        self.kept.get(key)
    }

    /// All data that deleted records had, as long as it is kept.
    pub fn all_kept(&self) -> impl Iterator<Item = &Record> {
        self.kept.values()
    }

    /// Drops the data of what was deleted long ago; that it is deleted stays for good. `clock` is the
    /// present. The records whose data went.
    pub fn purge(&mut self, policy: Purge, clock: u64) -> Vec<RecordKey> {
        let Purge::AfterDays(days) = policy else { return Vec::new() };
        let before = clock.saturating_sub(u64::from(days) * 86_400);
        let is_old = |key: &RecordKey| {
            self.get(key).is_none_or(|now| !now.is_deleted() || now.updated().seconds() < before)
        };
        let gone: Vec<RecordKey> = self.kept.keys().filter(|key| is_old(key)).cloned().collect();
        gone.iter().for_each(|key| drop(self.kept.remove(key)));
        if planted(Bug::DeletionsPurged) {
            self.forget(&gone);
        }
        self.n_asides += gone.len() as u64;
        gone
    }

    fn forget(&mut self, keys: &[RecordKey]) {
        for key in keys {
            if let Some((write, _)) = self.records[key.table.index()].remove(key) {
                self.by_write.remove(&write);
            }
        }
    }

    /// The time of the next version of a record: later than the one that is here, whatever the clock says.
    fn next(&self, key: &RecordKey, clock: u64) -> Updated {
        let last = self.get(key).map(|old| old.updated().seconds());
        let next = last.map_or(clock, |last| clock.max(last + 1));
        // Whoever's clock stands at the very second of default content still writes.
        Updated::at(if next == Updated::DEFAULT_SECONDS { next + 1 } else { next })
    }

    fn write(&mut self, record: Record) -> &Record {
        self.n_writes += 1;
        let (key, is_deleted) = (record.key().clone(), record.is_deleted());
        let records = &mut self.records[key.table.index()];
        if let Some((before, old)) = records.insert(key.clone(), (self.n_writes, record)) {
            self.by_write.remove(&before);
            if is_deleted && !old.is_deleted() {
                self.kept.insert(key.clone(), old);
                self.n_asides += 1;
            }
        }
        if !is_deleted && self.kept.remove(&key).is_some() {
            self.n_asides += 1;
        }
        self.by_write.insert(self.n_writes, key.clone());
        &records[&key].1
    }

    /// The number of the last write.
    #[must_use]
    pub fn n_writes(&self) -> u64 {
        self.n_writes
    }

    /// The records written after a number that [`Tables::n_writes`] gave.
    pub fn written_after(&self, n_writes: u64) -> impl Iterator<Item = &Record> {
        let range = (Bound::Excluded(n_writes), Bound::Unbounded);
        self.by_write.range(range).filter_map(|(_, key)| self.get(key))
    }

    /// The hash over all records: equal where equal records are held.
    #[must_use]
    pub fn state_hash(&self) -> Hash {
        let mut hash = Hash::of(Domain::Records);
        self.iter().for_each(|record| hash.add(&record.hash().0));
        hash.finish()
    }
}

/// The key under which a record is kept.
#[must_use]
pub fn key(table: TableKind, guild: &GuildName, id: &RecordId) -> RecordKey {
    let guild = (table != TableKind::Roster).then(|| guild.clone());
    RecordKey { table, id: id.clone(), guild }
}
