//! Fast row batches against `bitcode` in the same run, on corpus I or, when that is not there, on
//! rows of a seeded generator.
//!
//! `bitcode/columns` encodes what the fast mode encodes, columns and tables of names, from and to
//! memory of its own kind; `bitcode/rows` encodes structs that own their strings, as a program
//! without columns would hold them.

use std::collections::HashMap;
use std::hint::black_box;

use bitcode::{Buffer, Decode, Encode};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guildsync_wire::bytes::Reader;
use guildsync_wire::rows::{Row, Rows, RowsBuilder, fast};

const CORPORA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/");
const FIRST: usize = 10_000;

#[derive(Encode, Decode)]
struct Columns {
    profile: Vec<u8>,
    writers: Vec<Vec<u8>>,
    names: Vec<Vec<u8>>,
    reasons: Vec<Vec<u8>>,
    writer: Vec<u32>,
    seq: Vec<u64>,
    seconds: Vec<u64>,
    count: Vec<u16>,
    kind: Vec<u8>,
    flags: Vec<u8>,
    origin: Vec<u32>,
    actor: Vec<u32>,
    target: Vec<u32>,
    delta: Vec<i64>,
    total: Vec<i64>,
    reason: Vec<u32>,
    bodies: Vec<(u32, Vec<u8>)>,
}

/// What the columns hold, row by row with texts of their own: the profile is named once, as there.
#[derive(Encode, Decode)]
struct Owned {
    profile: String,
    rows: Vec<OwnedRow>,
}

#[derive(Encode, Decode)]
struct OwnedRow {
    writer: Vec<u8>,
    seq: u64,
    seconds: u64,
    count: u16,
    kind: u8,
    flags: u8,
    origin: u32,
    actor: String,
    target: Option<String>,
    delta: i64,
    total: i64,
    reason: String,
    body: Vec<u8>,
}

/// The eight fields of a line of pipe text, and no more.
#[derive(Encode, Decode)]
struct EightFields {
    seq: u64,
    seconds: u64,
    actor: String,
    target: String,
    delta: i64,
    total: i64,
    reason: String,
    profile: String,
}

#[derive(Clone)]
struct Line {
    seq: u64,
    seconds: u64,
    actor: String,
    target: String,
    delta: i64,
    total: i64,
    reason: String,
}

fn corpus(file: &str) -> Vec<Line> {
    let Ok(text) = std::fs::read_to_string(format!("{CORPORA}{file}")) else {
        println!("{file} is not there: rows of the generator stand in for it");
        return generated(20_000);
    };
    let line = |line: &str| {
        let field: Vec<&str> = line.split('|').collect();
        let hundredths = |text: &str| text.parse::<i64>().map(|points| points * 100);
        Some(Line {
            seq: field.first()?.parse().ok()?,
            seconds: field.get(1)?.parse().ok()?,
            actor: (*field.get(2)?).to_owned(),
            target: (*field.get(3)?).to_owned(),
            delta: hundredths(field.get(4)?).ok()?,
            total: hundredths(field.get(5)?).ok()?,
            reason: (*field.get(6)?).to_owned(),
        })
    };
    text.lines().filter_map(line).collect()
}

fn generated(len: usize) -> Vec<Line> {
    let mut state = 20_261_121u64;
    let mut below = |limit: u64| {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit
    };
    let (mut seq, mut seconds, mut totals) = (0, 1_733_083_000, HashMap::new());
    (0..len)
        .map(|_| {
            seq += 1 + u64::from(below(50) == 0);
            seconds += below(360) + if below(60) == 0 { 160_000 } else { 0 };
            let target = format!("Member{}-Area52", below(40));
            let delta = 100 * [5, 10, 20, 25, 50, -10, -25, -50][below(8) as usize];
            let total = totals.entry(target.clone()).or_insert(10_000);
            *total += delta;
            Line {
                seq,
                seconds,
                actor: format!("Officer{}-Area52", below(20)),
                target,
                delta,
                total: *total,
                reason: format!("Boss kill: the boss with number {}", below(60)),
            }
        })
        .collect()
}

fn rows(lines: &[Line]) -> Rows {
    let mut rows = RowsBuilder::new(b"Raid-Team-A");
    for line in lines {
        rows.push(&Row {
            seq: line.seq,
            seconds: line.seconds,
            actor: line.actor.as_bytes(),
            target: Some(line.target.as_bytes()),
            delta: line.delta,
            total: line.total,
            reason: line.reason.as_bytes(),
            ..Row::default()
        });
    }
    rows.finish()
}

fn columns(rows: &Rows) -> Columns {
    Columns {
        profile: rows.profile.clone(),
        writers: rows.writers.iter().map(<[u8]>::to_vec).collect(),
        names: rows.names.iter().map(<[u8]>::to_vec).collect(),
        reasons: rows.reasons.iter().map(<[u8]>::to_vec).collect(),
        writer: rows.writer.clone(),
        seq: rows.seq.clone(),
        seconds: rows.seconds.clone(),
        count: rows.count.clone(),
        kind: rows.kind.clone(),
        flags: rows.flags.clone(),
        origin: rows.origin.clone(),
        actor: rows.actor.clone(),
        target: rows.target.clone(),
        delta: rows.delta.clone(),
        total: rows.total.clone(),
        reason: rows.reason.clone(),
        bodies: rows.bodies.clone(),
    }
}

