//! The two forms of the addon's metadata.

use guildsync_tables::schema::metadata::{MetadataShape, metadata};
use guildsync_tables::{RecordId, TableKind, Tables, key};
use guildsync_wire::lua::{Table, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{ALLERIA, CLOCK, EONAR, any_record, deletion, guild, lua, record, tables_of};

fn example() -> Tables {
    tables_of([
        record(TableKind::Roster, EONAR, "Sakarra-Skywall", 1_734_253_027, "{ level = 80 }"),
        record(TableKind::News, ALLERIA, "199901010000001234", 1_734_253_027, "{}"),
        deletion(TableKind::News, EONAR, "199901010000001234", 1_734_253_027),
    ])
}

#[test]
fn one_table_for_all_has_the_frame_of_every_record() {
    let expected = lua(&format!(
        r#"{{ setup = {{}}, guildInfo = {{}}, calendar = {{}},
            roster = {{ ["Sakarra-Skywall"] = {{ id = "Sakarra-Skywall", tableType = "roster",
              guildName = "{EONAR}", lastUpdated = "20241215085707", deleted = false }} }},
            news = {{ ["199901010000001234"] = {{ id = "199901010000001234", tableType = "news",
              guildName = "{ALLERIA}", lastUpdated = "20241215085707", deleted = false }},
              ["199901010000001234@{EONAR}"] = {{ id = "199901010000001234", tableType = "news",
              guildName = "{EONAR}", lastUpdated = "20241215085707", deleted = true }} }} }}"#
    ));
    assert_eq!(metadata(&example(), MetadataShape::Unified), expected);
}

#[test]
fn two_tables_keep_roster_and_information_apart() {
    let expected = lua(&format!(
        r#"{{ ["metadata-roster"] = {{ ["Sakarra-Skywall"] = {{ key = "Sakarra-Skywall",
              lastUpdated = "20241215085707", pt_guildName = "{EONAR}", deleted = false }} }},
            ["metadata-information"] = {{ guildInfo = {{}}, calendar = {{}}, news = {{
              ["199901010000001234"] = {{ id = "199901010000001234", guildname = "{ALLERIA}",
                date = "2024-12-15 08:57:07", deleted = false }},
              ["199901010000001234@{EONAR}"] = {{ id = "199901010000001234", guildname = "{EONAR}",
                date = "2024-12-15 08:57:07", deleted = true }} }} }} }}"#
    ));
    assert_eq!(metadata(&example(), MetadataShape::Split), expected);
}

fn frames(tables: &Tables) -> usize {
    let value = metadata(tables, MetadataShape::Unified);
    let tables = value.as_table().unwrap().named();
    tables.map(|(_, table)| table.as_table().unwrap().count()).sum()
}

/// C36: what was edited or received during a session was not in the metadata before the next start,
/// and guilds whose name one writer had cut short were filtered out.
#[test]
fn c36_metadata_is_current_after_every_write_and_guild_names_are_exact() {
    let mut tables = Tables::new();
    let stamp = |tables: &Tables, id: &str| -> Option<(Value, Value)> {
        let metadata = metadata(tables, MetadataShape::Unified);
        let entry = metadata.as_table()?.get("news")?.as_table()?.get(id)?.as_table()?.clone();
        Some((entry.get("lastUpdated")?.clone(), entry.get("deleted")?.clone()))
    };
    let id = RecordId::new("1").unwrap();
    tables.set(TableKind::News, guild(EONAR), id.clone(), Table::new(), 1_734_253_027).unwrap();
    assert_eq!(stamp(&tables, "1"), Some(("20241215085707".into(), false.into())), "written");
    tables.merge(record(TableKind::News, EONAR, "1", 1_734_253_028, "{}"), CLOCK);
    assert_eq!(stamp(&tables, "1"), Some(("20241215085708".into(), false.into())), "received");
    tables.delete(&key(TableKind::News, &guild(EONAR), &id), 1_734_253_029).unwrap();
    assert_eq!(stamp(&tables, "1"), Some(("20241215085709".into(), true.into())), "deleted");
    tables.merge(record(TableKind::News, "No Rest For The Wicked", "1", 5, "{}"), CLOCK);
    assert_eq!(frames(&tables), 2, "a name without its realm is another guild");
}

proptest! {
    #[test]
    fn each_form_has_what_the_tables_have_after_every_merge(records in vec(any_record(), 0..9)) {
        let mut tables = Tables::new();
        for record in records {
            tables.merge(record, CLOCK);
            prop_assert_eq!(frames(&tables), tables.len());
            let split = metadata(&tables, MetadataShape::Split);
            let split = split.as_table().unwrap();
            let roster = split.get("metadata-roster").and_then(Value::as_table).unwrap();
            prop_assert_eq!(roster.count(), tables.of(TableKind::Roster).count());
        }
    }
}
