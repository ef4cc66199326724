//! The parser: tables and assignments, over a stack of its own and never the thread's.

use std::io::Read;

use super::fill::{Open, Slot};
use super::input::Input;
use super::lexer::{KEYWORDS, Lexer, shown};
use super::{Key, Limits, LuaError, Place, Table, Value};

/// Reads a whole text of global assignments, such as a WoW SavedVariables file, as Lua 5.1 would:
/// a later assignment to a name replaces the earlier in its place, and `NAME = nil` removes it.
/// Names come in the order of the text. White space and comments alone are no assignment: whether
/// an empty file is an error is for the caller to say.
///
/// # A file that was cut off
/// A cut inside an assignment is always [`LuaError::Truncated`]; so that this is true of numbers as
/// well, one that the end of the text touches counts as cut off (`A = 12` without a line end; WoW
/// writes one after every assignment). A cut exactly between two assignments leaves a complete
/// shorter file: only a caller who knows which names must be there can notice.
///
/// # Errors
/// Every variant of [`LuaError`], naming line and column.
///
/// ```
/// use guildsync_wire::lua::{Limits, LuaError, parse_assignments};
/// let globals = parse_assignments("\nBASE = 4\nNAMES = {\n\t\"Brindle\", -- [1]\n}\n", &Limits::default())?;
/// assert_eq!(globals.len(), 2);
/// assert_eq!(globals[0].0, "BASE");
/// let cut = parse_assignments("NAMES = {\n\t\"Brin", &Limits::default());
/// assert!(matches!(cut, Err(LuaError::Truncated { .. })));
/// # Ok::<(), LuaError>(())
/// ```
pub fn parse_assignments(
    text: impl AsRef<[u8]>,
    limits: &Limits,
) -> Result<Vec<(String, Value)>, LuaError> {
    let text = text.as_ref();
    Parser::new(text, limits, text.len()).assignments()
}

/// As [`parse_assignments`], from a stream, in chunks of 64 KiB (no `BufReader` is needed). It stops
/// reading at the first error.
///
/// # Errors
/// As [`parse_assignments`], and [`LuaError::Io`].
///
/// ```
/// use std::io::Read;
/// use guildsync_wire::lua::{Limits, LuaError, read_assignments};
/// let deep = std::io::Read::chain(&b"A = "[..], std::io::repeat(b'{'));
/// let error = read_assignments(deep, &Limits::default()).unwrap_err();
/// assert!(matches!(error, LuaError::TooDeep { limit: 64, .. }));
/// ```
pub fn read_assignments(
    reader: impl Read,
    limits: &Limits,
) -> Result<Vec<(String, Value)>, LuaError> {
    Parser::new(reader, limits, usize::MAX).assignments()
}

/// Reads one value and nothing else. `nil` alone is not a value.
///
/// # Errors
/// As [`parse_assignments`], but a number may end with the text.
///
/// ```
/// use guildsync_wire::lua::{Limits, Value, parse_value};
/// assert_eq!(parse_value("0x10", &Limits::default())?, Value::Int(16));
/// let error = parse_value("os.time()", &Limits::default()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 1, column 1: `os` is code; only data is read, nothing is executed"
/// );
/// # Ok::<(), guildsync_wire::lua::LuaError>(())
/// ```
pub fn parse_value(text: impl AsRef<[u8]>, limits: &Limits) -> Result<Value, LuaError> {
    let text = text.as_ref();
    Parser::new(text, limits, text.len()).only_value()
}

/// As [`parse_value`], from a stream.
///
/// # Errors
/// As [`parse_value`], and [`LuaError::Io`].
pub fn read_value(reader: impl Read, limits: &Limits) -> Result<Value, LuaError> {
    Parser::new(reader, limits, usize::MAX).only_value()
}

struct Parser<R> {
    lexer: Lexer<R>,
    values: usize,
}

impl<R: Read> Parser<R> {
    fn new(reader: R, limits: &Limits, expected: usize) -> Self {
        let input = Input::new(reader, limits.bytes, expected);
        Self { lexer: Lexer::new(input, limits.clone()), values: 0 }
    }

