//! Many runs with tables: a range of seeds on all cores, results in the order of seeds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use super::options::Options;
use super::{Outcome, Summary, TableBase, run};
use crate::campaign::{Failed, in_order};
use crate::coverage::{Coverage, SEEDS_FOR_ALL};
use crate::run::Failure;

/// What every campaign with tables has to reach at least once.
pub const REQUIRED: &[&str] = &[
    "fault: loss",
    "fault: burst loss",
    "fault: duplicate",
    "fault: reorder",
    "fault: stale",
    "fault: foreign traffic",
    "fault: partition",
    "fault: zoning",
    "fault: lockdown",
    "fault: crash",
    "fault: crash in commit",
    "fault: reload",
    "fault: killed at a frame",
    "fault: restored backup",
    "fault: clock jump",
    "fault: clock skew",
    "fault: slow disk",
    "fault: newer version",
    "fault: log off",
    "fault: away for long",
    "fault: away for most of a year",
    "user: writes",
    "user: deletes",
    "user: default content",
    "user: forges",
    "user: sync with all",
    "user: sync with some",
    "user: sync all",
    "user: sync of days",
    "user: sync as the policy says",
    "user: who is online",
    "user: reset",
    "user: fights",
    "user: rests",
    "user: changes policies",
    "dialect: compact",
    "dialect: text",
    "message: WHO_IS_ONLINE",
    "message: I_AM_ONLINE",
    "message: I_AM_BUSY",
    "message: SYNC_INITIATE",
    "message: NO_META",
    "message: META",
    "message: REQUEST_METADATA",
    "message: REQUEST_ENTRY",
    "message: SYNC_DATA",
    "message: ACK",
    "message: SYNC_END",
    "outcome: Sync Complete",
    "outcome: Sync Failed",
    "failure: Busy",
    "failure: Refused",
    "failure: Silent",
    "failure: Gone",
    "failure: Reset",
    "session: widened",
    "session: several rounds",
    "session: one frame each way",
    "restart: goes on by itself",
    "restart of: initiator",
    "restart of: responder",
    "policy: text",
    "policy: one request at a time",
    "policy: yields",
    "policy: every batch acknowledged",
    "policy: only the end acknowledged",
    "policy: short hashes",
    "policy: metadata",
    "policy: several sessions",
    "policy: officers and leaders",
    "policy: nobody passes on",
    "policy: anybody passes on",
    "policy: own guild alone",
    "policy: setup where it is missing",
    "guilds: two",
    "guilds: three",
    "guilds: not all linked",
    "guilds: without setup",
];

/// What a campaign found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Found {
    /// How many seeds ran.
    pub n_seeds: u64,
    /// Those that failed, in order.
    pub failed: Vec<Failed>,
    /// One hash over the hashes and summaries of all runs, in order.
    pub hash: String,
    /// All runs together; the hash is that of the last one.
    pub sum: Summary,
    /// Steps of replicas.
    pub n_steps: u64,
    /// Changes that were acknowledged.
    pub n_acknowledged: u64,
    /// Sessions that ended, counted on each side.
    pub n_sessions: u64,
    /// The longest heal in virtual milliseconds.
    pub heal_ms_max: u64,
    /// What was reached, and how often.
    pub reached: BTreeMap<String, u64>,
    /// What had to be reached and was not; empty for ranges too short to demand it.
    pub unreached: Vec<&'static str>,
}

impl Found {
    /// Whether nothing failed and everything was reached.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.unreached.is_empty()
    }

    fn add(&mut self, outcome: &Outcome) {
        let Outcome { summary, .. } = outcome;
        self.n_seeds += 1;
        self.n_steps += outcome.n_steps;
        self.n_acknowledged += outcome.n_acknowledged as u64;
        self.n_sessions += outcome.n_sessions;
        self.heal_ms_max = self.heal_ms_max.max(outcome.heal_ms);
        let sum = &mut self.sum;
        sum.frames += summary.frames;
        sum.bytes += summary.bytes;
        sum.virtual_seconds += summary.virtual_seconds;
        sum.pulled += summary.pulled;
        sum.pushed += summary.pushed;
        sum.conflicts += summary.conflicts;
        sum.state_hash.clone_from(&summary.state_hash);
        if let Some(failure) = &outcome.failure {
            let (seed, options) = (outcome.seed, outcome.options.clone());
            self.failed.push(Failed { seed, options, failure: failure.clone() });
        }
    }
}

/// Runs every seed of a range on `threads` threads. `progress` is told of every seed, in order.
pub fn campaign(
    seeds: Range<u64>,
    base: &TableBase,
    threads: usize,
    mut progress: impl FnMut(&Outcome),
) -> Found {
    let mut found = Found::default();
    let mut hasher = blake3::Hasher::new();
    let mut seen = Coverage::default();
    let n_seeds = seeds.end - seeds.start;
    let work = |seed| run_caught(seed, base);
    in_order(seeds, threads, work, |outcome: Outcome| {
        progress(&outcome);
        hasher.update(outcome.hash.as_bytes());
        hasher.update(outcome.summary.state_hash.as_bytes());
        found.add(&outcome);
        seen.join(outcome.seen);
    });
    found.hash = hasher.finalize().to_hex()[..32].to_owned();
    found.sum.converged = found.failed.is_empty();
    if n_seeds >= SEEDS_FOR_ALL && !base.calm && base.story.is_none() && base.channel.is_none() {
        let is_missing = |what: &&&str| seen.count(what) == 0;
        found.unreached = REQUIRED.iter().filter(is_missing).copied().collect();
    }
    found.reached = seen.iter().map(|(what, n)| (what.to_owned(), n)).collect();
    found
}

/// Runs a seed; a panic is a failure like any other.
#[must_use]
pub fn run_caught(seed: u64, base: &TableBase) -> Outcome {
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
            n_steps: 0,
            n_acknowledged: 0,
            n_sessions: 0,
            heal_ms: 0,
            summary: Summary::default(),
        }
    })
}
