//! Records on their way: batches in order, each coded with what the ones before it taught.
//!
//! A direction of a round is a stream of batches. Each is small, so that it can be made durable by itself:
//! who is interrupted loses one batch, not all. Batches that come early wait; those that come again are
//! dropped; those that were lost are sent again as they were.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use guildsync_types::bugs::{Bug, planted};
use guildsync_wire::lua::Value;
use guildsync_wire::records::{RecordsError, Stream, weight};
use thiserror::Error;

use crate::compare;
use crate::message::{Batch, Change, Last};
use crate::record::{Record, RecordError};
use crate::schema::{SchemaError, unified};

/// About how many bytes a batch takes: 16 frames of the retail channel. Smaller ones would leave more
/// frames half empty, larger ones would lose more when they are interrupted.
const BATCH_BYTES: usize = 4 << 10;
/// The most records of a batch, and the most that they weigh, unless one alone weighs more.
pub(crate) const BATCH_RECORDS: usize = 512;
const BATCH_WEIGHT: usize = 256 << 10;
/// What packed records take of their weight before the first batch has shown it, in thousandths; and
/// records as they are.
const PACKED: usize = 100;
const PLAIN: usize = 1200;
/// The most batches that wait for an earlier one, and the bytes in them.
const PEN_BATCHES: usize = 64;
const PEN_BYTES: usize = 256 << 10;

/// Why a batch was not taken. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum BatchError {
    /// It is coded against other records than the ones this side would choose.
    #[error("the batch builds on records that are not here")]
    OtherBase,
    /// Its bytes say something else than its head.
    #[error("the batch holds {found} records and says {said}")]
    Count { found: usize, said: u32 },
    /// Too many, too early.
    #[error("more batches came early than are kept")]
    TooEarly,
    /// It does not decode.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A value in it is no record.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A record in it breaks a limit.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Records that go to the other side.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// `None`: records go as they are, each with what it means for the other side.
    stream: Option<Stream>,
    /// The check of the base, until the stream's first batch has said it.
    base: Option<u16>,
    queue: VecDeque<(Change, Record)>,
    /// What a batch takes of its weight, in thousandths, as the last one showed.
    thousandths: usize,
    /// The batches that went, from number `first` on.
    sent: Vec<Batch>,
    first: u32,
    /// The batches before this one have arrived.
    acked: u32,
    /// Whether the last batch is among those that went.
    ended: bool,
}

impl Outgoing {
    /// Sends records packed, primed with a base that both sides have; batches are numbered from `first`.
    pub(crate) fn packed(
        first: u32,
        records: Vec<(Change, Record)>,
        base: &[Record],
    ) -> Result<Self, RecordsError> {
        if records.is_empty() {
            // The end alone has to be said: nothing has to be learnt from the base for that.
            return Ok(Self::plain(first, records));
        }
        let values: Vec<Value> = base.iter().map(unified::to_value).collect();
        let (stream, base) = (Some(Stream::new(&values)?), Some(compare::check(base)));
        Ok(Self { stream, base, thousandths: PACKED, ..Self::plain(first, records) })
    }

    /// Sends records as they are.
    pub(crate) fn plain(first: u32, records: Vec<(Change, Record)>) -> Self {
        let queue = records.into();
        let (stream, base, sent) = (None, None, Vec::new());
        let thousandths = PLAIN;
        Self { stream, base, queue, thousandths, sent, first, acked: first, ended: false }
    }

    /// The number of the batch that goes next.
    pub(crate) fn next(&self) -> u32 {
        self.first + self.sent.len() as u32
    }

    /// The first batch that is not known to have arrived.
    pub(crate) fn acked(&self) -> u32 {
        self.acked
    }

    /// Takes note that the batches before `next` have arrived.
    pub(crate) fn arrived(&mut self, next: u32) {
        self.acked = self.acked.max(next.min(self.next()));
    }

    /// Whether every batch went.
    pub(crate) fn is_over(&self) -> bool {
        self.ended
    }

    /// Makes the next batch: its number, what is in it, whether it is the last. At least one batch goes,
    /// since the end has to be said.
    pub(crate) fn make(&mut self) -> Result<Option<(u32, Batch, bool)>, RecordsError> {
        if self.ended {
            return Ok(None);
        }
        let mut records = Vec::new();
        let mut sum = 0;
        let most = (BATCH_BYTES * 1000 / self.thousandths.max(1)).min(BATCH_WEIGHT);
        while let Some((_, record)) = self.queue.front() {
            let weight = weight_of(record);
            if !records.is_empty() && (records.len() == BATCH_RECORDS || sum + weight > most) {
                break;
            }
            sum += weight;
            records.extend(self.queue.pop_front());
        }
        let number = self.next();
        let batch = match &mut self.stream {
            Some(stream) if !records.is_empty() => {
                let values: Vec<Value> =
                    records.iter().map(|(_, record)| unified::to_value(record)).collect();
                if !stream.has_room_for(&values) {
                    *stream = Stream::new(&[])?;
                    self.base = Some(compare::check(&[]));
                }
                let bytes = Bytes::from(stream.encode(&values)?);
                // The next one takes a little less, by what this one taught.
                self.thousandths = (bytes.len() * 800 / sum.max(1)).clamp(10, 1000);
                Batch::Packed { count: records.len() as u32, base: self.base.take(), bytes }
            }
            _ => Batch::Plain(records),
        };
        self.ended = self.queue.is_empty();
        if self.ended {
            self.stream = None;
        }
        self.sent.push(batch.clone());
        Ok(Some((number, batch, self.ended)))
    }

