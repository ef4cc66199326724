//! Sketches of 10,000 elements: making them, comparing by them, and the longest ones.
//!
//! Rivals in the same run: the power sums of a `PinSketch` of the same capacity, and, in bytes, what a
//! bisection by digests or the sorted list of all hashes takes. `-- --test` prints the bytes and
//! measures nothing.

use std::collections::HashSet;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use guildsync_tables::sketch::{Sketch, difference, element};

const MANY: usize = 10_000;

/// Bytes of a frame that a scheme can use.
const FRAME: usize = 240;

/// `count` different elements of a seeded generator (splitmix64).
fn elements(seed: u64, count: usize) -> Vec<u32> {
    let mut state = seed << 40;
    let mut seen = HashSet::new();
    let numbers = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        element(z ^ z >> 31)
    });
    numbers.filter(|&x| seen.insert(x)).take(count).collect()
}

/// Two sets of `count` elements or a few less, `mine` and `theirs` of which only one has.
fn pair(seed: u64, count: usize, mine: usize, theirs: usize) -> (Vec<u32>, Vec<u32>) {
    let all = elements(seed, count + theirs);
    (all[..count].to_vec(), all[mine..].to_vec())
}

fn sketch_of(elements: &[u32], points: usize) -> Sketch {
    Sketch::of(elements, 0, points).expect("at most 512 points")
}

/// The odd power sums of a set in GF(2^32), by tables of four bits.
mod pin_sketch {
    /// x^32 + x^7 + x^3 + x^2 + 1.
    const MODULUS: u64 = 0x8d;

    fn table(a: u32) -> [u64; 16] {
        let mut table = [0; 16];
        for n in 1..16usize {
            let doubled = table[n / 2] << 1;
            table[n] = if n % 2 == 1 { doubled ^ u64::from(a) } else { doubled };
        }
        table
    }

    fn times(table: &[u64; 16], b: u32) -> u32 {
        let mut product = (0..8)
            .rev()
            .fold(0u64, |product, nibble| product << 4 ^ table[(b >> (4 * nibble) & 15) as usize]);
        for _ in 0..2 {
            let high = product >> 32;
            let folded = high ^ high << 2 ^ high << 3 ^ high << 7;
            product = product & 0xffff_ffff ^ folded;
        }
        product as u32
    }

    pub(super) fn build(elements: &[u32], capacity: usize) -> Vec<u32> {
        let mut sums = vec![0; capacity];
        for &x in elements {
            let square = table(times(&table(x), x));
            let mut power = x;
            for sum in &mut sums {
                *sum ^= power;
                power = times(&square, power);
            }
        }
        sums
    }

    /// Squared 32 times, every element of GF(2^32) is itself again.
    pub(super) fn check() {
        assert_eq!(times(&table(2), 1 << 31), MODULUS as u32);
        let mut power = 3;
        for _ in 0..32 {
            power = times(&table(power), power);
        }
        assert_eq!(power, 3);
    }
}

fn build(criterion: &mut Criterion) {
    pin_sketch::check();
    let set = elements(1, MANY);
    let mut group = criterion.benchmark_group("build 10,000");
    for points in [16, 48, 58] {
        group.bench_function(BenchmarkId::new("sketch", points), |bencher| {
            bencher.iter(|| sketch_of(black_box(&set), points));
        });
        group.bench_function(BenchmarkId::new("PinSketch, portable", points), |bencher| {
            bencher.iter(|| pin_sketch::build(black_box(&set), points));
        });
    }
    group.finish();
}

fn compare(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compare 10,000 at 48 points");
    for differences in [0, 10, 20, 40] {
        let (mine, theirs) = pair(2, MANY, differences / 2, differences / 2);
        let told = sketch_of(&theirs, 48);
        let count = theirs.len() as u32;
        group.bench_function(BenchmarkId::new("build and decode", differences), |bencher| {
            bencher.iter(|| {
                let sketch = sketch_of(black_box(&mine), 48);
                difference(&mine, &sketch, black_box(&told), count)
            });
        });
        let sketch = sketch_of(&mine, 48);
        group.bench_function(BenchmarkId::new("decode", differences), |bencher| {
            bencher.iter(|| difference(black_box(&mine), &sketch, black_box(&told), count));
        });
    }
    group.finish();
}

