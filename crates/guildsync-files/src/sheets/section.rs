//! One section of the addon's: its table as a body, and a body as its table.

use std::collections::BTreeMap;

use guildsync_sections::{Body, BodyError, Label};
use guildsync_sections::{COLUMNS_MAX, ROWS_MAX};
use guildsync_wire::lua::{Key, Table, Value, to_compact};

use super::SheetError;
use super::fields::{self, Of, entries, text};
use crate::rows::numbered;

pub(super) const NAME: &str = "Section Name";
pub(super) const ROWS: &str = "Section Rows";
/// Set while what was received is not unpacked.
pub(super) const PENDING: &str = "NeedsProcessing";
const HEADER: &str = "Section Header";
const METADATA: &str = "Section Metadata";
const NOTE: &str = "Note";
const WARNING: &str = "Warning";
const GROUP_ROWS: &str = "Group Rows";
/// Further fields that have no place of their own in the table: strings by name.
const MORE: &str = "Section More";
/// What the addon works out for its own player, and where it had the section.
const LOCAL: [&str; 3] = ["Section Player Info", "Section Index", PENDING];

/// A section as it was read.
pub(super) struct Section {
    pub(super) body: Body,
    pub(super) local: BTreeMap<String, String>,
}

/// Reads a section's table. What is no part of a body, and no field, is named in `unread`.
pub(super) fn read(
    name: &Label,
    table: &Table,
    unread: &mut Vec<String>,
) -> Result<Section, SheetError> {
    let mut body = Body::default();
    for (key, value) in entries(table) {
        match (&key, value) {
            (Key::Str(key), _) if key == NAME || LOCAL.contains(&&**key) => {}
            (Key::Str(key), value) if key == HEADER => {
                let place = format!("the header of section \"{name}\"");
                body.header = cells(name, value, &place, "columns", unread)?;
            }
            (Key::Str(key), value) if key == ROWS => body.rows = rows(name, value, unread)?,
            (Key::Str(key), Value::Table(metadata)) if key == METADATA => {
                read_metadata(&mut body, metadata);
            }
            (Key::Str(key), value) if key == MORE && strings(value).is_some() => {
                body.more.extend(strings(value).into_iter().flatten());
            }
            (key, value) => {
                body.more.insert(fields::name(Of::Section, key), to_compact(value));
            }
        }
    }
    Ok(Section { body, local: local(table) })
}

/// What is of this member's game alone.
pub(super) fn local(table: &Table) -> BTreeMap<String, String> {
    let local = table.named().filter(|(name, _)| LOCAL.contains(name));
    local.map(|(name, value)| (name.to_owned(), to_compact(value))).collect()
}

fn read_metadata(body: &mut Body, metadata: &Table) {
    for (key, value) in entries(metadata) {
        match (&key, lines(value), numbers(value)) {
            (Key::Str(key), Some(text), _) if key == NOTE => body.note = text,
            (Key::Str(key), Some(text), _) if key == WARNING => body.warning = text,
            (Key::Str(key), _, Some(rows)) if key == GROUP_ROWS => body.group_rows = rows,
            (key, ..) => {
                body.more.insert(fields::name(Of::Metadata, key), to_compact(value));
            }
        }
    }
}

/// A table's rows; one that is not there is an empty one, so that the others keep their numbers.
fn rows(
    name: &Label,
    value: &Value,
    unread: &mut Vec<String>,
) -> Result<Vec<Vec<String>>, SheetError> {
    let place = format!("the rows of section \"{name}\"");
    let table = list(name, value, &place, "rows", ROWS_MAX, unread)?;
    let row = |number| match table.at(number) {
        None => Ok(Vec::new()),
        // The addon fills what is missing in a list with empty strings.
        Some(Value::Str(text)) if text.is_empty() => Ok(Vec::new()),
        Some(value) => {
            let place = format!("row {number} of section \"{name}\"");
            cells(name, value, &place, "cells in a row", unread)
        }
    };
    (1..=table.array_len()).map(row).collect()
}

/// A table's cells; one that is not there is empty.
fn cells(
    name: &Label,
    value: &Value,
    place: &str,
    what: &'static str,
    unread: &mut Vec<String>,
) -> Result<Vec<String>, SheetError> {
    let table = list(name, value, place, what, COLUMNS_MAX, unread)?;
    let cell = |number| match table.at(number) {
        None => Ok(String::new()),
        Some(value) => text(value).ok_or_else(|| {
            let place = format!("column {number} in {place}");
            SheetError::Shape { place, found: value.kind(), wanted: "a text" }
        }),
    };
    (1..=table.array_len()).map(cell).collect()
}

