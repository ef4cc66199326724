//! The fewest frames and seconds that a scenario's information needs.
//!
//! F is what the busiest sender must send: the smallest batch that our codec makes of the union of what
//! is missing, 64 bytes of seal for each writer in it, and one announcement. T(F) is how long a full
//! bucket takes to let them out.

use guildsync::log::{Draft, Entry, batch};
use guildsync::transport::{ChannelProfile, Rate};
use guildsync::types::{EntryId, WriterId};
use guildsync::wire::rows::{self, Base, Mode, Rows};

use super::{Lack, Scenario, Stock};

/// A signature is all of a seal that cannot be worked out.
const SEAL_BYTES: usize = 64;

/// The least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// Frames of the busiest sender.
    pub frames: u64,
    /// Seconds until the last of them may leave.
    pub seconds: f64,
    /// Bytes of the smallest batch, seals included.
    pub bytes: usize,
}

impl Bound {
    /// The bound of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario, stock: &Stock) -> Self {
        let union = match scenario.lack {
            Lack::Nothing | Lack::Confirmed | Lack::Live(_) => Vec::new(),
            // Each officer sends its own; the leader's part is no larger.
            Lack::Officers { .. } => lacked(stock, Some(0)),
            _ => lacked(stock, None),
        };
        let base: Vec<Entry> = match union.is_empty() {
            true => Vec::new(),
            false => stock.base().entries().collect(),
        };
        let bytes = smallest(&union, &base);
        let frames = frames(&scenario.channel, bytes) + 1;
        Self { frames, seconds: seconds(&scenario.channel, frames), bytes }
    }
}

/// Entries that somebody lacks, in replay order; of one writer, if it is named.
fn lacked(stock: &Stock, only: Option<usize>) -> Vec<Entry> {
    let writer = |i: usize| stock.key_of(i).map(|key| key.writer());
    let wanted: Vec<WriterId> = (0..stock.n_writers())
        .filter(|i| stock.is_lacked(*i) && only.is_none_or(|only| only == *i))
        .filter_map(writer)
        .collect();
    let base = stock.base().frontier();
    let is_lacked = |id: EntryId| wanted.contains(&id.writer) && id.seq > base.last(id.writer);
    stock.whole().entries().filter(|entry| is_lacked(entry.id)).collect()
}

/// The smallest batches of `entries`, each primed by what comes before it, with their seals.
fn smallest(entries: &[Entry], base: &[Entry]) -> usize {
    let mut bytes = 0;
    let before: Vec<&Entry> = base.iter().chain(entries).collect();
    for (i, part) in entries.chunks(Rows::MAX).enumerate() {
        let end = base.len() + i * Rows::MAX;
        let history = to_rows(before[end.saturating_sub(Base::ROWS)..end].iter().copied());
        let rows = to_rows(part);
        let mode = Mode::History(Base { number: 1, rows: &history });
        let encoded = [rows::encode(&rows, Mode::Small), rows::encode(&rows, mode)];
        bytes += encoded.into_iter().flatten().map(|batch| batch.len()).min().unwrap_or(0);
    }
    let mut writers: Vec<WriterId> = entries.iter().map(|entry| entry.id.writer).collect();
    writers.sort_unstable();
    writers.dedup();
    bytes + writers.len() * SEAL_BYTES
}

fn to_rows<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Rows {
    let pairs: Vec<(EntryId, &Draft)> =
        entries.into_iter().map(|entry| (entry.id, &entry.draft)).collect();
    batch::to_rows(b"", pairs)
}

fn frames(channel: &ChannelProfile, bytes: usize) -> u64 {
    if bytes == 0 { 0 } else { channel.framing().frames_for(bytes) as u64 }
}

/// How long so many full frames take to leave from a full bucket.
#[must_use]
pub fn seconds(channel: &ChannelProfile, frames: u64) -> f64 {
    match channel.rate {
        Rate::Frames { burst, every_ms } => {
            frames.saturating_sub(u64::from(burst)) as f64 * f64::from(every_ms) / 1000.0
        }
        Rate::Bytes { burst, per_second, overhead } => {
            let bytes = frames as f64 * (channel.frame_bytes_max as f64 + f64::from(overhead));
            ((bytes - f64::from(burst)) / f64::from(per_second)).max(0.0)
        }
        _ => 0.0,
    }
}
