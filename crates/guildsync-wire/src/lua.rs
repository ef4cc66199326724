//! Lua 5.1 table text as data: a reader that executes nothing, and a writer in WoW's own layout.
//!
//! WoW saves what an addon remembers as global assignments of literals (`SavedVariables/NAME.lua`).
//! A map of the code:
//! - `value`, `table`: [`Value`], [`Key`], [`Table`] (positional and keyed entries kept apart)
//! - `error`: [`LuaError`] with its [`Place`], and [`Limits`]
//! - `input`; `lexer`, `number`; `fill`, `parse`: the reader, in layers: bytes of a stream, pieces,
//!   tables
//! - `print`: the writer
//!
//! Laws, tested below: what [`print_assignments`] writes, [`parse_assignments`] reads as an equal
//! value; no cut inside an assignment is accepted; no input panics, recurses or passes a limit.
//! Stricter than Lua: escapes without a meaning, raw NUL bytes, text that is not UTF-8 and a number
//! that the end of a file touches are refused. Laxer: `[[` may stand inside `[[ ]]`.
//!
//! ```
//! use guildsync_wire::lua::{Limits, Value, parse_assignments, print_assignments};
//! let text = "\nPOINTS = {\n\t[\"Brindle\"] = 91,\n}\n";
//! let globals = parse_assignments(text, &Limits::default())?;
//! let points = globals[0].1.as_table().and_then(|table| table.get("Brindle"));
//! assert_eq!(points.and_then(Value::as_i64), Some(91));
//! assert_eq!(print_assignments(&globals)?, text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod fill;
mod input;
mod lexer;
mod number;
mod parse;
mod print;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use error::{Limits, LuaError, Place};
pub use parse::{parse_assignments, parse_value, read_assignments, read_value};
pub use print::{PrintError, print_assignments, to_compact};
pub use table::Table;
pub use value::{Key, Value};
