//! One message cut into frames that each fit the channel, any of which can be made again.
//!
//! [`Framing`] says what the channel takes; [`Outgoing`] is one message on its way. It is kept for as
//! long as somebody may ask for pieces of it, costs the message's bytes and no more, and makes each
//! frame when it is wanted:
//!
//! ```
//! use guildsync_wire::chunk::Framing;
//! let framing = Framing::default();
//! let outgoing = framing.outgoing(7, vec![42; 600])?;
//! assert_eq!(outgoing.frames(), 3);
//! let mut frame = Vec::new();
//! for index in 0..outgoing.frames() {
//!     outgoing.write_frame(index, &mut frame);
//!     assert!(frame.len() <= 255);
//! }
//! # Ok::<(), guildsync_wire::chunk::FramingError>(())
//! ```

use std::ops::Range;

use thiserror::Error;

use crate::alphabet::Alphabet;
use crate::checksum::{Checksum, crc32};
use crate::frame::request::Request;
use crate::frame::{CHUNK_BYTES_MIN, Frame, MESSAGE_BYTES_MAX};

/// The smallest frame limit, in bytes on the channel.
pub const LIMIT_MIN: usize = 32;
/// The largest frame limit, in bytes on the channel.
pub const LIMIT_MAX: usize = 65_535;

/// How much of a message goes into a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ChunkSize {
    /// As much as fits.
    #[default]
    Fill,
    /// As much as fits, at most so many bytes, at least [`CHUNK_BYTES_MIN`]: for a channel that adds
    /// something of its own to what it is given. The table addon of 2024 says 200.
    AtMost(usize),
}

/// What a channel takes, and how messages are made to fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Framing {
    limit: usize,
    alphabet: Alphabet,
    checksum: Checksum,
    chunk_size: ChunkSize,
}

/// A message or a channel that frames cannot be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The channel's frames are too short for a header and a piece, or longer than supported.
    #[error("a frame limit of {0} bytes is outside {LIMIT_MIN} to {LIMIT_MAX}")]
    Limit(usize),
    /// Chunks of fewer bytes than [`CHUNK_BYTES_MIN`].
    #[error("chunks of {0} bytes, at least {CHUNK_BYTES_MIN} are needed")]
    ChunkSize(usize),
    /// The message is longer than [`MESSAGE_BYTES_MAX`].
    #[error("a message of {0} bytes, at most {MESSAGE_BYTES_MAX} can be sent")]
    TooLong(usize),
}

impl Default for Framing {
    /// WoW's addon channel: 255 bytes, no NUL, checked, filled.
    fn default() -> Self {
        Self {
            limit: 255,
            alphabet: Alphabet::NoNul,
            checksum: Checksum::PerTransfer,
            chunk_size: ChunkSize::Fill,
        }
    }
}

impl Framing {
    /// Frames of at most `limit` bytes on the channel, with each option given.
    ///
    /// # Errors
    /// A limit outside [`LIMIT_MIN`] to [`LIMIT_MAX`], or chunks under [`CHUNK_BYTES_MIN`].
    pub fn new(
        limit: usize,
        alphabet: Alphabet,
        checksum: Checksum,
        chunk_size: ChunkSize,
    ) -> Result<Self, FramingError> {
        if !(LIMIT_MIN..=LIMIT_MAX).contains(&limit) {
            return Err(FramingError::Limit(limit));
        }
        match chunk_size {
            ChunkSize::AtMost(bytes) if bytes < CHUNK_BYTES_MIN => {
                Err(FramingError::ChunkSize(bytes))
            }
            _ => Ok(Self { limit, alphabet, checksum, chunk_size }),
        }
    }

