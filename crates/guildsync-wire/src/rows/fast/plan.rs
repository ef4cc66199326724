//! What has to be known of all rows before the first byte is written.

use super::pack::BLOCK;
use super::tables::Used;
use crate::rows::{Rows, Strings};

/// Tables of up to so many strings are kept in arrays that a single byte indexes.
///
/// Nearly all are that small. Such an array takes no allocation, and no index into it a check: that
/// all numbers are in the table is seen beforehand, many at a time.
const SMALL: usize = 1 << u8::BITS;

/// What a batch holds besides the columns.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) writers: Used,
    pub(super) names: Used,
    pub(super) reasons: Used,
    /// Total before the batch: of nobody, then of each name in the batch.
    pub(super) openings: Vec<i64>,
    /// Whether every total is the one before and the points moved.
    pub(super) explained: bool,
    pub(super) bodies: Bodies,
}

/// Bodies that are not empty.
#[derive(Debug)]
pub(super) struct Bodies {
    pub(super) count: u64,
    pub(super) bytes: usize,
}

/// Walks the rows once, or stops at one that names what is not there.
pub(super) fn plan(rows: &Rows) -> Option<Plan> {
    let writers = used(&rows.writers, &rows.writer)?;
    let reasons = used(&rows.reasons, &rows.reason)?;
    let Names { names, openings, explained } = names(rows)?;
    Some(Plan { writers, names, reasons, openings, explained, bodies: bodies(rows)? })
}

/// Which strings of `table` the column names.
fn used(table: &Strings, column: &[u32]) -> Option<Used> {
    let len = table.len();
    if len > SMALL {
        let mut marks = vec![false; len];
        mark(&mut marks, column)?;
        return Some(Used::new(table, &marks));
    }
    let mut marks = [false; SMALL];
    mark_small(&mut marks, 0, len, column)?;
    Some(Used::new(table, &marks[..len]))
}

/// Marks the strings that a column names, or stops at one that is not there.
fn mark(marks: &mut [bool], column: &[u32]) -> Option<()> {
    for number in column {
        *marks.get_mut(*number as usize)? = true;
    }
    Some(())
}

/// As [`mark`], for the slots from `first` on; of all slots there are `slots`.
fn mark_small(marks: &mut [bool; SMALL], first: u8, slots: usize, column: &[u32]) -> Option<()> {
    let slots = slots.min(SMALL);
    let len = (slots - usize::from(first)) as u32;
    // The strings below this one are all marked. Tables are mostly in the order in which the rows
    // came to their strings, so that soon a block has none beyond.
    let mut marked = 0;
    // A block at a time: it is read twice, and a whole column may not stay in the nearest cache.
    for rows in column.chunks(BLOCK) {
        let rest = &marks[usize::from(first) + marked..slots];
        marked += rest.iter().position(|mark| !mark).unwrap_or(rest.len());
        if all_below(rows, marked as u32) {
            continue;
        }
        if !all_below(rows, len) {
            return None;
        }
        for number in rows {
            marks[usize::from((*number as u8).wrapping_add(first))] = true;
        }
    }
    Some(())
}

/// Whether all numbers are below `limit`, which is small, without a branch for each.
#[inline]
fn all_below(numbers: &[u32], limit: u32) -> bool {
    // The highest bit is set in a number from 2^31 on, and in the difference from a lower one that
    // is too large.
    let last = limit.wrapping_sub(1);
    let over = numbers.iter().fold(0, |over, number| over | number | last.wrapping_sub(*number));
    over >> 31 == 0
}

/// What is known of the names.
struct Names {
    names: Used,
    openings: Vec<i64>,
    explained: bool,
}

