//! Lua values as compact bytes.
//!
//! A value is a tag byte and what follows; numbers of it are varints ([`crate::bytes`]):
//!
//! | tag | value | follows |
//! |---|---|---|
//! | 0, 1 | `false`, `true` | |
//! | 2 | whole number | zigzag varint |
//! | 3 | other number | 8 bytes, IEEE 754, low byte first |
//! | 4 | string | length in bytes, UTF-8 |
//! | 5 | table | count of positional values, the values; count of keyed entries, each key and value |
//! | 16 to 127 | string of `tag - 16` bytes | UTF-8 |
//! | 128 to 255 | whole number `tag - 128` | |
//!
//! A key is a value that is no table. Equal trees give equal bytes: a value has one spelling, the
//! shortest, and no other is read; the entries of a table keep their order.

use super::{Budget, PayloadError, check_depth, lua_number};
use crate::bytes::{DecodeError, Reader, Writer};
use crate::lua::{Key, Limits, Table, Value};

const FALSE: u8 = 0;
const TRUE: u8 = 1;
const INT: u8 = 2;
const FLOAT: u8 = 3;
const STR: u8 = 4;
const TABLE: u8 = 5;
const SHORT_STR: u8 = 16;
const SMALL_INT: u8 = 128;

/// Writes a value.
///
/// # Errors
/// Tables over [`super::DEPTH_MAX`] deep.
pub fn write(value: &Value) -> Result<Vec<u8>, PayloadError> {
    check_depth(value)?;
    let mut writer = Writer::new();
    put(&mut writer, value);
    Ok(writer.into_vec())
}

fn put(writer: &mut Writer, value: &Value) {
    match value {
        Value::Bool(flag) => put_bool(writer, *flag),
        Value::Int(number) => put_int(writer, *number),
        Value::Float(number) => put_float(writer, *number),
        Value::Str(text) => put_str(writer, text),
        Value::Table(table) => {
            writer.u8(TABLE);
            writer.varint(table.positional().len() as u64);
            for value in table.positional() {
                put(writer, value);
            }
            writer.varint((table.count() - table.positional().len()) as u64);
            for (key, value) in table.keyed() {
                match key {
                    Key::Bool(flag) => put_bool(writer, *flag),
                    Key::Int(number) => put_int(writer, *number),
                    Key::Float(number) => put_float(writer, *number),
                    Key::Str(text) => put_str(writer, text),
                }
                put(writer, value);
            }
        }
    }
}

fn put_bool(writer: &mut Writer, flag: bool) {
    writer.u8(if flag { TRUE } else { FALSE });
}

fn put_int(writer: &mut Writer, number: i64) {
    match u8::try_from(number).ok().filter(|number| *number < SMALL_INT) {
        Some(small) => writer.u8(SMALL_INT + small),
        None => {
            writer.u8(INT);
            writer.zigzag(number);
        }
    }
}

fn put_float(writer: &mut Writer, number: f64) {
    // Lua knows no difference, so neither do the bytes.
    if let Value::Int(whole) = lua_number(number) {
        return put_int(writer, whole);
    }
    writer.u8(FLOAT);
    writer.raw(&number.to_le_bytes());
}

fn put_str(writer: &mut Writer, text: &str) {
    match u8::try_from(text.len()).ok().filter(|len| *len < SMALL_INT - SHORT_STR) {
        Some(short) => {
            writer.u8(SHORT_STR + short);
            writer.raw(text.as_bytes());
        }
        None => {
            writer.u8(STR);
            writer.str(text);
        }
    }
}

/// Reads one value and nothing else.
///
/// # Errors
/// Bytes that are no value or not its one spelling, a key that comes twice, or one of the limits.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, PayloadError> {
    let mut budget = Budget::new(limits, bytes)?;
    let mut reader = Reader::new(bytes);
    let value = take(&mut reader, &mut budget)?;
    reader.finish()?;
    Ok(value)
}

/// Recursion is bounded by the budget's depth.
fn take(reader: &mut Reader<'_>, budget: &mut Budget<'_>) -> Result<Value, PayloadError> {
    budget.value()?;
    let at = reader.at();
    match reader.u8("value")? {
        FALSE => Ok(Value::Bool(false)),
        TRUE => Ok(Value::Bool(true)),
        INT => {
            let number = reader.zigzag("number")?;
            if (0..i64::from(SMALL_INT)).contains(&number) {
                return Err(longer(reader, at));
            }
            Ok(Value::Int(number))
        }
        FLOAT => {
            let number = f64::from_le_bytes(reader.array("number")?);
            match lua_number(number) {
                Value::Int(_) => Err(longer(reader, at)),
                _ => Ok(Value::Float(number)),
            }
        }
        STR => {
            let text = take_str(reader, budget, None)?;
            if text.len() < usize::from(SMALL_INT - SHORT_STR) {
                return Err(longer(reader, at));
            }
            Ok(Value::Str(text))
        }
        TABLE => {
            budget.enter()?;
            let table = take_table(reader, budget)?;
            budget.leave();
            Ok(Value::Table(table))
        }
        tag @ SMALL_INT.. => Ok(Value::Int(i64::from(tag - SMALL_INT))),
        tag @ SHORT_STR.. => {
            let len = usize::from(tag - SHORT_STR);
            Ok(Value::Str(take_str(reader, budget, Some(len))?))
        }
        _ => Err(reader.invalid("value", at, "an unknown tag").into()),
    }
}

fn take_str(
    reader: &mut Reader<'_>,
    budget: &Budget<'_>,
    len: Option<usize>,
) -> Result<String, PayloadError> {
    let at = reader.at();
    let bytes = match len {
        Some(len) => reader.raw(len, "string")?,
        None => reader.bytes(usize::MAX, "string")?,
    };
    budget.text(bytes.len())?;
    let text = std::str::from_utf8(bytes).map_err(|_| reader.invalid("string", at, "not UTF-8"))?;
    Ok(text.to_owned())
}

fn take_table(reader: &mut Reader<'_>, budget: &mut Budget<'_>) -> Result<Table, PayloadError> {
    // Counts are bounded by the bytes that are left: a value takes one at least, an entry two.
    let count = reader.count(usize::MAX, 1, "count of values")?;
    let positional: Vec<Value> =
        (0..count).map(|_| take(reader, budget)).collect::<Result<_, _>>()?;
    let mut table = Table::from_iter(positional);
    for _ in 0..reader.count(usize::MAX, 2, "count of entries")? {
        let at = reader.at();
        let key = match take(reader, budget)? {
            Value::Bool(flag) => Key::Bool(flag),
            Value::Int(number) => Key::Int(number),
            Value::Float(number) => Key::Float(number),
            Value::Str(text) => Key::Str(text),
            Value::Table(_) => return Err(reader.invalid("key", at, "a table").into()),
        };
        if table.insert(key, take(reader, budget)?).is_some() {
            return Err(reader.invalid("key", at, "it comes twice").into());
        }
    }
    Ok(table)
}

fn longer(reader: &Reader<'_>, at: usize) -> PayloadError {
    let error: DecodeError = reader.invalid("value", at, "longer than its shortest form");
    error.into()
}
