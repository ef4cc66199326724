//! Fast row batches: what goes in comes out, and bytes from anywhere are rows or an error.
//!
//! The golden bytes are those behind the form byte.

use guildsync_wire::bytes::{DecodeError, Reader};
use guildsync_wire::rows::{EncodeError, NOBODY, Row, Rows, RowsBuilder, Strings, fast};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

fn encode(rows: &Rows) -> Vec<u8> {
    let mut bytes = Vec::new();
    fast::encode_into(rows, &mut bytes).expect("rows that can be written");
    bytes
}

fn decode(bytes: &[u8]) -> Result<Rows, DecodeError> {
    let mut rows = Rows::default();
    fast::decode_into(&mut Reader::new(bytes), &mut rows).map(|()| rows)
}

/// One of a few kinds of 64-bit numbers, so that columns are narrow, wide and mixed.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..40u64,
        2 => (0..99u64).prop_map(|n| 1_733_000_000 + n * 100),
        1 => Just(u64::MAX),
        1 => Just(1 << 63),
        1 => any::<u32>().prop_map(u64::from),
        1 => any::<u64>(),
    ]
}

fn column(len: usize) -> BoxedStrategy<Vec<u64>> {
    prop_oneof![
        number().prop_map(move |n| vec![n; len]),
        (number(), 0..900u64).prop_map(move |(n, step)| (0..len as u64)
            .map(|at| n.wrapping_add(at * step))
            .collect()),
        vec(0..64u64, len),
        vec((0..64u64).prop_map(|n| (n as i64 * 2_500 - 80_000) as u64), len),
        (vec(0..16u64, len), vec((any::<Index>(), number()), 0..9)).prop_map(|(mut near, far)| {
            for (at, far) in far {
                if !near.is_empty() {
                    let at = at.index(near.len());
                    near[at] = far;
                }
            }
            near
        }),
        vec(number(), len),
    ]
    .boxed()
}

/// Tables hold empty, equal and unused strings.
fn table() -> impl Strategy<Value = Strings> {
    vec(prop_oneof![Just(Vec::new()), Just(b"Ann-Area52".to_vec()), vec(any::<u8>(), 0..30)], 1..90)
        .prop_map(|strings| {
            let mut table = Strings::default();
            strings.iter().for_each(|string| {
                table.push(string);
            });
            table
        })
}

fn any_rows() -> impl Strategy<Value = Rows> {
    prop_oneof![4 => 0..12usize, 4 => 12..300usize, 1 => 1_000..=Rows::MAX].prop_flat_map(|len| {
        let bodies = vec((any::<Index>(), vec(any::<u8>(), 0..40)), 0..6);
        let texts = (vec(any::<u8>(), 0..20), table(), table(), table(), bodies);
        (Just(len), texts, vec(column(len), 12), any::<bool>()).prop_map(
            |(len, (profile, writers, names, reasons, bodies), columns, replayed)| {
                let at = |column: usize, row: usize| columns[column][row];
                let index = |column: usize, table: &Strings| {
                    (0..len).map(|row| (at(column, row) % table.len() as u64) as u32).collect()
                };
                let mut rows = Rows {
                    writer: index(0, &writers),
                    seq: columns[1].clone(),
                    seconds: columns[2].clone(),
                    count: columns[3].iter().map(|n| *n as u16).collect(),
                    kind: columns[4].iter().map(|n| *n as u8).collect(),
                    flags: columns[5].iter().map(|n| *n as u8).collect(),
                    origin: columns[6].iter().map(|n| *n as u32).collect(),
                    actor: index(7, &names),
                    target: index(8, &names),
                    delta: columns[9].iter().map(|n| *n as i64).collect(),
                    total: columns[10].iter().map(|n| *n as i64).collect(),
                    reason: index(11, &reasons),
                    ..Rows { profile, writers, names, reasons, ..Rows::default() }
                };
                for row in 0..len {
                    if at(11, row) % 7 == 6 {
                        rows.target[row] = NOBODY;
                    }
                }
                if replayed {
                    let mut totals = std::collections::HashMap::new();
                    for row in 0..len {
                        let total = totals.entry(rows.target[row]).or_insert(-900i64);
                        *total = total.wrapping_add(rows.delta[row]);
                        rows.total[row] = *total;
                    }
                }
                if len > 0 {
                    let bodies = bodies.into_iter().map(|(at, body)| (at.index(len) as u32, body));
                    rows.bodies = bodies.collect();
                    rows.bodies.sort();
                    rows.bodies.dedup_by_key(|body| body.0);
                }
                rows
            },
        )
    })
}

