//! The seeds' schemas, each way.

mod arrays;
mod as_is;
mod flat;
mod metadata;
mod unified;
