//! The first bytes of a batch, its limits, and what can be wrong with it.

use thiserror::Error;

use crate::bytes::{DecodeError, Reader, Writer};
use crate::lua::{Key, Value};

/// Most records in a batch, and in a base.
pub const RECORDS_MAX: usize = 4096;
/// Most that a batch may weigh (see [`weight`]), and a base.
pub const DECODED_BYTES_MAX: usize = 512 << 10;
/// Most tables inside each other; as the Lua reader's own limit.
pub const DEPTH_MAX: usize = 64;

/// Most records in a stream's life, its base included.
pub const STREAM_RECORDS_MAX: usize = 16_384;
/// Most that a stream's records may weigh (see [`weight`]), its base included.
pub const STREAM_BYTES_MAX: usize = 8 << 20;

/// The first byte, in one row with the forms of row batches.
const PLAIN: u8 = 0x18;
const PRIMED: u8 = 0x19;
pub(super) const STREAM: u8 = 0x1a;

/// Records that both sides are known to hold, and the number by which a batch names them.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Below 2^28, so that it takes at most four bytes: agreed by a session, or cut from a hash.
    pub number: u32,
    /// The records, in the same order on both sides.
    pub records: &'a [Value],
}

impl Base<'_> {
    /// The largest number.
    pub const NUMBER_MAX: u32 = (1 << 28) - 1;
}

/// Why records could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// A form that this program does not know.
    #[error("the batch is of an unknown form ({first:#04x}): a newer version may read it")]
    UnknownForm {
        /// The first byte.
        first: u8,
    },
    /// The batch can be read only with a base that the receiver lacks: ask for it without one.
    #[error("the batch builds on base {number}, which is not here: ask for one without a base")]
    UnknownBase {
        /// The base's number.
        number: u32,
    },
    /// The base's number takes more than four bytes.
    #[error("base number {number} is over {}", Base::NUMBER_MAX)]
    BaseNumber {
        /// It.
        number: u32,
    },
    /// The bytes before the stream do not decode.
    #[error(transparent)]
    Header(#[from] DecodeError),
    /// More records than [`RECORDS_MAX`].
    #[error("{count} records, a batch holds at most {RECORDS_MAX}")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// The records weigh more than [`DECODED_BYTES_MAX`].
    #[error("the records up to number {record} weigh more than {DECODED_BYTES_MAX} bytes")]
    TooLarge {
        /// The record at which the limit is passed.
        record: usize,
    },
    /// Tables inside each other deeper than [`DEPTH_MAX`].
    #[error("record {record} has more than {DEPTH_MAX} tables inside each other")]
    TooDeep {
        /// Which record.
        record: usize,
    },
    /// The stream says something that has no meaning.
    #[error("{what} in record {record} is not valid")]
    Invalid {
        /// What was being read.
        what: &'static str,
        /// In which record.
        record: usize,
    },
    /// The stream ends before its last record.
    #[error("the batch ends inside record {record}")]
    Truncated {
        /// In which record.
        record: usize,
    },
    /// The stream was ended by an error in an earlier batch.
    #[error("an earlier batch failed, and with it the stream: begin a new one")]
    StreamEnded,
    /// More records or a larger size than a stream takes in its life.
    #[error(
        "the stream is full at {STREAM_RECORDS_MAX} records or {STREAM_BYTES_MAX} bytes: \
         begin a new one"
    )]
    StreamFull,
    /// The stream is longer or shorter than its records need.
    #[error("{bytes} bytes are not the length that the batch's records need")]
    Length {
        /// How many bytes there are.
        bytes: usize,
    },
}

/// What stands before the stream.
pub(super) fn write(base: Option<u32>) -> Result<Vec<u8>, RecordsError> {
    let Some(number) = base else { return Ok(vec![PLAIN]) };
    if number > Base::NUMBER_MAX {
        return Err(RecordsError::BaseNumber { number });
    }
    let mut out = Writer::from(vec![PRIMED]);
    out.varint(u64::from(number));
    Ok(out.into_vec())
}

/// The base that a batch names, and its stream.
pub(super) fn read(bytes: &[u8]) -> Result<(Option<u32>, &[u8]), RecordsError> {
    let mut input = Reader::new(bytes);
    let base = match input.u8("form of the batch")? {
        PLAIN => None,
        PRIMED => {
            let at = input.at();
            let number = input.varint("number of the base")?;
            let number = u32::try_from(number).ok().filter(|number| *number <= Base::NUMBER_MAX);
            let why = "it is over four bytes";
            Some(number.ok_or_else(|| input.invalid("number of the base", at, why))?)
        }
        first => return Err(RecordsError::UnknownForm { first }),
    };
    Ok((base, input.rest()))
}

/// What follows the form of a stream's batch.
pub(super) fn read_stream(bytes: &[u8]) -> Result<&[u8], RecordsError> {
    let mut input = Reader::new(bytes);
    match input.u8("form of the batch")? {
        STREAM => Ok(input.rest()),
        first => Err(RecordsError::UnknownForm { first }),
    }
}

/// What a value adds to a batch's size: 4 bytes for each value and each key in it, 8 more for a
/// number, its letters for a text.
#[must_use]
pub fn weight(value: &Value) -> usize {
    let mut sum = 0usize;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        sum = sum.saturating_add(match value {
            Value::Bool(_) => 4,
            Value::Int(_) | Value::Float(_) => 12,
            Value::Str(text) => 4usize.saturating_add(text.len()),
            Value::Table(table) => {
                open.extend(table.positional());
                open.extend(table.keyed().map(|(_, value)| value));
                table.keyed().map(|(key, _)| key_weight(key)).fold(4, usize::saturating_add)
            }
        });
    }
    sum
}

fn key_weight(key: &Key) -> usize {
    match key {
        Key::Bool(_) => 4,
        Key::Int(_) | Key::Float(_) => 12,
        Key::Str(name) => 4usize.saturating_add(name.len()),
    }
}

/// Whether records are within the limits.
pub(super) fn check(records: &[Value]) -> Result<(), RecordsError> {
    if records.len() > RECORDS_MAX {
        return Err(RecordsError::TooMany { count: records.len() });
    }
    let mut sum = 0usize;
    for (at, record) in records.iter().enumerate() {
        let mut level = vec![record];
        for depth in 0.. {
            if level.is_empty() {
                break;
            }
            if depth > DEPTH_MAX {
                return Err(RecordsError::TooDeep { record: at });
            }
            let tables = level.iter().filter_map(|value| value.as_table());
            level = tables
                .flat_map(|table| {
                    table.positional().iter().chain(table.keyed().map(|(_, value)| value))
                })
                .collect();
        }
        sum = sum.saturating_add(weight(record));
        if sum > DECODED_BYTES_MAX {
            return Err(RecordsError::TooLarge { record: at });
        }
    }
    Ok(())
}
