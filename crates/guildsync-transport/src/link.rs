//! Messages over frames: cut, throttled, repaired and put together again.
//!
//! A [`Link`] is one member's end of its group's channel. Messages are [pushed](Link::push) in and come
//! out of the frames that others sent ([`Link::receive`]); the frames that are to be sent come from
//! [`Link::poll`], no faster than the channel allows, and what became of each is told by
//! [`Link::sent`]. It is plain data: no clock, no randomness, nothing that blocks.
//!
//! Chunks that were lost are asked for (`ask`) when a transfer has been silent for longer than its
//! chunks' spacing explains. A whisper's are asked of its sender. A transfer to the group has the highest
//! bit of its number set ([`GROUP`]); its receivers ask the group, with one frame for all who lack the
//! same, and whoever holds a piece may send it again (`answer`): hashes say who goes first, and whoever
//! hears a piece go by does not send it. So a burst that forty members received with holes is whole with
//! the budget of all of them, not of its sender alone.
//!
//! # Invariants
//! - No frame leaves that the [`Throttle`] has not paid for, is too long or has a byte the alphabet lacks.
//! - A refused frame goes back to where it was: nothing is lost, and what is for one recipient stays in
//!   order.
//! - What others can make this member hold or send is bounded: reassembly by its limits, answers to one
//!   frame a piece and [`answer::COOLDOWN_MS`], requests to one for each chunk of the sender and a few.

mod answer;
mod ask;
mod kept;
mod peers;
mod rank;
mod receive;
mod recent;
mod send;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use guildsync_types::{MemberName, Time};
use guildsync_wire::chunk::Framing;
use guildsync_wire::frame::{GROUP, MESSAGE_BYTES_MAX};
use guildsync_wire::reassemble::{Limits, Reassembler};

use crate::channel::ChannelProfile;
use crate::outbox::{LinkError, Outbox, OutboxLimits, Priority, To};
use crate::throttle::Throttle;
use crate::transport::{Recipient, SendResult};
use answer::Pending;
use kept::Store;
use peers::{ME, Peers};
use recent::Recent;
use send::{Job, Polled};
use watch::Watch;

/// What a frame brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A message, of the member that the frame came from.
    Message(Bytes),
    /// A message of another member, whose last piece was sent again by the one that the frame came from.
    Relayed {
        /// Whose message it is.
        from: MemberName,
        /// The message.
        message: Bytes,
    },
    /// A piece of a message that is not complete yet.
    Piece {
        /// Bytes of it that have come.
        done: u32,
        /// How many it has, once that is known.
        total: Option<u32>,
    },
    /// Nothing for the caller: a repetition, or a request among links.
    Nothing,
}

/// Messages that will not arrive, since the channel refuses their recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// For whom they were.
    pub to: Recipient,
    /// How many, those included that were partly sent.
    pub messages: usize,
    /// Why.
    pub why: SendResult,
}

/// What a link has under way, for a status line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queued {
    /// Messages of which something is still to be sent.
    pub messages: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Frames that were polled and not reported yet, or were refused and wait for another try.
    pub frames: usize,
    /// Transfers that are not complete.
    pub incoming: usize,
}

/// One member's end of its group's channel.
#[derive(Debug)]
pub struct Link {
    channel: ChannelProfile,
    framing: Framing,
    peers: Peers,
    throttle: Throttle,
    outbox: Outbox<Job>,
    /// Frames that were refused, by priority and the order in which they were polled.
    refused: BTreeMap<(Priority, u64), Polled>,
    /// Frames of which nothing has been reported, the oldest first.
    polled: VecDeque<Polled>,
    n_polled: u64,
    /// Before this time nothing is sent: the channel refused the last frames.
    blocked_until: Time,
    refusals: u32,
    /// Before this time the budget does not allow what is first in the queue, if nothing changes.
    ready: Time,
    /// The next numbers of one's own transfers: whispers, and to the group.
    numbers: [u16; 2],
    reassembler: Reassembler<u32>,
    /// Unfinished transfers of others, by number and sender.
    watches: BTreeMap<(u16, u32), Watch>,
    store: Store,
    /// Pieces that are to be sent again, by recipient, transfer and frame.
    pending: BTreeMap<(To, u16, u32), Pending>,
    /// Pieces of transfers to the group that somebody sent again, by transfer and place: when.
    heard: Recent<(u16, u32), Time>,
    /// The same, of those that this member sent again itself.
    answered: Recent<(u16, u32), Time>,
    /// Requests for a transfer, by transfer and who asks.
    requests: Recent<(u16, u32), u8>,
    timers: BTreeSet<(Time, Timer)>,
    /// One frame, for its memory only.
    scratch: Vec<u8>,
}

/// What is due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// Asking for a transfer's missing pieces, by number and sender.
    Ask(u16, u32),
    /// Answering with a piece.
    Answer(To, u16, u32),
}

