//! Which byte values a channel carries, and how any bytes are written with those alone.
//!
//! An alphabet is applied to one frame as a whole, after framing, and undone before anything else is
//! looked at. Each alphabet's cost depends on the length only, never on the content, so that a frame
//! can be filled to its limit exactly:
//!
//! | alphabet | bytes on the channel | cost |
//! |---|---|---|
//! | [`Alphabet::Bytes`] | all 256 | nothing |
//! | [`Alphabet::NoNul`] | 1 to 255 | 1 byte for each begun block of 254 |
//! | [`Alphabet::Printable`] | `!` to `~` | 11 characters for 9 bytes, 22.2 % |

mod no_nul;
mod printable;

use thiserror::Error;

/// The byte values that a channel carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Alphabet {
    /// Every value: what was given goes as it is.
    Bytes,
    /// Every value but 0: WoW's addon channel, where a NUL ends the text.
    #[default]
    NoNul,
    /// The 94 printable ASCII characters without the space: chat lines, e-mail, copy and paste.
    Printable,
}

/// Why bytes from a channel are not what this alphabet writes. Offsets are bytes from their start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlphabetError {
    /// A value that the alphabet does not have.
    #[error("byte {byte:#04x} at {at} is outside the alphabet")]
    Forbidden {
        /// Offset of the byte.
        at: usize,
        /// The byte.
        byte: u8,
    },
    /// The last block is of a length that no payload has.
    #[error("the block at byte {at} has an impossible length of {len}")]
    Length {
        /// Offset of the block.
        at: usize,
        /// Its bytes.
        len: usize,
    },
    /// A printable block's digits stand for more than its bytes can hold.
    #[error("the block at byte {at} is out of range")]
    Overflow {
        /// Offset of the block.
        at: usize,
    },
}

impl Alphabet {
    /// Appends `payload` to `encoded`, in this alphabet's bytes only.
    ///
    /// ```
    /// use guildsync_wire::alphabet::Alphabet;
    /// let mut encoded = Vec::new();
    /// Alphabet::NoNul.encode(&[0, 5, 0], &mut encoded);
    /// assert_eq!(encoded, [1, 1, 4, 1]);
    /// ```
    pub fn encode(self, payload: &[u8], encoded: &mut Vec<u8>) {
        let start = encoded.len();
        match self {
            Self::Bytes => encoded.extend_from_slice(payload),
            Self::NoNul => {
                encoded.resize(start + self.encoded_len(payload.len()), 0);
                no_nul::encode(payload, &mut encoded[start..]);
            }
            Self::Printable => {
                encoded.resize(start + self.encoded_len(payload.len()), 0);
                printable::encode(payload, &mut encoded[start..]);
            }
        }
    }

    /// Appends what [`Alphabet::encode`] was given to `payload`; on an error `payload` is as it was.
    ///
    /// # Errors
    /// Bytes that [`Alphabet::encode`] never writes. With [`Alphabet::Printable`] exactly one text
    /// stands for a payload; with [`Alphabet::NoNul`] any absent key does.
    pub fn decode(self, encoded: &[u8], payload: &mut Vec<u8>) -> Result<(), AlphabetError> {
        let start = payload.len();
        let decoded = match self {
            Self::Bytes => {
                payload.extend_from_slice(encoded);
                Ok(())
            }
            Self::NoNul => no_nul::decode(encoded, payload),
            Self::Printable => printable::decode(encoded, payload),
        };
        if decoded.is_err() {
            payload.truncate(start);
        }
        decoded
    }

