//! The seeds' words: messages that people and addons can read.
//!
//! A message is lines; a line is a word in capitals and fields, joined and escaped as
//! [`guildsync_wire::text`] does. The first word is the message's name in seed 000. Lists of ids are
//! written out as the seed's are, entries as its pipe lines. Tables: `docs/messages.md`.

mod entries;
mod lists;

use bytes::Bytes;
use guildsync_log::{Profile, ProfileKind};
use guildsync_types::{Digest, ProfileName};
use guildsync_wire::line::{self, Fields, LineError, LineWriter, Lines};
use guildsync_wire::text::Delimiter;

use super::{Announced, Answer, Base, Cause, Has, MemberTag, Message, MessageError, Named, Tag};
use lists::Listed;

/// What stands before each field, as in the seed's entries.
const BETWEEN: Delimiter = Delimiter::Pipe;

pub(super) fn write(message: &Message) -> Bytes {
    let mut out = LineWriter::new(BETWEEN);
    let mut listed = Listed::default();
    out.word(message.name());
    match message {
        Message::ProfileAnnounce { at, profile, switch, answer, digest, heads } => {
            out.field("at", &announced(*at));
            named(profile, &mut out);
            out.field("switch", yes(*switch));
            out.field("answer", yes(*answer));
            out.field("digest", &digest.to_string());
            out.field("heads", heads.as_ref().map_or("same", lists::extent));
            if let Some(heads) = heads {
                lists::write_heads(heads, &mut listed, &mut out);
            }
        }
        Message::RequestLogList { profile, announced: at } => {
            out.field("tag", &profile.to_string());
            if let Some(at) = at {
                out.field("at", &announced(*at));
            }
        }
        Message::LogListReply { at, has } => {
            out.field("at", &announced(*at));
            match has {
                Has::Same => out.field("has", "same"),
                Has::Difference(difference) => {
                    out.field("has", "difference");
                    lists::write_difference(difference, &mut listed, &mut out);
                }
                Has::Listed { profile, digest, heads } => {
                    out.field("has", lists::extent(heads));
                    out.field("tag", &profile.to_string());
                    out.field("digest", &digest.to_string());
                    lists::write_heads(heads, &mut listed, &mut out);
                }
            }
        }
        Message::SendMissingLogs { profile, request, batch } => {
            out.field("tag", &profile.to_string());
            if *request != 0 {
                out.field("request", &request.to_string());
            }
            base(batch.base.as_ref(), &mut listed, &mut out);
            entries::write(*profile, batch, &mut out);
        }
        Message::RequestMyMissing { profile, request, answer, base: against, wants } => {
            out.field("tag", &profile.to_string());
            out.field("request", &request.to_string());
            match answer {
                Answer::Me => out.field("answer", "me"),
                Answer::Group => out.field("answer", "group"),
                Answer::Member(member) => out.field("answer", &member.to_string()),
            }
            base(against.as_ref(), &mut listed, &mut out);
            lists::write_wants(wants, &mut out);
        }
        Message::LogEntry { profile, batch } => {
            out.field("tag", &profile.to_string());
            base(batch.base.as_ref(), &mut listed, &mut out);
            entries::write(*profile, batch, &mut out);
        }
        Message::ManualSyncStart { term, cause } => {
            out.field("term", &term.to_string());
            out.field("cause", if *cause == Cause::ByHand { "hand" } else { "takeover" });
        }
    }
    out.finish().into()
}

