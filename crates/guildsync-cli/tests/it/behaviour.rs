//! The behaviour table's rows that show in the program.

use serde_json::json;

use crate::world::World;

/// Rows 133: 14 digits, date and time, seconds.
#[test]
fn times_are_accepted_in_three_formats_by_awards_and_by_filters() {
    let world = World::with_store();
    for (n, time) in ["1630624903", "20210902232143", "2021-09-02 23:21:43"].iter().enumerate() {
        let points = (n + 1).to_string();
        let ran = world.args(&["award", "Brindle", &points, "--at", time]);
        assert_eq!(ran.code, 0, "{ran:?}");
        for filter in ["--since", "--until"] {
            let ran = world.args(&["log", "--json", filter, time]);
            let shown: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
            assert_eq!(shown["shown"], json!(n + 1), "{filter} {time}");
        }
        let ran = world.args(&["standings", "--json", "--at", time]);
        let shown: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(shown["at"], json!("2021-09-02 23:21:43"));
        assert_eq!(shown["standings"].as_array().unwrap().len(), 1);
    }
    for line in world.json("log")["lines"].as_array().unwrap() {
        assert_eq!(line["seconds"], json!(1_630_624_903));
        assert_eq!(line["time"], json!("2021-09-02 23:21:43"));
    }
    world.refused("award Brindle 1 --at yesterday", 2, &["is not a time", "YYYYMMDDHHMMSS"]);
}

/// Row 142.
#[test]
fn reports_count_what_was_read_added_there_already_repeated_and_refused() {
    let world = World::with_store();
    world.write(
        "p.txt",
        "1|1630624903|Oakhand|Brindle|12.5|12.5|a|Default\n\
         2|1630624904|Oakhand|Brindle|1|13.5|b|Default\n\
         2|1630624904|Oakhand|Brindle|1|13.5|b|Default\n\
         3|never|Oakhand|Brindle|1|13.5|b|Default\n",
    );
    world.write(
        "c.lua",
        "TRAFFIC = {\n{ \"Brindle\", \"Oakhand\", \"Add EP 5\", 90, 95, 10, 10, },\n\
         { \"Raid\", \"Oakhand\", \"Add Raid EP 5\", },\n\
         { \"Brindle\", \"\", \"Add EP 5\", 95, 100, 10, 10, },\n}\n",
    );
    let done = world.json("import p.txt c.lua");
    let [pipe, cepgp] = [&done["files"][0], &done["files"][1]];
    assert_eq!(
        (&pipe["rows"], &pipe["added"], &pipe["repeated"]),
        (&json!(4), &json!(2), &json!(1))
    );
    assert_eq!(pipe["refused"][0]["place"], json!("line 4"));
    assert_eq!(
        (&cepgp["rows"], &cepgp["totals"], &cepgp["notes"]),
        (&json!(3), &json!(2), &json!(1))
    );
    assert_eq!(cepgp["refused"][0]["place"], json!("row 3"));
    assert_eq!(done["added"], json!(5));

    let again = world.json("import p.txt c.lua");
    assert_eq!((&again["added"], &again["state_hash"]), (&json!(0), &done["state_hash"]));
    assert_eq!(again["files"][0]["already_there"], json!(2));
    assert_eq!(again["files"][1]["already_there"], json!(3));
    let told = world.ok("import p.txt c.lua");
    assert!(told.contains("imported 0 entries; 5 are in guild.gsync now"), "{told}");
    assert!(told.contains("refused line 4: timestamp: \"never\" is not a time"), "{told}");
}

/// Row 150: profiles and logs.
#[test]
fn profiles_and_logs_are_managed_and_read_from_the_program() {
    let world = World::with_store();
    world.ok("profile create Raid-Team-A");
    world.ok("profile switch Raid-Team-A");
    world.ok("award Brindle 5 Attendance");
    world.ok("profile rename Raid-Team-A Heroes");
    let told = world.ok("profile list");
    assert!(told.contains("*  Heroes   open"), "{told}");
    assert_eq!(world.json("log")["profile"], json!("Heroes"));
    assert_eq!(world.json("log")["lines"][0]["reason"], json!("Attendance"));
    world.ok("profile switch Default");
    world.ok("profile delete Heroes");
    assert_eq!(world.entries("guild.gsync"), [("Default".to_owned(), 0)]);
}

/// Row 150: the debug log.
#[test]
fn the_debug_log_shows_what_the_program_does_and_can_be_filtered() {
    let world = World::with_store();
    let award = ["award", "Brindle", "5"];
    let quiet = world.args(&award);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
    let told = world.run_with(&award, &[("GUILDSYNC_LOG", "debug")]);
    assert!(told.err.contains("DEBUG") && told.err.contains("committed"), "{told:?}");
    let filtered = world.run_with(&award, &[("GUILDSYNC_LOG", "guildsync=info")]);
    assert!(!filtered.err.contains("DEBUG") && filtered.err.contains("INFO"), "{filtered:?}");
    assert!(world.args(&["award", "Brindle", "5", "--verbose"]).err.contains("DEBUG"));
    let bad = world.run_with(&award, &[("GUILDSYNC_LOG", "a=b=c")]);
    assert_eq!(bad.code, 2, "{bad:?}");
    assert!(bad.err.contains("is no filter"), "{bad:?}");
}

