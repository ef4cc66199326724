//! Entries that arrive before what they are coded against.

use guildsync_leader::{Config, EntriesPerMessage, Event, Message, Refusal, SyncPlan};

use crate::raid::*;

const NAMES: [&str; 6] = ["Lead", "Ann", "A", "B", "C", "D"];

/// Lead holds entries of four writers, Ann none; a message carries one of them, and each is coded
/// against those before it.
fn one_by_one(plan: SyncPlan) -> Raid {
    let entries = EntriesPerMessage::AtMost(1);
    let mut raid = Raid::of(&NAMES, Config { entries, plan, ..Config::default() });
    for who in &NAMES[2..] {
        raid.award(who, "Brindle", "1");
        raid.copy(who, "Lead");
    }
    // Enough for a base to be worth naming.
    for _ in 0..20 {
        raid.award("Lead", "Brindle", "1");
    }
    raid
}

#[test]
fn messages_in_the_reverse_order_are_opened_once_what_they_build_on_is_there() {
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let mut raid = one_by_one(plan);
        raid.form(&NAMES[..2]);
        while raid.n_said("SEND_MISSING_LOGS") == 0 {
            if !raid.deliver_one() {
                raid.tick();
            }
        }
        raid.reverse("Ann");
        raid.deliver();
        assert!(raid.agree(&NAMES[..2]), "{:#?} {:?}", raid.said, raid.refused);
        assert_eq!(raid.n_said("Ann -> Lead: REQUEST_MY_MISSING"), 0);
        assert_eq!(raid.refused, []);
    }
}

#[test]
fn what_a_message_builds_on_is_asked_for_when_it_does_not_come() {
    let mut raid = one_by_one(SyncPlan::Broadcast);
    raid.form(&NAMES[..2]);
    while raid.n_said("SEND_MISSING_LOGS") == 0 {
        if !raid.deliver_one() {
            raid.tick();
        }
    }
    // All but the last is lost.
    let n_sent = raid.n_said("SEND_MISSING_LOGS");
    raid.lose_first("Ann", n_sent - 1);
    let lost = raid.now;
    raid.settle();
    assert!(raid.agree(&NAMES[..2]), "{:#?} {:?}", raid.said, raid.refused);
    assert!(raid.now.since(lost) <= 10_000, "{}", raid.now.since(lost));
}

#[test]
fn a_message_against_an_unknown_announcement_waits_and_changes_nothing() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.award("Lead", "Brindle", "1");
    let log_entry = raid.spoken.last().unwrap().message.clone();
    raid.lose("Ann");
    let Message::LogEntry { profile, mut batch } = log_entry else { panic!() };
    // Of this term, but it has not arrived.
    let term = raid.members[&name("Lead")].session.epoch().unwrap().term;
    let at = guildsync_leader::Announced { term, n: 1 << 40 };
    batch.base = Some(guildsync_leader::Base { at, difference: Default::default() });
    let message = Message::LogEntry { profile, batch };
    raid.step(&name("Ann"), Event::Received { from: name("Lead"), message });
    assert!(raid.log("Ann").is_empty());
    // After a while the coordinator is asked for it, once.
    raid.run(3_000);
    assert_eq!(raid.n_said("Ann -> Lead: REQUEST_LOG_LIST"), 1);
    raid.settle();
    assert_eq!(raid.n_said("Ann -> Lead: REQUEST_LOG_LIST"), 1);
    assert!(raid.agree(&names));
}

#[test]
fn no_more_messages_wait_than_there_is_room_for() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config { repeat_ms: 0, ..Config::default() });
    raid.form(&names);
    raid.settle();
    raid.award("Lead", "Brindle", "1");
    raid.lose("Ann");
    for _ in 0..65 {
        // Each follows the one that was lost.
        raid.award("Lead", "Brindle", "1");
    }
    raid.deliver();
    let full = raid.refused.iter().filter(|(_, why)| *why == Refusal::TooManyWait).count();
    assert_eq!(full, 1);
    raid.settle();
    assert!(raid.agree(&names), "{:#?}", raid.refused);
}
