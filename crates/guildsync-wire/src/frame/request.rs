//! The request for what is missing of a transfer: one frame, however much is missing.
//!
//! Ranges are of the message's bytes, since chunks have no numbers: what was sent answers with every
//! chunk that touches one. Each is written as two varints, the bytes that are held before it (at
//! least 1, save before the first) and its length. A receiver that has not seen the first chunk does
//! not know where the message ends: its last range goes to [`MESSAGE_BYTES_MAX`].
//!
//! A request names the ranges from the front that fit, and says whether that is all: if not, the
//! receiver asks again when these have come.

use std::ops::Range;

use super::{Frame, MESSAGE_BYTES_MAX};
use crate::alphabet::Alphabet;
use crate::bytes::{DecodeError, Reader, Writer};
use crate::checksum::Checksum;

/// Bytes of a request before its ranges.
const HEADER_BYTES: usize = 6;

/// What of one transfer its receiver asks to have again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The sender's number for the message.
    pub(crate) transfer: u16,
    /// Whether nothing else is missing.
    pub(crate) all: bool,
    /// Ascending, none empty, no two touching, at least one.
    pub(crate) ranges: Vec<Range<u32>>,
}

impl Request {
    /// A request for as many of the `missing` ranges as fit `limit` bytes of a channel; `None` when
    /// nothing is missing or not one range fits. Ranges have to ascend, as those of
    /// [`Reassembler::missing`](crate::reassemble::Reassembler::missing) do; one that does not, or
    /// is empty, is left out, and touching ones become one.
    #[must_use]
    pub fn fitting(
        transfer: u16,
        missing: impl IntoIterator<Item = Range<u32>>,
        alphabet: Alphabet,
        limit: usize,
    ) -> Option<Self> {
        let mut room = alphabet.capacity(limit).checked_sub(HEADER_BYTES)?;
        let mut request = Self { transfer, all: true, ranges: Vec::new() };
        for range in missing {
            let end = request.ranges.last().map_or(0, |last| last.end);
            if range.is_empty() || range.start < end || range.end > MESSAGE_BYTES_MAX {
                continue;
            }
            if let Some(last) = request.ranges.last_mut().filter(|last| last.end == range.start) {
                let grown = varint_len(range.end - last.start) - varint_len(last.len() as u32);
                if grown <= room {
                    room -= grown;
                    last.end = range.end;
                    continue;
                }
            }
            let cost = varint_len(range.start - end) + varint_len(range.len() as u32);
            if cost > room || range.start == end && end > 0 {
                request.all = false;
                break;
            }
            room -= cost;
            request.ranges.push(range);
        }
        (!request.ranges.is_empty()).then_some(request)
    }

    /// The sender's number for the message.
    #[must_use]
    pub fn transfer(&self) -> u16 {
        self.transfer
    }

    /// Whether nothing but these ranges is missing; otherwise they are the first part.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.all
    }

    /// The bytes of the message that are asked for: ascending, none empty, no two touching.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u32>] {
        &self.ranges
    }

    /// Puts the request's frame into `frame`, in place of what it held.
    pub fn write_frame(&self, alphabet: Alphabet, frame: &mut Vec<u8>) {
        frame.clear();
        Frame::Request(self.clone()).encode(Checksum::PerTransfer, frame);
        alphabet.encode_in_place(frame);
    }

    pub(super) fn range_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        let mut end = 0;
        for range in &self.ranges {
            writer.varint(u64::from(range.start - end));
            writer.varint(range.len() as u64);
            end = range.end;
        }
        writer.into_vec()
    }

    pub(super) fn read(
        transfer: u16,
        all: bool,
        mut reader: Reader<'_>,
    ) -> Result<Self, DecodeError> {
        let mut ranges = Vec::with_capacity(reader.left() / 2);
        let mut end = 0u32;
        while reader.left() > 0 || ranges.is_empty() {
            let at = reader.at();
            let held = reader.varint("held")?;
            if held == 0 && !ranges.is_empty() {
                return Err(reader.invalid("held", at, "two ranges touch"));
            }
            let left = u64::from(MESSAGE_BYTES_MAX - end);
            let at_missing = reader.at();
            let missing = reader.varint("missing")?;
            if held > left || missing > left - held {
                return Err(reader.invalid("missing", at_missing, "beyond the longest message"));
            }
            if missing == 0 {
                return Err(reader.invalid("missing", at_missing, "an empty range"));
            }
            let start = end + held as u32;
            end = start + missing as u32;
            ranges.push(start..end);
        }
        Ok(Self { transfer, all, ranges })
    }
}

fn varint_len(value: u32) -> usize {
    (32 - (value | 1).leading_zeros()).div_ceil(7) as usize
}
