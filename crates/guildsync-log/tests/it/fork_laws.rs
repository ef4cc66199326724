//! Laws of forks: whoever is told what it lacks ends with the same, however the branches came apart.

use std::collections::BTreeSet;

use guildsync_log::{AppendError, Basis, Change, Draft, Frontier, Heads, Log, Profile, Role};
use guildsync_types::{EntryId, Stamp};
use proptest::prelude::*;

use crate::world::*;

/// What happens to one of four copies of a folder: each may write with each of two keys.
#[derive(Debug, Clone, Copy)]
enum Step {
    Append {
        copy: usize,
        key: u8,
        seconds: u64,
        what: What,
    },
    /// Takes one of the segments that another copy has, whatever it makes of it.
    Hear {
        copy: usize,
        from: usize,
        nth: usize,
    },
    Pull {
        copy: usize,
        from: usize,
    },
}

#[derive(Debug, Clone, Copy)]
enum What {
    Award,
    Import {
        sets: bool,
    },
    Undo {
        nth: usize,
    },
    /// In owned profiles: the second key's role, given or taken back.
    Grant,
    Revoke {
        cut: u64,
    },
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(What::Award),
        2 => any::<bool>().prop_map(|sets| What::Import { sets }),
        2 => (0usize..12).prop_map(|nth| What::Undo { nth }),
        1 => Just(What::Grant),
        1 => (0u64..5).prop_map(|cut| What::Revoke { cut }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let copy = 0usize..4;
    prop_oneof![
        4 => (copy.clone(), 1u8..3, 2u64..6, what())
            .prop_map(|(copy, key, seconds, what)| Step::Append { copy, key, seconds, what }),
        4 => (copy.clone(), copy.clone(), 0usize..6)
            .prop_map(|(copy, from, nth)| Step::Hear { copy, from, nth }),
        1 => (copy.clone(), copy).prop_map(|(copy, from)| Step::Pull { copy, from }),
    ]
}

/// An open log, or one that the first key owns and where the second is an officer.
fn begun(is_owned: bool) -> Log {
    if !is_owned {
        return open();
    }
    let creation = change(0, Change::ProfileCreated { name: profile_name("Council") });
    let mut log = Log::new(Profile::owned(key(1).writer(), &creation).unwrap());
    log.append(&key(1), &[creation, change(1, grant())]).unwrap();
    log
}

fn grant() -> Change {
    Change::Grant { writer: key(2).writer(), member: name("Oakhand"), role: Role::Officer }
}

fn draft(log: &Log, i: usize, seconds: u64, what: What) -> Option<Draft> {
    let delta = (i + 1).to_string();
    let basis = |sets| if sets { Basis::Total } else { Basis::Delta };
    Some(match what {
        What::Award => award(log, seconds, "Brindle", &delta),
        What::Import { sets } => {
            // Copies of one row, and yet no two entries with the same bytes.
            let stamp = Stamp::new(seconds, i as u16).unwrap();
            Draft { stamp, ..imported(seconds, "Brindle", "1", "4", basis(sets)) }
        }
        What::Undo { nth } => {
            let of = log.entries().nth(nth)?.id;
            log.undo(at(seconds), &name("Oakhand"), of, &reason("")).ok()?
        }
        What::Grant => change(seconds, grant()),
        What::Revoke { cut } => change(seconds, Change::Revoke { writer: key(2).writer(), cut }),
    })
}

fn play(steps: &[Step], is_owned: bool) -> Vec<Log> {
    let mut logs = vec![begun(is_owned); 4];
    for (i, step) in steps.iter().enumerate() {
        match *step {
            Step::Append { copy, key: k, seconds, what } => {
                if let Some(draft) = draft(&logs[copy], i, seconds, what) {
                    // Not everyone may do everything.
                    let _ = logs[copy].append(&key(k), &[draft]);
                }
            }
            Step::Hear { copy, from, nth } => {
                let segments = logs[from].since(&Frontier::new());
                if let Some(segment) = segments.get(nth % segments.len().max(1)) {
                    let _ = logs[copy].accept(segment.clone());
                }
            }
            Step::Pull { copy, from } => {
                let from = logs[from].clone();
                take_lacking(&mut logs[copy], &from);
            }
        }
    }
    logs
}

fn take_lacking(to: &mut Log, from: &Log) {
    for segment in from.lacking(&to.heads()) {
        to.accept(segment).unwrap();
    }
}

/// The hashes of all entries; none is there twice.
fn hashes(log: &Log) -> BTreeSet<[u8; 32]> {
    let hashes: BTreeSet<_> = log.entries().map(|e| log.entry_hash(e.id).unwrap().0).collect();
    assert_eq!(hashes.len(), log.len(), "an entry is in two chains");
    hashes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..Default::default() })]

    #[test]
    fn both_sides_told_what_they_lack_are_the_same(
        steps in proptest::collection::vec(step(), 1..40),
        is_owned in any::<bool>(),
    ) {
        let logs = play(&steps, is_owned);
        let held: Vec<_> = logs.iter().map(hashes).collect();
        for (i, j) in [(0, 1), (1, 2), (3, 0)] {
            let (mut a, mut b) = (logs[i].clone(), logs[j].clone());
            take_lacking(&mut a, &b);
            take_lacking(&mut b, &a);
            prop_assert_eq!(a.heads(), b.heads());
            prop_assert_eq!(a.lacking(&b.heads()), vec![]);
            prop_assert_eq!(hashes(&a), held[i].union(&held[j]).copied().collect());
            prop_assert_eq!(a.standings(), a.replay());
            prop_assert_eq!(a.standings(), b.standings());
            let audit = |log: &Log| log.audit().collect::<Vec<_>>();
            prop_assert_eq!(audit(&a), audit(&b));
        }
        // All four, in two orders; and what goes to someone who has nothing.
        let (mut up, mut down) = (logs[0].clone(), logs[3].clone());
        for i in 0..4 {
            take_lacking(&mut up, &logs[i]);
            take_lacking(&mut down, &logs[3 - i]);
        }
        prop_assert_eq!(up.heads(), down.heads());
        let mut new = Log::new(up.profile().clone());
        take_lacking(&mut new, &up);
        prop_assert_eq!(new.heads(), up.heads());
    }
}

