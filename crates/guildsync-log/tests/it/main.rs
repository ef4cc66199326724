//! What the log promises, seen from outside. `world` builds histories, the rest states behaviour.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod convergence;
mod entries;
mod forks;
mod profiles;
mod rights;
mod roles;
mod rules;
mod world;
