//! What a peer must not be able to do: each ends in a clear error or in time, and changes nothing.

use guildsync_tables::message::{Batch, Done, Last, Message, Refused, Reply, SessionId, Wanted};
use guildsync_tables::{Config, Event, Failure, Outcome, Record, Refusal, TableKind, TableState};
use guildsync_types::Digest;
use guildsync_wire::lua::{Limits, parse_value, to_compact};
use guildsync_wire::records::Stream;

use super::pair::{CLOCK, Sent, World, member, news, row, texts};
use super::{differing, two};

/// A session in which member 1 has news that member 0 lacks, up to the point where it sends them.
fn pulling() -> (World, SessionId, u8) {
    let mut world = two(&Config::default());
    world.give(1, [news(1, CLOCK - 1, "News")]);
    let with = Some(vec![member("Brindle-Eonar")]);
    world.step(0, Event::Start { with, mode: None });
    let pull = |sent: &Sent| match &sent.message {
        Message::Pull { session, round, .. } => Some((*session, *round)),
        _ => None,
    };
    loop {
        assert!(world.go_on());
        if let Some((session, round)) = world.trace.last().and_then(pull) {
            world.queue.clear();
            return (world, session, round);
        }
    }
}

fn says(world: &mut World, from: &str, message: Message) {
    world.step(0, Event::Received { from: member(from), message });
}

fn batch_of(value: &str) -> Batch {
    let limits = Limits { depth: 100, ..Limits::default() };
    let value = parse_value(value, &limits).unwrap();
    let bytes = Stream::new(&[]).unwrap().encode(&[value]).unwrap();
    Batch::Packed { count: 1, base: empty_base(), bytes: bytes.into() }
}

/// The check of an empty base, as anybody sees it who has nothing and asks for everything.
fn empty_base() -> Option<u16> {
    let mut world = two(&Config::default());
    world.give(1, [news(1, CLOCK - 1, "News")]);
    world.sync(0, 1);
    let base = |sent: &Sent| match &sent.message {
        Message::Records { batch: Batch::Packed { base, .. }, .. } => *base,
        _ => None,
    };
    Some(world.trace.iter().find_map(base).expect("a first batch says its base"))
}

const LAST: Option<Last> = Some(Last { digest: Digest([0; 8]) });

#[test]
fn a_batch_that_holds_no_records_is_told_and_changes_nothing() {
    let entry = |fields: &str| format!("{{ id = \"1\", guildName = \"Rest-Eonar\", {fields} }}");
    let plain = "lastUpdated = \"20241215085707\", deleted = false";
    let large = "x".repeat(100_000);
    let deep = format!("{}{}", "{".repeat(40), "}".repeat(40));
    let table = [
        (
            entry(&format!("tableType = \"news\", {plain}, data = {{ title = \"{large}\" }}")),
            "65536",
        ),
        (entry(&format!("tableType = \"news\", {plain}, data = {{ deep = {deep} }}")), "32"),
        (entry(&format!("tableType = \"metadata\", {plain}, data = {{}}")), "metadata"),
        (entry(&format!("tableType = \"UserStatus\", {plain}, data = {{}}")), "UserStatus"),
        (entry("tableType = \"news\", deleted = false, data = {}"), "lastUpdated"),
        (
            entry("tableType = \"news\", lastUpdated = \"soon\", deleted = false, data = {}"),
            "lastUpdated",
        ),
        ("{ \"not\", \"an entry\" }".to_owned(), "tableType"),
    ];
    for (value, named) in table {
        let (mut world, session, round) = pulling();
        let before = texts(&world.ones[0].tables);
        let batch = batch_of(&value);
        says(
            &mut world,
            "Brindle-Eonar",
            Message::Records { session, round, number: 0, last: LAST, batch },
        );
        let (errors, refusals) = (errors_of(&world), &world.ones[0].refusals);
        assert!(errors.contains(named), "{errors:?}, not {named}");
        assert!(matches!(refusals[..], [Refusal::Nonsense(_)]), "{refusals:?}");
        assert_eq!(texts(&world.ones[0].tables), before);
        // It was one batch that made no sense: table by table the session goes on.
        world.run();
        let report = world.ones[0].reports.last().unwrap();
        assert_eq!((&report.outcome, report.errors.len()), (&Outcome::Complete, 1));
        assert_eq!(texts(&world.ones[0].tables), texts(&world.ones[1].tables));
    }
}

