//! What a Lua data file can hold: [`Value`] and the [`Key`] it is kept under.
//!
//! Lua 5.1 has one kind of number, and so equality here is Lua's: `Int(2)` equals `Float(2.0)`.
//! There is no `nil`: a table entry or a global that is `nil` is one that is not there.

use std::hash::{Hash, Hasher};

use super::Table;

/// Whole numbers up to this size are exact as a Lua 5.1 number, so they are read as [`Value::Int`]
/// in whatever way they were written.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// One value: everything that Lua data can hold except `nil`.
///
/// Strings are Rust strings. Lua's own may hold any bytes; a file in which one is not UTF-8 is
/// refused with [`super::LuaError::NotUtf8`], since every name and text here is shown, compared and
/// sent as text, and a `Vec<u8>` would push that check into every caller.
///
/// Reading and printing are safe at any depth. Dropping, cloning and comparing recurse, which the
/// depth limit bounds for whatever was read.
///
/// ```
/// use guildsync_wire::lua::{Value, parse_value};
/// let row = parse_value(r#"{ "Brindle", 91, [4] = true }"#, &Default::default())?;
/// let row = row.as_table().expect("a table");
/// assert_eq!(row.at(2).and_then(Value::as_i64), Some(91));
/// assert_eq!(row.at(3), None);
/// # Ok::<(), guildsync_wire::lua::LuaError>(())
/// ```
#[derive(Debug, Clone)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number. WoW itself rounds beyond 2^53; reading and writing here is exact.
    Int(i64),
    /// A number with a fraction, or too large for [`Value::Int`]. Infinite and "not a number" are
    /// never read and cannot be printed.
    Float(f64),
    /// Text.
    Str(String),
    /// A table.
    Table(Table),
}

impl Value {
    /// The text of a string; `None` for every other kind, numbers too.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A number without a fraction; `None` for every other value, numeric strings too.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(number) => Some(number),
            Self::Float(number) => whole(number),
            _ => None,
        }
    }

    /// Any number, rounded to the nearest `f64` beyond 2^53.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Int(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// `true` or `false`; Lua's "truthy" is not applied.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The table, if it is one.
    #[must_use]
    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The kind by Lua's name, for messages: `boolean`, `number`, `string` or `table`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Float(_) => "number",
            Self::Str(_) => "string",
            Self::Table(_) => "table",
        }
    }

    /// The value as a number that was read: whole where that is exact.
    pub(super) fn from_number(number: f64) -> Self {
        match whole(number) {
            Some(int) if number.abs() <= EXACT_MAX => Self::Int(int),
            _ => Self::Float(number),
        }
    }
}

/// Equal as Lua compares contents: numbers by value, tables by their entries in any order.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Int(a), Self::Float(b)) | (Self::Float(b), Self::Int(a)) => {
                whole(*b) == Some(*a)
            }
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Table(a), Self::Table(b)) => a == b,
            _ => false,
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

/// What a table entry is kept under.
///
/// A whole `Float` is the same key as its `Int`; a [`Table`] turns it into one.
#[derive(Debug, Clone)]
pub enum Key {
    /// `[false]` or `[true]`.
    Bool(bool),
    /// `[9]`; also zero and negative, which are no array positions.
    Int(i64),
    /// `[0.5]`.
    Float(f64),
    /// `["Traffic"]`.
    Str(String),
}

impl Key {
    /// The one form of equal keys.
    pub(super) fn normal(self) -> Self {
        match self {
            Self::Float(number) => whole(number).map_or(self, Self::Int),
            _ => self,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            // By bits, as `Hash` needs it: both zeros are `Int(0)` once in a table.
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Str(a), Self::Str(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Bool(flag) => flag.hash(state),
            Self::Int(number) => number.hash(state),
            Self::Float(number) => number.to_bits().hash(state),
            Self::Str(text) => text.hash(state),
        }
    }
}

impl From<i32> for Key {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

/// `number` as an integer, if it is one.
fn whole(number: f64) -> Option<i64> {
    // 2^63 itself does not fit and would be cut down to 2^63 - 1 by the cast.
    const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
    let fits = number.fract() == 0.0 && (-TOO_LARGE..TOO_LARGE).contains(&number);
    fits.then_some(number as i64)
}
