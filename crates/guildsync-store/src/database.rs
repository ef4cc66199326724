//! Opening redb with care: nothing is written before the whole store was looked at.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use guildsync_tables::Saved;
use guildsync_types::{MemberName, ProfileId, WriterId};
use redb::backends::FileBackend;
use redb::{
    Builder, Database, Durability, Key, ReadOnlyTable, ReadTransaction, ReadableDatabase,
    StorageBackend, TableDefinition, TableError, Value, WriteTransaction,
};

use crate::damage::Damage;
use crate::error::StoreError;
use crate::hold::{Access, Held, Hold, Trust};
use crate::layout::{
    CHAINS, ENTRIES, HELD, KEPT, LEFT_BEHIND, MAGIC, META, PROFILES, RECORDS, SHEETS,
    SHEETS_LEFT_BEHIND, VERSION, VERSION_MIN, decode_writers, encode_writers,
};

/// How much of a file redb may keep in memory: replay holds the entries anyway.
const CACHE_BYTES: usize = 64 << 20;
/// How every redb file begins.
const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// The readable rows of `meta`.
#[derive(Debug)]
pub(crate) struct Meta {
    pub(crate) active: Option<ProfileId>,
    pub(crate) writers: Option<Vec<WriterId>>,
    pub(crate) member: Option<MemberName>,
    /// Nothing where there is no such row; if it cannot be read, why.
    pub(crate) table_sync: Result<Saved, String>,
    /// The same of section sync.
    pub(crate) section_sync: Result<guildsync_sections::Saved, String>,
}

/// The backend of the file at `path`, which begins as a redb file does.
pub(crate) fn file(path: &Path, access: Access) -> Result<FileBackend, StoreError> {
    let not_a_store = |why: &str| StoreError::NotAStore { path: path.to_owned(), why: why.into() };
    let found = match fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::NotFound { path: path.to_owned() });
        }
        found => found.map_err(StoreError::io("look at", path))?,
    };
    if !found.is_file() {
        return Err(not_a_store(if found.is_dir() { "it is a folder" } else { "it is no file" }));
    }
    let mut options = OpenOptions::new();
    let options = options.read(true).write(access == Access::Write);
    let mut file = options.open(path).map_err(StoreError::io("open", path))?;
    let mut begin = Vec::new();
    let n = REDB_MAGIC.len() as u64;
    (&mut file).take(n).read_to_end(&mut begin).map_err(StoreError::io("read", path))?;
    match begin.as_slice() {
        [] => Err(not_a_store("it is empty")),
        begin if begin != REDB_MAGIC => Err(not_a_store("it begins like some other file")),
        _ => FileBackend::new(file).map_err(StoreError::opening(path)),
    }
}

/// Opens what is in `backend`, which is a redb file, after a check of all its pages. Nothing is
/// written until the [`Hold`] is released; a reader's never is.
pub(crate) fn open(
    backend: impl StorageBackend,
    access: Access,
    path: &Path,
) -> Result<(Database, Hold), StoreError> {
    let backend: Arc<dyn StorageBackend> = Arc::new(backend);
    let open = |trust| {
        let (held, hold) = Held::new(backend.clone(), access, trust);
        let opened = Builder::new().set_cache_size(CACHE_BYTES).create_with_backend(held);
        Ok((opened.map_err(StoreError::opening(path))?, hold))
    };
    let checked = match open(Trust::Nothing) {
        Ok(checked) => checked,
        Err(error) => {
            // Closing the file would unlock it, too, but not before a child process that is being
            // started closes its copy.
            let _ = backend.close();
            return Err(error);
        }
    };
    match access {
        Access::Read => Ok(checked),
        Access::Write => {
            drop(checked);
            open(Trust::Checked)
        }
    }
}

/// A new database in `backend`, with every table.
pub(crate) fn create(
    backend: impl StorageBackend,
    writers: &[WriterId],
    path: &Path,
) -> Result<Database, StoreError> {
    let created = Builder::new().set_cache_size(CACHE_BYTES).create_with_backend(backend);
    let db = created.map_err(StoreError::opening(path))?;
    let write = || -> Result<(), redb::Error> {
        let txn = begin(&db)?;
        {
            let mut meta = txn.open_table(META)?;
            meta.insert("magic", MAGIC)?;
            meta.insert("version", VERSION.to_le_bytes().as_slice())?;
            meta.insert("writers", encode_writers(writers).as_slice())?;
            txn.open_table(PROFILES)?;
            txn.open_table(CHAINS)?;
            txn.open_table(ENTRIES)?;
            txn.open_table(LEFT_BEHIND)?;
            for records in [RECORDS, KEPT, HELD] {
                txn.open_table(records)?;
            }
            txn.open_table(SHEETS)?;
            txn.open_table(SHEETS_LEFT_BEHIND)?;
        }
        Ok(txn.commit()?)
    };
    write().map_err(StoreError::redb(path))?;
    Ok(db)
}

