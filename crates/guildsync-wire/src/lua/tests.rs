//! Tests of the Lua reader and writer: [`cases`] are texts with what they give, [`laws`] hold for all.

mod cases;
mod laws;

use super::*;

fn globals(text: impl AsRef<[u8]>) -> Result<Vec<(String, Value)>, LuaError> {
    parse_assignments(text, &Limits::default())
}
