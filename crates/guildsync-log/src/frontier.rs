//! What a replica has: one number a writer, whatever the log's size.

use std::collections::BTreeMap;

use guildsync_types::hash::Domain;
use guildsync_types::{Digest, Hash, WriterId};

/// Writer -> its last entry held. A missing writer means none of its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier(BTreeMap<WriterId, u64>);

impl Frontier {
    /// Nothing held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The last entry of `writer` that is held, 0 for none.
    #[must_use]
    pub fn last(&self, writer: WriterId) -> u64 {
        self.0.get(&writer).copied().unwrap_or(0)
    }

    /// Says that `writer`'s entries up to `last` are held.
    pub fn set(&mut self, writer: WriterId, last: u64) {
        match last {
            0 => self.0.remove(&writer),
            last => self.0.insert(writer, last),
        };
    }

    /// Writers and their last entries, by writer.
    pub fn iter(&self) -> impl Iterator<Item = (WriterId, u64)> + '_ {
        self.0.iter().map(|(&writer, &last)| (writer, last))
    }

    /// Writers whose ids begin with these bytes.
    pub fn starting_with<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = WriterId> + 'a {
        let mut first = [0; 16];
        let n = prefix.len().min(16);
        first[..n].copy_from_slice(&prefix[..n]);
        let from = self.0.range(WriterId(first)..).map(|(&writer, _)| writer);
        from.take_while(move |writer| writer.0.starts_with(&prefix[..n]))
    }

    /// How many writers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `other` has and this one lacks: writer, first missing, last missing.
    pub fn lacks<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (WriterId, u64, u64)> + 'a {
        other.iter().filter_map(|(writer, last)| {
            let have = self.last(writer);
            (have < last).then_some((writer, have + 1, last))
        })
    }

    /// How many entries [`Frontier::lacks`] names.
    #[must_use]
    pub fn n_lacking(&self, other: &Self) -> u64 {
        self.lacks(other).map(|(_, first, last)| last - first + 1).sum()
    }

    /// What both have: the smaller number of each writer.
    #[must_use]
    pub fn min(&self, other: &Self) -> Self {
        let both = self.iter().map(|(writer, last)| (writer, last.min(other.last(writer))));
        Self(both.filter(|&(_, last)| last > 0).collect())
    }

    /// What either has: the larger number of each writer.
    #[must_use]
    pub fn max(&self, other: &Self) -> Self {
        let mut max = self.clone();
        for (writer, last) in other.iter() {
            max.set(writer, last.max(self.last(writer)));
        }
        max
    }
}

impl FromIterator<(WriterId, u64)> for Frontier {
    fn from_iter<I: IntoIterator<Item = (WriterId, u64)>>(pairs: I) -> Self {
        let mut frontier = Self::new();
        pairs.into_iter().for_each(|(writer, last)| frontier.set(writer, last));
        frontier
    }
}

/// Writer -> last entry held and its hash: equal heads mean equal logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads(pub(crate) BTreeMap<WriterId, (u64, Hash)>);

impl Heads {
    /// A writer's last entry held and its hash.
    #[must_use]
    pub fn get(&self, writer: WriterId) -> Option<(u64, Hash)> {
        self.0.get(&writer).copied()
    }

    /// Writers, last entries and their hashes, by writer.
    pub fn iter(&self) -> impl Iterator<Item = (WriterId, u64, Hash)> + '_ {
        self.0.iter().map(|(&writer, &(last, hash))| (writer, last, hash))
    }

    /// The numbers without the hashes.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        self.iter().map(|(writer, last, _)| (writer, last)).collect()
    }

    /// One hash over all heads.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut hasher = Hash::of(Domain::Heads);
        for (writer, last, hash) in self.iter() {
            hasher.add(&writer.0);
            hasher.add(&last.to_le_bytes());
            hasher.add(&hash.0);
        }
        hasher.finish()
    }

    /// The eight bytes that messages carry.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.hash().digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frontier() -> impl Strategy<Value = Frontier> {
        let pair = (0u8..6, 0u64..9).prop_map(|(w, last)| (WriterId([w; 16]), last));
        proptest::collection::vec(pair, 0..6).prop_map(|pairs| pairs.into_iter().collect())
    }

    proptest! {
        #[test]
        fn min_and_max_are_a_lattice_and_lacks_is_their_difference(a in frontier(), b in frontier()) {
            prop_assert_eq!(a.min(&b), b.min(&a));
            prop_assert_eq!(a.max(&b), b.max(&a));
            prop_assert_eq!(a.max(&a.min(&b)), a.clone());
            let mut mended = a.clone();
            for (writer, first, last) in a.lacks(&b) {
                prop_assert_eq!(first, a.last(writer) + 1);
                mended.set(writer, last);
            }
            prop_assert_eq!(mended, a.max(&b));
        }
    }
}
