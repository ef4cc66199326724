//! Seed 004's entries.

use guildsync_tables::schema::{Schema, SchemaError, read, unified, write};
use guildsync_tables::{Record, TableKind};
use guildsync_wire::lua::Value;
use guildsync_wire::payload::{Payload, RECEIVED};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{
    ALLERIA, EONAR, any_record, by_key, deletion, lua, record, records_of, shared_data, tables_of,
};

const SEED_004: &str = include_str!("../../fixtures/seed-004-unified.lua");

#[test]
fn the_entries_of_seed_004_are_records_and_print_as_they_were() {
    let document = shared_data(SEED_004);
    let reading = read(&document, Schema::Unified, None);
    assert_eq!((reading.records.len(), reading.refused.len()), (3, 0), "{:?}", reading.refused);
    let tables = tables_of(reading.records);
    assert_eq!(write(tables.iter(), Schema::Unified, None), document);
    let member = tables.of(TableKind::Roster).next().unwrap();
    let fields: Vec<String> = match unified::to_value(member) {
        Value::Table(entry) => entry.named().map(|(name, _)| name.to_owned()).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(fields, unified::FRAME, "in the seed's order");
}

#[test]
fn a_deletion_is_its_frame_and_an_empty_table() {
    let gone = deletion(TableKind::News, EONAR, "1", 1_734_253_027);
    let entry = lua(&format!(
        r#"{{ id = "1", tableType = "news", guildName = "{EONAR}", lastUpdated = "20241215085707",
            deleted = true, data = {{}} }}"#
    ));
    assert_eq!(unified::to_value(&gone), entry);
    assert_eq!(unified::from_value(&entry), Ok(gone.clone()));
    let bare = lua(&format!(
        r#"{{ id = "1", tableType = "news", guildName = "{EONAR}", lastUpdated = "20241215085707",
            deleted = true }}"#
    ));
    assert_eq!(unified::from_value(&bare), Ok(gone), "it needs no data");
}

#[test]
fn other_fields_of_the_frame_are_kept_and_go_back_where_they_were() {
    let entry = lua(&format!(
        r#"{{ id = "1", tableType = "news", guildName = "{EONAR}", lastUpdated = "20241215085707",
            deleted = false, author = "Sakarra-Skywall", [""] = {{}},
            data = {{ title = "A", entry_author = "B", entry_id = 5, data_entry_author = 6 }} }}"#
    ));
    let record = unified::from_value(&entry).unwrap();
    assert_eq!(record.data().get("entry_author").and_then(Value::as_str), Some("Sakarra-Skywall"));
    assert_eq!(unified::to_value(&record), entry);
}

