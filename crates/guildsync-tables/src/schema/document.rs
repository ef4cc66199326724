//! Whole documents: a table of tables, `{ roster = ..., news = ..., ... }`, as seeds 002 and 004 have
//! it, or entries of seed 004 alone.
//!
//! A table in a document is a list of entries or a map; a map's key is the entry's id, except where the
//! entry says its id itself, so that an id that stands for two guilds can be kept under two keys.

use guildsync_wire::lua::{Key, Table, Value};

use super::error::{Fault, Place, SchemaError, key_text};
use super::flat::{self, Around, Frame};
use super::{Schema, unified};
use crate::kind::TableKind;
use crate::name::GuildName;
use crate::record::Record;

/// Where seed 002 keeps the linked guilds.
pub(super) const OWN_GROUP: &str = "linkedGuildGroups";
/// Where those of other guilds are kept beside them.
pub(super) const OTHER_GROUPS: &str = "otherGuilds";

/// What was read of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Its records, in its order.
    pub records: Vec<Record>,
    /// Entries that are none.
    pub refused: Vec<SchemaError>,
    /// What belongs to none of the five tables, by its path.
    pub unread: Vec<String>,
}

/// What holds entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// The document itself.
    Root,
    /// One of its tables.
    Table(TableKind),
    /// `setup.otherGuilds`.
    OtherGroups,
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Unified,
    Flat(Frame),
}

/// An entry where it stands.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) holder: Holder,
    pub(super) key: Key,
    pub(super) form: Form,
    pub(super) value: &'a Value,
}

/// Reads the records of a document. `own` is the guild whose linked guilds seed 002's setup holds.
///
/// With [`Schema::Unified`] or [`Schema::Flat`] every entry has to be of that schema, with
/// [`Schema::AsIs`] each is told by its look: a unified one has a `tableType` and `data`.
#[must_use]
pub fn read(document: &Value, schema: Schema, own: Option<&GuildName>) -> Reading {
    let mut reading = Reading::default();
    let Some(document) = document.as_table() else {
        let fault = Fault::NotATable { found: document.kind() };
        reading.refused.push(SchemaError { place: Place::default(), fault });
        return reading;
    };
    let entries = entries(document, schema, &mut reading.unread);
    reading.records.reserve(entries.len());
    for entry in entries {
        match entry.read(own) {
            Ok(record) => reading.records.push(record),
            Err(error) => reading.refused.push(error),
        }
    }
    reading
}

/// Writes records as a document with all five tables, in their order. As it is means unified: there
/// is nothing yet that could stay as it is.
///
/// The unified schema has a map by id; where two guilds have one id, the second is kept under
/// `id@guild`. The flat one has the roster by name, lists of items, and the linked guilds of `own`
/// apart from those of others. Equal records in equal order give equal documents.
#[must_use]
pub fn write<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    schema: Schema,
    own: Option<&GuildName>,
) -> Value {
    let mut tables: [Table; 5] = Default::default();
    let mut others = Table::new();
    for record in records {
        let table = &mut tables[record.table().index()];
        match (schema, record.table()) {
            (Schema::Unified | Schema::AsIs, _) => {
                table.insert(free_key(table, record), unified::to_value(record));
            }
            (Schema::Flat, TableKind::Setup) if is_own(record, own) => {
                table.insert(OWN_GROUP, flat::write(Frame::OwnGroup, record));
            }
            (Schema::Flat, TableKind::Setup) => others.push(flat::to_value(record)),
            (Schema::Flat, TableKind::Roster) => {
                table.insert(record.id().as_str(), flat::to_value(record));
            }
            (Schema::Flat, _) => table.push(flat::to_value(record)),
        }
    }
    if !others.is_empty() {
        tables[TableKind::Setup.index()].insert(OTHER_GROUPS, others);
    }
    let mut document = Table::new();
    for (kind, table) in TableKind::ALL.into_iter().zip(tables) {
        document.insert(kind.name(), table);
    }
    Value::Table(document)
}

/// Which schema a document's entries have: [`Schema::AsIs`] if they differ, `None` without any.
#[must_use]
pub fn detect(document: &Value) -> Option<Schema> {
    let entries = entries(document.as_table()?, Schema::AsIs, &mut Vec::new());
    schema_of(entries.iter())
}

