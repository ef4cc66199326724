//! What the addon packs: sections that it received, and the text that its spreadsheet gives.
//!
//! A received section is the text of a Lua table in LibCompress's Huffman code in Base64, behind a
//! marker, the byte 0xF1. That byte is no UTF-8, so it may arrive as `?`, and here it is made one; an
//! editor may have made it `ñ`. The spreadsheet's text is Base64 alone, of `TWRA_ImportString={...}`.

use guildsync_wire::compress::{CEILING, CompressError, unpack};
use guildsync_wire::lua::{LuaError, Value, parse_value};
use guildsync_wire::payload::RECEIVED;
use thiserror::Error;

/// The marker's byte, and what becomes of it.
const MARKER: u8 = 0xf1;
const MARKS: [char; 2] = ['?', 'ñ'];

/// Why a section was not unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PackedError {
    /// There is no packed text.
    #[error("its text is not in the file")]
    Missing,
    /// A character that is none of Base64.
    #[error("its text is no Base64 at character {at}")]
    Base64 {
        /// The character, from 1.
        at: usize,
    },
    /// It does not decompress.
    #[error(transparent)]
    Compress(#[from] CompressError),
    /// It decompresses to something that is no text.
    #[error("it is no UTF-8 text")]
    NotUtf8,
    /// It is no Lua data. Nothing of it was run.
    #[error("unpacked, {0}")]
    Lua(#[from] LuaError),
    /// It is Lua data and no table.
    #[error("unpacked, it is no table")]
    NoTable,
}

/// Makes the marker of each packed text in a file's bytes a `?`, as the addon itself takes it. What else
/// is no UTF-8 stays, and is refused.
pub(super) fn make_text(bytes: &mut [u8]) {
    for at in 1..bytes.len() {
        if bytes[at] == MARKER && bytes[at - 1] == b'"' && is_packed(&bytes[at + 1..]) {
            bytes[at] = b'?';
        }
    }
}

/// Whether a string's rest is Base64 whose first byte can be LibCompress's method.
fn is_packed(rest: &[u8]) -> bool {
    let end = rest.iter().position(|&byte| six_bits(byte).is_none() && byte != b'=');
    rest.first() == Some(&b'A') && end.is_some_and(|end| rest[end] == b'"')
}

/// The section in a packed text.
pub(super) fn section(text: &str) -> Result<Value, PackedError> {
    let packed = base64(text.strip_prefix(MARKS).unwrap_or(text))?;
    let text = String::from_utf8(unpack(&packed, CEILING)?).map_err(|_| PackedError::NotUtf8)?;
    match parse_value(text, &RECEIVED)? {
        table @ Value::Table(_) => Ok(table),
        _ => Err(PackedError::NoTable),
    }
}

/// The Lua text in a spreadsheet's text, if it is one.
pub(super) fn import_text(text: &str) -> Option<String> {
    let text = String::from_utf8(base64(text).ok()?).ok()?;
    text.starts_with(super::saved::IMPORT).then_some(text)
}

/// Bytes of a Base64 text (RFC 4648, section 4). Blanks between and missing `=` are taken, as the addon
/// takes them.
fn base64(text: &str) -> Result<Vec<u8>, PackedError> {
    let text = text.trim_end_matches(|c: char| c == '=' || c.is_ascii_whitespace());
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut n_bits) = (0u32, 0);
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_whitespace() {
            continue;
        }
        let six = six_bits(byte).ok_or(PackedError::Base64 { at: at + 1 })?;
        bits = bits << 6 | u32::from(six);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push((bits >> n_bits) as u8);
        }
    }
    Ok(bytes)
}

fn six_bits(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