#[test]
fn what_is_no_entry_is_refused_with_its_table_its_id_and_the_field() {
    let head = format!(r#"id = "1", tableType = "news", guildName = "{EONAR}""#);
    let table = [
        ("5".to_owned(), "an entry: it is a number, an entry is a table"),
        ("{}".to_owned(), "an entry: the field \"tableType\" is missing"),
        (
            r#"{ tableType = "metadata" }"#.to_owned(),
            "an entry: the field \"tableType\": \"metadata\" is no table",
        ),
        (
            r#"{ id = 5, tableType = "news" }"#.to_owned(),
            "an entry of news: the field \"id\" is a number, it has to be text",
        ),
        (
            r#"{ id = "1", tableType = "news" }"#.to_owned(),
            "entry 1 of news: the field \"guildName\" is missing",
        ),
        (
            r#"{ id = "1", tableType = "news", guildName = "" }"#.to_owned(),
            "entry 1 of news: the field \"guildName\": ",
        ),
        (format!("{{ {head} }}"), "entry 1 of news: the field \"lastUpdated\" is missing"),
        (
            format!("{{ {head}, lastUpdated = \"NA\" }}"),
            "entry 1 of news: the field \"lastUpdated\": \"NA\" is not a time",
        ),
        (
            format!("{{ {head}, lastUpdated = 5 }}"),
            "entry 1 of news: the field \"deleted\" is missing",
        ),
        (
            format!("{{ {head}, lastUpdated = 5, deleted = \"no\" }}"),
            "entry 1 of news: the field \"deleted\" is a string, it has to be true or false",
        ),
        (
            format!("{{ {head}, lastUpdated = 5, deleted = false }}"),
            "entry 1 of news: the field \"data\" is missing",
        ),
        (
            format!("{{ {head}, lastUpdated = 5, deleted = false, data = \"\" }}"),
            "entry 1 of news: the field \"data\" is a string, it has to be a table",
        ),
        (
            format!("{{ {head}, lastUpdated = 5, deleted = false, data = {{}}, [7] = 1 }}"),
            "entry 1 of news: it has an entry under [7], fields have names",
        ),
        (
            format!(
                "{{ {head}, lastUpdated = 5, deleted = false, data = {{ \"{}\" }} }}",
                "x".repeat(70_000)
            ),
            "entry 1 of news: record 1 of news weighs",
        ),
    ];
    for (entry, start) in table {
        let error: SchemaError = unified::from_value(&lua(&entry)).unwrap_err();
        assert!(error.to_string().starts_with(start), "{error}");
    }
}

/// C38: one id stood for the welcome items of every guild, and one overwrote the other; `{}` came
/// back from JSON as something else.
#[test]
fn c38_one_id_in_two_guilds_stays_two_records() {
    let records = [
        record(TableKind::News, ALLERIA, "199901010000001234", 5, r#"{ title = "A" }"#),
        record(TableKind::News, EONAR, "199901010000001234", 6, r#"{ title = "E" }"#),
    ];
    let tables = tables_of(records.clone());
    assert_eq!(tables.len(), 2);
    for schema in [Schema::Unified, Schema::Flat] {
        let document = write(tables.iter(), schema, None);
        assert_eq!(read(&document, Schema::AsIs, None).records, records, "{schema}");
    }
}

#[test]
fn c38_an_empty_table_is_a_table_in_every_form() {
    let data = r#"{ name = "S", roles = {}, deep = { {}, { [2] = {} } } }"#;
    let record = record(TableKind::Roster, EONAR, "S", 5, data);
    for payload in [Payload::Json, Payload::LuaTable, Payload::Compact] {
        let bytes = payload.write(&unified::to_value(&record)).unwrap();
        let back = unified::from_value(&payload.read(&bytes, &RECEIVED).unwrap()).unwrap();
        assert_eq!(back.hash(), record.hash(), "{payload:?}");
        assert_eq!(back.data().get("roles"), Some(&lua("{}")));
    }
    let foreign = br#"{"id":"S","tableType":"roster","guildName":"No Rest For The Wicked-Eonar",
        "lastUpdated":"19700101000005","deleted":false,
        "data":{"name":"S","roles":[],"deep":[[],[null,{}]]}}"#;
    let foreign = unified::from_value(&Payload::Json.read(foreign, &RECEIVED).unwrap()).unwrap();
    assert_eq!(foreign.hash(), record.hash(), "`[]` and `{{}}` are one empty table");
}

proptest! {
    #[test]
    fn every_record_comes_back_from_its_entry(record in any_record()) {
        let entry = unified::to_value(&record);
        let back = unified::from_value(&entry).unwrap();
        prop_assert_eq!(back.hash(), record.hash());
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(unified::to_value(&back), entry);
    }

    #[test]
    fn every_set_of_records_comes_back_from_its_document(records in vec(any_record(), 0..9)) {
        let tables = tables_of(records);
        let document = write(tables.iter(), Schema::Unified, None);
        let reading = read(&document, Schema::Unified, None);
        prop_assert!(reading.refused.is_empty() && reading.unread.is_empty());
        prop_assert_eq!(&reading.records, &records_of(&tables));
        let bytes = Payload::Compact.write(&document).unwrap();
        let again = tables_of(reading.records.into_iter().rev());
        let same = write(again.iter(), Schema::Unified, None);
        prop_assert_eq!(Payload::Compact.write(&same).unwrap(), bytes, "equal tables, equal bytes");
    }

    #[test]
    fn an_entry_with_other_fields_comes_back_as_it_was(
        record in any_record(),
        others in vec((crate::world::any_name(), crate::world::any_value()), 0..4),
    ) {
        prop_assume!(!record.is_deleted());
        let Value::Table(mut entry) = unified::to_value(&record) else { panic!() };
        for (name, value) in others {
            if !unified::FRAME.contains(&&*name) {
                entry.insert(name, value);
            }
        }
        let entry = Value::Table(entry);
        prop_assert_eq!(unified::to_value(&unified::from_value(&entry).unwrap()), entry);
    }
}

#[test]
fn a_deleted_entry_with_data_is_the_deletion_alone() {
    let fixture = SEED_004.replace("deleted = false", "deleted = true");
    let read = read(&shared_data(&fixture), Schema::Unified, None);
    assert!(read.records.iter().all(Record::is_deleted) && read.records.len() == 3);
    assert_eq!(by_key(read.records).len(), 3);
}
