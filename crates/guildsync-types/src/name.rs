//! Text with rules: member names, profile names, reasons.
//!
//! A member is a character, `Name-Realm` or just `Name`. Games and people disagree about its
//! spelling (`brindle - Argent Dawn`, `Brindle-ArgentDawn`), so a name typed by a person is brought
//! to one spelling by [`MemberName::new`], and two names are equal when they differ only in case.
//! What arrives in an entry keeps its bytes (they are hashed) and is checked by
//! [`MemberName::from_entry`] alone.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use thiserror::Error;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("{what} is empty: give at least one character")]
    Empty {
        /// The kind of text.
        what: &'static str,
    },
    /// More than the kind of text allows.
    #[error("{what} has {len} {unit}, at most {limit} are allowed: shorten it")]
    TooLong {
        /// The kind of text.
        what: &'static str,
        /// How long it is.
        len: usize,
        /// How long it may be.
        limit: usize,
        /// What is counted: `bytes` or `characters`.
        unit: &'static str,
    },
    /// A character that this kind of text never holds.
    #[error("{what} {text:?} holds {found:?}, which it cannot: leave it out")]
    Forbidden {
        /// The kind of text.
        what: &'static str,
        /// The refused text.
        text: String,
        /// The first offending character.
        found: char,
    },
}

/// A character of the game: `Name-Realm`, or `Name` where the source tells no realm.
///
/// At most 48 bytes, no white space, no control characters. Equality, order and hash ignore case;
/// the spelling is kept for showing. A copy shares its text.
///
/// ```
/// use guildsync_types::MemberName;
/// let typed = MemberName::new("bRINDLE - Argent Dawn")?;
/// assert_eq!(typed.as_str(), "Brindle-ArgentDawn");
/// assert_eq!(typed, MemberName::new("Brindle-argentdawn")?);
/// # Ok::<(), guildsync_types::TextError>(())
/// ```
#[derive(Clone)]
pub struct MemberName(Arc<str>);

impl MemberName {
    /// The longest name, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 48;

    /// Brings a typed name to its one spelling: no white space, the character's first letter in
    /// upper case and the rest in lower case, each word of the realm beginning in upper case.
    ///
    /// # Errors
    /// Empty, over [`MemberName::BYTES_MAX`], or with a control character.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        let (name, realm) = match typed.split_once('-') {
            Some((name, realm)) => (name, Some(realm)),
            None => (typed, None),
        };
        let mut text = String::with_capacity(typed.len());
        let name: String = name.split_whitespace().collect();
        push_capitalized(&mut text, &name.to_lowercase());
        if let Some(realm) = realm {
            let words: Vec<&str> = realm.split_whitespace().collect();
            if !words.is_empty() {
                text.push('-');
            }
            words.iter().for_each(|word| push_capitalized(&mut text, word));
        }
        Self::from_entry(&text)
    }

    /// Takes a name as an entry or a message spells it, byte for byte.
    ///
    /// # Errors
    /// Empty, over [`MemberName::BYTES_MAX`], or with white space or a control character.
    pub fn from_entry(text: &str) -> Result<Self, TextError> {
        const WHAT: &str = "a member name";
        bounded(WHAT, text, text.len(), Self::BYTES_MAX, "bytes")?;
        forbid(WHAT, text, |c| c.is_control() || c.is_whitespace())?;
        Ok(Self(text.into()))
    }

    /// The name as it is spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that equal names share: all letters in lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// What [`MemberName::folded_chars`] gives for ASCII, which most names are, in a tenth of the time.
    fn folded_bytes(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }

    fn folded_chars(&self) -> impl Iterator<Item = char> {
        self.0.chars().flat_map(char::to_lowercase)
    }
}

impl PartialEq for MemberName {
    fn eq(&self, other: &Self) -> bool {
        // Names that are compared are mostly copies of one another.
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        match self.0.is_ascii() && other.0.is_ascii() {
            true => self.0.eq_ignore_ascii_case(&other.0),
            false => self.folded_chars().eq(other.folded_chars()),
        }
    }
}

impl Eq for MemberName {}

impl PartialOrd for MemberName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MemberName {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.0.is_ascii() && other.0.is_ascii() {
            true => self.folded_bytes().cmp(other.folded_bytes()),
            false => self.folded_chars().cmp(other.folded_chars()),
        }
    }
}

