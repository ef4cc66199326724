//! Tests of bits and hashes: laws, then tables.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn written(values: &[u64]) -> Vec<u8> {
    let mut w = Writer::new();
    let mut bits = BitWriter::new(&mut w);
    bits.numbers(values);
    bits.finish();
    w.into_vec()
}

fn read(bytes: &[u8], n: usize) -> Result<Vec<u64>, DecodeError> {
    let mut r = Reader::new(bytes);
    let mut bits = BitReader::new(&mut r, "numbers");
    let values = bits.numbers(n)?;
    bits.finish()?;
    r.finish()?;
    Ok(values)
}

/// Numbers of any size, as many small ones as large ones.
fn number() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0u32..64).prop_map(|(value, shift)| value >> shift)
}

proptest! {
    #[test]
    fn bits_and_numbers_read_back_behind_each_other(
        fields in vec((number(), 0u32..=64, 0u32..64), 0..30),
    ) {
        let mut w = Writer::new();
        w.u8(7);
        let mut bits = BitWriter::new(&mut w);
        for &(value, n, k) in &fields {
            bits.bits(value, n);
            bits.number(value, k);
        }
        bits.finish();
        w.u8(9);
        let mut r = Reader::new(w.as_slice());
        prop_assert_eq!(r.u8("before"), Ok(7));
        let mut bits = BitReader::new(&mut r, "fields");
        for (value, n, k) in fields {
            let low = if n == 64 { value } else { value & ((1 << n) - 1) };
            prop_assert_eq!(bits.bits(n), Ok(low));
            prop_assert_eq!(bits.number(k), Ok(value));
        }
        bits.finish().unwrap();
        prop_assert_eq!((r.u8("behind"), r.left()), (Ok(9), 0));
    }

    #[test]
    fn numbers_of_any_size_read_back(values in vec(number(), 0..40)) {
        prop_assert_eq!(read(&written(&values), values.len()), Ok(values));
    }

    #[test]
    fn whatever_reads_was_written_so(bytes in vec(any::<u8>(), 0..24), n in 0usize..6) {
        if let Ok(values) = read(&bytes, n) {
            prop_assert_eq!(written(&values), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_number_with_any_k_or_refused(bytes in vec(any::<u8>(), 0..30), k in 0u32..64) {
        let mut r = Reader::new(&bytes);
        let mut bits = BitReader::new(&mut r, "a number");
        if let Ok(value) = bits.number(k) && bits.finish().is_ok() {
            let mut w = Writer::new();
            let mut again = BitWriter::new(&mut w);
            again.number(value, k);
            again.finish();
            prop_assert_eq!(w.as_slice(), &bytes[..r.at()]);
        }
    }
}

#[test]
fn the_bits_are_these() {
    // k = 3 in 5 bits, lowest first: 11000. 5 is 1 and 101, 4 is 1 and 001, 6 is 1 and 011; 20 is
    // 2 * 8 + 4: a zero, 1, the low bit of 2 + 1, and 001.
    assert_eq!(written(&[5, 4, 6, 20]), [0b0110_0011, 0b1011_0011, 0b0100_1101]);
    assert_eq!(written(&[u64::MAX; 3]).len(), (5 + 3 * (2 * 33 + 1 + 31usize)).div_ceil(8));
}

#[test]
fn ten_numbers_of_one_size_take_a_bit_more_than_they_have() {
    let values: Vec<u64> = (0..10).map(|n| 90_000 + n * 4_000).collect();
    assert_eq!(written(&values).len(), (5usize + 10 * 18).div_ceil(8));
}

#[test]
fn what_is_no_list_of_numbers_says_where_and_why() {
    let error = |bytes: &[u8], n| read(bytes, n).unwrap_err().to_string();
    assert_eq!(error(&[], 0), "input ends inside numbers at byte 0");
    assert_eq!(error(&[0; 4], 4), "input ends inside numbers at byte 4");
    let invalid = |at: usize, why| format!("numbers at byte {at} is not valid: {why}");
    assert_eq!(error(&[0; 20], 1), invalid(8, "a number beyond 64 bits"));
    // Eight with k = 0, which k = 2 makes shorter; a number, and a bit behind it.
    assert_eq!(error(&written_with(0, 8), 1), invalid(1, "not in their shortest form"));
    assert_eq!(
        error(&[0b0010_0000 | 1 << 7], 1),
        invalid(0, "bits are set behind the last number")
    );
}

/// A list of one number with a k that need not suit it.
fn written_with(k: u32, value: u64) -> Vec<u8> {
    let mut w = Writer::new();
    let mut bits = BitWriter::new(&mut w);
    bits.bits(k.into(), K_BITS);
    bits.number(value, k);
    bits.finish();
    w.into_vec()
}

#[test]
fn room_is_made_only_for_what_the_input_has_bits_for() {
    // k = 0 in five bits, and a bit for each number.
    assert_eq!(read(&[0b1110_0000], 3), Ok(vec![0; 3]));
    for (bytes, n) in [(1, 3), (4, 27)] {
        let input = vec![0u8; bytes];
        let mut r = Reader::new(&input);
        let mut bits = BitReader::new(&mut r, "numbers");
        bits.bits(K_BITS).unwrap();
        assert!(bits.room::<u64>(n, 1).is_ok(), "{n}");
        for n in [n + 1, 1 << 40, usize::MAX] {
            assert!(bits.room::<u64>(n, 1).is_err(), "{n}");
            assert!(read(&input, n).is_err(), "{n}");
        }
    }
}
