//! `guildsync table`: records listed, shown and edited, and what is no record refused.

use serde_json::{Value, json};

use crate::world::{Ran, World};

/// The guild of the seeds' examples.
pub(crate) const EONAR: &str = "No Rest For The Wicked-Eonar";

/// An entry of the unified schema.
pub(crate) fn entry(table: &str, id: &str, guild: &str, updated: &str, data: Value) -> Value {
    json!({
        "id": id, "tableType": table, "guildName": guild, "lastUpdated": updated,
        "deleted": data.is_null(), "data": if data.is_null() { json!({}) } else { data },
    })
}

/// What a news item says.
pub(crate) fn news(title: &str) -> Value {
    json!({ "title": title, "content": "At eight.", "category": "General", "date": "2024-12-01" })
}

/// What an event says.
pub(crate) fn event(title: &str) -> Value {
    json!({ "title": title, "content": "", "category": "Raid", "eventDate": "2024-12-01 20:00:00" })
}

/// A member's row.
pub(crate) fn row(name: &str, level: u32) -> Value {
    json!({
        "name": name, "class": "Mage", "level": level, "rank": "Member", "itemLevel": "610",
        "battletag": "NA", "roles": ["Damage"], "guildJoinDate": "2024-11-30", "professions": [],
        "mainCharacter": "NA", "interests": [], "birthdate": "NA", "faction": "Horde",
    })
}

/// Entries as a file of tables.
pub(crate) fn file(entries: &[Value]) -> String {
    let mut tables = json!({});
    for entry in entries {
        let table = &mut tables[entry["tableType"].as_str().unwrap()];
        match table.as_array_mut() {
            Some(list) => list.push(entry.clone()),
            None => *table = json!([entry]),
        }
    }
    tables.to_string()
}

/// A world whose store `guild.gsync` of Oakhand has these tables.
fn with_tables(entries: &[Value]) -> World {
    let world = World::with_store();
    world.write("tables.json", file(entries));
    world.ok("table import tables.json");
    world
}

/// A line that has to be refused, run with arguments that hold blanks.
#[track_caller]
fn refused(world: &World, args: &[&str], code: i32, said: &[&str]) {
    let before = world.snapshot();
    let Ran { code: found, err, .. } = world.args(args);
    assert_eq!(found, code, "{args:?}: {err}");
    for part in said {
        assert!(err.contains(part), "{args:?}: {part:?} is not in {err:?}");
    }
    assert!(before == world.snapshot(), "{args:?} changed something");
}

#[test]
fn records_are_written_field_by_field_and_the_other_fields_stay() {
    let world =
        with_tables(&[entry("roster", "Brindle-Eonar", EONAR, "20241215085707", row("B", 70))]);
    let done = world.json("table set roster Brindle-Eonar level=80 rank=Officer roles:=[\"Tank\"]");
    let mut wanted = row("B", 80);
    (wanted["rank"], wanted["roles"]) = (json!("Officer"), json!(["Tank"]));
    // An empty list and an empty table are one in Lua.
    (wanted["professions"], wanted["interests"]) = (json!({}), json!({}));
    assert_eq!(
        (&done["data"], &done["guild"], &done["changed"]),
        (&wanted, &json!(EONAR), &json!(true))
    );
    let shown = world.json("table show roster brindle-eonar");
    assert_eq!((&shown["data"], &shown["hash"]), (&wanted, &done["hash"]));
    assert!(shown["seconds"].as_u64() > Some(1_734_253_027));
    // The same again is no new version.
    let again = world.json("table set roster Brindle-Eonar level=80");
    assert_eq!((&again["changed"], &again["hash"]), (&json!(false), &done["hash"]));
    // A new row holds what the addon writes for nothing; its guild is the only one there is.
    let new = world.json("table set roster Moss-Eonar class=Druid note:=null");
    assert_eq!((&new["data"]["rank"], &new["data"]["level"]), (&json!("NA"), &json!(0)));
    assert_eq!((&new["data"]["name"], &new["guild"]), (&json!("Moss-Eonar"), &json!(EONAR)));
    let ran = world.args(&[
        "table",
        "set",
        "news",
        "1",
        "--data",
        "{ title = \"Raid\", content = \"\" }",
    ]);
    assert!(ran.out.contains("added 1 of news (No Rest For The Wicked-Eonar): Raid"), "{ran:?}");
    let listed = world.ok("table list");
    assert!(
        listed.contains("Druid, level 0") && listed.contains("Mage, level 80, Officer"),
        "{listed}"
    );
    assert!(listed.starts_with("3 of 3 records\n"), "{listed}");
}

