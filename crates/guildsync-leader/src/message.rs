//! The seven messages of seed 000.
//!
//! Profiles and writers go by [`Tag`], the first bytes of their ids, and what a message says of
//! writers is said, where it can be, as a [`Difference`] from what a coordinator announced. So a
//! message can be read without knowing any log; what it means is for the [`Session`](crate::Session)
//! to say. `message::compact` writes them in few bytes, `message::text` in the seeds' words.

mod compact;
mod tag;
mod text;

use bytes::Bytes;
use guildsync_log::{Branch, Profile};
use guildsync_types::{Digest, MemberName, PublicKey, Signature};

pub use compact::MessageError;
pub use tag::{MemberTag, Tag};

/// One coordinator's term. Later epochs fence earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch {
    /// Counts the terms of a group, from 1.
    pub term: u64,
    /// Who coordinates.
    pub coordinator: MemberName,
}

/// Whom something is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Everyone in the group but the sender.
    Group,
    /// One member, by whisper.
    Member(MemberName),
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// The fewest bytes. The default.
    #[default]
    Compact,
    /// The seeds' words, for people and for addons that read them.
    Text,
}

/// An announcement's name: every coordinator numbers its own in each term, over all profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Announced {
    /// The coordinator's term.
    pub term: u64,
    /// The announcement's number in it, from 1.
    pub n: u64,
}

impl Announced {
    /// No announcement: what is told against it is told in full.
    pub const NONE: Self = Self { term: 0, n: 0 };

    /// No announcement's number: with it, a coordinator is told that somebody else holds a term.
    pub const OF_ANOTHER: u64 = 0;
}

/// What members say to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Coordinator, to the group or a late joiner: this profile, and what I have of it.
    ProfileAnnounce {
        /// The announcement's name.
        at: Announced,
        /// The profile.
        profile: Named,
        /// Whether members are to make it their active one.
        switch: bool,
        /// Whether also those are to answer who have it all and said so before.
        answer: bool,
        /// Over all that the coordinator has.
        digest: Digest,
        /// What the coordinator has; `None`: what it announced under this name before (a heartbeat).
        heads: Option<Heads>,
    },
    /// Anyone, by whisper: say what you have. A coordinator answers with an announcement, anybody
    /// else with a list.
    RequestLogList {
        /// Of which profile.
        profile: Tag,
        /// The announcement that is wanted again, if it is one. To a coordinator it also says which term the
        /// group knows: a later one than its own, or, with [`Announced::OF_ANOTHER`], somebody else's.
        announced: Option<Announced>,
    },
    /// Member, by whisper: what I have.
    LogListReply {
        /// The announcement that is answered; [`Announced::NONE`] when it is none.
        at: Announced,
        /// What the member has.
        has: Has,
    },
    /// Anyone: entries that you lack.
    SendMissingLogs {
        /// Of which profile.
        profile: Tag,
        /// The receiver's request that this answers, 0 for none.
        request: u32,
        /// The entries.
        batch: Batch,
    },
    /// Anyone: send these entries.
    RequestMyMissing {
        /// Of which profile.
        profile: Tag,
        /// The asker's number for this request, named in the answer; not 0.
        request: u32,
        /// Who is to get the answer.
        answer: Answer,
        /// What the receivers of the answer have: it may be coded against that. `None`: code it
        /// against nothing.
        base: Option<Base>,
        /// The entries wanted, each to the writer's head.
        wants: Vec<Want>,
    },
    /// The writer, to the group: new entries, as they happen.
    LogEntry {
        /// Of which profile.
        profile: Tag,
        /// The entries.
        batch: Batch,
    },
    /// I coordinate from now on. An announcement follows.
    ManualSyncStart {
        /// The new term.
        term: u64,
        /// Why.
        cause: Cause,
    },
}

/// Why somebody coordinates who is not the group's leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its user asked for it.
    ByHand,
    /// The coordinator fell silent.
    Takeover,
}

/// A profile, by tag or in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// For those who know it.
    Tag(Tag),
    /// Whoever lacks it creates it.
    Whole(Profile),
}

