//! One unfinished transfer, watched: when to ask for what is missing of it, and what others have asked for.

use std::ops::Range;

use guildsync_types::Time;

use super::kept::KEPT_MS;

/// The shortest gap between two chunks that is reckoned with, in milliseconds: frames of one burst
/// arrive in any order within that.
const GAP_MS_MIN: u64 = 150;
/// The longest gap that is waited for when an answer is.
const GAP_MS_MAX: u64 = 4_000;
/// How long an answer takes at least: there and back, and another's turn to answer.
const ANSWER_MS: u64 = 250;
/// Requests without any answer after which no more are made until a chunk comes.
const ATTEMPTS_MAX: u8 = 8;
/// The same for a member and all others that ask for the same.
const UNANSWERED_MAX: u8 = 16;
/// After this time without a new byte nobody holds what is missing any more, in milliseconds.
const HOPELESS_MS: u64 = 2 * KEPT_MS;
/// How long what somebody else asked for counts as asked for.
const COVERED_MS: u64 = 600;
/// Ranges that are remembered of others' requests.
const COVERED_MAX: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Watch {
    /// When its timer goes off, if one is set.
    pub(super) due: Option<Time>,
    /// Whether a request is queued.
    pub(super) is_queued: bool,
    /// Whether only the sender is asked: others have relayed wrong bytes.
    pub(super) is_direct: bool,
    /// When the last new byte came, whoever sent it.
    touched: Time,
    /// Requests since then, those before it counted once.
    attempts: u8,
    /// The same, with others' requests for the same.
    unanswered: u8,
    /// When the sender's own last new byte came, and the gap that is expected before the next.
    last: Option<Time>,
    gap_ms: u64,
    /// What others have asked for lately: ascending, apart.
    covered: Vec<Range<u32>>,
    covered_at: Time,
}

impl Watch {
    /// New bytes came. Of the sender's own chunks a longer gap than expected is believed at once, shorter
    /// ones by and by; what others send again says nothing about its pace.
    pub(super) fn touch(&mut self, now: Time, is_own: bool) {
        if is_own {
            if let Some(last) = self.last {
                // A lockdown or a loading screen says nothing about the pace either.
                let gap = now.since(last).min(KEPT_MS);
                self.gap_ms = gap.max((3 * self.gap_ms + gap) / 4);
            }
            self.last = Some(now);
        }
        self.touched = now;
        self.attempts = self.attempts.min(1);
        self.unanswered = 0;
    }

    /// How long to wait for the next chunk before asking; `sender_ms` is what its sender's budget needs.
    pub(super) fn silence_ms(&self, sender_ms: u64) -> u64 {
        3 * self.gap_ms.max(GAP_MS_MIN).max(sender_ms) / 2
    }

    /// How long to wait for an answer to a request that went, or to somebody else's for the same.
    pub(super) fn answer_ms(&self, sender_ms: u64) -> u64 {
        let base = self.gap_ms.clamp(ANSWER_MS, GAP_MS_MAX).max(sender_ms);
        (0..self.attempts.clamp(1, ATTEMPTS_MAX)).fold(base, |ms, _| ms * 3 / 2)
    }

    /// A request went, or somebody else's for the same, if it is not one's own.
    pub(super) fn asked(&mut self, is_own: bool) {
        self.attempts = self.attempts.saturating_add(is_own.into());
        self.unanswered = self.unanswered.saturating_add(1);
        self.covered.clear();
    }

    pub(super) fn attempts(&self) -> u8 {
        self.attempts
    }

    /// A group gives up together, or forty members would ask in turn for what nobody has any more.
    pub(super) fn may_ask(&self, now: Time) -> bool {
        self.attempts < ATTEMPTS_MAX
            && self.unanswered < UNANSWERED_MAX
            && now.since(self.touched) <= HOPELESS_MS
    }

    /// Somebody else asked the group for these.
    pub(super) fn cover(&mut self, now: Time, ranges: &[Range<u32>]) {
        if now.since(self.covered_at) > COVERED_MS {
            self.covered.clear();
        }
        if self.covered.len() + ranges.len() > COVERED_MAX {
            return;
        }
        self.covered_at = now;
        self.covered.extend_from_slice(ranges);
        self.covered.sort_unstable_by_key(|range| range.start);
        self.covered.dedup_by(|next, before| {
            let touches = next.start <= before.end;
            if touches {
                before.end = before.end.max(next.end);
            }
            touches
        });
    }

    /// What of the missing nobody has asked for lately.
    pub(super) fn uncovered(
        &self,
        now: Time,
        missing: impl Iterator<Item = Range<u32>>,
    ) -> Vec<Range<u32>> {
        if self.covered.is_empty() || now.since(self.covered_at) > COVERED_MS {
            return missing.collect();
        }
        let mut left = Vec::new();
        for range in missing {
            let mut from = range.start;
            for covered in &self.covered {
                if covered.end <= from || covered.start >= range.end {
                    continue;
                }
                if covered.start > from {
                    left.push(from..covered.start);
                }
                from = covered.end;
            }
            if from < range.end {
                left.push(from..range.end);
            }
        }
        left
    }
}
