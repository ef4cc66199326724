//! Short words for building histories.

use guildsync_log::{Basis, Change, Draft, Log, Profile, Segment};
use guildsync_types::{
    EntryId, MemberName, Points, PolicyName, PolicyValue, ProfileName, Reason, SecretKey, Stamp,
};

pub(crate) fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

pub(crate) fn name(text: &str) -> MemberName {
    MemberName::new(text).unwrap()
}

pub(crate) fn at(seconds: u64) -> Stamp {
    Stamp::new(seconds, 0).unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

pub(crate) fn points(text: &str) -> Points {
    text.parse().unwrap()
}

pub(crate) fn open() -> Log {
    Log::new(Profile::default_profile())
}

/// An award by "Oakhand", for "Attendance".
pub(crate) fn award(log: &Log, seconds: u64, target: &str, delta: &str) -> Draft {
    log.award(at(seconds), &name("Oakhand"), &name(target), points(delta), &reason("Attendance"))
        .unwrap()
}

/// Appends one award and returns its segment.
pub(crate) fn give(
    log: &mut Log,
    key: &SecretKey,
    seconds: u64,
    target: &str,
    delta: &str,
) -> Segment {
    let draft = award(log, seconds, target, delta);
    log.append(key, &[draft]).unwrap()
}

/// An imported row: occurrence 1, by "Oakhand".
pub(crate) fn imported(
    seconds: u64,
    target: &str,
    delta: &str,
    total: &str,
    basis: Basis,
) -> Draft {
    Draft {
        stamp: at(seconds),
        actor: name("Oakhand"),
        change: Change::Points {
            target: name(target),
            delta: points(delta),
            total: points(total),
            basis,
        },
        reason: reason("Imported"),
        origin: Some(1),
    }
}

pub(crate) fn change(seconds: u64, change: Change) -> Draft {
    Draft { stamp: at(seconds), actor: name("Oakhand"), change, reason: reason(""), origin: None }
}

/// A policy set by "Oakhand"; no value is back to the default.
pub(crate) fn policy(seconds: u64, name: &str, value: &str) -> Draft {
    let (name, value) = (PolicyName::new(name).unwrap(), PolicyValue::new(value).unwrap());
    change(seconds, Change::PolicySet { name, value })
}

pub(crate) fn undo(log: &mut Log, key: &SecretKey, seconds: u64, id: EntryId) -> Segment {
    let draft = log.undo(at(seconds), &name("Oakhand"), id, &reason("Mistake")).unwrap();
    log.append(key, &[draft]).unwrap()
}

pub(crate) fn id(key: &SecretKey, seq: u64) -> EntryId {
    EntryId { writer: key.writer(), seq }
}

/// "Brindle 12.5, Mossback -3": standings as text.
pub(crate) fn standings(log: &Log) -> String {
    let text: Vec<String> =
        log.standings().iter().map(|s| format!("{} {}", s.member, s.total)).collect();
    text.join(", ")
}

/// Everything one log has that another lacks, taken over.
pub(crate) fn pull(to: &mut Log, from: &Log) {
    for segment in from.since(&to.frontier()) {
        to.accept(segment).unwrap();
    }
}

pub(crate) fn profile_name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}
