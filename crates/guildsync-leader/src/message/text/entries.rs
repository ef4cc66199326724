//! Batches in text: a pipe line for each entry where the rows can be told without a base, else their
//! bytes in hex.

use bytes::Bytes;
use guildsync_log::{Basis, Branch, Change, Draft, Entry};
use guildsync_types::hash::to_hex;
use guildsync_types::{EntryId, MemberName, Points, Reason, Stamp};
use guildsync_wire::dialect::pipe::{Decimal, PipeEntry};
use guildsync_wire::line::{self, LineError, LineWriter, Lines};

use super::super::{Base, Batch, Message, MessageError, SealPart, Tag};
use crate::batch::{ENTRIES_MAX, ROW_BATCHES_MAX, code, decode};

/// A line of seed 000, and count, kind and origin behind it.
const ENTRY: &str = "ENTRY";
/// An entry that moves no points and notes nothing: its canonical bytes.
const CHANGE: &str = "CHANGE";
/// A row batch as it is.
const ROWS: &str = "ROWS";
const SEAL: &str = "SEAL";

pub(super) fn write(profile: Tag, batch: &Batch, out: &mut LineWriter) {
    match readable(batch) {
        Some(entries) => entries.iter().for_each(|entry| write_entry(profile, entry, out)),
        None => batch.rows.iter().for_each(|rows| {
            out.word(ROWS);
            out.raw(&to_hex(rows));
        }),
    }
    for SealPart { signature, key, branch } in &batch.seals {
        out.word(SEAL);
        out.field("signature", &signature.to_string());
        if let Some(key) = key {
            out.field("key", &key.to_string());
        }
        if let Some(Branch { root, first, base }) = branch {
            out.field("root", &root.to_string());
            out.field("first", &first.to_string());
            out.field("behind", &base.to_string());
        }
    }
}

/// The entries, if packing them again gives the same bytes: then the lines say all.
fn readable(batch: &Batch) -> Option<Vec<Entry>> {
    if batch.base.is_some() {
        return None;
    }
    let entries = decode(&batch.rows, None).ok()?;
    (pack(&entries).ok()? == batch.rows).then_some(entries)
}

fn pack(entries: &[Entry]) -> Result<Vec<Bytes>, MessageError> {
    let entries: Vec<_> = entries.iter().map(|entry| (entry.id, &entry.draft)).collect();
    Ok(code(&entries, None)?)
}

pub(super) fn read(
    profile: Tag,
    base: Option<Base>,
    lines: &mut Lines<'_>,
) -> Result<Batch, MessageError> {
    let (mut entries, mut rows, mut seals) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        match lines.word() {
            Some(ENTRY | CHANGE) if entries.len() >= ENTRIES_MAX => {
                return Err(MessageError::TooMany { what: "entries", limit: ENTRIES_MAX });
            }
            Some(ROWS) if rows.len() >= ROW_BATCHES_MAX => {
                return Err(MessageError::TooMany { what: "row batches", limit: ROW_BATCHES_MAX });
            }
            Some(ENTRY) if rows.is_empty() => entries.push(read_entry(profile, lines)?),
            Some(CHANGE) if rows.is_empty() => entries.push(read_change(lines)?),
            Some(ROWS) if entries.is_empty() => {
                let (line, text) = lines.take_raw(ROWS)?;
                let bytes = bytes_of(text);
                let bytes = bytes.ok_or_else(|| line::is_not(line, "the row batch", "hex"))?;
                rows.push(Bytes::from(bytes));
            }
            _ => break,
        }
    }
    if !entries.is_empty() {
        rows = pack(&entries)?;
    }
    while lines.word() == Some(SEAL) {
        if seals.len() >= Message::ITEMS_MAX {
            return Err(MessageError::TooMany { what: "seals", limit: Message::ITEMS_MAX });
        }
        seals.push(read_seal(lines)?);
    }
    Ok(Batch { base, rows, seals })
}

fn write_entry(profile: Tag, Entry { id, draft }: &Entry, out: &mut LineWriter) {
    let (target, amounts, kind) = match &draft.change {
        Change::Points { target, delta, total, basis } => {
            let kind = if *basis == Basis::Delta { "delta" } else { "total" };
            (target.as_str(), Some((delta, total)), kind)
        }
        Change::Note { about } => (about.as_ref().map_or("", MemberName::as_str), None, "note"),
        _ => {
            out.word(CHANGE);
            out.raw(&id.to_string());
            out.raw(&to_hex(&draft.to_bytes()));
            return;
        }
    };
    let decimal = |points: &Points| Decimal::from_hundredths(points.hundredths());
    let entry = PipeEntry {
        id: id.to_string().into(),
        timestamp: draft.stamp.seconds(),
        actor: draft.actor.as_str().into(),
        target: target.into(),
        delta: amounts.map(|(delta, _)| decimal(delta)),
        new_total: amounts.map(|(_, total)| decimal(total)),
        reason: draft.reason.as_str().into(),
        profile: profile.to_string().into(),
    };
    out.word(ENTRY);
    out.raw(&entry.to_string());
    out.raw(&draft.stamp.count().to_string());
    out.raw(kind);
    out.raw(&draft.origin.unwrap_or(0).to_string());
}

