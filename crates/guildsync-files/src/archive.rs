//! Archives: everything a replica holds, in a form that people can read and programs can verify.
//!
//! An [`Archive`] carries every profile with its id and kind, every chain with its seal and its place
//! in a fork, every entry of every kind, the active profile and what deleted profiles left behind;
//! no key. It is written as JSON, CSV or Lua ([`Form`]) and reads back to the same state hash. Times
//! and points are there as people write them; what is exact is beside them.
//!
//! Reading trusts nothing: each chain goes through [`Log::accept`](guildsync_log::Log::accept), and
//! the state hash must be the one that was written.
//!
//! ```
//! use guildsync_files::archive::{Archive, Form};
//! use guildsync_log::Profiles;
//!
//! let profiles = Profiles::default();
//! let mut file = Vec::new();
//! Archive::of(&profiles).write(Form::Json, &mut file)?;
//! let restored = Archive::read(Form::Json, &file[..])?.restore()?;
//! assert_eq!(restored.state_hash(), profiles.state_hash());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeSet;
use std::io::{Read, Write};

use guildsync_log::{Log, ProfileKind, Profiles, Segment};
use guildsync_types::WriterId;
use guildsync_wire::lua::{LuaError, PrintError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

mod draft;
mod json;
mod restore;
mod saved;
mod sheet;

pub use draft::ArchivedEntry;
pub use restore::RestoreError;
pub(crate) use saved::GLOBAL;
pub use sheet::COLUMNS;

use crate::input::InputError;

/// The three forms of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One JSON object.
    Json,
    /// One table; [`COLUMNS`] says what its columns hold.
    Csv,
    /// SavedVariables: the global `GuildSyncDB`. At most about 300,000 entries.
    Lua,
}

/// Everything a replica holds, as text and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// [`Archive::FORMAT`].
    pub format: String,
    /// [`Archive::VERSION`].
    #[serde(with = "draft::number")]
    pub version: u32,
    /// The state hash of what is in it.
    pub state_hash: String,
    /// The active profile's id.
    pub active: String,
    /// All profiles, by id.
    pub profiles: Vec<ArchivedProfile>,
    /// What deleted profiles held.
    #[serde(default)]
    pub deleted: Vec<Deleted>,
}

/// A profile and its chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedProfile {
    /// Its id.
    pub profile: String,
    /// `open` or `owned`.
    pub kind: String,
    /// An owned profile's first owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// The label it began with.
    pub name: String,
    /// The label it has: for people.
    #[serde(default)]
    pub label: String,
    /// One a writer, by writer.
    pub chains: Vec<ArchivedChain>,
}

/// A writer's entries in a profile, under its newest seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedChain {
    /// Whose.
    pub writer: String,
    /// For a fork's branch: the writer that was forked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// For a fork's branch: the hash before its first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The number of the first entry: 1, or where a branch leaves.
    #[serde(with = "draft::number")]
    pub first: u64,
    /// The key that sealed it.
    pub seal_key: String,
    /// The hash of the last entry.
    pub seal_head: String,
    /// The signature.
    pub seal_signature: String,
    /// The entries, from `first` on.
    pub entries: Vec<ArchivedEntry>,
}

/// The last number of a writer in a deleted profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The profile.
    pub profile: String,
    /// The writer.
    pub writer: String,
    /// Its last entry.
    #[serde(with = "draft::number")]
    pub last: u64,
}

/// Why an archive was not read or written. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is no text.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It is no Lua data.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// It ends too early.
    #[error("line {line}: the file was cut off; get it again from where it was written")]
    Truncated {
        /// The last line.
        line: u64,
    },
    /// Something is missing or is not what it should be.
    #[error("{place}: {why}; export it again instead of editing it")]
    Shape {
        /// Line and column, or what is known of the place.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// Something else.
    #[error(
        "this is not a guildsync archive: {found}; choose a file that `guildsync export` wrote"
    )]
    NotAnArchive {
        /// What it is.
        found: String,
    },
    /// A later version's.
    #[error("the archive has version {version}, this program reads {known}: use a newer guildsync")]
    Newer {
        /// Its version.
        version: u32,
        /// Ours.
        known: u32,
    },
    /// More than the form can be read back with.
    #[error("{values} values are more than a Lua file may hold ({limit}): write JSON or CSV")]
    TooLarge {
        /// How many there are.
        values: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A value that Lua text cannot hold.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// Writing failed.
    #[error("writing failed: {why}")]
    Write {
        /// The system's words.
        why: String,
    },
}

impl Archive {
    /// What [`Archive::format`] says.
    pub const FORMAT: &str = "guildsync-archive";
    /// The version that is written.
    pub const VERSION: u32 = 1;

