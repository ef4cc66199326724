//! The check against damage in transit: CRC-32, whole or its low 24 bits.
//!
//! It finds accidents: a frame cut at the channel's limit, a byte that an encoding mangled, chunks of
//! two transfers in one message, text of another addon under the same prefix. It is no proof of who
//! wrote something; seals are.
//!
//! A single frame has room for 4 bytes in all, and the header takes one, so its check has 24 bits.
//! With 16 the frame would be one byte shorter, and that byte saves a message only when the payload
//! has exactly the one length that then fits, once in some 250 sizes; damage would pass 256 times as
//! often, and some changes of two bits would always. With 24 no change of one byte and none of two bits
//! passes in a frame of 255 bytes, which a test goes through one by one.

/// How frames are protected.
///
/// | | single frame | first chunk | further chunk |
/// |---|---|---|---|
/// | `PerTransfer` | 4 | 10 | 6 |
/// | `PerChunk` | 4 | 13 | 9 |
/// | `None` | 1 | 6 | 6 |
///
/// Bytes of overhead, besides the alphabet's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Checksum {
    /// A message of one frame carries 24 bits over the frame; the first chunk of a longer one
    /// carries 32 bits over the whole message.
    #[default]
    PerTransfer,
    /// As `PerTransfer`, and every chunk carries 24 bits over its own frame as well: damage is found
    /// when it arrives and costs one chunk, not the message.
    PerChunk,
    /// Nothing but the lengths. Two transfers that share an id and a length can then be mixed: for
    /// channels that neither damage nor reuse. A receiver takes such messages only when it is set so.
    None,
}

/// CRC-32 (IEEE 802.3, as in zip and PNG) over `parts` one after the other.
#[must_use]
pub fn crc32(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

/// The low 24 bits of [`crc32`], lowest byte first.
#[must_use]
pub fn crc24(parts: &[&[u8]]) -> [u8; 3] {
    let [a, b, c, _] = crc32(parts).to_le_bytes();
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_standard_check_value() {
        assert_eq!(crc32(&[b"123456789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xcbf4_3926);
        assert_eq!(crc24(&[b"123456789"]), [0x26, 0x39, 0xf4]);
    }

    /// CRC is linear: what a change does to the check depends on the change alone. So 24 bits find
    /// every change of one byte when none of them gives 0, and every change of two bits when no two
    /// single bits give the same.
    #[test]
    fn in_255_bytes_every_changed_byte_and_every_two_changed_bits_are_found() {
        let mut frame = [0u8; 255];
        let untouched = crc24(&[&frame]);
        let mut of_one_bit = BTreeSet::new();
        for at in 0..frame.len() {
            for change in 1..=255u8 {
                frame[at] = change;
                let check = crc24(&[&frame]);
                assert_ne!(check, untouched, "byte {at} changed by {change:#04x}");
                if change.is_power_of_two() {
                    assert!(of_one_bit.insert(check), "byte {at} changed by {change:#04x}");
                }
            }
            frame[at] = 0;
        }
    }
}
