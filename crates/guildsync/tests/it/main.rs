//! Replicas, stores and nodes together, over the memory transport.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod channel;
mod local;
mod nodes;
mod sessions;
mod sheets;
mod tables;
mod versions;
mod world;
