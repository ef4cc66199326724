//! Two stores whose sheets went apart: diff names them, merge brings both to the same, a person picks.

use serde_json::{Value, json};

use crate::sheets::with_sheet;
use crate::world::World;

/// Oakhand's `guild.gsync` and Brindle's `b`, who hold one sheet and then both edited it.
fn both_edited() -> World {
    let world = with_sheet();
    world.ok("--store b init --as Brindle");
    world.ok("merge guild.gsync b");
    world.ok("sheet edit Emberdeep Gate_of_Ash --cell 1:Tank=Fenric");
    world.ok("--store b sheet edit Emberdeep Gate_of_Ash --cell 1:Tank=Moss --note Later");
    world.ok("--store b sheet edit Emberdeep Brim --cell 1:Tank=Oakhand");
    world.ok("sheet edit Emberdeep --add Deep --add-row Moss");
    world
}

fn tank(world: &World, store: &str) -> Value {
    world.json(&format!("--store {store} sheet show Emberdeep Gate_of_Ash"))["parts"][0]["rows"][0]
        [2]
    .clone()
}

#[test]
fn diff_names_the_sheets_that_differ_and_merge_brings_both_to_the_same() {
    let world = both_edited();
    world.write("other.csv", "Section,#title,Other\nA,B\n");
    world.ok("--store b sheet import other.csv");
    let ran = world.run("diff guild.gsync b --json");
    assert_eq!(ran.code, 3, "{ran:?}");
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&diff["equal"], &diff["differing_sheets"]), (&json!(false), &json!(2)));
    let sheets = diff["sheets"].as_array().unwrap();
    let told: Vec<_> =
        sheets.iter().map(|s| (&s["title"], &s["place"], &s["only_a"], &s["only_b"])).collect();
    let different = (&json!("Emberdeep"), &json!("different"), &json!(2), &json!(2));
    let only_b = (&json!("Other"), &json!("only_b"), &json!(0), &json!(2));
    assert!(told.contains(&different) && told.contains(&only_b), "{told:?}");
    let ran = world.run("diff guild.gsync b --verbose");
    assert!(ran.err.contains("and 2 sheets differ"), "{ran:?}");
    assert!(ran.out.contains("b lacks section Deep of \"Emberdeep\" by Oakhand"), "{ran:?}");
    assert!(
        ran.out.contains("guild.gsync lacks section Brim of \"Emberdeep\" by Brindle"),
        "{ran:?}"
    );

    for store in ["guild.gsync", "b"] {
        world.copy(store, &format!("{store}2"));
    }
    let before = world.snapshot();
    let dry = world.json("merge guild.gsync b --dry-run");
    assert!(before == world.snapshot());
    let done = world.json("merge guild.gsync b");
    for told in [&dry, &done] {
        assert_eq!((&told["equal"], &told["a"]["sheet_conflicts"]), (&json!(true), &json!(1)));
        let hash = |side: &str| told[side]["sheets_state_hash"].clone();
        assert_eq!(hash("a"), hash("b"));
        let gained = |side: &str| told[side]["gained_sheets"].as_array().unwrap().len();
        assert_eq!((gained("a"), gained("b")), (2, 1));
    }
    // The other way round nothing else comes of it, and a second time nothing at all.
    world.ok("merge b2 guild.gsync2");
    let hash =
        |store: &str| world.json(&format!("--store {store} sheet list"))["state_hash"].clone();
    assert!(["b", "b2", "guild.gsync2"].iter().all(|store| hash(store) == hash("guild.gsync")));
    let before = world.snapshot();
    world.ok("merge guild.gsync b");
    assert!(before == world.snapshot());
    assert!(world.ok("diff guild.gsync b").contains("both have the same 2 sheets"));
    assert!(world.ok("verify b").contains("2 sheets, the key"));
}

