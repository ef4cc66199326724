//! Columns back to numbers, each checked against what its column allows.

use super::{BLOCKS, SAME, SCALED};
use crate::bytes::{DecodeError, Reader};
use crate::rows::fast::block::{Block, read};
use crate::rows::fast::pack::BLOCK;

/// Takes a column of `len` numbers that are all below `limit`, into an emptied `column`.
pub(in super::super) fn read_plain<T: Copy>(
    input: &mut Reader<'_>,
    len: usize,
    limit: u64,
    column: &mut Vec<T>,
    convert: impl Fn(u32) -> T,
    what: &'static str,
) -> Result<(), DecodeError> {
    column.clear();
    if len == 0 {
        return Ok(());
    }
    column.reserve(len);
    let at = input.at();
    let (mut low, mut high) = ([0; BLOCK], [0; BLOCK]);
    match input.u8(what)? {
        SAME => {
            let number = input.zigzag(what)?;
            let number = below(input, number, limit, at, what)?;
            column.resize(len, convert(number));
        }
        BLOCKS => {
            for start in (0..len).step_by(BLOCK) {
                let at = input.at();
                let count = BLOCK.min(len - start);
                let Block { least, width } = read(input, count, &mut low, &mut high, what)?;
                let least = below(input, least, limit, at, what)?;
                // Most widths cannot reach the limit, and then no number has to be looked at.
                let room = limit - 1 - u64::from(least);
                if width > 32 || (1u64 << width) - 1 > room {
                    let most = low[..count].iter().fold(0, |most, number| most.max(*number));
                    if width > 32 || u64::from(most) > room {
                        return Err(not_below(input, limit, at, what));
                    }
                }
                let rows = &low[..count];
                column.extend(rows.iter().map(|number| convert(number.wrapping_add(least))));
            }
        }
        _ => return Err(unknown(input, at, what)),
    }
    Ok(())
}

/// Takes a column of `len` signed numbers and gives them to `sink`, a block at a time.
#[inline]
pub(in super::super) fn read_signed(
    input: &mut Reader<'_>,
    len: usize,
    what: &'static str,
    mut sink: impl FnMut(&[i64]),
) -> Result<(), DecodeError> {
    if len == 0 {
        return Ok(());
    }
    let at = input.at();
    let mut wide = [0; BLOCK];
    let factor = match input.u8(what)? {
        SAME => {
            wide = [input.zigzag(what)?; BLOCK];
            for start in (0..len).step_by(BLOCK) {
                sink(&wide[..BLOCK.min(len - start)]);
            }
            return Ok(());
        }
        BLOCKS => 1,
        SCALED => match u32::try_from(input.varint(what)?) {
            Ok(factor) if factor > 1 => factor,
            _ => return Err(input.invalid(what, at, "a factor that is not in 2..2^32")),
        },
        _ => return Err(unknown(input, at, what)),
    };
    let (mut low, mut high) = ([0; BLOCK], [0; BLOCK]);
    for start in (0..len).step_by(BLOCK) {
        let count = BLOCK.min(len - start);
        let Block { least, width } = read(input, count, &mut low, &mut high, what)?;
        let least = least.wrapping_mul(i64::from(factor));
        for (number, low) in wide.iter_mut().zip(&low) {
            *number = least.wrapping_add((u64::from(*low) * u64::from(factor)) as i64);
        }
        if width > 32 {
            for (number, high) in wide.iter_mut().zip(&high) {
                let high = (i64::from(*high) << 32).wrapping_mul(i64::from(factor));
                *number = number.wrapping_add(high);
            }
        }
        sink(&wide[..count]);
    }
    Ok(())
}

fn below(
    input: &Reader<'_>,
    number: i64,
    limit: u64,
    at: usize,
    what: &'static str,
) -> Result<u32, DecodeError> {
    match u32::try_from(number) {
        Ok(number) if u64::from(number) < limit => Ok(number),
        _ => Err(not_below(input, limit, at, what)),
    }
}

#[cold]
fn not_below(input: &Reader<'_>, limit: u64, at: usize, what: &'static str) -> DecodeError {
    input.invalid(what, at, &format!("a number that is not below {limit}"))
}

#[cold]
fn unknown(input: &Reader<'_>, at: usize, what: &'static str) -> DecodeError {
    input.invalid(what, at, "a column of an unknown form")
}