    /// Replaces the payload that is `frame` by its encoding, within the same buffer.
    pub fn encode_in_place(self, frame: &mut Vec<u8>) {
        let (payload, encoded) = (frame.len(), self.encoded_len(frame.len()));
        match self {
            Self::Bytes => {}
            Self::NoNul if payload <= no_nul::BLOCK_BYTES => no_nul::encode_one_block(frame),
            Self::NoNul | Self::Printable => {
                // The encoding goes behind the payload and then takes its place.
                frame.resize(payload + encoded, 0);
                let (from, to) = frame.split_at_mut(payload);
                match self {
                    Self::NoNul => no_nul::encode(from, to),
                    _ => printable::encode(from, to),
                }
                frame.copy_within(payload.., 0);
                frame.truncate(encoded);
            }
        }
    }

    /// Bytes on the channel for `payload` bytes.
    #[must_use]
    pub fn encoded_len(self, payload: usize) -> usize {
        match self {
            Self::Bytes => payload,
            Self::NoNul => payload + payload.div_ceil(no_nul::BLOCK_BYTES),
            Self::Printable => {
                payload / printable::BYTES * printable::DIGITS
                    + printable::DIGITS_FOR[payload % printable::BYTES]
            }
        }
    }

    /// The most payload bytes that fit `encoded` bytes on the channel.
    #[must_use]
    pub fn capacity(self, encoded: usize) -> usize {
        match self {
            Self::Bytes => encoded,
            Self::NoNul => encoded - encoded.div_ceil(no_nul::BLOCK_BYTES + 1),
            Self::Printable => {
                encoded / printable::DIGITS * printable::BYTES
                    + printable::BYTES_IN[encoded % printable::DIGITS]
            }
        }
    }