proptest! {
    #[test]
    fn any_rows_come_back(rows in any_rows(), before in any_rows()) {
        let bytes = encode(&rows);
        // Into memory that holds something else.
        let mut back = before;
        fast::decode_into(&mut Reader::new(&bytes), &mut back).unwrap();
        prop_assert_eq!(&back, &rows);
        prop_assert_eq!(back.iter().count(), rows.len());
        // What was read is written as the same bytes: strings without a row are gone by then.
        prop_assert_eq!(encode(&back), bytes);
    }

    #[test]
    fn any_bytes_are_rows_or_an_error(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(rows) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&rows)).unwrap(), rows);
        }
    }

    #[test]
    fn a_changed_byte_or_end_makes_rows_or_an_error(
        rows in any_rows(), at: Index, to: u8, cut: Index, more: u8,
    ) {
        let bytes = encode(&rows);
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] = to;
        if let Ok(rows) = decode(&changed) {
            prop_assert!(rows.len() <= Rows::MAX);
            prop_assert_eq!(rows.iter().count(), rows.len(), "a row names what is not there");
            prop_assert_eq!(decode(&encode(&rows)).unwrap(), rows);
        }
        prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
        let mut longer = bytes.clone();
        longer.push(more);
        prop_assert_eq!(decode(&longer).unwrap_err(), DecodeError::Trailing { left: 1, at: bytes.len() });
    }
}

/// Every value of every byte of a batch that uses all parts of the format.
#[test]
fn every_changed_byte_of_the_small_batch_is_rows_or_an_error() {
    let bytes = encode(&small());
    for at in 0..bytes.len() {
        for to in 0..=u8::MAX {
            let mut changed = bytes.clone();
            changed[at] = to;
            if let Ok(rows) = decode(&changed) {
                assert_eq!(rows.iter().count(), rows.len());
            }
        }
    }
}

#[test]
fn rows_without_bytes_and_the_most_rows_come_back() {
    assert_eq!(decode(&encode(&Rows::default())).unwrap(), Rows::default());
    let mut most = RowsBuilder::new(b"");
    for seq in 0..Rows::MAX as u64 {
        let name = (seq % 4_001).to_string();
        most.push(&Row { seq, actor: name.as_bytes(), reason: name.as_bytes(), ..Row::default() });
    }
    let most = most.finish();
    assert_eq!(decode(&encode(&most)).unwrap(), most);
}

#[test]
fn the_extremes_of_every_number_come_back() {
    let low = Row { delta: i64::MIN, total: i64::MAX, ..Row::default() };
    let high = Row {
        seq: u64::MAX,
        seconds: u64::MAX,
        count: u16::MAX,
        kind: u8::MAX,
        flags: u8::MAX,
        origin: u32::MAX,
        target: Some(b""),
        delta: i64::MAX,
        total: i64::MIN,
        ..Row::default()
    };
    for len in [1, 2, 31, 32, 127, 128, 129, 300] {
        let mut rows = RowsBuilder::new(&[0; 3]);
        (0..len).for_each(|at| rows.push(if at % 3 == 1 { &high } else { &low }));
        let rows = rows.finish();
        assert_eq!(decode(&encode(&rows)).unwrap(), rows, "{len} rows");
    }
}

fn with_amounts(amounts: impl Iterator<Item = i64>) -> Rows {
    let mut rows = RowsBuilder::new(b"");
    amounts.for_each(|delta| rows.push(&Row { delta, ..Row::default() }));
    rows.finish()
}

