//! Raids in a friendly world: nothing is lost, time is virtual, every message passes as bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod chaos;
mod coming_back;
mod costs;
mod heartbeat;
mod held;
mod leadership;
mod live;
mod manual;
mod plans;
mod policies;
mod raid;
mod requests;
mod sync;
mod takeover;
