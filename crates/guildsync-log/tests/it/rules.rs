//! What counts and what does not, in the words of seed 000.

use guildsync_log::{AppendError, Basis, Change, Draft, Log, Segment, Verdict};
use guildsync_types::hash::Domain;
use guildsync_types::points::Total;
use guildsync_types::{Hash, SecretKey};

use crate::world::*;

#[test]
fn entries_are_never_changed_only_added() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "5");
    let (first, hash) = (log.entry(id(&key(1), 1)), log.entry_hash(id(&key(1), 1)));
    undo(&mut log, &key(1), 20, id(&key(1), 1));
    give(&mut log, &key(2), 1, "Brindle", "7");
    assert_eq!((log.entry(id(&key(1), 1)), log.entry_hash(id(&key(1), 1))), (first, hash));
    assert_eq!(log.len(), 3);
}

#[test]
fn totals_come_from_replay_and_what_the_writer_saw_is_only_kept() {
    let (mut a, mut b) = (open(), open());
    give(&mut a, &key(1), 10, "Brindle", "5");
    give(&mut b, &key(2), 11, "Brindle", "3");
    pull(&mut a, &b);
    // b saw 3 as the total; replay says 8.
    assert_eq!(standings(&a), "Brindle 8");
    let Change::Points { total, .. } = a.entry(id(&key(2), 1)).unwrap().draft.change else {
        panic!()
    };
    assert_eq!(total, points("3"));
}

#[test]
fn replay_goes_by_time_whatever_the_order_of_arrival() {
    let mut log = open();
    give(&mut log, &key(1), 30, "Brindle", "1");
    give(&mut log, &key(1), 10, "Brindle", "2");
    give(&mut log, &key(2), 20, "Brindle", "4");
    let afters: Vec<_> = log.audit().filter_map(|line| line.after).collect();
    assert_eq!(afters, [Total(200), Total(600), Total(700)]);
}

#[test]
fn two_officers_offline_edits_both_survive() {
    let (mut a, mut b) = (open(), open());
    give(&mut a, &key(1), 10, "Brindle", "10");
    give(&mut b, &key(2), 10, "Brindle", "-4");
    let (a_alone, b_alone) = (a.clone(), b.clone());
    pull(&mut a, &b_alone);
    pull(&mut b, &a_alone);
    assert_eq!((standings(&a), standings(&b)), ("Brindle 6".into(), "Brindle 6".into()));
    assert_eq!(a.heads(), b.heads());
}

#[test]
fn the_audit_shows_who_what_when_why_before_and_after() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "5");
    give(&mut log, &key(1), 20, "Mossback", "1");
    give(&mut log, &key(1), 30, "Brindle", "-2");
    undo(&mut log, &key(2), 40, id(&key(1), 1));
    let lines: Vec<String> = log
        .audit()
        .map(|l| {
            let (d, total) =
                (&l.entry.draft, |t: Option<Total>| t.map_or("-".into(), |t| t.to_string()));
            format!(
                "{} {} {} {} {} -> {} {}",
                d.stamp.seconds(),
                d.actor,
                d.change.kind(),
                d.reason,
                total(l.before),
                total(l.after),
                l.verdict.name(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "10 Oakhand points Attendance 0 -> 0 undone",
            "20 Oakhand points Attendance 0 -> 1 counts",
            "30 Oakhand points Attendance 0 -> -2 counts",
            "40 Oakhand undo Mistake - -> - counts",
        ]
    );
    let history: Vec<u64> =
        log.history(&name("BRINDLE")).map(|l| l.entry.draft.stamp.seconds()).collect();
    assert_eq!(history, [10, 30]);
}

#[test]
fn repeating_an_entry_changes_nothing() {
    let (mut a, mut b) = (open(), open());
    let segment = give(&mut a, &key(1), 10, "Brindle", "5");
    assert_eq!(b.accept(segment.clone()).unwrap().n_added(), 1);
    let once = b.clone();
    assert_eq!(b.accept(segment).unwrap().n_added(), 0);
    assert_eq!((b.heads(), standings(&b)), (once.heads(), "Brindle 5".into()));
}

#[test]
fn an_undo_counts_once_wherever_it_sorts_and_before_its_target_arrives() {
    let mut log = open();
    let award = give(&mut log, &key(1), 10, "Brindle", "5");
    let early = undo(&mut log, &key(2), 3, id(&key(1), 1));
    assert_eq!(standings(&log), "Brindle 0");
    let mut other = open();
    other.accept(early).unwrap();
    other.accept(award).unwrap();
    assert_eq!(standings(&other), "Brindle 0");
    assert_eq!(other.audit().last().unwrap().verdict, Verdict::Undone);
}

#[test]
fn refused_undos_say_why_and_change_nothing() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "5");
    log.append(&key(1), &[change(11, Change::Note { about: None })]).unwrap();
    undo(&mut log, &key(1), 12, id(&key(1), 1));
    let heads = log.heads();
    let refused =
        |seq| log.undo(at(20), &name("Oakhand"), id(&key(1), seq), &reason("")).unwrap_err();
    assert!(matches!(refused(9), AppendError::UnknownEntry { .. }));
    assert!(matches!(refused(3), AppendError::UndoOfUndo { .. }));
    assert!(matches!(refused(2), AppendError::NothingToUndo { kind: "note", .. }));
    assert!(matches!(refused(1), AppendError::AlreadyUndone { .. }));
    assert_eq!(log.heads(), heads);
}

#[test]
fn a_total_beyond_ten_million_is_refused() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "9999999.5");
    let refused =
        log.award(at(11), &name("Oakhand"), &name("brindle"), points("0.51"), &reason(""));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Brindle's total would become 10000000.01, beyond ten million: award less"
    );
}

