//! What became of a session, and how far one is.

use std::fmt;

use guildsync_types::MemberName;

use crate::kind::TableKind;
use crate::message::{Busy, Refused, SessionId};
use crate::tables::{Merge, Merged};

/// How far a table is (seeds 002 and 004).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableState {
    /// Its turn has not come.
    #[default]
    Pending,
    /// It is compared or transferred.
    InProgress,
    /// Both sides have the same.
    Completed,
}

impl fmt::Display for TableState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "Pending",
            Self::InProgress => "In Progress",
            Self::Completed => "Completed",
        })
    }
}

/// Which side of a session a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It began it, and compares. The seeds' sender.
    Initiator,
    /// It answers. The seeds' receiver.
    Responder,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Both sides have the same, but for what one may not send the other.
    Complete,
    /// It did not come about, or was ended.
    Failed(Failure),
    /// Something is wrong with what was said; both sides are as they were before it.
    Error(String),
}

/// Why a session failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The other side is busy.
    Busy(Busy),
    /// The other side said no.
    Refused(Refused),
    /// The other side fell silent; the session is kept, and goes on when it is there again.
    Silent,
    /// The other side left; the session is kept as well.
    Gone,
    /// It took longer than its limit.
    TimedOut,
    /// The user reset it.
    Reset,
    /// The tables changed in every round.
    KeepsChanging,
}

impl Outcome {
    /// The words of seed 004.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Self::Complete => "Sync Complete",
            Self::Failed(_) => "Sync Failed",
            Self::Error(_) => "Error Encountered",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status())?;
        match self {
            Self::Complete => Ok(()),
            Self::Failed(why) => write!(f, ": {why}"),
            Self::Error(why) => write!(f, ": {why}"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(why) => write!(f, "the other side is busy: {why}"),
            Self::Refused(why) => write!(f, "{why}"),
            Self::Silent => f.write_str("no answer; it goes on when the other side is back"),
            Self::Gone => f.write_str("the other side left; it goes on when it is back"),
            Self::TimedOut => f.write_str("it took longer than a session may"),
            Self::Reset => f.write_str("it was reset"),
            Self::KeepsChanging => f.write_str("the tables changed in every round: try again"),
        }
    }
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fighting => "in a fight",
            Self::Syncing => "in another sync",
            Self::Grouped => "in a group, and tables are synced outside groups only",
            Self::Ungrouped => "in no group, and tables are synced in groups only",
            Self::Disabled => "table sync is switched off",
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFederated => "the two guilds are not linked with each other",
            Self::UnknownSession => "the other side knows no such session",
            Self::TimedOut => "the session took longer than the other side allows",
            Self::Reset => "the other side reset the session",
            Self::Nonsense => "the other side could not make sense of a message",
        })
    }
}

/// What was counted of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableReport {
    /// How far it is.
    pub state: TableState,
    /// Records that came.
    pub received: u32,
    /// Of those, new ones.
    pub added: u32,
    /// Of those, newer ones.
    pub updated: u32,
    /// Of those, deletions.
    pub deleted: u32,
    /// Records that went.
    pub sent: u32,
}

/// What became of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub session: SessionId,
    /// With whom.
    pub peer: MemberName,
    /// Which side this is.
    pub side: Side,
    /// How it ended.
    pub outcome: Outcome,
    /// The tables, by [`TableKind::index`].
    pub tables: [TableReport; 5],
    /// Whether what is older than the cut differed, so that all was compared.
    pub widened: bool,
    /// Rounds: more than one where setup differed, or something changed meanwhile.
    pub rounds: u32,
    /// Batches sent and processed; the seeds call them chunks.
    pub chunks_sent: u32,
    /// See there.
    pub chunks_processed: u32,
    /// Records that this side lacked, as comparing showed.
    pub missing: u32,
    /// Two versions of one second: one won.
    pub conflicts: u32,
    /// Records from the future, which wait.
    pub held: u32,
    /// Records that the sender may not send.
    pub refused: u32,
    /// Records that stayed here because the other side would refuse them.
    pub withheld: u32,
    /// What went wrong on the way, in words; the first few.
    pub errors: Vec<String>,
    /// From beginning to end, interruptions left out, in milliseconds.
    pub took_ms: u64,
}

impl Report {
    pub(crate) fn new(session: SessionId, peer: MemberName, side: Side) -> Self {
        Self {
            session,
            peer,
            side,
            outcome: Outcome::Failed(Failure::Silent),
            tables: Default::default(),
            widened: false,
            rounds: 0,
            chunks_sent: 0,
            chunks_processed: 0,
            missing: 0,
            conflicts: 0,
            held: 0,
            refused: 0,
            withheld: 0,
            errors: Vec::new(),
            took_ms: 0,
        }
    }

    /// Records that came.
    #[must_use]
    pub fn received(&self) -> u32 {
        self.tables.iter().map(|table| table.received).sum()
    }

    /// Records that went.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.tables.iter().map(|table| table.sent).sum()
    }

    /// Records that changed something here.
    #[must_use]
    pub fn merged(&self) -> u32 {
        self.tables.iter().map(|table| table.added + table.updated + table.deleted).sum()
    }

    pub(crate) fn count(&mut self, table: TableKind, merge: Merge) {
        self.conflicts += u32::from(merge.conflict);
        let row = &mut self.tables[table.index()];
        row.received += 1;
        match merge.merged {
            Merged::Added => row.added += 1,
            Merged::Updated => row.updated += 1,
            Merged::Deleted => row.deleted += 1,
            Merged::Held | Merged::NotHeld => self.held += 1,
            Merged::Same | Merged::Older => {}
        }
    }

    pub(crate) fn error(&mut self, what: String) {
        const ERRORS_MAX: usize = 8;
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(what);
        }
    }
}

/// How far a session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Which.
    pub session: SessionId,
    /// With whom.
    pub peer: MemberName,
    /// Which side this is.
    pub side: Side,
    /// The tables, by [`TableKind::index`].
    pub tables: [TableState; 5],
    /// Records that have come and gone in this round.
    pub done: u32,
    /// Of how many.
    pub total: u32,
}
