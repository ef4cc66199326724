//! Whether there is room for one more chunk, and whose transfers go for it.

use super::transfer::Transfer;
use super::{FrameError, Reassembler};

/// What has to go before a chunk can be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Room<S> {
    /// The same sender's transfers, the longest silent first.
    pub(super) dropped: Vec<u16>,
    /// A sender of whom only finished numbers are remembered.
    pub(super) forgotten: Option<S>,
}

impl<S: Ord + Clone> Reassembler<S> {
    /// The room for a transfer of `sender` that will have `heap_bytes`.
    ///
    /// The sender's own limits cost it its longest silent transfers. The limits on all senders
    /// refuse: whatever could be given up there may be what others wait for. Nothing is given up
    /// when that would not be enough.
    pub(super) fn room_for(
        &self,
        sender: &S,
        number: u16,
        heap_bytes: usize,
    ) -> Result<Room<S>, FrameError> {
        let limits = &self.limits;
        let known = self.senders.get(sender);
        let transfers = known.map_or(&[][..], |known| &known.transfers);
        let mut others: Vec<&Transfer> =
            transfers.iter().filter(|held| held.number != number).collect();
        others.sort_by_key(|held| held.touched_ms);

        let is_new = others.len() == transfers.len();
        let slot_bytes = match known {
            _ if !is_new => 0,
            None => size_of::<Transfer>(),
            Some(known) => known.slot_bytes(),
        };
        let before = known.map_or(0, |known| Self::SENDER_BYTES + known.heap_bytes());
        let own: usize =
            transfers.iter().filter(|t| t.number == number).map(|t| t.heap_bytes()).sum();
        let mut sender_bytes = before.max(Self::SENDER_BYTES) - own + heap_bytes + slot_bytes;
        let mut sender_transfers = others.len() + 1;

        let mut dropped = Vec::new();
        let mut others = others.into_iter();
        loop {
            let full = if sender_transfers > limits.transfers_per_sender {
                "transfers of one sender"
            } else if sender_bytes > limits.bytes_per_sender {
                "bytes of one sender"
            } else {
                break;
            };
            let longest_silent = others.next().ok_or(FrameError::Full(full))?;
            dropped.push(longest_silent.number);
            sender_bytes -= longest_silent.heap_bytes();
            sender_transfers -= 1;
        }
        if self.held_bytes - before + sender_bytes > limits.bytes_overall {
            return Err(FrameError::Full("bytes of all senders"));
        }
        let overall = self.transfers + usize::from(is_new) - dropped.len();
        if overall > limits.transfers_overall {
            return Err(FrameError::Full("transfers of all senders"));
        }
        let mut forgotten = None;
        if known.is_none() && self.senders.len() >= limits.senders {
            let idle = self.senders.iter().filter(|(_, known)| known.is_idle());
            let oldest = idle.min_by_key(|(_, known)| known.deadline_ms(limits.idle_ms));
            let (oldest, _) = oldest.ok_or(FrameError::Full("senders"))?;
            forgotten = Some(oldest.clone());
        }
        Ok(Room { dropped, forgotten })
    }
}
