//! Identities: writers, profiles, entries.

use std::fmt;
use std::str::FromStr;

use crate::hash::{Domain, Hash, NotHex, from_hex, shown_as_hex, to_hex};
use crate::name::ProfileName;
use crate::seal::PublicKey;

/// The replica that appended an entry: the fingerprint of its key, 16 bytes.
///
/// A branch of a forked chain has a derived writer ([`WriterId::of_fork`]) that no key has.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriterId(pub [u8; 16]);

impl WriterId {
    /// The writer that signs with `key`.
    #[must_use]
    pub fn of_key(key: &PublicKey) -> Self {
        Self::cut(Hash::of(Domain::Writer).with(&key.0).finish())
    }

    /// The derived writer of the branch of `parent` whose first own entry hashes to `first`.
    #[must_use]
    pub fn of_fork(parent: Self, first: &Hash) -> Self {
        Self::cut(Hash::of(Domain::Fork).with(&parent.0).with(&first.0).finish())
    }

    /// The first eight hex digits: what tables show.
    #[must_use]
    pub fn short(&self) -> String {
        to_hex(&self.0[..4])
    }

    fn cut(hash: Hash) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&hash.0[..16]);
        Self(id)
    }
}

/// A profile: the hash of its name (open) or of its creation entry (owned).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(pub [u8; 32]);

impl ProfileId {
    /// The open profile of this name: the same on every replica.
    #[must_use]
    pub fn of_name(name: &ProfileName) -> Self {
        Self(Hash::of(Domain::OpenProfile).with(name.as_str().as_bytes()).finish().0)
    }

    /// The first eight hex digits: what tables show.
    #[must_use]
    pub fn short(&self) -> String {
        to_hex(&self.0[..4])
    }
}

shown_as_hex!(WriterId, 16; ProfileId, 32);

/// One entry of a profile: its writer and its place in that writer's chain, counted from 1.
///
/// As text `writer:seq`, the writer in hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Who appended it.
    pub writer: WriterId,
    /// Its place in the writer's chain, from 1.
    pub seq: u64,
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.writer, self.seq))
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.writer.short(), self.seq)
    }
}

impl FromStr for EntryId {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, NotHex> {
        let wrong = NotHex { bytes: 16 };
        let (writer, seq) = text.split_once(':').ok_or(wrong.clone())?;
        let seq = seq.parse().ok().filter(|&seq| seq > 0).ok_or(wrong.clone())?;
        Ok(Self { writer: WriterId(from_hex(writer).ok_or(wrong)?), seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_id_reads_back_from_its_text() {
        let id = EntryId { writer: WriterId([7; 16]), seq: 42 };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("0707:1".parse::<EntryId>().is_err());
        assert!(format!("{}:0", id.writer).parse::<EntryId>().is_err());
    }

    #[test]
    fn open_profiles_of_one_name_are_one_profile() {
        let id = |name| ProfileId::of_name(&ProfileName::new(name).unwrap());
        assert_eq!(id("Raid-Team-A"), id(" Raid-Team-A "));
        assert_ne!(id("Raid-Team-A"), id("Raid-Team-B"));
    }
}
