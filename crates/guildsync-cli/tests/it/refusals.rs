//! Bad input: each a clear error, with nothing changed.

use std::fs::File;
use std::io::{BufWriter, Write};

use crate::world::World;

#[test]
fn nesting_ten_million_deep_is_refused() {
    let world = World::with_store();
    for (name, start, said) in [
        ("deep.lua", "CEPGP = ", "tables are nested too deep, the limit is 64"),
        ("deep.json", "", "deep.json was not imported: line 1, column 2"),
        ("array.json", "[", "array.json was not imported"),
    ] {
        let mut file = BufWriter::new(File::create(world.path(name)).unwrap());
        file.write_all(start.as_bytes()).unwrap();
        let brace = if start == "[" { [b'['; 10_000] } else { [b'{'; 10_000] };
        for _ in 0..1000 {
            file.write_all(&brace).unwrap();
        }
        file.flush().unwrap();
        drop(file);
        let before = world.bytes("guild.gsync");
        let ran = world.run(&format!("import {name}"));
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(said), "{ran:?}");
        assert_eq!(before, world.bytes("guild.gsync"));
    }
}

#[test]
fn truncated_files_are_recognised_and_refused_whole() {
    let world = World::with_store();
    world.ok("award Brindle 5");
    for format in ["json", "csv", "lua"] {
        let whole = world.ok(&format!("export --format {format}"));
        world.write("cut", &whole[..whole.len() * 2 / 3]);
        world.refused("import cut", 1, &["cut was not imported", "the file was cut off"]);
    }
    world.write("cut", "1|1630624903|Oakhand|Brindle|12.5|12.5|a|Default");
    world.refused("import cut", 1, &["cut was not imported", "probably cut off"]);
    world.write("cut", "TRAFFIC = {\n\t{ \"Brindle\", \"Oakhand\", \"Add EP 5\", 90, 95, 1");
    world.refused("import cut", 1, &["was cut off inside", "line 2"]);
}

#[test]
fn one_bad_file_among_good_ones_takes_nothing_in() {
    let world = World::with_store();
    world.write("good", "1|1630624903|Oakhand|Brindle|12.5|12.5|a|Default\n");
    world.write("bad", "TRAFFIC = {");
    world.refused("import good bad", 1, &["bad was not imported"]);
    world.refused("import good nowhere", 1, &["nowhere was not imported", "check its name"]);
    world.refused("import .", 1, &["it is a folder; name the files in it"]);
}

#[test]
fn files_of_nul_bytes_are_refused() {
    let world = World::with_store();
    world.write("nul.lua", [0; 4000]);
    world.refused("import nul.lua", 1, &["line 1, column 1: a NUL byte", "restore a copy of it"]);
    world.write("half.lua", [b"TRAFFIC = {\n".as_slice(), &[0; 4000]].concat());
    world.refused("import half.lua", 1, &["line 2, column 1: a NUL byte"]);
}

#[test]
fn names_of_65_characters_are_refused() {
    let world = World::with_store();
    let name = "x".repeat(65);
    let said = ["a member name has 65 bytes, at most 48 are allowed: shorten it"];
    world.refused(&format!("award {name} 5"), 2, &said);
    world.refused(&format!("award Brindle 5 --as {name}"), 2, &said);
    world.refused(&format!("log --member {name}"), 2, &said);
    world.refused(
        &format!("import x --ep {name}"),
        1,
        &["a profile name has 65 characters, at most 64 are allowed: shorten it"],
    );
    // A row of a file is refused alone, with its place and the reason.
    world.write("p.txt", format!("1|1630624903|Oakhand|{name}|1|1|a|Default\n"));
    let told = world.ok("import p.txt");
    assert!(told.contains("refused line 1: target: a member name has 65 bytes"), "{told}");
    assert_eq!(world.entries("guild.gsync"), [("Default".to_owned(), 0)]);
}

#[test]
fn an_undo_of_what_cannot_be_undone_is_refused() {
    let world = World::with_store();
    world.ok("award Brindle 5");
    let writer = world.writer("guild.gsync");
    let short = &writer[..8];
    world.refused(&format!("undo {short}:9"), 1, &["is not in this log", "`guildsync log`"]);
    world.refused(&format!("undo {}:1", "ab".repeat(16)), 1, &["is not in this log"]);
    world.refused("undo nonsense", 1, &["names no entry", "like 1a2b3c4d:7"]);
    world.refused("undo ffffffff:1", 1, &["no writer here begins with", "`guildsync log`"]);
    world.refused(&format!("undo {}:1", &writer[..3]), 1, &["is too short"]);
    world.ok(&format!("undo {short}:1"));
    world.refused(&format!("undo {short}:1"), 1, &["was undone already"]);
    world.refused(&format!("undo {short}:2"), 1, &["is itself an undo", "award the points again"]);
    world.ok("profile rename Default Other");
    world.refused(&format!("undo {short}:3"), 1, &["moved no points", "nothing to undo"]);
}

#[test]
fn an_award_of_a_number_out_of_range_is_refused() {
    let world = World::with_store();
    let said = ["is out of range: an amount lies between -10000000 and 10000000"];
    for points in ["10000000.01", "-10000001", "99999999999999999999"] {
        world.refused(&format!("award Brindle {points}"), 2, &said);
    }
    for points in ["ten", "1.234", "1e5"] {
        world.refused(&format!("award Brindle {points}"), 2, &["is not an amount", "like 12.5"]);
    }
    world.ok("award Brindle 10000000");
    world.refused("award Brindle 0.01", 1, &["total would become 10000000.01", "award less"]);
    world.refused("award Thorn,Brindle 1", 1, &["Brindle's total would become 10000001"]);
    assert_eq!(world.entries("guild.gsync"), [("Default".to_owned(), 1)]);
}

#[test]
fn a_reason_that_is_too_long_and_a_name_given_twice_are_refused() {
    let world = World::with_store();
    world.refused(&format!("award Brindle 5 {}", "r".repeat(256)), 1, &["a reason has 256 bytes"]);
    world.refused("award Brindle,brindle 5", 2, &["is named twice"]);
    world.refused("award Brindle, 5", 2, &["a member name is empty"]);
}

#[test]
fn what_is_no_store_is_refused_by_every_command() {
    let world = World::with_store();
    world.write("text", "hello");
    world.write("empty", "");
    world.write("cut", &world.bytes("guild.gsync")[..6000]);
    for command in ["log", "standings", "award Brindle 5", "profile list", "verify", "backup x"] {
        world.refused(&format!("--store text {command}"), 1, &["is not a guildsync store"]);
        world.refused(&format!("--store empty {command}"), 1, &["it is empty"]);
        world.refused(&format!("--store nowhere {command}"), 1, &["there is no store at nowhere"]);
        world.refused(&format!("--store cut {command}"), 1, &["cut"]);
    }
}

#[test]
fn what_is_no_command_exits_with_2() {
    let world = World::new();
    for line in ["frobnicate", "award", "diff a", "export", "export --format pdf", "import"] {
        assert_eq!(world.run(line).code, 2, "{line}");
    }
    assert_eq!(world.run("--help").code, 0);
    assert_eq!(world.run("--version").code, 0);
    world.refused("merge a ./a", 1, &["there is no store at a"]);
    world.ok("--store a init");
    world.refused("merge a ./a", 2, &["one and the same store", "name two"]);
}