    fn assignments(mut self) -> Result<Vec<(String, Value)>, LuaError> {
        // A table already knows how a later assignment replaces an earlier one.
        let mut globals = Table::new();
        self.lexer.input.skip_bom()?;
        while let Some(byte) = self.lexer.next()? {
            if byte == b';' {
                self.lexer.input.bump();
                continue;
            }
            let from = self.lexer.input.place();
            if !starts_word(byte) {
                return Err(self.lexer.unexpected(Some(byte), "a name (as in `NAME = value`)"));
            }
            let name = self.lexer.word()?;
            self.whole_word("an assignment", from)?;
            let Some(next) = self.lexer.next()? else {
                return Err(self.lexer.truncated("an assignment", from));
            };
            let keyword = KEYWORDS.contains(&name.as_str());
            if keyword || b"(.:[{\"'".contains(&next) {
                return Err(LuaError::NotData { at: from, code: shown(&name) });
            }
            if next != b'=' {
                return Err(self.lexer.unexpected(Some(next), "`=` after the name"));
            }
            self.equals_sign(from, &name)?;
            if self.lexer.next()?.is_none() {
                return Err(self.lexer.truncated("an assignment", from));
            }
            match self.value(true)? {
                Some(value) => drop(globals.insert(name, value)),
                None => drop(globals.remove(&Key::Str(name))),
            }
        }
        let named = globals.into_keyed().filter_map(|(key, value)| match key {
            Key::Str(name) => Some((name, value)),
            _ => None,
        });
        Ok(named.collect())
    }

    fn only_value(mut self) -> Result<Value, LuaError> {
        self.lexer.input.skip_bom()?;
        self.lexer.next()?;
        let at = self.lexer.input.place();
        let value = self.value(false)?;
        if let next @ Some(_) = self.lexer.next()? {
            return Err(self.lexer.unexpected(next, "the end of the value"));
        }
        let wanted = "a value";
        value.ok_or_else(|| LuaError::Unexpected { at, found: "`nil`".to_owned(), wanted })
    }

    /// The value at the next byte, `None` for `nil`. `line_end` as in [`Lexer::number`].
    fn value(&mut self, line_end: bool) -> Result<Option<Value>, LuaError> {
        let mut stack = Vec::new();
        if self.lexer.next()? != Some(b'{') {
            return self.scalar(line_end);
        }
        self.open(&mut stack, Slot::Position)?;
        while let Some(open) = stack.last_mut() {
            let Some(byte) = self.lexer.next()? else {
                return Err(self.lexer.truncated("a table", open.at));
            };
            if byte == b'}' {
                self.lexer.input.bump();
                let Some(mut done) = stack.pop() else { break };
                done.table.shrink();
                let value = Some(Value::Table(done.table));
                let Some(around) = stack.last_mut() else { return Ok(value) };
                around.store(done.slot, value);
                self.separator(around.at)?;
                continue;
            }
            let at = open.at;
            let (slot, value) = match byte {
                b'[' if !matches!(self.lexer.input.peek_second()?, Some(b'[' | b'=')) => {
                    (Slot::Key(self.bracket_key(at)?), None)
                }
                _ if starts_word(byte) => self.key_or_word(at)?,
                _ => (Slot::Position, None),
            };
            let value = match value {
                Some(value) => value,
                None if self.lexer.next()? == Some(b'{') => {
                    self.open(&mut stack, slot)?;
                    continue;
                }
                None if self.lexer.next()?.is_none() => {
                    return Err(self.lexer.truncated("a table", at));
                }
                None => self.scalar(false)?,
            };
            open.store(slot, value);
            self.separator(at)?;
        }
        Ok(None)
    }

    /// Begins the table at the next byte.
    fn open(&mut self, stack: &mut Vec<Open>, slot: Slot) -> Result<(), LuaError> {
        let at = self.lexer.input.place();
        let limit = self.lexer.limits.depth;
        if stack.len() >= limit {
            return Err(LuaError::TooDeep { at, limit });
        }
        self.count(at)?;
        self.lexer.input.bump();
        stack.push(Open::new(slot, at));
        Ok(())
    }

