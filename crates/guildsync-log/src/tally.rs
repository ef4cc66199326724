//! The tally: what replay derives, kept up to date entry by entry.
//!
//! For every member it holds the total now and the total at each block's start, one column a member,
//! so that a late entry is one pass over a contiguous column. For every entry it holds why it does
//! not count, if it does not.

use crate::chain::{Row, RowKind, grow_tightly};
use crate::content::Content;
use crate::order::{Blocks, Landed, Order, Ref};

/// Why an entry does not count, as bits; 0 is "it counts".
pub(crate) type Flags = u8;
/// Its writer had no right to.
pub(crate) const NO_ROLE: Flags = 1;
/// It was undone, itself or through another copy of the same imported row.
pub(crate) const UNDONE: Flags = 2;
/// Another copy of the same imported row counts instead.
pub(crate) const COPY: Flags = 4;
/// An undo that counts names it. Not by itself a reason: [`UNDONE`] follows from it.
pub(crate) const NAMED: Flags = 8;
/// Its writer was admitted once, by a grant that turned out not to count. Other replicas never let the
/// entry in, so nothing shows it here either.
pub(crate) const HIDDEN: Flags = 16;

pub(crate) fn counts(flags: Flags) -> bool {
    flags & (NO_ROLE | UNDONE | COPY) == 0
}

/// The total of a member that no points entry has named yet.
pub(crate) const ABSENT: i64 = i64::MIN;

#[derive(Debug, Clone, Default)]
struct Column {
    /// The member's total at each block's start.
    starts: Vec<i64>,
    /// How many entries of basis `Total` that count lie in each block.
    totals: Vec<u16>,
}

/// Totals and reasons, derived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    flags: Vec<Vec<Flags>>,
    columns: Vec<Column>,
    now: Vec<i64>,
    /// The first block whose inside no longer agrees with what follows it.
    stale_from: Option<usize>,
}

impl Tally {
    /// A tally of nothing counted yet, with room for what `content` holds.
    pub(crate) fn empty(content: &Content) -> Self {
        let flags = content.chains.iter().map(|chain| vec![0; chain.rows.len()]).collect();
        Self { flags, stale_from: Some(0), ..Self::default() }
    }

    pub(crate) fn flags(&self, at: Ref) -> Flags {
        self.flags[usize::from(at.chain)][at.place as usize]
    }

    pub(crate) fn flags_mut(&mut self, at: Ref) -> &mut Flags {
        &mut self.flags[usize::from(at.chain)][at.place as usize]
    }

    pub(crate) fn chain_flags(&mut self, chain: usize) -> &mut [Flags] {
        &mut self.flags[chain]
    }

    /// Every member's total now; [`ABSENT`] for those without points entries.
    pub(crate) fn now(&self) -> &[i64] {
        &self.now
    }

    /// Every member's total at the start of `block`.
    pub(crate) fn at_start(&self, block: usize) -> Vec<i64> {
        let start = |column: &Column| column.starts.get(block).copied().unwrap_or(ABSENT);
        self.columns.iter().map(start).collect()
    }

    /// Takes in a row that its chain has just got and the order has just placed, with its reason
    /// for not counting.
    pub(crate) fn add(
        &mut self,
        content: &Content,
        order: &Order,
        at: Ref,
        landed: Landed,
        flags: Flags,
    ) {
        self.flags.resize_with(content.chains.len(), Vec::new);
        let chain = &mut self.flags[usize::from(at.chain)];
        grow_tightly(chain);
        chain.push(flags);
        match landed.blocks {
            Blocks::Same => {}
            Blocks::Opened => self.open_block(),
            Blocks::Split(block) => self.split_block(content, order, block, at),
        }
        self.make_room(content.names.n_members(), order.n_blocks());
        let row = content.row(at);
        if row.is_points() && flags & HIDDEN == 0 {
            self.appear(content.member(row) as usize, landed.block);
            if counts(flags) {
                self.apply(content, order, at, (landed.block, landed.place), true);
            }
        }
    }

    /// Sets why a points entry does not count, and follows the difference through the totals.
    pub(crate) fn set(&mut self, content: &Content, order: &Order, at: Ref, flags: Flags) {
        let before = std::mem::replace(self.flags_mut(at), flags);
        if counts(before) != counts(flags) && content.row(at).is_points() {
            let position = order.position(content, at);
            self.apply(content, order, at, position, counts(flags));
        }
    }

    /// Replays the blocks behind a change that no patch could follow.
    pub(crate) fn settle(&mut self, content: &Content, order: &Order) {
        if let Some(block) = self.stale_from.take() {
            self.rebuild(content, order, block);
        }
    }

    /// Says that everything from the first block on has to be replayed.
    pub(crate) fn distrust(&mut self) {
        self.stale_from = Some(0);
    }

