//! The books on tables: who wrote what, who held what, and what has to be true of that.
//!
//! Which of two versions counts is worked out here once more, from what a record says alone. Every check
//! gives the first thing that is wrong, in words.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use guildsync::tables::{CLOCK_TOLERANCE_S, Record, RecordKey, Tables};
use guildsync::types::Hash;

/// When the addon says that its default content was made: 1999-01-01, 00:00:00.
const DEFAULT_S: u64 = 915_148_800;

/// One version of a record, as far as it matters which of two counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// Seconds since 1970.
    pub(crate) seconds: u64,
    /// Whether it says that the record is deleted.
    pub(crate) deleted: bool,
    /// What it is.
    pub(crate) hash: Hash,
}

impl Version {
    /// The version that a record is.
    pub(crate) fn of(record: &Record) -> Self {
        let (seconds, hash) = (record.updated().seconds(), *record.hash());
        Self { seconds, deleted: record.is_deleted(), hash }
    }
}

impl Ord for Version {
    /// What anybody wrote beats default content; later beats earlier; in one second what is deleted wins,
    /// then the greater hash.
    fn cmp(&self, other: &Self) -> Ordering {
        let is_written = |one: &Self| one.seconds != DEFAULT_S;
        is_written(self)
            .cmp(&is_written(other))
            .then(self.seconds.cmp(&other.seconds))
            .then(self.deleted.cmp(&other.deleted))
            .then(self.hash.0.cmp(&other.hash.0))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Versions by key.
pub(crate) type Held = BTreeMap<RecordKey, Version>;

/// The books.
#[derive(Debug)]
pub(crate) struct Books {
    /// Every version that anybody ever wrote: the records themselves, by hash.
    written: BTreeMap<[u8; 32], Record>,
    /// Written by who may not: nobody else may ever hold these.
    forged: BTreeMap<[u8; 32], usize>,
    /// Of every key the version that counts of all that is durable somewhere.
    best: Held,
    members: Vec<Account>,
    /// How many changes were acknowledged.
    pub(crate) n_acknowledged: usize,
}

/// What is known of one member.
#[derive(Debug, Default)]
struct Account {
    /// What its program holds.
    now: Held,
    /// How many writes its tables had then.
    n_writes: u64,
    /// What its disk holds, besides what is on its way there.
    durable: Held,
    /// The same when it was copied.
    backup: Option<Held>,
    /// What its user wrote that is not durable yet.
    edits: Vec<Record>,
}

impl Books {
    /// The books of `n` members who hold nothing.
    pub(crate) fn new(n: usize) -> Self {
        let members = (0..n).map(|_| Account::default()).collect();
        let (written, forged, best) = (BTreeMap::new(), BTreeMap::new(), Held::new());
        Self { written, forged, best, members, n_acknowledged: 0 }
    }

    /// A member's user wrote a record; `may`: as it may.
    pub(crate) fn edited(&mut self, member: usize, record: &Record, may: bool) {
        let hash = record.hash().0;
        match may {
            true => drop(self.forged.remove(&hash)),
            false if self.written.contains_key(&hash) => {}
            false => drop(self.forged.insert(hash, member)),
        }
        self.written.insert(hash, record.clone());
        let account = &mut self.members[member];
        account.now.insert(record.key().clone(), Version::of(record));
        account.edits.push(record.clone());
    }

    /// A member's tables after its user's change: it is not to be judged as one that came.
    pub(crate) fn seen(&mut self, member: usize, tables: &Tables) {
        self.members[member].n_writes = tables.n_writes();
    }

    /// A member's program did something. `clock`: what its clock says, in seconds since 1970.
    pub(crate) fn stepped(
        &mut self,
        member: usize,
        tables: &Tables,
        clock: u64,
    ) -> Result<(), String> {
        let before = self.members[member].n_writes;
        if tables.n_writes() == before {
            return Ok(());
        }
        self.members[member].n_writes = tables.n_writes();
        for record in tables.written_after(before) {
            let version = Version::of(record);
            let key = record.key();
            self.may_hold(member, record)?;
            if version.seconds > clock + CLOCK_TOLERANCE_S {
                let ahead = version.seconds - clock;
                return Err(format!(
                    "member {member} applied {}, {ahead} s before its time",
                    name(key)
                ));
            }
            let now = &mut self.members[member].now;
            if let Some(held) = now.insert(key.clone(), version)
                && held > version
            {
                let what = match held.deleted && !version.deleted {
                    true => "brought back the deleted record",
                    false => "put an older version over the newer one of",
                };
                return Err(format!("member {member} {what} {}", name(key)));
            }
        }
        Ok(())
    }

    /// Whether anybody wrote this, and whether this member may have it.
    fn may_hold(&self, member: usize, record: &Record) -> Result<(), String> {
        if !self.written.contains_key(&record.hash().0) {
            let key = name(record.key());
            return Err(format!("member {member} holds a version of {key} that nobody wrote"));
        }
        match self.forged.get(&record.hash().0) {
            Some(forger) if *forger != member => Err(format!(
                "member {member} holds {}, which member {forger} wrote without the right to",
                name(record.key())
            )),
            _ => Ok(()),
        }
    }

    /// What a member's program holds is durable now.
    pub(crate) fn durable(&mut self, member: usize) {
        let account = &mut self.members[member];
        account.durable.clone_from(&account.now);
        let edits = std::mem::take(&mut account.edits);
        self.n_acknowledged += edits.len();
        for record in edits {
            self.count_in(&record);
        }
    }

    fn count_in(&mut self, record: &Record) {
        if self.forged.contains_key(&record.hash().0) {
            return;
        }
        let version = Version::of(record);
        let best = self.best.entry(record.key().clone()).or_insert(version);
        *best = (*best).max(version);
    }

    /// A member's program starts on what its disk holds.
    pub(crate) fn started(&mut self, member: usize, tables: &Tables) -> Result<(), String> {
        for record in tables.iter().chain(tables.held()) {
            self.may_hold(member, record)?;
        }
        let now: Held = tables.iter().map(|one| (one.key().clone(), Version::of(one))).collect();
        let account = &mut self.members[member];
        for (key, held) in &account.durable {
            if now.get(key).is_none_or(|now| now < held) {
                let what = if now.contains_key(key) { "is older" } else { "is missing" };
                let key = name(key);
                return Err(format!(
                    "member {member} starts, and {key}, which was durable, {what}"
                ));
            }
        }
        // What its user was not told of may have arrived or not.
        let edits = std::mem::take(&mut account.edits);
        account.now.clone_from(&now);
        account.durable = now;
        account.n_writes = tables.n_writes();
        for record in edits {
            let holds = |one: &Account| {
                one.now.get(record.key()).is_some_and(|now| now.hash == *record.hash())
            };
            if holds(&self.members[member]) {
                self.count_in(&record);
            } else if !self.members.iter().any(holds) {
                // Nobody may ever have it.
                self.written.remove(&record.hash().0);
                self.forged.remove(&record.hash().0);
            }
        }
        Ok(())
    }

    /// A member's disk was copied.
    pub(crate) fn backed_up(&mut self, member: usize) {
        let account = &mut self.members[member];
        account.backup = Some(account.durable.clone());
    }

    /// A member's disk is the copy now. What only the lost disk had is lost; `held`: what all members hold
    /// back for a time to come.
    pub(crate) fn restored(&mut self, member: usize, held: &[Record]) {
        let account = &mut self.members[member];
        if let Some(backup) = &account.backup {
            account.durable.clone_from(backup);
        }
        account.now.clone_from(&account.durable);
        account.edits.clear();
        self.best.clear();
        let all: Vec<(RecordKey, Version)> =
            self.members.iter().flat_map(|one| one.durable.clone()).collect();
        let held = held.iter().map(|record| (record.key().clone(), Version::of(record)));
        for (key, version) in all.into_iter().chain(held) {
            if !self.forged.contains_key(&version.hash.0) {
                let best = self.best.entry(key).or_insert(version);
                *best = (*best).max(version);
            }
        }
    }

    /// What a member's program holds.
    pub(crate) fn now(&self, member: usize) -> &Held {
        &self.members[member].now
    }

    /// What a member's disk holds for certain.
    pub(crate) fn on_disk(&self, member: usize) -> &Held {
        &self.members[member].durable
    }

    /// The version that counts of every key, of all that is durable anywhere.
    pub(crate) fn best(&self) -> &Held {
        &self.best
    }

    /// The record of a version.
    pub(crate) fn record(&self, version: &Version) -> Option<&Record> {
        self.written.get(&version.hash.0)
    }

    /// Everything that somebody wrote lies before this second.
    pub(crate) fn last_second(&self) -> u64 {
        self.written.values().map(|record| record.updated().seconds()).max().unwrap_or(0)
    }

    /// Checks a program's tables whole against the books.
    pub(crate) fn check_whole(&self, member: usize, tables: &Tables) -> Result<(), String> {
        let now: Held = tables.iter().map(|one| (one.key().clone(), Version::of(one))).collect();
        match now == self.members[member].now {
            true => Ok(()),
            false => Err(format!("member {member} holds other records than it wrote or took")),
        }
    }
}

/// Two members' versions compared: the first key where they differ.
pub(crate) fn difference(one: &Held, other: &Held) -> Option<String> {
    let keys: BTreeSet<&RecordKey> = one.keys().chain(other.keys()).collect();
    let key = keys.into_iter().find(|key| one.get(key) != other.get(key))?;
    let words = |version: Option<&Version>| match version {
        None => "none".to_owned(),
        Some(Version { seconds, deleted, hash }) => {
            let deleted = if *deleted { ", deleted" } else { "" };
            format!("{seconds}{deleted} {:02x}{:02x}", hash.0[0], hash.0[1])
        }
    };
    Some(format!("{}: {} and {}", name(key), words(one.get(key)), words(other.get(key))))
}

/// A key in words.
pub(crate) fn name(key: &RecordKey) -> String {
    format!("{} {}", key.table, key.id)
}
