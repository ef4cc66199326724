//! When rows happened: a second for rows that tell none, and a place within the second.
//!
//! Replay sorts by stamp, so the stamps of a file must rise as its rows do. Two files that overlap
//! must also agree on them, and a file may begin or end in the middle of a second:
//!
//! - Within a second rows are counted from 0. A file that ends in a second counts its rows as a
//!   longer one does.
//! - In the file's first second, of which the beginning may be missing, the last row has the highest
//!   count and the others lie below it. So these rows sort behind all rows of that second in a file
//!   that has its beginning, and two files that both begin in it agree.

use guildsync_types::Stamp;

use super::row::Row;

/// The stamps of a file's rows, and what was done to get them.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// One a row.
    pub(super) stamps: Vec<Stamp>,
    /// How many rows share the first row's second.
    pub(super) n_first: usize,
    pub(super) untimed: usize,
    pub(super) backward: usize,
    pub(super) without_any_time: bool,
}

impl Clock {
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut clock = Self::default();
        let first = rows.iter().find_map(|row| row.seconds);
        clock.without_any_time = first.is_none() && !rows.is_empty();
        let mut last = first.unwrap_or(0);
        let mut second = |row: &Row| {
            clock.untimed += usize::from(row.seconds.is_none());
            clock.backward += usize::from(row.seconds.is_some_and(|seconds| seconds < last));
            last = last.max(row.seconds.unwrap_or(last));
            last
        };
        let seconds: Vec<u64> = rows.iter().map(&mut second).collect();
        clock.n_first = seconds.iter().take_while(|&&second| second == seconds[0]).count();
        clock.stamps = Vec::with_capacity(rows.len());
        for rows in seconds.chunk_by(|a, b| a == b) {
            let begins = clock.stamps.is_empty();
            clock.stamps.extend(rows.iter().enumerate().map(|(place, &second)| {
                // With more rows than counts, those in excess share one and keep their order.
                let place = match begins {
                    true => (place + COUNTS).saturating_sub(rows.len()),
                    false => place.min(COUNTS - 1),
                };
                Stamp::new(second, place as u16).unwrap_or_default()
            }));
        }
        clock
    }
}

/// How many counts a second has.
const COUNTS: usize = 1 << 16;
