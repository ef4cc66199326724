//! How many bytes an entry takes: the bars of the benchmarks, held against the shared corpora where
//! they are there, and a guild from a seed everywhere.

use guildsync_wire::rows::{Base, Mode, Rows, decode, encode};

use crate::world::{corpus, log, slice};

/// Mean bytes an entry over five windows of 1,000, small and primed by the 1,000 before.
fn measured(rows: &Rows, first: usize) -> (f64, f64) {
    let (mut small, mut history) = (0, 0);
    for window in 0..5 {
        let from = first + window * 1000;
        let base = slice(rows, from - 1000, from);
        let rows = slice(rows, from, from + 1000);
        small += encode(&rows, Mode::Small).unwrap().len();
        let bytes = encode(&rows, Mode::History(Base { number: 77, rows: &base })).unwrap();
        assert_eq!(decode(&bytes, |_| Some(&base)).unwrap(), rows);
        history += bytes.len();
    }
    (small as f64 / 5000.0, history as f64 / 5000.0)
}

#[test]
fn independent_entries_take_what_was_promised() {
    let Some(rows) = corpus("loot-independent.psv") else { return };
    let (small, history) = measured(&rows, 10_000);
    println!("independent: small {small:.3}, history {history:.3}");
    assert!(small <= 4.6 && history <= 3.1, "small {small:.3}, history {history:.3}");
}

#[test]
fn correlated_entries_take_what_was_promised() {
    let Some(rows) = corpus("loot-correlated.psv") else { return };
    let (small, history) = measured(&rows, 10_000);
    println!("correlated: small {small:.3}, history {history:.3}");
    assert!(small <= 2.0 && history <= 1.0, "small {small:.3}, history {history:.3}");
}

#[test]
fn a_guild_from_any_seed_takes_about_the_same() {
    let sizes: Vec<f64> = (20..26).map(|seed| measured(&log(seed, 6000), 1000).1).collect();
    let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
    for size in &sizes {
        assert!((size / mean - 1.0).abs() < 0.1, "{size:.3} of {sizes:.3?}");
    }
}
