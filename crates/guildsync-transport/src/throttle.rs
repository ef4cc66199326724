//! A member's send budget: one token bucket for all that it sends, to the group and by whisper.
//!
//! In any span of time no more leaves than a full bucket and what comes in during that span. All is
//! integer arithmetic on a caller's clock, so nothing is gained or lost by rounding.

use guildsync_types::Time;

use crate::channel::Rate;

/// A token bucket, full at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    rate: Rate,
    /// What is in it, in units of which one millisecond brings [`Throttle::per_ms`].
    level: u64,
    /// When that was so.
    at: Time,
    /// What of it is set aside, in the same units.
    reserved: u64,
}

impl Throttle {
    /// A full bucket.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let mut throttle = Self { rate, level: 0, at: Time(0), reserved: 0 };
        throttle.level = throttle.capacity();
        throttle
    }

    /// Takes what a frame of so many bytes costs; `false` and nothing taken when there is not enough.
    #[must_use]
    pub fn take(&mut self, now: Time, bytes: usize) -> bool {
        let enough = self.reserve(now, bytes);
        if enough {
            self.settle(now, bytes, true);
        }
        enough
    }

    /// Sets aside what a frame costs that will go later, when its sender has seen to something else: what
    /// comes in until then is lost if the bucket is full, as it is for whoever counts on the other side.
    /// `false` and nothing set aside when there is not enough. [`Throttle::settle`] must follow.
    #[must_use]
    pub fn reserve(&mut self, now: Time, bytes: usize) -> bool {
        self.fill(now);
        let cost = self.cost(bytes);
        let enough = cost <= self.free(self.level);
        if enough {
            self.reserved += cost;
        }
        enough
    }

    /// A frame for which its cost was set aside went, or did not go after all.
    pub fn settle(&mut self, now: Time, bytes: usize, has_gone: bool) {
        self.fill(now);
        let cost = self.cost(bytes);
        self.reserved = self.reserved.saturating_sub(cost);
        if has_gone {
            self.level = self.level.saturating_sub(cost);
        }
    }

    /// When a frame of so many bytes can go, if nothing else goes before; a time of the past when it can
    /// go at once.
    #[must_use]
    pub fn ready(&self, bytes: usize) -> Time {
        let lacking = self.cost(bytes).saturating_sub(self.free(self.level));
        self.at + lacking.div_ceil(self.per_ms())
    }

    /// How many frames of so many bytes could go now.
    #[must_use]
    pub fn frames(&self, now: Time, bytes: usize) -> u64 {
        let level = self.free(self.level_at(now));
        level.checked_div(self.cost(bytes)).unwrap_or(u64::MAX)
    }

    /// Takes everything: the channel said that the budget is spent, whoever spent it.
    pub fn empty(&mut self, now: Time) {
        self.fill(now);
        self.level = 0;
    }

    fn free(&self, level: u64) -> u64 {
        level.saturating_sub(self.reserved)
    }

    fn fill(&mut self, now: Time) {
        self.level = self.level_at(now);
        self.at = self.at.max(now);
    }

    fn level_at(&self, now: Time) -> u64 {
        let come = now.since(self.at).saturating_mul(self.per_ms());
        self.level.saturating_add(come).min(self.capacity())
    }

    fn per_ms(&self) -> u64 {
        match self.rate {
            Rate::Unlimited | Rate::Frames { .. } => 1,
            Rate::Bytes { per_second, .. } => u64::from(per_second.max(1)),
        }
    }

    fn capacity(&self) -> u64 {
        match self.rate {
            Rate::Unlimited => 0,
            Rate::Frames { burst, every_ms } => u64::from(burst) * u64::from(every_ms),
            Rate::Bytes { burst, .. } => u64::from(burst) * 1000,
        }
    }

    /// What a frame costs; a full bucket at most, or it could never go.
    fn cost(&self, bytes: usize) -> u64 {
        let cost = match self.rate {
            Rate::Unlimited => 0,
            Rate::Frames { every_ms, .. } => u64::from(every_ms),
            Rate::Bytes { overhead, .. } => (bytes as u64 + u64::from(overhead)) * 1000,
        };
        cost.min(self.capacity())
    }
}
