//! Numbers that run on by key: a writer's places in its chain, a member's total.
//!
//! Of each key the batch has the opening number, the one before its first row; of each row, how far
//! the number is from where the key's row before left it. A chain without gaps is then the same
//! number in every row, and so is a total that is always the one before and the points moved.

use super::column::{Differences, read_signed, write_amounts, write_constant, write_signed};
use crate::bytes::write_varint;
use crate::bytes::{DecodeError, Reader};
use crate::rows::Rows;

/// A key of which no row was seen, and so no number either.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    /// Whether a row had the key.
    seen: bool,
    /// Before its first row.
    opening: i64,
    /// After its last one.
    last: i64,
}

impl Run {
    /// How far `now` is from where the key's row before led, which is `step` further.
    #[inline]
    fn next(&mut self, now: i64, step: i64) -> i64 {
        let start = now.wrapping_sub(step);
        if !self.seen {
            *self = Self { seen: true, opening: start, last: start };
        }
        let off = start.wrapping_sub(self.last);
        self.last = now;
        off
    }
}

/// Writes places in chains; `writers` is how many the caller's table has, of which `used` are named.
pub(super) fn write_chains(
    out: &mut Vec<u8>,
    seq: &[u64],
    writer: &[u32],
    writers: usize,
    used: usize,
) {
    if let (1, Some(first)) = (used, seq.first()) {
        let opening = first.wrapping_sub(1);
        write_constant(out, opening as i64, 1);
        return write_signed(out, &Differences { numbers: seq, opening });
    }
    let mut runs = vec![Run::default(); writers];
    let rows = writer.iter().zip(seq);
    // From the place before, as in the chain of a single writer.
    let off: Vec<i64> = rows
        .map(|(writer, seq)| runs[*writer as usize].next(*seq as i64, 1).wrapping_add(1))
        .collect();
    let openings: Vec<i64> = runs.iter().filter(|run| run.seen).map(|run| run.opening).collect();
    write_signed(out, openings.as_slice());
    write_signed(out, off.as_slice());
}

/// Writes the first of some numbers and how far each is from the one before.
pub(super) fn write_differences(out: &mut Vec<u8>, numbers: &[u64]) {
    let opening = numbers.first().copied().unwrap_or(0);
    write_varint(out, opening);
    write_signed(out, &Differences { numbers, opening });
}

/// Takes what [`write_chains`] wrote.
pub(super) fn read_chains(
    input: &mut Reader<'_>,
    writer: &[u32],
    writers: usize,
    seq: &mut Vec<u64>,
) -> Result<(), DecodeError> {
    let mut runs = read_openings(input, writers, "first places in the chains")?;
    seq.clear();
    seq.reserve(writer.len());
    if let [opening] = runs[..] {
        return add_up(input, writer.len(), opening as u64, seq, "places in the chains");
    }
    read_signed(input, writer.len(), "places in the chains", |off| {
        let rows = writer[seq.len()..].iter().zip(off);
        seq.extend(rows.map(|(writer, off)| {
            let last = &mut runs[*writer as usize];
            *last = last.wrapping_add(*off);
            *last as u64
        }));
    })
}

/// Takes what [`write_differences`] wrote, into emptied `numbers`.
pub(super) fn read_differences(
    input: &mut Reader<'_>,
    len: usize,
    numbers: &mut Vec<u64>,
    what: &'static str,
) -> Result<(), DecodeError> {
    let opening = input.varint(what)?;
    numbers.clear();
    numbers.reserve(len);
    add_up(input, len, opening, numbers, what)
}

fn add_up(
    input: &mut Reader<'_>,
    len: usize,
    opening: u64,
    numbers: &mut Vec<u64>,
    what: &'static str,
) -> Result<(), DecodeError> {
    let mut last = opening;
    read_signed(input, len, what, |off| {
        numbers.extend(off.iter().map(|off| {
            last = last.wrapping_add(*off as u64);
            last
        }));
    })
}

/// Writes the totals' openings and the rows' distance from what the points moved explain.
pub(super) fn write_totals(
    out: &mut Vec<u8>,
    openings: &[i64],
    off: Option<&[i64]>,
    len: usize,
    factor: u32,
) {
    write_amounts(out, openings, factor);
    match off {
        Some(off) => _ = write_amounts(out, off, factor),
        None => write_constant(out, 0, len),
    }
}

/// How far each total is from the one before and the points moved.
pub(super) fn unexplained(rows: &Rows) -> Vec<i64> {
    let mut runs = vec![Run::default(); rows.names.len() + 1];
    let rows = rows.target.iter().zip(rows.delta.iter().zip(&rows.total));
    rows.map(|(target, (delta, total))| runs[target.wrapping_add(1) as usize].next(*total, *delta))
        .collect()
}

/// Takes totals; `slot` is what [`write_totals`]'s openings are numbered by.
pub(super) fn read_totals(
    input: &mut Reader<'_>,
    target: &[u32],
    delta: &[i64],
    slots: usize,
    total: &mut Vec<i64>,
) -> Result<(), DecodeError> {
    let mut runs = read_openings(input, slots, "opening totals")?;
    total.clear();
    total.reserve(target.len());
    read_signed(input, target.len(), "totals", |off| {
        let start = total.len();
        let rows = target[start..].iter().zip(&delta[start..]).zip(off);
        total.extend(rows.map(|((target, delta), off)| {
            let last = &mut runs[target.wrapping_add(1) as usize];
            *last = last.wrapping_add(*delta).wrapping_add(*off);
            *last
        }));
    })
}

fn read_openings(
    input: &mut Reader<'_>,
    keys: usize,
    what: &'static str,
) -> Result<Vec<i64>, DecodeError> {
    let mut openings = Vec::with_capacity(keys);
    read_signed(input, keys, what, |numbers| openings.extend_from_slice(numbers))?;
    Ok(openings)
}
