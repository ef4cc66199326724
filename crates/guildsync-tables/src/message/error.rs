//! Why bytes are no message about tables.

use guildsync_wire::bytes::DecodeError;
use guildsync_wire::dialect::DialectError;
use guildsync_wire::line::LineError;
use guildsync_wire::payload::PayloadError;
use thiserror::Error;

use crate::kind::UnknownTable;
use crate::schema::SchemaError;

/// Why bytes are no message. Nothing of it is taken then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The bytes do not decode.
    #[error("the table message does not decode: {0}")]
    Compact(#[from] DecodeError),
    /// A text that is not UTF-8.
    #[error("the table message is text, and byte {at} of it is not UTF-8")]
    NotUtf8 {
        /// The first byte that is wrong.
        at: usize,
    },
    /// A line that says something else than it should, or whose escaping cannot be undone.
    #[error("line {} of the table message: {}", .0.line, .0.why)]
    Line(#[from] LineError),
    /// A line in fixed columns that is none.
    #[error("line {line} of the table message: {source}")]
    Columns {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: DialectError,
    },
    /// A table that is none of the five.
    #[error("line {line} of the table message: {source}")]
    Table {
        /// The line, from 1.
        line: usize,
        /// The table's name.
        source: UnknownTable,
    },
    /// A record's JSON that is none, or passes a limit.
    #[error("line {line} of the table message: the JSON does not read: {source}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: PayloadError,
    },
    /// JSON that is no record.
    #[error("line {line} of the table message: {source}")]
    Entry {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: Box<SchemaError>,
    },
    /// More of something than a message holds.
    #[error("line {line} of the table message: more than {limit} {what}")]
    TooMany {
        /// The line, from 1.
        line: usize,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}
