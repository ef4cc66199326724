//! Lines of a text message: a word and fields, most of them `key=value`, a semicolon between two.

use std::collections::VecDeque;
use std::str::FromStr;

use bytes::Bytes;
use guildsync_wire::dialect::ids;
use guildsync_wire::text::{Delimiter, join, split};

use super::super::MessageError;

/// What stands between two fields, as in GuildHelper's own messages.
const BETWEEN: Delimiter = Delimiter::Semicolon;

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
    pub(super) fn value(&mut self, value: &str) {
        self.raw(&join([value], BETWEEN));
    }

    /// Adds a field with a key to the line.
    pub(super) fn field(&mut self, key: &str, value: &str) {
        self.value(&format!("{key}={value}"));
    }

    /// Adds what is escaped already, or needs no escaping: hex, and data that go to the line's end.
    pub(super) fn raw(&mut self, fields: &str) {
        self.0.push(BETWEEN.as_char());
        self.0.push_str(fields);
    }

    pub(super) fn finish(self) -> Bytes {
        self.0.into()
    }
}

/// A line's word: what is before its first semicolon.
pub(super) fn word(line: &str) -> &str {
    line.split([BETWEEN.as_char(), '\n']).next().unwrap_or_default()
}

/// The lines of a text message that are still to be read.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    left: Option<&'a str>,
    /// The next one's number, from 1.
    pub(super) number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { left: Some(text), number: 1 }
    }

    /// The next line's word.
    pub(super) fn word(&self) -> Option<&'a str> {
        self.left.map(word)
    }

    /// The next line as it stands, and its number.
    pub(super) fn take_line(&mut self) -> Result<(usize, &'a str), MessageError> {
        let number = self.number;
        let Some(left) = self.left else { return Err(is_not(number, "the line", "there")) };
        let (line, left) = left.split_once('\n').map_or((left, None), |(a, b)| (a, Some(b)));
        self.left = left;
        self.number += 1;
        Ok((number, line))
    }

    /// What is behind the word of the next line, as it stands, and the line's number.
    pub(super) fn take_raw(
        &mut self,
        wanted: &'static str,
    ) -> Result<(usize, &'a str), MessageError> {
        let number = self.number;
        let (_, line) = self.take_line()?;
        let behind = line.split_once(BETWEEN.as_char()).filter(|(word, _)| *word == wanted);
        let behind = behind.map(|(_, behind)| behind);
        Ok((number, behind.ok_or_else(|| is_not(number, "the line", &format!("{wanted};...")))?))
    }

    /// The next line's word and fields.
    pub(super) fn take(&mut self) -> Result<(&'a str, Fields), MessageError> {
        let (number, line) = self.take_line()?;
        let word = word(line);
        let left = match line[word.len()..].strip_prefix(BETWEEN.as_char()) {
            Some(behind) => split(behind, BETWEEN)
                .map_err(|source| MessageError::Escape { line: number, source })?
                .into(),
            None => VecDeque::new(),
        };
        Ok((word, Fields { line: number, left }))
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

    /// Whether all fields have been read.
    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
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

    /// Takes the next field, which has no key, and what `parse` makes of it.
    pub(super) fn next<T>(
        &mut self,
        what: &'static str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, MessageError> {
        let value = self.left.pop_front().as_deref().and_then(parse);
        value.ok_or_else(|| self.is_not(what, wanted))
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

/// A number in its shortest form.
pub(super) fn number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    T::try_from(ids::read(text, 1).ok()?.first().copied()?).ok()
}

/// A value that is shown just so.
pub(super) fn shown<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}