    /// Adds up `refs` on top of `state`, one total a member.
    pub(crate) fn fold(&self, content: &Content, refs: &[Ref], state: &mut [i64]) {
        for &at in refs {
            let row = content.row(at);
            let flags = self.flags(at);
            if !row.is_points() || flags & HIDDEN != 0 {
                continue;
            }
            let total = &mut state[content.member(row) as usize];
            if *total == ABSENT {
                *total = 0;
            }
            if counts(flags) {
                *total = after(*total, row);
            }
        }
    }

    fn rebuild(&mut self, content: &Content, order: &Order, from: usize) {
        self.make_room(content.names.n_members(), order.n_blocks());
        let mut state = match from {
            0 => vec![ABSENT; self.columns.len()],
            _ => self.at_start(from),
        };
        for block in from..order.n_blocks() {
            for (column, &total) in self.columns.iter_mut().zip(&state) {
                column.starts[block] = total;
                column.totals[block] = 0;
            }
            for &at in order.block(block) {
                let row = content.row(at);
                if row.kind() == RowKind::Total && counts(self.flags(at)) {
                    self.columns[content.member(row) as usize].totals[block] += 1;
                }
            }
            self.fold(content, order.block(block), &mut state);
        }
        self.now = state;
    }

    fn make_room(&mut self, n_members: usize, n_blocks: usize) {
        while self.columns.len() < n_members {
            self.columns.push(Column::default());
            self.now.push(ABSENT);
        }
        for column in &mut self.columns {
            if column.starts.len() < n_blocks {
                column.starts.resize(n_blocks, ABSENT);
                column.totals.resize(n_blocks, 0);
            }
        }
    }

    fn open_block(&mut self) {
        for (column, &now) in self.columns.iter_mut().zip(&self.now) {
            column.starts.push(now);
            column.totals.push(0);
        }
    }

    /// Block `block` was cut in two before `new` went into one of the halves.
    fn split_block(&mut self, content: &Content, order: &Order, block: usize, new: Ref) {
        if let Some(stale) = &mut self.stale_from
            && *stale > block
        {
            *stale += 1;
        }
        let mut state = self.at_start(block);
        state.resize(content.names.n_members(), ABSENT);
        let old = |half: usize| -> Vec<Ref> {
            order.block(half).iter().copied().filter(|&at| at != new).collect()
        };
        let first = old(block);
        self.fold(content, &first, &mut state);
        for (column, &total) in self.columns.iter_mut().zip(&state) {
            column.starts.insert(block + 1, total);
            column.totals.insert(block + 1, 0);
        }
        for at in first {
            let row = content.row(at);
            if row.kind() == RowKind::Total && counts(self.flags(at)) {
                self.columns[content.member(row) as usize].totals[block + 1] += 1;
            }
        }
        // The counts of the first half were written into the second's places: the whole block's
        // count less the first half's is the second's.
        for column in &mut self.columns {
            let first_half = column.totals[block + 1];
            column.totals[block + 1] = column.totals[block] - first_half.min(column.totals[block]);
            column.totals[block] = first_half;
        }
    }

    /// A member is there from its first points entry that is not hidden on, whether that counts or not.
    fn appear(&mut self, member: usize, block: usize) {
        for start in &mut self.columns[member].starts[block + 1..] {
            if *start != ABSENT {
                break;
            }
            *start = 0;
        }
        if self.now[member] == ABSENT {
            self.now[member] = 0;
        }
    }

    /// Follows one entry's beginning or ceasing to count.
    fn apply(
        &mut self,
        content: &Content,
        order: &Order,
        at: Ref,
        (block, place): (usize, usize),
        counted: bool,
    ) {
        let row = content.row(at);
        let member = content.member(row) as usize;
        let is_last = block + 1 == order.n_blocks() && place + 1 == order.block(block).len();
        let column = &mut self.columns[member];
        if row.kind() == RowKind::Total {
            let totals = &mut column.totals[block];
            *totals = if counted { *totals + 1 } else { totals.saturating_sub(1) };
            if is_last && counted {
                self.now[member] = after(self.now[member], row);
            } else {
                self.stale_from = Some(self.stale_from.map_or(block, |stale| stale.min(block)));
            }
            return;
        }
        let delta = if counted { i64::from(row.delta) } else { -i64::from(row.delta) };
        let sets_total = |&at: &Ref| {
            let row = content.row(at);
            row.kind() == RowKind::Total
                && content.member(row) as usize == member
                && counts(self.flags[usize::from(at.chain)][at.place as usize])
        };
        if column.totals[block] > 0 && order.block(block)[place + 1..].iter().any(sets_total) {
            return;
        }
        let Column { starts, totals } = column;
        for (start, &totals) in starts[block + 1..].iter_mut().zip(&totals[block + 1..]) {
            *start += delta;
            if totals > 0 {
                return;
            }
        }
        self.now[member] += delta;
    }
}

/// A member's total after a row that counts.
pub(crate) fn after(before: i64, row: &Row) -> i64 {
    match row.kind() {
        RowKind::Delta => before + i64::from(row.delta),
        RowKind::Total => i64::from(row.total),
        RowKind::Note | RowKind::Other => before,
    }
}
