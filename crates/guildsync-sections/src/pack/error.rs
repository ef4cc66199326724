//! Why a part was not read.

use guildsync_wire::bytes::DecodeError;
use guildsync_wire::records::RecordsError;
use thiserror::Error;

use crate::body::BodyError;

/// Why a part was not read. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum PackError {
    /// The edits are damaged.
    #[error(transparent)]
    Edits(#[from] DecodeError),
    /// The records are damaged.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A body passes a limit.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A record says something that no writer says.
    #[error("record {record} of the part is wrong: {why}")]
    Record {
        /// Which, from 1.
        record: usize,
        /// What is wrong.
        why: String,
    },
}
