//! Who may write what, and what of it is passed on.

use guildsync_tables::rights::{Relay, Rights, Setup};
use guildsync_tables::{Config, Outcome, Record, TableKind};

use super::pair::{CLOCK, World, guild, member, news, row, setup, texts, union};

const OFFICER: usize = 0;
const LEADER: usize = 1;
const MEMBER: usize = 2;
const OTHER: usize = 3;

fn named() -> Rights {
    Rights {
        officers: [member("Oakhand-Eonar")].into(),
        leaders: [(guild("Rest-Eonar"), member("Lindworm-Eonar"))].into(),
        ..Rights::default()
    }
}

fn world(rights: Rights) -> World {
    let names = ["Oakhand-Eonar", "Lindworm-Eonar", "Brindle-Eonar", "Cinder-Eonar"];
    let members = names.map(|name| (name, "Rest-Eonar"));
    World::new(&members, &Config { rights, ..Config::default() })
}

fn has(world: &World, one: usize, record: &Record) -> bool {
    world.ones[one].tables.get(record.key()).is_some_and(|held| held.hash() == record.hash())
}

#[test]
fn a_member_writes_its_own_row_and_nothing_else() {
    let mut world = world(named());
    let (own, others) = (row("Brindle-Eonar", CLOCK - 5, 80), row("Cinder-Eonar", CLOCK - 5, 1));
    let (news, setup) = (news(1, CLOCK - 5, "Mine"), setup("Rest-Eonar", CLOCK - 5, &[]));
    world.give(MEMBER, [own.clone(), others.clone(), news.clone(), setup.clone()]);
    let report = world.sync(MEMBER, OFFICER).clone();
    assert_eq!((report.outcome, report.withheld), (Outcome::Complete, 3));
    assert!(has(&world, OFFICER, &own));
    assert!([&others, &news, &setup].iter().all(|record| !has(&world, OFFICER, record)));
    // Nor does anybody fetch them.
    let report = world.sync(OTHER, MEMBER);
    assert_eq!(report.outcome, Outcome::Complete);
    assert!(has(&world, OTHER, &own) && !has(&world, OTHER, &news));
}

#[test]
fn officers_pass_on_what_others_wrote() {
    let mut world = world(named());
    let own = row("Brindle-Eonar", CLOCK - 5, 80);
    world.give(MEMBER, [own.clone()]);
    world
        .give(LEADER, [setup("Rest-Eonar", CLOCK - 5, &[]), news(3, CLOCK - 9, "From the leader")]);
    let expected = union(world.ones.iter().map(|one| &one.tables));
    for (one, with) in [(OFFICER, MEMBER), (LEADER, OFFICER), (OTHER, OFFICER), (MEMBER, OFFICER)] {
        assert_eq!(world.sync(one, with).outcome, Outcome::Complete, "{one} {with}");
    }
    for one in &world.ones {
        assert_eq!(texts(&one.tables), expected, "{}", one.name.as_str());
    }
}

#[test]
fn a_sender_without_the_right_is_refused_whatever_it_believes() {
    // The member's program takes everybody for an officer; the others' do not.
    let mut world = world(named());
    let lax = Config { rights: Rights::default(), ..Config::default() };
    world.ones[MEMBER].sync.set_config(lax);
    let forged = [news(1, CLOCK - 5, "Forged"), setup("Rest-Eonar", CLOCK - 5, &["Evil-Eonar"])];
    world.give(MEMBER, forged.clone());
    let before = world.ones[OFFICER].tables.state_hash();
    world.sync(MEMBER, OFFICER);
    world.sync(OFFICER, MEMBER);
    assert_eq!(world.ones[OFFICER].tables.state_hash(), before);
    let refused: u32 = world.ones[OFFICER].reports.iter().map(|report| report.refused).sum();
    assert!(refused >= 2, "{refused}");
    assert!(world.ones[OFFICER].reports.iter().any(|report| !report.errors.is_empty()));
}

#[test]
fn rights_are_what_the_configuration_makes_them() {
    let rights = named();
    let (officer, leader) = (member("Oakhand-Eonar"), member("lindworm-eonar"));
    let (someone, foreign) = (member("Brindle-Eonar"), setup("Other-Eonar", CLOCK, &[]));
    let (news, own) = (news(1, CLOCK, "News"), setup("Rest-Eonar", CLOCK, &[]));
    assert!(rights.may_write(&leader, &own) && !rights.may_write(&officer, &own));
    assert!(rights.may_send(&officer, &own), "officers pass on");
    assert!(rights.may_write(&officer, &news) && !rights.may_send(&someone, &news));
    assert!(!rights.may_send(&someone, &foreign));
    assert!(rights.may_write(&someone, &row("brindle-eonar", CLOCK, 3)));

    let rights = Rights { setup: Setup::Officers, relay: Relay::Nobody, ..named() };
    assert!(rights.may_write(&officer, &own));
    assert!(
        !rights.may_send(&officer, &row("Brindle-Eonar", CLOCK, 3)) || rights.is_officer(&officer)
    );
    let rights = Rights { relay: Relay::Anyone, ..named() };
    assert!(rights.may_send(&someone, &news));
    assert_eq!(news.table(), TableKind::News);
    assert!(Rights::default().may_send(&someone, &own), "nobody is named: everybody may");
}
