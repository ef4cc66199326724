//! What machines are told about the present.

use std::ops::Add;

/// Milliseconds since 1970 UTC, as the edge's clock says: for deadlines and live stamps only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// The whole second, as a stamp with count 0; a time beyond the year 9999 becomes [`Stamp::ZERO`](crate::Stamp::ZERO).
    #[must_use]
    pub fn stamp(self) -> crate::Stamp {
        crate::Stamp::new(self.0 / 1000, 0).unwrap_or_default()
    }

    /// Milliseconds from `earlier` to this time, 0 if it lies before.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u64> for Time {
    type Output = Self;

    /// The time `ms` milliseconds later.
    fn add(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}
