//! Tags: ids by their first bytes, as many as tell them apart.

use std::cmp::Ordering;
use std::fmt;

use guildsync_types::hash::{from_hex, to_hex};
use guildsync_types::{MemberName, ProfileId, WriterId};
use guildsync_wire::checksum::crc24;

/// A profile or a writer, by the first bytes of its id.
///
/// Three bytes where no other id that the sender knows begins alike, else all of them; of a profile's
/// 32 the first 16 are enough. Order is that of the bytes, so tags of ascending ids ascend.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// The first three bytes.
    Short([u8; 3]),
    /// The first sixteen: a writer's id.
    Whole([u8; 16]),
}

impl Tag {
    /// The first three bytes of an id, whatever else begins so.
    #[must_use]
    pub fn short(id: impl Into<Self>) -> Self {
        let id = id.into();
        match id {
            Self::Short(_) => id,
            Self::Whole(bytes) => Self::Short([bytes[0], bytes[1], bytes[2]]),
        }
    }

    /// Whether this is a tag of `id`.
    #[must_use]
    pub fn names(self, id: impl Into<Self>) -> bool {
        id.into().bytes().starts_with(self.bytes())
    }

    /// The bytes: 3 or 16.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Whole(bytes) => bytes,
        }
    }

    /// The tag that hex in lower case writes, 6 or 32 digits.
    pub(super) fn from_hex(text: &str) -> Option<Self> {
        let tag = from_hex(text).map(Self::Short).or_else(|| from_hex(text).map(Self::Whole))?;
        (tag.to_string() == text).then_some(tag)
    }
}

impl From<WriterId> for Tag {
    /// All bytes of the id.
    fn from(writer: WriterId) -> Self {
        Self::Whole(writer.0)
    }
}

impl From<ProfileId> for Tag {
    /// The first half of the id.
    fn from(profile: ProfileId) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&profile.0[..16]);
        Self::Whole(half)
    }
}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_hex(self.bytes()))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A member of the group, by three bytes of a checksum over its name, in whatever case.
///
/// Two of forty members share one once in some twenty thousand groups; then both may answer, which
/// costs a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberTag(pub [u8; 3]);

impl MemberTag {
    /// The tag of a member.
    #[must_use]
    pub fn of(member: &MemberName) -> Self {
        Self(crc24(&[member.folded().as_bytes()]))
    }

    /// The tag that six hex digits in lower case write.
    pub(super) fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self).filter(|tag| tag.to_string() == text)
    }
}

impl fmt::Display for MemberTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_hex(&self.0))
    }
}

impl fmt::Debug for MemberTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(bytes: [u8; 4]) -> WriterId {
        let mut id = [7; 16];
        id[..4].copy_from_slice(&bytes);
        WriterId(id)
    }

    #[test]
    fn a_tag_names_what_begins_so_and_sorts_as_the_ids_do() {
        let ids = [[1, 1, 1, 1], [1, 1, 2, 1], [1, 1, 2, 2], [9, 0, 0, 0]].map(writer);
        let tags = [Tag::short(ids[0]), ids[1].into(), ids[2].into(), Tag::short(ids[3])];
        assert!(tags.is_sorted());
        for (tag, id) in tags.into_iter().zip(ids) {
            assert_eq!(ids.map(|other| tag.names(other)), ids.map(|other| other == id));
            assert_eq!(Tag::from_hex(&tag.to_string()), Some(tag));
        }
        assert!(Tag::short(ids[1]).names(ids[2]));
        assert!(!Tag::from(ids[1]).names(Tag::short(ids[1])));
        assert_eq!(Tag::from_hex("0A0b0c"), None);
    }

    #[test]
    fn a_members_tag_has_no_case() {
        let name = |text| MemberName::from_entry(text).unwrap();
        assert_eq!(MemberTag::of(&name("OAKHAND-Eonar")), MemberTag::of(&name("Oakhand-Eonar")));
        assert_ne!(MemberTag::of(&name("Oakhand")), MemberTag::of(&name("Brindle")));
    }
}
