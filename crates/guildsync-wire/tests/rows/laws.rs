//! What is written comes back, in every mode.

use guildsync_wire::rows::{
    Base, BatchError, EncodeError, Mode, Row, Rows, RowsBuilder, decode, encode,
};
use proptest::prelude::*;

use crate::world::{any_rows, log, slice};

fn none(_: u32) -> Option<&'static Rows> {
    None
}

proptest! {
    #[test]
    fn any_rows_come_back(rows in any_rows(), base in any_rows()) {
        for mode in [Mode::Fast, Mode::Small, Mode::History(Base { number: 3, rows: &base })] {
            let bytes = encode(&rows, mode).unwrap();
            let back = decode(&bytes, |number| (number == 3).then_some(&base)).unwrap();
            prop_assert_eq!(&back, &rows, "{:?}", mode);
        }
    }

    #[test]
    fn equal_rows_in_other_tables_have_equal_bytes(rows in any_rows()) {
        let mut turned = RowsBuilder::new(&rows.profile);
        for name in rows.names.iter().collect::<Vec<_>>().into_iter().rev() {
            turned.intern_name(name);
        }
        rows.iter().for_each(|row| turned.push(&row));
        prop_assert_eq!(encode(&turned.finish(), Mode::Small), encode(&rows, Mode::Small));
    }
}

#[test]
fn a_base_counts_with_its_last_thousand_rows_only() {
    let history = log(1, 1700);
    let rows = slice(&history, 1500, 1700);
    let long = slice(&history, 0, 1500);
    let short = slice(&history, 500, 1500);
    let bytes = encode(&rows, Mode::History(Base { number: 0, rows: &long })).unwrap();
    assert_eq!(decode(&bytes, |_| Some(&short)).unwrap(), rows);
    let other = slice(&history, 501, 1500);
    assert_ne!(decode(&bytes, |_| Some(&other)).ok(), Some(rows));
}

#[test]
fn a_base_makes_a_batch_smaller() {
    let history = log(2, 1200);
    let (base, rows) = (slice(&history, 0, 1000), slice(&history, 1000, 1200));
    let small = encode(&rows, Mode::Small).unwrap().len();
    let primed = encode(&rows, Mode::History(Base { number: 9, rows: &base })).unwrap().len();
    assert!(primed * 2 < small, "{primed} bytes with a base, {small} without");
}

#[test]
fn decoding_without_its_base_is_an_error_of_its_own_kind() {
    let history = log(3, 40);
    let base = slice(&history, 0, 20);
    let number = Base::NUMBER_MAX;
    let bytes =
        encode(&slice(&history, 20, 40), Mode::History(Base { number, rows: &base })).unwrap();
    assert_eq!(decode(&bytes, none), Err(BatchError::UnknownBase { number }));
}

#[test]
fn a_base_number_takes_four_bytes_at_most() {
    let rows = log(4, 1);
    let empty = Rows::default();
    let with = |number| encode(&rows, Mode::History(Base { number, rows: &empty }));
    let small = encode(&rows, Mode::Small).unwrap().len();
    assert_eq!(with(Base::NUMBER_MAX).unwrap().len(), small + 4);
    let number = Base::NUMBER_MAX + 1;
    assert_eq!(with(number), Err(EncodeError::BaseNumber { number }));
}

#[test]
fn unknown_kinds_survive_byte_for_byte() {
    let mut builder = RowsBuilder::new(b"p");
    for (kind, body) in [(0, &b""[..]), (200, &[0, 255, 1][..]), (201, &[0; 300][..]), (0, b"")] {
        builder.push(&Row { kind, flags: kind, seq: u64::from(kind), body, ..Row::default() });
    }
    let rows = builder.finish();
    for mode in [Mode::Fast, Mode::Small] {
        assert_eq!(decode(&encode(&rows, mode).unwrap(), none).unwrap(), rows);
    }
}

#[test]
fn a_full_batch_comes_back_and_one_row_more_is_refused() {
    let rows = log(5, Rows::MAX + 1);
    for mode in [Mode::Fast, Mode::Small] {
        let full = slice(&rows, 0, Rows::MAX);
        assert_eq!(decode(&encode(&full, mode).unwrap(), none).unwrap(), full);
        assert_eq!(encode(&rows, mode), Err(EncodeError::TooManyRows { rows: Rows::MAX + 1 }));
    }
}

#[test]
fn text_up_to_the_limit_comes_back_and_a_byte_more_is_refused() {
    let text = |len: usize| {
        let mut builder = RowsBuilder::new(b"");
        builder.push(&Row { reason: &vec![b'x'; len], ..Row::default() });
        builder.finish()
    };
    for mode in [Mode::Fast, Mode::Small] {
        let full = text(Rows::TEXT_MAX);
        assert_eq!(decode(&encode(&full, mode).unwrap(), none).unwrap(), full);
        let bytes = Rows::TEXT_MAX + 1;
        assert_eq!(encode(&text(bytes), mode), Err(EncodeError::TooMuchText { bytes }));
    }
}

#[test]
fn rows_that_lack_something_are_named() {
    let mut short = log(6, 5);
    short.total.pop();
    let mut stray = log(6, 5);
    stray.reason[3] = 77;
    let mut bodies = log(6, 5);
    bodies.bodies = vec![(2, vec![1]), (2, vec![2])];
    for mode in [Mode::Fast, Mode::Small] {
        assert_eq!(encode(&short, mode), Err(EncodeError::Incomplete { row: 4 }));
        assert_eq!(encode(&stray, mode), Err(EncodeError::Incomplete { row: 3 }));
        assert_eq!(encode(&bodies, mode), Err(EncodeError::Incomplete { row: 2 }));
    }
}
