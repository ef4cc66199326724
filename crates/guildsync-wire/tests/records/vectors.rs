//! Golden bytes: these fail when the format changes. A change needs another version or mode.

use std::fmt::Write as _;

use guildsync_wire::lua::{Key, Value};
use guildsync_wire::records::{Base, decode, encode};

use crate::guild::bank;
use crate::world::{all_same, array, table};

/// A few records with one of everything.
fn sample() -> Vec<Value> {
    let row = |name: &str, level: i64, deleted: bool| {
        table([
            ("id".into(), name.into()),
            ("name".into(), name.into()),
            ("level".into(), level.into()),
            ("deleted".into(), deleted.into()),
            ("roles".into(), array(vec!["Tank".into(), "Healer".into()])),
            ("empty".into(), array(vec![])),
            (Key::Int(9), Value::Float(0.5)),
        ])
    };
    vec![row("Ayla-Northfen", 80, false), row("Bront-Northfen", 77, true), "NA".into()]
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(16) {
        line.iter().for_each(|byte| _ = write!(text, "{byte:02x} "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[track_caller]
fn check(golden: &str, records: &[Value], base: Option<Base<'_>>, name: &str) {
    let bytes = encode(records, base).unwrap();
    assert_eq!(
        hex(&bytes),
        golden,
        "the bytes of {name} changed: give the format another version or mode, or undo the change"
    );
    assert!(all_same(&decode(&bytes, base).unwrap(), records));
}

#[test]
fn the_bytes_of_a_small_batch_are_these() {
    check(include_str!("../vectors/records/plain.hex"), &sample(), None, "a plain batch");
}

#[test]
fn the_bytes_of_one_tiny_record_are_these() {
    let record = table([("id".into(), "Ayla-Northfen".into()), ("level".into(), 80.into())]);
    check(include_str!("../vectors/records/tiny.hex"), &[record], None, "a tiny batch");
}

#[test]
fn the_bytes_of_a_primed_batch_are_these() {
    let held = bank(1, 40, 20);
    let rows = bank(2, 4, 2);
    let base = Base { name: 0x0a0b_0c0d, records: &held };
    check(include_str!("../vectors/records/primed.hex"), &rows, Some(base), "a primed batch");
}

#[test]
fn the_bytes_of_a_long_batch_are_these() {
    check(include_str!("../vectors/records/long.hex"), &bank(3, 60, 30), None, "a long batch");
}
