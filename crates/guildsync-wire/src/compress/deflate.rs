//! DEFLATE with a bound on the output, over `miniz_oxide`.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress as inflate, inflate_flags};

use super::CompressError;

/// Slower than the usual 6 and a little shorter: a byte on the channel costs more than a
/// microsecond.
const LEVEL: u8 = 9;

/// The raw stream, without a method byte.
pub(super) fn compress(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, LEVEL)
}

/// The text of a stream behind its method byte. Memory is the decoder's own tables, and at most twice
/// the ceiling, while the text moves to a larger place.
pub(super) fn decompress(packed: &[u8], ceiling: usize) -> Result<Vec<u8>, CompressError> {
    let stream = packed.get(1..).unwrap_or_default();
    // One byte more than allowed, so that a text of exactly the ceiling is told from a longer one.
    let room_max = ceiling.saturating_add(1);
    let mut state = Box::<DecompressorOxide>::default();
    let mut text = vec![0; stream.len().saturating_mul(4).clamp(64, 64 << 10).min(room_max)];
    let (mut read, mut written) = (0, 0);
    loop {
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, more_read, more_written) =
            inflate(&mut state, &stream[read..], &mut text, written, flags);
        read += more_read;
        written += more_written;
        if written > ceiling {
            return Err(CompressError::TooLarge { ceiling });
        }
        let at = read + 1;
        match status {
            TINFLStatus::Done if read < stream.len() => {
                return Err(CompressError::Trailing { left: stream.len() - read, at });
            }
            TINFLStatus::Done => {
                text.truncate(written);
                return Ok(text);
            }
            TINFLStatus::HasMoreOutput if text.len() < room_max => {
                let room = text.len().saturating_mul(2).min(room_max);
                text.reserve_exact(room - text.len());
                text.resize(room, 0);
            }
            TINFLStatus::HasMoreOutput => return Err(CompressError::TooLarge { ceiling }),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                return Err(CompressError::Truncated { at: packed.len() });
            }
            _ => return Err(CompressError::Invalid { at, why: "no DEFLATE stream" }),
        }
    }
}
