//! A raid's assignment sheet: published to everyone, edited, and everyone's screen turned to it.

use std::collections::BTreeSet;

use guildsync::sections::{Change, Config, DocumentId, Policy, Report, SectionId, Times};
use guildsync::transport::memory::Traffic;
use guildsync::types::{Hash, MemberName, Time};
use guildsync::{Node, Screen};
use guildsync_sim::corpus::sheet::assignments;
use guildsync_sim::dice::Dice;
use guildsync_sim::sheets::cells;
use serde::Serialize;

use super::story::Raid;
use crate::failure::Failure;
use crate::out;

/// Which sheet it is, of how many sections, and which of them is edited.
const SEED: u64 = 7;
const SECTIONS: usize = 6;
const EDITED: usize = 2;
/// How soon a member repeats what others may have missed, in milliseconds. Nothing is missed here.
const AGAIN_MS: u64 = 50;

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Told {
    title: String,
    sections: usize,
    /// The section that was edited, and that screens were turned to.
    section: String,
    published: Step,
    edited: Step,
    pointed: Step,
}

/// What a step took, and what those who received it say.
#[derive(Debug, Clone, Default, Serialize)]
struct Step {
    /// How many have or show what was to be had or shown, the one who did it included.
    members: usize,
    frames: u64,
    bytes: u64,
    /// The most sections that came to anyone.
    sections: u32,
    /// The fewest that did not have to come, as they were there.
    reused: u32,
    /// Who sent them.
    served: BTreeSet<String>,
    /// How long it took until everyone had it on disk, in milliseconds.
    ms: u64,
}

/// How the sheets of all members were when all was over.
#[derive(Debug, Serialize)]
pub(super) struct Ending {
    #[serde(flatten)]
    told: Option<Told>,
    converged: bool,
    state_hash: String,
}

/// How long the nodes of the demo wait before they repeat themselves.
pub(super) fn config() -> Config {
    let times = Times { confirm: [AGAIN_MS; 2], cursor_again: [AGAIN_MS; 2], ..Times::default() };
    Config { times, ..Config::default() }
}

impl<C: Fn() -> Time + Clone + Send + 'static> Raid<'_, C> {
    /// The leader publishes a sheet, edits a section, and turns everyone's screen to it.
    pub(super) async fn play_sheet(&mut self, leader: usize) -> Result<Told, Failure> {
        let mut drawn = assignments(SEED, SECTIONS);
        let (Some((title, sections)), n) = (cells::sections(&drawn), drawn.sections.len()) else {
            return Err(Failure::error("the demo's sheet is none"));
        };
        let who = self.actors[leader].name.clone();

        let before = self.mark();
        let node = self.node(leader)?;
        let id = node.publish_sheet(title.clone(), Policy::default(), sections).await?;
        let is_it = |report: &Report| report.document == id && report.before.is_none();
        let published = self.seen(before, is_it).await;
        let n = out::count(n as u64, "section", "sections");
        let words = published.words();
        self.tell(format!("{who} publishes the sheet \"{title}\" of {n}: {words}"))?;

        drawn.edit(&mut Dice::new(SEED), EDITED);
        let Some((name, body)) = drawn.sections.get(EDITED).and_then(cells::section) else {
            return Err(Failure::error("the demo's sheet lacks a section"));
        };
        let section = SectionId::of_name(id, &name, 0);
        let before = self.mark();
        let set = Change::Set { section, name: name.clone(), body };
        self.node(leader)?.change_sheet(id, vec![set]).await?;
        let is_it = |report: &Report| report.document == id && report.before.is_some();
        let edited = self.seen(before, is_it).await;
        self.tell(format!("{who} edits \"{name}\" of it: {}", edited.words()))?;

        let before = self.mark();
        self.node(leader)?.point(id, section).await?;
        let mut pointed = self.seen(before, |_| false).await;
        self.settle(leader).await?;
        pointed.members = self.nodes().filter(|node| shows(node, id, section)).count();
        self.tell(format!("{who} turns everyone's screen to it: {} show it", pointed.members))?;
        let (title, section) = (title.to_string(), name.to_string());
        Ok(Told { title, sections: drawn.sections.len(), section, published, edited, pointed })
    }

    /// What had passed, and when.
    fn mark(&self) -> (Traffic, Time) {
        (self.hub.traffic(), (self.clock)())
    }

    /// Waits until all that was sent since `before` has been dealt with, and looks at what each received.
    async fn seen(&self, before: (Traffic, Time), is_it: impl Fn(&Report) -> bool) -> Step {
        self.hub.quiet().await;
        let ((before, began), (now, ended)) = (before, self.mark());
        let report = |node: &Node| node.status().borrow().sheet_report.as_deref().cloned();
        let reports: Vec<Report> = self.nodes().filter_map(report).filter(is_it).collect();
        let served = reports.iter().flat_map(|report| report.served.keys());
        Step {
            members: reports.len() + 1,
            frames: now.frames - before.frames,
            bytes: now.bytes - before.bytes,
            sections: reports.iter().map(|report| report.fetched).max().unwrap_or(0),
            reused: reports.iter().map(|report| report.reused).min().unwrap_or(0),
            served: served.map(MemberName::to_string).collect(),
            ms: ended.since(began),
        }
    }
}

impl Step {
    fn words(&self) -> String {
        let Self { members, sections, reused, served, ms, .. } = self;
        let reused = match reused {
            0 => String::new(),
            n => format!(", {n} were there already"),
        };
        let came = out::count(u64::from(*sections), "section", "sections");
        let served: Vec<&str> = served.iter().map(String::as_str).collect();
        let served = served.join(", ");
        format!("{members} have it after {ms} ms; {came} came from {served}{reused}")
    }
}

impl Ending {
    /// How it ended, by the hash over the sheets of each member.
    pub(super) fn of(told: Option<Told>, hashes: &[Hash]) -> Self {
        let is_same = hashes.windows(2).all(|pair| pair[0] == pair[1]);
        let have_all = |step: &Step| step.members == hashes.len();
        let is_seen = told.as_ref().is_some_and(|told| {
            [&told.published, &told.edited, &told.pointed].into_iter().all(have_all)
        });
        let state_hash = hashes.first().map(Hash::to_string).unwrap_or_default();
        Self { told, converged: is_same && is_seen, state_hash }
    }

    /// Whether everyone holds the same sheets, and saw what there was to see.
    pub(super) fn converged(&self) -> bool {
        self.converged
    }

    /// In a sentence, if there was a sheet.
    pub(super) fn words(&self) -> Option<String> {
        let Told { title, section, pointed, .. } = self.told.as_ref()?;
        let agree = if self.converged { "the same everywhere" } else { "NOT the same everywhere" };
        Some(format!(
            "The sheet \"{title}\" is {agree}: state {}; {} screens show \"{section}\".",
            &self.state_hash[..12],
            pointed.members
        ))
    }
}

/// Whether a member's screen shows this.
fn shows(node: &Node, document: DocumentId, section: SectionId) -> bool {
    let status = node.status();
    let status = status.borrow();
    let is_it = |screen: &Screen| screen.document == document && screen.section == section;
    status.screen.as_ref().is_some_and(is_it)
}
