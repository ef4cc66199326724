//! A text of lines, each a word and fields: how messages look that people and addons read.
//!
//! A [`Delimiter`] stands before each field, most fields are `key=value`, and all are escaped as
//! [`crate::text`] does, so that a field may hold anything. What a line is stands in its first word
//! and nowhere else.
//!
//! [`Lines`] and [`Fields`] keep nothing but their place in the text, and make one field at a time: a
//! line of a million delimiters costs what its first field does. How many lines there may be is for
//! the caller to say.
//!
//! ```
//! use guildsync_wire::line::{LineWriter, Lines, number};
//! use guildsync_wire::text::Delimiter;
//!
//! let mut out = LineWriter::new(Delimiter::Semicolon);
//! out.word("ACK");
//! out.field("next", "3");
//! out.value("all; or nearly");
//! let text = out.finish();
//! assert_eq!(text, r"ACK;next=3;all\s or nearly");
//!
//! let mut lines = Lines::new(&text, Delimiter::Semicolon);
//! let (word, mut fields) = lines.take()?;
//! assert_eq!((word, fields.has("next")), ("ACK", true));
//! assert_eq!(fields.take("next", "a number of 8 bits", number::<u8>)?, 3);
//! let error = fields.next("the rest", "a number", number::<u8>).unwrap_err();
//! assert_eq!(error.to_string(), "line 1: the rest is not a number");
//! fields.finish()?;
//! lines.finish()?;
//! # Ok::<(), guildsync_wire::line::LineError>(())
//! ```

use std::str::FromStr;

use thiserror::Error;

use crate::dialect::ids;
use crate::text::{Delimiter, TextError, field_at, join};

#[cfg(test)]
mod tests;

/// What is wrong with a text of lines, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct LineError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: LineFault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LineFault {
    /// A field's escaping cannot be undone; offsets are bytes from the line's start.
    #[error(transparent)]
    Escape(#[from] TextError),
    /// It says something else than it should.
    #[error("{what} is not {wanted}")]
    Field {
        /// The field, or what else is wrong.
        what: &'static str,
        /// What it should be.
        wanted: String,
    },
}

/// Says that something in a line, counted from 1, is not what it should be.
///
/// ```
/// let error = guildsync_wire::line::is_not(2, "the list", "ascending");
/// assert_eq!(error.to_string(), "line 2: the list is not ascending");
/// ```
#[must_use]
pub fn is_not(line: usize, what: &'static str, wanted: &str) -> LineError {
    LineError { line, why: LineFault::Field { what, wanted: wanted.to_owned() } }
}

/// A number in its shortest form.
#[must_use]
pub fn number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    T::try_from(ids::read(text, 1).ok()?.first().copied()?).ok()
}

/// A value that is shown just so: what else would parse as it is refused.
#[must_use]
pub fn shown<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}

/// A text being written.
#[derive(Debug, Clone)]
pub struct LineWriter {
    text: String,
    delimiter: Delimiter,
}

impl LineWriter {
    /// A text without a line.
    #[must_use]
    pub fn new(delimiter: Delimiter) -> Self {
        Self { text: String::new(), delimiter }
    }

    /// Begins a line with a word, which is not empty and needs no escaping.
    pub fn word(&mut self, word: &str) {
        debug_assert!(!word.contains(self.delimiter.as_char()), "a word has no delimiter");
        self.line(word);
    }

    /// Adds a line as it stands, not empty: one that another dialect wrote.
    pub fn line(&mut self, line: &str) {
        debug_assert!(!line.is_empty() && !line.contains('\n'), "a line, not none and not two");
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
    }

    /// Adds a field without a key to the line.
    pub fn value(&mut self, value: &str) {
        self.raw(&join([value], self.delimiter));
    }

    /// Adds a field to the line. Its key holds no `=` and nothing that is escaped.
    pub fn field(&mut self, key: &str, value: &str) {
        debug_assert!(!key.contains('=') && join([key], self.delimiter) == key, "a plain key");
        self.value(&format!("{key}={value}"));
    }

    /// Adds what is escaped already, or needs no escaping: hex, and data that go to the line's end.
    pub fn raw(&mut self, fields: &str) {
        debug_assert!(!fields.contains('\n'), "fields end with their line");
        self.text.push(self.delimiter.as_char());
        self.text.push_str(fields);
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }
}

/// The lines of a text that are still to be read.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    left: Option<&'a str>,
    /// The next one's number, from 1.
    number: usize,
    delimiter: Delimiter,
}

