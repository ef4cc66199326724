//! The seeds' and GuildHelper's words: messages about tables that people and addons can read.
//!
//! A message is lines; a line is a word in capitals and fields, a semicolon between two, escaped as
//! [`guildsync_wire::text`] does. What a line is stands in its first word and nowhere else, so that no
//! text in a record or a guild's name is taken for a command. Lines with a record are in the fixed
//! columns of seed 004. Tables: `docs/messages.md`.

mod entries;
mod lists;
mod opening;

use super::words::{self, REFUSED, STATUS};
use super::{Batch, Done, Last, Message, MessageError, SessionId, Status, Wanted};
use bytes::Bytes;
use guildsync_wire::line::{self, Fields, LineError, LineWriter, Lines};
use guildsync_wire::text::Delimiter;

/// What stands before each field, as in GuildHelper's own messages.
const BETWEEN: Delimiter = Delimiter::Semicolon;

/// What messages begin with: the same as [`Message::name`].
const NAMES: [&str; 11] = [
    "WHO_IS_ONLINE",
    "I_AM_ONLINE",
    "I_AM_BUSY",
    "SYNC_INITIATE",
    "META",
    "NO_META",
    "REQUEST_METADATA",
    "REQUEST_ENTRY",
    "SYNC_DATA",
    "ACK",
    "SYNC_END",
];

const BUSY_WANTED: &str = "fighting, syncing, grouped, ungrouped or disabled";
const REFUSED_WANTED: &str = "not-federated, unknown-session, timed-out, reset or nonsense";
const DIGEST_WANTED: &str = "16 hex digits";

pub(super) fn speaks(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| matches!(byte, b';' | b'\n')).unwrap_or(bytes.len());
    NAMES.iter().any(|name| name.as_bytes() == &bytes[..end])
}

pub(super) fn write(message: &Message) -> Bytes {
    let mut out = LineWriter::new(BETWEEN);
    out.word(message.name());
    match message {
        Message::WhoIsOnline { status } => out.value(words::word(&STATUS, *status)),
        Message::Presence { status, last_sync } => {
            out.value(&last_sync.map_or("never".to_owned(), |seconds| seconds.to_string()));
            if *status != Status::Ready {
                out.value(words::word(&STATUS, *status));
            }
        }
        Message::Open(open) => opening::write_open(open, &mut out),
        Message::Reply { session, round, reply } => {
            head(*session, *round, &mut out);
            opening::write_reply(reply, &mut out);
        }
        Message::RequestMetadata { session, round, ask } => {
            head(*session, *round, &mut out);
            out.field("ask", &lists::write_ask(*ask));
        }
        Message::Pull { session, round, first, primed, coming, wanted } => {
            head(*session, *round, &mut out);
            out.field("first", &first.to_string());
            out.field("primed", yes(*primed));
            out.field("coming", &coming.to_string());
            match wanted {
                Wanted::All => out.field("wanted", "all"),
                Wanted::Hashes(hashes) => {
                    out.field("wanted", "hashes");
                    lists::write_numbers(lists::HASHES, hashes, &mut out);
                }
                Wanted::Keys(keys) => {
                    out.field("wanted", "keys");
                    out.field("keys", &keys.len().to_string());
                    entries::write_keys(keys, &mut out);
                }
            }
        }
        Message::Records { session, round, number, last, batch } => {
            head(*session, *round, &mut out);
            out.field("number", &number.to_string());
            if let Some(Last { digest }) = last {
                out.field("last", &digest.to_string());
            }
            match batch {
                Batch::Packed { count, base, bytes } => {
                    out.field("packed", &count.to_string());
                    if let Some(base) = base {
                        out.field("base", &base.to_string());
                    }
                    entries::write_packed(bytes, &mut out);
                }
                Batch::Plain(records) => {
                    out.field("records", &records.len().to_string());
                    entries::write_records(records, &mut out);
                }
            }
        }
        Message::Ack { session, round, next, done } => {
            head(*session, *round, &mut out);
            out.field("next", &next.to_string());
            match done {
                Done::Batches => out.field("done", "batches"),
                Done::Tables(tables) => {
                    out.field("done", "tables");
                    out.field("tables", &lists::write_tables(*tables));
                    entries::write_complete(*tables, &mut out);
                }
                Done::Equal => out.field("done", "equal"),
                Done::Different => out.field("done", "different"),
            }
        }
        Message::Close { session, why } => {
            out.field("session", &lists::write_session(*session));
            out.field("why", words::word(&REFUSED, *why));
        }
    }
    out.finish().into()
}

