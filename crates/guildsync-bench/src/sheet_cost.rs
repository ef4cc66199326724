//! What assignment sheets cost: the whole stack in the simulator, beside the sheet alone in the fewest frames.
//!
//! Raids of real replicas run in virtual time (`guildsync_sim::scenario::sheets`), so the numbers are exact and
//! the same on every machine. Everything is measured with [`SEEDS`] seeds, each with a sheet of its own, and the
//! worst of them has to keep what was asked for.
//!
//! A map of the code:
//! - [`alone`]: sheets and sections packed by themselves, by our codec and by others
//! - `plans`: what is measured with each seed, and what was asked for
//! - [`lines`]: what was measured, and whether it is that
//! - [`page`]: the tables of `docs/cost.md`

pub mod alone;
pub mod lines;
pub mod page;
mod plans;

/// How many seeds everything is measured with, from 0 on.
pub const SEEDS: u64 = 20;
