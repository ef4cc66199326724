//! Logs from rows: every chain read, hashed and checked against its seal.
//!
//! A whole chain is taken in as a sealed segment, checked as one from another member is, so nothing that is
//! wrong can pass. What is left of a damaged chain, its entries up to the first that is missing, is
//! salvaged: shown without a seal, and named as damage.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::Path;

use guildsync_log::{AcceptError, Draft, Frontier, Log, Profile, ProfileKind, Profiles, Segment};
use guildsync_sections::Shelf;
use guildsync_tables::{Mark, Saved, Tables};
use guildsync_types::{EntryId, Hash, MemberName, ProfileId, WriterId};
use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableTable};

use crate::damage::{Damage, Place};
use crate::database::{self, Meta};
use crate::error::StoreError;
use crate::layout::{
    CHAINS, ChainRow, ENTRIES, LEFT_BEHIND, PROFILES, decode_profile, entry_key, split_chain_key,
    split_entry_key,
};
use crate::{records, sheets};

/// What a store holds, as far as it can be read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The logs. What is damaged is missing from them, as far as `damage` says.
    pub profiles: Profiles,
    /// Everything that is wrong; empty in a sound store.
    pub damage: Vec<Damage>,
    /// The tables, without what is damaged.
    pub tables: Tables,
    /// What table sync keeps from run to run.
    pub table_sync: Saved,
    /// The assignment sheets, without what is damaged.
    pub shelf: Shelf,
    /// What section sync keeps from run to run.
    pub section_sync: guildsync_sections::Saved,
    /// How many entries are in the logs.
    pub n_entries: u64,
    /// The writer that this store appends as; `None` in a backup.
    pub writer: Option<WriterId>,
    /// Whose replica it is, if that was said.
    pub member: Option<MemberName>,
}

/// What is on disk: what a commit compares its data with.
#[derive(Debug)]
pub(crate) struct Known {
    /// How far each chain is.
    pub(crate) chains: BTreeMap<(ProfileId, WriterId), Reach>,
    /// Which state of which tables.
    pub(crate) tables: Mark,
    /// What of the documents.
    pub(crate) sheets: sheets::OnDisk,
}

impl Known {
    /// Nothing is.
    pub(crate) fn nothing() -> Self {
        let tables = Tables::new().mark();
        Self { chains: BTreeMap::new(), tables, sheets: sheets::OnDisk::default() }
    }
}

/// How far one chain is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) head: Hash,
    /// Whether its seal is there, too: a chain may get it later than its entries.
    pub(crate) is_sealed: bool,
}

/// A store's contents together with what only the store itself needs.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) loaded: Loaded,
    pub(crate) known: Known,
    pub(crate) writers: Vec<WriterId>,
}

/// Reads everything.
pub(crate) fn load(db: &Database, path: &Path) -> Result<Contents, StoreError> {
    let txn = database::begin_read(db, path)?;
    Loading::of(&txn).map_err(StoreError::redb(path))
}

/// The entries of one chain, up to the first that is missing or bad.
#[derive(Default)]
struct Run {
    drafts: Vec<Draft>,
    damage: Vec<Damage>,
}

struct Loading {
    entries: ReadOnlyTable<&'static [u8; 56], &'static [u8]>,
    damage: Vec<Damage>,
}