    /// A value that is no table, `None` for `nil`.
    fn scalar(&mut self, line_end: bool) -> Result<Option<Value>, LuaError> {
        let at = self.lexer.input.place();
        self.count(at)?;
        let next = self.lexer.input.peek()?;
        match next {
            Some(b'"' | b'\'') => Ok(Some(Value::Str(self.lexer.string()?))),
            Some(b'-' | b'0'..=b'9') => self.lexer.number(line_end).map(Some),
            Some(b'.') if self.lexer.input.peek_second()?.is_none_or(|b| b.is_ascii_digit()) => {
                self.lexer.number(line_end).map(Some)
            }
            Some(b'[') => match self.lexer.long_string()? {
                Some(text) => Ok(Some(Value::Str(text))),
                None => match self.lexer.input.peek()? {
                    None => Err(self.lexer.truncated("a string", at)),
                    next => Err(self.lexer.unexpected(next, "a value")),
                },
            },
            Some(byte) if starts_word(byte) => {
                let word = self.lexer.word()?;
                self.lexer.word_value(at, word)
            }
            _ => Err(self.lexer.unexpected(next, "a value")),
        }
    }

    /// `[key] =`, at the bracket, in the table that begins at `table`.
    fn bracket_key(&mut self, table: Place) -> Result<Key, LuaError> {
        self.lexer.input.bump();
        if self.lexer.next()?.is_none() {
            return Err(self.lexer.truncated("a table", table));
        }
        let at = self.lexer.input.place();
        let key = match self.scalar(false)? {
            Some(Value::Bool(flag)) => Key::Bool(flag),
            Some(Value::Int(number)) => Key::Int(number),
            Some(Value::Float(number)) => Key::Float(number),
            Some(Value::Str(text)) => Key::Str(text),
            Some(Value::Table(_)) | None => {
                let wanted = "a key (a string, number or boolean)";
                return Err(LuaError::Unexpected { at, found: "`nil`".to_owned(), wanted });
            }
        };
        // The key is not one of the values.
        self.values -= 1;
        for (sign, wanted) in [(b']', "`]` after the key"), (b'=', "`=` after the key")] {
            match self.lexer.next()? {
                None => return Err(self.lexer.truncated("a table", table)),
                Some(byte) if byte == sign => self.lexer.input.bump(),
                other => return Err(self.lexer.unexpected(other, wanted)),
            }
        }
        Ok(key)
    }

    /// A word in a table: a bare key with its `=`, or `true`, `false`, `nil` with its value.
    fn key_or_word(&mut self, table: Place) -> Result<(Slot, Option<Option<Value>>), LuaError> {
        let at = self.lexer.input.place();
        let word = self.lexer.word()?;
        self.whole_word("a table", table)?;
        if !KEYWORDS.contains(&word.as_str()) {
            match self.lexer.next()? {
                None => return Err(self.lexer.truncated("a table", table)),
                Some(b'=') => {
                    self.equals_sign(at, &word)?;
                    return Ok((Slot::Key(Key::Str(word)), None));
                }
                Some(_) => {}
            }
        }
        self.count(at)?;
        Ok((Slot::Position, Some(self.lexer.word_value(at, word)?)))
    }

    /// Passes over `=`, which must not be the first half of `==`.
    fn equals_sign(&mut self, at: Place, name: &str) -> Result<(), LuaError> {
        self.lexer.input.bump();
        match self.lexer.input.peek()? {
            Some(b'=') => Err(LuaError::NotData { at, code: format!("{} ==", shown(name)) }),
            _ => Ok(()),
        }
    }

    /// Passes over the separator behind an entry; the table's end needs none.
    fn separator(&mut self, table: Place) -> Result<(), LuaError> {
        match self.lexer.next()? {
            Some(b',' | b';') => self.lexer.input.bump(),
            Some(b'}') => {}
            None => return Err(self.lexer.truncated("a table", table)),
            other => return Err(self.lexer.unexpected(other, "`,` or `}` after an entry")),
        }
        Ok(())
    }

    /// Says that the word just read is all of it: at the end of the text more may have followed,
    /// even behind a keyword (`end_time`).
    fn whole_word(&mut self, inside: &'static str, from: Place) -> Result<(), LuaError> {
        match self.lexer.input.peek()? {
            None => Err(self.lexer.truncated(inside, from)),
            Some(_) => Ok(()),
        }
    }

    fn count(&mut self, at: Place) -> Result<(), LuaError> {
        self.values += 1;
        let limit = self.lexer.limits.values;
        if self.values > limit {
            return Err(LuaError::TooLarge { at, what: "values", limit: limit as u64 });
        }
        Ok(())
    }
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
