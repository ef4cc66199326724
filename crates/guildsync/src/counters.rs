//! What a replica counts, for a status line: what left, what came, what was said again, how long answers took.

use std::collections::BTreeMap;

use guildsync_leader::{Answer, MemberTag, Message, To};
use guildsync_transport::Queued;
use guildsync_types::{MemberName, Time};

/// Requests whose answers are timed at once; a session has no more open.
const TIMED_MAX: usize = 64;

/// Since the replica was made, but for [`Counters::queued`], which is now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages that were queued for the channel, about logs or tables; one to the group counts once.
    pub messages_sent: u64,
    /// Messages that came whole and could be read.
    pub messages_received: u64,
    /// Frames that the channel took.
    pub frames_sent: u64,
    /// Frames that came, of use or not.
    pub frames_received: u64,
    /// Frames that the channel refused, most of them for a while only.
    pub frames_refused: u64,
    /// Requests for entries that were made once more, since no answer came in time.
    pub retries: u64,
    /// Requests for entries that were answered the first time they were made.
    pub round_trips: u64,
    /// How long the last of these took, in milliseconds: budgets and queues of both sides included.
    pub round_trip_ms: u64,
    /// How long the longest took.
    pub round_trip_max_ms: u64,
    /// What waits to be sent, and what is still coming in.
    pub queued: Queued,
}

/// Counters, and what is needed to keep them.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) counters: Counters,
    /// Requests by number and whom they ask: when they were made; none once they were repeated, since
    /// an answer does not say to which of the two it is one.
    asked: BTreeMap<(u32, MemberTag), Option<Time>>,
}

impl Counting {
    /// A message was queued.
    pub(crate) fn said(&mut self, now: Time, to: &To, message: &Message) {
        self.counters.messages_sent += 1;
        let Message::RequestMyMissing { request, answer, wants, .. } = message else { return };
        if matches!(answer, Answer::Member(_)) {
            // Somebody else is to get it.
            return;
        }
        let mut asked: Vec<MemberTag> = match to {
            To::Member(member) => vec![MemberTag::of(member)],
            To::Group => wants.iter().filter_map(|want| want.of).collect(),
        };
        asked.sort_unstable();
        asked.dedup();
        let is_again = self.asked.keys().any(|(number, _)| number == request);
        self.counters.retries += u64::from(is_again);
        for of in asked {
            if is_again || self.asked.len() < TIMED_MAX {
                self.asked.insert((*request, of), (!is_again).then_some(now));
            }
        }
        while self.asked.len() > TIMED_MAX {
            self.asked.pop_first();
        }
    }

    /// The session starts over, and so do its numbers.
    pub(crate) fn start_over(&mut self) {
        self.asked.clear();
    }

    /// A message came.
    pub(crate) fn heard(&mut self, now: Time, from: &MemberName, message: &Message) {
        self.counters.messages_received += 1;
        let &Message::SendMissingLogs { request, .. } = message else { return };
        if let Some(Some(asked)) = self.asked.remove(&(request, MemberTag::of(from))) {
            let counters = &mut self.counters;
            counters.round_trips += 1;
            counters.round_trip_ms = now.since(asked);
            counters.round_trip_max_ms = counters.round_trip_max_ms.max(counters.round_trip_ms);
        }
    }
}
