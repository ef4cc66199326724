//! Damage: what is wrong with a store's contents, each thing named so that a person can act on it.

use std::fmt;
use std::path::PathBuf;

use guildsync_sections::DocumentId;
use guildsync_types::{ProfileId, WriterId};

/// Which chain: the entries of one writer in one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The profile.
    pub profile: ProfileId,
    /// The label that its row gives it.
    pub label: String,
    /// The writer.
    pub writer: WriterId,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "writer {} in profile {:?}", self.writer, self.label)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The file's pages do not hold together: redb's own checksums fail.
    Pages {
        /// What redb says.
        why: String,
    },
    /// A row of `meta` is missing or unreadable.
    Meta {
        /// The row.
        row: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A profile's row is unreadable.
    Profile {
        /// Whose row.
        profile: ProfileId,
        /// What is wrong with it.
        why: String,
    },
    /// Rows of a profile that has no row of its own.
    NoProfile {
        /// The profile.
        profile: ProfileId,
        /// How many entries it has.
        n_entries: u64,
    },
    /// A chain's row is missing or unreadable.
    Chain {
        /// Which chain.
        place: Place,
        /// What is wrong.
        why: String,
    },
    /// Entries that the chain's seal covers are not there.
    MissingEntries {
        /// Which chain.
        place: Place,
        /// The first missing number.
        first: u64,
        /// The last missing number.
        last: u64,
    },
    /// An entry does not decode.
    BadEntry {
        /// Which chain.
        place: Place,
        /// Its number.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Entries outside what the chain's row covers.
    Uncovered {
        /// Which chain.
        place: Place,
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// The seal is not the writer's.
    BadSeal {
        /// Which chain.
        place: Place,
        /// What is wrong with it.
        why: String,
    },
    /// Every entry is there, but their hashes do not end in the sealed head: one was altered.
    BrokenChain {
        /// Which chain.
        place: Place,
        /// The last entry, which the seal covers.
        last: u64,
        /// What does not fit.
        why: String,
    },
    /// A row of a table is unreadable, or holds another record than its key says.
    Record {
        /// Which row: the record that it should be, as far as that can be told.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// A document is unreadable, or lies under another document's id.
    Document {
        /// Whose row.
        document: DocumentId,
        /// What is wrong with it.
        why: String,
    },
    /// The key file does not go with the store.
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages { why } => write!(f, "the file's pages are damaged: {why}"),
            Self::Meta { row, why } => write!(f, "the store's {row:?} row is damaged: {why}"),
            Self::Profile { profile, why } => {
                write!(f, "the row of profile {profile} is damaged: {why}")
            }
            Self::NoProfile { profile, n_entries } => {
                write!(f, "{n_entries} entries belong to profile {profile}, which has no row")
            }
            Self::Chain { place, why } => write!(f, "the chain row of {place} is damaged: {why}"),
            Self::MissingEntries { place, first, last } if first == last => {
                write!(f, "entry {first} of {place} is missing")
            }
            Self::MissingEntries { place, first, last } => {
                write!(f, "entries {first} to {last} of {place} are missing")
            }
            Self::BadEntry { place, seq, why } => {
                write!(f, "entry {seq} of {place} is damaged: {why}")
            }
            Self::Uncovered { place, first, last } => {
                write!(f, "entries {first} to {last} of {place} are outside what its row covers")
            }
            Self::BadSeal { place, why } => write!(f, "the seal of {place} is not valid: {why}"),
            Self::BrokenChain { place, last, why } => {
                write!(f, "an entry up to {last} of {place} was altered: {why}")
            }
            Self::Record { row, why } => write!(f, "{row} is damaged: {why}"),
            Self::Document { document, why } => {
                write!(f, "the row of document {document} in \"sheets\" is damaged: {why}")
            }
            Self::Key { path, why } => write!(f, "the key file {}: {why}", path.display()),
        }
    }
}
