//! What a replica has: one number a writer, whatever the log's size.

use std::collections::BTreeMap;

use guildsync_types::hash::Domain;
use guildsync_types::{Digest, Hash, WriterId};

/// Writer -> its last entry held. A missing writer means none of its entries.
///
/// A sorted list: frontiers are made, compared and copied far more often than one number of them is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier(Vec<(WriterId, u64)>);

impl Frontier {
    /// Nothing held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The last entry of `writer` that is held, 0 for none.
    #[must_use]
    pub fn last(&self, writer: WriterId) -> u64 {
        self.place(writer).map_or(0, |place| self.0[place].1)
    }

    /// Says that `writer`'s entries up to `last` are held. Many at once are better collected.
    pub fn set(&mut self, writer: WriterId, last: u64) {
        match (self.place(writer), last) {
            (Ok(place), 0) => drop(self.0.remove(place)),
            (Ok(place), last) => self.0[place].1 = last,
            (Err(_), 0) => {}
            (Err(place), last) => self.0.insert(place, (writer, last)),
        }
    }

    /// Writers and their last entries, by writer.
    pub fn iter(&self) -> impl Iterator<Item = (WriterId, u64)> + '_ {
        self.0.iter().copied()
    }

    /// Writers whose ids begin with these bytes.
    pub fn starting_with<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = WriterId> + 'a {
        let prefix = &prefix[..prefix.len().min(16)];
        let from = self.0.partition_point(|(writer, _)| writer.0[..prefix.len()] < *prefix);
        let writers = self.0[from..].iter().map(|&(writer, _)| writer);
        writers.take_while(move |writer| writer.0.starts_with(prefix))
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
        let mut rest = &self.0[..];
        other.iter().filter_map(move |(writer, last)| {
            while let [(before, _), further @ ..] = rest
                && *before < writer
            {
                rest = further;
            }
            let have =
                rest.first().filter(|(first, _)| *first == writer).map_or(0, |(_, have)| *have);
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
        let more = other.iter().filter(|&(writer, last)| last > self.last(writer));
        self.iter().chain(more).collect()
    }

    fn place(&self, writer: WriterId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&writer, |&(writer, _)| writer)
    }
}

impl FromIterator<(WriterId, u64)> for Frontier {
    /// Where a writer comes twice, the later number is meant.
    fn from_iter<I: IntoIterator<Item = (WriterId, u64)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
            pairs.sort_by_key(|&(writer, _)| writer);
            // Keeps the place of the first and the number of the last.
            pairs.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    kept.1 = later.1;
                }
                same
            });
        }
        pairs.retain(|&(_, last)| last > 0);
        Self(pairs)
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
        hash_of(self.iter())
    }

    /// The eight bytes that messages carry.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.hash().digest()
    }
}

/// One hash over heads, which come by writer.
pub(crate) fn hash_of(heads: impl Iterator<Item = (WriterId, u64, Hash)>) -> Hash {
    let mut hasher = Hash::of(Domain::Heads);
    for (writer, last, hash) in heads {
        hasher.add(&writer.0);
        hasher.add(&last.to_le_bytes());
        hasher.add(&hash.0);
    }
    hasher.finish()
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
