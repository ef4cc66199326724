//! Accepting: segments of any writer, from anyone, taken in whole or not at all.
//!
//! A segment is taken in when its seal is its writer's and the hashes of its entries, computed behind
//! those held already, end in the sealed head. Everything here depends on content alone: what arrives
//! early or without a right only waits.

use std::collections::BTreeMap;

use guildsync_types::{Hash, SealError, WriterId};
use thiserror::Error;

use crate::append::bears_on_rights;
use crate::chain::{Chain, Linker, link_draft};
use crate::entry::{Change, Draft};
use crate::log::Log;
use crate::profile::{Profile, ProfileKind};
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
    /// The first entry of an owned profile's creator is not the one that the profile's id names.
    #[error("entry 1 of writer {} is not what created this profile", writer.short())]
    NotTheCreation {
        /// The creator.
        writer: WriterId,
    },
    /// A log holds at most 65,535 writers.
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
        let mut accepted = Accepted::default();
        self.check(&segment)?;
        // An adoption may have come before the entry that it adopts.
        let adoption_waits = self.roles.adoption_waits;
        let mut rights = self.take(segment, &mut accepted)?;
        loop {
            self.settle(rights || adoption_waits);
            let content = &self.content;
            let next =
                |s: &Segment| content.chain(s.writer).is_some_and(|c| s.first <= c.last() + 1);
            let roles = &self.roles;
            let waiting = self
                .early
                .take(next)
                .or_else(|| self.held.take(|s: &Segment| roles.admit(s.root())));
            let Some(segment) = waiting else { return Ok(accepted) };
            // What waited was checked by itself; if it does not fit now, it is forgotten and its
            // sender is asked again when heads are compared.
            rights = self.take(segment, &mut accepted).unwrap_or(false);
        }
    }

    fn check(&self, segment: &Segment) -> Result<(), AcceptError> {
        let (writer, last) = (segment.writer, segment.last());
        segment.seal.check(&self.profile.id, segment.root())?;
        if segment.seal.seq != last {
            return Err(AcceptError::SealElsewhere { writer, seal: segment.seal.seq, last });
        }
        if segment.first == 1
            && let ProfileKind::Owned { creator } = self.profile.kind
            && creator == writer
            && Profile::owned(writer, &segment.drafts[0]).is_none_or(|p| p.id != self.profile.id)
        {
            return Err(AcceptError::NotTheCreation { writer });
        }
        Ok(())
    }

    /// Takes in a checked segment; true if it may have changed rights.
    fn take(&mut self, segment: Segment, accepted: &mut Accepted) -> Result<bool, AcceptError> {
        // In an owned profile a chain that hands over from a known writer admits itself.
        let continues = matches!(segment.drafts[0].change, Change::Continues { .. });
        if !self.roles.admit(segment.root()) && !continues {
            accepted.waits_for_role = true;
            self.held.put(segment);
            return Ok(false);
        }
        let place = self.place_for(&segment, accepted)?;
        let held = match &place {
            Place::Held(chain) => &self.content.chains[usize::from(*chain)],
            Place::New(chain) => chain,
            Place::Later => {
                accepted.waits_for_earlier = true;
                self.early.put(segment);
                return Ok(false);
            }
        };
        let hashes = self.hashes(held, &segment);
        let derives = |branch: Branch| derived(branch.root, &hashes[0]) == segment.writer;
        let begins_branch = held.rows.is_empty().then_some(segment.branch).flatten();
        if hashes.last() != Some(&segment.seal.head) || begins_branch.is_some_and(|b| !derives(b)) {
            let (writer, first, last) = (segment.writer, segment.first, segment.last());
            return Err(AcceptError::Diverged { writer, first, last });
        }
        let chain = match place {
            Place::New(chain) => self.content.add_chain(*chain),
            Place::Held(chain) => chain,
            Place::Later => return Ok(false),
        };
        let held = &self.content.chains[usize::from(chain)];
        let n_held = (held.last() + 1 - segment.first).min(segment.drafts.len() as u64) as usize;
        let place = held.place(segment.first).unwrap_or(held.rows.len());
        let same = |(draft, row): (&Draft, &_)| self.content.unpack(row) == *draft;
        let n_same =
            segment.drafts.iter().zip(&held.rows[place..]).take_while(|&p| same(p)).count();
        if n_same < n_held {
            return self.fork(chain, segment, &hashes, n_same, accepted);
        }
        Ok(self.extend(chain, &segment, &hashes, n_held, accepted))
    }

    /// Pushes the entries of `segment` from its `skip`th on, which follow the chain's last.
    fn extend(
        &mut self,
        chain: u16,
        segment: &Segment,
        hashes: &[Hash],
        skip: usize,
        accepted: &mut Accepted,
    ) -> bool {
        if skip == segment.drafts.len() {
            return false;
        }
        for (draft, &hash) in segment.drafts.iter().zip(hashes).skip(skip) {
            self.push(chain, draft, hash);
        }
        let held = &mut self.content.chains[usize::from(chain)];
        held.seal = Some(segment.seal);
        let range = (segment.first + skip as u64, segment.last());
        accepted.join(Accepted {
            added: BTreeMap::from([(held.writer, range)]),
            ..Accepted::default()
        });
        segment.drafts[skip..].iter().any(|draft| bears_on_rights(&draft.change))
    }

    /// Where a segment goes.
    fn place_for(
        &mut self,
        segment: &Segment,
        accepted: &mut Accepted,
    ) -> Result<Place, AcceptError> {
        if self.content.chain_index(segment.writer).is_none()
            && let Some(branch) = segment.branch
        {
            self.give_up_branch(segment, branch, accepted);
        }
        if let Some(chain) = self.content.chain_index(segment.writer) {
            let next = self.content.chains[usize::from(chain)].last() + 1;
            return Ok(if segment.first <= next { Place::Held(chain) } else { Place::Later });
        }
        if self.content.chains.len() >= usize::from(u16::MAX) {
            return Err(AcceptError::TooManyWriters { writer: segment.writer });
        }
        let chain = match segment.branch {
            None => Chain::new(&self.profile.id, segment.writer),
            Some(Branch { root, first, base }) => Chain::branch(segment.writer, root, first, base),
        };
        match segment.first == chain.first {
            true => Ok(Place::New(Box::new(chain))),
            false => Ok(Place::Later),
        }
    }

    /// The hash after each of the segment's entries, behind what the chain holds.
    fn hashes(&self, held: &Chain, segment: &Segment) -> Vec<Hash> {
        let place = held.place(segment.first).unwrap_or(held.rows.len());
        let mut linker = Linker::behind(self.content.hash_before(held, place));
        segment.drafts.iter().map(|draft| linker.next(draft)).collect()
    }

    /// Two branches leave this chain after `n_same` entries of the segment. The one whose first own
    /// entry has the smaller hash is the chain, the other becomes a derived writer.
    fn fork(
        &mut self,
        chain: u16,
        mut segment: Segment,
        hashes: &[Hash],
        n_same: usize,
        accepted: &mut Accepted,
    ) -> Result<bool, AcceptError> {
        let held = &self.content.chains[usize::from(chain)];
        let root = held.root;
        let seq = segment.first + n_same as u64;
        let place = (seq - held.first) as usize;
        let base = self.content.hash_before(held, place);
        let ours = link_draft(&base, &self.content.unpack(&held.rows[place]));
        let theirs = hashes[n_same];
        if theirs > ours {
            segment.drafts.drain(..n_same);
            segment.first = seq;
            segment.writer = derived(root, &theirs);
            segment.branch = Some(Branch { root, first: seq, base });
            return self.take(segment, accepted);
        }
        self.move_branch(chain, Branch { root, first: seq, base }, ours, accepted);
        self.extend(chain, &segment, hashes, n_same, accepted);
        self.rebuild();
        Ok(true)
    }

    /// A derived writer arrives whose branch is held here as part of its root's own chain: others know
    /// a branch with a smaller hash, so it moves.
    fn give_up_branch(&mut self, segment: &Segment, branch: Branch, accepted: &mut Accepted) {
        let Some(chain) = self.content.chain_index(branch.root) else { return };
        let root = &self.content.chains[usize::from(chain)];
        let Some(place) = root.place(branch.first) else { return };
        if segment.first != branch.first || self.content.hash_before(root, place) != branch.base {
            return;
        }
        let first = link_draft(&branch.base, &self.content.unpack(&root.rows[place]));
        if derived(branch.root, &first) == segment.writer {
            self.move_branch(chain, branch, first, accepted);
            self.rebuild();
        }
    }

    /// Moves a chain's rows from `branch.first` on to the derived writer of their first hash.
    fn move_branch(&mut self, chain: u16, branch: Branch, first: Hash, accepted: &mut Accepted) {
        let held = &mut self.content.chains[usize::from(chain)];
        let place = (branch.first - held.first) as usize;
        let rows = held.rows[place..].to_vec();
        let (seal, last) = (held.seal, held.last());
        let writer = derived(branch.root, &first);
        held.truncate(place, branch.base);
        held.seal = None;
        accepted.rewritten.push(held.writer);
        accepted.rewritten.push(writer);
        let index = self.content.chain_index(writer).unwrap_or_else(|| {
            let Branch { root, first, base } = branch;
            self.content.add_chain(Chain::branch(writer, root, first, base))
        });
        let known = self.content.chains[usize::from(index)].rows.len();
        for row in rows.into_iter().skip(known) {
            let draft = self.content.unpack(&row);
            let branch = &mut self.content.chains[usize::from(index)];
            let hash = link_draft(&branch.head, &draft);
            branch.push(row, hash);
        }
        let moved = &mut self.content.chains[usize::from(index)];
        if moved.last() == last {
            moved.seal = seal;
        }
    }
}

/// Where a segment's entries belong.
enum Place {
    /// Behind, or among, what this chain holds.
    Held(u16),
    /// Into a chain of their own.
    New(Box<Chain>),
    /// Behind entries that are missing yet.
    Later,
}
