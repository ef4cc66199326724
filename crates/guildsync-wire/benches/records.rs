//! Record batches of a seeded generator: how many records a second are written and read, and at
//! what size.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guildsync_wire::lua::Value;
use guildsync_wire::records::{Base, Stream, decode, encode};

#[path = "../tests/records/guild.rs"]
mod guild;

fn records(c: &mut Criterion) {
    let mut group = c.benchmark_group("records");
    group.sample_size(10);
    for (accounts, entries) in [(1, 0), (40, 20), (400, 200)] {
        let rows = guild::bank(7, accounts, entries);
        let held = guild::bank(7, accounts * 2, entries);
        let count = rows.len();
        group.throughput(Throughput::Elements(count as u64));
        for (name, base) in [("plain", None), ("primed", Some(Base { number: 1, records: &held }))]
        {
            let bytes = encode(&rows, base).expect("rows within the limits");
            println!("{name}, {count} records: {} bytes", bytes.len());
            group.bench_with_input(
                BenchmarkId::new(format!("encode/{name}"), count),
                &rows,
                |b, rows| {
                    b.iter(|| encode(black_box(rows), base));
                },
            );
            group.bench_with_input(
                BenchmarkId::new(format!("decode/{name}"), count),
                &bytes,
                |b, bytes| {
                    b.iter(|| decode(black_box(bytes), base));
                },
            );
        }
    }
    group.finish();
}

/// Records in batches of 48 as a stream, and what priming takes.
fn stream(c: &mut Criterion) {
    let mut group = c.benchmark_group("stream");
    group.sample_size(10);
    let rows = guild::bank(7, 400, 200);
    let all = |rows: &[Value]| -> Vec<Vec<u8>> {
        let mut stream = Stream::new(&[]).expect("a stream");
        rows.chunks(48).map(|rows| stream.encode(rows).expect("rows within the limits")).collect()
    };
    let batches = all(&rows);
    println!("{} records: {} bytes", rows.len(), batches.iter().map(Vec::len).sum::<usize>());
    group.throughput(Throughput::Elements(rows.len() as u64));
    group.bench_function("encode", |b| b.iter(|| all(black_box(&rows))));
    group.bench_function("decode", |b| {
        b.iter(|| {
            let mut stream = Stream::new(&[]).expect("a stream");
            let read = |batch: &Vec<u8>| stream.decode(black_box(batch)).map(|rows| rows.len());
            batches.iter().map(read).sum::<Result<usize, _>>()
        });
    });
    let base = &rows[..64];
    group.throughput(Throughput::Elements(base.len() as u64));
    group.bench_function("prime", |b| b.iter(|| Stream::new(black_box(base))));
    group.finish();
}

criterion_group!(benches, records, stream);
criterion_main!(benches);
