//! Accepting: segments of any writer, from anyone, taken in whole or not at all.
//!
//! A segment is taken in when its seal is its writer's and the hashes of its entries, computed behind
//! those held already, end in the sealed head. Everything here depends on content alone: what arrives
//! early or without a right only waits.

use std::collections::BTreeMap;

use guildsync_types::{Hash, SealError, WriterId};
use thiserror::Error;

use crate::append::bears_on_rights;
use crate::chain::{Chain, Linker};
use crate::content::Full;
use crate::entry::{Change, Draft};
use crate::log::Log;
use crate::order::Key;
use crate::profile::{Profile, ProfileKind};
use crate::roles::Roles;
use crate::segment::{Branch, Segment, derived};

/// Why a segment was refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The seal is not the writer's.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The seal covers another entry than the segment's last.
    #[error("the seal of writer {} covers entry {seal}, the segment ends at {last}", writer.short())]
    SealElsewhere {
        /// Whose chain.
        writer: WriterId,
        /// The sealed entry.
        seal: u64,
        /// The segment's last entry.
        last: u64,
    },
    /// The entries do not lead from what is held to the sealed head: the writer's chain was forked
    /// before the segment. Ask for the chain from entry 1.
    #[error(
        "entries {first} to {last} of writer {} do not follow what is held here: \
         ask for its chain from entry 1",
        writer.short()
    )]
    Diverged {
        /// Whose chain.
        writer: WriterId,
        /// The segment's first entry.
        first: u64,
        /// Its last.
        last: u64,
    },
    /// No log holds such a segment: it is empty, its numbers are impossible, or an entry cannot be read.
    #[error("the segment of writer {} is impossible: {why}", writer.short())]
    Malformed {
        /// Whose chain it says it is.
        writer: WriterId,
        /// What is wrong.
        why: &'static str,
    },
    /// It says of a chain that is held here that it leaves another chain, or at another place.
    #[error("the segment puts the chain of writer {} in another place than it has", writer.short())]
    Misplaced {
        /// Whose chain.
        writer: WriterId,
    },
    /// The first entry of an owned profile's creator is not the one that the profile's id names.
    #[error("entry 1 of writer {} is not what created this profile", writer.short())]
    NotTheCreation {
        /// The creator.
        writer: WriterId,
    },
    /// A log holds at most [`Log::WRITERS_MAX`] writers.
    #[error("this log has 65535 writers already; writer {} finds no room", writer.short())]
    TooManyWriters {
        /// The one too many.
        writer: WriterId,
    },
}

/// What became of an accepted segment, and of those that waited for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Writer -> first and last entry that are new in this log.
    pub added: BTreeMap<WriterId, (u64, u64)>,
    /// Chains whose held part moved to another writer: their stored form is to be written anew.
    pub rewritten: Vec<WriterId>,
    /// It waits for entries before it.
    pub waits_for_earlier: bool,
    /// It waits for its writer to be granted a role.
    pub waits_for_role: bool,
}

impl Accepted {
    /// How many entries are new.
    #[must_use]
    pub fn n_added(&self) -> u64 {
        self.added.values().map(|(first, last)| last - first + 1).sum()
    }

    /// Joins what two acceptances did.
    pub fn join(&mut self, other: Self) {
        for (writer, (first, last)) in other.added {
            let range = self.added.entry(writer).or_insert((first, last));
            *range = (range.0.min(first), range.1.max(last));
        }
        self.rewritten.extend(other.rewritten);
        self.waits_for_earlier |= other.waits_for_earlier;
        self.waits_for_role |= other.waits_for_role;
    }
}

impl Log {
    /// Takes in a segment; what is held already is skipped, so repeating it is harmless.
    ///
    /// # Errors
    /// [`AcceptError`]: the segment's own content is wrong, or its chain was forked before it.
    pub fn accept(&mut self, segment: Segment) -> Result<Accepted, AcceptError> {
        self.accept_as(segment, Self::take_if_admitted)
    }

