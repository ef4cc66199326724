//! Entries go through the wire codec's columns and come back the same.

use guildsync_log::batch::{from_rows, last_rows, to_rows};
use guildsync_log::{Change, Draft, Entry, Frontier};
use guildsync_types::{EntryId, WriterId};
use guildsync_wire::rows::{Mode, Row, RowsBuilder, decode, encode};
use proptest::prelude::*;

use crate::entries::draft;
use crate::world::{at, change, give, key, name, open, reason};

/// A row that is a note about nobody, to spoil.
fn row() -> Row<'static> {
    Row { writer: &[1; 16], seq: 1, seconds: 60, kind: 2, actor: b"Oakhand", ..Row::default() }
}

fn fault(row: &Row<'_>) -> String {
    let mut rows = RowsBuilder::new(b"");
    rows.push(&self::row());
    rows.push(row);
    from_rows(&rows.finish()).unwrap_err().to_string()
}

proptest! {
    #[test]
    fn entries_survive_a_batch(
        entries in prop::collection::vec((any::<[u8; 16]>(), 1..u64::MAX, draft()), 0..20),
        fast: bool,
    ) {
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|(writer, seq, draft)| Entry { id: EntryId { writer: WriterId(writer), seq }, draft })
            .collect();
        let rows = to_rows(b"log", entries.iter().map(|entry| (entry.id, &entry.draft)));
        let bytes = encode(&rows, if fast { Mode::Fast } else { Mode::Small }).unwrap();
        let back = decode(&bytes, |_| None).unwrap();
        prop_assert_eq!(from_rows(&back).unwrap(), entries);
    }
}

#[test]
fn an_unknown_kind_of_any_number_survives_byte_for_byte() {
    let draft = |kind| Draft {
        stamp: at(60),
        actor: name("Oakhand"),
        change: Change::Unknown { kind, bytes: vec![0, 255, 7] },
        reason: reason(""),
        origin: None,
    };
    let drafts: Vec<Draft> = [11, 254, 255, 256, u64::MAX].map(draft).into();
    let id = |seq| EntryId { writer: WriterId([3; 16]), seq };
    let rows = to_rows(b"", drafts.iter().zip(1..).map(|(draft, seq)| (id(seq), draft)));
    let back: Vec<Draft> = from_rows(&rows).unwrap().into_iter().map(|entry| entry.draft).collect();
    assert_eq!(back, drafts);
}

#[test]
fn a_row_that_is_no_entry_is_named_with_its_fault() {
    let faults = [
        (Row { writer: b"short", ..row() }, "row 1: writer"),
        (Row { seq: 0, ..row() }, "row 1: seq"),
        (Row { seconds: u64::MAX, ..row() }, "row 1: stamp"),
        (Row { actor: b"", ..row() }, "row 1: actor"),
        (Row { actor: &[0xff], ..row() }, "row 1: actor"),
        (Row { reason: &[b'x'; 256], ..row() }, "row 1: reason"),
        (Row { flags: 1, ..row() }, "row 1: flags"),
        (Row { delta: 1, ..row() }, "row 1: body"),
        (Row { body: b"x", ..row() }, "row 1: body"),
        (Row { kind: 0, ..row() }, "row 1: target"),
        (Row { kind: 0, target: Some(b"Bront"), delta: i64::MAX, ..row() }, "row 1: delta"),
        (Row { kind: 3, ..row() }, "row 1: input ends inside writer"),
        (Row { kind: 3, target: Some(b"Bront"), ..row() }, "row 1: target"),
        (Row { kind: 255, body: &[9, 1], ..row() }, "row 1: kind"),
    ];
    for (row, expected) in faults {
        let fault = fault(&row);
        assert!(fault.starts_with(expected), "{fault}, not {expected}");
    }
}

#[test]
fn the_last_rows_are_those_of_the_frontier_whatever_else_is_held() {
    let mut log = open();
    let (one, two) = (key(1), key(2));
    give(&mut log, &one, 100, "Brindle", "5");
    give(&mut log, &two, 50, "Bront", "7.5");
    let note = Change::Note { about: Some(name("Brindle")) };
    let drafts = [note, Change::Unknown { kind: 300, bytes: vec![1] }].map(|c| change(75, c));
    log.append(&one, &drafts).unwrap();
    let frontier = Frontier::from_iter([(one.writer(), 3), (two.writer(), 9)]);
    for (frontier, n) in [(frontier, 3), (Frontier::from_iter([(one.writer(), 1)]), 9)] {
        let entries: Vec<Entry> =
            log.entries().filter(|e| e.id.seq <= frontier.last(e.id.writer)).collect();
        let last = &entries[entries.len().saturating_sub(n)..];
        let expected = to_rows(b"", last.iter().map(|entry| (entry.id, &entry.draft)));
        assert_eq!(last_rows(&log, &frontier, n), expected);
    }
}