    /// Bytes of a frame on the channel, at most.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The byte values that the channel carries.
    #[must_use]
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// How messages are protected.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        self.checksum
    }

    /// The longest message that goes in one frame, in bytes.
    #[must_use]
    pub fn whole_bytes_max(&self) -> usize {
        self.payload_bytes(if self.checksum == Checksum::None { 1 } else { 4 })
    }

    /// Frames that a message of so many bytes needs.
    #[must_use]
    pub fn frames_for(&self, message_bytes: usize) -> usize {
        if message_bytes <= self.whole_bytes_max() {
            return 1;
        }
        1 + (message_bytes - self.first_bytes()).div_ceil(self.further_bytes())
    }

    /// Puts `message` on its way under the number `transfer`.
    ///
    /// Numbers count up and wrap, one count for each sender, begun anywhere but where an earlier run
    /// of the same sender may have begun: a receiver takes a number that it knows for the transfer
    /// that had it, unless length or checksum differ. A message of one frame needs no number.
    ///
    /// # Errors
    /// A message over [`MESSAGE_BYTES_MAX`].
    pub fn outgoing<B: AsRef<[u8]>>(
        &self,
        transfer: u16,
        message: B,
    ) -> Result<Outgoing<B>, FramingError> {
        let bytes = message.as_ref();
        let total = u32::try_from(bytes.len()).ok().filter(|total| *total <= MESSAGE_BYTES_MAX);
        let total = total.ok_or(FramingError::TooLong(bytes.len()))?;
        let cuts = self.cuts(total);
        // A message of one frame is checked by the frame.
        let checked = self.checksum != Checksum::None && cuts.frames > 1;
        let checksum = checked.then(|| crc32(&[bytes]));
        Ok(Outgoing { framing: *self, transfer, cuts, checksum, message })
    }

    /// The request for the `missing` ranges of a transfer that fits this channel's frames.
    #[must_use]
    pub fn request(
        &self,
        transfer: u16,
        missing: impl IntoIterator<Item = Range<u32>>,
    ) -> Option<Request> {
        Request::fitting(transfer, missing, self.alphabet, self.limit)
    }

    /// Where a message of so many bytes is cut, if it takes more than one frame.
    #[must_use]
    pub fn cuts(&self, total: u32) -> Cuts {
        let first = self.first_bytes() as u32;
        let further = self.further_bytes() as u32;
        Cuts { total, frames: self.frames_for(total as usize) as u32, first, further }
    }

    fn first_bytes(&self) -> usize {
        self.payload_bytes(match self.checksum {
            Checksum::PerTransfer => 10,
            Checksum::PerChunk => 13,
            Checksum::None => 6,
        })
    }

    fn further_bytes(&self) -> usize {
        self.payload_bytes(if self.checksum == Checksum::PerChunk { 9 } else { 6 })
    }

    fn payload_bytes(&self, header: usize) -> usize {
        let fill = self.alphabet.capacity(self.limit) - header;
        match self.chunk_size {
            ChunkSize::Fill => fill,
            ChunkSize::AtMost(bytes) => fill.min(bytes),
        }
    }
}

/// Where a message is cut into frames: a matter of its length and the channel alone, so whoever holds
/// a piece knows which frame it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    total: u32,
    frames: u32,
    first: u32,
    further: u32,
}

impl Cuts {
    /// How many frames the message takes, at least one.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// The bytes of the message that a frame carries; `None` when there is no such frame.
    ///
    /// The last chunk reaches back into the one before where it would be shorter than chunks are.
    #[must_use]
    pub fn range(&self, index: u32) -> Option<Range<u32>> {
        if index >= self.frames {
            return None;
        }
        if self.frames == 1 {
            return Some(0..self.total);
        }
        if index == 0 {
            return Some(0..self.first);
        }
        let start = self.first + (index - 1) * self.further;
        let end = self.total.min(start + self.further);
        Some(start.min(self.total - CHUNK_BYTES_MIN as u32)..end)
    }

