//! Seed 002's rows and items.

use guildsync_tables::TableKind;
use guildsync_tables::schema::{Schema, VersionField, flat, read, write};
use guildsync_wire::lua::Value;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{
    ALLERIA, CLOCK, EONAR, any_flat_document, any_record, deletion, guild, lua, record, records_of,
    shared_data, tables_of,
};

const SEED_002: &str = include_str!("../../fixtures/seed-002-flat.lua");
const SEED_002_UNIFIED: &str = include_str!("../../fixtures/seed-002-unified.lua");
const SEED_004: &str = include_str!("../../fixtures/seed-004-unified.lua");
const SEED_004_FLAT: &str = include_str!("../../fixtures/seed-004-flat.lua");

#[test]
fn the_examples_of_both_seeds_are_the_same_records_in_both_schemas() {
    let own = guild(EONAR);
    for (flat, unified) in [(SEED_002, SEED_002_UNIFIED), (SEED_004_FLAT, SEED_004)] {
        let (flat, unified) = (shared_data(flat), shared_data(unified));
        let from_flat = read(&flat, Schema::Flat, Some(&own));
        let from_unified = read(&unified, Schema::Unified, Some(&own));
        assert!(from_flat.refused.is_empty(), "{:?}", from_flat.refused);
        assert!(from_flat.unread.is_empty(), "{:?}", from_flat.unread);
        let tables = tables_of(from_flat.records);
        assert_eq!(records_of(&tables), records_of(&tables_of(from_unified.records)));
        assert_eq!(write(tables.iter(), Schema::Flat, Some(&own)), flat);
        assert_eq!(write(tables.iter(), Schema::Unified, Some(&own)), unified);
    }
}

/// The tables of a member after a sync are those of the member it came from, whatever is in them.
#[test]
fn a_synced_table_is_the_source_table_with_every_field() {
    let own = guild(EONAR);
    let source = lua(&format!(
        r#"{{ roster = {{ ["A-R"] = {{ pt_guildName = "{EONAR}", lastUpdated = "20241130192941",
              deleted = false, pt_name = "A-R", pt_level = "80", ["5"] = 1, [5] = 2,
              addon_of_mine = {{ {{}}, [9] = {{ 1.5 }} }} }} }},
            news = {{}}, guildInfo = {{}}, calendar = {{}}, setup = {{}} }}"#
    ));
    let mut remote = tables_of([]);
    for record in read(&source, Schema::Flat, Some(&own)).records {
        let wire = guildsync_tables::schema::unified::to_value(&record);
        remote.merge(guildsync_tables::schema::unified::from_value(&wire).unwrap(), CLOCK);
    }
    assert_eq!(write(remote.iter(), Schema::Flat, Some(&own)), source);
}

