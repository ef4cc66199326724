//! Profiles, writers and entries as people name them.

use std::collections::BTreeSet;

use guildsync::log::{Log, ProfileKind, Profiles};
use guildsync::types::{EntryId, WriterId};

use crate::failure::Failure;

/// The fewest digits of a writer's id that name it.
const DIGITS_MIN: usize = 4;

/// The named profile, or the active one.
pub(crate) fn profile<'a>(
    profiles: &'a Profiles,
    wanted: Option<&str>,
) -> Result<&'a Log, Failure> {
    match wanted {
        None => Ok(profiles.active()),
        Some(wanted) => Ok(profiles.find(wanted)?),
    }
}

/// Every writer of a log, by id.
pub(crate) fn writers(log: &Log) -> BTreeSet<WriterId> {
    let roles = log.officers().into_iter().map(|officer| officer.writer);
    log.frontier().iter().map(|(writer, _)| writer).chain(roles).collect()
}

/// The writer that `text` names: a whole id, known or not, or the first digits of a known one.
pub(crate) fn writer(profiles: &Profiles, text: &str) -> Result<WriterId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let known: BTreeSet<WriterId> = profiles.iter().flat_map(writers).collect();
    one_of(&known, text, "the whole id has 32: ask for what `guildsync profile list` says there")
}

/// The entry that `text` names in `log`: `writer:seq`, the writer whole or by its first digits.
pub(crate) fn entry(profiles: &Profiles, log: &Log, text: &str) -> Result<EntryId, Failure> {
    let elsewhere = |id: &EntryId| {
        let holds = |other: &&Log| other.profile().id != log.profile().id;
        profiles.iter().filter(holds).find(|other| other.entry(*id).is_some())
    };
    let id = match text.parse() {
        Ok(id) => id,
        Err(_) => {
            let no_id = || {
                Failure::error(format!(
                    "{text:?} names no entry: write WRITER:NUMBER, like 1a2b3c4d:7; \
                     `guildsync log` shows them"
                ))
            };
            let (digits, seq) = text.split_once(':').ok_or_else(no_id)?;
            let seq = seq.parse().ok().filter(|&seq| seq > 0).ok_or_else(no_id)?;
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_hex || digits.len() > 32 {
                return Err(no_id());
            }
            let known: BTreeSet<WriterId> = profiles.iter().flat_map(writers).collect();
            let writer = one_of(&known, digits, "look the entry up with `guildsync log`")?;
            EntryId { writer, seq }
        }
    };
    match (log.entry(id), elsewhere(&id)) {
        (None, Some(other)) => Err(Failure::error(format!(
            "entry {} is in profile {:?}, not in {:?}: add `--profile {:?}`",
            short(id),
            other.label(),
            log.label(),
            other.label()
        ))),
        _ => Ok(id),
    }
}

/// An entry's id as tables show it.
pub(crate) fn short(id: EntryId) -> String {
    format!("{}:{}", id.writer.short(), id.seq)
}

fn one_of(known: &BTreeSet<WriterId>, digits: &str, advice: &str) -> Result<WriterId, Failure> {
    if digits.len() < DIGITS_MIN {
        return Err(Failure::error(format!(
            "{digits:?} is too short for a writer: give at least {DIGITS_MIN} digits of its id"
        )));
    }
    let start = digits.to_lowercase();
    let fits: Vec<_> = known.iter().filter(|w| w.to_string().starts_with(&start)).collect();
    match fits[..] {
        [writer] => Ok(*writer),
        [] => Err(Failure::error(format!("no writer here begins with {digits:?}: {advice}"))),
        _ => Err(Failure::error(format!(
            "{} writers begin with {digits:?}: give more digits",
            fits.len()
        ))),
    }
}

/// The kind of a profile: `open` or `owned`.
pub(crate) fn kind(log: &Log) -> &'static str {
    match log.profile().kind {
        ProfileKind::Open => "open",
        ProfileKind::Owned { .. } => "owned",
    }
}
