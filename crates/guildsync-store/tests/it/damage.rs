//! Damage inside a sound file: rows removed or altered behind the store's back are named.

use std::path::{Path, PathBuf};

use guildsync_log::{Frontier, Log, Profile};
use guildsync_store::{Store, StoreError, read, verify};
use guildsync_tables::TableKind;
use guildsync_types::{ProfileId, ProfileName};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::support::{CLOCK, active, bytes_of, commit_all, import, key, set};

pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const PROFILES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("profiles");
const CHAINS: TableDefinition<'_, &[u8; 48], &[u8]> = TableDefinition::new("chains");
const ENTRIES: TableDefinition<'_, &[u8; 56], &[u8]> = TableDefinition::new("entries");
pub(crate) const SHEETS: TableDefinition<'_, &[u8; 8], &[u8]> = TableDefinition::new("sheets");
type Records = TableDefinition<'static, &'static [u8], &'static [u8]>;
const RECORDS: Records = TableDefinition::new("records");
const KEPT: Records = TableDefinition::new("kept");
const HELD: Records = TableDefinition::new("held");

/// The key of an entry of writer 1 in the profile "Default", as the layout says.
fn entry_key(seq: u64) -> [u8; 56] {
    let profile = ProfileId::of_name(&ProfileName::default_profile());
    [&profile.0[..], &key(1).writer().0, &seq.to_be_bytes()].concat().try_into().unwrap()
}

pub(crate) fn edit(path: &Path, edit: impl FnOnce(&redb::WriteTransaction)) {
    let db = Database::open(path).unwrap();
    let txn = db.begin_write().unwrap();
    edit(&txn);
    txn.commit().unwrap();
}

/// Removes entries of writer 1 in the profile "Default".
pub(crate) fn remove_entries(path: &Path, seqs: &[u64]) {
    edit(path, |txn| {
        let mut entries = txn.open_table(ENTRIES).unwrap();
        for &seq in seqs {
            assert!(entries.remove(&entry_key(seq)).unwrap().is_some());
        }
    });
}

/// A store with 100 entries of writer 1 and 10 of writer 2, and what it held.
fn store(folder: &Path) -> (PathBuf, Log) {
    let path = folder.join("guild.gsync");
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    let log = active(&mut opened.profiles);
    import(log, &key(1), 0, 100);
    import(log, &key(2), 0, 10);
    let log = log.clone();
    opened.store.commit(&opened.profiles).unwrap();
    (path, log)
}

/// Everything that is wrong, in words; reading changes nothing and writing is refused.
pub(crate) fn damage(path: &Path) -> Vec<String> {
    let before = bytes_of(path.parent().unwrap());
    let loaded = read(path).unwrap();
    let report = verify(path).unwrap();
    assert_eq!(report.damage, loaded.damage);
    match Store::open(path).map(|_| ()).unwrap_err() {
        StoreError::Damaged { first, n_more, .. } => {
            assert_eq!((&*first, n_more + 1), (&loaded.damage[0], loaded.damage.len()));
        }
        other => panic!("{other}"),
    }
    assert_eq!(bytes_of(path.parent().unwrap()), before);
    loaded.damage.iter().map(ToString::to_string).collect()
}

fn one() -> String {
    format!("writer {} in profile \"Default\"", key(1).writer())
}

#[test]
fn a_missing_newest_entry_is_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, whole) = store(folder.path());
    remove_entries(&path, &[100]);
    assert_eq!(damage(&path), [format!("entry 100 of {} is missing", one())]);
    let loaded = read(&path).unwrap();
    assert_eq!(loaded.n_entries, 109);
    let left = loaded.profiles.active().frontier();
    let lacks: Vec<_> = left.lacks(&whole.frontier()).collect();
    assert_eq!(lacks, [(key(1).writer(), 100, 100)]);
}

#[test]
fn entries_missing_in_mid_chain_are_each_named() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = store(folder.path());
    remove_entries(&path, &[1, 40, 41, 42, 77]);
    let one = one();
    assert_eq!(
        damage(&path),
        [
            format!("entry 1 of {one} is missing"),
            format!("entries 40 to 42 of {one} are missing"),
            format!("entry 77 of {one} is missing"),
        ]
    );
    assert_eq!(read(&path).unwrap().n_entries, 10, "a chain without its beginning is no chain");
}

#[test]
fn an_entry_that_does_not_decode_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = store(folder.path());
    edit(&path, |txn| {
        let mut entries = txn.open_table(ENTRIES).unwrap();
        entries.insert(&entry_key(50), [0xff; 20].as_slice()).unwrap();
    });
    let found = damage(&path);
    assert!(found[0].starts_with(&format!("entry 50 of {} is damaged: ", one())), "{found:?}");
    assert_eq!(read(&path).unwrap().n_entries, 49 + 10);
}

