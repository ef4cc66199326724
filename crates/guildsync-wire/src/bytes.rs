//! Bounded reading and writing of bytes: varints, zigzag, length-prefixed strings.
//!
//! A [`Reader`] never allocates for a length that the input does not hold, and names the offset and
//! the field in every error. Integers are LEB128 varints in their shortest form only, so that equal
//! values have equal bytes: hashes are taken over what a [`Writer`] wrote.

use thiserror::Error;

/// What was wrong with bytes that should have decoded, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input ended inside a field.
    #[error("input ends inside {what} at byte {at}")]
    Truncated {
        /// The field being read.
        what: &'static str,
        /// Offset of the field's first byte.
        at: usize,
    },
    /// A field holds a value that its format does not allow.
    #[error("{what} at byte {at} is not valid: {why}")]
    Invalid {
        /// The field being read.
        what: &'static str,
        /// Offset of the field's first byte.
        at: usize,
        /// The rule it breaks.
        why: String,
    },
    /// Bytes were left over after the last field.
    #[error("{left} bytes are left over at byte {at}")]
    Trailing {
        /// How many.
        left: usize,
        /// Offset of the first of them.
        at: usize,
    },
}

/// A signed number as an unsigned one: 0, -1, 1, -2, 2, ...
#[must_use]
pub fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// What [`zigzag`] did, undone.
#[must_use]
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// As [`Writer::varint`], for inner loops that write to a vector of their own.
pub(crate) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends fields to a byte buffer.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl From<Vec<u8>> for Writer {
    /// Goes on behind what is there.
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl Writer {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Appends an unsigned varint: 7 bits a byte, low bits first, 1 to 10 bytes.
    pub fn varint(&mut self, value: u64) {
        write_varint(&mut self.bytes, value);
    }

    /// Appends a signed varint (zigzag: small magnitudes are short).
    pub fn zigzag(&mut self, value: i64) {
        self.varint(zigzag(value));
    }

    /// Appends bytes as they are; the reader has to know how many.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends bytes behind their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.raw(bytes);
    }

    /// Appends text behind its length in bytes.
    pub fn str(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Bytes written so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what was written and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The buffer itself.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes fields from the front of a byte slice.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Offset of the next unread byte.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Bytes not read yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Takes one byte.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the input.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        Ok(self.raw(1, what)?[0])
    }

    /// Takes an unsigned varint.
    ///
    /// # Errors
    /// Truncated, longer than 64 bits, or not in its shortest form.
    pub fn varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        let at = self.at;
        let mut value = 0u64;
        for shift in (0..).step_by(7) {
            let byte = self.u8(what).map_err(|_| DecodeError::Truncated { what, at })?;
            if shift == 63 && byte > 1 || shift > 63 {
                return Err(invalid(what, at, "a varint over 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                if byte == 0 && shift > 0 {
                    return Err(invalid(what, at, "a varint longer than its shortest form"));
                }
                break;
            }
        }
        Ok(value)
    }

    /// Takes a signed varint.
    ///
    /// # Errors
    /// As [`Reader::varint`].
    pub fn zigzag(&mut self, what: &'static str) -> Result<i64, DecodeError> {
        Ok(unzigzag(self.varint(what)?))
    }

    /// Takes `len` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when fewer are left.
    pub fn raw(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        if len > self.left() {
            return Err(DecodeError::Truncated { what, at: self.at });
        }
        let taken = &self.bytes[self.at..self.at + len];
        self.at += len;
        Ok(taken)
    }

    /// Takes everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    /// Takes `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when fewer are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.raw(N, what)?);
        Ok(array)
    }

    /// Takes length-prefixed bytes, at most `limit` of them.
    ///
    /// # Errors
    /// Truncated, or a length over `limit`.
    pub fn bytes(&mut self, limit: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let at = self.at;
        let len = self.varint(what)?;
        if len > limit as u64 {
            return Err(invalid(what, at, &format!("{len} bytes, the limit is {limit}")));
        }
        self.raw(len as usize, what)
    }

    /// Takes length-prefixed UTF-8 text of at most `limit` bytes.
    ///
    /// # Errors
    /// Truncated, too long, or not UTF-8.
    pub fn str(&mut self, limit: usize, what: &'static str) -> Result<&'a str, DecodeError> {
        let at = self.at;
        std::str::from_utf8(self.bytes(limit, what)?).map_err(|_| invalid(what, at, "not UTF-8"))
    }

    /// Takes a count of items that each need at least `item_bytes_min` bytes, so that a claimed
    /// count can never make the caller reserve more than the input could hold.
    ///
    /// # Errors
    /// Truncated, over `limit`, or more items than the rest of the input has room for.
    pub fn count(
        &mut self,
        limit: usize,
        item_bytes_min: usize,
        what: &'static str,
    ) -> Result<usize, DecodeError> {
        let at = self.at;
        let count = self.varint(what)?;
        if count > limit as u64 {
            return Err(invalid(what, at, &format!("{count} items, the limit is {limit}")));
        }
        if count > (self.left() / item_bytes_min.max(1)) as u64 {
            return Err(DecodeError::Truncated { what, at });
        }
        Ok(count as usize)
    }

    /// Says that everything has been read.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] when it has not.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.left() {
            0 => Ok(()),
            left => Err(DecodeError::Trailing { left, at: self.at }),
        }
    }

    /// An [`DecodeError::Invalid`] for a field that began at `at`.
    #[must_use]
    pub fn invalid(&self, what: &'static str, at: usize, why: &str) -> DecodeError {
        invalid(what, at, why)
    }
}

