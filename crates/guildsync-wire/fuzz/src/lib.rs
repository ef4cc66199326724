//! The entry points of the fuzz targets; the stable harness (`tests/fuzz.rs`) shares the file.

pub mod entry;
