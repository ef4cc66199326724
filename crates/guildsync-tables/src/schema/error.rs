//! Why an entry is no record, with the field named.

use std::fmt;

use guildsync_types::{StampError, TextError};
use guildsync_wire::lua::{Key, Value};
use thiserror::Error;

use crate::kind::{TableKind, UnknownTable};
use crate::record::RecordError;

/// An entry that is no record. It is left out and stays where it is; the others are read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {fault}")]
pub struct SchemaError {
    /// Which entry.
    pub place: Place,
    /// What is wrong with it.
    pub fault: Fault,
}

/// An entry's place, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Its table.
    pub table: Option<TableKind>,
    /// Its id, or the key that it is kept under: at most 96 characters of it.
    pub id: Option<String>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is no table.
    #[error("it is a {found}, an entry is a table")]
    NotATable {
        /// What it is.
        found: &'static str,
    },
    /// A field that has to be there.
    #[error("the field {field:?} is missing")]
    Missing {
        /// Its name.
        field: String,
    },
    /// A field that holds something else.
    #[error("the field {field:?} is a {found}, it has to be {wanted}")]
    Kind {
        /// Its name.
        field: String,
        /// What it should hold.
        wanted: &'static str,
        /// What it holds.
        found: &'static str,
    },
    /// A table's name that is none.
    #[error("the field {field:?}: {why}")]
    Table {
        /// The field's name.
        field: String,
        /// What was said.
        why: UnknownTable,
    },
    /// An id or a guild's name that is none.
    #[error("the field {field:?}: {why}")]
    Text {
        /// Its name.
        field: String,
        /// What is wrong.
        why: TextError,
    },
    /// A time that is none.
    #[error("the field {field:?}: {why}")]
    Time {
        /// Its name.
        field: String,
        /// What is wrong.
        why: StampError,
    },
    /// A key that is no name where fields have names.
    #[error("it has an entry under {key}, fields have names")]
    Key {
        /// The key.
        key: String,
    },
    /// A field whose name means something else to this program.
    #[error("the field {field:?} has a name that this program keeps for itself: rename it")]
    Reserved {
        /// Its name.
        field: String,
    },
    /// Nobody said whose linked guilds these are.
    #[error("the linked guilds do not say whose they are: give the name of your own guild")]
    OwnGuild,
    /// It is no record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Place {
    pub(super) fn new(table: Option<TableKind>, key: Option<&Key>) -> Self {
        let id = key.map(|key| match key {
            Key::Str(text) => text.chars().take(96).collect(),
            other => key_text(other),
        });
        Self { table, id }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "entry {id}")?,
            None => f.write_str("an entry")?,
        }
        match self.table {
            Some(table) => write!(f, " of {table}"),
            None => Ok(()),
        }
    }
}

impl Fault {
    pub(super) fn missing(field: &str) -> Self {
        Self::Missing { field: field.to_owned() }
    }

    pub(super) fn kind(field: &str, wanted: &'static str, value: &Value) -> Self {
        Self::Kind { field: field.to_owned(), wanted, found: value.kind() }
    }

    pub(super) fn reserved(field: &str) -> Self {
        Self::Reserved { field: field.to_owned() }
    }
}

/// A key as Lua writes it.
pub(super) fn key_text(key: &Key) -> String {
    match key {
        Key::Bool(flag) => format!("[{flag}]"),
        Key::Int(number) => format!("[{number}]"),
        Key::Float(number) => format!("[{number}]"),
        Key::Str(text) => format!("[{text:?}]"),
    }
}
