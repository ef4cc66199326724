//! Entries as batches: what one message carries, coded against what its receivers have.
//!
//! All segments of a batch go into one run of rows in replay order. Heads are not sent: the receiver
//! hashes the entries behind those it holds, and the seal, whose signature is sent, shows whether both
//! sides hold the same. Nor are keys of writers that the base has. What [`open`] gives is as much worth
//! as the bytes were: only [`Log::accept`] tells whether it is genuine.

mod coding;
mod size;

use std::collections::BTreeMap;

use bytes::Bytes;
use guildsync_log::batch::{RowError, last_rows};
use guildsync_log::{Draft, Frontier, Log, Segment};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{EntryId, Seal, WriterId};
use guildsync_wire::rows::{self, BatchError, EncodeError, Rows};
use thiserror::Error;

use crate::message::{Base, Batch, SealPart};
pub(crate) use coding::{code, decode};
pub use size::estimate;

/// The most entries in one batch: 64 full row batches. Whoever has more to send sends several batches.
pub const ENTRIES_MAX: usize = 1 << 18;
/// The most row batches in one batch: each costs a reader the learning of a thousand rows.
pub const ROW_BATCHES_MAX: usize = 256;

/// Why segments cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PackError {
    /// The log does not hold the base: nobody can code against it.
    #[error("{} writers of the batch's base are not all here: pack without a base", missing.len())]
    LacksBase {
        /// Writers and the first entries of them that are not here.
        missing: Vec<(WriterId, u64)>,
    },
    /// Two segments of one writer.
    #[error("two segments of writer {} in one batch: put them in two", writer.short())]
    Twice {
        /// The writer.
        writer: WriterId,
    },
    /// A segment without entries, or one that its seal does not end.
    #[error("the segment of writer {} is empty or not sealed at its end", writer.short())]
    Unsealed {
        /// The writer.
        writer: WriterId,
    },
    /// More than [`ENTRIES_MAX`] entries, or so much text that it takes more than [`ROW_BATCHES_MAX`].
    #[error("{entries} entries are more than a batch holds: split them")]
    TooLarge {
        /// How many entries there are.
        entries: usize,
    },
    /// The entries cannot be written.
    #[error(transparent)]
    Rows(#[from] EncodeError),
}

/// Why a batch cannot be opened. Nothing of it is known then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The batch is coded against entries that are not here: ask for these, or for a batch that is not.
    #[error("the batch builds on entries of {} writers that are not here", missing.len())]
    LacksBase {
        /// Writers and the first entries of them that are not here.
        missing: Vec<(WriterId, u64)>,
    },
    /// Entries before those of the batch are not here, so that their heads are not known: ask for them.
    #[error("entries before those in the batch are not here, of {} writers", missing.len())]
    Gap {
        /// Writers and the first entries of them that are not here.
        missing: Vec<(WriterId, u64)>,
    },
    /// The batch has a base, and the caller knows none.
    #[error(
        "the batch builds on an announcement that is not known here: ask for one without a base"
    )]
    UnknownBase,
    /// A row batch does not decode.
    #[error("row batch {place} of the batch: {source}")]
    Rows {
        /// Which one, from 0.
        place: usize,
        /// What is wrong with it.
        source: BatchError,
    },
    /// A row is no entry.
    #[error("row batch {place} of the batch: {source}")]
    Entry {
        /// Which row batch, from 0.
        place: usize,
        /// What is wrong with it.
        source: RowError,
    },
    /// A row batch without rows.
    #[error("row batch {place} of the batch is empty")]
    Empty {
        /// Which one, from 0.
        place: usize,
    },
    /// A writer's entries do not follow each other.
    #[error("the batch has entry {seq} of writer {} and not the one before", writer.short())]
    Torn {
        /// The writer.
        writer: WriterId,
        /// The entry that follows none.
        seq: u64,
    },
    /// Not one seal for each writer.
    #[error("the batch has {seals} seals for {writers} writers")]
    Seals {
        /// How many seals.
        seals: usize,
        /// How many writers.
        writers: usize,
    },
    /// The batch names no key of a writer whose key is not here, either.
    #[error("the batch has no key of writer {}, who is not known here", writer.short())]
    NoKey {
        /// The writer.
        writer: WriterId,
    },
    /// A branch that comes without a key, or leaves no chain.
    #[error("the batch puts writer {} on a branch that cannot be", writer.short())]
    Branch {
        /// The writer.
        writer: WriterId,
    },
    /// More than [`ENTRIES_MAX`] entries or [`ROW_BATCHES_MAX`] row batches.
    #[error("the batch holds more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

