//! Profiles: separate worlds, labels, roles.

use serde_json::json;

use crate::world::World;

/// Row 9.
#[test]
fn a_new_store_has_the_open_profile_default_and_it_is_active() {
    let world = World::with_store();
    let list = world.json("profile list");
    let only = &list["profiles"][0];
    assert_eq!((&only["profile"], &only["kind"]), (&json!("Default"), &json!("open")));
    assert_eq!((&only["active"], &only["entries"]), (&json!(true), &json!(0)));
    assert_eq!(list["member"], json!("Oakhand"));
}

/// Row 8.
#[test]
fn profiles_are_separate_worlds() {
    let world = World::with_store();
    world.ok("profile create Other");
    world.ok("award Brindle 5");
    world.ok("award Brindle 7 --profile Other");
    assert_eq!(world.standings("guild.gsync", "Default"), [("Brindle".into(), "5".into())]);
    assert_eq!(world.standings("guild.gsync", "Other"), [("Brindle".into(), "7".into())]);
    // The same number twice: each profile has chains of its own.
    let short = format!("{}:1", &world.writer("guild.gsync")[..8]);
    world.ok(&format!("undo {short} --profile Other"));
    assert_eq!(world.standings("guild.gsync", "Default"), [("Brindle".into(), "5".into())]);
    assert_eq!(world.standings("guild.gsync", "Other"), [("Brindle".into(), "0".into())]);
}

#[test]
fn an_entry_of_another_profile_is_not_undone_and_the_profile_is_named() {
    let world = World::with_store();
    world.ok("profile create Other");
    world.ok("award Brindle 7 --profile Other");
    let short = format!("{}:1", &world.writer("guild.gsync")[..8]);
    world.refused(&format!("undo {short}"), 1, &["is in profile \"Other\"", "--profile \"Other\""]);
}

/// Row 10.
#[test]
fn profile_names_have_1_to_64_characters() {
    let world = World::with_store();
    let longest = "ß".repeat(64);
    world.ok(&format!("profile create {longest}"));
    let (code, too_long) = (2, "x".repeat(65));
    let said = ["has 65 characters, at most 64 are allowed"];
    world.refused(&format!("profile create {too_long}"), code, &said);
    world.refused(&format!("profile rename Default {too_long}"), code, &said);
    for name in ["", "  "] {
        let before = world.snapshot();
        let ran = world.args(&["profile", "create", name]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            ran.err.contains("a profile name is empty: give at least one character"),
            "{ran:?}"
        );
        assert!(before == world.snapshot());
    }
}

/// Row 11.
#[test]
fn the_active_and_the_only_profile_cannot_be_deleted() {
    let world = World::with_store();
    world.refused("profile delete Default", 1, &["is the only one", "create another one first"]);
    world.ok("profile create Other");
    world.refused("profile delete Default", 1, &["is active", "switch to another one first"]);
    world.ok("profile delete Other");
    world.refused(
        "profile delete Other",
        1,
        &["there is no profile \"Other\"; there are: Default"],
    );
}

#[test]
fn a_deleted_profile_that_comes_back_never_uses_a_number_twice() {
    let world = World::with_store();
    world.ok("profile create Other");
    world.ok("award Brindle 1 --profile Other");
    world.ok("profile delete Other");
    world.ok("profile create Other");
    let writer = world.writer("guild.gsync");
    let done = world.json("award Brindle 2 --profile Other");
    assert_ne!(world.writer("guild.gsync"), writer, "it goes on as a new writer");
    assert!(!done["entries"][0]["id"].as_str().unwrap().starts_with(&writer), "{done}");
    assert_eq!(world.json("verify")["ok"], json!(true));
}

#[test]
fn create_refuses_a_label_that_is_taken_and_rename_keeps_the_id() {
    let world = World::with_store();
    let created = world.json("profile create Other");
    world.refused("profile create Other", 1, &["exists already"]);
    world.refused("profile create Other --owned", 1, &["exists already"]);
    world.refused("profile rename Other Default", 1, &["exists already"]);
    let renamed = world.json("profile rename Other New");
    assert_eq!(
        (&renamed["profile"], &renamed["profile_id"]),
        (&json!("New"), &created["profile_id"])
    );
    let id = created["profile_id"].as_str().unwrap();
    assert_eq!(world.json(&format!("profile switch {}", &id[..8]))["active"], json!("New"));
    world.refused("profile switch Other", 1, &["there is no profile \"Other\"; there are:"]);
}

/// Two stores that share the owned profile "Heroes" of `guild.gsync`; returns the other's writer.
fn with_officer(world: &World) -> String {
    world.ok("profile create Heroes --owned");
    world.ok("--store b init --as Anna");
    world.ok("merge guild.gsync b");
    let anna = world.writer("b");
    world.refused(
        "--store b award Brindle 5 --profile Heroes",
        1,
        &["may not write", "it was never granted a role", "guildsync profile grant"],
    );
    world.ok(&format!("profile grant Heroes {anna} Anna"));
    world.ok("merge guild.gsync b");
    world.ok("--store b award Brindle 5 --profile Heroes");
    anna
}

