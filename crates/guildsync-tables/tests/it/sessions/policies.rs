//! Policies of a session: busy and ready, fresh users, acknowledgements, one at a time, limits.

use guildsync_tables::message::{Busy, Done, Message, Reply, Status};
use guildsync_tables::{
    Ack, Compare, Config, Event, Failure, Mode, Outcome, Ready, Refusal, Request, TableOrder,
    TableState, Together, Yield,
};

use super::pair::{CLOCK, World, news, texts, union};
use super::{differing, two};

#[test]
fn every_way_to_compare_ask_and_acknowledge_ends_with_the_union() {
    let compares = [Compare::Fewest, Compare::Hashes, Compare::Metadata];
    for compare in compares {
        for (ack, request) in [
            (Ack::Session, Request::Batch),
            (Ack::Chunk, Request::Batch),
            (Ack::Table, Request::Single),
        ] {
            for dialect in [guildsync_tables::Dialect::Compact, guildsync_tables::Dialect::Text] {
                let config = Config { compare, ack, request, dialect, ..Config::default() };
                let mut world = two(&config);
                differing(&mut world);
                world.give(0, (300..500).map(super::missing));
                world.give(1, (500..700).map(super::missing));
                let expected = union(world.ones.iter().map(|one| &one.tables));
                let report = world.sync(0, 1).clone();
                assert_eq!(report.outcome, Outcome::Complete, "{config:?}");
                for one in &world.ones {
                    assert_eq!(texts(&one.tables), expected, "{config:?}");
                }
                assert!(report.tables.iter().all(|table| table.state == TableState::Completed));
                let acks = |done: fn(&Done) -> bool| {
                    let is_it = |sent: &super::pair::Sent| match &sent.message {
                        Message::Ack { done: found, .. } => done(found),
                        _ => false,
                    };
                    world.trace.iter().filter(|sent| is_it(sent)).count()
                };
                let chunks = acks(|done| *done == Done::Batches);
                let tables = acks(|done| matches!(done, Done::Tables(_)));
                assert_eq!(chunks > 0, ack == Ack::Chunk, "{config:?}");
                assert!(tables == 0 || ack == Ack::Table, "{config:?}");
                assert!(acks(|done| *done == Done::Equal) >= 1);
            }
        }
    }
}

/// The tables in the order in which a member's log calls them complete.
fn completed(world: &World, one: usize) -> Vec<String> {
    let log = world.ones[one].saved.logs.of(guildsync_tables::Side::Initiator);
    let table = |text: &str| Some(text.split_once(" is complete")?.0.to_owned());
    log.filter_map(|line| table(&line.text)).collect()
}

#[test]
fn tables_are_completed_in_order_together_or_one_by_one() {
    use guildsync_tables::TableKind::{Calendar, GuildInfo, News, Roster, Setup};
    let seed_004 = TableOrder::new([Setup, Roster, News, GuildInfo, Calendar]).unwrap();
    for order in [TableOrder::default(), seed_004] {
        for tables in [Together::AllButSetup, Together::OneByOne] {
            let mut world = two(&Config { order, tables, ..Config::default() });
            differing(&mut world);
            let expected = union(world.ones.iter().map(|one| &one.tables));
            assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
            for one in &world.ones {
                assert_eq!(texts(&one.tables), expected, "{tables:?}");
                assert_eq!(one.reports.len(), 1, "{tables:?}");
            }
            let completed = completed(&world, 0);
            assert_eq!(completed.len(), 5, "{completed:?}");
            // What is equal is complete at once; what is transferred, in order.
            let place = |name: &String| order.place(name.parse().unwrap());
            let moved = ["setup", "news", "roster"];
            let moved: Vec<usize> =
                completed.iter().filter(|name| moved.contains(&name.as_str())).map(place).collect();
            assert!(moved.is_sorted(), "{completed:?}");
            if tables == Together::OneByOne {
                let all: Vec<usize> = completed.iter().map(place).collect();
                assert_eq!(all, [0, 1, 2, 3, 4]);
            }
        }
    }
}

