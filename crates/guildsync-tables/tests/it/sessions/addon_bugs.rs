//! The addon's bugs C30 to C38, as far as sessions are concerned: each by name.

use std::collections::BTreeSet;

use guildsync_tables::message::{Batch, Message};
use guildsync_tables::{Config, Event, Merged, Mode, Outcome, TableKind, TableState};

use super::pair::{CLOCK, World, news, record, row, setup, texts, union};
use super::{differing, missing, two};

const DAY: u64 = 86_400;

#[test]
fn c30_a_pull_does_not_stop_the_session_at_its_table() {
    let mut world = two(&Config::default());
    world.give(0, [setup("Rest-Eonar", CLOCK - 9, &[])]);
    world.give(1, [news(1, CLOCK - 1, "In the second table")]);
    world.give(1, (0..3).map(|n| row(&format!("Row{n}-Eonar"), CLOCK - 7, 80)));
    let info = "{ title = \"Rules\", content = \"Be kind.\", category = \"General\" }";
    world.give(0, [record(TableKind::GuildInfo, "Rest-Eonar", "5", CLOCK - 4, info)]);
    let report = world.sync(0, 1).clone();
    assert!(report.tables.iter().all(|table| table.state == TableState::Completed));
    assert_eq!(world.ones[0].tables.len(), 6);
    // Each table is completed once, however many entries were pushed.
    let log = world.ones[0].saved.logs.of(guildsync_tables::Side::Initiator);
    let completed: Vec<&str> =
        log.map(|line| line.text.as_str()).filter(|text| text.contains("is complete")).collect();
    assert_eq!(completed.len(), 5, "{completed:?}");
}

#[test]
fn c31_one_stream_at_a_time_and_a_session_of_its_own_for_each_user() {
    let names = ["Oakhand-Eonar", "Brindle-Eonar", "Cinder-Eonar"];
    let mut world = World::new(&names.map(|name| (name, "Rest-Eonar")), &Config::default());
    world.give(0, (0..300).map(missing));
    world.step(0, Event::Start { with: None, mode: Some(Mode::All) });
    while world.go_on() {
        // No burst of all entries at once, and nobody is served while somebody else is.
        assert!(world.queue.iter().filter(|sent| sent.from == 0).count() <= 4);
        let to: BTreeSet<usize> =
            world.queue.iter().map(|sent| sent.to).filter(|to| *to != 0).collect();
        assert!(to.len() <= 1);
    }
    assert!(world.ones.iter().all(|one| one.tables.len() == 300));
    // The second user's session has the mode that was asked for, whatever the first one did.
    let opens = world.trace.iter().filter_map(|sent| match &sent.message {
        Message::Open(open) => Some(open.cut),
        _ => None,
    });
    assert!(opens.clone().count() >= 2 && opens.into_iter().all(|cut| cut.is_none()));
}

/// The repository's own trace: a roster transfer of 13 chunks and another one of 11 at the same time,
/// which the addon joined into one text.
#[test]
fn c32_interleaved_transfers_of_one_table_do_not_mix() {
    let names = ["Oakhand-Eonar", "Brindle-Eonar", "Cinder-Eonar"];
    let config = Config { sessions: 2, ..Config::default() };
    let mut world = World::new(&names.map(|name| (name, "Rest-Eonar")), &config);
    let rows = |who: &str, n: u32| {
        (0..n).map(|i| row(&format!("{who}{i}-Eonar"), CLOCK - 60, i)).collect::<Vec<_>>()
    };
    world.give(1, rows("Brindle", 1300));
    world.give(2, rows("Cinder", 1100));
    let expected = union(world.ones.iter().map(|one| &one.tables));
    world.step(0, Event::Start { with: None, mode: None });
    let mut turns = Vec::new();
    while world.go_on() {
        let batches =
            world.queue.iter().filter(|sent| matches!(sent.message, Message::Records { .. }));
        turns.extend(batches.map(|sent| sent.from));
        turns.dedup();
    }
    assert!(turns.len() > 3, "they did interleave: {turns:?}");
    assert_eq!(texts(&world.ones[0].tables), expected[..].to_vec());
}

