//! CEPGP rows in all their shapes, and what they become.

use guildsync_files::cepgp::{CepgpError, Names, Traffic};
use guildsync_log::{Basis, Change, Draft, Profiles};

use crate::world::{file, import, key, plan, standings, totals, traffic};

/// A draft as text: `time.count actor: change "reason" #origin`.
fn shown(draft: &Draft) -> String {
    let change = match &draft.change {
        Change::Points { target, delta, total, basis: Basis::Total } => {
            format!("{target} = {total} ({delta})")
        }
        Change::Points { target, delta, total, .. } => format!("{target} {delta} -> {total}"),
        Change::Note { about: Some(member) } => format!("note on {member}"),
        Change::Note { about: None } => "note".to_owned(),
        _ => "?".to_owned(),
    };
    let at = draft.stamp.seconds();
    let origin = draft.origin.unwrap_or(0);
    format!("{at} {}: {change} {:?} #{origin}", draft.actor, draft.reason)
}

fn ep(rows: &[&str]) -> Vec<String> {
    plan(rows).ep.iter().map(shown).collect()
}

fn gp(rows: &[&str]) -> Vec<String> {
    plan(rows).gp.iter().map(shown).collect()
}

const LINK: &str = "|cffa335ee|Hitem:29765:::::::::::::|h[Example Leggings]|h|r";

#[test]
fn all_row_shapes_are_read() {
    let rows = [
        // 11 columns, numbers as text.
        &*format!(
            r#""Brindle", "Oakhand", "Add GP 44 (Full Price)", "91", 91, 10, "54", "{LINK}", 50, 99.247, "Player-1-2""#
        ),
        // 9 columns with a hole at 8, time as text.
        r#""Brindle", "Oakhand", "Add EP +7 (Backup EP)", 91, 98, 54, 54, [9] = "60""#,
        // 9 columns, holes at 4 to 7.
        r#""Brindle", "Oakhand", "Manually Awarded", [8] = "", [9] = 70"#,
        // 8 columns with an item that is text, and 8 with a number that is a leftover.
        r#""Brindle", "Oakhand", "Add GP 2", 98, 98, 54, 56, "Consumable""#,
        r#""Brindle", "Oakhand", "Add GP 1", 98, 98, 56, 57, 2.7000000476837"#,
        // 7 columns, a half, and 3 columns.
        r#""Brindle", "Oakhand", "Decay EPGP -50%", 98, 49, 57, 28.5"#,
        r#""Raid", "Oakhand", "Add Raid EP +2 - Onyxia""#,
    ];
    assert_eq!(
        ep(&rows),
        [
            r#"50 Oakhand: Brindle = 91 (0) "Add GP 44 (Full Price) |cffa335ee|Hitem:29765:::::::::::::|h[Example Leggings]|h|r" #1"#,
            r#"60 Oakhand: Brindle 7 -> 98 "Add EP +7 (Backup EP)" #1"#,
            r#"70 Oakhand: note on Brindle "Manually Awarded" #1"#,
            r#"70 Oakhand: Brindle -49 -> 49 "Decay EPGP -50%" #1"#,
            r#"70 Oakhand: note "Add Raid EP +2 - Onyxia" #1"#,
        ]
    );
    assert_eq!(
        gp(&rows)[1..],
        [
            r#"70 Oakhand: Brindle 2 -> 56 "Add GP 2 Consumable" #1"#,
            r#"70 Oakhand: Brindle 1 -> 57 "Add GP 1" #1"#,
            r#"70 Oakhand: Brindle -28.5 -> 28.5 "Decay EPGP -50%" #1"#,
        ]
    );
    let report = plan(&rows).report;
    assert_eq!((report.rows, report.untimed_rows, report.named_rows), (7, 4, 6));
    assert_eq!(report.first_time.unwrap().to_string(), "1970-01-01 00:00:50");
}