#[test]
fn an_imported_row_counts_once_in_whatever_number_of_copies() {
    let row = imported(10, "Brindle", "5", "5", Basis::Delta);
    let (mut a, mut b) = (open(), open());
    a.append(&key(1), std::slice::from_ref(&row)).unwrap();
    b.append(&key(2), &[imported(10, "Brindle", "5", "5", Basis::Total)]).unwrap();
    assert!(a.holds_origin(&row) && b.holds_origin(&row));
    pull(&mut a, &b);
    pull(&mut b, &a);
    assert_eq!(standings(&a), "Brindle 5");
    let verdicts = |log: &Log| {
        let mut v: Vec<_> = log.audit().map(|l| l.verdict.name()).collect();
        v.sort_unstable();
        v
    };
    assert_eq!(verdicts(&a), ["copy", "counts"]);
    // An undo of either copy undoes the row.
    undo(&mut b, &key(2), 50, id(&key(1), 1));
    assert_eq!(
        (standings(&b), verdicts(&b)),
        ("Brindle 0".into(), vec!["counts", "undone", "undone"])
    );
}

#[test]
fn a_total_entry_sets_the_members_total_and_says_what_it_overrode() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "5");
    log.append(&key(1), &[imported(20, "Brindle", "10", "40", Basis::Total)]).unwrap();
    give(&mut log, &key(1), 30, "Brindle", "1");
    assert_eq!(standings(&log), "Brindle 41");
    let overrode: Vec<_> = log.audit().map(|l| l.overrode()).collect();
    assert_eq!(overrode, [None, Some(Total(500)), None]);
    // A late entry before it no longer matters, one after it does.
    give(&mut log, &key(2), 15, "Brindle", "100");
    assert_eq!(standings(&log), "Brindle 41");
    give(&mut log, &key(2), 25, "Brindle", "100");
    assert_eq!(standings(&log), "Brindle 141");
}

#[test]
fn names_that_differ_in_case_are_one_member_shown_one_way() {
    let (mut a, mut b) = (open(), open());
    let spelled = |text: &str| {
        let mut draft = award(&open(), 10, "Brindle", "5");
        if let Change::Points { target, .. } = &mut draft.change {
            *target = guildsync_types::MemberName::from_entry(text).unwrap();
        }
        draft
    };
    a.append(&key(1), &[spelled("brindle-dawn"), spelled("Brindle-Dawn")]).unwrap();
    b.append(&key(1), &[spelled("brindle-dawn"), spelled("Brindle-Dawn")]).unwrap();
    assert_eq!(standings(&a), "Brindle-Dawn 10");
    assert_eq!(standings(&a), standings(&b));
    assert_eq!(a.entry(id(&key(1), 1)).unwrap().draft, spelled("brindle-dawn"));
}

#[test]
fn an_early_entry_waits_for_those_before_it() {
    let mut a = open();
    let first = give(&mut a, &key(1), 10, "Brindle", "1");
    let second = give(&mut a, &key(1), 11, "Brindle", "2");
    let third = give(&mut a, &key(1), 12, "Brindle", "4");
    let mut b = open();
    assert!(b.accept(third).unwrap().waits_for_earlier);
    assert!(b.accept(second).unwrap().waits_for_earlier);
    assert_eq!((b.len(), b.n_waiting()), (0, 2));
    let accepted = b.accept(first).unwrap();
    assert_eq!((accepted.n_added(), b.n_waiting()), (3, 0));
    assert_eq!(standings(&b), "Brindle 7");
}

/// Rare kinds have no copies, and notes move nothing that could be undone, whatever a writer claims:
/// what the audit says must not depend on whether it was told entry by entry or replayed.
#[test]
fn an_origin_on_a_rare_kind_and_an_undo_of_a_note_mean_nothing() {
    let mut log = open();
    let mut unknown = change(5, Change::Unknown { kind: 77, bytes: vec![1] });
    unknown.origin = Some(1);
    log.append(&key(1), &[unknown, change(6, Change::Note { about: None })]).unwrap();
    let of = id(&key(1), 2);
    let undo = change(7, Change::Undo { of, hash: log.entry_hash(of).unwrap() });
    log.accept(sealed(&log, &key(2), undo)).unwrap();
    let verdicts: Vec<_> = log.audit().map(|l| l.verdict).collect();
    assert_eq!(verdicts, [Verdict::Counts; 3]);
}

/// A first entry that `append` would refuse, as a liar would seal it.
fn sealed(log: &Log, key: &SecretKey, draft: Draft) -> Segment {
    let (profile, writer) = (log.profile().id, key.writer());
    let start = Hash::of(Domain::ChainStart).with(&profile.0).with(&writer.0).finish();
    let head = Hash::of(Domain::Entry).with(&start.0).with(&draft.to_bytes()).finish();
    let seal = key.seal(&profile, 1, head);
    Segment { writer, first: 1, drafts: vec![draft], seal, branch: None }
}

#[test]
fn standings_at_a_second_include_all_of_it() {
    let mut log = open();
    for count in [0, 7, u16::MAX] {
        let mut draft = award(&log, 10, "Brindle", "1");
        draft.stamp = guildsync_types::Stamp::new(10, count).unwrap();
        log.append(&key(1), &[draft]).unwrap();
    }
    give(&mut log, &key(1), 11, "Brindle", "1");
    let total = |seconds| log.standings_at(at(seconds)).first().map(|s| s.total);
    assert_eq!((total(9), total(10), total(11)), (None, Some(Total(300)), Some(Total(400))));
}