fn owned(lines: &[Line]) -> Owned {
    let row = |line: &Line| OwnedRow {
        writer: Vec::new(),
        seq: line.seq,
        seconds: line.seconds,
        count: 0,
        kind: 0,
        flags: 0,
        origin: 0,
        actor: line.actor.clone(),
        target: Some(line.target.clone()),
        delta: line.delta,
        total: line.total,
        reason: line.reason.clone(),
        body: Vec::new(),
    };
    Owned { profile: "Raid-Team-A".to_owned(), rows: lines.iter().map(row).collect() }
}

fn eight_fields(lines: &[Line]) -> Vec<EightFields> {
    let row = |line: &Line| EightFields {
        seq: line.seq,
        seconds: line.seconds,
        actor: line.actor.clone(),
        target: line.target.clone(),
        delta: line.delta,
        total: line.total,
        reason: line.reason.clone(),
        profile: "Raid-Team-A".to_owned(),
    };
    lines.iter().map(row).collect()
}

fn sizes() {
    for file in ["loot-independent.psv", "loot-correlated.psv"] {
        let lines = corpus(file);
        for len in [1, 5, 100, 1_000, 4_096] {
            let lines = &lines[FIRST..FIRST + len];
            let rows = rows(lines);
            let mut bytes = vec![0x10];
            fast::encode_into(&rows, &mut bytes).expect("rows that fit");
            let text = [&rows.writers, &rows.names, &rows.reasons];
            println!(
                "{file} {len} rows: fast {:.2} B/row ({:.2} of it strings), bitcode columns {:.2}, rows {:.2}",
                bytes.len() as f64 / len as f64,
                text.iter().map(|table| table.total_bytes()).sum::<usize>() as f64 / len as f64,
                bitcode::encode(&columns(&rows)).len() as f64 / len as f64,
                bitcode::encode(&owned(lines)).len() as f64 / len as f64,
            );
        }
    }
}

fn speed(criterion: &mut Criterion) {
    sizes();
    let lines = corpus("loot-independent.psv");
    for len in [1_000, 4_096] {
        let lines = &lines[FIRST..FIRST + len];
        let (rows, owned) = (rows(lines), owned(lines));
        let eight = eight_fields(lines);
        let columns = columns(&rows);
        let mut bytes = Vec::new();
        fast::encode_into(&rows, &mut bytes).expect("rows that fit");
        let mut buffer = Buffer::new();

        let mut group = criterion.benchmark_group("rows_fast/encode");
        group.throughput(Throughput::Elements(len as u64));
        group.bench_function(BenchmarkId::new("fast", len), |bencher| {
            let mut out = Vec::new();
            bencher.iter(|| {
                out.clear();
                fast::encode_into(black_box(&rows), &mut out).expect("rows that fit");
                out.len()
            });
        });
        group.bench_function(BenchmarkId::new("bitcode/columns", len), |bencher| {
            bencher.iter(|| buffer.encode(black_box(&columns)).len());
        });
        group.bench_function(BenchmarkId::new("bitcode/rows", len), |bencher| {
            bencher.iter(|| buffer.encode(black_box(&owned)).len());
        });
        group.bench_function(BenchmarkId::new("bitcode/eight fields", len), |bencher| {
            bencher.iter(|| buffer.encode(black_box(&eight)).len());
        });
        group.finish();

        let mut group = criterion.benchmark_group("rows_fast/decode");
        group.throughput(Throughput::Elements(len as u64));
        group.bench_function(BenchmarkId::new("fast", len), |bencher| {
            let mut rows = Rows::default();
            bencher.iter(|| {
                fast::decode_into(&mut Reader::new(black_box(&bytes)), &mut rows).expect("a batch");
                rows.len()
            });
        });
        group.bench_function(BenchmarkId::new("fast/new memory", len), |bencher| {
            bencher.iter(|| {
                let mut rows = Rows::default();
                fast::decode_into(&mut Reader::new(black_box(&bytes)), &mut rows).expect("a batch");
                rows
            });
        });
        let encoded = bitcode::encode(&columns);
        group.bench_function(BenchmarkId::new("bitcode/columns", len), |bencher| {
            bencher.iter(|| buffer.decode::<Columns>(black_box(&encoded)).expect("a batch"));
        });
        let encoded = bitcode::encode(&owned);
        group.bench_function(BenchmarkId::new("bitcode/rows", len), |bencher| {
            bencher.iter(|| buffer.decode::<Owned>(black_box(&encoded)).expect("a batch"));
        });
        let encoded = bitcode::encode(&eight);
        group.bench_function(BenchmarkId::new("bitcode/eight fields", len), |bencher| {
            bencher
                .iter(|| buffer.decode::<Vec<EightFields>>(black_box(&encoded)).expect("a batch"));
        });
        group.finish();
    }
}

criterion_group!(benches, speed);
criterion_main!(benches);