#[test]
fn a_members_first_row_is_a_total() {
    let rows = [r#""Brindle", "Oakhand", "Add EP 5", 90, 95, 10, 10, "", 50"#];
    assert_eq!(ep(&rows), [r#"50 Oakhand: Brindle = 95 (5) "Add EP 5" #1"#]);
    assert_eq!(gp(&rows), [r#"50 Oakhand: Brindle = 10 (0) "Add EP 5" #1"#]);
}

#[test]
fn a_row_whose_before_is_missing_or_differs_is_a_total_and_no_other_is() {
    let rows = [
        r#""Brindle", "Oakhand", "a", 90, 95, "", "", "", 50"#,
        r#""brindle", "Oakhand", "fits", 95, 96, "", "", "", 51"#,
        r#""Brindle", "Oakhand", "differs", 100, 101, "", "", "", 52"#,
        r#""Brindle", "Oakhand", "missing", "", 103, "", "", "", 53"#,
        r#""Brindle", "Oakhand", "differs and stays", 104, 104, "", "", "", 54"#,
        r#""Brindle", "Oakhand", "stays", 104, 104, "", "", "", 55"#,
        r#""Brindle", "Oakhand", "no after", 104, "", "", "", "", 56"#,
        r#""Brindle", "Oakhand", "fits again", 104, 100, "", "", "", 57"#,
    ];
    assert_eq!(
        ep(&rows),
        [
            r#"50 Oakhand: Brindle = 95 (5) "a" #1"#,
            r#"51 Oakhand: brindle 1 -> 96 "fits" #1"#,
            r#"52 Oakhand: Brindle = 101 (1) "differs" #1"#,
            r#"53 Oakhand: Brindle = 103 (0) "missing" #1"#,
            r#"54 Oakhand: Brindle = 104 (0) "differs and stays" #1"#,
            r#"55 Oakhand: note on Brindle "stays" #1"#,
            r#"56 Oakhand: note on Brindle "no after" #1"#,
            r#"57 Oakhand: Brindle -4 -> 100 "fits again" #1"#,
        ]
    );
    let report = plan(&rows).report;
    assert_eq!((report.ep.total, report.ep.delta, report.notes), (4, 2, 2));
    assert_eq!(report.members, 1);
}

#[test]
fn rows_for_raid_guild_or_nobody_are_notes_in_the_profile_that_they_name() {
    let rows = [
        r#""Raid", "Oakhand", "Add Raid EP 5 - Boss", "", "", "", "", "", 50"#,
        r#""Guild", "Oakhand", "Decayed EPGP -25%", 1, 2, 3, 4, "", 51"#,
        r#""Guild", "Oakhand", "Decayed GP -25%", "", "", "", "", "", 52"#,
        r#""", "Oakhand", "Manually Awarded", "", "", "", "", "", 53"#,
        r#"[2] = "Oakhand", [3] = "Not EPGP Moderated""#,
    ];
    assert_eq!(ep(&rows).len(), 4);
    assert_eq!(gp(&rows), [r#"52 Oakhand: note "Decayed GP -25%" #1"#]);
    assert!(ep(&rows).iter().all(|row| row.contains(": note \"")));
}

#[test]
fn rows_that_cannot_be_read_are_refused_by_number_and_reason_and_the_rest_goes_on() {
    let long = "x".repeat(49);
    let rows = [
        r#""Brindle", "", "Add EP 5", 90, 95, 10, 10, "", 50"#,
        r#""Brindle", "Oakhand", "Add EP 5", "ninety", 95, 10, 10, "", 50"#,
        r#""Brindle", "Oakhand", "Add EP 5", 90, 95.125, 10, 10, "", 50"#,
        r#""Brindle", "Oakhand", "Add EP 5", 90, 95, 10, 10000001, "", 50"#,
        r#""Brindle", "Oakhand", "Add EP 5", -9000000, 9000000, 10, 10, "", 50"#,
        &*format!(r#""{long}", "Oakhand", "Add EP 5", 90, 95, 10, 10, "", 50"#),
        r#""Brindle", "Oakhand", "Add EP 5", 90, 95, 10, 10, "", "yesterday""#,
        r#""Brindle", "Oakhand", "Add EP 5", 90, true, 10, 10, "", 50"#,
        r#""Brindle", "Oakhand", {}, 90, 95, 10, 10, "", 50"#,
        r#""Brindle", "Oakhand", "Add EP 5", 90, 95, 10, 10, "", -1"#,
        r#""Brindle", "Oakhand", "good", 90, 95, 10, 10, "", 50"#,
    ];
    let text = file(&rows).replace("\t},\n}\n", "\t\"no row\",\n\t},\n}\n");
    let plan = Traffic::read(text.as_bytes()).unwrap().plan(None, None);
    let refused: Vec<String> = plan.report.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "row 1: column 2: no issuer, so nobody did it",
            "row 2: column 4: \"ninety\" is not an amount: write a number with at most two decimal places, like 12.5",
            "row 3: column 5: \"95.125\" is not an amount: write a number with at most two decimal places, like 12.5",
            "row 4: column 7: 10000001 is out of range: an amount lies between -10000000 and 10000000",
            "row 5: columns 4 and 5: the difference is 18000000, beyond ten million",
            "row 6: column 1: a member name has 49 bytes, at most 48 are allowed: shorten it",
            "row 7: column 9: \"yesterday\" is not a time in whole seconds since 1970",
            "row 8: column 5: a boolean where a number should be",
            "row 9: column 3: a table where text should be",
            "row 10: column 9: \"-1\" is not a time in whole seconds since 1970",
            "row 12: a string where a row should be",
        ]
    );
    assert_eq!((plan.report.rows, plan.report.entry_rows), (12, 1));
}

#[test]
fn rows_without_a_time_take_the_time_before_and_at_the_beginning_the_first_that_follows() {
    let row = |n: u32, time: &str| {
        format!(r#""M{n}", "Oakhand", "Add EP 1", {n}, {n}, "", "", "", {time}"#)
    };
    let rows = [row(1, "\"\""), row(2, "70"), row(3, "\"\""), row(4, "90"), row(5, "80")];
    let seconds = |rows: &[String]| -> Vec<u64> {
        plan(rows).ep.iter().map(|draft| draft.stamp.seconds()).collect()
    };
    assert_eq!(seconds(&rows), [70, 70, 70, 90, 90]);
    let report = plan(&rows).report;
    assert_eq!((report.untimed_rows, report.backward_rows), (2, 1));
    assert!(report.to_string().contains("2 rows without a time"), "{report}");
    let without = [row(1, "\"\""), row(2, "\"\"")];
    assert_eq!(seconds(&without), [0, 0]);
    assert!(plan(&without).report.without_any_time);
    assert_eq!(plan(&without).report.first_time, None);
}

#[test]
fn equal_rows_are_numbered_and_a_second_import_adds_nothing() {
    let rows = [
        r#""Brindle", "Oakhand", "Add EP 5", 90, 95, "", "", "", 50"#,
        r#""Brindle", "Oakhand", "Add EP 5", 90, 95, "", "", "", 50"#,
        r#""Raid", "Oakhand", "Add Raid EP 5", "", "", "", "", "", 50"#,
        r#""Raid", "Oakhand", "Add Raid EP 5", "", "", "", "", "", 50"#,
    ];
    let mut profiles = Profiles::default();
    let first = import(&mut profiles, &traffic(&rows), &key(1));
    let origins: Vec<_> = first.ep.iter().map(|draft| draft.origin).collect();
    assert_eq!(origins, [Some(1), Some(2), Some(1), Some(2)]);
    let hash = profiles.state_hash();
    let second = import(&mut profiles, &traffic(&rows), &key(2));
    assert_eq!((second.ep.len(), second.gp.len(), second.report.already_there), (0, 0, 4));
    assert_eq!(second.report.rows, second.report.entry_rows + second.report.note_rows);
    assert_eq!(profiles.state_hash(), hash);
}

#[test]
fn a_longer_file_adds_only_its_new_rows() {
    let rows: Vec<String> = (0..10u32)
        .map(|n| {
            format!(r#""M{}", "Oakhand", "{n}", {n}, {}, "", "", "", {}"#, n % 3, n + 1, 50 + n)
        })
        .collect();
    let mut profiles = Profiles::default();
    import(&mut profiles, &traffic(&rows[..6]), &key(1));
    let longer = import(&mut profiles, &traffic(&rows), &key(1));
    assert_eq!((longer.ep.len(), longer.report.already_there), (4, 6));
}

#[test]
fn every_standing_is_the_members_last_after() {
    let rows = [
        r#""Brindle", "Oakhand", "1", 90, 95, 10, 10, "", 50"#,
        r#""Ørn", "Oakhand", "2", "", 20, 7, 8, "", 50"#,
        r#""BRINDLE", "Oakhand", "3", 96, 90, 10, 12.25, "", 50"#,
        r#""Ørn", "Oakhand", "4", 20, -3, 9, 9, "", 51"#,
        r#""Quill", "Oakhand", "5", 4, 4, "", "", "", 52"#,
    ];
    let mut profiles = Profiles::default();
    import(&mut profiles, &traffic(&rows), &key(1));
    let [ep, gp] = Names::default().profiles();
    let total = |pairs: &[(&str, i64)]| {
        pairs.iter().map(|&(member, total)| (member.to_owned(), total)).collect()
    };
    assert_eq!(
        totals(profiles.get(&ep.id), true),
        total(&[("brindle", 9000), ("ørn", -300), ("quill", 400)])
    );
    assert_eq!(totals(profiles.get(&gp.id), true), total(&[("brindle", 1225), ("ørn", 900)]));
    assert_eq!(standings(&profiles).len(), 3, "Default, EP and GP");
}

#[test]
fn the_older_global_is_read_where_the_newer_is_absent() {
    let row = r#"{ "Brindle", "Oakhand", "a", 1, 2, 3, 4, }"#;
    let other = r#"{ "Brindle", "Oakhand", "b", 1, 2, 3, 4, }"#;
    let read = |text: String| Traffic::read(text.as_bytes()).unwrap().plan(None, None).report;
    assert_eq!(read(format!("TRAFFIC = {{ {row}, }}\n")).rows, 1);
    assert_eq!(read(format!("CEPGP = {{ [\"EP\"] = {{}} }}\nTRAFFIC = {{ {row} }}\n")).rows, 1);
    let both = |old: &str| {
        read(format!("CEPGP = {{ [\"Traffic\"] = {{ {row} }} }}\nTRAFFIC = {{ {old} }}\n"))
    };
    assert_eq!((both(row).rows, both(row).unread_rows), (1, 0));
    assert_eq!((both(other).rows, both(other).unread_rows), (1, 1));
    assert!(matches!(Traffic::read(&b"X = 1\n"[..]), Err(CepgpError::NoTraffic { .. })));
    let wrong = Traffic::read(&b"TRAFFIC = 1\n"[..]).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "TRAFFIC is a number, not a table of rows: this is not what CEPGP writes"
    );
}

#[test]
fn a_row_number_far_out_costs_nothing() {
    let text = "TRAFFIC = { [4000000000] = { \"Brindle\", \"Oakhand\", \"a\", }, [\"x\"] = 1, }\n";
    let report = Traffic::read(text.as_bytes()).unwrap().plan(None, None).report;
    assert_eq!((report.rows, report.note_rows, report.other_keys), (1, 1, 1));
}

#[test]
fn ep_and_gp_go_to_two_profiles() {
    assert!(matches!(Names::new("Raid", " Raid "), Err(CepgpError::OneProfile { .. })));
    assert!(matches!(Names::new("", "GP"), Err(CepgpError::Name(_))));
    assert_eq!(Names::new("EP", "GP"), Ok(Names::default()));
}

#[test]
fn a_report_reads_as_a_table_and_as_json() {
    let rows = [r#""Brindle", "Oakhand", "a", 1, 2, 3, 4, "", 1630624903"#, r#""Brindle", "", """#];
    let report = plan(&rows).report;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["ep"]["total"], 1);
    assert_eq!(json["first_time"], "2021-09-02 23:21:43");
    assert_eq!(json["refused"][0]["row"], 2);
    let table = report.to_string();
    assert!(table.contains("row 2: column 2: no issuer"), "{table}");
}