    /// A batch that went before, and whether it is the last.
    pub(crate) fn again(&self, number: u32) -> Option<(Batch, bool)> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let batch = self.sent.get(at)?.clone();
        Some((batch, self.ended && at + 1 == self.sent.len()))
    }
}

/// What a record weighs, its frame included.
fn weight_of(record: &Record) -> usize {
    const FRAME: usize = 128;
    let data = record.data();
    let values = data.positional().iter().chain(data.keyed().map(|(_, value)| value));
    values.map(weight).fold(FRAME, usize::saturating_add)
}

/// Records that come from the other side.
#[derive(Debug)]
pub(crate) struct Incoming {
    stream: Option<Stream>,
    /// What a stream may be primed with.
    base: Vec<Record>,
    next: u32,
    early: BTreeMap<u32, (Batch, Option<Last>)>,
    /// What the last batch said, once it was taken.
    last: Option<Last>,
    was_primed: bool,
}

/// A batch that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) records: Vec<Record>,
    pub(crate) last: Option<Last>,
}

impl Incoming {
    /// Expects batches from number `next` on, which may be primed with `base`.
    pub(crate) fn new(next: u32, base: Vec<Record>) -> Self {
        Self { stream: None, base, next, early: BTreeMap::new(), last: None, was_primed: false }
    }

    /// The number of the next batch.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// Whether a batch came that was primed as this side would have done it.
    pub(crate) fn was_primed(&self) -> bool {
        self.was_primed
    }

    /// Goes on with batches from the same number on, in a new stream.
    pub(crate) fn restart(&mut self) {
        *self = Self::new(self.next, Vec::new());
    }

    /// Keeps a batch until its turn. Whether it was new.
    pub(crate) fn keep(
        &mut self,
        number: u32,
        batch: Batch,
        last: Option<Last>,
    ) -> Result<bool, BatchError> {
        if number < self.next || self.early.contains_key(&number) || self.last.is_some() {
            return Ok(false);
        }
        let bytes = |batch: &Batch| match batch {
            Batch::Packed { bytes, .. } => bytes.len(),
            Batch::Plain(records) => records.iter().map(|(_, record)| weight_of(record)).sum(),
        };
        let waiting: usize = self.early.values().map(|(batch, _)| bytes(batch)).sum();
        let is_next = number == self.next;
        if !is_next && (self.early.len() >= PEN_BATCHES || waiting + bytes(&batch) > PEN_BYTES) {
            return Err(BatchError::TooEarly);
        }
        self.early.insert(number, (batch, last));
        Ok(true)
    }

    /// Opens the batch whose turn it is, if it is here.
    pub(crate) fn take(&mut self) -> Result<Option<Taken>, BatchError> {
        let Some((batch, last)) = self.early.remove(&self.next) else { return Ok(None) };
        let records = match batch {
            Batch::Plain(records) => records.into_iter().map(|(_, record)| record).collect(),
            Batch::Packed { count, base, bytes } => self.unpack(count, base, &bytes)?,
        };
        self.next += 1;
        self.last = last;
        if last.is_some() {
            // What it learnt takes much room, and nothing builds on it any more.
            (self.stream, self.base) = (None, Vec::new());
        }
        Ok(Some(Taken { records, last }))
    }

    fn unpack(
        &mut self,
        count: u32,
        base: Option<u16>,
        bytes: &[u8],
    ) -> Result<Vec<Record>, BatchError> {
        if let Some(check) = base {
            let base: &[Record] = match check == compare::check(&self.base) {
                _ if planted(Bug::TableBaseIgnored) => &self.base,
                true => {
                    self.was_primed = true;
                    &self.base
                }
                false if check == compare::check(&[]) => &[],
                false => return Err(BatchError::OtherBase),
            };
            let values: Vec<Value> = base.iter().map(unified::to_value).collect();
            self.stream = Some(Stream::new(&values)?);
        }
        let Some(stream) = &mut self.stream else { return Err(BatchError::OtherBase) };
        let values = stream.decode(bytes)?;
        if values.len() != count as usize {
            return Err(BatchError::Count { found: values.len(), said: count });
        }
        values.iter().map(|value| unified::from_value(value).map_err(BatchError::from)).collect()
    }
}
