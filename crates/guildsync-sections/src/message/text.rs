//! The seed's and the addon's words: messages about documents that people and addons can read.
//!
//! A message is lines; a line is a word in capitals and fields, a colon before each, as
//! [`guildsync_wire::dialect::colon`] has them: the first is one of its commands. The fields that seed 001
//! or the addon has come first, in its order; a version's digest stands where they had the time of an
//! import to compare by, except in what tells that time. What is left out is an empty field. A digest, an
//! id or a key is hex in lower case, a stamp seconds since 1970 with `.count` behind them where there is
//! one, and a list has commas.
//!
//! Every line ends with a line end, the last one too, so that a message that was cut off is not taken for a
//! shorter one.
//!
//! | line | fields |
//! |---|---|
//! | `ANC` | stamp, document, digest of each |
//! | `SREQ`, `REQ` | target, whom, document, base |
//! | `SECREQ`, `MSREQ` | target, sections, whom, document, base |
//! | `BSREQ` | target, whom, document, base, tags |
//! | `BSACK` | target, asker, document |
//! | `SRES`, `SECRES`, `BSEC`, `BSTR`, `RESP` | target, index, document, stream, `last` or `more`, and `packed`, base, bytes or `plain`, edits, versions |
//! | `SECTION` | stamp, section, document, digest |
//! | `LATER` | stamp, seconds |
//! | `REF` | document, deed, who |
//!
//! Behind a plain part's line follow its edits and its versions ([`versions`]). The older names `SEC`,
//! `DREQ`, `DRES`, `SECRESP` and `MSRES` are read as well.

mod bodies;
mod fields;
mod versions;

use bytes::Bytes;
use guildsync_types::MemberName;
use guildsync_types::hash::{from_hex, to_hex};
use guildsync_wire::dialect::colon::Name;
use guildsync_wire::line::{self, Fields, LineWriter, Lines};
use guildsync_wire::text::Delimiter;

use super::{Announced, Answer, Ask, Batch, Cursor, Message, MessageError, Part, What};
use crate::version::Have;

/// What stands before each field, as in the seed's commands.
const BETWEEN: Delimiter = Delimiter::Colon;

/// What messages begin with: what [`Message::name`] gives, and older names for the same.
static NAMES: [Name; 20] = [
    Name::Announce,
    Name::StructureRequest,
    Name::SectionRequest,
    Name::MissingRequest,
    Name::Request,
    Name::DataRequest,
    Name::BulkRequest,
    Name::BulkAck,
    Name::StructureResponse,
    Name::SectionResponse,
    Name::SectionResult,
    Name::MissingResponse,
    Name::BulkSection,
    Name::BulkStructure,
    Name::Response,
    Name::DataResponse,
    Name::Section,
    Name::SectionChange,
    Name::Refusal,
    Name::Later,
];

const LAST: &str = "last";
const MORE: &str = "more";
const PACKED: &str = "packed";
const PLAIN: &str = "plain";

pub(super) fn speaks(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| matches!(byte, b':' | b'\n')).unwrap_or(bytes.len());
    NAMES.iter().any(|name| name.code().as_bytes() == &bytes[..end])
}

pub(super) fn write(message: &Message) -> Bytes {
    let mut writer = LineWriter::new(BETWEEN);
    let out = &mut writer;
    out.word(message.name());
    match message {
        Message::Announce(documents) => {
            for Announced { document, digest, stamp } in documents {
                out.value(&fields::stamp(*stamp));
                out.value(&document.to_string());
                out.value(&digest.to_string());
            }
        }
        Message::Ask(ask) => write_ask(ask, out),
        Message::Answering { document, target, asker } => {
            out.value(&target.to_string());
            out.value(asker.as_str());
            out.value(&document.to_string());
        }
        Message::Part(part) => write_part(part, out),
        Message::Cursor(Cursor { document, digest, section, stamp }) => {
            out.value(&fields::stamp(*stamp));
            out.value(&section.to_string());
            out.value(&document.to_string());
            out.value(&digest.to_string());
        }
        Message::Later { stamp, seconds } => {
            out.value(&fields::stamp(*stamp));
            out.value(&seconds.to_string());
        }
        Message::Refused { document, deed, who } => {
            out.value(&document.to_string());
            out.value(fields::deed(*deed));
            out.value(&fields::who(who));
        }
    }
    let mut text = writer.finish();
    text.push('\n');
    text.into()
}

