//! What two members compare: their records in scope, by cell.
//!
//! A record is told by a short hash, keyed by the session so that nobody can choose two that are alike. A
//! [`View`] looks at the tables as they are, and nothing is copied: where they change during a round, a
//! side says what it has now, and builds on nothing.

use std::collections::BTreeSet;

use guildsync_types::Hash;
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::hash::Domain;
use guildsync_types::{Digest, MemberName};

use crate::kind::TableKind;
use crate::message::{Cell, CellSummary, Cells, Metadata, SessionId};
use crate::name::GuildName;
use crate::record::Record;
use crate::sketch;
use crate::tables::Tables;

/// How many records of a table a transfer is primed with at most.
const BASE_RECORDS: usize = 64;

/// What keys the short hashes and digests of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Salt([u8; 32]);

impl Salt {
    /// The salt of a round: both sides know all it is made of.
    pub(crate) fn new(session: SessionId, round: u8, initiator: &MemberName) -> Self {
        let hash = Hash::of(Domain::Session)
            .with(b"salt")
            .with(&session.0.to_le_bytes())
            .with(&[round])
            .with(initiator.folded().as_bytes());
        Self(hash.finish().0)
    }

    /// A record's short hash: two words of its hash, multiplied with two of the salt's and folded. What a
    /// record's hash is anybody can try out, but not under a salt that is not known yet.
    pub(crate) fn short(&self, hash: &Hash) -> u32 {
        let word = |bytes: &[u8; 32], at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        let a = u128::from(word(&hash.0, 0) ^ word(&self.0, 0));
        let b = u128::from(word(&hash.0, 8) ^ word(&self.0, 8));
        let product = (a | 1).wrapping_mul(b | 1);
        sketch::element((product >> 64) as u64 ^ product as u64)
    }

    /// A digest over records' hashes.
    fn digest(&self, hashes: &[u8]) -> Digest {
        Hash::of(Domain::Records).with(&self.0).with(hashes).finish().digest()
    }
}

/// The tables as a session looks at them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) guilds: &'a BTreeSet<GuildName>,
    /// What is older counts as [`Cell::Older`].
    pub(crate) cut: Option<u64>,
    pub(crate) salt: Salt,
}

impl<'a> View<'a> {
    /// Where a record is compared.
    pub(crate) fn cell(&self, record: &Record) -> Cell {
        match record.table() {
            TableKind::Setup => Cell::Setup,
            _ if self.cut.is_some_and(|cut| record.updated().seconds() < cut) => Cell::Older,
            table => Cell::Newer(table),
        }
    }

    /// The records of the guilds in scope.
    fn in_scope(&self) -> impl Iterator<Item = &'a Record> + use<'a> {
        let guilds = self.guilds;
        // Runs of records are of one guild mostly.
        let mut last: Option<(&'a GuildName, bool)> = None;
        let records = self.tables.iter();
        let records =
            records.filter(|record| !planted(Bug::DeletionsNotCompared) || !record.is_deleted());
        records.filter(move |record| match last {
            Some((guild, known)) if guild == record.guild() => known,
            _ => {
                let known = guilds.contains(record.guild());
                last = Some((record.guild(), known));
                known
            }
        })
    }

    /// What there is of each cell.
    pub(crate) fn summaries(&self) -> [CellSummary; 6] {
        let mut counts = [0; 6];
        let mut hashes: [Vec<u8>; 6] = Default::default();
        for record in self.in_scope() {
            let cell = self.cell(record).index();
            counts[cell] += 1;
            hashes[cell].extend_from_slice(&record.hash().0[..16]);
        }
        std::array::from_fn(|cell| {
            let (count, digest) = (counts[cell], self.salt.digest(&hashes[cell]));
            CellSummary { count, digest }
        })
    }

    /// One digest over several cells.
    pub(crate) fn digest(&self, cells: Cells) -> Digest {
        let records = self.in_scope().filter(|record| cells.has(self.cell(record)));
        let hashes: Vec<u8> = records.flat_map(|record| record.hash().0[..16].to_vec()).collect();
        self.salt.digest(&hashes)
    }

    /// What there is in some cells, and of the tables that they concern.
    pub(crate) fn compared(&self, cells: Cells) -> Compared<'a> {
        let is_concerned = |table: TableKind| match table {
            TableKind::Setup => cells.has(Cell::Setup),
            table => cells.has(Cell::Newer(table)) || cells.has(Cell::Older),
        };
        let concerned = self.in_scope().filter(|record| is_concerned(record.table()));
        let (compared, common) = concerned.partition(|record| cells.has(self.cell(record)));
        Compared::new(self.salt, compared, common)
    }
}

