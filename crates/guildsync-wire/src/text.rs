//! Fields joined by a delimiter on one line, with an escaping that can be undone.
//!
//! Addons join with `|` and split with a pattern such as `[^|]+`: that drops empty fields, and an
//! item link (`|cffa335ee|Hitem:...|h[...]|h|r`) falls into pieces. Here a field may hold anything:
//!
//! | in a field | written |
//! |---|---|
//! | backslash | `\\` |
//! | line feed, carriage return, tab | `\n`, `\r`, `\t` |
//! | the delimiter `\|` | `\p` |
//! | the delimiter `:` | `\c` |
//! | the delimiter `;` | `\s` |
//! | the delimiter `,` | `\m` |
//!
//! Only the delimiter in use is escaped, and no letter stands for two things, so that joined lines
//! can be fields of a line with the same or another delimiter.

use thiserror::Error;

/// What stands between two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `|`
    Pipe,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
    /// `,`
    Comma,
    /// A tab.
    Tab,
}

impl Delimiter {
    /// The character itself.
    #[must_use]
    pub fn as_char(self) -> char {
        match self {
            Self::Pipe => '|',
            Self::Colon => ':',
            Self::Semicolon => ';',
            Self::Comma => ',',
            Self::Tab => '\t',
        }
    }

    /// What is written behind a backslash for it.
    fn letter(self) -> char {
        match self {
            Self::Pipe => 'p',
            Self::Colon => 'c',
            Self::Semicolon => 's',
            Self::Comma => 'm',
            Self::Tab => 't',
        }
    }
}

/// Why a line cannot be split. Offsets are bytes from the line's start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// A backslash before a character that it gives no meaning to.
    #[error("unknown escape `\\{escape}` at byte {at}")]
    UnknownEscape {
        /// Offset of the backslash.
        at: usize,
        /// The character behind it.
        escape: char,
    },
    /// The line ends in a backslash: it was probably cut off.
    #[error("the line ends inside an escape at byte {at}")]
    DanglingBackslash {
        /// Offset of the backslash.
        at: usize,
    },
}

/// Joins fields on one line; the result holds no line feed, carriage return or raw tab (save as the
/// delimiter). No field at all gives the same line as one empty field.
///
/// ```
/// use guildsync_wire::text::{Delimiter, join};
/// assert_eq!(join(["AWARD", "", "a|b"], Delimiter::Pipe), r"AWARD||a\pb");
/// ```
#[must_use]
pub fn join<S: AsRef<str>>(fields: impl IntoIterator<Item = S>, delimiter: Delimiter) -> String {
    let mut line = String::new();
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            line.push(delimiter.as_char());
        }
        for c in field.as_ref().chars() {
            let letter = match c {
                '\\' => '\\',
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                _ if c == delimiter.as_char() => delimiter.letter(),
                _ => {
                    line.push(c);
                    continue;
                }
            };
            line.push('\\');
            line.push(letter);
        }
    }
    line
}

/// Splits what [`join`] joined with the same delimiter: always one field or more, empty ones too.
///
/// Line ends and tabs that another program left unescaped are taken as they are.
///
/// # Errors
/// A backslash at the end, or before a character that [`join`] never puts there.
///
/// ```
/// use guildsync_wire::text::{Delimiter, split};
/// assert_eq!(split(r"AWARD||a\pb", Delimiter::Pipe)?, ["AWARD", "", "a|b"]);
/// let error = split(r"AWARD|\x", Delimiter::Pipe).unwrap_err();
/// assert_eq!(error.to_string(), r"unknown escape `\x` at byte 6");
/// # Ok::<(), guildsync_wire::text::TextError>(())
/// ```
pub fn split(line: &str, delimiter: Delimiter) -> Result<Vec<String>, TextError> {
    let (mut fields, mut next) = (Vec::new(), Some(0));
    while let Some(at) = next {
        let (field, behind) = field_at(at, line, delimiter)?;
        fields.push(field);
        next = behind;
    }
    Ok(fields)
}

