//! Numbers of about one size, in bits: exponential Golomb codes (Teuhola, 1978), and ascending hashes
//! by their distances: Rice codes (1979).
//!
//! A number below 2^k takes k + 1 bits, and two more each time it has doubled. Ten last entries of
//! about 100,000 are 24 bytes so, as varints 30. Bits fill bytes from the lowest on, and those that are
//! left over in the last byte are 0.
//!
//! ```
//! use guildsync_wire::bits::{BitReader, BitWriter};
//! use guildsync_wire::bytes::{Reader, Writer};
//!
//! let lasts = [90_000, 94_000, 98_000, 102_000];
//! let mut w = Writer::new();
//! let mut bits = BitWriter::new(&mut w);
//! bits.numbers(&lasts);
//! bits.finish();
//! assert_eq!(w.as_slice().len(), 10);
//!
//! let mut r = Reader::new(w.as_slice());
//! let mut bits = BitReader::new(&mut r, "last entries");
//! assert_eq!(bits.numbers(4)?, lasts);
//! bits.finish()?;
//! r.finish()?;
//! # Ok::<(), guildsync_wire::bytes::DecodeError>(())
//! ```

use crate::bytes::{DecodeError, Reader, Writer};

mod hashes;
#[cfg(test)]
mod tests;

pub use hashes::{read_hashes, write_hashes};

/// The highest k that [`BitWriter::numbers`] chooses.
const K_MAX: u32 = 31;
/// How many bits tell that k.
const K_BITS: u32 = 5;

/// About how many bits a distance has between two neighbours of `n` numbers that are spread over all
/// that have `bits` bits (at most 63): the k that suits their distances.
///
/// ```
/// assert_eq!(guildsync_wire::bits::distance_bits(24, 255), 16);
/// ```
#[must_use]
pub fn distance_bits(bits: u32, n: usize) -> u32 {
    ((1 << bits) / (n as u64).saturating_add(1)).max(1).ilog2()
}

/// Appends bits to a [`Writer`], whole bytes at a time.
#[derive(Debug)]
#[must_use = "the last bits are written by `finish`"]
pub struct BitWriter<'w> {
    w: &'w mut Writer,
    /// What is not a whole byte yet.
    held: u8,
    /// How many bits of it are taken: fewer than 8.
    len: u32,
}

impl<'w> BitWriter<'w> {
    /// Begins in a byte of its own.
    pub fn new(w: &'w mut Writer) -> Self {
        Self { w, held: 0, len: 0 }
    }

    /// Appends the low `n` bits of a value, at most 64, the lowest first.
    pub fn bits(&mut self, mut value: u64, mut n: u32) {
        while n > 0 {
            let taken = n.min(8 - self.len);
            self.held |= (value as u8 & low(taken)) << self.len;
            (value, n, self.len) = (value >> taken, n - taken, self.len + taken);
            if self.len == 8 {
                self.w.u8(self.held);
                (self.held, self.len) = (0, 0);
            }
        }
    }

    /// Appends a number with a k, at most 63, that the reader knows: zeros that say how many bits its
    /// high part has, that part, whose highest bit ends the zeros, and the k low bits.
    pub fn number(&mut self, value: u64, k: u32) {
        let high = u128::from(value >> k) + 1;
        let len = high.ilog2();
        self.bits(0, len);
        self.bits(1, 1);
        self.bits((high ^ 1 << len) as u64, len);
        self.bits(value, k);
    }

    /// Appends numbers with the k that suits them best, which is told.
    pub fn numbers(&mut self, values: &[u64]) {
        let k = best_k(values);
        self.bits(k.into(), K_BITS);
        values.iter().for_each(|&value| self.number(value, k));
    }

    /// Fills the last byte with zeros.
    pub fn finish(self) {
        if self.len > 0 {
            self.w.u8(self.held);
        }
    }
}

/// A byte whose low `n` bits, at most 8, are set.
fn low(n: u32) -> u8 {
    ((1u16 << n) - 1) as u8
}

/// The lowest k with which values take the fewest bits.
fn best_k(values: &[u64]) -> u32 {
    let cost = |k: u32| -> u64 {
        let bits = |value: u64| 2 * (u128::from(value >> k) + 1).ilog2() + 1 + k;
        values.iter().map(|&value| u64::from(bits(value))).sum()
    };
    (0..=K_MAX).min_by_key(|&k| cost(k)).unwrap_or(0)
}

/// Takes bits from a [`Reader`], whole bytes at a time, and no byte before it is needed.
#[derive(Debug)]
pub struct BitReader<'r, 'a> {
    r: &'r mut Reader<'a>,
    what: &'static str,
    /// What of a byte has not been taken.
    held: u8,
    /// How many bits that are.
    left: u32,
}

impl<'r, 'a> BitReader<'r, 'a> {
    /// Begins with the reader's next byte; `what` is the field in errors.
    #[must_use]
    pub fn new(r: &'r mut Reader<'a>, what: &'static str) -> Self {
        Self { r, what, held: 0, left: 0 }
    }

    /// Takes `n` bits, at most 64.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the input.
    pub fn bits(&mut self, n: u32) -> Result<u64, DecodeError> {
        let (mut value, mut place) = (0, 0);
        while place < n {
            if self.left == 0 {
                (self.held, self.left) = (self.r.u8(self.what)?, 8);
            }
            let taken = (n - place).min(self.left);
            value |= u64::from(self.held & low(taken)) << place;
            // Of eight bits that are taken none is left, which `>>` does not do.
            self.held = self.held.checked_shr(taken).unwrap_or(0);
            (place, self.left) = (place + taken, self.left - taken);
        }
        Ok(value)
    }

    /// Takes a number that [`BitWriter::number`] wrote with this k.
    ///
    /// # Errors
    /// Truncated, or a number beyond 64 bits.
    pub fn number(&mut self, k: u32) -> Result<u64, DecodeError> {
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

    /// Takes `n` numbers, with the k that is told. Room for them is made only where the input has the
    /// bits for as many.
    ///
    /// # Errors
    /// Truncated, a number beyond 64 bits, or another k than the one that suits them best.
    pub fn numbers(&mut self, n: usize) -> Result<Vec<u64>, DecodeError> {
        let k = self.bits(K_BITS)? as u32;
        let mut values = self.room(n, k + 1)?;
        for _ in 0..n {
            values.push(self.number(k)?);
        }
        match best_k(&values) == k {
            true => Ok(values),
            false => Err(self.invalid("not in their shortest form")),
        }
    }

    /// Leaves the rest of the last byte.
    ///
    /// # Errors
    /// Bits are set in it.
    pub fn finish(self) -> Result<(), DecodeError> {
        self.finish_behind("number")
    }

    fn finish_behind(self, last: &str) -> Result<(), DecodeError> {
        match self.held {
            0 => Ok(()),
            _ => Err(self.invalid(&format!("bits are set behind the last {last}"))),
        }
    }

    /// Room for `n` items, if the input has as many bits for each.
    fn room<T>(&self, n: usize, bits_min: u32) -> Result<Vec<T>, DecodeError> {
        let left = self.r.left() as u128 * 8 + u128::from(self.left);
        match n as u128 * u128::from(bits_min) <= left {
            true => Ok(Vec::with_capacity(n)),
            false => Err(DecodeError::Truncated { what: self.what, at: self.r.at() }),
        }
    }

    fn invalid(&self, why: &str) -> DecodeError {
        self.r.invalid(self.what, self.r.at().saturating_sub(1), why)
    }
}
