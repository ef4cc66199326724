//! The guildsync program.
fn main() {}
