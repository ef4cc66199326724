//! The compact bytes of messages.
//!
//! The first byte has its highest bit set, which no letter has; then come four flags, whose meaning
//! is the kind's, and in the low three bits the kind. Numbers are varints, tags three bytes, and what
//! is usual costs a bit. Every message has one form only. Tables: `docs/messages.md`.

mod lists;
mod packed;

use bytes::Bytes;
use guildsync_log::{Profile, ProfileKind};
use guildsync_types::{Digest, ProfileId, ProfileName, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use guildsync_wire::dialect::DialectError;
use guildsync_wire::line::LineError;
use thiserror::Error;

use super::{Announced, Answer, Cause, Has, MemberTag, Message, Named, Tag};

/// Why bytes are no message. Nothing of it is taken then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The bytes do not decode.
    #[error("the message does not decode: {0}")]
    Compact(#[from] DecodeError),
    /// A text that is not UTF-8.
    #[error("the message is text, and byte {at} of it is not UTF-8")]
    NotUtf8 {
        /// The first byte that is wrong.
        at: usize,
    },
    /// A line that says something else than it should, or whose escaping cannot be undone.
    #[error("line {} of the message: {}", .0.line, .0.why)]
    Line(#[from] LineError),
    /// A line with a list or an entry that is none.
    #[error("line {line} of the message: {source}")]
    Dialect {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: DialectError,
    },
    /// More of something than a message holds.
    #[error("the message has more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Entries in text that cannot be packed.
    #[error("the entries of the message cannot be packed: {0}")]
    Entries(#[from] guildsync_wire::rows::EncodeError),
}

const COMPACT: u8 = 0x80;
const ANNOUNCE: u8 = 0;
const REQUEST_LIST: u8 = 1;
const REPLY: u8 = 2;
const MISSING_LOGS: u8 = 3;
const REQUEST_MISSING: u8 = 4;
const ENTRY: u8 = 5;
const START: u8 = 6;

/// How an announcement names its profile where it is not by a short tag.
const NAMED_TAG: u8 = 0;
const NAMED_OPEN: u8 = 1;
const NAMED_OWNED: u8 = 2;

pub(super) fn write(message: &Message) -> Bytes {
    let mut w = Writer::new();
    match message {
        Message::ProfileAnnounce { at, profile, switch, answer, digest, heads } => {
            let is_short = matches!(profile, Named::Tag(Tag::Short(_)));
            head(&mut w, ANNOUNCE, [!is_short, *switch, *answer, heads.is_some()]);
            announced(*at, &mut w);
            named(profile, &mut w);
            w.raw(&digest.0);
            if let Some(heads) = heads {
                lists::write_heads(heads, &mut w);
            }
        }
        Message::RequestLogList { profile, announced: at } => {
            head(&mut w, REQUEST_LIST, [is_whole(*profile), at.is_some(), false, false]);
            w.raw(profile.bytes());
            if let Some(at) = at {
                announced(*at, &mut w);
            }
        }
        Message::LogListReply { at, has } => match has {
            Has::Same => {
                head(&mut w, REPLY, [false; 4]);
                announced(*at, &mut w);
            }
            Has::Difference(difference) => {
                head(&mut w, REPLY, [true, false, false, false]);
                announced(*at, &mut w);
                lists::write_difference(difference, &mut w);
            }
            Has::Listed { profile, digest, heads } => {
                head(&mut w, REPLY, [false, true, is_whole(*profile), false]);
                announced(*at, &mut w);
                w.raw(profile.bytes());
                w.raw(&digest.0);
                lists::write_heads(heads, &mut w);
            }
        },
        Message::SendMissingLogs { profile, request, batch } => {
            let flags = [is_whole(*profile), batch.base.is_some(), *request != 0, false];
            head(&mut w, MISSING_LOGS, flags);
            w.raw(profile.bytes());
            if *request != 0 {
                w.varint((*request).into());
            }
            packed::write(batch, &mut w);
        }
        Message::RequestMyMissing { profile, request, answer, base, wants } => {
            let (group, member) = match answer {
                Answer::Me => (false, None),
                Answer::Group => (true, None),
                Answer::Member(member) => (false, Some(member)),
            };
            let flags = [is_whole(*profile), base.is_some(), group, member.is_some()];
            head(&mut w, REQUEST_MISSING, flags);
            w.raw(profile.bytes());
            w.varint((*request).into());
            if let Some(MemberTag(member)) = member {
                w.raw(member);
            }
            if let Some(base) = base {
                lists::write_base(base, &mut w);
            }
            lists::write_wants(wants, &mut w);
        }
        Message::LogEntry { profile, batch } => {
            head(&mut w, ENTRY, [is_whole(*profile), batch.base.is_some(), false, false]);
            w.raw(profile.bytes());
            packed::write(batch, &mut w);
        }
        Message::ManualSyncStart { term, cause } => {
            head(&mut w, START, [*cause == Cause::Takeover, false, false, false]);
            w.varint(*term);
        }
    }
    w.into_vec().into()
}

pub(super) fn read(bytes: &Bytes) -> Result<Message, MessageError> {
    let mut reader = Reader::new(bytes);
    let r = &mut reader;
    let first = r.u8("message kind")?;
    let [a, b, c, d] = [8, 16, 32, 64].map(|flag| first & flag != 0);
    let unknown = |why| Err(r.invalid("message kind", 0, why).into());
    if first & COMPACT == 0 {
        return unknown("the first byte of no message: a newer version may read it");
    }
    let message = match (first & 7, [a, b, c, d]) {
        (ANNOUNCE, _) => {
            let at = read_announced(r)?;
            let profile = if a { read_named(r)? } else { Named::Tag(tag(r, false)?) };
            let digest = Digest(r.array("digest")?);
            let heads = d.then(|| lists::read_heads(r)).transpose()?;
            Message::ProfileAnnounce { at, profile, switch: b, answer: c, digest, heads }
        }
        (REQUEST_LIST, [_, _, false, false]) => Message::RequestLogList {
            profile: tag(r, a)?,
            announced: b.then(|| read_announced(r)).transpose()?,
        },
        (REPLY, [false, false, false, false]) => {
            Message::LogListReply { at: read_announced(r)?, has: Has::Same }
        }
        (REPLY, [true, false, false, false]) => {
            let at = read_announced(r)?;
            Message::LogListReply { at, has: Has::Difference(lists::read_difference(r)?) }
        }
        (REPLY, [false, true, _, false]) => {
            let (at, profile) = (read_announced(r)?, tag(r, c)?);
            let digest = Digest(r.array("digest")?);
            let heads = lists::read_heads(r)?;
            Message::LogListReply { at, has: Has::Listed { profile, digest, heads } }
        }
        (MISSING_LOGS, [_, _, _, false]) => {
            let profile = tag(r, a)?;
            let request = if c { request(r)? } else { 0 };
            Message::SendMissingLogs { profile, request, batch: packed::read(bytes, b, r)? }
        }
        (REQUEST_MISSING, _) if !(c && d) => {
            let (profile, request) = (tag(r, a)?, request(r)?);
            let answer = match (c, d) {
                (_, true) => Answer::Member(MemberTag(r.array("member")?)),
                (true, _) => Answer::Group,
                (false, false) => Answer::Me,
            };
            let base = b.then(|| lists::read_base(r)).transpose()?;
            let wants = lists::read_wants(r)?;
            Message::RequestMyMissing { profile, request, answer, base, wants }
        }
        (ENTRY, [_, _, false, false]) => {
            Message::LogEntry { profile: tag(r, a)?, batch: packed::read(bytes, b, r)? }
        }
        (START, [_, false, false, false]) => {
            let cause = if a { Cause::Takeover } else { Cause::ByHand };
            Message::ManualSyncStart { term: r.varint("term")?, cause }
        }
        _ => return unknown("a kind or a flag that this version does not know"),
    };
    reader.finish()?;
    Ok(message)
}

/// The first byte.
fn head(w: &mut Writer, kind: u8, flags: [bool; 4]) {
    let flags = flags.iter().rev().fold(0, |bits, &flag| bits << 1 | u8::from(flag));
    w.u8(COMPACT | flags << 3 | kind);
}

fn is_whole(tag: Tag) -> bool {
    matches!(tag, Tag::Whole(_))
}

fn tag(r: &mut Reader<'_>, is_whole: bool) -> Result<Tag, DecodeError> {
    Ok(match is_whole {
        false => Tag::Short(r.array("tag")?),
        true => Tag::Whole(r.array("tag")?),
    })
}

fn announced(at: Announced, w: &mut Writer) {
    w.varint(at.term);
    w.varint(at.n);
}

fn read_announced(r: &mut Reader<'_>) -> Result<Announced, DecodeError> {
    Ok(Announced { term: r.varint("term")?, n: r.varint("announcement")? })
}

fn request(r: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let at = r.at();
    let request = u32::try_from(r.varint("request")?).ok().filter(|&request| request != 0);
    request.ok_or_else(|| r.invalid("request", at, "not between 1 and 2^32 - 1"))
}

fn named(profile: &Named, w: &mut Writer) {
    match profile {
        Named::Tag(tag) => {
            if is_whole(*tag) {
                w.u8(NAMED_TAG);
            }
            w.raw(tag.bytes());
        }
        Named::Whole(Profile { kind: ProfileKind::Open, name, .. }) => {
            w.u8(NAMED_OPEN);
            w.str(name.as_str());
        }
        Named::Whole(Profile { id, kind: ProfileKind::Owned { creator }, name }) => {
            w.u8(NAMED_OWNED);
            w.raw(&id.0);
            w.raw(&creator.0);
            w.str(name.as_str());
        }
    }
}

fn read_named(r: &mut Reader<'_>) -> Result<Named, DecodeError> {
    let at = r.at();
    Ok(match r.u8("way to name a profile")? {
        NAMED_TAG => Named::Tag(tag(r, true)?),
        NAMED_OPEN => Named::Whole(Profile::open(profile_name(r)?)),
        NAMED_OWNED => {
            let id = ProfileId(r.array("profile id")?);
            let kind = ProfileKind::Owned { creator: WriterId(r.array("creator")?) };
            Named::Whole(Profile { id, kind, name: profile_name(r)? })
        }
        _ => return Err(r.invalid("way to name a profile", at, "neither 0 nor 1 nor 2")),
    })
}

fn profile_name(r: &mut Reader<'_>) -> Result<ProfileName, DecodeError> {
    let at = r.at();
    let text = r.str(ProfileName::BYTES_MAX, "profile name")?;
    let name = ProfileName::new(text).map_err(|e| r.invalid("profile name", at, &e.to_string()))?;
    match name.as_str() == text {
        true => Ok(name),
        false => Err(r.invalid("profile name", at, "white space at an end")),
    }
}
