//! A block: up to 128 numbers as their distance from a smallest one, bit-packed.
//!
//! | field | bytes |
//! |---|---|
//! | width | 1: bits of a distance, 0..=64; 0x80 is added when patches follow |
//! | smallest | zigzag varint |
//! | distances | [`packed_len`] bytes; over 32 bits, the low 32 of all and then the rest of all |
//! | patches | their number (1 byte), then for each its place (1 byte) and, as a varint, its bits above the width |
//!
//! Patches keep a few far numbers (the first row of another evening among the rows of one) from
//! widening all the others.

use super::pack::{BLOCK, pack, packed_len, unpack};
use crate::bytes::{DecodeError, Reader, write_varint, zigzag};

const PATCHED: u8 = 0x80;
/// What a patch is taken to cost when widths are compared.
const PATCH_BYTES: usize = 3;
/// After how many blocks a width is searched for again.
const GUESSED: usize = 7;
/// The most patches that are written; any number is read.
const PATCHES_MAX: usize = BLOCK / 16;

/// Appends a zigzag varint.
pub(super) fn write_zigzag(out: &mut Vec<u8>, value: i64) {
    write_varint(out, zigzag(value));
}

/// Appends a block of `count` distances up to 32 bits, the others 0.
#[inline]
pub(super) fn write(
    out: &mut Vec<u8>,
    least: i64,
    distances: &[u32; BLOCK],
    count: usize,
    width: usize,
) {
    out.push(width as u8);
    write_zigzag(out, least);
    if width > 0 {
        pack(distances, count, width, out);
    }
}

/// What the search for a block's width found, which is used for some blocks more: those of a column
/// are alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    /// The smallest width with few patches, or over all widths when there was none.
    width: usize,
    /// The smallest number of the block that it was found for.
    least: i64,
    /// How many blocks may still use it.
    blocks: usize,
    /// The width at which no patches helped, 0 if they did: as wide a block is not searched either.
    in_vain: usize,
}

impl Default for Guess {
    fn default() -> Self {
        Self { width: usize::MAX, least: 0, blocks: 0, in_vain: 0 }
    }
}

/// As [`write`], with patches where they make the block smaller.
#[inline]
pub(super) fn write_patched(
    out: &mut Vec<u8>,
    least: i64,
    distances: &mut [u32; BLOCK],
    count: usize,
    width: usize,
    guess: &mut Guess,
) {
    let narrow = patched_width(distances, count, width, least, guess);
    if narrow == width {
        return write(out, least, distances, count, width);
    }
    let far: [u8; BLOCK] = std::array::from_fn(|at| u8::from(distances[at] >> narrow != 0));
    let mut patches = [(0u8, 0u32); PATCHES_MAX];
    let mut patched = 0;
    // Eight at a time: most have none.
    for (eighth, far) in far.as_chunks::<8>().0.iter().enumerate() {
        let mut far = u64::from_le_bytes(*far);
        while far != 0 && patched < PATCHES_MAX {
            let at = eighth * 8 + far.trailing_zeros() as usize / 8;
            patches[patched] = (at as u8, distances[at] >> narrow);
            distances[at] &= (1 << narrow) - 1;
            patched += 1;
            far &= far - 1;
        }
    }
    out.push(narrow as u8 | PATCHED);
    write_zigzag(out, least);
    pack(distances, count, narrow, out);
    out.push(patched as u8);
    for (at, high) in &patches[..patched] {
        out.push(*at);
        write_varint(out, u64::from(*high));
    }
}

