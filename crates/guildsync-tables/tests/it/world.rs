//! What the tests share: the seeds' examples, short ways to records, and random ones.

use std::collections::BTreeMap;

use guildsync_tables::schema::flat::own_id;
use guildsync_tables::{GuildName, Record, RecordId, TableKind, Tables, Updated};
use guildsync_types::Stamp;
use guildsync_types::stamp::StampForm;
use guildsync_wire::lua::{Key, Limits, Table, Value, parse_assignments, parse_value};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const EONAR: &str = "No Rest For The Wicked-Eonar";
pub(crate) const ALLERIA: &str = "No Rest For The Wicked-Alleria";
/// Late enough for every time.
pub(crate) const CLOCK: u64 = Stamp::SECONDS_MAX;

/// The `sharedData` of a fixture, wherever it is in it.
pub(crate) fn shared_data(fixture: &str) -> Value {
    let globals = parse_assignments(fixture, &Limits::default()).unwrap();
    let global = globals[0].1.as_table().unwrap();
    global.get("sharedData").cloned().unwrap_or_else(|| globals[0].1.clone())
}

pub(crate) fn lua(text: &str) -> Value {
    parse_value(text, &Limits::default()).unwrap()
}

pub(crate) fn guild(name: &str) -> GuildName {
    GuildName::new(name).unwrap()
}

pub(crate) fn record(kind: TableKind, of: &str, id: &str, seconds: u64, data: &str) -> Record {
    let Value::Table(data) = lua(data) else { panic!("{data} is no table") };
    let (id, updated) = (RecordId::new(id).unwrap(), Updated::at(seconds));
    Record::new(kind, guild(of), id, updated, data).unwrap()
}

pub(crate) fn deletion(kind: TableKind, of: &str, id: &str, seconds: u64) -> Record {
    Record::deletion(kind, guild(of), RecordId::new(id).unwrap(), Updated::at(seconds))
}

pub(crate) fn tables_of(records: impl IntoIterator<Item = Record>) -> Tables {
    let mut tables = Tables::new();
    for record in records {
        tables.merge(record, CLOCK);
    }
    tables
}

pub(crate) fn records_of(tables: &Tables) -> Vec<Record> {
    tables.iter().cloned().collect()
}

/// Names that mean something in one of the schemas, or look as if they did.
const NAMES: [&str; 34] = [
    "id",
    "guildName",
    "tableType",
    "lastUpdated",
    "deleted",
    "data",
    "date",
    "eventDate",
    "title",
    "name",
    "pt_name",
    "gb_name",
    "level",
    "pt_level",
    "battletag",
    "gb_battletag",
    "pt_battletag",
    "pt_guildName",
    "guilds",
    "data_",
    "data_id",
    "data_deleted",
    "data_data_deleted",
    "data_lastUpdated",
    "data_pt_guildName",
    "data_name",
    "entry_",
    "entry_id",
    "entry_author",
    "data_entry_author",
    "data_data_entry_x",
    "flat_",
    "flat_other",
    "data_flat_other",
];
/// Names that say how a flat entry differs from others of its kind: no flat entry may have them.
const NOTES: [&str; 5] = [
    "flat_deleted",
    "flat_lastUpdated",
    "data_flat_deleted",
    "data_flat_lastUpdated",
    "data_data_flat_deleted",
];

pub(crate) fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-zøé_0-9\\[]{0,6}"]
}

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        6 => any_name().prop_map(Key::Str),
        1 => (-2..9i64).prop_map(Key::Int),
        1 => any::<bool>().prop_map(Key::Bool),
        1 => (1..9i32).prop_map(|n| Key::Float(f64::from(n) + 0.5)),
    ]
}

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-99..99i32).prop_map(|n| Value::Float(f64::from(n) / 4.0)),
        "[ -~ø\n]{0,9}".prop_map(Value::Str),
        select(&["NA", "absent", "present", "", "80"][..]).prop_map(Value::from),
        any_updated().prop_map(Updated::to_value),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        (vec(inner.clone(), 0..3), vec((any_key(), inner), 0..3))
            .prop_map(|(list, keyed)| Value::Table(table(list, keyed)))
    })
}

fn table(list: Vec<Value>, keyed: Vec<(Key, Value)>) -> Table {
    let mut table = Table::from_iter(list);
    for (key, value) in keyed {
        table.insert(key, value);
    }
    table
}

