//! All scenarios, with what was asked for.

use guildsync::tables::schema::unified;
use guildsync::transport::ChannelProfile;
use guildsync::wire::lua::Value;
use guildsync::wire::records;
use serde::Serialize;

use super::addon;
use super::differ::{self, Counts, Sides};
use super::records::Set;
use super::session::{Cost, Way, run};
use crate::corpus::tables::Sizes;

/// What a session may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// So many frames each way.
    EachWay(u64),
    /// So many frames in all.
    Frames(u64),
    /// So many times the frames of the codec's own batch, all frames counted.
    TimesCodec(f64),
}

impl Goal {
    /// The frames it allows in all.
    #[must_use]
    pub fn frames(self, codec: Option<u64>) -> f64 {
        match self {
            Self::EachWay(frames) => 2.0 * frames as f64,
            Self::Frames(frames) => frames as f64,
            Self::TimesCodec(times) => times * codec.unwrap_or(0) as f64,
        }
    }

    /// Whether a session keeps it.
    #[must_use]
    pub fn is_met(self, cost: &Cost, codec: Option<u64>) -> bool {
        let each = match self {
            Self::EachWay(frames) => cost.frames_there.max(cost.frames_back) <= frames,
            _ => true,
        };
        cost.converged && each && cost.frames() as f64 <= self.frames(codec)
    }
}

/// One session that was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Which records.
    pub corpus: String,
    /// How many both hold together.
    pub records: usize,
    /// What differs.
    pub scenario: &'static str,
    /// How the two sync.
    pub way: Way,
    /// What it took.
    #[serde(flatten)]
    pub cost: Cost,
    /// Frames in all.
    pub frames: u64,
    /// Frames of the codec's own batch of all records, where all are missing.
    pub codec_frames: Option<u64>,
    /// What must hold.
    pub must: Option<Goal>,
    /// What is aimed at.
    pub aim: Option<Goal>,
    /// Chunks that the addon's metadata takes for it, or its records where all are missing.
    pub addon: Option<usize>,
}

impl Row {
    /// What must hold and does not, in a sentence.
    #[must_use]
    pub fn broken(&self) -> Option<String> {
        let keeps = |must: Goal| must.is_met(&self.cost, self.codec_frames);
        let is_ours = self.way == Way::Ours;
        let is_broken = is_ours && (!self.cost.converged || !self.must.is_none_or(keeps));
        let Self { corpus, records, scenario, must, cost, .. } = self;
        is_broken.then(|| format!("{corpus}, {records} records, {scenario}: {must:?}: {cost:?}"))
    }
}

/// What is run of a set.
#[derive(Debug, Clone, Copy)]
struct Plan {
    scenario: &'static str,
    sides: fn(&Set) -> anyhow::Result<Sides>,
    rivals: &'static [Way],
    must: Option<Goal>,
    aim: Option<Goal>,
    /// What the addon would send: nothing, its metadata, its records.
    addon: Option<fn(&Set) -> usize>,
    has_codec: bool,
}

const PLAN: Plan = Plan {
    scenario: "",
    sides: |set| Ok(differ::same(set)),
    rivals: &[],
    must: None,
    aim: None,
    addon: None,
    has_codec: false,
};

