//! One unfinished message: what has come of it, and where in the message that belongs.
//!
//! Bytes are kept in the order of their arrival in one growing buffer. What came in the message's own
//! order from its start is the `head`, which is already as the message will be; anything else is a
//! run with its place. A message whose chunks all came in order is one head: taking a chunk is a
//! copy, and finishing it is handing the buffer over. Only a message that came otherwise is copied
//! once more, when it is complete. A transfer that waits never holds more than it was given, times
//! the buffer's growth.
//!
//! Which bytes were relayed by others is kept apart: the transfer's own sender overrules them, and when
//! the message turns out wrong they are what is given up.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::checksum::crc32;
use crate::frame::{FrameError, MESSAGE_BYTES_MAX};

/// What the first chunk says about a message. Two transfers with one number are the same if this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) total: u32,
    pub(super) checksum: Option<u32>,
}

/// Bytes of the message that are together in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where in the buffer.
    at: u32,
    len: u32,
}

/// A message of which something has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) number: u16,
    /// When the last new byte came.
    pub(super) touched_ms: u64,
    announced: Option<Announced>,
    /// Bytes in the order of their arrival.
    arrived: Vec<u8>,
    /// How many bytes from the message's start are the buffer's start.
    head: u32,
    /// Everything behind the head, by its offset in the message.
    runs: BTreeMap<u32, Run>,
    /// Bytes that others relayed and their sender has not said since: start to end, apart.
    relayed: BTreeMap<u32, u32>,
    /// Whether the announcement is another's word.
    announced_by_others: bool,
    /// Whether relayed bytes were wrong once: then the sender alone is believed.
    pub(super) distrusts: bool,
}

impl Transfer {
    pub(super) fn new(number: u16, now_ms: u64) -> Self {
        Self {
            number,
            touched_ms: now_ms,
            announced: None,
            arrived: Vec::new(),
            head: 0,
            runs: BTreeMap::new(),
            relayed: BTreeMap::new(),
            announced_by_others: false,
            distrusts: false,
        }
    }

    pub(super) fn announced(&self) -> Option<Announced> {
        self.announced
    }

    /// Whether what has come can be part of a message that is announced so.
    pub(super) fn can_be(&self, announced: Announced) -> bool {
        self.announced.map_or(self.end() <= announced.total, |known| known == announced)
    }

    pub(super) fn announce(&mut self, announced: Announced, is_own: bool) {
        self.announced_by_others =
            !is_own && (self.announced.is_none() || self.announced_by_others);
        self.announced = Some(announced);
    }

    /// What the transfer's own sender has announced.
    pub(super) fn announced_by_sender(&self) -> Option<Announced> {
        self.announced.filter(|_| !self.announced_by_others)
    }

    /// Whether a relayed chunk can be of this message. One without a checksum takes none: nothing
    /// would decide whether they were right.
    pub(super) fn fits_relayed(
        &self,
        announced: Option<Announced>,
        offset: u32,
        payload: &[u8],
    ) -> bool {
        !self.distrusts
            && self.announced.is_none_or(|known| known.checksum.is_some())
            && announced.is_none_or(|announced| self.can_be(announced))
            && self.new_of(offset, payload).is_ok()
    }

    /// Whether what others relayed is at odds with a chunk of the transfer's own sender.
    pub(super) fn is_contradicted(
        &self,
        announced: Option<Announced>,
        offset: u32,
        payload: &[u8],
    ) -> bool {
        let end = offset + payload.len() as u32;
        if self.announced_by_others
            && let Some(known) = self.announced
            && (announced.is_some_and(|said| said != known) || end > known.total)
        {
            return true;
        }
        let relayed_end = self.relayed.last_key_value().map_or(0, |(_, end)| *end);
        if announced.is_some_and(|said| relayed_end > said.total) {
            return true;
        }
        !self.relayed.is_empty()
            && self.relayed_in(offset..end).any(|part| {
                let said = &payload[(part.start - offset) as usize..][..part.len()];
                let holes = self.compare(part.start, said, &[]);
                holes.is_err()
            })
    }

    /// Notes who said the bytes of a chunk that was taken: the sender, or others for the `holes`.
    pub(super) fn attribute(&mut self, chunk: Range<u32>, holes: &[Range<u32>], is_own: bool) {
        if !is_own {
            for hole in holes {
                let touching = self.relayed.range(..=hole.start).next_back();
                match touching.filter(|(_, end)| **end == hole.start).map(|(start, _)| *start) {
                    Some(start) => self.relayed.insert(start, hole.end),
                    None => self.relayed.insert(hole.start, hole.end),
                };
            }
        } else if !self.relayed.is_empty() {
            let parts: Vec<Range<u32>> = self.relayed_in(chunk).collect();
            for part in parts {
                let Some((&start, &end)) = self.relayed.range(..=part.start).next_back() else {
                    continue;
                };
                self.relayed.remove(&start);
                if start < part.start {
                    self.relayed.insert(start, part.start);
                }
                if part.end < end {
                    self.relayed.insert(part.end, end);
                }
            }
        }
    }

