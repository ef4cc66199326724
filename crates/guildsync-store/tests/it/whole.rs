//! Whole stores: backup, restore, a new key.

use guildsync_log::Change;
use guildsync_store::{Damage, Store, StoreError, backup, key_path, read, restore, verify};
use guildsync_tables::TableKind;
use guildsync_types::EntryId;

use crate::damage::remove_entries;
use crate::support::{
    CLOCK, active, all, aside, award, bytes_of, commit_all, import, key, note, reopen, set,
    write_sheet,
};

#[test]
fn a_backup_holds_everything_but_the_key_and_comes_back_as_a_new_writer() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (path, copy) = (at("guild.gsync"), at("guild.backup"));
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    import(active(&mut opened.profiles), &key(1), 0, 300);
    let gone = set(&mut opened.tables, TableKind::News, "1", 0);
    opened.tables.delete(gone.key(), CLOCK).unwrap();
    set(&mut opened.tables, TableKind::Roster, "Oakhand-Eonar", 1);
    opened.section_sync = aside(&write_sheet(&mut opened.shelf, "Gate of Ash", 1));
    commit_all(&mut opened).unwrap();
    let tables = all(&opened.tables);
    let sheets = (opened.shelf.clone(), opened.section_sync.clone());
    let member = guildsync_types::MemberName::new("Oakhand").unwrap();
    opened.store.set_member(&member).unwrap();
    let hash = opened.profiles.state_hash();
    opened.store.backup(&copy).unwrap();
    assert!(matches!(opened.store.backup(&copy), Err(StoreError::AlreadyExists { .. })));
    award(active(&mut opened.profiles), &key(1), 400);
    opened.store.commit(&opened.profiles).unwrap();
    drop(opened);

    let loaded = read(&copy).unwrap();
    assert_eq!((loaded.profiles.state_hash(), loaded.writer), (hash, None));
    assert!(!key_path(&copy).exists());
    assert!(verify(&copy).unwrap().damage.is_empty());
    for (name, bytes) in bytes_of(folder.path()) {
        let secret = bytes.windows(32).any(|window| window == [1; 32]);
        assert_eq!(secret, name == "guild.gsync.key", "{name:?}");
    }
    assert!(matches!(restore(&copy, &path), Err(StoreError::AlreadyExists { .. })));

    // Somewhere else, where no key is.
    let elsewhere = restore(&copy, &at("other.gsync")).unwrap();
    assert_eq!((elsewhere.profiles.state_hash(), elsewhere.member), (hash, Some(member)));
    assert_eq!(all(&elsewhere.tables), tables);
    assert_eq!((elsewhere.shelf, elsewhere.section_sync), sheets);
    let new = elsewhere.new_writer.as_ref().unwrap();
    assert_ne!(new.writer, key(1).writer());
    assert!(new.old_key.is_none() && new.kept_at.is_none() && elsewhere.lost.is_empty());

    // In its old place, where the store was lost and the key was not.
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::NotFound { .. })));
    let mut back = restore(&copy, &path).unwrap();
    let new = back.new_writer.take().unwrap();
    let old_key = new.old_key.unwrap();
    assert_eq!((old_key.writer(), new.before), (key(1).writer(), Some(key(1).writer())));
    assert_eq!(std::fs::read(new.kept_at.unwrap()).unwrap(), [1; 32]);
    let id = back.profiles.active_id();
    let proof = old_key.hand_over(&id, new.writer);
    let continues = note(Change::Continues { key: old_key.public(), proof });
    let me = back.store.key().clone();
    assert_eq!(active(&mut back.profiles).append(&me, &[continues]).unwrap().first, 1);
    back.store.commit(&back.profiles).unwrap();
    let back = reopen(back);
    assert_eq!(back.store.key().writer(), new.writer);
    assert_ne!(back.profiles.state_hash(), hash);
}

#[test]
fn a_backup_in_the_place_of_the_store_does_not_get_the_old_key() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("guild.gsync"), folder.path().join("guild.backup"));
    drop(Store::create(&path, Some([1; 32])).unwrap());
    backup(&path, &copy).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    let before = bytes_of(folder.path());
    let error = Store::open(&path).map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::KeyBesideBackup { .. }), "{error}");
    assert_eq!(bytes_of(folder.path()), before);
    std::fs::remove_file(key_path(&path)).unwrap();
    assert!(Store::open(&path).unwrap().new_writer.is_some());
}

#[test]
fn a_new_key_goes_on_as_a_new_writer_and_the_old_one_can_sign_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    award(active(&mut opened.profiles), &key(1), 0);
    opened.store.commit(&opened.profiles).unwrap();
    let old = opened.store.rotate_key(Some([2; 32])).unwrap();
    assert_eq!((old.writer(), opened.store.key().writer()), (key(1).writer(), key(2).writer()));
    let proof = old.hand_over(&opened.profiles.active_id(), key(2).writer());
    let continues = note(Change::Continues { key: old.public(), proof });
    active(&mut opened.profiles).append(&key(2), &[continues]).unwrap();
    opened.store.commit(&opened.profiles).unwrap();
    let mut opened = reopen(opened);
    assert_eq!(opened.store.key().writer(), key(2).writer());
    assert_eq!(std::fs::read(key_path(&path)).unwrap(), [2; 32]);
    assert_eq!(award(active(&mut opened.profiles), &key(2), 1).first, 2);
    drop(opened);
    std::fs::write(key_path(&path), [1; 32]).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::ForeignKey { .. })));
}

#[test]
fn what_is_left_of_a_damaged_store_can_be_restored_and_filled_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("guild.gsync"), folder.path().join("again.gsync"));
    let mut opened = Store::create(&path, Some([1; 32])).unwrap();
    import(active(&mut opened.profiles), &key(1), 0, 100);
    opened.store.commit(&opened.profiles).unwrap();
    let whole = opened.profiles.clone();
    drop(opened);
    remove_entries(&path, &[61]);
    let mut again = restore(&path, &to).unwrap();
    assert!(matches!(again.lost[..], [Damage::MissingEntries { first: 61, last: 61, .. }]));
    let writer = key(1).writer();
    assert_eq!(again.profiles.active().frontier().last(writer), 60);
    again = reopen(again);
    // A member that has it all sends what is missing, and the chain is sealed again.
    let missing = whole.active().since(&again.profiles.active().frontier());
    assert_eq!(missing[0].first, 61);
    active(&mut again.profiles).accept(missing[0].clone()).unwrap();
    again.store.commit(&again.profiles).unwrap();
    let again = reopen(again);
    assert_eq!(again.profiles.state_hash(), whole.state_hash());
    assert!(again.profiles.active().entry(EntryId { writer, seq: 100 }).is_some());
}
