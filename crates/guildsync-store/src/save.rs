//! Rows from logs: what a commit writes, found by comparing the logs with what is on disk.
//!
//! The store remembers how far every chain is on disk and its hash there ([`Known`]). A chain whose
//! head and seal are the same is not looked at; one that has grown behind the same hash gets its tail written;
//! any other, one that a fork has cut or moved, is written anew. Callers therefore need not say what
//! they changed, and cannot say it wrongly. Tables and sheets are the same case: see
//! `records` and `sheets`.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_log::{ChainInfo, Log, Profiles};
use guildsync_sections::Shelf;
use guildsync_tables::{Mark, Saved, Tables};
use guildsync_types::{EntryId, ProfileId, WriterId};
use guildsync_wire::bytes::Writer;
use redb::{ReadableTable, Table, WriteTransaction};

use crate::layout::{
    CHAINS, ChainRow, ENTRIES, LEFT_BEHIND, META, PROFILES, VERSION, chain_key, encode_profile,
    encode_writers, entry_key, split_chain_key,
};
use crate::load::{Known, Loaded, Reach};
use crate::{records, sheets};

/// What a commit makes durable.
#[derive(Debug, Clone, Copy)]
pub struct Data<'a> {
    /// The logs.
    pub profiles: &'a Profiles,
    /// The tables, and what table sync keeps. `None` leaves both as they are on disk: for work on logs
    /// alone.
    pub tables: Option<(&'a Tables, &'a Saved)>,
    /// The assignment sheets, and what section sync keeps. `None` leaves both as they are on disk.
    pub sheets: Option<(&'a Shelf, &'a guildsync_sections::Saved)>,
}

impl<'a> From<&'a Profiles> for Data<'a> {
    fn from(profiles: &'a Profiles) -> Self {
        Self { profiles, tables: None, sheets: None }
    }
}

impl<'a> From<&'a Loaded> for Data<'a> {
    fn from(loaded: &'a Loaded) -> Self {
        Self {
            profiles: &loaded.profiles,
            tables: Some((&loaded.tables, &loaded.table_sync)),
            sheets: Some((&loaded.shelf, &loaded.section_sync)),
        }
    }
}

/// What a commit changes in [`Known`] once it is durable.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// `None` for a chain that is gone.
    chains: Vec<((ProfileId, WriterId), Option<Reach>)>,
    tables: Option<Mark>,
    sheets: Option<sheets::OnDisk>,
    n_rows: usize,
}

impl Written {
    /// Whether there was nothing that was not on disk.
    pub(crate) fn is_nothing(&self) -> bool {
        self.n_rows == 0
    }

    /// Brings `known` up to date.
    pub(crate) fn note_in(self, known: &mut Known) {
        for (chain, reach) in self.chains {
            match reach {
                Some(reach) => known.chains.insert(chain, reach),
                None => known.chains.remove(&chain),
            };
        }
        if let Some(mark) = self.tables {
            known.tables = mark;
        }
        if let Some(sheets) = self.sheets {
            known.sheets = sheets;
        }
    }
}

/// Writes into `txn` what `data` holds and `known` does not.
pub(crate) fn save(
    txn: &WriteTransaction,
    known: &Known,
    data: Data<'_>,
    writer: WriterId,
) -> Result<Written, redb::Error> {
    let profiles = data.profiles;
    let mut saving = Saving {
        chains: txn.open_table(CHAINS)?,
        entries: txn.open_table(ENTRIES)?,
        known,
        written: Written::default(),
    };
    for log in profiles.iter() {
        saving.log(log)?;
    }
    for &(profile, writer) in known.chains.keys() {
        if profiles.get(&profile).is_none() {
            saving.remove(profile, writer, 0)?;
            saving.forget(profile, writer)?;
        }
    }
    let mut written = saving.written;
    written.n_rows += save_profiles(txn, profiles)?;
    written.n_rows += save_left_behind(txn, profiles)?;
    let mut rows = vec![
        ("version", VERSION.to_le_bytes().to_vec()),
        ("active", profiles.active_id().0.to_vec()),
        ("writers", encode_writers(&[writer])),
    ];
    if let Some((tables, table_sync)) = data.tables {
        written.n_rows += records::save(txn, &known.tables, tables)?;
        written.tables = Some(tables.mark());
        rows.push(("table_sync", table_sync.encode()));
    }
    if let Some((shelf, section_sync)) = data.sheets {
        written.n_rows += known.sheets.save(txn, shelf)?;
        written.sheets = Some(sheets::OnDisk::all(shelf));
        rows.push(("section_sync", section_sync.encode()));
    }
    let mut meta = txn.open_table(META)?;
    for (row, value) in rows {
        if meta.get(row)?.is_none_or(|old| old.value() != value) {
            meta.insert(row, value.as_slice())?;
            written.n_rows += 1;
        }
    }
    Ok(written)
}