/// The sessions of a set of 700 records.
const SMALL: [Plan; 6] = [
    Plan {
        scenario: "in sync, all five tables",
        sides: |set| Ok(differ::same(&set.with_all_tables()?)),
        must: Some(Goal::EachWay(1)),
        aim: Some(Goal::EachWay(1)),
        addon: Some(metadata),
        rivals: &[Way::Text],
        ..PLAN
    },
    Plan {
        scenario: "10 differ",
        sides: |set| differ::recent(set, Counts::of(10)),
        rivals: &[Way::Hashes, Way::Metadata, Way::Single, Way::Text, Way::Seed],
        must: Some(Goal::Frames(14)),
        aim: Some(Goal::Frames(8)),
        addon: Some(metadata),
        ..PLAN
    },
    Plan {
        scenario: "10 changed on both sides in one second",
        sides: |set| differ::conflicting(set, Counts::of(10)),
        ..PLAN
    },
    Plan { scenario: "an old change", sides: differ::old_change, ..PLAN },
    Plan {
        scenario: "all missing, pulled",
        sides: |set| Ok(differ::all_missing(set, 1)),
        rivals: &[Way::Single, Way::Text],
        must: Some(Goal::TimesCodec(1.3)),
        aim: Some(Goal::TimesCodec(1.05)),
        addon: Some(|set| addon::record_chunks(&set.records)),
        has_codec: true,
    },
    Plan {
        scenario: "all missing, pushed",
        sides: |set| Ok(differ::all_missing(set, 0)),
        must: Some(Goal::TimesCodec(1.3)),
        aim: Some(Goal::TimesCodec(1.05)),
        addon: Some(|set| addon::record_chunks(&set.records)),
        has_codec: true,
        ..PLAN
    },
];

/// The sessions of a set of 10,000 records.
const LARGE: [Plan; 4] = [
    Plan {
        scenario: "10 differ",
        sides: |set| differ::recent(set, Counts::of(10)),
        rivals: &[Way::Hashes, Way::Metadata],
        must: Some(Goal::Frames(16)),
        aim: Some(Goal::Frames(9)),
        addon: Some(metadata),
        ..PLAN
    },
    Plan {
        scenario: "100 differ",
        sides: |set| differ::recent(set, Counts::of(100)),
        rivals: &[Way::Hashes],
        ..PLAN
    },
    Plan {
        scenario: "1,000 differ",
        sides: |set| differ::recent(set, Counts::of(1_000)),
        rivals: &[Way::Hashes],
        ..PLAN
    },
    Plan { scenario: "an old change", sides: differ::old_change, ..PLAN },
];

fn metadata(set: &Set) -> usize {
    addon::metadata_chunks(set.len())
}

/// Runs all sessions of generated records.
///
/// # Errors
/// A store that cannot be written; none in practice.
pub fn generated() -> anyhow::Result<Vec<Row>> {
    let mut rows = small(&Set::generated(Sizes::GUILD)?)?;
    let large = Set::generated(Sizes::LARGE)?;
    for plan in LARGE {
        rows.extend(run_plan(&large, plan)?);
    }
    Ok(rows)
}

/// Runs the sessions that a set of 700 records has.
///
/// # Errors
/// As [`generated`].
pub fn small(set: &Set) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for plan in SMALL {
        rows.extend(run_plan(set, plan)?);
    }
    Ok(rows)
}

fn run_plan(set: &Set, plan: Plan) -> anyhow::Result<Vec<Row>> {
    let sides = (plan.sides)(set)?;
    let codec_frames = plan.has_codec.then(|| codec_frames(set)).transpose()?;
    let mut rows = Vec::new();
    for way in [Way::Ours].into_iter().chain(plan.rivals.iter().copied()) {
        let cost = run(&sides, &set.guild, way)?;
        let is_ours = way == Way::Ours;
        rows.push(Row {
            corpus: set.name.clone(),
            records: set.len(),
            scenario: plan.scenario,
            way,
            frames: cost.frames(),
            cost,
            codec_frames,
            must: plan.must.filter(|_| is_ours),
            aim: plan.aim.filter(|_| is_ours),
            addon: plan.addon.filter(|_| is_ours).map(|addon| addon(set)),
        });
    }
    Ok(rows)
}

/// The frames of all records as one batch of the codec.
fn codec_frames(set: &Set) -> anyhow::Result<u64> {
    let values: Vec<Value> = set.records.iter().map(unified::to_value).collect();
    let bytes = records::encode(&values, None)?.len();
    Ok(ChannelProfile::retail().framing().frames_for(bytes) as u64)
}
