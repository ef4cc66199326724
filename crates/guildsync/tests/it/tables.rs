//! Tables and logs of one replica, side by side over one link.

use guildsync::tables::{GuildName, Mode, Outcome, Purge, RecordId, TableKind, TableState, Tables};
use guildsync::transport::ChannelProfile;
use guildsync::types::{SecretKey, Time};
use guildsync::wire::lua::{Table, Value};
use guildsync::{Config, Input, Moment, Notice, Output, Replica};

use crate::world::*;

fn guild() -> GuildName {
    GuildName::new("Thorns-Eonar").unwrap()
}

fn set(tables: &mut Tables, id: u64, clock: u64) {
    let id = RecordId::new(&id.to_string()).unwrap();
    let mut data = Table::new();
    data.insert("title", Value::Str(format!("Title {id} of {clock}")));
    tables.set(TableKind::News, guild(), id, data, clock).unwrap();
}

/// Lead and Ann, in one group and one guild; each has entries and records that the other lacks.
fn lead_and_ann(n: u64) -> World {
    let mut world = World::of(&["Lead", "Ann"], ChannelProfile::retail(), Config::default());
    for (at, who) in ["Lead", "Ann"].into_iter().enumerate() {
        (0..n).for_each(|_| world.award(who));
        let clock = world.now.0 / 1000 - 86_400;
        let ids = at as u64 * n..(at as u64 + 1) * n;
        world.change_tables(who, |tables| ids.for_each(|id| set(tables, id, clock)));
        world.step(&name(who), Input::Guild(guild()));
    }
    world.form("Lead");
    world
}

fn start(world: &mut World, who: &str) {
    world.step(&name(who), Input::TableStart { with: None, mode: Some(Mode::All) });
}

fn have_equal_tables(world: &World) -> bool {
    let [lead, ann] =
        ["Lead", "Ann"].map(|who| world.members[&name(who)].replica.tables().state_hash());
    lead == ann
}

/// What was told about tables at a session's end, oldest first.
fn outcomes(world: &World, who: &str) -> Vec<Outcome> {
    let finished = |notice: &Notice| match notice {
        Notice::TableFinished(report) => Some(report.outcome.clone()),
        _ => None,
    };
    world.members[&name(who)].notices.iter().filter_map(finished).collect()
}

#[test]
fn tables_and_logs_sync_at_the_same_time_and_each_hears_its_own() {
    let mut world = lead_and_ann(60);
    start(&mut world, "Lead");
    world.run(60_000);
    assert!(world.agree() && have_equal_tables(&world));
    assert_eq!((world.log("Ann").len(), world.durable("Ann").tables.len()), (120, 120));
    assert_eq!(outcomes(&world, "Lead"), [Outcome::Complete]);
    for member in world.members.values() {
        let is_progress = |notice: &Notice| match notice {
            Notice::TableProgress(progress) => progress.tables.contains(&TableState::Completed),
            _ => false,
        };
        assert!(member.notices.iter().any(is_progress));
        let misread = |notice: &&Notice| {
            matches!(notice, Notice::BadMessage { .. } | Notice::BadTableMessage { .. })
        };
        assert_eq!(member.notices.iter().find(misread), None);
        let counters = member.replica.counters();
        assert!(counters.messages_sent >= 4 && counters.messages_received >= 4, "{counters:?}");
        assert!(member.replica.is_settled());
    }
}

#[test]
fn records_are_not_acknowledged_before_they_are_durable() {
    let mut world = lead_and_ann(60);
    world.run(20_000);
    world.ends_before_records = Some(name("Ann"));
    start(&mut world, "Lead");
    while world.ends_before_records.is_some() {
        world.run(1);
    }
    // Her program ended when it had merged what Lead sent, and before that was on disk.
    assert_eq!(world.durable("Ann").tables.len(), 60);
    world.run(60_000);
    let is_complete = |outcome: &Outcome| *outcome == Outcome::Complete;
    assert!(!outcomes(&world, "Lead").iter().any(is_complete), "Ann said that she has them");
    assert_eq!(world.durable("Ann").tables.len(), 60);
    world.step(&name("Ann"), Input::Guild(guild()));
    world.run(120_000);
    start(&mut world, "Lead");
    world.run(60_000);
    assert!(have_equal_tables(&world));
    assert_eq!(world.durable("Ann").tables.len(), 120);
}

fn replica(tables: Tables) -> Replica {
    let key = SecretKey::from_seed(&[1; 32]);
    let replica = Replica::new(name("Ann"), key, Default::default(), Config::default());
    replica.with_tables(tables, Default::default())
}

/// What a step puts out, besides frames; a commit is carried out.
fn step(replica: &mut Replica, moment: Moment, input: Input) -> usize {
    let (mut out, mut n_commits) = (Vec::new(), 0);
    replica.step(moment, input, &mut out);
    while out.pop() == Some(Output::Commit) {
        n_commits += 1;
        replica.step(moment, Input::Committed, &mut out);
    }
    n_commits
}

#[test]
fn a_record_of_a_time_to_come_is_taken_in_when_the_clock_says_so() {
    let clock = 1_700_000_000;
    let mut tables = Tables::new();
    let mut later = Tables::new();
    set(&mut later, 7, clock + 3_600);
    let record = later.iter().next().unwrap().clone();
    tables.merge(record.clone(), clock);
    let mut replica = replica(tables);
    // The clock says something else than the time that goes by.
    let at = |s: u64| Moment { now: Time(5_000 + s * 1000), clock: Time((clock + s) * 1000) };
    assert!(replica.deadline() <= Some(Time(5_000)), "looked at once");
    assert_eq!(step(&mut replica, at(0), Input::Tick), 0);
    let due = 3_600 - guildsync::tables::CLOCK_TOLERANCE_S;
    assert_eq!(replica.deadline(), Some(at(due).now));
    assert_eq!(step(&mut replica, at(due - 1), Input::Tick), 0);
    assert!(replica.tables().is_empty());
    assert_eq!(step(&mut replica, at(due), Input::Tick), 1);
    assert_eq!(replica.tables().get(record.key()), Some(&record));
    assert_eq!(replica.deadline(), None);
}

#[test]
fn the_data_of_what_was_deleted_goes_when_its_time_has_come() {
    let (clock, day) = (1_700_000_000, 86_400);
    let mut tables = Tables::new();
    for (id, days) in [(1, 0), (2, 20)] {
        set(&mut tables, id, clock);
        let key = tables.of(TableKind::News).last().unwrap().key().clone();
        tables.delete(&key, clock + days * day).unwrap();
    }
    let mut replica = replica(tables);
    let at = |days: u64| Moment::from(Time((clock + days * day + 1) * 1000));
    assert_eq!(step(&mut replica, at(31), Input::Tick), 1, "at the start");
    assert_eq!((replica.tables().all_kept().count(), replica.tables().len()), (1, 2));
    for days in 32..=50 {
        assert_eq!(replica.deadline(), Some(at(days).now));
        assert_eq!(step(&mut replica, at(days), Input::Tick), usize::from(days == 50), "{days}");
    }
    assert_eq!((replica.tables().all_kept().count(), replica.deadline()), (0, None));
    let config = guildsync::tables::Config { purge: Purge::Never, ..Default::default() };
    replica.set_table_config(config);
    set(replica.tables_mut(), 3, clock);
    let key = replica.tables().of(TableKind::News).last().unwrap().key().clone();
    replica.tables_mut().delete(&key, clock).unwrap();
    assert_eq!((step(&mut replica, at(500), Input::Tick), replica.deadline()), (0, None));
    assert!(replica.tables().kept(&key).is_some());
}