/// The width up to `width` that makes the block smallest, patches included.
#[inline]
fn patched_width(
    distances: &[u32; BLOCK],
    count: usize,
    width: usize,
    least: i64,
    guess: &mut Guess,
) -> usize {
    // From 32 bits on the comparison below would see negative numbers.
    if !(1..32).contains(&width) {
        return width;
    }
    let over = |bits: usize| -> usize {
        let limit = (1i32 << bits) - 1;
        distances.iter().map(|distance| i32::from(*distance as i32 > limit)).sum::<i32>() as usize
    };
    let bytes = |bits: usize, patches: usize| packed_len(count, bits) + patches * PATCH_BYTES + 1;
    let patches_max = (count / 16).min(PATCHES_MAX);
    if guess.blocks > 0 {
        guess.blocks -= 1;
        if guess.in_vain == width {
            return width;
        }
        // Distances from another smallest number are other distances, and no patch at all would say
        // that the width is too large for this block.
        if guess.width < width && least.abs_diff(guess.least) <= (1 << guess.width) / 4 {
            let patches = over(guess.width);
            if (1..=patches_max).contains(&patches)
                && bytes(guess.width, patches) < packed_len(count, width)
            {
                return guess.width;
            }
        }
    }
    // The smallest width with few patches, from the last one down or else up.
    let mut best = guess.width.min(width - 1);
    let mut patches = over(best);
    let mut above = None;
    *guess = Guess { width: usize::MAX, least, blocks: GUESSED, in_vain: width };
    if patches <= patches_max {
        while best > 0 {
            let fewer = over(best - 1);
            if fewer > patches_max {
                break;
            }
            above = Some(patches);
            (best, patches) = (best - 1, fewer);
        }
    } else {
        while patches > patches_max {
            best += 1;
            if best == width {
                return width;
            }
            patches = over(best);
        }
    }
    // One bit more may spare more patches than it costs.
    let mut fewest = bytes(best, patches);
    if best + 1 < width {
        let more = bytes(best + 1, above.unwrap_or_else(|| over(best + 1)));
        if more < fewest {
            (best, fewest) = (best + 1, more);
        }
    }
    if fewest >= packed_len(count, width) {
        return width;
    }
    (guess.width, guess.in_vain) = (best, 0);
    best
}

/// Appends a block of numbers that may be any distance apart.
pub(super) fn write_any(out: &mut Vec<u8>, numbers: &[i64]) -> Block {
    let least = numbers.iter().copied().min().unwrap_or(0);
    let mut low = [0; BLOCK];
    let mut high = [0; BLOCK];
    let mut all = 0;
    for ((low, high), number) in low.iter_mut().zip(&mut high).zip(numbers) {
        let distance = number.wrapping_sub(least) as u64;
        all |= distance;
        (*low, *high) = (distance as u32, (distance >> 32) as u32);
    }
    let width = (u64::BITS - all.leading_zeros()) as usize;
    if width <= 32 {
        write_patched(out, least, &mut low, numbers.len(), width, &mut Guess::default());
        return Block { least, width };
    }
    out.push(width as u8);
    write_zigzag(out, least);
    pack(&low, numbers.len(), 32, out);
    pack(&high, numbers.len(), width - 32, out);
    Block { least, width }
}

/// What a block holds besides its distances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// The number at distance 0.
    pub(super) least: i64,
    /// No distance has a bit above this one.
    pub(super) width: usize,
}

/// Takes a block of `count` numbers: `low` gets the low 32 bits of the distances and `high`, when
/// the width is over 32, the rest.
#[inline]
pub(super) fn read(
    input: &mut Reader<'_>,
    count: usize,
    low: &mut [u32; BLOCK],
    high: &mut [u32; BLOCK],
    what: &'static str,
) -> Result<Block, DecodeError> {
    let at = input.at();
    let first = input.u8(what)?;
    let width = usize::from(first & !PATCHED);
    let patched = first & PATCHED != 0;
    if width > 64 || patched && width > 31 {
        return Err(input.invalid(what, at, "a width over 64 bits, or over 31 with patches"));
    }
    let least = input.zigzag(what)?;
    let low_width = width.min(32);
    unpack(input.raw(packed_len(count, low_width), what)?, count, low_width, low);
    if width > 32 {
        unpack(input.raw(packed_len(count, width - 32), what)?, count, width - 32, high);
    }
    if !patched {
        return Ok(Block { least, width });
    }
    read_patches(input, &mut low[..count], width, what)?;
    Ok(Block { least, width: 32 })
}

fn read_patches(
    input: &mut Reader<'_>,
    distances: &mut [u32],
    width: usize,
    what: &'static str,
) -> Result<(), DecodeError> {
    let at = input.at();
    let patches = input.u8(what)?;
    if patches == 0 {
        return Err(input.invalid(what, at, "patches, but none"));
    }
    let mut next = 0;
    for _ in 0..patches {
        let at = input.at();
        let place = usize::from(input.u8(what)?);
        let high = input.varint(what)?;
        if place < next || place >= distances.len() {
            return Err(input.invalid(what, at, "a patch out of order or past the block"));
        }
        if high == 0 || high > u64::from(u32::MAX >> width) {
            return Err(input.invalid(what, at, "a patch of nothing or over 32 bits"));
        }
        distances[place] |= (high as u32) << width;
        next = place + 1;
    }
    Ok(())
}