fn read_entry(profile: Tag, lines: &mut Lines<'_>) -> Result<Entry, MessageError> {
    let (line, text) = lines.take_raw(ENTRY)?;
    let is_not = |what, wanted: &str| line::is_not(line, what, wanted);
    let mut parts = text.rsplitn(4, '|');
    let mut last = || parts.next().unwrap_or_default();
    let (origin, kind, count, pipe) = (last(), last(), last(), last());
    let pipe = PipeEntry::read(pipe).map_err(|source| MessageError::Dialect { line, source })?;
    let id = entry_id(&pipe.id).ok_or_else(|| is_not("id", "writer:number"))?;
    let count = line::number::<u16>(count);
    let count = count.ok_or_else(|| is_not("count", "a number below 65536"))?;
    let stamp =
        Stamp::new(pipe.timestamp, count).map_err(|e| is_not("timestamp", &e.to_string()))?;
    let origin = line::number(origin).filter(|&origin| origin < u32::MAX);
    let origin = origin.ok_or_else(|| is_not("origin", "a number below 2^32 - 1"))?;
    let member = |text: &str, what| {
        MemberName::from_entry(text).map_err(|e| is_not(what, &format!("a name: {e}")))
    };
    let points = |amount: &Option<Decimal>, what| {
        let points = amount.as_ref().and_then(Decimal::hundredths);
        let points = points.and_then(|hundredths| Points::from_hundredths(hundredths).ok());
        points.ok_or_else(|| is_not(what, "hundredths within ten million"))
    };
    if pipe.profile != profile.to_string() {
        return Err(is_not("profile", "that of the first line").into());
    }
    let change = match kind {
        "delta" | "total" => Change::Points {
            target: member(&pipe.target, "target")?,
            delta: points(&pipe.delta, "delta")?,
            total: points(&pipe.new_total, "newTotal")?,
            basis: if kind == "delta" { Basis::Delta } else { Basis::Total },
        },
        "note" if pipe.delta.is_none() && pipe.new_total.is_none() => {
            let about = Some(&pipe.target).filter(|target| !target.is_empty());
            Change::Note { about: about.map(|target| member(target, "target")).transpose()? }
        }
        "note" => return Err(is_not("delta", "empty, as a note has none").into()),
        _ => return Err(is_not("kind", "delta, total or note").into()),
    };
    let reason = Reason::new(&pipe.reason).map_err(|e| is_not("reason", &e.to_string()))?;
    let actor = member(&pipe.actor, "actor")?;
    let origin = (origin > 0).then_some(origin);
    Ok(Entry { id, draft: Draft { stamp, actor, change, reason, origin } })
}

fn read_change(lines: &mut Lines<'_>) -> Result<Entry, LineError> {
    let (line, text) = lines.take_raw(CHANGE)?;
    let (id, bytes) = text.split_once('|').unwrap_or_default();
    let id = entry_id(id).ok_or_else(|| line::is_not(line, "id", "writer:number"))?;
    let bytes = bytes_of(bytes).filter(|bytes| bytes.len() <= Draft::BYTES_MAX);
    let bytes = bytes.ok_or_else(|| line::is_not(line, "the entry", "hex of an entry"))?;
    let draft = Draft::from_bytes(&bytes)
        .map_err(|e| line::is_not(line, "the entry", &format!("one: {e}")))?;
    Ok(Entry { id, draft })
}

fn read_seal(lines: &mut Lines<'_>) -> Result<SealPart, LineError> {
    let (_, mut f) = lines.take()?;
    let signature = f.take("signature", "128 hex digits", line::shown)?;
    let key = f.has("key").then(|| f.take("key", "64 hex digits", line::shown)).transpose()?;
    let branch = match key.is_some() && f.has("root") {
        false => None,
        true => Some(Branch {
            root: f.take("root", "32 hex digits", line::shown)?,
            first: f.take("first", "a number from 1 on", |text| {
                line::number(text).filter(|&first| first > 0)
            })?,
            base: f.take("behind", "64 hex digits", line::shown)?,
        }),
    };
    f.finish()?;
    Ok(SealPart { signature, key, branch })
}

/// An entry's id in its one spelling.
fn entry_id(text: &str) -> Option<EntryId> {
    line::shown(text)
}

/// The bytes that hex in lower case writes.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}
