//! The trait, and what passes through it.

use std::collections::BTreeSet;
use std::future::Future;

use bytes::Bytes;
use guildsync_types::MemberName;

use crate::channel::ChannelProfile;

/// Whom a frame is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Everyone in the group but the sender.
    Group,
    /// One member.
    Member(MemberName),
}

/// What a transport brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A frame.
    Frame {
        /// From whom, as the channel vouches.
        from: MemberName,
        /// Its bytes.
        bytes: Bytes,
    },
    /// The group is now these members, this one included.
    Group {
        /// Everyone in it.
        members: BTreeSet<MemberName>,
        /// Who leads it.
        leader: MemberName,
    },
}

/// What became of a frame, as the sender is told: accepted is not yet delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendResult {
    /// On its way.
    Sent,
    /// Too fast, or a receiver's queue is full: the frame was not taken, send it again later.
    Throttled,
    /// The channel is closed for a while (an encounter, a loading screen): the frame was not taken.
    LockedDown,
    /// The member is not in the group.
    TargetOffline,
    /// This replica is not in a group.
    NotInGroup,
    /// Longer than the channel carries.
    TooLong,
}

/// A way to reach the members of a group.
pub trait Transport: Send {
    /// What the channel carries.
    fn channel(&self) -> ChannelProfile;

    /// Sends a frame. Never blocks.
    fn send(&mut self, to: &Recipient, frame: Bytes) -> SendResult;

    /// Waits for what comes next; `None` when the transport is closed.
    ///
    /// Asking for the next means that the one before has been dealt with.
    fn receive(&mut self) -> impl Future<Output = Option<Incoming>> + Send;
}
