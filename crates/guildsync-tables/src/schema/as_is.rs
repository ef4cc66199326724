//! Existing documents stay as they are ("do not change any existing schemas", seed 004).
//!
//! [`read`](super::read) with [`Schema::AsIs`] takes the records out of a document in either schema, or
//! both; [`write_back`] puts back what changed. What sync needs to know stands in no entry: it is in
//! the records' own index, which [`metadata`](super::metadata) writes as a value of its own.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_types::Hash;
use guildsync_wire::lua::{Key, Table, Value};

use super::document::{
    self, Entry, Form, Holder, OTHER_GROUPS, OWN_GROUP, entries, free_key, schema_of,
};
use super::flat::{self, Frame};
use super::{Schema, unified};
use crate::kind::TableKind;
use crate::name::GuildName;
use crate::record::Record;
use crate::tables::Tables;

/// A document brought up to date: entries whose record is the one that the tables hold, entries that
/// are no records, those that the tables know nothing of, and all else in the document stay exactly as
/// they are.
///
/// A changed entry is written anew in the schema that it has. One that was deleted keeps its fields and
/// gets the flag, the time and the guild of the deletion (a field of the frame that the deletion does
/// not have goes). A new one is written as the entries of its table are, or of the document if the table
/// has none, unified if there is nothing at all: at the end of a list, or under its id in a map. `own`
/// is the guild whose linked guilds seed 002's setup holds.
#[must_use]
pub fn write_back(document: &Value, tables: &Tables, own: Option<&GuildName>) -> Value {
    let Some(root) = document.as_table() else {
        return document::write(tables.iter(), Schema::AsIs, own);
    };
    let entries = entries(root, Schema::AsIs, &mut Vec::new());
    let mut page = Page { own, known: BTreeMap::new(), holders: BTreeMap::new(), root };
    let mut there: BTreeSet<Hash> = BTreeSet::new();
    for entry in &entries {
        let Ok(old) = entry.read(own) else { continue };
        let Some(now) = tables.get(old.key()) else { continue };
        there.insert(*now.hash());
        if old.hash() != now.hash() {
            page.holder(entry.holder).insert(entry.key.clone(), rewritten(entry, now));
        }
    }
    let of_document = schema_of(entries.iter()).filter(|schema| *schema != Schema::AsIs);
    for kind in TableKind::ALL {
        let first = entries.iter().find(|entry| entry.table() == Some(kind));
        let of_table = schema_of(first.into_iter());
        page.known.insert(kind, of_table.or(of_document).unwrap_or_default());
    }
    for record in tables.iter().filter(|record| !there.contains(record.hash())) {
        page.add(record);
    }
    page.finish()
}

/// A document while it is rewritten: the holders of entries that changed, and the rest.
struct Page<'a> {
    own: Option<&'a GuildName>,
    /// The schema of each table's new entries.
    known: BTreeMap<TableKind, Schema>,
    holders: BTreeMap<Holder, Table>,
    root: &'a Table,
}

impl Page<'_> {
    fn holder(&mut self, holder: Holder) -> &mut Table {
        let root = self.root;
        let table = |name: &str| root.get(name).and_then(Value::as_table);
        self.holders.entry(holder).or_insert_with(|| {
            let held = match holder {
                Holder::Root => Some(root),
                Holder::Table(kind) => table(kind.name()),
                Holder::OtherGroups => table(TableKind::Setup.name())
                    .and_then(|setup| setup.get(OTHER_GROUPS))
                    .and_then(Value::as_table),
            };
            held.cloned().unwrap_or_default()
        })
    }

    fn add(&mut self, record: &Record) {
        let kind = record.table();
        let is_flat = self.known.get(&kind) == Some(&Schema::Flat);
        let is_own = document::is_own(record, self.own);
        if self.root.get(kind.name()).is_some_and(|value| value.as_table().is_none()) {
            // Whatever stands in the table's place stays there.
            return append(self.holder(Holder::Root), record, unified::to_value(record), false);
        }
        let table = self.holder(Holder::Table(kind));
        match kind {
            TableKind::Setup if is_flat => {
                // An empty group is one that nobody has filled yet.
                let group = table.get(OWN_GROUP).map(Value::as_table);
                if is_own && group.is_none_or(|group| group.is_some_and(Table::is_empty)) {
                    table.insert(OWN_GROUP, flat::write(Frame::OwnGroup, record));
                } else if table.get(OTHER_GROUPS).is_none_or(|value| value.as_table().is_some()) {
                    append(self.holder(Holder::OtherGroups), record, flat::to_value(record), true);
                } else {
                    append(table, record, unified::to_value(record), false);
                }
            }
            TableKind::Roster if is_flat && table.get(record.id().as_str()).is_none() => {
                table.insert(record.id().as_str(), flat::to_value(record));
            }
            // The key of a row is its id: beside an unreadable row the record has to say it itself.
            TableKind::Roster => append(table, record, unified::to_value(record), false),
            _ if is_flat => append(table, record, flat::to_value(record), true),
            _ => append(table, record, unified::to_value(record), false),
        }
    }

    fn finish(mut self) -> Value {
        let mut root = self.holders.remove(&Holder::Root).unwrap_or_else(|| self.root.clone());
        if let Some(groups) = self.holders.remove(&Holder::OtherGroups) {
            self.holder(Holder::Table(TableKind::Setup)).insert(OTHER_GROUPS, groups);
        }
        for (holder, table) in self.holders {
            if let Holder::Table(kind) = holder {
                root.insert(kind.name(), table);
            }
        }
        Value::Table(root)
    }
}

/// Puts a new entry where the others are: at the end of a list, under its id in a map.
fn append(table: &mut Table, record: &Record, entry: Value, list_if_empty: bool) {
    let is_list = !table.positional().is_empty() || table.is_empty() && list_if_empty;
    match is_list {
        true => table.push(entry),
        false => drop(table.insert(free_key(table, record), entry)),
    }
}

fn rewritten(entry: &Entry<'_>, now: &Record) -> Value {
    let new = match entry.form {
        Form::Unified => unified::to_value(now),
        Form::Flat(frame) => Value::Table(flat::write(frame, now)),
    };
    let (Some(old), Some(deletion), true) =
        (entry.value.as_table(), new.as_table(), now.is_deleted())
    else {
        return new;
    };
    let is_frame = |name: &str| match entry.form {
        Form::Unified => unified::FRAME.contains(&name) && name != "data",
        Form::Flat(frame) => frame.is_reserved(name),
    };
    let mut flagged = old.clone();
    for (name, _) in old.named().filter(|(name, _)| is_frame(name)) {
        if deletion.get(name).is_none() {
            flagged.remove(&Key::from(name));
        }
    }
    for (name, value) in deletion.named() {
        if name != "data" || old.get("data").is_none() {
            flagged.insert(name, value.clone());
        }
    }
    Value::Table(flagged)
}
