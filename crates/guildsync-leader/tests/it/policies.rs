//! Policies that a profile carries: set by an entry, synced like one, and gone by.

use guildsync_leader::{Config, Event, Refusal, Stage, SyncPlan};
use guildsync_log::Change;
use guildsync_types::{PolicyName, PolicyValue};

use crate::manual::{draft, owned};
use crate::raid::*;

/// `who` sets a policy of the active profile, now.
fn set(raid: &mut Raid, who: &str, policy: &str, value: &str) {
    raid.now = raid.now + 1000;
    let (policy, value) = (PolicyName::new(policy).unwrap(), PolicyValue::new(value).unwrap());
    let mut set = draft(Change::PolicySet { name: policy, value });
    set.stamp = raid.now.stamp();
    let member = raid.member(who);
    let (id, key) = (member.profiles.active_id(), member.key.clone());
    let segment = member.profiles.get_mut(&id).unwrap().append(&key, &[set]).unwrap();
    raid.step(&name(who), Event::Appended { profile: id, segment });
}

/// Whether members were served in turn, each after the one before, since `from` stages ago.
fn served_in_turn(raid: &Raid, from: usize) -> bool {
    raid.stages[from..].iter().any(|(_, stage)| *stage == Stage::Current)
}

#[test]
fn an_officer_lets_anyone_start_by_hand_with_an_entry_that_is_synced() {
    let mut raid = owned(Config::default());
    set(&mut raid, "Ann", "manual-sync", "anyone");
    raid.settle();
    assert!(raid.agree(&["Lead", "Ann", "Bo"]));
    raid.step(&name("Bo"), Event::ManualSync);
    raid.settle();
    assert_eq!((raid.n_said("Bo -> group: PROFILE_ANNOUNCE"), raid.refused.len()), (1, 0));
    // Nothing is back to the default.
    set(&mut raid, "Lead", "manual-sync", "");
    raid.settle();
    raid.step(&name("Bo"), Event::ManualSync);
    assert!(matches!(raid.refused[..], [(_, Refusal::NotAnOfficer)]), "{:?}", raid.refused);
}

#[test]
fn the_coordinator_serves_by_the_plan_that_the_profile_says() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, Config::default());
    set(&mut raid, "Ann", "sync-plan", "queue");
    raid.form(&names);
    raid.settle();
    assert!(raid.agree(&names));
    assert!(!served_in_turn(&raid, 0), "the coordinator learnt of it only then");
    // Whoever comes now is served by the queue, a second between two of them.
    let n_stages = raid.stages.len();
    raid.add("Dee");
    raid.add("Eve");
    raid.form(&["Lead", "Ann", "Bo", "Cy", "Dee", "Eve"]);
    let before = raid.now;
    raid.settle();
    assert!(served_in_turn(&raid, n_stages), "{:?}", &raid.stages[n_stages..]);
    assert_eq!(raid.n_said("Lead -> Dee: SEND_MISSING_LOGS"), 1);
    assert_eq!(raid.n_said("Lead -> Eve: SEND_MISSING_LOGS"), 1);
    assert!(raid.now.since(before) >= 1000, "the queue pauses");
    assert!(raid.agree(&["Lead", "Ann", "Bo", "Cy", "Dee", "Eve"]));
    // And together again once the profile says so.
    set(&mut raid, "Cy", "sync-plan", "broadcast");
    raid.settle();
    let n_stages = raid.stages.len();
    raid.add("Fay");
    raid.form(&["Lead", "Ann", "Bo", "Cy", "Dee", "Eve", "Fay"]);
    raid.settle();
    assert!(!served_in_turn(&raid, n_stages), "{:?}", &raid.stages[n_stages..]);
    assert!(raid.agree(&["Lead", "Ann", "Bo", "Cy", "Dee", "Eve", "Fay"]));
}

/// The coordinator finishes with those it is serving by the old plan, and nobody is left between the two.
#[test]
fn the_plan_may_change_at_any_message_of_a_sync() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let other = if plan == SyncPlan::Broadcast { "queue" } else { "broadcast" };
        for (n_delivered, by) in (0..60).flat_map(|n| [(n, "Lead"), (n, "Bo")]) {
            let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
            names.iter().for_each(|who| raid.award(who, "Brindle", "1"));
            raid.form(&names);
            for _ in 0..n_delivered {
                if !raid.deliver_one() && !raid.members.values().all(|m| m.session.is_settled()) {
                    raid.tick();
                }
            }
            set(&mut raid, by, "sync-plan", other);
            // It ends, and does not turn on the spot till then.
            assert!(raid.settle_counting() < 60, "{plan:?}, {n_delivered}, {by}");
            assert!(raid.agree(&names), "{plan:?}, {n_delivered}, {by}");
            // What comes next goes by the new plan.
            let n_stages = raid.stages.len();
            raid.add("Dee");
            raid.form(&["Lead", "Ann", "Bo", "Cy", "Dee"]);
            raid.settle();
            assert_eq!(
                served_in_turn(&raid, n_stages),
                other == "queue",
                "{plan:?}, {n_delivered}"
            );
            assert!(raid.agree(&["Lead", "Ann", "Bo", "Cy", "Dee"]), "{plan:?}, {n_delivered}");
        }
    }
}