impl Hash for MemberName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded_chars().for_each(|c| c.hash(state));
    }
}

/// The label of a profile, 1 to 64 characters, trimmed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(Box<str>);

impl ProfileName {
    /// The longest label, in characters.
    pub const CHARS_MAX: usize = 64;
    /// The longest label, in bytes of UTF-8 (four a character).
    pub const BYTES_MAX: usize = 256;

    /// Trims and checks a label.
    ///
    /// # Errors
    /// Empty, over [`ProfileName::CHARS_MAX`] characters, or with a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        const WHAT: &str = "a profile name";
        let text = text.trim();
        bounded(WHAT, text, text.chars().count(), Self::CHARS_MAX, "characters")?;
        forbid(WHAT, text, char::is_control)?;
        Ok(Self(text.into()))
    }

    /// The label that every replica starts with (seed 000).
    #[must_use]
    pub fn default_profile() -> Self {
        Self("Default".into())
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why points moved: free text of at most 255 bytes, possibly empty, item links and all.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(Arc<str>);

impl Reason {
    /// The longest reason, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 255;

    /// Checks a reason; its text is kept as it is.
    ///
    /// # Errors
    /// Over [`Reason::BYTES_MAX`], or with a NUL character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        const WHAT: &str = "a reason";
        if !text.is_empty() {
            bounded(WHAT, text, text.len(), Self::BYTES_MAX, "bytes")?;
        }
        forbid(WHAT, text, |c| c == '\0')?;
        Ok(Self(text.into()))
    }

    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn push_capitalized(text: &mut String, word: &str) {
    let mut chars = word.chars();
    if let Some(first) = chars.next() {
        text.extend(first.to_uppercase());
        text.push_str(chars.as_str());
    }
}

pub(crate) fn bounded(
    what: &'static str,
    text: &str,
    len: usize,
    limit: usize,
    unit: &'static str,
) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty { what });
    }
    if len > limit {
        return Err(TextError::TooLong { what, len, limit, unit });
    }
    Ok(())
}

pub(crate) fn forbid(
    what: &'static str,
    text: &str,
    bad: impl Fn(char) -> bool,
) -> Result<(), TextError> {
    match text.chars().find(|&c| bad(c)) {
        Some(found) => Err(TextError::Forbidden { what, text: text.to_owned(), found }),
        None => Ok(()),
    }
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

pub(crate) use shown_as_text;

shown_as_text!(MemberName, ProfileName, Reason);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_case_and_realm_words_come_to_one_spelling() {
        let table = [
            ("brindle", "Brindle"),
            ("  BRINDLE ", "Brindle"),
            ("Brindle-Argent Dawn", "Brindle-ArgentDawn"),
            ("brindle - argent dawn", "Brindle-ArgentDawn"),
            ("ångström-Kel'Thuzad", "Ångström-Kel'Thuzad"),
            ("Brindle-", "Brindle"),
        ];
        for (typed, spelled) in table {
            assert_eq!(MemberName::new(typed).unwrap().as_str(), spelled, "{typed:?}");
        }
        let (a, b) = (MemberName::new("Ørn-ArgentDawn"), MemberName::new("øRN-argentdawn"));
        assert_eq!(a, b);
        assert_ne!(a, MemberName::new("Ørn"));
    }

    #[test]
    fn refusals_say_what_and_what_to_do() {
        let long = "x".repeat(65);
        assert_eq!(
            MemberName::new(&long).unwrap_err().to_string(),
            "a member name has 65 bytes, at most 48 are allowed: shorten it"
        );
        assert_eq!(
            ProfileName::new(&long).unwrap_err().to_string(),
            "a profile name has 65 characters, at most 64 are allowed: shorten it"
        );
        assert!(ProfileName::new(&"ß".repeat(64)).is_ok());
        assert_eq!(
            ProfileName::new("  ").unwrap_err().to_string(),
            "a profile name is empty: give at least one character"
        );
        assert!(MemberName::new("a\u{7}b").is_err());
        assert!(MemberName::from_entry("a b").is_err());
        assert!(Reason::new("").is_ok());
        assert!(Reason::new(&"r".repeat(256)).is_err());
    }
}