pub(super) fn read(bytes: &Bytes) -> Result<Message, MessageError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| MessageError::NotUtf8 { at: error.valid_up_to() })?;
    let cut_off = || MessageError::CutOff { line: text.matches('\n').count() + 1 };
    let mut lines = Lines::new(text.strip_suffix('\n').ok_or_else(cut_off)?, BETWEEN);
    let (word, f) = lines.take()?;
    let name = Name::from_code(word).filter(|name| NAMES.contains(name));
    let wanted = "the name of a message about documents";
    let name = name.ok_or_else(|| f.is_not("the first word", wanted))?;
    let message = match name {
        Name::Announce => read_announcement(f)?,
        Name::StructureRequest
        | Name::SectionRequest
        | Name::MissingRequest
        | Name::Request
        | Name::DataRequest
        | Name::BulkRequest => Message::Ask(read_ask(&name, f)?),
        Name::BulkAck => read_answering(f)?,
        Name::Section | Name::SectionChange => Message::Cursor(read_cursor(f)?),
        Name::Refusal => read_refused(f)?,
        Name::Later => read_later(f)?,
        _ => Message::Part(read_part(&name, f, &mut lines)?),
    };
    lines.finish()?;
    Ok(message)
}

fn read_announcement(mut f: Fields<'_>) -> Result<Message, MessageError> {
    let mut documents: Vec<Announced> = Vec::new();
    while !f.is_empty() {
        if documents.len() == Message::DOCUMENTS_MAX {
            let (what, limit) = ("documents", Message::DOCUMENTS_MAX);
            return Err(MessageError::TooMany { line: f.line(), what, limit });
        }
        let stamp = fields::read_stamp(&mut f)?;
        let document = fields::read_document(&mut f)?;
        if documents.iter().any(|before| before.document == document) {
            return Err(f.is_not("document", "another one than those before").into());
        }
        documents.push(Announced {
            document,
            digest: fields::read_digest("digest", &mut f)?,
            stamp,
        });
    }
    Ok(Message::Announce(documents))
}

fn write_ask(ask: &Ask, out: &mut LineWriter) {
    let Ask { document, target, base, whom, what } = ask;
    out.value(&fields::or_none(*target));
    if let What::Sections(ids) = what {
        out.value(&fields::list(ids));
    }
    out.value(whom.as_ref().map_or("", MemberName::as_str));
    out.value(&document.to_string());
    out.value(&fields::or_none(*base));
    if let What::Rest(tags) = what {
        out.value(&fields::list(tags.iter().map(fields::tag)));
    }
}

fn read_ask(name: &Name, mut f: Fields<'_>) -> Result<Ask, MessageError> {
    let target = fields::read_digest_or_none("target", &mut f)?;
    let sections = match name {
        Name::SectionRequest | Name::MissingRequest => {
            let ids = fields::read_sections("sections", &mut f)?;
            if *name == Name::SectionRequest && ids.len() != 1 {
                return Err(f.is_not("sections", "one section").into());
            }
            Some(fields::ascending("sections", ids, &f)?)
        }
        _ => None,
    };
    let wanted = "nothing or a member's name";
    let whom = f.next("whom", wanted, |text| match text {
        "" => Some(None),
        text => MemberName::from_entry(text).ok().map(Some),
    })?;
    let document = fields::read_document(&mut f)?;
    let base = fields::read_digest_or_none("base", &mut f)?;
    let what = match (name, sections) {
        (_, Some(ids)) => What::Sections(ids),
        (Name::StructureRequest, _) => What::Structure,
        (Name::BulkRequest, _) => {
            let wanted = "tags of 8 hex digits in lower case";
            let tags =
                fields::read_list("tags", wanted, Message::TAGS_MAX, &mut f, fields::read_tag)?;
            What::Rest(fields::ascending("tags", tags, &f)?)
        }
        _ => What::Everything,
    };
    f.finish()?;
    Ok(Ask { document, target, base, whom, what })
}

