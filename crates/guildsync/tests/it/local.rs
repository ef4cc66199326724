//! A replica and its store, alone.

use std::io;
use std::sync::{Arc, Mutex};

use guildsync::log::{AppendError, Change, Draft, Log, Profile, Role, Segment};
use guildsync::store::{Store, read};
use guildsync::tables::{self, GuildName, RecordId, TableKind, Tables};
use guildsync::types::{EntryId, MemberName, ProfileName, Reason, SecretKey, Stamp, Time};
use guildsync::wire::lua::Table;
use guildsync::{Config, Error, Local, Replica};
use redb::StorageBackend;

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
fn a_change_is_on_disk_when_the_call_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    let ep = Profile::open(ProfileName::new("EP").unwrap());
    local
        .change(|profiles| {
            profiles.add(ep.clone()).map_err(Error::from)?;
            profiles.switch(&ep.id).map_err(Error::from)
        })
        .unwrap();
    assert_eq!(local.profiles().active_id(), ep.id);
    drop(local);
    assert_eq!(read(&path).unwrap().profiles.active_id(), ep.id);
}

#[test]
fn a_change_of_the_tables_is_on_disk_when_the_call_returns_and_all_of_it_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut local = Local::create(&path, name("Oakhand"), Config::default()).unwrap();
    let guild = GuildName::new("Thorns-Eonar").unwrap();
    let set = |tables: &mut Tables, id: &str| {
        let (guild, id) = (guild.clone(), RecordId::new(id).unwrap());
        tables.set(TableKind::News, guild, id, Table::new(), NOW.0 / 1000).map(drop)
    };
    local.change_tables(|tables| set(tables, "1").map_err(Error::from)).unwrap();
    let before = local.tables().state_hash();
    let half = local.change_tables(|tables| {
        set(tables, "2")?;
        let unknown = RecordId::new("3").unwrap();
        tables.delete(&tables::key(TableKind::News, &guild, &unknown), 1)?;
        Ok::<_, Error>(())
    });
    assert!(matches!(half, Err(Error::Record(_))), "{half:?}");
    assert_eq!(local.tables().state_hash(), before);
    // An award does not write what failed either.
    award(&mut local, "Brindle").unwrap();
    drop(local);
    assert_eq!(read(&path).unwrap().tables.state_hash(), before);
    let local = Local::open(&path, name("Oakhand"), Config::default()).unwrap();
    assert_eq!(local.tables().state_hash(), before);
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
    let segment = other_branch(&seed);
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

/// A disk in memory that keeps what it held at every sync: what a crash just then would leave.
#[derive(Debug, Clone, Default)]
struct Snapshots(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    now: Vec<u8>,
    at_syncs: Vec<Vec<u8>>,
}

impl Snapshots {
    fn holding(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Kept { now: bytes, at_syncs: Vec::new() })))
    }

    fn taken(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().at_syncs.clone()
    }
}

impl StorageBackend for Snapshots {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset as usize + out.len();
        out.copy_from_slice(&self.0.lock().unwrap().now[offset as usize..end]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().now.resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let kept = &mut *self.0.lock().unwrap();
        kept.at_syncs.push(kept.now.clone());
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let end = offset as usize + data.len();
        self.0.lock().unwrap().now[offset as usize..end].copy_from_slice(data);
        Ok(())
    }
}

/// Whenever the program stops while a replica goes on as a new writer: as long as the old key fits, it
/// lies there; where only the new one does, what ties it to the old one is on disk.
#[test]
fn a_crash_while_going_on_as_a_new_writer_loses_no_tie_to_the_old_one() {
    let (seed, disk) = ([7; 32], Snapshots::default());
    let old = SecretKey::from_seed(&seed);
    let opened = Store::create_with_backend(disk.clone(), old.clone()).unwrap();
    let mut local = Local::of(opened, name("Oakhand"), Config::default());
    award(&mut local, "Brindle").unwrap();
    let active = local.profiles().active_id();
    local
        .change(|profiles| {
            profiles.get_mut(&active).unwrap().accept(other_branch(&seed)).unwrap();
            Ok::<_, Error>(())
        })
        .unwrap();
    let n_before = disk.taken().len();
    award(&mut local, "Brindle").unwrap();
    let new = local.store().key().clone();
    assert_ne!(new.writer(), old.writer());
    let (mut n_old, mut n_new) = (0, 0);
    for image in disk.taken().split_off(n_before) {
        let open = |key: &SecretKey| {
            Store::open_with_backend(Snapshots::holding(image.clone()), key.clone()).ok()
        };
        n_old += u32::from(open(&old).is_some());
        if let Some(opened) = open(&new) {
            n_new += 1;
            let writer = new.writer();
            let tie = opened.profiles.active().entry(EntryId { writer, seq: 1 });
            let tie = tie.map(|entry| entry.draft.change);
            assert!(matches!(tie, Some(Change::Continues { .. })), "{tie:?}");
        } else {
            assert!(open(&old).is_some());
        }
    }
    assert!(n_old > 0 && n_new > 0);
}

/// An officer who was granted a role keeps it with a new key in every profile, also where it has
/// written nothing yet.
#[test]
fn a_new_writer_has_the_roles_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let seed = [7; 32];
    let (owner, officer) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&seed));
    let entry = |seconds, change| Draft {
        stamp: Stamp::new(seconds, 0).unwrap(),
        actor: name("Oakhand"),
        change,
        reason: Reason::default(),
        origin: None,
    };
    let creation = entry(1, Change::ProfileCreated { name: ProfileName::new("Council").unwrap() });
    let mut council = Log::new(Profile::owned(owner.writer(), &creation).unwrap());
    let id = council.profile().id;
    let (writer, member) = (officer.writer(), name("Oakhand"));
    let grant = Change::Grant { writer, member, role: Role::Officer };
    council.append(&owner, &[creation, entry(2, grant)]).unwrap();
    let opened = Store::create(&path, Some(seed)).unwrap();
    let mut local = Local::of(opened, name("Oakhand"), Config::default());
    award(&mut local, "Brindle").unwrap();
    let active = local.profiles().active_id();
    local
        .change(|profiles| {
            profiles.get_mut(&active).unwrap().accept(other_branch(&seed)).unwrap();
            let log = profiles.add(council.profile().clone()).map_err(Error::from)?;
            log.accept(council.segment(owner.writer(), 1).unwrap()).unwrap();
            Ok::<_, Error>(())
        })
        .unwrap();
    award(&mut local, "Brindle").unwrap();
    let new = local.store().key().writer();
    assert_ne!(new, officer.writer());
    drop(local);
    let read = read(&path).unwrap();
    assert_eq!(read.profiles.get(&id).unwrap().role(new), Some(Role::Officer));
}

/// What the same key wrote as its entry 1 elsewhere: a folder that was copied.
fn other_branch(seed: &[u8; 32]) -> Segment {
    let mut copy = Log::new(Profile::default_profile());
    let (stamp, reason) = (NOW.stamp(), Reason::default());
    let (oakhand, mossback) = (name("Oakhand"), name("Mossback"));
    let draft = copy.award(stamp, &oakhand, &mossback, "9".parse().unwrap(), &reason).unwrap();
    copy.append(&SecretKey::from_seed(seed), &[draft]).unwrap()
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
