//! A replica and its store, alone.

use guildsync::log::{AppendError, Change, Log, Profile};
use guildsync::store::{Store, read};
use guildsync::types::{MemberName, ProfileName, Reason, SecretKey, Time};
use guildsync::{Config, Error, Local, Replica};

const NOW: Time = Time(1_700_000_000_000);

fn name(text: &str) -> MemberName {
    MemberName::new(text).unwrap()
}

fn award(local: &mut Local, target: &str) -> Result<(), Error> {
    let profile = local.profiles().active_id();
    let draft = |log: &Log| {
        let stamp = Replica::stamp(log, NOW);
        let reason = Reason::new("Attendance").unwrap();
        Ok(vec![log.award(
            stamp,
            &name("Oakhand"),
            &name(target),
            "5".parse().unwrap(),
            &reason,
        )?])
    };
    local.append(NOW, &profile, draft, &mut Vec::new()).map(drop)
}

#[test]
fn an_award_is_on_disk_when_the_call_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    award(&mut local, "Brindle").unwrap();
    let hash = local.profiles().state_hash();
    drop(local);
    assert_eq!(read(&path).unwrap().profiles.state_hash(), hash);
}

#[test]
fn live_stamps_rise_whatever_the_clock_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    for _ in 0..3 {
        award(&mut local, "Brindle").unwrap();
    }
    let stamps: Vec<_> =
        local.profiles().active().entries().map(|e| (e.draft.stamp.count(), e.id.seq)).collect();
    assert_eq!(stamps, [(0, 1), (1, 2), (2, 3)]);
}

#[test]
fn a_change_that_fails_leaves_logs_and_store_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    let before = local.profiles().state_hash();
    let half = local.change(|profiles| {
        profiles.add(Profile::open(ProfileName::new("EP").unwrap())).map_err(Error::from)?;
        let active = profiles.active_id();
        profiles.delete(&active).map_err(Error::from)
    });
    assert!(matches!(half, Err(Error::Profile(_))), "{half:?}");
    assert_eq!(local.profiles().state_hash(), before);
    drop(local);
    assert_eq!(read(&path).unwrap().profiles.state_hash(), before);
}

#[test]
fn a_deleted_and_recreated_profile_is_continued_by_a_new_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    let first = local.store().key().writer();
    award(&mut local, "Brindle").unwrap();
    let team = Profile::open(ProfileName::new("EP").unwrap());
    let default = local.profiles().active_id();
    local
        .change(|profiles| {
            profiles.add(team.clone()).map_err(Error::from)?;
            profiles.switch(&team.id).map_err(Error::from)?;
            profiles.delete(&default).map_err(Error::from)?;
            profiles.add(Profile::default_profile()).map_err(Error::from)?;
            profiles.switch(&default).map_err(Error::from)
        })
        .unwrap();
    award(&mut local, "Brindle").unwrap();
    let second = local.store().key().writer();
    assert_ne!(first, second);
    let writers: Vec<_> = local.profiles().active().frontier().iter().collect();
    assert_eq!(writers, [(second, 1)]);
}

#[test]
fn a_forked_writer_goes_on_as_a_new_one_that_the_old_key_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let seed = [7; 32];
    let opened = Store::create(&path, Some(seed)).unwrap();
    let mut local = Local::of(opened, name("Oakhand"), Config::default());
    award(&mut local, "Brindle").unwrap();
    // The same key wrote another entry 1 elsewhere: a folder that was copied.
    let mut copy = Log::new(Profile::default_profile());
    let reason = Reason::default();
    let stamp = NOW.stamp();
    let other =
        copy.award(stamp, &name("Oakhand"), &name("Mossback"), "9".parse().unwrap(), &reason);
    let segment = copy.append(&SecretKey::from_seed(&seed), &[other.unwrap()]).unwrap();
    let active = local.profiles().active_id();
    local
        .change(|profiles| {
            profiles.get_mut(&active).unwrap().accept(segment).unwrap();
            Ok::<_, Error>(())
        })
        .unwrap();
    award(&mut local, "Brindle").unwrap();
    let log = local.profiles().active();
    let continues = log.entries().any(|e| matches!(e.draft.change, Change::Continues { .. }));
    assert!(continues && log.is_forked(SecretKey::from_seed(&seed).writer()));
    assert_eq!(log.total(&name("Brindle")).unwrap().to_string(), "10");
}

#[test]
fn a_broken_rule_is_an_error_of_its_own_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    let profile = local.profiles().active_id();
    let nothing = local.append(NOW, &profile, |_| Ok(Vec::new()), &mut Vec::new());
    assert!(matches!(nothing, Err(Error::Append(AppendError::Nothing))));
}
