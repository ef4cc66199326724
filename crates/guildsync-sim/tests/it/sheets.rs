//! Runs with assignment sheets: one seed is one run, all end as they should, and a world of sheets does what it
//! says.

use std::collections::BTreeMap;
use std::ops::Range;

use guildsync::sections::{Config, Policy, Who};
use guildsync_sim::corpus::sheet::assignments;
use guildsync_sim::sheets::coverage::REQUIRED;
use guildsync_sim::sheets::{SheetBase, Story, cells, kind, run};
use guildsync_sim::world::World;

/// A world in which everyone may publish.
fn world(n: usize) -> World {
    let mut world = crate::world(3, n);
    let config = Config { publish: Who::Everyone, ..Config::default() };
    (0..n).for_each(|member| world.set_sheet_config(member, config.clone()));
    world
}

#[test]
fn a_sheet_goes_round_and_is_edited_and_screens_follow() {
    let mut world = world(5);
    let sheet = assignments(7, 12);
    world.publish_sheet(1, &sheet, Policy::open());
    world.run_until(60_000);
    let id = world.shelf(1).iter().next().unwrap().id();
    for member in 0..5 {
        assert_eq!(cells::sheet(world.shelf(member).get(id).unwrap()), sheet, "member {member}");
    }
    world.edit_sheet(2, id, 3, 9);
    world.run_until(65_000);
    let edited = cells::sheet(world.shelf(2).get(id).unwrap());
    assert_ne!(edited.sections[3], sheet.sections[3]);
    assert_eq!(cells::sheet(world.shelf(4).get(id).unwrap()), edited);
    world.point(0, id, 5);
    world.run_until(70_000);
    let section = world.shelf(0).get(id).unwrap().sections()[5].id;
    for member in 0..5 {
        assert_eq!(world.screen(member).map(|shown| shown.section), Some(section));
    }
    assert_eq!(world.failures, Vec::<String>::new());
}

#[test]
fn whoever_starts_again_has_its_sheets_and_an_empty_screen() {
    let mut world = world(3);
    world.publish_sheet(0, &assignments(1, 4), Policy::open());
    world.run_until(30_000);
    let id = world.shelf(0).iter().next().unwrap().id();
    world.point(0, id, 0);
    world.run_until(40_000);
    assert!(world.screen(2).is_some());
    let held = world.shelf(2).state_hash();
    world.kill(2);
    assert_eq!(world.shelf(2).state_hash(), held);
    world.start(2);
    assert_eq!((world.shelf(2).state_hash(), world.screen(2)), (held, None));
}

#[test]
fn a_seed_gives_the_same_run_byte_for_byte() {
    for seed in [0, 3, 5] {
        let (first, records) = run(seed, &SheetBase::default(), true);
        let (second, again) = run(seed, &SheetBase::default(), true);
        assert_eq!((&first.hash, &first.numbers), (&second.hash, &second.numbers));
        assert_eq!(records, again);
        assert_eq!(run(seed, &SheetBase::default(), false).0.hash, first.hash);
    }
}

/// Runs seeds; what was reached.
fn all_end_as_they_should(base: &SheetBase, seeds: Range<u64>) -> BTreeMap<String, u64> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found = kind(base).campaign(seeds, threads, |_| ());
    let failed: Vec<String> = found
        .failed
        .iter()
        .map(|failed| {
            let failure = &failed.failure;
            format!("seed {}, {}: {}", failed.seed, failure.phase, failure.what)
        })
        .collect();
    assert_eq!(
        failed,
        Vec::<String>::new(),
        "cargo xtask sim --sections --seed N --trace shows one"
    );
    found.reached
}

#[test]
fn a_hundred_seeds_with_sheets_end_as_they_should() {
    let reached = all_end_as_they_should(&SheetBase::default(), 0..100);
    // A hundred seeds reach nearly all that two hundred have to.
    let n_reached = REQUIRED.iter().filter(|what| reached.contains_key(**what)).count();
    assert!(n_reached * 10 >= REQUIRED.len() * 9, "{n_reached} of {}", REQUIRED.len());
}

#[test]
fn twenty_seeds_in_which_sheets_are_thrown_away_and_published_anew_end_as_they_should() {
    let base = SheetBase { story: Some(Story::ThrowAway), ..SheetBase::default() };
    all_end_as_they_should(&base, 0..20);
}

#[test]
fn threads_change_nothing_with_sheets() {
    let base = SheetBase { story: Some(Story::AllEdit), ..SheetBase::default() };
    let one = kind(&base).campaign(40..46, 1, |_| ());
    let mut order = Vec::new();
    let three = kind(&base).campaign(40..46, 3, |outcome| order.push(outcome.seed));
    assert_eq!(order, (40..46).collect::<Vec<_>>());
    assert_eq!((one.hash, one.reached), (three.hash, three.reached));
}
