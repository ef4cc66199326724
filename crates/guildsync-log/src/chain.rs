//! Chains: one writer's entries of one profile, packed, each hashed behind the one before it.
//!
//! An entry is a [`Row`] of 32 bytes: numbers of interned strings instead of strings. Hashes are kept
//! at the head and at every 64th entry; those between are computed again when asked for.

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, ProfileId, Seal, Stamp, WriterId};
use guildsync_wire::bytes::Writer;

use crate::entry::Draft;
use crate::segment::Branch;

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
    /// The packed stamp and, in the two lowest bits, the kind: a field of its own for the kind would
    /// cost eight bytes an entry.
    stamp_and_kind: u64,
    pub(crate) actor: u32,
    pub(crate) reason: u32,
    /// A spelling's number, [`Row::NOBODY`], or a place in the side table.
    pub(crate) target: u32,
    pub(crate) delta: i32,
    pub(crate) total: i32,
    /// The occurrence number, 0 for none.
    pub(crate) origin: u32,
}

impl Row {
    pub(crate) const NOBODY: u32 = u32::MAX;

    /// A row of a kind and stamp that is about nobody and moves nothing.
    pub(crate) fn new(stamp: Stamp, kind: RowKind) -> Self {
        Self {
            stamp_and_kind: stamp.packed() << 2 | kind as u64,
            actor: 0,
            reason: 0,
            target: Self::NOBODY,
            delta: 0,
            total: 0,
            origin: 0,
        }
    }

    /// The packed stamp; it has ten bits to spare.
    pub(crate) fn stamp(&self) -> u64 {
        self.stamp_and_kind >> 2
    }

    pub(crate) fn kind(&self) -> RowKind {
        match self.stamp_and_kind & 3 {
            0 => RowKind::Delta,
            1 => RowKind::Total,
            2 => RowKind::Note,
            _ => RowKind::Other,
        }
    }

    pub(crate) fn is_points(&self) -> bool {
        matches!(self.kind(), RowKind::Delta | RowKind::Total)
    }

    /// What copies of one imported row within a second have in common.
    pub(crate) fn origin_identity(&self) -> impl Ord + use<> {
        let text = (self.actor, self.reason);
        (self.origin_target(), self.is_points(), text, self.total, self.origin)
    }

    /// The part of [`Row::origin_identity`] in which the rows of one second mostly differ.
    pub(crate) fn origin_target(&self) -> u64 {
        u64::from(self.target) << 32 | u64::from(self.delta.cast_unsigned())
    }

    /// Whether it is an imported row, which may have copies. Rare kinds have none, whatever they say.
    pub(crate) fn is_imported(&self) -> bool {
        self.origin != 0 && self.kind() != RowKind::Other
    }

    /// Whether both are copies of one imported row: all that identifies it is equal.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.is_imported()
            && other.is_imported()
            && self.stamp() >> 16 == other.stamp() >> 16
            && self.origin_identity() == other.origin_identity()
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
    /// The hash before the last entry, which is the one that comes twice; `None` where the rows behind
    /// it were cut off.
    before_head: Option<Hash>,
    pub(crate) seal: Option<Seal>,
}

impl Chain {
    /// An empty chain of a writer that no one has forked.
    pub(crate) fn new(profile: &ProfileId, writer: WriterId) -> Self {
        Self::branch(writer, writer, 1, start(profile, writer))
    }

    /// An empty chain of a writer, which leaves another at `branch` or begins at 1.
    pub(crate) fn of(profile: &ProfileId, writer: WriterId, branch: Option<Branch>) -> Self {
        match branch {
            None => Self::new(profile, writer),
            Some(Branch { root, first, base }) => Self::branch(writer, root, first, base),
        }
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
            before_head: None,
            seal: None,
        }
    }

    /// Where the chain leaves its root's; `None` for a root's own.
    pub(crate) fn leaves(&self) -> Option<Branch> {
        let Self { root, first, base, .. } = *self;
        (self.writer != root).then_some(Branch { root, first, base })
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
        self.before_head = Some(self.head);
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
        self.before_head = None;
    }

    /// The last kept hash at or before `place` rows, and how many rows it covers.
    pub(crate) fn mark_before(&self, place: usize) -> (usize, Hash) {
        if place >= self.rows.len() {
            return (self.rows.len(), self.head);
        }
        if let Some(hash) = self.before_head.filter(|_| place + 1 == self.rows.len()) {
            return (place, hash);
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

/// Hashes many entries, each behind the one before it, with one buffer for their bytes.
#[derive(Debug)]
pub(crate) struct Linker {
    head: Hash,
    bytes: Writer,
}

impl Linker {
    pub(crate) fn behind(head: Hash) -> Self {
        Self { head, bytes: Writer::new() }
    }

    /// The hash given last.
    pub(crate) fn head(&self) -> Hash {
        self.head
    }

    /// The hash of `draft` behind the one given last.
    pub(crate) fn next(&mut self, draft: &Draft) -> Hash {
        self.bytes.clear();
        draft.encode(&mut self.bytes);
        self.head = link(&self.head, self.bytes.as_slice());
        self.head
    }
}

/// Makes room for one more by an eighth of the length: doubling would leave half of a large log's
/// memory unused.
pub(crate) fn grow_tightly<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() {
        items.reserve_exact(items.len() / 8 + 16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Ref;
    use crate::tally::Flags;

    #[test]
    fn an_entry_takes_at_most_64_bytes_with_its_index_however_it_came() {
        // Rows and flags grow by an eighth; a block of references may be half empty after a split.
        let grown = (size_of::<Row>() + size_of::<Flags>()) * 9 / 8 + 1;
        let worst = grown + 2 * size_of::<Ref>() + size_of::<Hash>().div_ceil(MARK_EVERY);
        assert_eq!((size_of::<Row>(), size_of::<Ref>(), size_of::<Flags>()), (32, 8, 1));
        assert!(
            worst <= 60,
            "{worst} leave less than four for the blocks' totals and rare changes"
        );
    }

    #[test]
    fn a_row_holds_any_stamp_beside_any_kind() {
        let last = Stamp::new(Stamp::SECONDS_MAX, u16::MAX).unwrap();
        for stamp in [Stamp::ZERO, last] {
            for kind in [RowKind::Delta, RowKind::Total, RowKind::Note, RowKind::Other] {
                let row = Row::new(stamp, kind);
                assert_eq!((row.stamp(), row.kind()), (stamp.packed(), kind));
            }
        }
    }
}