impl<'a> Lines<'a> {
    /// All lines of a text; an empty text is one empty line.
    #[must_use]
    pub fn new(text: &'a str, delimiter: Delimiter) -> Self {
        Self { left: Some(text), number: 1, delimiter }
    }

    /// The next line's word: what is before its first delimiter. `None` behind the last line.
    #[must_use]
    pub fn word(&self) -> Option<&'a str> {
        self.left?.split([self.delimiter.as_char(), '\n']).next()
    }

    /// The next line's word and fields.
    ///
    /// # Errors
    /// There is no next line.
    pub fn take(&mut self) -> Result<(&'a str, Fields<'a>), LineError> {
        let (line, text) = self.take_line()?;
        let delimiter = self.delimiter;
        let word = text.split(delimiter.as_char()).next().unwrap_or_default();
        let first = word.len() + delimiter.as_char().len_utf8();
        let next = (word.len() < text.len()).then_some(first);
        Ok((word, Fields { line, text, next, delimiter }))
    }

    /// The next line's number and what is behind its word as it stands, where the word is this one.
    ///
    /// # Errors
    /// There is no next line, it begins with another word, or nothing is behind it.
    pub fn take_raw(&mut self, word: &str) -> Result<(usize, &'a str), LineError> {
        let (line, text) = self.take_line()?;
        let between = self.delimiter.as_char();
        let behind = text.strip_prefix(word).and_then(|behind| behind.strip_prefix(between));
        let wanted = || is_not(line, "the line", &format!("{word}{between}..."));
        Ok((line, behind.ok_or_else(wanted)?))
    }

    /// The next line's number and the line as it stands.
    ///
    /// # Errors
    /// There is no next line.
    pub fn take_line(&mut self) -> Result<(usize, &'a str), LineError> {
        let number = self.number;
        let Some(left) = self.left else { return Err(is_not(number, "the line", "there")) };
        let (line, left) = left.split_once('\n').map_or((left, None), |(a, b)| (a, Some(b)));
        self.left = left;
        self.number += 1;
        Ok((number, line))
    }

    /// Says that all lines have been read.
    ///
    /// # Errors
    /// They have not.
    pub fn finish(self) -> Result<(), LineError> {
        match self.left {
            None => Ok(()),
            Some(_) => Err(is_not(self.number, "the line", "one that belongs there")),
        }
    }
}

/// The fields of a line that are still to be read, in their order.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    line: usize,
    text: &'a str,
    /// Where the next one begins.
    next: Option<usize>,
    delimiter: Delimiter,
}

impl Fields<'_> {
    /// The line's number, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Whether all fields have been read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next.is_none()
    }

    /// Whether the next field has this key, which is one that [`LineWriter::field`] writes.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        // A key that needs no escaping stands there as it is.
        let behind = self.next.and_then(|next| self.text[next..].strip_prefix(key));
        behind.is_some_and(|behind| behind.starts_with('='))
    }

    /// Takes the next field, which has this key, and what `parse` makes of its value.
    ///
    /// # Errors
    /// The escaping cannot be undone, there is no field, it has another key, or `parse` makes nothing
    /// of its value: then the field `key` is not what is `wanted`.
    pub fn take<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, LineError> {
        self.next(key, wanted, |field| {
            let (found, value) = field.split_once('=')?;
            if found == key { parse(value) } else { None }
        })
    }

    /// Takes the next field, whether it has a key or not, and what `parse` makes of it.
    ///
    /// # Errors
    /// The escaping cannot be undone, there is no field, or `parse` makes nothing of it: then `what`
    /// is not what is `wanted`.
    pub fn next<T>(
        &mut self,
        what: &'static str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, LineError> {
        let missing = |line| is_not(line, what, wanted);
        let next = self.next.ok_or_else(|| missing(self.line))?;
        let (field, behind) = field_at(next, self.text, self.delimiter)
            .map_err(|fault| LineError { line: self.line, why: fault.into() })?;
        self.next = behind;
        parse(&field).ok_or_else(|| missing(self.line))
    }

    /// Says that all fields have been read.
    ///
    /// # Errors
    /// They have not.
    pub fn finish(self) -> Result<(), LineError> {
        match self.next {
            None => Ok(()),
            Some(_) => Err(self.is_not("the next field", "one that belongs there")),
        }
    }

    /// Says that something in this line is not what it should be.
    #[must_use]
    pub fn is_not(&self, what: &'static str, wanted: &str) -> LineError {
        is_not(self.line, what, wanted)
    }
}
