//! Numbers: the part of [`Lexer`] that reads them, and what is refused in place of one.

use std::io::Read;

use super::lexer::{Lexer, shown};
use super::{LuaError, Place, Value};

impl<R: Read> Lexer<R> {
    /// A number, at its minus sign or first digit. With `line_end` a number that the end of the
    /// text touches counts as cut off, since digits may be missing.
    pub(super) fn number(&mut self, line_end: bool) -> Result<Value, LuaError> {
        let from = self.input.place();
        let mut negative = false;
        if self.input.peek()? == Some(b'-') {
            negative = true;
            self.input.bump();
            match self.next()? {
                None => return Err(self.truncated("a number", from)),
                Some(b'.' | b'0'..=b'9') => {}
                Some(byte) if byte.is_ascii_alphabetic() => {
                    let word = format!("-{}", self.word()?);
                    return Err(not_a_value(from, word));
                }
                Some(_) => return Err(LuaError::NotData { at: from, code: "-".to_owned() }),
            }
        }
        self.scratch.clear();
        self.take_while(from, |byte| byte.is_ascii_alphanumeric() || b"._#".contains(&byte))?;
        let hex = self.scratch.starts_with(b"0x") || self.scratch.starts_with(b"0X");
        while !hex
            && matches!(self.scratch.last(), Some(b'e' | b'E'))
            && let Some(sign @ (b'+' | b'-')) = self.input.peek()?
        {
            self.input.bump();
            self.scratch.push(sign);
            self.take_while(from, |byte| byte.is_ascii_alphanumeric())?;
        }
        let ended = self.input.peek()?.is_none();
        let text = String::from_utf8_lossy(&self.scratch).into_owned();
        match to_number(&text, negative) {
            Some(_) if ended && line_end => Err(self.truncated("a number", from)),
            Some(number) => Ok(number),
            None if ended && text.ends_with(['e', 'E', '+', '-', 'x', 'X', '.']) => {
                Err(self.truncated("a number", from))
            }
            None => {
                let sign = if negative { "-" } else { "" };
                Err(LuaError::BadNumber { at: from, text: format!("{sign}{}", shown(&text)) })
            }
        }
    }
}

/// The error for a word in place of a value.
pub(super) fn not_a_value(at: Place, word: String) -> LuaError {
    let text = shown(&word);
    // What C prints for numbers that are none, and so what a Lua writer may have put there.
    match text.trim_start_matches('-') {
        "inf" | "nan" => LuaError::BadNumber { at, text },
        _ => LuaError::NotData { at, code: text },
    }
}

/// What the characters of a number without its sign stand for.
fn to_number(text: &str, negative: bool) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let number = i128::from(u64::from_str_radix(digits, 16).ok()?);
        let number = if negative { -number } else { number };
        return Some(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int));
    }
    let whole = text.bytes().all(|byte| byte.is_ascii_digit());
    if whole && let Ok(number) = text.parse::<i128>() {
        let number = if negative { -number } else { number };
        if let Ok(number) = i64::try_from(number) {
            return Some(Value::Int(number));
        }
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    Some(Value::from_number(if negative { -number } else { number }))
}
