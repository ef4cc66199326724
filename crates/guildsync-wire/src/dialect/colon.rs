//! TWRA's commands of seed 001: a name and fields, `:` between them, `SECTION:1735689600:4`.
//!
//! The addon cut at `([^:]+)`, which drops empty fields and moves what follows them up; here a line
//! has as many fields as it has colons, any of them may be empty, and a colon inside one is escaped
//! ([`crate::text`]). A name that is not known is kept with its fields.
//!
//! The addon changed its names over time and the seed's list is of no single version, so that all
//! are here, each with the shape that it has ([`Name::shape`]). A shape is not enforced when a line
//! is read, since other versions say more; whoever uses a command asks for it with
//! [`Command::fields_exactly`].
//!
//! ```
//! use guildsync_wire::dialect::colon::{Command, Name};
//! let command = Command::new(Name::Section, ["1735689600", "4"]);
//! assert_eq!(command.to_string(), "SECTION:1735689600:4");
//! let read = Command::read("SECTION:1735689600:4")?;
//! let [stamp, index] = read.fields_exactly()?;
//! assert_eq!((stamp, index), ("1735689600", "4"));
//! # Ok::<(), guildsync_wire::dialect::DialectError>(())
//! ```

use std::fmt;

use super::{DialectError, RawField, codes};
use crate::text::{self, Delimiter};

/// The most fields that a line may have behind its name.
pub const FIELDS_MAX: usize = 1024;

/// The word that a [`Name::Version`] has in its second field where two versions do not fit.
pub const INCOMPATIBLE: &str = "INCOMPATIBLE";

codes! {
    /// A command's name: 1 to 32 signs.
    Name, 1..=32;
    /// Which section is on screen.
    Section = "SECTION",
    /// The same by the seed's name.
    SectionChange = "SEC",
    /// Asks for the whole document.
    Request = "REQ",
    /// The whole document.
    Response = "RESP",
    /// Asks for the whole document (the addon's name).
    DataRequest = "DREQ",
    /// The whole document (the addon's name).
    DataResponse = "DRES",
    /// A new document was imported.
    Announce = "ANC",
    /// The program's version.
    Version = "VER",
    /// Asks for the structure: the sections' names in their order.
    StructureRequest = "SREQ",
    /// The structure.
    StructureResponse = "SRES",
    /// Asks for one section.
    SectionRequest = "SECREQ",
    /// One section, by the seed's name.
    SectionResponse = "SECRESP",
    /// One section (the addon's name).
    SectionResult = "SECRES",
    /// Asks who has newer data than the asker's.
    BulkRequest = "BSREQ",
    /// I have, and will send it.
    BulkAck = "BSACK",
    /// A section of a bulk transfer.
    BulkSection = "BSEC",
    /// The structure, which ends a bulk transfer.
    BulkStructure = "BSTR",
    /// Asks for sections that did not come.
    MissingRequest = "MSREQ",
    /// I will send the missing sections.
    MissingAck = "MSACK",
    /// A missing section.
    MissingResponse = "MSRES",
    /// Begins a transfer in chunks. Also the field that refers to such a transfer in place of data.
    ChunkHeader = "CHUNKED",
    /// A chunk of a transfer.
    Chunk = "CHUNK",
    /// An edit or a cursor was not taken, for want of the right to it. Neither the seed nor the addon has
    /// this one.
    Refusal = "REF",
    /// A cursor is older than the latest that was heard of: that one's stamp, and how many seconds ago.
    /// Neither the seed nor the addon has this one.
    Later = "LATER",
}

