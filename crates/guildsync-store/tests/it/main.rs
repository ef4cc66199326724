//! The store from outside: what survives, what is refused, what is named.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod damage;
mod disk;
mod kill;
mod opening;
mod records;
mod round_trip;
mod sheets;
mod support;
mod whole;
