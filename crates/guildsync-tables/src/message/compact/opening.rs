//! Openings, what they ask for, and what is said to them.

use guildsync_types::Digest;
use guildsync_wire::bits::write_hashes;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::super::words::{self, REFUSED, STATUS};
use super::super::{
    Ask, Cell, CellSummary, Cells, Content, GuildTag, Message, Open, Reply, SessionId, Status,
};
use super::{lists, number, set};
use crate::sketch::POINTS_MAX;

/// In the opening's first byte of flags: bits 0 to 5 are the cells that have a summary.
const CUT: u8 = 1 << 6;
/// Where a byte's two high bits are a kind and its low six a number or a set.
const KIND_SHIFT: u8 = 6;
const LOW: u8 = 0b11_1111;

const BUSY_KIND: u8 = 0;
const REFUSED_KIND: u8 = 1;
const SCOPE_KIND: u8 = 2;

pub(super) fn write_open(open: &Open, w: &mut Writer) {
    let Open { session: _, round: _, cut, ask, guilds, cells } = open;
    let is_told = |summary: &CellSummary| *summary != CellSummary::default();
    let told = Cell::ALL.iter().zip(cells).filter(|(_, summary)| is_told(summary));
    let told = told.fold(Cells::NONE, |told, (cell, _)| told.with(*cell));
    w.u8(told.0 | if cut.is_some() { CUT } else { 0 });
    // So many that six bits do not hold them are refused anyway.
    w.u8(guilds.len().min(LOW.into()) as u8 | ask_kind(*ask) << KIND_SHIFT);
    if let Some(seconds) = cut {
        w.varint(*seconds);
    }
    write_ask(*ask, w);
    guilds.iter().for_each(|guild| w.raw(&guild.0));
    for CellSummary { count, digest } in cells.iter().filter(|summary| is_told(summary)) {
        w.varint((*count).into());
        w.raw(&digest.0);
    }
}

pub(super) fn read_open(
    (session, round): (SessionId, u8),
    r: &mut Reader<'_>,
) -> Result<Open, DecodeError> {
    let flags = set(r, CUT | LOW, "flags")?;
    let at = r.at();
    let byte = r.u8("guilds")?;
    let cut = (flags & CUT != 0).then(|| r.varint("cut")).transpose()?;
    let ask = read_ask(byte >> KIND_SHIFT, r)?;
    let guilds = guilds(byte & LOW, at, r)?;
    let mut cells = [CellSummary::default(); 6];
    for cell in Cell::ALL.into_iter().filter(|cell| Cells(flags & LOW).has(*cell)) {
        let at = r.at();
        let summary = CellSummary {
            count: number(r, "records in a cell")?,
            digest: Digest(r.array("digest")?),
        };
        if summary == CellSummary::default() {
            return Err(r.invalid("records in a cell", at, "nothing, where nothing is left out"));
        }
        cells[cell.index()] = summary;
    }
    Ok(Open { session, round, cut, ask, guilds, cells })
}

fn guilds(n: u8, at: usize, r: &mut Reader<'_>) -> Result<Vec<GuildTag>, DecodeError> {
    if usize::from(n) > Message::GUILDS_MAX {
        let why = format!("{n} of them or more, the limit is {}", Message::GUILDS_MAX);
        return Err(r.invalid("guilds", at, &why));
    }
    (0..n).map(|_| Ok(GuildTag(r.array("guild")?))).collect()
}

/// How a message asks: 0 for not at all.
pub(super) fn ask_kind(ask: Option<Ask>) -> u8 {
    match ask {
        None => 0,
        Some(Ask::Sketch { .. }) => 1,
        Some(Ask::Hashes) => 2,
        Some(Ask::Metadata) => 3,
    }
}

pub(super) fn write_ask(ask: Option<Ask>, w: &mut Writer) {
    if let Some(Ask::Sketch { from, len }) = ask {
        w.varint(from.into());
        w.varint(len.into());
    }
}

pub(super) fn read_ask(kind: u8, r: &mut Reader<'_>) -> Result<Option<Ask>, DecodeError> {
    Ok(match kind {
        0 => None,
        1 => {
            let from = point(r, "first point", 0)?;
            Some(Ask::Sketch { from, len: point(r, "points", from)? })
        }
        2 => Some(Ask::Hashes),
        _ => Some(Ask::Metadata),
    })
}

