//! Logs, tables and sheets in one raid.

use guildsync_sim::many::Kind;
use guildsync_sim::together;

#[test]
fn in_a_raid_of_forty_with_all_three_at_once_everything_arrives_and_nothing_starves() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found = Kind { run: together::run, required: &[] }.campaign(0..20, threads, |_| ());
    let failed: Vec<String> = found
        .failed
        .iter()
        .map(|failed| format!("seed {}: {}", failed.seed, failed.failure.what))
        .collect();
    assert_eq!(
        failed,
        Vec::<String>::new(),
        "cargo xtask sim --together --seed N --trace shows one"
    );
    assert!(found.numbers.awards > 0 && found.numbers.points > 0);
    assert!(found.numbers.is_followed(), "{} of {}", found.numbers.missed, found.numbers.ways);
}
