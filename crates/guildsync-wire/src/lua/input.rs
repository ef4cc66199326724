//! [`Input`]: a byte stream with two bytes of look-ahead that knows its line and column.

use std::io::{ErrorKind, Read};

use super::{LuaError, Place};

/// What is read at once; also the most that is read beyond an error.
const CHUNK_BYTES: usize = 64 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

pub(super) struct Input<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// The unread bytes are `buffer[at..end]`.
    at: usize,
    end: usize,
    /// Offset of `buffer[0]` in the text.
    base: u64,
    /// Offset of the first byte of this line.
    line_start: u64,
    line: u64,
    limit: u64,
}

impl<R: Read> Input<R> {
    /// Reads from `reader`, at most `limit` bytes. `expected` is how many there may be, to reserve
    /// less for little.
    pub(super) fn new(reader: R, limit: u64, expected: usize) -> Self {
        let buffer = vec![0; expected.clamp(16, CHUNK_BYTES)].into_boxed_slice();
        Self { reader, buffer, at: 0, end: 0, base: 0, line_start: 0, line: 1, limit }
    }

    /// Passes over a byte order mark, which some editors put first. It takes no column.
    pub(super) fn skip_bom(&mut self) -> Result<(), LuaError> {
        while self.end - self.at < BOM.len() && self.fill()? {}
        if self.buffer[self.at..self.end].starts_with(BOM) {
            self.at += BOM.len();
            self.line_start += BOM.len() as u64;
        }
        Ok(())
    }

    /// The next byte; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, LuaError> {
        if self.at == self.end && !self.fill()? {
            return Ok(None);
        }
        Ok(Some(self.buffer[self.at]))
    }

    /// The byte behind the next one.
    pub(super) fn peek_second(&mut self) -> Result<Option<u8>, LuaError> {
        while self.end - self.at < 2 {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[self.at + 1]))
    }

    /// Passes over the next byte, which was peeked at.
    pub(super) fn bump(&mut self) {
        debug_assert!(self.at < self.end);
        self.at += 1;
        if self.buffer[self.at - 1] == b'\n' {
            self.line += 1;
            self.line_start = self.base + self.at as u64;
        }
    }

    /// Takes the bytes up to the first that is in `stop`, or as many as are at hand; none at the
    /// end. LF has to be in `stop`, so that lines are counted in [`Input::bump`] alone.
    pub(super) fn run(&mut self, stop: impl Fn(u8) -> bool) -> Result<&[u8], LuaError> {
        if self.at == self.end {
            self.fill()?;
        }
        let start = self.at;
        let unread = &self.buffer[start..self.end];
        self.at += unread.iter().position(|&byte| stop(byte)).unwrap_or(unread.len());
        Ok(&self.buffer[start..self.at])
    }

    /// Passes over one line end, in whichever of the four ways it is written.
    pub(super) fn bump_line_end(&mut self) -> Result<(), LuaError> {
        let first = self.peek()?;
        self.bump();
        if matches!(self.peek()?, Some(b'\r' | b'\n')) && self.peek()? != first {
            self.bump();
        }
        Ok(())
    }

    /// Passes over white space.
    pub(super) fn skip_blanks(&mut self) -> Result<Option<u8>, LuaError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c') => self.bump(),
                other => return Ok(other),
            }
        }
    }

    /// Where the next byte is.
    pub(super) fn place(&self) -> Place {
        let offset = self.base + self.at as u64;
        Place { line: self.line, column: offset - self.line_start + 1 }
    }

    /// Reads more behind the unread bytes; `false` at the end.
    fn fill(&mut self) -> Result<bool, LuaError> {
        self.buffer.copy_within(self.at..self.end, 0);
        self.base += self.at as u64;
        self.end -= self.at;
        self.at = 0;
        let read = loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(read) => break read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let (kind, why) = (error.kind(), error.to_string());
                    return Err(LuaError::Io { at: self.place(), kind, why });
                }
            }
        };
        self.end += read;
        if self.base + self.end as u64 > self.limit {
            return Err(LuaError::TooLarge { at: self.place(), what: "bytes", limit: self.limit });
        }
        Ok(read > 0)
    }
}
