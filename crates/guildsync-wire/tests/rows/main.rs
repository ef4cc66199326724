//! What row batches promise: every row back, in few bytes, and no harm from any bytes.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "../vectors/golden.rs"]
mod golden;
mod hostile;
mod laws;
mod sizes;
mod vectors;
mod world;
