//! Whole stores: looked at, checked, copied, brought back.

use std::path::Path;

use redb::{Database, Key, ReadTransaction, ReadableTable, TableDefinition, Value};

use crate::damage::Damage;
use crate::database;
use crate::error::StoreError;
use crate::folder::{Draft, refuse_existing};
use crate::hold::Access;
use crate::key;
use crate::layout::{
    CHAINS, ENTRIES, HELD, KEPT, LEFT_BEHIND, META, PROFILES, RECORDS, SHEETS, SHEETS_LEFT_BEHIND,
    encode_writers,
};
use crate::load::{self, Contents, Loaded};
use crate::save::Data;
use crate::store::{NewWriter, Opened, Store, check_key, write_new};

/// What [`verify`] found.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the store holds; `None` if its pages are too damaged to be read.
    pub loaded: Option<Loaded>,
    /// Everything that is wrong, in the store or with its key; empty if all is well.
    pub damage: Vec<Damage>,
}

/// Reads the store at `path` and changes nothing. Others may read it at the same time.
///
/// A store with missing or bad entries is read as far as it goes, and says what is wrong.
///
/// # Errors
/// [`StoreError`]: it is open for writing, no store, or its pages are damaged.
pub fn read(path: &Path) -> Result<Loaded, StoreError> {
    contents(path).map(|contents| contents.loaded)
}

/// Checks everything about the store at `path`, and changes nothing: the checksum of every page,
/// every entry, every chain's hashes up to its seal, every seal, every record, every document, the
/// key beside it.
///
/// # Errors
/// [`StoreError`]: it is open for writing, or no store. Damage is no error here but the result.
pub fn verify(path: &Path) -> Result<Report, StoreError> {
    let Contents { loaded, writers, .. } = match contents(path) {
        Err(StoreError::Damaged { first, .. }) => {
            return Ok(Report { loaded: None, damage: vec![*first] });
        }
        contents => contents?,
    };
    let key_path = key::path_of(path);
    let key = key::read(&key_path)
        .and_then(|key| key.map_or(Ok(()), |key| check_key(&key, &writers, path, &key_path)));
    let mut damage = loaded.damage.clone();
    damage.extend(key.err().map(|e| Damage::Key { path: key_path, why: e.to_string() }));
    Ok(Report { loaded: Some(loaded), damage })
}

/// Writes a copy of the store at `path` to `to`, without the key.
///
/// # Errors
/// [`StoreError::AlreadyExists`], and as [`read`]; `to` is whole or not there.
pub fn backup(path: &Path, to: &Path) -> Result<(), StoreError> {
    refuse_existing(to)?;
    let (db, _hold) = database::open(database::file(path, Access::Read)?, Access::Read, path)?;
    copy(&db, path, to)
}

/// Creates a store at `to` from a backup, or from any store that can be read. It gets a new key and
/// goes on as a new writer, because nobody knows which numbers the old one has issued since.
///
/// If a key lies at `to`, left from a store that was lost, it is returned, so that the caller can
/// have it sign for the new writer, and its file is kept under another name. Of chains that miss
/// entries, those before are brought back.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if something is at `to`; [`StoreError::Damaged`] if entries of the
/// source were altered; as [`read`].
pub fn restore(from: &Path, to: &Path) -> Result<Opened, StoreError> {
    refuse_existing(to)?;
    let loaded = read(from)?;
    let missing = |damage: &Damage| matches!(damage, Damage::MissingEntries { .. });
    if !loaded.damage.iter().all(missing) {
        let worst = loaded.damage.into_iter().filter(|damage| !missing(damage)).collect();
        return Err(StoreError::damaged(from, worst));
    }
    let key_path = key::path_of(to);
    // A key that cannot be read is kept as well; it cannot sign, that is all.
    let old_key = match key::read(&key_path) {
        Err(StoreError::NotAKey { .. }) => None,
        key => key?,
    };
    let kept_at = match refuse_existing(&key_path) {
        Ok(()) => None,
        Err(_) => Some(key::keep_aside(&key_path, old_key.as_ref().map(|key| key.writer()))?),
    };
    let key = key::new(None)?;
    let writer = key.writer();
    // The store first: if this stops here, the old key does not fit it, and is not used.
    write_new(to, Data::from(&loaded), writer)?;
    key::replace(&key_path, &key)?;
    let mut opened = Store::open(to)?;
    if let Some(member) = &loaded.member {
        opened.store.set_member(member)?;
    }
    let before = old_key.as_ref().map(|key| key.writer()).or(loaded.writer);
    let new_writer = Some(NewWriter { writer, before, old_key, kept_at });
    let Loaded { member, damage: lost, .. } = loaded;
    Ok(Opened { new_writer, member, lost, ..opened })
}

/// Copies every row but the names of the writers, whose keys the copy does not get.
pub(crate) fn copy(db: &Database, path: &Path, to: &Path) -> Result<(), StoreError> {
    refuse_existing(to)?;
    let source = database::begin_read(db, path)?;
    let (draft, file) = Draft::beside(to)?;
    let backend =
        redb::backends::FileBackend::new(file).map_err(StoreError::opening(draft.path()))?;
    let target = database::create(backend, &[], draft.path())?;
    let write = || {
        let txn = database::begin(&target)?;
        copy_rows(&source, &txn, META)?;
        copy_rows(&source, &txn, PROFILES)?;
        copy_rows(&source, &txn, CHAINS)?;
        copy_rows(&source, &txn, ENTRIES)?;
        copy_rows(&source, &txn, LEFT_BEHIND)?;
        for records in [RECORDS, KEPT, HELD] {
            copy_rows(&source, &txn, records)?;
        }
        copy_rows(&source, &txn, SHEETS)?;
        copy_rows(&source, &txn, SHEETS_LEFT_BEHIND)?;
        txn.open_table(META)?.insert("writers", encode_writers(&[]).as_slice())?;
        Ok::<_, redb::Error>(txn.commit()?)
    };
    write().map_err(StoreError::redb(draft.path()))?;
    drop(target);
    draft.publish(to)
}

fn copy_rows<K: Key + 'static, V: Value + 'static>(
    source: &ReadTransaction,
    target: &redb::WriteTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<(), redb::Error> {
    let mut copy = target.open_table(table)?;
    let Some(source) = database::table_since(source, table)? else { return Ok(()) };
    for row in source.iter()? {
        let (key, value) = row?;
        copy.insert(key.value(), value.value())?;
    }
    Ok(())
}

fn contents(path: &Path) -> Result<Contents, StoreError> {
    let (db, _hold) = database::open(database::file(path, Access::Read)?, Access::Read, path)?;
    load::load(&db, path)
}