    /// Forgets what others relayed and believes the sender alone from now on.
    pub(super) fn forget_relayed(&mut self) {
        self.distrusts = true;
        if std::mem::take(&mut self.announced_by_others) {
            self.announced = None;
        }
        let relayed = std::mem::take(&mut self.relayed);
        if relayed.is_empty() {
            return;
        }
        let mut own = Vec::new();
        let mut next = 0;
        let behind = std::iter::once((self.end(), self.end()));
        for (start, end) in relayed.into_iter().chain(behind) {
            let mut held_from = next;
            let until = start.max(next);
            for hole in self.holes(next..until).chain(std::iter::once(until..until)) {
                own.push(held_from..hole.start);
                held_from = hole.end;
            }
            next = end;
        }
        let mut kept = Self::new(self.number, self.touched_ms);
        for range in own.into_iter().filter(|range| !range.is_empty()) {
            let mut bytes = Vec::with_capacity(range.len());
            self.copy_held(range.clone(), &mut bytes);
            kept.place(range.start, &bytes);
        }
        (self.arrived, self.head, self.runs) = (kept.arrived, kept.head, kept.runs);
    }

    /// Appends bytes of the message to `out` if all of them are held and said by the sender itself;
    /// else leaves it as it was.
    pub(super) fn copy_own(&self, range: Range<u32>, out: &mut Vec<u8>) -> bool {
        let is_own = self.relayed_in(range.clone()).next().is_none()
            && self.holes(range.clone()).next().is_none();
        if is_own {
            self.copy_held(range, out);
        }
        is_own
    }

    fn copy_held(&self, range: Range<u32>, out: &mut Vec<u8>) {
        let mut at = range.start;
        while at < range.end {
            let held = self.held_at(at);
            let len = held.len().min((range.end - at) as usize);
            if len == 0 {
                return;
            }
            out.extend_from_slice(&held[..len]);
            at += len as u32;
        }
    }

    /// What of a range others relayed, ascending.
    fn relayed_in(&self, within: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        let from = self.relayed.range(..=within.start).next_back().map_or(0, |(start, _)| *start);
        let parts = self.relayed.range(from..within.end.max(from));
        let parts =
            parts.map(move |(start, end)| (*start).max(within.start)..(*end).min(within.end));
        parts.filter(|part| !part.is_empty())
    }

    /// Bytes of the message that have come.
    pub(super) fn received(&self) -> u32 {
        self.arrived.len() as u32
    }

    /// Pieces behind the head.
    pub(super) fn pieces(&self) -> usize {
        self.runs.len()
    }

    /// Memory outside of this struct, by capacity, at most.
    pub(super) fn heap_bytes(&self) -> usize {
        self.arrived.capacity() + run_bytes(self.runs.len()) + run_bytes(self.relayed.len())
    }

    /// The fast path: a chunk that continues the head and needs no memory; whether it was the rest.
    /// `None` when it is not such a chunk.
    #[inline]
    pub(super) fn append(&mut self, offset: u32, payload: &[u8], now_ms: u64) -> Option<bool> {
        let total = self.announced?.total;
        let end = offset as usize + payload.len();
        let in_order = offset == self.head && self.arrived.len() == offset as usize;
        if !in_order || end > self.arrived.capacity() || end > total as usize {
            return None;
        }
        self.arrived.extend_from_slice(payload);
        self.head = end as u32;
        self.touched_ms = now_ms;
        Some(self.head == total)
    }

    /// The memory outside of this struct, at most, once these holes are filled.
    pub(super) fn heap_bytes_with(&self, holes: &[Range<u32>], is_own: bool) -> usize {
        let runs = run_bytes(self.runs.len() + holes.len());
        let relayed = self.relayed.len() + if is_own { 0 } else { holes.len() };
        self.grown(bytes_of(holes)) + runs + run_bytes(relayed)
    }

    /// The buffer's capacity once so many more bytes have come: doubled, but no more than the whole
    /// message where its length is known.
    fn grown(&self, more: usize) -> usize {
        let needed = self.arrived.len() + more;
        if needed <= self.arrived.capacity() {
            return self.arrived.capacity();
        }
        let most = self.announced.map_or(MESSAGE_BYTES_MAX, |announced| announced.total) as usize;
        (4 * self.arrived.len()).min(most).max(needed)
    }

    /// What is new of a chunk, ascending; nothing when all of it has come before.
    ///
    /// # Errors
    /// The chunk is beyond the message's end, or says other bytes for what has come.
    pub(super) fn new_of(
        &self,
        offset: u32,
        payload: &[u8],
    ) -> Result<Vec<Range<u32>>, FrameError> {
        let transfer = self.number;
        let end = offset + payload.len() as u32;
        if let Some(Announced { total, .. }) = self.announced.filter(|known| end > known.total) {
            return Err(FrameError::PastTotal { transfer, end, total });
        }
        let holes: Vec<Range<u32>> = self.holes(offset..end).collect();
        self.compare(offset, payload, &holes)?;
        Ok(holes)
    }

