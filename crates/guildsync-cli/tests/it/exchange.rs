//! Files in and out: what is read gives what it said, what is written reads back.

use serde_json::json;

use crate::world::{World, history, traffic};

#[test]
fn an_import_into_a_fresh_store_makes_its_profile_the_active_one() {
    let world = World::with_store();
    world.write("c.lua", traffic(&history(40)));
    let told = world.ok("import c.lua");
    assert!(told.contains("\"EP\" is the active profile now"), "{told}");
    assert_eq!(world.json("standings")["profile"], json!("EP"));
    world.ok("--store b init");
    world.ok("--store b import c.lua --ep Effort --gp Gear");
    let names: Vec<String> = world.entries("b").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Default", "Effort", "Gear"]);
    // A store with a life of its own keeps its active profile.
    world.ok("--store c init --as Anna");
    world.ok("--store c award Brindle 5");
    assert_eq!(world.json("--store c import c.lua")["switched_to"], json!(null));
    world.refused(
        "import c.lua --ep X --gp X",
        1,
        &["cannot both go to profile \"X\"", "name two"],
    );
}

/// Row 7, for files.
#[test]
fn a_second_import_adds_nothing_and_changes_no_byte() {
    let world = World::with_store();
    world.write("c.lua", traffic(&history(40)));
    assert!(world.json("import c.lua")["added"].as_u64().unwrap() > 40);
    let before = world.bytes("guild.gsync");
    let again = world.json("import c.lua c.lua");
    assert_eq!(again["added"], json!(0));
    assert_eq!(before, world.bytes("guild.gsync"));
}

#[test]
fn archives_read_back_to_the_same_state_in_all_three_forms() {
    let world = World::with_store();
    world.write("c.lua", traffic(&history(60)));
    world.ok("import c.lua");
    world.ok("award Brindle 2.25 Boss");
    world.ok(&format!("undo {}:1", world.writer("guild.gsync")));
    world.ok("profile create Mine --owned");
    for form in ["json", "csv", "lua"] {
        let ran = world.run(&format!("export --format {form} -o all.{form}"));
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
        world.ok(&format!("--store {form} init"));
        let done = world.json(&format!("--store {form} import all.{form}"));
        assert_eq!(done["state_hash"].as_str().unwrap(), world.state("guild.gsync"), "{form}");
        assert_eq!(done["active"], json!("EP"));
        assert!(world.ok(&format!("diff guild.gsync {form}")).contains("are equal"));
        world.refused(&format!("export --format {form} -o all.{form}"), 1, &["`--force`"]);
        world.ok(&format!("export --format {form} -o all.{form} --force"));
    }
    let one = world.ok("export --format json --profile GP");
    assert!(one.contains("\"GP\"") && !one.contains("\"EP\""), "only the named profile");
}

#[test]
fn an_archive_of_a_store_without_default_reads_back_without_it() {
    let world = World::with_store();
    world.ok("profile create Other");
    world.ok("profile switch Other");
    world.ok("profile delete Default");
    world.ok("award Brindle 5");
    world.ok("export --format json -o all.json");
    world.ok("--store b init");
    world.ok("--store b import all.json");
    assert_eq!(world.state("b"), world.state("guild.gsync"));
}

#[test]
fn point_formats_keep_the_standings_and_say_what_they_left_out() {
    let world = World::with_store();
    world.write("c.lua", traffic(&history(60)));
    let notes = world.json("import c.lua")["files"][0]["notes"].clone();
    for form in ["pipe", "spectrum"] {
        let ran = world.run(&format!("export --format {form} -o points.{form}"));
        assert!(ran.err.contains(&format!("left out: {notes} notes")), "{ran:?}");
        assert!(ran.err.contains("writers with their ids and seals"), "{ran:?}");
        world.ok(&format!("--store {form} init"));
        world.ok(&format!("--store {form} import points.{form}"));
        for profile in ["EP", "GP"] {
            assert_eq!(world.standings(form, profile), world.standings("guild.gsync", profile));
        }
    }
}

/// Row 13.
#[test]
fn tiers_of_an_older_file_become_profiles() {
    let world = World::with_store();
    let entry = "[1] = { [\"id\"] = 1, [\"timestamp\"] = 1630624903, [\"actor\"] = \"Oakhand\", \
                 [\"target\"] = \"Brindle\", [\"delta\"] = 5, [\"newTotal\"] = 5, \
                 [\"reason\"] = \"on time\", },";
    let tier = |key: &str| {
        format!(
            "[\"{key}\"] = {{ [\"points\"] = {{ [\"Brindle\"] = {{ [\"total\"] = 5, }}, }}, \
             [\"logs\"] = {{ {entry} }}, }},"
        )
    };
    let text = format!(
        "SpectrumFederationDB = {{\n[\"tiers\"] = {{ {} {} }},\n}}\n",
        tier("Tier-One"),
        tier("Tier-Two")
    );
    world.write("old.lua", text);
    let done = world.json("import old.lua");
    assert_eq!(done["added"], json!(2), "{done}");
    assert_eq!(world.standings("guild.gsync", "Tier-One"), [("Brindle".into(), "5".into())]);
    assert_eq!(world.standings("guild.gsync", "Tier-Two"), [("Brindle".into(), "5".into())]);
}

#[test]
fn only_the_first_ten_refused_rows_are_shown_to_people() {
    let world = World::with_store();
    let rows: Vec<String> =
        (0..14).map(|_| "\"Brindle\", \"\", \"Add EP 5\", 1, 2, 3, 4".into()).collect();
    world.write("c.lua", traffic(&rows));
    let told = world.ok("import c.lua");
    assert_eq!(told.matches("  refused row").count(), 10, "{told}");
    assert!(told.contains("... and 4 more"), "{told}");
    assert_eq!(world.json("import c.lua")["files"][0]["refused"].as_array().unwrap().len(), 14);
    assert_eq!(world.ok("import c.lua --verbose").matches("  refused row").count(), 14);
}
