//! What goes in comes out: profiles, roles, forks, deletion.

use std::path::Path;

use guildsync_log::{Change, Log, Profile, Role};
use guildsync_store::{Opened, Store, verify};
use guildsync_types::{ProfileName, SecretKey};

use crate::support::{active, award, import, key, member, note, reopen};

fn create(folder: &Path, seed: u8) -> Opened {
    Store::create(&folder.join(format!("{seed}.gsync")), Some([seed; 32])).unwrap()
}

fn commit(opened: &mut Opened) {
    opened.store.commit(&opened.profiles).unwrap();
}

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

fn stamped(seconds: u64, change: Change) -> guildsync_log::Draft {
    let mut draft = note(change);
    draft.stamp = guildsync_types::Stamp::new(1_600_000_000 + seconds, 0).unwrap();
    draft
}

/// An owned profile that `creator` begins.
fn owned(creator: &SecretKey, label: &str) -> Log {
    let creation = note(Change::ProfileCreated { name: name(label) });
    let mut log = Log::new(Profile::owned(creator.writer(), &creation).unwrap());
    log.append(creator, &[creation]).unwrap();
    log
}

#[test]
fn a_new_store_has_the_default_profile_active_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let opened = reopen(create(folder.path(), 1));
    assert_eq!(opened.profiles.active().label(), "Default");
    assert_eq!(opened.profiles.iter().count(), 1);
    assert!(opened.profiles.active().is_empty());
    assert_eq!(opened.store.key().writer(), key(1).writer());
}

#[test]
fn entries_of_several_commits_and_writers_come_back_with_the_same_state_hash() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = create(folder.path(), 1);
    for n in 0..70 {
        award(active(&mut opened.profiles), &key(1), n);
        commit(&mut opened);
    }
    let mut other = Log::new(Profile::default_profile());
    import(&mut other, &key(2), 0, 300);
    active(&mut opened.profiles).accept(other.segment(key(2).writer(), 1).unwrap()).unwrap();
    let undone = guildsync_types::EntryId { writer: key(2).writer(), seq: 7 };
    let log = active(&mut opened.profiles);
    let reason = guildsync_types::Reason::new("twice").unwrap();
    let stamp = guildsync_types::Stamp::new(1_800_000_000, 0).unwrap();
    let undo = log.undo(stamp, &member("Oakhand"), undone, &reason).unwrap();
    log.append(&key(1), &[undo, note(Change::Unknown { kind: 77, bytes: vec![1, 2, 3] })]).unwrap();
    commit(&mut opened);
    // Nothing new: nothing is written.
    let bytes = std::fs::read(opened.store.path()).unwrap();
    commit(&mut opened);
    assert_eq!(std::fs::read(opened.store.path()).unwrap(), bytes);
    let opened = reopen(opened);
    assert_eq!(opened.profiles.active().len(), 372);
    let heads = opened.profiles.active().heads();
    assert_eq!(heads.frontier().last(key(1).writer()), 72);
    // What came back can be passed on: the seal came back with it.
    let mut third = Log::new(Profile::default_profile());
    for segment in opened.profiles.active().since(&third.frontier()) {
        third.accept(segment).unwrap();
    }
    assert_eq!(third.heads(), heads);
}

#[test]
fn an_owned_profile_comes_back_with_its_grants_whatever_the_order_of_its_writers() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = create(folder.path(), 1);
    let mut log = owned(&key(1), "Council");
    let id = log.profile().id;
    // 1 grants 2, 2 grants 3, and so on, and their ids are in no order; together
    // their entries are more than the holding area takes.
    for n in 1..6_u8 {
        let (owner, officer) = (key(n), key(n + 1));
        let member = member("Tansy");
        let grant = Change::Grant { writer: officer.writer(), member, role: Role::Owner };
        let mut grant = note(grant);
        grant.stamp = guildsync_types::Stamp::new(1_600_000_000 + u64::from(n), 0).unwrap();
        log.append(&owner, &[grant]).unwrap();
        import(&mut log, &officer, 0, 1500);
    }
    let renamed = note(Change::ProfileRenamed { name: name("High Council") });
    let policy = guildsync_types::PolicyName::new("sync-plan").unwrap();
    let value = guildsync_types::PolicyValue::new("queue").unwrap();
    log.append(&key(1), &[renamed, note(Change::PolicySet { name: policy, value })]).unwrap();
    let mut revoke = note(Change::Revoke { writer: key(6).writer(), cut: 40 });
    revoke.stamp = guildsync_types::Stamp::new(1_900_000_000, 0).unwrap();
    log.append(&key(1), &[revoke]).unwrap();
    assert_eq!(log.len(), 1 + 5 + 5 * 1500 + 3);
    opened.profiles.add(log.profile().clone()).unwrap();
    *opened.profiles.get_mut(&id).unwrap() = log;
    opened.profiles.switch(&id).unwrap();
    commit(&mut opened);
    let opened = reopen(opened);
    let log = opened.profiles.get(&id).unwrap();
    assert_eq!(opened.profiles.active_id(), id);
    assert_eq!((log.label(), log.len(), log.frontier().len()), ("High Council", 7509, 6));
    assert_eq!(log.policy("sync-plan"), Some("queue"));
    assert_eq!(log.n_waiting(), 0);
    assert_eq!(log.role(key(5).writer()), Some(Role::Owner));
    assert_eq!(log.role(key(6).writer()), None);
    assert_eq!(log.since(&guildsync_log::Frontier::new()).len(), 6, "all chains are sealed");
}

