//! Manual sync: who may, and what it does.

use guildsync_leader::{Config, Event, ManualSync, Ready, Refusal};
use guildsync_log::{Change, Draft, Profile, Role};
use guildsync_types::{ProfileName, Reason};

use crate::raid::*;

pub(crate) fn draft(change: Change) -> Draft {
    let (actor, reason) = (name("Lead"), Reason::default());
    Draft { stamp: long_ago(), actor, change, reason, origin: None }
}

/// A raid in an owned profile of Lead's, in which Ann is officer and Bo is not.
pub(crate) fn owned(config: Config) -> Raid {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, config);
    let (lead, ann) = (raid.member("Lead").key.clone(), raid.member("Ann").key.writer());
    let creation = draft(Change::ProfileCreated { name: ProfileName::new("Team").unwrap() });
    let profile = Profile::owned(lead.writer(), &creation).unwrap();
    let grant = Change::Grant { writer: ann, member: name("Ann"), role: Role::Officer };
    let log = raid.member("Lead").profiles.add(profile.clone()).unwrap();
    log.append(&lead, &[creation, draft(grant)]).unwrap();
    raid.member("Lead").profiles.switch(&profile.id).unwrap();
    raid.form(&names);
    raid.settle();
    raid
}

#[test]
fn anyone_may_where_the_policy_says_so() {
    let mut raid = owned(Config { manual: ManualSync::Anyone, ..Config::default() });
    raid.step(&name("Bo"), Event::ManualSync);
    raid.settle();
    assert_eq!(raid.n_said("Bo -> group: MANUAL_SYNC_START"), 1);
    assert_eq!(raid.n_said("Bo -> group: PROFILE_ANNOUNCE"), 1);
}

#[test]
fn only_officers_may_by_default() {
    let mut raid = owned(Config::default());
    raid.step(&name("Bo"), Event::ManualSync);
    raid.settle();
    assert!(
        matches!(raid.refused.last(), Some((who, Refusal::NotAnOfficer)) if *who == name("Bo"))
    );
    assert_eq!(raid.n_said("Bo -> group: MANUAL_SYNC_START"), 0);
    raid.step(&name("Ann"), Event::ManualSync);
    raid.settle();
    assert_eq!(raid.n_said("Ann -> group: PROFILE_ANNOUNCE"), 1);
    assert_eq!(raid.refused.len(), 1);
}

#[test]
fn anyone_may_in_a_profile_without_officers() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.step(&name("Bo"), Event::ManualSync);
    raid.settle();
    assert_eq!(raid.n_said("Bo -> group: PROFILE_ANNOUNCE"), 1);
    assert!(raid.refused.is_empty());
}

#[test]
fn a_manual_sync_brings_what_the_leader_never_asked_for() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    raid.step(&name("Ann"), Event::SetEnabled(false));
    raid.award("Ann", "Brindle", "1");
    raid.step(&name("Ann"), Event::SetEnabled(true));
    raid.settle();
    assert!(!raid.agree(&names));
    raid.step(&name("Ann"), Event::ManualSync);
    raid.settle();
    assert!(raid.agree(&names));
}

#[test]
fn alone_or_switched_off_it_is_refused_with_what_to_do() {
    let mut raid = Raid::of(&["Lead"], Config::default());
    raid.step(&name("Lead"), Event::ManualSync);
    let (_, why) = raid.refused.last().unwrap();
    assert_eq!(why.to_string(), "there is nobody to sync with: join a group first");
    raid.step(&name("Lead"), Event::SetEnabled(false));
    raid.step(&name("Lead"), Event::ManualSync);
    assert!(matches!(raid.refused.last(), Some((_, Refusal::Disabled))));
}

#[test]
fn when_whoever_coordinated_by_hand_leaves_the_leader_coordinates_again() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names[..3]);
    raid.settle();
    raid.step(&name("Bo"), Event::ManualSync);
    raid.settle();
    raid.form(&["Lead", "Ann"]);
    raid.settle();
    raid.award("Ann", "Brindle", "1");
    raid.form(&["Lead", "Ann", "Cy"]);
    raid.settle();
    assert_eq!(raid.n_said("Lead -> Cy: PROFILE_ANNOUNCE"), 1);
    assert!(raid.agree(&["Lead", "Ann", "Cy"]));
}

#[test]
fn whoever_is_ready_only_outside_groups_says_nothing_in_one() {
    for (ready, n_said) in [(Ready::Grouped, 1), (Ready::Anywhere, 1), (Ready::Ungrouped, 0)] {
        let mut raid = Raid::beating(&["Lead", "Ann"], Config { ready, ..Config::default() });
        raid.form(&["Lead"]);
        raid.award("Lead", "Brindle", "1");
        raid.run(60_000);
        assert_eq!(raid.said.len(), 0, "alone there is nobody to say it to");
        raid.form(&["Lead", "Ann"]);
        raid.run(500);
        assert_eq!(raid.n_said("Lead -> group: PROFILE_ANNOUNCE"), n_said);
        raid.award("Lead", "Brindle", "1");
        raid.run(500);
        assert_eq!(raid.n_said("Lead -> group: LOG_ENTRY"), n_said);
        raid.step(&name("Ann"), Event::ManualSync);
        raid.run(500_000);
        assert_eq!(raid.said.is_empty(), ready == Ready::Ungrouped);
        let not_ready = raid.refused.contains(&(name("Ann"), Refusal::NotReady));
        assert_eq!(not_ready, ready == Ready::Ungrouped);
        assert_eq!(raid.agree(&["Lead", "Ann"]), ready != Ready::Ungrouped);
    }
}
