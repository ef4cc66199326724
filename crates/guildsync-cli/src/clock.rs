//! The one place where the program reads the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use guildsync::types::Time;

/// The present. A clock before 1970 counts as 1970.
#[allow(clippy::disallowed_methods, reason = "the program's edge is where the present comes from")]
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