/// A table that is a list of at most so many.
fn list<'a>(
    name: &Label,
    value: &'a Value,
    place: &str,
    what: &'static str,
    limit: usize,
    unread: &mut Vec<String>,
) -> Result<&'a Table, SheetError> {
    let table = value.as_table().ok_or_else(|| {
        let (place, found) = (place.to_owned(), value.kind());
        SheetError::Shape { place, found, wanted: "a list" }
    })?;
    // A length is a claim: one entry far out makes it, and what is between would be filled up.
    let found = usize::try_from(table.array_len()).unwrap_or(usize::MAX);
    if found > limit {
        let why = BodyError::TooMany { what, found, limit };
        return Err(SheetError::Section { section: name.to_string(), why });
    }
    let (_, others) = numbered(table);
    if others > 0 {
        unread.push(format!("{others} entries without a number in {place}"));
    }
    Ok(table)
}

/// A string, or a list of them as one text with a line each; none if the list is empty. `None` for
/// anything else.
fn lines(value: &Value) -> Option<Option<String>> {
    let Value::Table(table) = value else { return Some(Some(text(value)?)) };
    let (lines, others) = numbered(table);
    let lines: Vec<String> =
        lines.into_iter().map(|(_, line)| text(line)).collect::<Option<_>>()?;
    let text = (!lines.is_empty()).then(|| lines.join("\n"));
    (others == 0).then_some(text)
}

/// A list of row numbers; `None` for anything else.
fn numbers(value: &Value) -> Option<Vec<u32>> {
    let (numbers, others) = numbered(value.as_table()?);
    let number = |(_, value): (_, &Value)| u32::try_from(value.as_i64()?).ok();
    let numbers = numbers.into_iter().map(number).collect::<Option<_>>();
    numbers.filter(|_| others == 0)
}

/// The entries of a table of names and strings; `None` for anything else.
fn strings(value: &Value) -> Option<Vec<(String, String)>> {
    let entry = |(key, value): (Key, &Value)| match key {
        Key::Str(key) => Some((key, value.as_str()?.to_owned())),
        _ => None,
    };
    entries(value.as_table()?).map(entry).collect()
}

/// A section's table, as the addon has it.
pub(super) fn write(name: &Label, body: &Body) -> Table {
    let list = |cells: &[String]| Table::from_iter(cells.iter().map(String::as_str));
    let lines = |text: &str| Table::from_iter(text.split('\n'));
    let mut table = Table::new();
    table.insert(NAME, name.as_str());
    table.insert(HEADER, list(&body.header));
    table.insert(ROWS, Table::from_iter(body.rows.iter().map(|row| list(row))));
    let mut metadata = Table::new();
    for (key, text) in [(NOTE, &body.note), (WARNING, &body.warning)] {
        if let Some(text) = text {
            metadata.insert(key, lines(text));
        }
    }
    if !body.group_rows.is_empty() {
        let rows = body.group_rows.iter().map(|&row| i64::from(row));
        metadata.insert(GROUP_ROWS, Table::from_iter(rows));
    }
    let mut more = Table::new();
    for (name, text) in &body.more {
        let place = fields::place(name, text);
        match place.filter(|(of, key, value)| is_free(*of, key, value, &metadata)) {
            Some((Of::Section, key, value)) => drop(table.insert(key, value)),
            Some((Of::Metadata, key, value)) => drop(metadata.insert(key, value)),
            None => drop(more.insert(name.as_str(), text.as_str())),
        }
    }
    table.insert(METADATA, metadata);
    if !more.is_empty() {
        table.insert(MORE, more);
    }
    table
}

/// Whether a further field can stand under a key, and would be read there as a further field.
fn is_free(of: Of, key: &Key, value: &Value, metadata: &Table) -> bool {
    let Key::Str(name) = key else { return true };
    let is = |known: &[&str]| known.contains(&&**name);
    match of {
        Of::Section => !is(&[NAME, HEADER, ROWS, METADATA, MORE]) && !is(&LOCAL),
        Of::Metadata if metadata.get(name).is_some() => false,
        Of::Metadata if is(&[NOTE, WARNING]) => lines(value).is_none(),
        Of::Metadata if is(&[GROUP_ROWS]) => numbers(value).is_none(),
        Of::Metadata => true,
    }
}
