//! Owned profiles: who may write, and what a revoke ends.

use guildsync_log::{AppendError, Change, Frontier, Log, Profile, Role};
use guildsync_types::SecretKey;

use crate::world::*;

const OWNER: u8 = 1;
const OFFICER: u8 = 2;
const STRANGER: u8 = 3;

/// An owned profile: its owner's log with the creation entry.
fn owned() -> Log {
    let creation = change(1, Change::ProfileCreated { name: profile_name("Raid-Team-A") });
    let profile = Profile::owned(key(OWNER).writer(), &creation).unwrap();
    let mut log = Log::new(profile);
    log.append(&key(OWNER), &[creation]).unwrap();
    log
}

fn grant(log: &mut Log, by: &SecretKey, seconds: u64, to: u8, role: Role) {
    let member = name(if to == OFFICER { "Oakhand" } else { "Mossback" });
    let grant = change(seconds, Change::Grant { writer: key(to).writer(), member, role });
    log.append(by, &[grant]).unwrap();
}

fn revoke(log: &mut Log, by: &SecretKey, seconds: u64, writer: u8) {
    let writer = key(writer).writer();
    let cut = log.frontier().last(writer);
    log.append(by, &[change(seconds, Change::Revoke { writer, cut })]).unwrap();
}

#[test]
fn only_granted_writers_may_write_and_enter_the_frontier() {
    let mut log = owned();
    let draft = award(&log, 50, "Brindle", "5");
    let refused = log.append(&key(STRANGER), std::slice::from_ref(&draft)).unwrap_err();
    assert!(matches!(refused, AppendError::NoRole { why: "it was never granted a role", .. }));
    grant(&mut log, &key(OWNER), 2, OFFICER, Role::Officer);
    log.append(&key(OFFICER), &[draft]).unwrap();
    assert_eq!(standings(&log), "Brindle 5");
    assert_eq!(log.frontier().len(), 2);
}

#[test]
fn entries_of_a_writer_without_a_role_wait_until_it_is_granted_one() {
    let mut owner = owned();
    let mut theirs = owner.clone();
    grant(&mut theirs, &key(OWNER), 2, OFFICER, Role::Officer);
    let granted = theirs.segment(key(OWNER).writer(), 2).unwrap();
    let award = give(&mut theirs, &key(OFFICER), 10, "Brindle", "5");
    assert!(owner.accept(award).unwrap().waits_for_role);
    assert_eq!((owner.len(), owner.n_waiting()), (1, 1));
    owner.accept(granted).unwrap();
    assert_eq!((standings(&owner), owner.n_waiting()), ("Brindle 5".into(), 0));
    assert_eq!(owner.heads(), theirs.heads());
}

#[test]
fn an_officer_neither_grants_nor_revokes_nor_renames() {
    let mut log = owned();
    grant(&mut log, &key(OWNER), 2, OFFICER, Role::Officer);
    let member = name("Mossback");
    let writer = key(STRANGER).writer();
    for refused in [
        Change::Grant { writer, member, role: Role::Officer },
        Change::Revoke { writer: key(OFFICER).writer(), cut: 0 },
        Change::ProfileRenamed { name: profile_name("Mine") },
    ] {
        let refused = log.append(&key(OFFICER), &[change(5, refused)]).unwrap_err();
        assert!(matches!(refused, AppendError::NotOwner { .. }), "{refused}");
    }
}

#[test]
fn a_revoke_cuts_where_its_author_stood_and_an_owner_may_adopt_what_lies_beyond() {
    let mut log = owned();
    grant(&mut log, &key(OWNER), 2, OFFICER, Role::Officer);
    give(&mut log, &key(OFFICER), 10, "Brindle", "5");
    let mut away = log.clone();
    revoke(&mut log, &key(OWNER), 20, OFFICER);
    let refused = log.append(&key(OFFICER), &[award(&log, 30, "Brindle", "1")]).unwrap_err();
    assert!(
        matches!(refused, AppendError::NoRole { why: "its role was revoked", .. }),
        "{refused}"
    );
    // The officer was away and backdates, knowing nothing of it.
    give(&mut away, &key(OFFICER), 3, "Brindle", "100");
    pull(&mut log, &away);
    assert_eq!(standings(&log), "Brindle 5");
    let verdicts: Vec<_> = log.history(&name("Brindle")).map(|l| l.verdict.name()).collect();
    assert_eq!(verdicts, ["no-role", "counts"]);
    let beyond = id(&key(OFFICER), 2);
    let adopt = Change::Adopt { of: beyond, hash: log.entry_hash(beyond).unwrap() };
    log.append(&key(OWNER), &[change(40, adopt)]).unwrap();
    assert_eq!((standings(&log), log.replay().len()), ("Brindle 105".into(), 1));
    // Whoever gets the adoption first and the entry last ends the same.
    let mut other = owned();
    let mut segments = log.since(&Frontier::new());
    segments.sort_by_key(|s| s.writer == key(OFFICER).writer());
    segments.into_iter().for_each(|s| {
        other.accept(s).unwrap();
    });
    assert_eq!((standings(&other), other.heads()), (standings(&log), log.heads()));
}