    /// Takes everything out of a replica's profiles.
    ///
    /// What waits (for a role, for entries before it) is not held yet and is not in it. A chain that
    /// has no seal, what is left of a damaged store, cannot be verified by anyone; it is left out, and
    /// [`Archive::unsealed`] names it. The state hash is then that of the rest.
    #[must_use]
    pub fn of(profiles: &Profiles) -> Self {
        let mut archive = Self {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            state_hash: profiles.state_hash().to_string(),
            active: profiles.active_id().to_string(),
            profiles: profiles.iter().map(ArchivedProfile::of).collect(),
            deleted: Vec::new(),
        };
        for (profile, frontier) in profiles.left_behind() {
            archive.deleted.extend(frontier.iter().map(|(writer, last)| Deleted {
                profile: profile.to_string(),
                writer: writer.to_string(),
                last,
            }));
        }
        if archive.n_entries() < profiles.iter().map(Log::len).sum()
            && let Ok(rest) = archive.rebuild()
        {
            archive.state_hash = rest.state_hash().to_string();
        }
        archive
    }

    /// The chains without a seal, which no archive carries: profile label, writer and entries.
    #[must_use]
    pub fn unsealed(profiles: &Profiles) -> Vec<(String, WriterId, usize)> {
        let mut unsealed = Vec::new();
        for log in profiles.iter() {
            for writer in writers(log) {
                if log.segment(writer, 1).is_none() {
                    let n = log.entries().filter(|entry| entry.id.writer == writer).count();
                    unsealed.push((log.label().to_owned(), writer, n));
                }
            }
        }
        unsealed
    }

    /// How many entries it holds.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        let chains = self.profiles.iter().flat_map(|profile| &profile.chains);
        chains.map(|chain| chain.entries.len()).sum()
    }

    /// Writes it in one of its forms.
    ///
    /// # Errors
    /// More than the form can hold, or the writer's failure.
    pub fn write(&self, form: Form, writer: impl Write) -> Result<(), ArchiveError> {
        match form {
            Form::Json => json::write(self, writer),
            Form::Csv => sheet::write(self, writer),
            Form::Lua => saved::write(self, writer),
        }
    }

    /// Reads one of its forms. What it says is verified when it is restored or merged.
    ///
    /// # Errors
    /// No archive, one of a later version, or one that was damaged.
    pub fn read(form: Form, reader: impl Read) -> Result<Self, ArchiveError> {
        match form {
            Form::Json => json::read(reader),
            Form::Csv => sheet::read(reader),
            Form::Lua => saved::read(reader),
        }
    }

    pub(crate) fn of_globals(
        globals: &[(String, guildsync_wire::lua::Value)],
    ) -> Result<Self, ArchiveError> {
        saved::of_globals(globals)
    }
}

impl ArchivedProfile {
    fn of(log: &Log) -> Self {
        let profile = log.profile();
        let (kind, creator) = match profile.kind {
            ProfileKind::Open => ("open", None),
            ProfileKind::Owned { creator } => ("owned", Some(creator.to_string())),
        };
        let segments = writers(log).into_iter().filter_map(|writer| log.segment(writer, 1));
        Self {
            profile: profile.id.to_string(),
            kind: kind.to_owned(),
            creator,
            name: profile.name.as_str().to_owned(),
            label: log.label().to_owned(),
            chains: segments.map(|segment| ArchivedChain::of(&segment)).collect(),
        }
    }
}

impl ArchivedChain {
    fn of(segment: &Segment) -> Self {
        let entries = (segment.first..).zip(&segment.drafts);
        Self {
            writer: segment.writer.to_string(),
            root: segment.branch.map(|branch| branch.root.to_string()),
            base: segment.branch.map(|branch| branch.base.to_string()),
            first: segment.first,
            seal_key: segment.seal.key.to_string(),
            seal_head: segment.seal.head.to_string(),
            seal_signature: segment.seal.signature.to_string(),
            entries: entries.map(|(seq, draft)| ArchivedEntry::of(seq, draft)).collect(),
        }
    }
}

/// Every writer of a log, those too that an owned profile's frontier leaves out.
fn writers(log: &Log) -> BTreeSet<WriterId> {
    log.entries().map(|entry| entry.id.writer).collect()
}

/// Whether the head of a JSON object or of a table is an archive's, of a version that is known.
fn check_version(format: Option<&str>, version: Option<u32>) -> Result<(), ArchiveError> {
    if format != Some(Archive::FORMAT) {
        let found = match format {
            Some(format) => format!("its format is {format:?}"),
            None => "it has no format".to_owned(),
        };
        return Err(ArchiveError::NotAnArchive { found });
    }
    match version {
        Some(version) if version > Archive::VERSION => {
            Err(ArchiveError::Newer { version, known: Archive::VERSION })
        }
        _ => Ok(()),
    }
}
