//! Cost as a gate: the tables of `docs/cost.md` are what the scenarios take today, and every must holds.

use std::path::Path;

use guildsync_sim::scenario::cost::{Report, replace_tables, tables_of};
use guildsync_sim::scenario::finding::Finding;
use guildsync_sim::scenario::table::{Goal, rows};
use guildsync_sim::scenario::{Cost, Lack, Scenario};

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cost.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn nobody_makes_the_protocol_dearer_by_accident() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let report = Report::measure(threads);
    assert_eq!(report.broken(), [""; 0], "musts that do not hold");
    let (tables, document) = (report.tables(), document());
    let written = tables_of(&document).unwrap();
    if tables != written {
        let differs = tables.lines().filter(|line| !written.lines().any(|old| old == *line));
        let differs: Vec<&str> = differs.collect();
        panic!(
            "the scenarios take something else than docs/cost.md says. If that is meant, update it with\n\
             \n    cargo xtask sim --cost docs/cost.md\n\nThese lines are new:\n{}\n\nAll of it:\n{tables}",
            differs.join("\n")
        );
    }
}

#[test]
fn tables_go_between_their_marks_and_nowhere_else() {
    let document = document();
    let tables = tables_of(&document).unwrap();
    assert_eq!(replace_tables(&document, tables).unwrap(), document);
    let emptied = replace_tables(&document, "").unwrap();
    assert!(emptied.len() + tables.len() == document.len() && tables_of(&emptied).is_none());
    assert_eq!(replace_tables("no marks", tables), None);
}

fn cost(frames: u64, seconds: f64) -> Cost {
    Cost {
        scenario: String::new(),
        members: 40,
        converged: true,
        state_hash: String::new(),
        frames,
        bytes: 0,
        virtual_seconds: seconds,
        bound_frames: 20,
        bound_seconds: 10.0,
        busiest_frames: frames,
        answer_frames: 39,
        live_p99_ms: Some(1500),
        failure: None,
        trace_hash: String::new(),
    }
}

#[test]
fn a_goal_is_kept_up_to_its_last_frame_and_second() {
    let row = Scenario::new("x", 40, Lack::Same(500));
    let kept = |goal: Goal, frames, seconds| goal.is_met(&row, &cost(frames, seconds), 2.0);
    // 1.3 F is 26 frames; they take 16 s.
    let bound = Goal::TimesF(1.3, Some(2.0));
    assert!(kept(bound, 26, 18.0) && !kept(bound, 27, 18.0) && !kept(bound, 26, 18.1));
    assert!(kept(Goal::Seconds(12.0), 99, 12.0) && !kept(Goal::Seconds(12.0), 99, 12.1));
    let loss_free = Goal::TimesLossFree(2.5, 3.0);
    assert!(kept(loss_free, 99, 8.0) && !kept(loss_free, 99, 8.1));
    assert!(kept(Goal::OneRound(39, Some(3.0)), 1, 2.9));
    assert!(
        !kept(Goal::OneRound(39, Some(3.0)), 2, 2.9) && !kept(Goal::OneRound(38, None), 1, 2.9)
    );
    assert!(kept(Goal::Live(1.5), 1, 99.0) && !kept(Goal::Live(1.4), 1, 99.0));
    let not = Cost { converged: false, ..cost(1, 0.0) };
    assert!(!Goal::Seconds(12.0).is_met(&row, &not, 2.0));
}

#[test]
fn every_scenario_of_the_issue_is_in_the_table_for_both_logs() {
    let names: Vec<&str> = rows().iter().map(|row| row.scenario.name).collect();
    let (first, second) = names.split_at(names.len() / 2);
    assert_eq!(first, second);
    for name in ["in sync", "same 500", "tails", "late joiner", "first contact", "officers", "live"]
    {
        assert!(first.contains(&name), "{name}");
    }
}

#[test]
fn finding_out_costs_the_same_however_much_is_there() {
    let (short, long) = (Finding::measure(2_000, 100), Finding::measure(20_000, 100));
    assert!(long.total().0 <= short.total().0 + 20, "{short:?} {long:?}");
    assert_eq!(long.total().1, 2);
    assert!(long.seed.0 > 9 * short.seed.0);
}

#[test]
fn in_the_seeds_way_lists_of_ids_take_hundreds_of_frames() {
    let ours = Scenario { patience_ms: 60_000, ..Scenario::new("in sync", 3, Lack::Nothing) };
    let seeds = ours.clone().in_the_seeds_way();
    assert_eq!((ours.plan_name(), seeds.plan_name()), ("broadcast", "seed"));
    let (ours, seeds) = (ours.run(1, false).cost, seeds.run(1, false).cost);
    assert!(ours.converged && ours.frames == 3, "{ours:?}");
    assert!(!seeds.converged && seeds.frames > 60, "{seeds:?}");
}
