//! Imports: many rows in one second, copies among them.

use guildsync_log::{Basis, Change, Draft, Log, Verdict};

use crate::world::*;

/// `n` imported rows of one second; every tenth is of basis `Total`.
fn rows(n: u32) -> Vec<Draft> {
    let row = |i: u32| {
        let target = format!("Member{}", (b'a' + (i % 9) as u8) as char);
        let basis = if i.is_multiple_of(10) { Basis::Total } else { Basis::Delta };
        let mut row = imported(10, &target, &(i % 7).to_string(), &(i % 50).to_string(), basis);
        row.origin = Some(1 + i / 100);
        row
    };
    (0..n).map(row).collect()
}

fn distinct(rows: &[Draft]) -> usize {
    let mut seen: Vec<_> = rows.iter().map(|row| format!("{row:?}")).collect();
    // Basis is no part of what a row is.
    seen.iter_mut().for_each(|row| *row = row.replace("Total,", "").replace("Delta,", ""));
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

fn n_counting(log: &Log) -> usize {
    log.audit().filter(|line| line.verdict == Verdict::Counts).count()
}

/// Quadratic work would take minutes here; this takes a second or so, unoptimised.
#[test]
fn a_hundred_thousand_rows_of_one_second_are_imported_accepted_and_found() {
    let rows = rows(100_000);
    let mut log = open();
    let segment = log.append(&key(1), &rows).unwrap();
    let mut other = open();
    other.append(&key(2), &rows).unwrap();
    other.accept(segment).unwrap();
    assert_eq!(n_counting(&log), distinct(&rows));
    assert_eq!(n_counting(&other), distinct(&rows));
    assert_eq!(other.standings(), other.replay());
    let mut origins = other.origins();
    assert!(rows.iter().all(|row| origins.holds(row)));
    let unknown = Draft { origin: Some(70_000), ..rows[0].clone() };
    assert!(!origins.holds(&unknown) && !other.holds_origin(&unknown));
}

#[test]
fn what_is_settled_at_once_counts_as_what_comes_row_by_row() {
    let rows = rows(600);
    let mut at_once = open();
    at_once.append(&key(1), &rows).unwrap();
    at_once.append(&key(2), &rows).unwrap();
    let mut singly = open();
    for row in &rows {
        singly.append(&key(2), std::slice::from_ref(row)).unwrap();
        singly.append(&key(1), std::slice::from_ref(row)).unwrap();
        assert!(singly.holds_origin(row) && singly.origins().holds(row));
    }
    let verdicts =
        |log: &Log| log.audit().map(|l| (l.entry, l.after, l.verdict)).collect::<Vec<_>>();
    assert_eq!(verdicts(&at_once), verdicts(&singly));
    assert_eq!(at_once.standings(), at_once.replay());
    // An undo and what it names in one call, and an award of the same call: it is no copy.
    let mut log = at_once.clone();
    let undo = log.undo(at(40), &name("Oakhand"), id(&key(1), 8), &reason("")).unwrap();
    let award = award(&log, 10, "Membera", "1");
    log.append(&key(3), &[undo, award, rows[7].clone()]).unwrap();
    assert_eq!(log.standings(), log.replay());
}

#[test]
fn a_row_is_held_for_all_that_identifies_it_and_nothing_else() {
    let mut log = open();
    let row = imported(10, "Brindle", "5", "7", Basis::Delta);
    let note =
        Draft { origin: Some(3), ..change(11, Change::Note { about: Some(name("Brindle")) }) };
    log.append(&key(1), &[row.clone(), note.clone()]).unwrap();
    let holds = |draft: &Draft| {
        assert_eq!(log.holds_origin(draft), log.origins().holds(draft));
        log.holds_origin(draft)
    };
    assert!(holds(&row) && holds(&note));
    assert!(holds(&imported(10, "Brindle", "5", "7", Basis::Total)));
    for other in [
        imported(11, "Brindle", "5", "7", Basis::Delta),
        imported(10, "Mossback", "5", "7", Basis::Delta),
        imported(10, "Brindle", "4", "7", Basis::Delta),
        imported(10, "Brindle", "5", "8", Basis::Delta),
        Draft { origin: Some(2), ..row.clone() },
        Draft { origin: None, ..row.clone() },
        Draft { reason: reason("Other"), ..row.clone() },
        Draft { actor: name("Mossback"), ..row },
        Draft { origin: Some(3), ..change(11, Change::Note { about: None }) },
        Draft { origin: Some(3), ..change(11, Change::Unknown { kind: 99, bytes: vec![] }) },
    ] {
        assert!(!holds(&other), "{other:?}");
    }
}
