//! Criterion benches of the log on ten thousand and a million generated entries.
//!
//! `cargo bench -p guildsync-log --bench log`; without the `--bench` that cargo passes, as under
//! `cargo test`, on ten thousand entries only. What people quote is in `docs/benchmarks.md`, by
//! `benches/report.rs`.

mod clock;
mod generator;

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use guildsync_log::{Draft, Log};

use clock::timed;
use generator::World;

/// How many entries go into one copy of a log before the next run takes a fresh one: few enough for
/// the log to keep its size.
const PER_COPY: u64 = 1_000;
/// Entries in one append call, where the seal is to weigh little.
const BATCH: usize = 1_000;

fn worlds() -> Vec<World> {
    let whole = std::env::args().any(|arg| arg == "--bench");
    let sizes: &[usize] = if whole { &[10_000, 1_000_000] } else { &[10_000] };
    sizes.iter().map(|&n| World::mixed(n, 1)).collect()
}

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(10).measurement_time(Duration::from_secs(4));
    group
}

fn size(world: &World) -> usize {
    world.log.len() / 10_000 * 10_000
}

/// Times `run` `n` times over copies of `world`, each given what `prepare` makes.
fn on_copies<T>(
    world: &World,
    n: u64,
    prepare: impl Fn(&mut World) -> T,
    run: impl Fn(&mut World, T),
) -> Duration {
    let mut whole = Duration::ZERO;
    for first in (0..n).step_by(PER_COPY as usize) {
        let mut world = world.clone();
        for _ in first..n.min(first + PER_COPY) {
            let input = prepare(&mut world);
            whole += timed(|| run(&mut world, input)).1;
        }
    }
    whole
}

fn append_one(world: &mut World, draft: Draft) {
    let key = world.keys[1].clone();
    world.log.append(&key, &[draft]).expect("a right to write");
    black_box(world.log.standings());
}

fn append(c: &mut Criterion) {
    let worlds = worlds();
    let mut group = group(c, "append");
    group.bench_function("the seal alone", |b| {
        let (key, profile) = (&worlds[0].keys[0], worlds[0].log.profile().id);
        let head = worlds[0].log.heads().hash();
        b.iter(|| key.seal(&profile, black_box(7), head));
    });
    for world in &worlds {
        group.bench_function(BenchmarkId::new("tail, seal, standings", size(world)), |b| {
            let prepare = |world: &mut World| world.award(world.next_stamp());
            b.iter_custom(|n| on_copies(world, n, prepare, append_one));
        });
    }
    group.throughput(Throughput::Elements(BATCH as u64));
    for world in &worlds {
        group.bench_function(BenchmarkId::new("tail, by the thousand", size(world)), |b| {
            let mut world = world.clone();
            let stamp = world.next_stamp();
            let batch: Vec<Draft> = (0..BATCH).map(|_| world.award(stamp)).collect();
            let run = |log: &mut Log| log.append(&world.keys[1], &batch).expect("a right");
            b.iter_batched_ref(|| world.log.clone(), run, BatchSize::PerIteration);
        });
    }
}

fn late(c: &mut Criterion) {
    let worlds = worlds();
    let mut points = group(c, "late points, seal, standings");
    for world in &worlds {
        let prepare = |world: &mut World| {
            let stamp = world.any_stamp();
            world.award(stamp)
        };
        points.bench_function(BenchmarkId::from_parameter(size(world)), |b| {
            b.iter_custom(|n| on_copies(world, n, prepare, append_one));
        });
    }
    points.finish();
    for (name, revoke) in [("late grant", false), ("late revoke", true)] {
        let mut roles = group(c, name);
        for world in &worlds {
            let draft = [world.clone().late_role(revoke)];
            let run = |log: &mut Log| {
                log.append(&world.keys[0], &draft).expect("the owner may");
                log.standings().len()
            };
            roles.bench_function(BenchmarkId::from_parameter(size(world)), |b| {
                b.iter_batched_ref(|| world.log.clone(), run, BatchSize::PerIteration);
            });
        }
    }
}

fn accept(c: &mut Criterion) {
    let worlds = worlds();
    let mut group = group(c, "accept one half into the other");
    for world in &worlds {
        let (half, rest) = generator::halves(&world.log);
        group.throughput(Throughput::Elements(world.log.len() as u64 - half.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(size(world)), |b| {
            let setup = || (half.clone(), rest.clone());
            let run = |(mut log, rest): (Log, Vec<_>)| {
                for segment in rest {
                    log.accept(segment).expect("a sealed segment");
                }
                log
            };
            b.iter_batched(setup, run, BatchSize::PerIteration);
        });
    }
}

fn read(c: &mut Criterion) {
    let worlds = worlds();
    let mut replay = group(c, "replay");
    for world in &worlds {
        replay.throughput(Throughput::Elements(world.log.len() as u64));
        replay.bench_function(BenchmarkId::from_parameter(size(world)), |b| {
            b.iter(|| world.log.replay().len());
        });
    }
    // Nothing but imported rows of basis `Total`, each of which may have copies.
    let imported = World::imported(10_000, 2);
    replay.throughput(Throughput::Elements(imported.log.len() as u64));
    replay.bench_function("imported rows", |b| {
        b.iter(|| imported.log.replay().len());
    });
    replay.finish();
    let mut standings = group(c, "standings");
    for world in &worlds {
        standings.bench_function(BenchmarkId::from_parameter(size(world)), |b| {
            b.iter(|| world.log.standings().len());
        });
    }
}

criterion_group!(benches, append, late, accept, read);
criterion_main!(benches);
