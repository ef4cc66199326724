//! Guild tables, read and written in both schemas.

use guildsync_files::input::InputError;
use guildsync_files::tables::{Form, TablesError, TablesFile, write};
use guildsync_tables::schema::Schema;
use guildsync_tables::schema::arrays::Keys;
use guildsync_tables::{GuildName, Record, TableKind, Tables, Updated};
use guildsync_wire::lua::{LuaError, Value};

use crate::world::optional;

const SEED_002: &str = include_str!("../../../guildsync-tables/tests/fixtures/seed-002-flat.lua");
const SEED_002_UNIFIED: &str =
    include_str!("../../../guildsync-tables/tests/fixtures/seed-002-unified.lua");
const SEED_004: &str =
    include_str!("../../../guildsync-tables/tests/fixtures/seed-004-unified.lua");
const SEED_004_FLAT: &str =
    include_str!("../../../guildsync-tables/tests/fixtures/seed-004-flat.lua");
const CLOCK: u64 = 1_800_000_000;

fn own() -> GuildName {
    GuildName::new("No Rest For The Wicked-Eonar").unwrap()
}

fn file(text: &str) -> TablesFile {
    TablesFile::read(text.as_bytes(), Some(&own()), Keys::Exact).unwrap()
}

fn tables(text: &str) -> Tables {
    let file = file(text);
    assert_eq!(file.report().refused().count(), 0, "{}", file.report());
    let mut tables = Tables::new();
    file.merge(&mut tables, CLOCK);
    tables
}

