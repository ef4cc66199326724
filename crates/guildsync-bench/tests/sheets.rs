//! Cost of assignment sheets as a gate: the section of `docs/cost.md` is what raids take today, and every must
//! holds with every seed.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;
use std::sync::OnceLock;

use guildsync::sections::{Label, Plain};
use guildsync::wire::lua::Value;
use guildsync::wire::records;
use guildsync_bench::sheet_cost::lines::{Goal, Line, Report, Unit};
use guildsync_bench::sheet_cost::{alone, page};
use guildsync_sim::corpus::sheet::assignments;
use guildsync_sim::scenario::sheets::{self, Kind};
use guildsync_sim::sheets::cells;

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cost.md");
    std::fs::read_to_string(path).unwrap()
}

/// Measured once for all tests.
fn report() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Report::measure(threads).unwrap()
    })
}

#[test]
fn nobody_makes_sheets_dearer_by_accident() {
    let section = page::section(report());
    if let Some(differs) = page::MARKS.new_lines(&document(), &section) {
        panic!(
            "sheets take something else than docs/cost.md says. If that is meant, update it with\n\
             \n    cargo xtask sheets --write docs/cost.md\n\nThese lines are new:\n{}\n\nAll of it:\n{section}",
            differs.join("\n")
        );
    }
}

#[test]
fn every_must_holds_with_every_seed_and_seeds_agree() {
    assert_eq!(report().broken(), [""; 0], "musts that do not hold");
}

#[test]
fn the_section_goes_between_its_marks_and_nowhere_else() {
    let document = document();
    let section = page::MARKS.section_of(&document).expect("docs/cost.md has a place for it");
    assert_eq!(page::MARKS.replace(&document, section).unwrap(), document);
    assert_eq!(page::MARKS.new_lines(&document, section), None);
    let other = page::MARKS.around("| another line |\n");
    assert_eq!(page::MARKS.new_lines(&document, &other).unwrap(), ["| another line |"]);
    assert_eq!(page::MARKS.replace("no marks", section), None);
}

#[test]
fn what_is_packed_alone_is_all_of_the_sheet() {
    let sheet = assignments(3, sheets::SECTIONS);
    let values = records::decode(&alone::pack(&sheet.sections).unwrap(), None).unwrap();
    let mut texts = Vec::new();
    values.iter().for_each(|value| texts_of(value, &mut texts));
    for section in &sheet.sections {
        let cells = section.header.iter().chain(section.rows.iter().flatten());
        let notes = section.note.iter().chain(&section.warning).flat_map(|text| text.split(' '));
        let all = cells.map(String::as_str).chain(notes).chain([section.name.as_str()]);
        for text in all {
            assert!(texts.iter().any(|packed| packed == text), "{text}");
        }
    }
    let n_rows: usize = sheet.sections.iter().map(|section| section.rows.len()).sum();
    assert_eq!(values.len(), sheet.sections.len() + n_rows);
    let cells = sheet.sections.iter().flat_map(|section| section.rows.concat());
    let packed = values.iter().filter_map(Value::as_table).filter(|row| row.get("m").is_some());
    let packed = packed.flat_map(|row| {
        let rest = row.get("c").and_then(Value::as_table).unwrap().positional();
        [row.get("m").unwrap(), row.get("r").unwrap()].into_iter().chain(rest)
    });
    assert!(cells.eq(packed.map(|cell| cell.as_str().unwrap().to_owned())));
}

fn texts_of(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Str(text) => texts.push(text.clone()),
        Value::Table(table) => {
            table.positional().iter().for_each(|value| texts_of(value, texts));
            table.keyed().for_each(|(_, value)| texts_of(value, texts));
        }
        _ => {}
    }
}

#[test]
fn every_member_ends_with_the_very_sheet_and_an_edit_is_sent_as_a_difference() {
    let (cost, records) = sheets::publish(3, 0.1);
    assert!(cost.is_everywhere && cost.failure.is_none(), "{cost:?}");
    assert_eq!(cost.kinds.values().sum::<u64>(), cost.frames);
    assert!(cost.kinds.contains_key(&Kind::Repair), "a tenth was lost: {cost:?}");
    assert!(!records.is_empty());
    let (cost, section, _) = sheets::edit(3, 0.0);
    let whole: (Label, Plain) = cells::section(&section).unwrap();
    assert!(cost.is_everywhere);
    // Signature, ids and the announcement included: less than half of the section as it is kept.
    assert!(cost.bytes < whole.1.bytes().len() as u64 / 2, "{cost:?}");
    assert!(!assignments(3, sheets::SECTIONS).sections.contains(&section), "it was edited");
    // With nothing on the channel nobody follows, and that counts as what it is.
    let took = sheets::cursor(3, 1.0, 1);
    assert!(
        took.iter().all(|&ms| ms == sheets::CURSOR_MS_MAX) && took.len() == sheets::MEMBERS - 1
    );
}

#[test]
fn a_goal_is_kept_up_to_its_last_frame_and_by_every_seed() {
    let line = |measured: &[f64], others: &[f64]| Line {
        what: "a line",
        loss: 0.0,
        unit: Unit::Frames,
        least: vec![10.0, 20.0],
        measured: measured.to_vec(),
        others_least: vec![10.0],
        others: others.to_vec(),
        must: Some(Goal::Times(1.3)),
        aim: Some(Goal::Plus(1.0)),
    };
    let good = line(&[11.0, 21.0], &[11.0]);
    assert!(good.keeps(Goal::Times(1.3)) && good.keeps(Goal::Plus(1.0)));
    assert!(!good.keeps(Goal::AtMost(20.0)) && good.keeps(Goal::AtMost(21.0)));
    assert_eq!(good.broken(), None);
    // One is enough, of the other seeds too.
    for one in [line(&[14.0, 21.0], &[11.0]), line(&[11.0, 21.0], &[14.0])] {
        assert!(one.broken().is_some());
    }
    let far = line(&[10.0, 20.0], &[13.0]);
    assert!((far.differs() - 2.0 / 15.0).abs() < 1e-9);
}
