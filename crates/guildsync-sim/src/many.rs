//! Many runs of one kind: a range of seeds on all cores, results in the order of seeds.
//!
//! A kind of run has numbers of its own, [`Numbers`]; everything else is the same for all kinds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::campaign::{Failed, in_order};
use crate::coverage::{Coverage, SEEDS_FOR_ALL};
use crate::run::Failure;
use crate::trace::Record;
use crate::world::World;

/// What a kind of run counts.
pub trait Numbers: Clone + Default + Serialize + Send {
    /// Adds another run's.
    fn add(&mut self, other: &Self);

    /// In words.
    fn words(&self) -> String;
}

/// What became of a run.
#[derive(Debug, Clone, Default)]
pub struct Outcome<N> {
    /// Its seed.
    pub seed: u64,
    /// Its options, in a line.
    pub options: String,
    /// The channel's name.
    pub channel: &'static str,
    /// The hash over every frame.
    pub hash: String,
    /// Where it failed and why.
    pub failure: Option<Failure>,
    /// What it reached.
    pub seen: Coverage,
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// Steps of replicas.
    pub n_steps: u64,
    /// Frames that the channel took.
    pub n_frames: u64,
    /// What this kind of run counts.
    pub numbers: N,
}

/// What a campaign found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Found<N> {
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
    /// All runs together.
    pub numbers: N,
    /// What was reached, and how often.
    pub reached: BTreeMap<String, u64>,
    /// What had to be reached and was not; empty for ranges too short to demand it.
    pub unreached: Vec<&'static str>,
}

/// A kind of run: what a seed does, and what a campaign of it has to reach.
#[derive(Debug, Clone, Copy)]
pub struct Kind<R> {
    /// Runs a seed; with the flag, everything that happened comes back with the outcome.
    pub run: R,
    /// What has to be reached at least once by [`SEEDS_FOR_ALL`] seeds; empty where a base leaves things out.
    pub required: &'static [&'static str],
}

impl<N: Numbers> Outcome<N> {
    /// What became of a world.
    #[must_use]
    pub fn of(
        world: World,
        options: String,
        failure: Option<Failure>,
        numbers: N,
    ) -> (Self, Vec<Record>) {
        let outcome = Self {
            seed: world.setup().seed,
            options,
            channel: world.setup().channel.name,
            hash: world.trace.hash(),
            failure,
            virtual_ms: world.now(),
            n_steps: world.n_steps,
            n_frames: world.trace.frames,
            numbers,
            seen: world.seen,
        };
        (outcome, world.trace.into_records())
    }
}

impl<N: Numbers> Found<N> {
    /// Whether nothing failed and everything was reached.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.unreached.is_empty()
    }

    fn add(&mut self, outcome: &Outcome<N>) {
        self.n_seeds += 1;
        self.virtual_seconds += outcome.virtual_ms / 1000;
        self.n_steps += outcome.n_steps;
        self.n_frames += outcome.n_frames;
        self.numbers.add(&outcome.numbers);
        if let Some(failure) = &outcome.failure {
            let (seed, options) = (outcome.seed, outcome.options.clone());
            self.failed.push(Failed { seed, options, failure: failure.clone() });
        }
    }
}

impl<R> Kind<R> {
    /// Runs every seed of a range on `threads` threads. `progress` is told of every seed, in order.
    pub fn campaign<N: Numbers>(
        &self,
        seeds: Range<u64>,
        threads: usize,
        mut progress: impl FnMut(&Outcome<N>),
    ) -> Found<N>
    where
        R: Fn(u64, bool) -> (Outcome<N>, Vec<Record>) + Sync,
    {
        let mut found = Found::default();
        let mut hasher = blake3::Hasher::new();
        let mut seen = Coverage::default();
        let n_seeds = seeds.end - seeds.start;
        let work = |seed| self.run_caught(seed);
        in_order(seeds, threads, work, |outcome: Outcome<N>| {
            progress(&outcome);
            hasher.update(outcome.hash.as_bytes());
            found.add(&outcome);
            seen.join(outcome.seen);
        });
        found.hash = hasher.finalize().to_hex()[..32].to_owned();
        if n_seeds >= SEEDS_FOR_ALL {
            let is_missing = |what: &&&str| seen.count(what) == 0;
            found.unreached = self.required.iter().filter(is_missing).copied().collect();
        }
        found.reached = seen.iter().map(|(what, n)| (what.to_owned(), n)).collect();
        found
    }

    /// Runs a seed; a panic is a failure like any other.
    pub fn run_caught<N: Numbers>(&self, seed: u64) -> Outcome<N>
    where
        R: Fn(u64, bool) -> (Outcome<N>, Vec<Record>),
    {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.run)(seed, false).0));
        ran.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let what = format!("a panic: {}", text.unwrap_or_default());
            let failure = Some(Failure { phase: "any", at_ms: 0, what });
            Outcome { seed, options: format!("seed {seed}"), failure, ..Outcome::default() }
        })
    }
}
