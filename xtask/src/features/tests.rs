//! Tests of the check of `docs/features.md`, on small and on broken tables.

use super::*;
use serde_json::json;

fn workspace() -> Workspace {
    let package = |name: &str| json!({"name": name, "manifest_path": format!("/w/{name}/x")});
    let packages = [package("guildsync-log"), package("guildsync")];
    let metadata = json!({"packages": packages, "workspace_root": "/w", "target_directory": "/t"});
    Workspace::read(&metadata).unwrap()
}

fn parsed(line: &str) -> Row {
    let (mut rows, problems) = rows(line);
    assert_eq!(problems, Vec::<String>::new());
    rows.remove(0)
}

/// The problems of one row when the given tests passed.
fn judged(line: &str, passed: &[&str], skipped: &[&str]) -> Vec<String> {
    let passed = passed.iter().map(|&name| name.to_owned()).collect();
    let proofs = Proofs { passed: &passed, skipped: skipped.to_vec() };
    row_problems(&parsed(line), &workspace(), &proofs)
}

#[test]
fn rows_are_read_and_header_and_prose_are_not() {
    let text = "# Title\n\n| # | behaviour | seed | where | state | test |\n|--:|---|---|---|---|---|\n\
                | 7 | ids \\| more | 000, 001c | log, guildsync | works | `guildsync-log::a`, x::b |\n\
                | 8 | later | – | sim | planned | – |\n";
    let (rows, problems) = rows(text);
    assert_eq!(problems, Vec::<String>::new());
    let first = Row {
        line: 5,
        number: 7,
        crates: vec!["guildsync-log".to_owned(), "guildsync".to_owned()],
        works: true,
        tests: vec!["guildsync-log::a".to_owned(), "x::b".to_owned()],
    };
    assert_eq!(rows[0], first);
    assert!(!rows[1].works && rows[1].tests.is_empty());
    assert_eq!(rows.len(), 2);
}

#[test]
fn broken_rows_are_told_and_left_out() {
    let problem = |line: &str| {
        let (rows, problems) = rows(line);
        assert_eq!((rows.len(), problems.len()), (0, 1), "{line}");
        problems[0].clone()
    };
    assert_eq!(problem("| 1 | a | 000 | log | works |"), "line 1: 5 cells instead of 6");
    assert!(problem("| x | a | 000 | log | works | t |").contains("`x` is not a row number"));
    assert!(problem("| 1 |  | 000 | log | works | t |").contains("no behaviour"));
    assert!(problem("| 1 | a | 005 | log | works | t |").contains("seed `005`"));
    assert!(problem("| 1 | a | 000 | logg | works | t |").contains("no crate guildsync-logg"));
    assert!(problem("| 1 | a | 000 | log | done | t |").contains("state `done`"));
}

#[test]
fn every_row_is_there_once() {
    let line = |number: usize| format!("| {number} | a | 000 | log | planned | – |\n");
    let all: String = (1..=ROWS).map(line).collect();
    assert_eq!(numbers(&rows(&all).0), Vec::<String>::new());
    let wrong: String = (1..=ROWS).filter(|n| *n != 9).chain([10, 169]).map(line).collect();
    let expected = ["row 9 is missing", "row 10 is there 2 times", "line 169: no row 169"];
    assert_eq!(numbers(&rows(&wrong).0), expected);
}

#[test]
fn a_row_that_works_needs_a_test_that_passed() {
    let row = "| 3 | a | 000 | log | works | guildsync-log::m::tests::name |";
    let name = "guildsync-log::m::tests::name";
    assert_eq!(judged(row, &[name], &[]), Vec::<String>::new());
    let moved = judged(row, &["guildsync-log::other::tests::name"], &[]);
    let expected = "row 3: no test `guildsync-log::m::tests::name` ran and passed \
                    (is it guildsync-log::other::tests::name?)";
    assert_eq!(moved, [expected]);
    let skipped = judged(row, &[name], &[name]);
    assert!(skipped[0].contains("skipped"), "{skipped:?}");
}

#[test]
fn a_question_mark_or_nothing_is_no_test() {
    let unknown = judged("| 3 | a | 000 | log | works | ? |", &[], &[]);
    assert_eq!(unknown, ["row 3: no test `?` ran and passed"]);
    let none = judged("| 3 | a | 000 | log | works | – |", &[], &[]);
    assert_eq!(none, ["row 3 works, but names no test"]);
}

#[test]
fn a_planned_row_names_no_test_and_a_working_one_no_planned_crate() {
    assert_eq!(judged("| 3 | a | – | log | planned | a::b |", &["a::b"], &[]).len(), 1);
    let early = judged("| 3 | a | – | log, tables | works | a::b |", &["a::b"], &[]);
    assert_eq!(early, ["row 3 works, but its crate guildsync-tables is not there yet"]);
}

#[test]
fn one_test_proves_two_rows_at_most() {
    let table = |count: usize| -> Vec<Row> {
        (1..=count).map(|n| parsed(&format!("| {n} | a | – | log | works | a::b, ? |"))).collect()
    };
    assert_eq!(shared(&table(2)), Vec::<String>::new());
    assert_eq!(shared(&table(3)), ["a::b is to prove rows 1, 2, 3: at most 2"]);
}

#[test]
fn our_own_table_is_whole() {
    let text = include_str!("../../../docs/features.md");
    let (rows, problems) = rows(text);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(numbers(&rows), Vec::<String>::new());
}
