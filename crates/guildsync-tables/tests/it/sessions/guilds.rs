//! Which guilds take part, and what setup has to do with it.

use guildsync_tables::message::Refused;
use guildsync_tables::{Config, Failure, Guilds, Outcome, SetupRule, TableKind};

use super::pair::{CLOCK, World, record, setup, texts, union};

fn item(own: &str, id: u64, title: &str) -> guildsync_tables::Record {
    let data = format!("{{ title = \"{title}\", content = \"-\", category = \"General\" }}");
    record(TableKind::News, own, &format!("{id:018}"), CLOCK - id, &data)
}

const A: &str = "Rest-Eonar";
const B: &str = "Rest-Alleria";
const C: &str = "Rest-Skywall";

/// A member of each of three guilds; each guild's setup lists the ones that it is linked with.
fn three(config: &Config, linked: [&[&str]; 3]) -> World {
    let members = [("Oakhand-Eonar", A), ("Brindle-Alleria", B), ("Cinder-Skywall", C)];
    let mut world = World::new(&members, config);
    for (one, (own, linked)) in [A, B, C].into_iter().zip(linked).enumerate() {
        world.give(one, [setup(own, CLOCK - 1000, linked), item(own, one as u64 + 1, "Own news")]);
    }
    world
}

fn holds(world: &World, one: usize, own: &str) -> bool {
    world.ones[one].tables.of(TableKind::News).any(|record| record.guild().as_str() == own)
}

#[test]
fn linked_guilds_share_and_pass_on_what_all_of_them_share() {
    let all: &[&str] = &[A, B, C];
    let mut world = three(&Config::default(), [all, all, all]);
    let expected = union(world.ones.iter().map(|one| &one.tables));
    for (one, with) in [(0, 1), (1, 2), (0, 1)] {
        assert_eq!(world.sync(one, with).outcome, Outcome::Complete);
    }
    for one in &world.ones {
        assert_eq!(texts(&one.tables), expected);
    }
}

#[test]
fn what_one_side_alone_is_linked_with_stays_out() {
    // The first guild is linked with both others, which are not linked with each other.
    let mut world = three(&Config::default(), [&[A, B, C], &[A, B], &[A, C]]);
    for (one, with) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
        assert_eq!(world.sync(one, with).outcome, Outcome::Complete);
    }
    assert!(holds(&world, 1, A) && holds(&world, 0, B) && holds(&world, 0, C));
    assert!(!holds(&world, 1, C) && !holds(&world, 2, B));
    let refused = Outcome::Failed(Failure::Refused(Refused::NotFederated));
    assert_eq!(world.sync(1, 2).outcome, refused);
    assert!(!holds(&world, 1, C) && !holds(&world, 2, B));
}

#[test]
fn a_link_has_to_be_mutual() {
    let mut world = three(&Config::default(), [&[A, B], &[B], &[C]]);
    let refused = Outcome::Failed(Failure::Refused(Refused::NotFederated));
    for (one, with) in [(0, 1), (1, 0)] {
        assert_eq!(world.sync(one, with).outcome, refused);
    }
    assert!(!holds(&world, 0, B) && !holds(&world, 1, A));
}

#[test]
fn setup_goes_first_and_opens_the_scope_within_the_session() {
    let members = [("Oakhand-Eonar", A), ("Brindle-Eonar", A)];
    let mut world = World::new(&members, &Config::default());
    world.give(0, [setup(A, CLOCK - 10, &[A, B]), item(B, 7, "Of the linked guild")]);
    assert_eq!(world.sync(1, 0).outcome, Outcome::Complete);
    assert!(holds(&world, 1, B));
    let report = world.ones[1].reports.last().unwrap();
    assert_eq!(report.rounds, 2);
}

#[test]
fn the_newest_setup_replaces_the_other_whole() {
    let members = [("Oakhand-Eonar", A), ("Brindle-Eonar", A)];
    for (rule, expected) in [(SetupRule::Newest, &[A, C][..]), (SetupRule::WhereMissing, &[A, B])] {
        let mut world = World::new(&members, &Config { setup: rule, ..Config::default() });
        world.give(0, [setup(A, CLOCK - 20, &[A, B]), item(A, 1, "News")]);
        world.give(1, [setup(A, CLOCK - 10, &[A, C])]);
        assert_eq!(world.sync(0, 1).outcome, Outcome::Complete, "{rule:?}");
        let own = world.ones[0].tables.of(TableKind::Setup).next().unwrap();
        let setup = setup(A, own.updated().seconds(), expected);
        assert_eq!(own.data(), setup.data(), "{rule:?}");
        assert!(holds(&world, 1, A), "{rule:?}");
    }
}

#[test]
fn setup_is_given_where_it_is_missing_whatever_the_rule() {
    let members = [("Oakhand-Eonar", A), ("Brindle-Eonar", A)];
    let config = Config { setup: SetupRule::WhereMissing, ..Config::default() };
    for (one, with) in [(0, 1), (1, 0)] {
        let mut world = World::new(&members, &config);
        world.give(0, [setup(A, CLOCK - 20, &[A, B])]);
        assert_eq!(world.sync(one, with).outcome, Outcome::Complete);
        assert_eq!(world.ones[1].tables.of(TableKind::Setup).count(), 1);
    }
}

#[test]
fn the_own_guild_alone_if_that_is_the_policy() {
    let all: &[&str] = &[A, B, C];
    let own = Config { guilds: Guilds::Own, ..Config::default() };
    let mut world = three(&own, [all, all, all]);
    let refused = Outcome::Failed(Failure::Refused(Refused::NotFederated));
    assert_eq!(world.sync(0, 1).outcome, refused);
    let members = [("Oakhand-Eonar", A), ("Brindle-Eonar", A)];
    let mut world = World::new(&members, &own);
    world.give(0, [setup(A, CLOCK - 20, &[A, B]), item(A, 1, "Own"), item(B, 2, "Linked")]);
    assert_eq!(world.sync(1, 0).outcome, Outcome::Complete);
    assert!(holds(&world, 1, A) && !holds(&world, 1, B));
}
