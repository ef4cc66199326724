//! When a coordinator falls silent: who goes on, when, and how two become one again.

use guildsync_leader::{Config, Event, MemberTag, Message, To};
use guildsync_types::{MemberName, Time};

use crate::raid::*;

/// Three heartbeats missed, and the fourth awaited.
const SILENCE_MS: u64 = 4 * 30_000;

/// Who said that it coordinates, and when, from `since` on.
fn claims(raid: &Raid, since: Time) -> Vec<(String, u64)> {
    let claim = |s: &&Spoken| {
        s.at >= since && matches!(s.message, Message::ManualSyncStart { .. }) && s.to == To::Group
    };
    let spoken = raid.spoken.iter().filter(claim);
    spoken.map(|s| (s.from.to_string(), s.at.since(since))).collect()
}

/// The members in the order in which they take over.
fn order(names: &[&str]) -> Vec<MemberName> {
    let mut order: Vec<MemberName> = names.iter().map(|n| name(n)).collect();
    order.sort_by_key(MemberTag::of);
    order
}

/// The last time at which a coordinator was heard.
fn last_heard(raid: &Raid) -> Time {
    let announced = |s: &&Spoken| matches!(s.message, Message::ProfileAnnounce { .. });
    raid.spoken.iter().filter(announced).map(|s| s.at).max().unwrap()
}

#[test]
fn the_same_member_takes_over_in_everybodys_view_and_within_two_minutes() {
    let names = ["Lead", "Ann", "Bo", "Cy", "Dee"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    raid.run(60_000);
    let heard = last_heard(&raid);
    raid.member("Lead").asleep = true;
    raid.run(SILENCE_MS + 60_000);
    let first = order(&names[1..])[0].to_string();
    assert_eq!(claims(&raid, heard), [(first.clone(), SILENCE_MS)]);
    // It coordinates: what anyone writes, and what one of them misses, reaches all.
    raid.member("Dee").answers = false;
    raid.award("Cy", "Brindle", "1");
    raid.deliver();
    raid.run(2_000);
    raid.member("Dee").answers = true;
    raid.run(60_000);
    assert!(raid.agree(&names[1..]), "{:#?}", raid.said);
    for who in &names[1..] {
        let epoch = raid.members[&name(who)].session.epoch().cloned();
        assert_eq!(epoch.map(|epoch| epoch.coordinator.to_string()), Some(first.clone()));
    }
}

#[test]
fn each_of_forty_waits_five_seconds_longer_than_the_one_before() {
    let all: Vec<String> = (0..40).map(|i| format!("M{i:02}")).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let order = order(&names[1..]);
    for awake in [0, 1, 7, 38] {
        let mut raid = Raid::beating(&names, Config::default());
        raid.form(&names);
        raid.run(60_000);
        let heard = last_heard(&raid);
        raid.member("M00").asleep = true;
        order[..awake].iter().for_each(|who| raid.member(who.as_str()).asleep = true);
        raid.run(SILENCE_MS + 40 * 5_000);
        let expected = (order[awake].to_string(), SILENCE_MS + 5_000 * awake as u64);
        assert_eq!(claims(&raid, heard), [expected]);
    }
}

#[test]
fn a_leader_that_never_speaks_is_replaced_in_half_the_time() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.award("Ann", "Brindle", "1");
    raid.member("Lead").asleep = true;
    let start = raid.now;
    raid.form(&names);
    raid.run(SILENCE_MS);
    let first = order(&names[1..])[0].to_string();
    // The leader would have been the first to do it.
    assert_eq!(claims(&raid, start), [(first, SILENCE_MS / 2 + 5_000)]);
    assert!(raid.agree(&["Ann", "Bo"]));
}

#[test]
fn a_leader_that_is_back_leads_again_and_all_have_what_was_written_meanwhile() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    raid.run(60_000);
    raid.member("Lead").asleep = true;
    raid.run(SILENCE_MS + 10_000);
    raid.award("Ann", "Brindle", "1");
    raid.run(10_000);
    raid.member("Lead").asleep = false;
    // The next heartbeat tells it.
    raid.run(31_000);
    assert!(raid.members[&name("Lead")].session.is_coordinator());
    for who in names {
        let epoch = raid.members[&name(who)].session.epoch().cloned();
        assert_eq!(epoch.map(|epoch| epoch.coordinator), Some(name("Lead")), "{who}");
    }
    raid.run(10_000);
    assert!(raid.agree(&names), "{:#?}", raid.said);
}

#[test]
fn two_that_both_believe_they_lead_end_as_one() {
    let names = ["Ann", "Bo", "Cy", "Dee"];
    let mut raid = Raid::beating(&names, Config::default());
    for who in names {
        raid.award(who, "Brindle", "1");
    }
    // The game tells half of them one thing and half another.
    raid.form_led_by(&names, "Ann");
    for who in ["Bo", "Dee"] {
        let (members, leader) = (raid.group.clone(), name("Bo"));
        raid.step(&name(who), Event::GroupChanged { members, leader });
    }
    raid.run(10_000);
    assert!(raid.agree(&names), "{:#?}", raid.said);
    let epochs: Vec<_> =
        names.iter().map(|who| raid.members[&name(who)].session.epoch().cloned()).collect();
    assert!(epochs.windows(2).all(|pair| pair[0] == pair[1]), "{epochs:#?}");
    let coordinators =
        names.iter().filter(|who| raid.members[&name(who)].session.is_coordinator()).count();
    assert_eq!(coordinators, 1);
}

#[test]
fn two_who_start_by_hand_at_once_end_as_one() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    raid.run(10_000);
    raid.award("Cy", "Brindle", "1");
    raid.step(&name("Ann"), Event::ManualSync);
    raid.step(&name("Bo"), Event::ManualSync);
    raid.run(10_000);
    let coordinators: Vec<_> =
        names.iter().filter(|who| raid.members[&name(who)].session.is_coordinator()).collect();
    // Of two epochs of one term the greater name's is the later.
    assert_eq!(coordinators, [&"Bo"], "{:#?}", raid.said);
    assert!(raid.agree(&names));
}

#[test]
fn a_takeover_carries_on_from_a_sync_that_its_coordinator_left_unfinished() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.award("Ann", "Brindle", "1");
    raid.award("Cy", "Brindle", "2");
    raid.form(&names);
    raid.deliver_one();
    raid.member("Lead").asleep = true;
    raid.run(SILENCE_MS + 30_000);
    assert!(raid.agree(&names[1..]), "{:#?}", raid.said);
}
