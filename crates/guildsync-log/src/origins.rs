//! Imported rows: whether a log has one already.

use std::collections::BTreeMap;

use crate::chain::Row;
use crate::entry::Draft;
use crate::log::Log;

/// The imported rows of a log, looked up many at a time: each second is sorted once, when it is first
/// asked for.
#[derive(Debug)]
pub struct Origins<'a> {
    log: &'a Log,
    seconds: BTreeMap<u64, Vec<Row>>,
}

impl Log {
    /// The imported rows, for whoever asks about many of them.
    #[must_use]
    pub fn origins(&self) -> Origins<'_> {
        Origins { log: self, seconds: BTreeMap::new() }
    }

    /// Whether a copy of an imported row is here: an entry, counted or not, with the same origin and
    /// the same content but for writer, basis and count within the second.
    ///
    /// This looks at the whole second; whoever asks about many rows uses [`Log::origins`].
    #[must_use]
    pub fn holds_origin(&self, draft: &Draft) -> bool {
        let Some(wanted) = self.content.find_imported(draft) else { return false };
        let second = self.order.second(&self.content, wanted.stamp());
        second.into_iter().any(|at| self.content.row(at).same_origin(&wanted))
    }
}

impl Origins<'_> {
    /// As [`Log::holds_origin`].
    pub fn holds(&mut self, draft: &Draft) -> bool {
        let content = &self.log.content;
        let Some(wanted) = content.find_imported(draft) else { return false };
        let rows = self.seconds.entry(wanted.stamp() >> 16).or_insert_with(|| {
            let second = self.log.order.second(content, wanted.stamp());
            let rows = second.into_iter().map(|at| *content.row(at));
            let mut rows: Vec<Row> = rows.filter(Row::is_imported).collect();
            rows.sort_unstable_by_key(Row::origin_identity);
            rows
        });
        let identity = wanted.origin_identity();
        rows.binary_search_by(|row| row.origin_identity().cmp(&identity)).is_ok()
    }
}
