//! One direction of a conversation: batches whose model goes on learning from each to the next.
//!
//! Many records are sent as small batches, so that each can be applied and made durable by itself,
//! and an interrupted conversation loses little. A batch of its own would pay for everything that the
//! ones before it taught; priming it with them would walk them again each time. A stream keeps what it
//! learnt, and a record that comes again with a change costs little more than the change.

use crate::entropy::{Decoder, Encoder};
use crate::lua::Value;

use super::count::Count;
use super::header::{self, RecordsError, STREAM, STREAM_BYTES_MAX, STREAM_RECORDS_MAX, weight};
use super::walk::{Model, STORE_BITS};

/// What a stream's chances take. Both sides need the same: the caller agrees on it, or fixes it.
///
/// Beside it a stream keeps what it has seen, some 500 bytes for each record of a guild's tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Memory {
    /// 2 MiB: for a few dozen records, of which it makes 1 % more bytes; of 700 it makes 2 % more.
    Small,
    /// 8 MiB: for hundreds and thousands.
    #[default]
    Large,
}

impl Memory {
    fn store_bits(self) -> u32 {
        match self {
            Self::Small => STORE_BITS - 2,
            Self::Large => STORE_BITS,
        }
    }
}

/// Batches in one direction: the sender encodes each, the receiver decodes each, in the same order.
///
/// Both begin with the same base. The number of a batch is not in its bytes: the caller carries it,
/// for a batch that comes twice, too early or never is read as something else or refused. So is a
/// batch of another stream, and so is damage, which is for a checksum around it to find.
///
/// A failed [`encode`](Self::encode) or [`decode`](Self::decode) ends the stream, since half a batch
/// may have been learnt from: every later call is [`RecordsError::StreamEnded`], and both sides begin
/// a new one.
///
/// A batch has the limits of any batch, [`RECORDS_MAX`](super::RECORDS_MAX) and
/// [`DECODED_BYTES_MAX`](super::DECODED_BYTES_MAX). So has the base, and all of them together are at
/// most [`STREAM_RECORDS_MAX`] records and [`STREAM_BYTES_MAX`]; the sender asks
/// [`has_room_for`](Self::has_room_for) and begins a new stream where there is none.
///
/// ```
/// use guildsync_wire::lua::{Limits, parse_value};
/// use guildsync_wire::records::Stream;
/// let row = |level| {
///     let text = format!(r#"{{ ["name"] = "Brindle", ["rank"] = "Member", ["level"] = {level} }}"#);
///     parse_value(text, &Limits::default())
/// };
/// let (mut sender, mut receiver) = (Stream::new(&[])?, Stream::new(&[])?);
/// let first = sender.encode(&[row(79)?])?;
/// let second = sender.encode(&[row(80)?])?;
/// assert_eq!(receiver.decode(&first)?, [row(79)?]);
/// assert_eq!(receiver.decode(&second)?, [row(80)?]);
/// assert!(second.len() * 3 < first.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Stream {
    /// `None` once something failed.
    state: Option<Box<State>>,
}

#[derive(Debug)]
struct State {
    model: Model,
    count: Count,
    records: usize,
    bytes: usize,
}

/// A stream may be made in one thread and go on in another.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Stream>();
};

impl Stream {
    /// A stream that begins with what records teach which both sides hold, in the same order; none
    /// will do.
    ///
    /// # Errors
    /// More records, a larger size or deeper nesting than a base may have.
    pub fn new(base: &[Value]) -> Result<Self, RecordsError> {
        Self::sized(base, Memory::default())
    }

    /// As [`new`](Self::new), with so much memory.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn sized(base: &[Value], memory: Memory) -> Result<Self, RecordsError> {
        header::check(base)?;
        let mut model = Model::of_stream(memory.store_bits());
        model.prime(base)?;
        let bytes = base.iter().map(weight).sum();
        let state = State { model, count: Count::new(), records: base.len(), bytes };
        Ok(Self { state: Some(Box::new(state)) })
    }

    /// Whether the stream can take these records as its next batch; not once it has ended.
    #[must_use]
    pub fn has_room_for(&self, records: &[Value]) -> bool {
        self.state.as_ref().is_some_and(|state| {
            let bytes = records.iter().map(weight).fold(state.bytes, usize::saturating_add);
            state.records.saturating_add(records.len()) <= STREAM_RECORDS_MAX
                && bytes <= STREAM_BYTES_MAX
        })
    }

    /// Writes the next batch.
    ///
    /// # Errors
    /// More records, a larger size or deeper nesting than a batch may have; no room; a stream that
    /// has ended. Each ends the stream.
    pub fn encode(&mut self, records: &[Value]) -> Result<Vec<u8>, RecordsError> {
        self.step(|state| {
            header::check(records)?;
            let mut encoder = Encoder::new(vec![STREAM]);
            let count = state.count.code(&mut encoder, records.len());
            state.model.next(&mut encoder, count, records)?;
            Ok((encoder.finish(), state.model.spent, count))
        })
    }

    /// Reads the next batch.
    ///
    /// # Errors
    /// Bytes that the stream's other side did not write; no room; a stream that has ended. Each ends
    /// the stream.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Vec<Value>, RecordsError> {
        self.step(|state| {
            let mut decoder = Decoder::new(header::read_stream(bytes)?);
            let count = state.count.code(&mut decoder, 0);
            let records = state.model.next(&mut decoder, count, &[])?;
            if !decoder.is_whole() {
                return Err(RecordsError::Length { bytes: bytes.len() });
            }
            Ok((records, state.model.spent, count))
        })
    }

    /// Codes a batch, which says its weight and its count, and ends the stream where that fails.
    fn step<T>(
        &mut self,
        batch: impl FnOnce(&mut State) -> Result<(T, usize, usize), RecordsError>,
    ) -> Result<T, RecordsError> {
        let mut state = self.state.take().ok_or(RecordsError::StreamEnded)?;
        let (result, bytes, records) = batch(&mut state)?;
        state.bytes += bytes;
        state.records += records;
        if state.records > STREAM_RECORDS_MAX || state.bytes > STREAM_BYTES_MAX {
            return Err(RecordsError::StreamFull);
        }
        self.state = Some(state);
        Ok(result)
    }
}
