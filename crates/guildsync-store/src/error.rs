//! Why an operation on a store was refused or failed: what, which file, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use guildsync_types::WriterId;
use redb::{DatabaseError, StorageError};
use thiserror::Error;

use crate::damage::Damage;

/// Why an operation on a store was refused or failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing is there.
    #[error("there is no store at {}: create one with `guildsync init`", path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Something else is there.
    #[error("{} is not a guildsync store: {why}; check the path", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// A later guildsync wrote it.
    #[error(
        "{} was written by a newer guildsync (store version {found}, this one knows {known}): \
         update guildsync", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// Somebody else has it open.
    #[error(
        "{} is open already, in this program or another: close that one and try again",
        path.display()
    )]
    AlreadyOpen {
        /// The file.
        path: PathBuf,
    },
    /// Something is in the place where a new file should go.
    #[error("{} exists already and is not overwritten: choose another place", path.display())]
    AlreadyExists {
        /// The file in the way.
        path: PathBuf,
    },
    /// A key without its store is in the place where a new store should go.
    #[error(
        "the key {} lies here without its store: bring the store back with `guildsync restore`, \
         or move the key away", path.display()
    )]
    KeyInTheWay {
        /// The key file.
        path: PathBuf,
    },
    /// Its contents are damaged.
    #[error(
        "{} is damaged and was left as it is: {first}{}; see all of it with `guildsync verify`, \
         then `guildsync restore` a backup", path.display(), and_more(*n_more)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first thing that is wrong.
        first: Box<Damage>,
        /// How many more things are wrong.
        n_more: usize,
    },
    /// The key file holds no key.
    #[error(
        "the key file {} holds {len} bytes instead of 32: put the right one back, or move it away \
         to go on as a new writer", path.display()
    )]
    NotAKey {
        /// The key file.
        path: PathBuf,
        /// How long it is.
        len: usize,
    },
    /// The key is another store's.
    #[error(
        "the key {} is of writer {}, this store is of writer {}: put the right one back, or move \
         it away to go on as a new writer", path.display(), found.short(), wanted.short()
    )]
    ForeignKey {
        /// The key file.
        path: PathBuf,
        /// Whose key it is.
        found: WriterId,
        /// Whose key is wanted.
        wanted: WriterId,
    },
    /// A key lies beside a backup, whose entries may be older than those that the key has sealed.
    #[error(
        "{} is a backup, and the key {} may have sealed more than it holds: use `guildsync restore`",
        path.display(), key.display()
    )]
    KeyBesideBackup {
        /// The backup.
        path: PathBuf,
        /// The key file.
        key: PathBuf,
    },
    /// The system refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// redb failed.
    #[error("the store {} failed: {source}; open it again", path.display())]
    Storage {
        /// The store.
        path: PathBuf,
        /// What redb said.
        source: Box<redb::Error>,
    },
    /// An earlier commit failed, so nobody knows what is on disk.
    #[error("the store {} takes nothing more since a write failed: open it again", path.display())]
    Poisoned {
        /// The store.
        path: PathBuf,
    },
    /// The system gave no randomness for a key.
    #[error("the system gave no random bytes for a new key: {0}")]
    NoRandomness(String),
}

impl StoreError {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Self::AlreadyExists { path },
            _ => Self::Io { what, path, source },
        }
    }

    /// A failure of redb while a store was read or written.
    pub(crate) fn redb<E: Into<redb::Error>>(path: &Path) -> impl FnOnce(E) -> Self {
        let path = path.to_owned();
        move |error| match error.into() {
            redb::Error::Io(source) => Self::Io { what: "read or write", path, source },
            redb::Error::Corrupted(why) => Self::damaged(&path, vec![Damage::Pages { why }]),
            source => Self::Storage { path, source: Box::new(source) },
        }
    }

    /// A refusal of redb to open a file.
    pub(crate) fn opening(path: &Path) -> impl FnOnce(DatabaseError) -> Self {
        let path = path.to_owned();
        move |error| match error {
            DatabaseError::DatabaseAlreadyOpen => Self::AlreadyOpen { path },
            DatabaseError::UpgradeRequired(version) => {
                let why = format!("its redb format {version} was never used for one");
                Self::NotAStore { path, why }
            }
            DatabaseError::Storage(StorageError::Io(source))
                if source.kind() == io::ErrorKind::UnexpectedEof =>
            {
                let why = "the file ends too early".to_owned();
                Self::damaged(&path, vec![Damage::Pages { why }])
            }
            DatabaseError::Storage(StorageError::Io(source))
                if source.kind() == io::ErrorKind::InvalidData =>
            {
                Self::NotAStore { path, why: "it is no redb file".to_owned() }
            }
            error => Self::redb(&path)(error),
        }
    }

    /// The refusal of a store with this damage, of which there is some.
    pub(crate) fn damaged(path: &Path, damage: Vec<Damage>) -> Self {
        let n_more = damage.len().saturating_sub(1);
        let why = || "unknown".to_owned();
        let first = damage.into_iter().next().unwrap_or_else(|| Damage::Pages { why: why() });
        Self::Damaged { path: path.to_owned(), first: Box::new(first), n_more }
    }
}

fn and_more(n_more: usize) -> String {
    match n_more {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    }
}