/// The factor is guessed from some of the rows; others may not have it.
#[test]
fn amounts_that_lack_the_others_factor_come_back() {
    for late in [1, -1, 50, -50, 2_499, -2_501, 1 << 31, -(1 << 31), i64::MIN, i64::MAX, 7 << 40] {
        for from in [20, 201, 399] {
            let rows =
                with_amounts((0..400).map(|at| if at < from { (at - 9) * 2_500 } else { late }));
            assert_eq!(decode(&encode(&rows)).unwrap(), rows, "{late} from row {from}");
        }
    }
    // What is no multiple of an odd factor must not be taken for one, whatever its sign.
    for late in -200..200 {
        let rows = with_amounts((0..400).map(|at| if at == 201 { late } else { at * 7 }));
        assert_eq!(decode(&encode(&rows)).unwrap(), rows, "{late}");
    }
}

/// Behind the row by which every string is named, numbers are checked by other code.
#[test]
fn a_late_row_that_names_what_is_not_there_is_named() {
    let rows = with_amounts(0..300);
    for row in [1, 127, 128, 299] {
        let missing = |change: &dyn Fn(&mut Rows)| {
            let mut rows = rows.clone();
            change(&mut rows);
            fast::encode_into(&rows, &mut Vec::new()).unwrap_err()
        };
        let expected = EncodeError::Incomplete { row };
        assert_eq!(missing(&|rows| rows.reason[row] = 1), expected);
        assert_eq!(missing(&|rows| rows.actor[row] = 1), expected);
        assert_eq!(missing(&|rows| rows.writer[row] = NOBODY), expected);
        assert_eq!(missing(&|rows| rows.target[row] = 1), expected);
    }
}

/// A block's first difference is taken from the block before.
#[test]
fn a_far_row_at_any_place_comes_back() {
    for at in [0, 1, 127, 128, 129, 255, 256, 299] {
        for far in [1 << 31, 1 << 40, u64::MAX] {
            let mut rows = RowsBuilder::new(b"");
            for row in 0..300 {
                let seconds = if row < at { row } else { far };
                rows.push(&Row { seq: far ^ row, seconds, ..Row::default() });
            }
            let rows = rows.finish();
            assert_eq!(decode(&encode(&rows)).unwrap(), rows, "{far} from row {at}");
        }
    }
}

#[test]
fn what_no_rows_are_written_as_is_refused_by_name() {
    let refused = |old: &[u8], new: &[u8]| {
        let bytes = encode(&small());
        let at = bytes.windows(old.len()).rposition(|bytes| bytes == old).expect("a part of it");
        decode(&[&bytes[..at], new, &bytes[at + old.len()..]].concat()).unwrap_err().to_string()
    };
    let body = [1, 3, 4, b'n', b'o', b't', b'e'];
    let changed = |changes: &[(usize, u8)]| {
        let mut body = body;
        changes.iter().for_each(|(at, to)| body[*at] = *to);
        refused(&[1, 3, 4, b'n', b'o', b't', b'e'], &body)
    };
    assert_eq!(changed(&[(1, 5)]), "row of a body at byte 134 is not valid: past the last row");
    assert_eq!(changed(&[(2, 0)]), "body at byte 135 is not valid: empty");
    assert_eq!(changed(&[(0, 6)]), "bodies at byte 133 is not valid: 6 items, the limit is 5");
    // Targets 2, 3, 2, 0, 2 of four slots in two bits; then three bits, one of them past the slots.
    let target = [1, 2, 0, 0x2e, 2];
    assert_eq!(
        refused(&target, &[1, 3, 0, 4, 0]),
        "target at byte 106 is not valid: a number that is not below 4"
    );
    assert_eq!(
        refused(&target, &[1, 65, 0, 0x2e, 2]),
        "target at byte 106 is not valid: a width over 64 bits, or over 31 with patches"
    );
    assert_eq!(
        refused(&target, &[7, 2, 0, 0x2e, 2]),
        "target at byte 105 is not valid: a column of an unknown form"
    );
    // Two bits each and patches: none, out of order, past the rows, of nothing, fitting.
    let patched = |patches: &[u8]| refused(&target, &[&[1, 0x82, 0, 0x2e, 2], patches].concat());
    assert_eq!(patched(&[0]), "target at byte 110 is not valid: patches, but none");
    let order = "target at byte 113 is not valid: a patch out of order or past the block";
    assert_eq!(patched(&[2, 1, 1, 1, 1]), order);
    assert_eq!(patched(&[2, 1, 1, 0, 1]), order);
    assert_eq!(patched(&[2, 1, 1, 5, 1]), order);
    let nothing = "target at byte 111 is not valid: a patch of nothing or over 32 bits";
    assert_eq!(patched(&[1, 1, 0]), nothing);
    assert_eq!(patched(&[1, 1, 0x80, 0x80, 0x80, 0x80, 4]), nothing);
    let past = "target at byte 106 is not valid: a number that is not below 4";
    assert_eq!(patched(&[1, 1, 0xff, 0xff, 0xff, 0xff, 3]), past);
    // A factor of 1 or of 2^32.
    let delta = [2, 0xf4, 3, 3, 1];
    let factor = "delta at byte 110 is not valid: a factor that is not in 2..2^32";
    assert_eq!(refused(&delta, &[2, 1, 3, 1]), factor);
    assert_eq!(refused(&delta, &[2, 0x80, 0x80, 0x80, 0x80, 16, 3, 1]), factor);
}

