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