impl Link {
    /// A link of member `me`, alone so far. `first_transfer` is where numbers of transfers begin; it is mixed with
    /// the name, and should differ from run to run, so that a number of the last run is not met again.
    #[must_use]
    pub fn new(me: MemberName, channel: ChannelProfile, first_transfer: u16) -> Self {
        let framing = channel.framing();
        let first = (rank::of_name(&me) as u16).wrapping_add(first_transfer) & !GROUP;
        Self {
            channel,
            framing,
            peers: Peers::new(me, channel.rate),
            throttle: Throttle::new(channel.rate),
            outbox: Outbox::new(OutboxLimits::default()),
            refused: BTreeMap::new(),
            polled: VecDeque::new(),
            n_polled: 0,
            blocked_until: Time(0),
            refusals: 0,
            ready: Time(0),
            numbers: [first, first],
            reassembler: Reassembler::new(framing, Limits::default()),
            watches: BTreeMap::new(),
            store: Store::default(),
            pending: BTreeMap::new(),
            heard: Recent::new(1_000, 4_096),
            answered: Recent::new(1_000, 4_096),
            requests: Recent::new(60_000, 4_096),
            timers: BTreeSet::new(),
            scratch: Vec::new(),
        }
    }

    /// Who this is.
    #[must_use]
    pub fn me(&self) -> &MemberName {
        self.peers.me()
    }

    /// The channel that frames are made for.
    #[must_use]
    pub fn channel(&self) -> ChannelProfile {
        self.channel
    }

    /// Says who is in the group. What came from those who left, and waits for them, is forgotten, and what
    /// waits for the group if nobody else is in it.
    pub fn set_group(&mut self, _now: Time, members: &BTreeSet<MemberName>) {
        for gone in self.peers.set_members(members) {
            self.reassembler.forget(&gone);
            self.store.forget_peer(gone);
            self.drop_queued(To::Peer(gone));
            let watched = self.watches.keys().filter(|(_, sender)| *sender == gone);
            for key in watched.copied().collect::<Vec<_>>() {
                self.unwatch(key);
            }
        }
        if self.peers.others().next().is_none() {
            self.drop_queued(To::Group);
        }
        self.ready = Time(0);
    }

    /// Queues a message.
    ///
    /// # Errors
    /// [`LinkError::Full`] when the queue has no room for this priority, [`LinkError::TooLong`] over 16 MiB.
    pub fn push(
        &mut self,
        to: Recipient,
        priority: Priority,
        message: impl Into<Bytes>,
    ) -> Result<(), LinkError> {
        let message: Bytes = message.into();
        let (bytes, limit) = (message.len(), MESSAGE_BYTES_MAX as usize);
        let too_long = LinkError::TooLong { bytes, limit };
        if bytes > limit {
            return Err(too_long);
        }
        self.outbox.admit(priority, bytes)?;
        let full = LinkError::Full { messages: self.outbox.messages(), bytes: self.outbox.bytes() };
        let to = match to {
            Recipient::Group => To::Group,
            Recipient::Member(name) => match self.peers.intern(&name) {
                Some(peer) => To::Peer(peer),
                None => {
                    self.outbox.release(bytes);
                    return Err(full);
                }
            },
        };
        let is_long = bytes > self.framing.whole_bytes_max();
        let number = if is_long { self.next_number(to) } else { 0 };
        let Ok(outgoing) = self.framing.outgoing(number, message) else {
            self.outbox.release(bytes);
            return Err(too_long);
        };
        if is_long {
            // Its time begins when it is sent; until then it does not age.
            self.store.keep(self.ready, (ME, number), to, outgoing.clone(), 0);
        }
        self.outbox.push(priority, to, Job::Message { outgoing, next: 0 });
        self.ready = Time(0);
        Ok(())
    }

    /// Queues bytes that are sent as they are, in no frame of this version, ahead of everything else: for
    /// the answer to whoever speaks another version. Nothing happens where too many wait already.
    pub fn push_frame(&mut self, to: &MemberName, frame: impl Into<Bytes>) {
        let frame: Bytes = frame.into();
        if self.refused.len() >= send::POLLED_MAX || frame.len() > self.channel.frame_bytes_max {
            return;
        }
        let Some(peer) = self.peers.intern(to) else { return };
        let recipient = Recipient::Member(to.clone());
        self.refuse_later(To::Peer(peer), recipient, frame);
        self.ready = Time(0);
    }

    /// The number of the next transfer: counted up and wrapped, its highest bit as [`GROUP`] says.
    fn next_number(&mut self, to: To) -> u16 {
        let bit = if to == To::Group { GROUP } else { 0 };
        let next = &mut self.numbers[usize::from(bit != 0)];
        let number = *next | bit;
        *next = next.wrapping_add(1) & !GROUP;
        number
    }

    /// When [`Link::poll`] may have something; a time of the past: at once. None while nothing waits, or
    /// while too many frames are unreported.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let timer = self.timers.first().map(|(due, _)| *due);
        let waits = self.polled.len() < send::POLLED_MAX
            && !(self.outbox.is_empty() && self.refused.is_empty());
        let frame = waits.then(|| self.ready.max(self.blocked_until));
        timer.into_iter().chain(frame).min()
    }

    /// Whether nothing is to be sent, reported or waited for.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.outbox.is_empty()
            && self.refused.is_empty()
            && self.polled.is_empty()
            && self.timers.is_empty()
    }

    /// Whether bulk for a member waits here.
    #[must_use]
    pub fn has_bulk_for(&self, member: &MemberName) -> bool {
        let waits = |peer| self.outbox.has(Priority::Bulk, To::Peer(peer));
        self.peers.find(member).is_some_and(waits)
    }

    /// What is under way.
    #[must_use]
    pub fn queued(&self) -> Queued {
        Queued {
            messages: self.outbox.messages(),
            bytes: self.outbox.bytes(),
            frames: self.polled.len() + self.refused.len(),
            incoming: self.reassembler.unfinished().count(),
        }
    }
}
