//! What two peers can say to each other: versions and capabilities, and the answer to an unknown one.
//!
//! Each side sends an [`Offer`]; both compute the same [`Agreement`] from the two, so that nothing
//! has to be confirmed. Bits that this version has no name for are kept and agree to nothing. To a
//! peer of an unknown version there is one thing to say, which any version can read: the versions
//! that we speak ([`Refusal`]); a [`Courtesy`] keeps it rare.
//!
//! ```
//! use guildsync_wire::negotiate::{Capabilities, Capability, Dialect, Offer, Versions, agree};
//! let versions = |low, high| Versions::new(low, high).expect("in order");
//! let ours = Offer { versions: versions(1, 3), capabilities: Capabilities::ALL };
//! let mut theirs = Offer { versions: versions(2, 9), capabilities: Capabilities::ALL };
//! theirs.capabilities.remove(Capability::Dialect(Dialect::Compact));
//! let agreement = agree(&ours, &theirs)?;
//! assert_eq!((agreement.version, agreement.dialect), (3, Dialect::Text));
//! assert_eq!(agree(&theirs, &ours)?, agreement);
//! # Ok::<(), guildsync_wire::negotiate::NoCommon>(())
//! ```

use thiserror::Error;

use crate::alphabet::Alphabet;
use crate::bytes::{DecodeError, Reader, Writer};
use crate::checksum::Checksum;
use crate::compress::Method;
use crate::payload::Payload;

mod courtesy;
mod refusal;
#[cfg(test)]
mod tests;

pub use courtesy::Courtesy;
pub use refusal::{Refusal, RefusalError};

/// The versions that somebody speaks: all from the lowest to the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Versions {
    low: u8,
    high: u8,
}

impl Versions {
    /// From `low` to `high`; `None` unless `1 <= low <= high`.
    #[must_use]
    pub fn new(low: u8, high: u8) -> Option<Self> {
        (1 <= low && low <= high).then_some(Self { low, high })
    }

    /// The lowest.
    #[must_use]
    pub fn low(self) -> u8 {
        self.low
    }

    /// The highest.
    #[must_use]
    pub fn high(self) -> u8 {
        self.high
    }

    /// The highest that both speak.
    #[must_use]
    pub fn common(self, other: Self) -> Option<u8> {
        let high = self.high.min(other.high);
        (high >= self.low && high >= other.low).then_some(high)
    }
}

/// The form of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Bytes, the fewest.
    Compact,
    /// The seeds' text forms ([`crate::dialect`]).
    Text,
}

/// How batches of rows may be written ([`crate::rows`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Batch {
    /// Columns without an entropy stage.
    Fast,
    /// Alone, in the fewest bytes.
    Small,
    /// Against rows that the receiver holds.
    History,
    /// Against what rows are like in general.
    Prior,
}

/// One thing that somebody can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Speaks a dialect.
    Dialect(Dialect),
    /// Reads and writes values so.
    Payload(Payload),
    /// Decompresses this.
    Compression(Method),
    /// Has a channel that carries the bytes of this alphabet, and undoes it.
    Alphabet(Alphabet),
    /// Reads such batches.
    Batch(Batch),
    /// Checks, and writes, such checksums.
    Checksum(Checksum),
}

impl Capability {
    /// Every one of this version. The place in the list is the bit in an offer: new ones are added
    /// at the end, none is moved. Of several in a group the first that is common is agreed on, save
    /// for batches.
    pub const ALL: [Self; 18] = [
        Self::Dialect(Dialect::Compact),
        Self::Dialect(Dialect::Text),
        Self::Payload(Payload::Compact),
        Self::Payload(Payload::Json),
        Self::Payload(Payload::LuaTable),
        Self::Compression(Method::Deflate),
        Self::Compression(Method::Stored),
        Self::Compression(Method::Huffman),
        Self::Alphabet(Alphabet::Bytes),
        Self::Alphabet(Alphabet::NoNul),
        Self::Alphabet(Alphabet::Printable),
        Self::Batch(Batch::Fast),
        Self::Batch(Batch::Small),
        Self::Batch(Batch::History),
        Self::Batch(Batch::Prior),
        Self::Checksum(Checksum::PerTransfer),
        Self::Checksum(Checksum::PerChunk),
        Self::Checksum(Checksum::None),
    ];

    fn bit(self) -> u64 {
        Self::ALL.iter().position(|other| *other == self).map_or(0, |place| 1 << place)
    }
}

/// A set of [`Capability`]s, with the bits of later versions kept as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Capabilities(u64);

impl Capabilities {
    /// None.
    pub const NONE: Self = Self(0);
    /// All of this version.
    pub const ALL: Self = Self((1 << Capability::ALL.len()) - 1);

