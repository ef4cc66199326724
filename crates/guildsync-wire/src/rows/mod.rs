//! Row batches: loot-log rows as the fewest bytes.
//!
//! - [`columns`]: the plain columns that go in and come out ([`Rows`])
//! - [`strings`]: numbered strings
//! - [`batch`]: the modes and the first bytes that tell them apart
//! - [`fast`]: the columns without an entropy stage
//! - [`model`]: one walk over a row, which writes, reads or learns it

mod amounts;
pub mod batch;
mod chains;
mod clock;
pub mod columns;
mod dictionary;
pub mod fast;
mod model;
mod roster;
mod shape;
mod small;
mod spelling;
pub mod strings;
mod symbols;

pub use batch::{Base, BatchError, EncodeError, Mode, decode, encode};
pub use columns::{NOBODY, Row, Rows, RowsBuilder};
pub use strings::Strings;
