//! What a log has and hands on: frontier, heads, chains, segments, and what somebody else lacks.

use guildsync_types::{Digest, EntryId, Hash, PublicKey, Seal, WriterId};

use crate::chain::{Chain, Linker};
use crate::entry::Draft;
use crate::frontier::{Frontier, Heads, hash_of};
use crate::log::Log;
use crate::order::Ref;
use crate::segment::{Branch, Segment};

/// One chain of a log, as [`Log::chains`] lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainInfo {
    /// Whose chain.
    pub writer: WriterId,
    /// Where it leaves the one it forked from; `None` for a chain that begins at 1.
    pub branch: Option<Branch>,
    /// The last entry's number.
    pub last: u64,
    /// The last entry's hash.
    pub head: Hash,
    /// The seal over it. A chain that a fork has cut, or a damaged store, has none.
    pub seal: Option<Seal>,
    /// Whether its writer is in the frontier. In an owned profile a backdated revoke may have undone
    /// its grant.
    pub admitted: bool,
}

impl Log {
    /// Every chain that has entries, by writer, those without a role included.
    pub fn chains(&self) -> impl Iterator<Item = ChainInfo> + '_ {
        let chains = self.content.by_writer().filter(|chain| !chain.rows.is_empty());
        chains.map(|chain| ChainInfo {
            writer: chain.writer,
            branch: chain.leaves(),
            last: chain.last(),
            head: chain.head,
            seal: chain.seal,
            admitted: self.roles.admit(chain.root),
        })
    }

    /// What this log has, writer by writer. Writers without a role in an owned profile are not in it.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        self.admitted().map(|chain| (chain.writer, chain.last())).collect()
    }

    /// The frontier with the hash of each head.
    #[must_use]
    pub fn heads(&self) -> Heads {
        Heads(self.admitted().map(|c| (c.writer, (c.last(), c.head))).collect())
    }

    /// Eight bytes over the heads: what two members compare first.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let digest = || {
            let heads = self.admitted().map(|chain| (chain.writer, chain.last(), chain.head));
            hash_of(heads).digest()
        };
        let known = *self.digest.get_or_init(digest);
        debug_assert_eq!(known, digest(), "the heads have changed and nobody said so");
        known
    }

    /// Whether entry `seq` of `writer` with this hash is here, also where a fork has moved it to a
    /// branch. Then all entries before it are, too.
    #[must_use]
    pub fn holds_head(&self, writer: WriterId, seq: u64, hash: Hash) -> bool {
        self.content.find_hashed(EntryId { writer, seq }, &hash).is_some()
    }

    /// What `have` lacks of this log, a segment a writer. It shows no fork whose branches are of one
    /// length, or longer there; [`Log::lacking`] does.
    #[must_use]
    pub fn since(&self, have: &Frontier) -> Vec<Segment> {
        let behind = self.admitted().filter(|c| have.last(c.writer) < c.last());
        behind.filter_map(|c| self.segment_through(c, have.last(c.writer) + 1)).collect()
    }

    /// What a holder of these heads lacks of this log: whoever accepts all of it holds every entry that
    /// can be passed on.
    ///
    /// Where the holder's head is not in the chain here, the two may be branches of one chain, so the
    /// segment is the whole chain. If the holder is simply ahead, it has that already, which is
    /// harmless; a caller who has the other log can tell by [`Log::holds_head`] of the segment's root,
    /// last number and sealed head.
    #[must_use]
    pub fn lacking(&self, have: &Heads) -> Vec<Segment> {
        let lacked = |chain: &Chain| {
            let first = match have.get(chain.writer) {
                Some((last, hash)) if self.is_on(chain, last, hash) => last + 1,
                _ => chain.first,
            };
            (first <= chain.last()).then(|| self.segment_through(chain, first)).flatten()
        };
        self.admitted().filter_map(lacked).collect()
    }

    /// A writer's entries from number `first` to its head.
    #[must_use]
    pub fn segment(&self, writer: WriterId, first: u64) -> Option<Segment> {
        let chain = self.content.chain(writer)?;
        chain.seal?;
        self.segment_through(chain, first)
    }

    /// What `frontier` names and this log does not hold, whatever its writers' roles: writer, first
    /// missing entry.
    #[must_use]
    pub fn missing(&self, frontier: &Frontier) -> Vec<(WriterId, u64)> {
        let held = |writer| self.content.chain(writer).map_or(0, Chain::last);
        let behind = frontier.iter().filter(|&(writer, last)| held(writer) < last);
        behind.map(|(writer, _)| (writer, held(writer) + 1)).collect()
    }

    /// The hash that `drafts` lead to as a writer's entries from number `first` on, behind what is held
    /// of the chain, or from where it begins; `branch` says where that is if nothing of it is held.
    ///
    /// # Errors
    /// Entries before `first` are not here: the number of the first of them (1 for a branch that leaves
    /// nowhere).
    pub fn head_behind(
        &self,
        writer: WriterId,
        branch: Option<Branch>,
        first: u64,
        drafts: &[Draft],
    ) -> Result<Hash, u64> {
        if branch.is_some_and(|branch| branch.first == 0) {
            return Err(1);
        }
        let new = Chain::of(&self.profile.id, writer, branch);
        let chain = self.content.chain(writer).unwrap_or(&new);
        if first > chain.last() + 1 {
            return Err(chain.last() + 1);
        }
        let place = chain.place(first).unwrap_or(chain.rows.len());
        let mut linker = Linker::behind(self.content.hash_before(chain, place));
        Ok(drafts.iter().fold(linker.head(), |_, draft| linker.next(draft)))
    }

    /// The key that seals a writer's chain, and where the chain branches off, as far as seals are here.
    #[must_use]
    pub fn sealed_by(&self, writer: WriterId) -> Option<(PublicKey, Option<Branch>)> {
        let chain = self.content.chain(writer)?;
        // A fork may have cut off what the seal covered; then a branch has it, or the root.
        let root = self.content.chain(chain.root).into_iter();
        let kin = root.chain(self.content.branches(chain.root)).find_map(|kin| kin.seal);
        Some((chain.seal.or(kin)?.key, chain.leaves()))
    }

    pub(crate) fn admitted(&self) -> impl Iterator<Item = &Chain> {
        let admitted = |c: &&Chain| !c.rows.is_empty() && self.roles.admit(c.root);
        self.content.by_writer().filter(admitted)
    }

    /// A chain's entries from number `first` on. Where a fork has cut off what its seal covered, they go
    /// on through the branch, which lies behind them under that same seal; whoever accepts them gets
    /// the entries before the fork at least.
    fn segment_through(&self, chain: &Chain, first: u64) -> Option<Segment> {
        let first = first.max(chain.first);
        let rows = &chain.rows[chain.place(first)?..];
        let mut drafts: Vec<_> = rows.iter().map(|row| self.content.unpack(row)).collect();
        let mut end = chain;
        let seal = loop {
            if let Some(seal) = end.seal {
                break seal;
            }
            let mut branches = self.content.branches(chain.root);
            let behind = |c: &&Chain| c.first == end.last() + 1 && c.base == end.head;
            end = branches.find(|c| behind(c) && !c.rows.is_empty())?;
            drafts.extend(end.rows.iter().map(|row| self.content.unpack(row)));
        };
        Some(Segment { writer: chain.writer, first, drafts, seal, branch: chain.leaves() })
    }

    fn is_on(&self, chain: &Chain, seq: u64, hash: Hash) -> bool {
        let (Some(place), Some(index)) = (chain.place(seq), self.content.chain_index(chain.writer))
        else {
            return false;
        };
        self.content.hash(Ref { chain: index, place: place as u32 }) == hash
    }
}

#[cfg(test)]
mod tests {
    use guildsync_types::{MemberName, Reason, SecretKey, Stamp};

    use super::*;
    use crate::entry::Change;
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

    /// The digest, which the log may have known before, is that of its heads now.
    fn assert_fresh(log: &Log) {
        assert_eq!(log.digest(), log.heads().digest());
        assert_eq!(log.digest(), log.clone().digest());
    }

    #[test]
    fn the_digest_is_that_of_the_heads_after_appending_accepting_and_forking() {
        let (one, two) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let mut log = Log::new(Profile::default_profile());
        assert_fresh(&log);
        for seconds in 1..4 {
            log.append(&one, &[note(seconds)]).unwrap();
            assert_fresh(&log);
        }
        let mut other = Log::new(log.profile.clone());
        log.accept(other.append(&two, &[note(7)]).unwrap()).unwrap();
        assert_fresh(&log);
        for seconds in 10..20 {
            let mut copy = Log::new(log.profile.clone());
            let fork = copy.append(&one, &[note(1), note(seconds)]).unwrap();
            log.accept(fork).unwrap();
            assert_fresh(&log);
        }
        assert!(log.is_forked(one.writer()));
    }
}
