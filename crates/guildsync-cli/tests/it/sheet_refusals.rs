//! What `guildsync sheet` refuses, with the next step, and without changing a byte.

use crate::sheets::with_sheet;
use crate::world::World;

#[test]
fn sheets_and_sections_that_are_not_there_or_there_twice_are_refused() {
    let world = with_sheet();
    let unknown = ["there is no sheet \"Naxx\" here", "`guildsync sheet list`"];
    for line in ["show Naxx", "export Naxx", "edit Naxx Brim --note x", "remove Naxx"] {
        world.refused(&format!("sheet {line}"), 1, &unknown);
    }
    let unknown = ["\"Emberdeep\" has no section \"Gate\"", "name one of its 2, or its number"];
    world.refused("sheet show Emberdeep Gate", 1, &unknown);
    world.refused("sheet edit Emberdeep 3 --note x", 1, &["has no section \"3\""]);
    world.ok("sheet edit Emberdeep --add Brim");
    let twice = ["2 sections of \"Emberdeep\" are called \"Brim\"", "by its number, 2 or 3"];
    world.refused("sheet show Emberdeep Brim", 1, &twice);
    world.refused("sheet edit Emberdeep Brim --note x", 1, &twice);
    world.ok("sheet edit Emberdeep 3 --note x");
    world.refused("--store nowhere sheet list", 1, &["there is no store at nowhere"]);
}

#[test]
fn a_title_that_is_taken_or_was_given_up_is_not_confused_with_another() {
    let world = with_sheet();
    world.refused(
        "sheet import TWRA.lua",
        1,
        &["does not say what the sheet is called", "--title"],
    );
    world.ok("sheet import TWRA.lua --title Other");
    world.refused(
        "sheet edit Other --title Emberdeep",
        1,
        &["another sheet is called \"Emberdeep\""],
    );
    world.ok("sheet edit Other --title Third");
    let said = ["first called \"Other\" is called \"Third\" now", "--title \"Third\""];
    world.refused("sheet import TWRA.lua --title Other", 1, &said);
    // A sheet that gets its title elsewhere is named by its id.
    world.ok("--store b init --as Brindle");
    world.ok("merge guild.gsync b");
    world.ok("--store b sheet remove Third");
    world.ok("--store b sheet edit Emberdeep --title Third");
    world.ok("merge guild.gsync b");
    let rows = world.json("sheet list")["rows"].clone();
    let ids: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["document"].as_str().unwrap()).collect();
    world.refused("sheet show Third", 1, &["2 sheets are called \"Third\"", ids[0], ids[1]]);
    world.refused("sheet import TWRA.lua --title Third", 1, &["2 sheets are called \"Third\""]);
    world.ok(&format!("sheet show {}", ids[0]));
}

#[test]
fn a_file_that_is_no_sheet_is_refused_whole() {
    let world = with_sheet();
    world.write("code.lua", "TWRA_Assignments = setmetatable({}, {})\n");
    world.write("loot.lua", "CEPGP = { [\"Traffic\"] = {} }\n");
    world.write("cut.csv", "Section,#title,x\nA,\"b\nc");
    world.write("other.json", "{\"format\":\"guildsync-archive\"}");
    world.write("empty", "");
    world.write("nul", [0; 100]);
    let cases = [
        ("code.lua", "line 1"),
        ("loot.lua", "there is no sheet in it (it holds CEPGP)"),
        ("cut.csv", "has no partner"),
        ("other.json", "JSON of guildsync-archive"),
        ("empty", "the file is empty"),
        ("nul", "a NUL byte"),
        ("absent", "it cannot be opened"),
        (".", "it is a folder; name a file in it"),
    ];
    for (file, said) in cases {
        let wanted = [&*format!("{file} was not read"), said];
        world.refused(&format!("sheet import {file} --title Emberdeep"), 1, &wanted);
        world.refused(&format!("sheet edit Emberdeep Brim --body {file}"), 1, &wanted);
    }
}

