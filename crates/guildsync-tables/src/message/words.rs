//! The reasons that messages give: a number in the compact dialect, a word in the text one.

use super::{Busy, Refused, Status};

/// A reason and its word; its number is its place.
pub(super) type Words<T, const N: usize> = [(T, &'static str); N];

/// Ready, and why somebody is not.
pub(super) const STATUS: Words<Status, 6> = [
    (Status::Ready, "ready"),
    (Status::Busy(Busy::Fighting), "fighting"),
    (Status::Busy(Busy::Syncing), "syncing"),
    (Status::Busy(Busy::Grouped), "grouped"),
    (Status::Busy(Busy::Ungrouped), "ungrouped"),
    (Status::Busy(Busy::Disabled), "disabled"),
];

/// Why a session was refused or ended.
pub(super) const REFUSED: Words<Refused, 5> = [
    (Refused::NotFederated, "not-federated"),
    (Refused::UnknownSession, "unknown-session"),
    (Refused::TimedOut, "timed-out"),
    (Refused::Reset, "reset"),
    (Refused::Nonsense, "nonsense"),
];

/// A reason's number.
pub(super) fn number<T: PartialEq, const N: usize>(words: &Words<T, N>, reason: T) -> u8 {
    words.iter().position(|(one, _)| *one == reason).unwrap_or(0) as u8
}

/// A reason's word.
pub(super) fn word<T: PartialEq, const N: usize>(words: &Words<T, N>, reason: T) -> &'static str {
    words[usize::from(number(words, reason))].1
}

/// The reason of a word.
pub(super) fn reason<T: Copy, const N: usize>(words: &Words<T, N>, word: &str) -> Option<T> {
    words.iter().find(|(_, one)| *one == word).map(|(reason, _)| *reason)
}
