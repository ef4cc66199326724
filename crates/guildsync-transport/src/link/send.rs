//! What leaves, and what becomes of it.

use bytes::Bytes;
use guildsync_types::Time;
use guildsync_types::bugs::{Bug, planted};
use guildsync_wire::chunk::Outgoing;

use super::peers::ME;
use super::{Link, Timer, Undeliverable};
use crate::outbox::{Priority, To};
use crate::transport::{Recipient, SendResult};

/// Frames that may be with the environment, unreported.
pub(super) const POLLED_MAX: usize = 256;
/// The first wait after a frame was refused for speed, in milliseconds.
const THROTTLED_MS: u64 = 100;
/// The first wait after the channel was found closed, in milliseconds.
const LOCKED_MS: u64 = 1_000;
/// The longest wait before another try, in milliseconds.
const WAIT_MS_MAX: u64 = 5_000;

/// Something that gives frames.
#[derive(Debug)]
pub(super) enum Job {
    /// A message, from the next frame on.
    Message { outgoing: Outgoing<Bytes>, next: u32 },
    /// A request for what is missing of a transfer, by number and sender.
    Ask { key: (u16, u32) },
    /// A piece that is sent again.
    Answer { number: u16, index: u32 },
}

/// A frame that was handed out.
#[derive(Debug)]
pub(super) struct Polled {
    to: To,
    recipient: Recipient,
    frame: Bytes,
    priority: Priority,
    order: u64,
    /// Whether a message ends with it.
    is_last: bool,
}

impl Link {
    /// The next frame that the budget and the priorities allow, paid for. What became of it is to be told
    /// with [`Link::sent`], in the order of polling.
    pub fn poll(&mut self, now: Time) -> Option<(Recipient, Bytes)> {
        while let Some((due, timer)) = self.timers.first().copied()
            && due <= now
        {
            self.timers.pop_first();
            match timer {
                Timer::Ask(number, sender) => self.ask_due(now, (number, sender)),
                Timer::Answer(to, number, index) => self.answer_due((to, number, index)),
            }
        }
        if now < self.ready.max(self.blocked_until) || self.polled.len() >= POLLED_MAX {
            return None;
        }
        loop {
            let first = self.outbox.first();
            let refused = self.refused.first_key_value().map(|((priority, _), _)| *priority);
            match (refused, first) {
                (Some(refused), first) if first.is_none_or(|first| refused <= first) => {
                    return self.poll_refused(now);
                }
                (_, None) => return None,
                (_, Some(priority)) => {
                    if let Some(polled) = self.poll_queued(now, priority)? {
                        return Some(polled);
                    }
                }
            }
        }
    }

    /// Puts a frame where refused ones wait: the next try is its first.
    pub(super) fn refuse_later(&mut self, to: To, recipient: Recipient, frame: Bytes) {
        self.n_polled += 1;
        let (priority, order) = (Priority::Control, self.n_polled);
        let polled = Polled { to, recipient, frame, priority, order, is_last: false };
        self.refused.insert((priority, order), polled);
    }

    fn poll_refused(&mut self, now: Time) -> Option<(Recipient, Bytes)> {
        let entry = self.refused.first_entry()?;
        let bytes = entry.get().frame.len();
        if !self.throttle.reserve(now, bytes) {
            self.ready = self.throttle.ready(bytes);
            return None;
        }
        let polled = entry.remove();
        let out = (polled.recipient.clone(), polled.frame.clone());
        self.polled.push_back(polled);
        Some(out)
    }

    /// Whoever has the turn in a priority: its frame; `Some(None)` when it had nothing to send after all,
    /// `None` when the budget does not allow it.
    #[expect(clippy::option_option, reason = "not now, not this one, this one")]
    fn poll_queued(&mut self, now: Time, priority: Priority) -> Option<Option<(Recipient, Bytes)>> {
        let (to, job) = self.outbox.front(priority)?;
        let mut frame = std::mem::take(&mut self.scratch);
        // What the job is, so that the queue is not borrowed while its frame is made.
        let (is_made, effect) = match job {
            Job::Message { outgoing, next } => {
                let (index, number) = (*next, outgoing.transfer());
                let bytes = outgoing.frame_bytes(index);
                if self.throttle.ready(bytes) > now {
                    self.ready = self.throttle.ready(bytes);
                    self.scratch = frame;
                    return None;
                }
                outgoing.write_frame(index, &mut frame);
                *next += 1;
                let is_last = *next >= outgoing.frames();
                let is_long = outgoing.frames() > 1;
                (true, Effect::Message { number, index, is_last, is_long })
            }
            &mut Job::Ask { key } => {
                let request = self.request(now, to, key);
                if let Some(request) = &request {
                    request.write_frame(self.framing.alphabet(), &mut frame);
                }
                (request.is_some(), Effect::Ask { key })
            }
            &mut Job::Answer { number, index } => {
                let key = (to, number, index);
                (self.write_answer(now, key, &mut frame), Effect::Answer { key })
            }
        };
        let polled = self.leave(now, priority, to, is_made.then_some(&frame[..]), effect);
        self.scratch = frame;
        polled
    }