#[test]
fn what_is_deleted_stays_known_and_can_be_written_again() {
    let world = with_tables(&[entry("news", "1", EONAR, "20241201050922", news("Raid"))]);
    assert!(world.ok("table delete news 1").contains("deleted 1 of news"));
    let before = world.snapshot();
    assert!(world.ok("table delete news 1").contains("was deleted already"));
    assert!(before == world.snapshot());
    let shown = world.json("table show news 1");
    assert_eq!((&shown["deleted"], &shown["data"]), (&json!(true), &Value::Null));
    assert_eq!(shown["kept"]["data"]["title"], json!("Raid"));
    assert!(world.ok("table show news 1").contains("It held, until its data goes:"));
    let listed = |line: &str| world.json(line)["shown"].as_u64().unwrap();
    assert_eq!((listed("table list"), listed("table list --deleted")), (0, 1));
    assert!(world.ok("table set news 1 title=Again content=x").contains("brought back 1 of news"));
    assert_eq!((listed("table list news"), listed("table list calendar")), (1, 0));
}

#[test]
fn a_record_of_two_guilds_is_named_with_its_guild() {
    let other = "Oak-Eonar";
    let world = with_tables(&[
        entry("news", "1", EONAR, "20241201050922", news("Ours")),
        entry("news", "1", other, "20241201050923", news("Theirs")),
    ]);
    world.refused(
        "table show news 1",
        1,
        &["2 guilds have a record 1 in news", "add `--guild NAME`"],
    );
    assert_eq!(world.json("table show news 1 --guild Oak-Eonar")["data"]["title"], json!("Theirs"));
    assert_eq!(world.json("table list --guild Oak-Eonar")["shown"], json!(1));
    // Whose a new record is cannot be told, until a row says which guild the member is in.
    let said =
        ["which guild guild.gsync is in cannot be told", "no roster row of Oakhand", "--guild"];
    world.refused("table set news 2 title=x content=y", 1, &said);
    world.ok("table set roster Oakhand class=Druid --guild Oak-Eonar");
    assert_eq!(world.json("table set news 2 title=x content=y")["guild"], json!(other));
}

#[test]
fn what_is_no_record_is_refused_with_the_field_and_what_to_do() {
    let world = with_tables(&[entry("news", "1", EONAR, "20241201050922", news("Raid"))]);
    let field = ["the field \"roles\" is \"Tank\", it has to be a table", "FIELD:=JSON"];
    world.refused("table set roster Moss-Eonar roles=Tank", 1, &field);
    world.refused("table set news 2 title=x", 1, &["the field \"content\" is missing"]);
    world.refused("table set news 1 date=soon", 1, &["\"soon\", it has to be a date in UTC"]);
    world.refused("table set news 1 title:=5", 1, &["the field \"title\" is 5, it has to be text"]);
    world.refused("table set setup 1 guilds:=[1]", 1, &["a list of guilds, each { name ="]);
    let long = format!("title={}", "x".repeat(66_000));
    refused(&world, &["table", "set", "news", "1", &long], 1, &["at most 65536: shorten its text"]);
    let deep = format!("x:={}1{}", "[".repeat(40), "]".repeat(40));
    refused(
        &world,
        &["table", "set", "news", "1", &deep],
        1,
        &["more than 32 tables inside each other"],
    );
    let deeper = format!("x:={}1{}", "[".repeat(1000), "]".repeat(1000));
    refused(&world, &["table", "set", "news", "1", &deeper], 2, &["nested too deep"]);
    world.refused("table set news 1", 2, &["FIELD=VALUE"]);
    world.refused("table set news 1 title", 2, &["sets no field: write FIELD=TEXT"]);
    refused(
        &world,
        &["table", "set", "news", "1", "--data", "[1]"],
        2,
        &["a list: fields have names"],
    );
    let unknown = ["\"loot\" is no table: there are setup, news, guildInfo, calendar and roster"];
    for line in
        ["table list loot", "table show loot 1", "table delete loot 1", "table set loot 1 a=b"]
    {
        world.refused(line, 2, &unknown);
    }
    world.refused(
        "table show news 9",
        1,
        &["there is no record 9 in news", "table list news --deleted"],
    );
    world.refused("table delete calendar 1", 1, &["but there is one in news"]);
    world.refused("--store nowhere table list", 1, &["there is no store at nowhere"]);
}