    /// Takes what [`Transfer::new_of`] said is new of a chunk; whether that was the rest.
    pub(super) fn take(
        &mut self,
        offset: u32,
        payload: &[u8],
        holes: &[Range<u32>],
        now_ms: u64,
    ) -> bool {
        let grown = self.grown(bytes_of(holes));
        self.arrived.reserve_exact(grown - self.arrived.len());
        for hole in holes {
            let from = (hole.start - offset) as usize;
            self.place(hole.start, &payload[from..from + hole.len()]);
        }
        self.touched_ms = now_ms;
        self.announced.is_some_and(|known| known.total == self.received())
    }

    /// The message, all of which has come.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>, FrameError> {
        let message = if self.runs.is_empty() {
            std::mem::take(&mut self.arrived)
        } else {
            let mut message = Vec::with_capacity(self.arrived.len());
            message.extend_from_slice(&self.arrived[..self.head as usize]);
            for run in self.runs.values() {
                message.extend_from_slice(&self.arrived[run.at as usize..][..run.len as usize]);
            }
            message
        };
        let checksum = self.announced.and_then(|known| known.checksum);
        let is_wrong = checksum.is_some_and(|checksum| checksum != crc32(&[&message]));
        if is_wrong && !self.relayed.is_empty() {
            // What came in order only was taken out above: a message is its own head.
            if self.runs.is_empty() {
                self.arrived = message;
            }
            self.forget_relayed();
            return Err(FrameError::Checksum { transfer: self.number });
        }
        // These bytes are done with; a damaged message begins anew.
        (self.arrived, self.head) = (Vec::new(), 0);
        self.runs = BTreeMap::new();
        if is_wrong {
            if self.announced_by_others {
                self.forget_relayed();
            }
            return Err(FrameError::Checksum { transfer: self.number });
        }
        Ok(message)
    }

    /// What has not come of `within`, ascending.
    pub(super) fn holes(&self, within: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        let from = self.runs.range(..=within.start).next_back().map_or(0, |(start, _)| *start);
        let mut runs = self.runs.range(from..).map(|(start, run)| *start..start + run.len);
        let mut next = within.start.max(self.head);
        std::iter::from_fn(move || {
            while next < within.end {
                let run = runs.next().unwrap_or(within.end..within.end);
                let hole = next..run.start.min(within.end);
                next = next.max(run.end);
                if !hole.is_empty() {
                    return Some(hole);
                }
            }
            None
        })
    }

    /// What has not come of the whole message; to the longest message's end while the first chunk,
    /// which says where this one ends, is missing.
    pub(super) fn missing(&self) -> impl Iterator<Item = Range<u32>> + '_ {
        self.holes(0..self.announced.map_or(MESSAGE_BYTES_MAX, |announced| announced.total))
    }

    /// Where the last byte that has come belongs.
    fn end(&self) -> u32 {
        self.runs.last_key_value().map_or(self.head, |(start, run)| start + run.len)
    }

    /// Refuses a chunk that says other bytes for what has come already.
    fn compare(&self, offset: u32, payload: &[u8], holes: &[Range<u32>]) -> Result<(), FrameError> {
        let end = offset + payload.len() as u32;
        let mut held_from = offset;
        for hole in holes.iter().cloned().chain(std::iter::once(end..end)) {
            let mut at = held_from;
            while at < hole.start {
                let held = self.held_at(at);
                let len = held.len().min((hole.start - at) as usize);
                let said = &payload[(at - offset) as usize..][..len];
                if let Some(other) = held.iter().zip(said).position(|(held, said)| held != said) {
                    return Err(FrameError::Conflict {
                        transfer: self.number,
                        at: at + other as u32,
                    });
                }
                at += len as u32;
            }
            held_from = hole.end;
        }
        Ok(())
    }

    /// What is held from an offset in the message on, as far as it is together; not for a hole.
    fn held_at(&self, offset: u32) -> &[u8] {
        if offset < self.head {
            return &self.arrived[offset as usize..self.head as usize];
        }
        match self.runs.range(..=offset).next_back() {
            Some((start, run)) => {
                &self.arrived[run.at as usize..][..run.len as usize][(offset - start) as usize..]
            }
            None => &[],
        }
    }

    /// Adds bytes of which none is held.
    fn place(&mut self, offset: u32, bytes: &[u8]) {
        let (at, len) = (self.arrived.len() as u32, bytes.len() as u32);
        self.arrived.extend_from_slice(bytes);
        if offset == at && offset == self.head {
            self.head += len;
            return;
        }
        // A chunk that follows the one that came last, behind a hole, makes that run longer.
        if let Some((start, run)) = self.runs.range_mut(..=offset).next_back()
            && start + run.len == offset
            && run.at + run.len == at
        {
            run.len += len;
            return;
        }
        self.runs.insert(offset, Run { at, len });
    }
}

fn bytes_of(ranges: &[Range<u32>]) -> usize {
    ranges.iter().map(|range| range.len()).sum()
}

/// Memory of a `BTreeMap` of so many runs, at most: its leaves have 144 bytes and, but for the only
/// one, at least five runs; with the nodes above them that is under 48 bytes for each.
fn run_bytes(runs: usize) -> usize {
    match runs {
        0 => 0,
        1..=11 => 144,
        _ => 48 * runs,
    }
}
