//! How a session of tables is told, interrupted, refused and written down.

use redb::Database;
use serde_json::{Value, json};

use crate::table_sync::{OAK, apart, both_wrote, entries, export, union};
use crate::tables::{entry, news, row};
use crate::world::World;

#[test]
fn people_see_table_by_table_what_came_and_went() {
    let world = both_wrote();
    let told = world.ok("table sync a b");
    for part in [
        "a (Oakhand, Oak-Eonar) and b (Brindle, Oak-Eonar)\nSync Complete; as Oakhand sees it:",
        "What is older than 7 days differed, so all was compared",
        "1 conflict: two versions of one second, of which the same one counts on both sides",
        "s of virtual time on the retail channel",
        "Both hold the same 128 records of 2 guilds, state hash ",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert_eq!(told.lines().filter(|line| line.contains("Completed")).count(), 5, "{told}");
    let again = world.ok("table sync b a");
    assert!(again.contains("1 frame from Brindle and 1 from Oakhand"), "{again}");
}

#[test]
fn a_record_that_the_sender_may_not_write_stays_where_it_is_and_exits_with_3() {
    let base = [
        entry("roster", "Oakhand", OAK, "20240101000000", row("Oakhand", 70)),
        entry("roster", "Brindle", OAK, "20240101000000", row("Brindle", 70)),
    ];
    let own = [entry("news", "1", OAK, "20240601000000", news("By a member"))];
    let world = apart(&base, [&own, &[]]);
    world.ok("--store a table set roster Oakhand level=71");
    let ran = world.run("table sync a b --officer Brindle");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.out.contains("Oakhand kept 1 record back that the other side would refuse"),
        "{ran:?}"
    );
    assert!(ran.out.contains("Still different: 1 of news"), "{ran:?}");
    assert!(ran.err.contains("still differ in 1 record"), "{ran:?}");
    assert_eq!(world.json("--store b table show roster Oakhand")["data"]["level"], json!(71));
    // Whoever begins: it is not taken from there either.
    let ran = world.run("table sync b a --officer Brindle");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains("Still different: 1 of news"), "{ran:?}");
    let told = world.run("table sync a b --officer Brindle --json");
    assert_eq!(serde_json::from_str::<Value>(&told.out).unwrap()["converged"], json!(false));
    world.ok("table sync a b --officer Oakhand");
    assert_eq!(export(&world, "a"), export(&world, "b"));
}

#[test]
fn stores_that_cannot_be_synced_are_left_as_they_are() {
    let world = both_wrote();
    world.refused("table sync a ./a", 2, &["one and the same store", "name two"]);
    world.refused("table sync a nowhere", 1, &["there is no store at nowhere"]);
    world.copy("a", "a2");
    let said = ["are both Oakhand's", "`guildsync table export` and `guildsync table import`"];
    world.refused("table sync a a2", 1, &said);
    world.ok("--store c init");
    world.refused("table sync a c", 1, &["does not say whose it is", "--store c init --as NAME"]);
    world.ok("--store b backup old");
    world.refused("table sync a old", 1, &["is a backup"]);
    world.refused("table sync a b --loss 0.95", 2, &["a share from 0 to 0.9"]);
    world.refused("table sync a b --profile retial", 2, &["retail, ctl, vanilla, wide, open"]);
    let held = Database::open(world.path("b")).unwrap();
    let ran = world.run("table sync a b");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("b is open already, in this program or another"), "{ran:?}");
    drop(held);
    world.ok("table sync a b");
}

/// A store `a` with so much news that a channel of little use does not carry it, and `b` with none.
fn much_to_say() -> World {
    let mut drawn = 1u64;
    let mut word = || {
        drawn =
            drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:08x}", drawn >> 32)
    };
    let mut base: Vec<Value> = (0..400)
        .map(|n| entry("news", &format!("n{n}"), OAK, "20240501120000", news(&word())))
        .collect();
    base.push(entry("roster", "Oakhand", OAK, "20240501120000", row("Oakhand", 80)));
    let other = [entry("roster", "Brindle", OAK, "20240501120000", row("Brindle", 80))];
    apart(&[], [&base, &other])
}

#[test]
fn an_interrupted_session_goes_on_and_a_reset_forgets_it() {
    let broken = |world: &World, seed: u64| {
        let ran = world.run(&format!("table sync a b --loss 0.7 --seed {seed}"));
        assert!(ran.code == 0 || ran.err.contains("no answer; it goes on"), "{ran:?}");
        !world.ok("--store a table reset --dry-run").contains("no session is unfinished")
    };
    let interrupted = || {
        let tried = (1..20).map(|seed| (much_to_say(), seed));
        let found = tried.into_iter().find(|(world, seed)| broken(world, *seed));
        found.map(|(world, _)| world).unwrap()
    };
    let world = interrupted();
    let wanted = union([&export(&world, "a"), &export(&world, "b")]);
    let told = world.ok("--store a table log --sender");
    assert!(
        told.contains("Sync Failed: no answer; it goes on when the other side is back"),
        "{told}"
    );
    world.ok("table sync a b");
    assert!(world.ok("--store a table log --sender").contains("goes on; "));
    assert_eq!(entries(&export(&world, "a")), wanted);
    assert_eq!(export(&world, "a"), export(&world, "b"));
    assert!(world.ok("--store a table reset").contains("no session is unfinished"));

    let world = interrupted();
    assert_eq!(world.json("--store a table reset")["forgotten"], json!(["Brindle"]));
    assert!(world.ok("--store a table reset").contains("no session is unfinished"));
    world.ok("table sync a b");
    assert!(!world.ok("--store a table log --sender").contains("goes on; "));
    assert_eq!(export(&world, "a"), export(&world, "b"));
}

#[test]
fn each_side_keeps_a_log_of_its_own_with_the_data_where_that_is_asked_for() {
    let world = both_wrote();
    world.ok("table sync a b");
    let lines = |store: &str, side: &str| {
        let told = world.json(&format!("--store {store} table log --{side}"));
        assert_eq!(told.as_object().unwrap().len(), 1);
        told[side].as_array().unwrap().clone()
    };
    let (sender, receiver) = (lines("a", "sender"), lines("b", "receiver"));
    assert_eq!((lines("a", "receiver").len(), lines("b", "sender").len()), (0, 0));
    assert_eq!((&sender[0]["step"], &sender[0]["with"]), (&json!(1), &json!("Brindle")));
    assert_eq!(sender[0]["session"], receiver[0]["session"]);
    assert_eq!(sender.last().unwrap()["text"], json!("Sync Complete"));
    assert!(!sender.iter().any(|line| line["text"].as_str().unwrap().contains("lastUpdated")));
    world.ok("--store b table set news traced title=Traced content=x");
    world.ok("table sync a b --trace");
    let has = |line: &str, what: &str| world.ok(line).contains(what);
    assert!(has("--store a table log --sender --trace", "\"Traced\""));
    assert!(!has("--store a table log --sender", "\"Traced\""), "cut short");
    assert!(has("--store b table log", "Receiver: sessions that were answered here"));
}
