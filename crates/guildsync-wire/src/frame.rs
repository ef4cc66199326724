//! What one channel message is: a header, and a piece of a message or a request for pieces.
//!
//! All numbers are little-endian. The first byte is the format version (high four bits, now 1) and
//! the kind (low four); as it is never 1 to 9, AceComm's markers cannot be mistaken for it.
//!
//! | kind | frame | after the first byte |
//! |---|---|---|
//! | 0 | whole message | check 3, payload |
//! | 1 | whole message, unchecked | payload |
//! | 2 | first chunk | transfer 2, total - 1 3, checksum of the message 4, payload |
//! | 3 | first chunk, checked | transfer 2, total - 1 3, checksum of the message 4, check 3, payload |
//! | 4 | first chunk of an unchecked message | transfer 2, total - 1 3, payload |
//! | 5 | further chunk | transfer 2, offset 3, payload |
//! | 6 | further chunk, checked | transfer 2, offset 3, check 3, payload |
//! | 7 | request for all that is missing | transfer 2, check 3, ranges |
//! | 8 | request for the first part of it | transfer 2, check 3, ranges |
//! | 9 | relayed further chunk | transfer 2, offset 3, payload |
//! | 10 | relayed first chunk | transfer 2, total - 1 3, checksum of the message 4, payload |
//! | 11 to 15 | reserved | |
//!
//! The highest bit of a transfer's number says that it goes to the whole group ([`GROUP`]): so every
//! chunk of it, and every request for one, tells whom to ask and who may answer. A relayed chunk is a
//! piece of somebody else's transfer to the group, from a member that holds it.
//!
//! A check covers every other byte of its frame. A chunk says where in the message it belongs, not
//! which one it is: so it has its place before the first chunk has come, and a message that is sent
//! again with another frame limit goes on where it was. A chunk has at least [`CHUNK_BYTES_MIN`]
//! bytes, so that what it costs to remember is in proportion to what came.

pub mod acecomm;
pub mod request;

use thiserror::Error;

use crate::alphabet::AlphabetError;
use crate::bytes::{DecodeError, Reader};
use crate::checksum::{Checksum, crc24};
use request::Request;

/// The format version that is written and read.
pub const VERSION: u8 = 1;
/// The longest message that chunks can carry, in bytes: 16 MiB.
pub const MESSAGE_BYTES_MAX: u32 = 1 << 24;
/// The fewest bytes of a message that a chunk carries.
pub const CHUNK_BYTES_MIN: usize = 12;

/// The bit of a transfer's number that is set where the transfer goes to the whole group, and clear
/// where it is whispered to one member.
pub const GROUP: u16 = 1 << 15;

/// Whether a transfer of that number goes to the whole group.
#[must_use]
pub const fn is_to_group(transfer: u16) -> bool {
    transfer & GROUP != 0
}

const WHOLE: u8 = 0;
const WHOLE_UNCHECKED: u8 = 1;
const FIRST: u8 = 2;
const FIRST_CHECKED: u8 = 3;
const FIRST_UNCHECKED: u8 = 4;
const FURTHER: u8 = 5;
const FURTHER_CHECKED: u8 = 6;
const REQUEST: u8 = 7;
const REQUEST_PART: u8 = 8;
const RELAYED_FURTHER: u8 = 9;
const RELAYED_FIRST: u8 = 10;

/// One frame, its alphabet undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message that fits one frame.
    Whole {
        /// Whether the frame carries a check, which then agreed.
        checked: bool,
        /// The message.
        payload: &'a [u8],
    },
    /// The start of a longer message.
    First {
        /// The sender's number for the message.
        transfer: u16,
        /// The message's length in bytes, more than `payload` has.
        total: u32,
        /// CRC-32 of the message, if its sender takes one.
        checksum: Option<u32>,
        /// The message's first bytes.
        payload: &'a [u8],
    },
    /// Another piece of a message.
    Further {
        /// The sender's number for the message.
        transfer: u16,
        /// Where in the message the payload belongs; never 0.
        offset: u32,
        /// The piece.
        payload: &'a [u8],
    },
    /// The receiver of a transfer asks for what has not come.
    Request(Request),
    /// The start of a message that somebody else sent to the group.
    RelayedFirst {
        /// The first sender's number for the message, with [`GROUP`] set.
        transfer: u16,
        /// The message's length in bytes, more than `payload` has.
        total: u32,
        /// CRC-32 of the message.
        checksum: u32,
        /// The message's first bytes.
        payload: &'a [u8],
    },
    /// Another piece of a message that somebody else sent to the group.
    RelayedFurther {
        /// The first sender's number for the message, with [`GROUP`] set.
        transfer: u16,
        /// Where in the message the payload belongs; never 0.
        offset: u32,
        /// The piece.
        payload: &'a [u8],
    },
}

