//! All scenarios run, the tables of `docs/cost.md`, and what they miss.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::finding::{self, Finding};
use super::table::{LOSS_FREE, ROUGH, Row, rows};
use super::{Cost, Lack, Scenario};

/// The seed of the table's runs.
pub const SEED: u64 = 0;
/// Seeds of the scenario in rough weather.
const ROUGH_SEEDS: u64 = 20;
/// How long the seed's way is waited for, in virtual milliseconds.
const RIVAL_PATIENCE_MS: u64 = 3 * 60_000;

/// Where the tables begin and end in the document.
const BEGIN: &str = "<!-- begin: cargo xtask sim --cost docs/cost.md -->\n";
const END: &str = "<!-- end -->\n";

/// What all scenarios took.
#[derive(Debug)]
pub struct Report {
    lines: Vec<Line>,
    /// Seconds of the rough scenario, ascending, a seed each; infinite where it did not end.
    rough: Vec<f64>,
    finding: Finding,
    writers: Vec<(usize, usize, usize)>,
}

#[derive(Debug)]
struct Line {
    row: Row,
    cost: Cost,
    rival: Option<Cost>,
    /// Seconds of the same without loss.
    loss_free: f64,
}

#[derive(Debug, Clone)]
enum Job {
    Finding,
    Writers(usize),
    Run(Box<Scenario>, u64),
}

#[derive(Debug)]
enum Done {
    Finding(Finding),
    Writers(usize, usize, usize),
    Cost(Box<Cost>),
}

impl Job {
    fn run(&self) -> Done {
        match self {
            Self::Finding => Done::Finding(Finding::measure(finding::ENTRIES, finding::MISSING)),
            Self::Writers(n) => {
                let (bytes, frames) = finding::announcement(*n);
                Done::Writers(*n, bytes, frames)
            }
            Self::Run(scenario, seed) => Done::Cost(Box::new(scenario.run(*seed, false).cost)),
        }
    }
}

impl Report {
    /// Runs everything, on so many threads.
    #[must_use]
    pub fn measure(threads: usize) -> Self {
        let rows = rows();
        let rival = |row: &Row| {
            let scenario = row.scenario.clone().in_the_seeds_way();
            Scenario { patience_ms: RIVAL_PATIENCE_MS, ..scenario }
        };
        let rough = rows.iter().find(|row| row.scenario.name == ROUGH);
        let run = |scenario, seed| Job::Run(Box::new(scenario), seed);
        // What takes longest goes first.
        let mut jobs = vec![Job::Finding, Job::Writers(10), Job::Writers(20)];
        let n_first = jobs.len();
        jobs.extend(rows.iter().filter(|row| row.has_rival).map(|row| run(rival(row), SEED)));
        jobs.extend(rows.iter().map(|row| run(row.scenario.clone(), SEED)));
        jobs.extend(rough.iter().flat_map(|row| {
            (SEED..SEED + ROUGH_SEEDS).map(|seed| run(row.scenario.clone(), seed))
        }));

        let (mut finding, mut writers, mut costs) = (None, Vec::new(), Vec::new());
        for done in all(&jobs, threads) {
            match done {
                Done::Finding(found) => finding = Some(found),
                Done::Writers(n, bytes, frames) => writers.push((n, bytes, frames)),
                Done::Cost(cost) => costs.push(*cost),
            }
        }
        debug_assert_eq!(costs.len() + n_first, jobs.len());
        let mut costs = costs.into_iter();
        let rivals: Vec<Option<Cost>> =
            rows.iter().map(|row| row.has_rival.then(|| costs.next()).flatten()).collect();
        let mut lines: Vec<Line> = rows
            .into_iter()
            .zip(rivals)
            .filter_map(|(row, rival)| {
                Some(Line { row, cost: costs.next()?, rival, loss_free: 0.0 })
            })
            .collect();
        let mut loss_free = 0.0;
        for line in &mut lines {
            if line.row.scenario.name == LOSS_FREE {
                loss_free = line.cost.virtual_seconds;
            }
            line.loss_free = loss_free;
        }
        let time = |cost: Cost| if cost.converged { cost.virtual_seconds } else { f64::INFINITY };
        let mut rough: Vec<f64> = costs.map(time).collect();
        rough.sort_by(f64::total_cmp);
        let nothing = || Finding {
            entries: 0,
            missing: 0,
            announcement: (0, 0),
            reply: (0, 0),
            seed: (0, 0),
        };
        Self { lines, rough, finding: finding.unwrap_or_else(nothing), writers }
    }

