//! Amounts: signed columns whose numbers often have a common factor.

use super::{SCALED, Same, narrow_block, write_from, write_signed};
use crate::bytes::write_varint;
use crate::rows::fast::block::write_patched;
use crate::rows::fast::pack::BLOCK;

/// From about how many rows a common factor is guessed.
const SAMPLE: usize = 16;

/// Writes a column of amounts, which often have a common factor, and gives that; `known` is the
/// factor of amounts of the same kind, or 0. A few amounts may well have a larger one.
pub(in super::super) fn write_amounts(out: &mut Vec<u8>, amounts: &[i64], known: u32) -> u32 {
    let mut factor = known;
    if factor == 0 || amounts.len() < SAMPLE {
        let sample = amounts.iter().step_by((amounts.len() / SAMPLE).max(1));
        factor = likely_factor(sample);
    }
    while factor > 1 {
        match write_scaled(out, amounts, factor) {
            Ok(()) => return factor,
            // What the sample had in common a block lacks; it may have a part of it.
            Err(block) => {
                factor = common_factor(factor, amounts[block..].iter().copied().take(BLOCK));
            }
        }
    }
    write_signed(out, amounts);
    factor
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
    let short = i16::try_from(odd).ok();
    let mut same = Same::default();
    let mut rows = [0; BLOCK];
    out.push(SCALED);
    write_varint(out, u64::from(factor));
    for at in (0..amounts.len()).step_by(BLOCK) {
        let count = BLOCK.min(amounts.len() - at);
        if !narrow_block(amounts, at, count, &mut rows) {
            out.truncate(start);
            return Err(at);
        }
        if let Some(short) = short
            && write_short(out, &mut same, &rows, short, shift, inverse as i16, count)
        {
            continue;
        }
        let mut left_over = 0;
        for row in &mut rows {
            left_over |= *row & ((1 << shift) - 1);
            *row = (*row >> shift).wrapping_mul(inverse);
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

/// Writes a block whose numbers have 16 bits, or nothing: a vector holds twice as many of them, and
/// every processor multiplies and compares them.
#[inline]
fn write_short(
    out: &mut Vec<u8>,
    same: &mut Same,
    rows: &[i32; BLOCK],
    odd: i16,
    shift: u32,
    inverse: i16,
    count: usize,
) -> bool {
    let mut quotients = [0i16; BLOCK];
    let (mut over, mut left_over) = (0, 0);
    for (quotient, row) in quotients.iter_mut().zip(rows) {
        let number = row >> shift;
        left_over |= row;
        over |= number.wrapping_add(1 << 15);
        *quotient = number as i16;
    }
    if over >> 16 != 0 || left_over & ((1 << shift) - 1) != 0 {
        return false;
    }
    let (mut least, mut most) = (i16::MAX, i16::MIN);
    for quotient in &mut quotients {
        *quotient = quotient.wrapping_mul(inverse);
        least = least.min(*quotient);
        most = most.max(*quotient);
    }
    if least < i16::MIN / odd || most > i16::MAX / odd {
        return false;
    }
    let mut all = 0;
    for quotient in &mut quotients {
        *quotient = quotient.wrapping_sub(least);
        all |= *quotient as u16;
    }
    let mut distances = quotients.map(|distance| u32::from(distance as u16));
    distances[count..].fill(0);
    let width = (u16::BITS - all.leading_zeros()) as usize;
    let least = i64::from(least);
    same.block(least, width);
    write_patched(out, least, &mut distances, count, width, &mut same.guess);
    true
}

#[inline]
fn ends(rows: &[i32; BLOCK]) -> (i32, i32) {
    rows.iter().fold((i32::MAX, i32::MIN), |(least, most), row| (least.min(*row), most.max(*row)))
}

/// As [`common_factor`] of the amounts alone. A division takes as long as ten multiplications, and
/// with a constant it is one; hundredths of whole points need no other.
fn likely_factor<'a>(amounts: impl Iterator<Item = &'a i64> + Clone) -> u32 {
    const LIKELY: i32 = 100;
    let whole = |amount: &i64| i32::try_from(*amount).is_ok_and(|amount| amount % LIKELY == 0);
    if !amounts.clone().all(whole) || amounts.clone().all(|amount| *amount == 0) {
        return common_factor(0, amounts.copied());
    }
    LIKELY as u32 * common_factor(0, amounts.map(|amount| i64::from(*amount as i32 / LIKELY)))
}

/// The greatest common factor of some amounts and `factor` (0 is a multiple of all), or 1 when one of
/// them is over 31 bits or all are 0.
fn common_factor(mut factor: u32, amounts: impl Iterator<Item = i64>) -> u32 {
    for amount in amounts {
        let mut rest = match i32::try_from(amount) {
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