    /// The frames that carry any byte of `ranges`, which ascend: ascending, each once.
    pub fn touching<'a>(&self, ranges: &'a [Range<u32>]) -> impl Iterator<Item = u32> + use<'a> {
        let cuts = *self;
        let mut next = 0;
        ranges.iter().flat_map(move |range| {
            let first = cuts.index_at(range.start).max(next);
            let behind = if range.start >= cuts.total {
                first
            } else {
                cuts.index_at(range.end.min(cuts.total) - 1) + 1
            };
            next = behind.max(next);
            first..behind
        })
    }

    /// Which frame carries a byte of the message (the last one for any byte beyond).
    fn index_at(&self, byte: u32) -> u32 {
        if self.frames == 1 || byte < self.first {
            return 0;
        }
        (1 + (byte - self.first) / self.further).min(self.frames - 1)
    }
}

/// One message on its way: any of its frames, at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing<B = Vec<u8>> {
    framing: Framing,
    transfer: u16,
    cuts: Cuts,
    checksum: Option<u32>,
    message: B,
}

impl<B: AsRef<[u8]>> Outgoing<B> {
    /// The number under which the message goes.
    #[must_use]
    pub fn transfer(&self) -> u16 {
        self.transfer
    }

    /// CRC-32 of a message that takes several frames, if one is taken.
    #[must_use]
    pub fn checksum(&self) -> Option<u32> {
        self.checksum
    }

    /// How many frames the message takes, at least one.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.cuts.frames
    }

    /// The message itself.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        self.message.as_ref()
    }

    /// Where the message is cut.
    #[must_use]
    pub fn cuts(&self) -> &Cuts {
        &self.cuts
    }

    /// The bytes of the message that a frame carries; see [`Cuts::range`].
    #[must_use]
    pub fn range(&self, index: u32) -> Option<Range<u32>> {
        self.cuts.range(index)
    }

    /// How long a frame is on the channel, in bytes; 0 when there is no such frame.
    #[must_use]
    pub fn frame_bytes(&self, index: u32) -> usize {
        let Some(range) = self.range(index) else { return 0 };
        let header = match (index, self.framing.checksum) {
            (_, Checksum::None) if self.cuts.frames == 1 => 1,
            _ if self.cuts.frames == 1 => 4,
            (_, Checksum::None) | (1.., Checksum::PerTransfer) => 6,
            (1.., Checksum::PerChunk) => 9,
            (0, Checksum::PerTransfer) => 10,
            (0, Checksum::PerChunk) => 13,
        };
        self.framing.alphabet.encoded_len(header + range.len())
    }

    /// Puts a frame into `frame`, in place of what it held, as the channel takes it; `false` and an
    /// empty `frame` when there is no such frame.
    pub fn write_frame(&self, index: u32, frame: &mut Vec<u8>) -> bool {
        frame.clear();
        let Some(range) = self.range(index) else {
            return false;
        };
        let payload = &self.message.as_ref()[range.start as usize..range.end as usize];
        let transfer = self.transfer;
        let content = match index {
            _ if self.cuts.frames == 1 => {
                Frame::Whole { checked: self.framing.checksum != Checksum::None, payload }
            }
            0 => {
                let (total, checksum) = (self.cuts.total, self.checksum);
                Frame::First { transfer, total, checksum, payload }
            }
            _ => Frame::Further { transfer, offset: range.start, payload },
        };
        content.encode(self.framing.checksum, frame);
        self.framing.alphabet.encode_in_place(frame);
        debug_assert!(frame.len() <= self.framing.limit);
        true
    }

    /// A frame in a buffer of its own; `None` when there is no such frame.
    #[must_use]
    pub fn frame(&self, index: u32) -> Option<Vec<u8>> {
        let mut frame = Vec::with_capacity(self.framing.limit);
        self.write_frame(index, &mut frame).then_some(frame)
    }

    /// Every frame in order, each in a buffer of its own.
    pub fn iter(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        (0..self.cuts.frames).filter_map(|index| self.frame(index))
    }

    /// The frames that answer a request, ascending, each once. None when the request is for another
    /// transfer. A request for much is answered with much: the caller paces what it sends.
    pub fn requested<'a>(&'a self, request: &'a Request) -> impl Iterator<Item = u32> + 'a {
        let ranges = if request.transfer == self.transfer { &request.ranges[..] } else { &[] };
        self.cuts.touching(ranges)
    }
}
