//! The step `features`: every row of `docs/features.md` that works names a test that passed.
//!
//! A row is `| # | behaviour | seed | where | state | test |`. Its state is `works` or `planned`;
//! its test is `crate::path` (`guildsync-log::replay::tests::name`) or, under `tests/`,
//! `crate::binary::path` (`guildsync-cli::it::import::name`), several separated by commas. A test
//! that skipped for want of optional data proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::graph;
use crate::report::Outcome;
use crate::workspace::Workspace;

/// The table has the rows 1 to this.
const ROWS: usize = 168;
/// A test that proves more rows than this proves none of them well.
const ROWS_PER_TEST: usize = 2;

/// One behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// Its line in the file.
    line: usize,
    number: usize,
    /// The crates that it lives in, by their full names.
    crates: Vec<String>,
    works: bool,
    tests: Vec<String>,
}

/// What a test's name is looked up in.
#[derive(Debug)]
pub(crate) struct Proofs<'a> {
    /// Tests that ran and passed, or that exist when none was run.
    pub(crate) passed: &'a BTreeSet<String>,
    /// Tests that skipped.
    pub(crate) skipped: Vec<&'a str>,
}

/// Runs the step.
pub(crate) fn check(workspace: &Workspace, proofs: &Proofs<'_>) -> Outcome {
    let Ok(text) = fs::read_to_string(workspace.root.join("docs/features.md")) else {
        return Outcome::of(vec!["docs/features.md is absent".to_owned()]);
    };
    let (rows, mut problems) = rows(&text);
    let works = rows.iter().filter(|row| row.works).count();
    println!("{} rows: {works} work, {} are planned", rows.len(), rows.len() - works);
    problems.extend(numbers(&rows));
    problems.extend(rows.iter().flat_map(|row| row_problems(row, workspace, proofs)));
    problems.extend(shared(&rows));
    Outcome::of(problems)
}

/// The rows of the table, and a sentence for each line that is not one.
fn rows(text: &str) -> (Vec<Row>, Vec<String>) {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
        let cells = cells(line);
        let is_header = cells.first().is_some_and(|cell| cell == "#");
        let is_rule = cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':')));
        if is_header || is_rule {
            continue;
        }
        match row(index + 1, &cells) {
            Ok(row) => rows.push(row),
            Err(problem) => problems.push(format!("line {}: {problem}", index + 1)),
        }
    }
    (rows, problems)
}

/// The cells of a table row; `\|` is a bar inside one.
fn cells(line: &str) -> Vec<String> {
    let guarded = line.trim().replace("\\|", "\0");
    let inner = guarded.strip_prefix('|').unwrap_or(&guarded);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(|cell| cell.trim().replace('\0', "|")).collect()
}

fn row(line: usize, cells: &[String]) -> Result<Row, String> {
    let [number, behaviour, seed, places, state, tests] = cells else {
        return Err(format!("{} cells instead of 6", cells.len()));
    };
    let number = number.parse().map_err(|_| format!("`{number}` is not a row number"))?;
    if behaviour.is_empty() {
        return Err(format!("row {number} says no behaviour"));
    }
    if !is_seed(seed) {
        return Err(format!("row {number}: seed `{seed}` is neither `–` nor 000 to 004"));
    }
    let crates: Vec<String> = places.split(',').map(|place| full_name(place.trim())).collect();
    if let Some(unknown) = crates.iter().find(|name| !graph::is_known(name)) {
        return Err(format!("row {number}: the design has no crate {unknown}"));
    }
    let works = match state.as_str() {
        "works" => true,
        "planned" => false,
        _ => return Err(format!("row {number}: state `{state}` is neither works nor planned")),
    };
    let tests = tests.split(',').map(|test| test.trim().trim_matches('`').to_owned());
    let tests = tests.filter(|test| !matches!(test.as_str(), "" | "–" | "-")).collect();
    Ok(Row { line, number, crates, works, tests })
}

/// Seeds are numbers with an optional `c` for "from the code", a range, or a dash.
fn is_seed(seed: &str) -> bool {
    let one = |part: &str| {
        let digits = part.trim().trim_end_matches('c');
        matches!(digits, "000" | "001" | "002" | "003" | "004")
    };
    seed == "–" || seed.split([',', '–']).all(one)
}

/// Crates are named in short; the facade, which is all of the name, in full.
fn full_name(place: &str) -> String {
    match place {
        "guildsync" | "xtask" => place.to_owned(),
        _ => format!("guildsync-{place}"),
    }
}

/// Are all rows there, once?
fn numbers(rows: &[Row]) -> Vec<String> {
    let count = |number| rows.iter().filter(|row| row.number == number).count();
    let mut problems: Vec<String> = (1..=ROWS)
        .filter_map(|number| match count(number) {
            0 => Some(format!("row {number} is missing")),
            1 => None,
            count => Some(format!("row {number} is there {count} times")),
        })
        .collect();
    let outside = rows.iter().filter(|row| !(1..=ROWS).contains(&row.number));
    problems.extend(outside.map(|row| format!("line {}: no row {}", row.line, row.number)));
    problems
}

fn row_problems(row: &Row, workspace: &Workspace, proofs: &Proofs<'_>) -> Vec<String> {
    let number = row.number;
    if !row.works {
        let named = !row.tests.is_empty();
        let problem = || format!("row {number} is planned, yet names a test: does it work?");
        return named.then(problem).into_iter().collect();
    }
    let absent = row.crates.iter().filter(|name| !workspace.crates.contains_key(*name));
    let mut problems: Vec<String> = absent
        .map(|name| format!("row {number} works, but its crate {name} is not there yet"))
        .collect();
    if row.tests.is_empty() {
        problems.push(format!("row {number} works, but names no test"));
    }
    for test in &row.tests {
        if proofs.skipped.contains(&test.as_str()) {
            problems.push(format!("row {number}: {test} skipped; a row rests on no optional data"));
        } else if !proofs.passed.contains(test) {
            let hint = similar(test, proofs.passed);
            problems.push(format!("row {number}: no test `{test}` ran and passed{hint}"));
        }
    }
    problems
}

/// A hint for a test that was moved: one of the same last name.
fn similar(test: &str, passed: &BTreeSet<String>) -> String {
    let last = |name: &str| name.rsplit("::").next().map(str::to_owned);
    let found = passed.iter().find(|name| last(name) == last(test));
    found.map(|name| format!(" (is it {name}?)")).unwrap_or_default()
}

/// Tests that are to prove too much.
fn shared(rows: &[Row]) -> Vec<String> {
    let mut proves: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.works) {
        for test in row.tests.iter().filter(|test| *test != "?") {
            proves.entry(test).or_default().insert(row.number);
        }
    }
    let too_much = proves.iter().filter(|(_, rows)| rows.len() > ROWS_PER_TEST);
    too_much
        .map(|(test, rows)| {
            let rows: Vec<String> = rows.iter().map(usize::to_string).collect();
            format!("{test} is to prove rows {}: at most {ROWS_PER_TEST}", rows.join(", "))
        })
        .collect()
}

#[cfg(test)]
mod tests;