#[test]
fn edits_at_once_stand_beside_each_other_until_somebody_picks() {
    for pick in [1, 2] {
        let world = both_edited();
        let told = world.ok("merge guild.gsync b");
        assert!(told.contains("1 part of a sheet has more than one version now"), "{told}");
        assert_eq!(tank(&world, "guild.gsync"), tank(&world, "b"), "the same is shown everywhere");
        assert_eq!(world.json("sheet list")["rows"][0]["conflicts"], 1);
        let part = world.json("sheet show Emberdeep Gate_of_Ash")["parts"][0].clone();
        let beside = &part["conflicts"][0];
        assert_eq!((&part["pick"], &beside["pick"]), (&json!(1), &json!(2)));
        let tanks = [&part["rows"][0][2], &beside["rows"][0][2]];
        assert!(tanks.contains(&&json!("Fenric")) && tanks.contains(&&json!("Moss")), "{tanks:?}");
        let shown = world.ok("sheet show Emberdeep --conflicts");
        assert!(
            shown.contains("Section Gate of Ash, 2 versions") && shown.contains("[1] shown, "),
            "{shown}"
        );
        assert!(
            shown.lines().any(|line| line.starts_with("1:3 ") && line.contains("Moss")),
            "{shown}"
        );
        assert!(
            shown.lines().any(|line| line.starts_with("note ") && line.contains("Later")),
            "{shown}"
        );
        let ran = world.run("sheet export Emberdeep -f csv");
        assert!(ran.err.contains("1 part of \"Emberdeep\" has more than one version"), "{ran:?}");

        world.refused(
            "sheet edit Emberdeep Gate_of_Ash --pick 3",
            1,
            &["has 2 versions, and none is 3"],
        );
        world.refused(
            "sheet edit Emberdeep Brim --pick 1",
            1,
            &["one version, and nothing to settle"],
        );
        world.ok(&format!("sheet edit Emberdeep Gate_of_Ash --pick {pick}"));
        world.ok("merge guild.gsync b");
        for store in ["guild.gsync", "b"] {
            assert_eq!(tank(&world, store), *tanks[pick - 1], "{store}");
            assert_eq!(
                world.json(&format!("--store {store} sheet list"))["rows"][0]["conflicts"],
                0
            );
        }
        let said = world.ok("sheet show Emberdeep --conflicts");
        assert!(said.contains("nothing was written at the same time"), "{said}");
    }
}

#[test]
fn a_removal_and_a_title_can_be_beside_something_too() {
    let world = both_edited();
    world.ok("--store b sheet edit Emberdeep --title Ours");
    world.ok("sheet edit Emberdeep --title Theirs --edit everyone");
    world.ok("sheet edit Theirs Brim --remove");
    world.ok("merge guild.gsync b");
    let listed = world.json("sheet list");
    let title = listed["rows"][0]["title"].as_str().unwrap();
    assert_eq!(listed["rows"][0]["conflicts"], 3);
    let shown = world.ok(&format!("sheet show {title} --conflicts"));
    assert!(shown.contains("The sheet's title, order and policy, 2 versions"), "{shown}");
    assert!(
        shown.lines().any(|line| line.starts_with("section  Brim") && line.ends_with("✗ removed"))
    );
    world.ok(&format!("sheet edit {title} Brim --pick 2"));
    world.refused(&format!("sheet show {title} Brim"), 1, &["has no section \"Brim\""]);
    world.ok(&format!("sheet edit {title} --pick 2"));
    let other = if title == "Ours" { "Theirs" } else { "Ours" };
    assert_eq!(world.json(&format!("sheet show {other}"))["conflicts"], 1);
}

#[test]
fn one_way_brings_the_first_alone_what_it_lacks() {
    let world = both_edited();
    let b = world.bytes("b");
    let done = world.json("merge guild.gsync b --one-way");
    assert_eq!(
        (&done["a"]["gained_sheets"][0]["versions"], &done["equal"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(b, world.bytes("b"));
}

#[test]
fn a_backup_carries_the_sheets_and_a_restored_store_goes_on_with_them() {
    let world = with_sheet();
    assert!(world.ok("backup old").contains("copied 0 entries and 1 sheet of guild.gsync"));
    assert_eq!(world.json("--store old sheet list")["sheets"], 1);
    world.refused(
        "--store old sheet edit Emberdeep Brim --note x",
        1,
        &["is a backup and stays as it is"],
    );
    assert!(
        world.ok("--store new restore old").contains("restored 0 entries and 1 sheet from old")
    );
    assert_eq!(world.json("--store new sheet show Emberdeep"), world.json("sheet show Emberdeep"));
    world.ok("--store new sheet edit Emberdeep Brim --note x");
    assert_eq!(world.run("diff guild.gsync new").code, 3);
    // Work on logs and tables leaves the sheets alone.
    world.ok("award Brindle 5");
    world.ok("table set news 1 title=Raid content=x --guild Oak-Eonar");
    assert_eq!(world.json("sheet list"), world.json("--store old sheet list"));
}
