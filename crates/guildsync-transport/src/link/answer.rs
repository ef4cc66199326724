//! Answering with pieces: who goes first, and nobody twice.
//!
//! A request to the group is answered by whoever holds the bytes. For each piece the members are ranked
//! by a hash that all of them take alike; the first answers at once, the next a little later unless the
//! piece has gone by meanwhile, and so on. A requester that has to ask again gets two at once.

use guildsync_types::Time;
use guildsync_wire::chunk::Cuts;
use guildsync_wire::frame::request::Request;
use guildsync_wire::frame::{Frame, MESSAGE_BYTES_MAX, is_to_group};

use super::kept::Key;
use super::peers::ME;
use super::send::Job;
use super::{Link, Timer, rank};
use crate::outbox::{Priority, To};

/// How long a piece that was sent again is not sent once more, in milliseconds.
pub(super) const COOLDOWN_MS: u64 = 200;
/// How long each rank waits for the one before it, in milliseconds: about one way.
const RANK_MS: u64 = 120;
/// Ranks that answer at all; with 20 % loss all of them fail one time in 500, and then others are drawn.
const RANKS: u64 = 6;
/// The last rank that the first sender has: it surely holds the piece.
const SENDER_RANK_MAX: u64 = 3;
/// Frames that the first sender keeps for what is new, when it answers at once.
const SPARE_FRAMES: u64 = 3;
/// Requests of one member for a transfer after which its sender answers whatever it heard of others.
const INSISTS: u8 = 3;
/// Requests of one member for one transfer that are answered.
const REQUESTS_MAX: u8 = 64;
/// Pieces that wait to be sent again, and of one request that are looked at.
const PENDING_MAX: usize = 1_024;

/// A piece that is to be sent again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) asked: Time,
    /// When it is queued; none once it is.
    due: Option<Time>,
    /// Where in the message it begins.
    pub(super) offset: u32,
}

impl Link {
    /// A member asks for pieces.
    pub(super) fn was_asked(&mut self, now: Time, peer: u32, request: &Request) {
        let number = request.transfer();
        let attempt = self.requests.get(&(number, peer)).unwrap_or(0);
        self.requests.insert(now, (number, peer), attempt.saturating_add(1));
        if is_to_group(number) {
            self.overhear(now, request);
        }
        if attempt >= REQUESTS_MAX {
            return;
        }
        if is_to_group(number) {
            self.asked_in_group(now, peer, attempt, request);
        } else if let Some(kept) = self.store.get(now, (ME, number))
            && kept.to == To::Peer(peer)
        {
            let (cuts, unsent) = (*kept.outgoing.cuts(), kept.unsent);
            let sent = cuts.touching(request.ranges()).take_while(|index| *index < unsent);
            for index in sent.take(PENDING_MAX) {
                self.answer(now, now, now, To::Peer(peer), (ME, number), index, &cuts);
            }
        }
    }

    fn asked_in_group(&mut self, now: Time, peer: u32, attempt: u8, request: &Request) {
        let number = request.transfer();
        let (origin, cuts, end) = match self.store.origin(now, number) {
            Some(origin) => match self.store.get(now, (origin, number)) {
                Some(kept) => {
                    let unsent = kept.outgoing.range(kept.unsent).map(|range| range.start);
                    (origin, *kept.outgoing.cuts(), unsent.unwrap_or(MESSAGE_BYTES_MAX))
                }
                None => return,
            },
            None => {
                // What has come of an unfinished transfer helps others too; whose request it is excepted.
                let mut open = self.watches.range((number, 0)..=(number, u32::MAX));
                let Some(((_, origin), None)) = open.next().map(|(key, _)| (*key, open.next()))
                else {
                    return;
                };
                let total = self.reassembler.announced(&origin, number);
                let total = total.map_or(MESSAGE_BYTES_MAX, |(total, _)| total);
                // Nothing is held of where the last thing is missing, perhaps to the end of the format.
                let last = self.reassembler.missing(&origin, number).last();
                let end = last.filter(|last| last.end >= total).map_or(total, |last| last.start);
                (origin, self.framing.cuts(total), end)
            }
        };
        let is_mine = origin == ME;
        let is_free = is_mine
            && self.throttle.frames(now, self.channel.frame_bytes_max) >= SPARE_FRAMES
            && self.outbox.first().is_none_or(|first| first == Priority::Bulk);
        let at_once = if attempt > 0 { 2 } else { 1 };
        // What was heard may have been meant for this member alone: who asks again and again is believed.
        let insists = is_mine && attempt >= INSISTS;
        let asked = if insists { Time(u64::MAX) } else { now };
        let me = self.peers.get(ME).map_or(0, |me| me.hash);
        for index in cuts.touching(request.ranges()).take(PENDING_MAX) {
            let Some(range) = cuts.range(index).filter(|range| range.start < end) else { break };
            let seen = if insists { &self.answered } else { &self.heard };
            let was_heard = seen.get(&(number, range.start));
            if was_heard.is_some_and(|heard| now.since(heard) < COOLDOWN_MS) {
                continue;
            }
            let piece = rank::of_piece(number, range.start, attempt);
            let others = self.peers.others().filter(|(id, _)| *id != peer);
            let mut rank = rank::rank(piece, me, others.map(|(_, other)| other.hash)) / at_once;
            if is_mine {
                rank = if is_free { 0 } else { rank.min(SENDER_RANK_MAX) };
            }
            if rank < RANKS {
                let due = now + rank * RANK_MS;
                self.answer(now, due, asked, To::Group, (origin, number), index, &cuts);
            }
        }
    }

