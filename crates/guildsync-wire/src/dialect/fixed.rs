//! GuildHelper's fixed columns of seed 004: `SND;DATA;SETU;00001;00003;payload`, `ACK;DATA;SETU`.
//!
//! Three, four and four signs say what, of which kind and in which table; a message with data adds
//! five digits each for the piece and the pieces, then the data. Every column has its place, so a
//! message is read from its first byte and the data never: whatever it holds, a `;` or the text
//! `SND;DATA;` as well, is data. (The addon looked for a command's name anywhere in a message.)
//!
//! Data are bytes, so that a text may be cut in the middle of a letter. Where several names make up
//! the data, [`text::join`](crate::text::join) with a semicolon keeps a `;` in a guild's name:
//!
//! ```
//! use guildsync_wire::dialect::Part;
//! use guildsync_wire::dialect::fixed::{Data, Kind, Message, Table, Verb};
//! use guildsync_wire::text::{Delimiter, join};
//! let names = join(["Salt;Pepper-Eonar", "Brindle-Eonar"], Delimiter::Semicolon);
//! let part = Part::new(1, 3).expect("1 is at most 3");
//! let data = Some(Data { part, payload: names.as_bytes() });
//! let message = Message { verb: Verb::Send, kind: Kind::Data, table: Table::Setup, data };
//! assert_eq!(message.write(), br"SND;DATA;SETU;00001;00003;Salt\sPepper-Eonar;Brindle-Eonar");
//! assert_eq!(Message::read(&message.write())?, message);
//! # Ok::<(), guildsync_wire::dialect::DialectError>(())
//! ```

use super::{DialectError, Part, RawField, codes, part};

/// Bytes before the data: columns of 3, 4, 4, 5 and 5, a `;` behind each.
pub const HEADER_BYTES: usize = 26;

/// Bytes of a message without data.
const SHORT_BYTES: usize = 13;
const SEPARATOR: u8 = b';';

codes! {
    /// What a message does: three signs.
    Verb, 3..=3;
    /// Brings data, a piece in each message.
    Send = "SND",
    /// All the data named by kind and table has come.
    Ack = "ACK",
    /// Asks for data. The seed describes it and gives it no code; this one is ours.
    Request = "REQ",
}

codes! {
    /// What kind of data it is about: four signs.
    Kind, 4..=4;
    /// Entries of a table.
    Data = "DATA",
    /// What is known about each entry: id, stamp, deleted. The code is ours.
    Metadata = "META",
}

codes! {
    /// Which table: the first four letters of its name in seed 004.
    Table, 4..=4;
    /// `setup`
    Setup = "SETU",
    /// `news`
    News = "NEWS",
    /// `guildInfo`
    GuildInfo = "GUIL",
    /// `calendar`
    Calendar = "CALE",
    /// `roster`
    Roster = "ROST",
}

/// One message in fixed columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it does.
    pub verb: Verb,
    /// With what kind of data.
    pub kind: Kind,
    /// Of which table.
    pub table: Table,
    /// A piece of the data; `None` is the short form, as an acknowledgement has it.
    pub data: Option<Data<'a>>,
}

/// A piece of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    /// Which piece, of how many.
    pub part: Part,
    /// The bytes of this piece: whatever follows the header.
    pub payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// Writes the message: 13 bytes, or [`HEADER_BYTES`] and the data.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let Self { verb, kind, table, data } = self;
        let codes = format!("{verb};{kind};{table}");
        let Some(Data { part, payload }) = data else { return codes.into_bytes() };
        let header = format!("{codes};{:05};{:05};", part.index(), part.total());
        [header.as_bytes(), payload].concat()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// A column that is not there, is not followed by `;`, is no code, or is no number between 1
    /// and 99999; a piece beyond the pieces; anything behind the table's code but the two numbers.
    pub fn read(message: &'a [u8]) -> Result<Self, DialectError> {
        let mut columns = Columns { message, at: 0 };
        let (at, verb) = columns.next("command", 3)?;
        let verb = Verb::from_code(verb).ok_or_else(|| not_a_code("command", at))?;
        let (at, kind) = columns.next("kind", 4)?;
        let kind = Kind::from_code(kind).ok_or_else(|| not_a_code("kind", at))?;
        let (at, table) = columns.next("table", 4)?;
        let table = Table::from_code(table).ok_or_else(|| not_a_code("table", at))?;
        if message.len() == SHORT_BYTES {
            return Ok(Self { verb, kind, table, data: None });
        }
        let index = columns.padded_number("index")?;
        let total = columns.padded_number("total")?;
        let part = part(index, total)?;
        // The last column's `;` was seen, so there are at least as many bytes as the header has.
        let payload = &message[HEADER_BYTES..];
        Ok(Self { verb, kind, table, data: Some(Data { part, payload }) })
    }
}

