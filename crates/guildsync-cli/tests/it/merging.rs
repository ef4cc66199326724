//! Two stores that went apart: diff names what each lacks, merge brings both to the same.

use serde_json::{Value, json};

use crate::world::{World, history, traffic};

/// What one side of a diff lacks: (profile, writer, first, last).
type Lacks = Vec<(String, String, u64, u64)>;

fn lacks(diff: &Value, side: &str) -> Lacks {
    let lack = |lack: &Value| {
        let text = |field: &str| lack[field].as_str().unwrap().to_owned();
        let number = |field: &str| lack[field].as_u64().unwrap();
        assert_eq!(number("count"), number("last") - number("first") + 1);
        (text("profile"), text("writer"), number("first"), number("last"))
    };
    let mut lacks: Lacks = diff[side]["lacks"].as_array().unwrap().iter().map(lack).collect();
    lacks.sort();
    lacks
}

/// Everything in a store is by its own writer: what another store lacks of it.
fn all_of(world: &World, store: &str) -> Lacks {
    let writer = world.writer(store);
    let entries = world.entries(store).into_iter().filter(|(_, n)| *n > 0);
    entries.map(|(profile, n)| (profile, writer.clone(), 1, n)).collect()
}

/// Imports two parts of a history into two stores that then award; diff and merge have to be exact,
/// and in the end the standings are those of the whole history with the awards.
pub(crate) fn parts_meet(parts: [&[String]; 2], whole: &[String], awards: [&str; 2]) {
    let world = World::new();
    for ((store, part), award) in ["a", "b"].iter().zip(parts).zip(awards) {
        world.write("part.lua", traffic(part));
        world.ok(&format!("--store {store} init --as Oakhand"));
        world.ok(&format!("--store {store} import part.lua"));
        world.ok(&format!("--store {store} award {award}"));
    }
    world.write("whole.lua", traffic(whole));
    world.ok("--store whole init --as Oakhand");
    world.ok("--store whole import whole.lua");
    awards.iter().for_each(|award| drop(world.ok(&format!("--store whole award {award}"))));

    let ran = world.run("diff a b --json");
    assert_eq!(ran.code, 3, "{ran:?}");
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(lacks(&diff, "a"), all_of(&world, "b"));
    assert_eq!(lacks(&diff, "b"), all_of(&world, "a"));

    world.copy("a", "a2");
    world.copy("b", "b2");
    let done = world.json("merge a b");
    assert_eq!(done["equal"], json!(true));
    assert_eq!(done["a"]["gained_entries"], diff["a"]["lacks_entries"]);
    assert_eq!(done["b"]["gained_entries"], diff["b"]["lacks_entries"]);
    world.ok("merge b2 a2");
    let state = world.state("a");
    for store in ["b", "a2", "b2"] {
        assert_eq!(world.state(store), state, "{store}");
    }
    for profile in ["EP", "GP"] {
        assert_eq!(world.standings("a", profile), world.standings("whole", profile));
    }
    assert!(world.ok("diff a b").contains("are equal"));
}

#[test]
fn overlapping_parts_of_a_history_meet_exactly() {
    let rows = history(120);
    let awards = ["Brindle 7.5 --at 2024-01-01 -p EP", "Thorn -3 --at 2024-01-01 -p GP"];
    for [a, b] in [[0..80, 40..120], [0..60, 60..120], [30..50, 0..120]] {
        parts_meet([&rows[a], &rows[b]], &rows, awards);
    }
}

#[test]
fn merge_goes_both_ways_creates_profiles_and_says_what_each_gained() {
    let world = World::new();
    world.ok("--store a init --as Oakhand");
    world.ok("--store b init --as Anna");
    world.ok("--store a profile create Only-A");
    world.ok("--store b profile create Only-B");
    world.ok("--store b award Brindle 5 --profile Only-B");
    let ran = world.run("diff a b");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains("the profile, empty"), "{ran:?}");
    assert!(ran.out.contains("the whole profile"), "{ran:?}");
    let before = world.snapshot();
    let told = world.ok("merge a b --dry-run");
    assert!(told.contains("a gained 1 entry, b gained 0 entries"), "{told}");
    assert!(before == world.snapshot());
    let told = world.ok("merge a b");
    assert!(told.contains(&format!("both have state hash {}", world.state("a"))), "{told}");
    assert_eq!(world.entries("a"), world.entries("b"));
    let before = world.snapshot();
    world.ok("merge a b");
    assert!(before == world.snapshot(), "a second merge has nothing to write");
}

#[test]
fn a_one_way_merge_reads_the_other_store_only_even_a_backup() {
    let world = World::new();
    world.ok("--store a init --as Oakhand");
    world.ok("--store b init --as Anna");
    world.ok("--store a award Brindle 5");
    world.ok("--store b award Thorn 6");
    world.ok("--store b backup b.bak");
    world.refused("merge a b.bak", 1, &["is a backup", "--one-way"]);
    let before = world.bytes("b.bak");
    let told = world.ok("merge a b.bak --one-way");
    assert!(told.contains("a gained 1 entry from b.bak"), "{told}");
    assert_eq!(before, world.bytes("b.bak"));
    assert_eq!(world.standings("a", "Default").len(), 2);
    assert_eq!(world.run("diff a b").code, 3);
}

#[test]
fn a_fork_is_named_and_merge_keeps_both_branches() {
    let world = World::new();
    world.ok("--store a init --as Oakhand");
    world.ok("--store a award Brindle 1");
    world.copy("a", "b");
    world.ok("--store a award Brindle 2");
    world.ok("--store b award Thorn 3");
    world.ok("--store b award Thorn 4");
    let ran = world.run("diff a b --json");
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    let writer = world.writer("a");
    assert_eq!(lacks(&diff, "a"), [("Default".into(), writer.clone(), 2, 3)]);
    assert_eq!(lacks(&diff, "b"), [("Default".into(), writer.clone(), 2, 2)]);
    assert_eq!(diff["a"]["lacks"][0]["forked"], json!(true));
    world.copy("a", "a2");
    world.copy("b", "b2");
    world.ok("merge a b");
    world.ok("merge b2 a2");
    assert_eq!(world.state("a"), world.state("b"));
    assert_eq!(world.state("a"), world.state("a2"));
    assert_eq!(
        world.standings("b", "Default"),
        [("Thorn".into(), "7".into()), ("Brindle".into(), "3".into())]
    );
    // A third copy from before the merge lacks one branch only.
    world.copy("b2", "c");
    world.ok("diff b2 b");
    world.ok("--store a award Brindle 1");
    assert_ne!(world.writer("a"), writer, "a forked writer goes on as a new one");
}
