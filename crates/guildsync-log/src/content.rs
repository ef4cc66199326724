//! A log's content: its chains and the strings they share. What replay derives lives elsewhere.

use std::collections::BTreeMap;

use guildsync_types::{EntryId, Hash, MemberName, Points, Reason, Stamp, WriterId};

use crate::chain::{Chain, Linker, Row, RowKind};
use crate::entry::{Basis, Change, Draft, Entry};
use crate::intern::{Interner, Names};
use crate::order::{Key, Ref};

/// How many chains a log holds: they are counted in 16 bits.
pub(crate) const CHAINS_MAX: usize = u16::MAX as usize;

/// There is no room for the chain of this writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) writer: WriterId,
}

/// Chains, names, reasons and the changes too rare to be packed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Content {
    pub(crate) chains: Vec<Chain>,
    by_writer: BTreeMap<WriterId, u16>,
    /// Forked writer -> the branches of its chain, in the order in which they came.
    branches: BTreeMap<WriterId, Vec<u16>>,
    pub(crate) names: Names,
    pub(crate) reasons: Interner,
    side: Vec<Change>,
}

impl Content {
    pub(crate) fn chain_index(&self, writer: WriterId) -> Option<u16> {
        self.by_writer.get(&writer).copied()
    }

    pub(crate) fn chain(&self, writer: WriterId) -> Option<&Chain> {
        self.chain_index(writer).map(|i| &self.chains[usize::from(i)])
    }

    /// All chains, by writer.
    pub(crate) fn by_writer(&self) -> impl Iterator<Item = &Chain> {
        self.by_writer.values().map(|&i| &self.chains[usize::from(i)])
    }

    /// Adds a chain whose writer has none. This is the one place that keeps to [`CHAINS_MAX`].
    pub(crate) fn add_chain(&mut self, chain: Chain) -> Result<u16, Full> {
        if self.chains.len() >= CHAINS_MAX {
            return Err(Full { writer: chain.writer });
        }
        let index = self.chains.len() as u16;
        self.by_writer.insert(chain.writer, index);
        if chain.writer != chain.root {
            self.branches.entry(chain.root).or_default().push(index);
        }
        self.chains.push(chain);
        Ok(index)
    }

    /// The branches that left a writer's chain, empty ones included.
    pub(crate) fn branches(&self, root: WriterId) -> impl Iterator<Item = &Chain> {
        let branches = self.branches.get(&root).into_iter().flatten();
        branches.map(|&i| &self.chains[usize::from(i)])
    }

    /// Whose key seals the chain of this writer: its own, or that of the writer it is a branch of.
    pub(crate) fn root(&self, writer: WriterId) -> WriterId {
        self.chain(writer).map_or(writer, |chain| chain.root)
    }

    pub(crate) fn row(&self, at: Ref) -> &Row {
        &self.chains[usize::from(at.chain)].rows[at.place as usize]
    }

    pub(crate) fn id(&self, at: Ref) -> EntryId {
        let chain = &self.chains[usize::from(at.chain)];
        EntryId { writer: chain.writer, seq: chain.first + u64::from(at.place) }
    }

    /// Where an entry sorts in replay.
    pub(crate) fn key(&self, at: Ref) -> Key {
        let EntryId { writer, seq } = self.id(at);
        Key { stamp: self.row(at).stamp(), writer, seq }
    }

    pub(crate) fn find(&self, id: EntryId) -> Option<Ref> {
        let chain = self.chain_index(id.writer)?;
        let place = self.chains[usize::from(chain)].place(id.seq)?;
        Some(Ref { chain, place: place as u32 })
    }

    /// The entry of this id and hash, also when a fork has moved it to a derived writer.
    pub(crate) fn find_hashed(&self, id: EntryId, hash: &Hash) -> Option<Ref> {
        let root = self.root(id.writer);
        let branches = self.branches.get(&root).into_iter().flatten().copied();
        self.find_in(self.chain_index(root).into_iter().chain(branches), id.seq, hash)
    }

    /// The same, also where the fork is not known here: then nothing says whose the writer's number is,
    /// and the hash alone does.
    pub(crate) fn find_meant(&self, id: EntryId, hash: &Hash) -> Option<Ref> {
        let all = || self.find_in(0..self.chains.len() as u16, id.seq, hash);
        self.find_hashed(id, hash).or_else(all)
    }

