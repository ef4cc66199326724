//! No bytes do harm.

use guildsync_wire::records::{Base, DECODED_BYTES_MAX, RecordsError, decode, encode, weight};
use proptest::prelude::*;

use crate::guild::{Draw, bank};

fn within_limits(bytes: &[u8], base: Option<Base<'_>>) {
    if let Ok(records) = decode(bytes, base) {
        assert!(records.iter().map(weight).sum::<usize>() <= DECODED_BYTES_MAX);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_or_refused(mode in 0u8..=15, mut bytes: Vec<u8>) {
        bytes.insert(0, 0x10 | mode);
        within_limits(&bytes, None);
        bytes[0] = 0x18;
        within_limits(&bytes, None);
    }
}

#[test]
fn mutated_batches_are_read_or_refused() {
    let held = bank(3, 5, 0);
    let base = Some(Base { number: 0x0102_0304, records: &held });
    let rows = bank(4, 8, 8);
    let mut draw = Draw(11);
    for base in [None, base] {
        let good = encode(&rows, base).unwrap();
        for _ in 0..150 {
            let mut bytes = good.clone();
            for _ in 0..=draw.below(3) {
                let at = draw.below(bytes.len() as u64) as usize;
                match draw.below(3) {
                    0 => bytes[at] ^= 1 << draw.below(8),
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, draw.below(256) as u8),
                }
            }
            within_limits(&bytes, base);
        }
    }
}

#[test]
fn no_cut_reads_as_the_batch_and_nearly_all_are_refused() {
    let rows = bank(4, 3, 3);
    let good = encode(&rows, None).unwrap();
    // A cut may by chance read as other records that end right there: damage is the frame
    // checksum's to find, a stream only has to end where its records do.
    let read = (0..good.len()).filter_map(|keep| decode(&good[..keep], None).ok());
    let read: Vec<_> = read.inspect(|other| assert_ne!(*other, rows)).collect();
    assert!(read.len() * 20 < good.len(), "{} of {} cuts were read", read.len(), good.len());
    let mut long = good;
    long.extend([0; 16]);
    assert_eq!(decode(&long, None), Err(RecordsError::Length { bytes: long.len() }));
}

#[test]
fn streams_of_one_value_end_soon() {
    for byte in [0u8, 0xff, 0x55, 0x80] {
        for len in [0usize, 1, 9, 300] {
            let mut bytes = vec![0x18];
            bytes.extend(vec![byte; len]);
            within_limits(&bytes, None);
        }
    }
}
