//! Logs from a seed: what scenarios sync, and what the benchmarks measure.
//!
//! A map of the code:
//! - [`loot`]: the two logs, I (every field drawn by itself) and R (raid-wide awards between single ones)
//! - [`sheet`]: raid assignments, as tables that people edit
//! - [`draw`]: random draws with an account of their information: the limit of what was generated
//! - [`guild`], [`words`]: what they draw from

pub mod draw;
pub mod guild;
pub mod loot;
pub mod sheet;
pub mod words;
