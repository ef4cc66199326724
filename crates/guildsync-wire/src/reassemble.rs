//! Frames of many senders, in any order and any number of times, back to messages, within limits.
//!
//! A transfer is known by its sender and its number. Its chunks may come in any order, before the
//! first chunk, repeated, between those of other transfers; a message is given out once, when every
//! byte has come and the checksum agrees, or not at all. A number that is used for another message:
//! - the same length and checksum: the same transfer, while it is unfinished and for some time after
//! - another length or checksum: the new one replaces the unfinished old one, whose number is among
//!   the [`Accepted::dropped`]; chunks of both under one number cannot become a message, because the
//!   checksum would not agree (without checksums, only the length protects)
//!
//! Nothing is requested by itself: [`Reassembler::missing`] says what to ask for, also after a line
//! was down, and what comes in answer goes on where the transfer was. All of it is plain data.
//!
//! A relayed chunk goes to the one transfer to the group of its number in which it fits; where none or
//! several do, nothing happens. It begins, ends and replaces nothing, and what the transfer's own
//! sender says counts for more. When the checksum does not agree, the relayed bytes are given up and
//! no more are taken for that transfer: whoever relays wrong ones has it wait, and no more.
//!
//! What a sender can make others hold is bounded by [`Limits`]; a sender over its own limit loses
//! its own longest silent transfer, never that of another. Memory is taken for what came, not for
//! what was announced: 16 times the bytes of the frames at most, and [`Reassembler::SENDER_BYTES`]
//! for each sender.

mod accepted;
mod limits;
mod room;
mod sender;
mod transfer;

pub use accepted::{Accepted, Outcome, Unfinished};
pub use limits::Limits;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::alphabet::Alphabet;
use crate::checksum::Checksum;
use crate::chunk::Framing;
use crate::frame::{Frame, FrameError, MESSAGE_BYTES_MAX};
use room::Room;
use sender::Sender;
use transfer::{Announced, Transfer};

/// The unfinished transfers of all senders. Two with equal content are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassembler<S> {
    framing: Framing,
    limits: Limits,
    senders: BTreeMap<S, Sender>,
    /// Unfinished transfers, of all senders.
    transfers: usize,
    held_bytes: usize,
    /// No later than anything is due; earlier when something came for it since.
    deadline_ms: Option<u64>,
    /// One frame with its alphabet undone, for its memory only.
    plain: Vec<u8>,
}

impl<S: Ord + Clone> Reassembler<S> {
    /// What one sender costs besides its transfers, in bytes: its name's struct and its lists, with
    /// their share of the tree they are in.
    pub const SENDER_BYTES: usize = 64 + 3 * (size_of::<S>() + size_of::<Sender>());

    /// Holds nothing yet, for a channel of that alphabet. Frames of any length are taken, and chunks
    /// with or without a check of their own; messages that nothing protects only where `framing`
    /// says [`Checksum::None`].
    #[must_use]
    pub fn new(framing: Framing, limits: Limits) -> Self {
        Self {
            framing,
            limits,
            senders: BTreeMap::new(),
            transfers: 0,
            held_bytes: 0,
            deadline_ms: None,
            plain: Vec::new(),
        }
    }

    /// Takes one frame as it came from the channel. The caller has made sure of the sender: a
    /// channel that lets one pose as another lets it spoil that one's transfers.
    ///
    /// # Errors
    /// Any [`FrameError`]; unless it says otherwise, everything is as it was.
    pub fn accept(
        &mut self,
        now_ms: u64,
        sender: &S,
        frame: &[u8],
    ) -> Result<Accepted<S>, FrameError> {
        if self.framing.alphabet() == Alphabet::Bytes {
            return self.accept_frame(now_ms, sender, Frame::decode(frame)?);
        }
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear();
        let decoded = self.framing.alphabet().decode(frame, &mut plain);
        let accepted = decoded
            .map_err(FrameError::from)
            .and_then(|()| Frame::decode(&plain))
            .and_then(|frame| self.accept_frame(now_ms, sender, frame));
        self.plain = plain;
        accepted
    }