/// Packs what `segments` hold, each writer's once, coded against `base`: its name, and the frontier
/// that it stands for. A base that saves nothing is left out.
///
/// # Errors
/// Segments that no log gives, too many entries, a base that this log does not hold.
pub fn pack(
    log: &Log,
    base: Option<(Base, &Frontier)>,
    segments: &[Segment],
) -> Result<Batch, PackError> {
    let mut by_writer: Vec<&Segment> = segments.iter().collect();
    by_writer.sort_unstable_by_key(|segment| segment.writer);
    if let Some(pair) = by_writer.windows(2).find(|pair| pair[0].writer == pair[1].writer) {
        return Err(PackError::Twice { writer: pair[0].writer });
    }
    let unsealed = |s: &&&Segment| s.drafts.is_empty() || s.first == 0 || s.seal.seq != s.last();
    if let Some(segment) = by_writer.iter().find(unsealed) {
        return Err(PackError::Unsealed { writer: segment.writer });
    }
    let entries = in_replay_order(&by_writer);
    let too_large = PackError::TooLarge { entries: entries.len() };
    if entries.len() > ENTRIES_MAX {
        return Err(too_large);
    }
    let has_key = |base: Option<&Frontier>, s: &Segment| base.is_some_and(|b| b.last(s.writer) > 0);
    let batch = |base: Option<(Base, &Frontier)>, rows| {
        let frontier = base.as_ref().map(|&(_, frontier)| frontier);
        let seals = by_writer.iter().map(|&s| seal_part(s, has_key(frontier, s))).collect();
        Batch { base: base.map(|(base, _)| base), rows, seals }
    };
    let rows = match &base {
        None => code(&entries, None)?,
        Some((_, frontier)) => {
            let missing = log.missing(frontier);
            if !missing.is_empty() {
                return Err(PackError::LacksBase { missing });
            }
            code(&entries, Some(last_rows(log, frontier, rows::Base::ROWS)))?
        }
    };
    if rows.len() > ROW_BATCHES_MAX {
        return Err(too_large);
    }
    if let (Some((_, frontier)), [only]) = (&base, &rows[..]) {
        // Without a base, each writer that it has needs its key. Keys alone mostly decide it.
        let n_known = by_writer.iter().filter(|s| has_key(Some(frontier), s)).count();
        let keys = n_known * size::KEY;
        if keys < only.len() + size::BASE && entries.len() <= size::SHORT {
            let plain = code(&entries, None)?;
            let len = |rows: &[Bytes]| rows.iter().map(Bytes::len).sum::<usize>();
            if keys + len(&plain) < only.len() + size::BASE {
                return Ok(batch(None, plain));
            }
        }
    }
    Ok(batch(base, rows))
}

/// Opens a batch. `base` is the frontier that the batch's base stands for, `None` where it has none or
/// its name is not known.
///
/// # Errors
/// What the log lacks to read it, or what is wrong with it. Entries of a chain that was forked before
/// them come back all the same, or garbled: their seals do not hold, and [`Log::accept`] refuses them.
pub fn open(log: &Log, base: Option<&Frontier>, batch: &Batch) -> Result<Vec<Segment>, OpenError> {
    let base: Option<Rows> = match (&batch.base, base) {
        (None, _) => None,
        (Some(_), None) => return Err(OpenError::UnknownBase),
        (Some(_), Some(frontier)) => {
            let missing = log.missing(frontier);
            if !missing.is_empty() && !planted(Bug::BaseNotChecked) {
                return Err(OpenError::LacksBase { missing });
            }
            Some(last_rows(log, frontier, rows::Base::ROWS))
        }
    };
    let mut chains: BTreeMap<WriterId, Vec<(u64, Draft)>> = BTreeMap::new();
    for entry in decode(&batch.rows, base)? {
        let EntryId { writer, seq } = entry.id;
        chains.entry(writer).or_default().push((seq, entry.draft));
    }
    let (seals, writers) = (batch.seals.len(), chains.len());
    if seals != writers {
        return Err(OpenError::Seals { seals, writers });
    }
    let mut segments = Vec::with_capacity(writers);
    let mut missing = Vec::new();
    for ((writer, entries), part) in chains.into_iter().zip(&batch.seals) {
        let (first, drafts) = run(writer, entries)?;
        let (key, branch) = match (part.key, part.branch) {
            (None, None) => log.sealed_by(writer).ok_or(OpenError::NoKey { writer })?,
            (Some(key), branch) if branch.is_none_or(|branch| branch.first > 0) => (key, branch),
            _ => return Err(OpenError::Branch { writer }),
        };
        match log.head_behind(writer, branch, first, &drafts) {
            Ok(head) => {
                // The run was counted without overflow.
                let seq = first + (drafts.len() as u64 - 1);
                let seal = Seal { key, seq, head, signature: part.signature };
                segments.push(Segment { writer, first, drafts, seal, branch });
            }
            Err(first) => missing.push((writer, first)),
        }
    }
    match missing.is_empty() {
        true => Ok(segments),
        false => Err(OpenError::Gap { missing }),
    }
}

/// All entries as they are replayed.
fn in_replay_order<'a>(segments: &[&'a Segment]) -> Vec<(EntryId, &'a Draft)> {
    let mut entries = Vec::with_capacity(segments.iter().map(|s| s.drafts.len()).sum());
    for segment in segments {
        let ids = (segment.first..).map(|seq| EntryId { writer: segment.writer, seq });
        entries.extend(ids.zip(&segment.drafts));
    }
    entries.sort_unstable_by_key(|&(id, draft)| (draft.stamp, id));
    entries
}

/// What the receiver cannot find out by itself; `has_key`: it has the key and knows the branch.
fn seal_part(segment: &Segment, has_key: bool) -> SealPart {
    let Seal { key, signature, .. } = segment.seal;
    match has_key {
        true => SealPart { signature, key: None, branch: None },
        false => SealPart { signature, key: Some(key), branch: segment.branch },
    }
}

/// One writer's entries as a run, and its first number. Stamps need not rise along a chain, so replay
/// order may have mixed them.
fn run(writer: WriterId, mut entries: Vec<(u64, Draft)>) -> Result<(u64, Vec<Draft>), OpenError> {
    if !entries.is_sorted_by_key(|&(seq, _)| seq) {
        entries.sort_by_key(|&(seq, _)| seq);
    }
    let torn = entries.windows(2).find(|pair| pair[0].0.checked_add(1) != Some(pair[1].0));
    if let Some(pair) = torn {
        return Err(OpenError::Torn { writer, seq: pair[1].0 });
    }
    // A writer is here because it has an entry.
    let first = entries.first().map_or(0, |&(seq, _)| seq);
    Ok((first, entries.into_iter().map(|(_, draft)| draft).collect()))
}