#[test]
fn an_altered_entry_breaks_its_chain() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = store(folder.path());
    edit(&path, |txn| {
        let mut entries = txn.open_table(ENTRIES).unwrap();
        let other = entries.get(&entry_key(51)).unwrap().unwrap().value().to_vec();
        entries.insert(&entry_key(50), other.as_slice()).unwrap();
    });
    let found = damage(&path);
    assert!(found[0].starts_with(&format!("an entry up to 100 of {} was altered", one())));
    assert!(matches!(
        guildsync_store::restore(&path, &folder.path().join("again")),
        Err(StoreError::Damaged { .. })
    ));
}

#[test]
fn an_altered_seal_is_named_and_so_are_entries_beyond_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = store(folder.path());
    let chain: [u8; 48] = entry_key(0)[..48].try_into().unwrap();
    let mut row = Vec::new();
    edit(&path, |txn| {
        let mut chains = txn.open_table(CHAINS).unwrap();
        row = chains.get(&chain).unwrap().unwrap().value().to_vec();
        let mut bad = row.clone();
        *bad.last_mut().unwrap() ^= 1;
        chains.insert(&chain, bad.as_slice()).unwrap();
    });
    let found = damage(&path);
    assert!(found[0].starts_with(&format!("the seal of {} is not valid", one())), "{found:?}");
    assert_eq!(read(&path).unwrap().n_entries, 110, "the entries are shown all the same");

    edit(&path, |txn| {
        txn.open_table(CHAINS).unwrap().insert(&chain, row.as_slice()).unwrap();
        let mut entries = txn.open_table(ENTRIES).unwrap();
        let other = entries.get(&entry_key(51)).unwrap().unwrap().value().to_vec();
        entries.insert(&entry_key(u64::MAX), other.as_slice()).unwrap();
        entries.insert(&entry_key(101), other.as_slice()).unwrap();
    });
    let end = u64::MAX;
    let beyond = format!("entries 101 to {end} of {} are outside what its row covers", one());
    assert_eq!(damage(&path), [beyond]);
    assert_eq!(read(&path).unwrap().n_entries, 110);

    edit(&path, |txn| drop(txn.open_table(CHAINS).unwrap().remove(&chain).unwrap()));
    assert_eq!(
        damage(&path),
        [format!("entries 1 to {end} of {} are outside what its row covers", one())]
    );
    edit(&path, |txn| drop(txn.open_table(CHAINS).unwrap().insert(&chain, &[9][..]).unwrap()));
    assert!(damage(&path)[0].starts_with(&format!("the chain row of {} is damaged", one())));
}

#[test]
fn missing_rows_of_meta_and_profiles_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = store(folder.path());
    edit(&path, |txn| drop(txn.open_table(META).unwrap().remove("active").unwrap()));
    assert_eq!(damage(&path), ["the store's \"active\" row is damaged: no profile is active"]);
    assert_eq!(read(&path).unwrap().n_entries, 110);
    let id = Profile::default_profile().id;
    edit(&path, |txn| drop(txn.open_table(PROFILES).unwrap().remove(&id.0).unwrap()));
    let found = damage(&path);
    assert_eq!(found[0], format!("110 entries belong to profile {id}, which has no row"));
    let loaded = read(&path).unwrap();
    assert_eq!(loaded.profiles.active().label(), "Default", "a replica always has a profile");
    edit(&path, |txn| drop(txn.open_table(PROFILES).unwrap().insert(&id.0, &[7][..]).unwrap()));
    assert!(damage(&path)[0].starts_with(&format!("the row of profile {id} is damaged")));
}

/// A store with a roster row, news that were deleted, and an event of next year.
fn with_records(folder: &Path) -> PathBuf {
    let path = folder.join("guild.gsync");
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    set(&mut opened.tables, TableKind::Roster, "Oakhand-Eonar", 1);
    let news = set(&mut opened.tables, TableKind::News, "7", 2);
    opened.tables.delete(news.key(), CLOCK + 3).unwrap();
    let year = 365 * 86_400;
    let event = set(&mut guildsync_tables::Tables::new(), TableKind::Calendar, "9", year);
    opened.tables.merge(event, CLOCK);
    commit_all(&mut opened).unwrap();
    path
}

#[test]
fn the_layout_of_records_is_the_one_that_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    let db = Database::open(with_records(folder.path())).unwrap();
    let txn = db.begin_read().unwrap();
    let keys = |table: Records| -> Vec<Vec<u8>> {
        let rows = txn.open_table(table).unwrap();
        rows.iter().unwrap().map(|row| row.unwrap().0.value().to_vec()).collect()
    };
    let news = [&[1], &b"7\0Thorns-Eonar"[..]].concat();
    assert_eq!(keys(RECORDS), [news.clone(), [&[4], &b"Oakhand-Eonar\0"[..]].concat()]);
    assert_eq!(keys(KEPT), [news]);
    let due = CLOCK + 365 * 86_400;
    assert_eq!(keys(HELD), [[&due.to_be_bytes()[..], &[3], b"9\0Thorns-Eonar"].concat()]);
}

