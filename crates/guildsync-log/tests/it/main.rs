//! What the log promises, seen from outside. `world` builds histories, the rest states behaviour.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod batch;
mod convergence;
mod entries;
mod fork_laws;
mod forks;
mod origins;
mod outside;
mod owned_forks;
mod policies;
mod profiles;
mod rights;
mod roles;
mod rules;
mod world;
