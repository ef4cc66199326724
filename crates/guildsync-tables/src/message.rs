//! What two members tell each other about their tables.
//!
//! Names are those of the seeds and of the addon. A session is a conversation of two: the initiator
//! speaks first in every round, and every answer can be asked for again.

mod cells;
mod compact;
mod error;
mod text;
mod words;

use bytes::Bytes;
use guildsync_types::Digest;
use guildsync_wire::negotiate::Dialect;

pub use cells::{Cell, CellSummary, Cells};
pub use error::MessageError;

use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::record::{Record, RecordKey};
use crate::updated::Updated;

/// Which session: a number that its initiator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// The first bytes of a guild name's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuildTag(pub [u8; 3]);

/// How somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Able to sync.
    Ready,
    /// Not now.
    Busy(Busy),
}

/// Why somebody cannot sync now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// In a fight.
    Fighting,
    /// In another session.
    Syncing,
    /// In a group, and its policy is to sync outside groups only.
    Grouped,
    /// In no group, and its policy is to sync in groups only.
    Ungrouped,
    /// Sync is switched off there.
    Disabled,
}

/// Why a session was refused or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The guilds are not linked, as one of the two sees it.
    NotFederated,
    /// There is no such session, or not any more.
    UnknownSession,
    /// The session has lasted longer than its limit.
    TimedOut,
    /// A user reset it.
    Reset,
    /// A message of it made no sense.
    Nonsense,
}

/// A message about tables.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// `WHO_IS_ONLINE`, to everyone: says how the sender is and asks the others.
    WhoIsOnline {
        /// How the sender is.
        status: Status,
    },
    /// `I_AM_ONLINE` and `I_AM_BUSY`, to whoever asked.
    Presence {
        /// How the sender is.
        status: Status,
        /// When it last completed a session with anyone, in seconds since 1970.
        last_sync: Option<u64>,
    },
    /// `SYNC_INITIATE`: begins a session, or a round of one.
    Open(Open),
    /// `META` and `NO_META`, `BUSY`: what the other side makes of it.
    Reply {
        /// Which session.
        session: SessionId,
        /// Its round.
        round: u8,
        /// What it says.
        reply: Reply,
    },
    /// `REQUEST_METADATA`: more is needed to see the difference.
    RequestMetadata {
        /// Which session.
        session: SessionId,
        /// Its round.
        round: u8,
        /// How it is to be told.
        ask: Ask,
    },
    /// `REQUEST_ENTRY`: asks for records and says that updates are coming.
    Pull {
        /// Which session.
        session: SessionId,
        /// Its round.
        round: u8,
        /// Which of the answer's batches is asked for first.
        first: u32,
        /// Whether the asked records are all that the asker lacks: then what is left is common, and the
        /// answer is coded against a part of that.
        primed: bool,
        /// How many records the initiator is going to send.
        coming: u32,
        /// Which records.
        wanted: Wanted,
    },
    /// `SYNC_DATA`: records.
    Records {
        /// Which session.
        session: SessionId,
        /// Its round.
        round: u8,
        /// The batch's number in this direction of the round, from 0.
        number: u32,
        /// Set on the last batch.
        last: Option<Last>,
        /// The records.
        batch: Batch,
    },
    /// `ACK`.
    Ack {
        /// Which session.
        session: SessionId,
        /// Its round.
        round: u8,
        /// How many batches have been processed: the number of the next one.
        next: u32,
        /// What is complete.
        done: Done,
    },
    /// `SYNC_END`: the session is over.
    Close {
        /// Which session.
        session: SessionId,
        /// Why.
        why: Refused,
    },
}

/// Begins a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Which session.
    pub session: SessionId,
    /// Its round, from 0.
    pub round: u8,
    /// What is older than this second is compared by one digest; `None` compares all alike.
    pub cut: Option<u64>,
    /// How the answer is to be told.
    pub ask: Option<Ask>,
    /// The guilds in scope as the initiator sees it; the first is its own.
    pub guilds: Vec<GuildTag>,
    /// What the initiator has, by [`Cell::index`].
    pub cells: [CellSummary; 6],
}

/// What is said to an opening.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Not now.
    Busy(Busy),
    /// Not at all.
    Refused(Refused),
    /// Yes, but of the guilds only these: open again with them.
    Scope(Vec<GuildTag>),
    /// Ready; this is what differs. Nothing differs: the session is complete.
    Ready {
        /// The cells that differ; where setup does, it alone is looked at first.
        differ: Cells,
        /// How many records there are here in those cells.
        count: u32,
        /// What is in them.
        content: Content,
    },
}

