//! What stands in a section: a header, rows of cells, notes.
//!
//! A body is kept as its plain bytes, which are also what is hashed, and is read into cells only where
//! somebody looks at it ([`Plain::open`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use guildsync_types::Hash;
use guildsync_types::hash::Domain;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use thiserror::Error;

/// The most rows of a section.
pub const ROWS_MAX: usize = 500;
/// The most cells of a row.
pub const COLUMNS_MAX: usize = 64;
/// The longest cell, note, warning or further field, in bytes.
pub const TEXT_BYTES_MAX: usize = 4096;
/// The most further fields.
pub const FIELDS_MAX: usize = 64;
/// The most that a body's plain bytes may be.
pub const BODY_BYTES_MAX: usize = 64 << 10;

/// A section's content. Two bodies with equal fields are equal everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// What the columns are called.
    pub header: Vec<String>,
    /// The rows; they need not have as many cells as the header.
    pub rows: Vec<Vec<String>>,
    /// A note to all.
    pub note: Option<String>,
    /// A warning to all.
    pub warning: Option<String>,
    /// The rows, counted from 1, in which groups are named instead of members.
    pub group_rows: Vec<u32>,
    /// Fields that mean nothing here, by name, as the text of a Lua value. They are kept and passed on.
    pub more: BTreeMap<String, String>,
}

/// Why a body was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Something is more or longer than allowed.
    #[error("a section has {found} {what}, {limit} is the most: split it")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The bytes are no body.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
}

impl Body {
    /// The bytes that are kept and hashed.
    ///
    /// # Errors
    /// [`BodyError::TooMany`] names the limit that is passed.
    pub fn plain(&self) -> Result<Plain, BodyError> {
        self.check()?;
        let mut w = Writer::new();
        let texts = |w: &mut Writer, texts: &[String]| {
            w.varint(texts.len() as u64);
            texts.iter().for_each(|text| w.str(text));
        };
        texts(&mut w, &self.header);
        w.varint(self.rows.len() as u64);
        self.rows.iter().for_each(|row| texts(&mut w, row));
        for text in [&self.note, &self.warning] {
            w.u8(text.is_some().into());
            text.iter().for_each(|text| w.str(text));
        }
        w.varint(self.group_rows.len() as u64);
        self.group_rows.iter().for_each(|&row| w.varint(row.into()));
        w.varint(self.more.len() as u64);
        for (name, value) in &self.more {
            w.str(name);
            w.str(value);
        }
        let bytes = w.into_vec();
        at_most("bytes", bytes.len(), BODY_BYTES_MAX)?;
        Ok(Plain::of(bytes.into(), self.rows.len()))
    }

    fn check(&self) -> Result<(), BodyError> {
        at_most("columns", self.header.len(), COLUMNS_MAX)?;
        at_most("rows", self.rows.len(), ROWS_MAX)?;
        at_most("group rows", self.group_rows.len(), ROWS_MAX)?;
        at_most("further fields", self.more.len(), FIELDS_MAX)?;
        for row in &self.rows {
            at_most("cells in a row", row.len(), COLUMNS_MAX)?;
        }
        let cells = self.header.iter().chain(self.rows.iter().flatten());
        let notes = self.note.iter().chain(&self.warning);
        let more = self.more.iter().flat_map(|(name, value)| [name, value]);
        let longest = cells.chain(notes).chain(more).map(String::len).max();
        at_most("bytes in a text", longest.unwrap_or(0), TEXT_BYTES_MAX)
    }

    /// How many bytes of text a person sees.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        let cells = self.header.iter().chain(self.rows.iter().flatten());
        cells.chain(&self.note).chain(&self.warning).map(|text| text.len() + 1).sum()
    }
}

fn at_most(what: &'static str, found: usize, limit: usize) -> Result<(), BodyError> {
    match found > limit {
        true => Err(BodyError::TooMany { what, found, limit }),
        false => Ok(()),
    }
}

/// A body as bytes, with their hash. Cheap to clone.
#[derive(Clone)]
pub struct Plain {
    bytes: Arc<[u8]>,
    hash: Hash,
    rows: u32,
}

impl Plain {
    fn of(bytes: Arc<[u8]>, rows: usize) -> Self {
        let hash = Hash::of(Domain::Body).with(&bytes).finish();
        Self { bytes, hash, rows: rows as u32 }
    }

    /// Takes bytes that came from outside, if they are a body's and in its one form.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        at_most("bytes", bytes.len(), BODY_BYTES_MAX)?;
        let body = open(bytes)?;
        let plain = body.plain()?;
        match plain.bytes() == bytes {
            true => Ok(plain),
            false => Err(Reader::new(bytes).invalid("body", 0, "not in its one form").into()),
        }
    }

    /// The hash of the body.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it adds to the size of a part or an edit: its bytes, and some for each row.
    pub(crate) fn weight(&self) -> usize {
        self.bytes.len() + 8 * self.rows as usize
    }

    /// Reads the cells.
    ///
    /// # Errors
    /// Never for what [`Body::plain`] and [`Plain::read`] gave.
    pub fn open(&self) -> Result<Body, BodyError> {
        open(&self.bytes)
    }
}

/// Reads the cells of a body's bytes.
fn open(bytes: &[u8]) -> Result<Body, BodyError> {
    let mut r = Reader::new(bytes);
    let texts = |r: &mut Reader<'_>| -> Result<Vec<String>, DecodeError> {
        let n = r.count(COLUMNS_MAX, 1, "cells")?;
        (0..n).map(|_| Ok(r.str(TEXT_BYTES_MAX, "cell")?.to_owned())).collect()
    };
    let header = texts(&mut r)?;
    let n = r.count(ROWS_MAX, 1, "rows")?;
    let rows = (0..n).map(|_| texts(&mut r)).collect::<Result<_, _>>()?;
    let text = |r: &mut Reader<'_>| -> Result<Option<String>, DecodeError> {
        match r.u8("whether there is a text")? {
            0 => Ok(None),
            _ => Ok(Some(r.str(TEXT_BYTES_MAX, "text")?.to_owned())),
        }
    };
    let (note, warning) = (text(&mut r)?, text(&mut r)?);
    let n = r.count(ROWS_MAX, 1, "group rows")?;
    let group_rows = (0..n)
        .map(|_| {
            let at = r.at();
            let row = u32::try_from(r.varint("group row")?);
            row.map_err(|_| r.invalid("group row", at, "over 32 bits"))
        })
        .collect::<Result<_, _>>()?;
    let n = r.count(FIELDS_MAX, 2, "further fields")?;
    let mut more = BTreeMap::new();
    for _ in 0..n {
        let name = r.str(TEXT_BYTES_MAX, "name")?.to_owned();
        more.insert(name, r.str(TEXT_BYTES_MAX, "value")?.to_owned());
    }
    r.finish()?;
    Ok(Body { header, rows, note, warning, group_rows, more })
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Plain {}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "body {:?} of {} bytes", self.hash, self.bytes.len())
    }
}
