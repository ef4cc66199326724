//! Lines of a text message: a word and fields `key=value`.

use std::collections::VecDeque;
use std::str::FromStr;

use bytes::Bytes;
use guildsync_wire::dialect::{DialectError, ids};
use guildsync_wire::text::{Delimiter, join, split};

use super::super::MessageError;

/// A text message being written.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a line.
    pub(super) fn word(&mut self, word: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(word);
    }

    /// Adds a field to the line.
    pub(super) fn field(&mut self, key: &str, value: &str) {
        self.raw(key);
        self.0.push('=');
        self.0.push_str(&join([value], Delimiter::Pipe));
    }

    /// Adds what is escaped already.
    pub(super) fn raw(&mut self, fields: &str) {
        self.0.push(Delimiter::Pipe.as_char());
        self.0.push_str(fields);
    }

    pub(super) fn finish(self) -> Bytes {
        self.0.into()
    }
}

/// The lines of a text message that are still to be read.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    left: Option<&'a str>,
    /// The next one's number, from 1.
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { left: Some(text), number: 1 }
    }

    /// The next line's word.
    pub(super) fn word(&self) -> Option<&'a str> {
        let line = self.left?.split('\n').next()?;
        line.split(Delimiter::Pipe.as_char()).next()
    }

    /// The next line as it stands: its number, and what is behind the word.
    pub(super) fn take_raw(&mut self) -> Result<(usize, &'a str), MessageError> {
        let number = self.number;
        let Some(left) = self.left else { return Err(is_not(number, "the line", "there")) };
        let (line, left) = left.split_once('\n').map_or((left, None), |(a, b)| (a, Some(b)));
        self.left = left;
        self.number += 1;
        let behind = line.split_once(Delimiter::Pipe.as_char()).map_or("", |(_, behind)| behind);
        Ok((number, behind))
    }

    /// The next line's word and fields.
    pub(super) fn take(&mut self) -> Result<(&'a str, Fields), MessageError> {
        let word = self.word().unwrap_or_default();
        let has_fields = self.left.is_some_and(|left| left[word.len()..].starts_with('|'));
        let (line, behind) = self.take_raw()?;
        let fields = match has_fields {
            true => split(behind, Delimiter::Pipe)
                .map_err(|source| MessageError::Escape { line, source })?
                .into(),
            false => VecDeque::new(),
        };
        Ok((word, Fields { line, left: fields }))
    }

    /// Says that all lines have been read.
    pub(super) fn finish(self) -> Result<(), MessageError> {
        match self.left {
            None => Ok(()),
            Some(_) => Err(is_not(self.number, "the line", "one that belongs there")),
        }
    }
}

/// The fields of a line that are still to be read, in their order.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) line: usize,
    left: VecDeque<String>,
}

impl Fields {
    /// Whether the next field has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.left.front().and_then(|field| field.split_once('=')).is_some_and(|(k, _)| k == key)
    }

    /// Takes the next field, which has this key, and what `parse` makes of its value.
    pub(super) fn take<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, MessageError> {
        let field = self.left.pop_front();
        let value = field.as_deref().and_then(|field| field.split_once('='));
        let value = value.filter(|&(k, _)| k == key).and_then(|(_, value)| parse(value));
        value.ok_or_else(|| self.is_not(key, wanted))
    }

    /// Takes the next field, whatever its key.
    pub(super) fn pair(&mut self) -> Option<(String, String)> {
        let field = self.left.pop_front()?;
        field.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
    }

    /// Says that all fields have been read.
    pub(super) fn finish(self) -> Result<(), MessageError> {
        match self.left.is_empty() {
            true => Ok(()),
            false => Err(self.is_not("the next field", "one that belongs there")),
        }
    }

    pub(super) fn is_not(&self, what: &'static str, wanted: &str) -> MessageError {
        is_not(self.line, what, wanted)
    }
}

pub(super) fn is_not(line: usize, what: &'static str, wanted: &str) -> MessageError {
    MessageError::Field { line, what, wanted: wanted.to_owned() }
}

pub(super) fn dialect(line: usize) -> impl Fn(DialectError) -> MessageError {
    move |source| MessageError::Dialect { line, source }
}

/// A number in its shortest form.
pub(super) fn number(text: &str) -> Option<u64> {
    ids::read(text, 1).ok()?.first().copied()
}

/// A value that is shown just so.
pub(super) fn shown<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}