    /// Takes in a segment that was in this log before: as [`Log::accept`], but of a writer without a
    /// role, too. A backdated revoke may have undone its grant since it was admitted, and what was once
    /// taken in stays.
    ///
    /// # Errors
    /// As [`Log::accept`].
    pub fn restore(&mut self, segment: Segment) -> Result<Accepted, AcceptError> {
        self.accept_as(segment, Self::take)
    }

    /// Takes in a chain's beginning without its seal: what is left of a damaged store. It shows in
    /// frontier and standings, and cannot be passed on. False, and nothing changed, if the chain is
    /// here, or cannot be.
    pub fn salvage(&mut self, writer: WriterId, branch: Option<Branch>, drafts: &[Draft]) -> bool {
        let known = self.content.chain(writer).is_some_and(|chain| !chain.rows.is_empty());
        let possible = branch.is_none_or(|b| b.first.checked_add(drafts.len() as u64).is_some())
            && branch.is_none_or(|b| b.first > 0)
            && drafts.iter().all(|draft| draft.fault().is_none());
        if known || drafts.is_empty() || !possible {
            return false;
        }
        let Ok(chain) = self.chain_for(writer, branch) else { return false };
        let mut linker = Linker::behind(self.content.chains[usize::from(chain)].head);
        for draft in drafts {
            self.push(chain, draft, linker.next(draft), None);
        }
        let rights = drafts.iter().any(|draft| bears_on_rights(&draft.change));
        self.settle(rights || self.roles.adoption_waits);
        true
    }

    fn accept_as(
        &mut self,
        segment: Segment,
        take: impl FnOnce(&mut Self, Segment, &mut Accepted) -> Result<bool, AcceptError>,
    ) -> Result<Accepted, AcceptError> {
        let mut accepted = Accepted::default();
        self.check(&segment)?;
        // An adoption may have come before the entry that it adopts.
        let adoption_waits = self.roles.adoption_waits;
        let mut rights = take(self, segment, &mut accepted)?;
        loop {
            self.settle(rights || adoption_waits);
            let content = &self.content;
            let next =
                |s: &Segment| content.chain(s.writer).is_some_and(|c| s.first <= c.last() + 1);
            let waiting =
                self.early.take(next).or_else(|| self.held.take(|s| admits(&self.roles, s)));
            let Some(segment) = waiting else { return Ok(accepted) };
            // What waited was checked by itself; if it does not fit now, it is forgotten and its
            // sender is asked again when heads are compared.
            rights = self.take(segment, &mut accepted).unwrap_or(false);
        }
    }

    fn check(&self, segment: &Segment) -> Result<(), AcceptError> {
        let writer = segment.writer;
        if let Some(why) = segment.fault() {
            return Err(AcceptError::Malformed { writer, why });
        }
        let last = segment.last();
        if segment.seal.seq != last {
            return Err(AcceptError::SealElsewhere { writer, seal: segment.seal.seq, last });
        }
        // What came under this very seal before is not checked again.
        let is_known = |held: &Chain| {
            held.root == segment.root() && held.seal.is_some_and(|seal| seal == segment.seal)
        };
        if !self.content.chain(writer).is_some_and(is_known) {
            segment.seal.check(&self.profile.id, segment.root())?;
        }
        if segment.first == 1
            && let ProfileKind::Owned { creator } = self.profile.kind
            && creator == segment.root()
            && Profile::owned(creator, &segment.drafts[0]).is_none_or(|p| p.id != self.profile.id)
        {
            return Err(AcceptError::NotTheCreation { writer });
        }
        Ok(())
    }

