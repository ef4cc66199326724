//! Forks: two entries of one writer with one number. Both branches are kept.
//!
//! The branch whose first own entry has the smaller hash is the writer's chain; every other is the chain of
//! a derived writer. That depends on content alone, so all end with the same, in whatever order the
//! branches arrive. A branch that came as a derived writer's stays one, since somebody knows a smaller
//! hash in its place; and no entry is ever in two chains.

use guildsync_types::{Hash, WriterId};
use guildsync_wire::bytes::Writer;

use crate::accept::{AcceptError, Accepted};
use crate::chain::{Chain, Linker};
use crate::content::Full;
use crate::entry::Draft;
use crate::log::Log;
use crate::order::Ref;
use crate::segment::{Branch, Segment, derived};

impl Log {
    /// Puts the entries of a segment where they belong, given the hash before them and their own, which
    /// lead to its seal; true if rights may have changed.
    pub(crate) fn put(
        &mut self,
        mut segment: Segment,
        before: Hash,
        mut hashes: Vec<Hash>,
        accepted: &mut Accepted,
    ) -> Result<bool, AcceptError> {
        if let (None, Some(branch)) = (self.content.chain_index(segment.writer), segment.branch) {
            self.give_up_branch(branch, &hashes[0], accepted)?;
        }
        let n_same = self.n_same(&segment);
        let mut rights = false;
        if let Some(n) = self.goes_astray(&segment, &before, &hashes, n_same) {
            let (root, first) = (segment.root(), segment.first + n as u64);
            let base = if n == 0 { before } else { hashes[n - 1] };
            let rest = Segment {
                writer: derived(root, &hashes[n]),
                first,
                drafts: segment.drafts.split_off(n),
                seal: segment.seal,
                branch: Some(Branch { root, first, base }),
            };
            rights = self.put(rest, base, hashes.split_off(n), accepted)?;
        }
        if segment.drafts.is_empty() {
            return Ok(rights);
        }
        // An undo may name an entry by a branch that it is no longer, or not yet, part of here.
        let is_new = self.content.chain_index(segment.writer).is_none();
        let is_named = is_new && segment.branch.is_some() && self.awaits(segment.writer);
        let chain = self.chain_for(segment.writer, segment.branch)?;
        let next = self.content.chains[usize::from(chain)].last() + 1;
        rights |= match n_same < segment.drafts.len() && segment.first + (n_same as u64) < next {
            true => self.fork(chain, segment, &hashes, n_same, accepted)?,
            false => self.extend(chain, &segment, &hashes, n_same, accepted),
        };
        if is_named {
            self.rebuild();
        }
        Ok(rights)
    }

    /// The number behind the last entry of a writer's chain, if only branches go on from there here:
    /// somebody knows an entry of that number in this chain.
    pub(crate) fn cut_at(&self, writer: WriterId) -> Option<u64> {
        let new = Chain::new(&self.profile.id, writer);
        let chain = self.content.chain(writer).unwrap_or(&new);
        let seq = chain.last() + 1;
        let behind = |c: &Chain| (c.first, c.base) == (seq, chain.head) && !c.rows.is_empty();
        self.content.branches(writer).any(behind).then_some(seq)
    }

    /// How many entries of the segment are held, from its first on.
    fn n_same(&self, segment: &Segment) -> usize {
        let Some(held) = self.content.chain(segment.writer) else { return 0 };
        let Some(place) = held.place(segment.first) else { return 0 };
        let mut bytes = [Writer::new(), Writer::new()];
        let mut are_same = |drafts: [&Draft; 2]| {
            // Names are equal whatever their case; entries, which are hashed, are not.
            for (draft, bytes) in drafts.iter().zip(&mut bytes) {
                bytes.clear();
                draft.encode(bytes);
            }
            bytes[0].as_slice() == bytes[1].as_slice()
        };
        let pairs = segment.drafts.iter().zip(&held.rows[place..]);
        let same = pairs.take_while(|&(draft, row)| are_same([draft, &self.content.unpack(row)]));
        same.count()
    }

    /// Where the segment's entries behind the first `n_same` go over into a branch: one that is held as
    /// a derived writer's begins there, too, with the same hash or a smaller one.
    fn goes_astray(
        &self,
        segment: &Segment,
        before: &Hash,
        hashes: &[Hash],
        n_same: usize,
    ) -> Option<usize> {
        let begins = segment.branch.map_or(0, |branch| branch.first);
        let branches = self.content.branches(segment.root()).filter(|c| !c.rows.is_empty());
        let astray = branches.filter_map(|branch| {
            let n = usize::try_from(branch.first.checked_sub(segment.first)?).ok()?;
            let hash = hashes.get(n).filter(|_| n >= n_same && branch.first != begins)?;
            let base = if n == 0 { before } else { &hashes[n - 1] };
            let beside = branch.base == *base && self.content.hash_before(branch, 1) <= *hash;
            beside.then_some(n)
        });
        astray.min()
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
        let (root, first) = (held.root, segment.first + n_same as u64);
        let place = (first - held.first) as usize;
        let branch = Branch { root, first, base: self.content.hash_before(held, place) };
        let ours = self.content.hash(Ref { chain, place: place as u32 });
        let theirs = hashes[n_same];
        if theirs > ours {
            segment.drafts.drain(..n_same);
            segment.first = first;
            segment.writer = derived(root, &theirs);
            segment.branch = Some(branch);
            return self.put(segment, branch.base, hashes[n_same..].to_vec(), accepted);
        }
        self.move_branch(chain, branch, &ours, accepted)?;
        // What was derived from the old places has to go before anything is pushed.
        self.rebuild();
        self.extend(chain, &segment, hashes, n_same, accepted);
        Ok(true)
    }

