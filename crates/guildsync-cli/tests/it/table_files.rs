//! `guildsync table import` and `export`: files of both schemas, in and out.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::tables::{EONAR, entry, file, news};
use crate::world::{World, optional};

const SEEDS: [&str; 4] =
    ["seed-002-flat.lua", "seed-002-unified.lua", "seed-004-flat.lua", "seed-004-unified.lua"];

fn seed(world: &World, name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guildsync-tables/tests/fixtures");
    world.write(name, fs::read(folder.join(name)).unwrap());
    name.to_owned()
}

#[test]
fn the_seeds_examples_are_the_same_in_both_schemas_and_forms() {
    let world = World::new();
    for name in SEEDS {
        let store = format!("{name}.store");
        world.ok(&format!("--store {store} init --as Oakhand"));
        let done = world.json(&format!("--store {store} table import {}", seed(&world, name)));
        let schema = if name.contains("flat") { "flat" } else { "unified" };
        assert_eq!((&done["schema"], &done["guild"]), (&json!(schema), &json!(EONAR)));
        assert_eq!(done["records"], json!(if name.contains("002") { 5 } else { 3 }), "{done}");
        let again = world.json(&format!("--store {store} table import {name} --schema {schema}"));
        assert_eq!(again["merged"]["same"], done["records"]);
        // Out and in again, in every way.
        let canonical = world.ok(&format!("--store {store} table export"));
        for (n, out) in
            ["u.json", "u.lua", "f.json --schema flat", "f.lua --schema flat"].iter().enumerate()
        {
            world.ok(&format!("--store {store} table export {n}-{name}.{out} --force"));
            let file = format!("{n}-{name}.{}", out.split(' ').next().unwrap());
            let copy = format!("{file}.store");
            world.ok(&format!("--store {copy} init"));
            world.ok(&format!("--store {copy} table import {file}"));
            assert_eq!(world.ok(&format!("--store {copy} table export")), canonical, "{file}");
        }
    }
    for year in ["002", "004"] {
        let export = |schema: &str| {
            world.ok(&format!("--store seed-{year}-{schema}.lua.store table export"))
        };
        assert_eq!(export("flat"), export("unified"), "seed {year}");
    }
}

#[test]
fn an_export_into_a_file_changes_what_changed_and_nothing_else() {
    let world = World::with_store();
    let name = seed(&world, "seed-004-flat.lua");
    world.ok(&format!("table import {name}"));
    world.ok(&format!("table export out.lua --into {name}"));
    world.ok("table export again.lua --into out.lua");
    assert_eq!(world.bytes("again.lua"), world.bytes("out.lua"), "nothing changed");
    world.ok("table set news 199901010000001234 title=Other");
    world.ok("table export --into out.lua");
    let text = String::from_utf8(world.bytes("out.lua")).unwrap();
    let before = String::from_utf8(world.bytes("again.lua")).unwrap();
    let new: Vec<&str> = text.lines().filter(|line| !before.contains(line)).collect();
    assert!(text.contains("[\"title\"] = \"Other\"") && new.len() <= 3, "{new:?}");
    // What is newer in the file is not lost unasked.
    world.refused("table export --into again.lua --schema flat", 2, &["give both, or neither"]);
    world.ok("--store b init");
    world.ok("--store b table import again.lua");
    world.refused(
        "--store b table export --into out.lua",
        1,
        &["has 1 entry newer than the store's", "table import out.lua", "--force"],
    );
    world.refused("table export again.lua", 1, &["is not replaced", "--force"]);
}

