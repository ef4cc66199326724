//! Compressed text: a method byte and what it says follows, read back under a ceiling.
//!
//! | method byte | follows |
//! |---|---|
//! | 1 | the bytes as they are |
//! | 3 | the Huffman code of the addon library LibCompress ([`huffman`]); only read |
//! | 4 | a raw DEFLATE stream (RFC 1951) |
//!
//! 1 and 3 are that library's own method bytes, so that what TWRA compressed can be read from its
//! first byte on. The output never passes the ceiling that the reader names, nor does the memory for
//! it: a stream that wants more is refused where it does, whatever it claims.
//!
//! Decompress only what an accepted sender sent and a checksum covers: the ceiling bounds the
//! damage, it does not make the work free.
//!
//! ```
//! use guildsync_wire::compress::{CEILING, Method, pack, unpack};
//! let text = "Benediction, Benediction, Benediction, Benediction".as_bytes();
//! let packed = pack(Method::Deflate, text, CEILING)?;
//! assert!(packed.len() < text.len());
//! assert_eq!(unpack(&packed, CEILING)?, text);
//! # Ok::<(), guildsync_wire::compress::CompressError>(())
//! ```

use thiserror::Error;

mod deflate;
pub mod huffman;

/// Bytes of output that one compressed text may have where its reader has no reason for another
/// number: 512 KiB.
pub const CEILING: usize = 512 << 10;

/// How a text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Not at all.
    Stored,
    /// LibCompress's Huffman code. It is read and never written: DEFLATE is shorter.
    Huffman,
    /// DEFLATE.
    Deflate,
}

impl Method {
    /// The byte in front.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Stored => 1,
            Self::Huffman => 3,
            Self::Deflate => 4,
        }
    }
}

/// Why bytes were not decompressed, or not compressed. Offsets are bytes from the method byte.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CompressError {
    /// A first byte that is no method's. The upper two bits are LibCompress's filters, which are not
    /// read either.
    #[error("no compression has the method byte {byte:#04x}")]
    UnknownMethod {
        /// The byte.
        byte: u8,
    },
    /// The method is only read.
    #[error("{method:?} is read and not written")]
    ReadOnly {
        /// The method.
        method: Method,
    },
    /// More output than the ceiling, or more input than a reader with that ceiling would take.
    #[error("over {ceiling} bytes of text")]
    TooLarge {
        /// The ceiling in bytes.
        ceiling: usize,
    },
    /// The bytes end before the text does.
    #[error("the compressed text ends at byte {at}, before its end")]
    Truncated {
        /// The number of bytes there are.
        at: usize,
    },
    /// What no compressor writes.
    #[error("the compressed text is damaged near byte {at}: {why}")]
    Invalid {
        /// About where.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// Bytes behind the end of the text.
    #[error("{left} bytes are left over at byte {at}")]
    Trailing {
        /// How many.
        left: usize,
        /// Offset of the first.
        at: usize,
    },
}

/// Compresses `text` and puts the method byte in front; stored as it is where compressing does not
/// pay, so that the result is at most one byte longer than the text.
///
/// # Errors
/// A text over `ceiling` bytes, which nobody with that ceiling would read, and a method that is only
/// read.
pub fn pack(method: Method, text: &[u8], ceiling: usize) -> Result<Vec<u8>, CompressError> {
    if text.len() > ceiling {
        return Err(CompressError::TooLarge { ceiling });
    }
    let stream = match method {
        Method::Stored => None,
        Method::Huffman => return Err(CompressError::ReadOnly { method }),
        Method::Deflate => Some(deflate::compress(text)).filter(|s| s.len() < text.len()),
    };
    Ok(match stream {
        Some(stream) => [&[Method::Deflate.byte()], &stream[..]].concat(),
        None => [&[Method::Stored.byte()], text].concat(),
    })
}

/// Decompresses what [`pack`], or LibCompress's Huffman coder, wrote: `ceiling` bytes at most.
///
/// # Errors
/// As [`CompressError`] says; nothing of the text is given then.
pub fn unpack(packed: &[u8], ceiling: usize) -> Result<Vec<u8>, CompressError> {
    let (&byte, stream) = packed.split_first().ok_or(CompressError::Truncated { at: 0 })?;
    let methods = [Method::Stored, Method::Huffman, Method::Deflate];
    match methods.into_iter().find(|method| method.byte() == byte) {
        None => Err(CompressError::UnknownMethod { byte }),
        Some(Method::Stored) if stream.len() > ceiling => Err(CompressError::TooLarge { ceiling }),
        Some(Method::Stored) => Ok(stream.to_vec()),
        Some(Method::Huffman) => huffman::decompress(packed, ceiling),
        Some(Method::Deflate) => deflate::decompress(packed, ceiling),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn any_text() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![any::<Vec<u8>>(), vec(0..3u8, 0..2000), Just(vec![7; 4096])]
    }

    proptest! {
        #[test]
        fn what_is_packed_unpacks_equal_and_is_at_most_a_byte_longer(
            text in any_text(),
            method in proptest::sample::select(&[Method::Stored, Method::Deflate][..]),
        ) {
            let packed = pack(method, &text, text.len()).unwrap();
            prop_assert!(packed.len() <= text.len() + 1);
            prop_assert_eq!(unpack(&packed, text.len()).unwrap(), text);
        }

        #[test]
        fn the_ceiling_holds_to_the_byte(text in any_text(), below in 1..10usize) {
            prop_assume!(text.len() >= below);
            let packed = pack(Method::Deflate, &text, CEILING).unwrap();
            let ceiling = text.len() - below;
            let too_large = CompressError::TooLarge { ceiling };
            prop_assert_eq!(unpack(&packed, ceiling).unwrap_err(), too_large.clone());
            prop_assert_eq!(pack(Method::Deflate, &text, ceiling).unwrap_err(), too_large);
        }

        #[test]
        fn any_bytes_unpack_under_the_ceiling_or_are_refused(
            method in prop_oneof![Just(1), Just(3), Just(4), any::<u8>()],
            mut bytes: Vec<u8>,
        ) {
            bytes.insert(0, method);
            if let Ok(text) = unpack(&bytes, 300) {
                prop_assert!(text.len() <= 300);
            }
        }

        #[test]
        fn every_cut_and_every_extra_byte_is_refused(text in vec(0..3u8, 200..400)) {
            let packed = pack(Method::Deflate, &text, CEILING).unwrap();
            prop_assert_eq!(packed[0], 4);
            for cut in 1..packed.len() {
                let error = unpack(&packed[..cut], CEILING).unwrap_err();
                prop_assert_eq!(error, CompressError::Truncated { at: cut });
            }
            let longer = [&packed[..], &[0]].concat();
            let error = unpack(&longer, CEILING).unwrap_err();
            prop_assert_eq!(error, CompressError::Trailing { left: 1, at: packed.len() });
        }
    }

    #[test]
    fn what_has_no_method_is_refused() {
        let error = |bytes: &[u8]| unpack(bytes, CEILING).unwrap_err().to_string();
        assert_eq!(error(&[]), "the compressed text ends at byte 0, before its end");
        for byte in [0, 2, 5, 0x43, 0x83, 0xf1] {
            let message = format!("no compression has the method byte {byte:#04x}");
            assert_eq!(error(&[byte, 1, 2]), message);
        }
        let refused = pack(Method::Huffman, b"text", CEILING).unwrap_err();
        assert_eq!(refused.to_string(), "Huffman is read and not written");
    }
}