fn invalid(what: &'static str, at: usize, why: &str) -> DecodeError {
    DecodeError::Invalid { what, at, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_a_writer_wrote_a_reader_reads(a: u64, b: i64, text in ".{0,40}", rest: Vec<u8>) {
            let mut w = Writer::new();
            w.varint(a);
            w.zigzag(b);
            w.str(&text);
            w.bytes(&rest);
            let bytes = w.into_vec();
            let mut r = Reader::new(&bytes);
            prop_assert_eq!(r.varint("a").unwrap(), a);
            prop_assert_eq!(r.zigzag("b").unwrap(), b);
            prop_assert_eq!(r.str(200, "text").unwrap(), text);
            prop_assert_eq!(r.bytes(usize::MAX, "rest").unwrap(), &rest[..]);
            r.finish().unwrap();
        }

        #[test]
        fn zigzag_is_undone(value: i64) {
            prop_assert_eq!(unzigzag(zigzag(value)), value);
        }

        #[test]
        fn any_bytes_read_as_a_varint_or_an_error_and_write_back_the_same(bytes: Vec<u8>) {
            let mut r = Reader::new(&bytes);
            if let Ok(value) = r.varint("value") {
                let mut w = Writer::new();
                w.varint(value);
                prop_assert_eq!(w.as_slice(), &bytes[..r.at()]);
            }
        }
    }

    #[test]
    fn a_length_of_2_to_the_63_allocates_nothing() {
        let mut w = Writer::new();
        w.varint(1 << 63);
        let bytes = w.into_vec();
        assert!(Reader::new(&bytes).bytes(usize::MAX, "blob").is_err());
        assert!(Reader::new(&bytes).count(usize::MAX, 1, "rows").is_err());
    }

    #[test]
    fn errors_name_the_field_and_the_offset() {
        let mut r = Reader::new(&[1, 5, b'a']);
        r.u8("kind").unwrap();
        assert_eq!(
            r.str(9, "reason").unwrap_err().to_string(),
            "input ends inside reason at byte 2"
        );
        let long = [0x80, 0x00];
        let message = Reader::new(&long).varint("seq").unwrap_err().to_string();
        assert_eq!(message, "seq at byte 0 is not valid: a varint longer than its shortest form");
    }
}
