//! Documents that stay as they are.

use guildsync_tables::TableKind;
use guildsync_tables::schema::metadata::{MetadataShape, metadata};
use guildsync_tables::schema::{Schema, as_is, detect, read, write};
use guildsync_wire::lua::{Value, to_compact};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{
    ALLERIA, CLOCK, EONAR, any_flat_document, any_record, deletion, guild, lua, record, records_of,
    shared_data, tables_of,
};

const SEED_002: &str = include_str!("../../fixtures/seed-002-flat.lua");
const SEED_004: &str = include_str!("../../fixtures/seed-004-unified.lua");

fn at<'a>(document: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(document, |value, name| value.as_table().unwrap().get(name).unwrap())
}

#[test]
fn a_document_in_which_nothing_changed_is_the_same_to_the_byte() {
    let own = guild(EONAR);
    for (fixture, schema) in [(SEED_002, Schema::Flat), (SEED_004, Schema::Unified)] {
        let document = shared_data(fixture);
        assert_eq!(detect(&document), Some(schema));
        let tables = tables_of(read(&document, Schema::AsIs, Some(&own)).records);
        let back = as_is::write_back(&document, &tables, Some(&own));
        assert_eq!(to_compact(&back), to_compact(&document));
        // What sync keeps is a value of its own.
        assert!(metadata(&tables, MetadataShape::Unified).as_table().is_some());
    }
}

#[test]
fn what_changed_is_written_in_the_schema_that_it_has() {
    let own = guild(EONAR);
    let document = lua(&format!(
        r#"{{ version = 7, roster = {{
              ["A-R"] = {{ pt_guildName = "{EONAR}", lastUpdated = "20241130192941", pt_rank = "Alt" }},
              ["B-R"] = {{ id = "B-R", tableType = "roster", guildName = "{EONAR}",
                lastUpdated = "20241130192941", deleted = false, data = {{ rank = "Alt" }} }},
              ["bad"] = {{ pt_rank = "Alt" }} }},
            news = {{ {{ id = "1", guildName = "{EONAR}", date = "2024-11-30", text = {{}} }},
              {{ id = "2", guildName = "{EONAR}", date = "2024-11-30" }}, "bad" }},
            setup = {{ password = "x", linkedGuildGroups = {{}} }} }}"#
    ));
    assert_eq!(detect(&document), Some(Schema::AsIs));
    let mut tables = tables_of(read(&document, Schema::AsIs, Some(&own)).records);
    assert_eq!(tables.len(), 4);
    let later = 1_733_026_087;
    for change in [
        record(TableKind::Roster, EONAR, "A-R", later, r#"{ rank = "Main" }"#),
        record(TableKind::Roster, EONAR, "B-R", later, r#"{ rank = "Main" }"#),
        record(TableKind::Roster, EONAR, "bad", later, r#"{ rank = "Main" }"#),
        deletion(TableKind::News, EONAR, "1", later),
        record(TableKind::News, ALLERIA, "1", later, r#"{ title = "new" }"#),
        record(TableKind::Setup, EONAR, "norestforthewickedeonar", later, "{ guilds = {} }"),
        record(TableKind::Calendar, EONAR, "9", later, r#"{ date = "2024-12-01 04:08:07" }"#),
    ] {
        assert!(tables.merge(change, CLOCK).merged.is_change());
    }
    let back = as_is::write_back(&document, &tables, Some(&own));
    let expected = lua(&format!(
        r#"{{ version = 7, roster = {{
              ["A-R"] = {{ pt_guildName = "{EONAR}", lastUpdated = "20241201040807", deleted = false,
                pt_rank = "Main" }},
              ["B-R"] = {{ id = "B-R", tableType = "roster", guildName = "{EONAR}",
                lastUpdated = "20241201040807", deleted = false, data = {{ rank = "Main" }} }},
              ["bad"] = {{ pt_rank = "Alt" }},
              ["bad@{EONAR}"] = {{ id = "bad", tableType = "roster", guildName = "{EONAR}",
                lastUpdated = "20241201040807", deleted = false, data = {{ rank = "Main" }} }} }},
            news = {{ {{ id = "1", guildName = "{EONAR}", date = "2024-12-01 04:08:07", text = {{}},
                deleted = true }},
              {{ id = "2", guildName = "{EONAR}", date = "2024-11-30" }}, "bad",
              {{ id = "1", guildName = "{ALLERIA}", lastUpdated = "20241201040807", title = "new" }} }},
            setup = {{ password = "x",
              linkedGuildGroups = {{ lastUpdated = "20241201040807", guilds = {{}} }} }},
            calendar = {{ ["9"] = {{ id = "9", tableType = "calendar", guildName = "{EONAR}",
                lastUpdated = "20241201040807", deleted = false,
                data = {{ date = "2024-12-01 04:08:07" }} }} }} }}"#
    ));
    assert_eq!(back, expected);
    assert_eq!(
        records_of(&tables_of(read(&back, Schema::AsIs, Some(&own)).records)),
        records_of(&tables)
    );
}

