//! The store itself: one writer of one file, with the key that seals what it writes.

use std::path::{Path, PathBuf};

use guildsync_log::Profiles;
use guildsync_sections::Shelf;
use guildsync_tables::{Saved, Tables};
use guildsync_types::{MemberName, SecretKey, WriterId};
use redb::{Database, StorageBackend};

use crate::damage::Damage;
use crate::database;
use crate::error::StoreError;
use crate::folder::{Draft, refuse_existing};
use crate::hold::{Access, Hold};
use crate::key;
use crate::load::{self, Contents, Known, Loaded};
use crate::save::{self, Data};

/// A store that is open for writing, by nobody else. Dropping it closes it.
#[derive(Debug)]
pub struct Store {
    db: Database,
    path: PathBuf,
    key: SecretKey,
    /// Where the key lies; `None` for a store in a backend, which has no folder.
    key_path: Option<PathBuf>,
    known: Known,
    poisoned: bool,
}

/// An opened store, what it holds, and what happened on opening.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The logs that it holds.
    pub profiles: Profiles,
    /// The tables that it holds.
    pub tables: Tables,
    /// What table sync keeps from run to run.
    pub table_sync: Saved,
    /// The assignment sheets that it holds.
    pub shelf: Shelf,
    /// What section sync keeps from run to run.
    pub section_sync: guildsync_sections::Saved,
    /// The member whose replica this is, if that was said ([`Store::set_member`]).
    pub member: Option<MemberName>,
    /// Set if the store goes on as another writer than the one it was: its key was missing, or it
    /// was restored. People are told.
    pub new_writer: Option<NewWriter>,
    /// What a restore could not bring back, because it was missing from its source. Other members
    /// may still have it.
    pub lost: Vec<Damage>,
}

/// A store goes on as a new writer.
#[derive(Debug)]
pub struct NewWriter {
    /// Who it is now.
    pub writer: WriterId,
    /// Who it was, where that is known.
    pub before: Option<WriterId>,
    /// The old writer's key, where it is at hand: it can sign that the new writer goes on for the
    /// old one (`Change::Continues`).
    pub old_key: Option<SecretKey>,
    /// Where the old key file is kept.
    pub kept_at: Option<PathBuf>,
}

impl Store {
    /// Creates a store at `path`, with the open profile "Default" and a new key: random, or from
    /// `seed`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] and [`StoreError::KeyInTheWay`]: nothing is overwritten.
    pub fn create(path: &Path, seed: Option<[u8; 32]>) -> Result<Opened, StoreError> {
        refuse_existing(path)?;
        let key_path = key::path_of(path);
        match refuse_existing(&key_path) {
            Err(StoreError::AlreadyExists { path }) => {
                return Err(StoreError::KeyInTheWay { path });
            }
            other => other?,
        }
        let key = key::new(seed)?;
        write_new(path, Data::from(&Profiles::default()), key.writer())?;
        key::create(&key_path, &key)?;
        Self::open(path)
    }

    /// Opens the store at `path` for writing. If its key is missing, it gets a new one and goes on as
    /// a new writer, and says so.
    ///
    /// # Errors
    /// [`StoreError`] says what is in the way; nothing on disk was changed then.
    pub fn open(path: &Path) -> Result<Opened, StoreError> {
        let file = database::file(path, Access::Write)?;
        let (db, hold, contents) = open_sound(file, path)?;
        let key_path = key::path_of(path);
        let writers = contents.writers.clone();
        let before = writers.last().copied();
        let found = key::read(&key_path)?;
        if let Some(key) = &found {
            check_key(key, &writers, path, &key_path)?;
        }
        let is_new = found.is_none();
        let key = found.map_or_else(|| key::new(None), Ok)?;
        let mut opened = Self::put_together(db, hold, contents, key, path)?;
        if is_new {
            let writer = opened.store.key.writer();
            // Both, until the key file is there: a crash between the two must not lock anyone out.
            let both: Vec<_> = before.into_iter().chain([writer]).collect();
            database::set_writers(&opened.store.db, &both).map_err(StoreError::redb(path))?;
            key::create(&key_path, &opened.store.key)?;
            opened.new_writer = Some(NewWriter { writer, before, old_key: None, kept_at: None });
        }
        opened.store.key_path = Some(key_path);
        Ok(opened)
    }