    /// What must hold and does not, a sentence each.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        let mut broken: Vec<String> = Vec::new();
        for Line { row, cost, loss_free, .. } in &self.lines {
            if !row.must.is_met(&row.scenario, cost, *loss_free) {
                let must = row.must.show(&row.scenario, cost, *loss_free);
                broken.push(format!("{}: must be within {must}: {cost:?}", cost.scenario));
            }
        }
        let (bytes, frames) = self.finding.total();
        if bytes > 100 || frames > 2 {
            broken.push(format!("finding out takes {bytes} bytes in {frames} frames"));
        }
        let too_many = self.writers.iter().filter(|(_, _, frames)| *frames != 1);
        broken.extend(too_many.map(|(n, _, frames)| {
            format!("the announcement of {n} writers takes {frames} frames")
        }));
        broken
    }

    /// The tables as Markdown, between their marks.
    #[must_use]
    pub fn tables(&self) -> String {
        let mut out = String::from(BEGIN);
        self.table_of_ours(&mut out);
        self.table_of_rough(&mut out);
        self.table_of_finding(&mut out);
        self.table_of_rivals(&mut out);
        out + END
    }

    fn table_of_ours(&self, out: &mut String) {
        out.push_str(
            "| scenario | log | members | missing | profile | loss | plan | helpers | frames | answers \
             | bytes | seconds | F | T(F) | must | aim | keeps |\n\
             |---|---|--:|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|---|---|---|\n",
        );
        for Line { row, cost, loss_free, .. } in &self.lines {
            let scenario = &row.scenario;
            let keeps = |goal: super::table::Goal| goal.is_met(scenario, cost, *loss_free);
            let keeps = match (keeps(row.must), keeps(row.aim)) {
                (false, _) => "**nothing**",
                (true, false) => "must",
                (true, true) => "aim",
            };
            _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} % | {} | {} | {} | {} | {} | {} | {} | {:.0} | {} | {} | {keeps} |",
                scenario.name,
                scenario.corpus.letter(),
                cost.members,
                missing(scenario),
                scenario.channel.name,
                scenario.weather.loss * 100.0,
                scenario.plan_name(),
                scenario.helpers,
                cost.busiest_frames,
                cost.answer_frames,
                cost.bytes,
                time(cost),
                cost.bound_frames,
                cost.bound_seconds,
                row.must.show(scenario, cost, *loss_free),
                row.aim.show(scenario, cost, *loss_free),
            );
        }
    }

    fn table_of_rough(&self, out: &mut String) {
        out.push_str("\n| seconds of 20 seeds | best | median | worst |\n|---|--:|--:|--:|\n");
        let at = |i: usize| self.rough.get(i).map_or("-".to_owned(), |s| format!("{s:.3}"));
        let last = self.rough.len().saturating_sub(1);
        _ = writeln!(out, "| {ROUGH}, I | {} | {} | {} |", at(0), at(last / 2), at(last));
    }

    fn table_of_finding(&self, out: &mut String) {
        let found = &self.finding;
        let (bytes, frames) = found.total();
        out.push_str(
            "\n| finding out what is missing | bytes | frames | must | aim |\n|---|--:|--:|---|---|\n",
        );
        _ = writeln!(
            out,
            "| {} entries, {} missing: announcement | {} | {} | | |\n\
             | one reply to it | {} | {} | | |\n\
             | both | {bytes} | {frames} | 100 bytes, 2 frames | 64 bytes |\n\
             | the seed's list of ids | {} | {} | | |",
            grouped(found.entries),
            grouped(found.missing),
            found.announcement.0,
            found.announcement.1,
            found.reply.0,
            found.reply.1,
            found.seed.0,
            found.seed.1,
        );
        for (n, bytes, frames) in &self.writers {
            let must = if *n == 10 { "100 bytes, 1 frame" } else { "1 frame" };
            let aim = if *n == 10 { "64 bytes" } else { "" };
            _ = writeln!(
                out,
                "| 10,000 entries of {n} writers: announcement | {bytes} | {frames} | {must} | {aim} |"
            );
        }
    }

    fn table_of_rivals(&self, out: &mut String) {
        out.push_str(
            "\n| scenario | log | ours: frames in all | bytes | seconds | the seed's way: frames in all | bytes \
             | seconds |\n|---|---|--:|--:|--:|--:|--:|--:|\n",
        );
        for Line { row, cost, rival, .. } in &self.lines {
            let Some(rival) = rival else { continue };
            _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                row.scenario.name,
                row.scenario.corpus.letter(),
                cost.frames,
                cost.bytes,
                time(cost),
                rival.frames,
                rival.bytes,
                time(rival),
            );
        }
    }
}

/// The document with these tables in place of its own; `None` if it has no place for them.
#[must_use]
pub fn replace_tables(document: &str, tables: &str) -> Option<String> {
    let begin = document.find(BEGIN)?;
    let end = begin + document[begin..].find(END)? + END.len();
    Some(format!("{}{tables}{}", &document[..begin], &document[end..]))
}

/// The tables of a document, marks included.
#[must_use]
pub fn tables_of(document: &str) -> Option<&str> {
    let begin = document.find(BEGIN)?;
    let end = begin + document[begin..].find(END)? + END.len();
    Some(&document[begin..end])
}

fn time(cost: &Cost) -> String {
    match (cost.converged, cost.live_p99_ms) {
        (false, _) => format!("not within {} min", RIVAL_PATIENCE_MS / 60_000),
        (true, Some(ms)) => format!("p99 {:.3}", ms as f64 / 1000.0),
        (true, None) => format!("{:.3}", cost.virtual_seconds),
    }
}

fn missing(scenario: &Scenario) -> String {
    match scenario.lack {
        Lack::Nothing | Lack::Confirmed => "0".to_owned(),
        Lack::Same(n) => grouped(n),
        Lack::Tails { each, writers } => format!("{each} of 1 to {writers} writers, union 500"),
        Lack::One(n) => format!("{}, one member", grouped(n.min(scenario.entries))),
        Lack::Officers { n, each } => format!("{each} of each of {n} officers"),
        Lack::Live(n) => format!("{n}, written one by one"),
    }
}

/// `10,000`.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

/// Does all jobs on so many threads; results in the order of the jobs.
fn all(jobs: &[Job], threads: usize) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Done)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((at, job)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(at).map(|job| (at, job))
                } {
                    let result = job.run();
                    done.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, done)| done).collect()
}
