//! The first bytes of a batch, its limits, and what can be wrong with it.

use thiserror::Error;

use crate::lua::{Key, Value};

/// Most records in a batch, and in a base.
pub const RECORDS_MAX: usize = 4096;
/// Most that a batch may weigh (see [`weight`]), and a base.
pub const DECODED_BYTES_MAX: usize = 512 << 10;
/// Most tables inside each other; as the Lua reader's own limit.
pub const DEPTH_MAX: usize = 64;

/// Format 1, as the high half of the first byte; row batches have the same, and modes 0 to 3.
const VERSION: u8 = 1;
const PLAIN: u8 = 8;
const PRIMED: u8 = 9;

/// Records that both sides hold, and the name under which both know them.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Four bytes of a hash, or whatever else tells one base from another.
    pub name: u32,
    /// The records, in the same order on both sides.
    pub records: &'a [Value],
}

/// Why records could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The batch is of a format that this program does not know.
    #[error("record batch of version {0}, this program knows {VERSION}")]
    UnknownVersion(u8),
    /// The first byte is not one of a record batch.
    #[error("mode {0} is no mode of a record batch")]
    UnknownMode(u8),
    /// The batch continues records that were not given.
    #[error("the batch continues base {0:08x}, which is not at hand")]
    UnknownBase(u32),
    /// There are no bytes, or fewer than the header has.
    #[error("the batch ends inside its header at byte {at}")]
    NoHeader {
        /// How many bytes there are.
        at: usize,
    },
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
    /// The stream is longer or shorter than its records need.
    #[error("{bytes} bytes are not the length that the batch's records need")]
    Length {
        /// How many bytes there are.
        bytes: usize,
    },
}

/// What stands before the stream.
pub(super) struct Header {
    pub(super) base: Option<u32>,
}

impl Header {
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self.base {
            None => vec![VERSION << 4 | PLAIN],
            Some(name) => {
                let mut bytes = vec![VERSION << 4 | PRIMED];
                bytes.extend_from_slice(&name.to_be_bytes());
                bytes
            }
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), RecordsError> {
        let short = RecordsError::NoHeader { at: bytes.len() };
        let Some((&first, rest)) = bytes.split_first() else { return Err(short) };
        if first >> 4 != VERSION {
            return Err(RecordsError::UnknownVersion(first >> 4));
        }
        match first & 0xf {
            PLAIN => Ok((Self { base: None }, rest)),
            PRIMED => match rest.split_first_chunk() {
                Some((name, rest)) => Ok((Self { base: Some(u32::from_be_bytes(*name)) }, rest)),
                None => Err(short),
            },
            mode => Err(RecordsError::UnknownMode(mode)),
        }
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
