//! What syncing guild tables costs, beside the codec alone, other ways to compare, and the addon's way.
//!
//! Two members with their stores sync over the modelled retail channel in virtual time
//! (`guildsync_sim::duet`), so the numbers are exact and the same on every machine. Whether both hold what they
//! should is asked of a union made here, by other code than that of the tables.
//!
//! A map of the code:
//! - [`records`]: the sets of records, from a seed or a file
//! - [`differ`]: two members' tables that differ in so many records, by realistic changes
//! - [`union`]: what both have to hold afterwards
//! - [`session`]: one session, run; [`addon`]: what the addon's way takes, computed
//! - [`scenarios`]: all of them, with what was asked for
//! - [`machines`]: two machines in memory, step by step
//! - [`telling`]: what seeing the difference takes alone, by five ways
//! - [`page`]: the tables of `docs/cost.md`

pub mod addon;
pub mod differ;
pub mod machines;
pub mod page;
pub mod records;
pub mod scenarios;
pub mod session;
pub mod telling;
pub mod union;

use guildsync::types::Time;

/// The seed of the generated records and of all changes to them.
pub const SEED: u64 = 5;

/// What both clocks say when a session begins: 15 January 2025, 12:00 UTC, after every generated record.
pub const CLOCK: Time = Time(1_736_942_400_000);
