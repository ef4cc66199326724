//! The sections crate from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod messages;
mod model;
mod packing;
mod sync;