    /// Takes one frame that has been read already; see [`Reassembler::accept`].
    ///
    /// # Errors
    /// Any [`FrameError`] that is not about reading; unless it says otherwise, everything is as it was.
    #[inline]
    pub fn accept_frame(
        &mut self,
        now_ms: u64,
        sender: &S,
        frame: Frame<'_>,
    ) -> Result<Accepted<S>, FrameError> {
        match frame {
            Frame::Further { transfer, offset, payload } => {
                if let Some(known) = self.senders.get_mut(sender)
                    && let Some(index) = known.position(transfer)
                    && let Some(rest) = known.transfers[index].append(offset, payload, now_ms)
                {
                    return self.taken(now_ms, sender, index, rest, Vec::new());
                }
                self.take(now_ms, sender, transfer, None, offset, payload)
            }
            Frame::First { transfer, total, checksum, payload } => {
                self.check_protection(checksum.is_some())?;
                let announced = Announced { total, checksum };
                self.take(now_ms, sender, transfer, Some(announced), 0, payload)
            }
            Frame::Whole { checked, payload } => {
                self.check_protection(checked)?;
                self.check_length(payload.len() as u32)?;
                Ok(Accepted::only(Outcome::Message { transfer: None, bytes: payload.to_vec() }))
            }
            Frame::Request(request) => Ok(Accepted::only(Outcome::Request(request))),
            Frame::RelayedFirst { transfer, total, checksum, payload } => {
                let announced = Announced { total, checksum: Some(checksum) };
                self.take_relayed(now_ms, transfer, Some(announced), 0, payload)
            }
            Frame::RelayedFurther { transfer, offset, payload } => {
                self.take_relayed(now_ms, transfer, None, offset, payload)
            }
        }
    }

    /// Takes a relayed chunk for the one transfer in which it fits.
    fn take_relayed(
        &mut self,
        now_ms: u64,
        number: u16,
        announced: Option<Announced>,
        offset: u32,
        payload: &[u8],
    ) -> Result<Accepted<S>, FrameError> {
        let mut fitting = self.senders.iter().filter(|(_, known)| {
            let open = known.position(number).map(|index| &known.transfers[index]);
            open.is_some_and(|open| open.fits_relayed(announced, offset, payload))
        });
        let (Some((owner, known)), None) = (fitting.next(), fitting.next()) else {
            return Ok(Accepted::only(Outcome::Duplicate { transfer: number }));
        };
        let (owner, index) = (owner.clone(), known.position(number).unwrap_or_default());
        let open = &known.transfers[index];
        let holes = open.new_of(offset, payload)?;
        let is_news = announced.is_some() && open.announced().is_none();
        if holes.is_empty() && !is_news {
            return Ok(Accepted {
                of: Some(owner),
                ..Accepted::only(Outcome::Duplicate { transfer: number })
            });
        }
        if open.pieces() + holes.len() > self.limits.pieces {
            return Err(FrameError::Full("pieces of a message"));
        }
        let room = self.room_for(&owner, number, open.heap_bytes_with(&holes, false))?;
        if !room.dropped.is_empty() {
            // What others relay must not cost the sender another transfer.
            return Err(FrameError::Full("bytes of one sender"));
        }
        let Some(known) = self.senders.get_mut(&owner) else {
            return Err(FrameError::Full("senders"));
        };
        let before = known.heap_bytes();
        let open = &mut known.transfers[index];
        if let Some(announced) = announced {
            open.announce(announced, false);
        }
        let rest = open.take(offset, payload, &holes, now_ms);
        open.attribute(offset..offset + payload.len() as u32, &holes, false);
        self.held_bytes = self.held_bytes + known.heap_bytes() - before;
        let accepted = self.taken(now_ms, &owner, index, rest, Vec::new())?;
        Ok(Accepted { of: Some(owner), ..accepted })
    }

