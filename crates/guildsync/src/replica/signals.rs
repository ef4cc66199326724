//! What goes into a replica and what comes out: plain data.

use std::collections::BTreeSet;

use bytes::Bytes;
use guildsync_leader::{MessageError, Refusal, Report, Stage};
use guildsync_log::{AcceptError, ProfileError};
use guildsync_transport::{LinkError, Recipient, SendResult};
use guildsync_types::{MemberName, ProfileId, WriterId};
use guildsync_wire::frame::FrameError;
use guildsync_wire::negotiate::Versions;

/// What happened outside.
#[derive(Debug, Clone)]
pub enum Input {
    /// A frame arrived.
    Frame {
        /// From whom.
        from: MemberName,
        /// Its bytes.
        bytes: Bytes,
    },
    /// The group is now these members.
    Group {
        /// Everyone in it, this member included.
        members: BTreeSet<MemberName>,
        /// Who leads it.
        leader: MemberName,
    },
    /// What became of a frame: the oldest [`Output::Send`] that has not been reported yet.
    Sent(SendResult),
    /// This member left its group.
    Left,
    /// [`Output::Commit`] was carried out: all is durable.
    Committed,
    /// The user starts a manual sync.
    ManualSync,
    /// The user switches sync on or off.
    SetEnabled(bool),
    /// The active profile was changed by the user.
    Switched,
    /// [`Replica::deadline`](super::Replica::deadline) has passed.
    Tick,
}

/// What to do outside, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send a frame.
    Send {
        /// To whom.
        to: Recipient,
        /// Its bytes.
        frame: Bytes,
    },
    /// Make [`Replica::profiles`](super::Replica::profiles) durable before anything else, then step with [`Input::Committed`].
    /// Always the last output of a step.
    Commit,
    /// Tell the user.
    Tell(Notice),
}

/// What the user, or the log file, may want to know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A member's sync came this far.
    Progress {
        /// The profile.
        profile: ProfileId,
        /// The member.
        member: MemberName,
        /// How far.
        stage: Stage,
    },
    /// This coordinator is done.
    Finished(Report),
    /// Something was not done.
    Refused {
        /// Whose wish or message it was.
        from: MemberName,
        /// Why.
        why: Refusal,
    },
    /// A frame was not understood.
    BadFrame {
        /// From whom.
        from: MemberName,
        /// Why.
        why: FrameError,
    },
    /// A message was not understood.
    BadMessage {
        /// From whom.
        from: MemberName,
        /// Why.
        why: MessageError,
    },
    /// The sender speaks other versions of the wire format: one of the two has to be updated.
    OtherVersion {
        /// Who.
        from: MemberName,
        /// What it says it speaks; `None` when it has not said.
        speaks: Option<Versions>,
    },
    /// A message finds no room in the queue: the next heartbeat has to make up for it.
    NotQueued(LinkError),
    /// Entries do not follow what is here of their writer: its chain was forked, so all of it is asked for.
    Diverged {
        /// From whom.
        from: MemberName,
        /// Whose entries.
        writer: WriterId,
    },
    /// A segment was refused.
    BadSegment {
        /// From whom.
        from: MemberName,
        /// Why.
        why: AcceptError,
    },
    /// An announced profile could not be made or switched to.
    BadProfile(ProfileError),
}
