//! Members that come back: after a year, with an empty store, after a crash in mid-session.

use guildsync_leader::{Config, Message, SyncPlan};
use guildsync_log::{Change, Draft, Profiles};
use guildsync_types::Reason;

use crate::raid::*;

const DAY_MS: u64 = 86_400_000;

#[test]
fn a_member_that_was_away_for_400_days_has_everything_again_and_so_have_the_others() {
    let names = ["Lead", "Ann", "Bo"];
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
        raid.form(&names);
        raid.award("Lead", "Brindle", "1");
        raid.settle();
        raid.form(&["Lead", "Bo"]);
        raid.award("Ann", "Brindle", "10");
        for day in 0..400 {
            raid.now = raid.now + DAY_MS;
            raid.award(["Lead", "Bo"][day % 2], "Brindle", "1");
            raid.run(2_000);
        }
        let back = raid.now;
        raid.form(&names);
        raid.settle();
        assert!(raid.agree(&names));
        assert_eq!(raid.log("Ann").len(), 402);
        assert!(raid.now.since(back) <= 5_000, "{}", raid.now.since(back));
    }
}

#[test]
fn a_wiped_store_gets_back_all_that_it_ever_had() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    for who in names {
        raid.award(who, "Brindle", "1");
        raid.run(1_000);
    }
    raid.run(10_000);
    // Its key is all that Ann has left.
    raid.member("Ann").profiles = Profiles::default();
    raid.restart("Ann");
    raid.run(35_000);
    assert!(raid.agree(&names), "{:#?}", raid.said);
    assert_eq!(raid.log("Ann").len(), 3);
}

#[test]
fn a_member_that_restarts_in_mid_sync_is_served_all_the_same() {
    let names = ["Lead", "Ann", "Bo"];
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        // Whatever message it falls behind.
        for at in 0..12 {
            let mut raid = Raid::beating(&names, Config { plan, ..Config::default() });
            names.iter().for_each(|who| raid.award(who, "Brindle", "1"));
            raid.form(&names);
            for _ in 0..at {
                if !raid.deliver_one() {
                    raid.tick();
                }
            }
            raid.restart("Ann");
            raid.run(45_000);
            assert!(raid.agree(&names), "{plan:?} after {at} messages: {:#?}", raid.said);
        }
    }
}

#[test]
fn a_coordinator_that_restarts_in_mid_sync_begins_afresh() {
    let names = ["Lead", "Ann", "Bo"];
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        for at in 0..12 {
            let mut raid = Raid::beating(&names, Config { plan, ..Config::default() });
            names.iter().for_each(|who| raid.award(who, "Brindle", "1"));
            raid.form(&names);
            for _ in 0..at {
                if !raid.deliver_one() {
                    raid.tick();
                }
            }
            raid.restart("Lead");
            raid.run(45_000);
            assert!(raid.agree(&names), "{plan:?} after {at} messages: {:#?}", raid.said);
            assert!(raid.members[&name("Lead")].session.is_coordinator());
        }
    }
}

#[test]
fn entries_of_a_kind_of_the_future_pass_through_members_that_cannot_read_them() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    let key = raid.member("Ann").key.clone();
    let id = raid.log("Ann").profile().id;
    let draft = Draft {
        stamp: long_ago(),
        actor: name("Ann"),
        change: Change::Unknown { kind: 200, bytes: b"a kind of the future".to_vec() },
        reason: Reason::default(),
        origin: None,
    };
    raid.member("Ann")
        .profiles
        .get_mut(&id)
        .unwrap()
        .append(&key, std::slice::from_ref(&draft))
        .unwrap();
    // It goes from Ann to Lead, and from Lead, when Ann is gone, to Bo.
    raid.form(&["Lead", "Ann"]);
    raid.settle();
    raid.form(&["Lead", "Bo"]);
    raid.settle();
    let held: Vec<Draft> = raid.log("Bo").entries().map(|entry| entry.draft).collect();
    assert_eq!(held, [draft]);
    assert!(raid.agree(&names));
    assert!(raid.spoken.iter().any(|s| matches!(s.message, Message::SendMissingLogs { .. })));
}
