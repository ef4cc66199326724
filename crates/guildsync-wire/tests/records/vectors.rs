//! Golden bytes: these fail when the format changes. A change needs another form byte.

use guildsync_wire::lua::{Key, Value};
use guildsync_wire::records::{Base, Memory, Stream, decode, encode};

use crate::golden;
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

#[track_caller]
fn check(golden: &str, records: &[Value], base: Option<Base<'_>>, name: &str) {
    let bytes = encode(records, base).unwrap();
    golden::check(golden, &bytes, name);
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
    let base = Base { number: 300, records: &held };
    check(include_str!("../vectors/records/primed.hex"), &rows, Some(base), "a primed batch");
}

#[test]
fn the_bytes_of_a_long_batch_are_these() {
    check(include_str!("../vectors/records/long.hex"), &bank(3, 60, 30), None, "a long batch");
}

/// Three batches of a stream, end to end; the second has new versions of what the first brought.
#[track_caller]
fn check_stream(golden: &str, base: &[Value], memory: Memory, name: &str) {
    let mut stream = Stream::sized(base, memory).unwrap();
    let mut changed = sample();
    let Value::Table(row) = &mut changed[0] else { panic!("a row") };
    row.insert("level", 79);
    row.insert("roles", array(vec!["Damage".into()]));
    let batches = [sample(), changed, bank(3, 2, 1)];
    let bytes = batches.each_ref().map(|batch| stream.encode(batch).unwrap());
    golden::check(golden, &bytes.concat(), name);
    let mut stream = Stream::sized(base, memory).unwrap();
    for (bytes, batch) in bytes.iter().zip(&batches) {
        assert!(all_same(&stream.decode(bytes).unwrap(), batch));
    }
}

#[test]
fn the_bytes_of_a_stream_are_these() {
    check_stream(include_str!("../vectors/records/stream.hex"), &[], Memory::Large, "a stream");
}

#[test]
fn the_bytes_of_a_primed_stream_are_these() {
    let golden = include_str!("../vectors/records/stream-primed.hex");
    check_stream(golden, &bank(1, 40, 20), Memory::Small, "a primed stream");
}
