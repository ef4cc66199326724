//! Segments: a run of one writer's entries with the seal that vouches for them, as members pass them
//! to each other.

use guildsync_types::{Hash, PublicKey, Seal, Signature, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::entry::Draft;

/// Entries `first..` of one writer's chain, up to the head that `seal` covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Whose chain.
    pub writer: WriterId,
    /// The number of the first entry.
    pub first: u64,
    /// The entries; the last one is what the seal covers.
    pub drafts: Vec<Draft>,
    /// The writer's signature over its head.
    pub seal: Seal,
    /// Where the chain leaves the one it forked from; `None` for a chain that begins at 1.
    pub branch: Option<Branch>,
}

/// Where a fork's branch leaves its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The writer that was forked, whose key seals the branch.
    pub root: WriterId,
    /// The branch's first own entry.
    pub first: u64,
    /// The hash before it.
    pub base: Hash,
}

impl Segment {
    /// The most entries that one encoded segment may hold.
    pub const ENTRIES_MAX: usize = 1 << 22;

    /// The number of the last entry.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first.saturating_add(self.drafts.len() as u64).saturating_sub(1)
    }

    /// Whose key has to have sealed it.
    #[must_use]
    pub fn root(&self) -> WriterId {
        self.branch.map_or(self.writer, |branch| branch.root)
    }

    /// Writes the segment; the seal's number is the last entry's and is not repeated.
    pub fn encode(&self, w: &mut Writer) {
        w.raw(&self.writer.0);
        w.varint(self.first);
        w.varint(self.drafts.len() as u64);
        for draft in &self.drafts {
            w.bytes(&draft.to_bytes());
        }
        encode_seal(&self.seal, w);
        encode_branch(self.branch.as_ref(), w);
    }

    /// What is wrong with it by itself, whatever the log: a segment can be built by hand.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let n = self.drafts.len() as u64;
        let begins = self.branch.map_or(1, |branch| branch.first);
        match () {
            () if n == 0 => Some("it has no entries"),
            () if self.first == 0 || begins == 0 => Some("entries are counted from 1"),
            () if self.first < begins => Some("it begins before its branch"),
            () if self.first.checked_add(n).is_none() => Some("its numbers end beyond 64 bits"),
            () => self.drafts.iter().find_map(Draft::fault),
        }
    }

    /// Reads a segment.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let writer = WriterId(r.array("writer")?);
        let at = r.at();
        let first = r.varint("first")?;
        let n = r.count(Self::ENTRIES_MAX, 8, "entries")?;
        if first == 0 || n == 0 || first.checked_add(n as u64).is_none() {
            return Err(r.invalid("entries", at, "an empty or impossible run"));
        }
        let mut drafts = Vec::new();
        for _ in 0..n {
            drafts.push(Draft::from_bytes(r.bytes(Draft::BYTES_MAX, "entry")?)?);
        }
        let seal = decode_seal(first + n as u64 - 1, r)?;
        Ok(Self { writer, first, drafts, seal, branch: decode_branch(r)? })
    }
}

/// Writes a seal without its number.
pub fn encode_seal(seal: &Seal, w: &mut Writer) {
    w.raw(&seal.key.0);
    w.raw(&seal.head.0);
    w.raw(&seal.signature.0);
}

/// Reads a seal over entry `seq`.
///
/// # Errors
/// When the input is too short.
pub fn decode_seal(seq: u64, r: &mut Reader<'_>) -> Result<Seal, DecodeError> {
    Ok(Seal {
        key: PublicKey(r.array("seal key")?),
        seq,
        head: Hash(r.array("seal head")?),
        signature: Signature(r.array("seal signature")?),
    })
}

/// Writes where a chain branches off, one byte 0 if nowhere.
pub fn encode_branch(branch: Option<&Branch>, w: &mut Writer) {
    match branch {
        None => w.u8(0),
        Some(Branch { root, first, base }) => {
            w.u8(1);
            w.raw(&root.0);
            w.varint(*first);
            w.raw(&base.0);
        }
    }
}

/// Reads what [`encode_branch`] wrote.
///
/// # Errors
/// The field that is wrong, and where.
pub fn decode_branch(r: &mut Reader<'_>) -> Result<Option<Branch>, DecodeError> {
    let at = r.at();
    match r.u8("branch")? {
        0 => Ok(None),
        1 => {
            let root = WriterId(r.array("branch root")?);
            let at = r.at();
            let first = r.varint("branch first")?;
            if first == 0 {
                return Err(r.invalid("branch first", at, "entries are counted from 1"));
            }
            Ok(Some(Branch { root, first, base: Hash(r.array("branch base")?) }))
        }
        _ => Err(r.invalid("branch", at, "neither 0 nor 1")),
    }
}

/// The derived writer of the branch of `root` whose first own entry hashes to `first`.
pub(crate) fn derived(root: WriterId, first: &Hash) -> WriterId {
    WriterId::of_fork(root, first)
}
