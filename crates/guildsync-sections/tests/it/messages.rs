//! Messages as bytes: any message, golden vectors, laws, sizes, hostile input.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

pub(crate) mod any;
mod docs;
mod hostile;
mod laws;
mod names;
mod samples;
mod sizes;
mod vectors;
