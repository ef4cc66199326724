//! Laws: whatever is written, in whatever order it arrives, everyone ends with the same.

use guildsync_log::{Basis, Change, Draft, Log, Segment};
use guildsync_types::Reason;
use proptest::prelude::*;

use crate::world::*;

/// One thing that one of four writers does on its own replica.
#[derive(Debug, Clone)]
enum Step {
    Award { by: u8, seconds: u64, target: u8, delta: i32 },
    Import { by: u8, seconds: u64, target: u8, delta: i32, total: i32, sets: bool },
    Note { by: u8, seconds: u64 },
    Policy { by: u8, seconds: u64, name: u8, value: u8 },
    Undo { by: u8, seconds: u64, nth: usize },
    Pull { by: u8, from: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let (by, seconds, target) = (0u8..4, 0u64..40, 0u8..5);
    prop_oneof![
        6 => (by.clone(), seconds.clone(), target.clone(), -900i32..900)
            .prop_map(|(by, seconds, target, delta)| Step::Award { by, seconds, target, delta }),
        3 => (by.clone(), 0u64..6, 0u8..3, 0i32..3, 0i32..3, any::<bool>()).prop_map(
            |(by, seconds, target, delta, total, sets)| Step::Import {
                by, seconds, target, delta, total, sets
            }
        ),
        1 => (by.clone(), seconds.clone()).prop_map(|(by, seconds)| Step::Note { by, seconds }),
        2 => (by.clone(), seconds.clone(), 0u8..3, 0u8..4).prop_map(
            |(by, seconds, name, value)| Step::Policy { by, seconds, name, value }
        ),
        2 => (by.clone(), seconds, 0usize..30)
            .prop_map(|(by, seconds, nth)| Step::Undo { by, seconds, nth }),
        2 => (by, 0u8..4).prop_map(|(by, from)| Step::Pull { by, from }),
    ]
}

const NAMES: [&str; 5] = ["Brindle", "Mossback", "Ørn", "BRINDLE-Dawn", "brindle-dawn"];

/// Plays the steps on four replicas; returns them and every segment anyone published.
fn play(steps: &[Step]) -> (Vec<Log>, Vec<Segment>) {
    let mut logs = vec![open(); 4];
    let mut published = Vec::new();
    for step in steps {
        let (by, draft) = match *step {
            Step::Award { by, seconds, target, delta } => {
                let log = &logs[usize::from(by)];
                let delta = format!("{}.{:02}", delta / 100, delta.abs() % 100);
                (by, Some(award(log, seconds, NAMES[usize::from(target)], &delta)))
            }
            Step::Import { by, seconds, target, delta, total, sets } => {
                let basis = if sets { Basis::Total } else { Basis::Delta };
                let (delta, total) = (delta.to_string(), total.to_string());
                (by, Some(imported(seconds, NAMES[usize::from(target)], &delta, &total, basis)))
            }
            Step::Note { by, seconds } => {
                (by, Some(change(seconds, Change::Note { about: Some(name("Mossback")) })))
            }
            Step::Policy { by, seconds, name, value } => {
                let name = ["manual-sync", "sync-plan", "loot"][usize::from(name)];
                let value = ["", "anyone", "queue", "council"][usize::from(value)];
                (by, Some(policy(seconds, name, value)))
            }
            Step::Undo { by, seconds, nth } => {
                let log = &logs[usize::from(by)];
                let ids: Vec<_> = log.entries().map(|entry| entry.id).collect();
                let undo = ids.get(nth).map(|&id| {
                    log.undo(at(seconds), &name("Oakhand"), id, &Reason::default()).ok()
                });
                (by, undo.flatten())
            }
            Step::Pull { by, from } => {
                let from = logs[usize::from(from)].clone();
                pull(&mut logs[usize::from(by)], &from);
                (by, None)
            }
        };
        if let Some(draft) = draft {
            published.push(logs[usize::from(by)].append(&key(by), &[draft]).unwrap());
        }
    }
    (logs, published)
}

fn same(a: &Log, b: &Log) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.heads(), b.heads());
    prop_assert_eq!(a.standings(), b.standings());
    let drafts = |log: &Log| {
        log.audit().map(|l| (l.entry, l.before, l.after, l.verdict)).collect::<Vec<_>>()
    };
    prop_assert_eq!(drafts(a), drafts(b));
    prop_assert_eq!(a.policies().collect::<Vec<_>>(), b.policies().collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #[test]
    fn any_order_of_arrival_gives_the_same_log_and_nothing_is_lost(
        (steps, order) in proptest::collection::vec(step(), 1..60).prop_flat_map(|steps| {
            let n = steps.len();
            (Just(steps), Just((0..n).collect::<Vec<_>>()).prop_shuffle())
        })
    ) {
        let (_, published) = play(&steps);
        let (mut in_order, mut shuffled) = (open(), open());
        for segment in &published {
            in_order.accept(segment.clone()).unwrap();
        }
        for &i in order.iter().filter(|&&i| i < published.len()) {
            shuffled.accept(published[i].clone()).unwrap();
            // What is kept up to date entry by entry equals a replay from the entries alone.
            prop_assert_eq!(shuffled.standings(), shuffled.replay());
        }
        same(&in_order, &shuffled)?;
        prop_assert_eq!(shuffled.len(), published.iter().map(|s| s.drafts.len()).sum::<usize>());
        prop_assert_eq!(shuffled.n_waiting(), 0);
    }

    #[test]
    fn merge_is_commutative_associative_and_idempotent(steps in proptest::collection::vec(step(), 1..50)) {
        let (logs, _) = play(&steps);
        let merged = |order: [usize; 3]| {
            let mut log = logs[order[0]].clone();
            order[1..].iter().for_each(|&i| pull(&mut log, &logs[i]));
            log
        };
        let abc = merged([0, 1, 2]);
        same(&abc, &merged([2, 1, 0]))?;
        let mut bc = logs[1].clone();
        pull(&mut bc, &logs[2]);
        let mut a_bc = logs[0].clone();
        pull(&mut a_bc, &bc);
        same(&abc, &a_bc)?;
        let before = abc.clone();
        let mut again = abc;
        for log in &logs[..3] {
            for segment in log.since(&guildsync_log::Frontier::new()) {
                prop_assert_eq!(again.accept(segment).unwrap().n_added(), 0);
            }
        }
        same(&before, &again)?;
    }

    #[test]
    fn standings_at_a_moment_are_those_of_the_entries_up_to_it(
        steps in proptest::collection::vec(step(), 1..60),
        moment in 0u64..45,
    ) {
        let (_, published) = play(&steps);
        let mut log = open();
        published.iter().for_each(|s| { log.accept(s.clone()).unwrap(); });
        // The oracle walks the audit: a member's last total at or before the moment.
        let mut oracle = std::collections::BTreeMap::new();
        for line in log.audit().filter(|l| l.entry.draft.stamp <= at(moment).end_of_second()) {
            if let (Change::Points { target, .. }, Some(after)) = (&line.entry.draft.change, line.after) {
                oracle.insert(target.folded(), after);
            }
        }
        let standings: std::collections::BTreeMap<_, _> =
            log.standings_at(at(moment)).iter().map(|s| (s.member.to_lowercase(), s.total)).collect();
        prop_assert_eq!(standings, oracle);
    }
}

