//! The compact bytes of messages about documents.
//!
//! The first byte is one of 0x20 to 0x3f: below are messages about tables, from 0x80 on those about logs,
//! and between them letters. It names the message, and for a packed part all that a few bits can say, since
//! a frame holds 255 bytes. Ids and digests take eight bytes each; a stamp five, seven where there is a
//! count within its second. Every message has one form only.
//!
//! | first byte | message | behind it |
//! |---|---|---|
//! | 20 | `ANC` of one document | the document |
//! | 21 | `ANC` | count, documents: id, digest, stamp |
//! | 22 | `REQ` and the like | flags, document, target, base, whom, what |
//! | 23 | `BSACK` | document, target, asker |
//! | 24 | `SECTION` | document, digest, section, stamp |
//! | 25 | `REF` | document, deed and who, members |
//! | 26 | a part, version by version | flags, document, target, place, beyond, edits, versions |
//! | 27 | `LATER` | stamp, seconds |
//! | 30 to 3f | a packed part; plus 1: the last; 2: with base; 4, 8, 12: the answer | document, target, place, beyond, base, bytes |
//!
//! `beyond` is four bytes, in an answer about a whole document alone. A part's place is its stream's number times 8 and its own number, as one varint: one byte for the
//! first seven parts of each of the first sixteen streams.

mod lists;
mod numbers;

use std::ops::RangeInclusive;

use bytes::Bytes;
use guildsync_types::Digest;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::{Announced, Answer, Ask, Batch, Cursor, Message, MessageError, Part, What};
use crate::item::member;
use crate::name::{DocumentId, SectionId};
use crate::version::Have;

/// What messages about documents begin with. Of these 0x28 to 0x2f are left for later versions.
pub(super) const FIRST_BYTES: RangeInclusive<u8> = 0x20..=0x3f;

const ANNOUNCE_ONE: u8 = 0x20;
const ANNOUNCE: u8 = 0x21;
const ASK: u8 = 0x22;
const ANSWERING: u8 = 0x23;
const CURSOR: u8 = 0x24;
const REFUSED: u8 = 0x25;
const PLAIN: u8 = 0x26;
const LATER: u8 = 0x27;
/// Plus what a part's flags say.
const PACKED: u8 = 0x30;
const PACKED_END: u8 = 0x3f;

/// A part's flags. Which answer it is stands above them.
const LAST: u8 = 1 << 0;
const WITH_BASE: u8 = 1 << 1;
const ANSWER_SHIFT: u8 = 2;
const STRUCTURE: u8 = 0;
const SECTIONS: u8 = 1;
const DOCUMENT: u8 = 2;
const EDIT: u8 = 3;

/// In the flags of a question; bits 0 and 1 are what is asked for.
const WHAT: u8 = 0b11;
const TARGET: u8 = 1 << 2;
const BASE: u8 = 1 << 3;
const WHOM: u8 = 1 << 4;

pub(super) fn write(message: &Message) -> Bytes {
    let mut w = Writer::new();
    match message {
        Message::Announce(documents) => {
            if documents.len() == 1 {
                w.u8(ANNOUNCE_ONE);
            } else {
                w.u8(ANNOUNCE);
                w.varint(documents.len() as u64);
            }
            for Announced { document, digest, stamp } in documents {
                w.raw(&document.0);
                w.raw(&digest.0);
                numbers::write_stamp(*stamp, &mut w);
            }
        }
        Message::Ask(ask) => write_ask(ask, &mut w),
        Message::Answering { document, target, asker } => {
            w.u8(ANSWERING);
            w.raw(&document.0);
            w.raw(&target.0);
            w.str(asker.as_str());
        }
        Message::Part(part) => write_part(part, &mut w),
        Message::Cursor(Cursor { document, digest, section, stamp }) => {
            w.u8(CURSOR);
            w.raw(&document.0);
            w.raw(&digest.0);
            w.raw(&section.0);
            numbers::write_stamp(*stamp, &mut w);
        }
        Message::Later { stamp, seconds } => {
            w.u8(LATER);
            numbers::write_stamp(*stamp, &mut w);
            w.varint(u64::from(*seconds));
        }
        Message::Refused { document, deed, who } => {
            w.u8(REFUSED);
            w.raw(&document.0);
            lists::write_rule(*deed, who, &mut w);
        }
    }
    w.into_vec().into()
}

