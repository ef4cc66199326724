//! What can be wrong with Lua text, where, and how much of it is read at most.

use std::fmt;

use thiserror::Error;

/// How much is read at most. Beyond a limit is an error, never a shorter result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Tables inside tables. 64; WoW addons rarely pass 10.
    pub depth: usize,
    /// Bytes of the whole text. 256 MiB.
    pub bytes: u64,
    /// Values in it, tables and `nil` counted too. 4 million; each takes 50 to 200 bytes of memory.
    pub values: usize,
    /// Bytes of one string, name or number. 1 MiB.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, bytes: 256 << 20, values: 4_000_000, string_bytes: 1 << 20 }
    }
}

/// A place in a text. It prints as `line 3, column 7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line from 1, ended by LF or CR LF.
    pub line: u64,
    /// Bytes from the line's start, from 1; so a letter such as `ø` counts as two.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text was not read. Nothing of it is taken then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LuaError {
    /// The text ends inside something.
    #[error(
        "{at}: the file was cut off inside {inside} that begins at {from}; \
         WoW writes it only at logout or /reload, so do that and read it again"
    )]
    Truncated {
        /// The end of the text.
        at: Place,
        /// What is not complete: `a table`, `a string` ...
        inside: &'static str,
        /// Where that begins.
        from: Place,
    },
    /// A NUL byte, as a crash or a full disk leaves them behind in place of the text.
    #[error(
        "{at}: a NUL byte: the file was damaged while it was written (a crash, a full disk); \
         restore a copy, such as the .lua.bak beside it"
    )]
    NulBytes {
        /// The first one.
        at: Place,
    },
    /// More tables inside each other than [`Limits::depth`].
    #[error("{at}: tables are nested too deep, the limit is {limit}")]
    TooDeep {
        /// The brace that is one too many.
        at: Place,
        /// The limit.
        limit: usize,
    },
    /// More of something than one of the [`Limits`].
    #[error("{at}: too large: over {limit} {what}")]
    TooLarge {
        /// Where the limit was passed.
        at: Place,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Lua that would have to be run: a call, an operator, `local`, a variable.
    #[error("{at}: `{code}` is code; only data is read, nothing is executed")]
    NotData {
        /// Where it stands.
        at: Place,
        /// The word or sign.
        code: String,
    },
    /// Something that cannot stand there.
    #[error("{at}: {found} where {wanted} should be")]
    Unexpected {
        /// Where it stands.
        at: Place,
        /// The character, or the end of the text.
        found: String,
        /// What was expected.
        wanted: &'static str,
    },
    /// A backslash with something behind it that Lua 5.1 gives no meaning to.
    #[error("{at}: `{escape}` is no escape in a string; a backslash itself is written `\\\\`")]
    BadEscape {
        /// The backslash.
        at: Place,
        /// It and what follows.
        escape: String,
    },
    /// A number that is malformed, infinite or "not a number".
    #[error("{at}: `{text}` is not a finite number")]
    BadNumber {
        /// Its first character.
        at: Place,
        /// As it is written.
        text: String,
    },
    /// A string that is not UTF-8.
    #[error("{at}: the string that begins here is not UTF-8 text from its byte {byte} on")]
    NotUtf8 {
        /// Its opening quote.
        at: Place,
        /// The first bad byte, from 1, escapes counted as what they stand for.
        byte: usize,
    },
    /// The reader failed.
    #[error("{at}: reading failed: {why}")]
    Io {
        /// How far it was read.
        at: Place,
        /// The kind of failure.
        kind: std::io::ErrorKind,
        /// The system's words.
        why: String,
    },
}

impl LuaError {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Truncated { at, .. }
            | Self::NulBytes { at }
            | Self::TooDeep { at, .. }
            | Self::TooLarge { at, .. }
            | Self::NotData { at, .. }
            | Self::Unexpected { at, .. }
            | Self::BadEscape { at, .. }
            | Self::BadNumber { at, .. }
            | Self::NotUtf8 { at, .. }
            | Self::Io { at, .. } => *at,
        }
    }
}
