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

mod read;

use super::block::{Guess, write, write_any, write_patched, write_varint, write_zigzag};
use super::pack::BLOCK;
pub(super) use read::{read_plain, read_signed};

const SAME: u8 = 0;
const BLOCKS: u8 = 1;
const SCALED: u8 = 2;

/// From about how many rows a common factor is guessed.
const SAMPLE: usize = 16;

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
        let first = rows[0];
        let all = rows.iter().fold(0, |all, number| all | number);
        let differ = rows[..count].iter().fold(0, |all, number| all | (number ^ first));
        if differ == 0 {
            same.block(i64::from(first), 0);
            write(out, i64::from(first), &rows, count, 0);
        } else {
            same.block(0, 1);
            write(out, 0, &rows, count, (u32::BITS - all.leading_zeros()) as usize);
        }
    }
    same.finish(out, start);
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

/// Writes a column of amounts, which often have a common factor.
pub(super) fn write_amounts(out: &mut Vec<u8>, amounts: &[i64]) {
    let sample = amounts.iter().step_by((amounts.len() / SAMPLE).max(1));
    let mut factor = common_factor(0, sample);
    while factor > 1 {
        match write_scaled(out, amounts, factor) {
            Ok(()) => return,
            // What the sample had in common a block lacks; it may have a part of it.
            Err(block) => factor = common_factor(factor, amounts[block..].iter().take(BLOCK)),
        }
    }
    write_signed(out, amounts);
}

/// Writes amounts divided by `factor`, or nothing when one of them cannot be or is over 32 bits, and
/// says which block has it.
fn write_scaled(out: &mut Vec<u8>, amounts: &[i64], factor: u32) -> Result<(), usize> {
    let start = out.len();
    let shift = factor.trailing_zeros();
    let odd = factor >> shift;
    // Newton's iteration: each round doubles the bits in which odd * inverse is 1.
    let inverse = (0..5)
        .fold(1u32, |inverse, _| inverse.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(inverse))))
        as i32;
    let (low, high) = (i32::MIN / odd as i32, i32::MAX / odd as i32);
    let mut same = Same::default();
    let mut rows = [0; BLOCK];
    out.push(SCALED);
    write_varint(out, u64::from(factor));
    for at in (0..amounts.len()).step_by(BLOCK) {
        let count = BLOCK.min(amounts.len() - at);
        let mut left_over = 0;
        if narrow_block(amounts, at, count, &mut rows) {
            for row in &mut rows {
                left_over |= *row & ((1 << shift) - 1);
                *row = (*row >> shift).wrapping_mul(inverse);
            }
        } else {
            left_over = 1;
        }
        // Times the inverse, a multiple of the odd part becomes its quotient and nothing else
        // lands among the possible quotients.
        let (least, most) = ends(&rows);
        if left_over != 0 || least < low || most > high {
            out.truncate(start);
            return Err(at);
        }
        write_from(out, &mut same, least, &rows, count);
    }
    same.scale(i64::from(factor)).finish(out, start);
    Ok(())
}

#[inline]
fn write_from(out: &mut Vec<u8>, same: &mut Same, least: i32, rows: &[i32; BLOCK], count: usize) {
    let mut distances: [u32; BLOCK] = std::array::from_fn(|at| rows[at].wrapping_sub(least) as u32);
    distances[count..].fill(0);
    let all = distances.iter().fold(0, |all, distance| all | distance);
    let width = (u32::BITS - all.leading_zeros()) as usize;
    same.block(i64::from(least), width);
    write_patched(out, i64::from(least), &mut distances, count, width, &mut same.guess);
}

#[inline]
fn ends(rows: &[i32; BLOCK]) -> (i32, i32) {
    rows.iter().fold((i32::MAX, i32::MIN), |(least, most), row| (least.min(*row), most.max(*row)))
}

/// The greatest common factor of some amounts and `factor` (0 is a multiple of all), or 1 when one of
/// them is over 31 bits or all are 0.
fn common_factor<'a>(mut factor: u32, amounts: impl Iterator<Item = &'a i64>) -> u32 {
    for amount in amounts {
        let mut rest = match i32::try_from(*amount) {
            Ok(amount) if amount != i32::MIN => amount.unsigned_abs(),
            _ => return 1,
        };
        if factor == 0 {
            factor = rest;
            continue;
        }
        rest %= factor;
        while rest != 0 {
            (factor, rest) = (rest, factor % rest);
        }
        if factor == 1 {
            break;
        }
    }
    factor.max(1)
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
