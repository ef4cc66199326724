//! Entries as the plain columns that the wire codec packs, and back.
//!
//! The codec knows no entry: a row's kind, flags and body are this module's to give a meaning.
//!
//! | kind of row | entry | in columns | in the body |
//! |---|---|---|---|
//! | 0, 1 | points, by delta and by total | target, delta, total | - |
//! | 2 | note | target, if it is about somebody | - |
//! | 3 to 254 | the kind of that number | - | its fields, as in the entry's canonical bytes |
//! | 255 | any kind from 255 on | - | the kind's number, a varint, and its fields |
//!
//! Flags are 0. Only content travels: hashes and seals are the caller's.

use guildsync_types::{EntryId, MemberName, Points, Reason, Stamp, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use guildsync_wire::rows::{Row, Rows, RowsBuilder};
use thiserror::Error;

use crate::codec::{NOTE, POINTS_DELTA, POINTS_TOTAL, decode_change, encode_fields};
use crate::entry::{Basis, Change, Draft, Entry};

/// The row kind of entry kinds that need more than a byte.
const LARGE_KIND: u8 = 255;

/// Why a row is not an entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("row {row}: {fault}")]
pub struct RowError {
    /// Which row, from 0.
    pub row: usize,
    /// What is wrong with it; offsets are in its body.
    pub fault: DecodeError,
}

/// Entries of one log as columns; `profile` is what the batch calls the log, if anything.
pub fn to_rows<'a>(
    profile: &[u8],
    entries: impl IntoIterator<Item = (EntryId, &'a Draft)>,
) -> Rows {
    let mut rows = RowsBuilder::new(profile);
    let mut body = Writer::new();
    for (id, draft) in entries {
        body.clear();
        let kind = draft.kind_number();
        let mut row = Row {
            writer: &id.writer.0,
            seq: id.seq,
            seconds: draft.stamp.seconds(),
            count: draft.stamp.count(),
            kind: u8::try_from(kind).unwrap_or(LARGE_KIND),
            origin: draft.origin.unwrap_or(0),
            actor: draft.actor.as_str().as_bytes(),
            reason: draft.reason.as_str().as_bytes(),
            ..Row::default()
        };
        match &draft.change {
            Change::Points { target, delta, total, .. } => {
                row.target = Some(target.as_str().as_bytes());
                row.delta = delta.hundredths();
                row.total = total.hundredths();
            }
            Change::Note { about } => {
                row.target = about.as_ref().map(|about| about.as_str().as_bytes());
            }
            change => {
                if row.kind == LARGE_KIND {
                    body.varint(kind);
                }
                encode_fields(change, &mut body);
                row.body = body.as_slice();
            }
        }
        rows.push(&row);
    }
    rows.finish()
}

/// The entries that rows stand for, in the same order.
///
/// # Errors
/// The first row that stands for none: a name too long, an amount too large, a body that does not
/// decode, a column that the kind has no use for.
pub fn from_rows(rows: &Rows) -> Result<Vec<Entry>, RowError> {
    let entry = |(at, row)| entry(&row).map_err(|fault| RowError { row: at, fault });
    let entries: Vec<Entry> = rows.iter().enumerate().map(entry).collect::<Result<_, _>>()?;
    match entries.len() == rows.len() {
        true => Ok(entries),
        false => Err(RowError {
            row: entries.len(),
            fault: DecodeError::Truncated { what: "columns", at: 0 },
        }),
    }
}

fn entry(row: &Row<'_>) -> Result<Entry, DecodeError> {
    let writer: [u8; 16] = row.writer.try_into().map_err(|_| wrong("writer", "not 16 bytes"))?;
    if row.seq == 0 {
        return Err(wrong("seq", "entries are counted from 1"));
    }
    let stamp = Stamp::new(row.seconds, row.count).map_err(|e| wrong("stamp", &e.to_string()))?;
    let reason = Reason::new(text(row.reason, "reason")?);
    let reason = reason.map_err(|e| wrong("reason", &e.to_string()))?;
    if row.flags != 0 || row.origin == u32::MAX {
        return Err(wrong("flags and origin", "they have no such meaning"));
    }
    let draft = Draft {
        stamp,
        actor: member(row.actor, "actor")?,
        change: change(row)?,
        reason,
        origin: (row.origin > 0).then_some(row.origin),
    };
    Ok(Entry { id: EntryId { writer: WriterId(writer), seq: row.seq }, draft })
}

fn change(row: &Row<'_>) -> Result<Change, DecodeError> {
    let kind = u64::from(row.kind);
    let moves = row.delta != 0 || row.total != 0;
    match kind {
        POINTS_DELTA | POINTS_TOTAL if row.body.is_empty() => {
            let target = row.target.ok_or_else(|| wrong("target", "points need one"))?;
            Ok(Change::Points {
                target: member(target, "target")?,
                delta: points(row.delta, "delta")?,
                total: points(row.total, "total")?,
                basis: if kind == POINTS_DELTA { Basis::Delta } else { Basis::Total },
            })
        }
        NOTE if row.body.is_empty() && !moves => {
            Ok(Change::Note { about: row.target.map(|name| member(name, "about")).transpose()? })
        }
        POINTS_DELTA | POINTS_TOTAL | NOTE => Err(wrong("body", "the kind has none")),
        _ if row.target.is_some() || moves => Err(wrong("target", "the kind has none")),
        _ => {
            let mut body = Reader::new(row.body);
            let kind = if row.kind == LARGE_KIND { body.varint("kind")? } else { kind };
            if row.kind == LARGE_KIND && kind < u64::from(LARGE_KIND) {
                return Err(wrong("kind", "it has a number of its own"));
            }
            let change = decode_change(kind, &mut body)?;
            body.finish()?;
            Ok(change)
        }
    }
}

fn text<'a>(bytes: &'a [u8], what: &'static str) -> Result<&'a str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| wrong(what, "not UTF-8"))
}

fn member(bytes: &[u8], what: &'static str) -> Result<MemberName, DecodeError> {
    MemberName::from_entry(text(bytes, what)?).map_err(|e| wrong(what, &e.to_string()))
}

fn points(hundredths: i64, what: &'static str) -> Result<Points, DecodeError> {
    Points::from_hundredths(hundredths).map_err(|e| wrong(what, &e.to_string()))
}

fn wrong(what: &'static str, why: &str) -> DecodeError {
    DecodeError::Invalid { what, at: 0, why: why.to_owned() }
}
