//! Lists in text: ids one by one, as the seed sends them, so that an addon can look them up.

use guildsync_types::hash::{from_hex, to_hex};
use guildsync_wire::dialect::ids;
use guildsync_wire::line::{self, Fields, LineError, LineWriter, Lines};

use super::super::{Difference, Heads, MemberTag, Message, MessageError, Tag, Want};

const IDS: &str = "IDS";
const WANT: &str = "WANT";

/// How many ids may still be written out one by one in this message; a list that has more is written
/// as `1..last`.
#[derive(Debug)]
pub(super) struct Listed {
    left: u64,
}

impl Default for Listed {
    fn default() -> Self {
        Self { left: ids::COUNT_MAX as u64 }
    }
}

impl Listed {
    fn write(&mut self, last: u64) -> String {
        match self.left.checked_sub(last) {
            None => format!("1..{last}"),
            Some(left) => {
                self.left = left;
                ids::write(1..=last)
            }
        }
    }

    /// The last id of a list without holes.
    fn read(&mut self, text: &str, line: usize) -> Result<u64, MessageError> {
        if let Some(last) = text.strip_prefix("1..") {
            let last = line::number(last).filter(|&last| last > self.left);
            let wanted = "written out, as it is short enough to be";
            return Ok(last.ok_or_else(|| line::is_not(line, "the list", wanted))?);
        }
        let list = ids::read(text, self.left as usize)
            .map_err(|source| MessageError::Dialect { line, source })?;
        if list.is_empty() || !list.iter().copied().eq(1..=list.len() as u64) {
            return Err(line::is_not(line, "the list", "all ids from 1 on, without a hole").into());
        }
        self.left -= list.len() as u64;
        Ok(list.len() as u64)
    }
}

/// How much of what a member has is listed.
pub(super) fn extent(heads: &Heads) -> &'static str {
    if heads.is_partial { "partial" } else { "whole" }
}

/// Whether a list is partial.
pub(super) fn read_extent(text: &str) -> Option<bool> {
    match text {
        "whole" => Some(false),
        "partial" => Some(true),
        _ => None,
    }
}

pub(super) fn write_heads(heads: &Heads, listed: &mut Listed, out: &mut LineWriter) {
    let has_marks = heads.marks.len() == heads.lasts.len();
    for (place, (tag, last)) in heads.lasts.iter().enumerate() {
        out.word(IDS);
        out.field(&tag.to_string(), &listed.write(*last));
        if has_marks {
            out.field("mark", &to_hex(&heads.marks[place]));
        }
    }
}

pub(super) fn read_heads(
    is_partial: bool,
    listed: &mut Listed,
    lines: &mut Lines<'_>,
) -> Result<Heads, MessageError> {
    let mut heads = Heads { is_partial, ..Heads::default() };
    while let Some((tag, last, mut fields)) = read_ids(heads.lasts.len(), listed, lines)? {
        if heads.lasts.last().is_some_and(|before| before.0 >= tag) {
            return Err(fields.is_not("the writer", "behind the one before").into());
        }
        heads.lasts.push((tag, last));
        if fields.has("mark") {
            let mark = |text: &str| from_hex(text).filter(|mark| to_hex(mark) == text);
            heads.marks.push(fields.take("mark", "8 hex digits in lower case", mark)?);
        }
        if heads.marks.len() != heads.lasts.len() && !heads.marks.is_empty() {
            return Err(fields.is_not("mark", "there for every writer or for none").into());
        }
        fields.finish()?;
    }
    Ok(heads)
}

/// Adds to the line, and the lists behind it.
pub(super) fn write_difference(difference: &Difference, listed: &mut Listed, out: &mut LineWriter) {
    for (key, places) in [("behind", &difference.behind), ("ahead", &difference.ahead)] {
        if !places.is_empty() {
            let places: Vec<String> =
                places.iter().map(|(place, number)| format!("{place}:{number}")).collect();
            out.field(key, &places.join(","));
        }
    }
    for (tag, last) in &difference.beside {
        out.word(IDS);
        out.field(&tag.to_string(), &listed.write(*last));
    }
}

/// Reads the rest of a line, and the lists behind it.
pub(super) fn read_difference(
    mut fields: Fields<'_>,
    listed: &mut Listed,
    lines: &mut Lines<'_>,
) -> Result<Difference, MessageError> {
    let mut difference = Difference::default();
    for (key, places) in [("behind", &mut difference.behind), ("ahead", &mut difference.ahead)] {
        if fields.has(key) {
            *places = fields.take(key, "place:number, place:number, ... ascending", read_places)?;
        }
    }
    fields.finish()?;
    while let Some((tag, last, fields)) = read_ids(difference.beside.len(), listed, lines)? {
        if difference.beside.last().is_some_and(|before| before.0 >= tag) {
            return Err(fields.is_not("the writer", "behind the one before").into());
        }
        difference.beside.push((tag, last));
        fields.finish()?;
    }
    Ok(difference)
}

fn read_places(text: &str) -> Option<Vec<(u16, u64)>> {
    let place = |text: &str| {
        let (place, number) = text.split_once(':')?;
        let place = line::number(place)?;
        Some((place, line::number(number).filter(|&number| number > 0)?))
    };
    let places: Option<Vec<(u16, u64)>> = text.split(',').map(place).collect();
    places.filter(|places| places.is_sorted_by(|a, b| a.0 < b.0))
}

/// The writer, the last id and the other fields of the next line, if it is a list.
fn read_ids<'a>(
    n_before: usize,
    listed: &mut Listed,
    lines: &mut Lines<'a>,
) -> Result<Option<(Tag, u64, Fields<'a>)>, MessageError> {
    if lines.word() != Some(IDS) {
        return Ok(None);
    }
    if n_before >= Message::ITEMS_MAX {
        return Err(MessageError::TooMany { what: "writers", limit: Message::ITEMS_MAX });
    }
    let (_, mut fields) = lines.take()?;
    let (tag, list) = tagged(&mut fields)?;
    let last = listed.read(&list, fields.line())?;
    Ok(Some((tag, last, fields)))
}

pub(super) fn write_wants(wants: &[Want], out: &mut LineWriter) {
    for Want { writer, first, of } in wants {
        out.word(WANT);
        out.field(&writer.to_string(), &first.to_string());
        if let Some(of) = of {
            out.field("of", &of.to_string());
        }
    }
}

pub(super) fn read_wants(lines: &mut Lines<'_>) -> Result<Vec<Want>, MessageError> {
    let mut wants = Vec::new();
    while lines.word() == Some(WANT) {
        if wants.len() >= Message::ITEMS_MAX {
            return Err(MessageError::TooMany { what: "wants", limit: Message::ITEMS_MAX });
        }
        let (_, mut fields) = lines.take()?;
        let (writer, first) = tagged(&mut fields)?;
        let first = line::number(&first).filter(|&first| first > 0);
        let first = first.ok_or_else(|| fields.is_not("the first entry", "a number from 1 on"))?;
        let of = fields
            .has("of")
            .then(|| fields.take("of", "six hex digits in lower case", MemberTag::from_hex));
        wants.push(Want { writer, first, of: of.transpose()? });
        fields.finish()?;
    }
    Ok(wants)
}

/// A field whose key is a writer's tag.
fn tagged(fields: &mut Fields<'_>) -> Result<(Tag, String), LineError> {
    let wanted = "writer=..., the writer 6 or 32 hex digits";
    fields.next("the first field", wanted, |field| {
        let (tag, value) = field.split_once('=')?;
        Some((Tag::from_hex(tag)?, value.to_owned()))
    })
}