impl Loading {
    fn of(txn: &ReadTransaction) -> Result<Contents, redb::Error> {
        let Meta { active, writers, member, table_sync, section_sync } = database::meta(txn)?;
        let mut this = Self { entries: txn.open_table(ENTRIES)?, damage: Vec::new() };
        let mut logs: BTreeMap<ProfileId, Log> = BTreeMap::new();
        for row in txn.open_table(PROFILES)?.iter()? {
            let (id, row) = row?;
            let id = ProfileId(*id.value());
            match decode_profile(id, row.value()) {
                Ok(profile) => drop(logs.insert(id, Log::new(profile))),
                Err(e) => this.damage.push(Damage::Profile { profile: id, why: e.to_string() }),
            }
        }
        let mut chains: BTreeMap<ProfileId, Vec<(WriterId, ChainRow)>> = BTreeMap::new();
        let mut covered = BTreeSet::new();
        for row in txn.open_table(CHAINS)?.iter()? {
            let (key, row) = row?;
            let (profile, writer) = split_chain_key(key.value());
            match ChainRow::decode(row.value()) {
                Ok(row) => {
                    covered.insert((profile, writer));
                    chains.entry(profile).or_default().push((writer, row));
                }
                Err(e) => {
                    let place = place(logs.get(&profile), profile, writer);
                    this.damage.push(Damage::Chain { place, why: e.to_string() });
                }
            }
        }
        this.find_uncovered(&logs, &covered)?;
        let mut reached = BTreeMap::new();
        for (profile, chains) in chains {
            if let Some(log) = logs.get_mut(&profile) {
                this.fill(log, &chains)?;
                reached.extend(reaches(log, &chains));
            }
        }
        let mut left_behind: BTreeMap<ProfileId, Frontier> = BTreeMap::new();
        for row in txn.open_table(LEFT_BEHIND)?.iter()? {
            let (key, last) = row?;
            let (profile, writer) = split_chain_key(key.value());
            left_behind.entry(profile).or_default().set(writer, last.value());
        }
        let n_entries = logs.values().map(|log| log.len() as u64).sum();
        let profiles = this.assemble(logs, active, left_behind);
        let writers = writers.unwrap_or_else(|| {
            let why = "it is missing or not a list of writers".to_owned();
            this.damage.push(Damage::Meta { row: "writers", why });
            Vec::new()
        });
        let writer = writers.last().copied();
        let table_sync = table_sync.unwrap_or_else(|why| {
            this.damage.push(Damage::Meta { row: "table_sync", why });
            Saved::default()
        });
        let section_sync = section_sync.unwrap_or_else(|why| {
            this.damage.push(Damage::Meta { row: "section_sync", why });
            guildsync_sections::Saved::default()
        });
        let tables = records::load(txn, &mut this.damage)?;
        let shelf = sheets::load(txn, &mut this.damage)?;
        let (mark, sheets) = (tables.mark(), sheets::OnDisk::all(&shelf));
        let known = Known { chains: reached, tables: mark, sheets };
        let loaded = Loaded {
            profiles,
            damage: this.damage,
            tables,
            table_sync,
            shelf,
            section_sync,
            n_entries,
            writer,
            member,
        };
        Ok(Contents { loaded, known, writers })
    }

    /// Takes a profile's chains into its log.
    fn fill(&mut self, log: &mut Log, chains: &[(WriterId, ChainRow)]) -> Result<(), redb::Error> {
        let mut chains: Vec<_> = chains.iter().collect();
        if let ProfileKind::Owned { creator } = log.profile().kind {
            // Everybody else's right to be here begins with the creator's chain; with it first, less is
            // counted twice.
            chains.sort_by_key(|(writer, _)| *writer != creator);
        }
        chains.into_iter().try_for_each(|chain| self.take(log, chain))
    }

    /// Takes in one chain, whether its writer has a role or not: everyone in here was admitted once.
    fn take(&mut self, log: &mut Log, chain: &(WriterId, ChainRow)) -> Result<(), redb::Error> {
        let (writer, row) = *chain;
        let Run { drafts, damage } = self.run(log, chain)?;
        self.damage.extend(damage);
        let (first, branch) = (row.first(), row.branch);
        let is_whole = drafts.len() as u64 == row.last - first + 1;
        let (true, Some(seal)) = (is_whole, row.seal) else {
            log.salvage(writer, branch, &drafts);
            return Ok(());
        };
        if let Err(error) = log.restore(Segment { writer, first, drafts, seal, branch }) {
            let place = place(Some(log), log.profile().id, writer);
            let (why, last) = (error.to_string(), row.last);
            self.damage.push(match error {
                AcceptError::Seal(_) => Damage::BadSeal { place, why },
                _ => Damage::BrokenChain { place, last, why },
            });
            log.salvage(writer, branch, &self.run(log, chain)?.drafts);
        }
        Ok(())
    }

    /// Reads one chain's entries.
    fn run(&self, log: &Log, (writer, row): &(WriterId, ChainRow)) -> Result<Run, redb::Error> {
        let profile = log.profile().id;
        let place = || place(Some(log), profile, *writer);
        let (mut run, mut next, mut whole) = (Run::default(), row.first(), true);
        let mut uncovered: Option<(u64, u64)> = None;
        for entry in self.rows(&profile, writer, 0)? {
            let (key, bytes) = entry?;
            let (.., seq) = split_entry_key(key.value());
            if seq < row.first() || seq > row.last {
                uncovered = Some((uncovered.map_or(seq, |(first, _)| first), seq));
                continue;
            }
            if seq > next {
                run.damage.push(Damage::MissingEntries {
                    place: place(),
                    first: next,
                    last: seq - 1,
                });
                whole = false;
            }
            next = seq + 1;
            match Draft::from_bytes(bytes.value()) {
                Ok(draft) if whole => run.drafts.push(draft),
                Ok(_) => {}
                Err(e) => {
                    whole = false;
                    run.damage.push(Damage::BadEntry { place: place(), seq, why: e.to_string() });
                }
            }
        }
        if next <= row.last {
            let (first, last) = (next, row.last);
            run.damage.push(Damage::MissingEntries { place: place(), first, last });
        }
        if let Some((first, last)) = uncovered {
            run.damage.push(Damage::Uncovered { place: place(), first, last });
        }
        Ok(run)
    }