#[test]
fn a_co_owner_grants_until_revoked_and_a_new_grant_vouches_for_what_follows() {
    let mut log = owned();
    grant(&mut log, &key(OWNER), 2, OFFICER, Role::Owner);
    grant(&mut log, &key(OFFICER), 3, STRANGER, Role::Officer);
    give(&mut log, &key(STRANGER), 10, "Brindle", "1");
    revoke(&mut log, &key(OFFICER), 20, STRANGER);
    let mut away = log.clone();
    grant(&mut away, &key(OFFICER), 30, STRANGER, Role::Officer);
    give(&mut away, &key(STRANGER), 40, "Brindle", "2");
    give(&mut away, &key(STRANGER), 25, "Brindle", "4");
    assert_eq!(standings(&away), "Brindle 3");
    pull(&mut log, &away);
    assert_eq!((standings(&log), log.heads()), ("Brindle 3".into(), away.heads()));
}

#[test]
fn an_imported_history_counts_though_it_is_older_than_the_grant() {
    let mut log = owned();
    grant(&mut log, &key(OWNER), 1_700_000_000, OFFICER, Role::Officer);
    give(&mut log, &key(OFFICER), 1_600_000_000, "Brindle", "5");
    assert_eq!(standings(&log), "Brindle 5");
}

#[test]
fn a_new_key_goes_on_with_the_rights_of_the_old_one_that_signed_for_it() {
    let mut log = owned();
    grant(&mut log, &key(OWNER), 2, OFFICER, Role::Officer);
    let new = key(9);
    let proof = key(OFFICER).hand_over(&log.profile().id, new.writer());
    let continues = Change::Continues { key: key(OFFICER).public(), proof };
    let draft = award(&log, 11, "Brindle", "5");
    log.append(&new, &[change(10, continues), draft]).unwrap();
    assert_eq!(
        (standings(&log), log.role(new.writer())),
        ("Brindle 5".into(), Some(Role::Officer))
    );
    let mut other = owned();
    let mut segments = log.since(&Frontier::new());
    segments.reverse();
    segments.into_iter().for_each(|s| {
        other.accept(s).unwrap();
    });
    assert_eq!((other.heads(), standings(&other)), (log.heads(), standings(&log)));
    // A proof by a stranger's key is none.
    let proof = key(STRANGER).hand_over(&log.profile().id, key(8).writer());
    let forged = Change::Continues { key: key(OFFICER).public(), proof };
    assert!(log.append(&key(8), &[change(12, forged)]).is_err());
}

#[test]
fn another_creation_entry_is_not_this_profiles() {
    let log = owned();
    let mut other = Log::new(log.profile().clone());
    let creation = change(99, Change::ProfileCreated { name: profile_name("Raid-Team-A") });
    assert!(other.append(&key(OWNER), &[creation]).is_err());
    other.accept(log.segment(key(OWNER).writer(), 1).unwrap()).unwrap();
    assert_eq!(other.heads(), log.heads());
}

#[test]
fn open_profiles_know_no_grants() {
    let mut log = open();
    let grant =
        Change::Grant { writer: key(2).writer(), member: name("Mossback"), role: Role::Officer };
    let refused = log.append(&key(1), &[change(1, grant)]).unwrap_err();
    assert!(refused.to_string().contains("everyone may write in an open profile"), "{refused}");
}

#[test]
fn whoever_a_voided_grant_let_in_shows_nowhere_as_on_replicas_that_never_let_it_in() {
    let mut early = owned();
    grant(&mut early, &key(OWNER), 2, OFFICER, Role::Owner);
    let late = early.clone();
    grant(&mut early, &key(OFFICER), 5, STRANGER, Role::Officer);
    give(&mut early, &key(STRANGER), 10, "Brindle", "5");
    assert_eq!(standings(&early), "Brindle 5");
    // The owner takes the role back from before that grant: it never counted.
    let mut owner = late.clone();
    let revoke = Change::Revoke { writer: key(OFFICER).writer(), cut: 0 };
    owner.append(&key(OWNER), &[change(3, revoke)]).unwrap();
    let everything = early.since(&Frontier::new());
    pull(&mut early, &owner);
    let mut never = owner;
    everything.into_iter().for_each(|segment| drop(never.accept(segment).unwrap()));
    assert_eq!((standings(&early), standings(&never)), (String::new(), String::new()));
    assert_eq!(early.audit().count(), never.audit().count());
    assert_eq!(early.heads(), never.heads());
    assert_eq!(early.standings(), early.replay());
}
