//! Adaptive chances found by context: a hash table of small binary trees.
//!
//! A context is a hash of what is known; under it lies a [`Tree`](super::Tree) of 15 chances, enough
//! for four bits of what comes next. A tree that was never seen is all zeros, which means "even, and
//! seen nothing": a store costs nothing until it is touched.

/// One chance that a bit is 1: 22 bits of probability (signed, 0 is even) above 10 bits of how often
/// it was seen.
pub(crate) type Cell = i32;

const COUNT_BITS: u32 = 10;
const COUNT_MASK: i32 = (1 << COUNT_BITS) - 1;
/// The largest probability.
const SURE: i32 = (1 << 21) - 1;
/// Observations that count: from then on, old ones are slowly forgotten.
pub(crate) const LIMIT: i32 = 250;
/// Cells of a tree, of which the first holds its tag.
pub(crate) const TREE: usize = 16;

/// 16384 / (n + 1.5) for n observations so far.
static RATE: [i32; 256] = {
    let mut rate = [0; 256];
    let mut n = 0;
    while n < 256 {
        rate[n] = 32_768 / (2 * n as i32 + 3);
        n += 1;
    }
    rate
};

/// Chance of a 1 in units of 2^-16.
#[inline(always)]
pub(crate) fn one(cell: Cell) -> u32 {
    ((cell >> 16) + (1 << 15)) as u32
}

/// How often it was seen, up to [`LIMIT`].
#[inline(always)]
pub(crate) fn seen(cell: Cell) -> i32 {
    cell & COUNT_MASK
}

/// The cell after it saw a bit; `hit` is 0 for a 1 and all ones for a 0.
#[inline(always)]
pub(crate) fn learnt(cell: Cell, hit: i32) -> Cell {
    let count = cell & COUNT_MASK;
    let error = (hit ^ SURE) - (cell >> COUNT_BITS);
    // 18 bits by 14 bits: fits 32 with the sign.
    let step = ((error >> 5) * RATE[(count & 255) as usize]) >> 9;
    cell + (step << COUNT_BITS) + i32::from(count < LIMIT)
}

/// Where four bits' chances are: the index of a tree's first cell.
pub(crate) type At = u32;

/// The trees of all contexts.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) cells: Vec<Cell>,
    shift: u32,
}

/// Marks a tree's tag, which is 0 where no context was met.
const TAKEN: u32 = 1;

impl Store {
    /// A store of 2^`bits` trees (64 bytes each, `bits` at most 20), and `extra` cells behind them
    /// that have an address of their own.
    pub(crate) fn new(bits: u32, extra: usize) -> Self {
        let cells = vec![0; (TREE << bits) + extra];
        Self { cells, shift: 32 - bits }
    }

    /// The address of the first of the cells behind the trees.
    pub(crate) fn extra(&self) -> u32 {
        (TREE as u32) << (32 - self.shift)
    }

    /// The tree of a context. A new one takes the place of the less used of two.
    #[inline]
    pub(crate) fn find(&mut self, context: u64) -> At {
        let hash = (context.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        let tag = (hash << 16 | TAKEN) as Cell;
        let first = (hash >> self.shift) as usize * TREE;
        if self.cells[first] == tag {
            return first as At;
        }
        let second = first ^ TREE;
        if self.cells[second] == tag {
            return second as At;
        }
        self.take(first, second, tag)
    }

    fn take(&mut self, first: usize, second: usize, tag: Cell) -> At {
        let used = |at: usize| {
            if self.cells[at] != 0 { 1 + seen(self.cells[at + 1]) } else { 0 }
        };
        let at = if used(first) <= used(second) { first } else { second };
        self.cells[at..at + TREE].fill(0);
        self.cells[at] = tag;
        at as At
    }
}

/// A context made of two.
#[inline(always)]
pub(crate) fn join(a: u64, b: u64) -> u64 {
    let mixed = (a ^ b.wrapping_mul(0xd6e8_feb8_6659_fd93)).wrapping_mul(0xa076_1d64_78bd_642f);
    mixed ^ mixed >> 29
}
