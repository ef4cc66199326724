//! What a session is told, and what it asks for: plain data, so that a recorded run can be replayed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use guildsync_log::{Profile, Profiles, Segment};
use guildsync_types::{MemberName, ProfileId, Time, WriterId};

use crate::message::{Epoch, Message, Tag, To};

/// What a step may look at: the present, and the data.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// Now.
    pub now: Time,
    /// This replica's writer.
    pub writer: WriterId,
    /// This replica's profiles.
    pub profiles: &'a Profiles,
    /// What of this replica waits for the channel.
    pub backlog: Backlog<'a>,
}

/// What waits for the channel.
#[derive(Clone, Copy, Default)]
pub struct Backlog<'a> {
    /// How many frames, for whomever they are.
    pub frames: usize,
    /// Whether entries for a member are among them; `None`: for nobody.
    pub waits_for: Option<&'a dyn Fn(&MemberName) -> bool>,
}

impl Backlog<'_> {
    /// Whether entries for a member wait.
    pub(crate) fn waits_for(&self, member: &MemberName) -> bool {
        self.waits_for.is_some_and(|waits| waits(member))
    }
}

impl fmt::Debug for Backlog<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backlog").field("frames", &self.frames).finish_non_exhaustive()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The group is now these members, this one included, led by `leader`. A group of one is solo.
    GroupChanged {
        /// Everyone in it.
        members: BTreeSet<MemberName>,
        /// Whom the game calls its leader.
        leader: MemberName,
    },
    /// This member left its group.
    Left,
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
    /// A member cannot be reached by whisper.
    Unreachable(MemberName),
    /// This replica appended entries, and they are durable.
    Appended {
        /// To which profile.
        profile: ProfileId,
        /// The entries.
        segment: Segment,
    },
    /// An [`Action::Accept`] was carried out, and what was new is durable.
    Accepted {
        /// Who had sent the segments.
        from: MemberName,
        /// Of which profile.
        profile: ProfileId,
        /// The request they answered, 0 for none.
        request: u32,
        /// What became of them.
        outcome: Outcome,
    },
    /// The active profile is another one now.
    Switched,
    /// The user asks to coordinate.
    ManualSync,
    /// The user switches sync on or off.
    SetEnabled(bool),
    /// A deadline passed.
    Tick,
}

/// What became of received segments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Writer -> first and last entry that are new here.
    pub added: BTreeMap<WriterId, (u64, u64)>,
    /// Writers whose segments wait for entries before them.
    pub early: Vec<WriterId>,
    /// Writers whose segments do not follow what is held here: forked before them.
    pub diverged: Vec<WriterId>,
    /// How many segments were refused for what they say.
    pub n_refused: usize,
}

/// What to do. Actions are carried out in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Send a message.
    Send {
        /// To whom.
        to: To,
        /// What.
        message: Message,
    },
    /// Add an empty profile.
    CreateProfile(Profile),
    /// Make a profile the active one.
    SwitchProfile(ProfileId),
    /// Take segments into a profile's log, make them durable, then report [`Event::Accepted`].
    Accept {
        /// Who sent them.
        from: MemberName,
        /// The profile.
        profile: ProfileId,
        /// The request they answer, 0 for none.
        request: u32,
        /// The segments.
        segments: Vec<Segment>,
    },
    /// Tell the user how a member's sync stands.
    Progress {
        /// The profile.
        profile: ProfileId,
        /// The member.
        member: MemberName,
        /// How it stands.
        stage: Stage,
    },
    /// Tell the user that this coordinator is done.
    Finished(Report),
    /// Tell the user, or the log, what was not done and why.
    Refuse {
        /// Whose message or wish it was.
        from: MemberName,
        /// Why.
        why: Refusal,
    },
}

/// How far a member's sync is, as its coordinator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It has not said what it has.
    Awaited,
    /// It waits for its turn.
    Queued,
    /// It is being served.
    Current,
    /// It was sent what it lacked and asked for what it had.
    Done,
    /// It did not answer in time and was passed over.
    Silent,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Sync is switched off.
    Disabled,
    /// The policy lets this member sync only outside groups.
    NotReady,
    /// Not in a group, or alone in it.
    Solo,
    /// The sender is not in the group.
    NotInGroup,
    /// A later coordinator has taken over.
    StaleEpoch {
        /// The epoch of the message.
        stale: Epoch,
    },
    /// An announcement in somebody else's name.
    NotTheCoordinator,
    /// The policy lets only officers start a manual sync.
    NotAnOfficer,
    /// A profile that this replica does not have.
    UnknownProfile(Tag),
    /// A term so far ahead of the last one that no group can have counted to it.
    EpochJump {
        /// The epoch of the message.
        to: Epoch,
    },
    /// A batch that cannot be opened, whatever this replica comes to hold.
    BadBatch(String),
    /// More batches wait for what they are coded against than this replica keeps.
    TooManyWait,
    /// Entries that this replica does not hold were asked of it.
    NotHeld,
}

/// What a coordinator did for one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The profile.
    pub profile: ProfileId,
    /// Members that ended with everything.
    pub done: BTreeSet<MemberName>,
    /// Members that were passed over.
    pub silent: BTreeSet<MemberName>,
    /// Entries sent, each counted once a message.
    pub n_sent: u64,
    /// Entries received that were new.
    pub n_received: u64,
    /// Segments that were refused.
    pub n_refused: u64,
    /// Messages sent.
    pub n_messages: u64,
    /// From announcement to end, in milliseconds.
    pub took_ms: u64,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => f.write_str("sync is switched off here: switch it on first"),
            Self::NotReady => f.write_str(
                "logs are synced only outside groups here: change that policy to sync in this one",
            ),
            Self::Solo => f.write_str("there is nobody to sync with: join a group first"),
            Self::NotInGroup => f.write_str("the sender is not in this group"),
            Self::StaleEpoch { stale } => {
                write!(f, "{} coordinated term {}, which is over", stale.coordinator, stale.term)
            }
            Self::NotTheCoordinator => f.write_str("the sender speaks for another coordinator"),
            Self::NotAnOfficer => f.write_str(
                "only officers of the profile may start a manual sync: ask an owner for a role, \
                 or set the policy to anyone",
            ),
            Self::UnknownProfile(tag) => {
                write!(f, "profile {tag} is not known here: wait for its announcement")
            }
            Self::EpochJump { to } => write!(
                f,
                "{} says it coordinates term {}, too far ahead of the last one",
                to.coordinator, to.term
            ),
            Self::BadBatch(why) => write!(f, "entries that cannot be read: {why}"),
            Self::TooManyWait => f.write_str(
                "too many entries wait for earlier ones: these are asked for again later",
            ),
            Self::NotHeld => f.write_str("asked for entries that are not here"),
        }
    }
}
