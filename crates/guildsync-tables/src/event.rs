//! What table sync is told, and what it asks for: plain data, so that a recorded run can be replayed.

use std::collections::BTreeSet;
use std::fmt;

use guildsync_types::{MemberName, Time};

use crate::config::Mode;
use crate::message::{Message, SessionId, Status};
use crate::name::GuildName;
use crate::record::Record;
use crate::report::{Progress, Report};
use crate::tables::{Merge, Tables};

/// What a step may look at: the present, and the data.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// Now; it only goes forward.
    pub now: Time,
    /// What the clock says, in seconds since 1970: for cuts and for what is written down.
    pub clock: u64,
    /// This member's tables.
    pub tables: &'a Tables,
    /// How many frames wait for the channel, for whomever they are.
    pub backlog_frames: usize,
    /// Whether records for a member are among them; `None`: for nobody.
    pub waits_for: Option<&'a dyn Fn(&MemberName) -> bool>,
}

impl fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("now", &self.now).finish_non_exhaustive()
    }
}

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// Everyone on the channel.
    Everyone,
    /// One member.
    Member(MemberName),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// These members are on the channel now, this one included.
    Online(BTreeSet<MemberName>),
    /// Which guild this member is in; none is in scope before that is known.
    Guild(GuildName),
    /// How this member is: what a fight or a group means is the policies' to say.
    Situation {
        /// Whether it fights.
        fighting: bool,
        /// Whether it is in a party or a raid.
        grouped: bool,
    },
    /// The user asks for sessions.
    Start {
        /// With these, however fresh; `None`: with everyone who is online and not fresh.
        with: Option<Vec<MemberName>>,
        /// How far back; `None`: as the policy says.
        mode: Option<Mode>,
    },
    /// The user ends every session and forgets what is unfinished.
    Reset,
    /// The user asks who is online.
    Ask,
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
    /// A member cannot be reached.
    Unreachable(MemberName),
    /// An [`Action::Merge`] was carried out, and what was new is durable.
    Merged {
        /// Whose session.
        from: MemberName,
        /// Which.
        session: SessionId,
        /// What became of each record, in order.
        merges: Vec<Merge>,
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
    /// Merge records into the tables, make them durable, then report [`Event::Merged`].
    Merge {
        /// Whose session.
        from: MemberName,
        /// Which.
        session: SessionId,
        /// The records, all of which the sender may send.
        records: Vec<Record>,
    },
    /// What [`TableSync::saved`](crate::TableSync::saved) gives has changed: make it durable with the next commit.
    Save,
    /// Tell the user how a session stands.
    Progress(Progress),
    /// Tell the user how somebody is.
    Presence {
        /// Who.
        member: MemberName,
        /// How.
        status: Status,
        /// When it last completed a session with anyone, in seconds since 1970.
        last_sync: Option<u64>,
    },
    /// A session ended.
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
    /// It is not known which guild this member is in.
    NoGuild,
    /// There is nobody to sync with.
    Nobody,
    /// This member cannot sync now.
    NotReady(crate::message::Busy),
    /// The member is not on the channel.
    NotOnline,
    /// A message of a session that this member is not in.
    NotASession(SessionId),
    /// A message of another round, or of a step that is over.
    Stale,
    /// A message that makes no sense where it comes.
    Nonsense(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGuild => f.write_str("it is not known which guild this is: say so first"),
            Self::Nobody => f.write_str("there is nobody to sync with who was not synced lately"),
            Self::NotReady(why) => write!(f, "tables cannot be synced now: {why}"),
            Self::NotOnline => f.write_str("that member is not online"),
            Self::NotASession(SessionId(id)) => write!(f, "session {id:08x} is not one of ours"),
            Self::Stale => f.write_str("a message of a step that is over"),
            Self::Nonsense(why) => write!(f, "a message that makes no sense: {why}"),
        }
    }
}
