//! A replica's set of profiles.

use guildsync_log::{Change, Profile, ProfileError, Profiles};

use crate::world::*;

fn with(name: &str) -> (Profiles, guildsync_types::ProfileId) {
    let mut profiles = Profiles::default();
    let profile = Profile::open(profile_name(name));
    profiles.add(profile.clone()).unwrap();
    (profiles, profile.id)
}

#[test]
fn everyone_has_default_and_it_is_active() {
    let profiles = Profiles::default();
    assert_eq!(profiles.active().label(), "Default");
    assert_eq!(profiles.active_id(), Profile::open(profile_name("Default")).id);
}

#[test]
fn profiles_are_independent_of_each_other() {
    let (mut profiles, id) = with("Alt-Runs");
    let default = profiles.active_id();
    give(profiles.get_mut(&id).unwrap(), &key(1), 10, "Brindle", "5");
    assert_eq!(standings(profiles.get(&id).unwrap()), "Brindle 5");
    assert!(profiles.get(&default).unwrap().is_empty());
}

#[test]
fn names_are_free_and_of_1_to_64_characters() {
    let (profiles, id) = with("Raid-Team-A ☀ 11.0.0");
    assert_eq!(profiles.find("Raid-Team-A ☀ 11.0.0").unwrap().profile().id, id);
    assert!(guildsync_types::ProfileName::new(&"ø".repeat(64)).is_ok());
    assert!(guildsync_types::ProfileName::new(&"ø".repeat(65)).is_err());
    assert!(guildsync_types::ProfileName::new("").is_err());
}

#[test]
fn the_active_and_the_only_profile_cannot_be_deleted() {
    let mut only = Profiles::default();
    let default = only.active_id();
    assert!(matches!(only.delete(&default), Err(ProfileError::Only { .. })));
    let (mut profiles, id) = with("Alt-Runs");
    profiles.switch(&id).unwrap();
    assert!(matches!(profiles.delete(&id), Err(ProfileError::Active { .. })));
    profiles.delete(&default).unwrap();
    assert!(profiles.get(&default).is_none());
}

#[test]
fn a_deleted_profile_leaves_its_numbers_behind() {
    let (mut profiles, id) = with("Alt-Runs");
    let writer = key(1).writer();
    give(profiles.get_mut(&id).unwrap(), &key(1), 10, "Brindle", "5");
    let others = profiles.get(&id).unwrap().clone();
    profiles.delete(&id).unwrap();
    profiles.add(Profile::open(profile_name("Alt-Runs"))).unwrap();
    assert!(profiles.is_behind(&id, writer));
    pull(profiles.get_mut(&id).unwrap(), &others);
    assert!(!profiles.is_behind(&id, writer));
}

#[test]
fn a_renamed_profile_keeps_its_id() {
    let (mut profiles, id) = with("Alt-Runs");
    let log = profiles.get_mut(&id).unwrap();
    let rename = Change::ProfileRenamed { name: profile_name("Twinks") };
    log.append(&key(1), &[change(5, rename)]).unwrap();
    assert_eq!(profiles.find("Twinks").unwrap().profile().id, id);
    assert!(profiles.find("Alt-Runs").is_err());
}

#[test]
fn a_profile_is_found_by_label_or_by_its_id() {
    let (profiles, id) = with("Alt-Runs");
    assert_eq!(profiles.find(&id.short()).unwrap().profile().id, id);
    let unknown = profiles.find("Raid").unwrap_err().to_string();
    assert!(unknown.contains("Alt-Runs") && unknown.contains("Default"), "{unknown}");
}

#[test]
fn the_state_hash_covers_entries_and_standings_of_every_profile() {
    let (mut a, id) = with("Alt-Runs");
    let mut b = with("Alt-Runs").0;
    assert_eq!(a.state_hash(), b.state_hash());
    let segment = give(a.get_mut(&id).unwrap(), &key(1), 10, "Brindle", "5");
    assert_ne!(a.state_hash(), b.state_hash());
    b.get_mut(&id).unwrap().accept(segment).unwrap();
    assert_eq!(a.state_hash(), b.state_hash());
}

/// A fork moves entries to a branch, and a backdated revoke takes a writer out of the frontier: all of
/// these numbers were issued all the same.
#[test]
fn the_numbers_of_branches_and_of_writers_without_a_role_stay_taken_too() {
    let (mut profiles, id) = with("Alt-Runs");
    let writer = key(1).writer();
    let log = profiles.get_mut(&id).unwrap();
    give(log, &key(1), 10, "Brindle", "1");
    let mut copy = log.clone();
    for seconds in 11..14 {
        give(log, &key(1), seconds, "Brindle", "2");
    }
    give(&mut copy, &key(1), 11, "Brindle", "3");
    log.accept(copy.segment(writer, 1).unwrap()).unwrap();
    profiles.delete(&id).unwrap();
    assert_eq!(profiles.left_behind()[&id].last(writer), 4);

    let creation = change(1, Change::ProfileCreated { name: profile_name("Council") });
    let profile = Profile::owned(key(1).writer(), &creation).unwrap();
    let id = profile.id;
    let log = profiles.add(profile).unwrap();
    let grant = |n: u8, seconds| {
        let role = guildsync_log::Role::Owner;
        let grant = Change::Grant { writer: key(n).writer(), member: name("Oakhand"), role };
        change(seconds, grant)
    };
    log.append(&key(1), &[creation, grant(2, 2)]).unwrap();
    log.append(&key(2), &[grant(3, 10)]).unwrap();
    give(log, &key(3), 20, "Brindle", "1");
    let revoke = Change::Revoke { writer: key(2).writer(), cut: 0 };
    log.append(&key(1), &[change(5, revoke)]).unwrap();
    assert_eq!(log.frontier().last(key(3).writer()), 0);
    let chains: Vec<_> = log.chains().map(|c| (c.writer, c.last, c.admitted)).collect();
    assert!(chains.contains(&(key(3).writer(), 1, false)) && chains.len() == 3, "{chains:?}");
    assert!(!profiles.is_behind(&id, key(3).writer()));
    profiles.delete(&id).unwrap();
    assert_eq!(profiles.left_behind()[&id].last(key(3).writer()), 1);
}
