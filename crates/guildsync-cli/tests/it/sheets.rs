//! `guildsync sheet`: sheets imported, listed, shown, edited and exported.

use serde_json::{Value, json};

use crate::world::World;

/// What the addon saves: two sections, a note of two lines, fields of the player's own game.
pub(crate) const TWRA: &str = r#"TWRA_Assignments = {
	["data"] = {
		{
			["Section Name"] = "Gate of Ash",
			["Section Header"] = { "Icon", "Target", "Tank" },
			["Section Rows"] = {
				{ "Skull", "Warden", "Oakhand" },
				{ "Cross", "Adds", "" },
				{ "", "", "Group 2" },
			},
			["Section Metadata"] = {
				["Note"] = { "Silence it", "then run" },
				["Warning"] = { "Fire" },
				["Group Rows"] = { 3 },
				["Colour"] = "red",
			},
			["Section Player Info"] = { ["Relevant Rows"] = { 1 } },
		},
		{
			["Section Name"] = "Brim",
			["Section Header"] = { "Icon", "Tank" },
			["Section Rows"] = { { "Skull", "Brindle" } },
			["Section Metadata"] = {},
			["Section Index"] = 2,
		},
	},
	["version"] = 2,
}
"#;

/// A world whose store `guild.gsync` of Oakhand has the addon's sheet, called Emberdeep.
pub(crate) fn with_sheet() -> World {
    let world = World::with_store();
    world.write("TWRA.lua", TWRA);
    world.ok("sheet import TWRA.lua --title Emberdeep");
    world
}

/// The sections of a shown sheet, by name, without who wrote them.
fn parts(world: &World, line: &str) -> Vec<(String, Value)> {
    let shown = world.json(line);
    let part = |part: &Value| {
        let fields = ["header", "rows", "note", "warning", "groups", "more"];
        let said = fields.map(|field| (field.to_owned(), part[field].clone()));
        (part["name"].as_str().unwrap().to_owned(), Value::Object(said.into_iter().collect()))
    };
    shown["parts"].as_array().unwrap().iter().map(part).collect()
}

fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_sheet_of_the_addon_is_listed_and_shown_as_it_is_in_the_game() {
    let world = with_sheet();
    let listed = world.json("sheet list");
    assert_eq!((&listed["sheets"], &listed["rows"][0]["sections"]), (&json!(1), &json!(2)));
    let row = &listed["rows"][0];
    assert_eq!((&row["title"], &row["editor"]), (&json!("Emberdeep"), &json!("Oakhand")));
    assert_eq!((&row["conflicts"], &row["policy"]["edit"]), (&json!(0), &json!("assistants")));
    let told = world.ok("sheet list");
    assert!(told.contains(row["digest"].as_str().unwrap()) && told.contains("Oakhand"), "{told}");

    let parts = parts(&world, "sheet show Emberdeep");
    let gate = json!({
        "header": ["Icon", "Target", "Tank"],
        "rows": [["Skull", "Warden", "Oakhand"], ["Cross", "Adds", ""], ["", "", "Group 2"]],
        "note": "Silence it\nthen run", "warning": "Fire", "groups": [3],
        "more": { "Section Metadata.Colour": "\"red\"" },
    });
    assert_eq!(parts[0], ("Gate of Ash".to_owned(), gate));
    assert_eq!(parts[1].0, "Brim");
    let overview = world.ok("sheet show Emberdeep");
    assert!(overview.contains("the leader and the assistants may publish, edit"), "{overview}");
    assert!(
        overview
            .lines()
            .any(|line| line.contains("Gate of Ash") && line.ends_with("note, warning"))
    );
    let section = world.ok("sheet show emberdeep gate_of_ash");
    let wanted = [
        "   Icon   Target  Tank\n",
        "1  Skull  Warden  Oakhand\n",
        "3                 Group 2\n",
        "Note: Silence it\nNote: then run\nWarning: Fire\nRows that name groups: 3\n",
    ];
    wanted.iter().for_each(|part| assert!(section.contains(part), "{part:?} is not in {section}"));
}

#[test]
fn what_is_exported_in_any_form_reads_back_equal_and_gives_the_same_bytes_again() {
    let world = with_sheet();
    world.ok("sheet edit Emberdeep Brim --rename Gate_of_Ash --add-row Moon|Ærøskjøl --note -");
    let shown = parts(&world, "sheet show Emberdeep");
    assert_eq!(shown[0].0, shown[1].0, "names may repeat");
    for (form, file) in [("lua", "a.lua"), ("csv", "a.csv"), ("json", "a.json")] {
        world.ok(&format!("sheet export Emberdeep --out {file}"));
        let text = world.ok(&format!("sheet export Emberdeep --format {form}"));
        assert_eq!(text.as_bytes(), world.bytes(file), "told by the ending");
        let other = format!("{form}.gsync");
        world.ok(&format!("--store {other} init --as Brindle"));
        let title = if form == "lua" { "" } else { "--title Emberdeep" };
        let done = world.json(&format!("--store {other} sheet import {file} {title}"));
        assert_eq!((&done["published"], &done["form"]), (&json!(true), &json!(form)));
        assert_eq!(
            parts(&world, &format!("--store {other} sheet show Emberdeep")),
            shown,
            "{form}"
        );
        for again in ["lua", "csv", "json"] {
            let line = format!("sheet export Emberdeep --format {again}");
            assert_eq!(world.ok(&format!("--store {other} {line}")), world.ok(&line), "{form}");
        }
    }
    world.refused("sheet export Emberdeep --out a.csv", 1, &["exists already", "--force"]);
    world.ok("sheet export Emberdeep --out a.csv --force");
}

