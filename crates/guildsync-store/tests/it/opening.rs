//! What is refused on opening, how it is named, and that it keeps every byte.

use std::path::Path;
use std::process::Command;

use guildsync_store::{Damage, Store, StoreError, backup, key_path, read, restore, verify};
use redb::{Database, TableDefinition};

use crate::disk::Disk;
use crate::support::{active, award, bytes_of, import, key};

const PATH: &str = "GUILDSYNC_OPEN_THIS";

/// A closed store with some awards, in a folder of its own.
fn store(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("guild.gsync");
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    for n in 0..5 {
        award(active(&mut opened.profiles), &key(1), n);
        opened.store.commit(&opened.profiles).unwrap();
    }
    import(active(&mut opened.profiles), &key(1), 10, 200);
    opened.store.commit(&opened.profiles).unwrap();
    path
}

/// Opens in every way; all must refuse alike and change nothing. Returns the refusal.
fn refused(path: &Path) -> StoreError {
    let folder = path.parent().unwrap();
    let before = bytes_of(folder);
    let error = Store::open(path).map(|_| ()).unwrap_err();
    let reading = read(path).map(|_| ()).unwrap_err();
    assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&reading), "{reading}");
    match verify(path) {
        Ok(report) => {
            assert!(matches!(error, StoreError::Damaged { .. }) && report.loaded.is_none());
        }
        Err(e) => assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&e)),
    }
    assert!(backup(path, &folder.join("copy")).is_err());
    assert!(restore(path, &folder.join("copy")).is_err());
    assert_eq!(bytes_of(folder), before, "{error}");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error
}

#[test]
fn what_is_no_store_is_refused_by_name_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(matches!(refused(&at("nothing")), StoreError::NotFound { .. }));
    let why = |name: &str| match refused(&at(name)) {
        StoreError::NotAStore { why, .. } => why,
        other => panic!("{other}"),
    };
    std::fs::write(at("empty"), "").unwrap();
    assert_eq!(why("empty"), "it is empty");
    std::fs::write(at("text"), "CEPGP = { }\n".repeat(1000)).unwrap();
    assert_eq!(why("text"), "it begins like some other file");
    std::fs::write(at("short"), "redb").unwrap();
    assert_eq!(why("short"), "it begins like some other file");
    std::fs::create_dir(at("folder")).unwrap();
    assert_eq!(why("folder"), "it is a folder");
    let other = Database::create(at("other")).unwrap();
    let txn = other.begin_write().unwrap();
    txn.open_table(TableDefinition::<&str, u64>::new("scores")).unwrap().insert("a", 1).unwrap();
    txn.commit().unwrap();
    drop(other);
    assert_eq!(why("other"), "it is some other program's redb file");
    // One that calls a table as we do, but keeps something else in it.
    let other = Database::create(at("meta")).unwrap();
    let txn = other.begin_write().unwrap();
    txn.open_table(TableDefinition::<&str, u64>::new("meta")).unwrap().insert("magic", 1).unwrap();
    txn.commit().unwrap();
    drop(other);
    assert_eq!(why("meta"), "it is some other program's redb file");
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let db = Database::open(&path).unwrap();
    let txn = db.begin_write().unwrap();
    let meta = TableDefinition::<&str, &[u8]>::new("meta");
    txn.open_table(meta).unwrap().insert("version", [7, 0, 0, 0].as_slice()).unwrap();
    txn.commit().unwrap();
    drop(db);
    let error = refused(&path);
    assert!(matches!(error, StoreError::Newer { found: 7, known: 3, .. }), "{error}");
    assert!(error.to_string().contains("update guildsync"), "{error}");
}

#[test]
fn a_store_that_is_open_is_refused_here_and_in_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let opened = Store::open(&path).unwrap();
    assert!(matches!(refused(&path), StoreError::AlreadyOpen { .. }));
    assert_eq!(open_elsewhere(&path), "already open");
    drop(opened);
    assert_eq!(open_elsewhere(&path), "opened");
    // Readers share it, and keep writers out.
    let reader = redb::ReadOnlyDatabase::open(&path).unwrap();
    assert!(read(&path).is_ok());
    assert_eq!(open_elsewhere(&path), "already open");
    drop(reader);
    assert!(Store::open(&path).is_ok());
}

fn open_elsewhere(path: &Path) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "opening::elsewhere", "--nocapture", "--test-threads=1"]);
    let output = command.env(PATH, path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("> ")).unwrap_or(&text).to_owned()
}

/// Not a test by itself: what another process says about a store.
#[test]
fn elsewhere() {
    let Ok(path) = std::env::var(PATH) else { return };
    match Store::open(Path::new(&path)) {
        Ok(_) => println!("\n> opened"),
        Err(StoreError::AlreadyOpen { .. }) => println!("\n> already open"),
        Err(error) => println!("\n> {error}"),
    }
}