    /// From the bits of an offer, also those without a name here.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits as they are sent.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Adds one.
    pub fn insert(&mut self, capability: Capability) {
        self.0 |= capability.bit();
    }

    /// Takes one out.
    pub fn remove(&mut self, capability: Capability) {
        self.0 &= !capability.bit();
    }

    /// Whether one is in the set.
    #[must_use]
    pub fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Those of this version that both have.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self(self.0 & other.0 & Self::ALL.0)
    }

    /// Those of this version, in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |capability| self.has(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut set = Self::NONE;
        capabilities.into_iter().for_each(|capability| set.insert(capability));
        set
    }
}

/// What one side can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Offer {
    /// The versions it speaks.
    pub versions: Versions,
    /// What it can do in them.
    pub capabilities: Capabilities,
}

impl Offer {
    /// Appends the offer: the lowest version, the highest, the capabilities as a varint; 5 bytes for
    /// all of this version.
    pub fn write(&self, writer: &mut Writer) {
        writer.u8(self.versions.low);
        writer.u8(self.versions.high);
        writer.varint(self.capabilities.0);
    }

    /// Takes an offer.
    ///
    /// # Errors
    /// It ends early, or its versions are not in order.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.at();
        let (low, high) = (reader.u8("lowest version")?, reader.u8("highest version")?);
        let versions = Versions::new(low, high);
        let versions = versions.ok_or_else(|| {
            reader.invalid("versions", at, "not from 1 or more up to the same or more")
        })?;
        let capabilities = Capabilities(reader.varint("capabilities")?);
        Ok(Self { versions, capabilities })
    }
}

/// What two offers come to: the same for both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Agreement {
    /// The highest common version.
    pub version: u8,
    /// Compact rather than text.
    pub dialect: Dialect,
    /// Compact rather than JSON rather than Lua.
    pub payload: Payload,
    /// DEFLATE rather than nothing; never [`Method::Huffman`], which nobody writes. Who reads that
    /// is in `common`.
    pub compression: Method,
    /// The one with the most byte values.
    pub alphabet: Alphabet,
    /// Per transfer rather than per chunk rather than none. Whoever asks for one offers it alone.
    pub checksum: Checksum,
    /// All that both can do. Of batches any common kind may be sent, and there is one at least.
    pub common: Capabilities,
}

/// Why two peers cannot talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoCommon {
    /// No version is common.
    #[error(
        "we speak versions {} to {}, they speak {} to {}",
        ours.low, ours.high, theirs.low, theirs.high
    )]
    Version {
        /// The first offer's.
        ours: Versions,
        /// The second one's.
        theirs: Versions,
    },
    /// Nothing of a group of capabilities is common.
    #[error("no {group} is common")]
    Capability {
        /// `dialect`, `payload` ...
        group: &'static str,
    },
}

/// What both offers have in common. Which is whose makes no difference, save for the order of the
/// two in [`NoCommon::Version`].
///
/// # Errors
/// No common version, or nothing common in one of the groups.
pub fn agree(ours: &Offer, theirs: &Offer) -> Result<Agreement, NoCommon> {
    let (our_versions, their_versions) = (ours.versions, theirs.versions);
    let version = our_versions.common(their_versions);
    let version =
        version.ok_or(NoCommon::Version { ours: our_versions, theirs: their_versions })?;
    let common = ours.capabilities.common(theirs.capabilities);
    pick(common, "kind of batch", |it| match it {
        Capability::Batch(batch) => Some(batch),
        _ => None,
    })?;
    Ok(Agreement {
        version,
        dialect: pick(common, "dialect", |it| match it {
            Capability::Dialect(dialect) => Some(dialect),
            _ => None,
        })?,
        payload: pick(common, "payload", |it| match it {
            Capability::Payload(payload) => Some(payload),
            _ => None,
        })?,
        compression: pick(common, "compression", |it| match it {
            Capability::Compression(method) if method != Method::Huffman => Some(method),
            _ => None,
        })?,
        alphabet: pick(common, "alphabet", |it| match it {
            Capability::Alphabet(alphabet) => Some(alphabet),
            _ => None,
        })?,
        checksum: pick(common, "checksum", |it| match it {
            Capability::Checksum(checksum) => Some(checksum),
            _ => None,
        })?,
        common,
    })
}

/// The first of a group that is common.
fn pick<T>(
    common: Capabilities,
    group: &'static str,
    of_group: fn(Capability) -> Option<T>,
) -> Result<T, NoCommon> {
    common.iter().find_map(of_group).ok_or(NoCommon::Capability { group })
}
