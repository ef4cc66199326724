//! Cases with a name.

use guildsync_wire::lua::{Key, Table, Value};
use guildsync_wire::records::{
    Base, DECODED_BYTES_MAX, DEPTH_MAX, RECORDS_MAX, RecordsError, decode, encode, weight,
};

use crate::guild::bank;
use crate::world::{array, round_trip, same, table};

#[test]
fn na_and_empty_tables_and_integer_keys_survive() {
    let row = || {
        table([
            (Key::from("battletag"), Value::from("NA")),
            (Key::from("roles"), array(vec![])),
            (Key::Int(4), Value::from("four")),
            (Key::from("4"), Value::from("the text")),
            (Key::Int(-1), Value::from("")),
            (Key::Bool(true), Value::Bool(false)),
            (Key::Float(0.5), Value::from("half")),
        ])
    };
    round_trip(&[row(), row(), array(vec![row(), Value::from("NA")])], None);
}

#[test]
fn numbers_as_strings_survive() {
    let texts = [
        "7",
        "07",
        "007",
        "+7",
        "7.0",
        "1e3",
        "20241214231931",
        "00000000000000",
        "2024-02-30",
        "2024-12-14 23:19:31",
        "2024-12-14 25:61:61",
        "05-06",
        "5-6",
        "-0",
        " 7",
        "7\0",
        "\0",
    ];
    let mut rows: Vec<Value> =
        texts.iter().map(|&text| table([("n".into(), text.into())])).collect();
    rows.push(table([("n".into(), Value::Int(7))]));
    rows.push(table([("n".into(), Value::Float(7.0))]));
    rows.extend(rows.clone());
    round_trip(&rows, None);
}

#[test]
fn floats_keep_their_bits_and_integers_their_kind() {
    let numbers = [0.0, -0.0, 2.0, 0.1, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, 1e300];
    let mut rows: Vec<Value> = numbers.iter().map(|&number| Value::Float(number)).collect();
    rows.push(Value::Float(f64::from_bits(0x7ff0_0000_0000_0001)));
    rows.extend([i64::MIN, i64::MAX, 0, -1, 2, 1 << 53].map(Value::Int));
    rows.extend(rows.clone());
    round_trip(&rows, None);
}

#[test]
fn unknown_fields_survive() {
    let mut rows = bank(5, 20, 0);
    let odd =
        table([("x-new".into(), table([("deep".into(), array(vec![1.into(), "b".into()]))]))]);
    let Value::Table(row) = &mut rows[7] else { panic!("a row") };
    row.insert("another", odd);
    round_trip(&rows, None);
}

#[test]
fn the_order_of_records_and_of_keys_survives() {
    let a = table([("a".into(), 1.into()), ("b".into(), 2.into())]);
    let b = table([("b".into(), 2.into()), ("a".into(), 1.into())]);
    assert_eq!(a, b, "equal as Lua sees them");
    assert!(!same(&a, &b));
    round_trip(&[a.clone(), b.clone(), b, a], None);
}

#[test]
fn a_removed_position_leaves_keys_behind_it() {
    let mut list: Table = ["a", "b", "c", "d"].into_iter().collect();
    list.remove(&Key::Int(2));
    round_trip(&[Value::Table(list.clone()), Value::Table(list)], None);
}

#[test]
fn more_columns_than_are_told_apart_survive() {
    let rows: Vec<Value> = (0..60i64)
        .map(|row| {
            let mut table = Table::new();
            for key in 0..40 {
                let mut inner = Table::new();
                inner.insert(row * 7 + key, format!("value {key}"));
                table.insert(format!("key {}", row * 40 + key), inner);
            }
            Value::Table(table)
        })
        .collect();
    round_trip(&rows, None);
}

#[test]
fn no_records_are_a_batch_too() {
    assert!(round_trip(&[], None).len() <= 3);
}

#[test]
fn decoding_without_its_base_is_an_error_of_its_own_kind() {
    let held = bank(1, 30, 0);
    let base = Base { number: 0x0fee_d001, records: &held };
    let bytes = round_trip(&bank(2, 3, 0), Some(base));
    let other = Base { number: 0x0fee_d002, ..base };
    assert_eq!(decode(&bytes, None), Err(RecordsError::UnknownBase { number: 0x0fee_d001 }));
    assert_eq!(decode(&bytes, Some(other)), Err(RecordsError::UnknownBase { number: 0x0fee_d001 }));
}

#[test]
fn a_batch_without_a_base_is_read_whether_one_is_at_hand_or_not() {
    let rows = bank(2, 3, 3);
    let bytes = encode(&rows, None).unwrap();
    assert_eq!(decode(&bytes, Some(Base { number: 9, records: &rows })).unwrap(), rows);
}

#[test]
fn unknown_forms_and_bad_headers_are_errors_of_their_own_kinds() {
    let mut bytes = encode(&bank(2, 1, 0), None).unwrap();
    bytes[0] = 0x28;
    assert_eq!(decode(&bytes, None), Err(RecordsError::UnknownForm { first: 0x28 }));
    bytes[0] = 0x10;
    assert_eq!(decode(&bytes, None), Err(RecordsError::UnknownForm { first: 0x10 }));
    for short in [&[][..], &[0x19, 0x81], &[0x19, 0xff, 0xff, 0xff, 0xff, 1]] {
        assert!(matches!(decode(short, None), Err(RecordsError::Header(_))), "{short:?}");
    }
    let number = Base::NUMBER_MAX + 1;
    let base = Some(Base { number, records: &[] });
    assert_eq!(encode(&[], base), Err(RecordsError::BaseNumber { number }));
}

#[test]
fn the_limits_are_kept_and_named() {
    let many = vec![Value::Bool(true); RECORDS_MAX];
    round_trip(&many, None);
    let more = vec![Value::Bool(true); RECORDS_MAX + 1];
    assert_eq!(encode(&more, None), Err(RecordsError::TooMany { count: RECORDS_MAX + 1 }));

    let full = Value::Str("x".repeat(DECODED_BYTES_MAX - 4));
    assert_eq!(weight(&full), DECODED_BYTES_MAX);
    round_trip(std::slice::from_ref(&full), None);
    let over = [full, Value::Bool(true)];
    assert_eq!(encode(&over, None), Err(RecordsError::TooLarge { record: 1 }));

    let nested = |depth| (0..depth).fold(Value::Bool(true), |value, _| array(vec![value]));
    round_trip(&[nested(DEPTH_MAX)], None);
    assert_eq!(
        encode(&[Value::Bool(true), nested(DEPTH_MAX + 1)], None),
        Err(RecordsError::TooDeep { record: 1 })
    );
}
