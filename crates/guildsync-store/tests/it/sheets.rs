//! Sheets come back as they were committed, only what changed is written, and what is damaged is named.

use guildsync_sections::{DocumentId, Shelf};
use guildsync_store::{Data, Opened, Store, backup, read, verify};
use proptest::prelude::*;
use redb::{Database, ReadableDatabase, ReadableTable};

use crate::damage::{META, SHEETS, damage, edit, put_meta};
use crate::disk::Disk;
use crate::support::{active, aside, award, commit_all, key, label, reopen, says, write_sheet};

/// What happens to sheets between commits.
#[derive(Debug, Clone)]
enum Op {
    /// Writes one of so many documents.
    Write(usize),
    /// Takes one away.
    Remove(usize),
    /// All of them are replaced by a copy that was laid aside, which then holds these.
    Swap,
    /// Section sync puts one aside, or clears what is aside.
    Aside(Option<usize>),
    /// The logs alone are made durable.
    CommitLogs,
    /// All is made durable.
    Commit,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..6_usize).prop_map(Op::Write),
        2 => (0..6_usize).prop_map(Op::Remove),
        1 => Just(Op::Swap),
        2 => prop::option::of(0..6_usize).prop_map(Op::Aside),
        1 => Just(Op::CommitLogs),
        4 => Just(Op::Commit),
    ]
}

fn title(which: usize) -> String {
    format!("Sheet {which}")
}

fn id(title: &str) -> DocumentId {
    DocumentId::of_title(&label(title))
}