    /// Takes in a checked segment, or lets it wait for a role; true if it may have changed rights.
    fn take_if_admitted(
        &mut self,
        segment: Segment,
        accepted: &mut Accepted,
    ) -> Result<bool, AcceptError> {
        let signed = match &segment.drafts[0].change {
            Change::Continues { key, proof } => {
                key.handed_over(&self.profile.id, segment.root(), proof)
            }
            _ => true,
        };
        if self.roles.admit(segment.root()) || signed && admits(&self.roles, &segment) {
            return self.take(segment, accepted);
        }
        accepted.waits_for_role = true;
        // What nobody signed for does not wait: signatures are not looked at again.
        if signed {
            self.held.put(segment);
        }
        Ok(false)
    }

    /// Takes in a checked segment of a writer who may write; true if it may have changed rights.
    fn take(&mut self, segment: Segment, accepted: &mut Accepted) -> Result<bool, AcceptError> {
        let Segment { writer, first, branch, .. } = segment;
        let known = self.content.chain(writer);
        if known.is_some_and(|held| held.leaves() != branch) {
            return Err(AcceptError::Misplaced { writer });
        }
        let begins = branch.map_or(1, |branch| branch.first);
        if first > known.map_or(begins, |held| held.last() + 1) {
            accepted.waits_for_earlier = true;
            self.early.put(segment);
            return Ok(false);
        }
        let before = match known {
            Some(held) => {
                self.content.hash_before(held, held.place(first).unwrap_or(held.rows.len()))
            }
            None => Chain::of(&self.profile.id, writer, branch).base,
        };
        let mut linker = Linker::behind(before);
        let hashes: Vec<Hash> = segment.drafts.iter().map(|draft| linker.next(draft)).collect();
        let derives = |branch: Branch| derived(branch.root, &hashes[0]) == writer;
        let begins_branch = branch.filter(|_| first == begins);
        if hashes.last() != Some(&segment.seal.head) || begins_branch.is_some_and(|b| !derives(b)) {
            return Err(AcceptError::Diverged { writer, first, last: segment.last() });
        }
        self.put(segment, before, hashes, accepted)
    }

    /// Pushes the entries of `segment` from its `skip`th on, which follow the chain's last. The seal is
    /// kept where it covers the chain's head.
    pub(crate) fn extend(
        &mut self,
        chain: u16,
        segment: &Segment,
        hashes: &[Hash],
        skip: usize,
        accepted: &mut Accepted,
    ) -> bool {
        for (draft, &hash) in segment.drafts.iter().zip(hashes).skip(skip) {
            self.push(chain, draft, hash, None);
        }
        let held = &mut self.content.chains[usize::from(chain)];
        let seal = segment.seal;
        let covers = (seal.seq, seal.head) == (held.last(), held.head);
        if skip == segment.drafts.len() {
            // A chain that was cut or salvaged may have lacked it.
            held.seal = held.seal.or(covers.then_some(seal));
            return false;
        }
        held.seal = covers.then_some(seal);
        let range = (segment.first + skip as u64, segment.last());
        accepted.join(Accepted {
            added: BTreeMap::from([(held.writer, range)]),
            ..Accepted::default()
        });
        segment.drafts[skip..].iter().any(|draft| bears_on_rights(&draft.change))
    }

    /// The chain of this writer, a new one if it has none.
    pub(crate) fn chain_for(
        &mut self,
        writer: WriterId,
        branch: Option<Branch>,
    ) -> Result<u16, Full> {
        match self.content.chain_index(writer) {
            Some(chain) => Ok(chain),
            None => self.content.add_chain(Chain::of(&self.profile.id, writer, branch)),
        }
    }
}

/// Whether a writer's chain enters the log: it has or had a role, or it goes on for one that had, as its
/// first entry says; the signature of that is the caller's to check.
fn admits(roles: &Roles, segment: &Segment) -> bool {
    let Segment { writer, first: seq, .. } = *segment;
    let key = Key { stamp: segment.drafts[0].stamp.packed(), writer, seq };
    roles.admit(segment.root())
        || matches!(&segment.drafts[0].change,
            Change::Continues { key: old, .. } if roles.continues(old, key))
}

impl From<Full> for AcceptError {
    fn from(Full { writer }: Full) -> Self {
        Self::TooManyWriters { writer }
    }
}
