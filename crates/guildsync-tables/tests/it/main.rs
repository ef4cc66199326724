//! What the guild tables promise: schemas, checks, views, sketches.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod check;
mod merge;
mod messages;
mod schema;
mod sessions;
mod sketch;
mod view;
mod world;
