//! Why bytes are no message about documents.

use guildsync_wire::bytes::DecodeError;
use guildsync_wire::line::LineError;
use thiserror::Error;

use crate::body::BodyError;

/// Why bytes are no message about documents. Nothing of it is taken then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The bytes do not decode.
    #[error("the message about documents does not decode: {0}")]
    Compact(#[from] DecodeError),
    /// A text that is not UTF-8.
    #[error("the message about documents is text, and byte {at} of it is not UTF-8")]
    NotUtf8 {
        /// The first byte that is wrong.
        at: usize,
    },
    /// A text whose last line does not end.
    #[error("the message about documents is cut off: line {line} has no end")]
    CutOff {
        /// The line, from 1.
        line: usize,
    },
    /// A line that says something else than it should, or whose escaping cannot be undone.
    #[error("line {} of the message about documents: {}", .0.line, .0.why)]
    Line(#[from] LineError),
    /// More of something than a message holds.
    #[error("line {line} of the message about documents: more than {limit} {what}")]
    TooMany {
        /// The line, from 1.
        line: usize,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Lines that are no section's body.
    #[error("the body that begins in line {line} of the message about documents: {source}")]
    Body {
        /// Its first line, from 1.
        line: usize,
        /// What is wrong.
        source: BodyError,
    },
}
