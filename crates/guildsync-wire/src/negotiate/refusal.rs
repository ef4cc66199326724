//! The answer to an unknown version: the versions that we speak, as text: `speaks 1-3`.
//!
//! It is the one message that every version must be able to read, now and later, so it is as plain
//! as can be: readable bytes of every alphabet's channel, in no frame, at most 14 of them. Never
//! answer a refusal: two programs would answer each other for ever.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::Versions;

const WORD: &str = "speaks ";

/// Says which versions we speak. Its `Display` is the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// The versions.
    pub versions: Versions,
}

/// What is no [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no refusal: `speaks LOW-HIGH` with two numbers from 1 to 255 is one")]
pub struct RefusalError;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{WORD}{}-{}", self.versions.low(), self.versions.high())
    }
}

impl FromStr for Refusal {
    type Err = RefusalError;

    fn from_str(text: &str) -> Result<Self, RefusalError> {
        let numbers = text.strip_prefix(WORD).and_then(|numbers| numbers.split_once('-'));
        let (low, high) = numbers.ok_or(RefusalError)?;
        let versions = match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) => Versions::new(low, high),
            _ => None,
        };
        let refusal = Self { versions: versions.ok_or(RefusalError)? };
        // One spelling: `+1` and `01` parse as numbers as well.
        if refusal.to_string() == text { Ok(refusal) } else { Err(RefusalError) }
    }
}

impl Refusal {
    /// Reads the bytes of a message.
    ///
    /// # Errors
    /// They are anything else.
    pub fn read(message: &[u8]) -> Result<Self, RefusalError> {
        std::str::from_utf8(message).map_err(|_| RefusalError)?.parse()
    }

    /// The bytes of the message.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}