/// A time in any of the spellings; few seconds, so that times meet.
pub(crate) fn any_updated() -> impl Strategy<Value = Updated> {
    let seconds = prop_oneof![
        Just(Updated::DEFAULT_SECONDS),
        (0..40_000u64).prop_map(|days| days * 86_400),
        1_733_000_000..1_733_000_009u64,
    ];
    (seconds, 0..5usize).prop_map(|(seconds, spelled)| {
        let at = Updated::at(seconds);
        let value = match spelled {
            0 => Value::from(at.print(StampForm::Dashed)),
            1 => Value::from(at.print(StampForm::Date)),
            2 => Value::from(at.print(StampForm::Epoch)),
            3 => Value::Int(seconds as i64),
            _ => return at,
        };
        Updated::from_value(&value).unwrap()
    })
}

pub(crate) fn any_record() -> impl Strategy<Value = Record> {
    let kind = select(&TableKind::ALL[..]);
    let guild = select(&[EONAR, ALLERIA, "NR"][..]).prop_map(guild);
    let id = select(
        &[
            "norestforthewickedeonar",
            "linkedGuildGroups",
            "otherGuilds",
            "roster",
            "1",
            "a@NR",
            "a",
        ][..],
    );
    let note = option::of((
        select(&NOTES[..]),
        prop_oneof![
            3 => select(&["absent", "present"][..]).prop_map(Value::from),
            1 => any_value(),
        ],
    ));
    let data = (vec(any_value(), 0..2), vec((any_key(), any_value()), 0..6), vec(note, 2));
    // Whether it is deleted, and whether its date says the same as its version.
    let flags = (prop::bool::weighted(0.2), any::<bool>());
    (kind, guild, id, any_updated(), data, flags).prop_map(
        |(kind, guild, id, updated, (list, keyed, notes), (is_deleted, is_dated))| {
            let id = RecordId::new(id).unwrap();
            if is_deleted {
                return Record::deletion(kind, guild, id, updated);
            }
            let mut data = table(list, keyed);
            for (name, value) in notes.into_iter().flatten() {
                data.insert(name, value);
            }
            if is_dated {
                data.insert("date", updated.print(StampForm::Dashed));
            }
            Record::new(kind, guild, id, updated, data).unwrap()
        },
    )
}

/// The fields of a flat entry that are none of its frame.
fn any_fields(frame: &'static [&'static str]) -> impl Strategy<Value = Table> {
    (vec(any_value(), 0..2), vec((any_key(), any_value()), 0..6)).prop_map(|(list, keyed)| {
        let is_free = |key: &Key| match key {
            Key::Str(name) => !frame.contains(&&**name) && !NOTES.contains(&&**name),
            _ => true,
        };
        table(list, keyed.into_iter().filter(|(key, _)| is_free(key)).collect())
    })
}

/// How an entry says its version, where that is a date.
#[derive(Debug, Clone, Copy)]
enum Dated {
    Date,
    LastUpdated,
    Both,
}

fn any_row() -> impl Strategy<Value = Value> {
    let fields = any_fields(&["pt_guildName", "lastUpdated", "deleted"]);
    (select(&[EONAR, ALLERIA][..]), any_updated(), option::of(any::<bool>()), fields).prop_map(
        |(guild, updated, deleted, fields)| {
            let mut row = if deleted == Some(true) { Table::new() } else { fields };
            row.insert("pt_guildName", guild);
            row.insert("lastUpdated", updated.to_value());
            if let Some(deleted) = deleted {
                row.insert("deleted", deleted);
            }
            Value::Table(row)
        },
    )
}