pub(super) fn read(bytes: &Bytes) -> Result<Message, MessageError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| MessageError::NotUtf8 { at: error.valid_up_to() })?;
    let mut lines = Lines::new(text, BETWEEN);
    let mut listed = Listed::default();
    let (word, mut f) = lines.take()?;
    let message = match word {
        "PROFILE_ANNOUNCE" => {
            let at = read_announced(&mut f)?;
            let profile = read_named(&mut f)?;
            let switch = f.take("switch", "yes or no", read_yes)?;
            let answer = f.take("answer", "yes or no", read_yes)?;
            let digest: Digest = f.take("digest", "16 hex digits", line::shown)?;
            let extent = f.take("heads", "same, whole or partial", |text| match text {
                "same" => Some(None),
                text => lists::read_extent(text).map(Some),
            })?;
            f.finish()?;
            let heads = extent
                .map(|extent| lists::read_heads(extent, &mut listed, &mut lines))
                .transpose()?;
            Message::ProfileAnnounce { at, profile, switch, answer, digest, heads }
        }
        "REQUEST_LOG_LIST" => {
            let profile = read_tag(&mut f)?;
            let announced = f.has("at").then(|| read_announced(&mut f)).transpose()?;
            f.finish()?;
            Message::RequestLogList { profile, announced }
        }
        "LOG_LIST_REPLY" => {
            let at = read_announced(&mut f)?;
            let wanted = "same, difference, whole or partial";
            let has = f.take("has", wanted, |text| Some(text.to_owned()))?;
            let has = match has.as_str() {
                "same" => {
                    f.finish()?;
                    Has::Same
                }
                "difference" => {
                    Has::Difference(lists::read_difference(f, &mut listed, &mut lines)?)
                }
                text => {
                    let extent = lists::read_extent(text).ok_or_else(|| f.is_not("has", wanted))?;
                    let profile = read_tag(&mut f)?;
                    let digest = f.take("digest", "16 hex digits", line::shown)?;
                    f.finish()?;
                    let heads = lists::read_heads(extent, &mut listed, &mut lines)?;
                    Has::Listed { profile, digest, heads }
                }
            };
            Message::LogListReply { at, has }
        }
        "SEND_MISSING_LOGS" => {
            let profile = read_tag(&mut f)?;
            let request = if f.has("request") { read_request(&mut f)? } else { 0 };
            let base = read_base(f, &mut listed, &mut lines)?;
            let batch = entries::read(profile, base, &mut lines)?;
            Message::SendMissingLogs { profile, request, batch }
        }
        "REQUEST_MY_MISSING" => {
            let profile = read_tag(&mut f)?;
            let request = read_request(&mut f)?;
            let answer = f.take("answer", "me, group or six hex digits", |text| match text {
                "me" => Some(Answer::Me),
                "group" => Some(Answer::Group),
                text => MemberTag::from_hex(text).map(Answer::Member),
            })?;
            let base = read_base(f, &mut listed, &mut lines)?;
            let wants = lists::read_wants(&mut lines)?;
            Message::RequestMyMissing { profile, request, answer, base, wants }
        }
        "LOG_ENTRY" => {
            let profile = read_tag(&mut f)?;
            let base = read_base(f, &mut listed, &mut lines)?;
            Message::LogEntry { profile, batch: entries::read(profile, base, &mut lines)? }
        }
        "MANUAL_SYNC_START" => {
            let term = f.take("term", "a number", line::number)?;
            let cause = f.take("cause", "hand or takeover", |text| match text {
                "hand" => Some(Cause::ByHand),
                "takeover" => Some(Cause::Takeover),
                _ => None,
            })?;
            f.finish()?;
            Message::ManualSyncStart { term, cause }
        }
        _ => return Err(f.is_not("the first word", "one of the seven messages' names").into()),
    };
    lines.finish()?;
    Ok(message)
}

fn announced(at: Announced) -> String {
    format!("{}.{}", at.term, at.n)
}

fn parse_announced(text: &str) -> Option<Announced> {
    let (term, n) = text.split_once('.')?;
    Some(Announced { term: line::number(term)?, n: line::number(n)? })
}

fn read_announced(f: &mut Fields<'_>) -> Result<Announced, LineError> {
    f.take("at", "term.number", parse_announced)
}

fn read_tag(f: &mut Fields<'_>) -> Result<Tag, LineError> {
    f.take("tag", "6 or 32 hex digits", Tag::from_hex)
}

fn read_request(f: &mut Fields<'_>) -> Result<u32, LineError> {
    let request = |text: &str| line::number(text).filter(|&n: &u32| n > 0);
    f.take("request", "a number between 1 and 2^32 - 1", request)
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn read_yes(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn named(profile: &Named, out: &mut LineWriter) {
    match profile {
        Named::Tag(tag) => out.field("tag", &tag.to_string()),
        Named::Whole(Profile { id, kind, name }) => {
            out.field("profile", name.as_str());
            if let ProfileKind::Owned { creator } = kind {
                out.field("id", &id.to_string());
                out.field("creator", &creator.to_string());
            }
        }
    }
}

fn read_named(f: &mut Fields<'_>) -> Result<Named, LineError> {
    if f.has("tag") {
        return read_tag(f).map(Named::Tag);
    }
    let wanted = "a profile's name of at most 64 characters";
    let name = f.take("profile", wanted, |text| {
        ProfileName::new(text).ok().filter(|name| name.as_str() == text)
    })?;
    if !f.has("id") {
        return Ok(Named::Whole(Profile::open(name)));
    }
    let id = f.take("id", "64 hex digits", line::shown)?;
    let creator = f.take("creator", "32 hex digits", line::shown)?;
    Ok(Named::Whole(Profile { id, kind: ProfileKind::Owned { creator }, name }))
}

fn base(base: Option<&Base>, listed: &mut Listed, out: &mut LineWriter) {
    if let Some(Base { at, difference }) = base {
        out.field("base", &announced(*at));
        lists::write_difference(difference, listed, out);
    }
}

/// Reads the base, if there is one, with the rest of its line and the lists behind it.
fn read_base(
    mut f: Fields<'_>,
    listed: &mut Listed,
    lines: &mut Lines<'_>,
) -> Result<Option<Base>, MessageError> {
    if !f.has("base") {
        f.finish()?;
        return Ok(None);
    }
    let at = f.take("base", "term.number", parse_announced)?;
    Ok(Some(Base { at, difference: lists::read_difference(f, listed, lines)? }))
}