#[test]
fn a_flipped_byte_anywhere_is_refused_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let hash = read(&path).unwrap().profiles.state_hash();
    let clean = std::fs::read(&path).unwrap();
    // As a killed process leaves it: copied while it is open.
    let mut opened = Store::open(&path).unwrap();
    award(active(&mut opened.profiles), &key(1), 7_000);
    opened.store.commit(&opened.profiles).unwrap();
    let killed = std::fs::read(&path).unwrap();
    let killed_hash = opened.profiles.state_hash();
    drop(opened);
    for (name, bytes, hash) in [("closed", clean, hash), ("killed", killed, killed_hash)] {
        let (mut refusals, mut n_harmless) = (Vec::new(), 0);
        for at in (0..320).chain((320..bytes.len()).step_by(67)) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            let disk = Disk::holding(flipped.clone());
            match Store::open_with_backend(disk.clone(), key(1)) {
                Ok(opened) => {
                    assert_eq!(opened.profiles.state_hash(), hash, "{name}: byte {at}");
                    n_harmless += 1;
                }
                Err(error) => {
                    use StoreError::{Damaged, NotAStore};
                    assert!(matches!(error, Damaged { .. } | NotAStore { .. }), "{at}: {error}");
                    assert_eq!((disk.bytes(), disk.n_syncs()), (flipped, 0), "{name}: byte {at}");
                    refusals.push(at);
                }
            }
        }
        eprintln!(
            "{name}, {} bytes: {} flips refused, {n_harmless} harmless",
            bytes.len(),
            refusals.len()
        );
        assert!(refusals.len() > 200);
        // In a real file it is the same.
        for &at in refusals.iter().step_by(refusals.len() / 10) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            std::fs::write(&path, &flipped).unwrap();
            refused(&path);
        }
    }
}

#[test]
fn a_truncated_store_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    for len in [9, 100, 320, 4096, bytes.len() / 2, bytes.len() - 4096, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..len]).unwrap();
        let error = refused(&path);
        assert!(matches!(error, StoreError::Damaged { .. }), "{len}: {error}");
        let report = verify(&path).unwrap();
        assert!(matches!(report.damage[..], [Damage::Pages { .. }]), "{len}");
    }
}

#[test]
fn a_key_that_does_not_fit_is_refused_and_a_missing_one_makes_a_new_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let key_file = key_path(&path);
    let good = std::fs::read(&key_file).unwrap();
    let before = bytes_of(folder.path());
    std::fs::write(&key_file, [1; 33]).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::NotAKey { len: 33, .. })));
    std::fs::write(&key_file, [2; 32]).unwrap();
    let error = Store::open(&path).map(|_| ()).unwrap_err();
    assert!(
        matches!(error, StoreError::ForeignKey { found, wanted, .. }
            if found == key(2).writer() && wanted == key(1).writer()),
        "{error}"
    );
    assert!(matches!(verify(&path).unwrap().damage[..], [Damage::Key { .. }]));
    std::fs::write(&key_file, &good).unwrap();
    assert_eq!(bytes_of(folder.path()), before);

    std::fs::remove_file(&key_file).unwrap();
    let mut opened = Store::open(&path).unwrap();
    let new = opened.new_writer.take().unwrap();
    assert_eq!(new.before, Some(key(1).writer()));
    assert_eq!(new.writer, opened.store.key().writer());
    let key = opened.store.key().clone();
    assert_eq!(award(active(&mut opened.profiles), &key, 1).first, 1);
    opened.store.commit(&opened.profiles).unwrap();
    drop(opened);
    let again = Store::open(&path).unwrap();
    assert!(again.new_writer.is_none());
    assert_eq!(again.store.key().writer(), new.writer);
    drop(again);
    // The old key may have issued numbers elsewhere since.
    std::fs::write(&key_file, &good).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::ForeignKey { .. })));
}

#[test]
fn creating_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let before = bytes_of(folder.path());
    assert!(matches!(Store::create(&path, None), Err(StoreError::AlreadyExists { .. })));
    let other = folder.path().join("other.gsync");
    std::fs::write(key_path(&other), [3; 32]).unwrap();
    assert!(matches!(Store::create(&other, None), Err(StoreError::KeyInTheWay { .. })));
    std::fs::remove_file(key_path(&other)).unwrap();
    assert!(matches!(Store::create(folder.path(), None), Err(StoreError::AlreadyExists { .. })));
    let nowhere = folder.path().join("no/such/folder.gsync");
    assert!(matches!(Store::create(&nowhere, None), Err(StoreError::Io { .. })));
    assert_eq!(bytes_of(folder.path()), before);
}