/// What is compared, and what both sides have anyway.
#[derive(Debug, Clone)]
pub(crate) struct Compared<'a> {
    /// By short hash, ascending. Two records of one short hash are told apart by nothing, so both are sent
    /// when either is asked for.
    records: Vec<(u32, &'a Record)>,
    /// What both sides have, as digests showed.
    common: Vec<&'a Record>,
}

impl<'a> Compared<'a> {
    fn new(salt: Salt, records: Vec<&'a Record>, common: Vec<&'a Record>) -> Self {
        let short = |record: &'a Record| (salt.short(record.hash()), record);
        let mut records: Vec<(u32, &Record)> = records.into_iter().map(short).collect();
        records.sort_unstable_by_key(|(short, _)| *short);
        Self { records, common }
    }

    /// How many records are compared.
    pub(crate) fn count(&self) -> usize {
        self.records.len()
    }

    /// Their short hashes, ascending; one for each record.
    pub(crate) fn shorts(&self) -> Vec<u32> {
        self.records.iter().map(|(short, _)| *short).collect()
    }

    /// The records of a short hash.
    pub(crate) fn of(&self, short: u32) -> impl Iterator<Item = &'a Record> {
        let first = self.records.partition_point(|(other, _)| *other < short);
        let from_there = self.records[first..].iter();
        from_there.take_while(move |(other, _)| *other == short).map(|(_, record)| *record)
    }

    /// All records that are compared.
    pub(crate) fn records(&self) -> impl Iterator<Item = &'a Record> {
        self.records.iter().map(|(_, record)| *record)
    }

    /// Their metadata, table by table.
    pub(crate) fn metadata(&self) -> Vec<Metadata> {
        let mut records = self.records.clone();
        records.sort_by(|(_, a), (_, b)| a.key().cmp(b.key()));
        let metadata = |(hash, record): (u32, &Record)| Metadata {
            table: record.table(),
            id: record.id().clone(),
            guild: record.guild().clone(),
            updated: record.updated(),
            deleted: record.is_deleted(),
            hash,
        };
        records.into_iter().map(metadata).collect()
    }

    /// What a transfer is primed with: of every table the newest records that both sides have, which are
    /// all here but those of the given short hashes.
    pub(crate) fn base(&self, differing: &BTreeSet<u32>) -> Vec<Record> {
        let compared = self.records.iter().filter(|(short, _)| !differing.contains(short));
        let compared = compared.map(|(_, record)| *record);
        let mut by_table: [Vec<(u64, &Record)>; 5] = Default::default();
        for record in compared.chain(self.common.iter().copied()) {
            if !record.is_deleted() {
                by_table[record.table().index()].push((record.updated().seconds(), record));
            }
        }
        let newest = |mut records: Vec<(u64, &'a Record)>| {
            let order = |a: &(u64, &Record), b: &(u64, &Record)| {
                b.0.cmp(&a.0).then_with(|| a.1.hash().cmp(b.1.hash()))
            };
            if records.len() > BASE_RECORDS {
                records.select_nth_unstable_by(BASE_RECORDS, order);
                records.truncate(BASE_RECORDS);
            }
            // The newest comes last: what is like it comes next.
            records.sort_unstable_by(|a, b| order(b, a));
            records.into_iter().map(|(_, record)| record.clone()).collect::<Vec<_>>()
        };
        by_table.into_iter().flat_map(newest).collect()
    }
}

/// A check of a base: both sides have to have chosen the same.
pub(crate) fn check(base: &[Record]) -> u16 {
    let hashes: Vec<u8> = base.iter().flat_map(|record| record.hash().0).collect();
    let Hash(hash) = Hash::of(Domain::Records).with(b"base").with(&hashes).finish();
    u16::from_le_bytes([hash[0], hash[1]])
}
