//! A column: one number for all rows, or blocks.
//!
//! | first byte | meaning | then |
//! |---|---|---|
//! | 0 | every row has the same number | it, a zigzag varint |
//! | 1 | blocks of 128 rows, the last one shorter | the blocks |
//! | 2 | the same, each number divided by a common factor | the factor, a varint over 1, and the blocks |
//!
//! A column of no rows takes no bytes. Plain numbers, below 2^32, and signed ones have the same form;
//! each is written by code that knows what is likely of it. Only signed ones may have a factor.

mod amounts;
mod read;

use super::block::{Guess, write, write_any, write_patched, write_zigzag};
use super::pack::BLOCK;
pub(super) use amounts::write_amounts;
pub(super) use read::{read_plain, read_signed};

const SAME: u8 = 0;
const BLOCKS: u8 = 1;
const SCALED: u8 = 2;

/// Writes a column that is mostly the same number.
pub(super) fn write_flat<T: Copy + PartialEq + Into<u32>>(out: &mut Vec<u8>, column: &[T]) {
    let Some(first) = column.first().copied() else { return };
    // Whole blocks at once, so that the comparison has no branch for each row.
    let same =
        column.chunks(BLOCK).all(|rows| rows.iter().fold(true, |all, n| all & (*n == first)));
    if same {
        return write_same(out, i64::from(first.into()));
    }
    write_plain(out, column.len(), |start, rows| {
        for (row, number) in rows.iter_mut().zip(&column[start..]) {
            *row = (*number).into();
        }
    });
}

/// Writes a column of `len` numbers below 2^32 that are expected to spread from 0 upward; `fill`
/// gives those from a row on.
#[inline]
pub(super) fn write_plain(out: &mut Vec<u8>, len: usize, fill: impl Fn(usize, &mut [u32])) {
    let start = out.len();
    let mut same = Same::default();
    let mut rows = [0; BLOCK];
    out.push(BLOCKS);
    for at in (0..len).step_by(BLOCK) {
        let count = BLOCK.min(len - at);
        fill(at, &mut rows[..count]);
        rows[count..].fill(0);
        write_plain_block(out, &mut same, &rows, count);
    }
    same.finish(out, start);
}

/// As [`write_plain`], without a copy of those numbers that fill blocks.
pub(super) fn write_numbers(out: &mut Vec<u8>, column: &[u32]) {
    let start = out.len();
    let mut same = Same::default();
    out.push(BLOCKS);
    let (blocks, rest) = column.as_chunks();
    for block in blocks {
        write_plain_block(out, &mut same, block, BLOCK);
    }
    if !rest.is_empty() {
        let mut rows = [0; BLOCK];
        rows[..rest.len()].copy_from_slice(rest);
        write_plain_block(out, &mut same, &rows, rest.len());
    }
    same.finish(out, start);
}

/// Writes a block of `count` plain numbers; 0 follows them.
#[inline]
fn write_plain_block(out: &mut Vec<u8>, same: &mut Same, rows: &[u32; BLOCK], count: usize) {
    let first = rows[0];
    let all = rows.iter().fold(0, |all, number| all | number);
    // Numbers that are all the same are their own union; few others are that of the first.
    let is_same = all == first && rows[..count].iter().all(|number| *number == first);
    if is_same {
        same.block(i64::from(first), 0);
        write(out, i64::from(first), rows, count, 0);
    } else {
        same.block(0, 1);
        write(out, 0, rows, count, (u32::BITS - all.leading_zeros()) as usize);
    }
}

/// Where a signed column's numbers come from, a block at a time.
pub(super) trait Numbers {
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Gives the numbers from row `start` on in 32 bits, or says that one of them is over that.
    fn narrow(&self, start: usize, rows: &mut [i32]) -> bool;
    /// Gives the numbers from row `start` on.
    fn wide(&self, start: usize, rows: &mut [i64]);
}

impl Numbers for [i64] {
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn narrow(&self, start: usize, rows: &mut [i32]) -> bool {
        narrow(rows, &self[start..start + rows.len()], |number| *number)
    }

    fn wide(&self, start: usize, rows: &mut [i64]) {
        rows.copy_from_slice(&self[start..start + rows.len()]);
    }
}

/// How far each number is from the one before, the first one from `opening`.
#[derive(Debug)]
pub(super) struct Differences<'a> {
    pub(super) numbers: &'a [u64],
    pub(super) opening: u64,
}

