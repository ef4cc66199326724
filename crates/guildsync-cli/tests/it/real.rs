//! The real histories, where they are present, against a loop of its own.

use std::collections::BTreeMap;

use serde_json::json;

use crate::merging::parts_meet;
use crate::world::{World, optional};

const WRATH: &str = "cepgp_wrath_traffic.lua";
const CLASSIC: &str = "cepgp_classic_traffic_4shapes.lua";

/// The rows of `CEPGP.Traffic`, each as the lines between its braces.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let traffic = text.lines().skip_while(|line| *line != "\t[\"Traffic\"] = {").skip(1);
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    for line in traffic.take_while(|line| *line != "\t},") {
        match line.strip_prefix("\t\t").unwrap() {
            "{" => row = Vec::new(),
            end if end.starts_with('}') => rows.push(std::mem::take(&mut row)),
            value => row.push(value.trim_start()),
        }
    }
    rows
}

/// A value without its comma, its index and its quotes.
fn value(line: &str) -> &str {
    let at = line.rfind(", -- [").unwrap();
    line[..at].trim_matches('"')
}

/// Each member's last "after", in hundredths, by name in lower case: EP, then GP.
fn last_after(rows: &[Vec<&str>]) -> [BTreeMap<String, String>; 2] {
    let mut last = [BTreeMap::new(), BTreeMap::new()];
    for row in rows {
        let target = value(row[0]).to_lowercase();
        if ["", "raid", "guild"].contains(&target.as_str()) {
            continue;
        }
        for (currency, column) in [(0, 4), (1, 6)] {
            let after = value(row[column]);
            if !after.is_empty() {
                last[currency].insert(target.clone(), after.to_owned());
            }
        }
    }
    last
}

#[test]
fn every_member_of_the_real_file_has_the_last_total_that_the_file_states() {
    let Some(text) = optional(WRATH) else { return };
    let rows = rows(&text);
    assert_eq!(rows.len(), 7851);
    let world = World::with_store();
    world.write("c.lua", &text);
    let done = world.json("import c.lua");
    assert_eq!(
        (&done["files"][0]["rows"], &done["files"][0]["refused"]),
        (&json!(7851), &json!([]))
    );
    for (profile, expected) in ["EP", "GP"].iter().zip(last_after(&rows)) {
        assert_eq!(expected.len(), 181);
        let got = world.standings("guild.gsync", profile).into_iter();
        let got: BTreeMap<String, String> =
            got.map(|(member, total)| (member.to_lowercase(), total)).collect();
        assert_eq!(got, expected, "{profile}");
    }
    assert_eq!(world.json("import c.lua")["added"], json!(0));
    for form in ["json", "csv", "lua"] {
        world.ok(&format!("export --format {form} -o all.{form}"));
        world.ok(&format!("--store {form} init"));
        world.ok(&format!("--store {form} import all.{form}"));
        assert_eq!(world.state(form), world.state("guild.gsync"), "{form}");
    }
}

#[test]
fn every_row_of_the_older_real_file_is_accounted_for() {
    let Some(text) = optional(CLASSIC) else { return };
    let world = World::with_store();
    world.write("c.lua", &text);
    let done = world.json("import c.lua");
    let file = &done["files"][0];
    let number = |field: &str| file["details"][field].as_u64().unwrap();
    let refused = file["refused"].as_array().unwrap().len() as u64;
    assert_eq!(number("rows"), 1556);
    assert_eq!(number("entry_rows") + number("note_rows") + refused, 1556);
    assert_eq!(number("untimed_rows"), 231);
    assert_eq!(world.json("import c.lua")["added"], json!(0));
}

#[test]
fn twenty_pairs_of_parts_of_the_real_file_meet_exactly() {
    let Some(text) = optional(WRATH) else { return };
    let rows: Vec<String> = rows(&text)
        .iter()
        .map(|row| {
            let values = row.iter().map(|line| &line[..line.rfind(", -- [").unwrap()]);
            values.collect::<Vec<_>>().join(", ")
        })
        .collect();
    let awards = ["Yelnatz 7.5 --at 2024-01-01 -p EP", "Masher -3 --at 2024-01-01 -p GP"];
    // The pairs come from a seed (SplitMix64); every fifth pair touches without overlapping, and every
    // other one has the older part on the other side.
    let mut state = 20_260_815u64;
    let mut draw = |below: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % below as u64) as usize
    };
    for pair in 0..20 {
        let end = 1 + draw(rows.len() - 1);
        let begin = if pair % 5 == 0 { end } else { draw(end) };
        let (older, newer) = (&rows[..end], &rows[begin..]);
        let parts = if pair % 2 == 0 { [older, newer] } else { [newer, older] };
        parts_meet(parts, &rows, awards);
    }
}