    /// Takes a chunk that is not simply the next one.
    fn take(
        &mut self,
        now_ms: u64,
        sender: &S,
        number: u16,
        announced: Option<Announced>,
        offset: u32,
        payload: &[u8],
    ) -> Result<Accepted<S>, FrameError> {
        self.check_length(announced.map_or(offset + payload.len() as u32, |known| known.total))?;
        self.overrule(sender, number, announced, offset, payload);
        let known = self.senders.get(sender);
        let unfinished =
            known.and_then(|known| known.transfers.iter().find(|held| held.number == number));
        let fits = |held: &&Transfer| announced.is_none_or(|announced| held.can_be(announced));
        let continued = unfinished.filter(fits);
        // A late first chunk of a finished transfer must not end the one that has its number now.
        let over = match continued {
            Some(_) => false,
            None => known.is_some_and(|known| known.is_finished(number, announced)),
        };
        if over {
            return Ok(Accepted::only(Outcome::Duplicate { transfer: number }));
        }
        let mut fresh = Transfer::new(number, now_ms);
        if let Some(announced) = announced {
            fresh.announce(announced, true);
        }
        let target = continued.unwrap_or(&fresh);
        let holes = target.new_of(offset, payload)?;
        if holes.is_empty() {
            self.own(sender, number, announced, offset..offset + payload.len() as u32);
            return Ok(Accepted::only(Outcome::Duplicate { transfer: number }));
        }
        if target.pieces() + holes.len() > self.limits.pieces {
            return Err(FrameError::Full("pieces of a message"));
        }
        let more = target.heap_bytes_with(&holes, true);
        let replaces = unfinished.is_some() && continued.is_none();
        let Room { mut dropped, forgotten } = self.room_for(sender, number, more)?;

        if let Some(forgotten) = forgotten {
            self.forget(&forgotten);
        }
        let known = self.senders.entry(sender.clone()).or_insert_with(|| {
            self.held_bytes += Self::SENDER_BYTES;
            Sender::default()
        });
        let before = known.heap_bytes();
        known.transfers.retain(|held| !dropped.contains(&held.number));
        self.transfers -= dropped.len();
        let index = match known.position(number) {
            Some(index) => {
                if replaces {
                    dropped.push(number);
                    known.transfers[index] = fresh;
                }
                index
            }
            None => {
                known.add(fresh);
                self.transfers += 1;
                known.transfers.len() - 1
            }
        };
        let transfer = &mut known.transfers[index];
        if let Some(announced) = announced {
            transfer.announce(announced, true);
        }
        let rest = transfer.take(offset, payload, &holes, now_ms);
        transfer.attribute(offset..offset + payload.len() as u32, &holes, true);
        self.held_bytes = self.held_bytes + known.heap_bytes() - before;
        self.due(now_ms);
        self.taken(now_ms, sender, index, rest, dropped)
    }

    /// Gives up what others relayed of a transfer where a chunk of its sender says otherwise.
    fn overrule(
        &mut self,
        sender: &S,
        number: u16,
        announced: Option<Announced>,
        offset: u32,
        payload: &[u8],
    ) {
        let Some(known) = self.senders.get_mut(sender) else { return };
        let Some(index) = known.position(number) else { return };
        if known.transfers[index].is_contradicted(announced, offset, payload) {
            let before = known.heap_bytes();
            known.transfers[index].forget_relayed();
            self.held_bytes = self.held_bytes + known.heap_bytes() - before;
        }
    }

    /// Notes that a transfer's own sender has said what others had relayed.
    fn own(&mut self, sender: &S, number: u16, announced: Option<Announced>, range: Range<u32>) {
        let Some(known) = self.senders.get_mut(sender) else { return };
        let Some(index) = known.position(number) else { return };
        let before = known.heap_bytes();
        known.transfers[index].attribute(range, &[], true);
        if let Some(announced) = announced {
            known.transfers[index].announce(announced, true);
        }
        self.held_bytes = self.held_bytes + known.heap_bytes() - before;
    }

    /// What taking a chunk led to, for a transfer that is there.
    fn taken(
        &mut self,
        now_ms: u64,
        sender: &S,
        index: usize,
        rest: bool,
        dropped: Vec<u16>,
    ) -> Result<Accepted<S>, FrameError> {
        let Some(known) = self.senders.get_mut(sender) else {
            return Err(FrameError::Full("senders"));
        };
        let transfer = &mut known.transfers[index];
        let number = transfer.number;
        let announced = transfer.announced();
        let (Some(announced), true) = (announced, rest) else {
            let total = announced.map(|announced| announced.total);
            let received = transfer.received();
            let outcome = Outcome::Progress { transfer: number, received, total };
            return Ok(Accepted { of: None, outcome, dropped });
        };
        let before = known.heap_bytes();
        let finished = known.transfers[index].finish();
        if finished.is_ok() {
            known.transfers.swap_remove(index);
            known.remember(number, announced, now_ms, self.limits.finished_per_sender);
            self.transfers -= 1;
        }
        self.held_bytes = self.held_bytes + known.heap_bytes() - before;
        self.due(now_ms);
        let bytes = finished?;
        Ok(Accepted {
            of: None,
            outcome: Outcome::Message { transfer: Some(number), bytes },
            dropped,
        })
    }

