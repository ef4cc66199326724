//! Messages as bytes: golden vectors, laws, sizes, hostile input, a short fuzz run.

mod docs;
mod fuzz;
mod hostile;
mod laws;
mod misrouting;
mod samples;
mod sizes;
mod vectors;