fn longest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode 10,000 at 512 points");
    for (mine_only, theirs_only) in [(5, 5), (256, 255), (0, 511), (511, 0), (300, 300)] {
        let (mine, theirs) = pair(3, MANY, mine_only, theirs_only);
        let sketch = sketch_of(&mine, 512);
        let told = sketch_of(&theirs, 512);
        let name = format!("{mine_only} and {theirs_only}");
        group.bench_function(name, |bencher| {
            let count = theirs.len() as u32;
            bencher.iter(|| difference(black_box(&mine), &sketch, black_box(&told), count));
        });
    }
    group.finish();
}

/// Bytes and frames of a bisection: each flight answers the digests before it, for every range that
/// differs with 16 digests of four bytes, or with its elements when they are 16 at most.
fn bisection(mine: &[u32], theirs: &[u32]) -> (usize, usize) {
    let within = |set: &[u32], (from, to): (u64, u64)| -> Vec<u32> {
        set.iter().copied().filter(|&x| (from..to).contains(&u64::from(x))).collect()
    };
    let (mut bytes, mut frames) = (0, 0);
    let sides = [mine, theirs];
    let mut open = vec![(0u64, 1 << 32)];
    for flight in 0.. {
        if open.is_empty() {
            break;
        }
        // After the first flight, two bytes tell which of each sixteen ranges differ.
        let mut size = if flight == 0 { 0 } else { 2 };
        let mut next = Vec::new();
        for (from, to) in open {
            let here = within(sides[flight % 2], (from, to));
            if here.len() <= 16 {
                size += 1 + 4 * here.len();
                continue;
            }
            size += 1 + 16 * 4;
            let width = (to - from) / 16;
            let parts = (0..16).map(|part| (from + part * width, from + (part + 1) * width));
            next.extend(parts.filter(|&part| within(mine, part) != within(theirs, part)));
        }
        bytes += size;
        frames += size.div_ceil(FRAME);
        open = next;
    }
    (bytes, frames)
}

/// Bytes of the sorted list: the differences of neighbours with the best Rice parameter.
fn rice(set: &[u32]) -> usize {
    let mut sorted = set.to_vec();
    sorted.sort_unstable();
    let gaps: Vec<u32> = sorted.windows(2).map(|two| two[1] - two[0]).collect();
    let bits = |k: u32| gaps.iter().map(|gap| u64::from((gap >> k) + 1 + k)).sum::<u64>() + 32;
    (8..32).map(bits).min().unwrap_or(0).div_ceil(8) as usize
}

/// Bytes of the sorted list in the way of Elias and Fano.
fn elias_fano(count: usize) -> usize {
    let low = ((1u64 << 32) / count as u64).ilog2() as usize;
    (count * (2 + low)).div_ceil(8)
}

/// What finding the differences takes, without asking for what is lacking.
fn bytes(_: &mut Criterion) {
    const TRIALS: u64 = 20;
    println!("bytes (frames of {FRAME}) to find scattered differences, half on each side");
    println!("elements  differing  sketch   in a whole frame  16-way bisection  Rice   Elias-Fano");
    for count in [700, MANY] {
        for differences in [10, 20] {
            let (mut sum, mut frames, mut listed) = (0, 0, 0);
            for seed in 0..TRIALS {
                let (mine, theirs) = pair(100 + seed, count, differences / 2, differences / 2);
                let (bytes, flights) = bisection(&mine, &theirs);
                let sketch = sketch_of(&theirs, differences + 1);
                let own = sketch_of(&mine, differences + 1);
                let found =
                    difference(&mine, &own, &sketch, theirs.len() as u32).expect("points suffice");
                assert_eq!(found.only_mine.len() + found.only_theirs.len(), differences);
                (sum, frames, listed) = (sum + bytes, frames + flights, listed + rice(&mine));
            }
            let mean = |sum: usize| sum as f64 / TRIALS as f64;
            let frames_of = |bytes: usize| bytes.div_ceil(FRAME);
            let (sketch, list) = (4 * (differences + 1), listed / TRIALS as usize);
            println!(
                "{count:>8}  {differences:>9}  {sketch:>6} (1)  {:>12} (1)  {:>10.0} ({:.1})  {list} \
                 ({})  {} ({})",
                4 * 58,
                mean(sum),
                mean(frames),
                frames_of(list),
                elias_fano(count),
                frames_of(elias_fano(count)),
            );
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = bytes, build, compare, longest
}
criterion_main!(benches);
