//! The text forms of the seeds' addons: what people can read on a channel and in a file.
//!
//! The compact form is the default; these are the second way to say the same things. Each module is
//! one addon's form, made reversible: what its own parser dropped or misread (an empty field, a
//! delimiter in a name, a command's name inside a payload) survives here.
//! - [`pipe`]: a log entry, `id|timestamp|actor|target|delta|newTotal|reason|profile`
//! - [`ids`]: a list of ids, `1,5,7,12,45`
//! - [`fixed`]: GuildHelper's fixed columns, `SND;DATA;SETU;00001;00003;payload`
//! - [`colon`]: TWRA's commands, `SECTION:1735689600:4`
//! - [`chunk`]: GuildHelper's chunk fields, `table:user:index:total:chunk`
//!
//! All but the data behind a fixed header or a chunk's fields is UTF-8 text, escaped as
//! [`crate::text`] does. The commands and codes of a dialect are one enum in its module, and are
//! spelled nowhere else.

use std::fmt;

use thiserror::Error;

use crate::text::{self, Delimiter, TextError};

pub mod chunk;
pub mod colon;
pub mod fixed;
pub mod ids;
pub mod pipe;

/// Why a line of a dialect was not read. Offsets are bytes from the line's start. Nothing of the
/// line is taken then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DialectError {
    /// A field's escaping cannot be undone.
    #[error("{field}, which begins at byte {at}: {source}")]
    Escape {
        /// The field.
        field: &'static str,
        /// Where it begins; the offset inside `source` counts from there.
        at: usize,
        /// What is wrong.
        source: TextError,
    },
    /// Too few fields, or too many.
    #[error("{found} fields where {wanted} should be")]
    Fields {
        /// How many there are.
        found: usize,
        /// How many, and which, there should be.
        wanted: &'static str,
    },
    /// A field that holds something else.
    #[error("{field} at byte {at} is not {wanted}")]
    Field {
        /// The field.
        field: &'static str,
        /// Where it begins.
        at: usize,
        /// What it should be.
        wanted: &'static str,
    },
    /// More items than the reader was told to take.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

/// Which piece of how many: both count from 1 and reach [`Part::MAX`] at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    index: u32,
    total: u32,
}

impl Part {
    /// The most pieces there can be: what five columns hold.
    pub const MAX: u32 = 99_999;

    /// Piece `index` of `total`; `None` unless `1 <= index <= total <= `[`Part::MAX`].
    #[must_use]
    pub fn new(index: u32, total: u32) -> Option<Self> {
        let fits = 1 <= index && index <= total && total <= Self::MAX;
        fits.then_some(Self { index, total })
    }

    /// Which one, from 1.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub fn total(self) -> u32 {
        self.total
    }
}

/// A command's or a column's code that is not known here, kept as it came.
///
/// Only reading a line makes one, so that no known code can hide in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownCode(Box<str>);

impl UnknownCode {
    /// The code itself: capital letters, digits and `_`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(code: &str) -> Option<Self> {
        let sign = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        (!code.is_empty() && code.bytes().all(sign)).then(|| Self(code.into()))
    }
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Declares the codes of a dialect once: the enum, how each is spelled, and the way back.
macro_rules! codes {
    (
        $(#[$doc:meta])*
        $name:ident, $lengths:expr;
        $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)*
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// Another program's, kept as it came.
            Unknown($crate::dialect::UnknownCode),
        }

        impl $name {
            /// Every one that is known.
            pub const KNOWN: &[Self] = &[$(Self::$variant,)*];

            /// As it is spelled in a line.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code.as_str(),
                }
            }

            /// The one that is spelled `code`, known or not; `None` if no code is spelled so: one of
            /// another length, or with anything but capital letters, digits and `_`.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ if !$lengths.contains(&code.len()) => None,
                    _ => $crate::dialect::UnknownCode::new(code).map(Self::Unknown),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
use codes;

/// A field of a line as it stands there, still escaped, and where it begins.
#[derive(Debug, Clone, Copy)]
struct RawField<'a> {
    name: &'static str,
    at: usize,
    raw: &'a str,
}

impl RawField<'_> {
    /// The text it stands for.
    fn text(self, delimiter: Delimiter) -> Result<String, DialectError> {
        let escape = |source| DialectError::Escape { field: self.name, at: self.at, source };
        let mut fields = text::split(self.raw, delimiter).map_err(escape)?;
        // One field exactly: the raw text was cut at every delimiter.
        Ok(fields.pop().unwrap_or_default())
    }

    /// A number in its shortest form, so that it is written as it was read.
    fn number(self) -> Result<u64, DialectError> {
        number(self.raw.as_bytes()).ok_or_else(|| self.is_not("a whole number"))
    }

    fn is_not(self, wanted: &'static str) -> DialectError {
        DialectError::Field { field: self.name, at: self.at, wanted }
    }
}

/// The number that digits stand for: no sign, no blank, no leading zero, no overflow.
fn number(digits: &[u8]) -> Option<u64> {
    let shortest = digits == b"0" || digits.first().is_some_and(|first| *first != b'0');
    if !shortest || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The numbers of a piece, from two fields that hold them.
fn part(index: RawField<'_>, total: RawField<'_>) -> Result<Part, DialectError> {
    let small = |field: RawField<'_>| {
        let number = number(field.raw.as_bytes()).and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (1..=Part::MAX).contains(number));
        number.ok_or_else(|| field.is_not("a whole number between 1 and 99999"))
    };
    let (number, total) = (small(index)?, small(total)?);
    Part::new(number, total).ok_or_else(|| index.is_not("at most the total"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_between_one_and_its_total() {
        for (index, total) in [(1, 1), (1, 3), (3, 3), (99_999, 99_999)] {
            let part = Part::new(index, total).unwrap();
            assert_eq!((part.index(), part.total()), (index, total));
        }
        for (index, total) in [(0, 0), (0, 1), (2, 1), (1, 100_000), (u32::MAX, u32::MAX)] {
            assert_eq!(Part::new(index, total), None);
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "18446744073709551616", "٣"] {
            assert_eq!(number(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
