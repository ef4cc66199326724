//! The one place where the benches read a clock.

use std::time::{Duration, Instant};

/// What `run` returns and how long it took.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let start = Instant::now();
    let result = std::hint::black_box(run());
    (result, start.elapsed())
}
