//! What the tests share: keys, awards, records, sheets, reading bytes.

use std::path::Path;

use guildsync_log::{Change, Draft, Log, Profiles, Segment};
use guildsync_sections::{
    Author, Body, Change as Edit, Document, DocumentId, Label, Policy, Shelf,
};
use guildsync_store::{Data, Opened, Store, StoreError};
use guildsync_tables::{GuildName, Record, RecordId, TableKind, Tables};
use guildsync_types::{EntryId, Hash, MemberName, ProfileId, Reason, SecretKey, Stamp, WriterId};
use guildsync_wire::lua::{Table, Value};

pub(crate) fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

pub(crate) fn member(name: &str) -> MemberName {
    MemberName::new(name).unwrap()
}

/// The `n`th award of a test: who, how much and why follow from `n`.
pub(crate) fn draft(log: &Log, n: u64) -> Draft {
    let stamp = Stamp::new(1_700_000_000 + n / 3, (n % 3) as u16).unwrap();
    let target = member(["Brindle", "Tansy", "Quill", "Emberly"][(n % 4) as usize]);
    let reason = Reason::new(&format!("Award {n}")).unwrap();
    let points = (5 + n % 20).to_string().parse().unwrap();
    log.award(stamp, &member("Oakhand"), &target, points, &reason).unwrap()
}

pub(crate) fn award(log: &mut Log, key: &SecretKey, n: u64) -> Segment {
    let draft = draft(log, n);
    log.append(key, &[draft]).unwrap()
}

/// Appends `n` awards under one seal.
pub(crate) fn import(log: &mut Log, key: &SecretKey, from: u64, n: u64) -> Segment {
    let drafts: Vec<Draft> = (from..from + n).map(|i| draft(log, i)).collect();
    log.append(key, &drafts).unwrap()
}

pub(crate) fn note(change: Change) -> Draft {
    let stamp = Stamp::new(1_600_000_000, 0).unwrap();
    let reason = Reason::new("").unwrap();
    Draft { stamp, actor: member("Oakhand"), change, reason, origin: None }
}

pub(crate) fn active(profiles: &mut Profiles) -> &mut Log {
    let id = profiles.active_id();
    profiles.get_mut(&id).unwrap()
}

/// Every entry of a writer in a profile with its hash.
pub(crate) fn hashes(profiles: &Profiles, profile: &ProfileId, writer: WriterId) -> Vec<Hash> {
    let Some(log) = profiles.get(profile) else { return Vec::new() };
    let hash = |seq| log.entry_hash(EntryId { writer, seq });
    (1..).map_while(hash).collect()
}

/// What the clock says in tests with tables, in seconds.
pub(crate) const CLOCK: u64 = 1_700_000_000;

pub(crate) fn guild(name: &str) -> GuildName {
    GuildName::new(name).unwrap()
}

/// The data of the `n`th version of a record.
pub(crate) fn data(n: u64) -> Table {
    let mut data = Table::new();
    data.insert("title", Value::Str(format!("Version {n}")));
    data.insert("empty", Value::Table(Table::new()));
    data
}

/// Writes the `n`th version of a record.
pub(crate) fn set(tables: &mut Tables, table: TableKind, id: &str, n: u64) -> Record {
    let id = RecordId::new(id).unwrap();
    tables.set(table, guild("Thorns-Eonar"), id, data(n), CLOCK + n).unwrap().clone()
}

/// All that tables hold: records, what is kept of deleted ones, what is held for later.
pub(crate) fn all(tables: &Tables) -> [Vec<Record>; 3] {
    let records = tables.iter().cloned().collect();
    [records, tables.all_kept().cloned().collect(), tables.held().cloned().collect()]
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

/// Writes the `n`th version of a document onto the shelf: two sections, each over many sectors of a disk
/// and saying `n` from beginning to end.
pub(crate) fn write_sheet(shelf: &mut Shelf, title: &str, n: u64) -> Document {
    let name = member("Oakhand");
    let stamp = Stamp::new(CLOCK + n, 0).unwrap();
    let author = Author { name: &name, key: &key(3), stamp, after: 0 };
    let rows = vec![vec![format!("Version {n}"), "Brindle".to_owned(), "Quill".to_owned()]; 120];
    let plain = Body { rows, ..Body::default() }.plain().unwrap();
    let sections = vec![(label("Pulls"), plain.clone()), (label("Healers"), plain)];
    let document = match shelf.get(DocumentId::of_title(&label(title))).cloned() {
        None => Document::publish(author, label(title), Policy::default(), sections).unwrap(),
        Some(mut document) => {
            let changes: Vec<Edit> = document.difference(sections);
            document.change(author, changes).unwrap();
            document
        }
    };
    shelf.put(document.clone()).unwrap();
    document
}

/// Which version a document is, which both of its sections have to say.
pub(crate) fn says(document: &Document) -> String {
    let sections = document.sections();
    let texts = sections.iter().flat_map(|section| section.body.open().unwrap().rows);
    let mut texts: Vec<String> = texts.map(|row| row[0].clone()).collect();
    assert_eq!(texts.len(), 240);
    texts.dedup();
    assert_eq!(texts.len(), 1, "a document of several versions");
    texts.remove(0)
}

/// What section sync keeps while all of a document is aside.
pub(crate) fn aside(document: &Document) -> guildsync_sections::Saved {
    let bytes = [&[1], &document.id().0[..], &document.encode()].concat();
    guildsync_sections::Saved::decode(&bytes).unwrap()
}

/// Makes all of it durable: logs, tables and sheets.
pub(crate) fn commit_all(opened: &mut Opened) -> Result<(), StoreError> {
    let tables = Some((&opened.tables, &opened.table_sync));
    let sheets = Some((&opened.shelf, &opened.section_sync));
    opened.store.commit(Data { profiles: &opened.profiles, tables, sheets })
}

/// Closes a store and opens it again, which must not change what it holds.
pub(crate) fn reopen(opened: Opened) -> Opened {
    let (path, before) = (opened.store.path().to_owned(), opened.profiles.state_hash());
    let (tables, table_sync) = (all(&opened.tables), opened.table_sync.clone());
    let sheets = (opened.shelf.clone(), opened.section_sync.clone());
    drop(opened);
    let again = Store::open(&path).unwrap();
    assert_eq!(again.profiles.state_hash(), before);
    assert_eq!((all(&again.tables), again.table_sync.clone()), (tables, table_sync));
    assert_eq!((again.shelf.clone(), again.section_sync.clone()), sheets);
    assert!(again.new_writer.is_none());
    again
}

/// All files of a folder with their bytes.
pub(crate) fn bytes_of(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap())
        .filter(|file| file.file_type().unwrap().is_file())
        .map(|file| (file.file_name(), std::fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}