struct Saving<'a> {
    chains: Table<'a, &'static [u8; 48], &'static [u8]>,
    entries: Table<'a, &'static [u8; 56], &'static [u8]>,
    known: &'a Known,
    written: Written,
}

impl Saving<'_> {
    fn log(&mut self, log: &Log) -> Result<(), redb::Error> {
        let profile = log.profile().id;
        let mut held = BTreeSet::new();
        for chain in log.chains() {
            self.chain(log, &chain)?;
            held.insert(chain.writer);
        }
        let range = (profile, WriterId([0; 16]))..=(profile, WriterId([0xff; 16]));
        for &(_, writer) in self.known.chains.range(range).map(|(chain, _)| chain) {
            // A fork moved all of it away.
            if !held.contains(&writer) {
                self.remove(profile, writer, 0)?;
                self.forget(profile, writer)?;
            }
        }
        Ok(())
    }

    /// Brings one chain's rows up to its head.
    fn chain(&mut self, log: &Log, chain: &ChainInfo) -> Result<(), redb::Error> {
        let profile = log.profile().id;
        let ChainInfo { writer, branch, last, head, seal, .. } = *chain;
        let row = ChainRow { branch, last, seal };
        let reach = Reach { first: row.first(), last, head, is_sealed: seal.is_some() };
        let known = self.known.chains.get(&(profile, writer));
        if known == Some(&reach) {
            return Ok(());
        }
        let grown = |known: &&Reach| {
            known.last <= last
                && log.entry_hash(EntryId { writer, seq: known.last }) == Some(known.head)
        };
        let from = match known.filter(grown) {
            Some(known) => known.last + 1,
            None => {
                if known.is_some() {
                    self.remove(profile, writer, 0)?;
                }
                row.first()
            }
        };
        let mut bytes = Writer::new();
        for seq in from..=last {
            let Some(entry) = log.entry(EntryId { writer, seq }) else { break };
            bytes.clear();
            entry.draft.encode(&mut bytes);
            self.entries.insert(&entry_key(&profile, &writer, seq), bytes.as_slice())?;
            self.written.n_rows += 1;
        }
        self.chains.insert(&chain_key(&profile, &writer), row.encode().as_slice())?;
        self.written.chains.push(((profile, writer), Some(reach)));
        self.written.n_rows += 1;
        Ok(())
    }

    /// Removes a chain's entries from number `first` on.
    fn remove(
        &mut self,
        profile: ProfileId,
        writer: WriterId,
        first: u64,
    ) -> Result<(), redb::Error> {
        let from = entry_key(&profile, &writer, first);
        let to = entry_key(&profile, &writer, u64::MAX);
        self.entries.retain_in::<&[u8; 56], _>(&from..=&to, |_, _| false)?;
        self.written.n_rows += 1;
        Ok(())
    }

    fn forget(&mut self, profile: ProfileId, writer: WriterId) -> Result<(), redb::Error> {
        self.chains.remove(&chain_key(&profile, &writer))?;
        self.written.chains.push(((profile, writer), None));
        Ok(())
    }
}

fn save_profiles(txn: &WriteTransaction, profiles: &Profiles) -> Result<usize, redb::Error> {
    let mut table = txn.open_table(PROFILES)?;
    let mut stored = BTreeSet::new();
    for row in table.iter()? {
        stored.insert(*row?.0.value());
    }
    let mut n_rows = 0;
    for log in profiles.iter() {
        let profile = log.profile();
        if !stored.remove(&profile.id.0) {
            table.insert(&profile.id.0, encode_profile(profile).as_slice())?;
            n_rows += 1;
        }
    }
    for gone in stored {
        table.remove(&gone)?;
        n_rows += 1;
    }
    Ok(n_rows)
}

fn save_left_behind(txn: &WriteTransaction, profiles: &Profiles) -> Result<usize, redb::Error> {
    let mut table = txn.open_table(LEFT_BEHIND)?;
    let mut stored = BTreeMap::new();
    for row in table.iter()? {
        let (key, last) = row?;
        stored.insert(split_chain_key(key.value()), last.value());
    }
    let mut n_rows = 0;
    for (&profile, frontier) in profiles.left_behind() {
        for (writer, last) in frontier.iter() {
            // Numbers are never used again, so this one never falls.
            if stored.get(&(profile, writer)).is_none_or(|&stored| stored < last) {
                table.insert(&chain_key(&profile, &writer), last)?;
                n_rows += 1;
            }
        }
    }
    Ok(n_rows)
}
