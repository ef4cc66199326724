//! Short lists in a field, and long ones of hex numbers on a line of their own.

use guildsync_types::hash::{from_hex, to_hex};
use guildsync_wire::line::{self, LineWriter, Lines, is_not};

use super::super::{Ask, Cell, Cells, GuildTag, Message, MessageError, SessionId};
use crate::kind::TableKind;

/// How nothing is written where a list could be.
const NONE: &str = "none";
const BETWEEN: char = ',';

/// A cell's name: the table's, or `older`.
pub(super) fn cell_name(cell: Cell) -> &'static str {
    match cell {
        Cell::Setup => TableKind::Setup.name(),
        Cell::Newer(table) => table.name(),
        Cell::Older => "older",
    }
}

pub(super) fn write_cells(cells: Cells) -> String {
    let cells = Cell::ALL.into_iter().filter(|cell| cells.has(*cell));
    names(cells.map(cell_name))
}

pub(super) fn read_cells(text: &str) -> Option<Cells> {
    let bit = |name: &str| Cell::ALL.into_iter().find(|cell| cell_name(*cell) == name);
    read_names(text, |name| bit(name).map(Cell::index)).map(Cells)
}

pub(super) fn write_tables(tables: u8) -> String {
    let has = |table: &TableKind| tables & 1 << table.index() != 0;
    names(TableKind::ALL.into_iter().filter(has).map(TableKind::name))
}

pub(super) fn read_tables(text: &str) -> Option<u8> {
    let find = |name: &str| TableKind::ALL.into_iter().find(|table| table.name() == name);
    read_names(text, |name| find(name).map(TableKind::index))
}

fn names(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { NONE.to_owned() } else { names.join(",") }
}

/// The bits of names that ascend.
fn read_names(text: &str, place: impl Fn(&str) -> Option<usize>) -> Option<u8> {
    if text == NONE {
        return Some(0);
    }
    let mut bits = 0u8;
    for name in text.split(BETWEEN) {
        let bit = 1 << place(name)?;
        if bits >= bit {
            return None;
        }
        bits |= bit;
    }
    Some(bits)
}

pub(super) fn write_session(session: SessionId) -> String {
    format!("{:08x}", session.0)
}

pub(super) fn read_session(text: &str) -> Option<SessionId> {
    read_hex(text).map(SessionId)
}

/// A number of 32 bits in eight hex digits, lower case.
pub(super) fn read_hex(text: &str) -> Option<u32> {
    let number = from_hex(text).map(u32::from_be_bytes)?;
    (format!("{number:08x}") == text).then_some(number)
}

pub(super) fn write_guilds(guilds: &[GuildTag]) -> String {
    let guilds: Vec<_> = guilds.iter().map(|guild| to_hex(&guild.0)).collect();
    if guilds.is_empty() { NONE.to_owned() } else { guilds.join(",") }
}

pub(super) fn read_guilds(text: &str) -> Option<Vec<GuildTag>> {
    if text == NONE {
        return Some(Vec::new());
    }
    if text.matches(BETWEEN).count() >= Message::GUILDS_MAX {
        return None;
    }
    let guild = |text: &str| from_hex(text).filter(|tag| to_hex(tag) == text).map(GuildTag);
    text.split(BETWEEN).map(guild).collect()
}

/// What [`read_guilds`] reads.
pub(super) const GUILDS_WANTED: &str = "none, or at most 32 guilds of 6 hex digits";

pub(super) fn write_ask(ask: Ask) -> String {
    match ask {
        Ask::Sketch { from, len } => format!("sketch:{from}:{len}"),
        Ask::Hashes => "hashes".to_owned(),
        Ask::Metadata => "metadata".to_owned(),
    }
}

pub(super) fn read_ask(text: &str) -> Option<Ask> {
    match text {
        "hashes" => Some(Ask::Hashes),
        "metadata" => Some(Ask::Metadata),
        _ => {
            let (from, len) = text.strip_prefix("sketch:")?.split_once(':')?;
            let (from, len): (u16, u16) = (line::number(from)?, line::number(len)?);
            let end = usize::from(from) + usize::from(len);
            (end <= crate::sketch::POINTS_MAX).then_some(Ask::Sketch { from, len })
        }
    }
}

/// What [`read_ask`] reads.
pub(super) const ASK_WANTED: &str = "sketch:from:points within 512 points, hashes or metadata";

/// A line of numbers in hex, all of them.
pub(super) fn write_numbers(word: &str, numbers: &[u32], out: &mut LineWriter) {
    out.word(word);
    let digits: Vec<_> = numbers.iter().map(|number| format!("{number:08x}")).collect();
    out.raw(&digits.join(","));
}

/// Reads such a line of at most `limit` numbers; the count is checked before anything is kept.
pub(super) fn read_numbers(
    word: &'static str,
    limit: usize,
    lines: &mut Lines<'_>,
) -> Result<(usize, Vec<u32>), MessageError> {
    let (line, text) = lines.take_raw(word)?;
    if text.is_empty() {
        return Ok((line, Vec::new()));
    }
    if text.matches(BETWEEN).count() >= limit {
        return Err(MessageError::TooMany { line, what: "numbers", limit });
    }
    let numbers: Option<_> = text.split(BETWEEN).map(read_hex).collect();
    let wanted = "numbers of 8 hex digits in lower case";
    Ok((line, numbers.ok_or_else(|| is_not(line, "the list", wanted))?))
}

/// Reads a line of short hashes, which ascend.
pub(super) fn read_hashes(lines: &mut Lines<'_>) -> Result<Vec<u32>, MessageError> {
    let (line, hashes) = read_numbers(HASHES, Message::ITEMS_MAX, lines)?;
    match hashes.is_sorted_by(|a, b| a < b) {
        true => Ok(hashes),
        false => Err(is_not(line, "the list", "ascending").into()),
    }
}

/// The word of a line of short hashes.
pub(super) const HASHES: &str = "HASHES";
