//! Record batches of a seeded generator: how many records a second are written and read, and at
//! what size.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guildsync_wire::records::{Base, decode, encode};

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

criterion_group!(benches, records);
criterion_main!(benches);
