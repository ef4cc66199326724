//! `guildsync table sync`: two stores end with the same tables, those that their exports said before.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::tables::{entry, event, file, news, row};
use crate::world::{World, optional};

pub(crate) const OAK: &str = "Oak-Eonar";
const ELM: &str = "Elm-Alleria";

/// What identifies a record: its table, its id, and outside the roster its guild.
pub(crate) type Id = (String, String, String);

/// The entries of a canonical export.
pub(crate) fn entries(export: &str) -> BTreeMap<Id, Value> {
    let tables: Value = serde_json::from_str(export).unwrap();
    let of = |table: &Value| match table {
        Value::Array(list) => list.clone(),
        Value::Object(map) => map.values().cloned().collect(),
        other => panic!("{other}"),
    };
    let all = tables.as_object().unwrap().values().flat_map(of);
    let id = |entry: &Value| {
        let text = |field: &str| entry[field].as_str().unwrap().to_owned();
        let table = text("tableType");
        let guild = if table == "roster" { String::new() } else { text("guildName") };
        (table, text("id"), guild)
    };
    all.map(|entry| (id(&entry), entry)).collect()
}

/// Which version an entry is: whatever was written counts more than default content, then the later,
/// then the deleted one.
fn version(entry: &Value) -> (bool, u64, bool) {
    let updated: u64 = entry["lastUpdated"].as_str().unwrap().parse().unwrap();
    (updated != 19_990_101_000_000, updated, entry["deleted"] == json!(true))
}

/// What two exports say together.
pub(crate) fn union(exports: [&str; 2]) -> BTreeMap<Id, Value> {
    let mut union = BTreeMap::new();
    for (id, entry) in exports.into_iter().flat_map(entries) {
        match union.get(&id) {
            Some(there) if version(there) >= version(&entry) => {
                assert!(version(there) != version(&entry) || *there == entry, "a conflict: {id:?}");
            }
            _ => drop(union.insert(id, entry)),
        }
    }
    union
}

pub(crate) fn export(world: &World, store: &str) -> String {
    world.ok(&format!("--store {store} table export"))
}

/// A world with the stores `a` of Oakhand and `b` of Brindle, both with `base`, then each with its own.
pub(crate) fn apart(base: &[Value], own: [&[Value]; 2]) -> World {
    let world = World::new();
    world.write("base.json", file(base));
    for ((store, who), own) in [("a", "Oakhand"), ("b", "Brindle")].into_iter().zip(own) {
        world.ok(&format!("--store {store} init --as {who}"));
        world.write("own.json", file(own));
        for (name, entries) in [("base.json", base), ("own.json", own)] {
            if entries.is_empty() {
                continue;
            }
            let done = world.json(&format!("--store {store} table import {name}"));
            assert!(
                done["report"]["tables"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|t| t["refused"] == json!([]))
            );
        }
    }
    world
}

/// Additions, edits and deletions on both sides, some of them old.
pub(crate) fn both_wrote() -> World {
    let mut base = vec![
        entry("roster", "Oakhand", OAK, "20240101000000", row("Oakhand", 70)),
        entry("roster", "Brindle", OAK, "20240101000000", row("Brindle", 70)),
        entry("setup", "links", OAK, "20240101000000", json!({ "guilds": [{ "name": ELM }] })),
        entry("guildInfo", "199901010000001234", OAK, "19990101000000", news("Default")),
    ];
    for n in 0..40 {
        let day = format!("202405{:02}120000", n % 28 + 1);
        base.push(entry("news", &format!("n{n}"), OAK, &day, news(&format!("News {n}"))));
        base.push(entry("calendar", &format!("c{n}"), ELM, &day, event(&format!("Event {n}"))));
        base.push(entry("roster", &format!("Member{n}-Eonar"), OAK, &day, row("M", 60 + n)));
    }
    let own_a = [
        entry("news", "n1", OAK, "20240601000000", news("Edited by A")),
        entry("news", "n2", OAK, "20240601000000", Value::Null),
        entry("news", "n3", OAK, "20240601000000", news("Edited by A, then by B")),
        entry("news", "n4", OAK, "20240601000000", news("Deleted by B at the same second")),
        entry("calendar", "new-a", OAK, "20240602000000", event("Of A")),
        entry("roster", "Late-Eonar", OAK, "20240603000000", row("Late", 1)),
        entry(
            "guildInfo",
            "199901010000001234",
            OAK,
            "19980101000000",
            news("Written before 1999"),
        ),
    ];
    let own_b = [
        entry("news", "n3", OAK, "20240602000000", news("Edited by B last")),
        entry("news", "n4", OAK, "20240601000000", Value::Null),
        entry("news", "new-b", ELM, "20230101000000", news("Old, and new to A")),
        entry("calendar", "c1", ELM, "20240603000000", Value::Null),
        entry("calendar", "c2", ELM, "20240603000000", event("Moved")),
        entry("roster", "Member1-Eonar", ELM, "20240604000000", row("Changed guild", 80)),
    ];
    let world = apart(&base, [&own_a, &own_b]);
    world.ok("--store a table set roster Oakhand level=80");
    world.ok("--store a table delete news n5");
    world.ok("--store b table set calendar live title=Now content=x eventDate=NA");
    world.ok("--store b table delete roster Member2-Eonar");
    world
}

