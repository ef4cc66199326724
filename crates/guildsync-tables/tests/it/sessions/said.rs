//! What is said in a session, by whom, and what is written down about it.

use guildsync_tables::message::{Batch, Busy, Change, Content, Message, Reply, Wanted};
use guildsync_tables::{
    Compare, Config, Dialect, Event, Failure, LogLevel, Outcome, Request, Side, TableKind,
    TableState,
};

use super::pair::{CLOCK, Sent, news, row};
use super::{differing, missing, two};

#[test]
fn one_message_opens_a_session_and_another_carries_its_records() {
    let mut world = two(&Config::default());
    world.give(1, [news(1, CLOCK - 1, "News")]);
    world.sync(0, 1);
    let names = world.names();
    assert_eq!(names.first(), Some(&"SYNC_INITIATE"));
    let carries = |sent: &Sent| match &sent.message {
        Message::Records { batch: Batch::Packed { count, .. }, .. } => *count > 0,
        Message::Records { batch: Batch::Plain(records), .. } => !records.is_empty(),
        _ => false,
    };
    let carriers: Vec<&str> =
        world.trace.iter().filter(|sent| carries(sent)).map(|sent| sent.message.name()).collect();
    assert_eq!(carriers, ["SYNC_DATA"]);
}

#[test]
fn a_session_has_a_number_and_each_table_a_state() {
    let mut world = two(&Config::default());
    differing(&mut world);
    let with = Some(vec![world.ones[1].name.clone()]);
    world.step(0, Event::Start { with, mode: None });
    world.run();
    let numbers: std::collections::BTreeSet<_> =
        world.trace.iter().filter_map(|sent| sent.message.session()).collect();
    assert_eq!(numbers.len(), 1, "every message of a session has its number");
    let states = &world.ones[0].states;
    assert_eq!(states.first().unwrap()[0], TableState::InProgress, "setup first");
    assert_eq!(states.last().unwrap(), &[TableState::Completed; 5]);
    for table in TableKind::ALL {
        let of: Vec<TableState> = states.iter().map(|states| states[table.index()]).collect();
        assert!(of.is_sorted(), "{table}: {of:?}");
    }
    let words = [TableState::Pending, TableState::InProgress, TableState::Completed];
    assert_eq!(words.map(|state| state.to_string()), ["Pending", "In Progress", "Completed"]);
    // Another session has another number.
    world.step(1, Event::Start { with: Some(vec![world.ones[0].name.clone()]), mode: None });
    world.run();
    let second = world.trace.last().unwrap().message.session().unwrap();
    assert!(!numbers.contains(&second));
}

#[test]
fn only_the_initiator_compares_and_its_metadata_does_not_travel() {
    for compare in [Compare::Fewest, Compare::Hashes, Compare::Metadata] {
        let mut world = two(&Config { compare, ..Config::default() });
        differing(&mut world);
        world.sync(0, 1);
        for sent in &world.trace {
            match (&sent.message, sent.from) {
                (
                    Message::Open(_) | Message::Pull { .. } | Message::RequestMetadata { .. },
                    from,
                ) => {
                    assert_eq!(from, 0);
                }
                (Message::Reply { reply: Reply::Ready { content, .. }, .. }, from) => {
                    assert_eq!(from, 1, "{content:?}");
                }
                _ => {}
            }
        }
        let told = world.trace.iter().filter_map(|sent| match &sent.message {
            Message::Reply { reply: Reply::Ready { content, .. }, .. } => Some(content),
            _ => None,
        });
        let is_metadata = |content: &&Content| matches!(content, Content::Metadata(_));
        assert_eq!(told.filter(is_metadata).count() > 0, compare == Compare::Metadata);
    }
}

#[test]
fn missing_records_are_asked_for_at_once_or_one_at_a_time() {
    for (request, expected) in [(Request::Batch, 1), (Request::Single, 20)] {
        for dialect in [Dialect::Compact, Dialect::Text] {
            let mut world = two(&Config { request, dialect, ..Config::default() });
            // With something of its own it does not simply ask for everything.
            world.give(0, [news(700, CLOCK - 3, "Mine")]);
            world.give(1, (0..20).map(missing));
            assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
            let asked: Vec<usize> = world
                .trace
                .iter()
                .filter_map(|sent| match &sent.message {
                    Message::Pull { wanted: Wanted::Hashes(all), .. } => Some(all.len()),
                    Message::Pull { wanted: Wanted::Keys(all), .. } => Some(all.len()),
                    _ => None,
                })
                .collect();
            assert_eq!(asked.len(), expected, "{request:?} {dialect:?}");
            assert_eq!(asked.iter().sum::<usize>(), 20);
            assert_eq!(world.ones[0].tables.len(), 21);
        }
    }
}