#[test]
fn strings_that_no_row_names_are_not_written() {
    let mut rows = small();
    let bytes = encode(&rows);
    for table in [&mut rows.writers, &mut rows.names, &mut rows.reasons] {
        table.push(&[b'x'; 5_000]);
    }
    assert_eq!(encode(&rows), bytes);
    // Also when the strings in use have other numbers by it.
    let mut moved = Strings::default();
    moved.push(b"unused");
    rows.reasons.iter().for_each(|reason| {
        moved.push(reason);
    });
    rows.reasons = moved;
    rows.reason.iter_mut().for_each(|reason| *reason += 1);
    assert_eq!(encode(&rows), bytes);
}

#[test]
fn rows_that_cannot_be_written_are_named() {
    let refused = |change: &dyn Fn(&mut Rows)| {
        let mut rows = small();
        change(&mut rows);
        let mut out = vec![9];
        let error = fast::encode_into(&rows, &mut out).unwrap_err();
        assert_eq!(out, [9], "something was written all the same");
        error
    };
    assert_eq!(refused(&|rows| rows.actor[2] = 99), EncodeError::Incomplete { row: 2 });
    assert_eq!(refused(&|rows| rows.target[1] = NOBODY - 1), EncodeError::Incomplete { row: 1 });
    assert_eq!(refused(&|rows| rows.writer[3] = 7), EncodeError::Incomplete { row: 3 });
    assert_eq!(refused(&|rows| rows.reason[0] = 7), EncodeError::Incomplete { row: 0 });
    assert_eq!(refused(&|rows| rows.kind.truncate(3)), EncodeError::Incomplete { row: 3 });
    assert_eq!(refused(&|rows| rows.total.push(1)), EncodeError::Incomplete { row: 5 });
    assert_eq!(refused(&|rows| rows.bodies[0].0 = 5), EncodeError::Incomplete { row: 5 });
    let long = vec![0; Rows::TEXT_MAX];
    let error = refused(&|rows| rows.bodies[0].1 = long.clone());
    assert!(matches!(error, EncodeError::TooMuchText { bytes } if bytes > Rows::TEXT_MAX));
    let many = refused(&|rows| rows.seq.resize(Rows::MAX + 1, 0));
    assert_eq!(many, EncodeError::TooManyRows { rows: Rows::MAX + 1 });
}

/// A varint of 2^63, or of what fits in a byte.
fn varint(value: u64) -> Vec<u8> {
    let mut writer = guildsync_wire::bytes::Writer::new();
    writer.varint(value);
    writer.into_vec()
}

