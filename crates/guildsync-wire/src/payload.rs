//! Values as a message or a file carries them: compact bytes, JSON, or Lua text.
//!
//! The seeds ask for JSON and for no JSON; both carry the same values, and so does the compact form,
//! which is the default. Every [`Value`] written in one of them reads back equal, with integer keys,
//! holes, empty tables and numeric strings as they were (Lua text has no way to write a number that
//! is not finite; there it is refused).
//! - [`json`]: what JSON cannot say by itself, and how it is said all the same
//! - [`compact`]: the bytes
//!
//! ```
//! use guildsync_wire::lua::parse_value;
//! use guildsync_wire::payload::{Payload, RECEIVED};
//! let value = parse_value(r#"{ "Skull", "Cross", [9] = 1, ["9"] = "NA" }"#, &RECEIVED)?;
//! let json = Payload::Json.write(&value)?;
//! assert_eq!(json, br#"{"[1]":"Skull","[2]":"Cross","[9]":1,"9":"NA"}"#);
//! assert_eq!(Payload::Json.read(&json, &RECEIVED)?, value);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use thiserror::Error;

use crate::bytes::DecodeError;
use crate::lua::{Key, Limits, LuaError, Table, Value, parse_value, to_compact};

pub mod compact;
mod escape;
pub mod json;
#[cfg(test)]
mod tests;

/// What is read at most from another member: tables 64 deep, 512 KiB, 65,536 values, 64 KiB in one
/// string.
pub const RECEIVED: Limits =
    Limits { depth: DEPTH_MAX, bytes: 512 << 10, values: 65_536, string_bytes: 64 << 10 };

/// Tables inside tables that are written at most, so that what is written can be read. Reading takes
/// no more either, whatever its [`Limits`] say.
pub const DEPTH_MAX: usize = 64;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payload {
    /// The fewest bytes: [`compact`].
    Compact,
    /// JSON text: [`json`].
    Json,
    /// A Lua table on one line, as [`to_compact`] prints it.
    LuaTable,
}

/// Why a value was not read or not written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The compact form is damaged.
    #[error(transparent)]
    Compact(#[from] DecodeError),
    /// The text is no JSON, or JSON `null`, which is no value.
    #[error("line {line}, column {column}: {why}")]
    Json {
        /// Line from 1.
        line: usize,
        /// Column from 1, in bytes.
        column: usize,
        /// The reader's words.
        why: String,
    },
    /// The text is no Lua value, or passes a limit.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// Tables inside tables beyond the limit.
    #[error("tables are nested too deep, the limit is {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// More of something than one of the [`Limits`].
    #[error("too large: over {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A number that Lua text cannot write.
    #[error("{number} cannot be written as Lua text: only finite numbers can")]
    NotFinite {
        /// `inf`, `-inf` or `NaN`.
        number: String,
    },
}

impl Payload {
    /// Writes a value. Equal trees give equal bytes; the order of a table's entries is kept.
    ///
    /// # Errors
    /// Tables over [`DEPTH_MAX`] deep; in Lua text a number that is not finite.
    pub fn write(self, value: &Value) -> Result<Vec<u8>, PayloadError> {
        match self {
            Self::Compact => compact::write(value),
            Self::Json => json::write(value),
            Self::LuaTable => {
                check_depth(value)?;
                check_finite(value)?;
                Ok(to_compact(value).into_bytes())
            }
        }
    }

    /// Reads a value and nothing else, within `limits`.
    ///
    /// # Errors
    /// Bytes that do not hold one value, or one of the limits.
    pub fn read(self, bytes: &[u8], limits: &Limits) -> Result<Value, PayloadError> {
        match self {
            Self::Compact => compact::read(bytes, limits),
            Self::Json => json::read(bytes, limits),
            Self::LuaTable => {
                let depth = limits.depth.min(DEPTH_MAX);
                Ok(parse_value(bytes, &Limits { depth, ..limits.clone() })?)
            }
        }
    }
}

/// Says that a value is within [`DEPTH_MAX`], so that it can be walked by recursion.
fn check_depth(value: &Value) -> Result<(), PayloadError> {
    fn fits(value: &Value, left: usize) -> bool {
        let Value::Table(table) = value else { return true };
        left > 0 && values(table).all(|value| fits(value, left - 1))
    }
    if fits(value, DEPTH_MAX) { Ok(()) } else { Err(PayloadError::TooDeep { limit: DEPTH_MAX }) }
}

/// Says that there are finite numbers alone. The depth is checked already.
fn check_finite(value: &Value) -> Result<(), PayloadError> {
    let finite = |number: f64| match number.is_finite() {
        true => Ok(()),
        false => Err(PayloadError::NotFinite { number: number.to_string() }),
    };
    match value {
        Value::Float(number) => finite(*number),
        Value::Table(table) => {
            for (key, _) in table.keyed() {
                if let Key::Float(number) = key {
                    finite(*number)?;
                }
            }
            values(table).try_for_each(check_finite)
        }
        Value::Bool(_) | Value::Int(_) | Value::Str(_) => Ok(()),
    }
}

/// A number as Lua knows it: one without a fraction is the same as a whole one.
fn lua_number(number: f64) -> Value {
    Value::Float(number).as_i64().map_or(Value::Float(number), Value::Int)
}

fn values(table: &Table) -> impl Iterator<Item = &Value> {
    table.positional().iter().chain(table.keyed().map(|(_, value)| value))
}

/// What may still be read of one payload.
struct Budget<'a> {
    limits: &'a Limits,
    values: usize,
    depth: usize,
}

impl<'a> Budget<'a> {
    /// For the whole of `bytes`, whose number is checked here.
    fn new(limits: &'a Limits, bytes: &[u8]) -> Result<Self, PayloadError> {
        if bytes.len() as u64 > limits.bytes {
            return Err(PayloadError::TooLarge { what: "bytes", limit: limits.bytes });
        }
        Ok(Self { limits, values: 0, depth: 0 })
    }

    /// Counts one value.
    fn value(&mut self) -> Result<(), PayloadError> {
        self.values += 1;
        let limit = self.limits.values;
        if self.values > limit {
            return Err(PayloadError::TooLarge { what: "values", limit: limit as u64 });
        }
        Ok(())
    }

    /// Begins a table; [`Budget::leave`] ends it.
    fn enter(&mut self) -> Result<(), PayloadError> {
        let limit = self.limits.depth.min(DEPTH_MAX);
        if self.depth >= limit {
            return Err(PayloadError::TooDeep { limit });
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Checks one string, or one number's or name's text.
    fn text(&self, bytes: usize) -> Result<(), PayloadError> {
        let limit = self.limits.string_bytes;
        if bytes > limit {
            let what = "bytes in one string or name";
            return Err(PayloadError::TooLarge { what, limit: limit as u64 });
        }
        Ok(())
    }
}
