//! Which version of a record counts, and what deleting means.

use guildsync_tables::{Merged, Purge, TableKind, Tables};
use guildsync_wire::bytes::Writer;

use crate::world::{ALLERIA, CLOCK, EONAR, deletion, record, records_of, tables_of};

const AT: u64 = 1_733_026_087;
const DAY: u64 = 86_400;

#[test]
fn at_one_second_the_deletion_counts_in_either_order() {
    let item = record(TableKind::News, EONAR, "1", AT, "{}");
    let gone = deletion(TableKind::News, EONAR, "1", AT);
    for pair in [[item.clone(), gone.clone()], [gone.clone(), item]] {
        assert_eq!(records_of(&tables_of(pair)), std::slice::from_ref(&gone));
    }
}

#[test]
fn the_roster_goes_by_name_and_the_rest_by_id_and_the_newer_overwrites() {
    let of = |kind, guild, seconds| record(kind, guild, "A-R", seconds, "{ n = 1 }");
    let moved = tables_of([
        of(TableKind::Roster, EONAR, AT),
        of(TableKind::Roster, ALLERIA, AT + 1),
        of(TableKind::Roster, EONAR, AT - 1),
    ]);
    assert_eq!(records_of(&moved), [of(TableKind::Roster, ALLERIA, AT + 1)], "one row a member");
    for kind in [TableKind::News, TableKind::GuildInfo, TableKind::Calendar] {
        let held = tables_of([of(kind, EONAR, AT), of(kind, EONAR, AT + 1), of(kind, EONAR, AT)]);
        assert_eq!(records_of(&held), [of(kind, EONAR, AT + 1)]);
    }
}

#[test]
fn what_one_side_lacks_is_added_and_absence_deletes_nothing() {
    let mine = record(TableKind::News, EONAR, "1", AT, "{}");
    let theirs = record(TableKind::News, EONAR, "2", AT, "{}");
    let mut held = tables_of([mine.clone()]);
    assert_eq!(held.merge(theirs.clone(), CLOCK).merged, Merged::Added);
    assert_eq!(records_of(&held), [mine, theirs]);
}

#[test]
fn a_deletion_is_a_flag_and_an_older_version_brings_nothing_back() {
    let item = record(TableKind::News, EONAR, "1", AT, r#"{ title = "A" }"#);
    let mut held = tables_of([item.clone()]);
    let gone = held.delete(item.key(), AT + 1).unwrap().clone();
    assert!(gone.is_deleted() && gone.updated().seconds() > AT);
    assert_eq!(held.merge(item, CLOCK).merged, Merged::Older);
    assert_eq!(records_of(&held), [gone]);
}

#[test]
fn after_thirty_days_the_data_of_the_deleted_goes_and_the_deletion_stays() {
    let item = record(TableKind::News, EONAR, "1", AT, r#"{ title = "A" }"#);
    let mut held: Tables = tables_of([item.clone()]);
    held.delete(item.key(), AT + 1).unwrap();
    assert!(held.purge(Purge::default(), AT + 30 * DAY).is_empty());
    assert_eq!(held.kept(item.key()), Some(&item));
    assert_eq!(held.purge(Purge::Never, AT + 400 * DAY), []);
    assert_eq!(held.purge(Purge::default(), AT + 31 * DAY), [item.key().clone()]);
    assert_eq!((held.kept(item.key()), held.len()), (None, 1));
    assert_eq!(held.merge(item, CLOCK).merged, Merged::Older, "a member away for 400 days");
}

#[test]
fn what_is_under_local_is_no_part_of_a_record_and_never_leaves() {
    let secret = r#"{ ["title"] = "Raid", ["local"] = { ["seen"] = "mine alone" } }"#;
    let with = record(TableKind::News, EONAR, "7", AT, secret);
    let without = record(TableKind::News, EONAR, "7", AT, r#"{ ["title"] = "Raid" }"#);
    assert_eq!((&with, with.hash()), (&without, without.hash()));
    let mut w = Writer::new();
    with.encode(&mut w);
    let text = String::from_utf8_lossy(w.as_slice()).into_owned();
    assert!(text.contains("Raid") && !text.contains("mine alone"), "{text}");
}