fn open(disk: &Disk) -> Opened {
    Store::open_with_backend(disk.clone(), key(1)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_was_committed_is_there_again_and_nothing_else(ops in prop::collection::vec(op(), 1..30)) {
        let disk = Disk::default();
        let mut opened = Store::create_with_backend(disk.clone(), key(1)).unwrap();
        let mut laid_aside = Shelf::default();
        let mut durable = (opened.shelf.clone(), opened.section_sync.clone());
        for (n, op) in (1..).zip(ops) {
            match op {
                Op::Write(which) => drop(write_sheet(&mut opened.shelf, &title(which), n)),
                Op::Remove(which) => drop(opened.shelf.remove(id(&title(which)), key(3).writer())),
                Op::Swap => std::mem::swap(&mut opened.shelf, &mut laid_aside),
                Op::Aside(which) => {
                    let sheet = which.map(|which| write_sheet(&mut laid_aside, &title(which), n));
                    opened.section_sync = sheet.as_ref().map(aside).unwrap_or_default();
                }
                Op::CommitLogs => {
                    award(active(&mut opened.profiles), &key(1), n);
                    opened.store.commit(&opened.profiles).unwrap();
                }
                Op::Commit => {
                    commit_all(&mut opened).unwrap();
                    durable = (opened.shelf.clone(), opened.section_sync.clone());
                }
            }
            let on_disk = open(&disk.after_power_failure());
            prop_assert_eq!((&on_disk.shelf, &on_disk.section_sync), (&durable.0, &durable.1));
        }
        drop(opened);
        let again = open(&disk);
        prop_assert_eq!((again.shelf, again.section_sync), durable);
    }
}

#[test]
fn only_documents_that_changed_are_written() {
    let disk = Disk::default();
    let mut opened = Store::create_with_backend(disk.clone(), key(1)).unwrap();
    for which in 0..12 {
        write_sheet(&mut opened.shelf, &title(which), 1);
    }
    let len = opened.shelf.iter().next().unwrap().encode().len();
    let written_by = |opened: &mut Opened| {
        let before = disk.n_written();
        commit_all(opened).unwrap();
        disk.n_written() - before
    };
    assert!(written_by(&mut opened) >= 12 * len);
    for opened_again in [false, true] {
        if opened_again {
            drop(opened);
            opened = open(&disk);
        }
        let n_syncs = disk.n_syncs();
        assert_eq!((written_by(&mut opened), disk.n_syncs()), (0, n_syncs), "nothing was new");
        // The same documents, put together anew.
        opened.shelf = opened.shelf.iter().fold(Shelf::default(), |mut shelf, document| {
            shelf.put(document.clone()).unwrap();
            shelf
        });
        assert_eq!(written_by(&mut opened), 0);
        write_sheet(&mut opened.shelf, &title(7), 2 + u64::from(opened_again));
        let n_bytes = written_by(&mut opened);
        assert!(n_bytes >= len && n_bytes < 6 * len, "{n_bytes} bytes for one of {len}");
        opened.section_sync = match opened_again {
            false => aside(opened.shelf.get(id(&title(3))).unwrap()),
            true => guildsync_sections::Saved::default(),
        };
        let n_bytes = written_by(&mut opened);
        assert!(n_bytes > 0 && n_bytes < 6 * len, "{n_bytes} bytes for what sync keeps");
    }
}

#[test]
fn a_commit_of_the_logs_alone_leaves_the_sheets_as_they_are_on_disk() {
    let disk = Disk::default();
    let mut opened = Store::create_with_backend(disk.clone(), key(1)).unwrap();
    opened.section_sync = aside(&write_sheet(&mut opened.shelf, "Gate of Ash", 1));
    commit_all(&mut opened).unwrap();
    let before = (opened.shelf.clone(), opened.section_sync.clone());
    opened.section_sync = guildsync_sections::Saved::default();
    write_sheet(&mut opened.shelf, "Gate of Ash", 2);
    award(active(&mut opened.profiles), &key(1), 1);
    let tables = Some((&opened.tables, &opened.table_sync));
    opened.store.commit(Data { profiles: &opened.profiles, tables, sheets: None }).unwrap();
    let on_disk = open(&disk.after_power_failure());
    assert_eq!((on_disk.shelf, on_disk.section_sync), before);
    // It is not forgotten: the next commit of the sheets writes it.
    commit_all(&mut opened).unwrap();
    let on_disk = open(&disk.after_power_failure());
    assert_eq!((on_disk.shelf, on_disk.section_sync), (opened.shelf, opened.section_sync));
}

/// A closed store of two documents.
fn store(folder: &std::path::Path) -> std::path::PathBuf {
    let path = folder.join("guild.gsync");
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    award(active(&mut opened.profiles), &key(1), 1);
    write_sheet(&mut opened.shelf, "Gate of Ash", 1);
    opened.section_sync = aside(&write_sheet(&mut opened.shelf, "Second raid", 2));
    commit_all(&mut opened).unwrap();
    reopen(opened);
    path
}

#[test]
fn the_layout_of_sheets_is_the_one_that_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let loaded = read(&path).unwrap();
    let db = Database::open(&path).unwrap();
    let txn = db.begin_read().unwrap();
    let rows = txn.open_table(SHEETS).unwrap();
    let rows = rows.iter().unwrap().map(|row| row.unwrap());
    let rows: Vec<_> = rows.map(|(id, row)| (*id.value(), row.value().to_vec())).collect();
    let documents = loaded.shelf.iter().map(|document| (document.id().0, document.encode()));
    assert_eq!(rows, documents.collect::<Vec<_>>());
    let meta = txn.open_table(META).unwrap();
    assert_eq!(meta.get("section_sync").unwrap().unwrap().value(), loaded.section_sync.encode());
}