#[test]
fn what_passes_a_limit_is_refused_with_the_limit() {
    let world = with_sheet();
    let file = |sections: usize, rows: usize, cell: usize| {
        let mut text = "Section,#title,Big\n".to_owned();
        for section in 0..sections {
            text += &format!("S{section},Who\n");
            (0..rows).for_each(|_| text += &format!("S{section},{}\n", "x".repeat(cell)));
        }
        text
    };
    let cases = [
        (file(1, 501, 1), "rows, 500 is the most: split it"),
        (file(1, 1, 5000), "bytes in a text, 4096 is the most: split it"),
        (file(1, 30, 4000), "bytes, 65536 is the most: split it"),
        (file(257, 1, 1), "the sheet has more than 256 sections: split it in two"),
        (file(40, 10, 4000), "1048576 bytes"),
        ("Section\nA,b\n".replace("A", &"n".repeat(101)), "has 101 bytes, 100 is the most"),
    ];
    for (text, said) in cases {
        world.write("big.csv", text);
        world.refused("sheet import big.csv --title Emberdeep", 1, &[said]);
        world.refused("sheet import big.csv --title Big", 1, &[said]);
    }
    let names = (0..41).map(|n| format!("M{}", "a".repeat(n + 1))).collect::<Vec<_>>().join(",");
    world.refused(
        &format!("sheet edit Emberdeep --edit {names}"),
        2,
        &["41 members are named, 40 is the most"],
    );
    world.write("a.csv", "Section\nA,b\n");
    for n in 0..11 {
        world.ok(&format!("sheet import a.csv --title Sheet{n}"));
    }
    world.refused(
        "sheet import a.csv --title More",
        1,
        &["there are 12 sheets here", "sheet remove TITLE"],
    );
    world.ok("--store b init --as Brindle");
    world.ok("--store b sheet import a.csv --title More");
    world.refused("merge guild.gsync b", 1, &["has no room: a store takes 12 sheets"]);
}

#[test]
fn edits_that_make_no_sense_are_refused() {
    let world = with_sheet();
    let cases = [
        ("edit Emberdeep", 2, "nothing is to be changed"),
        ("edit Emberdeep --note x", 2, "which section?"),
        ("edit Emberdeep Brim", 2, "what is the section to be?"),
        ("edit Emberdeep Brim --cell 1=x", 2, "write ROW:COLUMN=TEXT"),
        ("edit Emberdeep Brim --cell 2:1=x", 1, "\"Brim\" has 1 row, and none is 2"),
        ("edit Emberdeep Brim --cell 1:4=x", 1, "has no column 4 in row 1"),
        ("edit Emberdeep Brim --cell 1:Heal=x", 1, "has no column \"Heal\": it has Icon, Tank"),
        ("edit Emberdeep Brim --cell 1:0=x", 1, "has no column \"0\""),
        ("edit Emberdeep Brim --remove-row 2", 1, "\"Brim\" has 1 row, and none is 2"),
        ("edit Emberdeep Brim --move-to 3", 1, "move it to 1 to 2"),
        ("edit Emberdeep Brim --remove --note x", 2, "cannot be used with"),
        ("edit Emberdeep Brim --pick 1 --title x", 2, "cannot be used with"),
        ("edit Emberdeep Brim --add x", 2, "cannot be used with"),
        ("edit Emberdeep Brim --body TWRA.lua --edit boss,,x", 2, "a member name is empty"),
        ("edit Emberdeep --pick 1", 1, "one version, and nothing to settle"),
        (
            "edit Emberdeep Brim --body two.csv",
            1,
            "has 2 sections, and not just one called \"Brim\"",
        ),
    ];
    world.write("two.csv", "Section\nA,b\nB,c\n");
    for (line, code, said) in cases {
        world.refused(&format!("sheet {line}"), code, &[said]);
    }
    let anonymous = World::new();
    anonymous.ok("init");
    anonymous.write("a.csv", "Section\nA,b\n");
    anonymous.refused(
        "sheet import a.csv --title A",
        1,
        &["nobody is named as the one who acts", "--as NAME"],
    );
    anonymous.ok("sheet import a.csv --title A --as Moss");
}
