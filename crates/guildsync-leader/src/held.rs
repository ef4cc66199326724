//! Batches that cannot be opened yet: what they are coded against is not here.
//!
//! They wait in a bounded room and are tried again whenever something came. If nothing comes, what they
//! need is asked for, once; after that the next heartbeat has to do.

use std::collections::VecDeque;

use guildsync_types::{MemberName, ProfileId, Time};

use crate::message::{Announced, Batch, Tag};

/// The most batches that wait.
const BATCHES_MAX: usize = 64;
/// Their most bytes together.
const BYTES_MAX: usize = 1 << 20;

/// The waiting batches, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

/// One batch.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) from: MemberName,
    pub(crate) profile: ProfileId,
    pub(crate) request: u32,
    pub(crate) batch: Batch,
    /// What it needs.
    pub(crate) needs: Needs,
    /// When that is asked for, and afterwards, when it is given up.
    pub(crate) due: Time,
    pub(crate) asked: bool,
}

/// What a batch waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needs {
    /// An announcement.
    Announcement(Announced),
    /// Writers' entries from these on.
    Entries(Vec<(Tag, u64)>),
}

impl Held {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        self.waiting.iter().map(|waiting| waiting.due).min()
    }

    /// Keeps a batch; `false` when there is no room. One that is here already is not kept twice.
    pub(crate) fn keep(&mut self, waiting: Waiting) -> bool {
        if self.waiting.iter().any(|other| other.batch == waiting.batch) {
            return true;
        }
        let bytes = size(&waiting.batch);
        if self.waiting.len() == BATCHES_MAX || self.bytes + bytes > BYTES_MAX {
            return false;
        }
        self.bytes += bytes;
        self.waiting.push_back(waiting);
        true
    }

    /// What was kept last keeps the time that it had before.
    pub(crate) fn again(&mut self, due: Time, asked: bool) {
        if let Some(last) = self.waiting.back_mut() {
            (last.due, last.asked) = (due, asked);
        }
    }

    /// Takes out what may be opened now that something came to a profile.
    pub(crate) fn take(&mut self, profile: ProfileId) -> Vec<Waiting> {
        self.take_where(|waiting| waiting.profile == profile)
    }

    /// Takes out what is due.
    pub(crate) fn take_due(&mut self, now: Time) -> Vec<Waiting> {
        self.take_where(|waiting| waiting.due <= now)
    }

    /// While something arrives, nothing is asked for.
    pub(crate) fn progress(&mut self, due: Time) {
        for waiting in &mut self.waiting {
            waiting.due = waiting.due.max(due);
        }
    }

    fn take_where(&mut self, taken: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        if !self.waiting.iter().any(&taken) {
            return Vec::new();
        }
        let (out, kept): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(taken);
        self.waiting = kept;
        self.bytes = self.waiting.iter().map(|waiting| size(&waiting.batch)).sum();
        out.into()
    }
}

fn size(batch: &Batch) -> usize {
    batch.rows.iter().map(|rows| rows.len()).sum::<usize>() + batch.seals.len() * 64 + 64
}
