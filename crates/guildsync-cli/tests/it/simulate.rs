//! `guildsync simulate` and `guildsync trace`: the simulator's public face.

use serde_json::Value;

use crate::world::World;

#[test]
fn json_is_one_object_of_these_eight_fields_and_the_same_again() {
    let world = World::new();
    let line = "simulate --members 8 --missing 200 --profile retail --loss 0.1 --seed 7";
    let told = world.json(line);
    let fields: Vec<&String> = told.as_object().unwrap().keys().collect();
    let mut wanted = [
        "members",
        "converged",
        "state_hash",
        "frames",
        "bytes",
        "virtual_seconds",
        "bound_frames",
        "bound_seconds",
    ];
    wanted.sort_unstable();
    assert_eq!(fields, wanted);
    assert_eq!((&told["members"], &told["converged"]), (&Value::from(8), &Value::from(true)));
    assert!(told["frames"].as_u64() > told["bound_frames"].as_u64(), "{told}");
    assert_eq!(told["state_hash"].as_str().unwrap().len(), 64);
    assert_eq!(world.json(line), told, "a seed gives one run");
    assert_eq!(world.files(), Vec::<String>::new());
    // Another seed is another run to the same state.
    let other = world.json(&line.replace("seed 7", "seed 8"));
    assert_eq!(other["state_hash"], told["state_hash"]);
    assert_ne!(other["virtual_seconds"], told["virtual_seconds"]);
}

#[test]
fn people_get_a_timeline_a_table_and_the_totals_beside_the_bound() {
    let told = World::new().ok("simulate --members 6 --missing 300");
    for part in [
        "All times are virtual",
        "announces what it has",
        "5 members have said what they have",
        "begins to send entries to the group",
        "half of the members are whole",
        "all have everything",
        "All 6 members agree",
        "The bound: ",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert_eq!(told.lines().filter(|line| line.starts_with("Mema")).count(), 6, "{told}");
    let equal = World::new().ok("simulate --members 6 --missing 0");
    assert!(equal.contains("the leader knows that all have everything"), "{equal}");
}

#[test]
fn the_plot_is_a_picture_or_a_page() {
    let world = World::new();
    for name in ["raid.svg", "raid.html"] {
        world.ok(&format!("simulate --members 5 --missing 100 --loss 0.2 --plot {name}"));
        let text = String::from_utf8(world.bytes(name)).unwrap();
        assert!(text.contains("<svg ") && text.contains("seconds of virtual time"), "{text}");
        assert_eq!(text.starts_with("<!doctype html>"), name.ends_with(".html"));
        assert_eq!(text.matches("-Greyhollow</text>").count(), 4, "a line a member");
        assert!(text.contains("Memaa-Greyhollow (leads)"));
    }
}

#[test]
fn what_cannot_be_simulated_is_refused_with_what_to_do() {
    let world = World::new();
    world.refused("simulate --profile retial", 2, &["retail, ctl, vanilla, wide, open"]);
    world.refused("simulate --loss 0.91", 2, &["a share from 0 to 0.9"]);
    world.refused("simulate --loss -0.1", 2, &["unexpected argument"]);
    world.refused("simulate --loss nan", 2, &["a share from 0 to 0.9"]);
    world.refused("simulate --missing 10001", 2, &["0..=10000"]);
    world.refused("simulate --members 1", 2, &["2..=60"]);
    world.refused("simulate --members 61", 2, &["2..=60"]);
    world.refused("simulate --plot raid.png", 2, &[".svg or .html"]);
    world.refused("simulate --corpus X", 2, &["I, R"]);
}

#[test]
fn other_plans_and_channels_bring_all_to_the_same() {
    let world = World::new();
    let ours = world.json("simulate --members 4 --missing 50");
    for more in
        ["--plan queue", "--profile open", "--profile vanilla", "--plan seed --profile open"]
    {
        let told = world.json(&format!("simulate --members 4 --missing 50 {more}"));
        assert_eq!(told["state_hash"], ours["state_hash"], "{more}");
    }
    let other = world.json("simulate --members 4 --missing 50 --corpus r");
    assert_ne!(other["state_hash"], ours["state_hash"]);
}

#[test]
fn a_recorded_run_is_shown_message_by_message() {
    let world = World::new();
    world.ok("simulate --members 4 --missing 200 --record raid.trace");
    let told = world.ok("trace show raid.trace");
    let names = ["PROFILE_ANNOUNCE", "LOG_LIST_REPLY", "SEND_MISSING_LOGS"];
    for name in names {
        assert!(told.contains(name), "{name} is not in {told}");
    }
    // A message of several frames is one line, unless frames are asked for.
    let lines = |text: &str| text.lines().count();
    let frames = world.ok("trace show raid.trace --frames");
    assert!(lines(&frames) > lines(&told) && frames.contains("to the group: bytes 0 to"));
    assert!(told.contains(" frames since 00:00:00"), "{told}");
}

#[test]
fn the_run_of_a_seed_is_recorded_and_shown() {
    let world = World::new();
    let told = world.ok("trace record --seed 3 seed.trace");
    assert!(
        told.contains("recorded seed 3 in seed.trace") && told.contains("trace hash"),
        "{told}"
    );
    let shown = world.ok("trace show seed.trace");
    assert!(shown.contains("-- phase chaos") && shown.contains("-- phase restart"), "{shown}");
    world.refused("trace show absent.trace", 1, &["absent.trace"]);
    world.write("other.trace", "nonsense\n");
    let said = ["other.trace: line 1 is no record", "guildsync trace record --seed S FILE"];
    world.refused("trace show other.trace", 1, &said);
}

#[test]
fn tables_are_simulated_story_by_story() {
    let world = World::new();
    let line = "simulate --tables --seed 3";
    let told = world.json(line);
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
    assert_eq!(told["converged"], true);
    assert_eq!(world.json(line), told, "a seed gives one run");
    for story in ["loss", "restarts", "all-write", "three-guilds", "clock-skew"] {
        let told = world.ok(&format!("{line} --story {story}"));
        assert!(told.contains("Everyone holds what counts"), "{story}: {told}");
    }
    world.ok(&format!("{line} --story restarts --record tables.trace"));
    let shown = world.ok("trace show tables.trace");
    assert!(shown.contains("-- phase interrupted"), "{shown}");
    world.refused("simulate --tables --story rain", 2, &["mixed, loss, restarts, all-write"]);
    world.refused("simulate --story loss", 2, &["--tables"]);
    world.refused("simulate --tables --members 5", 2, &["cannot be used with"]);
}

#[test]
fn a_raid_gets_its_sheet_whatever_comes_at_once() {
    let world = World::new();
    for line in ["", "--members 5", "--members 25 --loss 0.1 --seed 3", "--members 8 --loss 0.3"] {
        let line = format!("simulate --sections {line}");
        let told = world.json(&line);
        let fields: Vec<&String> = told.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["bytes", "converged", "frames", "state_hash", "virtual_seconds"]);
        assert_eq!((&told["converged"], world.json(&line)), (&true.into(), told.clone()), "{line}");
    }
    let told = world.ok("simulate --sections --members 5 --record sheet.trace");
    assert!(told.contains("All 5 members agree") && told.contains("publish \""), "{told}");
    assert!(world.ok("trace show sheet.trace --frames").lines().count() > 10);
    world.refused("simulate --sections --tables", 2, &["cannot be used with"]);
    world.refused("simulate --sections --missing 5", 2, &["cannot be used with"]);
}
