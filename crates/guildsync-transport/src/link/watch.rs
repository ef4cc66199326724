//! One unfinished transfer, watched: when to ask for what is missing of it, and what others have asked for.

use std::ops::Range;

use guildsync_types::Time;

/// The shortest gap between two chunks that is reckoned with, in milliseconds: frames of one burst
/// arrive in any order within that.
const GAP_MS_MIN: u64 = 150;
/// The longest gap that is waited for when an answer is.
const GAP_MS_MAX: u64 = 4_000;
/// How long an answer takes at least: there and back, and another's turn to answer.
const ANSWER_MS: u64 = 250;
/// Requests without any answer after which no more are made until a chunk comes.
const ATTEMPTS_MAX: u8 = 8;
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
    /// Requests since the last new byte, that before it counted once.
    attempts: u8,
    /// When the last new byte came, and the gap that is expected before the next.
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
                let gap = now.since(last);
                self.gap_ms = gap.max((3 * self.gap_ms + gap) / 4);
            }
            self.last = Some(now);
        }
        self.attempts = self.attempts.min(1);
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

    /// A request went.
    pub(super) fn asked(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    pub(super) fn attempts(&self) -> u8 {
        self.attempts
    }

    pub(super) fn may_ask(&self) -> bool {
        self.attempts < ATTEMPTS_MAX
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

    /// What others asked for has been reckoned with.
    pub(super) fn uncover(&mut self) {
        self.covered.clear();
    }
}
