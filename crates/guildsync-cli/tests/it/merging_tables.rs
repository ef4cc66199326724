//! Two stores whose tables went apart: diff says in which records, merge brings both to the same.

use std::collections::BTreeMap;

use guildsync::store::StoreError;
use guildsync::tables::{GuildName, RecordId, TableKind, Tables};
use guildsync::types::MemberName;
use guildsync::wire::lua::Table;
use guildsync::{Config, Local};
use serde_json::{Value, json};

use crate::table_sync::{OAK, apart, both_wrote, entries, export, union};
use crate::tables::{entry, news, row};
use crate::world::World;

const TABLES: [&str; 5] = ["setup", "news", "guildInfo", "calendar", "roster"];

/// In how many records of each table two exports differ: only in the first, only in the other, in both.
fn differing([a, b]: [&str; 2]) -> BTreeMap<String, [u64; 3]> {
    let (a, b) = (entries(a), entries(b));
    let mut all: BTreeMap<_, _> = TABLES.map(|table| (table.to_owned(), [0; 3])).into();
    for id in a.keys().chain(b.keys().filter(|id| !a.contains_key(id))) {
        let which = match (a.get(id), b.get(id)) {
            (Some(_), None) => 0,
            (None, _) => 1,
            (Some(one), Some(other)) if one == other => continue,
            _ => 2,
        };
        all.get_mut(&id.0).unwrap()[which] += 1;
    }
    all
}

/// The same as `diff --json` says it.
fn told(diff: &Value) -> BTreeMap<String, [u64; 3]> {
    let of = |table: &Value| {
        let numbers = ["only_a", "only_b", "other_version"].map(|n| table[n].as_u64().unwrap());
        (table["table"].as_str().unwrap().to_owned(), numbers)
    };
    diff["tables"].as_array().unwrap().iter().map(of).collect()
}

/// Works on a store's tables as a program does whose clock stands elsewhere.
fn work(world: &World, store: &str, work: impl FnOnce(&mut Tables)) {
    let me = MemberName::new("Oakhand").unwrap();
    let mut local = Local::open(&world.path(store), me, Config::default()).unwrap();
    let done = local.change_tables(|tables| {
        work(tables);
        Ok::<_, StoreError>(())
    });
    done.unwrap();
}

/// Sets a piece of news as of this second.
fn set_at(tables: &mut Tables, id: &str, clock: u64) {
    let (guild, id) = (GuildName::new(OAK).unwrap(), RecordId::new(id).unwrap());
    tables.set(TableKind::News, guild, id, Table::new(), clock).unwrap();
}

fn held(world: &World, store: &str) -> u64 {
    world.json(&format!("--store {store} table list"))["held"].as_u64().unwrap()
}

#[test]
fn diff_counts_the_records_that_differ_and_merge_brings_both_to_the_union() {
    let world = both_wrote();
    let before = [export(&world, "a"), export(&world, "b")];
    let wanted = differing([&before[0], &before[1]]);
    let ran = world.run("diff a b --json");
    assert_eq!(ran.code, 3, "{ran:?}");
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((told(&diff), &diff["equal"]), (wanted.clone(), &json!(false)));
    let n: u64 = wanted.values().flatten().sum();
    assert_eq!(diff["differing_records"], json!(n));
    assert!(wanted["news"] == [0, 1, 5] && wanted["roster"] == [1, 0, 3], "{wanted:?}");

    for store in ["a", "b"] {
        world.copy(store, &format!("{store}2"));
    }
    let done = world.json("merge a b");
    assert_eq!((&done["equal"], &done["conflicts"]), (&json!(true), &json!(1)), "{done}");
    let after = export(&world, "a");
    assert_eq!(after, export(&world, "b"), "byte for byte");
    assert_eq!(entries(&after), union([&before[0], &before[1]]));
    let gained = |side: &str| done[side]["gained_records"].as_u64().unwrap();
    assert_eq!(gained("a") + gained("b"), n, "each difference ends on one side");
    // The other way round nothing else comes of it.
    world.ok("merge b2 a2");
    for store in ["a2", "b2"] {
        assert_eq!(export(&world, store), after);
    }
    let told = world.ok("diff a b");
    let hash = done["a"]["tables_state_hash"].as_str().unwrap();
    assert!(told.contains(&format!("both have the same 128 records, state hash {hash}")), "{told}");
    assert_eq!(world.json("--store a table list")["state_hash"], json!(hash));
    let before = world.snapshot();
    let again = world.json("merge a b");
    assert!(before == world.snapshot(), "a second merge has nothing to write");
    assert_eq!((&again["a"]["gained_records"], &again["conflicts"]), (&json!(0), &json!(0)));
}

