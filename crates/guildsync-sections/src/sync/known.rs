//! What is remembered of a document's earlier versions.

use std::collections::VecDeque;

use guildsync_types::Digest;

use crate::document::Document;

/// How many earlier versions are kept whole: what others code against, and what answers may be coded against.
const WHOLE_MAX: usize = 4;
/// How many digests are remembered of what is part of the present version, and of what was refused.
const DIGESTS_MAX: usize = 64;

/// A document's earlier versions, as this run saw them.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The last versions, the present one last.
    whole: VecDeque<Document>,
    /// Versions of which everything is part of the present one.
    part_of_ours: VecDeque<Digest>,
    /// Versions with something in them that was not allowed.
    refused: VecDeque<Digest>,
}

impl Known {
    /// The document is now so.
    pub(super) fn is_now(&mut self, document: &Document) {
        if self.whole.back().is_none_or(|last| last.digest() != document.digest()) {
            self.whole.push_back(document.clone());
            while self.whole.len() > WHOLE_MAX {
                self.whole.pop_front();
            }
        }
        self.absorb(document.digest());
    }

    /// The document is not here any more.
    pub(super) fn is_gone(&mut self) {
        self.whole.clear();
        self.part_of_ours.clear();
    }

    /// All of a version has been taken in.
    pub(super) fn absorb(&mut self, digest: Digest) {
        self.refused.retain(|refused| *refused != digest);
        remember(&mut self.part_of_ours, digest);
    }

    /// A version is not to be taken.
    pub(super) fn refuse(&mut self, digest: Digest) {
        remember(&mut self.refused, digest);
    }

    /// Whether anything was refused.
    pub(super) fn is_warned(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Whether everything in a version is part of ours.
    pub(super) fn has(&self, digest: Digest) -> bool {
        self.part_of_ours.contains(&digest)
    }

    /// Whether something in a version was refused.
    pub(super) fn has_refused(&self, digest: Digest) -> bool {
        self.refused.contains(&digest)
    }

    /// A version, if it is still here.
    pub(super) fn version(&self, digest: Digest) -> Option<&Document> {
        self.whole.iter().rev().find(|document| document.digest() == digest)
    }

    /// The versions that are still here, the present one first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &Document> {
        self.whole.iter().rev()
    }

    /// The version before the present one.
    pub(super) fn before(&self, present: Digest) -> Option<&Document> {
        self.whole.iter().rev().find(|document| document.digest() != present)
    }
}

fn remember(digests: &mut VecDeque<Digest>, digest: Digest) {
    if !digests.contains(&digest) {
        digests.push_back(digest);
        while digests.len() > DIGESTS_MAX {
            digests.pop_front();
        }
    }
}
