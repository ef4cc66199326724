//! The text dialects, payloads, compression and negotiation from outside.
//!
//! - `vectors`: golden bytes under `tests/vectors/dialects`; a changed format fails here
//! - `regressions`: what the seeds' addons got wrong, by the number of the bug

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod regressions;
mod vectors;