pub(super) fn write_reply(reply: &Reply, w: &mut Writer) {
    match reply {
        Reply::Busy(busy) => {
            w.u8(BUSY_KIND << KIND_SHIFT | words::number(&STATUS, Status::Busy(*busy)));
        }
        Reply::Refused(why) => w.u8(REFUSED_KIND << KIND_SHIFT | words::number(&REFUSED, *why)),
        Reply::Scope(guilds) => {
            w.u8(SCOPE_KIND << KIND_SHIFT | guilds.len().min(LOW.into()) as u8);
            guilds.iter().for_each(|guild| w.raw(&guild.0));
        }
        Reply::Ready { differ, count, content } => {
            let kind = match content {
                Content::Untold => 0,
                Content::Sketch { .. } => 1,
                Content::Hashes(_) => 2,
                Content::Metadata(_) => 3,
            };
            let byte = differ.0 & LOW | kind << KIND_SHIFT;
            // Nothing differs: nothing follows.
            if byte == 0 && *count == 0 {
                return;
            }
            w.u8(byte);
            w.varint((*count).into());
            match content {
                Content::Untold => (),
                Content::Sketch { from, values } => {
                    w.varint((*from).into());
                    values.iter().for_each(|value| w.raw(&value.to_le_bytes()));
                }
                Content::Hashes(hashes) => write_hashes(hashes, w),
                Content::Metadata(metadata) => lists::write_metadata(metadata, w),
            }
        }
    }
}

pub(super) fn read_ready(r: &mut Reader<'_>) -> Result<Reply, DecodeError> {
    if r.left() == 0 {
        return Ok(Reply::Ready { differ: Cells::NONE, count: 0, content: Content::Untold });
    }
    let at = r.at();
    let byte = r.u8("cells")?;
    let count = number(r, "records in the cells")?;
    if byte == 0 && count == 0 {
        return Err(r.invalid("cells", at, "none, where none are left out"));
    }
    let content = match byte >> KIND_SHIFT {
        0 => Content::Untold,
        1 => {
            let from = point(r, "first point", 0)?;
            let at = r.at();
            let (values, []) = r.rest().as_chunks() else {
                return Err(DecodeError::Truncated { what: "sketch", at });
            };
            if usize::from(from) + values.len() > POINTS_MAX {
                return Err(r.invalid("sketch", at, &points_beyond()));
            }
            let values = values.iter().map(|value| u32::from_le_bytes(*value)).collect();
            Content::Sketch { from, values }
        }
        2 => Content::Hashes(lists::read_hashes(r)?),
        _ => Content::Metadata(lists::read_metadata(r)?),
    };
    Ok(Reply::Ready { differ: Cells(byte & LOW), count, content })
}

pub(super) fn read_not_ready(r: &mut Reader<'_>) -> Result<Reply, DecodeError> {
    let at = r.at();
    let byte = r.u8("answer")?;
    let unknown = |r: &Reader<'_>| r.invalid("answer", at, "none that this version knows");
    let low = byte & LOW;
    match byte >> KIND_SHIFT {
        BUSY_KIND => match STATUS.get(usize::from(low)) {
            Some((Status::Busy(busy), _)) => Ok(Reply::Busy(*busy)),
            _ => Err(unknown(r)),
        },
        REFUSED_KIND => {
            let why = REFUSED.get(usize::from(low));
            why.map(|(why, _)| Reply::Refused(*why)).ok_or_else(|| unknown(r))
        }
        SCOPE_KIND => Ok(Reply::Scope(guilds(low, at, r)?)),
        _ => Err(unknown(r)),
    }
}

/// A point of a sketch, or how many there are behind `from`.
fn point(r: &mut Reader<'_>, what: &'static str, from: u16) -> Result<u16, DecodeError> {
    let at = r.at();
    let point = r.varint(what)?;
    match u16::try_from(point) {
        Ok(point) if usize::from(from) + usize::from(point) <= POINTS_MAX => Ok(point),
        _ => Err(r.invalid(what, at, &points_beyond())),
    }
}

fn points_beyond() -> String {
    format!("beyond the {POINTS_MAX} points that there are")
}