    /// A derived writer arrives, whose branch begins with the entry of hash `first`: others know one with
    /// a smaller hash in that place. If a chain here goes on there with this entry, or with one of a
    /// larger hash, that moves.
    fn give_up_branch(
        &mut self,
        branch: Branch,
        first: &Hash,
        accepted: &mut Accepted,
    ) -> Result<(), Full> {
        let root = self.content.chain(branch.root).into_iter();
        let goes_on_there = root.chain(self.content.branches(branch.root)).find_map(|chain| {
            let place = chain.place(branch.first)?;
            let is_it = chain.leaves() != Some(branch)
                && self.content.hash_before(chain, place) == branch.base;
            is_it.then_some((self.content.chain_index(chain.writer)?, place as u32))
        });
        let Some((chain, place)) = goes_on_there else { return Ok(()) };
        let ours = self.content.hash(Ref { chain, place });
        if ours >= *first {
            self.move_branch(chain, branch, &ours, accepted)?;
            self.rebuild();
        }
        Ok(())
    }

    /// Moves a chain's rows from `branch.first` on to the derived writer of their first hash.
    fn move_branch(
        &mut self,
        chain: u16,
        branch: Branch,
        first: &Hash,
        accepted: &mut Accepted,
    ) -> Result<(), Full> {
        let writer = derived(branch.root, first);
        let index = self.chain_for(writer, Some(branch))?;
        let held = &mut self.content.chains[usize::from(chain)];
        let place = (branch.first - held.first) as usize;
        let rows = held.rows[place..].to_vec();
        let (seal, last) = (held.seal.take(), held.last());
        held.truncate(place, branch.base);
        accepted.rewritten.push(held.writer);
        accepted.rewritten.push(writer);
        let known = &self.content.chains[usize::from(index)];
        let mut linker = Linker::behind(known.head);
        for row in rows.into_iter().skip(known.rows.len()) {
            let hash = linker.next(&self.content.unpack(&row));
            self.content.chains[usize::from(index)].push(row, hash);
        }
        let moved = &mut self.content.chains[usize::from(index)];
        if moved.last() == last {
            moved.seal = moved.seal.or(seal);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use guildsync_types::{EntryId, MemberName, Reason, SecretKey, Stamp};

    use super::*;
    use crate::append::AppendError;
    use crate::entry::{Change, Draft};
    use crate::profile::Profile;

    fn note(seconds: u64) -> Draft {
        Draft {
            stamp: Stamp::new(seconds, 0).unwrap(),
            actor: MemberName::new("Oakhand").unwrap(),
            change: Change::Note { about: None },
            reason: Reason::default(),
            origin: None,
        }
    }

    /// A log with as many chains as there may be, all but one of them empty.
    fn full(key: &SecretKey, drafts: &[Draft]) -> Log {
        let mut log = Log::new(Profile::default_profile());
        log.append(key, drafts).unwrap();
        for n in 1..Log::WRITERS_MAX as u32 {
            let mut writer = WriterId::default();
            writer.0[..4].copy_from_slice(&n.to_le_bytes());
            let chain = Chain::new(&log.profile.id, writer);
            log.content.add_chain(chain).unwrap();
        }
        log
    }

    #[test]
    fn a_full_log_refuses_every_way_to_another_chain_and_goes_on_with_those_it_has() {
        let (one, two) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let mut log = full(&one, &[note(1), note(2), note(3)]);
        let before = log.heads();
        let refused = log.append(&two, &[note(1)]).unwrap_err();
        assert_eq!(refused, AppendError::TooManyWriters { writer: two.writer() });
        assert!(!log.salvage(two.writer(), None, &[note(1)]));
        let full = |refused| matches!(refused, Err(AcceptError::TooManyWriters { .. }));
        let mut other = Log::new(log.profile.clone());
        assert!(full(log.accept(other.append(&two, &[note(1)]).unwrap())));
        // Other branches: whichever of the two has to move finds no room.
        for seconds in 10..20 {
            let mut copy = Log::new(log.profile.clone());
            let fork = copy.append(&one, &[note(1), note(seconds)]).unwrap();
            assert!(full(log.accept(fork)));
        }
        // A branch that is here as part of the chain.
        let whole = log.segment(one.writer(), 2).unwrap();
        let first = EntryId { writer: one.writer(), seq: 2 };
        let base = log.entry_hash(EntryId { seq: 1, ..first }).unwrap();
        let branch = Some(Branch { root: one.writer(), first: 2, base });
        let writer = derived(one.writer(), &log.entry_hash(first).unwrap());
        assert!(full(log.accept(Segment { writer, branch, ..whole })));
        assert_eq!(log.heads(), before);
        log.append(&one, &[note(4)]).unwrap();
        assert_eq!(log.frontier().last(one.writer()), 4);
    }
}
