//! What the channel refused: it must be sent again, and not too often.
//!
//! A refused frame is owed until it was sent, or nobody is there to receive it. Only bytes are
//! compared, so whoever loses what was refused cannot hide it behind later messages.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use guildsync::transport::SendResult;

/// Tries a member may make in a minute while the channel is closed to it.
const TRIES_MAX: usize = 40;
/// How often a member may whisper the same within a minute to somebody who is not on line.
const WHISPERS_MAX: usize = 10;
/// The span in which tries are counted, in milliseconds.
const SPAN_MS: u64 = 60_000;

/// Whom a frame was for: a member, or the group.
pub(super) type For = Option<usize>;

/// Refused frames and tries, by member.
#[derive(Debug)]
pub(super) struct Debts {
    owed: Vec<BTreeSet<(For, Bytes)>>,
    /// When tries were refused in a closed channel: different moments of the last minute.
    tries: Vec<Vec<u64>>,
    /// Whispers to members that are not on line: since when, and how often.
    in_vain: Vec<BTreeMap<(For, Bytes), (u64, usize)>>,
}

impl Debts {
    pub(super) fn new(n: usize) -> Self {
        Self {
            owed: vec![BTreeSet::new(); n],
            tries: vec![Vec::new(); n],
            in_vain: vec![BTreeMap::new(); n],
        }
    }

    /// A frame was sent, or refused.
    ///
    /// # Errors
    /// Too many tries, in words.
    pub(super) fn told(
        &mut self,
        now: u64,
        member: usize,
        to: For,
        frame: &Bytes,
        result: SendResult,
    ) -> Result<(), String> {
        let owed = &mut self.owed[member];
        match result {
            SendResult::Sent if owed.is_empty() => {}
            SendResult::Sent => {
                owed.remove(&(to, frame.clone()));
            }
            SendResult::Throttled | SendResult::LockedDown => {
                owed.insert((to, frame.clone()));
                if result == SendResult::LockedDown {
                    return self.tried(now, member);
                }
            }
            SendResult::TargetOffline => {
                owed.retain(|(other, _)| *other != to);
                return self.whispered_in_vain(now, member, to, frame);
            }
            _ => owed.retain(|(other, _)| *other != to),
        }
        Ok(())
    }

    fn whispered_in_vain(
        &mut self,
        now: u64,
        member: usize,
        to: For,
        frame: &Bytes,
    ) -> Result<(), String> {
        let in_vain = &mut self.in_vain[member];
        in_vain.retain(|_, (began, _)| now < *began + SPAN_MS);
        let (_, n) = in_vain.entry((to, frame.clone())).or_insert((now, 0));
        *n += 1;
        match *n > WHISPERS_MAX {
            true => Err(format!("member {member} whispered the same {n} times to nobody")),
            false => Ok(()),
        }
    }

    fn tried(&mut self, now: u64, member: usize) -> Result<(), String> {
        let tries = &mut self.tries[member];
        tries.retain(|at| now < at + SPAN_MS);
        if tries.last() != Some(&now) {
            tries.push(now);
        }
        match tries.len() > TRIES_MAX {
            true => Err(format!(
                "member {member} tried {} times within a minute to send into a closed channel",
                tries.len()
            )),
            false => Ok(()),
        }
    }

    /// A member's program ended: it owes nothing.
    pub(super) fn forgive(&mut self, member: usize) {
        self.owed[member].clear();
        self.tries[member].clear();
        self.in_vain[member].clear();
    }

    /// A member was told who is in its group: nothing is owed to those who are not.
    pub(super) fn forgive_absent(&mut self, member: usize, is_there: impl Fn(usize) -> bool) {
        self.owed[member].retain(|(to, _)| to.is_none_or(&is_there));
    }

    /// A member was told that it is alone: it owes nothing to a group.
    pub(super) fn forgive_group(&mut self, member: usize) {
        self.owed[member].clear();
    }

    /// How many frames a member owes.
    pub(super) fn owes(&self, member: usize) -> usize {
        self.owed[member].len()
    }
}
