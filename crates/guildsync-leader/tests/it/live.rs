//! Live entries.

use guildsync_leader::{Config, Event, SyncPlan};
use guildsync_types::points::Total;

use crate::raid::*;

#[test]
fn an_award_while_grouped_reaches_everyone_at_once() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    let before = raid.said.len();
    raid.award("Ann", "Brindle", "10");
    raid.deliver();
    assert_eq!(raid.said[before..], ["Ann -> group: LOG_ENTRY"]);
    assert!(raid.agree(&names));
}

#[test]
fn an_award_during_the_sync_is_neither_lost_nor_counted_twice() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let mut at = 0;
        // Whatever message the award falls behind.
        loop {
            let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
            raid.award("Bo", "Brindle", "1");
            raid.form(&names);
            let more = (0..at).all(|_| raid.deliver_one());
            raid.award("Cy", "Brindle", "10");
            raid.award("Lead", "Brindle", "100");
            raid.settle();
            assert!(raid.agree(&names), "after {at} messages: {:#?}", raid.said);
            assert_eq!(raid.log("Ann").total(&name("Brindle")), Some(Total(11100)));
            if !more {
                break;
            }
            at += 1;
        }
        assert!(at > 5, "{at}");
    }
}

#[test]
fn a_received_entry_is_appended_once_and_counted() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.award("Lead", "Brindle", "10");
    let profile = raid.log("Lead").profile().id;
    let segment = raid.log("Lead").segment(raid.members[&name("Lead")].key.writer(), 1).unwrap();
    raid.step(&name("Lead"), Event::Appended { profile, segment });
    raid.settle();
    // Each is said twice.
    assert_eq!(raid.n_said("LOG_ENTRY"), 4);
    assert_eq!(
        (raid.log("Ann").len(), raid.log("Ann").total(&name("Brindle"))),
        (1, Some(Total(1000)))
    );
}

#[test]
fn a_gap_before_a_live_entry_is_asked_for() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.member("Ann").answers = false;
    raid.award("Lead", "Brindle", "1");
    raid.award("Lead", "Brindle", "2");
    raid.deliver();
    raid.member("Ann").answers = true;
    raid.award("Lead", "Brindle", "4");
    raid.settle();
    assert_eq!(raid.n_said("Ann -> Lead: REQUEST_MY_MISSING"), 1);
    assert!(raid.agree(&names));
}

#[test]
fn a_gap_is_asked_of_the_coordinator_when_the_writer_is_gone() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config { repeat_ms: 0, ..Config::default() });
    raid.form(&names);
    raid.settle();
    raid.member("Ann").answers = false;
    raid.award("Bo", "Brindle", "1");
    raid.deliver();
    raid.member("Ann").answers = true;
    raid.award("Bo", "Brindle", "2");
    raid.member("Bo").answers = false;
    raid.settle();
    assert!(raid.agree(&names));
    assert_eq!(raid.n_said("Ann -> Lead: REQUEST_MY_MISSING"), 1);
}

#[test]
fn nothing_is_broadcast_while_sync_is_off() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    let before = raid.said.len();
    raid.step(&name("Ann"), Event::SetEnabled(false));
    raid.award("Ann", "Brindle", "1");
    raid.award("Lead", "Brindle", "2");
    raid.settle();
    assert_eq!(raid.said[before..], ["Lead -> group: LOG_ENTRY"; 2]);
    assert_eq!(raid.log("Ann").len(), 1);
    raid.step(&name("Ann"), Event::SetEnabled(true));
    raid.step(&name("Lead"), Event::ManualSync);
    raid.settle();
    assert!(raid.agree(&names));
}
