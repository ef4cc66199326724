//! Tests of the three payload forms: laws for all of them, then what is particular to one.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const ALL: [Payload; 3] = [Payload::Compact, Payload::Json, Payload::LuaTable];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-c]",
        "\\[{0,2}(-?[0-9]{1,2}|true|nan|-?inf)\\]",
        "-?[0-9]{1,3}",
        Just("NA".to_owned()),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, (-99..99i32).prop_map(f64::from)]
}

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        any_text().prop_map(Key::Str),
        (-3..20i64).prop_map(Key::Int),
        any::<i64>().prop_map(Key::Int),
        any::<bool>().prop_map(Key::Bool),
        finite().prop_map(Key::Float),
    ]
}

fn any_value(number: impl Strategy<Value = f64> + 'static) -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-3..200i64).prop_map(Value::Int),
        number.prop_map(Value::Float),
        any_text().prop_map(Value::Str),
    ];
    scalar.prop_recursive(5, 60, 12, |inner| {
        (vec(inner.clone(), 0..6), vec((any_key(), inner), 0..6)).prop_map(|(array, keyed)| {
            let mut table = Table::from_iter(array);
            for (key, value) in keyed {
                table.insert(key, value);
            }
            Value::Table(table)
        })
    })
}

/// Equal, and "not a number" equals itself.
fn same(a: &Value, b: &Value) -> bool {
    let (Value::Table(a), Value::Table(b)) = (a, b) else {
        let nan = |value: &Value| matches!(value, Value::Float(number) if number.is_nan());
        return a == b || nan(a) && nan(b);
    };
    let keys = (1..).zip(a.positional()).map(|(index, _)| Key::Int(index));
    let mut keys = keys.chain(a.keyed().map(|(key, _)| key.clone()));
    let same = |key| a.get_key(&key).zip(b.get_key(&key)).is_some_and(|(a, b)| same(a, b));
    a.count() == b.count() && keys.all(same)
}

fn json(text: &str) -> Result<Value, PayloadError> {
    Payload::Json.read(text.as_bytes(), &RECEIVED)
}

fn lua(text: &str) -> Value {
    parse_value(text, &RECEIVED).unwrap()
}