#[test]
fn who_is_no_officer_writes_its_own_row_alone() {
    let world =
        with_tables(&[entry("roster", "Oakhand", EONAR, "20241215085707", row("Oakhand", 70))]);
    let officers = "--officer Brindle,Moss";
    world.ok(&format!("table set roster oakhand level=71 {officers}"));
    let said = ["Oakhand may not write 1 of news", "--officer and --leader"];
    world.refused(&format!("table set news 1 title=x content=y {officers}"), 1, &said);
    world.ok(&format!("table set news 1 title=x content=y {officers} --as Moss"));
    let ranks = [
        ("GUILDSYNC_OFFICERS", "Brindle"),
        ("GUILDSYNC_LEADERS", "No Rest For The Wicked-Eonar=Moss"),
    ];
    let link = ["table", "set", "setup", "links", "guilds:=[{\"name\":\"Oak-Eonar\"}]", "--as"];
    for (who, code) in [("Oakhand", 1), ("Brindle", 1), ("Moss", 0)] {
        let args: Vec<&str> = link.iter().copied().chain([who]).collect();
        let ran = world.run_with(&args, &ranks);
        assert_eq!(ran.code, code, "{who}: {ran:?}");
    }
    world.refused("table list --leader Moss", 2, &["unexpected argument"]);
    world.refused("table delete news 1 --leader Moss", 2, &["write GUILD=NAME"]);
}

#[test]
fn a_dry_run_of_a_table_command_says_what_would_be_done_and_leaves_every_byte() {
    let world = with_tables(&[entry("news", "1", EONAR, "20241201050922", news("Raid"))]);
    world.write("more.json", file(&[entry("news", "2", EONAR, "20241201050922", news("Raid"))]));
    let before = world.snapshot();
    for (line, said) in [
        ("table set news 1 title=New", "changed 1 of news"),
        ("table set news 3 title=New content=x", "added 3 of news"),
        ("table delete news 1", "deleted 1 of news"),
        ("table import more.json", "imported: 1 added; 2 records in guild.gsync"),
        ("table export new.json", "wrote 1 record"),
        ("table reset", "no session is unfinished"),
    ] {
        let told = world.ok(&format!("{line} --dry-run"));
        assert!(told.starts_with("dry run, nothing was changed"), "{line}: {told}");
        assert!(told.contains(said), "{line}: {told}");
        assert!(before == world.snapshot(), "{line} changed something");
    }
}

#[test]
fn a_damaged_store_and_a_backup_are_read_and_not_written() {
    let world = with_tables(&[entry("news", "1", EONAR, "20241201050922", news("Raid"))]);
    assert!(world.ok("backup old").contains("copied 0 entries and 1 record of guild.gsync"));
    assert_eq!(world.json("--store old table list")["shown"], json!(1));
    assert!(
        world.ok("--store new restore old").contains("restored 0 entries and 1 record from old")
    );
    assert_eq!(world.json("--store new table list"), world.json("table list"));
    assert!(world.ok("verify").contains("0 seals, 1 record, the key"));
    world.refused("--store old table delete news 1", 1, &["is a backup and stays as it is"]);
    world.ok("award Brindle 5");
    world.lose_entry("guild.gsync", &world.writer("guild.gsync"), 1);
    let listed = world.args(&["table", "list"]);
    assert!(listed.code == 0 && listed.err.contains("is damaged"), "{listed:?}");
    world.refused("table set news 1 title=x", 1, &["is damaged and was left as it is"]);
}
