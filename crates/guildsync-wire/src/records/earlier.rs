//! The earlier record that this one resembles: an older version of itself.
//!
//! No field is known to be an id. A record whose first values were all seen before, one of them just
//! once, is taken for a newer version of the record that had it, and is compared with that one, value
//! by value along the same paths. What merely shares a rare value proves wrong soon and is let go; a
//! record that begins with something new is a new one, and nothing is looked for.

use crate::entropy::{Chance, Coder, Mix};

/// How far ahead a value of the same column is looked for.
const AHEAD: usize = 64;
/// In front of each record, where a column would stand.
const BORDER: u16 = u16::MAX;
/// So many values that differ, and it was no version of this record.
const MISSES: u32 = 4;

/// What a value was, in few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// An entry of its column's dictionary.
    Entry(u16),
    /// True or false.
    Flag(bool),
    /// A table of a shape that its column has.
    Shape(u16),
    /// What no list had room for.
    Unlisted,
}

impl Known {
    pub(super) fn entry(number: u32) -> Self {
        Self::Entry(number as u16)
    }

    pub(super) fn shape(number: u32) -> Self {
        Self::Shape(number as u16)
    }
}

/// Where an entry was, and how often.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Behind its last place in the log.
    place: u32,
    /// In how many records, all versions of one taken as one.
    count: u32,
}

/// All values so far, and the place among them that the present record is compared with.
#[derive(Debug)]
pub(super) struct Earlier {
    /// Column and value in the order of the walk.
    log: Vec<(u16, Known)>,
    /// By column and entry.
    entries: Vec<Vec<Seen>>,
    /// Where the next value is expected, 0 where nothing is followed.
    at: usize,
    hits: u32,
    misses: u32,
    /// Whether this record has a value that its column never had.
    is_new: bool,
    /// Where the present value is expected.
    found: Option<usize>,
    /// Whether a value is the expected one: by how it went so far, and by column.
    states: Vec<Chance>,
    columns: Vec<Chance>,
    mix: Mix<2>,
}

impl Earlier {
    pub(super) fn new() -> Self {
        Self {
            log: Vec::new(),
            entries: Vec::new(),
            at: 0,
            hits: 0,
            misses: 0,
            is_new: false,
            found: None,
            states: (0..32).map(prior).collect(),
            columns: Vec::new(),
            mix: Mix::new([256, 100]),
        }
    }

    /// Begins a record.
    pub(super) fn begin(&mut self) {
        self.log.push((BORDER, Known::Unlisted));
        (self.at, self.hits, self.misses) = (0, 0, 0);
        (self.is_new, self.found) = (false, None);
    }

    /// Turns to the next value, which is in this column, and says what it is expected to be.
    pub(super) fn turn(&mut self, column: usize) -> Option<Known> {
        self.found = None;
        if self.at > 0 {
            let ahead = self.log.iter().enumerate().skip(self.at).take(AHEAD);
            let mut record = ahead.take_while(|(_, (column, _))| *column != BORDER);
            let found = record.find(|(_, (other, _))| usize::from(*other) == column);
            self.found = found.map(|(at, _)| at);
        }
        self.expected().filter(|known| *known != Known::Unlisted)
    }

    /// What the present value is expected to be.
    pub(super) fn expected(&self) -> Option<Known> {
        self.found.map(|at| self.log[at].1)
    }

    /// How well it went, below 16.
    pub(super) fn state(&self) -> usize {
        (self.misses.min(3) << 2 | self.hits.min(3)) as usize
    }

    /// Codes whether the present value is the expected one.
    pub(super) fn is_same<C: Coder>(&mut self, coder: &mut C, column: usize, same: bool) -> bool {
        let is_steady = !matches!(self.expected(), Some(Known::Entry(_)));
        let state = usize::from(is_steady) << 4 | self.state();
        if self.columns.len() <= column {
            self.columns.resize(column + 1, Chance::EVEN);
        }
        self.mix.code(coder, [&mut self.states[state], &mut self.columns[column]], same)
    }

    /// Notes what the present value was.
    pub(super) fn came(&mut self, column: usize, value: Known) {
        let mut is_version = false;
        if let Some(at) = self.found.take() {
            is_version = self.log[at].1 == value;
            self.hits = if is_version { self.hits + 1 } else { 0 };
            self.misses += u32::from(!is_version);
            self.at = if self.misses < MISSES { at + 1 } else { 0 };
        }
        self.log.push((column as u16, value));
        let Known::Entry(number) = value else { return };
        let number = usize::from(number);
        if self.entries.len() <= column {
            self.entries.resize_with(column + 1, Vec::new);
        }
        let entries = &mut self.entries[column];
        if entries.len() <= number {
            entries.resize(number + 1, Seen::default());
        }
        let seen = &mut entries[number];
        if seen.count == 1 && !self.is_new && self.at == 0 {
            self.at = seen.place as usize;
            (self.hits, self.misses) = (0, 0);
            is_version = true;
        }
        self.is_new |= seen.count == 0;
        seen.place = self.log.len() as u32;
        seen.count += u32::from(!is_version);
    }
}

/// What to think of a state before it was met: tables and flags seldom change, and a version that
/// agreed so far goes on to.
fn prior(state: usize) -> Chance {
    let (hits, misses) = (state & 3, state >> 2 & 3);
    let one = match (hits, misses) {
        _ if state >= 16 => 60_000,
        (0, 0) => 33_000,
        (0, _) => 25_000,
        (1, _) => 50_000,
        _ => 60_000,
    };
    Chance::after(one, 3)
}