    /// Whether a channel of this alphabet carries `byte`.
    #[must_use]
    pub fn allows(self, byte: u8) -> bool {
        match self {
            Self::Bytes => true,
            Self::NoNul => byte != 0,
            Self::Printable => byte.is_ascii_graphic(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const ALL: [Alphabet; 3] = [Alphabet::Bytes, Alphabet::NoNul, Alphabet::Printable];

    fn alphabet() -> impl Strategy<Value = Alphabet> {
        proptest::sample::select(&ALL[..])
    }

    /// Any bytes, and bytes whose blocks use nearly every value.
    fn payload() -> impl Strategy<Value = Vec<u8>> {
        let crowded = (0u8..=255, 0usize..600)
            .prop_map(|(from, len)| (0..len).map(|n| from.wrapping_add(n as u8)).collect());
        prop_oneof![vec(any::<u8>(), 0..700), vec(0u8..4, 0..700), crowded]
    }

    fn encoded(alphabet: Alphabet, payload: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        alphabet.encode(payload, &mut encoded);
        encoded
    }

    fn decoded(alphabet: Alphabet, encoded: &[u8]) -> Result<Vec<u8>, AlphabetError> {
        let mut payload = Vec::new();
        alphabet.decode(encoded, &mut payload).map(|()| payload)
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes_and_holds_only_allowed_bytes(
            alphabet in alphabet(),
            payload in payload(),
            before in vec(any::<u8>(), 0..9),
        ) {
            let mut buffer = before.clone();
            alphabet.encode(&payload, &mut buffer);
            let frame = &buffer[before.len()..];
            prop_assert_eq!(&buffer[..before.len()], &before[..]);
            prop_assert_eq!(frame.len(), alphabet.encoded_len(payload.len()));
            prop_assert!(frame.iter().all(|&byte| alphabet.allows(byte)));
            let mut out = before.clone();
            alphabet.decode(frame, &mut out).unwrap();
            prop_assert_eq!(&out[..before.len()], &before[..]);
            prop_assert_eq!(&out[before.len()..], &payload[..]);
            let mut in_place = payload;
            alphabet.encode_in_place(&mut in_place);
            prop_assert_eq!(&in_place[..], frame);
        }

        #[test]
        fn any_bytes_decode_or_are_an_error_that_changes_nothing(
            alphabet in alphabet(),
            bytes in prop_oneof![vec(any::<u8>(), 0..600), vec(0x21u8..0x7f, 0..60)],
        ) {
            let mut out = vec![7];
            if alphabet.decode(&bytes, &mut out).is_err() {
                prop_assert_eq!(&out[..], &[7]);
            } else if alphabet == Alphabet::Printable {
                // One text for each payload: no second one may pass for it.
                prop_assert_eq!(encoded(alphabet, &out[1..]), bytes);
            } else {
                prop_assert_eq!(alphabet.encoded_len(out.len() - 1), bytes.len());
            }
        }
    }

    #[test]
    fn capacity_is_the_exact_inverse_of_the_encoded_length() {
        for alphabet in ALL {
            for n in 0..3_000 {
                let payload = alphabet.capacity(n);
                assert!(alphabet.encoded_len(payload) <= n, "{alphabet:?} {n}");
                assert!(alphabet.encoded_len(payload + 1) > n, "{alphabet:?} {n}");
            }
        }
        let in_255 = ALL.map(|alphabet| alphabet.capacity(255));
        assert_eq!(in_255, [255, 254, 208]);
    }

    #[test]
    fn no_nul_refuses_what_it_never_writes() {
        let error = |bytes: &[u8]| decoded(Alphabet::NoNul, bytes).unwrap_err();
        assert_eq!(error(&[0, 5]), AlphabetError::Forbidden { at: 0, byte: 0 });
        assert_eq!(error(&[7, 5, 0]), AlphabetError::Forbidden { at: 2, byte: 0 });
        assert_eq!(error(&[7]), AlphabetError::Length { at: 0, len: 1 });
        let mut whole = encoded(Alphabet::NoNul, &[9; 254]);
        whole.push(1);
        assert_eq!(error(&whole), AlphabetError::Length { at: 255, len: 1 });
        whole.push(0);
        assert_eq!(error(&whole), AlphabetError::Forbidden { at: 256, byte: 0 });
    }

    #[test]
    fn printable_refuses_bad_characters_lengths_and_values() {
        let error = |text: &str| decoded(Alphabet::Printable, text.as_bytes()).unwrap_err();
        assert_eq!(error("!!! !"), AlphabetError::Forbidden { at: 3, byte: b' ' });
        assert_eq!(error("!!\u{7f}"), AlphabetError::Forbidden { at: 2, byte: 0x7f });
        assert_eq!(error("!"), AlphabetError::Length { at: 0, len: 1 });
        assert_eq!(error("!!!!!!!!!!!!!!!!!"), AlphabetError::Length { at: 11, len: 6 });
        assert_eq!(error("~~"), AlphabetError::Overflow { at: 0 });
        assert_eq!(error("!!!!!!!!!!!~~~~~~~~~~~"), AlphabetError::Overflow { at: 11 });
    }

    #[test]
    fn a_block_holds_its_largest_value_and_not_one_more() {
        for len in 1..=9usize {
            let mut text = encoded(Alphabet::Printable, &vec![0xff; len]);
            assert_eq!(decoded(Alphabet::Printable, &text).unwrap(), vec![0xff; len]);
            let last = text.iter().rposition(|&c| c < b'~').unwrap();
            text[last] += 1;
            text[last + 1..].fill(b'!');
            let error = decoded(Alphabet::Printable, &text).unwrap_err();
            assert_eq!(error, AlphabetError::Overflow { at: 0 }, "{len}");
        }
    }

    #[test]
    fn the_key_is_the_smallest_absent_value() {
        for absent in 1..=255u8 {
            let payload: Vec<u8> = (0..=255).filter(|&value| value != absent).collect();
            // 255 values in a block of 254: the first block lacks the last of them as well.
            let key = encoded(Alphabet::NoNul, &payload)[0];
            assert_eq!(key, absent.min(*payload.last().unwrap()));
        }
        assert_eq!(encoded(Alphabet::NoNul, &[0; 3]), [1, 1, 1, 1]);
        assert_eq!(encoded(Alphabet::NoNul, &[3, 1, 2]), [4, 7, 5, 6]);
    }
}