#[test]
fn in_an_owned_profile_only_granted_writers_may_write() {
    let world = World::with_store();
    let anna = with_officer(&world);
    world.ok("merge guild.gsync b");
    assert_eq!(world.standings("guild.gsync", "Heroes"), [("Brindle".into(), "5".into())]);
    let list = world.json("profile list");
    let heroes = list["profiles"].as_array().unwrap().iter().find(|p| p["profile"] == "Heroes");
    let roles = heroes.unwrap()["roles"].as_array().unwrap();
    assert!(roles.contains(&json!({"writer": anna, "member": "Anna", "role": "officer"})));
    assert_eq!(heroes.unwrap()["role"], json!("owner"));
    let short = &anna[..8];
    world.refused(&format!("--store b profile revoke Heroes {short}"), 1, &["only an owner"]);
    world.refused(&format!("profile grant Heroes {anna} Anna"), 1, &["is officer", "already"]);
    world.refused(&format!("profile grant Default {anna} Anna"), 1, &["in an open profile"]);
    let creator = world.writer("guild.gsync");
    world.refused(&format!("profile revoke Heroes {creator}"), 1, &["owns it for good"]);
    world.refused("profile revoke Heroes abcd", 1, &["no writer here begins with \"abcd\""]);
    world.ok(&format!("profile grant Heroes {short} Anna --owner"));
}

#[test]
fn a_revoked_officers_award_is_refused_and_what_was_written_meanwhile_does_not_count() {
    let world = World::with_store();
    let anna = with_officer(&world);
    world.ok("merge guild.gsync b");
    let told = world.ok(&format!("profile revoke Heroes {}", &anna[..6]));
    assert!(told.contains(&format!("entries count up to {}:1, none after", &anna[..8])), "{told}");
    // Anna does not know yet, and awards.
    world.ok("--store b award Brindle 50 --profile Heroes");
    world.ok("merge guild.gsync b");
    for store in ["guild.gsync", "b"] {
        assert_eq!(world.standings(store, "Heroes"), [("Brindle".into(), "5".into())]);
        let log = world.json(&format!("--store {store} log --profile Heroes"));
        let beyond = log["lines"].as_array().unwrap().iter().find(|line| line["delta"] == 50);
        assert_eq!(beyond.unwrap()["verdict"], json!("no-role"));
    }
    world.refused(
        "--store b award Brindle 5 --profile Heroes",
        1,
        &["may not write in profile \"Heroes\"", "its role was revoked", "ask an owner"],
    );
    world.refused(&format!("profile revoke Heroes {anna}"), 1, &["holds no role"]);
}

#[test]
fn policies_are_shown_set_and_taken_back() {
    let world = World::with_store();
    let first = |name: &str| {
        let shown = world.json(&format!("profile policy Default {name}"));
        assert_eq!(shown["policies"].as_array().unwrap().len(), 1, "{shown}");
        shown["policies"][0].clone()
    };
    let unset = first("sync-plan");
    assert_eq!((&unset["value"], &unset["in_force"]), (&json!(null), &json!("broadcast")));
    let said = world.ok("profile policy Default sync-plan queue");
    assert!(said.contains("sync-plan of \"Default\" is queue now"), "{said}");
    let set = first("sync-plan");
    assert_eq!((&set["value"], &set["in_force"]), (&json!("queue"), &json!("queue")));
    assert_eq!(
        (&set["officer"], &set["id"]),
        (&json!("Oakhand"), &json!(format!("{}:1", world.writer("guild.gsync"))))
    );
    let table = world.ok("profile policy Default");
    assert!(table.contains("manual-sync  officers (default)"), "{table}");
    assert!(table.contains("sync-plan    queue               Oakhand"), "{table}");
    assert!(world.ok("log").contains("policy sync-plan set to queue"));
    world.refused("profile policy Default sync-plan queue", 1, &["is queue already"]);
    let back = world.ok("profile policy Default sync-plan default");
    assert!(back.contains("is the default again: broadcast"), "{back}");
    assert_eq!(first("sync-plan")["value"], json!(null));
    assert!(world.ok("log").contains("policy sync-plan back to its default"));
    world.refused("profile policy Default sync-plan default", 1, &["is not set already"]);
}

#[test]
fn a_policy_or_value_that_nothing_here_goes_by_is_refused_with_those_that_there_are() {
    let world = World::with_store();
    let there_are =
        ["there is no policy \"Sync-Plan\"", "manual-sync (officers, anyone)", "sync-plan ("];
    world.refused("profile policy Default Sync-Plan queue", 2, &there_are);
    world.refused("profile policy Default Sync-Plan", 2, &there_are);
    let values = ["\"telepathy\" is no value of sync-plan", "broadcast, queue, and default"];
    world.refused("profile policy Default sync-plan telepathy", 2, &values);
    world.refused("profile policy Other sync-plan queue", 1, &["there is no profile \"Other\""]);
}

#[test]
fn an_officers_policy_reaches_the_others_and_nobody_else_sets_one() {
    let world = World::with_store();
    with_officer(&world);
    world.ok("--store b profile policy Heroes manual-sync anyone");
    world.ok("merge guild.gsync b");
    let shown = world.json("profile policy Heroes manual-sync");
    let row = &shown["policies"][0];
    assert_eq!((&row["in_force"], &row["officer"]), (&json!("anyone"), &json!("Anna")));
    world.ok("--store c init --as Moss");
    world.ok("merge guild.gsync c");
    let said = ["may not write", "it was never granted a role"];
    world.refused("--store c profile policy Heroes manual-sync officers", 1, &said);
}
