//! Batches: what is packed is opened, accepted, and nothing else is.

use guildsync_leader::batch::{ENTRIES_MAX, OpenError, PackError, open, pack};
use guildsync_leader::{Batch, SealPart};
use guildsync_log::batch::{last_rows, to_rows};
use guildsync_log::{Change, Draft, Entry, Frontier, Log, Segment};
use guildsync_types::{Hash, Reason, Stamp};
use proptest::prelude::*;

use crate::world::{Guild, at, base, guild, key, name, profile, pull, replica_at, writer};

/// A note of that second.
fn note(seconds: u64, reason: &str) -> Draft {
    Draft {
        stamp: at(seconds),
        actor: name("Oakhand"),
        change: Change::Note { about: None },
        reason: Reason::new(reason).unwrap(),
        origin: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_a_replica_lacks_is_packed_opened_and_accepted(
        seed: u64,
        n_writers in 1usize..6,
        n in 1usize..200,
        cuts in prop::collection::vec(0u64..60, 6),
        has_base: bool,
    ) {
        let log = guild(seed, n_writers, n).log;
        let held: Frontier = log
            .frontier()
            .iter()
            .zip(&cuts)
            .map(|((writer, last), cut)| (writer, last.min(*cut)))
            .collect();
        let mut other = replica_at(&log, &held);
        let segments = log.since(&held);
        let batch = pack(&log, has_base.then(|| (base(), &held)), &segments).unwrap();
        prop_assert!(has_base || batch.base.is_none());
        let opened = open(&other, Some(&held), &batch).unwrap();
        prop_assert_eq!(&opened, &segments);
        for segment in opened {
            other.accept(segment).unwrap();
        }
        prop_assert_eq!(other.heads(), log.heads());
    }

    #[test]
    fn the_rows_of_a_base_are_the_last_entries_in_replay_order(
        seed: u64,
        cuts in prop::collection::vec(0u64..40, 4),
        n in 0usize..120,
    ) {
        let log = mixed(seed);
        let base: Frontier = cuts.iter().zip(1..).map(|(&cut, n)| (writer(n), cut)).collect();
        let mut entries: Vec<Entry> =
            log.entries().filter(|e| e.id.seq <= base.last(e.id.writer)).collect();
        entries.drain(..entries.len().saturating_sub(n));
        let expected = to_rows(b"", entries.iter().map(|entry| (entry.id, &entry.draft)));
        prop_assert_eq!(last_rows(&log, &base, n), expected);
    }
}

/// A log with something of everything that an open profile's entries can be.
fn mixed(seed: u64) -> Log {
    let mut guild = guild(seed, 3, 60);
    let (entry, hash) = {
        let id = guildsync_types::EntryId { writer: writer(1), seq: 1 };
        let held = guild.log.entry(id).map(|entry| entry.id);
        (held, guild.log.entry_hash(id))
    };
    let mut drafts = vec![
        note(5, "long ago"),
        Draft { origin: Some(3), ..note(1_733_083_300, "imported") },
        Draft {
            change: Change::Unknown { kind: 400, bytes: vec![0, 255, 1] },
            ..note(1_733_083_400, "later kind")
        },
        Draft { change: Change::Note { about: Some(name("Brindle")) }, ..note(1_733_090_000, "") },
    ];
    if let (Some(of), Some(hash)) = (entry, hash) {
        drafts.push(Draft { change: Change::Undo { of, hash }, ..note(1_733_099_999, "") });
    }
    guild.log.append(&key(4), &drafts).unwrap();
    guild.log
}

#[test]
fn every_kind_of_entry_survives_and_so_do_stamps_that_fall() {
    let log = mixed(8);
    let segments = log.since(&Frontier::new());
    let batch = pack(&log, None, &segments).unwrap();
    let mut other = Log::new(profile());
    let opened = open(&other, None, &batch).unwrap();
    assert_eq!(opened, segments);
    opened.into_iter().for_each(|segment| _ = other.accept(segment).unwrap());
    assert_eq!(other.heads(), log.heads());
}

#[test]
fn more_entries_than_one_row_batch_holds_are_primed_by_those_before() {
    let log = guild(3, 4, 9000).log;
    let held = Frontier::from_iter([(writer(1), 40)]);
    let mut other = replica_at(&log, &held);
    let segments = log.since(&held);
    for base in [None, Some((base(), &held))] {
        let batch = pack(&log, base, &segments).unwrap();
        assert_eq!(batch.rows.len(), 3);
        assert_eq!(batch.rows[1][0], 0x12, "coded against the rows before");
        assert_eq!(open(&other, Some(&held), &batch).unwrap(), segments);
    }
    let batch = pack(&log, None, &segments).unwrap();
    for segment in open(&other, None, &batch).unwrap() {
        other.accept(segment).unwrap();
    }
    assert_eq!(other.heads(), log.heads());
}

#[test]
fn long_texts_take_smaller_row_batches() {
    let mut log = Log::new(profile());
    let draft = |n: u64| {
        let bytes = vec![n as u8; Change::UNKNOWN_BYTES_MAX];
        Draft { change: Change::Unknown { kind: 77, bytes }, ..note(n, "") }
    };
    log.append(&key(1), &(0..150).map(draft).collect::<Vec<_>>()).unwrap();
    let segments = log.since(&Frontier::new());
    let batch = pack(&log, None, &segments).unwrap();
    assert!(batch.rows.len() > 2, "{} row batches", batch.rows.len());
    assert_eq!(open(&Log::new(profile()), None, &batch).unwrap(), segments);
}

#[test]
fn each_row_batch_is_primed_by_the_thousand_entries_before_it_and_nothing_else() {
    let mut guild = guild(6, 2, 1200);
    let held = guild.log.frontier();
    let bytes = vec![7; Change::UNKNOWN_BYTES_MAX];
    let long = |n: u64| Draft {
        change: Change::Unknown { kind: 77, bytes: bytes.clone() },
        ..note(1_800_000_000 + n, "")
    };
    guild.log.append(&key(1), &(0..150).map(long).collect::<Vec<_>>()).unwrap();
    let batch = pack(&guild.log, Some((base(), &held)), &guild.log.since(&held)).unwrap();
    assert!(batch.rows.len() > 2);
    let entries: Vec<Entry> = guild.log.entries().collect();
    let mut n_before = 1200;
    for coded in &batch.rows {
        let before = &entries[n_before - 1000..n_before];
        let before = to_rows(b"", before.iter().map(|entry| (entry.id, &entry.draft)));
        let rows = guildsync_wire::rows::decode(coded, |number| {
            assert_eq!(number, 0);
            Some(&before)
        });
        let read = guildsync_log::batch::from_rows(&rows.unwrap()).unwrap();
        assert_eq!(read, entries[n_before..n_before + read.len()]);
        n_before += read.len();
    }
    assert_eq!(n_before, entries.len());
}

#[test]
fn a_base_that_saves_nothing_is_left_out_and_a_key_goes_along_where_it_is_not_known() {
    let mut guild = guild(1, 1, 2);
    let held = Frontier::from_iter([(writer(1), 2)]);
    let empty = Frontier::new();
    let news = guild.award(0, 1);
    let keyless = pack(&guild.log, Some((base(), &held)), std::slice::from_ref(&news)).unwrap();
    assert!(keyless.base.is_some() && keyless.seals[0].key.is_none());
    let whole = guild.log.since(&empty);
    let plain = pack(&guild.log, Some((base(), &empty)), &whole).unwrap();
    assert_eq!((plain.base, plain.seals[0].key), (None, Some(key(1).public())));
}

/// Two replicas of one key: `n` entries in common, then each its own.
fn forked(n: u64) -> (Log, Log) {
    let mut one = Log::new(profile());
    one.append(&key(1), &(1..=n).map(|s| note(s, "common")).collect::<Vec<_>>()).unwrap();
    let mut two = one.clone();
    one.append(&key(1), &[note(n + 1, "one"), note(n + 2, "one")]).unwrap();
    two.append(&key(1), &[note(n + 1, "two"), note(n + 2, "two"), note(n + 3, "two")]).unwrap();
    (one, two)
}

#[test]
fn branches_go_through_a_batch() {
    let (one, two) = forked(5);
    let mut both = one.clone();
    pull(&mut both, &two);
    assert_eq!(both.forks().len(), 1);
    let segments = both.since(&Frontier::new());
    assert!(segments.iter().any(|segment| segment.branch.is_some()));
    for mut other in [Log::new(profile()), one.clone(), two] {
        let batch = pack(&both, None, &segments).unwrap();
        for segment in open(&other, None, &batch).unwrap() {
            other.accept(segment).unwrap();
        }
        assert_eq!(other.heads(), both.heads());
    }
    // What comes behind both branches, coded against them, without a key or where the branch leaves.
    let base_of = |log: &Log| log.frontier();
    let held = base_of(&both);
    let newest = both.append(&key(1), &[note(50, "news")]).unwrap();
    let batch = pack(&both, Some((base(), &held)), std::slice::from_ref(&newest)).unwrap();
    let mut other = Log::new(profile());
    for segment in &segments {
        other.accept(segment.clone()).unwrap();
    }
    assert_eq!(open(&other, Some(&held), &batch).unwrap(), [newest]);
}

#[test]
fn whoever_holds_another_branch_gets_an_error_or_a_refusal_and_never_a_wrong_entry() {
    let (one, mut two) = forked(20);
    let before = one.heads();
    let held = Frontier::from_iter([(writer(1), 22)]);
    let news = two.append(&key(1), &[note(60, "news"), note(61, "more")]).unwrap();
    for base in [None, Some((base(), &held))] {
        let batch = pack(&two, base, std::slice::from_ref(&news)).unwrap();
        let mut other = one.clone();
        match open(&other, Some(&held), &batch) {
            Err(OpenError::Gap { missing }) => assert_eq!(missing, [(writer(1), 23)]),
            Err(_) => {}
            Ok(segments) => {
                for segment in segments {
                    other.accept(segment).unwrap_err();
                }
            }
        }
        assert_eq!(other.heads(), before);
    }
    // Behind entries of the same numbers: only the hashes tell.
    let tail = two.segment(writer(1), 23).unwrap();
    let batch = pack(&two, Some((base(), &held)), &[tail]).unwrap();
    let mut other = one.clone();
    for segment in open(&other, Some(&held), &batch).into_iter().flatten() {
        other.accept(segment).unwrap_err();
    }
    assert_eq!(other.heads(), before);
}

#[test]
fn what_is_lacking_is_named() {
    let mut guild = guild(2, 2, 80);
    let held = guild.log.frontier();
    let news = guild.award(0, 1);
    let batch = pack(&guild.log, Some((base(), &held)), std::slice::from_ref(&news)).unwrap();
    let less = Frontier::from_iter([(writer(1), 10), (writer(2), held.last(writer(2)))]);
    let other = replica_at(&guild.log, &less);
    let missing = vec![(writer(1), 11)];
    assert_eq!(
        open(&other, Some(&held), &batch),
        Err(OpenError::LacksBase { missing: missing.clone() })
    );
    assert_eq!(open(&other, None, &batch), Err(OpenError::UnknownBase));
    let lacks = pack(&other, Some((base(), &held)), std::slice::from_ref(&news));
    assert_eq!(lacks, Err(PackError::LacksBase { missing: missing.clone() }));
    let batch = pack(&guild.log, None, std::slice::from_ref(&news)).unwrap();
    assert_eq!(open(&other, None, &batch), Err(OpenError::Gap { missing }));
    let nothing = Log::new(profile());
    assert_eq!(open(&nothing, None, &batch), Err(OpenError::Gap { missing: vec![(writer(1), 1)] }));
    let keyless = Batch { seals: vec![SealPart { key: None, ..batch.seals[0].clone() }], ..batch };
    assert_eq!(open(&nothing, None, &keyless), Err(OpenError::NoKey { writer: writer(1) }));
}

#[test]
fn segments_that_no_log_gives_are_not_packed() {
    let log = guild(2, 1, 8).log;
    let whole = log.segment(writer(1), 1).unwrap();
    let pack = |segments: &[Segment]| pack(&log, None, segments).unwrap_err();
    assert_eq!(pack(&[whole.clone(), whole.clone()]), PackError::Twice { writer: writer(1) });
    let unsealed = PackError::Unsealed { writer: writer(1) };
    let mut short = whole.clone();
    short.drafts.pop();
    assert_eq!(pack(&[short]), unsealed);
    assert_eq!(pack(&[Segment { drafts: Vec::new(), ..whole.clone() }]), unsealed);
    let entries = ENTRIES_MAX + 1;
    let mut large = Segment { drafts: vec![note(1, ""); entries], ..whole };
    large.seal.seq = large.last();
    assert_eq!(pack(&[large]), PackError::TooLarge { entries });
}

#[test]
fn batches_that_no_replica_packs_are_errors() {
    let log = guild(5, 2, 40).log;
    let segments = log.since(&Frontier::new());
    let batch = pack(&log, None, &segments).unwrap();
    let other = Log::new(profile());
    let open = |batch: Batch| open(&other, None, &batch).unwrap_err();
    let mut fewer = batch.clone();
    fewer.seals.pop();
    assert_eq!(open(fewer), OpenError::Seals { seals: 1, writers: 2 });
    // The second half of a chain and its beginning, the middle missing.
    let mut torn = segments.clone();
    torn[0].drafts.remove(1);
    torn[0].seal.seq -= 1;
    let tail = pack(&log, None, &[torn[0].clone()]).unwrap();
    let mut rows = tail.rows.clone();
    let gapped = [(1u64, &torn[0].drafts[0]), (3, &torn[0].drafts[1])];
    let gapped = to_rows(
        b"",
        gapped
            .map(|(seq, draft)| (guildsync_types::EntryId { writer: torn[0].writer, seq }, draft)),
    );
    rows[0] =
        guildsync_wire::rows::encode(&gapped, guildsync_wire::rows::Mode::Small).unwrap().into();
    let torn = OpenError::Torn { writer: torn[0].writer, seq: 3 };
    assert_eq!(open(Batch { rows, ..tail }), torn);
    let empty = guildsync_wire::rows::encode(
        &guildsync_wire::rows::Rows::default(),
        guildsync_wire::rows::Mode::Small,
    );
    let rows = vec![empty.unwrap().into()];
    assert_eq!(open(Batch { rows, ..batch.clone() }), OpenError::Empty { place: 0 });
    let rows = vec![batch.rows[0].clone(); 300];
    let what = "row batches";
    assert_eq!(open(Batch { rows, ..batch.clone() }), OpenError::TooMany { what, limit: 256 });
    let rows = vec![vec![0x12, 7, 0].into()];
    assert!(matches!(open(Batch { rows, ..batch.clone() }), OpenError::Rows { place: 0, .. }));
    // A branch that leaves nowhere.
    let mut astray = batch;
    let nowhere = guildsync_log::Branch { root: writer(1), first: 0, base: Hash::default() };
    astray.seals[0].branch = Some(nowhere);
    assert!(matches!(open(astray), OpenError::Branch { .. }));
}

#[test]
fn a_seal_that_was_changed_is_refused() {
    let log = guild(5, 1, 10).log;
    let mut batch = pack(&log, None, &log.since(&Frontier::new())).unwrap();
    batch.seals[0].signature.0[3] ^= 1;
    let mut other = Log::new(profile());
    let opened = open(&other, None, &batch).unwrap();
    other.accept(opened[0].clone()).unwrap_err();
    assert!(other.is_empty());
}

#[test]
fn a_guild_of_one_writer_and_late_stamps_counts_within_the_second() {
    let mut guild = Guild::new(1, 1);
    let stamp = Stamp::new(1_700_000_000, u16::MAX).unwrap();
    guild.log.append(&key(1), &[Draft { stamp, ..note(1, "") }]).unwrap();
    let segments = guild.log.since(&Frontier::new());
    let batch = pack(&guild.log, None, &segments).unwrap();
    assert_eq!(open(&Log::new(profile()), None, &batch).unwrap(), segments);
}
