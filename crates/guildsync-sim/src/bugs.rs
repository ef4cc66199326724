//! Deliberate bugs: does the simulator find what it should, and how soon?
//!
//! A bug is planted for a whole process (the protocol's, `guildsync::types::bugs`, which only a build
//! with the feature `bugs` has) or for one world ([`Sabotage`]). A bug is caught by a seed that fails with
//! it and passes without. [`Hunter::hunt`] runs seeds until that happened often enough, and tells the
//! median number of seeds that a catch took.

use std::collections::BTreeMap;
use std::fmt::Write;

use guildsync::types::bugs::Bug;
use serde::Serialize;

use crate::campaign::{in_order, run_caught};
use crate::options::Base;
use crate::run::Failure;
use crate::sheets::{self, SheetBase};
use crate::tables::TableBase;
use crate::tables::campaign::run_caught as run_tables_caught;
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
    /// The protocol does, in every thread.
    Protocol(Bug),
    /// The sync of tables does, in every thread: runs are those with tables.
    Tables(Bug),
    /// The sync of sheets does, in every thread: runs are those with sheets.
    Sheets(Bug),
}

/// The bugs of the world itself: what they show is that the oracle looks.
pub const OF_THE_WORLD: &[Planted] = &[
    Planted {
        name: "commits-are-lost",
        what: "Entries are acknowledged before they are durable (C15).",
        how: How::World(Sabotage::CommitsAreLost),
    },
    Planted {
        name: "sends-before-durable",
        what: "Entries are sent before they are durable, and a crash brings their numbers back (C15).",
        how: How::World(Sabotage::SendsBeforeDurable),
    },
    Planted {
        name: "wiped-store-keeps-its-key",
        what: "A writer starts again at number 1 with the same key (C1, C15).",
        how: How::World(Sabotage::WipedStoreKeepsItsKey),
    },
    Planted {
        name: "no-ticks",
        what: "No deadline ever passes: whoever does not answer is waited for, for ever (C9).",
        how: How::World(Sabotage::NoTicks),
    },
];

/// The bugs of table sync.
const OF_TABLES: &[Bug] = &[
    Bug::StalePush,
    Bug::DeletionsNotCompared,
    Bug::CutNotWidened,
    Bug::AckBeforeDurable,
    Bug::TableBaseIgnored,
    Bug::RightsNotChecked,
    Bug::FutureApplied,
    Bug::UnfinishedForgotten,
    Bug::DeletionsPurged,
];

/// The bugs of section sync.
const OF_SHEETS: &[Bug] = &[
    Bug::OlderSheetOverwrites,
    Bug::SheetClaimedEarly,
    Bug::StreamTakenForWhole,
    Bug::AllHoldersAnswer,
    Bug::EqualStampsAreEqual,
    Bug::SectionsByPosition,
    Bug::CursorByArrival,
];

/// The bugs of the protocol; none in a build without the feature `bugs`.
#[must_use]
pub fn of_the_protocol() -> Vec<Planted> {
    let is_other = |bug: &&Bug| OF_TABLES.contains(bug) || OF_SHEETS.contains(bug);
    let all = Bug::ALL.iter().filter(|bug| !is_other(bug));
    planted(all, How::Protocol)
}

/// The bugs of table sync; none in a build without the feature `bugs`.
#[must_use]
pub fn of_the_tables() -> Vec<Planted> {
    planted(OF_TABLES.iter(), How::Tables)
}

/// The bugs of section sync; none in a build without the feature `bugs`.
#[must_use]
pub fn of_the_sheets() -> Vec<Planted> {
    planted(OF_SHEETS.iter(), How::Sheets)
}

fn planted<'a>(bugs: impl Iterator<Item = &'a Bug>, how: fn(Bug) -> How) -> Vec<Planted> {
    let of = |&bug: &Bug| Planted { name: bug.name(), what: bug.what(), how: how(bug) };
    bugs.filter(|_| cfg!(feature = "bugs")).map(of).collect()
}

/// How a bug was found.
#[derive(Debug, Clone, Serialize)]
pub struct Hunt {
    /// Which bug.
    pub bug: &'static str,
    /// What it does wrong.
    pub what: &'static str,
    /// How often it was caught.
    pub n_caught: usize,
    /// In how many seeds.
    pub n_seeds: u64,
    /// The median number of seeds from one catch to the next, the mean of one or two; `None` if it was
    /// never caught.
    pub median_seeds: Option<u64>,
    /// The first seed that caught it.
    pub seed: Option<u64>,
    /// What that said.
    pub first: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its seed.
    pub seed: u64,
    /// Where it failed and why.
    pub failure: Option<Failure>,
}

/// Runs seeds with and without bugs.
#[derive(Debug)]
pub struct Hunter {
    base: Base,
    threads: usize,
    /// Whether a seed passes without any bug, as far as that was tried.
    passes: BTreeMap<(Kind, u64), bool>,
}

impl Hunter {
    /// A hunter in runs of these options.
    #[must_use]
    pub fn new(base: Base, threads: usize) -> Self {
        Self { base, threads, passes: BTreeMap::new() }
    }

