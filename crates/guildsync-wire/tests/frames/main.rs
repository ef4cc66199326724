//! What frames promise, seen from outside. `world` makes channels and messages, the rest states
//! behaviour.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]
#![allow(clippy::single_range_in_vec_init, reason = "a list of what is missing may have one range")]

mod acecomm;
mod addons;
mod bytes;
mod hostile;
mod order;
mod relayed;
mod request;
mod world;