    /// Sends a piece again at `due`, unless that is planned, or is not held.
    fn answer(
        &mut self,
        now: Time,
        due: Time,
        asked: Time,
        to: To,
        (origin, number): Key,
        index: u32,
        cuts: &Cuts,
    ) {
        let key = (to, number, index);
        let Some(range) = cuts.range(index) else { return };
        let was_sent = matches!(to, To::Peer(_)).then(|| self.answered.get(&(number, range.start)));
        if self.pending.contains_key(&key)
            || self.pending.len() >= PENDING_MAX
            || was_sent.flatten().is_some_and(|sent| now.since(sent) < COOLDOWN_MS)
        {
            return;
        }
        if self.store.get(now, (origin, number)).is_none() {
            let mut bytes = Vec::new();
            if !self.reassembler.copy_held(&origin, number, range.clone(), &mut bytes) {
                return;
            }
        }
        let pending = Pending { asked, due: None, offset: range.start };
        self.pending.insert(key, pending);
        if due <= now {
            self.queue_answer(key);
        } else if let Some(pending) = self.pending.get_mut(&key) {
            pending.due = Some(due);
            self.timers.insert((due, Timer::Answer(to, number, index)));
        }
    }

    /// A piece's rank has its turn.
    pub(super) fn answer_due(&mut self, key: (To, u16, u32)) {
        if let Some(pending) = self.pending.get_mut(&key) {
            pending.due = None;
            if self.is_wanted(key) {
                self.queue_answer(key);
            } else {
                self.pending.remove(&key);
            }
        }
    }

    fn queue_answer(&mut self, (to, number, index): (To, u16, u32)) {
        let job = Job::Answer { number, index };
        let is_answer = |job: &Job| matches!(job, Job::Answer { .. });
        self.outbox.push_ahead(Priority::Bulk, to, job, is_answer);
        self.ready = Time(0);
    }

    /// A piece of a transfer to the group went by: it need not be sent again, if it is what is held here.
    pub(super) fn overhear_piece(&mut self, now: Time, number: u16, offset: u32, payload: &[u8]) {
        let range = offset..offset + payload.len() as u32;
        let is_right = match self.store.origin(now, number) {
            Some(origin) => self.store.get(now, (origin, number)).is_some_and(|kept| {
                let held = kept.outgoing.message();
                held.get(range.start as usize..range.end as usize) == Some(payload)
            }),
            None => {
                let mut open = self.watches.range((number, 0)..=(number, u32::MAX));
                open.any(|((_, origin), _)| {
                    let mut held = Vec::new();
                    self.reassembler.copy_held(origin, number, range.clone(), &mut held)
                        && held == payload
                })
            }
        };
        if is_right {
            self.heard.insert(now, (number, offset), now);
        }
    }

    /// Whether nobody else has sent the piece since it was asked for.
    fn is_wanted(&self, key: (To, u16, u32)) -> bool {
        self.pending.get(&key).is_some_and(|pending| {
            let heard = self.heard.get(&(key.1, pending.offset));
            key.0 != To::Group || heard.is_none_or(|heard| heard < pending.asked)
        })
    }

    /// Puts the frame with a piece into `frame`; `false` when it is not wanted or not held any more.
    pub(super) fn write_answer(
        &self,
        now: Time,
        key @ (to, number, index): (To, u16, u32),
        frame: &mut Vec<u8>,
    ) -> bool {
        frame.clear();
        if !self.is_wanted(key) {
            return false;
        }
        if let Some(kept) = self.store.get(now, (ME, number))
            && kept.to == to
        {
            return kept.outgoing.write_frame(index, frame);
        }
        let mut payload = Vec::new();
        let (total, checksum) = match self.store.origin(now, number) {
            Some(origin) => {
                let Some(kept) = self.store.get(now, (origin, number)) else { return false };
                let Some(range) = kept.outgoing.range(index) else { return false };
                let message = kept.outgoing.message();
                payload.extend_from_slice(&message[range.start as usize..range.end as usize]);
                (message.len() as u32, kept.outgoing.checksum())
            }
            None => {
                let mut open = self.watches.range((number, 0)..=(number, u32::MAX));
                let Some(((_, origin), _)) = open.next() else { return false };
                let announced = self.reassembler.announced(origin, number);
                let (total, checksum) = announced.unwrap_or((MESSAGE_BYTES_MAX, None));
                let Some(range) = self.framing.cuts(total).range(index) else { return false };
                if !self.reassembler.copy_held(origin, number, range, &mut payload) {
                    return false;
                }
                (total, checksum)
            }
        };
        let Some(offset) = self.pending.get(&key).map(|pending| pending.offset) else {
            return false;
        };
        let relayed = match (index, checksum) {
            (0, Some(checksum)) => {
                Frame::RelayedFirst { transfer: number, total, checksum, payload: &payload }
            }
            (0, None) => return false,
            _ => Frame::RelayedFurther { transfer: number, offset, payload: &payload },
        };
        relayed.encode(self.framing.checksum(), frame);
        self.framing.alphabet().encode_in_place(frame);
        true
    }

    /// A piece has gone, or is not wanted any more.
    pub(super) fn answered(&mut self, now: Time, key: (To, u16, u32), is_sent: bool) {
        if let Some(pending) = self.pending.remove(&key)
            && is_sent
        {
            self.heard.insert(now, (key.1, pending.offset), now);
            self.answered.insert(now, (key.1, pending.offset), now);
        }
    }

    /// Forgets what was to be sent again to a recipient that is gone.
    pub(super) fn forget_answers(&mut self, to: To) {
        let gone: Vec<_> = self.pending.extract_if(.., |key, _| key.0 == to).collect();
        for (key, pending) in gone {
            if let Some(due) = pending.due {
                self.timers.remove(&(due, Timer::Answer(key.0, key.1, key.2)));
            }
        }
    }
}