/// What a replica has of a profile: a line a writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads {
    /// Writer and last entry, by tag, ascending. Every number is at least 1.
    pub lasts: Vec<(Tag, u64)>,
    /// The first four bytes of each head's hash, one for each of `lasts`, or none at all: they tell
    /// forked chains apart, which is asked for only where digests differ and numbers do not.
    pub marks: Vec<[u8; 4]>,
    /// Whether there are more writers than these: the ones that changed last are listed.
    pub is_partial: bool,
}

/// How something differs from an announcement's `lasts`. Every number is at least 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Place in `lasts`, ascending, and how many entries fewer.
    pub behind: Vec<(u16, u64)>,
    /// Place in `lasts`, ascending, and how many entries more.
    pub ahead: Vec<(u16, u64)>,
    /// Writers that are not in `lasts`, ascending, and their last entries.
    pub beside: Vec<(Tag, u64)>,
}

/// What a member has, as an answer to an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Has {
    /// Exactly what was announced.
    Same,
    /// All but this.
    Difference(Difference),
    /// In full, where an announcement was partial or none was answered, or forks are suspected.
    Listed {
        /// Of which profile.
        profile: Tag,
        /// Over all that the member has.
        digest: Digest,
        /// What it has.
        heads: Heads,
    },
}

/// The entries that a batch is coded against: what was announced, changed by a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The announcement; [`Announced::NONE`] where the difference lists all.
    pub at: Announced,
    /// How the base differs from it.
    pub difference: Difference,
}

/// Entries, packed. `guildsync_leader::batch` makes and opens them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What they are coded against; `None`: nothing.
    pub base: Option<Base>,
    /// Row batches of the wire codec, each primed by what comes before it, in replay order.
    pub rows: Vec<Bytes>,
    /// One for each writer in the rows, by writer id: it vouches for the writer's last entry in them.
    pub seals: Vec<SealPart>,
}

/// What of a seal the receiver cannot find out by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealPart {
    /// The signature over the head.
    pub signature: Signature,
    /// The key that made it; `None` where the base has entries of that writer.
    pub key: Option<PublicKey>,
    /// Where the chain leaves the one it forked from; only with a key.
    pub branch: Option<Branch>,
}

/// Who is to get an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whoever asks.
    Me,
    /// The group, because others lack it too.
    Group,
    /// Another member: the asked one helps the coordinator.
    Member(MemberTag),
}

/// One writer's entries that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Want {
    /// Whose entries.
    pub writer: Tag,
    /// The first one wanted, from 1.
    pub first: u64,
    /// Who is to answer; `None`: whoever reads this (a whisper).
    pub of: Option<MemberTag>,
}

impl Message {
    /// The most writers, wants, rows or seals in one message: a log's limit of writers.
    pub const ITEMS_MAX: usize = 1 << 16;

    /// The message's name in seed 000.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ProfileAnnounce { .. } => "PROFILE_ANNOUNCE",
            Self::RequestLogList { .. } => "REQUEST_LOG_LIST",
            Self::LogListReply { .. } => "LOG_LIST_REPLY",
            Self::SendMissingLogs { .. } => "SEND_MISSING_LOGS",
            Self::RequestMyMissing { .. } => "REQUEST_MY_MISSING",
            Self::LogEntry { .. } => "LOG_ENTRY",
            Self::ManualSyncStart { .. } => "MANUAL_SYNC_START",
        }
    }

    /// The term that a coordinator speaks of.
    #[must_use]
    pub fn term(&self) -> Option<u64> {
        match self {
            Self::ProfileAnnounce { at, .. } => Some(at.term),
            Self::ManualSyncStart { term, .. } => Some(*term),
            _ => None,
        }
    }

    /// The bytes of the message.
    #[must_use]
    pub fn to_bytes(&self, dialect: Dialect) -> Bytes {
        match dialect {
            Dialect::Compact => compact::write(self),
            Dialect::Text => text::write(self),
        }
    }

    /// Reads exactly one message of either dialect; they differ in the first byte.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn from_bytes(bytes: &Bytes) -> Result<Self, MessageError> {
        match bytes.first() {
            Some(b'A'..=b'Z') => text::read(bytes),
            _ => compact::read(bytes),
        }
    }
}