/// Why a frame was not taken. Nothing has changed for any transfer, save where it says so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes are not of the channel's alphabet.
    #[error("not of the channel's alphabet: {0}")]
    Alphabet(#[from] AlphabetError),
    /// The frame has another format version; its sender can be told which one is spoken here.
    #[error("frame format version {0} is not known, this is version {VERSION}")]
    UnknownVersion(u8),
    /// A kind that this version reserves.
    #[error("frame kind {0} is reserved")]
    UnknownKind(u8),
    /// The frame's own fields do not hold together.
    #[error("malformed frame: {0}")]
    Malformed(#[from] DecodeError),
    /// The frame was damaged on its way.
    #[error("the frame's check does not match")]
    Damaged,
    /// A message that nothing protects, on a channel whose messages are protected: one damaged bit
    /// can make a checked frame look like one.
    #[error("an unchecked message on a checked channel")]
    Unchecked,
    /// All of a message has come and is not what was sent. What others relayed of it is forgotten
    /// and nothing more relayed is taken for it; all of its bytes are, if nothing was relayed. The
    /// transfer stays: what was forgotten is missing again.
    #[error("transfer {transfer} is complete but its checksum does not match")]
    Checksum {
        /// The sender's number for the message.
        transfer: u16,
    },
    /// The message is longer than [`Limits::message_bytes`](crate::reassemble::Limits).
    #[error("a message of {total} bytes, the limit is {limit}")]
    TooLong {
        /// Its length in bytes, or as much of it as is certain.
        total: u32,
        /// The limit in bytes.
        limit: u32,
    },
    /// A chunk reaches beyond the message's end.
    #[error("a chunk up to byte {end} of transfer {transfer}, which has {total} bytes")]
    PastTotal {
        /// The sender's number for the message.
        transfer: u16,
        /// Where the chunk would end.
        end: u32,
        /// The message's length in bytes.
        total: u32,
    },
    /// A chunk says other bytes than an earlier one said for the same place.
    #[error("transfer {transfer} has other bytes at {at}")]
    Conflict {
        /// The sender's number for the message.
        transfer: u16,
        /// Offset in the message.
        at: u32,
    },
    /// There is no room, and making some would cost another sender a transfer.
    #[error("no room: the limit on {0} is reached")]
    Full(&'static str),
}

impl<'a> Frame<'a> {
    /// Reads a frame, its alphabet already undone.
    ///
    /// # Errors
    /// [`FrameError::UnknownVersion`], [`FrameError::UnknownKind`], [`FrameError::Damaged`], or
    /// [`FrameError::Malformed`] where a field is cut off or breaks a rule of the table above.
    #[inline]
    pub fn decode(frame: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(frame);
        let first = reader.u8("version")?;
        if first >> 4 != VERSION {
            return Err(FrameError::UnknownVersion(first >> 4));
        }
        match first & 15 {
            kind @ (WHOLE | WHOLE_UNCHECKED) => {
                let checked = kind == WHOLE;
                if checked {
                    check(frame, &mut reader)?;
                }
                Ok(Self::Whole { checked, payload: reader.raw(reader.left(), "payload")? })
            }
            kind @ (FIRST | FIRST_CHECKED | FIRST_UNCHECKED | RELAYED_FIRST) => {
                let transfer = transfer(&mut reader, kind)?;
                let total = u24(&mut reader, "total")? + 1;
                let checksum = match kind {
                    FIRST_UNCHECKED => None,
                    _ => Some(u32::from_le_bytes(reader.array("checksum")?)),
                };
                if kind == FIRST_CHECKED {
                    check(frame, &mut reader)?;
                }
                let payload = chunk(&mut reader)?;
                if payload.len() >= total as usize {
                    return Err(invalid("payload", frame, payload, "all of a message in a chunk"));
                }
                match (kind, checksum) {
                    (RELAYED_FIRST, Some(checksum)) => {
                        Ok(Self::RelayedFirst { transfer, total, checksum, payload })
                    }
                    _ => Ok(Self::First { transfer, total, checksum, payload }),
                }
            }
            kind @ (FURTHER | FURTHER_CHECKED | RELAYED_FURTHER) => {
                let transfer = transfer(&mut reader, kind)?;
                let at = reader.at();
                let offset = u24(&mut reader, "offset")?;
                if kind == FURTHER_CHECKED {
                    check(frame, &mut reader)?;
                }
                let payload = chunk(&mut reader)?;
                if offset == 0 {
                    return Err(reader.invalid("offset", at, "0 is the first chunk's").into());
                }
                if payload.len() > (MESSAGE_BYTES_MAX - offset) as usize {
                    return Err(invalid("payload", frame, payload, "beyond the longest message"));
                }
                Ok(match kind {
                    RELAYED_FURTHER => Self::RelayedFurther { transfer, offset, payload },
                    _ => Self::Further { transfer, offset, payload },
                })
            }
            kind @ (REQUEST | REQUEST_PART) => {
                let transfer = u16::from_le_bytes(reader.array("transfer")?);
                check(frame, &mut reader)?;
                Ok(Self::Request(Request::read(transfer, kind == REQUEST, reader)?))
            }
            kind => Err(FrameError::UnknownKind(kind)),
        }
    }

    /// Appends the frame, for an alphabet to encode. Chunks carry a check of their own with
    /// [`Checksum::PerChunk`]; requests always do, relayed chunks never.
    pub fn encode(&self, checksum: Checksum, out: &mut Vec<u8>) {
        let start = out.len();
        let first = |kind| VERSION << 4 | kind;
        let (payload, checked) = match self {
            Self::Whole { checked, payload } => {
                out.push(first(if *checked { WHOLE } else { WHOLE_UNCHECKED }));
                (*payload, *checked)
            }
            Self::First { transfer, total, checksum: whole, payload } => {
                let checked = checksum == Checksum::PerChunk && whole.is_some();
                out.push(first(match whole {
                    None => FIRST_UNCHECKED,
                    Some(_) if checked => FIRST_CHECKED,
                    Some(_) => FIRST,
                }));
                push_first(*transfer, *total, *whole, out);
                (*payload, checked)
            }
            Self::Further { transfer, offset, payload } => {
                let checked = checksum == Checksum::PerChunk;
                push_further(
                    if checked { FURTHER_CHECKED } else { FURTHER },
                    *transfer,
                    *offset,
                    out,
                );
                (*payload, checked)
            }
            Self::RelayedFirst { transfer, total, checksum, payload } => {
                out.push(first(RELAYED_FIRST));
                push_first(*transfer, *total, Some(*checksum), out);
                (*payload, false)
            }
            Self::RelayedFurther { transfer, offset, payload } => {
                push_further(RELAYED_FURTHER, *transfer, *offset, out);
                (*payload, false)
            }
            Self::Request(request) => {
                out.push(first(if request.all { REQUEST } else { REQUEST_PART }));
                out.extend_from_slice(&request.transfer.to_le_bytes());
                let ranges = request.range_bytes();
                let check = crc24(&[&out[start..], &ranges]);
                out.extend_from_slice(&check);
                out.extend_from_slice(&ranges);
                return;
            }
        };
        if checked {
            let check = crc24(&[&out[start..], payload]);
            out.extend_from_slice(&check);
        }
        out.extend_from_slice(payload);
    }
}

/// What the header of a first chunk has behind its first byte, save a check.
fn push_first(transfer: u16, total: u32, checksum: Option<u32>, out: &mut Vec<u8>) {
    out.extend_from_slice(&transfer.to_le_bytes());
    out.extend_from_slice(&(total - 1).to_le_bytes()[..3]);
    if let Some(checksum) = checksum {
        out.extend_from_slice(&checksum.to_le_bytes());
    }
}

/// The header of a further chunk, save a check.
fn push_further(kind: u8, transfer: u16, offset: u32, out: &mut Vec<u8>) {
    let [a, b] = transfer.to_le_bytes();
    let [c, d, e, _] = offset.to_le_bytes();
    out.extend_from_slice(&[VERSION << 4 | kind, a, b, c, d, e]);
}

/// Reads the number of a chunk's transfer: only what went to the group is relayed.
fn transfer(reader: &mut Reader<'_>, kind: u8) -> Result<u16, FrameError> {
    let at = reader.at();
    let transfer = u16::from_le_bytes(reader.array("transfer")?);
    if matches!(kind, RELAYED_FURTHER | RELAYED_FIRST) && !is_to_group(transfer) {
        return Err(reader.invalid("transfer", at, "a relayed chunk of a whisper").into());
    }
    Ok(transfer)
}

/// Reads a check and compares it with what the rest of the frame gives.
fn check(frame: &[u8], reader: &mut Reader<'_>) -> Result<(), FrameError> {
    let before = &frame[..reader.at()];
    let expected = reader.array("check")?;
    if crc24(&[before, &frame[reader.at()..]]) != expected {
        return Err(FrameError::Damaged);
    }
    Ok(())
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], FrameError> {
    let at = reader.at();
    let payload = reader.raw(reader.left(), "payload")?;
    if payload.len() < CHUNK_BYTES_MIN {
        let why = "a chunk shorter than chunks are";
        return Err(reader.invalid("payload", at, why).into());
    }
    Ok(payload)
}

fn u24(reader: &mut Reader<'_>, what: &'static str) -> Result<u32, DecodeError> {
    let [a, b, c] = reader.array(what)?;
    Ok(u32::from_le_bytes([a, b, c, 0]))
}

/// A rule that the payload breaks: it stands at the frame's end.
fn invalid(what: &'static str, frame: &[u8], payload: &[u8], why: &str) -> FrameError {
    let at = frame.len() - payload.len();
    DecodeError::Invalid { what, at, why: why.to_owned() }.into()
}