#[test]
fn forks_are_rewritten_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    // Two copies of one replica go on apart, and meet: each holds one branch as the chain.
    let mut one = create(folder.path(), 1);
    import(active(&mut one.profiles), &key(1), 0, 50);
    commit(&mut one);
    let mut twin = one.profiles.clone();
    import(active(&mut one.profiles), &key(1), 100, 30);
    commit(&mut one);
    import(active(&mut twin), &key(1), 200, 70);
    let mut two = create(folder.path(), 2);
    for segment in twin.active().since(&guildsync_log::Frontier::new()) {
        active(&mut two.profiles).accept(segment).unwrap();
    }
    commit(&mut two);
    let theirs = two.profiles.active().segment(key(1).writer(), 1).unwrap();
    let ours = one.profiles.active().segment(key(1).writer(), 1).unwrap();
    let in_one = active(&mut one.profiles).accept(theirs).unwrap();
    let in_two = active(&mut two.profiles).accept(ours).unwrap();
    assert_eq!(
        in_one.rewritten.is_empty(),
        !in_two.rewritten.is_empty(),
        "one of them has to move what it holds"
    );
    commit(&mut one);
    commit(&mut two);
    assert_eq!(one.profiles.state_hash(), two.profiles.state_hash());
    let (one, two) = (reopen(one), reopen(two));
    assert_eq!(one.profiles.active().len(), 150);
    assert_eq!(one.profiles.active().forks(), two.profiles.active().forks());
    assert!(one.profiles.active().is_forked(key(1).writer()));
    for opened in [one, two] {
        let path = opened.store.path().to_owned();
        drop(opened);
        assert!(verify(&path).unwrap().damage.is_empty());
    }
}

#[test]
fn writers_whose_grant_was_taken_back_stay_in_the_store() {
    let grant = |n: u8, at: u64| {
        let member = member("Tansy");
        stamped(at, Change::Grant { writer: key(n).writer(), member, role: Role::Owner })
    };
    // The revoke comes after its victim's grants were committed, or in the same commit as them.
    for (n, is_committed_before) in [(1, true), (2, false)] {
        let folder = tempfile::tempdir().unwrap();
        let mut opened = create(folder.path(), n);
        let mut log = owned(&key(1), "Council");
        let id = log.profile().id;
        log.append(&key(1), &[grant(2, 1)]).unwrap();
        log.append(&key(2), &[grant(3, 10)]).unwrap();
        import(&mut log, &key(3), 0, 60);
        opened.profiles.add(log.profile().clone()).unwrap();
        *opened.profiles.get_mut(&id).unwrap() = log;
        if is_committed_before {
            commit(&mut opened);
        }
        // Backdated: 2 was no owner any more when it granted 3.
        let log = opened.profiles.get_mut(&id).unwrap();
        let revoke = Change::Revoke { writer: key(2).writer(), cut: 0 };
        log.append(&key(1), &[stamped(5, revoke)]).unwrap();
        assert_eq!((log.role(key(3).writer()), log.frontier().len()), (None, 2));
        let chains: Vec<_> = log.chains().collect();
        commit(&mut opened);
        let mut opened = reopen(reopen(opened));
        let log = opened.profiles.get_mut(&id).unwrap();
        assert_eq!(log.len(), 64);
        assert_eq!(log.chains().collect::<Vec<_>>(), chains);
        // Granted again, they are all there, sealed as ever.
        log.append(&key(1), &[grant(3, 100)]).unwrap();
        commit(&mut opened);
        let opened = reopen(opened);
        let log = opened.profiles.get(&id).unwrap();
        assert_eq!(log.segment(key(3).writer(), 1).unwrap().drafts.len(), 60);
        assert_eq!(log.frontier().last(key(3).writer()), 60);
        let path = opened.store.path().to_owned();
        drop(opened);
        assert!(verify(&path).unwrap().damage.is_empty());
    }
}