fn names(rows: &Rows) -> Option<Names> {
    // Slot 0 is nobody, and NOBODY and 1 are 0.
    let slots = rows.names.len() + 1;
    if slots <= SMALL {
        let (mut marks, mut openings) = ([false; SMALL], [0; SMALL]);
        if run_back_small(rows, slots, &mut marks, &mut openings) {
            mark_small(&mut marks, 1, slots, &rows.actor)?;
            return Some(Names::new(&rows.names, &marks[..slots], &openings[..slots], true));
        }
    }
    let (mut marks, mut openings) = (vec![false; slots], vec![0; slots]);
    let explained = run_back(rows, &mut marks, &mut openings)?;
    mark(&mut marks[1..], &rows.actor)?;
    Some(Names::new(&rows.names, &marks, &openings, explained))
}

/// Walks the rows from the last to the first, marks the slots of the targets, and says whether every
/// total is the one before and the points moved, or stops at a target that is not there.
///
/// Backwards, an opening needs no row of its own: it is what the row that was seen last started from.
fn run_back(rows: &Rows, marks: &mut [bool], openings: &mut [i64]) -> Option<bool> {
    let mut off = false;
    let amounts = rows.delta.iter().zip(&rows.total);
    for (target, (delta, total)) in rows.target.iter().zip(amounts).rev() {
        let slot = target.wrapping_add(1) as usize;
        let (mark, opening) = (marks.get_mut(slot)?, openings.get_mut(slot)?);
        off |= (total != opening) & *mark;
        *mark = true;
        *opening = total.wrapping_sub(*delta);
    }
    Some(!off)
}

/// In a slot that no row was seen of.
const UNSEEN: i64 = i64::MIN;

/// As [`run_back`] without a look at marks; it also says no when an amount is too large for that, or
/// a target is not there.
///
/// It counts the rows whose total is not what the target's next row started from. Those are each
/// target's last row, which finds [`UNSEEN`], and no other if the points explain all totals: none is
/// [`UNSEEN`] itself. (A target that started from there is not among the marks, and so not counted.)
fn run_back_small(
    rows: &Rows,
    slots: usize,
    marks: &mut [bool; SMALL],
    openings: &mut [i64; SMALL],
) -> bool {
    *openings = [UNSEEN; SMALL];
    let mut off = 0;
    let amounts = rows.delta.rchunks(BLOCK).zip(rows.total.rchunks(BLOCK));
    for (targets, (deltas, totals)) in rows.target.rchunks(BLOCK).zip(amounts) {
        let large = totals.iter().fold(0, |large, total| large | total.wrapping_add(1 << 62)) < 0;
        let last = slots as u32 - 1;
        let missing = targets.iter().fold(0, |missing, target| {
            let slot = target.wrapping_add(1);
            missing | slot | last.wrapping_sub(slot)
        });
        if large || missing >> 31 != 0 {
            return false;
        }
        for (target, (delta, total)) in targets.iter().zip(deltas.iter().zip(totals)).rev() {
            let opening = &mut openings[usize::from(target.wrapping_add(1) as u8)];
            off += usize::from(total != opening);
            *opening = total.wrapping_sub(*delta);
        }
    }
    let mut targets = 0;
    for (mark, opening) in marks.iter_mut().zip(openings).take(slots) {
        *mark = *opening != UNSEEN;
        targets += usize::from(*mark);
        *opening = if *mark { *opening } else { 0 };
    }
    off == targets
}

impl Names {
    /// From marks and openings by slot.
    fn new(table: &Strings, marks: &[bool], openings: &[i64], explained: bool) -> Self {
        let names = Used::new(table, &marks[1..]);
        let openings = if names.len() == table.len() {
            openings.to_vec()
        } else {
            let marks = [true].iter().chain(&marks[1..]);
            openings.iter().zip(marks).filter(|(_, mark)| **mark).map(|(from, _)| *from).collect()
        };
        Self { names, openings, explained }
    }
}

fn bodies(rows: &Rows) -> Option<Bodies> {
    let mut counted = Bodies { count: 0, bytes: 0 };
    let mut next = 0;
    for (row, body) in &rows.bodies {
        if (*row as usize) < next || *row as usize >= rows.len() {
            return None;
        }
        next = *row as usize + 1;
        counted.count += u64::from(!body.is_empty());
        counted.bytes = counted.bytes.saturating_add(body.len());
    }
    Some(counted)
}
