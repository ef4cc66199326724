//! What was measured, seed by seed, and whether it is what was asked for.

use std::collections::BTreeMap;
use std::ops::Range;

use guildsync_sim::campaign::in_order;
use guildsync_sim::scenario::sheets::{Cost, Kind};
use serde::Serialize;

use super::SEEDS;
use super::alone::Sizes;
use super::plans::{EDIT, JOIN, LOSSY, One, PLANS, PUBLISH, Plan};

/// Seeds may differ by this share of a figure.
pub const SEEDS_DIFFER_MAX: f64 = 0.05;

/// What something may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// So many times the least.
    Times(f64),
    /// So much more than the least.
    Plus(f64),
    /// So much.
    AtMost(f64),
}

impl Goal {
    /// What it allows beside a least.
    #[must_use]
    pub fn allows(self, least: f64) -> f64 {
        match self {
            Self::Times(times) => times * least,
            Self::Plus(more) => least + more,
            Self::AtMost(most) => most,
        }
    }
}

/// What a line counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Frames.
    Frames,
    /// Virtual seconds.
    Seconds,
    /// Percent: of the sheet's text, or of screens.
    Percent,
}

/// One thing that was measured, a number for each seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What, in words.
    pub what: &'static str,
    /// How many frames of a hundred each receiver misses, as a share of one.
    pub loss: f64,
    /// What is counted.
    pub unit: Unit,
    /// The least; nothing where there is none.
    pub least: Vec<f64>,
    /// What it took.
    pub measured: Vec<f64>,
    /// The least of as many other seeds.
    pub others_least: Vec<f64>,
    /// What it took with those.
    pub others: Vec<f64>,
    /// What must hold.
    pub must: Option<Goal>,
    /// What is aimed at.
    pub aim: Option<Goal>,
}

impl Line {
    /// The mean of what was measured.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(&self.measured)
    }

    /// By what share of it the mean of other seeds differs.
    #[must_use]
    pub fn differs(&self) -> f64 {
        (mean(&self.others) / self.mean() - 1.0).abs()
    }

    /// What each seed took and its least, the other seeds behind; 0 where there is no least.
    pub fn all(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let with_least = |took: &'_ [f64], least: &'_ [f64]| -> Vec<(f64, f64)> {
            let least = least.iter().copied().chain(std::iter::repeat(0.0));
            took.iter().copied().zip(least).collect()
        };
        let some = with_least(&self.measured, &self.least);
        some.into_iter().chain(with_least(&self.others, &self.others_least))
    }

    /// Whether every seed keeps a goal.
    #[must_use]
    pub fn keeps(&self, goal: Goal) -> bool {
        self.n_misses(goal) == 0
    }

    /// How many seeds miss a goal.
    #[must_use]
    pub fn n_misses(&self, goal: Goal) -> usize {
        self.all().filter(|&(took, least)| took > goal.allows(least)).count()
    }

    /// What must hold and does not, in a sentence.
    #[must_use]
    pub fn broken(&self) -> Option<String> {
        let must = self.must.filter(|must| !self.keeps(*must))?;
        let is_more = |(_, (took, least)): &(usize, (f64, f64))| *took > must.allows(*least);
        let missed = self.all().enumerate().filter(is_more);
        let seeds =
            missed.map(|(seed, (took, least))| format!("seed {seed}: {took} (least {least})"));
        Some(format!("{}: {must:?}: {}", self.what, seeds.collect::<Vec<_>>().join(", ")))
    }
}

/// What the frames of one kind of run were about, as means over all seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// What was done.
    pub what: &'static str,
    /// As in [`Line`].
    pub loss: f64,
    /// Frames by what they are about.
    pub kinds: BTreeMap<Kind, f64>,
    /// All frames.
    pub frames: f64,
    /// Their bytes.
    pub bytes: f64,
    /// Until all had it, in virtual seconds: the mean and the worst.
    pub seconds: [f64; 2],
    /// Whether all had it in the end, with every seed.
    pub is_everywhere: bool,
}

