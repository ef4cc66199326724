//! Stores that lost something, or are not what they were: named, and nothing made worse.

use serde_json::json;

use crate::world::World;

/// Two equal stores with entries of two writers; returns the writer of `b`.
fn pair() -> (World, String) {
    let world = World::new();
    world.ok("--store a init --as Oakhand");
    world.ok("--store b init --as Anna");
    for n in 1..=4 {
        world.ok(&format!("--store a award Brindle {n}"));
        world.ok(&format!("--store b award Thorn {n}"));
    }
    world.ok("merge a b");
    let anna = world.writer("b");
    (world, anna)
}

#[test]
fn a_store_without_the_newest_entry_of_one_writer_is_out_of_sync_and_diff_names_it() {
    let (world, anna) = pair();
    world.ok("diff a b");
    world.ok("--store b award Moss 5 late");
    let ran = world.run("diff a b");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains(&format!("{}:5", &anna[..8])), "{ran:?}");
    assert!(ran.err.contains("out of sync: a lacks 1 entry, b lacks 0 entries"), "{ran:?}");
    assert!(ran.err.contains("`guildsync merge a b`"), "{ran:?}");
    let verbose = world.run("diff a b --verbose");
    assert!(verbose.out.contains("Anna gave Moss +5 (late)"), "{verbose:?}");

    let ran = world.run("diff a b --json");
    let diff: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &diff["equal"]), (3, &json!(false)));
    let lack = &diff["a"]["lacks"][0];
    assert_eq!((&lack["writer"], &lack["profile"]), (&json!(anna), &json!("Default")));
    assert_eq!((&lack["first"], &lack["last"], &lack["count"]), (&json!(5), &json!(5), &json!(1)));
    assert_eq!(lack["first_id"], json!(format!("{anna}:5")));
    assert_eq!(diff["b"]["lacks"], json!([]));
}

#[test]
fn a_store_that_lost_its_newest_entry_is_out_of_sync_and_damaged() {
    let (world, anna) = pair();
    world.lose_entry("a", &anna, 4);
    let before = world.bytes("a");
    let ran = world.run("diff a b");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains(&format!("{}:4", &anna[..8])), "{ran:?}");
    assert!(ran.err.contains("warning: a is damaged: entry 4 of writer"), "{ran:?}");
    assert_eq!(before, world.bytes("a"));
}

#[test]
fn a_store_with_an_entry_missing_in_mid_chain_fails_verify_which_names_it() {
    let (world, anna) = pair();
    let sound = world.json("verify a");
    assert_eq!((&sound["ok"], &sound["entries"]), (&json!(true), &json!(8)));
    world.lose_entry("a", &anna, 2);
    let before = world.snapshot();
    let ran = world.run("verify a");
    assert_eq!(ran.code, 1, "{ran:?}");
    let named = format!("entry 2 of writer {anna} in profile \"Default\" is missing");
    assert!(ran.out.contains(&named), "{ran:?}");
    assert!(ran.err.contains("a: 1 thing is wrong") && ran.err.contains("restore"), "{ran:?}");
    let ran = world.run("verify a b --json");
    let both: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &both[0]["ok"], &both[1]["ok"]), (1, &json!(false), &json!(true)));
    assert_eq!(both[0]["damage"], json!([named]));
    assert_ne!(both[0]["state_hash"], both[1]["state_hash"]);

    // Nothing writes to it; what is left of it can be read, compared and saved.
    world.refused("--store a award Brindle 1", 1, &["is damaged and was left as it is", "verify"]);
    world.refused("merge a b", 1, &["is damaged and was left as it is"]);
    let ran = world.run("--store a standings");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("warning: a is damaged"), "{ran:?}");
    assert_eq!(world.run("diff b a").code, 3);
    assert!(before == world.snapshot());

    let ran = world.run("--store c restore a");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("warning: not in the backup: entry 2 of writer"), "{ran:?}");
    world.ok("merge c b");
    assert_eq!(world.state("c"), world.state("b"));
    assert_eq!(world.standings("c", "Default"), world.standings("b", "Default"));
}

#[test]
fn a_store_without_its_key_goes_on_as_a_new_writer_and_says_so() {
    let (world, anna) = pair();
    std::fs::remove_file(world.path("b.key")).unwrap();
    world.ok("--store b award Moss 5 --dry-run");
    assert_eq!(world.files(), ["a", "a.key", "b"], "a dry run makes no key");
    let ran = world.run("--store b award Moss 5");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("writes as a new writer"), "{ran:?}");
    assert!(ran.err.contains(&format!("it was {} before", &anna[..8])), "{ran:?}");
    assert_ne!(world.writer("b"), anna);
    assert_eq!(world.json("verify b")["ok"], json!(true));
}

#[test]
fn a_key_of_another_store_is_refused() {
    let (world, _) = pair();
    std::fs::copy(world.path("b.key"), world.path("a.key")).unwrap();
    world.refused("--store a award Brindle 1", 1, &["the key a.key is of writer", "put the right"]);
    let ran = world.run("verify a");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("the key file a.key"), "{ran:?}");
}

#[test]
fn a_store_that_is_open_elsewhere_is_left_alone() {
    let (world, _) = pair();
    let held = redb::Database::open(world.path("a")).unwrap();
    for line in ["--store a award Brindle 1", "--store a log", "merge b a", "verify a"] {
        let ran = world.run(line);
        assert_eq!(ran.code, 1, "{line}: {ran:?}");
        assert!(ran.err.contains("a is open already"), "{line}: {ran:?}");
        assert!(ran.err.contains("close that one and try again"), "{line}: {ran:?}");
    }
    drop(held);
    world.ok("--store a award Brindle 1");
}

#[test]
fn the_stores_that_the_demo_keeps_are_sound_and_equal_from_disk() {
    let world = World::new();
    let demo = world.json("demo --members 5 --keep kept");
    assert_eq!(demo["converged"], json!(true));
    let folder = std::fs::read_dir(world.path("kept")).unwrap();
    let names = folder.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut stores: Vec<String> =
        names.filter(|name| name.ends_with(".gsync")).map(|name| format!("kept/{name}")).collect();
    stores.sort();
    assert_eq!(stores.len(), 5);
    for store in &stores {
        assert_eq!(json!(world.state(store)), demo["state_hash"], "{store}");
        let checked = world.json(&format!("verify {store}"));
        assert_eq!((&checked["ok"], &checked["entries"]), (&json!(true), &demo["entries"]));
        assert_eq!(checked["state_hash"], demo["state_hash"]);
    }
    let log = world.json(&format!("--store {} log", stores[0]));
    let newest = log["lines"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
    let (writer, seq) = newest.split_once(':').unwrap();
    world.lose_entry(&stores[1], writer, seq.parse().unwrap());
    let ran = world.run(&format!("diff {} {}", stores[0], stores[1]));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains(&format!("{}:{seq}", &writer[..8])), "{ran:?}");
    world.lose_entry(&stores[2], writer, 1);
    let ran = world.run(&format!("verify {}", stores[2]));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains(&format!("entry 1 of writer {writer}")), "{ran:?}");
}