/// Row 161.
#[test]
fn names_typed_with_other_spaces_and_case_mean_the_same_member() {
    let world = World::with_store();
    for name in ["Brindle-ArgentDawn", "brindle - argent dawn", "BRINDLE-argentdawn"] {
        let ran = world.args(&["award", name, "5"]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let standings = world.standings("guild.gsync", "Default");
    assert_eq!(standings, [("Brindle-ArgentDawn".to_owned(), "15".to_owned())]);
    for line in world.json("log --member brindle-ARGENTDAWN")["lines"].as_array().unwrap() {
        assert_eq!(line["member"], json!("Brindle-ArgentDawn"));
    }
    let twice = world.args(&["award", "brindle-argent dawn,Brindle-ArgentDawn", "5"]);
    assert_eq!(twice.code, 2, "{twice:?}");
    assert!(twice.err.contains("is named twice"), "{twice:?}");
}

/// Row 1.
#[test]
fn an_undone_entry_stays_in_the_log_marked() {
    let world = World::with_store();
    world.ok("award Brindle 5 Attendance");
    let before = world.json("log")["lines"][0].clone();
    let id = before["id"].as_str().unwrap();
    world.ok(&format!("undo {id}"));
    let shown = world.json("log");
    let (first, undo) = (&shown["lines"][0], &shown["lines"][1]);
    assert_eq!((&first["id"], &first["delta"]), (&before["id"], &before["delta"]));
    assert_eq!((&first["counts"], &first["verdict"]), (&json!(false), &json!("undone")));
    assert_eq!((&first["undone_by"], &undo["undoes"]), (&undo["id"], &first["id"]));
    let short = undo["short_id"].as_str().unwrap();
    for command in ["log", "audit"] {
        let told = world.ok(command);
        assert!(told.contains("Attendance") && told.contains("✗"), "{told}");
        assert!(told.contains(&format!("undone by {short}")), "{told}");
    }
}

/// Row 2.
#[test]
fn an_entry_shows_id_time_actor_target_amount_total_and_reason_of_its_profile() {
    let world = World::with_store();
    world.ok("award Brindle 5 --at 1630624903");
    world.ok("award Brindle 2.5 --at 1630624904 --as Anna Boss kill");
    let shown = world.json("log");
    let line = &shown["lines"][1];
    assert_eq!(shown["profile"], json!("Default"));
    assert_eq!(line["id"], json!(format!("{}:2", world.writer("guild.gsync"))));
    assert_eq!((&line["time"], &line["officer"]), (&json!("2021-09-02 23:21:44"), &json!("Anna")));
    assert_eq!((&line["member"], &line["delta"]), (&json!("Brindle"), &json!(2.5)));
    assert_eq!((&line["stated_total"], &line["reason"]), (&json!(7.5), &json!("Boss kill")));
}

/// Row 6.
#[test]
fn audit_answers_who_when_why_before_after_and_whether_it_counts() {
    let world = World::with_store();
    world.write(
        "c.lua",
        "TRAFFIC = {\n{ \"Brindle\", \"Anna\", \"Add EP 5\", 90, 95, 10, 10, \"\", 1630624903, },\n\
         { \"Brindle\", \"Anna\", \"Add EP 5 (late)\", 60, 65, 10, 10, \"\", 1630624904, },\n}\n",
    );
    world.ok("import c.lua");
    world.ok("award Brindle -5 --at 1630624905 --profile EP decay");
    world.ok("award Thorn 1 --at 1630624906 --profile EP");
    let shown = world.json("audit --member brindle --profile EP");
    let lines = shown["lines"].as_array().unwrap();
    let of = |i: usize, field: &str| lines[i][field].clone();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (of(1, "before"), of(1, "after"), of(1, "overrode")),
        (json!(95), json!(65), json!(95))
    );
    assert_eq!((of(1, "officer"), of(1, "basis")), (json!("Anna"), json!("total")));
    assert_eq!((of(2, "before"), of(2, "after")), (json!(65), json!(60)));
    assert_eq!((of(2, "officer"), of(2, "counts")), (json!("Oakhand"), json!(true)));
    let told = world.ok("audit --member brindle");
    assert!(told.contains("yes, set aside 95"), "{told}");
    assert!(
        told.contains("2021-09-02 23:21:45  Oakhand  Brindle      65      -5     60"),
        "{told}"
    );
}

/// Row 43, and 42 as a file format.
#[test]
fn a_bar_inside_a_reason_survives_the_pipe_text() {
    let world = World::with_store();
    let reason = "|cffa335ee|Hitem:29765|h[Example Leggings]|h|r \\ more";
    let ran = world.args(&["award", "Brindle", "5", reason, "--at", "1630624903"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(world.ok("log").contains("[Example Leggings] \\ more"));
    let text = world.ok("export --format pipe");
    assert!(text.starts_with("1|1630624903|Oakhand|Brindle|5|5|\\pcffa335ee\\pHitem"), "{text}");
    world.write("p.txt", text);
    world.ok("--store b init");
    world.ok("--store b import p.txt");
    assert_eq!(world.json("--store b log")["lines"][0]["reason"], json!(reason));
}
