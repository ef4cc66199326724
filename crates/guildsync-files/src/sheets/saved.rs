//! TWRA's SavedVariables: the sheet in them, and the sections of a sheet written as one.

use guildsync_sections::{Body, Label};
use guildsync_wire::lua::{
    Limits, Table, Value, parse_assignments, parse_value, print_assignments,
};

use super::fields::{entries, text};
use super::{Form, Sheet, SheetError, check, packed, section};
use crate::rows::numbered;

/// The global that holds the sheet.
const GLOBAL: &str = "TWRA_Assignments";
/// The global of the text that the addon's spreadsheet gives.
pub(super) const IMPORT: &str = "TWRA_ImportString";
/// The global of what was received and is not unpacked.
const PACKED: &str = "TWRA_CompressedAssignments";
/// The addon's version of the shape.
const VERSION: i64 = 2;
/// Fields beside the sections: what is shown now, and when and from where it was imported.
const KNOWN: [&str; 8] = [
    "data",
    "title",
    "timestamp",
    "version",
    "source",
    "currentSection",
    "currentSectionName",
    "isExample",
];

pub(super) fn read(text: &str) -> Result<Sheet, SheetError> {
    let limits = Limits::default();
    if text.trim_start().starts_with('{') {
        return match parse_value(text, &limits)? {
            Value::Table(root) => sheet(&root, None, Sheet::new(Form::Lua)),
            other => Err(SheetError::NoSheet { found: format!("a {}", other.kind()) }),
        };
    }
    let globals = parse_assignments(text, &limits)?;
    let global = |name: &str| {
        let found = globals.iter().find(|(global, _)| global == name);
        found.and_then(|(_, value)| value.as_table())
    };
    let mut read = Sheet::new(Form::Lua);
    let others = globals.iter().filter(|(name, _)| ![GLOBAL, IMPORT, PACKED].contains(&&**name));
    read.report.unread.extend(others.map(|(name, _)| name.clone()));
    match global(GLOBAL).or_else(|| global(IMPORT)) {
        Some(root) => sheet(root, global(PACKED), read),
        None => Err(SheetError::NoSheet { found: names(globals.iter().map(|(name, _)| &**name)) }),
    }
}

/// The sheet in the table that holds it, with what is packed beside it.
fn sheet(root: &Table, packed: Option<&Table>, mut sheet: Sheet) -> Result<Sheet, SheetError> {
    if let Some(version) = root.get("version").and_then(Value::as_i64)
        && version > VERSION
    {
        return Err(SheetError::Newer { version, known: VERSION });
    }
    let is_section =
        |value: &Value| value.as_table().is_some_and(|t| t.get(section::NAME).is_some());
    let alone;
    let data = if let Some(data) = root.get("data").and_then(Value::as_table) {
        let others = root.named().filter(|(name, _)| !KNOWN.contains(name));
        sheet.report.unread.extend(others.map(|(name, _)| format!("{GLOBAL}.{name}")));
        data
    } else if root.get(section::NAME).is_some() {
        alone = Table::from_iter([root.clone()]);
        &alone
    } else if entries(root).any(|(_, value)| is_section(value)) {
        root
    } else {
        return Err(SheetError::NoSheet { found: names(root.named().map(|(name, _)| name)) });
    };
    if let Some(title) = root.get("title").and_then(Value::as_str) {
        let title = Label::new(title);
        let place = "the title".to_owned();
        sheet.title = Some(title.map_err(|why| SheetError::Name { place, why })?);
    }
    sheet.report.is_example = root.get("isExample").and_then(Value::as_bool) == Some(true);

    let packed = packed.and_then(|packed| packed.get("sections")).and_then(Value::as_table);
    let (numbered, others) = numbered(data);
    if others > 0 {
        sheet.report.unread.push(format!("{others} entries of data without a number"));
    }
    for (number, value) in numbered {
        // The addon fills what is missing in a list with empty strings.
        if value.as_str() != Some("") {
            one(number, value, packed, &mut sheet)?;
        }
    }
    Ok(sheet)
}

/// Takes one entry of the data into the sheet.
fn one(
    number: i64,
    value: &Value,
    packed: Option<&Table>,
    sheet: &mut Sheet,
) -> Result<(), SheetError> {
    let place = format!("section {number}");
    let wanted = "a table with Section Name, Section Header and Section Rows";
    let Some(table) = value.as_table() else {
        return Err(SheetError::Shape { place, found: value.kind(), wanted });
    };
    let name = table.get(section::NAME).and_then(text).unwrap_or_default();
    let name = Label::new(&name).map_err(|why| SheetError::Name { place, why })?;

    let mut received = None;
    if table.get(section::PENDING).and_then(Value::as_bool) == Some(true) {
        let packed = packed.and_then(|packed| packed.at(number)).and_then(Value::as_str);
        let has_rows = table.get(section::ROWS).and_then(Value::as_table);
        let has_rows = has_rows.is_some_and(|rows| !rows.is_empty());
        let unpacked = match packed.filter(|packed| !packed.is_empty()) {
            Some(packed) => packed::section(packed).map(Some),
            None if has_rows => Ok(None),
            None => Err(packed::PackedError::Missing),
        };
        let section = name.to_string();
        received = unpacked.map_err(|why| SheetError::Compressed { section, why })?;
        sheet.report.unpacked.extend(received.is_some().then(|| name.to_string()));
    }
    let content = received.as_ref().and_then(Value::as_table).unwrap_or(table);
    let mut read = section::read(&name, content, &mut sheet.report.unread)?;
    if received.is_some() {
        // What is of this game alone stands in the section that was waiting, and not in what was sent.
        read.local.extend(section::local(table));
    }
    if !read.local.is_empty() {
        sheet.local.push((name.clone(), read.local));
    }
    sheet.push(name, read.body)
}

/// Writes a sheet as the addon's SavedVariables: put it into `TWRA.lua` while the game is not running.
/// Its time is 0, so that whoever has the sheet in the game already has a newer one by the addon's rule.
///
/// # Errors
/// A section that passes a limit, or more sections than are read.
pub fn write(title: &Label, sections: &[(Label, Body)]) -> Result<String, SheetError> {
    check(sections)?;
    let mut data = Table::new();
    for (name, body) in sections {
        data.push(section::write(name, body));
    }
    let mut root = Table::new();
    root.insert("data", data);
    root.insert("title", title.as_str());
    root.insert("version", Value::Int(VERSION));
    root.insert("timestamp", 0);
    root.insert("source", "guildsync");
    root.insert("isExample", false);
    if let Some((name, _)) = sections.first() {
        root.insert("currentSection", 1);
        root.insert("currentSectionName", name.as_str());
    }
    Ok(print_assignments(&[(GLOBAL.to_owned(), Value::Table(root))])?)
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.take(8).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