/// What the log of a member's own sessions says went wrong.
fn errors_of(world: &World) -> String {
    let lines = world.ones[0].sync.saved().logs.of(guildsync_tables::Side::Initiator);
    lines.map(|line| line.text.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn bytes_that_are_no_batch_change_nothing_and_in_the_end_the_session_fails() {
    let mut world = two(&Config::default());
    world.give(1, [news(1, CLOCK - 1, "News"), row("Row-Eonar", CLOCK - 1, 7)]);
    world.tamper = |sent| {
        if let (1, Message::Records { batch: Batch::Packed { bytes, .. }, .. }) =
            (sent.from, &mut sent.message)
        {
            *bytes = b"SYNC_END;rubbish".to_vec().into();
        }
    };
    let report = world.sync(0, 1).clone();
    let Outcome::Error(why) = &report.outcome else { panic!("{:?}", report.outcome) };
    assert_eq!(report.outcome.status(), "Error Encountered");
    assert!(why.starts_with("news, roster: "), "{why}");
    assert!(world.ones[0].tables.is_empty());
    assert!(world.trace.len() < 40);
}

#[test]
fn a_table_that_fails_stops_no_other() {
    let mut world = two(&Config::default());
    let good = row("Row-Eonar", CLOCK - 1, 7);
    world.give(1, [news(1, CLOCK - 1, "News"), good.clone()]);
    world.give(0, [news(2, CLOCK - 1, "Mine")]);
    // Whatever has news in it comes damaged.
    world.tamper = |sent| {
        if let (1, Message::Records { batch: Batch::Packed { bytes, .. }, .. }) =
            (sent.from, &mut sent.message)
        {
            // Nothing is common here, so a batch can be read by itself.
            let records = Stream::new(&[]).unwrap().decode(bytes).unwrap();
            if records.iter().any(|one| to_compact(one).contains("\"news\"")) {
                *bytes = b"\x1arubbish".to_vec().into();
            }
        }
    };
    let report = world.sync(0, 1).clone();
    let state = |table: TableKind| report.tables[table.index()].state;
    assert!(matches!(report.outcome, Outcome::Error(_)), "{report:?}");
    assert_eq!(state(TableKind::Roster), TableState::Completed);
    assert_ne!(state(TableKind::News), TableState::Completed);
    assert_eq!(world.ones[0].tables.get(good.key()), Some(&good));
}

#[test]
fn a_session_of_somebody_else_is_none_of_ours() {
    let (mut world, session, round) = pulling();
    let records = |session| Message::Records {
        session,
        round,
        number: 0,
        last: LAST,
        batch: Batch::Plain(Vec::new()),
    };
    let n_before = world.trace.len();
    says(&mut world, "Cinder-Eonar", records(session));
    says(&mut world, "Brindle-Eonar", records(SessionId(session.0 ^ 1)));
    let wanted = Wanted::All;
    let pull = Message::Pull { session, round, first: 0, primed: false, coming: 0, wanted };
    says(&mut world, "Cinder-Eonar", pull);
    assert!(matches!(
        world.ones[0].refusals[..],
        [Refusal::NotASession(_), Refusal::NotASession(_), Refusal::NotASession(_)]
    ));
    // The one to whom it means nothing is told so; answers and ends are answered with silence.
    assert_eq!(world.trace[n_before..].len(), 1, "one of them is known to the world");
    let ack = Message::Ack { session: SessionId(9), round, next: 7, done: Done::Equal };
    let close = Message::Close { session: SessionId(9), why: Refused::Reset };
    let n_before = world.trace.len();
    says(&mut world, "Brindle-Eonar", ack);
    says(&mut world, "Brindle-Eonar", close);
    assert_eq!(world.trace.len(), n_before);
    assert_eq!(world.ones[0].sync.running().count(), 1, "the session runs on");
    assert!(world.ones[0].tables.is_empty());
}

#[test]
fn batches_of_a_finished_session_are_answered_and_change_nothing() {
    let mut world = two(&Config::default());
    differing(&mut world);
    assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
    let (before, n_reports) = (texts(&world.ones[1].tables), world.ones[1].reports.len());
    let late: Vec<Sent> = world.trace.iter().filter(|sent| sent.to == 1).cloned().collect();
    for sent in late {
        if !matches!(sent.message, Message::Open(_)) {
            let from = world.ones[0].name.clone();
            world.step(1, Event::Received { from, message: sent.message });
        }
    }
    world.run();
    assert_eq!(texts(&world.ones[1].tables), before);
    assert_eq!(world.ones[1].reports.len(), n_reports);
}

#[test]
fn records_that_are_told_of_and_never_come_are_an_error_in_the_end() {
    let mut world = two(&Config::default());
    world.give(1, [news(1, CLOCK - 1, "Told of")]);
    world.give(0, [news(2, CLOCK - 1, "Mine")]);
    world.tamper = |sent| {
        if let (1, Message::Records { batch, .. }) = (sent.from, &mut sent.message) {
            *batch = Batch::Plain(Vec::new());
        }
    };
    let report = world.sync(0, 1).clone();
    assert_eq!(report.outcome, Outcome::Error("3 records that were told of never came".to_owned()));
    assert_eq!(world.ones[0].tables.len(), 1);
    assert_eq!(world.ones[1].tables.len(), 2, "what could be done was done");
}

#[test]
fn records_that_come_from_the_future_are_held_and_taken_in_when_it_is_there() {
    let mut world = two(&Config::default());
    let future: Record = news(1, CLOCK + 3 * 86_400, "Not yet");
    let merged = world.ones[1].tables.merge(future.clone(), CLOCK + 3 * 86_400).merged;
    assert!(merged.is_change());
    world.ones[1].skew = 3 * 86_400;
    let report = world.sync(0, 1).clone();
    assert_eq!((report.outcome, report.held), (Outcome::Complete, 1));
    assert!(world.ones[0].tables.is_empty());
    // It is held here, so it is not fetched again.
    let n_before = world.trace.len();
    assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
    let again = &world.trace[n_before..];
    assert!(!again.iter().any(|sent| matches!(sent.message, Message::Pull { .. })));
    let released = world.ones[0].tables.release(CLOCK + 3 * 86_400);
    assert_eq!((released, world.ones[0].tables.len()), (1, 1));
}

#[test]
fn what_the_other_side_holds_back_is_not_pushed_for_ever() {
    let mut world = two(&Config::default());
    world.give(0, [news(2, CLOCK - 2, "Now")]);
    let future = news(1, CLOCK + 3 * 86_400, "Not yet");
    world.ones[0].tables.merge(future, CLOCK + 3 * 86_400);
    let report = world.sync(0, 1).clone();
    assert_eq!((report.outcome, report.rounds), (Outcome::Complete, 2));
    assert_eq!(world.ones[1].tables.len(), 1);
}

#[test]
fn a_stale_push_never_overwrites_what_is_newer() {
    let mut world = two(&Config::default());
    let (old, new) = (news(1, CLOCK - 100, "Old"), news(1, CLOCK - 10, "New"));
    world.give(0, [old]);
    // While the session runs, the other side edits the record that is coming.
    let with = Some(vec![member("Brindle-Eonar")]);
    world.step(0, Event::Start { with, mode: None });
    world.go_on();
    world.go_on();
    world.give(1, [new.clone()]);
    world.run();
    for one in &world.ones {
        assert_eq!(one.tables.get(new.key()).unwrap().hash(), new.hash());
    }
}

#[test]
fn nonsense_for_every_message_of_a_session_ends_it_in_bounded_time() {
    let mut world = two(&Config::default());
    differing(&mut world);
    world.tamper = |sent| {
        if let (1, Message::Reply { reply: Reply::Ready { content, .. }, .. }) =
            (sent.from, &mut sent.message)
        {
            *content = guildsync_tables::message::Content::Sketch { from: 0, values: vec![7; 20] };
        }
    };
    let report = world.sync(0, 1).clone();
    assert_ne!(report.outcome, Outcome::Complete);
    assert!(world.trace.len() < 40, "{}", world.trace.len());
    assert!(
        matches!(report.outcome, Outcome::Failed(Failure::Silent) | Outcome::Error(_)),
        "{report:?}"
    );
}
