//! Multi-part messages as AceComm-3.0 marks them, for a channel whose readers are that library's.
//!
//! It puts one control character before each part of a text:
//!
//! | first byte | what follows |
//! |---|---|
//! | 1 | the first part; what had come of an earlier text is forgotten |
//! | 2 | a part in the middle |
//! | 3 | the last part |
//! | 4 | a whole text that itself begins with a byte from 1 to 9 |
//! | 5 to 9 | reserved |
//! | any other | the whole text, from that byte on |
//!
//! Parts have no number and no check: the reader joins what comes from one sender in the order in
//! which it comes, so a lost part gives a wrong text, unnoticed. What goes through here should carry
//! its own check: one whole frame of [`Framing`](crate::chunk::Framing) with a large limit, in the
//! channel's alphabet, does. There is nothing to ask for again; the frames of this crate do that.

use std::collections::BTreeMap;

use thiserror::Error;

const FIRST: u8 = 1;
const MIDDLE: u8 = 2;
const LAST: u8 = 3;
const ESCAPED: u8 = 4;
const RESERVED: std::ops::RangeInclusive<u8> = 5..=9;

/// A text's parts for a channel of at most `limit` bytes a message (255 in WoW; at least 2), each in
/// a buffer of its own. One part when the text fits, with a marker only where it needs one.
///
/// ```
/// use guildsync_wire::frame::acecomm::parts;
/// let parts: Vec<_> = parts(b"\x02five", 4).collect();
/// assert_eq!(parts, [&b"\x01\x02fi"[..], b"\x03ve"]);
/// ```
pub fn parts(text: &[u8], limit: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    let limit = limit.max(2);
    let escaped = text.first().is_some_and(|first| (FIRST..=*RESERVED.end()).contains(first));
    let whole = text.len() + usize::from(escaped) <= limit;
    let each = if whole { text.len().max(1) } else { limit - 1 };
    let count = text.len().div_ceil(each).max(1);
    (0..count).map(move |index| {
        let marker = match index {
            _ if whole => escaped.then_some(ESCAPED),
            0 => Some(FIRST),
            _ if index + 1 == count => Some(LAST),
            _ => Some(MIDDLE),
        };
        let piece = &text[index * each..text.len().min((index + 1) * each)];
        marker.into_iter().chain(piece.iter().copied()).collect()
    })
}

/// Why a part was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PartError {
    /// A marker that AceComm-3.0 keeps for later; it ignores such parts.
    #[error("marker {0} is reserved")]
    ReservedMarker(u8),
    /// A middle or last part without a first one, which was lost or never meant for us.
    #[error("a part without a beginning")]
    NoBeginning,
    /// The text is longer than the limit; what had come of it is forgotten.
    #[error("a text of over {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too many senders have unfinished texts.
    #[error("no room: {limit} senders have unfinished texts")]
    Full {
        /// The limit in senders.
        limit: usize,
    },
}

/// Bounds on unfinished texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartLimits {
    /// The longest text, in bytes. Default 1 MiB.
    pub text_bytes: usize,
    /// Senders with an unfinished text. Default 256.
    pub senders: usize,
    /// How long an unfinished text waits for its next part, in milliseconds. Default two minutes; a
    /// gap cannot be filled, so waiting longer only helps a slow sender.
    pub idle_ms: u64,
}

impl Default for PartLimits {
    fn default() -> Self {
        Self { text_bytes: 1 << 20, senders: 256, idle_ms: 120_000 }
    }
}

/// Joins parts to texts: one unfinished text for each sender, or for each sender, prefix and channel
/// if `S` says all three, as AceComm does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joiner<S> {
    limits: PartLimits,
    /// The text so far, and when its last part came.
    unfinished: BTreeMap<S, (Vec<u8>, u64)>,
}

impl<S: Ord + Clone> Joiner<S> {
    /// Holds nothing yet.
    #[must_use]
    pub fn new(limits: PartLimits) -> Self {
        Self { limits, unfinished: BTreeMap::new() }
    }

    /// Takes a part, and gives out the text when it is complete. A first part begins anew and
    /// forgets an unfinished text of the same sender: its last part was lost.
    ///
    /// # Errors
    /// Any [`PartError`]; another sender's text is never touched.
    pub fn accept(
        &mut self,
        now_ms: u64,
        sender: &S,
        part: &[u8],
    ) -> Result<Option<Vec<u8>>, PartError> {
        let limit = self.limits.text_bytes;
        if part.len() > limit.saturating_add(1) {
            return Err(PartError::TooLong { limit });
        }
        match part {
            [ESCAPED, text @ ..] => Ok(Some(text.to_vec())),
            [marker, ..] if RESERVED.contains(marker) => Err(PartError::ReservedMarker(*marker)),
            [FIRST, piece @ ..] => {
                let is_new = !self.unfinished.contains_key(sender);
                if is_new && self.unfinished.len() >= self.limits.senders {
                    return Err(PartError::Full { limit: self.limits.senders });
                }
                self.unfinished.insert(sender.clone(), (piece.to_vec(), now_ms));
                Ok(None)
            }
            [marker @ (MIDDLE | LAST), piece @ ..] => {
                let (text, touched) =
                    self.unfinished.get_mut(sender).ok_or(PartError::NoBeginning)?;
                if piece.len() > limit.saturating_sub(text.len()) {
                    self.unfinished.remove(sender);
                    return Err(PartError::TooLong { limit });
                }
                text.extend_from_slice(piece);
                *touched = now_ms;
                let finished = (*marker == LAST).then(|| self.unfinished.remove(sender)).flatten();
                Ok(finished.map(|(text, _)| text))
            }
            text => Ok(Some(text.to_vec())),
        }
    }

    /// Forgets texts whose next part has not come for [`PartLimits::idle_ms`], and says whose.
    pub fn expire(&mut self, now_ms: u64) -> Vec<S> {
        let idle_ms = self.limits.idle_ms;
        let is_due = |_: &S, held: &mut (Vec<u8>, u64)| held.1.saturating_add(idle_ms) <= now_ms;
        self.unfinished.extract_if(.., is_due).map(|(sender, _)| sender).collect()
    }

    /// When the first unfinished text is due to be forgotten.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let touched = self.unfinished.values().map(|(_, touched)| touched);
        touched.min().map(|touched| touched.saturating_add(self.limits.idle_ms))
    }

    /// Memory of all unfinished texts, in bytes, by capacity.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.unfinished.values().map(|(text, _)| text.capacity()).sum()
    }
}