#[test]
fn equal_digests_give_equal_bytes_on_every_member() {
    let world = with_sheet();
    world.ok("--store b init --as Brindle");
    world.ok("--store c init --as Moss");
    world.ok("merge b guild.gsync --one-way");
    world.ok("--store b sheet edit Emberdeep Brim --cell 1:2=Moss");
    world.ok("sheet edit Emberdeep gate_of_ash --cell 1:Tank=Fenric");
    for pair in ["guild.gsync b", "c b", "guild.gsync c"] {
        world.ok(&format!("merge {pair}"));
    }
    let of = |store: &str| {
        let digest =
            world.json(&format!("--store {store} sheet list"))["rows"][0]["digest"].clone();
        let export = |form| world.ok(&format!("--store {store} sheet export Emberdeep -f {form}"));
        (digest, ["lua", "csv", "json"].map(export))
    };
    assert!(of("guild.gsync") == of("b") && of("b") == of("c"));
}

#[test]
fn a_second_import_changes_what_changed_and_leaves_the_rest_as_it_was_written() {
    let world = with_sheet();
    let before = world.json("sheet show Emberdeep");
    let bytes = world.snapshot();
    let done = world.json("sheet import TWRA.lua --title Emberdeep");
    assert_eq!((&done["changed"], &done["same"]), (&json!(false), &json!(["Gate of Ash", "Brim"])));
    assert!(bytes == world.snapshot(), "nothing to write");

    let file = world.ok("sheet export Emberdeep -f csv");
    let file = file.replace("Brim,Skull,Brindle", "Brim,Skull,Moss");
    let lines: Vec<&str> = file.lines().collect();
    let (head, rest) = lines.split_first().unwrap();
    let brim = |line: &&&str| line.starts_with("Brim");
    let (first, last): (Vec<&str>, Vec<&str>) = (
        rest.iter().filter(brim).copied().collect(),
        rest.iter().filter(|l| !brim(l)).copied().collect(),
    );
    let text = [vec![*head], first, vec!["New,Who"], last].concat().join("\n");
    world.write("new.csv", &text);
    let dry = world.json("sheet import new.csv --dry-run");
    assert!(bytes.iter().all(|(name, bytes)| world.bytes(name) == *bytes), "a dry run");
    let done = world.json("sheet import new.csv --as Moss");
    for told in [&dry, &done] {
        assert_eq!((&told["added"], &told["updated"]), (&json!(["New"]), &json!(["Brim"])));
        assert_eq!((&told["same"], &told["removed"]), (&json!(["Gate of Ash"]), &json!([])));
        assert_eq!((&told["reordered"], &told["published"]), (&json!(true), &json!(false)));
    }
    let after = world.json("sheet show Emberdeep");
    let find = |shown: &Value, name: &str| {
        shown["parts"].as_array().unwrap().iter().find(|part| part["name"] == name).unwrap().clone()
    };
    for name in ["Gate of Ash", "Brim"] {
        assert_eq!(find(&before, name)["section"], find(&after, name)["section"], "keeps its id");
    }
    let (was, is) = (find(&before, "Gate of Ash"), find(&after, "Gate of Ash"));
    assert_eq!(
        (&was["seconds"], &was["editor"]),
        (&is["seconds"], &is["editor"]),
        "not written again"
    );
    assert_eq!(find(&after, "Brim")["editor"], "Moss");

    let line = "sheet import TWRA.lua --title Emberdeep --edit everyone --point Brindle,Moss";
    let told = world.ok(line);
    assert!(told.contains("1 changed, 1 the same, 1 removed, in another order"), "{told}");
    assert!(told.contains("removed: New") && told.contains("changed: Brim"), "{told}");
    let policy = &world.json("sheet list")["rows"][0]["policy"];
    assert_eq!(
        *policy,
        json!({ "publish": "assistants", "edit": "everyone", "point": "Brindle,Moss" })
    );
}

#[test]
fn what_is_of_one_players_game_alone_is_left_out_and_said_so() {
    let world = World::with_store();
    world.write("TWRA.lua", TWRA);
    let told = world.ok("sheet import TWRA.lua --title Emberdeep");
    let said = "left out, as it is of your own game alone: Section Index, Section Player Info (2 sections)";
    assert!(told.contains(said), "{told}");
    let done = world.json("sheet import TWRA.lua --title Other");
    assert_eq!(
        done["left_out"],
        json!([
            { "section": "Gate of Ash", "fields": ["Section Player Info"] },
            { "section": "Brim", "fields": ["Section Index"] },
        ])
    );
    world.ok("--store b init --as Brindle");
    world.ok("merge guild.gsync b");
    for store in ["guild.gsync", "b"] {
        for form in ["lua", "csv", "json"] {
            let text = world.ok(&format!("--store {store} sheet export Emberdeep -f {form}"));
            for field in ["Player Info", "Section Index", "NeedsProcessing", "Relevant"] {
                assert!(!text.contains(field), "{form} of {store}: {text}");
            }
            assert!(text.contains("Colour"), "other fields are kept: {text}");
        }
    }
}

