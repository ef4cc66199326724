//! One seed is one run.

use guildsync_sim::campaign::campaign;
use guildsync_sim::coverage::{Coverage, REQUIRED, unreached};
use guildsync_sim::options::Base;
use guildsync_sim::run::run;
use guildsync_sim::trace::Record;
use guildsync_sim::world::Act;

use crate::{base, world};

#[test]
fn a_seed_gives_the_same_run_byte_for_byte() {
    for seed in [1, 2, 7] {
        let (first, records) = run(seed, &base(), true);
        let (second, again) = run(seed, &base(), true);
        assert_eq!(first.hash, second.hash);
        assert_eq!(records, again);
        // Keeping records changes nothing.
        assert_eq!(run(seed, &base(), false).0.hash, first.hash);
    }
}

#[test]
fn seeds_differ() {
    let mut hashes: Vec<String> = (0..8).map(|seed| run(seed, &base(), false).0.hash).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 8);
}

#[test]
fn threads_change_nothing() {
    let one = campaign(10..16, &base(), 1, |_| ());
    let mut order = Vec::new();
    let three = campaign(10..16, &base(), 3, |outcome| order.push(outcome.seed));
    assert_eq!(order, (10..16).collect::<Vec<_>>());
    assert_eq!((one.hash, one.reached), (three.hash, three.reached));
}

#[test]
fn five_hundred_seeds_end_as_they_should_and_reach_everything() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let summary = campaign(0..500, &Base::default(), threads, |_| ());
    let failed: Vec<String> = summary
        .failed
        .iter()
        .map(|failed| {
            let failure = &failed.failure;
            format!("seed {}, {}: {}", failed.seed, failure.phase, failure.what)
        })
        .collect();
    assert_eq!(failed, Vec::<String>::new(), "cargo xtask sim --seed N --trace shows one");
    assert_eq!(summary.unreached, Vec::<&str>::new());
}

#[test]
fn what_was_never_reached_is_named() {
    let mut seen = Coverage::default();
    assert_eq!(unreached(&seen), REQUIRED);
    seen.hit("fault: loss");
    assert!(!unreached(&seen).contains(&"fault: loss"));
    assert_eq!(unreached(&seen).len(), REQUIRED.len() - 1);
}

#[test]
fn an_award_reaches_the_group_and_is_acknowledged_when_it_is_durable() {
    let mut world = world(1, 5);
    world.act(2, Act::Award { targets: vec![1], hundredths: 1250 });
    assert!(world.member(2).is_writing());
    assert_eq!(world.oracle.n_acknowledged(), 0);
    world.run_until(world.now() + 5_000);
    assert_eq!(world.oracle.n_acknowledged(), 1);
    for member in 0..5 {
        let log = world.profiles(member).active();
        let total = log.total(&guildsync_sim::run::name(1));
        assert_eq!(total.map(|total| total.0), Some(1250), "member {member}");
    }
    assert_eq!(world.failures, Vec::<String>::new());
    let sent = |record: &&Record| matches!(record, Record::Frame { .. });
    assert_eq!(world.trace.records().iter().filter(sent).count() as u64, world.trace.frames);
}
