//! Lists of numbers of about one size, in bits: exponential Golomb codes (Teuhola, 1978).
//!
//! A number below 2^k takes k + 1 bits, and two more each time it has doubled. Ten last entries of
//! about 100,000 are 24 bytes so, as varints 30. Bits fill bytes from the lowest on, and those that are
//! left over in the last byte are 0.

use guildsync_wire::bytes::{DecodeError, Reader, Writer};

/// The highest k.
const K_MAX: u32 = 31;
/// How many bits tell k.
const K_BITS: u32 = 5;

/// Gathers bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// How many bits of the last byte are taken; 0: all.
    taken: u32,
}

impl BitWriter {
    /// The low `n` bits of a value, the lowest first.
    fn bits(&mut self, value: u64, n: u32) {
        for place in 0..n {
            if self.taken == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> place & 1) as u8) << self.taken;
            }
            self.taken = (self.taken + 1) % 8;
        }
    }

    /// A number with a k that the reader knows: zeros that say how many bits its high part has, that
    /// part from its highest bit on, and the k low bits.
    pub(super) fn number(&mut self, value: u64, k: u32) {
        let high = u128::from(value >> k) + 1;
        let len = high.ilog2();
        self.bits(0, len);
        // The highest bit of all ends the zeros.
        self.bits(1, 1);
        self.bits((high ^ 1 << len) as u64, len);
        self.bits(value, k);
    }

    /// Numbers with the k that suits them best, which is told.
    pub(super) fn numbers(&mut self, values: &[u64]) {
        let k = best_k(values);
        self.bits(k.into(), K_BITS);
        values.iter().for_each(|&value| self.number(value, k));
    }

    pub(super) fn finish(self, w: &mut Writer) {
        w.raw(&self.bytes);
    }
}

/// The lowest k with which values take the fewest bits.
fn best_k(values: &[u64]) -> u32 {
    let cost = |k: u32| -> u64 {
        let bits = |value: u64| 2 * (u128::from(value >> k) + 1).ilog2() + 1 + k;
        values.iter().map(|&value| u64::from(bits(value))).sum()
    };
    (0..=K_MAX).min_by_key(|&k| cost(k)).unwrap_or(0)
}

/// Takes bits from a reader, byte by byte.
#[derive(Debug)]
pub(super) struct BitReader<'r, 'a> {
    r: &'r mut Reader<'a>,
    what: &'static str,
    byte: u8,
    left: u32,
}

impl<'r, 'a> BitReader<'r, 'a> {
    pub(super) fn new(r: &'r mut Reader<'a>, what: &'static str) -> Self {
        Self { r, what, byte: 0, left: 0 }
    }

    fn bits(&mut self, n: u32) -> Result<u64, DecodeError> {
        let mut value = 0;
        for place in 0..n {
            if self.left == 0 {
                (self.byte, self.left) = (self.r.u8(self.what)?, 8);
            }
            value |= u64::from(self.byte & 1) << place;
            self.byte >>= 1;
            self.left -= 1;
        }
        Ok(value)
    }

    pub(super) fn number(&mut self, k: u32) -> Result<u64, DecodeError> {
        let mut len = 0;
        while self.bits(1)? == 0 {
            len += 1;
            if len > u64::BITS - k {
                return Err(self.invalid("a number beyond 64 bits"));
            }
        }
        let high = (1u128 << len | u128::from(self.bits(len)?)) - 1;
        let value = high << k | u128::from(self.bits(k)?);
        u64::try_from(value).map_err(|_| self.invalid("a number beyond 64 bits"))
    }

    /// So many numbers, with the k that is told.
    pub(super) fn numbers(&mut self, n: usize) -> Result<Vec<u64>, DecodeError> {
        let k = self.bits(K_BITS)? as u32;
        let mut values = Vec::with_capacity(n);
        for _ in 0..n {
            values.push(self.number(k)?);
        }
        match best_k(&values) == k {
            true => Ok(values),
            false => Err(self.invalid("not in their shortest form")),
        }
    }

    /// Leaves the rest of the last byte, which must be empty.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        match self.byte {
            0 => Ok(()),
            _ => Err(self.invalid("bits are set behind the last number")),
        }
    }

    fn invalid(&self, why: &str) -> DecodeError {
        self.r.invalid(self.what, self.r.at().saturating_sub(1), why)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(values: &[u64]) -> Vec<u8> {
        let (mut bits, mut w) = (BitWriter::default(), Writer::new());
        bits.numbers(values);
        bits.finish(&mut w);
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

    proptest! {
        #[test]
        fn numbers_of_any_size_read_back(
            values in proptest::collection::vec((any::<u64>(), 0u32..64).prop_map(|(v, s)| v >> s), 0..40),
        ) {
            prop_assert_eq!(read(&written(&values), values.len()), Ok(values));
        }

        #[test]
        fn whatever_reads_was_written_so(bytes in proptest::collection::vec(any::<u8>(), 0..24), n in 0usize..6) {
            if let Ok(values) = read(&bytes, n) {
                prop_assert_eq!(written(&values), bytes);
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
}