fn written(tables: &Tables, schema: Schema, form: Form) -> String {
    let mut bytes = Vec::new();
    write(tables, schema, form, Some(&own()), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn records(tables: &Tables) -> Vec<Record> {
    tables.iter().cloned().collect()
}

#[test]
fn the_examples_of_seeds_002_and_004_go_in_and_out_in_both_schemas_and_forms() {
    for (flat, unified, n) in [(SEED_002, SEED_002_UNIFIED, 5), (SEED_004_FLAT, SEED_004, 3)] {
        assert_eq!(file(flat).schema(), Some(Schema::Flat));
        assert_eq!(file(unified).schema(), Some(Schema::Unified));
        let held = tables(flat);
        assert_eq!(held.len(), n);
        assert_eq!(records(&held), records(&tables(unified)));
        for schema in [Schema::Flat, Schema::Unified] {
            for form in [Form::Json, Form::Lua] {
                let text = written(&held, schema, form);
                let back = file(&text);
                assert_eq!((back.schema(), back.form()), (Some(schema), form));
                let back = tables(&text);
                assert_eq!(back.state_hash(), held.state_hash(), "{schema} {form:?}");
                assert_eq!(written(&back, schema, form), text);
            }
        }
    }
}

#[test]
fn equal_tables_give_equal_bytes_whatever_order_they_came_in() {
    let file = file(SEED_002);
    let mut held = Tables::new();
    for record in file.records().iter().rev().cloned() {
        held.merge(record, CLOCK);
    }
    for form in [Form::Json, Form::Lua] {
        let text = written(&held, Schema::Unified, form);
        assert_eq!(text, written(&tables(SEED_002_UNIFIED), Schema::Unified, form));
    }
}

/// The comment at the end of seeds 002 and 004: tables beside `sharedData`, the last brace left out.
#[test]
fn the_seeds_comment_is_read_as_it_is_pasted() {
    let pairs = r#"["sharedData"] = {
["roster"] = {
["Sakarra-Skywall"] = {
["pt_name"] = "Sakarra-Skywall", ["pt_class"] = "Shaman", ["pt_level"] = 80, ["pt_rank"] = "Member",
["pt_itemLevel"] = 0, ["gb_battletag"] = "NA", ["pt_roles"] = {
}, ["pt_guildJoinDate"] = "2024-11-30", ["pt_professions"] = {
}, ["gb_mainCharacter"] = "NA", ["pt_interests"] = {
}, ["gb_birthdate"] = "NA", ["pt_faction"] = "Unknown", ["deleted"] = false,
["lastUpdated"] = "20241130192941", ["pt_guildName"] = "No Rest For The Wicked-Eonar",
},
},
},


["news"] = {
{
["title"] = "Welcome to the Guild!  4", ["category"] = "General", ["id"] = "202411301924102656",
["date"] = "2024-12-01 05:09:22", ["content"] = "Welcome",
["guildName"] = "No Rest For The Wicked-Eonar",
},
},

["setup"] = {
["linkedGuildGroups"] = {
["lastUpdated"] = "20241130194258",
["guilds"] = {
{
["name"] = "No Rest For The Wicked-Alleria",
},
},
},
"#;
    let comment = tables(&format!("<!--\n{pairs}-->\n"));
    assert_eq!(comment.len(), 3);
    assert_eq!(records(&tables(&format!("\n{pairs}}},\n"))), records(&comment));
    // Without the comment's end the text may have been cut off.
    let cut = TablesFile::read(pairs.as_bytes(), None, Keys::Exact).unwrap_err();
    assert!(matches!(cut, TablesError::Lua(LuaError::Truncated { .. })), "{cut}");
    let entries = r#"["1"] = { id = "1", tableType = "news", guildName = "G", deleted = true,
        lastUpdated = "20241215085906" }, -- More entries..."#;
    assert_eq!(tables(entries).len(), 1, "entries of seed 004 alone");
}

#[test]
fn tables_are_found_in_every_wrapping() {
    let item = r#"{"id":"1","tableType":"news","guildName":"G","lastUpdated":5,"deleted":true}"#;
    let lua =
        r#"{ id = "1", tableType = "news", guildName = "G", lastUpdated = 5, deleted = true }"#;
    let table = [
        format!(r#"{{"news":[{item}]}}"#),
        format!(r#"{{"news":{{"1":{item}}}}}"#),
        format!(r#"{{"sharedData":{{"news":[{item}]}}}}"#),
        format!(r#"{{"GuildHelper_SavedVariables":{{"sharedData":{{"news":[{item}]}}}}}}"#),
        format!("[{item}]"),
        format!("\u{feff}\r\nsharedData = {{ news = {{ {lua} }} }}\r\n"),
        format!("news = {{ {lua} }}\nroster = {{}}\n"),
        format!(
            "-- saved\nGuildHelper_SavedVariables = {{ sharedData = {{ news = {{ {lua} }} }} }}\n"
        ),
    ];
    for text in table {
        assert_eq!(tables(&text).len(), 1, "{text}");
    }
}

#[test]
fn reading_changes_nothing_and_says_what_merging_would_do() {
    let file = file(SEED_002);
    let mut held = tables(SEED_004);
    let before = held.state_hash();
    let preview = file.preview(&held, CLOCK);
    assert_eq!((preview.added, preview.updated, preview.older), (3, 0, 2));
    assert_eq!(held.state_hash(), before, "nothing is merged by reading or asking");
    assert_eq!(file.merge(&mut held, CLOCK), preview);
    assert_eq!(file.preview(&held, CLOCK).same, 3);
    let early = file.preview(&Tables::new(), 1_700_000_000);
    assert_eq!((early.added, early.held), (0, 5), "what is ahead of the clock is held");
}

#[test]
fn what_is_refused_is_named_and_the_rest_is_read() {
    let text = SEED_004_FLAT
        .replace("pt_level = 80", "pt_level = \"NA\"")
        .replace("guildInfo = {}", "guildInfo = { { id = \"7\" } }")
        .replace("calendar = {}", "calendar = {}, version = 3");
    let file = file(&text);
    assert_eq!(file.records().len(), 2);
    let report = file.report();
    assert_eq!((report.of(TableKind::News).read, report.of(TableKind::Roster).read), (1, 0));
    let refused: Vec<&str> = report.refused().map(|refused| &*refused.why).collect();
    assert_eq!(
        refused,
        [
            "entry 7 of guildInfo: the field \"guildName\" is missing",
            "record Sakarra-Skywall of roster: the field \"level\" is \"NA\", it has to be a number \
             from 0 up",
        ]
    );
    assert_eq!(report.unread, ["[\"version\"]"]);
    let shown = report.to_string();
    assert!(shown.contains("news            1 read, 0 of them deleted; 0 refused"), "{shown}");
    assert!(shown.ends_with("not read: [\"version\"]\n"), "{shown}");
}

#[test]
fn what_holds_no_tables_is_refused_whole() {
    let told = |text: &str| TablesFile::read(text.as_bytes(), None, Keys::Exact).unwrap_err();
    assert_eq!(told(" \n"), TablesError::Input(InputError::Empty));
    let other = told("DBM_Options = {}\n").to_string();
    assert!(other.starts_with("there are no guild tables in it (it holds DBM_Options)"), "{other}");
    assert!(matches!(told("{\"a\":1}"), TablesError::NoTables { .. }));
    assert!(matches!(told("{\"news\":"), TablesError::Json(_)));
    assert!(matches!(told("local x = 1\n"), TablesError::Lua(_)));
    for len in (1..SEED_002.len() - 2).step_by(97) {
        let cut = TablesFile::read(&SEED_002.as_bytes()[..len], None, Keys::Exact);
        assert!(cut.is_err(), "{len}");
    }
    let deep = format!("sharedData = {}", "{".repeat(1000));
    assert!(matches!(told(&deep), TablesError::Lua(LuaError::TooDeep { .. })));
}

#[test]
fn a_file_takes_in_changes_and_keeps_everything_else() {
    let text =
        SEED_002.replacen("\t[\"sharedData\"]", "\t[\"theme\"] = \"dark\",\n\t[\"sharedData\"]", 1)
            + "Other = 5\n";
    let file = file(&text);
    let mut held = tables(&text);
    assert_eq!(
        file.write_back(&held, Some(&own())).unwrap(),
        text,
        "nothing changed, no byte does"
    );
    let key = held.of(TableKind::News).next().unwrap().key().clone();
    held.delete(&key, CLOCK).unwrap();
    let back = file.write_back(&held, Some(&own())).unwrap();
    let changed: Vec<&str> = back.lines().filter(|line| !text.contains(line)).collect();
    assert_eq!(
        changed,
        ["\t\t\t\t[\"date\"] = \"2027-01-15 08:00:00\",", "\t\t\t\t[\"deleted\"] = true,"]
    );
    assert_eq!(records(&tables(&back)), records(&held));
}

#[test]
fn number_keys_become_lists_where_that_is_wanted() {
    let text = SEED_004.replace("roles = {}", "roles = { [2] = \"DPS\", [\"4\"] = \"Tank\" }");
    let read = |keys| TablesFile::read(text.as_bytes(), None, keys).unwrap();
    let roles = |file: TablesFile| {
        let is_member = |record: &&Record| record.table() == TableKind::Roster;
        let member = file.records().iter().find(is_member).unwrap().clone();
        let roles = member.data().get("roles").and_then(Value::as_table).unwrap();
        (roles.positional().len(), roles.count())
    };
    assert_eq!(roles(read(Keys::Exact)), (0, 2));
    assert_eq!(roles(read(Keys::Arrays)), (2, 2));
}

#[test]
fn empty_tables_survive_json() {
    let json = written(&tables(SEED_002), Schema::Unified, Form::Json);
    assert!(json.contains(r#""roles":{}"#), "{json}");
    let foreign = json.replace("{}", "[]");
    assert_eq!(records(&tables(&foreign)), records(&tables(SEED_002)));
}

/// The addon's welcome items have the stamp of 1999: whoever has written anything keeps it.
#[test]
fn default_content_never_wins() {
    let default = SEED_004.replace("20241215085906", "19990101000000");
    let mut held = tables(SEED_004);
    let before = held.state_hash();
    let news = file(&default).records().iter().find(|r| r.table() == TableKind::News).cloned();
    assert_eq!(news.unwrap().updated().seconds(), Updated::DEFAULT_SECONDS);
    assert_eq!(file(&default).merge(&mut held, CLOCK).older, 1);
    assert_eq!(held.state_hash(), before);
    let mut fresh = tables(&default);
    assert_eq!(file(SEED_004).merge(&mut fresh, CLOCK).updated, 1, "the other way round it loses");
    assert_eq!(fresh.state_hash(), before);
}

#[test]
fn the_700_records_come_back_the_same() {
    let Some(text) = optional("guild-tables.json") else { return };
    let held = tables(&text);
    assert_eq!(held.len(), 700);
    for schema in [Schema::Unified, Schema::Flat] {
        for form in [Form::Json, Form::Lua] {
            let back = tables(&written(&held, schema, form));
            assert_eq!(back.state_hash(), held.state_hash(), "{schema} {form:?}");
        }
    }
}