#[test]
fn busy_is_answered_and_ends_the_attempt() {
    let table: [(Config, (bool, bool), Option<Busy>); 6] = [
        (Config::default(), (true, false), Some(Busy::Fighting)),
        (
            Config { ready: Ready::Ungrouped, ..Config::default() },
            (false, true),
            Some(Busy::Grouped),
        ),
        (Config { ready: Ready::Ungrouped, ..Config::default() }, (false, false), None),
        (
            Config { ready: Ready::Grouped, ..Config::default() },
            (false, false),
            Some(Busy::Ungrouped),
        ),
        (Config { ready: Ready::Grouped, ..Config::default() }, (false, true), None),
        (Config { enabled: false, ..Config::default() }, (false, false), Some(Busy::Disabled)),
    ];
    for (config, (fighting, grouped), busy) in table {
        let mut world = two(&Config::default());
        world.give(1, [news(1, CLOCK - 1, "News")]);
        world.ones[1].sync.set_config(config);
        world.step(1, Event::Situation { fighting, grouped });
        let outcome = world.sync(0, 1).outcome.clone();
        match busy {
            Some(why) => {
                assert_eq!(outcome, Outcome::Failed(Failure::Busy(why)));
                assert!(world.ones[0].tables.is_empty());
                assert!(world.ones[1].sync.is_settled());
                // Nor does it begin one itself.
                world.step(1, Event::Start { with: None, mode: None });
                assert_eq!(world.ones[1].refusals, [Refusal::NotReady(why)]);
            }
            None => assert_eq!(outcome, Outcome::Complete),
        }
    }
}

#[test]
fn who_is_online_is_asked_and_answered() {
    let mut world = two(&Config::default());
    world.step(1, Event::Situation { fighting: true, grouped: true });
    world.step(0, Event::Ask);
    world.run();
    assert_eq!(world.names(), ["WHO_IS_ONLINE", "I_AM_BUSY"]);
    let Message::Presence { status, last_sync } = &world.trace[1].message else { panic!() };
    assert_eq!((*status, *last_sync), (Status::Busy(Busy::Fighting), None));
    world.step(1, Event::Situation { fighting: false, grouped: false });
    world.sync(0, 1);
    world.step(0, Event::Ask);
    world.run();
    let last = &world.trace.last().unwrap().message;
    assert!(
        matches!(last, Message::Presence { status: Status::Ready, last_sync: Some(_) }),
        "{last:?}"
    );
}

#[test]
fn users_go_one_after_the_other_and_fresh_ones_are_skipped_unless_named() {
    let names = ["Oakhand-Eonar", "Brindle-Eonar", "Cinder-Eonar", "Doran-Eonar"];
    let mut world = World::new(&names.map(|name| (name, "Rest-Eonar")), &Config::default());
    for one in 0..4 {
        world.give(one, [news(one as u64, CLOCK - 9, "News")]);
    }
    world.step(0, Event::Start { with: None, mode: None });
    loop {
        assert!(world.ones[0].sync.running().count() <= 1);
        if !world.go_on() {
            break;
        }
    }
    assert_eq!(world.ones[0].reports.len(), 3);
    assert_eq!(world.ones[0].tables.len(), 4);
    world.step(0, Event::Start { with: None, mode: None });
    assert_eq!(world.ones[0].refusals, [Refusal::Nobody]);
    world.sync(0, 1);
    assert_eq!(world.ones[0].reports.len(), 4, "who is named is synced however fresh");
    world.now += 25 * 3_600_000;
    world.step(0, Event::Start { with: None, mode: None });
    world.run();
    assert_eq!(world.ones[0].reports.len(), 7);
}

#[test]
fn several_sessions_run_side_by_side_if_the_policy_says_so() {
    let names = ["Oakhand-Eonar", "Brindle-Eonar", "Cinder-Eonar", "Doran-Eonar"];
    let config = Config { sessions: 3, ..Config::default() };
    let mut world = World::new(&names.map(|name| (name, "Rest-Eonar")), &config);
    for one in 0..4 {
        world.give(one, (0..120).map(|n| super::missing(n * 4 + one as u64)));
    }
    world.step(0, Event::Start { with: None, mode: None });
    assert_eq!(world.ones[0].sync.running().count(), 3);
    world.run();
    assert_eq!(world.ones[0].tables.len(), 480);
    assert!(world.ones[0].reports.iter().all(|report| report.outcome == Outcome::Complete));
}

