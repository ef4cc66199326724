//! Power failures and failing syncs, at every sync of a scripted run.

use guildsync_log::{Log, Profile};
use guildsync_sections::DocumentId;
use guildsync_store::{Opened, Store, StoreError};
use guildsync_tables::{Record, TableKind};
use guildsync_types::{EntryId, Hash, ProfileId, ProfileName};

use crate::disk::Disk;
use crate::support::{
    CLOCK, active, aside, award, commit_all, import, key, label, says, set, write_sheet,
};

const ME: u8 = 1;

/// What was acknowledged, in order: what each acknowledgement promised. And what was to be committed,
/// each with how much was acknowledged before.
#[derive(Default)]
struct Acked(Vec<Promised>, Vec<(usize, Whole)>);

/// All that one commit holds: the hashes of the logs, of the tables and of the sheets, and what section
/// sync keeps.
type Whole = ([Hash; 3], Vec<u8>);

fn whole(opened: &Opened) -> Whole {
    let (logs, tables) = (opened.profiles.state_hash(), opened.tables.state_hash());
    ([logs, tables, opened.shelf.state_hash()], opened.section_sync.encode())
}

/// Entries of the active profile, and versions of records.
struct Promised(Vec<(ProfileId, EntryId, Hash)>, Vec<Record>);

impl Acked {
    /// Commits, which may fail.
    fn commit(&mut self, opened: &mut Opened) -> Result<(), StoreError> {
        self.1.push((self.0.len(), whole(opened)));
        commit_all(opened)
    }

    /// What may be found once `n_acked` commits were acknowledged: the last of these, or one that was on
    /// its way. Nothing in between.
    fn may_be(&self, n_acked: usize) -> Vec<&Whole> {
        let before = |n: usize| self.1.iter().filter(move |(acked, _)| *acked == n).map(|t| &t.1);
        let last = n_acked.checked_sub(1).and_then(|n| before(n).next_back());
        last.into_iter().chain(before(n_acked)).collect()
    }

    fn all(&mut self, disk: &Disk, opened: &Opened) {
        let (id, heads) = (opened.profiles.active_id(), opened.profiles.active().heads());
        let entries = heads.iter().map(|(writer, seq, head)| (id, EntryId { writer, seq }, head));
        let records = opened.tables.iter().cloned().collect();
        self.0.push(Promised(entries.collect(), records));
        disk.acknowledge(self.0.len());
    }
}

/// Why a run ended early, and the store if it was open then.
type Stopped = (StoreError, Option<Store>);

/// Creates a store, fills it in every way, closes and opens it on the way.
fn script(disk: &Disk, acked: &mut Acked) -> Result<(), Box<Stopped>> {
    let fail = |error| Box::new((error, None));
    let me = key(ME);
    let mut opened = Store::create_with_backend(disk.clone(), me.clone()).map_err(fail)?;
    acked.1.push((0, whole(&opened)));
    acked.all(disk, &opened);
    let mut other = Log::new(Profile::default_profile());
    let raid = Profile::open(ProfileName::new("Raid-Team-A").unwrap());
    for round in 0..3 {
        for step in 0..7 {
            let log = active(&mut opened.profiles);
            match step {
                0..3 => drop(award(log, &me, round * 100 + step)),
                3 => drop(import(log, &me, round * 100, 400)),
                4 => drop(log.accept(import(&mut other, &key(2), round * 100, 20)).unwrap()),
                5 => drop(opened.profiles.add(raid.clone()).unwrap()),
                _ => opened.profiles.delete(&raid.id).unwrap(),
            }
            // What is new each time, what changes, what goes and comes back.
            let tables = &mut opened.tables;
            set(tables, TableKind::News, &format!("{round}{step}"), step);
            let changing = set(tables, TableKind::Roster, "Oakhand-Eonar", round * 100 + step);
            match step {
                2 => drop(tables.delete(changing.key(), CLOCK).unwrap()),
                4 => opened.tables = opened.tables.clone(),
                _ => {}
            }
            // One that changes each time, one that comes and goes, one that comes each round.
            let shelf = &mut opened.shelf;
            let changing = write_sheet(shelf, "Gate of Ash", round * 100 + step);
            match step {
                1 => drop(write_sheet(shelf, &format!("Round {round}"), step)),
                3 => drop(write_sheet(shelf, "Second raid", round)),
                5 => {
                    let id = DocumentId::of_title(&label("Second raid"));
                    drop(shelf.remove(id, key(3).writer()).unwrap());
                }
                _ => {}
            }
            opened.section_sync = match step % 2 {
                0 => aside(&changing),
                _ => guildsync_sections::Saved::default(),
            };
            if let Err(error) = acked.commit(&mut opened) {
                return Err(Box::new((error, Some(opened.store))));
            }
            acked.all(disk, &opened);
        }
        drop(opened);
        opened = Store::open_with_backend(disk.clone(), me.clone()).map_err(fail)?;
    }
    Ok(())
}

