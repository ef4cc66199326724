//! What is measured: logs and guild tables, from a file or from a seed.
//!
//! A map of the code:
//! - [`read`]: pipe text, CEPGP's history, guild tables as JSON
//! - [`loot`], [`officers`], [`tables`]: the generators, which draw as `guildsync_sim::corpus` does

pub mod loot;
pub mod officers;
pub mod read;
pub mod tables;

use std::ops::Range;

use crate::row::OwnedRow;

/// A log to measure.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The stem of the file, or `generated-...`.
    pub name: String,
    /// The log's profile.
    pub profile: String,
    /// Its rows in replay order.
    pub rows: Vec<OwnedRow>,
    /// What is known about its entropy.
    pub known: Known,
    /// Whether rows have more than the eight fields of a pipe line.
    pub entries: bool,
}

/// What is known about a log's entropy.
#[derive(Debug, Clone)]
pub enum Known {
    /// Nothing: it is real.
    Nothing,
    /// Bytes per entry, from whoever generated it.
    Bytes(f64),
    /// Bits drawn up to and with each row.
    Bits(Vec<f64>),
}

/// The limit of `loot-independent.psv` in bytes per entry, as its generator accounted for it.
pub const LIMIT_INDEPENDENT: f64 = 2.99;
/// The limit of `loot-correlated.psv`.
pub const LIMIT_CORRELATED: f64 = 0.50;

impl Corpus {
    /// The entropy limit of these rows in bytes per entry, where it is known.
    #[must_use]
    pub fn limit(&self, rows: &Range<usize>) -> Option<f64> {
        match &self.known {
            Known::Nothing => None,
            Known::Bytes(bytes) => Some(*bytes),
            Known::Bits(bits) => {
                let before = rows.start.checked_sub(1).map_or(0.0, |at| bits[at]);
                Some((bits[rows.end - 1] - before) / 8.0 / rows.len() as f64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const N: usize = 20_000;

    fn top<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = K>) -> (usize, f64) {
        let mut counts: HashMap<K, usize> = HashMap::new();
        let mut all = 0;
        for key in keys {
            *counts.entry(key).or_default() += 1;
            all += 1;
        }
        (counts.len(), *counts.values().max().unwrap_or(&0) as f64 / f64::from(all))
    }

    fn first_rows(corpus: &Corpus) -> String {
        let text = serde_json::to_string(&corpus.rows[..50]).unwrap();
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }

    #[test]
    fn a_seed_gives_the_same_rows_on_every_machine() {
        let found = [
            first_rows(&loot::independent(1, 50)),
            first_rows(&loot::correlated(1, 50)),
            first_rows(&officers::officers(1, 50)),
        ];
        assert_eq!(found, ["dfeea11b4c127e1d", "54661c2f243a2fcf", "18d4952b92362db8"]);
        assert_ne!(first_rows(&loot::independent(2, 50)), first_rows(&loot::independent(1, 50)));
    }

    #[test]
    fn the_independent_log_has_the_stated_statistics() {
        for seed in [1, 2, 3] {
            let log = loot::independent(seed, N);
            let (actors, actor) = top(log.rows.iter().map(|row| &row.actor));
            let (targets, target) = top(log.rows.iter().map(|row| &row.target));
            let (reasons, _) = top(log.rows.iter().map(|row| &row.reason));
            assert_eq!((log.rows.len(), actors, targets, reasons), (N, 20, 40, 60));
            assert!((actor - 0.35).abs() < 0.03 && (target - 0.09).abs() < 0.02);
            let gaps = log.rows.windows(2).filter(|pair| pair[1].seq > pair[0].seq + 1).count();
            assert!((gaps as f64 / N as f64 - 0.02).abs() < 0.005);
            let within = log.rows.windows(2).map(|pair| pair[1].seconds - pair[0].seconds);
            let (n, sum) =
                within.filter(|gap| *gap < 4 * 3600).fold((0, 0), |a, g| (a.0 + 1, a.1 + g));
            assert!((f64::from(sum as u32) / f64::from(n) - 180.0).abs() < 8.0);
            let limit = log.limit(&(10_000..N)).unwrap();
            assert!((limit - 2.98).abs() < 0.05, "{limit}");
        }
    }

    #[test]
    fn the_correlated_log_has_the_stated_statistics() {
        for seed in [1, 2, 3] {
            let log = loot::correlated(seed, N);
            let same =
                log.rows.windows(2).filter(|pair| pair[0].seconds == pair[1].seconds).count();
            assert!((same as f64 / N as f64 - 0.885).abs() < 0.02, "{same}");
            let limit = log.limit(&(10_000..N)).unwrap();
            assert!((limit - 0.52).abs() < 0.04, "{limit}");
        }
    }

    #[test]
    fn officers_write_contiguous_chains_in_replay_order() {
        let log = officers::officers(7, N);
        let mut order: Vec<_> =
            log.rows.iter().map(|row| (row.seconds, row.count, &row.writer, row.seq)).collect();
        assert!(order.is_sorted());
        order.sort_by_key(|place| (place.2, place.3));
        assert_eq!(top(log.rows.iter().map(|row| &row.writer)).0, 10);
        let chains = order.chunk_by(|a, b| a.2 == b.2);
        for chain in chains {
            assert!(chain.iter().zip(1..).all(|(place, seq)| place.3 == seq));
        }
        for kind in [0, 2, 3] {
            assert!(log.rows.iter().any(|row| row.kind == kind));
        }
        assert!(log.rows.iter().any(|row| row.count > 5));
    }
}