/// Two copies of one chain of two entries: one goes on with one more, the other with three.
fn short_and_long() -> (Log, Log) {
    let mut common = open();
    give(&mut common, &key(1), 10, "Brindle", "1");
    give(&mut common, &key(1), 11, "Brindle", "2");
    let (mut short, mut long) = (common.clone(), common);
    give(&mut short, &key(1), 20, "Brindle", "4");
    for _ in 0..3 {
        give(&mut long, &key(1), 20, "Brindle", "8");
    }
    (short, long)
}

#[test]
fn a_shorter_branch_is_seen_by_heads_where_numbers_hide_it() {
    let (short, long) = short_and_long();
    assert_eq!(short.since(&long.frontier()), []);
    let (mut a, mut b) = (short.clone(), long.clone());
    take_lacking(&mut a, &b);
    take_lacking(&mut b, &a);
    assert_eq!((standings(&a), a.heads()), ("Brindle 31".into(), b.heads()));
    let (writer, last) = (key(1).writer(), |log: &Log| log.heads().get(key(1).writer()).unwrap());
    for log in [&short, &long] {
        let (seq, hash) = last(log);
        assert!(a.holds_head(writer, seq, hash) && b.holds_head(writer, seq, hash));
        assert_eq!(short.holds_head(writer, seq, hash), last(&short) == (seq, hash));
    }
}

#[test]
fn whoever_is_simply_behind_lacks_the_tail_and_whoever_has_nothing_all() {
    let (_, long) = short_and_long();
    let mut behind = open();
    behind.accept(long.segment(key(1).writer(), 1).unwrap()).unwrap();
    let mut ahead = behind.clone();
    give(&mut ahead, &key(1), 30, "Brindle", "1");
    let lacked = ahead.lacking(&behind.heads());
    assert_eq!(lacked.iter().map(|s| (s.first, s.last())).collect::<Vec<_>>(), [(6, 6)]);
    assert_eq!(ahead.lacking(&Heads::default()), ahead.since(&Frontier::new()));
    assert_eq!(ahead.lacking(&ahead.heads()), []);
}