#[test]
fn the_version_is_last_updated_or_the_date_as_the_schema_has_it() {
    for table in TableKind::ALL {
        let dated = matches!(table, TableKind::News | TableKind::GuildInfo | TableKind::Calendar);
        let expected = if dated { VersionField::Date } else { VersionField::LastUpdated };
        assert_eq!(Schema::Flat.version_field(table), expected);
        assert_eq!(Schema::Unified.version_field(table), VersionField::LastUpdated);
        let record =
            record(table, EONAR, "a", 1_733_026_087, r#"{ date = "2024-12-01 04:08:07" }"#);
        let entry = flat::to_value(&record);
        assert_eq!(entry.as_table().unwrap().get("lastUpdated").is_some(), !dated, "{table}");
        assert_eq!(flat::from_value(table, Some("a"), &entry), Ok(record));
    }
}

#[test]
fn a_version_that_is_not_its_date_is_said() {
    let item = |fields: &str| {
        lua(&format!(r#"{{ guildName = "{EONAR}", id = "1", title = "A", {fields} }}"#))
    };
    let table = [
        (r#"date = "2024-12-01 04:08:07""#, "20241201040807"),
        (r#"date = "2024-12-01""#, "20241201000000"),
        (r#"date = 1733026087"#, "20241201040807"),
        (r#"date = "2024-12-01 04:08:07", lastUpdated = "20250101000000""#, "20250101000000"),
        (r#"date = "NA", lastUpdated = "20250101000000""#, "20250101000000"),
        (r#"lastUpdated = "20250101000000""#, "20250101000000"),
    ];
    for (fields, updated) in table {
        let item = item(fields);
        let record = flat::from_value(TableKind::News, None, &item).unwrap();
        assert_eq!(record.updated().to_value(), Value::from(updated), "{fields}");
        assert_eq!(flat::to_value(&record), item);
    }
}

#[test]
fn what_an_entry_says_beyond_its_kind_comes_back() {
    let item = |fields: &str| {
        let item = lua(&format!(r#"{{ guildName = "{EONAR}", id = "1", {fields} }}"#));
        (TableKind::Calendar, item)
    };
    let row = |fields: &str| {
        let row = lua(&format!(r#"{{ pt_guildName = "{EONAR}", lastUpdated = 5, {fields} }}"#));
        (TableKind::Roster, row)
    };
    for (table, entry) in [
        item(r#"date = "2024-12-01", deleted = false"#),
        item(r#"date = "2024-12-01", lastUpdated = "20241201000000""#),
        item(r#"date = "2024-12-01", lastUpdated = "20241201000000", deleted = false"#),
        row(r#"pt_name = "A""#),
        row(r#"deleted = false, name = "stray", pt_name = "A", level = 1, gb_level = 2"#),
        row(r#"deleted = false, data_deleted = 1, id = 2, guildName = "other""#),
    ] {
        let record = flat::from_value(table, Some("A"), &entry).unwrap();
        assert_eq!(flat::to_value(&record), entry);
    }
    for (table, entry) in [
        item(r#"date = "2024-12-01", flat_deleted = "present""#),
        item(r#"date = "2024-12-01", data_flat_deleted = "present""#),
        item(r#"lastUpdated = 5, flat_lastUpdated = 1"#),
        row(r#"data_flat_deleted = 1"#),
    ] {
        let error = flat::from_value(table, Some("A"), &entry).unwrap_err().to_string();
        assert!(error.contains("a name that this program keeps for itself"), "{error}");
    }
}

#[test]
fn linked_guilds_belong_to_the_guild_that_the_caller_names() {
    let document = shared_data(SEED_002);
    let reading = read(&document, Schema::Flat, Some(&guild(ALLERIA)));
    let setup = reading.records.iter().find(|record| record.table() == TableKind::Setup).unwrap();
    assert_eq!(setup.guild().as_str(), ALLERIA);
    assert_eq!(setup.id().as_str(), "norestforthewickedalleria");
    let nobodys = read(&document, Schema::Flat, None);
    assert_eq!(nobodys.records.len(), 4);
    let error = nobodys.refused[0].to_string();
    assert!(
        error.starts_with("entry linkedGuildGroups of setup: the linked guilds do not"),
        "{error}"
    );
    // Those of others stand beside one's own.
    let both = write(reading.records.iter(), Schema::Flat, Some(&guild(EONAR)));
    assert_eq!(tables_of(read(&both, Schema::Flat, Some(&guild(EONAR))).records).len(), 5);
}

#[test]
fn what_is_no_flat_entry_is_refused_by_field_and_the_rest_is_read() {
    let document = lua(&format!(
        r#"{{ roster = {{ ["A-R"] = {{ lastUpdated = 5 }}, {{ pt_guildName = "{EONAR}" }},
              ["B-R"] = {{ pt_guildName = "{EONAR}" }},
              ["C-R"] = {{ pt_guildName = "{EONAR}", lastUpdated = "20241130192941" }} }},
            news = {{ {{ id = "1", guildName = "{EONAR}", date = "NA" }}, {{}}, 7,
              {{ id = "2", guildName = "{EONAR}" }},
              {{ id = "3", guildName = "{EONAR}", date = "2024-12-01", deleted = 1 }} }},
            setup = {{ password = "x" }}, other = 5, calendar = "gone" }}"#
    ));
    let reading = read(&document, Schema::Flat, None);
    assert_eq!(reading.records.len(), 1);
    assert_eq!(reading.unread, ["setup[\"password\"]", "[\"other\"]", "[\"calendar\"]"]);
    let mut refused: Vec<String> = reading.refused.iter().map(ToString::to_string).collect();
    refused.sort();
    let expected = [
        "entry 1 of news: the field \"date\": \"NA\" is not a time",
        "entry 2 of news: the field \"date\" is missing",
        "entry 3 of news: the field \"deleted\" is a number, it has to be true or false",
        "entry A-R of roster: the field \"pt_guildName\" is missing",
        "entry B-R of roster: the field \"lastUpdated\" is missing",
        "entry [1] of roster: the field \"the member's name as key\" is missing",
        "entry [2] of news: the field \"id\" is missing",
        "entry [3] of news: it is a number, an entry is a table",
    ];
    assert_eq!(refused.len(), expected.len(), "{refused:#?}");
    for (error, start) in refused.iter().zip(expected) {
        assert!(error.starts_with(start), "{error}");
    }
}

#[test]
fn a_deletion_is_its_frame_alone() {
    let item = flat::to_value(&deletion(TableKind::News, EONAR, "1", 1_733_026_087));
    let expected = format!(
        r#"{{ guildName = "{EONAR}", id = "1", deleted = true, date = "2024-12-01 04:08:07" }}"#
    );
    assert_eq!(item, lua(&expected));
    let row = flat::to_value(&deletion(TableKind::Roster, EONAR, "A-R", 1_733_026_087));
    let expected = format!(
        r#"{{ pt_guildName = "{EONAR}", deleted = true, lastUpdated = "20241201040807" }}"#
    );
    assert_eq!(row, lua(&expected));
}

proptest! {
    #[test]
    fn every_flat_document_comes_back_from_its_records(document in any_flat_document()) {
        let own = guild(EONAR);
        let reading = read(&document, Schema::Flat, Some(&own));
        prop_assert!(reading.refused.is_empty(), "{:?}", reading.refused);
        prop_assert!(reading.unread.is_empty(), "{:?}", reading.unread);
        let tables = tables_of(reading.records.clone());
        prop_assert_eq!(tables.len(), reading.records.len());
        prop_assert_eq!(write(tables.iter(), Schema::Flat, Some(&own)), document);
    }

    #[test]
    fn every_set_of_records_comes_back_from_its_flat_document(records in vec(any_record(), 0..9)) {
        let tables = tables_of(records);
        for own in [None, Some(guild(EONAR))] {
            let document = write(tables.iter(), Schema::Flat, own.as_ref());
            let reading = read(&document, Schema::Flat, own.as_ref());
            prop_assert!(reading.refused.is_empty(), "{:?}", reading.refused);
            prop_assert!(reading.unread.is_empty(), "{:?}", reading.unread);
            prop_assert_eq!(records_of(&tables_of(reading.records)), records_of(&tables));
        }
    }
}
