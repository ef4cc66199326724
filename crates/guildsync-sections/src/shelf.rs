//! All documents of a member.

use std::collections::BTreeMap;

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, Stamp};

use crate::document::{Document, MergeError};
use crate::name::{DocumentId, Label};
use crate::version::Version;

/// The most documents of a member.
pub const SHELF_MAX: usize = 12;

/// All documents of a member. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    documents: BTreeMap<DocumentId, Document>,
}

impl Shelf {
    /// A document.
    #[must_use]
    pub fn get(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(&id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Document> {
        self.documents.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The document of this title; of several the one that was edited last.
    #[must_use]
    pub fn titled(&self, title: &Label) -> Option<&Document> {
        let titled = self.iter().filter(|document| document.title() == title);
        titled.max_by_key(|document| (document.stamp(), document.id()))
    }

    /// Merges versions into a document, which is made if there is none; whether anything is new.
    ///
    /// # Errors
    /// [`MergeError`]: nothing was changed.
    pub fn merge(
        &mut self,
        id: DocumentId,
        versions: impl IntoIterator<Item = Version>,
    ) -> Result<bool, MergeError> {
        if let Some(document) = self.documents.get_mut(&id) {
            return document.merge(versions);
        }
        if self.documents.len() >= SHELF_MAX {
            return Err(MergeError::Full { what: "documents beside it", limit: SHELF_MAX });
        }
        self.documents.insert(id, Document::of(id, versions)?);
        Ok(true)
    }

    /// Puts a document in the place of what is here of it.
    ///
    /// # Errors
    /// [`MergeError::Full`] with [`SHELF_MAX`] others.
    pub fn put(&mut self, document: Document) -> Result<(), MergeError> {
        if self.documents.len() >= SHELF_MAX && !self.documents.contains_key(&document.id()) {
            return Err(MergeError::Full { what: "documents beside it", limit: SHELF_MAX });
        }
        self.documents.insert(document.id(), document);
        Ok(())
    }

    /// Takes a document away, here alone.
    pub fn remove(&mut self, id: DocumentId) -> Option<Document> {
        self.documents.remove(&id)
    }

    /// Equal where all documents are equal.
    #[must_use]
    pub fn state_hash(&self) -> Hash {
        let digests = self.iter().map(|document| (document.id(), document.digest()));
        let hash = Hash::of(Domain::Version);
        digests.fold(hash, |hash, (id, digest)| hash.with(&id.0).with(&digest.0)).finish()
    }

    /// The stamp for what is written now: the clock's, or just after the newest in the document, unless
    /// that is more than an hour ahead of the clock.
    #[must_use]
    pub fn stamp(&self, document: DocumentId, clock: Stamp) -> Stamp {
        let newest = self.get(document).map(Document::stamp);
        let newest = newest.filter(|newest| newest.seconds() < clock.seconds() + 3600);
        newest.map_or(clock, |newest| Stamp::next(newest, clock))
    }
}
