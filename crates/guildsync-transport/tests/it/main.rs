//! What the transport promises, seen from outside. `world` is a group on a lossy channel in virtual time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod group;
mod hostile;
mod outbox;
mod refusals;
mod throttle;
mod world;
