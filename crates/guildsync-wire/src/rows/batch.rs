//! A batch's first byte says how the rest is written; the receiver needs no flag from outside.
//!
//! | byte | mode |
//! |---|---|
//! | `0x10` | [`Mode::Fast`] |
//! | `0x11` | [`Mode::Small`] |
//! | `0x12` | [`Mode::History`], the base's number follows as a varint of at most 4 bytes |
//!
//! The high four bits are the version of the format.

use thiserror::Error;

use super::columns::Rows;
use super::{fast, small};
use crate::bytes::{DecodeError, Reader, Writer};

const FAST: u8 = 0x10;
const SMALL: u8 = 0x11;
const HISTORY: u8 = 0x12;

/// Rows that both sides are known to hold, and the number by which a batch names them.
///
/// Numbers are agreed by a session: the codec only writes them. At most the last
/// [`Base::ROWS`] rows in replay order belong to it.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Below 2^28, so that it takes at most four bytes.
    pub number: u32,
    /// The rows, in replay order.
    pub rows: &'a Rows,
}

impl Base<'_> {
    /// How many rows of the history prime a batch.
    pub const ROWS: usize = 1000;
    /// The largest number.
    pub const NUMBER_MAX: u32 = (1 << 28) - 1;
}

/// How a batch is written.
#[derive(Debug, Clone, Copy)]
pub enum Mode<'a> {
    /// Columns without an entropy stage: for files, stores and fast links.
    Fast,
    /// The fewest bytes without any history.
    Small,
    /// The fewest bytes for a receiver that holds the base.
    History(Base<'a>),
}

/// Why rows cannot be written as a batch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// More rows than a batch holds.
    #[error("{rows} rows are more than a batch holds ({}): split them", Rows::MAX)]
    TooManyRows {
        /// How many.
        rows: usize,
    },
    /// More text than a batch holds.
    #[error(
        "{bytes} bytes of text are more than a batch holds ({}): split the rows",
        Rows::TEXT_MAX
    )]
    TooMuchText {
        /// How many.
        bytes: usize,
    },
    /// The columns are not equally long, or name what a table lacks.
    #[error("row {row} is incomplete: a column is too short or names a string that is not there")]
    Incomplete {
        /// The first such row.
        row: usize,
    },
    /// The base's number takes more than four bytes.
    #[error("base number {number} is over {}", Base::NUMBER_MAX)]
    BaseNumber {
        /// It.
        number: u32,
    },
}

/// Why bytes are not a batch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BatchError {
    /// A version or mode that this program does not know.
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
    /// The bytes do not decode.
    #[error(transparent)]
    Invalid(#[from] DecodeError),
}

/// Writes rows as a batch.
///
/// # Errors
/// Rows that are too many, too long or incomplete; a base number over the limit.
pub fn encode(rows: &Rows, mode: Mode<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut out = Writer::new();
    match mode {
        Mode::Fast => {
            out.u8(FAST);
            fast::encode(rows, &mut out)?;
            Ok(out.into_vec())
        }
        Mode::Small => {
            check(rows)?;
            out.u8(SMALL);
            Ok(small::encode(rows, None, out))
        }
        Mode::History(base) => {
            check(rows)?;
            complete(base.rows)?;
            if base.number > Base::NUMBER_MAX {
                return Err(EncodeError::BaseNumber { number: base.number });
            }
            out.u8(HISTORY);
            out.varint(u64::from(base.number));
            Ok(small::encode(rows, Some(base.rows), out))
        }
    }
}

fn check(rows: &Rows) -> Result<(), EncodeError> {
    if rows.len() > Rows::MAX {
        return Err(EncodeError::TooManyRows { rows: rows.len() });
    }
    match complete(rows)? {
        bytes if bytes > Rows::TEXT_MAX => Err(EncodeError::TooMuchText { bytes }),
        _ => Ok(()),
    }
}

/// The bytes of the texts that rows use, when no row lacks anything.
fn complete(rows: &Rows) -> Result<usize, EncodeError> {
    rows.text_bytes().map_err(|row| EncodeError::Incomplete { row })
}

/// Reads a batch. `base` gives the rows of a base by its number; one whose columns are not complete
/// is as good as none.
///
/// # Errors
/// An unknown form, a base that `base` does not know, bytes that do not decode.
pub fn decode<'a>(
    bytes: &[u8],
    base: impl FnOnce(u32) -> Option<&'a Rows>,
) -> Result<Rows, BatchError> {
    let mut input = Reader::new(bytes);
    match input.u8("form of the batch")? {
        FAST => Ok(fast::decode(&mut input)?),
        SMALL => Ok(small::decode(input, None)?),
        HISTORY => {
            let at = input.at();
            let number = input.varint("number of the base")?;
            let number = u32::try_from(number).ok().filter(|number| *number <= Base::NUMBER_MAX);
            let number = number
                .ok_or_else(|| input.invalid("number of the base", at, "it is over four bytes"))?;
            let rows = base(number).filter(|rows| complete(rows).is_ok());
            let rows = rows.ok_or(BatchError::UnknownBase { number })?;
            Ok(small::decode(input, Some(rows))?)
        }
        first => Err(BatchError::UnknownForm { first }),
    }
}
