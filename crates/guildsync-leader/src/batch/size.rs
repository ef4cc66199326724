//! What batches cost, for planning.

/// The bytes of a key.
pub(super) const KEY: usize = 32;
/// What naming a base takes, beside a difference: the announcement, and the rows' number of the base.
pub(super) const BASE: usize = 4;
/// A batch with more entries is always shorter with a base than without.
pub(super) const SHORT: usize = 64;

/// A signature, and a bit of its neighbours.
const SEAL: u64 = 65;
/// A writer that the rows have not had before: its id, and the key that seals it.
const NEW_WRITER: u64 = 16 + KEY as u64;

/// Hundredths of a byte an entry, up to that many entries: with a base, what is typical is known.
const BASED: [(u64, u64); 2] = [(200, 100), (u64::MAX, 63)];
/// The same without a base: names and reasons are spelled once, and after some hundreds all are known.
const PLAIN: [(u64, u64); 5] = [(10, 1200), (60, 550), (150, 260), (500, 110), (u64::MAX, 70)];

/// What a batch of these entries costs about, in bytes, without packing: for planning.
///
/// Depends on its arguments alone. Measured on the log of a raiding guild of a hundred members, where a
/// quarter of the awards go to the whole raid, it is right within a quarter; a log in which all awards
/// are apart from each other costs up to four times that.
#[must_use]
pub fn estimate(n_entries: u64, n_writers: usize, has_base: bool) -> usize {
    let (begin, writer, steps) = match has_base {
        true => (12, SEAL, &BASED[..]),
        false => (44, SEAL + NEW_WRITER, &PLAIN[..]),
    };
    let (mut rows, mut before) = (0u64, 0);
    for &(until, hundredths) in steps {
        let n = n_entries.min(until).saturating_sub(before);
        rows = rows.saturating_add(n.saturating_mul(hundredths));
        before = until;
    }
    let seals = writer.saturating_mul(n_writers as u64);
    usize::try_from((begin + rows / 100).saturating_add(seals)).unwrap_or(usize::MAX)
}
