//! Guild names and record ids: text with a limit, kept byte for byte.

use std::fmt;
use std::sync::Arc;

use guildsync_types::TextError;

/// A guild, as the tables name it: `No Rest For The Wicked-Eonar`, or `Name-Realm` of its leader.
///
/// 1 to 96 bytes without control characters, kept and compared as it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuildName(Arc<str>);

/// What a record is called in its table: a member's `Name-Realm` in the roster, elsewhere digits of a
/// time and a random number, or anything else.
///
/// 1 to 96 bytes without control characters, kept and compared as it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(Arc<str>);

macro_rules! text {
    ($($name:ident, $what:literal);*) => {$(
        impl $name {
            /// The longest, in bytes of UTF-8.
            pub const BYTES_MAX: usize = 96;

            /// Checks a text.
            ///
            /// # Errors
            /// Empty, over [`Self::BYTES_MAX`], or with a control character.
            pub fn new(text: &str) -> Result<Self, TextError> {
                check($what, text, Self::BYTES_MAX)?;
                Ok(Self(text.into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    )*};
}

text!(GuildName, "a guild's name"; RecordId, "a record's id");

fn check(what: &'static str, text: &str, limit: usize) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty { what });
    }
    if text.len() > limit {
        return Err(TextError::TooLong { what, len: text.len(), limit, unit: "bytes" });
    }
    match text.chars().find(|c| c.is_control()) {
        None => Ok(()),
        Some(found) => Err(TextError::Forbidden { what, text: text.to_owned(), found }),
    }
}
