//! Lua values as JSON, and any JSON as Lua values.
//!
//! | Lua | JSON |
//! |---|---|
//! | boolean, finite number, string | the same; a number keeps every digit, `"5"` is no `5` |
//! | table of positional entries | array |
//! | empty table | `{}` |
//! | table of names | object, in the table's order |
//! | any other table | object; its other keys as `"[5]"`, `"[0.5]"`, `"[true]"`, positions too |
//! | infinite, not a number | `"[inf]"`, `"[-inf]"`, `"[nan]"` |
//! | a string that reads as one of these | one more `[` in front: `"[[5]"` as a key, `"[[inf]"` |
//!
//! Read from other programs: an array with `null` has a hole there, an entry that is `null` is not
//! there, `[]` is the empty table, and of a name given twice the last counts. `"5"` as a key stays
//! text: which program meant a number by it cannot be told. Lua has one kind of number, so a whole
//! number above 2^63 comes back rounded, as a [`Value::Float`].
//!
//! Strings here are UTF-8 as [`Value::Str`] is; every character that needs it is escaped by JSON.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::escape::{Meaning, float_text, key_meaning, key_text, value_meaning, value_text};
use super::{Budget, PayloadError, check_depth, lua_number};
use crate::lua::{Key, Limits, Table, Value};

/// Writes a value without blanks or line ends.
///
/// # Errors
/// Tables over [`super::DEPTH_MAX`] deep.
pub fn write(value: &Value) -> Result<Vec<u8>, PayloadError> {
    check_depth(value)?;
    serde_json::to_vec(&Json(value)).map_err(|error| described(&error))
}

/// Reads one JSON value and nothing else.
///
/// # Errors
/// No JSON, `null` alone, or one of the limits.
pub fn read(text: &[u8], limits: &Limits) -> Result<Value, PayloadError> {
    let budget = RefCell::new(Budget::new(limits, text)?);
    let stopped = RefCell::new(None);
    let seed = Seed { budget: &budget, stopped: &stopped };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = seed.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    match value {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(PayloadError::Json { line: 1, column: 1, why: "null is no value".into() }),
        Err(error) => Err(stopped.take().unwrap_or_else(|| described(&error))),
    }
}

fn described(error: &serde_json::Error) -> PayloadError {
    let (line, column) = (error.line(), error.column());
    // The place is said once, by our own error.
    let place = format!(" at line {line} column {column}");
    let why = error.to_string();
    let why = why.strip_suffix(&place).unwrap_or(&why).to_owned();
    PayloadError::Json { line, column, why }
}

/// A value that writes itself. Its depth is checked already.
struct Json<'a>(&'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Value::Float(number) => serializer.serialize_str(&float_text(*number)),
            Value::Str(text) => serializer.serialize_str(&value_text(text)),
            Value::Table(table) => {
                let positional = table.positional();
                if !positional.is_empty() && table.count() == positional.len() {
                    return serializer.collect_seq(positional.iter().map(Json));
                }
                let mut map = serializer.serialize_map(Some(table.count()))?;
                for (index, value) in (1..).zip(positional) {
                    map.serialize_entry(&*key_text(&Key::Int(index)), &Json(value))?;
                }
                for (key, value) in table.keyed() {
                    map.serialize_entry(&*key_text(key), &Json(value))?;
                }
                map.end()
            }
        }
    }
}

/// Reads one value, `None` for `null`. `serde_json` keeps an error's text only, so that a limit that
/// was passed is put aside in `stopped`.
#[derive(Clone, Copy)]
struct Seed<'a, 'b> {
    budget: &'a RefCell<Budget<'b>>,
    stopped: &'a RefCell<Option<PayloadError>>,
}

impl Seed<'_, '_> {
    fn allow<E: serde::de::Error>(self, checked: Result<(), PayloadError>) -> Result<(), E> {
        checked.map_err(|error| {
            let text = E::custom(&error);
            *self.stopped.borrow_mut() = Some(error);
            text
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let counted = self.budget.borrow_mut().value();
        self.allow(counted)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Value::Bool(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Value::Int(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(lua_number(number)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let fits = self.budget.borrow().text(text.len());
        self.allow(fits)?;
        Ok(Some(match value_meaning(text) {
            Meaning::Bracketed(Key::Float(number)) => Value::Float(number),
            Meaning::Bracketed(_) => return Err(E::custom("no number in brackets")),
            Meaning::Text(text) => Value::Str(text.to_owned()),
        }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let entered = self.budget.borrow_mut().enter();
        self.allow(entered)?;
        let mut entries = Entries::default();
        let mut index = 0;
        while let Some(item) = items.next_element_seed(self)? {
            index += 1;
            if let Some(value) = item {
                entries.put(Key::Int(index), value);
            }
        }
        self.budget.borrow_mut().leave();
        Ok(Some(entries.into_value()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
        let entered = self.budget.borrow_mut().enter();
        self.allow(entered)?;
        let mut entries = Entries::default();
        while let Some(key) = pairs.next_key::<String>()? {
            let fits = self.budget.borrow().text(key.len());
            self.allow(fits)?;
            let key = match key_meaning(&key) {
                Meaning::Bracketed(key) => key,
                Meaning::Text(text) => Key::Str(text.to_owned()),
            };
            if let Some(value) = pairs.next_value_seed(self)? {
                entries.put(key, value);
            }
        }
        self.budget.borrow_mut().leave();
        Ok(Some(entries.into_value()))
    }
}

/// A table's entries while they come. Those that come as 1, 2, 3 ... are kept as positional: asking
/// a table for its next position each time would take time in its square.
#[derive(Default)]
struct Entries {
    positional: Vec<Value>,
    keyed: Vec<(Key, Value)>,
}

impl Entries {
    fn put(&mut self, key: Key, value: Value) {
        match key {
            Key::Int(index) if index == self.positional.len() as i64 + 1 => {
                self.positional.push(value);
            }
            key => self.keyed.push((key, value)),
        }
    }

    fn into_value(self) -> Value {
        let mut table = Table::from_iter(self.positional);
        for (key, value) in self.keyed {
            table.insert(key, value);
        }
        Value::Table(table)
    }
}
