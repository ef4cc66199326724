//! Ascending lists of hashes in few bits: the distances between them, in Rice codes.
//!
//! `n` hashes cut the 2^32 that there are into parts of about one size, so a distance needs as many bits
//! as that size has and about one and a half more, 20 for each of 10,000.

use super::{BitReader, BitWriter, distance_bits};
use crate::bytes::{DecodeError, Reader, Writer};

/// Writes how many hashes there are, and the hashes, each greater than the one before.
///
/// ```
/// use guildsync_wire::bits::{read_hashes, write_hashes};
/// use guildsync_wire::bytes::{Reader, Writer};
///
/// let hashes = [0x0badcafe, 0x5eedc0de, 0xfeedf00d];
/// let mut w = Writer::new();
/// write_hashes(&hashes, &mut w);
/// let error = read_hashes(2, "hashes", &mut Reader::new(w.as_slice())).unwrap_err();
/// assert_eq!(error.to_string(), "hashes at byte 0 is not valid: 3 items, the limit is 2");
/// assert_eq!(read_hashes(3, "hashes", &mut Reader::new(w.as_slice()))?, hashes);
/// # Ok::<(), guildsync_wire::bytes::DecodeError>(())
/// ```
pub fn write_hashes(hashes: &[u32], w: &mut Writer) {
    debug_assert!(hashes.is_sorted_by(|a, b| a < b), "hashes ascend");
    w.varint(hashes.len() as u64);
    let k = distance_bits(u32::BITS, hashes.len());
    let (mut bits, mut next) = (BitWriter::new(w), 0u64);
    for &hash in hashes {
        let distance = u64::from(hash).saturating_sub(next);
        for _ in 0..distance >> k {
            bits.bits(0, 1);
        }
        bits.bits(1, 1);
        bits.bits(distance, k);
        next = u64::from(hash) + 1;
    }
    bits.finish();
}

/// Reads at most `limit` hashes, each greater than the one before; `what` is the field in errors.
/// Room for them is made only where the input has the bits for as many.
///
/// # Errors
/// More than `limit`, truncated, a hash of more than 32 bits, or bits behind the last one.
pub fn read_hashes(
    limit: usize,
    what: &'static str,
    r: &mut Reader<'_>,
) -> Result<Vec<u32>, DecodeError> {
    let at = r.at();
    let n = r.varint(what)?;
    if n > limit as u64 {
        return Err(r.invalid(what, at, &format!("{n} items, the limit is {limit}")));
    }
    let k = distance_bits(u32::BITS, n as usize);
    let (mut bits, mut next) = (BitReader::new(r, what), 0u64);
    let mut hashes = bits.room(n as usize, k + 1)?;
    for _ in 0..n {
        let mut distance = 0u64;
        while bits.bits(1)? == 0 {
            distance += 1 << k;
            if next + distance > u32::MAX.into() {
                return Err(bits.invalid("a hash of more than 32 bits"));
            }
        }
        let hash = next + distance + bits.bits(k)?;
        let beyond = |_| bits.invalid("a hash of more than 32 bits");
        hashes.push(u32::try_from(hash).map_err(beyond)?);
        next = hash + 1;
    }
    bits.finish_behind("hash")?;
    Ok(hashes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn written(hashes: &[u32]) -> Vec<u8> {
        let mut w = Writer::new();
        write_hashes(hashes, &mut w);
        w.into_vec()
    }

    fn read(bytes: &[u8]) -> Result<Vec<u32>, DecodeError> {
        let mut r = Reader::new(bytes);
        let hashes = read_hashes(1 << 16, "hashes", &mut r)?;
        r.finish()?;
        Ok(hashes)
    }

    proptest! {
        #[test]
        fn any_ascending_list_reads_back(
            hashes: BTreeSet<u32>,
            near in proptest::collection::btree_set(u32::MAX - 300.., 0..40),
        ) {
            for hashes in [hashes, near] {
                let hashes: Vec<u32> = hashes.into_iter().collect();
                prop_assert_eq!(read(&written(&hashes)), Ok(hashes));
            }
        }

        #[test]
        fn whatever_reads_was_written_so(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(hashes) = read(&bytes) {
                prop_assert!(hashes.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(written(&hashes), bytes);
            }
        }
    }

    #[test]
    fn the_bits_are_these() {
        assert_eq!(written(&[]), [0]);
        // One hash: 31 low bits. A 1 and 31 zeros; a zero, a 1 and 31 ones.
        assert_eq!(written(&[0]), [1, 1, 0, 0, 0]);
        assert_eq!(written(&[u32::MAX]), [1, 0b1111_1110, 255, 255, 255, 1]);
        // Three hashes: 30 low bits. A 1 and 5; a 1 and 0, which is the next; two zeros, a 1 and 3.
        let last = 7 + (2 << 30) + 3;
        assert_eq!(written(&[5, 6, last]), [3, 11, 0, 0, 128, 0, 0, 0, 0, 7, 0, 0, 0]);
    }

    #[test]
    fn a_hash_takes_about_a_bit_and_a_half_more_than_the_list_needs() {
        for n in [10u32, 100, 700, 1000, 10_000, 65_000] {
            // Weyl's sequence through a multiplication: spread as hashes are.
            let mix = |i: u32| u64::from(i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let spread = |x: u64| ((x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32;
            let hashes: BTreeSet<u32> = (0..n).map(|i| spread(mix(i))).collect();
            let hashes: Vec<u32> = hashes.into_iter().collect();
            let n = hashes.len() as f64;
            let bits = 8.0 * written(&hashes).len() as f64 / n - (32.0 - n.log2());
            assert!(bits < 1.7 + 32.0 / n, "{n} hashes: {bits} bits more each");
        }
    }

    #[test]
    fn what_is_no_list_of_hashes_says_where_and_why() {
        let error = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        let invalid = |at: usize, why| format!("hashes at byte {at} is not valid: {why}");
        assert_eq!(error(&[1, 8, 0, 0, 0, 0]), invalid(1, "a hash of more than 32 bits"));
        assert_eq!(error(&[1, 1, 0, 0, 0, 0]), "1 bytes are left over at byte 5");
        let last = invalid(5, "bits are set behind the last hash");
        assert_eq!(error(&[1, 2, 0, 0, 0, 2]), last);
        // 65,537 of them; 65,536 take 16 bits each at least, and one is lacking.
        assert_eq!(error(&[0x81, 0x80, 4]), invalid(0, "65537 items, the limit is 65536"));
        let full = [&[0x80, 0x80, 4][..], &[0xff; 2 * 65_536 - 1]].concat();
        assert_eq!(error(&full), "input ends inside hashes at byte 3");
    }

    #[test]
    fn dense_lists_of_any_length_are_within_the_limit_of_their_bits() {
        // Fewer than two bytes each.
        let hashes: Vec<u32> = (0..300_000).collect();
        let bytes = written(&hashes);
        assert!(bytes.len() < 2 * hashes.len());
        assert_eq!(read_hashes(hashes.len(), "hashes", &mut Reader::new(&bytes)), Ok(hashes));
    }
}
