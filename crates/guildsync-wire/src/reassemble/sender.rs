//! What is held for one sender: its unfinished transfers, and the numbers of those just finished.

use std::collections::VecDeque;

use super::transfer::{Announced, Transfer};

/// A transfer that was complete: its number must not begin a new one by a late repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Finished {
    number: u16,
    announced: Announced,
    at_ms: u64,
}

/// Everything of one sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sender {
    /// Few, so that a search through them is quick; in no order.
    pub(super) transfers: Vec<Transfer>,
    /// Oldest first.
    finished: VecDeque<Finished>,
}

impl Sender {
    /// Where the transfer of that number is.
    #[inline]
    pub(super) fn position(&self, number: u16) -> Option<usize> {
        self.transfers.iter().position(|transfer| transfer.number == number)
    }

    /// Memory outside of this struct, by capacity, at most.
    pub(super) fn heap_bytes(&self) -> usize {
        self.transfers.capacity() * size_of::<Transfer>()
            + self.finished.capacity() * size_of::<Finished>()
            + self.transfers.iter().map(Transfer::heap_bytes).sum::<usize>()
    }

    /// What [`Sender::heap_bytes`] will say more when one transfer is added that is empty.
    pub(super) fn slot_bytes(&self) -> usize {
        let full = self.transfers.len() == self.transfers.capacity();
        if full { size_of::<Transfer>() } else { 0 }
    }

    /// Adds a transfer, with room for this one and no more: half a list of unused places would
    /// weigh more than the short chunks that begin most transfers.
    pub(super) fn add(&mut self, transfer: Transfer) {
        self.transfers.reserve_exact(1);
        self.transfers.push(transfer);
    }

    /// Whether a chunk belongs to a transfer that is complete: by what its first chunk announces, or
    /// by its number alone.
    pub(super) fn is_finished(&self, number: u16, announced: Option<Announced>) -> bool {
        self.finished.iter().any(|finished| {
            finished.number == number && announced.is_none_or(|said| said == finished.announced)
        })
    }

    /// Remembers a transfer that is complete, among at most `limit` of them.
    pub(super) fn remember(
        &mut self,
        number: u16,
        announced: Announced,
        now_ms: u64,
        limit: usize,
    ) {
        while self.finished.len() >= limit.max(1) {
            self.finished.pop_front();
        }
        if limit > 0 {
            self.finished.push_back(Finished { number, announced, at_ms: now_ms });
        }
    }

    /// When the first thing here is due to be forgotten.
    pub(super) fn deadline_ms(&self, idle_ms: u64) -> Option<u64> {
        let transfers = self.transfers.iter().map(|transfer| transfer.touched_ms);
        let finished = self.finished.front().map(|finished| finished.at_ms);
        transfers.chain(finished).min().map(|since| since.saturating_add(idle_ms))
    }

    /// Forgets what is due; the numbers of transfers that were unfinished.
    pub(super) fn expire(&mut self, now_ms: u64, idle_ms: u64) -> Vec<u16> {
        let due = |since: u64| since.saturating_add(idle_ms) <= now_ms;
        let dropped = self.transfers.extract_if(.., |transfer| due(transfer.touched_ms));
        let dropped = dropped.map(|transfer| transfer.number).collect();
        while self.finished.front().is_some_and(|finished| due(finished.at_ms)) {
            self.finished.pop_front();
        }
        self.transfers.shrink_to_fit();
        self.finished.shrink_to_fit();
        dropped
    }

    /// Whether nothing is unfinished; what is remembered can go when another sender needs the place.
    pub(super) fn is_idle(&self) -> bool {
        self.transfers.is_empty()
    }

    /// Whether nothing is held at all.
    pub(super) fn is_empty(&self) -> bool {
        self.transfers.is_empty() && self.finished.is_empty()
    }
}