    fn find_in(&self, chains: impl Iterator<Item = u16>, seq: u64, hash: &Hash) -> Option<Ref> {
        let places = chains.filter_map(|chain| {
            let place = self.chains[usize::from(chain)].place(seq)?;
            Some(Ref { chain, place: place as u32 })
        });
        places.into_iter().find(|&at| self.hash(at) == *hash)
    }

    /// The hash of an entry: of the whole chain up to it.
    pub(crate) fn hash(&self, at: Ref) -> Hash {
        let chain = &self.chains[usize::from(at.chain)];
        self.hash_before(chain, at.place as usize + 1)
    }

    /// The hash behind the first `place` rows of a chain.
    pub(crate) fn hash_before(&self, chain: &Chain, place: usize) -> Hash {
        let (from, mark) = chain.mark_before(place);
        let mut linker = Linker::behind(mark);
        let rows = chain.rows[from..place.max(from)].iter();
        rows.map(|row| linker.next(&self.unpack(row))).last().unwrap_or(mark)
    }

    pub(crate) fn member(&self, row: &Row) -> u32 {
        self.names.member(row.target)
    }

    pub(crate) fn change_of(&self, row: &Row) -> Option<&Change> {
        (row.kind() == RowKind::Other).then(|| &self.side[row.target as usize])
    }

    pub(crate) fn pack(&mut self, draft: &Draft) -> Row {
        let kind = match &draft.change {
            Change::Points { basis: Basis::Delta, .. } => RowKind::Delta,
            Change::Points { basis: Basis::Total, .. } => RowKind::Total,
            Change::Note { .. } => RowKind::Note,
            _ => RowKind::Other,
        };
        let mut row = Row::new(draft.stamp, kind);
        row.actor = self.names.intern(draft.actor.as_str());
        row.reason = self.reasons.intern(draft.reason.as_str());
        row.origin = draft.origin.unwrap_or(0);
        match &draft.change {
            Change::Points { target, delta, total, .. } => {
                row.target = self.names.intern(target.as_str());
                row.delta = delta.packed();
                row.total = total.packed();
            }
            Change::Note { about: None } => {}
            Change::Note { about: Some(member) } => row.target = self.names.intern(member.as_str()),
            other => {
                row.target = self.side.len() as u32;
                self.side.push(other.clone());
            }
        }
        row
    }

    /// The row of an imported draft, if all of its strings are known here; without, no row of this log
    /// can be a copy of it.
    pub(crate) fn find_imported(&self, draft: &Draft) -> Option<Row> {
        let kind = match &draft.change {
            Change::Points { .. } => RowKind::Delta,
            Change::Note { .. } => RowKind::Note,
            _ => return None,
        };
        let mut row = Row::new(draft.stamp, kind);
        row.origin = draft.origin?;
        row.actor = self.names.number(draft.actor.as_str())?;
        row.reason = self.reasons.number(draft.reason.as_str())?;
        match &draft.change {
            Change::Points { target, delta, total, .. } => {
                row.target = self.names.number(target.as_str())?;
                row.delta = delta.packed();
                row.total = total.packed();
            }
            Change::Note { about: Some(member) } => {
                row.target = self.names.number(member.as_str())?;
            }
            _ => {}
        }
        Some(row)
    }

    pub(crate) fn unpack(&self, row: &Row) -> Draft {
        let name = |number| {
            MemberName::from_entry(self.names.spelling(number))
                .expect("an interned name was a member name")
        };
        let points = |packed: i32| {
            Points::from_hundredths(i64::from(packed)).expect("packed points were in range")
        };
        let change = match row.kind() {
            RowKind::Delta | RowKind::Total => Change::Points {
                target: name(row.target),
                delta: points(row.delta),
                total: points(row.total),
                basis: if row.kind() == RowKind::Delta { Basis::Delta } else { Basis::Total },
            },
            RowKind::Note => {
                Change::Note { about: (row.target != Row::NOBODY).then(|| name(row.target)) }
            }
            RowKind::Other => self.side[row.target as usize].clone(),
        };
        Draft {
            stamp: Stamp::from_packed(row.stamp()).expect("a packed stamp was in range"),
            actor: name(row.actor),
            change,
            reason: Reason::new(self.reasons.get(row.reason)).expect("an interned reason was one"),
            origin: (row.origin != 0).then_some(row.origin),
        }
    }

    pub(crate) fn entry(&self, at: Ref) -> Entry {
        Entry { id: self.id(at), draft: self.unpack(self.row(at)) }
    }
}
