//! What section sync keeps from run to run: parts of versions that did not come whole.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_wire::bytes::{Reader, Writer};

use crate::bytes::{self, StoredError, VERSIONS_READ_MAX};
use crate::name::DocumentId;
use crate::shelf::SHELF_MAX;
use crate::version::{Tag, Version};

/// The most bytes, about, that are kept aside of one document.
pub const ASIDE_BYTES_MAX: usize = 1 << 20;

/// What came of versions that are not whole yet. None of it is shown; all of it need not come again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    aside: BTreeMap<DocumentId, Vec<Version>>,
}

impl Saved {
    /// What is aside of a document.
    #[must_use]
    pub fn aside(&self, document: DocumentId) -> &[Version] {
        self.aside.get(&document).map_or(&[], Vec::as_slice)
    }

    /// The short names of that.
    #[must_use]
    pub fn tags(&self, document: DocumentId) -> BTreeSet<Tag> {
        self.aside(document).iter().map(Version::tag).collect()
    }

    /// Puts versions aside, as far as there is room; whether any is new.
    pub(crate) fn put(&mut self, document: DocumentId, versions: &[Version]) -> bool {
        if self.aside.len() >= SHELF_MAX && !self.aside.contains_key(&document) {
            return false;
        }
        let held = self.aside.entry(document).or_default();
        let mut weight: usize = held.iter().map(Version::weight).sum();
        let before = held.len();
        for version in versions {
            if held.iter().any(|one| one.id() == version.id()) {
                continue;
            }
            weight += version.weight();
            if weight > ASIDE_BYTES_MAX || held.len() >= VERSIONS_READ_MAX {
                break;
            }
            held.push(version.clone());
        }
        held.len() > before
    }

    /// Forgets what is aside of a document; whether there was anything.
    pub(crate) fn clear(&mut self, document: DocumentId) -> bool {
        self.aside.remove(&document).is_some()
    }

    /// The bytes that a store keeps.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.varint(self.aside.len() as u64);
        for (document, versions) in &self.aside {
            w.raw(&document.0);
            bytes::write(&mut w, *document, versions);
        }
        w.into_vec()
    }

    /// Reads what [`Saved::encode`] wrote, and checks all of it.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoredError> {
        let mut r = Reader::new(bytes);
        let mut aside = BTreeMap::new();
        for _ in 0..r.count(SHELF_MAX, 10, "documents")? {
            let document = DocumentId(r.array("document")?);
            aside.insert(document, bytes::read(&mut r, document)?);
        }
        r.finish()?;
        Ok(Self { aside })
    }
}