/// Late entries into a log of many blocks, points, totals, undos and all, against replay.
#[test]
fn late_entries_into_thousands_keep_the_standings_equal_to_a_replay() {
    let mut log = open();
    let mut draw = 7u64;
    let mut next = |below: u64| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % below
    };
    let drafts: Vec<Draft> = (0..6000)
        .map(|i| {
            let target = format!("Member{}", (b'a' + next(9) as u8) as char);
            match next(20) {
                0 => imported(1000 + i, &target, "5", "40", Basis::Total),
                _ => award(&open(), 1000 + i, &target, "1.5"),
            }
        })
        .collect();
    log.append(&key(1), &drafts).unwrap();
    for _ in 0..2500 {
        let seconds = 900 + next(6200);
        let target = format!("Member{}", (b'a' + next(10) as u8) as char);
        match next(12) {
            0 => {
                let draft = imported(seconds, &target, "2", "17", Basis::Total);
                log.append(&key(2), &[draft]).unwrap();
            }
            1 => {
                let id = id(&key(1), 1 + next(6000));
                if let Ok(draft) = log.undo(at(seconds), &name("Oakhand"), id, &reason("")) {
                    log.append(&key(2), &[draft]).unwrap();
                }
            }
            _ => {
                give(&mut log, &key(2), seconds, &target, "-0.25");
            }
        }
    }
    assert_eq!(log.standings(), log.replay());
}