    #[expect(clippy::option_option, reason = "as in the one place that calls it")]
    fn leave(
        &mut self,
        now: Time,
        priority: Priority,
        to: To,
        frame: Option<&[u8]>,
        effect: Effect,
    ) -> Option<Option<(Recipient, Bytes)>> {
        let recipient = self.recipient(to);
        let (Some(frame), Some(recipient)) = (frame, recipient) else {
            let skipped = self.outbox.skip(priority);
            if let Some(Job::Message { outgoing, .. }) = skipped {
                self.outbox.release(outgoing.message().len());
            }
            match effect {
                Effect::Ask { key } => self.asked(now, key, false),
                Effect::Answer { key } => self.answered(now, key, false),
                Effect::Message { .. } => {}
            }
            return Some(None);
        };
        if !self.throttle.reserve(now, frame.len()) {
            self.ready = self.throttle.ready(frame.len());
            return None;
        }
        let is_done = !matches!(effect, Effect::Message { is_last: false, .. });
        let job = self.outbox.turn(priority, is_done);
        match effect {
            Effect::Message { number, index, is_long, .. } => {
                if let Some(Job::Message { outgoing, .. }) = job {
                    self.outbox.release(outgoing.message().len());
                }
                if is_long {
                    self.store.sent(now, (ME, number), index);
                }
            }
            Effect::Ask { key } => self.asked(now, key, true),
            Effect::Answer { key } => self.answered(now, key, true),
        }
        let frame = Bytes::copy_from_slice(frame);
        let is_last = matches!(effect, Effect::Message { is_last: true, .. });
        self.n_polled += 1;
        self.polled.push_back(Polled {
            to,
            recipient: recipient.clone(),
            frame: frame.clone(),
            priority,
            order: self.n_polled,
            is_last,
        });
        Some(Some((recipient, frame)))
    }

    fn recipient(&self, to: To) -> Option<Recipient> {
        match to {
            To::Group => Some(Recipient::Group),
            To::Peer(peer) => self.peers.get(peer).map(|peer| Recipient::Member(peer.name.clone())),
        }
    }

    /// Takes in what became of the oldest frame that was polled and not reported yet; what will not
    /// arrive for that reason. A refused frame is sent again later, in its place.
    pub fn sent(&mut self, now: Time, result: SendResult) -> Option<Undeliverable> {
        let polled = self.polled.pop_front()?;
        let is_refused = matches!(result, SendResult::Throttled | SendResult::LockedDown);
        self.throttle.settle(now, polled.frame.len(), !is_refused);
        match result {
            SendResult::Throttled if planted(Bug::ThrottledIsLost) => None,
            SendResult::LockedDown if planted(Bug::LockdownIsLost) => None,
            SendResult::TargetOffline if planted(Bug::OfflineIsThrottled) => {
                self.refuse(now, polled, THROTTLED_MS);
                None
            }
            SendResult::Sent => {
                self.refusals = 0;
                None
            }
            SendResult::Throttled => {
                self.throttle.empty(now);
                self.refuse(now, polled, THROTTLED_MS);
                None
            }
            SendResult::LockedDown => {
                self.refuse(now, polled, LOCKED_MS);
                None
            }
            SendResult::TooLong => {
                self.undeliverable(polled.recipient, polled.is_last.into(), result)
            }
            SendResult::TargetOffline | SendResult::NotInGroup => {
                let dropped = self.drop_queued(polled.to);
                if let To::Peer(peer) = polled.to {
                    self.store.forget_peer(peer);
                }
                let messages = dropped + usize::from(polled.is_last);
                self.undeliverable(polled.recipient, messages, result)
            }
        }
    }

    fn undeliverable(
        &self,
        to: Recipient,
        messages: usize,
        why: SendResult,
    ) -> Option<Undeliverable> {
        (messages > 0).then_some(Undeliverable { to, messages, why })
    }

    /// Puts a frame back. Several that were refused at once count as one refusal.
    fn refuse(&mut self, now: Time, polled: Polled, first_ms: u64) {
        if now >= self.blocked_until && !planted(Bug::RefusedAtOnce) {
            let grown = |ms: u64, _| (ms * 3 / 2).min(WAIT_MS_MAX);
            self.blocked_until = now + (0..self.refusals.min(16)).fold(first_ms, grown);
            self.refusals += 1;
        }
        self.ready = Time(0);
        self.refused.insert((polled.priority, polled.order), polled);
    }

    /// Drops all that waits for a recipient; how many messages that were.
    pub(super) fn drop_queued(&mut self, to: To) -> usize {
        let mut messages = 0;
        for job in self.outbox.remove(to) {
            match job {
                Job::Message { outgoing, .. } => {
                    self.outbox.release(outgoing.message().len());
                    messages += 1;
                }
                // Asked anew when the transfer has something new.
                Job::Ask { key } => {
                    if let Some(watch) = self.watches.get_mut(&key) {
                        watch.is_queued = false;
                    }
                }
                Job::Answer { .. } => {}
            }
        }
        self.forget_answers(to);
        let refused = self.refused.extract_if(.., |_, polled| polled.to == to);
        messages + refused.filter(|(_, polled)| polled.is_last).count()
    }
}

/// What follows when a job's frame leaves.
#[derive(Debug, Clone, Copy)]
enum Effect {
    Message { number: u16, index: u32, is_last: bool, is_long: bool },
    Ask { key: (u16, u32) },
    Answer { key: (To, u16, u32) },
}