#[test]
fn c32_batches_in_any_order_and_repeated_are_put_together() {
    let mut world = two(&Config::default());
    world.give(1, (0..200).map(missing));
    let with = Some(vec![world.ones[1].name.clone()]);
    world.step(0, Event::Start { with, mode: None });
    for _ in 0..5_000 {
        // Whatever is on its way is turned around and comes twice.
        let (mut all, n) = (world.queue.make_contiguous().to_vec(), world.queue.len());
        if n > 1 {
            all.reverse();
            all.extend(all.clone());
            let at = all.iter().map(|sent| sent.at).max().unwrap();
            all.iter_mut().for_each(|sent| sent.at = at);
            for sent in all {
                let from = world.ones[sent.from].name.clone();
                world.step(sent.to, Event::Received { from, message: sent.message });
            }
            world.queue.drain(..n.min(world.queue.len()));
        }
        if !world.go_on() {
            break;
        }
    }
    assert_eq!(world.ones[0].tables.len(), 200);
    assert_eq!(world.ones[0].reports.last().unwrap().outcome, Outcome::Complete);
}

#[test]
fn c34_equal_seconds_have_one_winner_everywhere_and_it_is_told() {
    let mut world = two(&Config::default());
    let (one, other) = (news(1, CLOCK - 5, "One"), news(1, CLOCK - 5, "Other"));
    let winner = if one.hash() > other.hash() { one.clone() } else { other.clone() };
    world.give(0, [one]);
    world.give(1, [other]);
    let report = world.sync(0, 1).clone();
    assert_eq!((report.outcome, report.conflicts), (Outcome::Complete, 1));
    for one in &world.ones {
        assert_eq!(one.tables.get(winner.key()), Some(&winner));
    }
    // A deletion of the same second wins over any content.
    let mut tables = world.ones[0].tables.clone();
    let dead = guildsync_tables::Record::deletion(
        TableKind::News,
        winner.guild().clone(),
        winner.id().clone(),
        winner.updated(),
    );
    let merge = tables.merge(dead.clone(), CLOCK);
    assert_eq!((merge.merged, merge.conflict), (Merged::Deleted, true));
    assert_eq!(tables.merge(winner, CLOCK).merged, Merged::Older);
}

#[test]
fn c35_deletions_travel_and_stay() {
    let mut world = two(&Config::default());
    let old: Vec<_> = (0..5).map(|n| news(n, CLOCK - 500 * DAY, "Old news")).collect();
    for one in 0..2 {
        world.give(one, old.clone());
    }
    // Deleted while the other was away, 400 days ago: older than any cut.
    world.ones[0].tables.delete(old[2].key(), CLOCK - 400 * DAY).unwrap();
    assert!(world.ones[0].tables.kept(old[2].key()).is_some());
    world.ones[0].tables.purge(Config::default().purge, CLOCK);
    assert!(world.ones[0].tables.kept(old[2].key()).is_none());
    let report = world.sync(1, 0).clone();
    assert!(report.widened, "what is older than seven days differed");
    assert_eq!(report.tables[TableKind::News.index()].deleted, 1);
    for one in &world.ones {
        let record = one.tables.get(old[2].key()).unwrap();
        assert!(record.is_deleted() && record.updated().seconds() == CLOCK - 400 * DAY);
    }
    // And nothing brings it back.
    world.give(1, [news(9, CLOCK - 2, "New")]);
    world.sync(0, 1);
    assert!(world.ones[0].tables.get(old[2].key()).unwrap().is_deleted());
}

