//! Rows to test with: a guild's log from a seed, the shared corpora, and anything at all.

use std::path::Path;

use guildsync_wire::rows::{Row, Rows, RowsBuilder};
use proptest::prelude::*;

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Small ones are likelier.
    fn skewed(&mut self, end: u64) -> u64 {
        self.below(end).min(self.below(end))
    }
}

fn name(number: u64) -> String {
    let syllables = ["ka", "lor", "min", "tha", "dre", "vex", "ul", "os"];
    let at = |shift: u64| syllables[(number / shift % 8) as usize];
    let realm = ["Ashvale", "Deepmere", "Northfen"][(number % 3) as usize];
    let mut name = format!("{}{}{}", at(1), at(8), at(3));
    name[..1].make_ascii_uppercase();
    format!("{name}-{realm}")
}

/// A log of awards, some to the whole raid, by officers each with a chain of its own.
pub(crate) fn log(seed: u64, len: usize) -> Rows {
    let mut random = Random(seed);
    let mut builder = RowsBuilder::new(b"Main raid");
    let mut totals = [10_000i64; 40];
    let mut seqs = [0u64; 4];
    let mut seconds = 1_700_000_000;
    while builder.len() < len {
        seconds += if random.below(60) == 0 { 90_000 } else { random.skewed(600) };
        let officer = random.skewed(4) as usize;
        let reason = random.skewed(30);
        let delta = [500, 1000, 2500, -750][(reason % 4) as usize];
        let raid = random.below(3) == 0;
        let first = random.skewed(40) as usize;
        for target in if raid { 0..40 } else { first..first + 1 } {
            if builder.len() == len || raid && random.below(10) < 3 {
                continue;
            }
            totals[target] += delta;
            seqs[officer] += 1;
            let writer = [officer as u8 + 7; 16];
            builder.push(&Row {
                writer: &writer,
                seq: seqs[officer],
                seconds,
                actor: name(officer as u64).as_bytes(),
                target: Some(name(target as u64).as_bytes()),
                delta,
                total: totals[target],
                reason: format!("Kill {reason}: the {} of {}", name(reason), name(reason * 7))
                    .as_bytes(),
                ..Row::default()
            });
        }
    }
    builder.finish()
}

/// Rows from..to of another batch.
pub(crate) fn slice(rows: &Rows, from: usize, to: usize) -> Rows {
    let mut builder = RowsBuilder::new(&rows.profile);
    rows.iter().take(to).skip(from).for_each(|row| builder.push(&row));
    builder.finish()
}

/// A shared corpus of pipe text, or `None` where it is not there.
pub(crate) fn corpus(name: &str) -> Option<Rows> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skip: no ../shared/data/{name}");
        return None;
    };
    let mut builder = RowsBuilder::new(b"");
    for line in text.lines() {
        let field: Vec<&str> = line.split('|').collect();
        let hundredths = |text: &str| text.parse::<i64>().unwrap() * 100;
        if builder.is_empty() {
            builder = RowsBuilder::new(field[7].as_bytes());
        }
        builder.push(&Row {
            seq: field[0].parse().unwrap(),
            seconds: field[1].parse().unwrap(),
            actor: field[2].as_bytes(),
            target: Some(field[3].as_bytes()),
            delta: hundredths(field[4]),
            total: hundredths(field[5]),
            reason: field[6].as_bytes(),
            ..Row::default()
        });
    }
    Some(builder.finish())
}

/// A row of anything, from few different strings.
#[derive(Debug, Clone)]
pub(crate) struct AnyRow {
    strings: [Vec<u8>; 5],
    about: bool,
    numbers: (u64, u64, u16, u8, u8, u32, i64, i64),
}

fn any_string() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(vec![
            b"Ayla-Northfen".to_vec(),
            b"Bront".to_vec(),
            b"a\0b".to_vec(),
            b"\0".to_vec(),
            "Ærwyn-Đ".as_bytes().to_vec(),
            vec![0xff, 0x80],
        ]),
        1 => Just(Vec::new()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0..5u64, 2 => 1_700_000_000..1_700_100_000u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

fn any_amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => (-20..20i64).prop_map(|whole| whole * 100),
        2 => -5000..5000i64,
        1 => any::<i64>(),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0]),
    ]
}

pub(crate) fn any_row() -> impl Strategy<Value = AnyRow> {
    let small = prop_oneof![3 => Just(0u8), 1 => any::<u8>()];
    let count = prop_oneof![3 => 0..3u16, 1 => any::<u16>()];
    let origin = prop_oneof![3 => 0..3u32, 1 => any::<u32>()];
    let body = prop_oneof![6 => Just(Vec::new()), 1 => prop::collection::vec(any::<u8>(), 0..60)];
    let numbers = (
        any_number(),
        any_number(),
        count,
        small.clone(),
        small,
        origin,
        any_amount(),
        any_amount(),
    );
    (any_string(), any_string(), any_string(), any_string(), body, any::<bool>(), numbers).prop_map(
        |(writer, actor, target, reason, body, about, numbers)| AnyRow {
            strings: [writer, actor, target, reason, body],
            about,
            numbers,
        },
    )
}

/// A batch of anything: rows that stand alone, and rows that repeat the one before.
pub(crate) fn any_rows() -> impl Strategy<Value = Rows> {
    let row = (any_row(), any::<bool>(), 0..5u8);
    (any_string(), prop::collection::vec(row, 0..40)).prop_map(|(profile, rows)| {
        let mut builder = RowsBuilder::new(&profile);
        let mut last: Option<AnyRow> = None;
        for (any, again, keep) in rows {
            let mut row = any;
            if let Some(last) = last.filter(|_| again) {
                row.strings = last.strings;
                row.numbers.6 = last.numbers.6;
                if keep > 2 {
                    row.numbers = last.numbers;
                }
            }
            let [writer, actor, target, reason, body] = &row.strings;
            let (seq, seconds, count, kind, flags, origin, delta, total) = row.numbers;
            builder.push(&Row {
                writer,
                seq,
                seconds,
                count,
                kind,
                flags,
                origin,
                actor,
                target: row.about.then_some(target),
                delta,
                total,
                reason,
                body,
            });
            last = Some(row);
        }
        builder.finish()
    })
}
