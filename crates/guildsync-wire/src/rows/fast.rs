//! Columns without an entropy stage: for files, stores and fast links.
//!
//! Each column is bit-packed by itself, at a cost of about a processor cycle for each number, after
//! what is known of it was taken out: places and seconds are differences, a total is what replay
//! makes of it, an amount is divided by the factor that all of them share, a name is a number.
//!
//! Behind the form byte, which [`batch`](super::batch) writes:
//!
//! | field | bytes |
//! |---|---|
//! | rows | varint, at most [`Rows::MAX`] |
//! | profile | its length, a varint, and its bytes |
//! | writers, names, reasons | three tables ([`tables`]) |
//! | writer | column |
//! | seq | a column of each writer's opening place and a column of differences ([`running`]) |
//! | seconds | the first ones, a varint, and a column of differences |
//! | count, kind, flags, origin | columns |
//! | actor | column |
//! | target | column, 0 for nobody, else the number of the name and 1 |
//! | delta | column |
//! | total | a column of opening totals, first of nobody and then of each name, and a column of what the deltas do not explain |
//! | reason | column |
//! | bodies | how many, a varint; for each the rows passed over since the one before, its length, both varints, and its bytes |
//!
//! The map of the code: [`pack`] packs 128 numbers, [`block`] adds what is needed to unpack them,
//! [`column`] is a sequence of blocks, [`running`] and [`tables`] are what the columns mean, and
//! [`mod@plan`] is what the encoder finds out before it writes.

mod block;
mod column;
mod pack;
mod plan;
mod running;
mod tables;

use super::EncodeError;
use super::columns::Rows;
use crate::bytes::{DecodeError, Reader, Writer, write_varint};
use column::{read_plain, read_signed, write_amounts, write_flat};
use plan::{Plan, plan};
use tables::{read_count, read_table};

pub(super) fn encode(rows: &Rows, out: &mut Writer) -> Result<(), EncodeError> {
    let mut bytes = std::mem::take(out).into_vec();
    let written = encode_into(rows, &mut bytes);
    *out = bytes.into();
    written
}

pub(super) fn decode(input: &mut Reader<'_>) -> Result<Rows, DecodeError> {
    let mut rows = Rows::default();
    decode_into(input, &mut rows)?;
    Ok(rows)
}

/// Appends rows to `out`, without the form byte. Nothing is appended when they cannot be written.
///
/// # Errors
/// Rows that are too many, too long or incomplete.
pub fn encode_into(rows: &Rows, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let len = rows.len();
    if len > Rows::MAX {
        return Err(EncodeError::TooManyRows { rows: len });
    }
    if !rows.is_even() {
        return Err(incomplete(rows));
    }
    let Plan { writers, names, reasons, openings, explained, bodies } =
        plan(rows).ok_or_else(|| incomplete(rows))?;
    let text = rows.profile.len() + writers.bytes() + names.bytes() + reasons.bytes();
    let text = text.saturating_add(bodies.bytes);
    if text > Rows::TEXT_MAX {
        return Err(EncodeError::TooMuchText { bytes: text });
    }

    write_varint(out, len as u64);
    write_varint(out, rows.profile.len() as u64);
    out.extend_from_slice(&rows.profile);
    writers.write(&rows.writers, out);
    names.write(&rows.names, out);
    reasons.write(&rows.reasons, out);

    writers.write_column(&rows.writer, out);
    running::write_chains(out, &rows.seq, &rows.writer, rows.writers.len(), writers.len());
    running::write_differences(out, &rows.seconds);
    write_flat(out, &rows.count);
    write_flat(out, &rows.kind);
    write_flat(out, &rows.flags);
    write_flat(out, &rows.origin);
    names.write_column(&rows.actor, out);
    names.write_column_or_nobody(&rows.target, out);
    let factor = write_amounts(out, &rows.delta, 0);
    let off = (!explained).then(|| running::unexplained(rows));
    running::write_totals(out, &openings, off.as_deref(), len, factor);
    reasons.write_column(&rows.reason, out);

    write_varint(out, bodies.count);
    let mut next = 0;
    for (row, body) in rows.bodies.iter().filter(|(_, body)| !body.is_empty()) {
        write_varint(out, u64::from(row - next));
        write_varint(out, body.len() as u64);
        out.extend_from_slice(body);
        next = row + 1;
    }
    Ok(())
}

