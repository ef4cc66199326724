//! What a transfer was, in numbers.

use std::collections::BTreeMap;

use guildsync_types::{Digest, MemberName};

use crate::name::DocumentId;

/// How a transfer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Which document.
    pub document: DocumentId,
    /// Who sends.
    pub from: MemberName,
    /// Parts that have come.
    pub parts: u32,
    /// Sections that have come.
    pub sections: u32,
}

/// What a transfer was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which document.
    pub document: DocumentId,
    /// Its version before; `None`: there was none.
    pub before: Option<Digest>,
    /// Its version now.
    pub after: Digest,
    /// Sections that came.
    pub fetched: u32,
    /// Sections that were here already.
    pub reused: u32,
    /// Bytes that came, as they travelled.
    pub bytes: u64,
    /// Bytes of text that did not have to come.
    pub saved: u64,
    /// How long it took since the first sign of it, in milliseconds.
    pub took_ms: u64,
    /// How often this member had to ask.
    pub asked: u32,
    /// Who sent how many parts.
    pub served: BTreeMap<MemberName, u32>,
}
