//! Criterion benches of the row batches that go over a channel: small and history, both ways.
//!
//! `cargo bench -p guildsync-wire --bench rows`. Rows come from a seed: single awards with every field
//! drawn by itself, and the same with raid-wide awards between them. The history is the 1,000 rows
//! before the batch; setting it up is part of the time, as it is for whoever sends or receives one.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guildsync_wire::rows::{Base, Mode, Row, Rows, RowsBuilder, decode, encode};

const SIZES: [usize; 2] = [1000, 4096];
const MEMBERS: u64 = 40;
const REASONS: u64 = 60;

/// SplitMix64.
#[derive(Debug)]
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    /// Small numbers more often.
    fn skewed(&mut self, n: u64) -> u64 {
        let below = self.below(n) + 1;
        self.below(below)
    }
}

#[derive(Debug)]
struct Award {
    id: u64,
    seconds: u64,
    actor: u64,
    target: u64,
    reason: u64,
    delta: i64,
    total: i64,
}

/// `n` awards; `bulk` of a hundred events go to two thirds of the members in one second.
fn awards(n: usize, bulk: u64) -> Vec<Award> {
    let mut draw = Draw(20_261_121);
    let (mut seconds, mut id) = (1_733_083_200, 0);
    let mut totals = [10_000; MEMBERS as usize];
    let mut awards = Vec::with_capacity(n + MEMBERS as usize);
    while awards.len() < n {
        seconds += draw.skewed(700);
        let (actor, reason) = (draw.skewed(20), draw.skewed(REASONS));
        let delta = match draw.below(5) {
            0 => draw.below(12) as i64 * 500 - 2500,
            _ => (reason % 12) as i64 * 500 + 500,
        };
        let targets: Vec<u64> = match draw.below(100) < bulk {
            true => (0..MEMBERS).filter(|_| draw.below(100) < 65).collect(),
            false => vec![draw.skewed(MEMBERS)],
        };
        for target in targets {
            id += if draw.below(50) == 0 { 3 } else { 1 };
            totals[target as usize] += delta;
            let total = totals[target as usize];
            awards.push(Award { id, seconds, actor, target, reason, delta, total });
        }
    }
    awards.truncate(n);
    awards
}

fn rows(awards: &[Award]) -> Rows {
    let mut builder = RowsBuilder::new(b"Raid-Team-A");
    for award in awards {
        let actor = format!("Officer{}-Eonar", award.actor);
        let target = format!("Member{}-Area52", award.target);
        let reason = format!("Boss kill: number {} of the list", award.reason);
        builder.push(&Row {
            seq: award.id,
            seconds: award.seconds,
            actor: actor.as_bytes(),
            target: Some(target.as_bytes()),
            delta: award.delta,
            total: award.total,
            reason: reason.as_bytes(),
            ..Row::default()
        });
    }
    builder.finish()
}

fn batches(c: &mut Criterion) {
    for (log, bulk) in [("independent", 0), ("correlated", 30)] {
        let awards = awards(Base::ROWS + SIZES[1], bulk);
        let base = rows(&awards[..Base::ROWS]);
        let known = |_| Some(&base);
        let history = || Mode::History(Base { number: 1, rows: &base });
        let mut group = c.benchmark_group(format!("rows, {log}"));
        for n in SIZES {
            let batch = rows(&awards[Base::ROWS..][..n]);
            group.throughput(Throughput::Elements(n as u64));
            for (name, mode) in [("small", Mode::Small), ("history", history())] {
                let bytes = encode(&batch, mode).expect("a batch");
                assert!(decode(&bytes, known).expect("the same batch") == batch);
                group.bench_function(BenchmarkId::new(format!("{name} encode"), n), |b| {
                    b.iter(|| encode(black_box(&batch), mode).expect("a batch").len());
                });
                group.bench_function(BenchmarkId::new(format!("{name} decode"), n), |b| {
                    b.iter(|| decode(black_box(&bytes), known).expect("the same batch").len());
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, batches);
criterion_main!(benches);