/// A branch arrives before the one that displaces it: what is left of the chain has no seal of its own,
/// and is passed on all the same.
#[test]
fn the_entries_before_a_fork_are_passed_on_by_whoever_holds_one_branch_only() {
    let (short, long) = short_and_long();
    let mut both = short.clone();
    take_lacking(&mut both, &long);
    let (branch, _) = both.forks()[0];
    for mut one in [short, long] {
        one.accept(both.segment(branch, 1).unwrap()).unwrap();
        let unsealed: Vec<_> = one.chains().filter(|c| c.seal.is_none()).collect();
        if unsealed.is_empty() {
            continue;
        }
        assert_eq!((unsealed.len(), unsealed[0].writer, unsealed[0].last), (1, key(1).writer(), 2));
        for told in [one.since(&Frontier::new()), one.lacking(&Heads::default())] {
            let mut third = open();
            told.into_iter().for_each(|s| {
                third.accept(s).unwrap();
            });
            assert_eq!((third.heads(), third.len()), (one.heads(), one.len()));
        }
        return;
    }
    panic!("one of the two held the branch as the chain");
}

/// An entry that is known as a derived writer's is not taken into the writer's own chain a second
/// time, whichever comes first.
#[test]
fn no_entry_counts_twice_because_its_branch_came_first() {
    let (short, long) = short_and_long();
    let mut both = short.clone();
    take_lacking(&mut both, &long);
    let branch = both.segment(both.forks()[0].0, 1).unwrap();
    for whole in [&short, &long] {
        let mut log = open();
        log.accept(branch.clone()).unwrap();
        log.accept(whole.segment(key(1).writer(), 1).unwrap()).unwrap();
        hashes(&log);
        assert_eq!(log.standings(), log.replay());
        take_lacking(&mut log, &short);
        take_lacking(&mut log, &long);
        assert_eq!(log.heads(), both.heads());
    }
}

/// A writer that holds only a branch of its own chain knows that the number was used.
#[test]
fn a_number_that_was_used_in_a_chain_that_is_not_here_is_not_issued_again() {
    let (short, long) = short_and_long();
    let mut both = short.clone();
    take_lacking(&mut both, &long);
    let branch = both.segment(both.forks()[0].0, 1).unwrap();
    let mut log = open();
    log.accept(branch).unwrap();
    let mut prefix = open();
    give(&mut prefix, &key(1), 10, "Brindle", "1");
    give(&mut prefix, &key(1), 11, "Brindle", "2");
    log.accept(prefix.segment(key(1).writer(), 1).unwrap()).unwrap();
    let refused = log.append(&key(1), &[award(&log, 30, "Brindle", "1")]).unwrap_err();
    assert_eq!(refused, AppendError::NumberUsed { writer: key(1).writer(), seq: 3 });
    take_lacking(&mut log, &both);
    log.append(&key(1), &[award(&log, 30, "Brindle", "1")]).unwrap();
}

/// An undo names its target by the writer that had it where the undo was written; that may be unknown,
/// or come last, where it arrives.
#[test]
fn an_undo_that_names_a_branch_finds_its_target_in_whatever_order_all_arrives() {
    let (short, long) = short_and_long();
    let mut both = short.clone();
    take_lacking(&mut both, &long);
    let (branch, at) = both.forks()[0];
    let undo = undo(&mut both, &key(2), 40, EntryId { writer: branch, seq: at.first });
    for (first, second) in [(&short, &long), (&long, &short)] {
        let mut log = open();
        log.accept(undo.clone()).unwrap();
        take_lacking(&mut log, first);
        take_lacking(&mut log, second);
        take_lacking(&mut log, &both);
        assert_eq!((log.heads(), standings(&log)), (both.heads(), standings(&both)));
        assert_eq!(log.standings(), log.replay());
    }
}

#[test]
fn a_seal_that_comes_after_its_entries_is_kept() {
    let mut whole = open();
    give(&mut whole, &key(1), 10, "Brindle", "1");
    let sealed = give(&mut whole, &key(1), 11, "Brindle", "2");
    let drafts = whole.segment(key(1).writer(), 1).unwrap().drafts;
    let mut salvaged = open();
    salvaged.salvage(key(1).writer(), None, &drafts);
    assert_eq!(salvaged.segment(key(1).writer(), 1), None);
    // A seal over another head is not it.
    let mut other = open();
    let earlier = give(&mut other, &key(1), 10, "Brindle", "1");
    salvaged.accept(earlier).unwrap();
    assert_eq!(salvaged.segment(key(1).writer(), 1), None);
    salvaged.accept(sealed).unwrap();
    assert_eq!(salvaged.segment(key(1).writer(), 1), whole.segment(key(1).writer(), 1));
}
