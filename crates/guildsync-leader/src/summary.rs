//! Summaries: what a member has of a profile, in a line a writer.

use std::collections::BTreeMap;

use guildsync_log::{Frontier, Log};
use guildsync_types::{Digest, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::message::{Message, encode_digest};

/// A frontier with four bytes of each head and eight over all of them.
///
/// The tags tell a chain that is merely longer from one that was forked; the digest tells that two
/// members have the same without looking at the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    heads: BTreeMap<WriterId, (u64, [u8; 4])>,
    digest: Digest,
}

impl Summary {
    /// What `log` has.
    #[must_use]
    pub fn of(log: &Log) -> Self {
        let heads = log.heads();
        let tag = |hash: [u8; 32]| [hash[0], hash[1], hash[2], hash[3]];
        Self {
            digest: heads.digest(),
            heads: heads.iter().map(|(writer, last, hash)| (writer, (last, tag(hash.0)))).collect(),
        }
    }

    /// The eight bytes over the heads.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The numbers alone.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        self.heads.iter().map(|(&writer, &(last, _))| (writer, last)).collect()
    }

    /// Writers whose heads have one number and two tags: their chains were forked.
    #[must_use]
    pub fn forked(&self, other: &Self) -> Vec<WriterId> {
        let differs = |(writer, (last, tag)): (&WriterId, &(u64, [u8; 4]))| {
            let (theirs, their_tag) = other.heads.get(writer)?;
            (theirs == last && their_tag != tag).then_some(*writer)
        };
        self.heads.iter().filter_map(differs).collect()
    }

    /// Writes the summary: 21 bytes a writer and more for numbers beyond 127.
    pub fn encode(&self, w: &mut Writer) {
        encode_digest(self.digest, w);
        w.varint(self.heads.len() as u64);
        for (writer, (last, tag)) in &self.heads {
            w.raw(&writer.0);
            w.varint(*last);
            w.raw(tag);
        }
    }

    /// Reads a summary.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let digest = Digest(r.array("digest")?);
        let n = r.count(Message::ITEMS_MAX, 21, "heads")?;
        let mut heads = BTreeMap::new();
        for _ in 0..n {
            let writer = WriterId(r.array("writer")?);
            let at = r.at();
            let last = r.varint("last")?;
            if last == 0 || heads.insert(writer, (last, r.array("tag")?)).is_some() {
                return Err(r.invalid("last", at, "a writer named twice, or without entries"));
            }
        }
        Ok(Self { heads, digest })
    }
}
