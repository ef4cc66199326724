//! Policies of a profile as text: a name, and what it is set to.
//!
//! Any name and value that keep to these rules may be said of a profile; which of them mean something
//! is for those to know who act on them. So a policy of a later version passes through this one.

use std::borrow::Borrow;

use crate::name::{TextError, bounded, forbid, shown_as_text};

/// The name of a policy: 1 to 32 lower-case ASCII letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(Box<str>);

impl PolicyName {
    /// The longest name, in bytes.
    pub const BYTES_MAX: usize = 32;

    /// Checks a name; its text is kept as it is.
    ///
    /// # Errors
    /// Empty, over [`PolicyName::BYTES_MAX`], or with any other character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        const WHAT: &str = "a policy name";
        bounded(WHAT, text, text.len(), Self::BYTES_MAX, "bytes")?;
        forbid(WHAT, text, |c| !matches!(c, 'a'..='z' | '0'..='9' | '-'))?;
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names are looked up by text; order and equality are those of the text.
impl Borrow<str> for PolicyName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What a policy is set to: at most 64 bytes of text, no control characters. Empty is back to the
/// default.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyValue(Box<str>);

impl PolicyValue {
    /// The longest value, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 64;

    /// Checks a value; its text is kept as it is.
    ///
    /// # Errors
    /// Over [`PolicyValue::BYTES_MAX`], or with a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        const WHAT: &str = "a policy value";
        if !text.is_empty() {
            bounded(WHAT, text, text.len(), Self::BYTES_MAX, "bytes")?;
        }
        forbid(WHAT, text, char::is_control)?;
        Ok(Self(text.into()))
    }

    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it says nothing: the default holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

shown_as_text!(PolicyName, PolicyValue);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_keep_to_their_rules() {
        for name in ["a", "manual-sync", "-", "9", &"x".repeat(32)] {
            assert_eq!(PolicyName::new(name).unwrap().as_str(), name);
        }
        for name in ["", "Manual", "manual sync", "manual_sync", "größe", "a\n", &"x".repeat(33)]
        {
            assert!(PolicyName::new(name).is_err(), "{name:?}");
        }
        for value in ["", " any text ", "größe", &"x".repeat(64)] {
            assert_eq!(PolicyValue::new(value).unwrap().as_str(), value);
        }
        for value in ["a\nb", "\0", "\u{85}", &"x".repeat(65)] {
            assert!(PolicyValue::new(value).is_err(), "{value:?}");
        }
        assert_eq!(
            PolicyName::new("Manual").unwrap_err().to_string(),
            "a policy name \"Manual\" holds 'M', which it cannot: leave it out"
        );
    }
}
