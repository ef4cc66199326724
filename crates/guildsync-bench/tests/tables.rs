//! Cost of table sync as a gate: the section of `docs/cost.md` is what sessions take today, and every must
//! holds, for generated records and for the measured file where it is present.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;

use guildsync_bench::corpus::read::{self, Content};
use guildsync_bench::corpus::tables::Sizes;
use guildsync_bench::table_cost::differ::{self, Counts};
use guildsync_bench::table_cost::records::Set;
use guildsync_bench::table_cost::scenarios::{self, Goal, Row};
use guildsync_bench::table_cost::session::{Cost, Way};
use guildsync_bench::table_cost::{page, union};

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cost.md");
    std::fs::read_to_string(path).unwrap()
}

fn broken(rows: &[Row]) -> Vec<String> {
    rows.iter().filter_map(Row::broken).collect()
}

#[test]
fn nobody_makes_table_sync_dearer_by_accident() {
    let rows = scenarios::generated().unwrap();
    assert_eq!(broken(&rows), [""; 0], "musts that do not hold");
    let (section, document) = (page::section(&rows), document());
    if let Some(differs) = page::MARKS.new_lines(&document, &section) {
        panic!(
            "the sessions take something else than docs/cost.md says. If that is meant, update it with\n\
             \n    cargo xtask tables --write docs/cost.md\n\nThese lines are new:\n{}\n\nAll of it:\n{section}",
            differs.join("\n")
        );
    }
}

#[test]
fn the_measured_file_keeps_every_must() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/guild-tables.json");
    if !path.exists() {
        println!("skip: no ../shared/data/guild-tables.json");
        return;
    }
    let Content::Tables(tables) = read::file(&path).unwrap() else { panic!("tables") };
    let set = Set::of(&tables, "guild-tables").unwrap();
    assert_eq!(set.len(), 700);
    assert_eq!(broken(&scenarios::small(&set).unwrap()), [""; 0], "musts that do not hold");
}

#[test]
fn the_section_goes_between_its_marks_and_nowhere_else() {
    let document = document();
    let section = page::MARKS.section_of(&document).unwrap();
    assert_eq!(page::MARKS.replace(&document, section).unwrap(), document);
    let emptied = page::MARKS.replace(&document, "").unwrap();
    assert!(emptied.len() + section.len() == document.len());
    assert_eq!(page::MARKS.replace("no marks", section), None);
}

#[test]
fn as_many_records_differ_as_are_asked_for_changed_added_and_deleted_on_both_sides() {
    let set = Set::generated(Sizes::GUILD).unwrap();
    for n in [10, 100] {
        let sides = differ::recent(&set, Counts::of(n)).unwrap();
        let [mine, theirs] = [0, 1].map(|side| union::texts(&sides[side]));
        let union = union::of(&sides);
        assert_eq!(union.len(), set.len());
        let lacks = |side: &[String]| union.iter().filter(|text| !side.contains(text)).count();
        // What one side wrote the other lacks, and every difference was written by one of them.
        assert_eq!((lacks(&mine), lacks(&theirs)), (n / 2, n / 2));
        assert!(sides.iter().all(|side| side.len() < set.len()));
        let deleted = |side: usize| sides[side].iter().filter(|record| record.is_deleted()).count();
        let before = set.records.iter().filter(|record| record.is_deleted()).count();
        assert!((0..2).all(|side| deleted(side) > before));
    }
    let sides = differ::conflicting(&set, Counts::of(10)).unwrap();
    let differ = sides[0].iter().zip(&sides[1]).filter(|(mine, theirs)| mine != theirs);
    assert!(differ.clone().all(|(mine, theirs)| mine.conflicts_with(theirs)));
    assert_eq!(differ.count(), 10);
}

#[test]
fn the_union_takes_the_later_then_the_deleted_whoever_holds_it() {
    let set = Set::generated(Sizes { roster: 4, news: 2, calendar: 2 }).unwrap();
    let sides = differ::old_change(&set).unwrap();
    assert_eq!(union::of(&sides), union::texts(&sides[1]));
    let turned = [sides[1].clone(), sides[0].clone()];
    assert_eq!(union::of(&turned), union::of(&sides));
}

#[test]
fn a_goal_is_kept_up_to_its_last_frame() {
    let cost = |there, back| Cost {
        converged: true,
        frames_there: there,
        frames_back: back,
        bytes: 0,
        virtual_seconds: 0.0,
        pulled: 0,
        pushed: 0,
        conflicts: 0,
        rounds: 1,
        widened: false,
        state_hash: String::new(),
    };
    assert!(Goal::EachWay(1).is_met(&cost(1, 1), None));
    assert!(!Goal::EachWay(1).is_met(&cost(2, 0), None));
    assert!(Goal::Frames(14).is_met(&cost(7, 7), None));
    assert!(!Goal::Frames(14).is_met(&cost(8, 7), None));
    let times = Goal::TimesCodec(1.3);
    assert!(times.is_met(&cost(3, 10), Some(10)) && !times.is_met(&cost(4, 10), Some(10)));
    let not = Cost { converged: false, ..cost(1, 1) };
    assert!(!Goal::Frames(14).is_met(&not, None));
}

#[test]
fn every_way_ends_equal_and_ours_takes_the_fewest_frames_of_ten_differences() {
    let rows = scenarios::small(&Set::generated(Sizes::GUILD).unwrap()).unwrap();
    assert!(rows.iter().all(|row| row.cost.converged));
    let ten = || rows.iter().filter(|row| row.scenario == "10 differ");
    let ours = ten().find(|row| row.way == Way::Ours).unwrap();
    assert!(ten().all(|row| row.way == Way::Ours || row.frames > ours.frames));
    assert!(rows.iter().any(|row| row.cost.widened && row.scenario == "an old change"));
    let conflicts = rows.iter().find(|row| row.scenario.ends_with("one second")).unwrap();
    assert_eq!(conflicts.cost.conflicts, 10);
}
