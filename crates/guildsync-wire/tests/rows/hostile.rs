//! Bytes from nowhere: an error that says what and where, never a panic, never much memory.

use guildsync_wire::bytes::DecodeError;
use guildsync_wire::rows::{Base, BatchError, Mode, Rows, decode, encode};
use proptest::prelude::*;

use crate::world::{Random, log, slice};

/// Decodes, and checks that what comes out keeps the limits.
fn survives(bytes: &[u8], base: &Rows) {
    if let Ok(rows) = decode(bytes, |_| Some(base)) {
        assert!(rows.len() <= Rows::MAX);
        assert!(rows.text_bytes().unwrap() <= Rows::TEXT_MAX);
        encode(&rows, Mode::Small).unwrap();
        assert!(rows.writers.total_bytes() + rows.names.total_bytes() <= 2 * Rows::TEXT_MAX);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(form in 0x0e..0x16u8, tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = vec![form];
        bytes.extend(tail);
        survives(&bytes, &log(7, 30));
    }

    #[test]
    fn broken_batches_are_survived(seed in any::<u64>(), bits in prop::collection::vec(any::<u32>(), 1..4)) {
        let history = log(seed, 120);
        let base = slice(&history, 0, 60);
        let rows = slice(&history, 60, 120);
        for mode in [Mode::Fast, Mode::Small, Mode::History(Base { number: 1, rows: &base })] {
            let mut bytes = encode(&rows, mode).unwrap();
            for bit in &bits {
                let at = *bit as usize % (bytes.len() * 8);
                bytes[at / 8] ^= 1 << (at % 8);
            }
            survives(&bytes, &base);
        }
    }
}

#[test]
fn a_batch_cut_anywhere_is_an_error_or_other_rows() {
    let rows = log(8, 60);
    for mode in [Mode::Fast, Mode::Small] {
        let bytes = encode(&rows, mode).unwrap();
        for len in 0..bytes.len() {
            assert_ne!(decode(&bytes[..len], |_| None).ok().as_ref(), Some(&rows), "cut at {len}");
        }
        // What is cut by more than the coder's last word cannot pass for whole.
        for len in 0..bytes.len() - 8 {
            assert!(decode(&bytes[..len], |_| None).is_err(), "{mode:?} cut at {len}");
        }
    }
}

#[test]
fn bytes_behind_a_batch_are_an_error() {
    for mode in [Mode::Fast, Mode::Small] {
        let mut bytes = encode(&log(9, 60), mode).unwrap();
        bytes.extend([1; 9]);
        let error = decode(&bytes, |_| None).unwrap_err();
        assert!(matches!(error, BatchError::Invalid(DecodeError::Trailing { .. })), "{error}");
    }
}

#[test]
fn a_count_of_2_to_the_63_rows_is_refused_before_anything_is_allocated() {
    for form in [0x10, 0x11] {
        let mut bytes = vec![form];
        bytes.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]);
        let error = decode(&bytes, |_| None).unwrap_err().to_string();
        assert!(error.contains("row") && error.contains("byte 1"), "{error}");
    }
}

#[test]
fn a_version_or_mode_of_the_future_is_an_error_of_its_own_kind() {
    for first in [0x00, 0x14, 0x1f, 0x21, 0xff] {
        assert_eq!(decode(&[first, 0, 0], |_| None), Err(BatchError::UnknownForm { first }));
    }
    let error = decode(&[], |_| None).unwrap_err();
    assert!(matches!(error, BatchError::Invalid(DecodeError::Truncated { at: 0, .. })), "{error}");
}

#[test]
fn a_few_bytes_that_claim_4096_rows_stay_within_the_limits() {
    let mut random = Random(11);
    for _ in 0..200 {
        let mut bytes = vec![0x11, 0x80, 0x20];
        bytes.extend(
            (0..random.below(2000)).map(|at| if at % 3 == 0 { 0 } else { random.below(256) as u8 }),
        );
        survives(&bytes, &Rows::default());
    }
}

/// Found by fuzzing: such a number was taken for the largest there is, and asked for.
#[test]
fn a_base_number_over_four_bytes_is_no_base() {
    for number in [[0x80, 0x80, 0x80, 0x80, 1, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]] {
        let bytes = [&[0x12][..], &number].concat();
        let error = decode(&bytes, |number| panic!("asked for base {number}")).unwrap_err();
        assert!(error.to_string().contains("number of the base at byte 1"), "{error}");
    }
}

/// Found by fuzzing: the texts of one row were each held to what was left before the row, and the
/// profile was not counted, so that a few bytes gave rows that no batch may hold.
#[test]
fn a_few_bytes_that_spell_a_quarter_of_a_mebibyte_keep_the_limit() {
    let mut bytes = vec![
        0x11, 0x01, 0x32, 0xe1, 0x92, 0x09, 0x16, 0xb2, 0x0f, 0xcb, 0x6b, 0xee, 0xe8, 0xbd, 0x76,
        0x2b, 0x30, 0xa4,
    ];
    bytes.resize(35, 0);
    bytes.extend([
        0x5a, 0xdc, 0x1d, 0x20, 0x7a, 0x6f, 0x65, 0x30, 0x1d, 0xb8, 0x0c, 0x0a, 0, 0, 0x5a, 0xdc,
        0x1d, 0x20, 0x7a, 0x6f, 0x65, 0x30, 0x1d, 0xb8, 0x0c, 0x0a,
    ]);
    survives(&bytes, &Rows::default());
}