#[test]
fn a_seal_that_comes_after_its_entries_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = create(folder.path(), 3);
    let mut whole = Log::new(Profile::default_profile());
    let sealed = import(&mut whole, &key(1), 0, 10);
    active(&mut opened.profiles).salvage(key(1).writer(), None, &sealed.drafts);
    commit(&mut opened);
    let mut opened = reopen(opened);
    assert_eq!(opened.profiles.active().segment(key(1).writer(), 1), None);
    active(&mut opened.profiles).accept(sealed.clone()).unwrap();
    commit(&mut opened);
    let opened = reopen(opened);
    assert_eq!(opened.profiles.active().segment(key(1).writer(), 1), Some(sealed));
}

#[test]
fn a_branch_that_arrives_before_its_root_leaves_a_chain_without_a_seal_that_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = Log::new(Profile::default_profile());
    import(&mut base, &key(1), 0, 10);
    let (mut a, mut b) = (base.clone(), base);
    import(&mut a, &key(1), 100, 5);
    import(&mut b, &key(1), 200, 5);
    // Whichever of the two moves becomes the derived writer.
    let whole = |log: &Log| log.segment(key(1).writer(), 1).unwrap();
    let (from_a, from_b) = (whole(&a), whole(&b));
    a.accept(from_b.clone()).unwrap();
    let (fork, _) = a.forks()[0];
    let moved = if whole(&a) == from_a { &from_b } else { &from_a };
    let mut opened = create(folder.path(), 3);
    active(&mut opened.profiles).accept(moved.clone()).unwrap();
    commit(&mut opened);
    let mut opened = reopen(opened);
    let accepted = active(&mut opened.profiles).accept(a.segment(fork, 1).unwrap()).unwrap();
    assert_eq!(accepted.rewritten, [key(1).writer(), fork]);
    commit(&mut opened);
    let mut opened = reopen(opened);
    assert_eq!(opened.profiles.active().frontier().last(key(1).writer()), 10);
    assert!(opened.profiles.active().segment(key(1).writer(), 1).is_none(), "no seal covers it");
    active(&mut opened.profiles).accept(a.segment(key(1).writer(), 1).unwrap()).unwrap();
    commit(&mut opened);
    let opened = reopen(opened);
    assert_eq!(opened.profiles.active().heads(), a.heads());
}

#[test]
fn a_deleted_profile_is_gone_and_its_numbers_stay_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = create(folder.path(), 1);
    let raid = Profile::open(name("Raid-Team-A"));
    let log = opened.profiles.add(raid.clone()).unwrap();
    import(log, &key(1), 0, 200);
    import(log, &key(2), 0, 100);
    let kept = log.clone();
    commit(&mut opened);
    let mut opened = reopen(opened);
    opened.profiles.delete(&raid.id).unwrap();
    commit(&mut opened);
    let mut opened = reopen(opened);
    assert!(opened.profiles.get(&raid.id).is_none());
    assert_eq!(opened.profiles.left_behind()[&raid.id], kept.frontier());
    // Created again, and deleted and created between two commits.
    for _ in 0..2 {
        opened.profiles.add(raid.clone()).unwrap();
        commit(&mut opened);
        opened = reopen(opened);
        assert!(opened.profiles.get(&raid.id).unwrap().is_empty());
        assert!(opened.profiles.is_behind(&raid.id, key(1).writer()));
        let log = opened.profiles.get_mut(&raid.id).unwrap();
        log.accept(kept.segment(key(2).writer(), 1).unwrap()).unwrap();
        commit(&mut opened);
        opened.profiles.delete(&raid.id).unwrap();
    }
    opened.profiles.add(raid.clone()).unwrap();
    commit(&mut opened);
    let opened = reopen(opened);
    assert!(opened.profiles.get(&raid.id).unwrap().is_empty());
    assert_eq!(opened.profiles.left_behind()[&raid.id], kept.frontier());
    let path = opened.store.path().to_owned();
    drop(opened);
    let report = verify(&path).unwrap();
    assert!(report.damage.is_empty(), "{:?}", report.damage);
    assert_eq!(report.loaded.unwrap().n_entries, 0);
}
