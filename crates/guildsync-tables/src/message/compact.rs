//! The compact bytes of messages about tables.
//!
//! The first byte is one of 1 to 31, which no letter and no message about logs begins with; it names the
//! message and what is usual about it. A session's number takes four bytes, its round one; other numbers
//! are varints. Every message has one form only. Tables: `docs/messages.md`.

mod lists;
mod opening;

use std::ops::RangeInclusive;

use bytes::Bytes;
use guildsync_types::Digest;
use guildsync_wire::bits::write_hashes;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::words::{self, REFUSED, STATUS, Words};
use super::{Batch, Done, Last, Message, MessageError, Reply, SessionId, Wanted};

/// What messages about tables begin with. Of these 26 to 31 are left for later versions.
pub(super) const FIRST_BYTES: RangeInclusive<u8> = 0x01..=0x1f;

const WHO_IS_ONLINE: u8 = 1;
const PRESENCE: u8 = 2;
const OPEN: u8 = 3;
/// A reply that is ready, and one that is not.
const READY: u8 = 4;
const NOT_READY: u8 = 5;
/// Plus 0 to 2: what is asked for.
const ASK: u8 = 6;
/// Plus 0, 2, 4: what is wanted; plus 1: primed.
const PULL: u8 = 9;
/// Plus 0, 2, 4: packed, packed as a stream's first, plain; plus 1: the last.
const RECORDS: u8 = 15;
/// Plus 0 to 3: what is done.
const ACK: u8 = 21;
const CLOSE: u8 = 25;

/// A bit for each of the five tables.
const TABLES: u8 = 0b1_1111;

pub(super) fn write(message: &Message) -> Bytes {
    let mut w = Writer::new();
    match message {
        Message::WhoIsOnline { status } => {
            w.u8(WHO_IS_ONLINE);
            w.u8(words::number(&STATUS, *status));
        }
        Message::Presence { status, last_sync } => {
            w.u8(PRESENCE);
            w.u8(words::number(&STATUS, *status));
            if let Some(seconds) = last_sync {
                w.varint(*seconds);
            }
        }
        Message::Open(open) => {
            head(&mut w, OPEN, open.session, open.round);
            opening::write_open(open, &mut w);
        }
        Message::Reply { session, round, reply } => {
            let is_ready = matches!(reply, Reply::Ready { .. });
            head(&mut w, if is_ready { READY } else { NOT_READY }, *session, *round);
            opening::write_reply(reply, &mut w);
        }
        Message::RequestMetadata { session, round, ask } => {
            // Nothing to ask is kind 0, and has no message.
            head(&mut w, ASK + opening::ask_kind(Some(*ask)) - 1, *session, *round);
            opening::write_ask(Some(*ask), &mut w);
        }
        Message::Pull { session, round, first, primed, coming, wanted } => {
            let kind = match wanted {
                Wanted::All => 0,
                Wanted::Hashes(_) => 2,
                Wanted::Keys(_) => 4,
            };
            head(&mut w, PULL + kind + u8::from(*primed), *session, *round);
            w.varint((*first).into());
            w.varint((*coming).into());
            match wanted {
                Wanted::All => (),
                Wanted::Hashes(hashes) => write_hashes(hashes, &mut w),
                Wanted::Keys(keys) => lists::write_keys(keys, &mut w),
            }
        }
        Message::Records { session, round, number, last, batch } => {
            let kind = match batch {
                Batch::Packed { base: None, .. } => 0,
                Batch::Packed { base: Some(_), .. } => 2,
                Batch::Plain(_) => 4,
            };
            head(&mut w, RECORDS + kind + u8::from(last.is_some()), *session, *round);
            w.varint((*number).into());
            if let Some(Last { digest }) = last {
                w.raw(&digest.0);
            }
            match batch {
                Batch::Packed { count, base, bytes } => {
                    w.varint((*count).into());
                    if let Some(base) = base {
                        w.raw(&base.to_le_bytes());
                    }
                    w.raw(bytes);
                }
                Batch::Plain(records) => lists::write_records(records, &mut w),
            }
        }
        Message::Ack { session, round, next, done } => {
            let kind = match done {
                Done::Batches => 0,
                Done::Tables(_) => 1,
                Done::Equal => 2,
                Done::Different => 3,
            };
            head(&mut w, ACK + kind, *session, *round);
            w.varint((*next).into());
            if let Done::Tables(tables) = done {
                w.u8(*tables);
            }
        }
        Message::Close { session, why } => {
            w.u8(CLOSE);
            w.raw(&session.0.to_le_bytes());
            w.u8(words::number(&REFUSED, *why));
        }
    }
    w.into_vec().into()
}

