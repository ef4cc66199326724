//! The numbers of `docs/benchmarks.md`, section "Log", as a table.
//!
//! `cargo bench -p guildsync-log --bench report` takes a log of a million entries; without the
//! `--bench` that cargo passes, as under `cargo test`, ten thousand, to see that it runs.

mod clock;
mod generator;

use std::alloc::System;
use std::time::Duration;

use guildsync_log::{Change, Draft, Frontier, Log, Profile, Segment};
use guildsync_types::{MemberName, SecretKey, Stamp};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use clock::timed;
use generator::World;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Entries that are inserted one by one, each timed.
const N_SINGLE: usize = 2_000;
const N_REPLAYS: usize = 15;

fn main() {
    let n = if std::env::args().any(|arg| arg == "--bench") { 1_000_000 } else { 10_000 };
    println!("a log of {n} entries; medians\n");
    let (mut world, bytes) = in_use(|| World::mixed(n, 1));
    contents(&world.log);
    println!();
    memory(n, &world.log, bytes);
    println!();
    accepting(&world.log);
    println!();
    replay(&world.log);
    println!();
    single(&mut world, "tail append", |world| world.next_stamp());
    single(&mut world, "late points", World::any_stamp);
    println!();
    late_roles(&mut world);
    assert_eq!(world.log.standings(), world.log.replay());
}

/// What the generator made, by kind and by verdict.
fn contents(log: &Log) {
    let mut counts = std::collections::BTreeMap::new();
    for line in log.audit() {
        let draft = &line.entry.draft;
        *counts.entry(format!("entries: {}", draft.change.kind())).or_insert(0u32) += 1;
        *counts.entry(format!("verdicts: {}", line.verdict.name())).or_insert(0) += 1;
        *counts.entry("entries: imported".to_owned()).or_insert(0) +=
            u32::from(draft.origin.is_some());
    }
    counts.iter().for_each(|(what, &n)| row(what, "", f64::from(n)));
    let first = log.entries().next().expect("a creation entry").draft.stamp.seconds();
    let last = log.newest_stamp().expect("many entries").seconds();
    row("nights", "", ((last - first) / 86_400) as f64);
}

/// Bytes in use an entry, by a counting allocator.
fn memory(n: usize, mixed: &Log, bytes: usize) {
    let per_entry = |bytes: usize, log: &Log| bytes as f64 / log.len() as f64;
    row("memory: mixed log", "bytes/entry", per_entry(bytes, mixed));
    let (imported, bytes) = in_use(|| World::imported(n, 2));
    row("memory: import-only log", "bytes/entry", per_entry(bytes, &imported.log));
    let times = (0..N_REPLAYS).map(|_| timed(|| imported.log.replay()).1).collect();
    let replay = spread(times).median.as_secs_f64();
    row("replay: import-only log", "M entries/s", imported.log.len() as f64 / 1e6 / replay);
    drop(imported);
    let (merged, bytes) = in_use(|| merged(mixed).0);
    assert_eq!((merged.heads(), merged.standings()), (mixed.heads(), mixed.standings()));
    row("memory: mixed log, merged from halves", "bytes/entry", per_entry(bytes, &merged));
    let (_names, bytes) = in_use(|| names_only(1));
    row("memory: of it names and reasons, at most", "bytes/entry", per_entry(bytes, mixed));
}

/// A log in which every name and reason of the others stands, and next to nothing else: it holds at
/// least what their interners do.
fn names_only(seed: u64) -> Log {
    let World { keys, members, reasons, .. } = World::founded(seed);
    let stamp = Stamp::new(1_567_627_200, 0).expect("a second of this century");
    let note = |(n, member): (usize, &MemberName)| Draft {
        stamp,
        actor: member.clone(),
        change: Change::Note { about: None },
        reason: reasons[n % reasons.len()].clone(),
        origin: None,
    };
    let notes: Vec<Draft> = members.iter().enumerate().map(note).collect();
    let mut log = Log::new(Profile::default_profile());
    log.append(&keys[0], &notes).expect("anyone may write");
    log
}

