//! The archive as SavedVariables: `GuildSyncDB = { ... }`, with the names of the JSON form.

use std::io::{Read, Write};

use guildsync_wire::lua::{self, Key, Limits, Table, Value};
use serde_json::Value as Json;

use super::{Archive, ArchiveError, check_version};

/// The global that holds the archive.
pub(crate) const GLOBAL: &str = "GuildSyncDB";

pub(super) fn write(archive: &Archive, mut writer: impl Write) -> Result<(), ArchiveError> {
    let json = serde_json::to_value(archive)
        .map_err(|error| ArchiveError::Write { why: error.to_string() })?;
    let mut values = 0;
    let value = to_lua(json, &mut values);
    let limit = Limits::default().values;
    if values > limit {
        return Err(ArchiveError::TooLarge { values, limit });
    }
    let text = lua::print_assignments(&[(GLOBAL.to_owned(), value)])?;
    let written = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
    written.map_err(|error| ArchiveError::Write { why: error.to_string() })
}

pub(super) fn read(reader: impl Read) -> Result<Archive, ArchiveError> {
    of_globals(&lua::read_assignments(reader, &Limits::default())?)
}

pub(super) fn of_globals(globals: &[(String, Value)]) -> Result<Archive, ArchiveError> {
    let global = globals.iter().find(|(name, _)| name == GLOBAL);
    let (_, value) = global.ok_or_else(|| ArchiveError::NotAnArchive {
        found: format!("it has no global {GLOBAL}"),
    })?;
    let field = |name| value.as_table().and_then(|table| table.get(name));
    let version = field("version").and_then(Value::as_i64).and_then(|v| u32::try_from(v).ok());
    check_version(field("format").and_then(Value::as_str), version)?;
    serde_json::from_value(to_json(value))
        .map_err(|error| ArchiveError::Shape { place: GLOBAL.to_owned(), why: error.to_string() })
}

fn to_lua(json: Json, values: &mut usize) -> Value {
    *values += 1;
    match json {
        Json::Null => Value::Bool(false),
        Json::Bool(flag) => Value::Bool(flag),
        // What Lua's numbers cannot hold is read back from text as well.
        Json::Number(number) => match number.as_i64() {
            Some(number) if number.unsigned_abs() <= 1 << 53 => Value::Int(number),
            _ => Value::Str(number.to_string()),
        },
        Json::String(text) => Value::Str(text),
        Json::Array(items) => {
            Value::Table(items.into_iter().map(|item| to_lua(item, values)).collect())
        }
        Json::Object(fields) => {
            let mut table = Table::new();
            for (name, field) in fields {
                table.insert(name, to_lua(field, values));
            }
            Value::Table(table)
        }
    }
}

/// A table of whole numbers from 1 up is a list, and so is an empty one: no record is empty.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Str(text) => Json::String(text.clone()),
        Value::Table(table) if table.array_len() == table.count() as i64 => {
            let (rows, _) = crate::rows::numbered(table);
            Json::Array(rows.into_iter().map(|(_, row)| to_json(row)).collect())
        }
        Value::Table(table) => {
            let named = table.keyed().filter_map(|(key, value)| match key {
                Key::Str(name) => Some((name.clone(), to_json(value))),
                _ => None,
            });
            Json::Object(named.collect())
        }
    }
}
