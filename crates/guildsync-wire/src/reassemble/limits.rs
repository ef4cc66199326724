//! How much a reassembler holds for others: every bound has a default and none can be switched off.

/// Bounds on what unfinished transfers may hold. Bytes are of memory, as
/// [`Reassembler::held_bytes`](super::Reassembler::held_bytes) counts it.
///
/// A sender over its own bound loses its own transfer that has been silent for longest. A bound on
/// all of them refuses the new, since what is there belongs to others: it delays, and what was
/// refused can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The longest message, in bytes. Default 16 MiB, which is also the format's own bound.
    pub message_bytes: u32,
    /// Memory for one sender's transfers. Default 32 MiB: one longest message, and what it costs to
    /// hold it in pieces.
    pub bytes_per_sender: usize,
    /// Memory for all transfers. Default 256 MiB.
    pub bytes_overall: usize,
    /// Unfinished transfers of one sender. Default 16.
    pub transfers_per_sender: usize,
    /// Unfinished transfers of all senders. Default 4,096.
    pub transfers_overall: usize,
    /// Senders with anything held. Default 1,024: a full guild has 1,000 members.
    pub senders: usize,
    /// Pieces of one message that are apart from each other. Default 1,048,576.
    pub pieces: usize,
    /// Finished transfers of one sender whose numbers are remembered, so that a late repetition
    /// begins nothing. Default 32.
    pub finished_per_sender: usize,
    /// How long a transfer lives without a new byte, and how long a finished number is remembered,
    /// in milliseconds. Default ten minutes: a relog or a dropped line does not lose a transfer.
    pub idle_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 1 << 24,
            bytes_per_sender: 32 << 20,
            bytes_overall: 256 << 20,
            transfers_per_sender: 16,
            transfers_overall: 4_096,
            senders: 1_024,
            pieces: 1 << 20,
            finished_per_sender: 32,
            idle_ms: 600_000,
        }
    }
}
