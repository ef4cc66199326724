//! A sender's budget as the server counts it, written apart from the one that senders use.

use guildsync::transport::Rate;

/// A sender's budget as the server counts it.
#[derive(Debug, Clone)]
pub struct Meter {
    rate: Rate,
    /// What is left, in thousandths of a byte or in milliseconds of waiting.
    level: u64,
    at: u64,
}

impl Meter {
    /// A full bucket.
    #[must_use]
    pub fn full(rate: Rate, now: u64) -> Self {
        let mut meter = Self { rate, level: 0, at: now };
        meter.level = meter.capacity();
        meter
    }

    fn capacity(&self) -> u64 {
        match self.rate {
            Rate::Frames { burst, every_ms } => u64::from(burst) * u64::from(every_ms),
            Rate::Bytes { burst, .. } => u64::from(burst) * 1000,
            _ => 0,
        }
    }

    fn cost(&self, bytes: usize) -> u64 {
        match self.rate {
            Rate::Frames { every_ms, .. } => u64::from(every_ms),
            Rate::Bytes { overhead, .. } => (bytes as u64 + u64::from(overhead)) * 1000,
            _ => 0,
        }
    }

    /// What comes in in a millisecond.
    #[must_use]
    pub fn gain_per_ms(&self) -> u64 {
        match self.rate {
            Rate::Bytes { per_second, .. } => u64::from(per_second),
            _ => 1,
        }
    }

    /// Takes what somebody else used up of it.
    pub fn drain(&mut self, level: u64) {
        self.level = self.level.saturating_sub(level);
    }

    /// Brings the account up to `now`.
    pub fn refill(&mut self, now: u64) {
        let gained = now.saturating_sub(self.at).saturating_mul(self.gain_per_ms());
        self.level = self.level.saturating_add(gained).min(self.capacity());
        self.at = self.at.max(now);
    }

    /// Whether a frame of so many bytes is within the budget.
    #[must_use]
    pub fn allows(&self, bytes: usize) -> bool {
        self.cost(bytes) <= self.level
    }

    /// Takes a frame from the budget, as far as there is any.
    pub fn take(&mut self, bytes: usize) {
        self.level = self.level.saturating_sub(self.cost(bytes));
    }

    /// Whether nothing more comes in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.level == self.capacity()
    }
}