fn read_answering(mut f: Fields<'_>) -> Result<Message, MessageError> {
    let target = fields::read_digest("target", &mut f)?;
    let asker = fields::read_member("asker", &mut f)?;
    let document = fields::read_document(&mut f)?;
    f.finish()?;
    Ok(Message::Answering { document, target, asker })
}

fn read_cursor(mut f: Fields<'_>) -> Result<Cursor, MessageError> {
    let stamp = fields::read_stamp(&mut f)?;
    let section = f.next("section", fields::ID_WANTED, line::shown)?;
    let document = fields::read_document(&mut f)?;
    let digest = fields::read_digest("digest", &mut f)?;
    f.finish()?;
    Ok(Cursor { document, digest, section, stamp })
}

fn read_later(mut f: Fields<'_>) -> Result<Message, MessageError> {
    let stamp = fields::read_stamp(&mut f)?;
    let seconds = f.next("seconds", "a number of 32 bits", line::number)?;
    f.finish()?;
    Ok(Message::Later { stamp, seconds })
}

fn read_refused(mut f: Fields<'_>) -> Result<Message, MessageError> {
    let document = fields::read_document(&mut f)?;
    let deed = f.next("deed", "publish, edit or point", fields::read_deed)?;
    let who = f.next("who may", fields::WHO_WANTED, fields::read_who)?;
    f.finish()?;
    Ok(Message::Refused { document, deed, who })
}

fn write_part(part: &Part, out: &mut LineWriter) {
    out.value(&part.target.to_string());
    out.value(&part.index.to_string());
    out.value(&part.document.to_string());
    out.value(&part.stream.to_string());
    out.value(if part.last { LAST } else { MORE });
    if let Answer::Document { beyond } = part.answer {
        out.value(&to_hex(&beyond.0.to_be_bytes()));
    }
    match &part.batch {
        Batch::Packed { base, bytes } => {
            out.value(PACKED);
            out.value(&fields::or_none(*base));
            out.raw(&to_hex(bytes));
        }
        Batch::Plain(carried) => {
            out.value(PLAIN);
            versions::write(carried, out);
        }
    }
}

fn read_part(name: &Name, mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Part, MessageError> {
    let mut answer = match name {
        Name::StructureResponse => Answer::Structure,
        Name::SectionResult | Name::SectionResponse | Name::MissingResponse => Answer::Sections,
        Name::BulkSection | Name::BulkStructure => Answer::Document { beyond: Have(0) },
        _ => Answer::Edit,
    };
    let target = fields::read_digest("target", &mut f)?;
    let index = f.next("index", "a number of 16 bits", line::number)?;
    let document = fields::read_document(&mut f)?;
    let stream = f.next("stream", "a number of 16 bits", line::number)?;
    let wanted = match name {
        Name::BulkSection => [MORE, MORE],
        Name::BulkStructure => [LAST, LAST],
        _ => [LAST, MORE],
    };
    let last = f.next("whether it is the last", &wanted.join(" or "), |text| {
        wanted.contains(&text).then_some(text == LAST)
    })?;
    if let Answer::Document { beyond } = &mut answer {
        *beyond = f.next("what the asker has", "8 hex digits", |text| {
            let bytes = from_hex(text).filter(|bytes| to_hex(bytes) == text);
            bytes.map(|bytes| Have(u32::from_be_bytes(bytes)))
        })?;
    }
    let is_packed = f.next("the batch", "packed or plain", |text| match text {
        PACKED => Some(true),
        PLAIN => Some(false),
        _ => None,
    })?;
    let batch = if is_packed {
        let base = fields::read_digest_or_none("base", &mut f)?;
        let bytes = f.next("the bytes", "hex in lower case", fields::read_bytes)?;
        f.finish()?;
        Batch::Packed { base, bytes: bytes.into() }
    } else {
        Batch::Plain(versions::read(f, lines)?)
    };
    Ok(Part { document, target, answer, stream, index, last, batch })
}