pub(super) fn read(bytes: &Bytes) -> Result<Message, MessageError> {
    let mut reader = Reader::new(bytes);
    let r = &mut reader;
    let message = match r.u8("message kind")? {
        ANNOUNCE_ONE => Message::Announce(vec![read_announced(r)?]),
        ANNOUNCE => Message::Announce(read_announcement(r)?),
        ASK => Message::Ask(read_ask(r)?),
        ANSWERING => {
            let (document, target) = (read_document(r)?, read_digest(r, "target")?);
            Message::Answering { document, target, asker: member(r)? }
        }
        CURSOR => {
            let (document, digest) = (read_document(r)?, read_digest(r, "digest")?);
            let section = SectionId(r.array("section")?);
            Message::Cursor(Cursor { document, digest, section, stamp: numbers::read_stamp(r)? })
        }
        LATER => {
            let stamp = numbers::read_stamp(r)?;
            Message::Later { stamp, seconds: numbers::read_seconds(r)? }
        }
        REFUSED => {
            let document = read_document(r)?;
            let (deed, who) = lists::read_rule(r)?;
            Message::Refused { document, deed, who }
        }
        PLAIN => Message::Part(read_plain(r)?),
        first @ PACKED..=PACKED_END => Message::Part(read_packed(first - PACKED, bytes, r)?),
        _ => {
            let why = "the first byte of no message about documents: a newer version may read it";
            return Err(r.invalid("message kind", 0, why).into());
        }
    };
    reader.finish()?;
    Ok(message)
}

fn read_document(r: &mut Reader<'_>) -> Result<DocumentId, DecodeError> {
    Ok(DocumentId(r.array("document")?))
}

fn read_digest(r: &mut Reader<'_>, what: &'static str) -> Result<Digest, DecodeError> {
    Ok(Digest(r.array(what)?))
}

fn read_announced(r: &mut Reader<'_>) -> Result<Announced, DecodeError> {
    let (document, digest) = (read_document(r)?, read_digest(r, "digest")?);
    Ok(Announced { document, digest, stamp: numbers::read_stamp(r)? })
}

fn read_announcement(r: &mut Reader<'_>) -> Result<Vec<Announced>, DecodeError> {
    let at = r.at();
    let n = r.count(Message::DOCUMENTS_MAX, 17, "documents")?;
    if n == 1 {
        return Err(r.invalid("documents", at, "one, which has a first byte of its own"));
    }
    let mut documents: Vec<Announced> = Vec::with_capacity(n);
    for _ in 0..n {
        let (at, next) = (r.at(), read_announced(r)?);
        if documents.iter().any(|before| before.document == next.document) {
            return Err(r.invalid("document", at, "named twice"));
        }
        documents.push(next);
    }
    Ok(documents)
}

fn write_ask(ask: &Ask, w: &mut Writer) {
    let Ask { document, target, base, whom, what } = ask;
    let number = match what {
        What::Structure => 0,
        What::Sections(_) => 1,
        What::Everything => 2,
        What::Rest(_) => 3,
    };
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    let flags = flag(target.is_some(), TARGET) | flag(base.is_some(), BASE);
    w.u8(ASK);
    w.u8(number | flags | flag(whom.is_some(), WHOM));
    w.raw(&document.0);
    [target, base].into_iter().flatten().for_each(|digest| w.raw(&digest.0));
    if let Some(whom) = whom {
        w.str(whom.as_str());
    }
    match what {
        What::Structure | What::Everything => (),
        What::Sections(ids) => lists::write_sections(ids, w),
        What::Rest(tags) => lists::write_tags(tags, w),
    }
}