/// Takes columns from the front of a message.
struct Columns<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Columns<'a> {
    /// A column of `width` signs and where it began. A `;` must follow, or, behind the third column,
    /// the end of the message.
    fn next(
        &mut self,
        field: &'static str,
        width: usize,
    ) -> Result<(usize, &'a str), DialectError> {
        let at = self.at;
        let wanted = match width {
            3 => "3 signs and a `;`",
            4 => "4 signs and a `;`",
            _ => "5 digits and a `;`",
        };
        let error = || DialectError::Field { field, at, wanted };
        let end = at + width;
        let column = self.message.get(at..end).ok_or_else(error)?;
        let ends = match self.message.get(end) {
            Some(next) => *next == SEPARATOR,
            None => end == SHORT_BYTES,
        };
        let text = std::str::from_utf8(column).ok().filter(|_| ends).ok_or_else(error)?;
        self.at = end + 1;
        Ok((at, text))
    }

    /// A column of five digits, without the zeros in front.
    fn padded_number(&mut self, name: &'static str) -> Result<RawField<'a>, DialectError> {
        let (at, digits) = self.next(name, 5)?;
        Ok(RawField { name, at, raw: digits.trim_start_matches('0') })
    }
}

fn not_a_code(field: &'static str, at: usize) -> DialectError {
    DialectError::Field { field, at, wanted: "a code of capital letters, digits and `_`" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verb() -> impl Strategy<Value = Verb> {
        prop_oneof![Just("SND".to_owned()), Just("ACK".to_owned()), "[A-Z0-9_]{3}"]
            .prop_map(|code| Verb::from_code(&code).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(
            verb in verb(),
            kind in "[A-Z0-9_]{4}",
            table in prop_oneof![Just("SETU".to_owned()), "[A-Z0-9_]{4}"],
            total in 1..=Part::MAX,
            index in 1..=Part::MAX,
            payload: Vec<u8>,
            short: bool,
        ) {
            let part = Part::new(index.min(total), total).unwrap();
            let message = Message {
                verb,
                kind: Kind::from_code(&kind).unwrap(),
                table: Table::from_code(&table).unwrap(),
                data: (!short).then_some(Data { part, payload: &payload }),
            };
            let written = message.write();
            prop_assert_eq!(written.len(), if short { 13 } else { HEADER_BYTES + payload.len() });
            prop_assert_eq!(Message::read(&written).unwrap(), message);
        }

        #[test]
        fn any_bytes_are_a_message_that_writes_the_same_or_are_refused(
            bytes in prop_oneof![
                any::<Vec<u8>>(),
                "SND;DATA;SETU(;[0-9]{5};[0-9]{5};.{0,9})?".prop_map(String::into_bytes),
                "[A-Z;0-9]{0,30}".prop_map(String::into_bytes),
            ],
        ) {
            if let Ok(message) = Message::read(&bytes) {
                prop_assert_eq!(message.write(), bytes);
            }
        }
    }

    #[test]
    fn every_cut_of_a_message_is_refused_or_a_shorter_message() {
        let whole = b"SND;DATA;SETU;00001;00003;abc";
        for cut in 0..=whole.len() {
            let read = Message::read(&whole[..cut]);
            assert_eq!(read.is_ok(), cut == 13 || cut >= HEADER_BYTES, "{cut}");
        }
    }

    #[test]
    fn what_is_out_of_its_column_is_refused_with_the_offset() {
        let error = |text: &str| Message::read(text.as_bytes()).unwrap_err().to_string();
        let column = |field, at, wanted| format!("{field} at byte {at} is not {wanted}");
        let code = "a code of capital letters, digits and `_`";
        for (text, expected) in [
            ("", column("command", 0, "3 signs and a `;`")),
            ("SEND;DATA;SETU", column("command", 0, "3 signs and a `;`")),
            ("snd;DATA;SETU", column("command", 0, code)),
            ("SND;DAT;SETUP", column("kind", 4, "4 signs and a `;`")),
            ("SND;DA A;SETU", column("kind", 4, code)),
            ("SND;DATA;SETUP", column("table", 9, "4 signs and a `;`")),
            ("ACK;DATA;SETU;", column("index", 14, "5 digits and a `;`")),
            ("SND;DATA;SETU;1;3;x", column("index", 14, "5 digits and a `;`")),
            ("SND;DATA;SETU;00001;00003", column("total", 20, "5 digits and a `;`")),
            (
                "SND;DATA;SETU;0 001;00003;",
                column("index", 14, "a whole number between 1 and 99999"),
            ),
            (
                "SND;DATA;SETU;+0001;00003;",
                column("index", 14, "a whole number between 1 and 99999"),
            ),
            (
                "SND;DATA;SETU;00000;00003;",
                column("index", 14, "a whole number between 1 and 99999"),
            ),
            (
                "SND;DATA;SETU;00001;00000;",
                column("total", 20, "a whole number between 1 and 99999"),
            ),
            ("SND;DATA;SETU;00004;00003;", column("index", 14, "at most the total")),
            (" SND;DATA;SETU;00001;00003;", column("command", 0, "3 signs and a `;`")),
        ] {
            assert_eq!(error(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_header_is_as_long_as_its_columns() {
        assert_eq!(HEADER_BYTES, [3, 4, 4, 5, 5].iter().map(|width| width + 1).sum::<usize>());
        assert_eq!(SHORT_BYTES, 3 + 1 + 4 + 1 + 4);
    }
}