/// The field that begins at byte `at` of a line, and where the next one begins, if there is one.
pub(crate) fn field_at(
    at: usize,
    line: &str,
    delimiter: Delimiter,
) -> Result<(String, Option<usize>), TextError> {
    let mut field = String::new();
    let mut chars = line[at..].char_indices().map(|(offset, c)| (at + offset, c));
    while let Some((at, c)) = chars.next() {
        if c == delimiter.as_char() {
            return Ok((field, Some(at + c.len_utf8())));
        }
        if c != '\\' {
            field.push(c);
            continue;
        }
        let Some((_, escape)) = chars.next() else {
            return Err(TextError::DanglingBackslash { at });
        };
        field.push(match escape {
            '\\' => '\\',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ if escape == delimiter.letter() => delimiter.as_char(),
            _ => return Err(TextError::UnknownEscape { at, escape }),
        });
    }
    Ok((field, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const ALL: [Delimiter; 5] =
        [Delimiter::Pipe, Delimiter::Colon, Delimiter::Semicolon, Delimiter::Comma, Delimiter::Tab];

    /// Any text, and text that is mostly what needs escaping.
    fn field() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), r"[\\|:;,\t\r\nnrtpcsma]{0,12}"]
    }

    proptest! {
        #[test]
        fn what_was_joined_splits_into_the_same_fields(
            fields in vec(field(), 1..8),
            delimiter in proptest::sample::select(&ALL[..]),
        ) {
            let line = join(&fields, delimiter);
            prop_assert!(!line.contains(['\n', '\r']));
            prop_assert!(delimiter == Delimiter::Tab || !line.contains('\t'));
            prop_assert_eq!(split(&line, delimiter).unwrap(), fields);
        }

        #[test]
        fn lines_nest_as_fields(
            inner in vec(field(), 1..4),
            outer in proptest::sample::select(&ALL[..]),
            delimiter in proptest::sample::select(&ALL[..]),
        ) {
            let line = join([join(&inner, delimiter), String::new()], outer);
            let fields = split(&line, outer).unwrap();
            prop_assert_eq!(fields.len(), 2);
            prop_assert_eq!(split(&fields[0], delimiter).unwrap(), inner);
        }

        #[test]
        fn any_line_splits_or_is_an_error_and_a_split_line_joins_to_an_equal_one(
            line in field(),
            delimiter in proptest::sample::select(&ALL[..]),
        ) {
            if let Ok(fields) = split(&line, delimiter) {
                let again = join(&fields, delimiter);
                prop_assert_eq!(split(&again, delimiter).unwrap(), fields);
            }
        }
    }

    #[test]
    fn each_character_has_its_letter() {
        let field = "\\|:;,\n\r\t";
        let lines = ALL.map(|delimiter| join([field], delimiter));
        let expected = [
            r"\\\p:;,\n\r\t",
            r"\\|\c;,\n\r\t",
            r"\\|:\s,\n\r\t",
            r"\\|:;\m\n\r\t",
            r"\\|:;,\n\r\t",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_item_link_survives_every_delimiter() {
        let fields = ["", "|cffa335ee|Hitem:5634:0:0:0|h[Free Action Potion]|h|r", ""];
        for delimiter in ALL {
            assert_eq!(split(&join(fields, delimiter), delimiter).unwrap(), fields);
        }
    }

    #[test]
    fn empty_fields_stay() {
        assert_eq!(split("", Delimiter::Pipe).unwrap(), [""]);
        assert_eq!(split("|", Delimiter::Pipe).unwrap(), ["", ""]);
        assert_eq!(split("a||", Delimiter::Pipe).unwrap(), ["a", "", ""]);
    }

    #[test]
    fn a_bad_escape_is_named_with_its_offset() {
        let error = |line| split(line, Delimiter::Pipe).unwrap_err().to_string();
        assert_eq!(error(r"ø|\q"), r"unknown escape `\q` at byte 3");
        assert_eq!(error(r"a|b\c"), r"unknown escape `\c` at byte 3");
        assert_eq!(error("a\\"), "the line ends inside an escape at byte 1");
        assert_eq!(error(r"a\\\"), "the line ends inside an escape at byte 3");
    }
}