#[test]
fn two_stores_end_with_the_union_of_what_they_had_in_both_directions_and_only_once() {
    for [first, second] in [["a", "b"], ["b", "a"]] {
        for mode in ["", "--all", "--days 14", "--loss 0.2 --seed 7"] {
            let world = both_wrote();
            let before = [export(&world, "a"), export(&world, "b")];
            let wanted = union([&before[0], &before[1]]);
            assert_eq!(wanted.len(), 4 + 120 + 4, "additions of both sides");
            let done = world.json(&format!("table sync {first} {second} {mode}"));
            let after = export(&world, "a");
            assert_eq!(after, export(&world, "b"), "byte for byte, {mode}");
            assert_eq!(entries(&after), wanted, "{mode}");
            assert_eq!(
                (&done["converged"], &done["conflicts"]),
                (&json!(true), &json!(1)),
                "{done}"
            );
            let moved = |field: &str| done[field].as_u64().unwrap();
            assert!(moved("pulled") >= 6 && moved("pushed") >= 6, "{done}");
            assert!(moved("frames") <= 16 || !mode.is_empty(), "{done}");
            let again = world.json(&format!("table sync {first} {second}"));
            let nothing = [("frames", 2), ("pulled", 0), ("pushed", 0), ("conflicts", 0)];
            for (field, n) in nothing {
                assert_eq!(again[field], json!(n), "{again}");
            }
            assert_eq!(again["state_hash"], done["state_hash"]);
            assert_eq!(world.json("--store b table list")["state_hash"], done["state_hash"]);
        }
    }
}

#[test]
fn json_is_one_object_of_these_eight_fields() {
    let world = both_wrote();
    let told = world.json("table sync a b");
    let fields: Vec<&String> = told.as_object().unwrap().keys().collect();
    let mut wanted = [
        "converged",
        "frames",
        "bytes",
        "virtual_seconds",
        "pulled",
        "pushed",
        "conflicts",
        "state_hash",
    ];
    wanted.sort_unstable();
    assert_eq!(fields, wanted);
    assert_eq!(told["state_hash"].as_str().unwrap().len(), 64);
}