pub(super) fn read(bytes: &Bytes) -> Result<Message, MessageError> {
    let mut reader = Reader::new(bytes);
    let r = &mut reader;
    let first = r.u8("message kind")?;
    let message = match first {
        WHO_IS_ONLINE => Message::WhoIsOnline { status: reason(r, &STATUS, "status")? },
        PRESENCE => {
            let status = reason(r, &STATUS, "status")?;
            let last_sync = (r.left() > 0).then(|| r.varint("last sync")).transpose()?;
            Message::Presence { status, last_sync }
        }
        OPEN => Message::Open(opening::read_open(read_head(r)?, r)?),
        READY => {
            let (session, round) = read_head(r)?;
            Message::Reply { session, round, reply: opening::read_ready(r)? }
        }
        NOT_READY => {
            let (session, round) = read_head(r)?;
            Message::Reply { session, round, reply: opening::read_not_ready(r)? }
        }
        ASK..PULL => {
            let (session, round) = read_head(r)?;
            let ask = opening::read_ask(first - ASK + 1, r)?;
            let ask = ask.ok_or_else(|| r.invalid("message kind", 0, "asks for nothing"))?;
            Message::RequestMetadata { session, round, ask }
        }
        PULL..RECORDS => {
            let (session, round) = read_head(r)?;
            let (first_batch, coming) = (number(r, "first batch")?, number(r, "records to come")?);
            let wanted = match (first - PULL) / 2 {
                0 => Wanted::All,
                1 => Wanted::Hashes(lists::read_hashes(r)?),
                _ => Wanted::Keys(lists::read_keys(r)?),
            };
            let primed = (first - PULL) % 2 == 1;
            Message::Pull { session, round, first: first_batch, primed, coming, wanted }
        }
        RECORDS..ACK => {
            let (session, round) = read_head(r)?;
            let batch_number = number(r, "batch number")?;
            let last = match (first - RECORDS) % 2 {
                0 => None,
                _ => Some(Last { digest: Digest(r.array("digest")?) }),
            };
            let batch = match (first - RECORDS) / 2 {
                2 => Batch::Plain(lists::read_records(r)?),
                with_base => {
                    let count = items(r, "records")?;
                    let base = match with_base {
                        0 => None,
                        _ => Some(u16::from_le_bytes(r.array("check of the base")?)),
                    };
                    let at = r.at();
                    r.rest();
                    Batch::Packed { count, base, bytes: bytes.slice(at..) }
                }
            };
            Message::Records { session, round, number: batch_number, last, batch }
        }
        ACK..CLOSE => {
            let (session, round) = read_head(r)?;
            let next = number(r, "next batch")?;
            let done = match first - ACK {
                0 => Done::Batches,
                1 => Done::Tables(set(r, TABLES, "tables")?),
                2 => Done::Equal,
                _ => Done::Different,
            };
            Message::Ack { session, round, next, done }
        }
        CLOSE => {
            let session = SessionId(u32::from_le_bytes(r.array("session")?));
            Message::Close { session, why: reason(r, &REFUSED, "reason")? }
        }
        _ => {
            let why = "the first byte of no table message: a newer version may read it";
            return Err(r.invalid("message kind", 0, why).into());
        }
    };
    reader.finish()?;
    Ok(message)
}

fn head(w: &mut Writer, first: u8, session: SessionId, round: u8) {
    w.u8(first);
    w.raw(&session.0.to_le_bytes());
    w.u8(round);
}

fn read_head(r: &mut Reader<'_>) -> Result<(SessionId, u8), DecodeError> {
    Ok((SessionId(u32::from_le_bytes(r.array("session")?)), r.u8("round")?))
}

fn reason<T: Copy, const N: usize>(
    r: &mut Reader<'_>,
    reasons: &Words<T, N>,
    what: &'static str,
) -> Result<T, DecodeError> {
    let (at, number) = (r.at(), r.u8(what)?);
    let reason = reasons.get(usize::from(number)).map(|(reason, _)| *reason);
    reason.ok_or_else(|| r.invalid(what, at, "none that this version knows"))
}

/// A set of which only these bits can be.
fn set(r: &mut Reader<'_>, known: u8, what: &'static str) -> Result<u8, DecodeError> {
    let (at, set) = (r.at(), r.u8(what)?);
    match set & !known {
        0 => Ok(set),
        _ => Err(r.invalid(what, at, "bits that this version does not know")),
    }
}

fn number(r: &mut Reader<'_>, what: &'static str) -> Result<u32, DecodeError> {
    let at = r.at();
    u32::try_from(r.varint(what)?).map_err(|_| r.invalid(what, at, "a number over 32 bits"))
}

/// How many records a batch has that is not opened here.
fn items(r: &mut Reader<'_>, what: &'static str) -> Result<u32, DecodeError> {
    let at = r.at();
    let n = number(r, what)?;
    if n as usize > Message::ITEMS_MAX {
        let why = format!("{n} items, the limit is {}", Message::ITEMS_MAX);
        return Err(r.invalid(what, at, &why));
    }
    Ok(n)
}