#[test]
fn hostile_counts_are_refused_by_name() {
    let huge = varint(1 << 63);
    let refused = |parts: &[&[u8]]| decode(&parts.concat()).unwrap_err().to_string();
    assert_eq!(
        refused(&[&huge]),
        "rows at byte 0 is not valid: 9223372036854775808 items, the limit is 4096"
    );
    assert_eq!(
        refused(&[&[1], &huge]),
        "profile at byte 1 is not valid: 9223372036854775808 bytes, the limit is 262144"
    );
    assert_eq!(
        refused(&[&[1, 0], &huge]),
        "writers at byte 2 is not valid: 9223372036854775808 items, the limit is 1"
    );
    // One row, no profile, one writer of 2^63 bytes (a column of one number).
    let long = varint(u64::MAX);
    assert_eq!(
        refused(&[&[1, 0, 1, 0], &long]),
        "writers at byte 3 is not valid: a number that is not below 262145"
    );
    // 4,096 names of 262,144 bytes each.
    let names: &[&[u8]] = &[&[0x80, 0x20, 0, 0, 0x80, 0x20, 0], &varint(2 * 262_144)];
    assert_eq!(
        refused(names),
        "names at byte 4 is not valid: over 262144 bytes of text in the batch"
    );
    // No rows; the column of opening totals has nobody's; then 2^63 bodies.
    assert_eq!(
        refused(&[&[0, 0, 0, 0, 0, 0, 0, 0], &huge]),
        "bodies at byte 8 is not valid: 9223372036854775808 items, the limit is 0"
    );
}

/// All that the format has in few rows: two writers, nobody, a total that was set, a common
/// factor, bodies.
fn small() -> Rows {
    let mut rows = RowsBuilder::new(b"Core");
    let row = Row {
        writer: b"w1",
        seq: 41,
        seconds: 1_733_083_878,
        kind: 1,
        actor: b"Ann-Area52",
        target: Some(b"Bob-Eonar"),
        delta: 2_000,
        total: 12_000,
        reason: b"Boss kill",
        ..Row::default()
    };
    rows.push(&row);
    rows.push(&Row { seq: 42, target: Some(b"Cid-Eonar"), total: 2_000, ..row });
    rows.push(&Row {
        seq: 43,
        seconds: row.seconds + 90,
        delta: -500,
        total: 11_500,
        reason: b"",
        ..row
    });
    rows.push(&Row {
        writer: b"w2",
        seq: 7,
        seconds: row.seconds + 90,
        count: 1,
        kind: 2,
        target: None,
        delta: 0,
        total: 0,
        reason: b"",
        body: b"note",
        ..row
    });
    rows.push(&Row {
        seq: 44,
        seconds: row.seconds + 200,
        origin: 3,
        flags: 1,
        total: 15_000,
        ..row
    });
    rows.finish()
}

fn hex_dump(bytes: &[u8]) -> String {
    let line =
        |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    bytes.chunks(16).map(|bytes| line(bytes) + "\n").collect()
}

/// Batches lie in files and stores: bytes that were written once have to stay readable. The dump
/// changes only with the version in the form byte.
#[test]
fn the_small_batch_is_the_golden_bytes() {
    let golden = include_str!("vectors/rows/fast.hex");
    let bytes = encode(&small());
    assert_eq!(hex_dump(&bytes), golden, "the format has changed");
    let golden: Vec<u8> =
        golden.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    assert_eq!(decode(&golden).unwrap(), small());
}

/// A full block uses lanes, patches and a factor; too long for a dump, so its checksum is kept.
#[test]
fn a_batch_of_full_blocks_is_the_golden_checksum() {
    let mut rows = RowsBuilder::new(b"Core");
    for at in 0..300u64 {
        let name = format!("Member{}-Area52", at * at % 23);
        rows.push(&Row {
            seq: at + at / 50,
            seconds: 1_733_083_878 + at * 170 + at / 60 * 86_400,
            actor: b"Ann-Area52",
            target: Some(name.as_bytes()),
            delta: (at as i64 * 37 % 11 - 4) * 100,
            total: at as i64 * 300,
            ..Row::default()
        });
    }
    let rows = rows.finish();
    let bytes = encode(&rows);
    assert_eq!(decode(&bytes).unwrap(), rows);
    assert_eq!((bytes.len(), crc32fast::hash(&bytes)), (1_030, 0xc0cc_5479));
}
