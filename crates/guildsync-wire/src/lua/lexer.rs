//! [`Lexer`]: the pieces of Lua 5.1 data: blanks and comments, strings, numbers, words.

use std::io::Read;

use super::input::Input;
use super::number::not_a_value;
use super::{Limits, LuaError, Place, Value};

/// Words that cannot be a name.
pub(super) const KEYWORDS: [&str; 21] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Signs that can follow or begin an expression but no piece of data.
const OPERATORS: &[u8] = b"+-*/%^#<>~.:()";

/// What stands in long brackets.
#[derive(Clone, Copy)]
enum Long {
    Comment,
    String,
}

pub(super) struct Lexer<R> {
    pub(super) input: Input<R>,
    pub(super) limits: Limits,
    /// The text of the piece being read. One for all, so that a value's own is allocated exactly.
    pub(super) scratch: Vec<u8>,
}

impl<R: Read> Lexer<R> {
    pub(super) fn new(input: Input<R>, limits: Limits) -> Self {
        Self { input, limits, scratch: Vec::new() }
    }

    /// Passes over white space and comments, and peeks at what follows.
    pub(super) fn next(&mut self) -> Result<Option<u8>, LuaError> {
        loop {
            let byte = self.input.skip_blanks()?;
            let from = self.input.place();
            match (byte, self.input.peek_second()?) {
                (Some(b'-'), Some(b'-')) => {}
                (Some(b'-'), None) => return Err(self.truncated("a comment or number", from)),
                _ => return Ok(byte),
            }
            self.input.bump();
            self.input.bump();
            if self.input.peek()? == Some(b'[')
                && let Some(level) = self.long_open()?
            {
                self.long_body(level, Long::Comment, from)?;
            } else {
                while !self.input.run(|byte| byte == b'\n' || byte == b'\r')?.is_empty() {}
            }
        }
    }

    /// A string in quotes, at its opening quote.
    pub(super) fn string(&mut self) -> Result<String, LuaError> {
        let from = self.input.place();
        let quote = self.input.peek()?;
        self.input.bump();
        self.scratch.clear();
        loop {
            let run = self.input.run(|b| matches!(b, b'"' | b'\'' | b'\\' | b'\n' | b'\r' | 0))?;
            self.scratch.extend_from_slice(run);
            self.within_limit(from)?;
            let next = self.input.peek()?;
            match next {
                None => return Err(self.truncated("a string", from)),
                Some(0) => return Err(LuaError::NulBytes { at: self.input.place() }),
                Some(b'\\') => self.escape(from)?,
                Some(b'\n' | b'\r') => {
                    return Err(self.unexpected(next, "the string's closing quote"));
                }
                Some(byte) => {
                    self.input.bump();
                    if next == quote {
                        return self.utf8(from);
                    }
                    // The run ended at its end, at the other quote, or at the end of a chunk.
                    self.scratch.push(byte);
                }
            }
        }
    }

    /// A string in long brackets, at the first; `None` if that is no long bracket.
    pub(super) fn long_string(&mut self) -> Result<Option<String>, LuaError> {
        let from = self.input.place();
        let Some(level) = self.long_open()? else { return Ok(None) };
        // Lua drops a line end right behind the opening bracket.
        if matches!(self.input.peek()?, Some(b'\r' | b'\n')) {
            self.input.bump_line_end()?;
        }
        self.long_body(level, Long::String, from)?;
        self.utf8(from).map(Some)
    }

    /// A word of letters, digits and `_`.
    pub(super) fn word(&mut self) -> Result<String, LuaError> {
        let from = self.input.place();
        self.scratch.clear();
        self.take_while(from, |byte| byte.is_ascii_alphanumeric() || byte == b'_')?;
        Ok(String::from_utf8_lossy(&self.scratch).into_owned())
    }

    /// The value that a word stands for, `None` for `nil`.
    pub(super) fn word_value(
        &mut self,
        at: Place,
        word: String,
    ) -> Result<Option<Value>, LuaError> {
        match word.as_str() {
            "true" => Ok(Some(Value::Bool(true))),
            "false" => Ok(Some(Value::Bool(false))),
            "nil" => Ok(None),
            _ => {
                let cut = ["true", "false", "nil"].iter().any(|whole| whole.starts_with(&word));
                if cut && self.input.peek()?.is_none() {
                    return Err(self.truncated("a word", at));
                }
                Err(not_a_value(at, word))
            }
        }
    }

    /// The error for the end of the text inside something.
    pub(super) fn truncated(&self, inside: &'static str, from: Place) -> LuaError {
        LuaError::Truncated { at: self.input.place(), inside, from }
    }