/// How a side's records are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// By a sketch of these points.
    Sketch {
        /// The first point.
        from: u16,
        /// How many.
        len: u16,
    },
    /// By their short hashes.
    Hashes,
    /// By their metadata.
    Metadata,
}

/// What one side has, told.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Not told: there is nothing, or too much for any sketch.
    Untold,
    /// A sketch's evaluations, from point `from` on.
    Sketch {
        /// The first point.
        from: u16,
        /// The evaluations.
        values: Vec<u32>,
    },
    /// All short hashes, ascending.
    Hashes(Vec<u32>),
    /// All metadata.
    Metadata(Vec<Metadata>),
}

/// What is known about a record without its data (seed 004).
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The table.
    pub table: TableKind,
    /// Its id.
    pub id: RecordId,
    /// Its guild.
    pub guild: GuildName,
    /// When it was last changed.
    pub updated: Updated,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Its short hash: two versions of one second differ in it.
    pub hash: u32,
}

/// Which records are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All in the cells that differ.
    All,
    /// Those with these short hashes, ascending.
    Hashes(Vec<u32>),
    /// These.
    Keys(Vec<RecordKey>),
}

/// Records, packed or as they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Batch {
    /// The next batch of a stream of the wire codec.
    Packed {
        /// How many records, so that what they will take is known beforehand.
        count: u32,
        /// On a stream's first batch a check of the base that it is primed with, which may be empty;
        /// `None`: the stream goes on.
        base: Option<u16>,
        /// The bytes.
        bytes: Bytes,
    },
    /// Record by record.
    Plain(Vec<(Change, Record)>),
}

/// What a record means for the one it is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It had none.
    Add,
    /// It had an older one.
    Update,
    /// It is deleted.
    Delete,
}

/// What comes with the last batch of a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Over all that the sender holds in the scope now; what is sent is included.
    pub digest: Digest,
}

/// What an acknowledgement says is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The batches before `next`.
    Batches,
    /// These tables, a bit each by [`TableKind::index`].
    Tables(u8),
    /// All of it, and both sides are equal.
    Equal,
    /// All of it, and the sides still differ: something changed meanwhile, or was refused.
    Different,
}

impl Message {
    /// The most hashes, metadata, keys or records in one message.
    pub const ITEMS_MAX: usize = 1 << 16;
    /// The most guilds in scope.
    pub const GUILDS_MAX: usize = 32;

    /// The session it belongs to.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::WhoIsOnline { .. } | Self::Presence { .. } => None,
            Self::Open(open) => Some(open.session),
            Self::Reply { session, .. }
            | Self::RequestMetadata { session, .. }
            | Self::Pull { session, .. }
            | Self::Records { session, .. }
            | Self::Ack { session, .. }
            | Self::Close { session, .. } => Some(*session),
        }
    }

    /// The message's name in the seeds or in the addon.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WhoIsOnline { .. } => "WHO_IS_ONLINE",
            Self::Presence { status: Status::Ready, .. } => "I_AM_ONLINE",
            Self::Presence { .. } => "I_AM_BUSY",
            Self::Open(_) => "SYNC_INITIATE",
            Self::Reply { reply: Reply::Ready { count: 0, .. }, .. } => "NO_META",
            Self::Reply { .. } => "META",
            Self::RequestMetadata { .. } => "REQUEST_METADATA",
            Self::Pull { .. } => "REQUEST_ENTRY",
            Self::Records { .. } => "SYNC_DATA",
            Self::Ack { .. } => "ACK",
            Self::Close { .. } => "SYNC_END",
        }
    }

    /// The bytes of the message. More items than [`Message::ITEMS_MAX`], or guilds than
    /// [`Message::GUILDS_MAX`], are written, and refused by whoever reads them.
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

    /// Whether bytes are a message about tables and not one about logs, by their first byte in the
    /// compact dialect and by their first word in the text one. The first 17 bytes are enough.
    #[must_use]
    pub fn speaks(bytes: &[u8]) -> bool {
        match bytes.first() {
            Some(b'A'..=b'Z') => text::speaks(bytes),
            Some(first) => compact::FIRST_BYTES.contains(first),
            None => false,
        }
    }
}