fn read_ask(r: &mut Reader<'_>) -> Result<Ask, DecodeError> {
    let (at, flags) = (r.at(), r.u8("flags")?);
    if flags & !(WHAT | TARGET | BASE | WHOM) != 0 {
        return Err(r.invalid("flags", at, "bits that this version does not know"));
    }
    let has = |flag: u8| flags & flag != 0;
    let document = read_document(r)?;
    let target = has(TARGET).then(|| read_digest(r, "target")).transpose()?;
    let base = has(BASE).then(|| read_digest(r, "base")).transpose()?;
    let whom = has(WHOM).then(|| member(r)).transpose()?;
    let what = match flags & WHAT {
        0 => What::Structure,
        1 => What::Sections(lists::read_sections(r)?),
        2 => What::Everything,
        _ => What::Rest(lists::read_tags(r)?),
    };
    Ok(Ask { document, target, base, whom, what })
}

fn write_part(part: &Part, w: &mut Writer) {
    let answer = match part.answer {
        Answer::Structure => STRUCTURE,
        Answer::Sections => SECTIONS,
        Answer::Document { .. } => DOCUMENT,
        Answer::Edit => EDIT,
    };
    let flags = answer << ANSWER_SHIFT | if part.last { LAST } else { 0 };
    match &part.batch {
        Batch::Packed { base: None, .. } => w.u8(PACKED | flags),
        Batch::Packed { base: Some(_), .. } => w.u8(PACKED | flags | WITH_BASE),
        Batch::Plain(_) => w.raw(&[PLAIN, flags]),
    }
    w.raw(&part.document.0);
    w.raw(&part.target.0);
    numbers::write_place(part.stream, part.index, w);
    if let Answer::Document { beyond } = part.answer {
        w.raw(&beyond.0.to_le_bytes());
    }
    match &part.batch {
        Batch::Packed { base, bytes } => {
            if let Some(base) = base {
                w.raw(&base.0);
            }
            w.raw(bytes);
        }
        Batch::Plain(carried) => lists::write_carried(carried, w),
    }
}

fn read_packed(flags: u8, bytes: &Bytes, r: &mut Reader<'_>) -> Result<Part, DecodeError> {
    read_part(flags, r, |r| {
        let has_base = flags & WITH_BASE != 0;
        let base = has_base.then(|| read_digest(r, "base")).transpose()?;
        let at = r.at();
        r.rest();
        Ok(Batch::Packed { base, bytes: bytes.slice(at..) })
    })
}

fn read_plain(r: &mut Reader<'_>) -> Result<Part, DecodeError> {
    let (at, flags) = (r.at(), r.u8("flags")?);
    if flags & WITH_BASE != 0 || flags > PACKED_END - PACKED {
        return Err(r.invalid("flags", at, "bits that this version does not know"));
    }
    read_part(flags, r, |r| Ok(Batch::Plain(lists::read_carried(r)?)))
}

fn read_part<'a>(
    flags: u8,
    r: &mut Reader<'a>,
    batch: impl FnOnce(&mut Reader<'a>) -> Result<Batch, DecodeError>,
) -> Result<Part, DecodeError> {
    let (document, target) = (read_document(r)?, read_digest(r, "target")?);
    let (stream, index) = numbers::read_place(r)?;
    let answer = match flags >> ANSWER_SHIFT & 0b11 {
        STRUCTURE => Answer::Structure,
        SECTIONS => Answer::Sections,
        DOCUMENT => Answer::Document { beyond: Have(u32::from_le_bytes(r.array("beyond")?)) },
        _ => Answer::Edit,
    };
    let last = flags & LAST != 0;
    Ok(Part { document, target, answer, stream, index, last, batch: batch(r)? })
}