    /// The error for a next byte that cannot stand here.
    pub(super) fn unexpected(&self, next: Option<u8>, wanted: &'static str) -> LuaError {
        let at = self.input.place();
        let found = match next {
            None => "the end of the text".to_owned(),
            Some(0) => return LuaError::NulBytes { at },
            Some(byte) if OPERATORS.contains(&byte) => {
                return LuaError::NotData { at, code: char::from(byte).to_string() };
            }
            Some(b'\n' | b'\r') => "a line end".to_owned(),
            Some(byte @ 0x21..0x7f) => format!("`{}`", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        LuaError::Unexpected { at, found, wanted }
    }

    /// Appends what the escape at the next byte stands for.
    fn escape(&mut self, from: Place) -> Result<(), LuaError> {
        let at = self.input.place();
        self.input.bump();
        let Some(byte) = self.input.peek()? else { return Err(self.truncated("a string", from)) };
        let plain = match byte {
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'\\' | b'"' | b'\'' => byte,
            b'\n' | b'\r' => {
                self.input.bump_line_end()?;
                self.scratch.push(b'\n');
                return Ok(());
            }
            b'0'..=b'9' => return self.decimal_escape(at, from),
            0 => return Err(LuaError::NulBytes { at: self.input.place() }),
            _ => {
                let escape = format!("\\{}", [byte].escape_ascii());
                return Err(LuaError::BadEscape { at, escape });
            }
        };
        self.input.bump();
        self.scratch.push(plain);
        Ok(())
    }

    /// One to three digits, at the first.
    fn decimal_escape(&mut self, at: Place, from: Place) -> Result<(), LuaError> {
        let mut code = 0u16;
        for _ in 0..3 {
            match self.input.peek()? {
                Some(digit @ b'0'..=b'9') => {
                    code = code * 10 + u16::from(digit - b'0');
                    self.input.bump();
                }
                Some(_) => break,
                None => return Err(self.truncated("a string", from)),
            }
        }
        let Ok(byte) = u8::try_from(code) else {
            return Err(LuaError::BadEscape { at, escape: format!("\\{code}") });
        };
        self.scratch.push(byte);
        Ok(())
    }

    /// Passes over `[`, then `=` signs and a second `[`, whose number is the level. Without the
    /// second `[` it is no long bracket and `None`.
    fn long_open(&mut self) -> Result<Option<usize>, LuaError> {
        self.input.bump();
        let level = self.equals_signs()?;
        if self.input.peek()? != Some(b'[') {
            return Ok(None);
        }
        self.input.bump();
        Ok(Some(level))
    }

    fn equals_signs(&mut self) -> Result<usize, LuaError> {
        let mut count = 0;
        while self.input.peek()? == Some(b'=') {
            self.input.bump();
            count += 1;
        }
        Ok(count)
    }

    /// Reads until the closing bracket of that level: a string's text into the scratch.
    fn long_body(&mut self, level: usize, kind: Long, from: Place) -> Result<(), LuaError> {
        self.scratch.clear();
        loop {
            let run = self.input.run(|byte| matches!(byte, b']' | b'\n' | b'\r' | 0))?;
            self.scratch.extend_from_slice(run);
            match kind {
                Long::Comment => self.scratch.clear(),
                Long::String => self.within_limit(from)?,
            }
            match (self.input.peek()?, kind) {
                (None, Long::Comment) => return Err(self.truncated("a comment", from)),
                (None, Long::String) => return Err(self.truncated("a string", from)),
                (Some(0), _) => return Err(LuaError::NulBytes { at: self.input.place() }),
                (Some(b'\n' | b'\r'), _) => {
                    self.input.bump_line_end()?;
                    self.scratch.push(b'\n');
                }
                (Some(b']'), _) => {
                    self.input.bump();
                    let signs = self.equals_signs()?;
                    if signs == level && self.input.peek()? == Some(b']') {
                        self.input.bump();
                        return Ok(());
                    }
                    self.scratch.push(b']');
                    self.scratch.resize(self.scratch.len() + signs, b'=');
                }
                (Some(_), _) => {}
            }
        }
    }

    /// Appends bytes to the scratch for as long as they are to be kept.
    pub(super) fn take_while(
        &mut self,
        from: Place,
        keep: impl Fn(u8) -> bool,
    ) -> Result<(), LuaError> {
        loop {
            let run = self.input.run(|byte| !keep(byte))?;
            if run.is_empty() {
                return Ok(());
            }
            self.scratch.extend_from_slice(run);
            self.within_limit(from)?;
        }
    }

    fn within_limit(&self, at: Place) -> Result<(), LuaError> {
        let limit = self.limits.string_bytes;
        if self.scratch.len() > limit {
            let what = "bytes in one string, name or number";
            return Err(LuaError::TooLarge { at, what, limit: limit as u64 });
        }
        Ok(())
    }

    fn utf8(&self, at: Place) -> Result<String, LuaError> {
        match std::str::from_utf8(&self.scratch) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(LuaError::NotUtf8 { at, byte: error.valid_up_to() + 1 }),
        }
    }
}

/// The start of `text`, short enough for a message.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
