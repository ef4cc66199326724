//! Reading text from outside: a limit on its size, and what damaged files look like.

use std::io::{ErrorKind, Read};

use thiserror::Error;

/// The most bytes that any file may have: 256 MiB.
pub const BYTES_MAX: u64 = 256 << 20;

/// Why a file's bytes are no text. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InputError {
    /// No bytes, or white space alone.
    #[error("the file is empty; choose another one, or let the program that writes it write again")]
    Empty,
    /// A NUL byte: a crash or a full disk leaves them in place of text.
    #[error(
        "line {line}, column {column}: a NUL byte: the file was damaged while it was written \
         (a crash, a full disk); restore a copy of it"
    )]
    NulBytes {
        /// Its line, from 1.
        line: u64,
        /// Its byte in the line, from 1.
        column: u64,
    },
    /// UTF-16, as some editors save it.
    #[error("the file is UTF-16 text; save it again as UTF-8")]
    Utf16,
    /// Bytes that are no UTF-8.
    #[error("line {line}, column {column}: this is not UTF-8 text; save the file again as UTF-8")]
    NotUtf8 {
        /// The first bad byte's line, from 1.
        line: u64,
        /// Its byte in the line, from 1.
        column: u64,
    },
    /// More than [`BYTES_MAX`].
    #[error("the file has more than {limit} bytes; split it, nothing larger is read")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The reader failed.
    #[error("reading failed: {why}")]
    Io {
        /// The kind of failure.
        kind: ErrorKind,
        /// The system's words.
        why: String,
    },
}

impl From<std::io::Error> for InputError {
    fn from(error: std::io::Error) -> Self {
        Self::Io { kind: error.kind(), why: error.to_string() }
    }
}

/// Reads all of a text, without the byte order mark that some editors put first.
///
/// # Errors
/// Every variant of [`InputError`].
pub fn read_text(reader: impl Read) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    reader.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(InputError::TooLarge { limit: BYTES_MAX });
    }
    if is_utf16(&bytes) {
        return Err(InputError::Utf16);
    }
    if let Some(nul) = bytes.iter().position(|&byte| byte == 0) {
        let (line, column) = place(&bytes, nul);
        return Err(InputError::NulBytes { line, column });
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let (line, column) = place(error.as_bytes(), error.utf8_error().valid_up_to());
        InputError::NotUtf8 { line, column }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    match text.trim().is_empty() {
        true => Err(InputError::Empty),
        false => Ok(text),
    }
}

/// Reads the first bytes of a file, at most `len`, before its kind is known.
pub(crate) fn read_head(reader: &mut impl Read, len: u64) -> Result<Vec<u8>, InputError> {
    let mut head = Vec::new();
    reader.take(len).read_to_end(&mut head)?;
    if is_utf16(&head) {
        return Err(InputError::Utf16);
    }
    if let Some(nul) = head.iter().position(|&byte| byte == 0) {
        let (line, column) = place(&head, nul);
        return Err(InputError::NulBytes { line, column });
    }
    Ok(head)
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Line and column, both from 1, of the byte at `offset`.
fn place(bytes: &[u8], offset: usize) -> (u64, u64) {
    let before = &bytes[..offset];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (line, (offset - start) as u64 + 1)
}