fn any_item(id: String, guild: String) -> impl Strategy<Value = Value> {
    let fields = any_fields(&["id", "guildName", "lastUpdated", "deleted", "date"]);
    let dated = select(&[Dated::Date, Dated::LastUpdated, Dated::Both][..]);
    let date = option::of(any_value());
    (any_updated(), dated, date, option::of(any::<bool>()), fields).prop_map(
        move |(updated, dated, date, deleted, fields)| {
            let is_deleted = deleted == Some(true);
            let mut item = if is_deleted { Table::new() } else { fields };
            item.insert("id", id.as_str());
            item.insert("guildName", guild.as_str());
            if let Some(deleted) = deleted {
                item.insert("deleted", deleted);
            }
            let compact = Updated::at(updated.seconds());
            match dated {
                // Of what is deleted, the date is the version in one spelling.
                Dated::Date | Dated::Both if is_deleted => {
                    item.insert("date", updated.print(StampForm::Dashed));
                }
                Dated::Date => drop(item.insert("date", updated.to_value())),
                Dated::Both => {
                    item.insert("date", updated.to_value());
                    item.insert("lastUpdated", compact.to_value());
                }
                Dated::LastUpdated => {
                    let is_plain = is_deleted && updated == compact;
                    let other = Updated::from_value(&Value::Int(updated.seconds() as i64)).unwrap();
                    item.insert("lastUpdated", if is_plain { other } else { updated }.to_value());
                    if let Some(date) = date.filter(|_| !is_deleted) {
                        item.insert("date", date);
                    }
                }
            }
            Value::Table(item)
        },
    )
}

fn any_items() -> impl Strategy<Value = Value> {
    let key = (select(&["a", "b", "1", "roster"][..]), select(&[EONAR, ALLERIA, "NR"][..]));
    btree_map(key, Just(()), 0..4).prop_flat_map(|keys| {
        // By id, then by guild: the order in which they come back.
        let items: Vec<_> =
            keys.into_keys().map(|(id, of)| any_item(id.to_owned(), of.to_owned())).collect();
        items.prop_map(|items| Value::Table(items.into_iter().collect()))
    })
}

fn any_group(of: Option<(&'static str, &'static str)>) -> impl Strategy<Value = Value> {
    let frame: &[&str] = match of {
        Some(_) => &["id", "guildName", "lastUpdated", "deleted"],
        None => &["lastUpdated", "deleted"],
    };
    (any_updated(), option::of(any::<bool>()), any_fields(frame)).prop_map(
        move |(updated, deleted, fields)| {
            let mut group = if deleted == Some(true) { Table::new() } else { fields };
            if let Some((id, of)) = of {
                group.insert("id", id);
                group.insert("guildName", of);
            }
            group.insert("lastUpdated", updated.to_value());
            if let Some(deleted) = deleted {
                group.insert("deleted", deleted);
            }
            Value::Table(group)
        },
    )
}

/// A document of seed 002: all five tables, items in the order of their ids.
pub(crate) fn any_flat_document() -> impl Strategy<Value = Value> {
    let name = select(&["Sakarra-Skywall", "Koromak-Area52", "id", "1"][..]);
    let roster = btree_map(name.prop_map(str::to_owned), any_row(), 0..4);
    let others = (
        any::<bool>(),
        any_group(Some(("norestforthewickedalleria", ALLERIA))),
        any::<bool>(),
        any_group(Some(("x", EONAR))),
    );
    let setup = (option::of(any_group(None)), others);
    (roster, any_items(), any_items(), any_items(), setup).prop_map(
        |(rows, calendar, news, info, (own, (has_alleria, alleria, has_other, other)))| {
            let mut document = Table::new();
            let mut roster = Table::new();
            rows.into_iter().for_each(|(name, row)| drop(roster.insert(name, row)));
            document.insert("roster", roster);
            document.insert("calendar", calendar);
            document.insert("news", news);
            document.insert("guildInfo", info);
            let mut setup = Table::new();
            if let Some(own) = own {
                setup.insert("linkedGuildGroups", own);
            }
            let others = [has_alleria.then_some(alleria), has_other.then_some(other)];
            let others: Table = others.into_iter().flatten().collect();
            if !others.is_empty() {
                setup.insert("otherGuilds", others);
            }
            document.insert("setup", setup);
            Value::Table(document)
        },
    )
}

/// The records of a map by key, to compare what was read with what was there.
pub(crate) fn by_key(records: Vec<Record>) -> BTreeMap<String, Record> {
    records.into_iter().map(|record| (format!("{:?}", record.key()), record)).collect()
}

#[test]
fn the_own_group_of_the_seeds_guild_has_the_seeds_id() {
    assert_eq!(own_id(&guild(EONAR)).as_str(), "norestforthewickedeonar");
    assert_eq!(own_id(&guild("...")).as_str(), "...");
}