#[test]
fn c36_an_edit_during_the_session_is_part_of_it_or_of_the_next_round() {
    for after in 1..8 {
        let mut world = two(&Config::default());
        differing(&mut world);
        let with = Some(vec![world.ones[1].name.clone()]);
        world.step(0, Event::Start { with, mode: None });
        (0..after).for_each(|_| {
            world.go_on();
        });
        let edited = [news(900, CLOCK, "Edited here"), news(901, CLOCK, "Edited there")];
        for (one, edited) in edited.iter().enumerate() {
            world.give(one, [edited.clone()]);
        }
        world.run();
        let last_round_saw_it =
            |one: usize| world.ones[one].tables.get(edited[1 - one].key()).is_some();
        if !(last_round_saw_it(0) && last_round_saw_it(1)) {
            assert_eq!(world.sync(0, 1).outcome, Outcome::Complete);
        }
        let expected = union(world.ones.iter().map(|one| &one.tables));
        for one in &world.ones {
            assert_eq!(texts(&one.tables), expected, "after {after}");
        }
    }
}

#[test]
fn c37_nobody_writes_another_table_nor_gets_anything_of_a_guild_that_is_not_linked() {
    let members = [("Oakhand-Eonar", "Rest-Eonar"), ("Stranger-Skywall", "Evil-Skywall")];
    let mut world = World::new(&members, &Config::default());
    world
        .give(0, [setup("Rest-Eonar", CLOCK - 9, &["Rest-Alleria"]), news(1, CLOCK - 9, "Secret")]);
    let evil = "{ guilds = { { name = \"Rest-Eonar\" } } }";
    world.give(1, [record(TableKind::Setup, "Evil-Skywall", "evil", CLOCK - 1, evil)]);
    for (one, with) in [(1, 0), (0, 1)] {
        assert_ne!(world.sync(one, with).outcome, Outcome::Complete);
    }
    assert_eq!((world.ones[0].tables.len(), world.ones[1].tables.len()), (2, 1));
    assert!(!world.trace.iter().any(|sent| matches!(sent.message, Message::Records { .. })));
}

#[test]
fn c37_records_of_guilds_out_of_scope_are_refused() {
    let mut world = two(&Config::default());
    world.give(1, [news(1, CLOCK - 9, "Fits")]);
    world.tamper = |sent| {
        let foreign =
            record(TableKind::News, "Evil-Skywall", "1", CLOCK - 9, "{ title = \"Evil\" }");
        if let (1, Message::Records { batch, .. }) = (sent.from, &mut sent.message) {
            *batch = Batch::Plain(vec![(guildsync_tables::message::Change::Add, foreign)]);
        }
    };
    world.sync(0, 1);
    assert!(world.ones[0].tables.is_empty());
    assert!(world.ones[0].reports.last().unwrap().refused > 0);
}

#[test]
fn c38_default_content_never_wins_and_one_id_in_two_guilds_is_two_records() {
    let default = guildsync_tables::Updated::DEFAULT_SECONDS;
    let id = 199_901_010_000_001_234;
    let mut world = two(&Config::default());
    // Written in 1998, by a clock that was wrong: older than the default, and it counts all the same.
    world.give(0, [news(id, default - DAY, "Written by somebody")]);
    world.give(1, [news(id, default, "Welcome to the Guild!")]);
    assert_eq!(world.sync(1, 0).outcome, Outcome::Complete);
    for one in &world.ones {
        let data = one.tables.of(TableKind::News).next().unwrap().data();
        assert_eq!(data.get("title").and_then(|title| title.as_str()), Some("Written by somebody"));
    }
    let other =
        record(TableKind::News, "Rest-Alleria", &format!("{id:018}"), default, "{ title = \"x\" }");
    assert!(world.ones[0].tables.merge(other, CLOCK).merged.is_change());
    assert_eq!(world.ones[0].tables.of(TableKind::News).count(), 2);
}

#[test]
fn c38_logs_are_bounded() {
    let mut world =
        two(&Config { log_lines: 20, log: guildsync_tables::LogLevel::Trace, ..Config::default() });
    differing(&mut world);
    world.give(0, (500..700).map(missing));
    world.sync(0, 1);
    for (one, side) in [guildsync_tables::Side::Initiator, guildsync_tables::Side::Responder]
        .into_iter()
        .enumerate()
    {
        assert_eq!(world.ones[one].saved.logs.of(side).count(), 20);
    }
}
