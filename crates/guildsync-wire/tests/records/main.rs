//! What record batches promise: every value back exactly, in few bytes, and no harm from any bytes.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "../vectors/golden.rs"]
mod golden;
mod guild;
mod hostile;
mod laws;
mod named;
mod sizes;
mod stream;
mod vectors;
mod world;
