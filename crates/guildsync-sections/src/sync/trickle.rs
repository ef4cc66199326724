//! When to announce: Trickle (RFC 6206).
//!
//! In each interval everyone picks a moment and announces then, unless somebody was heard saying the same
//! before. Intervals double while all agree and start over when somebody does not. So a raid in agreement
//! hears one small message an interval, however many members it has, and nobody has to be in charge.

use guildsync_types::Time;

/// One member's intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trickle {
    /// How long this interval is, in milliseconds.
    length: u64,
    ends: Time,
    /// When to announce in this interval; `None` once that is done or not needed.
    due: Option<Time>,
}

impl Trickle {
    /// The first interval after something was found to differ: the moment is anywhere in it.
    pub(super) fn start(now: Time, length: u64, draw: u64) -> Self {
        let length = length.max(1);
        Self { length, ends: now + length, due: Some(now + draw % length) }
    }

    /// When something is to be done.
    pub(super) fn deadline(&self) -> Time {
        self.due.unwrap_or(self.ends).min(self.ends)
    }

    /// Whether this interval is one of the shortest: there is nothing to start over.
    pub(super) fn is_fresh(&self, shortest: u64) -> bool {
        self.length <= shortest
    }

    /// Somebody said what this member would have said.
    pub(super) fn heard(&mut self) {
        self.due = None;
    }

    /// It is time to announce, and there is no room for it until then.
    pub(super) fn put_off(&mut self, until: Time) {
        self.due = Some(until);
    }

    /// Whether it is time to announce; goes on to the next interval where this one is over.
    pub(super) fn tick(&mut self, now: Time, longest: u64, draw: u64) -> bool {
        let is_due = self.due.is_some_and(|due| due <= now);
        if is_due {
            self.due = None;
        }
        if self.ends <= now {
            // Later intervals listen for their first half, so that slow clocks are heard as well.
            self.length = (2 * self.length).min(longest.max(1));
            self.ends = now + self.length;
            let half = self.length / 2;
            self.due = Some(now + half + draw % half.max(1));
        }
        is_due
    }
}
