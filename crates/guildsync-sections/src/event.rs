//! What section sync is told, and what it asks for: plain data, so that a recorded run can be replayed.

use std::fmt;

use guildsync_types::{Digest, MemberName, Time};

use crate::document::MergeError;
use crate::message::{Message, What};
use crate::name::{DocumentId, Label, SectionId};
use crate::report::{Progress, Report};
use crate::rights::{Deed, Raid, Who};
use crate::shelf::Shelf;
use crate::version::Version;

/// What a step may look at: the present, and the data.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// Now; it only goes forward.
    pub now: Time,
    /// What the clock says, in seconds since 1970: for stamps.
    pub clock: u64,
    /// This member's documents.
    pub shelf: &'a Shelf,
    /// How many frames wait for the channel, for whomever they are.
    pub backlog_frames: usize,
}

impl fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("now", &self.now).finish_non_exhaustive()
    }
}

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// Everyone in the raid.
    Raid,
    /// One member.
    Member(MemberName),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The raid is now so; without members there is none.
    Raid(Raid),
    /// This member changed or made a document, and that is durable.
    Edited(DocumentId),
    /// The user turns everyone's screen to a section.
    Point {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        section: SectionId,
    },
    /// The user asks for a document, or a part of it.
    Fetch {
        /// Which.
        document: DocumentId,
        /// What of it.
        what: What,
    },
    /// A message arrived.
    Received {
        /// From whom, as the channel says.
        from: MemberName,
        /// What.
        message: Message,
    },
    /// A piece of a message arrived that is not whole yet.
    Piece {
        /// From whom.
        from: MemberName,
    },
    /// An [`Action::Take`] was carried out, and what was new is durable.
    Taken {
        /// Which document.
        document: DocumentId,
        /// What became of it: whether anything was new, or why nothing was taken.
        result: Result<bool, MergeError>,
    },
    /// A deadline passed.
    Tick,
}

/// What to do. Actions are carried out in order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Send a message.
    Send {
        /// To whom.
        to: To,
        /// What.
        message: Message,
    },
    /// Merge versions into the shelf, make them durable, then report [`Event::Taken`].
    Take {
        /// Which document.
        document: DocumentId,
        /// What.
        versions: Vec<Version>,
    },
    /// What `SectionSync::saved` gives has changed: make it durable with the
    /// next commit.
    Save,
    /// Turn the screen to a section.
    Show {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        section: SectionId,
        /// Who moved the cursor.
        by: MemberName,
    },
    /// Tell the user what a document's structure says, which they asked for.
    Outline {
        /// Which document.
        document: DocumentId,
        /// In which version.
        digest: Digest,
        /// Its title, if that was said.
        title: Option<Label>,
        /// Its sections, with whether the body of each is here; as they were sent.
        sections: Vec<(SectionId, Label, bool)>,
    },
    /// Tell the user that a document has a new version.
    Changed {
        /// Which document.
        document: DocumentId,
        /// Its version.
        digest: Digest,
    },
    /// Tell the user how a transfer stands.
    Progress(Progress),
    /// A transfer is over.
    Finished(Box<Report>),
    /// Tell the user what was not done and why.
    Refuse {
        /// Whose message or wish it was.
        from: MemberName,
        /// Why.
        why: Refusal,
    },
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Somebody may not do that.
    NotAllowed {
        /// With which document.
        document: DocumentId,
        /// What.
        deed: Deed,
        /// Who may.
        who: Who,
    },
    /// The raid says that this member may not do that.
    RefusedBy {
        /// With which document.
        document: DocumentId,
        /// What.
        deed: Deed,
        /// Who may.
        who: Who,
    },
    /// There is no such document or section here.
    NotHere(DocumentId),
    /// There is no raid.
    NoRaid,
    /// What came of a document was right, and is not taken all the same.
    NotTaken {
        /// Which document.
        document: DocumentId,
        /// Why.
        why: MergeError,
    },
    /// What was sent is wrong.
    Nonsense(String),
    /// A document could not be fetched from anyone.
    GaveUp(DocumentId),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed { deed, who, .. } => write!(f, "only {who} may {deed}"),
            Self::RefusedBy { deed, who, .. } => {
                write!(f, "the raid did not take it: only {who} may {deed}")
            }
            Self::NotHere(_) => f.write_str("there is no such document or section here"),
            Self::NoRaid => f.write_str("there is nobody to tell: join a raid first"),
            Self::NotTaken { why, .. } => write!(f, "a sheet that came was not taken: {why}"),
            Self::Nonsense(why) => write!(f, "a message that makes no sense: {why}"),
            Self::GaveUp(_) => {
                f.write_str("nobody answered: it is tried again when somebody has it")
            }
        }
    }
}