pub(super) fn schema_of<'a>(entries: impl Iterator<Item = &'a Entry<'a>>) -> Option<Schema> {
    let mut found = None;
    for entry in entries {
        let schema = match entry.form {
            Form::Unified => Schema::Unified,
            Form::Flat(_) => Schema::Flat,
        };
        if found.is_some_and(|found| found != schema) {
            return Some(Schema::AsIs);
        }
        found = Some(schema);
    }
    found
}

/// Whether a record is what seed 002 keeps as the linked guilds.
pub(super) fn is_own(record: &Record, own: Option<&GuildName>) -> bool {
    own.is_some_and(|own| record.guild() == own && *record.id() == flat::own_id(own))
}

/// The key for a record in a map: its id, or with its guild if that is taken.
pub(super) fn free_key(table: &Table, record: &Record) -> String {
    let mut key = record.id().as_str().to_owned();
    while table.get(&key).is_some() {
        key.push('@');
        key.push_str(record.guild().as_str());
    }
    key
}

impl Entry<'_> {
    /// The table that it is in, where it does not say so itself.
    pub(super) fn table(&self) -> Option<TableKind> {
        match self.holder {
            Holder::Root => None,
            Holder::Table(table) => Some(table),
            Holder::OtherGroups => Some(TableKind::Setup),
        }
    }

    pub(super) fn read(&self, own: Option<&GuildName>) -> Result<Record, SchemaError> {
        let mut place = Place::new(self.table(), Some(&self.key));
        let key = match &self.key {
            Key::Str(key) => Some(&**key),
            _ => None,
        };
        let record = match self.form {
            Form::Unified => unified::read(self.value, &mut place),
            Form::Flat(frame) => flat::read(frame, Around { key, own }, self.value, &mut place),
        };
        record.map_err(|fault| SchemaError { place, fault })
    }
}

/// The entries of a document, in its order; what is none goes to `unread`.
pub(super) fn entries<'a>(
    document: &'a Table,
    schema: Schema,
    unread: &mut Vec<String>,
) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for (key, value) in pairs(document) {
        let table = match &key {
            Key::Str(name) => TableKind::ALL.into_iter().find(|kind| kind.name() == name),
            _ => None,
        };
        match (table, value) {
            (Some(kind), Value::Table(table)) => {
                of_table(kind, table, schema, &mut entries, unread);
            }
            _ if schema != Schema::Flat && unified::is_entry(value) => {
                entries.push(Entry { holder: Holder::Root, key, form: Form::Unified, value });
            }
            _ => unread.push(key_text(&key)),
        }
    }
    entries
}

fn of_table<'a>(
    kind: TableKind,
    table: &'a Table,
    schema: Schema,
    entries: &mut Vec<Entry<'a>>,
    unread: &mut Vec<String>,
) {
    let holder = Holder::Table(kind);
    let is_unified = |value: &Value| match schema {
        Schema::Unified => true,
        Schema::Flat => false,
        Schema::AsIs => unified::is_entry(value),
    };
    for (key, value) in pairs(table) {
        let name = match &key {
            Key::Str(name) => Some(&**name),
            _ => None,
        };
        let form = match (kind, name) {
            _ if is_unified(value) => Form::Unified,
            (TableKind::Roster, _) => Form::Flat(Frame::Row),
            (TableKind::Setup, Some(OWN_GROUP)) => Form::Flat(Frame::OwnGroup),
            (TableKind::Setup, Some(OTHER_GROUPS)) if value.as_table().is_some() => {
                let groups = value.as_table().into_iter().flat_map(pairs);
                entries.extend(groups.map(|(key, value)| {
                    let form = Form::Flat(Frame::Group);
                    Entry { holder: Holder::OtherGroups, key, form, value }
                }));
                continue;
            }
            (TableKind::Setup, _) => {
                unread.push(format!("{kind}{}", key_text(&key)));
                continue;
            }
            (table, _) => Form::Flat(Frame::Item(table)),
        };
        entries.push(Entry { holder, key, form, value });
    }
}

fn pairs(table: &Table) -> impl Iterator<Item = (Key, &Value)> {
    let positional = (1..).zip(table.positional()).map(|(index, value)| (Key::Int(index), value));
    positional.chain(table.keyed().map(|(key, value)| (key.clone(), value)))
}