impl Name {
    /// The whole line, with a word for each field; `[ ]` may be absent, `data` may be the two fields
    /// `CHUNKED:transfer`. For people and for error messages.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match self {
            Self::Section => "SECTION:stamp:index",
            Self::SectionChange => "SEC:stamp:index",
            Self::Request => "REQ:stamp",
            Self::Response => "RESP:stamp:data",
            Self::DataRequest => "DREQ:stamp",
            Self::DataResponse => "DRES:stamp:data",
            Self::Announce => "ANC:stamp",
            Self::Version => "VER:version[:INCOMPATIBLE]",
            Self::StructureRequest => "SREQ:stamp",
            Self::StructureResponse => "SRES:stamp:data",
            Self::SectionRequest => "SECREQ:stamp:index",
            Self::SectionResponse => "SECRESP:stamp:index:data",
            Self::SectionResult => "SECRES:stamp:index:data",
            Self::BulkRequest => "BSREQ:stamp",
            Self::BulkAck => "BSACK:stamp:member",
            Self::BulkSection => "BSEC:stamp:index:data",
            Self::BulkStructure => "BSTR:stamp:data",
            Self::MissingRequest => "MSREQ:stamp:indexes:member",
            Self::MissingAck => "MSACK:stamp:indexes:member",
            Self::MissingResponse => "MSRES:stamp:index:data",
            Self::ChunkHeader => "CHUNKED:bytes:transfer:chunks",
            Self::Chunk => "CHUNK:transfer:index:data",
            Self::Refusal => "REF:document:deed:who",
            Self::Later => "LATER:stamp:seconds",
            Self::Unknown(_) => "the fields of a command that is not known here",
        }
    }
}

/// One line: a name and its fields. Its `Display` is the line, without a line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is said.
    pub name: Name,
    /// About what; any text in each.
    pub fields: Vec<String>,
}

impl Command {
    /// A name and its fields.
    #[must_use]
    pub fn new<S: Into<String>>(name: Name, fields: impl IntoIterator<Item = S>) -> Self {
        Self { name, fields: fields.into_iter().map(Into::into).collect() }
    }

    /// Reads a line, given without its line end.
    ///
    /// # Errors
    /// No name at the front, over [`FIELDS_MAX`] fields, or an escape that means nothing.
    pub fn read(line: &str) -> Result<Self, DialectError> {
        let colon = Delimiter::Colon.as_char();
        if line.matches(colon).count() > FIELDS_MAX {
            return Err(DialectError::TooMany { what: "fields", limit: FIELDS_MAX });
        }
        let mut parts = line.split(colon);
        let code = parts.next().unwrap_or_default();
        let wanted = "a name of capital letters, digits and `_`";
        let name = Name::from_code(code);
        let name = name.ok_or(DialectError::Field { field: "command", at: 0, wanted })?;
        let mut at = code.len() + 1;
        let fields = parts.map(|raw| {
            let field = RawField { name: "field", at, raw };
            at += raw.len() + 1;
            field.text(Delimiter::Colon)
        });
        Ok(Self { name, fields: fields.collect::<Result<_, _>>()? })
    }

    /// The fields, if there are exactly `N`.
    ///
    /// # Errors
    /// [`DialectError::Fields`] with the command's shape.
    pub fn fields_exactly<const N: usize>(&self) -> Result<[&str; N], DialectError> {
        let fields: Vec<&str> = self.fields.iter().map(String::as_str).collect();
        let (found, wanted) = (fields.len(), self.name.shape());
        fields.try_into().map_err(|_| DialectError::Fields { found, wanted })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.code())?;
        for field in &self.fields {
            let colon = Delimiter::Colon;
            write!(f, "{}{}", colon.as_char(), text::join([field], colon))?;
        }
        Ok(())
    }
}

/// Writes the names of sections as one field, each in its place: `Molten Core,,Onyxia` has a hole at
/// the second. No section has an empty name, so that an empty one is a hole; one hole alone is the
/// same text as no section at all.
#[must_use]
pub fn write_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    text::join(names, Delimiter::Comma)
}

