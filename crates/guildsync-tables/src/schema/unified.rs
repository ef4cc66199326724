//! Seed 004's entry: one frame for every table, and the table's own fields in `data`.
//!
//! [`from_value`] of [`to_value`] is the same record, whatever its data. A field of the frame beside
//! the known six is kept in the data with `entry_` before its name, and goes back into the frame from
//! there; a field of the data that has such a name already is moved as `names` says. Of a deleted
//! entry the data is dropped, as everywhere: a deletion is its id, time and flag.

use std::borrow::Cow;

use guildsync_wire::lua::{Key, Table, Value};

use super::error::{Fault, Place, SchemaError, key_text};
use super::names;
use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::record::Record;
use crate::updated::Updated;

/// The fields of the frame, in seed 004's order.
pub const FRAME: [&str; 6] = ["id", "tableType", "guildName", "lastUpdated", "deleted", "data"];

/// What other fields of the frame are called in a record's data.
const OTHER: &str = "entry_";

/// A record as an entry.
#[must_use]
pub fn to_value(record: &Record) -> Value {
    let data = record.data();
    let mut entry = frame(record);
    if !data.named().any(|(name, _)| is_moved(name)) {
        entry.insert("data", data.clone());
        return Value::Table(entry);
    }
    let data = names::rename(data, |name| names::down(name, is_others).map(Cow::Borrowed));
    entry.insert("data", data);
    for (name, value) in record.data().named().filter(|(name, _)| is_others(name)) {
        entry.insert(&name[OTHER.len()..], value.clone());
    }
    Value::Table(entry)
}

/// An entry without its data.
pub(super) fn frame(record: &Record) -> Table {
    let mut entry = Table::new();
    entry.insert("id", record.id().as_str());
    entry.insert("tableType", record.table().name());
    entry.insert("guildName", record.guild().as_str());
    entry.insert("lastUpdated", record.updated().to_value());
    entry.insert("deleted", record.is_deleted());
    entry
}

/// Reads an entry.
///
/// # Errors
/// A field of the six that is missing or holds something else, named; only a deleted entry needs no
/// `data`. An entry under a key that is no name. Too much or too deep data.
pub fn from_value(entry: &Value) -> Result<Record, SchemaError> {
    let mut place = Place::default();
    read(entry, &mut place).map_err(|fault| SchemaError { place, fault })
}

/// Whether a value is meant as such an entry and not as a flat one.
pub(super) fn is_entry(value: &Value) -> bool {
    let Some(entry) = value.as_table() else { return false };
    let has_data = entry.get("data").is_some_and(|data| data.as_table().is_some());
    let is_deleted = entry.get("deleted").and_then(Value::as_bool) == Some(true);
    entry.get("tableType").is_some_and(|name| name.as_str().is_some()) && (has_data || is_deleted)
}

/// Reads an entry; `place` learns what is known of it on the way.
pub(super) fn read(entry: &Value, place: &mut Place) -> Result<Record, Fault> {
    let entry = entry.as_table().ok_or(Fault::NotATable { found: entry.kind() })?;
    // Whatever is wrong, the id says which entry it is.
    if let Some(id) = entry.get("id").and_then(Value::as_str) {
        place.id = Some(id.chars().take(96).collect());
    }
    let table: TableKind = text(entry, "tableType")?
        .parse()
        .map_err(|why| Fault::Table { field: "tableType".to_owned(), why })?;
    place.table = Some(table);
    let named = |field: &str, why| Fault::Text { field: field.to_owned(), why };
    let id = RecordId::new(text(entry, "id")?).map_err(|why| named("id", why))?;
    let guild = text(entry, "guildName")?;
    let guild = GuildName::new(guild).map_err(|why| named("guildName", why))?;
    let updated = updated(entry, "lastUpdated")?;
    let deleted = field(entry, "deleted")?;
    let deleted =
        deleted.as_bool().ok_or_else(|| Fault::kind("deleted", "true or false", deleted))?;
    if let Some(key) = unnamed(entry) {
        return Err(Fault::Key { key: key_text(&key) });
    }
    if deleted {
        return Ok(Record::deletion(table, guild, id, updated));
    }
    let data = field(entry, "data")?;
    let data = data.as_table().ok_or_else(|| Fault::kind("data", "a table", data))?;
    Ok(Record::new(table, guild, id, updated, data_of(entry, data))?)
}

/// A record's data: the entry's, with the frame's other fields.
fn data_of(entry: &Table, data: &Table) -> Table {
    let others = || entry.named().filter(|(name, _)| !FRAME.contains(name));
    let mut data = match data.named().any(|(name, _)| is_moved(name)) {
        true => names::rename(data, |name| Some(names::up(name, is_others))),
        false => data.clone(),
    };
    for (name, value) in others() {
        data.insert(format!("{OTHER}{name}"), value.clone());
    }
    data
}

/// Whether a name in the data stands for one in the frame.
fn is_others(name: &str) -> bool {
    name.strip_prefix(OTHER).is_some_and(|name| !FRAME.contains(&name))
}

/// Whether a name in the data has another place or name in the entry, or the other way round.
fn is_moved(name: &str) -> bool {
    names::down(name, is_others) != Some(name)
}

/// The first key of a table that is no name.
fn unnamed(table: &Table) -> Option<Key> {
    match table.positional().is_empty() {
        true => table.keyed().map(|(key, _)| key).find(|key| !matches!(key, Key::Str(_))).cloned(),
        false => Some(Key::Int(1)),
    }
}

pub(super) fn field<'a>(entry: &'a Table, field: &str) -> Result<&'a Value, Fault> {
    entry.get(field).ok_or_else(|| Fault::missing(field))
}

pub(super) fn text<'a>(entry: &'a Table, name: &str) -> Result<&'a str, Fault> {
    let value = field(entry, name)?;
    value.as_str().ok_or_else(|| Fault::kind(name, "text", value))
}

pub(super) fn updated(entry: &Table, name: &str) -> Result<Updated, Fault> {
    Updated::from_value(field(entry, name)?)
        .map_err(|why| Fault::Time { field: name.to_owned(), why })
}
