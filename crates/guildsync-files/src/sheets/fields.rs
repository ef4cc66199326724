//! A section's further fields: the names they are kept under, and the places they go back to.
//!
//! A field under a string key has that as its name; any other key, and a string that would be taken for
//! one, is the key as Lua writes it: `[5]`, `["[5]"]`. Fields of the metadata have a prefix.

use guildsync_wire::lua::{Key, Limits, Table, Value, parse_value, to_compact};

/// In front of the names of the metadata's fields.
const PREFIX: &str = "Section Metadata.";

/// What is put back in its place at most. Deeper tables would make the file deeper than it is read.
const LIMITS: Limits = Limits { depth: 32, bytes: 4096, values: 4096, string_bytes: 4096 };

/// Which table of a section a field is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Section,
    Metadata,
}

/// The name that a field is kept under.
pub(super) fn name(of: Of, key: &Key) -> String {
    let key = match key {
        Key::Str(key) if !key.starts_with('[') && !key.starts_with(PREFIX) => key.clone(),
        Key::Str(key) => format!("[{}]", to_compact(&Value::from(key.as_str()))),
        Key::Int(key) => format!("[{key}]"),
        Key::Float(key) => format!("[{}]", to_compact(&Value::Float(*key))),
        Key::Bool(key) => format!("[{key}]"),
    };
    match of {
        Of::Section => key,
        Of::Metadata => PREFIX.to_owned() + &key,
    }
}

/// Where a field of this name and text goes back to. `None` if reading it there would not give the same
/// name and text: then it is no Lua data, or not in the form that the reader makes of it.
pub(super) fn place(name: &str, text: &str) -> Option<(Of, Key, Value)> {
    let (of, key) = match name.strip_prefix(PREFIX) {
        Some(key) => (Of::Metadata, key),
        None => (Of::Section, name),
    };
    let key = match key.strip_prefix('[').and_then(|key| key.strip_suffix(']')) {
        None => Key::from(key),
        Some(key) => match parse_value(key, &LIMITS).ok()? {
            Value::Str(key) => Key::Str(key),
            Value::Int(key) => Key::Int(key),
            Value::Float(key) => Key::Float(key),
            Value::Bool(key) => Key::Bool(key),
            Value::Table(_) => return None,
        },
    };
    let value = parse_value(text, &LIMITS).ok()?;
    let is_same = self::name(of, &key) == name && to_compact(&value) == text;
    is_same.then_some((of, key, value))
}

/// All entries of a table with their keys, positions too.
pub(super) fn entries(table: &Table) -> impl Iterator<Item = (Key, &Value)> {
    let positional = (1..).map(Key::Int).zip(table.positional());
    positional.chain(table.keyed().map(|(key, value)| (key.clone(), value)))
}

/// A cell's or a line's text; a table has none.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.clone()),
        Value::Table(_) => None,
        other => Some(to_compact(other)),
    }
}
