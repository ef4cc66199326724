//! The machine, in a raid.

mod addon_bugs;
mod asking;
mod busy;
mod conflicts;
mod cursor;
mod hostile;
mod interrupted;
mod kept;
pub(crate) mod raid;
mod rights;
mod spreading;