#[test]
fn in_text_each_record_says_whether_it_adds_updates_or_deletes() {
    let mut world = two(&Config { dialect: Dialect::Text, ..Config::default() });
    let (kept, dead) = (row("Kept-Eonar", CLOCK - 90, 7), row("Dead-Eonar", CLOCK - 90, 7));
    for one in 0..2 {
        world.give(one, [kept.clone(), dead.clone()]);
    }
    world.give(0, [row("Kept-Eonar", CLOCK - 9, 8), row("New-Eonar", CLOCK - 9, 1)]);
    world.ones[0].tables.delete(dead.key(), CLOCK - 8).unwrap();
    world.sync(0, 1);
    let mut changes: Vec<(String, Change)> = Vec::new();
    for sent in &world.trace {
        if let Message::Records { batch: Batch::Plain(records), .. } = &sent.message {
            let named = |(change, record): &(Change, guildsync_tables::Record)| {
                (record.id().to_string(), *change)
            };
            changes.extend(records.iter().map(named));
        }
    }
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    let expected = [
        ("Dead-Eonar", Change::Delete),
        ("Kept-Eonar", Change::Update),
        ("New-Eonar", Change::Add),
    ];
    assert_eq!(changes, expected.map(|(id, change)| (id.to_owned(), change)));
}

#[test]
fn in_text_a_deletion_is_a_line_of_its_own() {
    let mut world = two(&Config { dialect: Dialect::Text, ..Config::default() });
    let dead = row("Dead-Eonar", CLOCK - 90, 7);
    for one in 0..2 {
        world.give(one, [dead.clone()]);
    }
    world.ones[0].tables.delete(dead.key(), CLOCK - 8).unwrap();
    world.sync(0, 1);
    let texts = world.trace.iter().map(|sent| sent.message.to_bytes(Dialect::Text));
    let texts: Vec<String> =
        texts.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    let deletions: Vec<&str> = lines.filter(|line| line.starts_with("DELETE;")).collect();
    assert_eq!(
        deletions,
        [
            r#"DELETE;roster;Rest-Eonar;Dead-Eonar;deleted;true;lastUpdated="20241224002632";action=delete"#
        ]
    );
}

#[test]
fn results_read_as_the_seed_says() {
    let results = [
        (Outcome::Complete, "Sync Complete"),
        (
            Outcome::Failed(Failure::Busy(Busy::Fighting)),
            "Sync Failed: the other side is busy: in a fight",
        ),
        (Outcome::Error("rubbish".to_owned()), "Error Encountered: rubbish"),
    ];
    for (outcome, text) in results {
        assert_eq!(outcome.to_string(), text);
        assert!(text.starts_with(outcome.status()));
    }
}

#[test]
fn the_report_counts_what_went_and_came() {
    let mut world = two(&Config::default());
    differing(&mut world);
    let report = world.sync(0, 1).clone();
    let other = world.ones[1].reports.last().unwrap().clone();
    assert_eq!((report.received(), report.sent()), (other.sent(), other.received()));
    assert_eq!(
        (report.chunks_processed, report.chunks_sent),
        (other.chunks_sent, other.chunks_processed)
    );
    let roster = &report.tables[TableKind::Roster.index()];
    assert_eq!((roster.updated, roster.deleted, roster.added), (1, 1, 0), "{report:?}");
    assert_eq!(report.tables[TableKind::News.index()].added, 1);
    assert!(report.missing >= 3 && report.merged() == 3 && report.errors.is_empty());
    assert!(report.took_ms > 0 && report.rounds >= 2);
}

#[test]
fn each_side_writes_its_own_log_with_numbered_steps() {
    let mut world = two(&Config::default());
    differing(&mut world);
    world.sync(0, 1);
    let lines = |one: usize, side: Side| {
        let log = world.ones[one].saved.logs.of(side);
        log.map(ToString::to_string).collect::<Vec<String>>()
    };
    let (sender, receiver) = (lines(0, Side::Initiator), lines(1, Side::Responder));
    assert!(lines(0, Side::Responder).is_empty() && lines(1, Side::Initiator).is_empty());
    for step in [1, 2, 3, 4, 5, 6, 7, 8, 9] {
        let has = |log: &[String]| log.iter().any(|line| line.contains(&format!("step {step}:")));
        assert!(has(&sender), "step {step}: {sender:#?}");
        assert!(step == 1 || step == 4 || has(&receiver), "step {step}: {receiver:#?}");
    }
}

#[test]
fn a_log_is_short_or_has_the_data() {
    for (log, n_named) in [(LogLevel::Summary, 1), (LogLevel::Trace, 30)] {
        let mut world = two(&Config { log, ..Config::default() });
        world.give(1, (0..30).map(missing));
        world.sync(0, 1);
        let lines = world.ones[0].saved.logs.of(Side::Initiator);
        let came = lines.filter(|line| line.text.starts_with("received")).count();
        assert_eq!(came, n_named);
        let has_data = |line: &guildsync_tables::log::Line| line.text.contains("Bring flasks");
        let mut lines = world.ones[0].saved.logs.of(Side::Initiator);
        assert_eq!(lines.any(has_data), log == LogLevel::Trace);
    }
}

#[test]
fn the_same_events_at_the_same_times_give_the_same_messages() {
    let run = || {
        let mut world = two(&Config::default());
        differing(&mut world);
        world.give(1, (0..100).map(missing));
        world.sync(0, 1);
        world.trace.iter().map(|sent| format!("{sent:?}")).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}