#[test]
fn entries_that_the_tables_do_not_know_stay_and_what_stands_in_a_tables_place_too() {
    let document = lua(&format!(
        r#"{{ news = "none", roster = {{ ["A-R"] = {{ pt_guildName = "{EONAR}", lastUpdated = 5 }} }} }}"#
    ));
    let tables = tables_of([record(TableKind::News, EONAR, "1", 5, "{}")]);
    let back = as_is::write_back(&document, &tables, None);
    assert_eq!(at(&back, &["news"]), &Value::from("none"));
    assert_eq!(at(&back, &["roster"]), at(&document, &["roster"]));
    let reading = read(&back, Schema::AsIs, None);
    assert_eq!((reading.records.len(), reading.refused.len()), (2, 0));
}

#[test]
fn the_winner_of_one_second_is_written_and_a_deletion_says_one_time_only() {
    let document = lua(&format!(
        r#"{{ news = {{ {{ id = "1", guildName = "{EONAR}", date = "2024-12-01 04:08:07", n = 1 }},
              {{ id = "2", guildName = "{EONAR}", date = "2024-11-30", lastUpdated = 5 }} }} }}"#
    ));
    let held = tables_of(read(&document, Schema::AsIs, None).records);
    let rivals = (2..9).map(|n| {
        let data = format!(r#"{{ date = "2024-12-01 04:08:07", n = {n} }}"#);
        record(TableKind::News, EONAR, "1", 1_733_026_087, &data)
    });
    let gone = deletion(TableKind::News, EONAR, "2", 1_733_026_087);
    let tables = tables_of(records_of(&held).into_iter().chain(rivals).chain([gone]));
    assert_eq!(tables.iter().next().unwrap().updated(), held.iter().next().unwrap().updated());
    assert_ne!(tables.iter().next(), held.iter().next(), "another one has the greater hash");
    let back = as_is::write_back(&document, &tables, None);
    let again = tables_of(read(&back, Schema::AsIs, None).records);
    assert_eq!(records_of(&again), records_of(&tables));
}

proptest! {
    #[test]
    fn a_document_takes_in_any_change_and_keeps_the_rest(
        flat in any_flat_document(),
        held in vec(any_record(), 0..5),
        news in vec(any_record(), 0..5),
        is_flat in any::<bool>(),
        own in any::<bool>(),
    ) {
        let own = own.then(|| guild(EONAR));
        let held = tables_of(held);
        let document = match is_flat {
            true => flat,
            false => write(held.iter(), Schema::Unified, None),
        };
        let reading = read(&document, Schema::AsIs, own.as_ref());
        let mut tables = tables_of(reading.records);
        prop_assert_eq!(
            to_compact(&as_is::write_back(&document, &tables, own.as_ref())),
            to_compact(&document)
        );
        for record in news {
            tables.merge(record, CLOCK);
        }
        let back = as_is::write_back(&document, &tables, own.as_ref());
        let again = read(&back, Schema::AsIs, own.as_ref());
        prop_assert_eq!(again.refused.len(), reading.refused.len(), "{:?}", again.refused);
        prop_assert_eq!(records_of(&tables_of(again.records)), records_of(&tables));
        prop_assert_eq!(
            to_compact(&as_is::write_back(&back, &tables, own.as_ref())),
            to_compact(&back)
        );
    }
}