#[test]
fn an_import_is_staged_and_refuses_by_name_what_is_no_record() {
    let world = World::with_store();
    let big = entry("news", "1", EONAR, "20241201050922", news(&"x".repeat(1_000_000)));
    let mut deep = json!({});
    (0..40).for_each(|_| deep = json!({ "a": deep }));
    let mut nested = news("Deep");
    nested["x"] = deep;
    let good = entry("news", "7", EONAR, "20241201050922", news("Good"));
    let future = entry("news", "8", EONAR, "20991201050922", news("Later"));
    let mut entries = vec![
        big,
        entry("news", "2", EONAR, "20241201050922", nested),
        entry("news", "3", EONAR, "soon", news("Raid")),
        entry("news", "4", "", "20241201050922", news("Raid")),
        entry("calendar", "5", EONAR, "20241201050922", news("No event date")),
        entry("roster", "6", EONAR, "20241201050922", json!({ "name": "Moss" })),
        good,
        future,
    ];
    let mut unknown = entry("news", "9", EONAR, "20241201050922", news("Raid"));
    unknown["tableType"] = json!("loot");
    let mut tables: Value = serde_json::from_str(&file(&entries)).unwrap();
    tables["news"].as_array_mut().unwrap().push(unknown);
    tables["loot"] = json!({ "1": 2 });
    world.write("mixed.json", tables.to_string());
    let before = world.snapshot();
    let dry = world.json("table import mixed.json --dry-run");
    assert!(before == world.snapshot(), "a dry run changes nothing");
    let done = world.json("table import mixed.json");
    assert_eq!((&dry["merged"], &dry["report"]), (&done["merged"], &done["report"]));
    assert_eq!((&done["merged"]["added"], &done["merged"]["held"]), (&json!(1), &json!(1)));
    let told = world.ok("table import mixed.json");
    for part in [
        "record 1 of news weighs 1000086 bytes, a record has at most 65536",
        "record 2 of news has more than 32 tables inside each other",
        "\"lastUpdated\"",
        "\"guildName\"",
        "\"loot\" is no table",
        "record 5 of calendar: the field \"eventDate\" is missing",
        "record 6 of roster: the field \"class\" is missing",
        "not read, as it is in none of the tables",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert!(world.ok("table list").contains("1 of a time to come wait for it"));
    // An older version changes nothing.
    entries.truncate(0);
    entries.push(entry("news", "7", EONAR, "20241101050922", news("Old")));
    world.write("old.json", file(&entries));
    assert_eq!(world.json("table import old.json")["merged"]["older"], json!(1));
    assert_eq!(world.json("table show news 7")["data"]["title"], json!("Good"));
}

#[test]
fn a_file_that_is_no_file_of_tables_is_refused_as_a_whole() {
    let world = World::with_store();
    world.write("cut.lua", "sharedData = { news = { { id = \"1\",");
    world.write(
        "deep.lua",
        format!("sharedData = {{ news = {} }}", "{".repeat(1000) + &"}".repeat(1000)),
    );
    world.write("none.lua", "CEPGP = { 5 }");
    world.write("bytes", [0xff, 0xfe, 0, 1]);
    world.write("empty", "");
    for (name, said) in [
        ("cut.lua", "the file was cut off"),
        ("deep.lua", "nested too deep"),
        ("none.lua", "there are no guild tables in it (it holds CEPGP)"),
        ("bytes", "bytes was not read"),
        ("empty", "the file is empty"),
        ("absent", "cannot be opened"),
        (".", "it is a folder"),
    ] {
        world.refused(&format!("table import {name}"), 1, &[said]);
    }
    let flat = seed(&world, "seed-002-flat.lua");
    let said = ["its entries are flat, not unified as --schema says"];
    world.refused(&format!("table import {flat} --schema unified"), 1, &said);
}

#[test]
fn seven_hundred_records_come_in_and_go_out_as_they_were() {
    let Some(text) = optional("guild-tables.json") else { return };
    let world = World::with_store();
    world.write("t.json", &text);
    let done = world.json("table import t.json");
    assert_eq!((&done["merged"]["added"], &done["records"]), (&json!(700), &json!(700)));
    assert!(done["report"]["tables"].as_array().unwrap().iter().all(|t| t["refused"] == json!([])));
    let told: Value = serde_json::from_str(&world.ok("table export")).unwrap();
    let before: Value = serde_json::from_str(&text).unwrap();
    for table in ["roster", "news", "calendar"] {
        for old in before[table].as_array().unwrap() {
            let new = &told[table][old["id"].as_str().unwrap()];
            for field in ["id", "tableType", "guildName", "lastUpdated", "deleted"] {
                assert_eq!(new[field], old[field], "{old}");
            }
            for (name, value) in old["data"].as_object().unwrap() {
                let is_empty = *value == json!([]) && new["data"][name] == json!({});
                let is_there = new["data"][name] == *value || is_empty;
                assert!(old["deleted"] == json!(true) || is_there, "{name} of {old}");
            }
        }
    }
    for (n, way) in ["u.lua", "f.lua --schema flat"].iter().enumerate() {
        world.ok(&format!("table export {n}{way}"));
        world.ok(&format!("--store s{n} init"));
        world.ok(&format!("--store s{n} table import {n}{}", way.split(' ').next().unwrap()));
        assert_eq!(
            world.ok(&format!("--store s{n} table export")),
            world.ok("table export"),
            "{way}"
        );
    }
}
