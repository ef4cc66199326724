//! Leaders that change, leave and come back.

use guildsync_leader::{
    Announced, Config, Event, Message, Named, Refusal, Stage, SyncPlan, Tag, batch,
};

use crate::raid::*;

#[test]
fn a_new_leader_starts_a_cycle_of_its_own() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.form_led_by(&names, "Ann");
    raid.settle();
    assert_eq!(raid.n_said("Ann -> group: PROFILE_ANNOUNCE"), 1);
    raid.add("Dee");
    raid.award("Bo", "Brindle", "1");
    raid.form_led_by(&["Lead", "Ann", "Bo", "Dee"], "Ann");
    raid.settle();
    // New joiners sync with the new leader.
    assert_eq!(raid.n_said("Ann -> Dee: PROFILE_ANNOUNCE"), 1);
    assert_eq!(raid.n_said("Lead -> Dee: PROFILE_ANNOUNCE"), 0);
    assert!(raid.agree(&["Lead", "Ann", "Bo", "Dee"]));
}

#[test]
fn the_old_leader_finishes_its_current_member_and_drops_the_queue() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let config = Config { plan: SyncPlan::queue(), ..Config::default() };
    let mut raid = Raid::of(&names, config);
    for who in &names {
        raid.award(who, "Brindle", "1");
    }
    raid.form(&names);
    while !raid.stages.contains(&(name("Ann"), Stage::Current)) {
        assert!(raid.deliver_one());
    }
    let before = raid.stages.len();
    raid.form_led_by(&names, "Cy");
    raid.settle();
    let old: Vec<_> = raid.stages[before..]
        .iter()
        .filter(|(who, stage)| *who == name("Ann") && *stage == Stage::Done)
        .collect();
    assert!(!old.is_empty());
    assert_eq!(raid.n_said("Lead -> Bo: REQUEST_MY_MISSING"), 0);
    assert_eq!(raid.n_said("Lead -> Bo: SEND_MISSING_LOGS"), 0);
    assert!(raid.agree(&names));
}

#[test]
fn the_leader_leaves_and_another_takes_over() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.form(&["Ann", "Bo"]);
    raid.award("Ann", "Brindle", "1");
    raid.settle();
    assert_eq!(raid.n_said("Ann -> group: PROFILE_ANNOUNCE"), 1);
    raid.form_led_by(&names, "Ann");
    raid.settle();
    assert!(raid.agree(&names));
}

#[test]
fn a_leader_that_changes_in_mid_sync_leaves_nobody_behind() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let mut at = 0;
        loop {
            let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
            for who in &names {
                raid.award(who, "Brindle", "1");
            }
            raid.form(&names);
            let more = (0..at).all(|_| raid.deliver_one());
            raid.form_led_by(&names, "Bo");
            raid.settle();
            assert!(raid.agree(&names), "after {at} messages: {:#?}", raid.said);
            if !more {
                break;
            }
            at += 1;
        }
    }
}

#[test]
fn an_announcement_of_an_old_epoch_is_refused() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.form_led_by(&names, "Bo");
    raid.settle();
    let announce = |term| Message::ProfileAnnounce {
        at: Announced { term, n: 1 },
        profile: Named::Whole(profile("Default")),
        switch: true,
        answer: true,
        digest: raid.log("Lead").digest(),
        heads: None,
    };
    let (stale, absurd) = (announce(1), announce(1 << 40));
    raid.step(&name("Ann"), Event::Received { from: name("Lead"), message: stale.clone() });
    assert!(matches!(raid.refused.last(), Some((_, Refusal::StaleEpoch { .. }))));
    // Whoever holds the present epoch says so, once in a while.
    let before = raid.said.len();
    for _ in 0..5 {
        raid.now = raid.now + 500;
        let message = stale.clone();
        raid.step(&name("Bo"), Event::Received { from: name("Lead"), message });
    }
    assert_eq!(raid.said[before..], ["Bo -> group: PROFILE_ANNOUNCE"; 2]);
    raid.step(&name("Ann"), Event::Received { from: name("Lead"), message: absurd });
    assert!(matches!(raid.refused.last(), Some((_, Refusal::EpochJump { .. }))));
}

#[test]
fn a_message_from_outside_the_group_is_refused() {
    let mut raid = Raid::of(&["Lead", "Ann", "Out"], Config::default());
    raid.form(&["Lead", "Ann"]);
    raid.settle();
    raid.award("Out", "Brindle", "9999");
    let profile = raid.log("Out").profile().id;
    let segment = raid.log("Out").segment(raid.members[&name("Out")].key.writer(), 1).unwrap();
    let batch = batch::pack(raid.log("Out"), None, &[segment]).unwrap();
    let message = Message::LogEntry { profile: Tag::short(profile), batch };
    raid.step(&name("Ann"), Event::Received { from: name("Out"), message });
    assert!(matches!(raid.refused.last(), Some((_, Refusal::NotInGroup))));
    assert!(raid.log("Ann").is_empty());
}

#[test]
fn every_trigger_of_the_seed_starts_what_it_should() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    let mut said = 0;
    let mut new = |raid: &mut Raid| {
        raid.settle();
        let lines = raid.said[said..].to_vec();
        said = raid.said.len();
        lines
    };
    raid.form(&["Lead", "Ann"]);
    assert_eq!(new(&mut raid)[0], "Lead -> group: PROFILE_ANNOUNCE");
    raid.form(&names);
    assert_eq!(new(&mut raid)[0], "Lead -> Bo: PROFILE_ANNOUNCE");
    raid.form_led_by(&names, "Bo");
    assert_eq!(new(&mut raid)[0], "Bo -> group: PROFILE_ANNOUNCE");
    raid.award("Ann", "Brindle", "1");
    assert_eq!(new(&mut raid)[0], "Ann -> group: LOG_ENTRY");
    raid.step(&name("Ann"), Event::ManualSync);
    assert_eq!(
        new(&mut raid)[..2],
        ["Ann -> group: MANUAL_SYNC_START", "Ann -> group: PROFILE_ANNOUNCE"]
    );
    let team = profile("Alt-Runs");
    raid.member("Ann").profiles.add(team.clone()).unwrap();
    raid.member("Ann").profiles.switch(&team.id).unwrap();
    raid.step(&name("Ann"), Event::Switched);
    assert_eq!(new(&mut raid)[1], "Ann -> group: PROFILE_ANNOUNCE");
    assert_eq!(raid.log("Bo").label(), "Alt-Runs");
}