#[test]
fn both_may_begin_at_once() {
    let mut world = two(&Config::default());
    differing(&mut world);
    let expected = union(world.ones.iter().map(|one| &one.tables));
    for one in 0..2 {
        let with = Some(vec![world.ones[1 - one].name.clone()]);
        world.step(one, Event::Start { with, mode: None });
    }
    world.run();
    for one in &world.ones {
        assert_eq!(texts(&one.tables), expected);
        assert_eq!(one.reports.last().unwrap().outcome, Outcome::Complete);
    }
}

#[test]
fn a_session_ends_at_its_limit_on_both_sides() {
    let config = Config { limit_ms: 60 * 60_000, attempts: 1000, ..Config::default() };
    let mut world = two(&config);
    differing(&mut world);
    let with = Some(vec![world.ones[1].name.clone()]);
    world.step(0, Event::Start { with, mode: None });
    for _ in 0..3 {
        world.go_on();
    }
    // From here on nothing arrives.
    world.lost.extend(world.trace.len()..world.trace.len() + 100_000);
    let began = world.now;
    world.run();
    assert!(world.now - began <= 61 * 60_000);
    assert_eq!(world.ones[0].reports.last().unwrap().outcome, Outcome::Failed(Failure::TimedOut));
    assert!(world.ones.iter().all(|one| one.sync.is_settled()));
}

#[test]
fn a_peer_that_answers_busy_for_ever_costs_one_message_each_time() {
    let mut world = two(&Config::default());
    world.step(1, Event::Situation { fighting: true, grouped: false });
    for round in 1..=5 {
        let outcome = world.sync(0, 1).outcome.clone();
        assert_eq!(outcome, Outcome::Failed(Failure::Busy(Busy::Fighting)));
        assert_eq!(world.trace.len(), round * 2);
        let busy = &world.trace.last().unwrap().message;
        assert!(matches!(busy, Message::Reply { reply: Reply::Busy(_), .. }));
    }
}

#[test]
fn a_silent_peer_costs_a_bounded_time_and_the_next_user_is_served() {
    let names = ["Oakhand-Eonar", "Brindle-Eonar", "Cinder-Eonar"];
    let mut world = World::new(&names.map(|name| (name, "Rest-Eonar")), &Config::default());
    world.give(2, [news(1, CLOCK - 1, "News")]);
    world.step(0, Event::Start { with: None, mode: None });
    while world.ones[0].sync.running().count() > 0 || !world.ones[0].sync.is_settled() {
        world.queue.retain(|sent| sent.to != 1);
        assert!(world.go_on());
    }
    let outcomes: Vec<_> = world.ones[0].reports.iter().map(|report| &report.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Failed(Failure::Silent), &Outcome::Complete]);
    assert_eq!(world.ones[0].tables.len(), 1);
}

#[test]
fn a_reset_ends_sessions_and_forgets_what_is_unfinished() {
    let mut world = two(&Config::default());
    differing(&mut world);
    let with = Some(vec![world.ones[1].name.clone()]);
    world.step(0, Event::Start { with, mode: None });
    world.go_on();
    world.go_on();
    world.step(0, Event::Reset);
    world.run();
    assert!(world.ones[0].saved.unfinished.is_empty());
    assert_eq!(world.ones[0].reports.last().unwrap().outcome, Outcome::Failed(Failure::Reset));
    assert!(world.ones.iter().all(|one| one.sync.is_settled()));
    assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
}

#[test]
fn long_work_pauses_as_the_policy_says() {
    let yields = Yield::Every { records: 48, pause_ms: 100 };
    let mut took = Vec::new();
    for yields in [Yield::Host, yields] {
        let mut world = two(&Config { yields, ..Config::default() });
        world.ones.iter_mut().for_each(|one| one.sync.use_frame(1 << 20, 0));
        world.give(1, (0..480).map(super::missing));
        let began = world.now;
        assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
        assert_eq!(world.ones[0].tables.len(), 480);
        took.push(world.now - began);
    }
    assert!(took[1] >= took[0] + 500, "{took:?}");
}

#[test]
fn days_are_sent_as_one_cut_and_all_has_none() {
    for (mode, cut) in [
        (Mode::Days(7), Some(CLOCK - 7 * 86_400)),
        (Mode::Days(14), Some(CLOCK - 14 * 86_400)),
        (Mode::All, None),
    ] {
        let mut world = two(&Config { mode, ..Config::default() });
        world.sync(0, 1);
        let Message::Open(open) = &world.trace[0].message else { panic!() };
        assert_eq!(open.cut, cut);
    }
}
