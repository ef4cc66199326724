//! What members of a raid tell each other about their documents, all of it in one place.
//!
//! Names are those of seed 001 and of the addon's later versions.

mod compact;
mod edits;
mod error;
mod text;

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use guildsync_types::{Digest, MemberName, Stamp};
use guildsync_wire::negotiate::Dialect;

pub use error::MessageError;

use crate::body::Plain;
use crate::edit::{Edit, ITEMS_MAX};
use crate::item::Item;
use crate::name::{DocumentId, SectionId};
use crate::rights::{Deed, Who};
use crate::version::{Have, Tag};

/// A message about documents.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// `ANC`: which documents the sender has, in which versions. At most [`Message::DOCUMENTS_MAX`].
    Announce(Vec<Announced>),
    /// `SREQ`, `SECREQ`, `MSREQ`, `REQ`, `BSREQ`: asks for a document or parts of it.
    Ask(Ask),
    /// `BSACK`: the sender will answer, so that nobody else needs to.
    Answering {
        /// Which document.
        document: DocumentId,
        /// Which version of it the sender has.
        target: Digest,
        /// Who asked.
        asker: MemberName,
    },
    /// `SRES`, `SECRES`, `MSRES`, `BSEC`, `BSTR`, `RESP`: a part of a document.
    Part(Part),
    /// `SECTION`: everyone who follows turns to a section.
    Cursor(Cursor),
    /// `LATER`: a cursor was said that is older than the latest one that the sender has heard of.
    Later {
        /// When that one was moved.
        stamp: Stamp,
        /// How long ago it was heard of, in seconds: whoever has moved the cursor since has a clock that
        /// runs behind, and says it again with a later stamp.
        seconds: u32,
    },
    /// `REF`: what the receiver of an edit or of a cursor did not take, and why.
    Refused {
        /// Which document.
        document: DocumentId,
        /// What was tried.
        deed: Deed,
        /// Who may do that.
        who: Who,
    },
}

/// A document that somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// Which.
    pub document: DocumentId,
    /// Its version.
    pub digest: Digest,
    /// When it was last edited: for people; versions are compared by digest.
    pub stamp: Stamp,
}

/// Asks for a document or parts of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which document.
    pub document: DocumentId,
    /// The version that is wanted, if one is known of; whoever has a newer one answers as well.
    pub target: Option<Digest>,
    /// The version that the asker has, against which an answer may be coded.
    pub base: Option<Digest>,
    /// Who is to answer; `None`: whoever can and comes first.
    pub whom: Option<MemberName>,
    /// What is asked for.
    pub what: What,
}

impl Ask {
    /// What the asker says that it has, and an answer about the whole document leaves out; `None` where
    /// only parts of it are asked for.
    #[must_use]
    pub fn have(&self) -> Option<Have> {
        match &self.what {
            What::Everything => Some(Have::default()),
            What::Rest(tags) => Some(Have::of(tags)),
            What::Structure | What::Sections(_) => None,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `SREQ`: title, order and the sections' records, without bodies.
    Structure,
    /// `SECREQ`, `MSREQ`: these sections. At most [`SECTIONS_MAX`](crate::SECTIONS_MAX).
    Sections(BTreeSet<SectionId>),
    /// `REQ`: all of it.
    Everything,
    /// `BSREQ`: what is not among these. At most [`Message::TAGS_MAX`].
    Rest(BTreeSet<Tag>),
}

/// What a part answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// `SRES`: [`What::Structure`].
    Structure,
    /// `SECRES` (one section) and `MSRES`: [`What::Sections`].
    Sections,
    /// `BSEC`, and `BSTR` for the last part: [`What::Everything`] and [`What::Rest`].
    Document {
        /// What whoever asked said that it has, and is therefore not in it.
        beyond: Have,
    },
    /// `RESP`: nobody asked; it was just written.
    Edit,
}

/// A part of a document. The parts of one stream make one whole, and are taken in together.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which document.
    pub document: DocumentId,
    /// The sender's version of it.
    pub target: Digest,
    /// What it answers.
    pub answer: Answer,
    /// The number of the stream among its sender's.
    pub stream: u16,
    /// The part's number in the stream, from 0.
    pub index: u16,
    /// Whether it is the stream's last.
    pub last: bool,
    /// What is in it.
    pub batch: Batch,
}

/// Versions, packed or as they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Batch {
    /// Packed, in the light of a version that the receivers hold and of the stream's earlier parts.
    Packed {
        /// That version; `None`: of none.
        base: Option<Digest>,
        /// The bytes.
        bytes: Bytes,
    },
    /// One by one. At most [`Message::CARRIED_MAX`].
    Plain(Vec<Carried>),
}

/// A version on its way: nothing of it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// What was set.
    pub item: Item,
    /// The edit that set it.
    pub edit: Arc<Edit>,
    /// The body of a section; `None` for what has none, and in an answer to [`What::Structure`].
    pub body: Option<Plain>,
}

/// Which section is on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Of which document.
    pub document: DocumentId,
    /// In which version.
    pub digest: Digest,
    /// Which section.
    pub section: SectionId,
    /// When it was moved. The latest counts.
    pub stamp: Stamp,
}

impl Message {
    /// The most documents in an announcement.
    pub const DOCUMENTS_MAX: usize = 12;
    /// The most tags in a question.
    pub const TAGS_MAX: usize = 4096;
    /// The most versions in a part that carries them one by one.
    pub const CARRIED_MAX: usize = 8 * ITEMS_MAX;

    /// The message's name in the seed or in the addon.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Announce(_) => "ANC",
            Self::Ask(ask) => match &ask.what {
                What::Structure => "SREQ",
                What::Sections(ids) if ids.len() == 1 => "SECREQ",
                What::Sections(_) => "MSREQ",
                What::Everything => "REQ",
                What::Rest(_) => "BSREQ",
            },
            Self::Answering { .. } => "BSACK",
            Self::Part(part) => match part.answer {
                Answer::Structure => "SRES",
                Answer::Sections => "SECRES",
                Answer::Document { .. } if part.last => "BSTR",
                Answer::Document { .. } => "BSEC",
                Answer::Edit => "RESP",
            },
            Self::Cursor(_) => "SECTION",
            Self::Later { .. } => "LATER",
            Self::Refused { .. } => "REF",
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

    /// Whether bytes are a message about documents and not one about logs or tables, by their first byte
    /// in the compact dialect and by their first word in the text one. The first 17 bytes are enough.
    #[must_use]
    pub fn speaks(bytes: &[u8]) -> bool {
        match bytes.first() {
            Some(b'A'..=b'Z') => text::speaks(bytes),
            Some(first) => compact::FIRST_BYTES.contains(first),
            None => false,
        }
    }
}
