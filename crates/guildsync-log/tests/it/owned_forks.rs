//! Forked chains in owned profiles: every branch has the rights of the writer whose key sealed it.

use guildsync_log::{Change, Log, Profile, Role, Verdict};
use guildsync_types::SecretKey;

use crate::world::*;

const OWNER: u8 = 1;
const OFFICER: u8 = 2;

fn owned() -> Log {
    let creation = change(1, Change::ProfileCreated { name: profile_name("Raid-Team-A") });
    let mut log = Log::new(Profile::owned(key(OWNER).writer(), &creation).unwrap());
    log.append(&key(OWNER), &[creation]).unwrap();
    let (writer, role) = (key(OFFICER).writer(), Role::Officer);
    let grant = change(2, Change::Grant { writer, member: name("Oakhand"), role });
    log.append(&key(OWNER), &[grant]).unwrap();
    log
}

/// Two copies of `key`'s folder write one award each, which meet in both orders.
fn forked(log: &Log, key: &SecretKey) -> [Log; 2] {
    let (mut a, mut b) = (log.clone(), log.clone());
    give(&mut a, key, 10, "Brindle", "1");
    give(&mut b, key, 11, "Brindle", "2");
    let (from_a, from_b) =
        (a.segment(key.writer(), 1).unwrap(), b.segment(key.writer(), 1).unwrap());
    a.accept(from_b).unwrap();
    b.accept(from_a).unwrap();
    [a, b]
}

#[test]
fn both_branches_of_an_officers_and_of_the_creators_chain_count() {
    for writer in [OWNER, OFFICER] {
        for log in forked(&owned(), &key(writer)) {
            assert!(log.audit().all(|line| line.verdict == Verdict::Counts));
            assert_eq!((standings(&log), log.standings()), ("Brindle 3".into(), log.replay()));
            let (branch, _) = log.forks()[0];
            assert_eq!(log.role(branch), log.role(key(writer).writer()));
            assert_eq!(log.officers().len(), 2);
        }
    }
}

#[test]
fn a_grant_in_either_branch_of_an_owners_chain_holds() {
    let base = owned();
    let grant = |log: &Log, n: u8, seconds| {
        let (writer, role) = (key(n).writer(), Role::Officer);
        let mut log = log.clone();
        let grant = Change::Grant { writer, member: name("Mossback"), role };
        log.append(&key(OWNER), &[change(seconds, grant)]).unwrap();
        log
    };
    let (mut a, b) = (grant(&base, 5, 10), grant(&base, 6, 11));
    a.accept(b.segment(key(OWNER).writer(), 1).unwrap()).unwrap();
    for n in [5, 6] {
        assert_eq!(a.role(key(n).writer()), Some(Role::Officer), "{n}");
    }
}

#[test]
fn a_cut_goes_by_number_in_every_branch() {
    for mut log in forked(&owned(), &key(OFFICER)) {
        let (branch, _) = log.forks()[0];
        let writer = key(OFFICER).writer();
        let away = log.clone();
        log.append(&key(OWNER), &[change(20, Change::Revoke { writer, cut: 1 })]).unwrap();
        assert_eq!(standings(&log), "Brindle 3");
        // Each branch went on elsewhere, knowing nothing of the revoke.
        let mut further = away.clone();
        give(&mut further, &key(OFFICER), 3, "Brindle", "100");
        pull(&mut log, &further);
        assert_eq!((standings(&log), log.replay()), ("Brindle 3".into(), log.standings()));
        log.append(&key(OWNER), &[change(21, Change::Revoke { writer, cut: 0 })]).unwrap();
        assert_eq!((standings(&log), log.role(branch)), ("Brindle 0".into(), None));
        let of_branch = Change::Revoke { writer: branch, cut: 0 };
        let refused = log.append(&key(OWNER), &[change(22, of_branch)]).unwrap_err();
        assert!(refused.to_string().contains("branch of a forked writer"), "{refused}");
    }
}