/// Whole chains taken in, hashes checked: a merge, and what opening a store does.
fn accepting(log: &Log) {
    let speed = |n: usize, time: Duration| n as f64 / 1e6 / time.as_secs_f64();
    let merges = (0..3).map(|_| merged(log).1).collect();
    row(
        "accept: one half into the other",
        "M entries/s",
        speed(log.len() / 2, spread(merges).median),
    );
    let loads = (0..3).map(|_| {
        let mut empty = Log::new(log.profile().clone());
        let segments = log.since(&Frontier::new());
        timed(|| take(&mut empty, segments)).1
    });
    row(
        "accept: all into an empty log",
        "M entries/s",
        speed(log.len(), spread(loads.collect()).median),
    );
}

/// The whole log replayed from its entries, and how often that allocates.
fn replay(log: &Log) {
    let region = Region::new(ALLOCATOR);
    std::hint::black_box(log.replay());
    row("replay: allocations", "in all", region.change().allocations as f64);
    let times = (0..N_REPLAYS).map(|_| timed(|| log.replay()).1).collect();
    let speed = |time: Duration| log.len() as f64 / 1e6 / time.as_secs_f64();
    let times = spread(times);
    row("replay", "M entries/s", speed(times.median));
    row("replay: the slowest of 15 runs", "M entries/s", speed(times.most));
}

/// One award appended, the standings read after it, and how much of that the seal is.
fn single(world: &mut World, what: &str, stamp: impl Fn(&mut World) -> Stamp) {
    let (mut whole, mut seals, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..N_SINGLE {
        let (stamp, key) = (stamp(world), world.writer());
        let draft = [world.award(stamp)];
        let (segment, time) = timed(|| {
            let segment = world.log.append(&key, &draft).expect("a right to write");
            std::hint::black_box(world.log.standings());
            segment
        });
        let seal = segment.seal;
        let (again, seal_time) = timed(|| key.seal(&world.log.profile().id, seal.seq, seal.head));
        assert_eq!(again, seal);
        whole.push(time);
        seals.push(seal_time);
        rest.push(time.saturating_sub(seal_time));
    }
    row(&format!("{what} + standings, with seal"), "us", micros(spread(whole).median));
    row(&format!("{what}: the seal"), "us", micros(spread(seals).median));
    let rest = spread(rest);
    row(&format!("{what} + standings, without seal"), "us", micros(rest.median));
    row(&format!("{what} + standings, without seal, p99"), "us", micros(rest.p99));
    let reads = (0..N_SINGLE).map(|_| timed(|| world.log.standings().len()).1).collect();
    row(&format!("{what}: of it the standings"), "us", micros(spread(reads).median));
}

/// Role entries of the past: each may change what every entry after it counts for.
fn late_roles(world: &mut World) {
    let creator: SecretKey = world.keys[0].clone();
    for (what, revoke) in [("late grant", false), ("late revoke", true)] {
        let times = (0..9)
            .map(|_| {
                let draft = [world.late_role(revoke)];
                timed(|| {
                    world.log.append(&creator, &draft).expect("the owner may");
                    world.log.standings().len()
                })
                .1
            })
            .collect();
        row(&format!("{what} + standings"), "ms", micros(spread(times).median) / 1e3);
    }
}

/// The log put together from two halves, and the time that the second half took.
fn merged(whole: &Log) -> (Log, Duration) {
    let (mut log, rest) = generator::halves(whole);
    let ((), time) = timed(|| take(&mut log, rest));
    (log, time)
}

fn take(log: &mut Log, segments: Vec<Segment>) {
    for segment in segments {
        log.accept(segment).expect("a sealed segment");
    }
}

/// What `build` leaves allocated.
fn in_use<T>(build: impl FnOnce() -> T) -> (T, usize) {
    let region = Region::new(ALLOCATOR);
    let built = build();
    let change = region.change();
    (built, change.bytes_allocated - change.bytes_deallocated)
}

struct Spread {
    median: Duration,
    /// Of a hundred, one took longer.
    p99: Duration,
    most: Duration,
}

fn spread(mut times: Vec<Duration>) -> Spread {
    times.sort_unstable();
    let most = times.len() - 1;
    Spread { median: times[times.len() / 2], p99: times[most * 99 / 100], most: times[most] }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn row(what: &str, unit: &str, value: f64) {
    println!("{what:<44} {value:>10.2} {unit}");
}
