//! [`Atom`]: a value without parts, compared exactly (a float by its bits, a number by its kind).

use std::sync::Arc;

use crate::lua::{Key, Value};

/// A value without parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    Bool(bool),
    Int(i64),
    /// By its bits.
    Float(u64),
    Text(Arc<str>),
}

impl Atom {
    /// The atom of a value, `None` for a table.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(number.to_bits()),
            Value::Str(text) => Self::Text(text.as_str().into()),
            Value::Table(_) => return None,
        })
    }

    pub(super) fn of_key(key: &Key) -> Self {
        match key {
            Key::Bool(flag) => Self::Bool(*flag),
            Key::Int(number) => Self::Int(*number),
            Key::Float(number) => Self::Float(number.to_bits()),
            Key::Str(name) => Self::Text(name.as_str().into()),
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Self::Text(text) => Value::Str(text.to_string()),
        }
    }

    pub(super) fn key(&self) -> Key {
        match self {
            Self::Bool(flag) => Key::Bool(*flag),
            Self::Int(number) => Key::Int(*number),
            Self::Float(bits) => Key::Float(f64::from_bits(*bits)),
            Self::Text(text) => Key::Str(text.to_string()),
        }
    }

    /// What it adds to the size of a batch.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Bool(_) => 4,
            Self::Int(_) | Self::Float(_) => 12,
            Self::Text(text) => 4 + text.len(),
        }
    }

    /// A number for contexts: the same on every machine, which the standard hasher does not promise.
    pub(super) fn mark(&self) -> u64 {
        let fold = |hash: u64, byte: u64| (hash ^ byte).wrapping_mul(0x0000_0100_0000_01b3);
        match self {
            Self::Bool(flag) => 1 + u64::from(*flag),
            Self::Int(number) => fold(0x1234_5678_9abc_def1, *number as u64),
            Self::Float(bits) => fold(0x1234_5678_9abc_def2, *bits),
            Self::Text(text) => {
                text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| fold(hash, b.into()))
            }
        }
    }
}