/// Replaces `rows` by those that `input` holds to its end, and uses their memory again. `rows` is
/// empty when the bytes do not decode.
///
/// # Errors
/// Bytes that end too early or too late, or hold what no rows are written as.
pub fn decode_into(input: &mut Reader<'_>, rows: &mut Rows) -> Result<(), DecodeError> {
    let decoded = read(input, rows);
    if decoded.is_err() {
        *rows = Rows::default();
    }
    decoded
}

fn read(input: &mut Reader<'_>, rows: &mut Rows) -> Result<(), DecodeError> {
    let len = read_count(input, Rows::MAX, "rows")?;
    let mut text_left = Rows::TEXT_MAX;
    let profile = input.bytes(text_left, "profile")?;
    text_left -= profile.len();
    rows.profile.clear();
    rows.profile.extend_from_slice(profile);
    read_table(input, len, &mut text_left, &mut rows.writers, "writers")?;
    read_table(input, 2 * len, &mut text_left, &mut rows.names, "names")?;
    read_table(input, len, &mut text_left, &mut rows.reasons, "reasons")?;
    let writers = rows.writers.len();
    let (names, reasons) = (rows.names.len() as u64, rows.reasons.len() as u64);

    let keep = |number| number;
    read_plain(input, len, writers as u64, &mut rows.writer, keep, "writer")?;
    running::read_chains(input, &rows.writer, writers, &mut rows.seq)?;
    running::read_differences(input, len, &mut rows.seconds, "seconds")?;
    read_plain(input, len, 1 << 16, &mut rows.count, |number| number as u16, "count")?;
    read_plain(input, len, 1 << 8, &mut rows.kind, |number| number as u8, "kind")?;
    read_plain(input, len, 1 << 8, &mut rows.flags, |number| number as u8, "flags")?;
    read_plain(input, len, 1 << 32, &mut rows.origin, keep, "origin")?;
    read_plain(input, len, names, &mut rows.actor, keep, "actor")?;
    // One less of 0 is NOBODY.
    let target = |slot: u32| slot.wrapping_sub(1);
    read_plain(input, len, names + 1, &mut rows.target, target, "target")?;
    rows.delta.clear();
    rows.delta.reserve(len);
    read_signed(input, len, "delta", |delta| rows.delta.extend_from_slice(delta))?;
    running::read_totals(input, &rows.target, &rows.delta, names as usize + 1, &mut rows.total)?;
    read_plain(input, len, reasons, &mut rows.reason, keep, "reason")?;
    read_bodies(input, len, text_left, &mut rows.bodies)?;
    input.clone().finish()
}

fn read_bodies(
    input: &mut Reader<'_>,
    len: usize,
    mut text_left: usize,
    bodies: &mut Vec<(u32, Vec<u8>)>,
) -> Result<(), DecodeError> {
    bodies.clear();
    // A body is at least a row, a length and a byte.
    let count = input.count(len, 3, "bodies")?;
    let mut next = 0u64;
    for _ in 0..count {
        let at = input.at();
        let row = next.saturating_add(input.varint("row of a body")?);
        if row >= len as u64 {
            return Err(input.invalid("row of a body", at, "past the last row"));
        }
        let at = input.at();
        let body = input.bytes(text_left, "body")?;
        if body.is_empty() {
            return Err(input.invalid("body", at, "empty"));
        }
        text_left -= body.len();
        bodies.push((row as u32, body.to_vec()));
        next = row + 1;
    }
    Ok(())
}

/// Names the first row that lacks something.
#[cold]
fn incomplete(rows: &Rows) -> EncodeError {
    EncodeError::Incomplete { row: rows.text_bytes().err().unwrap_or(rows.len()) }
}
