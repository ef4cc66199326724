//! What has to be true of a member's sheets, as the books have it: after each step, of each message, and in the
//! end.

use std::collections::BTreeSet;

use guildsync::sections::{Document, DocumentId, Section, Shelf, Slot, Version};
use guildsync::types::{Digest, Hash};

use super::{Books, State};
use crate::coverage::Coverage;

/// How many members may answer with the same version within so many milliseconds.
const ANSWERS_MAX: usize = 8;
const STORM_MS: u64 = 3_000;

impl Books {
    /// Looks at what a member shows after a step: only what was written and is durable somewhere, and whole.
    ///
    /// # Errors
    /// What is not.
    pub(crate) fn stepped(
        &mut self,
        member: usize,
        shelf: &Shelf,
        seen: &mut Coverage,
    ) -> Result<(), String> {
        let mut known = std::mem::take(&mut self.members[member].seen);
        known.retain(|id, _| shelf.get(*id).is_some());
        for document in shelf.iter() {
            let (digest, acts) = known.entry(document.id()).or_default();
            if *digest == document.digest() {
                continue;
            }
            *digest = document.digest();
            if !document.conflicts().is_empty() {
                seen.hit("sheet: conflict");
            }
            if document.conflicts().len() > 1 {
                seen.hit("sheet: several wait for a pick");
            }
            self.note_overfull(document);
            for version in document.versions() {
                let act = self.is_honest(member, version)?;
                if acts.insert(act) {
                    self.is_whole(member, act, version, document)?;
                }
            }
        }
        self.members[member].seen = known;
        Ok(())
    }

    fn is_honest(&self, member: usize, version: &Version) -> Result<usize, String> {
        let Some(written) = self.written.get(&version.id()) else {
            return Err(format!("member {member} shows what nobody wrote: {}", self.name(version)));
        };
        let act = &self.acts[written.act];
        let is_out = matches!(act.state, State::Durable | State::ThrownAway);
        match is_out || (act.author == member && act.state == State::Written) {
            true => Ok(written.act),
            false => Err(format!(
                "member {member} shows {}, which is not durable where it was written",
                self.name(version)
            )),
        }
    }

    /// Who shows something of an act shows all that its author showed then, or what came after it.
    fn is_whole(
        &self,
        member: usize,
        act: usize,
        version: &Version,
        document: &Document,
    ) -> Result<(), String> {
        let is_in = |(slot, id): &&(Slot, Hash)| self.is_in(*slot, *id, document);
        match self.acts[act].whole.iter().find(|one| !is_in(one)) {
            None => Ok(()),
            Some((slot, _)) => Err(format!(
                "member {member} shows {}, and of what its editor had then {slot:?} is missing: the \
                 document is not whole",
                self.name(version)
            )),
        }
    }

    /// Whether a member's disk ever held this: what it says others may rely on.
    ///
    /// # Errors
    /// It did not.
    pub(crate) fn said(
        &self,
        member: usize,
        document: DocumentId,
        digest: Digest,
    ) -> Result<(), String> {
        match self.members[member].digests.contains(&(document, digest)) {
            true => Ok(()),
            false => Err(format!(
                "member {member} speaks of version {digest:?} of document {document}, which was never \
                 on its disk"
            )),
        }
    }

    /// Once all are healed: a member has, of everything that was acknowledged, what nobody replaced, and
    /// nothing else.
    ///
    /// # Errors
    /// What it lacks, or should not have any more.
    pub(crate) fn check_complete(&self, member: usize, shelf: &Shelf) -> Result<(), String> {
        for (id, written) in &self.written {
            if self.acts[written.act].state != State::Durable {
                continue;
            }
            let document = shelf.get(written.document);
            if !document.is_some_and(|document| self.is_in(written.slot, *id, document)) {
                let author = self.acts[written.act].author;
                return Err(format!(
                    "what member {author} wrote in {:?} of document {} is lost: member {member} has \
                     neither that nor what was written over it",
                    written.slot, written.document
                ));
            }
        }
        for document in shelf.iter() {
            for slot in document.versions().map(|version| version.item().slot) {
                let versions = document.slot(slot);
                let is_over = |old: &Version| {
                    let covers = |one: &Version| {
                        self.written.get(&one.id()).is_some_and(|one| one.over.contains(&old.id()))
                    };
                    versions.iter().any(covers)
                };
                if let Some(old) = versions.iter().find(|old| is_over(old)) {
                    return Err(format!(
                        "member {member} still has {} beside what was written over it",
                        self.name(old)
                    ));
                }
            }
        }
        Ok(())
    }

    /// A member begins to answer with a document. What one person asks for one person answers.
    ///
    /// # Errors
    /// Too many answer the same, where nothing goes wrong.
    pub(crate) fn answered(
        &mut self,
        now: u64,
        member: usize,
        document: DocumentId,
        target: Digest,
    ) -> Result<(), String> {
        self.answers.retain(|(at, ..)| now < at + STORM_MS);
        self.answers.push_back((now, member, document, target));
        let same = self.answers.iter().filter(|(.., of, what)| (*of, *what) == (document, target));
        let members: BTreeSet<usize> = same.map(|(_, member, ..)| *member).collect();
        if self.is_calm {
            self.most_answer = self.most_answer.max(members.len());
        }
        match self.is_calm && members.len() > ANSWERS_MAX {
            true => Err(format!(
                "members {members:?} all answer with version {target:?} of document {document} within {} s",
                STORM_MS / 1000
            )),
            false => Ok(()),
        }
    }

    /// Somebody imports a sheet again: what it is called as before is the same section.
    ///
    /// # Errors
    /// A section has another id now.
    pub(crate) fn imported(before: &Document, after: &Document) -> Result<(), String> {
        let (before, after) = (before.sections(), after.sections());
        let named = |all: &[Section<'_>], name| {
            let mut named = all.iter().filter(|section| section.name == name).map(|one| one.id);
            named.next().filter(|_| named.next().is_none())
        };
        let moved = before.iter().find(|section| {
            let (old, new) = (named(&before, section.name), named(&after, section.name));
            old.zip(new).is_some_and(|(old, new)| old != new)
        });
        match moved {
            None => Ok(()),
            Some(section) => Err(format!(
                "an import makes another section of {:?}, which was there already",
                section.name
            )),
        }
    }
}
