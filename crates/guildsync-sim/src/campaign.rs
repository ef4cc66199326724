//! Many runs: a range of seeds on all cores, one seed one thread, results in the order of seeds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use serde::Serialize;

use crate::coverage::{Coverage, SEEDS_FOR_ALL, unreached};
use crate::options::{Base, Options};
use crate::run::{Failure, Outcome, run};

/// What a campaign found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// How many seeds ran.
    pub n_seeds: u64,
    /// Those that failed, in order.
    pub failed: Vec<Failed>,
    /// One hash over the hashes of all runs, in order.
    pub hash: String,
    /// Virtual seconds of all runs together.
    pub virtual_seconds: u64,
    /// Steps of replicas.
    pub n_steps: u64,
    /// Frames.
    pub n_frames: u64,
    /// Entries acknowledged.
    pub n_acknowledged: u64,
    /// Of those, how many went down with the only disk that had them.
    pub n_lost: u64,
    /// The longest heals in virtual milliseconds: core, all, restart.
    pub heal_ms_max: [u64; 3],
    /// What was reached, and how often.
    pub reached: BTreeMap<String, u64>,
    /// What had to be reached and was not; empty for ranges too short to demand it.
    pub unreached: Vec<&'static str>,
}

/// One failed seed.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// The seed.
    pub seed: u64,
    /// Its options.
    pub options: String,
    /// Where and why.
    pub failure: Failure,
}

impl Summary {
    /// Whether nothing failed and everything was reached.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.unreached.is_empty()
    }
}

/// Runs every seed of a range on `threads` threads. `progress` is told of every seed, in order.
pub fn campaign(
    seeds: Range<u64>,
    base: &Base,
    threads: usize,
    mut progress: impl FnMut(&Outcome),
) -> Summary {
    let mut summary = Summary::default();
    let mut hasher = blake3::Hasher::new();
    let mut seen = Coverage::default();
    in_order(
        seeds.clone(),
        threads,
        |seed| run_caught(seed, base),
        |outcome: Outcome| {
            progress(&outcome);
            hasher.update(outcome.hash.as_bytes());
            summary.add(&outcome);
            seen.join(outcome.seen);
        },
    );
    summary.hash = hasher.finalize().to_hex()[..32].to_owned();
    if seeds.end - seeds.start >= SEEDS_FOR_ALL && !base.calm {
        summary.unreached = unreached(&seen);
    }
    summary.reached = seen.iter().map(|(what, n)| (what.to_owned(), n)).collect();
    summary
}

impl Summary {
    fn add(&mut self, outcome: &Outcome) {
        self.n_seeds += 1;
        self.virtual_seconds += outcome.virtual_ms / 1000;
        self.n_steps += outcome.n_steps;
        self.n_frames += outcome.n_frames;
        self.n_acknowledged += outcome.n_acknowledged as u64;
        self.n_lost += outcome.n_lost as u64;
        for (most, ms) in self.heal_ms_max.iter_mut().zip(&outcome.heal_ms) {
            *most = (*most).max(*ms);
        }
        if let Some(failure) = &outcome.failure {
            let (seed, options) = (outcome.seed, outcome.options.clone());
            self.failed.push(Failed { seed, options, failure: failure.clone() });
        }
    }
}

/// Runs a seed; a panic is a failure like any other.
pub fn run_caught(seed: u64, base: &Base) -> Outcome {
    let ran = catch_unwind(AssertUnwindSafe(|| run(seed, base, false).0));
    ran.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = format!("a panic: {}", text.unwrap_or_default());
        Outcome {
            seed,
            options: Options::draw(seed, base).to_string(),
            hash: String::new(),
            failure: Some(Failure { phase: "any", at_ms: 0, what }),
            seen: Coverage::default(),
            virtual_ms: 0,
            n_steps: 0,
            n_frames: 0,
            n_acknowledged: 0,
            n_lost: 0,
            heal_ms: Vec::new(),
        }
    })
}

/// Does `work` for each number of a range on several threads and hands the results on in order.
pub fn in_order<T: Send>(
    numbers: Range<u64>,
    threads: usize,
    work: impl Fn(u64) -> T + Sync,
    mut done: impl FnMut(T),
) {
    let next = AtomicU64::new(numbers.start);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, next, work, end) = (sender.clone(), &next, &work, numbers.end);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end || sender.send((number, work(number))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut wanted = numbers.start;
        for (number, result) in receiver {
            early.insert(number, result);
            while let Some(result) = early.remove(&wanted) {
                done(result);
                wanted += 1;
            }
        }
    });
}
