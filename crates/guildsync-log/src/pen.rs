//! The pen: a bounded waiting room for segments that cannot be taken in yet.
//!
//! A segment waits because entries before it are missing, or because its writer has no right to write
//! in an owned profile yet. What does not fit is dropped: it only comes later, its sender still has
//! it.

use std::collections::BTreeMap;

use guildsync_types::WriterId;

use crate::segment::Segment;

/// Waiting segments by writer and first entry.
#[derive(Debug, Clone)]
pub(crate) struct Pen {
    segments: BTreeMap<(WriterId, u64), Segment>,
    n_entries: usize,
    n_entries_max: usize,
}

impl Pen {
    pub(crate) fn new(n_entries_max: usize) -> Self {
        Self { segments: BTreeMap::new(), n_entries: 0, n_entries_max }
    }

    /// Lets a segment wait, unless the pen is full. A longer one takes the place of a shorter.
    pub(crate) fn put(&mut self, segment: Segment) -> bool {
        let place = (segment.writer, segment.first);
        let waiting = self.segments.get(&place).map_or(0, |s| s.drafts.len());
        let n = segment.drafts.len();
        if waiting >= n {
            return true;
        }
        if self.n_entries - waiting + n > self.n_entries_max {
            return false;
        }
        self.n_entries = self.n_entries - waiting + n;
        self.segments.insert(place, segment);
        true
    }

    /// Takes out the first segment for which `ready` says so.
    pub(crate) fn take(&mut self, ready: impl Fn(&Segment) -> bool) -> Option<Segment> {
        let place = self.segments.iter().find(|(_, s)| ready(s)).map(|(&place, _)| place)?;
        let segment = self.segments.remove(&place)?;
        self.n_entries -= segment.drafts.len();
        Some(segment)
    }

    /// How many entries wait.
    pub(crate) fn len(&self) -> usize {
        self.n_entries
    }
}
