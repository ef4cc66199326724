//! Documents and versions as a store keeps them.

use std::collections::BTreeMap;
use std::sync::Arc;

use guildsync_types::Hash;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use thiserror::Error;

use crate::body::{BODY_BYTES_MAX, BodyError, Plain};
use crate::document::{Document, MergeError, VERSIONS_MAX};
use crate::edit::Edit;
use crate::item::{Item, SECTIONS_MAX};
use crate::name::DocumentId;
use crate::version::{Version, VersionError};

/// The most versions that are read: as many as a document may hold.
pub(crate) const VERSIONS_READ_MAX: usize = (SECTIONS_MAX + 1) * VERSIONS_MAX;

/// Why stored bytes are no document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoredError {
    /// A field is wrong.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
    /// A body is wrong.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A version does not hold.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// Together they are no document.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

impl Document {
    /// The bytes that a store keeps; its id is kept beside them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        write(&mut w, self.id(), self.versions());
        w.into_vec()
    }

    /// Reads what [`Document::encode`] wrote, and checks all of it.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn decode(id: DocumentId, bytes: &[u8]) -> Result<Self, StoredError> {
        let mut r = Reader::new(bytes);
        let versions = read(&mut r, id)?;
        r.finish()?;
        Ok(Self::of(id, versions)?)
    }
}

/// Writes versions, each edit once.
pub(crate) fn write<'a>(
    w: &mut Writer,
    document: DocumentId,
    versions: impl IntoIterator<Item = &'a Version>,
) {
    let versions: Vec<&Version> = versions.into_iter().collect();
    let mut edits: Vec<(Hash, &Arc<Edit>)> = Vec::new();
    let mut numbers: BTreeMap<Hash, usize> = BTreeMap::new();
    let mut number_of = Vec::new();
    for version in &versions {
        let hash = version.edit().hash(document);
        let number = *numbers.entry(hash).or_insert_with(|| {
            edits.push((hash, version.edit()));
            edits.len() - 1
        });
        number_of.push(number);
    }
    w.varint(edits.len() as u64);
    edits.iter().for_each(|(_, edit)| edit.write(w));
    w.varint(versions.len() as u64);
    for (version, number) in versions.into_iter().zip(number_of) {
        w.varint(number as u64);
        version.item().write(w);
        w.bytes(version.body().map_or(&[], Plain::bytes));
    }
}

/// Reads what [`write`] wrote.
pub(crate) fn read(r: &mut Reader<'_>, document: DocumentId) -> Result<Vec<Version>, StoredError> {
    let n = r.count(VERSIONS_READ_MAX, 100, "edits")?;
    let edits = (0..n).map(|_| Edit::read(r).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    let n = r.count(VERSIONS_READ_MAX, 4, "versions")?;
    let mut versions = Vec::with_capacity(n);
    for _ in 0..n {
        let at = r.at();
        let number = r.varint("edit")? as usize;
        let edit = edits.get(number).ok_or_else(|| r.invalid("edit", at, "there is none such"))?;
        let item = Item::read(r)?;
        let body = match r.bytes(BODY_BYTES_MAX, "body")? {
            [] => None,
            bytes => Some(Plain::read(bytes)?),
        };
        versions.push(Version::new(document, item, Arc::clone(edit), body)?);
    }
    Ok(versions)
}
