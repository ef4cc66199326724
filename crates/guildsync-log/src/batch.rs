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
use guildsync_wire::rows::{NOBODY, Row, Rows, RowsBuilder, Strings};
use thiserror::Error;

use crate::chain::RowKind;
use crate::codec::{NOTE, POINTS_DELTA, POINTS_TOTAL, decode_change, encode_fields, kind_number};
use crate::entry::{Basis, Change, Draft, Entry};
use crate::frontier::Frontier;
use crate::log::Log;
use crate::order::Ref;

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
                encode_body(change, &mut body);
                row.body = body.as_slice();
            }
        }
        rows.push(&row);
    }
    rows.finish()
}

/// The last `n` entries in replay order of those that `frontier` names and the log holds, as
/// [`to_rows`] gives them for a log without a name: what a batch is coded against.
///
/// Takes no detour over [`Draft`]s: a base is made for every batch that is written or read.
#[must_use]
pub fn last_rows(log: &Log, frontier: &Frontier, n: usize) -> Rows {
    let content = &log.content;
    // How many rows of each chain are in the frontier.
    let named: Vec<u64> = content
        .chains
        .iter()
        .map(|chain| frontier.last(chain.writer).saturating_add(1).saturating_sub(chain.first))
        .collect();
    let in_frontier = |at: &Ref| u64::from(at.place) < named[usize::from(at.chain)];
    let mut refs: Vec<Ref> = log.order.iter().rev().filter(in_frontier).take(n).collect();
    refs.reverse();
    let mut rows = Rows::with_capacity(refs.len());
    let mut writers = Renumbered::of(content.chains.len());
    let mut names = Renumbered::of(content.names.n_spellings());
    let mut reasons = Renumbered::of(content.reasons.len());
    let mut body = Writer::new();
    for (place, at) in (0..).zip(refs) {
        let (id, row) = (content.id(at), content.row(at));
        let mut name = |number| {
            names.number(number, &mut rows.names, || content.names.spelling(number).as_bytes())
        };
        rows.actor.push(name(row.actor));
        let about_nobody = row.kind() == RowKind::Other || row.target == crate::chain::Row::NOBODY;
        rows.target.push(if about_nobody { NOBODY } else { name(row.target) });
        let reason = || content.reasons.get(row.reason).as_bytes();
        rows.reason.push(reasons.number(row.reason, &mut rows.reasons, reason));
        let writer = || -> &[u8] { &content.chains[usize::from(at.chain)].writer.0 };
        rows.writer.push(writers.number(at.chain.into(), &mut rows.writers, writer));
        rows.seq.push(id.seq);
        // Packed stamps have the count in the low 16 bits.
        rows.seconds.push(row.stamp() >> 16);
        rows.count.push(row.stamp() as u16);
        rows.flags.push(0);
        rows.origin.push(row.origin);
        rows.delta.push(row.delta.into());
        rows.total.push(row.total.into());
        let kind = match row.kind() {
            RowKind::Delta => POINTS_DELTA,
            RowKind::Total => POINTS_TOTAL,
            RowKind::Note => NOTE,
            RowKind::Other => 0,
        };
        let kind = content.change_of(row).map_or(kind, |change| {
            body.clear();
            encode_body(change, &mut body);
            if !body.as_slice().is_empty() {
                rows.bodies.push((place, body.as_slice().to_vec()));
            }
            kind_number(change)
        });
        rows.kind.push(u8::try_from(kind).unwrap_or(LARGE_KIND));
    }
    rows
}

/// Numbers of the log's strings in a table of rows, given as they are met.
struct Renumbered(Vec<u32>);

impl Renumbered {
    fn of(n: usize) -> Self {
        Self(vec![u32::MAX; n])
    }

    fn number<'a>(&mut self, old: u32, table: &mut Strings, text: impl Fn() -> &'a [u8]) -> u32 {
        let slot = &mut self.0[old as usize];
        if *slot == u32::MAX {
            *slot = table.push(text());
        }
        *slot
    }
}

/// What a kind without columns of its own says.
fn encode_body(change: &Change, body: &mut Writer) {
    let kind = kind_number(change);
    if kind >= u64::from(LARGE_KIND) {
        body.varint(kind);
    }
    encode_fields(change, body);
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
