//! Sizes of the wire's batches beside those of general codecs, measured in one run; and what syncing
//! guild tables and assignment sheets costs.
//!
//! The program `sizes` (`cargo xtask sizes`) encodes windows of logs and whole guild tables, has every
//! batch decoded in another process from the bytes and the base alone, compares all fields, and prints
//! what each entry took. Never published; the rivals are dependencies of this crate alone.
//!
//! A map of the code:
//! - [`corpus`]: the logs and tables, read from files or generated from a seed
//! - [`row`], [`tree`]: rows and values as plain data
//! - [`rivals`], [`codec`]: how batches are written
//! - [`worker`]: the decoding process
//! - [`measure`]: windows, comparing, means
//! - [`bars`]: what was asked for
//! - [`prior`]: an experiment with a shipped vocabulary
//! - [`report`], [`plot`]: the tables, JSON and the picture
//! - [`table_cost`]: what syncing guild tables costs (`cargo xtask tables`)
//! - [`sheet_cost`]: what assignment sheets cost (`cargo xtask sheets`)
//! - [`marks`]: the places of their tables in documents

pub mod bars;
pub mod codec;
pub mod corpus;
pub mod marks;
pub mod measure;
pub mod plot;
pub mod prior;
pub mod report;
pub mod rivals;
pub mod row;
pub mod sheet_cost;
pub mod table_cost;
pub mod tree;
pub mod worker;
