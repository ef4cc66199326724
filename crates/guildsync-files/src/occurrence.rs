//! The numbers that tell equal rows of a file apart: the first is 1, the next one like it 2.
//!
//! Number and content together are an imported entry's identity, so a second import of a row is
//! recognised, and two rows that are equal are still two.

use std::collections::HashMap;

use guildsync_log::{Change, Draft};

/// Rows of one file and one profile, counted by what identifies them. The basis is no part of it: a
/// row that is the first of its member in one file is not in a longer one.
#[derive(Debug, Default)]
pub(crate) struct Occurrences {
    seen: HashMap<Identity, u32>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Identity {
    seconds: u64,
    points: Option<(i64, i64)>,
    actor: String,
    target: String,
    reason: String,
}

impl Occurrences {
    /// Counts a draft and writes its number into it.
    pub(crate) fn number(&mut self, draft: &mut Draft) {
        let (points, target) = match &draft.change {
            Change::Points { target, delta, total, .. } => {
                (Some((delta.hundredths(), total.hundredths())), target.as_str())
            }
            Change::Note { about: Some(member) } => (None, member.as_str()),
            _ => (None, ""),
        };
        let identity = Identity {
            seconds: draft.stamp.seconds(),
            points,
            actor: draft.actor.as_str().to_owned(),
            target: target.to_owned(),
            reason: draft.reason.as_str().to_owned(),
        };
        let seen = self.seen.entry(identity).or_insert(0);
        *seen += 1;
        draft.origin = Some(*seen);
    }
}
