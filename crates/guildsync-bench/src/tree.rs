//! A value as plain data: what comes back from the worker, and what it is compared with.
//!
//! Equality of the wire's own values is Lua's (2 equals 2.0, keys in any order). Lossless means more:
//! here kinds, key order and positional or keyed all count.

use guildsync_wire::lua::{Key, Value};
use serde::{Deserialize, Serialize};

/// A value, compared exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tree {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// The bits of a float.
    Float(u64),
    /// Text.
    Str(String),
    /// A table.
    Table {
        /// Entries 1, 2, 3 ...
        positional: Vec<Self>,
        /// The others, in their order; the key is one of the kinds above.
        keyed: Vec<(Self, Self)>,
    },
}

impl Tree {
    /// What a value holds.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(number.to_bits()),
            Value::Str(text) => Self::Str(text.clone()),
            Value::Table(table) => Self::Table {
                positional: table.positional().iter().map(Self::of).collect(),
                keyed: table
                    .keyed()
                    .map(|(key, value)| (Self::key(key), Self::of(value)))
                    .collect(),
            },
        }
    }

    fn key(key: &Key) -> Self {
        match key {
            Key::Bool(flag) => Self::Bool(*flag),
            Key::Int(number) => Self::Int(*number),
            Key::Float(number) => Self::Float(number.to_bits()),
            Key::Str(text) => Self::Str(text.clone()),
        }
    }
}