/// All that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was asked for, and the same with loss.
    pub lines: Vec<Line>,
    /// What frames were about.
    pub shares: Vec<Share>,
    /// The sheets, packed.
    pub sizes: Vec<Sizes>,
}

impl Report {
    /// Measures everything with [`SEEDS`] seeds and as many others, on so many threads.
    ///
    /// # Errors
    /// What a codec refuses; none in practice.
    pub fn measure(threads: usize) -> anyhow::Result<Self> {
        let mut ones = all(0..2 * SEEDS, threads)?;
        let others = ones.split_off(SEEDS as usize);
        let least = |plan: &Plan, ones: &[One]| {
            plan.least.map_or(Vec::new(), |least| ones.iter().map(least).collect())
        };
        let line = |plan: &Plan| Line {
            what: plan.what,
            loss: plan.loss,
            unit: plan.unit,
            least: least(plan, &ones),
            measured: ones.iter().map(plan.measured).collect(),
            others_least: least(plan, &others),
            others: others.iter().map(plan.measured).collect(),
            must: plan.must,
            aim: plan.aim,
        };
        let whats = [PUBLISH, EDIT, JOIN].into_iter().enumerate();
        let runs = whats.flat_map(|run| [(run, 0, 0.0), (run, 1, LOSSY)]);
        let share = |((run, what), lossy, loss): ((usize, _), usize, _)| {
            let costs = ones.iter().chain(&others).map(|one| &one.costs[run][lossy]);
            let costs: Vec<&Cost> = costs.collect();
            Share::of(what, loss, &costs)
        };
        Ok(Self {
            lines: PLANS.iter().map(line).collect(),
            shares: runs.map(share).collect(),
            sizes: ones.iter().chain(&others).map(|one| one.sizes).collect(),
        })
    }

    /// What must hold and does not, a sentence each.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        let lines = self.lines.iter().filter_map(Line::broken);
        let asked = self.lines.iter().filter(|line| line.must.is_some());
        let seeds = asked.filter(|line| line.differs() > SEEDS_DIFFER_MAX).map(|line| {
            let (some, others) = (line.mean(), mean(&line.others));
            format!("{}: {some} with {SEEDS} seeds, {others} with {SEEDS} others", line.what)
        });
        let shares = self.shares.iter().filter(|share| !share.is_everywhere);
        let shares = shares.map(|share| format!("{}, not everywhere: {share:?}", share.what));
        lines.chain(seeds).chain(shares).collect()
    }
}

impl Share {
    fn of(what: &'static str, loss: f64, costs: &[&Cost]) -> Self {
        let of = |figure: &dyn Fn(&Cost) -> f64| {
            mean(&costs.iter().map(|cost| figure(cost)).collect::<Vec<_>>())
        };
        let kinds = costs.iter().flat_map(|cost| cost.kinds.keys().copied());
        let count = |kind: Kind| of(&|cost| cost.kinds.get(&kind).copied().unwrap_or(0) as f64);
        let seconds = costs.iter().map(|cost| cost.virtual_seconds);
        Self {
            what,
            loss,
            kinds: kinds.map(|kind| (kind, count(kind))).collect(),
            frames: of(&|cost| cost.frames as f64),
            bytes: of(&|cost| cost.bytes as f64),
            seconds: [of(&|cost| cost.virtual_seconds), seconds.fold(0.0, f64::max)],
            is_everywhere: costs.iter().all(|cost| cost.is_everywhere && cost.failure.is_none()),
        }
    }
}

fn all(seeds: Range<u64>, threads: usize) -> anyhow::Result<Vec<One>> {
    let mut ones = Vec::new();
    in_order(seeds, threads, One::measure, |one| ones.push(one));
    ones.into_iter().collect()
}

pub(super) fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}