    /// Creates a store in a backend of redb's, with the caller's key.
    ///
    /// This and [`Store::open_with_backend`] are the seam for faults: a backend can lose what was not
    /// synced, or fail. The key lies nowhere but with the caller.
    ///
    /// # Errors
    /// [`StoreError`], if the backend fails.
    pub fn create_with_backend(
        backend: impl StorageBackend,
        key: SecretKey,
    ) -> Result<Opened, StoreError> {
        let path = PathBuf::from("(backend)");
        let db = database::create(backend, &[key.writer()], &path)?;
        let profiles = Profiles::default();
        let (key_path, known) = (None, Known::nothing());
        let mut store = Self { db, path, key, key_path, known, poisoned: false };
        store.commit(&profiles)?;
        Ok(Opened {
            store,
            profiles,
            tables: Tables::new(),
            table_sync: Saved::default(),
            shelf: Shelf::default(),
            section_sync: guildsync_sections::Saved::default(),
            member: None,
            new_writer: None,
            lost: Vec::new(),
        })
    }

    /// Opens the store in a backend of redb's, with its key.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with_backend(
        backend: impl StorageBackend,
        key: SecretKey,
    ) -> Result<Opened, StoreError> {
        let path = Path::new("(backend)");
        let (db, hold, contents) = open_sound(backend, path)?;
        check_key(&key, &contents.writers, path, Path::new("(given)"))?;
        Self::put_together(db, hold, contents, key, path)
    }

    /// Makes durable, in one transaction, everything that `data` holds and the file does not: entries,
    /// chains that a fork has rewritten, new and deleted profiles, which one is active; records;
    /// documents, each whole; what table sync and section sync keep. Given the logs alone
    /// (`&Profiles`), the tables and the sheets stay as they are on disk.
    ///
    /// Returns when it is on disk. Only then may anything in it be acknowledged or sent.
    ///
    /// # Errors
    /// [`StoreError`]: it is not known what reached the disk. The store takes no further commit
    /// ([`StoreError::Poisoned`]); open it again, which shows what it holds.
    pub fn commit<'a>(&mut self, data: impl Into<Data<'a>>) -> Result<(), StoreError> {
        let data = data.into();
        self.refuse_if_poisoned()?;
        self.poisoned = true;
        let write = || {
            let txn = database::begin(&self.db)?;
            let written = save::save(&txn, &self.known, data, self.key.writer())?;
            match written.is_nothing() {
                true => txn.abort()?,
                false => txn.commit()?,
            }
            Ok::<_, redb::Error>(written)
        };
        write().map_err(StoreError::redb(&self.path))?.note_in(&mut self.known);
        self.poisoned = false;
        Ok(())
    }

    /// Says whose replica this is: entries that people append here are theirs. Durable on return.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn set_member(&mut self, member: &MemberName) -> Result<(), StoreError> {
        self.refuse_if_poisoned()?;
        self.poisoned = true;
        database::set_member(&self.db, member).map_err(StoreError::redb(&self.path))?;
        self.poisoned = false;
        Ok(())
    }

    /// A new key for this store: random, or from `seed`. Nothing changes until
    /// [`Store::replace_key`].
    ///
    /// # Errors
    /// [`StoreError::NoRandomness`].
    pub fn new_key(&self, seed: Option<[u8; 32]>) -> Result<SecretKey, StoreError> {
        key::new(seed)
    }

    /// Goes on as a new writer: replaces the key with `new`, and returns the old one.
    ///
    /// The old key is gone then. What it has to sign (`Change::Continues`, which the new key appends)
    /// is to be committed before, so that a crash leaves either the old key or what it signed.
    ///
    /// # Errors
    /// [`StoreError`], after which the store has to be opened again.
    pub fn replace_key(&mut self, new: SecretKey) -> Result<SecretKey, StoreError> {
        self.refuse_if_poisoned()?;
        self.poisoned = true;
        let both = [self.key.writer(), new.writer()];
        database::set_writers(&self.db, &both).map_err(StoreError::redb(&self.path))?;
        if let Some(path) = &self.key_path {
            key::replace(path, &new)?;
        }
        // With the new key in place the old one no longer fits.
        database::set_writers(&self.db, &both[1..]).map_err(StoreError::redb(&self.path))?;
        self.poisoned = false;
        Ok(std::mem::replace(&mut self.key, new))
    }

    /// [`Store::new_key`] and [`Store::replace_key`] in one: for who has nothing to hand over.
    ///
    /// # Errors
    /// As both.
    pub fn rotate_key(&mut self, seed: Option<[u8; 32]>) -> Result<SecretKey, StoreError> {
        self.refuse_if_poisoned()?;
        let new = self.new_key(seed)?;
        self.replace_key(new)
    }

    /// Writes a copy of the store to `to`, as of the last commit, without the key.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] and failures to write; `to` is whole or not there.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        crate::files::copy(&self.db, &self.path, to)
    }

    /// The key that seals what this store's replica appends.
    #[must_use]
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Where the store is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets redb write, now that the store is accepted.
    fn put_together(
        db: Database,
        hold: Hold,
        contents: Contents,
        key: SecretKey,
        path: &Path,
    ) -> Result<Opened, StoreError> {
        hold.release().map_err(StoreError::io("write", path))?;
        let Contents { loaded, known, .. } = contents;
        let path = path.to_owned();
        let store = Self { db, path, key, key_path: None, known, poisoned: false };
        let Loaded { profiles, tables, table_sync, shelf, section_sync, member, .. } = loaded;
        Ok(Opened {
            store,
            profiles,
            tables,
            table_sync,
            shelf,
            section_sync,
            member,
            new_writer: None,
            lost: Vec::new(),
        })
    }

    fn refuse_if_poisoned(&self) -> Result<(), StoreError> {
        match self.poisoned {
            true => Err(StoreError::Poisoned { path: self.path.clone() }),
            false => Ok(()),
        }
    }
}

