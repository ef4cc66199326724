//! Sessions between members, message by message.

mod addon_bugs;
mod guilds;
mod hostile;
mod pair;
mod policies;
mod rights;
mod said;

use guildsync_tables::message::{Batch, Message};
use guildsync_tables::{Config, Dialect, Event, Mode, Outcome, Record, TableState};
use pair::{CLOCK, World, news, row, setup, texts, union};

const DAY: u64 = 86_400;

fn two(config: &Config) -> World {
    World::new(&[("Oakhand-Eonar", "Rest-Eonar"), ("Brindle-Eonar", "Rest-Eonar")], config)
}

/// Both have common records, and each has some that the other lacks, edited and deleted ones among them.
fn differing(world: &mut World) {
    let common: Vec<_> =
        (0..40).map(|n| row(&format!("Row{n}-Eonar"), CLOCK - 3 * DAY, 70 + n)).collect();
    let old: Vec<_> = (0..20).map(|n| news(n, CLOCK - 5 * DAY, &format!("News {n}"))).collect();
    for one in 0..2 {
        world.give(one, common.clone());
        world.give(one, old.clone());
    }
    world.give(0, [news(100, CLOCK - 60, "Raid at eight"), row("Newcomer-Eonar", CLOCK - 50, 12)]);
    world.give(1, [news(101, CLOCK - 40, "Bank cleaned"), row("Row3-Eonar", CLOCK - 30, 80)]);
    let key = old[4].key().clone();
    world.ones[0].tables.delete(&key, CLOCK - 10).unwrap();
    let key = common[7].key().clone();
    world.ones[1].tables.delete(&key, CLOCK - 9).unwrap();
    world.give(0, [setup("Rest-Eonar", CLOCK - 2 * DAY, &["Rest-Eonar", "Rest-Alleria"])]);
}

#[test]
fn equal_tables_take_one_message_each_way() {
    let mut world = two(&Config::default());
    for one in 0..2 {
        world.give(one, (0..100).map(|n| news(n, CLOCK - n * DAY, "Same")));
    }
    let report = world.sync(0, 1);
    assert_eq!(report.outcome, Outcome::Complete);
    assert!(report.tables.iter().all(|table| table.state == TableState::Completed));
    assert_eq!(world.names(), ["SYNC_INITIATE", "NO_META"]);
    assert_eq!(world.ones[1].reports.len(), 1);
}

#[test]
fn both_sides_end_with_the_union() {
    for mode in [Mode::Days(7), Mode::Days(1), Mode::All] {
        let mut world = two(&Config { mode, ..Config::default() });
        differing(&mut world);
        let expected = union(world.ones.iter().map(|one| &one.tables));
        let report = world.sync(0, 1).clone();
        eprintln!("{:?} {:?}", world.names(), report);
        assert_eq!(report.outcome, Outcome::Complete, "{report:?}");
        for one in &world.ones {
            assert_eq!(texts(&one.tables), expected);
        }
        assert_eq!(world.ones[1].reports.last().unwrap().outcome, Outcome::Complete);
        assert!(world.ones.iter().all(|one| one.refusals.is_empty()));
    }
}

/// How many records a message carries.
fn carried(sent: &pair::Sent) -> usize {
    match &sent.message {
        Message::Records { batch: Batch::Packed { count, .. }, .. } => *count as usize,
        Message::Records { batch: Batch::Plain(records), .. } => records.len(),
        _ => 0,
    }
}

fn records_carried(world: &World) -> usize {
    world.trace.iter().map(carried).sum()
}

fn largest_batch(world: &World) -> usize {
    world.trace.iter().map(carried).max().unwrap_or(0)
}

/// A record that no other foretells.
fn missing(n: u64) -> Record {
    let words: Vec<String> =
        (1..5).map(|k| format!("{:x}", 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(n * 8 + k))).collect();
    news(n, CLOCK - n, &words.join(" "))
}

/// Interrupts a session of `lack` missing records at every message, and looks how it ends.
fn interrupted_everywhere(config: &Config, lacks: u64, interrupt: impl Fn(&mut World)) {
    let prepare = || {
        let mut world = two(config);
        differing(&mut world);
        world.give(1, (200..200 + lacks).map(missing));
        world.give(0, (600..600 + lacks).map(missing));
        world
    };
    let mut smooth = prepare();
    let expected = union(smooth.ones.iter().map(|one| &one.tables));
    assert_eq!(smooth.sync(0, 1).outcome, Outcome::Complete);
    let (n_messages, n_records) = (smooth.trace.len(), records_carried(&smooth));
    for after in 1..n_messages {
        let mut world = prepare();
        let with = Some(vec![world.ones[1].name.clone()]);
        world.step(0, Event::Start { with, mode: None });
        while world.trace.len() < after && world.go_on() {}
        interrupt(&mut world);
        world.run();
        let report = world.ones[0].reports.last();
        assert_eq!(report.map(|report| &report.outcome), Some(&Outcome::Complete), "after {after}");
        for one in &world.ones {
            assert_eq!(texts(&one.tables), expected, "after {after}");
        }
        // At most what was on its way in both directions comes again.
        let n_again = records_carried(&world) - n_records.min(records_carried(&world));
        assert!(
            n_again <= 6 * largest_batch(&world),
            "after {after}: {n_again} of {n_records} records again"
        );
    }
}

#[test]
fn an_initiator_that_restarts_at_any_message_goes_on() {
    interrupted_everywhere(&Config::default(), 500, |world| world.restart(0));
}

#[test]
fn a_responder_that_restarts_at_any_message_is_gone_on_with() {
    interrupted_everywhere(&Config::default(), 500, |world| world.restart(1));
}

#[test]
fn both_may_restart_at_any_message() {
    interrupted_everywhere(&Config::default(), 100, |world| {
        world.restart(0);
        world.restart(1);
    });
}

#[test]
fn any_lost_message_is_made_up_for() {
    for config in [Config::default(), Config { dialect: Dialect::Text, ..Config::default() }] {
        interrupted_everywhere(&config, 60, |world| {
            let n = world.trace.len();
            world.queue.clear();
            world.lost.extend([n + 1, n + 4]);
        });
    }
}
