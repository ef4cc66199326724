//! Why a sheet was not read or not written.

use guildsync_sections::{BodyError, LabelError};
use guildsync_wire::lua::{LuaError, PrintError};
use thiserror::Error;

use super::PackedError;
use crate::input::InputError;

/// Why a sheet was not read or not written. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SheetError {
    /// It is no text.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It is no Lua data: cut off, damaged, or code.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// It is no JSON, or no sheet in JSON.
    #[error("line {line}, column {column}: {why}: export the sheet again, or mend it there")]
    Json {
        /// Line from 1.
        line: usize,
        /// Column from 1, in bytes.
        column: usize,
        /// The reader's words.
        why: String,
    },
    /// A line of the table says something that cannot be.
    #[error("line {line}: {why}")]
    Csv {
        /// Line from 1.
        line: u64,
        /// What is wrong, and what to do.
        why: String,
    },
    /// It is something else.
    #[error(
        "there is no sheet in it (it holds {found}); expected TWRA.lua of SavedVariables, CSV with a \
         first column Section, or a sheet in JSON: choose such a file"
    )]
    NoSheet {
        /// What it holds.
        found: String,
    },
    /// A later version's.
    #[error("the sheet has version {version}, {known} is known: use a newer guildsync")]
    Newer {
        /// Its version.
        version: i64,
        /// The highest that is read.
        known: i64,
    },
    /// A title or a section's name that is none.
    #[error("{place}: {why}")]
    Name {
        /// Where: `the title`, `section 3`, `line 7`.
        place: String,
        /// What is wrong with it.
        why: LabelError,
    },
    /// A section that passes a limit.
    #[error("section \"{section}\": {why}")]
    Section {
        /// Its name.
        section: String,
        /// Which limit.
        why: BodyError,
    },
    /// More sections than a document has.
    #[error("the sheet has more than {limit} sections: split it in two")]
    TooMany {
        /// How many there may be.
        limit: usize,
    },
    /// A value of a kind that cannot stand there.
    #[error(
        "{place}: a {found} where {wanted} should be: open the sheet in the game, save it again"
    )]
    Shape {
        /// Where: `section 3, row 2, column 1`.
        place: String,
        /// The kind there is.
        found: &'static str,
        /// What was expected.
        wanted: &'static str,
    },
    /// A section that the addon received and has not unpacked, and that cannot be unpacked here.
    #[error(
        "section \"{section}\" is compressed ({why}): open the sheet in the game once, look at this \
         section, /reload, and read it again"
    )]
    Compressed {
        /// Its name.
        section: String,
        /// Why it was not unpacked here.
        why: PackedError,
    },
    /// A NUL byte, which CSV cannot hold.
    #[error("section \"{section}\" holds a NUL byte, which CSV cannot: write Lua or JSON")]
    Nul {
        /// Its name.
        section: String,
    },
    /// A value that Lua text cannot hold.
    #[error(transparent)]
    Print(#[from] PrintError),
}

impl SheetError {
    pub(super) fn unknown(text: &str) -> Self {
        let start: String = text.trim_start().chars().take(40).collect();
        Self::NoSheet { found: format!("{start:?}") }
    }
}
