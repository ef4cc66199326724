//! Asking for what is missing: when, whom, and not when somebody else has.

use guildsync_types::Time;
use guildsync_wire::frame::is_to_group;
use guildsync_wire::frame::request::Request;

use super::peers::{ME, Peer};
use super::send::Job;
use super::{Link, Timer, rank};
use crate::outbox::{Priority, To};

/// Over how many milliseconds those who lack something of one transfer spread their requests.
const JITTER_MS: u64 = 150;

impl Link {
    /// New bytes of an unfinished transfer have come.
    pub(super) fn watch(&mut self, now: Time, key: (u16, u32), is_own: bool) {
        let sender_ms = self.sender_ms(now, key.1);
        if let Some(peer) = self.peers.get_mut(key.1) {
            peer.earn();
        }
        let watch = self.watches.entry(key).or_default();
        watch.touch(now, is_own);
        if !watch.is_queued {
            let wait = watch.silence_ms(sender_ms);
            self.arm(key, now + wait);
        }
    }

    /// A transfer is over, or forgotten.
    pub(super) fn unwatch(&mut self, key: (u16, u32)) {
        if let Some(watch) = self.watches.remove(&key)
            && let Some(due) = watch.due
        {
            self.timers.remove(&(due, Timer::Ask(key.0, key.1)));
        }
    }

    /// All of a transfer had come and was not what was sent: what was given up is asked for again, of
    /// its sender alone if others' bytes were among it.
    pub(super) fn was_wrong(&mut self, now: Time, number: u16, peer: u32, is_relayed: bool) {
        let keys: Vec<(u16, u32)> = self
            .watches
            .range((number, 0)..=(number, u32::MAX))
            .map(|(key, _)| *key)
            .filter(|key| is_relayed || key.1 == peer)
            .collect();
        for key in keys {
            if let Some(watch) = self.watches.get_mut(&key) {
                watch.is_direct = true;
                watch.touch(now, false);
                self.arm(key, now);
            }
        }
    }

    /// Somebody asked the group for these: those who lack the same wait as if they had asked.
    pub(super) fn overhear(&mut self, now: Time, request: &Request) {
        let number = request.transfer();
        for (_, watch) in self.watches.range_mut((number, 0)..=(number, u32::MAX)) {
            watch.cover(now, request.ranges());
        }
    }

    /// A transfer has been silent for long enough.
    pub(super) fn ask_due(&mut self, now: Time, key: (u16, u32)) {
        let sender_ms = self.sender_ms(now, key.1);
        let Some(watch) = self.watches.get_mut(&key) else { return };
        watch.due = None;
        if watch.is_queued || !watch.may_ask(now) {
            return;
        }
        let to = if is_to_group(key.0) && !watch.is_direct { To::Group } else { To::Peer(key.1) };
        if to == To::Group {
            let missing = self.reassembler.missing(&key.1, key.0);
            if watch.uncovered(now, missing).is_empty() {
                watch.asked(false);
                let wait = watch.answer_ms(sender_ms);
                return self.arm(key, now + wait);
            }
        }
        if self.peers.get_mut(key.1).is_some_and(Peer::spend) {
            watch.is_queued = true;
            self.outbox.push(Priority::Control, to, Job::Ask { key });
            self.ready = Time(0);
        }
    }

    /// The request that is to go now; none when nothing is missing or somebody else has just asked.
    pub(super) fn request(&self, now: Time, to: To, key: (u16, u32)) -> Option<Request> {
        let watch = self.watches.get(&key)?;
        let missing = self.reassembler.missing(&key.1, key.0);
        if to == To::Group {
            return self.framing.request(key.0, watch.uncovered(now, missing));
        }
        self.framing.request(key.0, missing)
    }

    /// A request has gone, or was not needed since somebody else's covers it.
    pub(super) fn asked(&mut self, now: Time, key: (u16, u32), is_sent: bool) {
        let mut sender_ms = self.sender_ms(now, key.1);
        if !is_to_group(key.0) {
            // Nobody else can answer, and what else its sender has to send is not heard here.
            sender_ms = sender_ms.max(self.channel.rate.frame_ms(self.channel.frame_bytes_max));
        }
        let Some(watch) = self.watches.get_mut(&key) else { return };
        watch.is_queued = false;
        watch.asked(is_sent);
        let wait = watch.answer_ms(sender_ms);
        if !is_sent && let Some(peer) = self.peers.get_mut(key.1) {
            peer.earn();
        }
        self.arm(key, now + wait);
    }

    /// Sets a transfer's timer, later by a jitter where others may ask for the same.
    fn arm(&mut self, key: (u16, u32), due: Time) {
        let me = self.peers.get(ME).map_or(0, |me| me.hash);
        let Some(watch) = self.watches.get_mut(&key) else { return };
        let is_shared = is_to_group(key.0) && !watch.is_direct;
        let drawn = rank::mix(me ^ rank::of_piece(key.0, 0, watch.attempts()));
        let due = due + if is_shared { drawn % JITTER_MS } else { 0 };
        let timer = Timer::Ask(key.0, key.1);
        if let Some(before) = watch.due.replace(due) {
            self.timers.remove(&(before, timer));
        }
        self.timers.insert((due, timer));
    }

    fn sender_ms(&self, now: Time, sender: u32) -> u64 {
        let bytes = self.channel.frame_bytes_max;
        self.peers.get(sender).map_or(0, |peer| peer.wait_ms(now, bytes))
    }
}