/// Opens what a crash left when so many commits were acknowledged: all of them is there, whatever is there
/// is of one commit, and the next number is a new one.
fn check(disk: Disk, all_acked: &Acked, n_acked: usize, name: &str) {
    let acked = &all_acked.0[..n_acked];
    let me = key(ME);
    let mut opened = match Store::open_with_backend(disk.clone(), me.clone()) {
        Ok(opened) => opened,
        // Not even its creation was acknowledged.
        Err(error) if acked.is_empty() => {
            assert!(matches!(error, StoreError::NotAStore { .. } | StoreError::Damaged { .. }));
            return;
        }
        Err(error) => panic!("{name}: {error}"),
    };
    if n_acked > 0 {
        let is_whole = all_acked.may_be(n_acked).contains(&&whole(&opened));
        assert!(is_whole, "{name}: logs, tables and sheets are not those of one commit");
    }
    let mut last = 0;
    for record in acked.iter().flat_map(|Promised(_, records)| records) {
        let now = opened.tables.get(record.key());
        let is_as_new = now.is_some_and(|now| now.version() >= record.version());
        assert!(is_as_new, "{name}: {} of {} is lost", record.id(), record.table());
    }
    for &(profile, entry, hash) in acked.iter().flat_map(|Promised(entries, _)| entries) {
        let log = opened.profiles.get(&profile).unwrap();
        assert_eq!(log.entry_hash(entry), Some(hash), "{name}: {entry} is lost");
        if entry.writer == me.writer() {
            last = last.max(entry.seq);
        }
    }
    let next = award(active(&mut opened.profiles), &me, 9_999);
    assert!(next.first > last, "{name}: number {} was acknowledged before", next.first);
    set(&mut opened.tables, TableKind::Calendar, "next", 9_999);
    write_sheet(&mut opened.shelf, "Gate of Ash", 9_999);
    commit_all(&mut opened).unwrap();
    let before = whole(&opened);
    drop(opened);
    let again = Store::open_with_backend(disk, me).unwrap();
    assert_eq!(whole(&again), before, "{name}");
    assert_eq!(says(again.shelf.titled(&label("Gate of Ash")).unwrap()), "Version 9999", "{name}");
}

#[test]
fn a_power_failure_at_any_sync_loses_nothing_acknowledged() {
    let disk = Disk::recording();
    let mut acked = Acked::default();
    script(&disk, &mut acked).map_err(|stopped| stopped.0).unwrap();
    let images = disk.images();
    for image in &images {
        check(Disk::holding(image.bytes.clone()), &acked, image.n_acked, &image.name);
    }
    eprintln!(
        "{} sync points, {} crashes (none, some, all of what was unsynced), {} acknowledgements",
        disk.n_syncs(),
        images.len(),
        acked.0.len()
    );
    assert!(disk.n_syncs() > 40 && images.len() == disk.n_syncs() * 5);
}

#[test]
fn a_sync_that_fails_stops_the_store_and_loses_nothing_acknowledged() {
    let unharmed = Disk::default();
    script(&unharmed, &mut Acked::default()).map_err(|stopped| stopped.0).unwrap();
    let (mut n_commits, mut n_opens, mut n_closes) = (0, 0, 0);
    for n in 0..unharmed.n_syncs() {
        let name = format!("sync {n} failed");
        let disk = Disk::failing_at(n);
        let mut acked = Acked::default();
        match script(&disk, &mut acked).map_err(|stopped| *stopped) {
            // Closing cannot tell; the next opening finds the file unclosed.
            Ok(()) => n_closes += 1,
            Err((error, Some(mut store))) => {
                assert!(matches!(error, StoreError::Io { .. }), "{name}: {error}");
                n_commits += 1;
                let again = store.commit(&guildsync_log::Profiles::default());
                assert!(matches!(again, Err(StoreError::Poisoned { .. })), "{name}");
                let rotated = store.rotate_key(Some([9; 32]));
                assert!(matches!(rotated, Err(StoreError::Poisoned { .. })), "{name}");
            }
            Err((error, None)) => {
                assert!(matches!(error, StoreError::Io { .. }), "{name}: {error}");
                n_opens += 1;
            }
        }
        check(disk.after_power_failure(), &acked, acked.0.len(), &name);
        check(disk.after_kill(), &acked, acked.0.len(), &name);
        go_on(&disk, acked, &name);
    }
    eprintln!(
        "{} syncs failed in turn: {n_commits} in a commit, {n_opens} in creating or opening, \
         {n_closes} in closing",
        unharmed.n_syncs()
    );
    assert!(n_commits > 30 && n_closes > 0);
}

/// After a failed sync the system shows what is not on disk. Opened again, the store must not build
/// on that: what it acknowledges from then on survives a power failure.
fn go_on(disk: &Disk, mut acked: Acked, name: &str) {
    let me = key(ME);
    let Ok(mut opened) = Store::open_with_backend(disk.clone(), me.clone()) else {
        assert!(acked.0.is_empty(), "{name}");
        return;
    };
    for n in 0..3 {
        award(active(&mut opened.profiles), &me, 5_000 + n);
        set(&mut opened.tables, TableKind::News, "later", n);
        write_sheet(&mut opened.shelf, "Gate of Ash", 5_000 + n);
        acked.commit(&mut opened).unwrap();
        acked.all(disk, &opened);
        check(disk.after_power_failure(), &acked, acked.0.len(), name);
    }
}
