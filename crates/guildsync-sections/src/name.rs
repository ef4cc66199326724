//! Names of documents and sections, and the ids that follow from them.
//!
//! An id is the hash of what the thing was first called, so that two officers who import one sheet have
//! one document with the same sections, and an id that everybody can work out need not be sent. What is
//! renamed keeps its id.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use guildsync_types::Hash;
use guildsync_types::hash::{Domain, NotHex, from_hex, to_hex};
use thiserror::Error;

/// A title of a document or a name of a section: any text of 1 to 100 bytes without control characters.
/// Names may repeat and may hold quotes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

/// Why a text is no label.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LabelError {
    /// There is none.
    #[error("a title or a section's name is empty: give it one")]
    Empty,
    /// It is too long.
    #[error(
        "the name \"{text}\" has {len} bytes, {max} is the most: shorten it",
        max = Label::BYTES_MAX
    )]
    TooLong {
        /// Its beginning.
        text: String,
        /// Its length.
        len: usize,
    },
    /// It holds a control character.
    #[error("the name {text:?} holds a control character: leave it out")]
    Control {
        /// The text.
        text: String,
    },
}

impl Label {
    /// The longest label, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 100;

    /// Checks a label; its text is kept as it is.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn new(text: &str) -> Result<Self, LabelError> {
        if text.is_empty() {
            return Err(LabelError::Empty);
        }
        if text.len() > Self::BYTES_MAX {
            let (text, len) = (text.chars().take(20).collect(), text.len());
            return Err(LabelError::TooLong { text, len });
        }
        if text.chars().any(char::is_control) {
            return Err(LabelError::Control { text: text.to_owned() });
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A document: the hash of its first title.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub [u8; 8]);

/// A section of a document: the hash of its first name, and of its place among those of that name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionId(pub [u8; 8]);

impl DocumentId {
    /// The document that was first called so.
    #[must_use]
    pub fn of_title(title: &Label) -> Self {
        let hash = Hash::of(Domain::Document).with(title.as_str().as_bytes()).finish();
        Self(hash.digest().0)
    }
}

impl SectionId {
    /// The section of a document that was first called so, as the `nth` of that name, counted from 0.
    #[must_use]
    pub fn of_name(document: DocumentId, name: &Label, nth: u32) -> Self {
        let hash = Hash::of(Domain::Section).with(&document.0).with(&nth.to_le_bytes());
        Self(hash.with(name.as_str().as_bytes()).finish().digest().0)
    }
}

macro_rules! hex_ids {
    ($($id:ident)*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&to_hex(&self.0))
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_hex(&self.0[..4]))
            }
        }

        impl FromStr for $id {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                from_hex(text).map(Self).ok_or(NotHex { bytes: 8 })
            }
        }
    )*};
}

hex_ids!(DocumentId SectionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_any_text_within_their_limit() {
        for text in ["a", "Gate \"of\" Ash: 2, left; right|", &"ö".repeat(50)] {
            assert_eq!(Label::new(text).unwrap().as_str(), text);
        }
        for text in ["", "a\nb", "\0", &"ö".repeat(51)] {
            assert!(Label::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn ids_follow_from_names_and_read_back_from_text() {
        let (a, b) = (Label::new("Ash").unwrap(), Label::new("Brim").unwrap());
        let (one, other) = (DocumentId::of_title(&a), DocumentId::of_title(&b));
        assert_ne!(one, other);
        assert_eq!(one.to_string().parse(), Ok(one));
        let ids = [(one, &a, 0), (one, &a, 1), (one, &b, 0), (other, &a, 0)];
        let ids = ids.map(|(document, name, nth)| SectionId::of_name(document, name, nth));
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id));
        }
        for text in ["", "+123456789abcdef", "0123456789abcde", "0123456789abcdefa"] {
            assert!(text.parse::<SectionId>().is_err(), "{text}");
        }
    }
}
