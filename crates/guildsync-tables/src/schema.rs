//! The seeds' schemas: what a record looks like in a file or in the addon's memory.
//!
//! Seed 004 gives every entry one frame and puts its fields in `data` ([`unified`]); seed 002 has rows
//! and items with everything side by side ([`flat`]); and seed 004 also says that existing tables must
//! stay as they are ([`as_is`]). A [`Record`](crate::Record) is the same whichever it was read from.
//!
//! A map of the code:
//! - `document`: whole documents, read and written: [`read`], [`write()`], [`detect`]
//! - [`unified`], [`flat`]: one entry each way; `names`: names that make room for each other
//! - [`as_is`]: changes put back into a document that otherwise stays untouched
//! - [`metadata`]: the two forms of the addon's index, made from the records
//! - [`arrays`]: number keys turned into arrays, where that is wanted

pub mod arrays;
pub mod as_is;
mod document;
mod error;
pub mod flat;
pub mod metadata;
mod names;
pub mod unified;

use std::fmt;

pub use document::{Reading, detect, read, write};
pub use error::{Fault, Place, SchemaError};

use crate::kind::TableKind;

/// Which schema a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Schema {
    /// Seed 004's entries: `{ id, tableType, guildName, lastUpdated, deleted, data }`.
    #[default]
    Unified,
    /// Seed 002's rows and items, with `pt_` and `gb_` before the roster's fields.
    Flat,
    /// Each entry as it is there, mixed too: what did not change is not touched.
    AsIs,
}

/// The field that says which version an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionField {
    /// `lastUpdated`.
    LastUpdated,
    /// `date`; `lastUpdated` is there only where it says something else.
    Date,
}

impl Schema {
    /// The version field of a table: `lastUpdated` everywhere in the unified schema, `date` for news,
    /// guild info and the calendar in the flat one. A new table written as it is becomes unified.
    #[must_use]
    pub fn version_field(self, table: TableKind) -> VersionField {
        match (self, table) {
            (Self::Flat, TableKind::News | TableKind::GuildInfo | TableKind::Calendar) => {
                VersionField::Date
            }
            _ => VersionField::LastUpdated,
        }
    }
}

impl VersionField {
    /// The field's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LastUpdated => "lastUpdated",
            Self::Date => "date",
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unified => "unified",
            Self::Flat => "flat",
            Self::AsIs => "as it is",
        })
    }
}
