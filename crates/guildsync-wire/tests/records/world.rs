//! Exact equality, arbitrary values, and JSON as values with its keys in order.

use std::fmt;

use guildsync_wire::lua::{Key, Table, Value};
use guildsync_wire::records::{Base, decode, encode};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Equal to the last bit: kinds of numbers, order of keys, and how an entry is written.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Table(a), Value::Table(b)) => {
            a.count() == b.count()
                && all_same(a.positional(), b.positional())
                && a.keyed().zip(b.keyed()).all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
        }
        _ => false,
    }
}

pub(crate) fn all_same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

/// The bytes of a batch, after a look that they are read back the same.
#[track_caller]
pub(crate) fn round_trip(records: &[Value], base: Option<Base<'_>>) -> Vec<u8> {
    let bytes = encode(records, base).unwrap();
    let back = decode(&bytes, base).unwrap();
    assert!(all_same(records, &back), "{records:?} came back as {back:?}");
    bytes
}

/// A table with these keys.
pub(crate) fn table<const N: usize>(entries: [(Key, Value); N]) -> Value {
    let mut table = Table::new();
    for (key, value) in entries {
        table.insert(key, value);
    }
    Value::Table(table)
}

pub(crate) fn array(values: Vec<Value>) -> Value {
    Value::Table(values.into_iter().collect())
}

/// Any value: few keys and texts that come again, and some of everything else.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        4 => prop::sample::select(vec!["NA", "", "Mage", "Koromak-Area52", "20241214231931", "007"]),
        1 => Just("2024-12-14 23:19:31"),
    ];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (0i64..100).prop_map(Value::Int),
        any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
        Just(Value::Float(2.0)),
        Just(Value::Float(-0.0)),
        text.prop_map(Value::from),
        ".{0,12}".prop_map(Value::Str),
        "[a-z0\\x00 -]{0,40}".prop_map(Value::Str),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let key = prop_oneof![
            5 => prop::sample::select(vec!["id", "name", "data", "roles", ""]).prop_map(Key::from),
            1 => ".{0,6}".prop_map(Key::Str),
            2 => (-3i64..12).prop_map(Key::Int),
            1 => any::<i64>().prop_map(Key::Int),
            1 => any::<bool>().prop_map(Key::Bool),
            1 => any::<f64>().prop_map(Key::Float),
        ];
        let positional = prop::collection::vec(inner.clone(), 0..4);
        let keyed = prop::collection::vec((key, inner), 0..6);
        (positional, keyed, any::<bool>()).prop_map(|(positional, keyed, removed)| {
            let mut table: Table = positional.into_iter().collect();
            for (key, value) in keyed {
                table.insert(key, value);
            }
            if removed {
                table.remove(&Key::Int(1));
            }
            Value::Table(table)
        })
    })
}

/// JSON with its keys in the order of the text; it holds no `null`.
pub(crate) struct Json(pub(crate) Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
                Ok(Value::Bool(flag))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Int(number as i64))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Int(number))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
                Ok(Value::Float(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::from(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut values = Vec::new();
                while let Some(Json(value)) = items.next_element()? {
                    values.push(value);
                }
                Ok(array(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut table = Table::new();
                while let Some((key, Json(value))) = entries.next_entry::<String, Json>()? {
                    table.insert(key, value);
                }
                Ok(Value::Table(table))
            }
        }
        input.deserialize_any(Any).map(Json)
    }
}
