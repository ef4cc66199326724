//! Messages that are kept for a while, so that pieces of them can be sent again: one's own, and what
//! others sent to the group.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use guildsync_types::Time;
use guildsync_wire::chunk::Outgoing;

use super::peers::ME;
use crate::outbox::To;

/// How long after it was last sent or asked for, in milliseconds.
pub(super) const KEPT_MS: u64 = 60_000;
/// Bytes of others' messages.
const OTHERS_BYTES_MAX: usize = 256 << 10;
/// Bytes of one's own: as much as may wait to be sent, or loss could never be made good.
const OWN_BYTES_MAX: usize = 32 << 20;

/// A transfer: who sent it first, and its number.
pub(super) type Key = (u32, u16);

#[derive(Debug)]
pub(super) struct Kept {
    pub(super) outgoing: Outgoing<Bytes>,
    /// Whom it went to.
    pub(super) to: To,
    /// The first frame that has not gone out yet.
    pub(super) unsent: u32,
    touched: Time,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    kept: BTreeMap<Key, Kept>,
    /// In the order of their coming; own ones and others', a queue each.
    order: [VecDeque<Key>; 2],
    bytes: [usize; 2],
}

impl Store {
    /// Keeps a message; `unsent` is 0 for one that is still to go, or behind its last frame.
    pub(super) fn keep(
        &mut self,
        now: Time,
        key: Key,
        to: To,
        outgoing: Outgoing<Bytes>,
        unsent: u32,
    ) {
        let (half, max) = half(key);
        let bytes = outgoing.message().len();
        self.forget(key);
        self.make_room(now, half, max.saturating_sub(bytes));
        if bytes <= max {
            self.bytes[half] += bytes;
            self.order[half].push_back(key);
            self.kept.insert(key, Kept { outgoing, to, unsent, touched: now });
        }
    }

    pub(super) fn get(&self, now: Time, key: Key) -> Option<&Kept> {
        self.kept.get(&key).filter(|kept| !kept.is_over(now))
    }

    /// A frame of it went out.
    pub(super) fn sent(&mut self, now: Time, key: Key, index: u32) {
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.touched = now;
            kept.unsent = kept.unsent.max(index + 1);
        }
        self.make_room(now, half(key).0, OWN_BYTES_MAX);
    }

    /// Forgets what is over, and the oldest beyond so many bytes.
    fn make_room(&mut self, now: Time, half: usize, bytes: usize) {
        while let Some(oldest) = self.order[half].front() {
            let is_over = self.kept.get(oldest).is_none_or(|kept| kept.is_over(now));
            if !is_over && self.bytes[half] <= bytes {
                break;
            }
            self.forget(*oldest);
        }
    }

    /// Who sent a transfer to the group that is kept under this number: oneself before others.
    pub(super) fn origin(&self, now: Time, number: u16) -> Option<u32> {
        let is_it = |key: &Key| key.1 == number && self.get(now, *key).is_some();
        if self.get(now, (ME, number)).is_some() {
            return Some(ME);
        }
        self.order[1].iter().rev().find(|key| is_it(key)).map(|key| key.0)
    }

    /// Forgets what came from or went to a member.
    pub(super) fn forget_peer(&mut self, peer: u32) {
        let concerns = |(key, kept): (&Key, &Kept)| {
            (key.0 == peer || kept.to == To::Peer(peer)).then_some(*key)
        };
        let gone: Vec<Key> = self.kept.iter().filter_map(concerns).collect();
        gone.into_iter().for_each(|key| self.forget(key));
    }

    fn forget(&mut self, key: Key) {
        let half = half(key).0;
        if let Some(kept) = self.kept.remove(&key) {
            self.bytes[half] -= kept.outgoing.message().len();
        }
        if self.order[half].front() == Some(&key) {
            self.order[half].pop_front();
        } else {
            self.order[half].retain(|other| *other != key);
        }
    }
}

impl Kept {
    /// Whether nobody is expected to ask any more; not before it has gone.
    fn is_over(&self, now: Time) -> bool {
        self.unsent >= self.outgoing.frames() && now.since(self.touched) > KEPT_MS
    }
}

fn half(key: Key) -> (usize, usize) {
    if key.0 == ME { (0, OWN_BYTES_MAX) } else { (1, OTHERS_BYTES_MAX) }
}