#[test]
fn of_two_versions_of_one_second_the_same_one_counts_whoever_begins() {
    let base = [entry("roster", "Oakhand", OAK, "20240101000000", row("Oakhand", 70))];
    let versions =
        ["One", "Other"].map(|title| entry("news", "1", OAK, "20240601000000", news(title)));
    let mut ends = Vec::new();
    for line in ["table sync a b", "table sync b a"] {
        let world = apart(&base, [&versions[..1], &versions[1..]]);
        let done = world.json(line);
        assert_eq!((&done["converged"], &done["conflicts"]), (&json!(true), &json!(1)));
        assert_eq!(export(&world, "a"), export(&world, "b"));
        ends.push(export(&world, "a"));
    }
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn two_guilds_share_their_tables_only_when_both_say_so() {
    let link = |own: &str, other: &str| {
        entry("setup", "links", own, "20240101000000", json!({ "guilds": [{ "name": other }] }))
    };
    let of = |who: &str, guild: &str| entry("roster", who, guild, "20240101000000", row(who, 70));
    let third = entry("news", "3", "Ash-Eonar", "20240601000000", news("Of a third guild"));
    let a = [of("Oakhand", OAK), link(OAK, ELM), third];
    let b = [of("Brindle", ELM)];
    let world = apart(&[], [&a, &b]);
    let ran = world.run("table sync a b");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("Sync Failed: the two guilds are not linked"), "{ran:?}");
    assert!(ran.err.contains("each has to name the other one in its setup"), "{ran:?}");
    world.ok("--store b table set setup links guilds:=[{\"name\":\"Oak-Eonar\"}]");
    world.ok("table sync a b");
    // What belongs to neither stays where it is.
    assert!(
        export(&world, "a").contains("Ash-Eonar") && !export(&world, "b").contains("Ash-Eonar")
    );
    assert_eq!(world.json("--store b table list roster")["shown"], json!(2));
}

#[test]
fn a_newcomer_says_its_guild_and_gets_everything() {
    let world = both_wrote();
    world.ok("--store c init --as Moss");
    let said = ["which guild c is in cannot be told: it holds no records yet", "`--guild NAME`"];
    world.refused("table sync c a", 1, &said);
    let ran = world.args(&["table", "sync", "c", "a", "--guild", OAK, "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(export(&world, "c"), export(&world, "a"));
    world.refused("table sync c a --guild a --guild b --guild c", 2, &["once for each"]);
}

#[test]
fn seven_hundred_records_are_brought_over_and_ten_differences_cost_few_frames() {
    let Some(text) = optional("guild-tables.json") else { return };
    let guild = "No Rest For The Wicked-Eonar";
    let world = World::new();
    world.write("t.json", &text);
    world.ok("--store a init --as Oakhand");
    world.ok("--store b init --as Brindle");
    world.ok("--store a table import t.json");
    let all = world.args(&["table", "sync", "b", "a", "--guild", guild, "--json"]);
    assert_eq!(all.code, 0, "{all:?}");
    assert_eq!(export(&world, "a"), export(&world, "b"));
    let ids = |table: &str| -> Vec<String> {
        let shown = world.json(&format!("--store a table list {table}"));
        let rows = shown["rows"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let (roster, news, calendar) = (ids("roster"), ids("news"), ids("calendar"));
    let edits = [
        ("a", format!("set roster {} level=79", roster[3])),
        ("b", format!("set roster {} rank=Veteran", roster[40])),
        ("a", format!("delete roster {}", roster[77])),
        ("b", format!("set roster Moss-Eonar class=Mage --guild {}", guild.replace(' ', "_"))),
        ("a", format!("set news {} title=Edited", news[5])),
        ("b", format!("delete news {}", news[6])),
        ("b", format!("set news 20250101 title=New content=x --guild {}", guild.replace(' ', "_"))),
        ("b", format!("set calendar {} title=Edited", calendar[5])),
        ("a", format!("delete calendar {}", calendar[6])),
        (
            "a",
            format!(
                "set calendar 20250101 title=New content=x eventDate=NA --guild {}",
                guild.replace(' ', "_")
            ),
        ),
    ];
    for (store, edit) in &edits {
        world.ok(&format!("--store {store} table {edit}"));
    }
    let wanted = union([&export(&world, "a"), &export(&world, "b")]);
    let done = world.args(&["table", "sync", "a", "b", "--guild", guild, "--json"]);
    let done: Value = serde_json::from_str(&done.out).unwrap();
    // Which of two versions is older shows only when both are here: four come for nothing.
    assert_eq!((&done["pulled"], &done["pushed"]), (&json!(5 + 4), &json!(5)), "{done}");
    assert!(done["frames"].as_u64().unwrap() <= 14, "{done}");
    assert_eq!(entries(&export(&world, "a")), wanted);
    assert_eq!(export(&world, "a"), export(&world, "b"));
}