#[test]
fn a_document_that_does_not_decode_or_lies_under_another_id_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let (ash, raid) = (id("Gate of Ash"), id("Second raid"));
    let shelf = read(&path).unwrap().shelf;
    let bytes = shelf.get(ash).unwrap().encode();
    let put = |id: DocumentId, bytes: &[u8]| {
        edit(&path, |txn| drop(txn.open_table(SHEETS).unwrap().insert(&id.0, bytes).unwrap()));
    };
    let begin = |id: DocumentId| format!("the row of document {id} in \"sheets\" is damaged: ");
    let mut altered = bytes.clone();
    let at = bytes.windows(7).position(|text| text == b"Version").unwrap();
    altered[at] ^= 1;
    for bad in [&bytes[..bytes.len() - 1], &[], &altered] {
        put(ash, bad);
        let found = damage(&path);
        assert!(found.len() == 1 && found[0].starts_with(&begin(ash)), "{found:?}");
        let loaded = read(&path).unwrap();
        let left: Vec<_> =
            loaded.shelf.iter().map(|document| (document.id(), says(document))).collect();
        assert_eq!(left, [(raid, "Version 2".to_owned())], "the rest is read");
        let again = guildsync_store::restore(&path, &folder.path().join("again"));
        assert!(matches!(again, Err(guildsync_store::StoreError::Damaged { .. })));
    }
    put(ash, &bytes);
    assert_eq!(read(&path).unwrap().shelf, shelf);
    let other = DocumentId([9; 8]);
    put(other, &bytes);
    let found = damage(&path);
    assert!(found.len() == 1 && found[0].starts_with(&begin(other)), "{found:?}");
    edit(&path, |txn| drop(txn.open_table(SHEETS).unwrap().remove(&other.0).unwrap()));
    put_meta(&path, "section_sync", &[0xff]);
    let found = damage(&path);
    assert!(found[0].starts_with("the store's \"section_sync\" row is damaged"), "{found:?}");
}

#[test]
fn a_document_beyond_those_that_a_shelf_holds_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let mut many = Shelf::default();
    for which in 0..11 {
        let sheet = write_sheet(&mut many, &title(which), 1);
        edit(&path, |txn| {
            let mut rows = txn.open_table(SHEETS).unwrap();
            rows.insert(&sheet.id().0, sheet.encode().as_slice()).unwrap();
        });
    }
    let last =
        many.iter().map(|document| document.id()).chain([id("Gate of Ash"), id("Second raid")]);
    let why = "it is one too many, 12 documents come before it";
    let last = last.max().unwrap();
    assert_eq!(
        damage(&path),
        [format!("the row of document {last} in \"sheets\" is damaged: {why}")]
    );
}

#[test]
fn a_store_of_the_version_before_sheets_opens_without_any_and_gets_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    edit(&path, |txn| {
        assert!(txn.delete_table(SHEETS).unwrap());
        assert!(txn.open_table(META).unwrap().remove("section_sync").unwrap().is_some());
    });
    put_meta(&path, "version", &[2, 0, 0, 0]);
    let version = || {
        let db = Database::open(&path).unwrap();
        let meta = db.begin_read().unwrap().open_table(META).unwrap();
        meta.get("version").unwrap().unwrap().value().to_vec()
    };
    let before = std::fs::read(&path).unwrap();
    let loaded = read(&path).unwrap();
    assert!(loaded.shelf.is_empty() && loaded.n_entries == 1);
    assert_eq!(loaded.section_sync, guildsync_sections::Saved::default());
    assert!(verify(&path).unwrap().damage.is_empty());
    assert_eq!(std::fs::read(&path).unwrap(), before, "a reader wrote");
    let copy = folder.path().join("copy");
    backup(&path, &copy).unwrap();
    assert_eq!(read(&copy).unwrap().n_entries, 1);
    // Opening is no commit, and one without sheets is one.
    drop(Store::open(&path).unwrap());
    assert_eq!(version(), [2, 0, 0, 0]);
    let mut opened = Store::open(&path).unwrap();
    opened.store.commit(&opened.profiles).unwrap();
    drop(opened);
    assert_eq!(version(), [3, 0, 0, 0]);
    let mut opened = Store::open(&path).unwrap();
    assert!(opened.shelf.is_empty());
    write_sheet(&mut opened.shelf, "Gate of Ash", 1);
    commit_all(&mut opened).unwrap();
    let opened = reopen(opened);
    assert_eq!(says(opened.shelf.get(id("Gate of Ash")).unwrap()), "Version 1");
}
