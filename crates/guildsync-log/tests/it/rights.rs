//! Laws of owned profiles: grants, revokes and adoptions in any order of arrival.

use guildsync_log::{Change, Log, Profile, Role, Segment};
use proptest::prelude::*;

use crate::world::*;

/// What one of four writers does on its own replica; writer 1 is the creator.
#[derive(Debug, Clone)]
enum Step {
    Award { by: u8, seconds: u64 },
    Grant { by: u8, seconds: u64, to: u8, owner: bool },
    Revoke { by: u8, seconds: u64, of: u8, short: u64 },
    Adopt { by: u8, seconds: u64, nth: usize },
    Undo { by: u8, seconds: u64, nth: usize },
    Policy { by: u8, seconds: u64, value: u8 },
    Pull { by: u8, from: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let (by, seconds, other) = (1u8..5, 0u64..60, 2u8..5);
    prop_oneof![
        6 => (by.clone(), seconds.clone()).prop_map(|(by, seconds)| Step::Award { by, seconds }),
        3 => (by.clone(), seconds.clone(), other.clone(), any::<bool>())
            .prop_map(|(by, seconds, to, owner)| Step::Grant { by, seconds, to, owner }),
        2 => (by.clone(), seconds.clone(), other, 0u64..3)
            .prop_map(|(by, seconds, of, short)| Step::Revoke { by, seconds, of, short }),
        1 => (by.clone(), seconds.clone(), 0usize..30)
            .prop_map(|(by, seconds, nth)| Step::Adopt { by, seconds, nth }),
        1 => (by.clone(), seconds, 0usize..30)
            .prop_map(|(by, seconds, nth)| Step::Undo { by, seconds, nth }),
        2 => (by.clone(), 0u64..60, 0u8..4)
            .prop_map(|(by, seconds, value)| Step::Policy { by, seconds, value }),
        4 => (by, 1u8..5).prop_map(|(by, from)| Step::Pull { by, from }),
    ]
}

fn founded() -> (Log, Segment) {
    let creation = change(1, Change::ProfileCreated { name: profile_name("Raid-Team-A") });
    let profile = Profile::owned(key(1).writer(), &creation).unwrap();
    let mut log = Log::new(profile);
    let first = log.append(&key(1), &[creation]).unwrap();
    (log, first)
}

/// Plays the steps on four replicas; whatever a writer has no right to is not done.
fn play(steps: &[Step]) -> Vec<Segment> {
    let (log, first) = founded();
    let (mut logs, mut published) = (vec![log; 4], vec![first]);
    for step in steps {
        let nth = |log: &Log, nth: usize| log.entries().map(|entry| entry.id).nth(nth);
        let (by, draft) = match *step {
            Step::Award { by, seconds } => {
                (by, Some(award(&logs[usize::from(by) - 1], seconds, "Brindle", "1")))
            }
            Step::Grant { by, seconds, to, owner } => {
                let role = if owner { Role::Owner } else { Role::Officer };
                let writer = key(to).writer();
                (by, Some(change(seconds, Change::Grant { writer, member: name("Oakhand"), role })))
            }
            Step::Revoke { by, seconds, of, short } => {
                let writer = key(of).writer();
                let held = logs[usize::from(by) - 1].frontier().last(writer);
                let cut = held.saturating_sub(short);
                (by, Some(change(seconds, Change::Revoke { writer, cut })))
            }
            Step::Adopt { by, seconds, nth: n } => {
                let log = &logs[usize::from(by) - 1];
                let adopt =
                    nth(log, n).map(|of| Change::Adopt { of, hash: log.entry_hash(of).unwrap() });
                (by, adopt.map(|adopt| change(seconds, adopt)))
            }
            Step::Undo { by, seconds, nth: n } => {
                let log = &logs[usize::from(by) - 1];
                let undo = nth(log, n)
                    .and_then(|of| log.undo(at(seconds), &name("Oakhand"), of, &reason("")).ok());
                (by, undo)
            }
            Step::Policy { by, seconds, value } => {
                let value = ["", "one", "two", "three"][usize::from(value)];
                (by, Some(policy(seconds, "sync-plan", value)))
            }
            Step::Pull { by, from } => {
                let from = logs[usize::from(from) - 1].clone();
                pull(&mut logs[usize::from(by) - 1], &from);
                (by, None)
            }
        };
        if let Some(draft) = draft
            && let Ok(segment) = logs[usize::from(by) - 1].append(&key(by), &[draft])
        {
            published.push(segment);
        }
    }
    published
}

fn told(log: &Log) -> Vec<String> {
    let line = |l: guildsync_log::AuditLine| {
        format!("{:?} {:?} {}", l.entry.id, l.after, l.verdict.name())
    };
    let policies = log.policies().map(|p| format!("{p:?}"));
    log.audit().map(line).chain(policies).collect()
}

proptest! {
    #[test]
    fn rights_in_any_order_of_arrival_give_the_same_log(
        (steps, order) in proptest::collection::vec(step(), 1..50).prop_flat_map(|steps| {
            let n = steps.len() + 1;
            (Just(steps), Just((0..n).collect::<Vec<_>>()).prop_shuffle())
        })
    ) {
        let published = play(&steps);
        let (mut in_order, mut shuffled) = (founded().0, founded().0);
        for segment in &published {
            in_order.accept(segment.clone()).unwrap();
            prop_assert_eq!(in_order.standings(), in_order.replay());
        }
        for &i in order.iter().filter(|&&i| i < published.len()) {
            shuffled.accept(published[i].clone()).unwrap();
            prop_assert_eq!(shuffled.standings(), shuffled.replay());
        }
        prop_assert_eq!(in_order.heads(), shuffled.heads());
        prop_assert_eq!(told(&in_order), told(&shuffled));
    }
}

/// The lowest cut ends it, whichever revoke came first, and entry by entry as in a replay.
#[test]
fn of_two_revokes_the_one_that_cuts_lower_decides() {
    for cuts in [[3, 1], [1, 3]] {
        let mut log = founded().0;
        let writer = key(2).writer();
        let grant = Change::Grant { writer, member: name("Oakhand"), role: Role::Officer };
        log.append(&key(1), &[change(2, grant)]).unwrap();
        (10..14).for_each(|seconds| drop(give(&mut log, &key(2), seconds, "Brindle", "1")));
        for (seconds, cut) in (20..).zip(cuts) {
            log.append(&key(1), &[change(seconds, Change::Revoke { writer, cut })]).unwrap();
            assert_eq!(log.standings(), log.replay());
        }
        assert_eq!(standings(&log), "Brindle 1", "{cuts:?}");
    }
}