    /// Names the entries of chains without a row, and of profiles without one.
    fn find_uncovered(
        &mut self,
        logs: &BTreeMap<ProfileId, Log>,
        covered: &BTreeSet<(ProfileId, WriterId)>,
    ) -> Result<(), redb::Error> {
        let mut without_profile: BTreeMap<ProfileId, u64> = BTreeMap::new();
        let mut after = Bound::Unbounded;
        loop {
            let range = (after.as_ref(), Bound::Unbounded);
            let next = self.entries.range::<&[u8; 56]>(range)?.next().transpose()?;
            let Some((key, _)) = next else { break };
            let (profile, writer, first) = split_entry_key(key.value());
            if !logs.contains_key(&profile) {
                let n_entries = self.rows(&profile, &writer, 0)?.count() as u64;
                *without_profile.entry(profile).or_default() += n_entries;
            } else if !covered.contains(&(profile, writer)) {
                let mut last = first;
                for row in self.rows(&profile, &writer, first)? {
                    last = split_entry_key(row?.0.value()).2;
                }
                let place = place(logs.get(&profile), profile, writer);
                self.damage.push(Damage::Uncovered { place, first, last });
            }
            after = Bound::Excluded(entry_key(&profile, &writer, u64::MAX));
        }
        let lost = without_profile.into_iter();
        self.damage.extend(lost.map(|(profile, n)| Damage::NoProfile { profile, n_entries: n }));
        Ok(())
    }

    fn rows(
        &self,
        profile: &ProfileId,
        writer: &WriterId,
        first: u64,
    ) -> Result<redb::Range<'static, &'static [u8; 56], &'static [u8]>, redb::StorageError> {
        let (from, to) = (entry_key(profile, writer, first), entry_key(profile, writer, u64::MAX));
        self.entries.range::<&[u8; 56]>(&from..=&to)
    }

    /// Puts the logs together; a replica always has one, and one that is active.
    fn assemble(
        &mut self,
        mut logs: BTreeMap<ProfileId, Log>,
        active: Option<ProfileId>,
        left_behind: BTreeMap<ProfileId, Frontier>,
    ) -> Profiles {
        let mut wrong = |why: &str| {
            self.damage.push(Damage::Meta { row: "active", why: why.to_owned() });
        };
        match active {
            None => wrong("no profile is active"),
            Some(id) if !logs.contains_key(&id) => wrong("the active profile is not there"),
            Some(_) => {}
        }
        let fallback = || Log::new(Profile::default_profile());
        if logs.is_empty() {
            let log = fallback();
            logs.insert(log.profile().id, log);
        }
        let first = logs.keys().next().copied().unwrap_or_default();
        let active = active.filter(|id| logs.contains_key(id)).unwrap_or(first);
        Profiles::restore(logs.into_values(), active, left_behind).unwrap_or_default()
    }
}

/// How far the chains of `log` that are on disk go.
fn reaches<'a>(
    log: &'a Log,
    chains: &'a [(WriterId, ChainRow)],
) -> impl Iterator<Item = ((ProfileId, WriterId), Reach)> + 'a {
    chains.iter().filter_map(|&(writer, row)| {
        let head = match row.seal {
            Some(seal) => seal.head,
            None => log.entry_hash(EntryId { writer, seq: row.last })?,
        };
        let (first, last, is_sealed) = (row.first(), row.last, row.seal.is_some());
        Some(((log.profile().id, writer), Reach { first, last, head, is_sealed }))
    })
}

fn place(log: Option<&Log>, profile: ProfileId, writer: WriterId) -> Place {
    // The first label, since the renaming may be in what is damaged.
    let label = log.map_or_else(|| profile.short(), |log| log.profile().name.to_string());
    Place { profile, label, writer }
}