#[test]
fn a_record_that_does_not_decode_or_lies_under_another_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = with_records(folder.path());
    let row = |table: Records, nth: usize| {
        let db = Database::open(&path).unwrap();
        let rows = db.begin_read().unwrap().open_table(table).unwrap();
        let (key, value) = rows.iter().unwrap().nth(nth).unwrap().unwrap();
        (key.value().to_vec(), value.value().to_vec())
    };
    let put = |table: Records, key: &[u8], value: &[u8]| {
        edit(&path, |txn| drop(txn.open_table(table).unwrap().insert(key, value).unwrap()));
    };
    let (news, roster, event) = (row(RECORDS, 0), row(RECORDS, 1), row(HELD, 0));
    put(RECORDS, &roster.0, &roster.1[..roster.1.len() - 1]);
    let found = damage(&path);
    let begin = "the row of \"Oakhand-Eonar\" of roster in \"records\" is damaged: ";
    assert!(found.len() == 1 && found[0].starts_with(begin), "{found:?}");
    assert_eq!(read(&path).unwrap().tables.len(), 1, "the rest is read");
    put(RECORDS, &roster.0, &news.1);
    assert_eq!(damage(&path), [format!("{begin}it holds \"7\" of news")]);
    put(RECORDS, &roster.0, &roster.1);
    put(KEPT, &[9, 9], &roster.1);
    let begin = "the row with key [09, 09] in \"kept\" is damaged: ";
    assert_eq!(damage(&path), [format!("{begin}it holds \"Oakhand-Eonar\" of roster")]);
    edit(&path, |txn| drop(txn.open_table(KEPT).unwrap().remove(&[9_u8, 9][..]).unwrap()));
    put(HELD, &event.0, b"");
    let found = damage(&path);
    assert!(
        found[0].starts_with("the row of \"9\" of calendar in \"held\" is damaged"),
        "{found:?}"
    );
    put(HELD, &event.0, &event.1);
    put_meta(&path, "table_sync", &[0xff]);
    let found = damage(&path);
    assert!(found[0].starts_with("the store's \"table_sync\" row is damaged"), "{found:?}");
}

pub(crate) fn put_meta(path: &Path, row: &str, value: &[u8]) {
    edit(path, |txn| drop(txn.open_table(META).unwrap().insert(row, value).unwrap()));
}

#[test]
fn a_store_of_the_version_before_tables_opens_without_any_and_gets_them() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = store(folder.path());
    edit(&path, |txn| {
        for table in [RECORDS, KEPT, HELD] {
            assert!(txn.delete_table(table).unwrap());
        }
        assert!(txn.delete_table(SHEETS).unwrap());
    });
    put_meta(&path, "version", &[1, 0, 0, 0]);
    let before = bytes_of(folder.path());
    let loaded = read(&path).unwrap();
    assert!(loaded.tables.is_empty() && loaded.n_entries == 110);
    assert!(verify(&path).unwrap().damage.is_empty());
    assert_eq!(bytes_of(folder.path()), before, "a reader wrote");
    let copy = folder.path().join("copy");
    guildsync_store::backup(&path, &copy).unwrap();
    assert_eq!(read(&copy).unwrap().n_entries, 110);
    let mut opened = Store::open(&path).unwrap();
    let record = set(&mut opened.tables, TableKind::News, "7", 2);
    commit_all(&mut opened).unwrap();
    drop(opened);
    assert_eq!(read(&path).unwrap().tables.get(record.key()), Some(&record));
    let db = Database::open(&path).unwrap();
    let meta = db.begin_read().unwrap().open_table(META).unwrap();
    assert_eq!(meta.get("version").unwrap().unwrap().value(), [3, 0, 0, 0]);
}

#[test]
fn the_layout_is_the_one_that_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = store(folder.path());
    let db = Database::open(&path).unwrap();
    let txn = db.begin_read().unwrap();
    let meta = txn.open_table(META).unwrap();
    assert_eq!(meta.get("magic").unwrap().unwrap().value(), b"guildsync store");
    assert_eq!(meta.get("version").unwrap().unwrap().value(), [3, 0, 0, 0]);
    assert_eq!(meta.get("active").unwrap().unwrap().value(), log.profile().id.0);
    assert_eq!(meta.get("writers").unwrap().unwrap().value(), key(1).writer().0);
    let entries = txn.open_table(ENTRIES).unwrap();
    assert_eq!(entries.iter().unwrap().count(), 110);
    let segment = &log.since(&Frontier::new())[0];
    let first = entries.get(&entry_key(1)).unwrap().unwrap();
    let ours = log.segment(key(1).writer(), 1).unwrap();
    assert_eq!(first.value(), ours.drafts[0].to_bytes());
    assert_eq!(segment.first, 1);
}
