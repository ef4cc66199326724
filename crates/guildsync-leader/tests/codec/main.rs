//! Messages and batches as bytes: golden vectors, laws, sizes, hostile input, a short fuzz run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod batches;
mod docs;
mod fuzz;
mod hostile;
mod laws;
mod samples;
mod sizes;
mod vectors;
mod world;
