//! Chains: one writer's entries of one profile, packed, each hashed behind the one before it.
//!
//! An entry is a [`Row`] of 40 bytes: numbers of interned strings instead of strings. Hashes are kept
//! at the head and at every 64th entry; those between are computed again when asked for.

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, ProfileId, Seal, WriterId};

use crate::entry::Draft;

/// How many entries lie between two kept hashes.
const MARK_EVERY: usize = 64;

/// What kind a packed entry is, as far as replay cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// Points by delta.
    Delta,
    /// Points by total.
    Total,
    /// A note about a member, or about nobody.
    Note,
    /// Any other change: `target` is its place in the side table.
    Other,
}

/// An entry without its strings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) stamp: u64,
    pub(crate) actor: u32,
    pub(crate) reason: u32,
    /// A spelling's number, [`Row::NOBODY`], or a place in the side table.
    pub(crate) target: u32,
    pub(crate) delta: i32,
    pub(crate) total: i32,
    /// The occurrence number, 0 for none.
    pub(crate) origin: u32,
    pub(crate) kind: RowKind,
}

impl Row {
    pub(crate) const NOBODY: u32 = u32::MAX;

    pub(crate) fn is_points(&self) -> bool {
        matches!(self.kind, RowKind::Delta | RowKind::Total)
    }

    /// Whether both are copies of one imported row: all that identifies it is equal.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        let identity = |row: &Self| {
            (row.stamp >> 16, row.actor, row.target, row.delta, row.total, row.reason, row.origin)
        };
        self.origin != 0
            && self.is_points() == other.is_points()
            && self.kind != RowKind::Other
            && other.kind != RowKind::Other
            && identity(self) == identity(other)
    }
}

/// The entries of one writer, a contiguous run from `first` to [`Chain::last`].
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) writer: WriterId,
    /// Whose key seals it: the writer itself, or the forked writer that this is a branch of.
    pub(crate) root: WriterId,
    /// The first entry's number: 1, or where a branch leaves.
    pub(crate) first: u64,
    /// The hash before the first entry.
    pub(crate) base: Hash,
    pub(crate) rows: Vec<Row>,
    marks: Vec<Hash>,
    pub(crate) head: Hash,
    pub(crate) seal: Option<Seal>,
}

impl Chain {
    /// An empty chain of a writer that no one has forked.
    pub(crate) fn new(profile: &ProfileId, writer: WriterId) -> Self {
        Self::branch(writer, writer, 1, start(profile, writer))
    }

    /// An empty chain that leaves `root`'s at entry `first`, behind hash `base`.
    pub(crate) fn branch(writer: WriterId, root: WriterId, first: u64, base: Hash) -> Self {
        Self {
            writer,
            root,
            first,
            base,
            rows: Vec::new(),
            marks: Vec::new(),
            head: base,
            seal: None,
        }
    }

    /// The last entry's number; one less than `first` while the chain is empty.
    pub(crate) fn last(&self) -> u64 {
        self.first - 1 + self.rows.len() as u64
    }

    /// Where entry `seq` lies in `rows`.
    pub(crate) fn place(&self, seq: u64) -> Option<usize> {
        let place = seq.checked_sub(self.first)? as usize;
        (place < self.rows.len()).then_some(place)
    }

    pub(crate) fn push(&mut self, row: Row, hash: Hash) {
        grow_tightly(&mut self.rows);
        self.rows.push(row);
        self.head = hash;
        if self.rows.len().is_multiple_of(MARK_EVERY) {
            self.marks.push(hash);
        }
    }

    /// Forgets the rows from `place` on; `head` is the hash of the row before it.
    pub(crate) fn truncate(&mut self, place: usize, head: Hash) {
        self.rows.truncate(place);
        self.marks.truncate(place / MARK_EVERY);
        self.head = head;
    }

    /// The last kept hash at or before `place` rows, and how many rows it covers.
    pub(crate) fn mark_before(&self, place: usize) -> (usize, Hash) {
        if place >= self.rows.len() {
            return (self.rows.len(), self.head);
        }
        match place / MARK_EVERY {
            0 => (0, self.base),
            n => (n * MARK_EVERY, self.marks[n - 1]),
        }
    }
}

/// The hash before a writer's first entry in a profile.
pub(crate) fn start(profile: &ProfileId, writer: WriterId) -> Hash {
    Hash::of(Domain::ChainStart).with(&profile.0).with(&writer.0).finish()
}

/// The hash of an entry behind `previous`.
pub(crate) fn link(previous: &Hash, bytes: &[u8]) -> Hash {
    Hash::of(Domain::Entry).with(&previous.0).with(bytes).finish()
}

/// As [`link`], for an entry that is not encoded yet.
pub(crate) fn link_draft(previous: &Hash, draft: &Draft) -> Hash {
    link(previous, &draft.to_bytes())
}

/// Makes room for one more by an eighth of the length: doubling would leave half of a large log's
/// memory unused.
pub(crate) fn grow_tightly<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() {
        items.reserve_exact(items.len() / 8 + 16);
    }
}
