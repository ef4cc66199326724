//! A record: one entry of a table, with what identifies it, which version it is, and its data.
//!
//! A record's data is kept in one canonical order, and everything that is compared or hashed rests on
//! that. Two trees that Lua takes for equal are one record, whichever order a file had them in.

use std::cmp::Ordering;
use std::sync::Arc;

use guildsync_types::Hash;
use guildsync_types::hash::Domain;
use guildsync_wire::lua::{Key, Table, Value};
use guildsync_wire::payload::{Payload, PayloadError};
use guildsync_wire::records::weight;
use thiserror::Error;

use crate::canonical;
use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::updated::Updated;

mod bytes;

/// The most that a record's data may weigh (see [`weight`]): 64 KiB.
pub const RECORD_BYTES_MAX: usize = 64 << 10;
/// The most tables inside each other in a record's data.
pub const RECORD_DEPTH_MAX: usize = 32;
/// The field of a record's data under which a file or a program keeps what is meant for its machine alone.
/// It is no part of the record, so it is neither compared nor sent.
pub const LOCAL: &str = "local";

/// One entry of a table (seed 004's unified entry). Immutable; copies are one and the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(Arc<Content>);

#[derive(Debug, PartialEq)]
struct Content {
    key: RecordKey,
    guild: GuildName,
    updated: Updated,
    deleted: bool,
    data: Table,
    hash: Hash,
}

/// What identifies a record: the table and the id, and outside the roster the guild too.
///
/// A member is in one guild at a time, so its roster row is found by its name alone. Everywhere else the
/// addon's ids repeat from guild to guild (all default content has one), so the guild belongs to the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// Which table.
    pub table: TableKind,
    /// The id in it.
    pub id: RecordId,
    /// Whose; `None` in the roster.
    pub guild: Option<GuildName>,
}

/// Which of two versions of a record counts: the greater one. The same everywhere, by content alone.
///
/// Default content counts less than anything written; then the later counts; at the same second the
/// deleted one; then the one with the greater hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    is_written: bool,
    seconds: u64,
    deleted: bool,
    hash: Hash,
}

/// Why something is no record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// More data than a record holds.
    #[error(
        "record {id} of {table} weighs {weight} bytes, a record has at most {RECORD_BYTES_MAX}: \
         shorten its text"
    )]
    TooLarge {
        /// The table.
        table: TableKind,
        /// The record.
        id: RecordId,
        /// How much there is.
        weight: usize,
    },
    /// Tables inside each other deeper than a record allows.
    #[error("record {id} of {table} has more than {RECORD_DEPTH_MAX} tables inside each other")]
    TooDeep {
        /// The table.
        table: TableKind,
        /// The record.
        id: RecordId,
    },
    /// A number that is none.
    #[error("record {id} of {table} cannot be written: {why}")]
    Unwritable {
        /// The table.
        table: TableKind,
        /// The record.
        id: RecordId,
        /// What is in the way.
        why: PayloadError,
    },
}

impl Record {
    /// A record. The data is brought into canonical order, without what is under [`LOCAL`]; that of a deleted
    /// one is dropped, since a deletion is its id, its time and its flag alone: so it is the same whoever
    /// still knew the data.
    ///
    /// # Errors
    /// [`RecordError`]: too much, too deep, or a number that is not finite.
    pub fn new(
        table: TableKind,
        guild: GuildName,
        id: RecordId,
        updated: Updated,
        mut data: Table,
    ) -> Result<Self, RecordError> {
        data.remove(&Key::Str(LOCAL.to_owned()));
        let too_deep = || RecordError::TooDeep { table, id: id.clone() };
        if !canonical::is_within(&data, RECORD_DEPTH_MAX) {
            return Err(too_deep());
        }
        let data = Value::Table(canonical::table(data, table.fields()));
        let weight = weight(&data);
        if weight > RECORD_BYTES_MAX {
            return Err(RecordError::TooLarge { table, id, weight });
        }
        let unwritable = |why| RecordError::Unwritable { table, id: id.clone(), why };
        let bytes = Payload::Compact.write(&data).map_err(unwritable)?;
        if !canonical::is_finite(&data) {
            let number = "infinite or not a number".to_owned();
            return Err(unwritable(PayloadError::NotFinite { number }));
        }
        let Value::Table(data) = data else { return Err(too_deep()) };
        Ok(Self::put_together(table, guild, id, updated, Some((data, &bytes))))
    }

    /// What says that a record is deleted.
    #[must_use]
    pub fn deletion(table: TableKind, guild: GuildName, id: RecordId, updated: Updated) -> Self {
        Self::put_together(table, guild, id, updated, None)
    }

    fn put_together(
        table: TableKind,
        guild: GuildName,
        id: RecordId,
        updated: Updated,
        data: Option<(Table, &[u8])>,
    ) -> Self {
        let spelled = updated.to_value();
        let is_number = spelled.as_str().is_none();
        let spelled = spelled.as_str().map_or_else(|| updated.seconds().to_string(), str::to_owned);
        let mut hash = Hash::of(Domain::Record)
            .with(&[table.index() as u8, u8::from(data.is_none()), u8::from(is_number)])
            .with(&updated.seconds().to_le_bytes());
        for text in [id.as_str(), guild.as_str(), &spelled] {
            hash.add(&[text.len() as u8]);
            hash.add(text.as_bytes());
        }
        if let Some((_, bytes)) = &data {
            hash.add(bytes);
        }
        let key_guild = (table != TableKind::Roster).then(|| guild.clone());
        Self(Arc::new(Content {
            key: RecordKey { table, id, guild: key_guild },
            guild,
            updated,
            deleted: data.is_none(),
            data: data.map(|(data, _)| data).unwrap_or_default(),
            hash: hash.finish(),
        }))
    }

    /// What identifies it.
    #[must_use]
    pub fn key(&self) -> &RecordKey {
        &self.0.key
    }

    /// Its table.
    #[must_use]
    pub fn table(&self) -> TableKind {
        self.0.key.table
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &RecordId {
        &self.0.key.id
    }

    /// Its guild.
    #[must_use]
    pub fn guild(&self) -> &GuildName {
        &self.0.guild
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated(&self) -> Updated {
        self.0.updated
    }

    /// Whether it is deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.0.deleted
    }

    /// Its data; none if it is deleted.
    #[must_use]
    pub fn data(&self) -> &Table {
        &self.0.data
    }

    /// The hash of all of it.
    #[must_use]
    pub fn hash(&self) -> &Hash {
        &self.0.hash
    }

    /// Which version it is.
    #[must_use]
    pub fn version(&self) -> Version {
        let is_written = !self.0.updated.is_default();
        let seconds = self.0.updated.seconds();
        Version { is_written, seconds, deleted: self.0.deleted, hash: self.0.hash }
    }

    /// Whether this and another version claim one second with different content: whoever wrote one of
    /// them did not see the other.
    #[must_use]
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.version().cmp(&other.version()) != Ordering::Equal
            && self.0.updated.seconds() == other.0.updated.seconds()
            && self.0.key == other.0.key
    }
}
