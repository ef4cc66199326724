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
        let last = self.whole.back();
        if last.is_none_or(|last| last.digest() != document.digest()) {
            // What went over the edge of a full slot finds room again when others are replaced: who has it has
            // something that is not here, although all of that was taken in once.
            if document.is_full() || last.is_some_and(Document::is_full) {
                self.part_of_ours.clear();
            }
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

#[cfg(test)]
mod tests {
    use guildsync_types::{MemberName, SecretKey, Stamp};

    use super::*;
    use crate::document::VERSIONS_MAX;
    use crate::{Author, Change, Label, Policy};

    fn titled(document: &mut Document, at: u8, after: u64) {
        let name = MemberName::new(&format!("Member{at:02}-Eonar")).unwrap();
        let (key, stamp) = (SecretKey::from_seed(&[at + 1; 32]), Stamp::new(after, 0).unwrap());
        let author = Author { name: &name, key: &key, stamp, after: 0 };
        let title = Label::new(&format!("Raid {at} {after}")).unwrap();
        assert!(document.change(author, vec![Change::Title(title)]).unwrap());
    }

    #[test]
    fn what_went_over_the_edge_of_a_full_slot_is_not_taken_for_here() {
        let name = MemberName::new("Oakhand").unwrap();
        let (key, stamp) = (SecretKey::from_seed(&[99; 32]), Stamp::new(1, 0).unwrap());
        let author = Author { name: &name, key: &key, stamp, after: 0 };
        let title = Label::new("Raid").unwrap();
        let first = Document::publish(author, title, Policy::open(), vec![]).unwrap();
        // Ten change the title without knowing of each other; the first of them is the least.
        let apart: Vec<Document> = (0..=VERSIONS_MAX as u8 + 1)
            .map(|at| {
                let mut copy = first.clone();
                titled(&mut copy, at, 100 + u64::from(at));
                copy
            })
            .collect();
        let mut known = Known::default();
        let mut ours = apart[0].clone();
        known.is_now(&ours);
        let least = ours.digest();
        for other in &apart[1..VERSIONS_MAX - 1] {
            ours.merge(other.versions().cloned()).unwrap();
            known.is_now(&ours);
            known.absorb(other.digest());
        }
        assert!(known.has(least) && known.has(apart[1].digest()), "there is room for all");
        for other in &apart[VERSIONS_MAX - 1..] {
            ours.merge(other.versions().cloned()).unwrap();
            known.is_now(&ours);
            known.absorb(other.digest());
        }
        assert!(ours.is_full() && !known.has(least));
        assert!(known.has(ours.digest()));
        // Taken in while there is no room, it is known as long as nothing changes, so that nobody asks for it.
        known.absorb(least);
        known.is_now(&ours);
        assert!(known.has(least));
        titled(&mut ours, 9, 200);
        known.is_now(&ours);
        assert!(!known.has(least) && known.has(ours.digest()), "there may be room for it now");
    }
}
