//! The simulator's two logs, as rows to measure.

use guildsync_sim::corpus::loot::{self, Loot, LootRow};

use super::{Corpus, Known};
use crate::row::OwnedRow;

/// `n` rows of which every field is drawn by itself.
#[must_use]
pub fn independent(seed: u64, n: usize) -> Corpus {
    corpus("generated-independent", loot::independent(seed, n))
}

/// `n` rows of which most belong to raid-wide awards.
#[must_use]
pub fn correlated(seed: u64, n: usize) -> Corpus {
    corpus("generated-correlated", loot::correlated(seed, n))
}

fn corpus(name: &str, log: Loot) -> Corpus {
    let Loot { profile, rows, bits, actors } = log;
    let owned = |row: LootRow| OwnedRow {
        seq: row.seq,
        seconds: row.seconds,
        actor: actors[row.actor].clone(),
        target: Some(row.target),
        delta: row.delta,
        total: row.total,
        reason: row.reason,
        ..OwnedRow::default()
    };
    Corpus {
        name: name.to_owned(),
        profile: profile.to_owned(),
        rows: rows.into_iter().map(owned).collect(),
        known: Known::Bits(bits),
        entries: false,
    }
}