#[test]
fn a_section_is_edited_cell_by_cell_row_by_row_and_as_a_whole() {
    let world = with_sheet();
    let gate = |world: &World| parts(world, "sheet show Emberdeep Gate_of_Ash")[0].1.clone();
    world.ok("sheet edit Emberdeep gate_of_ash --cell 2:Tank=Moss --cell 0:3=Who --cell 0:4=Heal --cell 1:4=Fenric");
    let shown = gate(&world);
    assert_eq!(shown["header"], json!(["Icon", "Target", "Who", "Heal"]));
    let rows = json!([
        ["Skull", "Warden", "Oakhand", "Fenric"],
        ["Cross", "Adds", "Moss"],
        ["", "", "Group 2"]
    ]);
    assert_eq!(shown["rows"], rows);
    // Rows that name groups keep their meaning when one before them goes.
    let done = world.json(
        "sheet edit Emberdeep gate_of_ash --remove-row 2 --add-row Moon|Boss --note Run --warning=",
    );
    assert_eq!(
        done["did"],
        "\"Gate of Ash\" of \"Emberdeep\": 1 row taken away, 1 row added, the note, the warning"
    );
    let shown = gate(&world);
    assert_eq!((&shown["groups"], &shown["note"]), (&json!([2]), &json!("Run")));
    assert_eq!(
        (&shown["warning"], &shown["rows"][2]),
        (&Value::Null, &json!(["Moon", "Boss", "", ""]))
    );

    world.ok("sheet edit Emberdeep --add Deep --cell 0:1=Who --add-row Moss --move-to 1");
    world.ok("sheet edit Emberdeep 3 --rename Brim_II --move-to 1 --title Embers --point leader");
    let names =
        |line: &str| parts(&world, line).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("sheet show Embers"), ["Brim II", "Deep", "Gate of Ash"]);
    world.write("deep.csv", "Section,#title,x\nDeep,Who,When\nDeep,Oakhand,now\nDeep,#note,Go\n");
    world.ok("sheet edit Embers Deep --body deep.csv");
    let deep = &parts(&world, "sheet show Embers Deep")[0].1;
    assert_eq!((&deep["rows"], &deep["note"]), (&json!([["Oakhand", "now"]]), &json!("Go")));
    assert!(world.ok("sheet edit Embers Deep --note Go").contains("is so already"));
    assert!(world.ok("sheet edit Embers Deep --remove").contains("removed, for everyone"));
    assert_eq!(names("sheet show Embers"), ["Brim II", "Gate of Ash"]);
    let told = world.ok("sheet remove Embers");
    assert!(told.contains("from guild.gsync alone") && told.contains("comes back"), "{told}");
    assert_eq!(world.json("sheet list")["sheets"], 0);
}

#[test]
fn programs_read_the_same_fields_always() {
    let world = with_sheet();
    let sorted = |mut fields: Vec<&'static str>| {
        fields.sort_unstable();
        fields
    };
    let row = vec![
        "title",
        "document",
        "sections",
        "edited",
        "seconds",
        "editor",
        "conflicts",
        "digest",
        "policy",
    ];
    let list = world.json("sheet list");
    assert_eq!(fields(&list), sorted(vec!["sheets", "state_hash", "rows"]));
    assert_eq!(fields(&list["rows"][0]), sorted(row.clone()));
    let show = world.json("sheet show Emberdeep");
    assert_eq!(fields(&show), sorted([row.clone(), vec!["parts"]].concat()));
    let said = vec![
        "section",
        "number",
        "pick",
        "edited",
        "seconds",
        "editor",
        "writer",
        "name",
        "header",
        "rows",
        "note",
        "warning",
        "groups",
        "more",
        "conflicts",
    ];
    assert_eq!(fields(&show["parts"][0]), sorted(said));
    let edit = world.json("sheet edit Emberdeep Brim --note x --dry-run");
    let wanted = [row, vec!["did", "changed", "dry_run", "section"]].concat();
    assert_eq!(fields(&edit), sorted(wanted));
    let import = world.json("sheet import TWRA.lua --title Emberdeep --dry-run");
    let wanted = vec![
        "file",
        "form",
        "title",
        "document",
        "published",
        "changed",
        "added",
        "updated",
        "same",
        "removed",
        "reordered",
        "rows",
        "left_out",
        "unpacked",
        "unread",
        "example",
        "conflicts",
        "digest",
        "dry_run",
    ];
    assert_eq!(fields(&import), sorted(wanted));
    let remove = world.json("sheet remove Emberdeep --dry-run");
    assert_eq!(fields(&remove), sorted(vec!["did", "title", "document", "sheets", "dry_run"]));
}
