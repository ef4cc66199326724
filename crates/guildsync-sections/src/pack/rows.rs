//! A body as records: one for its head, one for each row.
//!
//! Fields stand in the order in which they tell most about the next. A row begins with a number that it
//! keeps while it is edited, by which its older version is found. Texts go as words.

use std::collections::BTreeMap;

use guildsync_wire::lua::{Key, Table, Value};

use crate::body::Body;
use crate::name::Label;

/// The head of a section, or of what has no body.
pub(super) fn head(name: Option<&Label>, body: Option<&Body>) -> Table {
    let mut head = Table::new();
    if let Some(name) = name {
        head.insert("n", name.as_str());
    }
    let Some(body) = body else { return head };
    head.insert("h", texts(&body.header));
    let mut notes = Table::new();
    [&body.note, &body.warning].into_iter().for_each(|text| match text {
        Some(text) => notes.push(words(text)),
        None => notes.push(false),
    });
    head.insert("t", notes);
    if !body.group_rows.is_empty() {
        let mut rows = Table::new();
        body.group_rows.iter().for_each(|&row| rows.push(i64::from(row)));
        head.insert("g", rows);
    }
    if !body.more.is_empty() {
        let mut more = Table::new();
        for (name, value) in &body.more {
            more.insert(name.as_str(), value.as_str());
        }
        head.insert("x", more);
    }
    head
}

/// A row.
pub(super) fn row(number: i64, cells: &[String]) -> Value {
    let mut row = Table::new();
    row.insert("i", number);
    let mut cells = cells.iter().map(String::as_str);
    for first in ["m", "r"] {
        if let Some(cell) = cells.next() {
            row.insert(first, cell);
        }
    }
    let mut rest = Table::new();
    cells.for_each(|cell| rest.push(cell));
    if !rest.is_empty() {
        row.insert("c", rest);
    }
    row.into()
}

fn texts(texts: &[String]) -> Table {
    let mut table = Table::new();
    texts.iter().for_each(|text| table.push(text.as_str()));
    table
}

fn words(text: &str) -> Table {
    let mut table = Table::new();
    text.split(' ').for_each(|word| table.push(word));
    table
}

/// Whether a record begins an item, rather than be a row of one.
pub(super) fn is_head(record: &Table) -> bool {
    record.get("i").is_none()
}

/// Reads the fields of a body's head.
pub(super) fn read_head(head: &Table) -> Result<Body, &'static str> {
    let header = strings(head.get("h"))?;
    let notes = head.get("t").and_then(Value::as_table).ok_or("a body without texts")?;
    let note = |at| match notes.at(at) {
        Some(Value::Bool(false)) => Ok(None),
        words @ Some(Value::Table(_)) => Ok(Some(strings(words)?.join(" "))),
        _ => Err("a text is words, or none"),
    };
    let (note, warning) = (note(1)?, note(2)?);
    let group_rows = match head.get("g") {
        None => Vec::new(),
        Some(rows) => {
            let rows = rows.as_table().ok_or("group rows are a list")?.positional();
            let row = |row: &Value| row.as_i64().and_then(|row| u32::try_from(row).ok());
            rows.iter().map(row).collect::<Option<_>>().ok_or("a group row is a number")?
        }
    };
    let mut more = BTreeMap::new();
    for (name, value) in head.get("x").and_then(Value::as_table).iter().flat_map(|x| x.keyed()) {
        let (Key::Str(name), Value::Str(value)) = (name, value) else {
            return Err("a further field has a name and a text");
        };
        more.insert(name.clone(), value.clone());
    }
    Ok(Body { header, rows: Vec::new(), note, warning, group_rows, more })
}

/// Reads the cells of a row.
pub(super) fn read_row(row: &Table) -> Result<Vec<String>, &'static str> {
    let mut cells = Vec::new();
    for first in ["m", "r"] {
        match row.get(first) {
            Some(Value::Str(cell)) => cells.push(cell.clone()),
            Some(_) => return Err("a cell is a text"),
            None => break,
        }
    }
    if row.get("c").is_some() {
        cells.extend(strings(row.get("c"))?);
    }
    Ok(cells)
}

fn strings(list: Option<&Value>) -> Result<Vec<String>, &'static str> {
    let list = list.and_then(Value::as_table).ok_or("a list is missing")?.positional();
    let text = |text: &Value| text.as_str().map(str::to_owned);
    list.iter().map(text).collect::<Option<_>>().ok_or("a list of texts has something else in it")
}
