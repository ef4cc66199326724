//! What is measured with each seed, and what was asked for.

use guildsync_sim::corpus::sheet::assignments;
use guildsync_sim::scenario::sheets::{self, Cost, Kind, SECTIONS};

use super::alone::{self, Sizes};
use super::lines::{Goal, Unit};

/// The loss that is measured beside none, for information.
pub(super) const LOSSY: f64 = 0.1;
/// The loss under which cursors are moved, and how often with each seed: over 2,000 times a screen follows.
const CURSOR_LOSS: f64 = 0.05;
const CURSOR_MOVES: usize = 60;

/// What one seed gives.
#[derive(Debug, Clone)]
pub(super) struct One {
    pub(super) sizes: Sizes,
    pub(super) sheet_frames: f64,
    pub(super) section_frames: f64,
    /// Publishing, editing and joining, each without loss and with it.
    pub(super) costs: [[Cost; 2]; 3],
    pub(super) cursor_s: f64,
    /// The share of screens that did not follow, in percent.
    pub(super) left_behind: f64,
    pub(super) idle: f64,
}

impl One {
    pub(super) fn measure(seed: u64) -> anyhow::Result<Self> {
        let sheet = assignments(seed, SECTIONS);
        let (edited, section, _) = sheets::edit(seed, 0.0);
        let mut took = sheets::cursor(seed, CURSOR_LOSS, CURSOR_MOVES);
        took.sort_unstable();
        let left_behind = took.iter().filter(|&&ms| ms >= sheets::CURSOR_MS_MAX).count();
        Ok(Self {
            sizes: Sizes::of(&sheet)?,
            sheet_frames: alone::frames(&sheet.sections)? as f64,
            section_frames: alone::frames(&[section])? as f64,
            costs: [
                [0.0, LOSSY].map(|loss| sheets::publish(seed, loss).0),
                [edited, sheets::edit(seed, LOSSY).0],
                [0.0, LOSSY].map(|loss| sheets::join(seed, loss).0),
            ],
            cursor_s: took.get(took.len() * 99 / 100).map_or(0.0, |&ms| ms as f64 / 1000.0),
            left_behind: 100.0 * left_behind as f64 / took.len().max(1) as f64,
            idle: sheets::idle(seed),
        })
    }
}

type Figure = fn(&One) -> f64;

/// A line before it is measured.
pub(super) struct Plan {
    pub(super) what: &'static str,
    pub(super) loss: f64,
    pub(super) unit: Unit,
    pub(super) least: Option<Figure>,
    pub(super) measured: Figure,
    pub(super) must: Option<Goal>,
    pub(super) aim: Option<Goal>,
}

const PLAN: Plan = Plan {
    what: "",
    loss: 0.0,
    unit: Unit::Frames,
    least: None,
    measured: |_| 0.0,
    must: None,
    aim: None,
};

pub(super) const PUBLISH: &str = "first publish to 39 members";
const BROADCAST: &str = "first publish to 39 members: the parts alone";
pub(super) const EDIT: &str = "one section edited";
pub(super) const JOIN: &str = "40 join 5 who have the sheet";
const HOLDERS: &str = "40 join 5 who have the sheet: the 5";
const QUESTIONS: &str = "40 join 5 who have the sheet: questions of one of the 40, at most";

pub(super) const PLANS: [Plan; 13] = [
    Plan {
        what: PUBLISH,
        least: Some(|one| one.sheet_frames),
        measured: |one| one.costs[0][0].frames as f64,
        must: Some(Goal::Times(1.3)),
        aim: Some(Goal::Times(1.05)),
        ..PLAN
    },
    Plan {
        what: BROADCAST,
        least: Some(|one| one.sheet_frames),
        measured: |one| one.costs[0][0].kinds.get(&Kind::Content).copied().unwrap_or(0) as f64,
        ..PLAN
    },
    Plan {
        what: EDIT,
        least: Some(|one| one.section_frames),
        measured: |one| one.costs[1][0].frames as f64,
        must: Some(Goal::Plus(3.0)),
        aim: Some(Goal::Plus(1.0)),
        ..PLAN
    },
    Plan {
        what: HOLDERS,
        least: Some(|one| one.sheet_frames),
        measured: |one| one.costs[2][0].holder_frames as f64,
        must: Some(Goal::Times(1.5)),
        aim: Some(Goal::Times(1.1)),
        ..PLAN
    },
    Plan {
        what: QUESTIONS,
        measured: |one| one.costs[2][0].questions_max as f64,
        must: Some(Goal::AtMost(1.0)),
        aim: Some(Goal::AtMost(1.0)),
        ..PLAN
    },
    Plan {
        what: "cursor to 39 members, p99",
        loss: CURSOR_LOSS,
        unit: Unit::Seconds,
        measured: |one| one.cursor_s,
        must: Some(Goal::AtMost(2.0)),
        aim: Some(Goal::AtMost(1.0)),
        ..PLAN
    },
    Plan {
        what: "cursor: screens that do not follow within 10 s",
        loss: CURSOR_LOSS,
        unit: Unit::Percent,
        measured: |one| one.left_behind,
        ..PLAN
    },
    Plan {
        what: "compressed size of the sheet",
        unit: Unit::Percent,
        measured: |one| 100.0 * one.sizes.ours as f64 / one.sizes.text as f64,
        must: Some(Goal::AtMost(45.0)),
        aim: Some(Goal::AtMost(33.0)),
        ..PLAN
    },
    Plan { what: "nothing done, frames a minute", measured: |one| one.idle, ..PLAN },
    Plan {
        what: PUBLISH,
        loss: LOSSY,
        least: Some(|one| one.sheet_frames),
        measured: |one| one.costs[0][1].frames as f64,
        ..PLAN
    },
    Plan {
        what: EDIT,
        loss: LOSSY,
        least: Some(|one| one.section_frames),
        measured: |one| one.costs[1][1].frames as f64,
        ..PLAN
    },
    Plan {
        what: HOLDERS,
        loss: LOSSY,
        least: Some(|one| one.sheet_frames),
        measured: |one| one.costs[2][1].holder_frames as f64,
        ..PLAN
    },
    Plan {
        what: QUESTIONS,
        loss: LOSSY,
        measured: |one| one.costs[2][1].questions_max as f64,
        ..PLAN
    },
];