/// Reads what [`write_names`] wrote: place `n` is item `n - 1`.
///
/// # Errors
/// Over `count_max` places (checked before anything is kept), or an escape that means nothing.
pub fn read_names(field: &str, count_max: usize) -> Result<Vec<String>, DialectError> {
    if field.is_empty() {
        return Ok(Vec::new());
    }
    if field.matches(Delimiter::Comma.as_char()).count() >= count_max {
        return Err(DialectError::TooMany { what: "names", limit: count_max });
    }
    let escape = |source| DialectError::Escape { field: "names", at: 0, source };
    text::split(field, Delimiter::Comma).map_err(escape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn any_name() -> impl Strategy<Value = Name> {
        prop_oneof![
            proptest::sample::select(Name::KNOWN),
            "[A-Z0-9_]{1,32}".prop_map(|code| Name::from_code(&code).unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal_on_one_line(
            name in any_name(),
            fields in vec(prop_oneof![any::<String>(), r"[\\:|,\n\tcpm]{0,9}"], 0..6),
        ) {
            let command = Command { name, fields };
            let line = command.to_string();
            prop_assert!(!line.contains(['\n', '\r', '\t']));
            prop_assert_eq!(Command::read(&line).unwrap(), command);
        }

        #[test]
        fn any_line_reads_or_is_refused_and_what_was_read_reads_again(
            line in prop_oneof![any::<String>(), r"[A-Z:\\c0-9]{0,20}", "SEC(:[0-9a-z]{0,3}){0,5}"],
        ) {
            if let Ok(command) = Command::read(&line) {
                prop_assert_eq!(Command::read(&command.to_string()).unwrap(), command);
            }
        }

        #[test]
        fn names_keep_their_places(names in vec("[a-c,\"\\\\: ø]{0,4}", 0..200)) {
            let read = read_names(&write_names(&names), 200).unwrap();
            let expected = if names == [""] { Vec::new() } else { names };
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn every_known_name_is_spelled_once_and_in_its_shape() {
        let mut codes: Vec<_> = Name::KNOWN.iter().map(Name::code).collect();
        for name in Name::KNOWN {
            assert_eq!(Name::from_code(name.code()).as_ref(), Some(name));
            let shape = name.shape().strip_prefix(name.code());
            assert!(shape.is_some_and(|rest| rest.starts_with(':')), "{name}");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Name::KNOWN.len());
    }

    #[test]
    fn a_line_has_as_many_fields_as_colons() {
        let fields = |line| Command::read(line).unwrap().fields;
        assert_eq!(fields("REQ"), [""; 0]);
        assert_eq!(fields("REQ:"), [""]);
        assert_eq!(fields("BSACK::"), ["", ""]);
        assert_eq!(fields(r"BSACK:5:a\cb"), ["5", "a:b"]);
    }

    #[test]
    fn an_unknown_command_is_kept() {
        let line = r"BULKREQ:1:\\:x";
        let command = Command::read(line).unwrap();
        assert!(matches!(&command.name, Name::Unknown(code) if code.as_str() == "BULKREQ"));
        assert_eq!(command.to_string(), line);
    }

    #[test]
    fn what_is_no_command_is_refused() {
        let error = |line: &str| Command::read(line).unwrap_err().to_string();
        let wanted = "command at byte 0 is not a name of capital letters, digits and `_`";
        for line in ["", ":", "sec:1", " SEC:1", "SEC 1", "SÉC:1", &"A".repeat(33)] {
            assert_eq!(error(line), wanted, "{line:?}");
        }
        assert_eq!(
            error(r"SEC:ø:\q"),
            r"field, which begins at byte 7: unknown escape `\q` at byte 0"
        );
        assert_eq!(error(&format!("SEC{}", ":".repeat(1025))), "more than 1024 fields");
        let short = Command::read("SECTION:5").unwrap();
        assert_eq!(
            short.fields_exactly::<2>().unwrap_err().to_string(),
            "1 fields where SECTION:stamp:index should be"
        );
    }
}
