//! Deliberate bugs: does the simulator find what it should, and how soon?
//!
//! A bug is planted for a whole process (the protocol crates consult a switch that only tests have) or
//! for one world ([`Sabotage`]). [`hunt`] runs seeds until it was caught often enough, and tells the
//! median number of seeds that a catch took.

use serde::Serialize;

use crate::campaign::{in_order, run_caught};
use crate::options::Base;
use crate::world::Sabotage;

/// A bug that can be planted.
#[derive(Debug, Clone, Copy)]
pub struct Planted {
    /// Its name.
    pub name: &'static str,
    /// What it does wrong, and where it was seen.
    pub what: &'static str,
    /// How it gets there.
    pub how: How,
}

/// How a bug gets there.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// The world breaks a promise.
    World(Sabotage),
    /// The protocol does: the function switches it on or off, for all threads.
    Protocol(fn(bool)),
}

/// The bugs of the world itself: what they show is that the oracle looks.
pub const OF_THE_WORLD: &[Planted] = &[
    Planted {
        name: "commits-are-lost",
        what: "entries are acknowledged before they are durable (C15)",
        how: How::World(Sabotage::CommitsAreLost),
    },
    Planted {
        name: "wiped-store-keeps-its-key",
        what: "a writer starts again at number 1 with the same key (C1, C15)",
        how: How::World(Sabotage::WipedStoreKeepsItsKey),
    },
    Planted {
        name: "no-ticks",
        what: "no deadline ever passes: whoever does not answer is waited for, for ever",
        how: How::World(Sabotage::NoTicks),
    },
];

/// How a bug was found.
#[derive(Debug, Clone, Serialize)]
pub struct Hunt {
    /// Which bug.
    pub bug: &'static str,
    /// How often it was caught.
    pub n_caught: usize,
    /// In how many seeds.
    pub n_seeds: u64,
    /// The median number of seeds from one catch to the next; `None` if it was never caught.
    pub median_seeds: Option<u64>,
    /// What the first catch said.
    pub first: Option<String>,
}

/// Hunts a bug through seeds from `first` on until it was caught `enough` times, or `most` seeds ran.
#[must_use]
pub fn hunt(
    bug: &Planted,
    base: &Base,
    first: u64,
    enough: usize,
    most: u64,
    threads: usize,
) -> Hunt {
    let mut base = base.clone();
    match bug.how {
        How::World(sabotage) => base.sabotage = Some(sabotage),
        How::Protocol(plant) => plant(true),
    }
    let mut hunt = Hunt { bug: bug.name, n_caught: 0, n_seeds: 0, median_seeds: None, first: None };
    let (mut gaps, mut gap) = (Vec::new(), 0);
    let stride = 16 * threads.max(1) as u64;
    while gaps.len() < enough && hunt.n_seeds < most {
        let from = first + hunt.n_seeds;
        let to = from + stride.min(most - hunt.n_seeds);
        in_order(
            from..to,
            threads,
            |seed| run_caught(seed, &base),
            |outcome| {
                hunt.n_seeds += 1;
                gap += 1;
                if let Some(failure) = outcome.failure {
                    let text = || format!("seed {}: {}", outcome.seed, failure.what);
                    hunt.first.get_or_insert_with(text);
                    gaps.push(std::mem::take(&mut gap));
                }
            },
        );
    }
    if let How::Protocol(plant) = bug.how {
        plant(false);
    }
    gaps.sort_unstable();
    hunt.n_caught = gaps.len();
    hunt.median_seeds = gaps.get(gaps.len() / 2).copied();
    hunt
}
