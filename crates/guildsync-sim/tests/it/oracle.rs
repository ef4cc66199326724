//! The oracle notices what is wrong.

use guildsync::log::{Log, Profile, Profiles};
use guildsync::types::{Points, Reason, SecretKey, Stamp};
use guildsync_sim::oracle::{Oracle, naive_sums};
use guildsync_sim::run::name;
use guildsync_sim::world::{Act, Sabotage};

use crate::world;

fn log_with(key: u8, awards: &[i64]) -> (Log, guildsync::log::Segment) {
    let mut log = Log::new(Profile::default_profile());
    let drafts: Vec<_> = awards
        .iter()
        .map(|hundredths| {
            let delta = Points::from_hundredths(*hundredths).unwrap();
            let stamp = Stamp::new(1_700_000_000, 0).unwrap();
            log.award(stamp, &name(0), &name(1), delta, &Reason::new("Boss").unwrap()).unwrap()
        })
        .collect();
    let segment = log.append(&SecretKey::from_seed(&[key; 32]), &drafts).unwrap();
    (log, segment)
}

fn profiles_of(log: Log) -> Profiles {
    let id = log.profile().id;
    Profiles::restore([log], id, std::collections::BTreeMap::new()).unwrap()
}

#[test]
fn a_missing_entry_is_noticed_at_its_author_and_after_heal() {
    let (log, segment) = log_with(1, &[100, 200]);
    let mut oracle = Oracle::new();
    let id = log.profile().id;
    oracle.acknowledge(0, 0, id, &segment, &log).unwrap();
    assert_eq!(oracle.check_author(0, &profiles_of(log.clone())), Ok(()));
    assert_eq!(oracle.check_complete(1, &log), Ok(()));
    let (shorter, _) = log_with(1, &[100]);
    assert!(oracle.check_author(0, &profiles_of(shorter.clone())).unwrap_err().contains("missing"));
    assert!(oracle.check_complete(1, &shorter).unwrap_err().contains("healed member"));
    // Another member's disk is no business of the author's.
    assert_eq!(oracle.check_author(1, &profiles_of(shorter)), Ok(()));
}

#[test]
fn a_number_issued_twice_is_noticed() {
    let (log, segment) = log_with(1, &[100]);
    let (other, again) = log_with(1, &[200]);
    let mut oracle = Oracle::new();
    let id = log.profile().id;
    oracle.acknowledge(0, 0, id, &segment, &log).unwrap();
    let error = oracle.acknowledge(1, 0, id, &again, &other).unwrap_err();
    assert!(error.contains("second time"), "{error}");
}

#[test]
fn a_restored_backup_may_issue_a_number_again() {
    let (log, segment) = log_with(1, &[100]);
    let (other, again) = log_with(1, &[200]);
    let mut oracle = Oracle::new();
    let (id, writer) = (log.profile().id, segment.writer);
    oracle.acknowledge(0, 0, id, &segment, &log).unwrap();
    let elsewhere = profiles_of(log);
    oracle.disk_changed(0, writer, true, &Profiles::default(), &[&elsewhere]);
    oracle.acknowledge(1, 0, id, &again, &other).unwrap();
    assert_eq!(oracle.n_lost_with_disks(), 0);
}

#[test]
fn sums_are_added_up_without_replay() {
    let (mut log, _) = log_with(1, &[100, 250, -50]);
    let id = log.entries().nth(1).unwrap().id;
    let stamp = Stamp::new(1_700_000_001, 0).unwrap();
    let undo = log.undo(stamp, &name(0), id, &Reason::default()).unwrap();
    log.append(&SecretKey::from_seed(&[2; 32]), &[undo]).unwrap();
    assert_eq!(naive_sums(&log)[&name(1).folded()], 50);
    assert_eq!(Oracle::new().check_log(0, &log), Ok(()));
}

#[test]
fn a_replica_whose_log_is_tampered_with_is_noticed() {
    let mut world = world(1, 3);
    world.act(1, Act::Award { targets: vec![0], hundredths: 500 });
    world.run_until(world.now() + 2_000);
    world.check_author(1);
    assert_eq!(world.failures, Vec::<String>::new());
    *world.tamper(1).unwrap().profiles_mut() = Profiles::default();
    world.check_author(1);
    assert!(world.failures[0].contains("is missing at its author"), "{:?}", world.failures);
}

#[test]
fn lost_commits_are_noticed_at_the_next_start() {
    let mut world = world(1, 2);
    world.sabotage = Some(Sabotage::CommitsAreLost);
    world.act(1, Act::Note);
    world.run_until(world.now() + 2_000);
    assert_eq!(world.failures, Vec::<String>::new());
    world.kill(1);
    world.start(1);
    assert!(world.failures[0].contains("is missing at its author"), "{:?}", world.failures);
}