fn json_of(text: &str) -> String {
    String::from_utf8(Payload::Json.write(&lua(text)).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(value in any_value(finite())) {
        for payload in ALL {
            let bytes = payload.write(&value).unwrap();
            let read = payload.read(&bytes, &RECEIVED).unwrap();
            prop_assert_eq!(&read, &value, "{:?}", payload);
            if payload == Payload::Compact {
                prop_assert_eq!(payload.write(&read).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn numbers_that_are_not_finite_survive_too(value in any_value(proptest::num::f64::ANY)) {
        for payload in [Payload::Compact, Payload::Json] {
            let read = payload.read(&payload.write(&value).unwrap(), &RECEIVED).unwrap();
            prop_assert!(same(&read, &value), "{:?}: {:?}", payload, read);
        }
    }

    #[test]
    fn any_bytes_read_within_the_limits_or_are_refused(
        bytes in prop_oneof![
            any::<Vec<u8>>(),
            vec(0..20u8, 0..40),
            "[\\[\\]{}\":,0-9a-e.\\\\ -]{0,40}".prop_map(String::into_bytes),
        ],
    ) {
        let limits = Limits { depth: 3, bytes: 100, values: 20, string_bytes: 10 };
        for payload in ALL {
            let Ok(value) = payload.read(&bytes, &limits) else { continue };
            if payload == Payload::Compact {
                prop_assert_eq!(payload.write(&value).unwrap(), &bytes[..], "{:?}", value);
            }
            let again = payload.write(&value).unwrap();
            prop_assert_eq!(payload.read(&again, &RECEIVED).unwrap(), value);
        }
    }

    #[test]
    fn every_cut_of_compact_bytes_is_refused(value in any_value(finite())) {
        let bytes = Payload::Compact.write(&value).unwrap();
        for cut in 0..bytes.len() {
            prop_assert!(Payload::Compact.read(&bytes[..cut], &RECEIVED).is_err());
        }
    }
}

#[test]
fn lua_tables_as_json() {
    for (text, expected) in [
        ("{}", "{}"),
        ("{ {}, {} }", "[{},{}]"),
        ("{ 1, 2.5, -0.1, '5', true, 'NA' }", r#"[1,2.5,-0.1,"5",true,"NA"]"#),
        ("{ b = 1, a = 2 }", r#"{"b":1,"a":2}"#),
        ("{ 'x', [3] = 'z', n = 2 }", r#"{"[1]":"x","[3]":"z","n":2}"#),
        ("{ [1] = 'x', ['1'] = 'y' }", r#"{"[1]":"x","1":"y"}"#),
        ("{ [0.5] = 1, [true] = 2, [-1] = 3 }", r#"{"[0.5]":1,"[true]":2,"[-1]":3}"#),
        ("{ ['[5]'] = 1, ['[x]'] = '[inf]' }", r#"{"[[5]":1,"[x]":"[[inf]"}"#),
        ("'|h[Free Action Potion]|h\\n\\0ø'", r#""|h[Free Action Potion]|h\n\u0000ø""#),
        ("9223372036854775807", "9223372036854775807"),
        ("0.1", "0.1"),
    ] {
        assert_eq!(json_of(text), expected, "{text}");
        assert_eq!(json(expected).unwrap(), lua(text), "{text}");
    }
}

#[test]
fn json_of_other_programs_reads_naturally() {
    for (text, expected) in [
        ("[]", "{}"),
        (" { \"a\" : [ 1 , null , 3 ] , \"b\" : null } ", "{ a = { [1] = 1, [3] = 3 } }"),
        (r#"{"5":1}"#, "{ ['5'] = 1 }"),
        (r#"{"a":1,"a":2}"#, "{ a = 2 }"),
        (r#"{"a":1.0}"#, "{ a = 1 }"),
        (r#""J\u00e4ger \ud83d\ude00""#, "'Jäger 😀'"),
        ("1e3", "1000"),
        ("18446744073709551615", "18446744073709551615"),
    ] {
        assert_eq!(json(text).unwrap(), lua(expected), "{text}");
    }
    // GuildHelper's own layout.
    let roster =
        "{\"Sakarra-Skywall\": {\"deleted\": false, \"pt_roles\": {}, \"gb_birthdate\": \"NA\"}}";
    let expected =
        lua("{ ['Sakarra-Skywall'] = { deleted = false, pt_roles = {}, gb_birthdate = 'NA' } }");
    assert_eq!(json(roster).unwrap(), expected);
}

#[test]
fn what_is_no_json_value_is_refused_with_its_place() {
    let error = |text: &str| json(text).unwrap_err().to_string();
    assert_eq!(error("null"), "line 1, column 1: null is no value");
    assert_eq!(error("{\"a\":\n 1,}"), "line 2, column 4: trailing comma");
    assert_eq!(error("[1] 2"), "line 1, column 5: trailing characters");
    assert_eq!(error("[1"), "line 1, column 2: EOF while parsing a list");
    for text in ["", "nul", "NaN", "'x'", "{1:2}", "\"\\ud800\"", "[1e999]", "\u{feff}1"] {
        assert!(matches!(json(text), Err(PayloadError::Json { .. })), "{text}");
    }
    assert!(matches!(json::read(b"\"\xff\"", &RECEIVED), Err(PayloadError::Json { .. })));
}

#[test]
fn limits_are_refusals() {
    let limits = Limits { depth: 2, bytes: 40, values: 5, string_bytes: 4 };
    let error = |text: &str| json::read(text.as_bytes(), &limits).unwrap_err().to_string();
    assert_eq!(error("[[[]]]"), "tables are nested too deep, the limit is 2");
    assert_eq!(error("[1,2,3,null,5]"), "too large: over 5 values");
    assert_eq!(error("\"abcde\""), "too large: over 4 bytes in one string or name");
    assert_eq!(error("{\"abcde\":1}"), "too large: over 4 bytes in one string or name");
    assert_eq!(error(&" ".repeat(41)), "too large: over 40 bytes");

    let compact = |text: &str| Payload::Compact.write(&lua(text)).unwrap();
    let error = |text: &str| compact::read(&compact(text), &limits).unwrap_err().to_string();
    assert_eq!(error("{{{}}}"), "tables are nested too deep, the limit is 2");
    assert_eq!(error("{1,2,3,4,5}"), "too large: over 5 values");
    assert_eq!(error("'abcde'"), "too large: over 4 bytes in one string or name");
}

#[test]
fn a_million_brackets_are_refused_at_the_depth_limit() {
    let limits = Limits { depth: 1000, bytes: 4 << 20, ..Limits::default() };
    let deep = |byte: u8| vec![byte; 1 << 20];
    let too_deep = Err(PayloadError::TooDeep { limit: DEPTH_MAX });
    assert_eq!(Payload::Json.read(&deep(b'['), &limits), too_deep);
    let compact = [compact_table(), deep(1)].concat().repeat(64);
    assert!(Payload::Compact.read(&compact, &limits).is_err());
    let nested = [5, 1].repeat(1 << 19);
    assert_eq!(Payload::Compact.read(&nested, &limits), too_deep);
    assert!(matches!(
        Payload::LuaTable.read(&deep(b'{'), &limits),
        Err(PayloadError::Lua(LuaError::TooDeep { limit: DEPTH_MAX, .. }))
    ));
}

/// The start of a table of one positional value.
fn compact_table() -> Vec<u8> {
    vec![5, 1]
}

#[test]
fn what_is_too_deep_is_not_written() {
    let mut value = Value::from(1);
    for depth in 0..=DEPTH_MAX {
        for payload in ALL {
            let bytes = payload.write(&value).unwrap();
            assert_eq!(payload.read(&bytes, &RECEIVED).as_ref(), Ok(&value), "{depth}");
        }
        value = Value::Table(Table::from_iter([value]));
    }
    for payload in ALL {
        assert_eq!(payload.write(&value), Err(PayloadError::TooDeep { limit: DEPTH_MAX }));
    }
}

#[test]
fn lua_text_refuses_what_it_cannot_write() {
    let mut table = Table::new();
    table.insert(Key::Float(f64::INFINITY), 1);
    for value in [Value::Float(f64::NAN), Value::Table(table)] {
        let refused = Payload::LuaTable.write(&value).unwrap_err();
        assert!(matches!(refused, PayloadError::NotFinite { .. }));
    }
}

#[test]
fn compact_bytes_have_one_spelling() {
    let error = |bytes: &[u8]| compact::read(bytes, &RECEIVED).unwrap_err().to_string();
    let longer = "value at byte 0 is not valid: longer than its shortest form";
    assert_eq!(error(&[2, 2]), longer);
    assert_eq!(error(&[4, 1, b'a']), longer);
    assert_eq!(error(&[3, 0, 0, 0, 0, 0, 0, 0, 0x40]), longer);
    assert_eq!(error(&[6]), "value at byte 0 is not valid: an unknown tag");
    assert_eq!(error(&[5, 1, 1, 1, 129, 1]), "key at byte 4 is not valid: it comes twice");
    assert_eq!(error(&[5, 0, 1, 5, 0, 0, 1]), "key at byte 3 is not valid: a table");
    assert_eq!(error(&[17, 0xff]), "string at byte 1 is not valid: not UTF-8");
    assert_eq!(error(&[1, 1]), "1 bytes are left over at byte 1");
    assert_eq!(error(&[5, 255, 255, 255, 255, 15]), "input ends inside count of values at byte 1");
}
