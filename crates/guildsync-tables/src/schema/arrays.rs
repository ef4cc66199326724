//! Number keys turned into arrays ("do not leave number keys in arrays", seed 002).
//!
//! Lua writes a list with a hole, or one that went through another program's JSON, with its numbers as
//! keys. By default a record's data keeps them exactly; [`Keys::Arrays`] closes the ranks instead.

use guildsync_wire::lua::{Key, Table, Value};

use crate::record::{Record, RecordError};

/// The highest number that is taken for a place in a list; what is above is taken for an id.
pub const INDEX_MAX: i64 = 65_535;

/// What becomes of number keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Keys {
    /// They stay.
    #[default]
    Exact,
    /// A table in the data whose keys are all whole numbers from 0 to [`INDEX_MAX`], or the digits of
    /// such numbers, becomes a list of its values in the order of the numbers. Tables that have any
    /// other key stay as they are.
    Arrays,
}

impl Keys {
    /// The record with its data's keys as wanted.
    ///
    /// # Errors
    /// As [`Record::new`]; a record's data never gets larger or deeper by it.
    pub fn apply(self, record: Record) -> Result<Record, RecordError> {
        if self == Self::Exact || record.is_deleted() {
            return Ok(record);
        }
        // The fields of a record have names: only what is inside of them can be a list.
        let mut data = Table::from_iter(record.data().positional().iter().map(arrays));
        for (key, value) in record.data().keyed() {
            data.insert(key.clone(), arrays(value));
        }
        let (guild, id) = (record.guild().clone(), record.id().clone());
        Record::new(record.table(), guild, id, record.updated(), data)
    }
}

/// A value with every list in it closed. The values in it and their order stay; done twice it is the
/// same as done once.
#[must_use]
pub fn arrays(value: &Value) -> Value {
    let Value::Table(table) = value else { return value.clone() };
    let positional = table.positional().iter().map(arrays);
    let mut numbered = Vec::new();
    for (key, value) in table.keyed() {
        let Some(number) = number(key) else {
            let mut same = Table::from_iter(positional);
            for (key, value) in table.keyed() {
                same.insert(key.clone(), arrays(value));
            }
            return Value::Table(same);
        };
        // A number itself comes before its digits as text.
        numbered.push((number, matches!(key, Key::Str(_)), arrays(value)));
    }
    numbered.extend((1..).zip(positional).map(|(number, value)| (number, false, value)));
    numbered.sort_by_key(|(number, is_text, _)| (*number, *is_text));
    Value::Table(numbered.into_iter().map(|(_, _, value)| value).collect())
}

fn number(key: &Key) -> Option<i64> {
    let number = match key {
        Key::Int(number) => *number,
        Key::Str(text) => text.parse().ok().filter(|number: &i64| number.to_string() == *text)?,
        Key::Bool(_) | Key::Float(_) => return None,
    };
    (0..=INDEX_MAX).contains(&number).then_some(number)
}
