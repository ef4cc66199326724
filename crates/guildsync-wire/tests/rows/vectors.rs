//! Golden bytes: these fail when the format changes. A change needs another form byte.

use guildsync_wire::rows::{Base, Mode, Row, Rows, RowsBuilder, decode, encode};

use crate::golden::check;
use crate::world::log;

/// A few rows with one of everything.
fn sample() -> Rows {
    let mut builder = RowsBuilder::new(b"Main raid");
    let officer = [7; 16];
    let row = Row {
        writer: &officer,
        seq: 41,
        seconds: 1_733_083_878,
        actor: b"Ayla-Northfen",
        target: Some(b"Bront-Northfen"),
        delta: 2000,
        total: 12_000,
        reason: b"Boss kill: the Warden",
        ..Row::default()
    };
    builder.push(&row);
    builder.push(&Row { seq: 42, target: Some(b"Cael-Deepmere"), total: 3150, ..row });
    builder.push(&Row {
        seq: 43,
        count: 1,
        total: 5175,
        delta: 2025,
        target: Some(b"Cael-Deepmere"),
        ..row
    });
    let other = [9; 16];
    builder.push(&Row {
        writer: &other,
        seq: 1,
        seconds: 1_733_200_000,
        kind: 9,
        flags: 3,
        origin: 2,
        target: None,
        total: 0,
        delta: 0,
        body: &[1, 2, 3],
        ..row
    });
    builder.finish()
}

#[test]
fn the_bytes_of_small_batches_are_these() {
    let rows = sample();
    let bytes = encode(&rows, Mode::Small).unwrap();
    check(include_str!("../vectors/rows/small.hex"), &bytes, "a small batch");
    assert_eq!(decode(&bytes, |_| None).unwrap(), rows);
}

#[test]
fn the_bytes_of_primed_batches_are_these() {
    let (rows, base) = (sample(), log(1, 50));
    let bytes = encode(&rows, Mode::History(Base { number: 300, rows: &base })).unwrap();
    check(include_str!("../vectors/rows/history.hex"), &bytes, "a primed batch");
    assert_eq!(decode(&bytes, |_| Some(&base)).unwrap(), rows);
}

/// A long batch, so that every part of the model has a say.
#[test]
fn the_bytes_of_a_long_small_batch_are_these() {
    let bytes = encode(&log(2, 400), Mode::Small).unwrap();
    check(include_str!("../vectors/rows/small-long.hex"), &bytes, "a long small batch");
}