/// Writes a whole new store to `path`, where nothing may be; its key is the caller's to write.
pub(crate) fn write_new(path: &Path, data: Data<'_>, writer: WriterId) -> Result<(), StoreError> {
    let (draft, file) = Draft::beside(path)?;
    let backend =
        redb::backends::FileBackend::new(file).map_err(StoreError::opening(draft.path()))?;
    let db = database::create(backend, &[writer], draft.path())?;
    let write = || {
        let txn = database::begin(&db)?;
        save::save(&txn, &Known::nothing(), data, writer)?;
        Ok::<_, redb::Error>(txn.commit()?)
    };
    write().map_err(StoreError::redb(draft.path()))?;
    drop(db);
    draft.publish(path)
}

fn open_sound(
    backend: impl StorageBackend,
    path: &Path,
) -> Result<(Database, Hold, Contents), StoreError> {
    let (db, hold) = database::open(backend, Access::Write, path)?;
    let mut contents = load::load(&db, path)?;
    match contents.loaded.damage.is_empty() {
        true => Ok((db, hold, contents)),
        false => Err(StoreError::damaged(path, std::mem::take(&mut contents.loaded.damage))),
    }
}

/// Refuses a key that is not the store's: its writer would issue numbers that it used elsewhere.
pub(crate) fn check_key(
    key: &SecretKey,
    writers: &[WriterId],
    path: &Path,
    key_path: &Path,
) -> Result<(), StoreError> {
    let (found, key_path) = (key.writer(), key_path.to_owned());
    match writers.last() {
        None => Err(StoreError::KeyBesideBackup { path: path.to_owned(), key: key_path }),
        Some(_) if writers.contains(&found) => Ok(()),
        Some(&wanted) => Err(StoreError::ForeignKey { path: key_path, found, wanted }),
    }
}
