//! What the files crate promises, by format.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod archive;
mod cepgp;
mod cuts;
mod detect;
mod exchange;
mod real;
mod sheets;
mod tables;
mod world;