/// Begins a transaction whose commit returns when it is on disk.
pub(crate) fn begin(db: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut txn = db.begin_write()?;
    txn.set_durability(Durability::Immediate)?;
    // In one phase, a damaged newest commit looks like one that a crash has torn, and redb goes back
    // to the one before it in silence: acknowledged entries would be lost and their numbers issued
    // again. In two phases the newest commit is known to be whole, so its damage is an error.
    txn.set_two_phase_commit(true);
    Ok(txn)
}

/// Begins to read a store of a version that is known here.
pub(crate) fn begin_read(db: &Database, path: &Path) -> Result<ReadTransaction, StoreError> {
    let txn = db.begin_read().map_err(StoreError::redb(path))?;
    let other = || {
        let why = "it is some other program's redb file".to_owned();
        StoreError::NotAStore { path: path.to_owned(), why }
    };
    let meta = match txn.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::Storage(error)) => return Err(StoreError::redb(path)(error)),
        Err(_) => return Err(other()),
    };
    let row = |name| meta.get(name).map_err(StoreError::redb(path));
    if row("magic")?.is_none_or(|magic| magic.value() != MAGIC) {
        return Err(other());
    }
    let version = row("version")?.and_then(|v| v.value().try_into().ok()).map(u32::from_le_bytes);
    match version {
        Some(VERSION_MIN..=VERSION) => Ok(txn),
        Some(found) if found > VERSION => {
            Err(StoreError::Newer { path: path.to_owned(), found, known: VERSION })
        }
        _ => {
            let why = "there is no such version".to_owned();
            Err(StoreError::damaged(path, vec![Damage::Meta { row: "version", why }]))
        }
    }
}

/// A table that stores of an older version do not have.
pub(crate) fn table_since<K: Key + 'static, V: Value + 'static>(
    txn: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<Option<ReadOnlyTable<K, V>>, redb::Error> {
    match txn.open_table(table) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads the rest of `meta`; what is not there shows as `None`.
pub(crate) fn meta(txn: &ReadTransaction) -> Result<Meta, redb::Error> {
    let table = txn.open_table(META)?;
    let active = table.get("active")?.and_then(|id| id.value().try_into().ok()).map(ProfileId);
    let writers = table.get("writers")?.and_then(|ids| decode_writers(ids.value()));
    // A member is a convenience: what is no name is as good as none.
    let name = |name: redb::AccessGuard<'_, &[u8]>| {
        std::str::from_utf8(name.value()).ok().and_then(|name| MemberName::from_entry(name).ok())
    };
    let member = table.get("member")?.and_then(name);
    let table_sync = kept(&table, "table_sync", Saved::decode)?;
    let section_sync = kept(&table, "section_sync", guildsync_sections::Saved::decode)?;
    Ok(Meta { active, writers, member, table_sync, section_sync })
}

/// What a sync keeps in a row of `meta`: nothing where there is no such row; if it cannot be read, why.
fn kept<T: Default, E: Display>(
    meta: &ReadOnlyTable<&'static str, &'static [u8]>,
    row: &str,
    decode: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Result<Result<T, String>, redb::Error> {
    let Some(saved) = meta.get(row)? else { return Ok(Ok(T::default())) };
    Ok(decode(saved.value()).map_err(|why| why.to_string()))
}

/// Says whose replica this is, in a transaction of its own.
pub(crate) fn set_member(db: &Database, member: &MemberName) -> Result<(), redb::Error> {
    let txn = begin(db)?;
    txn.open_table(META)?.insert("member", member.as_str().as_bytes())?;
    Ok(txn.commit()?)
}

/// Writes whose key may lie beside the store, in a transaction of its own.
pub(crate) fn set_writers(db: &Database, writers: &[WriterId]) -> Result<(), redb::Error> {
    let txn = begin(db)?;
    txn.open_table(META)?.insert("writers", encode_writers(writers).as_slice())?;
    Ok(txn.commit()?)
}
