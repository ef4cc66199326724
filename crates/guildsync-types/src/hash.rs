//! BLAKE3 hashes, each under a domain of its own, and the short digest that messages carry.

use std::fmt;
use std::str::FromStr;

/// A BLAKE3 hash of 32 bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// What a hash is about. Two domains never give the same hash for the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Domain {
    /// A writer's public key, to its id.
    Writer = 1,
    /// An open profile's name, to its id.
    OpenProfile = 2,
    /// An owned profile's creation entry, to its id.
    OwnedProfile = 3,
    /// Where the chain of a writer in a profile starts.
    ChainStart = 4,
    /// An entry behind its predecessor's hash.
    Entry = 5,
    /// A fork's first entry, to the derived writer.
    Fork = 6,
    /// What a seal signs.
    Seal = 7,
    /// What ties a new writer to an old one.
    Continues = 8,
    /// The heads of a log.
    Heads = 9,
    /// The heads and standings of every profile.
    State = 10,
    /// A record of a guild table.
    Record = 11,
    /// Some records of guild tables, as one side of a session has them.
    Records = 12,
    /// A session between two members: its number, and what keys its short hashes.
    Session = 13,
    /// A document's first title, to its id.
    Document = 14,
    /// A section's first name and place among equal ones, to its id.
    Section = 15,
    /// The body of a section.
    Body = 16,
    /// What an edit sets: a structure, or a section's record.
    Item = 17,
    /// An edit, which its editor signs.
    Edit = 18,
    /// All that a document holds.
    Version = 19,
}

impl Hash {
    /// Starts a hash in `domain`.
    #[must_use]
    pub fn of(domain: Domain) -> Hasher {
        let mut hasher = Hasher { short: [0; SHORT], len: 0, long: None };
        hasher.add(&[b'g', b's', 1, domain as u8]);
        hasher
    }

    /// The first eight bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut short = [0; 8];
        short.copy_from_slice(&self.0[..8]);
        Digest(short)
    }
}

/// Most hashes are over less than this: an entry, what a seal signs.
const SHORT: usize = 256;

/// A hash being taken. BLAKE3's own hasher is two thousand bytes and slow with little at a time, so what
/// is short is hashed in one go, and what is long goes there in pieces.
#[derive(Clone)]
pub struct Hasher {
    /// What was added last.
    short: [u8; SHORT],
    len: usize,
    /// What was added before that, if it was much.
    long: Option<Box<blake3::Hasher>>,
}

impl Hasher {
    /// Adds bytes. Fields of variable length are the caller's to delimit.
    #[must_use]
    pub fn with(mut self, bytes: &[u8]) -> Self {
        self.add(bytes);
        self
    }

    /// Adds bytes in place.
    pub fn add(&mut self, bytes: &[u8]) {
        if bytes.len() > SHORT - self.len {
            let long = self.long.get_or_insert_default();
            long.update(&self.short[..self.len]);
            self.len = 0;
            if bytes.len() > SHORT {
                long.update(bytes);
                return;
            }
        }
        self.short[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// The hash of what was added.
    #[must_use]
    pub fn finish(self) -> Hash {
        let rest = &self.short[..self.len];
        let hash = match self.long {
            None => blake3::hash(rest),
            Some(mut long) => long.update(rest).finalize(),
        };
        Hash(*hash.as_bytes())
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Eight bytes of a hash: enough to notice that two members differ, not to prove that they agree.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 8]);

/// Bytes as lower-case hex.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('?');
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
        text
    })
}

/// Hex of exactly `N` bytes, in either case.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digit = |d: u8| char::from(d).to_digit(16);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(bytes)
}

macro_rules! shown_as_hex {
    ($($name:ident, $len:literal);*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&to_hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", to_hex(&self.0[..4]))
            }
        }

        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                from_hex::<$len>(text).map(Self).ok_or(NotHex { bytes: $len })
            }
        }
    )*};
}
pub(crate) use shown_as_hex;

/// A text that should have been hex.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {bytes} bytes in hex ({} digits)", bytes * 2)]
pub struct NotHex {
    /// How many bytes were wanted.
    pub bytes: usize,
}

shown_as_hex!(Hash, 32; Digest, 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_keep_equal_bytes_apart() {
        let hash = |domain| Hash::of(domain).with(b"same").finish();
        assert_ne!(hash(Domain::Writer), hash(Domain::Entry));
        assert_eq!(hash(Domain::Writer), hash(Domain::Writer));
    }

    #[test]
    fn a_hash_does_not_depend_on_the_pieces_in_which_its_bytes_were_added() {
        let bytes: Vec<u8> = (0..3_000u32).map(|n| (n * 7) as u8).collect();
        for len in [0, 1, 200, 251, 252, 253, 256, 257, 508, 509, 1_024, 3_000] {
            let mut whole = blake3::Hasher::new();
            whole.update(&[b'g', b's', 1, Domain::Entry as u8]).update(&bytes[..len]);
            for piece in [1, 3, 32, 252, 253, 256, 257, 600, 3_000] {
                let mut hasher = Hash::of(Domain::Entry);
                bytes[..len].chunks(piece).for_each(|piece| hasher.add(piece));
                assert_eq!(hasher.finish().0, *whole.finalize().as_bytes(), "{len} by {piece}");
            }
        }
    }

    #[test]
    fn hex_reads_back_and_refuses_the_rest() {
        let hash = Hash::of(Domain::State).finish();
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("zz".repeat(32).parse::<Hash>().is_err());
        assert!("ab".parse::<Hash>().is_err());
    }
}