    /// Forgets transfers that have had nothing new for [`Limits::idle_ms`], and says which.
    pub fn expire(&mut self, now_ms: u64) -> Vec<(S, u16)> {
        let mut dropped = Vec::new();
        if self.deadline_ms.is_none_or(|deadline| now_ms < deadline) {
            return dropped;
        }
        let idle_ms = self.limits.idle_ms;
        self.deadline_ms = None;
        self.senders.retain(|sender, known| {
            let before = known.heap_bytes();
            dropped.extend(known.expire(now_ms, idle_ms).into_iter().map(|n| (sender.clone(), n)));
            self.held_bytes = self.held_bytes + known.heap_bytes() - before;
            let due = known.deadline_ms(idle_ms);
            self.deadline_ms = self.deadline_ms.into_iter().chain(due).min();
            if known.is_empty() {
                self.held_bytes -= Self::SENDER_BYTES;
            }
            !known.is_empty()
        });
        self.transfers -= dropped.len();
        dropped
    }

    /// When [`Reassembler::expire`] is to be called next, at the earliest; never too late.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        self.deadline_ms
    }

    /// The bytes of a transfer that have not come, ascending; none when it is not known. Until the
    /// first chunk has come, the last range goes to [`MESSAGE_BYTES_MAX`].
    pub fn missing<'a>(
        &'a self,
        sender: &S,
        transfer: u16,
    ) -> impl Iterator<Item = Range<u32>> + use<'a, S> {
        let known = self.senders.get(sender).into_iter().flat_map(|known| &known.transfers);
        known.filter(move |held| held.number == transfer).flat_map(Transfer::missing)
    }

    /// Appends bytes of an unfinished transfer to `out` if all of them have come from its sender itself;
    /// whether they have. What others relayed is not yet proven, so it is not passed on.
    pub fn copy_held(
        &self,
        sender: &S,
        transfer: u16,
        range: Range<u32>,
        out: &mut Vec<u8>,
    ) -> bool {
        let known = self.senders.get(sender);
        let held = known.and_then(|known| Some(&known.transfers[known.position(transfer)?]));
        held.is_some_and(|held| held.copy_own(range, out))
    }

    /// The length and checksum that an unfinished transfer's own sender has announced.
    #[must_use]
    pub fn announced(&self, sender: &S, transfer: u16) -> Option<(u32, Option<u32>)> {
        let known = self.senders.get(sender)?;
        let announced = known.transfers[known.position(transfer)?].announced_by_sender()?;
        Some((announced.total, announced.checksum))
    }

    /// Every transfer that is not complete, by sender: what to ask for after a line was down.
    pub fn unfinished(&self) -> impl Iterator<Item = Unfinished<'_, S>> {
        self.senders.iter().flat_map(|(sender, known)| {
            known.transfers.iter().map(move |held| Unfinished {
                sender,
                transfer: held.number,
                received: held.received(),
                total: held.announced().map(|announced| announced.total),
                touched_ms: held.touched_ms,
            })
        })
    }

    /// Forgets everything of one sender.
    pub fn forget(&mut self, sender: &S) {
        if let Some(known) = self.senders.remove(sender) {
            self.transfers -= known.transfers.len();
            self.held_bytes -= known.heap_bytes() + Self::SENDER_BYTES;
        }
    }

    /// Memory held for all senders, in bytes: by capacity and with the lists themselves, besides
    /// one frame and what a sender's name has outside of its struct.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    fn check_length(&self, total: u32) -> Result<(), FrameError> {
        let limit = self.limits.message_bytes.min(MESSAGE_BYTES_MAX);
        if total > limit { Err(FrameError::TooLong { total, limit }) } else { Ok(()) }
    }

    fn check_protection(&self, protected: bool) -> Result<(), FrameError> {
        let needed = self.framing.checksum() != Checksum::None;
        if needed && !protected { Err(FrameError::Unchecked) } else { Ok(()) }
    }

    /// Something was touched now.
    fn due(&mut self, now_ms: u64) {
        let due = now_ms.saturating_add(self.limits.idle_ms);
        self.deadline_ms = Some(self.deadline_ms.map_or(due, |deadline| deadline.min(due)));
    }
}
