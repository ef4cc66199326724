//! Ascending lists of hashes in few bits: the distances between them, in Rice codes (1979).
//!
//! `n` hashes cut the 2^32 that there are into parts of about one size, so a distance needs as many bits
//! as that size has and about one and a half more, 20 for each of 10,000. Bits fill bytes from the
//! lowest on, and those left over in the last byte are 0.

use guildsync_wire::bytes::{DecodeError, Reader, Writer};

/// The field in errors.
const WHAT: &str = "short hashes";
/// No list of this length or a shorter one takes fewer bytes for each (a limit for counts).
const HASH_BYTES_MIN: usize = 2;

/// How many low bits of a distance are written as they are, in a list of `n`.
fn low_bits(n: usize) -> u32 {
    ((1 << 32) / (n as u64 + 1)).max(1).ilog2()
}

/// Writes how many hashes there are, and the hashes.
pub(super) fn write(hashes: &[u32], w: &mut Writer) {
    debug_assert!(hashes.is_sorted_by(|a, b| a < b), "short hashes ascend");
    w.varint(hashes.len() as u64);
    let k = low_bits(hashes.len());
    let (mut bits, mut next) = (Bits::default(), 0u64);
    for &hash in hashes {
        let distance = u64::from(hash).saturating_sub(next);
        for _ in 0..distance >> k {
            bits.add(0, 1, w);
        }
        bits.add(1, 1, w);
        bits.add(distance & ((1 << k) - 1), k, w);
        next = u64::from(hash) + 1;
    }
    bits.flush(w);
}

/// Reads at most `limit` hashes, each greater than the one before.
pub(super) fn read(limit: usize, r: &mut Reader<'_>) -> Result<Vec<u32>, DecodeError> {
    let n = r.count(limit, HASH_BYTES_MIN, WHAT)?;
    let k = low_bits(n);
    let (mut bits, mut next) = (Bits::default(), 0u64);
    let mut hashes = Vec::with_capacity(n);
    for _ in 0..n {
        let at = r.at();
        let beyond = |r: &Reader<'_>| r.invalid(WHAT, at, "a hash of more than 32 bits");
        let mut distance = 0u64;
        while bits.take(1, r)? == 0 {
            distance += 1 << k;
            if next + distance > u64::from(u32::MAX) {
                return Err(beyond(r));
            }
        }
        let hash = next + distance + bits.take(k, r)?;
        hashes.push(u32::try_from(hash).map_err(|_| beyond(r))?);
        next = hash + 1;
    }
    match bits.held {
        0 => Ok(hashes),
        _ => Err(r.invalid(WHAT, r.at().saturating_sub(1), "bits are set behind the last hash")),
    }
}

/// Bits on their way into bytes or out of them: fewer than 8 between two calls.
#[derive(Debug, Default)]
struct Bits {
    held: u64,
    len: u32,
}

impl Bits {
    /// Adds the low `n` bits, at most 32, of a value that has no others.
    fn add(&mut self, value: u64, n: u32, w: &mut Writer) {
        self.held |= value << self.len;
        self.len += n;
        while self.len >= 8 {
            w.u8(self.held as u8);
            self.held >>= 8;
            self.len -= 8;
        }
    }

    fn flush(self, w: &mut Writer) {
        if self.len > 0 {
            w.u8(self.held as u8);
        }
    }

    /// Takes `n` bits, at most 32.
    fn take(&mut self, n: u32, r: &mut Reader<'_>) -> Result<u64, DecodeError> {
        while self.len < n {
            self.held |= u64::from(r.u8(WHAT)?) << self.len;
            self.len += 8;
        }
        let taken = self.held & ((1 << n) - 1);
        self.held >>= n;
        self.len -= n;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn written(hashes: &[u32]) -> Vec<u8> {
        let mut w = Writer::new();
        write(hashes, &mut w);
        w.into_vec()
    }

    fn read_all(bytes: &[u8]) -> Result<Vec<u32>, DecodeError> {
        let mut r = Reader::new(bytes);
        let hashes = read(1 << 16, &mut r)?;
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
                prop_assert_eq!(read_all(&written(&hashes)), Ok(hashes));
            }
        }

        #[test]
        fn whatever_reads_was_written_so(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(hashes) = read_all(&bytes) {
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
}
