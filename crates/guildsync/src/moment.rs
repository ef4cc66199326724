//! The present, as a replica is told it.

use guildsync_types::Time;

/// The present, twice: a clock may be set, or wrong; waiting must not depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Time that only goes forward, at its own pace: for deadlines and the throttle.
    pub now: Time,
    /// What the clock says: for stamps, and for records of a time to come.
    pub clock: Time,
}

impl Moment {
    /// What the clock says, in seconds since 1970.
    pub(crate) fn seconds(self) -> u64 {
        self.clock.0 / 1000
    }

    /// When the clock will say so many seconds, if nobody sets it.
    pub(crate) fn when(self, seconds: u64) -> Time {
        self.now + Time(seconds.saturating_mul(1000)).since(self.clock)
    }
}

impl From<Time> for Moment {
    /// Where nobody waits for anything, the clock's time is as good as another.
    fn from(clock: Time) -> Self {
        Self { now: clock, clock }
    }
}