pub(super) fn read(bytes: &Bytes) -> Result<Message, MessageError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| MessageError::NotUtf8 { at: error.valid_up_to() })?;
    let mut lines = Lines::new(text, BETWEEN);
    let (word, mut f) = lines.take()?;
    let message = match word {
        "WHO_IS_ONLINE" => {
            let wanted = format!("ready, {BUSY_WANTED}");
            let status = f.next("status", &wanted, |word| words::reason(&STATUS, word))?;
            f.finish()?;
            Message::WhoIsOnline { status }
        }
        "I_AM_ONLINE" | "I_AM_BUSY" => {
            let last_sync = f.next("last sync", "never or a number", |text| match text {
                "never" => Some(None),
                text => line::number(text).map(Some),
            })?;
            let status = match word {
                "I_AM_BUSY" => {
                    Status::Busy(f.next("the reason", BUSY_WANTED, opening::read_busy)?)
                }
                _ => Status::Ready,
            };
            f.finish()?;
            Message::Presence { status, last_sync }
        }
        "SYNC_INITIATE" => Message::Open(opening::read_open(f, &mut lines)?),
        "META" | "NO_META" => {
            let (session, round) = read_head(&mut f)?;
            let reply = opening::read_reply(word == "NO_META", f, &mut lines)?;
            Message::Reply { session, round, reply }
        }
        "REQUEST_METADATA" => {
            let (session, round) = read_head(&mut f)?;
            let ask = f.take("ask", lists::ASK_WANTED, lists::read_ask)?;
            f.finish()?;
            Message::RequestMetadata { session, round, ask }
        }
        "REQUEST_ENTRY" => read_pull(f, &mut lines)?,
        "SYNC_DATA" => read_data(f, &mut lines)?,
        "ACK" => {
            let (session, round) = read_head(&mut f)?;
            let next = f.take("next", "a number of 32 bits", line::number)?;
            let done = read_done(f, &mut lines)?;
            Message::Ack { session, round, next, done }
        }
        "SYNC_END" => {
            let session = read_session(&mut f)?;
            let why = f.take("why", REFUSED_WANTED, |word| words::reason(&REFUSED, word))?;
            f.finish()?;
            Message::Close { session, why }
        }
        _ => return Err(f.is_not("the first word", "the name of a message about tables").into()),
    };
    lines.finish()?;
    Ok(message)
}

fn head(session: SessionId, round: u8, out: &mut LineWriter) {
    out.field("session", &lists::write_session(session));
    out.field("round", &round.to_string());
}

fn read_session(f: &mut Fields<'_>) -> Result<SessionId, LineError> {
    f.take("session", "8 hex digits in lower case", lists::read_session)
}

fn read_head(f: &mut Fields<'_>) -> Result<(SessionId, u8), LineError> {
    Ok((read_session(f)?, f.take("round", "a number up to 255", line::number)?))
}

fn read_pull(mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Message, MessageError> {
    let (session, round) = read_head(&mut f)?;
    let first = f.take("first", "a number of 32 bits", line::number)?;
    let primed = f.take("primed", "yes or no", read_yes)?;
    let coming = f.take("coming", "a number of 32 bits", line::number)?;
    let wanted = "all, hashes or keys";
    let word = f.take("wanted", wanted, |text| Some(text.to_owned()))?;
    let wanted = match word.as_str() {
        "all" => Wanted::All,
        "hashes" => Wanted::Hashes(Vec::new()),
        "keys" => Wanted::Keys(entries::read_keys(entries::read_count("keys", &mut f)?, lines)?),
        _ => return Err(f.is_not("wanted", wanted).into()),
    };
    f.finish()?;
    let wanted = match wanted {
        Wanted::Hashes(_) => Wanted::Hashes(lists::read_hashes(lines)?),
        wanted => wanted,
    };
    Ok(Message::Pull { session, round, first, primed, coming, wanted })
}

fn read_data(mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Message, MessageError> {
    let (session, round) = read_head(&mut f)?;
    let number = f.take("number", "a number of 32 bits", line::number)?;
    let last = match f.has("last") {
        true => Some(Last { digest: f.take("last", DIGEST_WANTED, line::shown)? }),
        false => None,
    };
    let batch = if f.has("packed") {
        let count = entries::read_count("packed", &mut f)? as u32;
        let base = match f.is_empty() {
            true => None,
            false => Some(f.take("base", "a number of 16 bits", line::number)?),
        };
        f.finish()?;
        Batch::Packed { count, base, bytes: entries::read_packed(lines)?.into() }
    } else {
        let n = entries::read_count("records", &mut f)?;
        f.finish()?;
        Batch::Plain(entries::read_records(n, lines)?)
    };
    Ok(Message::Records { session, round, number, last, batch })
}

fn read_done(mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Done, MessageError> {
    let wanted = "batches, tables, equal or different";
    let done = f.take("done", wanted, |word| match word {
        "batches" => Some(Done::Batches),
        "tables" => Some(Done::Tables(0)),
        "equal" => Some(Done::Equal),
        "different" => Some(Done::Different),
        _ => None,
    })?;
    let done = match done {
        Done::Tables(_) => {
            let wanted = "none, or tables in order, a comma between two";
            let tables = f.take("tables", wanted, lists::read_tables)?;
            entries::read_complete(tables, lines)?;
            Done::Tables(tables)
        }
        done => done,
    };
    f.finish()?;
    Ok(done)
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
