//! What a frame led to, and what is still unfinished.

use crate::frame::request::Request;

/// What a frame brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted<S> {
    /// Whose transfer the frame was about, where that is not who sent it: a relayed chunk's.
    pub of: Option<S>,
    /// The frame's own effect.
    pub outcome: Outcome,
    /// Unfinished transfers of the same sender that had to go: the one that this frame's replaced,
    /// or the longest silent ones beyond the sender's limits.
    pub dropped: Vec<u16>,
}

impl<S> Accepted<S> {
    /// An outcome for which nothing had to go.
    pub(super) fn only(outcome: Outcome) -> Self {
        Self { of: None, outcome, dropped: Vec::new() }
    }
}

/// The effect of one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A message is complete.
    Message {
        /// The sender's number for it; none for a message of one frame.
        transfer: Option<u16>,
        /// The message.
        bytes: Vec<u8>,
    },
    /// A chunk brought something new.
    Progress {
        /// The sender's number for the message.
        transfer: u16,
        /// Bytes of the message that have come.
        received: u32,
        /// The message's length in bytes, once the first chunk has come.
        total: Option<u32>,
    },
    /// A chunk of which everything had come before, or whose transfer is complete; a relayed one that
    /// belongs to no transfer here, or could belong to several.
    Duplicate {
        /// The sender's number for the message.
        transfer: u16,
    },
    /// The sender asks for chunks of a message that went to it.
    Request(Request),
}

/// A transfer of which something has come and something has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished<'a, S> {
    /// Who sends it.
    pub sender: &'a S,
    /// The sender's number for the message.
    pub transfer: u16,
    /// Bytes of the message that have come.
    pub received: u32,
    /// The message's length in bytes, once the first chunk has come.
    pub total: Option<u32>,
    /// When the last new byte came, in milliseconds of the caller's clock.
    pub touched_ms: u64,
}
