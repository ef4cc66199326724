//! The demo, as a person or a program runs it, and the stores that it leaves.

use serde_json::Value;

use crate::world::World;

/// Runs the demo with `--keep raid` and checks every store that it leaves.
fn check(world: &World, line: &str, n: usize) -> Value {
    let told = world.json(&format!("demo --keep raid {line}"));
    assert_eq!((&told["members"], &told["converged"]), (&Value::from(n), &Value::from(true)));
    assert_eq!(told["messages"], told["frames"]);
    let kept = std::fs::read_dir(world.path("raid")).unwrap();
    let mut stores: Vec<String> = kept
        .map(|file| format!("raid/{}", file.unwrap().file_name().into_string().unwrap()))
        .filter(|name| name.ends_with(".gsync"))
        .collect();
    stores.sort();
    assert_eq!(stores.len(), n);
    for store in &stores {
        assert_eq!(world.json(&format!("verify {store}"))["ok"], true);
        let standings = world.json(&format!("--store {store} standings"));
        assert_eq!(standings["state_hash"], told["state_hash"], "{store}");
        // Two members alone have tables, so it is the logs that are equal everywhere.
        let diff = world.run(&format!("diff {} {store} --json", stores[0]));
        let diff: Value = serde_json::from_str(&diff.out).unwrap();
        for side in ["a", "b"] {
            assert_eq!(diff[side]["lacks"], Value::Array(Vec::new()), "{store}");
        }
    }
    told
}

#[test]
fn the_demo_leaves_stores_that_agree_when_read_again() {
    let world = World::new();
    let told = check(&world, "--members 5", 5);
    assert!(told["entries"].as_u64().unwrap() > 300, "{told}");
    assert!(told["frames"].as_u64().unwrap() > 10 && told["bytes"].as_u64().unwrap() > 1000);
    // Two guilds have synced their tables, a member in a fight was busy.
    let tables = &told["tables"];
    assert_eq!((&tables["converged"], &tables["result"]), (&true.into(), &"Sync Complete".into()));
    assert_eq!(tables["presence"]["Oakhand"], "busy (in a fight)");
    assert_eq!(tables["presence"]["Mossback"], "ready");
    // Everyone has the leader's sheet, with the section that was edited, and has it on screen.
    let sheets = &told["sheets"];
    assert_eq!((&sheets["converged"], &sheets["sections"]), (&true.into(), &6.into()));
    for step in ["published", "edited", "pointed"] {
        assert_eq!(sheets[step]["members"], 5, "{step}: {sheets}");
        assert!(sheets[step]["frames"].as_u64() > Some(0), "{step}: {sheets}");
    }
    let edited = &sheets["edited"];
    assert_eq!((&edited["sections"], &edited["reused"]), (&1.into(), &5.into()));
    assert_eq!(edited["served"], serde_json::json!(["Brindle"]));
    for store in ["raid/01-oakhand.gsync", "raid/04-thornwick.gsync"] {
        let listed = world.json(&format!("--store {store} sheet list"));
        assert_eq!(listed["state_hash"], sheets["state_hash"]);
        assert_eq!(listed["rows"][0]["title"], sheets["title"]);
    }
    for store in ["raid/02-brindle.gsync", "raid/03-mossback.gsync"] {
        let listed = world.json(&format!("--store {store} table list"));
        assert_eq!(listed["state_hash"], tables["state_hash"]);
        assert_eq!(listed["records"], tables["records"]);
    }
    let again = world.json("table sync raid/02-brindle.gsync raid/03-mossback.gsync");
    assert_eq!(again["frames"], 2);
    assert_eq!(world.run("diff raid/02-brindle.gsync raid/03-mossback.gsync").code, 0);
    // A store awarded in afterwards is out of sync with the others.
    let stores = ["raid/01-oakhand.gsync", "raid/02-brindle.gsync"];
    world.ok(&format!("--store {} award Mossback 1", stores[0]));
    let ran = world.run(&format!("diff {} {}", stores[0], stores[1]));
    assert_eq!(ran.code, 3, "{ran:?}");
}

#[test]
fn the_demo_starts_from_a_history_and_syncs_both_its_profiles() {
    let world = World::new();
    world.write(
        "CEPGP.lua",
        "CEPGP = { [\"Traffic\"] = {
            { \"Brindle\", \"Oakhand\", \"Add EP 5 (on time)\", 90, 95, 10, 10, \"\", 1630624903, },
            { \"Brindle\", \"Oakhand\", \"Add GP 7\", 95, 95, 10, 17, \"\", 1630624910, },
        }, }\n",
    );
    check(&world, "--import CEPGP.lua --members 6 --plan queue", 6);
    let gp = world.json("--store raid/06-fenric.gsync standings --profile GP");
    assert_eq!(gp["standings"][0]["total"], 17, "{gp}");
}

#[test]
fn forty_members_tell_the_story_to_people_and_end_in_agreement() {
    let told = World::new().ok("demo");
    assert!(told.contains("All 40 members agree"), "{told}");
    assert!(told.lines().filter(|line| line.contains("raider")).count() == 36, "{told}");
}

#[test]
fn the_demo_overwrites_nothing() {
    let world = World::with_store();
    world.refused("demo --keep .", 1, &["is not empty", "name a new folder"]);
    world.refused("demo --members 4", 2, &["5..=200"]);
}
