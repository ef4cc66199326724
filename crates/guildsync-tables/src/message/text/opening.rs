//! Openings, what is said to them, and what one side tells of what it has.

use guildsync_types::Digest;
use guildsync_wire::line::{self, Fields, LineWriter, Lines};

use super::super::words::{self, REFUSED, STATUS};
use super::super::{Busy, Cell, CellSummary, Content, MessageError, Open, Reply, Status};
use super::{BUSY_WANTED, DIGEST_WANTED, REFUSED_WANTED, entries, head, lists, read_head};
use crate::sketch::POINTS_MAX;

/// The word of the line of a cell's summary.
const HAS: &str = "HAS";
/// The word of the line of a sketch's values.
const SKETCH: &str = "SKETCH";

pub(super) fn write_open(open: &Open, out: &mut LineWriter) {
    let Open { session, round, cut, ask, guilds, cells } = open;
    head(*session, *round, out);
    match cut {
        None => out.field("mode", "ALL"),
        Some(seconds) => {
            out.field("mode", "DAYS");
            out.field("cut", &seconds.to_string());
        }
    }
    if let Some(ask) = ask {
        out.field("ask", &lists::write_ask(*ask));
    }
    out.field("guilds", &lists::write_guilds(guilds));
    for (cell, CellSummary { count, digest }) in Cell::ALL.into_iter().zip(cells) {
        out.word(HAS);
        out.value(lists::cell_name(cell));
        out.value(&count.to_string());
        out.value(&digest.to_string());
    }
}

pub(super) fn read_open(mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Open, MessageError> {
    let (session, round) = read_head(&mut f)?;
    let is_all = f.take("mode", "DAYS or ALL", |mode| match mode {
        "ALL" => Some(true),
        "DAYS" => Some(false),
        _ => None,
    })?;
    let cut = match is_all {
        true => None,
        false => Some(f.take("cut", "seconds since 1970", line::number)?),
    };
    let ask = match f.has("ask") {
        true => Some(f.take("ask", lists::ASK_WANTED, lists::read_ask)?),
        false => None,
    };
    let guilds = f.take("guilds", lists::GUILDS_WANTED, lists::read_guilds)?;
    f.finish()?;
    let mut cells = [CellSummary::default(); 6];
    for cell in Cell::ALL {
        let (word, mut f) = lines.take()?;
        let name = lists::cell_name(cell);
        if word != HAS {
            return Err(f.is_not("the line", &format!("{HAS};{name};...")).into());
        }
        f.next("the table", name, |text| (text == name).then_some(()))?;
        let count = f.next("the count", "a number of 32 bits", line::number)?;
        let digest: Digest = f.next("digest", DIGEST_WANTED, line::shown)?;
        f.finish()?;
        cells[cell.index()] = CellSummary { count, digest };
    }
    Ok(Open { session, round, cut, ask, guilds, cells })
}

pub(super) fn write_reply(reply: &Reply, out: &mut LineWriter) {
    match reply {
        Reply::Busy(busy) => out.field("busy", words::word(&STATUS, Status::Busy(*busy))),
        Reply::Refused(why) => out.field("refused", words::word(&REFUSED, *why)),
        Reply::Scope(guilds) => out.field("scope", &lists::write_guilds(guilds)),
        Reply::Ready { differ, count, content } => {
            out.field("differ", &lists::write_cells(*differ));
            // The word says it of none.
            if *count > 0 {
                out.field("count", &count.to_string());
            }
            match content {
                Content::Untold => (),
                Content::Sketch { from, values } => {
                    out.field("sketch", &from.to_string());
                    lists::write_numbers(SKETCH, values, out);
                }
                Content::Hashes(hashes) => {
                    out.field("hashes", &hashes.len().to_string());
                    lists::write_numbers(lists::HASHES, hashes, out);
                }
                Content::Metadata(metadata) => {
                    out.field("metadata", &metadata.len().to_string());
                    entries::write_metadata(metadata, out);
                }
            }
        }
    }
}

pub(super) fn read_reply(
    has_none: bool,
    mut f: Fields<'_>,
    lines: &mut Lines<'_>,
) -> Result<Reply, MessageError> {
    let short = if has_none {
        None
    } else if f.has("busy") {
        Some(Reply::Busy(f.take("busy", BUSY_WANTED, read_busy)?))
    } else if f.has("refused") {
        let refused = f.take("refused", REFUSED_WANTED, |word| words::reason(&REFUSED, word))?;
        Some(Reply::Refused(refused))
    } else if f.has("scope") {
        Some(Reply::Scope(f.take("scope", lists::GUILDS_WANTED, lists::read_guilds)?))
    } else {
        None
    };
    if let Some(reply) = short {
        f.finish()?;
        return Ok(reply);
    }
    let wanted = "none, or tables and older in order, a comma between two";
    let differ = f.take("differ", wanted, lists::read_cells)?;
    let count = match has_none {
        true => 0,
        false => {
            let count = |text: &str| line::number(text).filter(|count| *count > 0);
            f.take("count", "a number from 1 on", count)?
        }
    };
    Ok(Reply::Ready { differ, count, content: read_content(f, lines)? })
}

fn read_content(mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Content, MessageError> {
    if f.has("sketch") {
        let from: u16 = f.take("sketch", "the first of at most 512 points", line::number)?;
        let beyond = f.is_not("sketch", "within 512 points");
        f.finish()?;
        let (_, values) = lists::read_numbers(SKETCH, POINTS_MAX, lines)?;
        return match usize::from(from) + values.len() <= POINTS_MAX {
            true => Ok(Content::Sketch { from, values }),
            false => Err(beyond.into()),
        };
    }
    if f.has("hashes") {
        let n = entries::read_count("hashes", &mut f)?;
        let miscounted = f.is_not("hashes", "as many as the line behind has");
        f.finish()?;
        let hashes = lists::read_hashes(lines)?;
        return if hashes.len() == n {
            Ok(Content::Hashes(hashes))
        } else {
            Err(miscounted.into())
        };
    }
    if f.has("metadata") {
        let n = entries::read_count("metadata", &mut f)?;
        f.finish()?;
        return entries::read_metadata(n, lines).map(Content::Metadata);
    }
    f.finish()?;
    Ok(Content::Untold)
}

/// Why somebody is not ready, by its word.
pub(super) fn read_busy(word: &str) -> Option<Busy> {
    match words::reason(&STATUS, word) {
        Some(Status::Busy(busy)) => Some(busy),
        _ => None,
    }
}