    /// Hunts a bug through seeds from `first` on until it was caught `enough` times, or `most` seeds ran.
    pub fn hunt(&mut self, bug: &Planted, first: u64, enough: usize, most: u64) -> Hunt {
        let Planted { name, what, how } = *bug;
        let mut hunt = Hunt {
            bug: name,
            what,
            n_caught: 0,
            n_seeds: 0,
            median_seeds: None,
            seed: None,
            first: None,
        };
        let (mut gaps, mut gap) = (Vec::new(), 0);
        let stride = 8 * self.threads.max(1) as u64;
        while gaps.len() < enough && hunt.n_seeds < most {
            let from = first + hunt.n_seeds;
            let seeds = from..from + stride.min(most - hunt.n_seeds);
            self.try_without(how, seeds.clone());
            let kind = how.kind();
            let seeds: Vec<u64> = seeds.filter(|seed| self.passes[&(kind, *seed)]).collect();
            hunt.n_seeds = (hunt.n_seeds + stride).min(most);
            for outcome in self.run_with(how, &seeds) {
                gap += 1;
                if let Some(failure) = outcome.failure {
                    let text = || format!("{}: {}", failure.phase, failure.what);
                    hunt.first.get_or_insert_with(text);
                    hunt.seed.get_or_insert(outcome.seed);
                    gaps.push(std::mem::take(&mut gap));
                }
            }
        }
        gaps.sort_unstable();
        hunt.n_caught = gaps.len();
        // Of one or two catches the seeds that they took altogether say more than a median.
        hunt.median_seeds = match gaps.len() {
            0 => None,
            n @ 1..3 => Some(hunt.n_seeds / n as u64),
            n => Some(gaps[n / 2]),
        };
        hunt
    }

    /// Runs one seed with a bug, and says how that ended; `None` if it also fails without.
    pub fn catch(&mut self, bug: &Planted, seed: u64) -> Option<Ran> {
        self.try_without(bug.how, seed..seed + 1);
        let passes = self.passes[&(bug.how.kind(), seed)];
        let seeds: Vec<u64> = passes.then_some(seed).into_iter().collect();
        self.run_with(bug.how, &seeds).pop()
    }

    fn try_without(&mut self, how: How, seeds: std::ops::Range<u64>) {
        let kind = how.kind();
        let is_new = |seed: &u64| !self.passes.contains_key(&(kind, *seed));
        let new: Vec<u64> = seeds.filter(is_new).collect();
        for one in self.run(kind, &new) {
            self.passes.insert((kind, one.seed), one.failure.is_none());
        }
    }

    fn run_with(&self, how: How, seeds: &[u64]) -> Vec<Ran> {
        match how {
            How::World(sabotage) => {
                let base = Base { sabotage: Some(sabotage), ..self.base.clone() };
                run_all(seeds, &base, self.threads)
            }
            How::Protocol(bug) | How::Tables(bug) | How::Sheets(bug) => {
                plant(Some(bug));
                let outcomes = self.run(how.kind(), seeds);
                plant(None);
                outcomes
            }
        }
    }

    fn run(&self, kind: Kind, seeds: &[u64]) -> Vec<Ran> {
        match kind {
            Kind::Logs => run_all(seeds, &self.base, self.threads),
            Kind::Tables => run_tables(seeds, self.threads),
            Kind::Sheets => run_sheets(seeds, self.threads),
        }
    }
}

/// Which runs show a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Logs,
    Tables,
    Sheets,
}

impl How {
    fn kind(self) -> Kind {
        match self {
            Self::World(_) | Self::Protocol(_) => Kind::Logs,
            Self::Tables(_) => Kind::Tables,
            Self::Sheets(_) => Kind::Sheets,
        }
    }
}

fn run_tables(seeds: &[u64], threads: usize) -> Vec<Ran> {
    let base = TableBase::default();
    run_each(seeds, threads, |seed| Ran { seed, failure: run_tables_caught(seed, &base).failure })
}

fn run_sheets(seeds: &[u64], threads: usize) -> Vec<Ran> {
    let base = SheetBase::default();
    let kind = sheets::kind(&base);
    run_each(seeds, threads, |seed| Ran { seed, failure: kind.run_caught(seed).failure })
}

fn run_all(seeds: &[u64], base: &Base, threads: usize) -> Vec<Ran> {
    run_each(seeds, threads, |seed| Ran { seed, failure: run_caught(seed, base).failure })
}

fn run_each(seeds: &[u64], threads: usize, run: impl Fn(u64) -> Ran + Sync) -> Vec<Ran> {
    let mut outcomes = Vec::with_capacity(seeds.len());
    let work = |place: u64| run(seeds[place as usize]);
    in_order(0..seeds.len() as u64, threads, work, |outcome| outcomes.push(outcome));
    outcomes
}

fn plant(bug: Option<Bug>) {
    #[cfg(feature = "bugs")]
    guildsync::types::bugs::plant(bug);
    #[cfg(not(feature = "bugs"))]
    let _ = bug;
}

/// Hunts as the table of `docs/testing.md`.
#[must_use]
pub fn table(hunts: &[Hunt]) -> String {
    let mut text =
        "| bug | what it does wrong | median seeds | caught by, first |\n|---|---|---|---|\n"
            .to_owned();
    for hunt in hunts {
        let median = hunt.median_seeds.map_or("never".to_owned(), |median| median.to_string());
        let first = hunt.first.as_deref().unwrap_or("-");
        let seed = hunt.seed.map(|seed| format!("seed {seed}, ")).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(text, "| `{}` | {} | {median} | {seed}{first} |", hunt.bug, hunt.what);
    }
    text
}
