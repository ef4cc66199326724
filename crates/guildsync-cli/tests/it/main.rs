//! The program as people run it: the built binary, real files, exit codes, what it prints.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod behaviour;
mod commands;
mod demo;
mod exchange;
mod merging;
mod merging_tables;
mod profiles;
mod real;
mod refusals;
mod safety;
mod sheet_merging;
mod sheet_refusals;
mod sheets;
mod simulate;
mod table_files;
mod table_sessions;
mod table_sync;
mod tables;
mod world;
