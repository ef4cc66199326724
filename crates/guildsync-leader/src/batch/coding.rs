//! Row batches one behind the other, each read with what the ones before have taught.

use std::cell::RefCell;

use bytes::Bytes;
use guildsync_log::batch::{from_rows, to_rows};
use guildsync_log::{Draft, Entry};
use guildsync_types::{EntryId, Memo};
use guildsync_wire::rows::{self, Base, EncodeError, Mode, Rows, RowsBuilder};

use super::{ENTRIES_MAX, OpenError, ROW_BATCHES_MAX};

/// The number of every base inside a row batch: what the base is, the message says.
const NUMBER: u32 = 0;

/// Writes entries in the order given: as many rows in each row batch as it holds, fewer where their
/// texts are too long. `before` are the rows that come before them.
pub(crate) fn code(
    entries: &[(EntryId, &Draft)],
    before: Option<Rows>,
) -> Result<Vec<Bytes>, EncodeError> {
    let (mut coded, mut before, mut left) = (Vec::new(), before, entries);
    let mut len_max = Rows::MAX;
    while !left.is_empty() {
        let (part, further) = left.split_at(len_max.min(left.len()));
        let rows = to_rows(b"", part.iter().copied());
        let mode = before
            .as_ref()
            .map_or(Mode::Small, |rows| Mode::History(Base { number: NUMBER, rows }));
        match rows::encode(&rows, mode) {
            Ok(bytes) => coded.push(Bytes::from(bytes)),
            Err(EncodeError::TooMuchText { .. }) if part.len() > 1 => {
                len_max = part.len().div_ceil(2);
                continue;
            }
            Err(error) => return Err(error),
        }
        if !further.is_empty() {
            before = Some(behind(before, rows));
        }
        (left, len_max) = (further, Rows::MAX);
    }
    Ok(coded)
}

/// How many short batches a thread remembers having read.
const READ_MAX: usize = 64;
/// What is short: what was said live. Longer ones are seldom sent again.
const READ_BYTES_MAX: usize = 512;
const READ_ENTRIES_MAX: usize = 8;

thread_local! {
    /// The bytes of short batches without a base, and the entries in them: what is live comes twice, and
    /// to every member that one program runs.
    static READ: RefCell<Memo<Bytes, Vec<Entry>>> = const { RefCell::new(Memo::new(READ_MAX)) };
}

/// Reads what [`code`] wrote.
pub(crate) fn decode(batches: &[Bytes], before: Option<Rows>) -> Result<Vec<Entry>, OpenError> {
    let short = match (batches, &before) {
        ([only], None) if only.len() <= READ_BYTES_MAX => only,
        _ => return read(batches, before),
    };
    if let Some(entries) = READ.with_borrow(|known| known.get(&short[..]).cloned()) {
        return Ok(entries);
    }
    let entries = read(batches, before)?;
    if entries.len() <= READ_ENTRIES_MAX {
        // A copy: the bytes are part of a longer message that nobody needs any more.
        let short = Bytes::copy_from_slice(short);
        READ.with_borrow_mut(|known| known.keep(short, entries.clone()));
    }
    Ok(entries)
}

fn read(batches: &[Bytes], before: Option<Rows>) -> Result<Vec<Entry>, OpenError> {
    if batches.len() > ROW_BATCHES_MAX {
        return Err(OpenError::TooMany { what: "row batches", limit: ROW_BATCHES_MAX });
    }
    let (mut entries, mut before) = (Vec::new(), before);
    for (place, bytes) in batches.iter().enumerate() {
        let base = |number| before.as_ref().filter(|_| number == NUMBER);
        let rows = rows::decode(bytes, base).map_err(|source| OpenError::Rows { place, source })?;
        if rows.is_empty() {
            return Err(OpenError::Empty { place });
        }
        if entries.len() + rows.len() > ENTRIES_MAX {
            return Err(OpenError::TooMany { what: "entries", limit: ENTRIES_MAX });
        }
        let read = from_rows(&rows).map_err(|source| OpenError::Entry { place, source })?;
        match entries.is_empty() {
            true => entries = read,
            false => entries.extend(read),
        }
        if place + 1 < batches.len() {
            before = Some(behind(before, rows));
        }
    }
    Ok(entries)
}

/// The rows that the next row batch is written with: the last of these, and of those before if they
/// are too few.
fn behind(before: Option<Rows>, rows: Rows) -> Rows {
    let Some(before) = before.filter(|_| rows.len() < Base::ROWS) else { return rows };
    let mut both = RowsBuilder::new(b"");
    let skip = (before.len() + rows.len()).saturating_sub(Base::ROWS);
    (skip..before.len()).filter_map(|at| before.row(at)).for_each(|row| both.push(&row));
    rows.iter().for_each(|row| both.push(&row));
    both.finish()
}

#[cfg(test)]
mod tests {
    use guildsync_log::Change;
    use guildsync_types::{MemberName, Reason, Stamp, WriterId};

    use super::*;

    #[test]
    fn what_was_read_before_is_read_as_before_and_only_that() {
        let draft = |seconds| Draft {
            stamp: Stamp::new(seconds, 0).unwrap(),
            actor: MemberName::new("Oakhand").unwrap(),
            change: Change::Note { about: None },
            reason: Reason::new("on time").unwrap(),
            origin: None,
        };
        let id = EntryId { writer: WriterId([7; 16]), seq: 3 };
        // More than are remembered, and again.
        for seconds in (0..2 * READ_MAX as u64).chain(0..2 * READ_MAX as u64) {
            let draft = draft(seconds);
            let coded = code(&[(id, &draft)], None).unwrap();
            for _ in 0..3 {
                let entries = decode(&coded, None).unwrap();
                assert_eq!(entries, [Entry { id, draft: draft.clone() }]);
            }
            let mut bent = coded[0].to_vec();
            bent[coded[0].len() / 2] ^= 0x10;
            let bent = [Bytes::from(bent)];
            assert_eq!(decode(&bent, None), read(&bent, None));
        }
    }
}