#[test]
fn people_are_told_table_by_table_what_differs_and_what_came() {
    let base = [entry("roster", "Oakhand", OAK, "20240101000000", row("Oakhand", 70))];
    let own_a = [
        entry("news", "1", OAK, "20240601000000", news("By A")),
        entry("news", "2", OAK, "20240602000000", news("By A, later")),
    ];
    let own_b = [
        entry("news", "2", OAK, "20240601000000", news("By B")),
        entry("roster", "Oakhand", OAK, "20240601000000", Value::Null),
    ];
    let world = apart(&base, [&own_a, &own_b]);
    let squeezed = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let ran = world.run("diff a b");
    assert_eq!(ran.code, 3, "{ran:?}");
    let lines = squeezed(&ran.out);
    assert_eq!(lines[0], "Table Only in a Only in b Other version");
    assert_eq!(lines[2..], ["news 1 0 1", "roster 0 0 1"]);
    let said = "a lacks 0 entries, b lacks 0 entries, and 3 records differ; `guildsync merge a b`";
    assert!(ran.err.contains(said), "{ran:?}");
    let verbose = world.run("diff a b --verbose").out;
    for line in [
        "b lacks news 1 of Oak-Eonar",
        "of news 2 of Oak-Eonar the version in a counts",
        "of roster Oakhand of Oak-Eonar the version in b counts",
    ] {
        assert!(verbose.lines().any(|told| told == line), "{line:?} is not in {verbose}");
    }
    let json = world.run("diff a b --verbose --json").out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tables"][1]["records"][0], json!("b lacks news 1 of Oak-Eonar"));

    world.ok("--store b award Brindle 5");
    let before = world.snapshot();
    let dry = world.ok("merge a b --dry-run");
    assert!(before == world.snapshot(), "a dry run changes nothing");
    let told = world.ok("merge a b");
    assert!(dry.ends_with(&told), "{dry}\n{told}");
    assert!(told.contains("a gained 1 entry and 1 record, b gained 0 entries and 2 records"));
    let lines = squeezed(&told);
    for line in ["Store Table Added Updated Deleted", "a roster 0 0 1", "b news 1 1 0"] {
        assert!(lines.iter().any(|told| told == line), "{line:?} is not in {told}");
    }
    assert!(told.contains("both have the same 3 records, state hash "), "{told}");
    assert_eq!(world.run("diff a b").code, 0);
}

#[test]
fn of_two_versions_of_one_second_merge_keeps_the_same_one_whoever_is_named_first() {
    let versions =
        ["One", "Other"].map(|title| entry("news", "1", OAK, "20240601000000", news(title)));
    let ends = ["merge a b", "merge b a"].map(|line| {
        let world = apart(&[], [&versions[..1], &versions[1..]]);
        let told = world.ok(line);
        assert!(told.contains("1 conflict: two versions of one second"), "{told}");
        assert_eq!(export(&world, "a"), export(&world, "b"));
        export(&world, "a")
    });
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn a_one_way_merge_takes_the_records_of_a_backup_and_leaves_it_as_it_is() {
    let world = both_wrote();
    let wanted = union([&export(&world, "a"), &export(&world, "b")]);
    world.ok("--store b backup b.bak");
    let before = [world.bytes("b"), world.bytes("b.bak")];
    let done = world.json("merge a b.bak --one-way");
    assert_eq!((&done["equal"], &done["conflicts"]), (&json!(false), &json!(1)), "{done}");
    assert_eq!(entries(&export(&world, "a")), wanted);
    assert!(before == [world.bytes("b"), world.bytes("b.bak")]);
    let ran = world.run("diff a b --json");
    assert_eq!(ran.code, 3, "what a has beyond b is still not in b");
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(told(&diff).values().all(|of| of[1] == 0), "{diff}");
}

#[test]
fn what_is_of_a_time_to_come_is_handed_on_and_counts_once_it_is_there() {
    let ahead = [entry("news", "1", OAK, "20991201050922", news("Later"))];
    let world = apart(&[], [&[], &ahead]);
    // Held here since a clock stood at 1970; its time has come long ago.
    let mut due = Tables::new();
    set_at(&mut due, "2", 1_717_200_000);
    let due = due.iter().next().unwrap().clone();
    work(&world, "b", |tables| assert!(!tables.merge(due, 0).merged.is_change()));
    assert_eq!([held(&world, "a"), held(&world, "b")], [0, 2]);
    let told = world.ok("merge a b");
    assert!(told.contains("b: 1 record whose time has come, taken in"), "{told}");
    assert!(told.contains("a: 1 record of a time to come, held until then"), "{told}");
    assert!(told.contains("a gained 0 entries and 1 record, b gained 0 entries"), "{told}");
    assert_eq!([held(&world, "a"), held(&world, "b")], [1, 1]);
    assert_eq!(export(&world, "a"), export(&world, "b"));

    // Written by a clock that runs ahead, it counts there and nowhere else.
    work(&world, "b", |tables| set_at(tables, "3", 4_102_444_800));
    let ran = world.run("merge a b");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("still differ in 1 record: what is of a time to come"), "{ran:?}");
    assert_eq!([held(&world, "a"), held(&world, "b")], [2, 1], "what counts is not held");
    assert_eq!(world.run("diff a b").code, 3);
    let before = world.snapshot();
    assert_eq!(world.run("merge a b").code, 3);
    assert!(before == world.snapshot(), "there is nothing to write");
}

#[test]
fn nothing_is_written_when_either_store_cannot_be() {
    let world = both_wrote();
    world.ok("--store b award Brindle 5");
    let before = [export(&world, "a"), export(&world, "b")];
    let key = world.bytes("b.key");
    world.write("b.key", "no key");
    for line in ["merge a b", "merge b a"] {
        let ran = world.run(line);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("b.key"), "{ran:?}");
        assert_eq!([export(&world, "a"), export(&world, "b")], before);
        assert_eq!(world.entries("a")[0].1, 0);
    }
    world.write("b.key", key);
    world.ok("merge a b");
    assert_eq!(export(&world, "a"), export(&world, "b"));
    assert_eq!(world.entries("a"), world.entries("b"));
}
