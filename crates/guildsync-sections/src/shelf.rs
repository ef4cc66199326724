//! All documents of a member.

use std::collections::BTreeMap;

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, MemberName, SecretKey, Stamp, WriterId};

use crate::document::{Document, MergeError};
use crate::edit::Author;
use crate::name::{DocumentId, Label};
use crate::version::Version;

/// The most documents of a member.
pub const SHELF_MAX: usize = 12;
/// Of how many removed documents the last number is remembered.
pub const LEFT_BEHIND_MAX: usize = 64;

/// All documents of a member. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    documents: BTreeMap<DocumentId, Document>,
    /// The last number that this member's writer gave in a document that was removed.
    left_behind: BTreeMap<DocumentId, u32>,
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
            return Err(MergeError::ShelfFull);
        }
        self.documents.insert(id, Document::of(id, versions)?);
        Ok(true)
    }

    /// Puts a document in the place of what is here of it.
    ///
    /// # Errors
    /// [`MergeError::ShelfFull`] with [`SHELF_MAX`] others.
    pub fn put(&mut self, document: Document) -> Result<(), MergeError> {
        if self.documents.len() >= SHELF_MAX && !self.documents.contains_key(&document.id()) {
            return Err(MergeError::ShelfFull);
        }
        self.documents.insert(document.id(), document);
        Ok(())
    }

    /// Takes a document away, here alone. What `writer`, whose shelf this is, wrote in it is replaced when it is
    /// published anew: its last number is remembered for that.
    pub fn remove(&mut self, id: DocumentId, writer: WriterId) -> Option<Document> {
        let removed = self.documents.remove(&id)?;
        self.leave_behind(id, removed.last_number(writer));
        Some(removed)
    }

    /// Of documents that were removed, the last number that this shelf's writer gave in them.
    #[must_use]
    pub fn left_behind(&self) -> &BTreeMap<DocumentId, u32> {
        &self.left_behind
    }

    /// Remembers a number that was given in a document. Of more than [`LEFT_BEHIND_MAX`] documents the lowest
    /// is forgotten: numbers are of the seconds in which they were given, and new ones are above it anyway.
    pub fn leave_behind(&mut self, id: DocumentId, number: u32) {
        let known = self.left_behind.entry(id).or_insert(0);
        *known = number.max(*known);
        self.left_behind.retain(|_, number| *number > 0);
        if self.left_behind.len() > LEFT_BEHIND_MAX {
            let lowest = self.left_behind.iter().min_by_key(|(_, number)| **number);
            let lowest = lowest.map(|(id, _)| *id);
            lowest.and_then(|id| self.left_behind.remove(&id));
        }
    }

    /// Who writes in a document now.
    #[must_use]
    pub fn author<'a>(
        &self,
        id: DocumentId,
        name: &'a MemberName,
        key: &'a SecretKey,
        clock: Stamp,
    ) -> Author<'a> {
        let after = self.left_behind.get(&id).copied().unwrap_or(0);
        Author { name, key, stamp: self.stamp(id, clock), after }
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