impl Differences<'_> {
    fn first(&self, start: usize) -> i64 {
        let before = start.checked_sub(1).map_or(self.opening, |before| self.numbers[before]);
        self.numbers[start].wrapping_sub(before) as i64
    }
}

impl Numbers for Differences<'_> {
    fn len(&self) -> usize {
        self.numbers.len()
    }

    #[inline]
    fn narrow(&self, start: usize, rows: &mut [i32]) -> bool {
        let first = self.first(start);
        rows[0] = first as i32;
        let numbers = &self.numbers[start..start + rows.len()];
        let pairs = numbers.array_windows();
        let fit = narrow(&mut rows[1..], pairs, |[before, now]| now.wrapping_sub(*before) as i64);
        fit && i32::try_from(first).is_ok()
    }

    fn wide(&self, start: usize, rows: &mut [i64]) {
        for (at, row) in rows.iter_mut().enumerate() {
            *row = self.first(start + at);
        }
    }
}

/// Narrows numbers without a branch for each, and says whether all fit.
#[inline]
fn narrow<T>(
    rows: &mut [i32],
    numbers: impl IntoIterator<Item = T>,
    number: impl Fn(T) -> i64,
) -> bool {
    let mut over = 0;
    for (row, from) in rows.iter_mut().zip(numbers) {
        let number = number(from);
        over |= number.wrapping_add(1 << 31) as u64;
        *row = number as i32;
    }
    over >> 32 == 0
}

/// Writes a column of signed numbers.
#[inline]
pub(super) fn write_signed(out: &mut Vec<u8>, numbers: &(impl Numbers + ?Sized)) {
    let start = out.len();
    let mut same = Same::default();
    let mut rows = [0; BLOCK];
    out.push(BLOCKS);
    for at in (0..numbers.len()).step_by(BLOCK) {
        let count = BLOCK.min(numbers.len() - at);
        if narrow_block(numbers, at, count, &mut rows) {
            let least = rows.iter().fold(i32::MAX, |least, row| least.min(*row));
            write_from(out, &mut same, least, &rows, count);
        } else {
            let mut wide = [0; BLOCK];
            numbers.wide(at, &mut wide[..count]);
            let block = write_any(out, &wide[..count]);
            same.block(block.least, block.width);
        }
    }
    same.finish(out, start);
}

/// Narrows a block, repeating its last number behind it, where it changes neither end.
#[inline]
fn narrow_block(
    numbers: &(impl Numbers + ?Sized),
    start: usize,
    count: usize,
    rows: &mut [i32; BLOCK],
) -> bool {
    // With the length a constant the usual case gets code of its own.
    let fit = if count == BLOCK {
        numbers.narrow(start, rows)
    } else {
        numbers.narrow(start, &mut rows[..count])
    };
    let last = rows[count - 1];
    rows[count..].fill(last);
    fit
}

#[inline]
fn write_from(out: &mut Vec<u8>, same: &mut Same, least: i32, rows: &[i32; BLOCK], count: usize) {
    let mut distances = [0u32; BLOCK];
    let mut all = 0;
    for (distance, row) in distances.iter_mut().zip(rows) {
        *distance = row.wrapping_sub(least) as u32;
        all |= *distance;
    }
    distances[count..].fill(0);
    let width = (u32::BITS - all.leading_zeros()) as usize;
    same.block(i64::from(least), width);
    write_patched(out, i64::from(least), &mut distances, count, width, &mut same.guess);
}

/// What the blocks so far were: whether all are one number, and how wide.
#[derive(Debug, Default)]
struct Same {
    guess: Guess,
    number: Option<i64>,
    differ: bool,
}

impl Same {
    fn block(&mut self, least: i64, width: usize) {
        self.differ |= width != 0 || self.number.is_some_and(|number| number != least);
        self.number = Some(least);
    }

    fn scale(mut self, factor: i64) -> Self {
        self.number = self.number.map(|number| number * factor);
        self
    }

    /// Replaces a column that turned out to be one number.
    fn finish(self, out: &mut Vec<u8>, start: usize) {
        match self.number {
            None => out.truncate(start),
            Some(number) if !self.differ => {
                out.truncate(start);
                write_same(out, number);
            }
            Some(_) => {}
        }
    }
}

fn write_same(out: &mut Vec<u8>, number: i64) {
    out.push(SAME);
    write_zigzag(out, number);
}

/// Writes the column of `len` rows that all have the same number.
pub(super) fn write_constant(out: &mut Vec<u8>, number: i64, len: usize) {
    if len > 0 {
        write_same(out, number);
    }
}
