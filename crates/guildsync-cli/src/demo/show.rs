//! How the demo is told: a line a step, a bar while members are brought in step, a table at the end.

use std::collections::BTreeMap;
use std::path::Path;

use guildsync::leader::Stage;
use guildsync::tables::Report;
use guildsync::transport::memory::Traffic;
use guildsync::types::MemberName;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::story::Ending;
use super::{bytes, say, sheets, tables};
use crate::failure::Failure;
use crate::out;
use crate::table;

/// Tells the story on stdout, or only its end as JSON.
pub(super) struct Show {
    json: bool,
    n_steps: usize,
    traffic: Traffic,
    /// While members are being brought in step.
    bar: Option<ProgressBar>,
    stages: BTreeMap<MemberName, Stage>,
}

#[derive(Serialize)]
struct Json<'a> {
    members: usize,
    converged: bool,
    state_hash: String,
    entries: usize,
    messages: u64,
    frames: u64,
    bytes: u64,
    seconds: f64,
    tables: JsonTables,
    sheets: &'a sheets::Ending,
}

/// The two guilds whose tables were synced.
#[derive(Serialize)]
struct JsonTables {
    guilds: [&'static str; 2],
    members: [String; 2],
    /// Member -> how it said that it is.
    presence: BTreeMap<String, String>,
    result: String,
    converged: bool,
    records: usize,
    pulled: u32,
    pushed: u32,
    state_hash: String,
}

impl JsonTables {
    fn of(ending: &tables::Ending) -> Self {
        let tables::Ending { members, presence, report, n_records, .. } = ending;
        let report = report.as_deref();
        let present = |(member, how): &(MemberName, String)| (member.to_string(), how.clone());
        Self {
            guilds: tables::GUILDS,
            members: [0, 1].map(|which| members[which].to_string()),
            presence: presence.iter().map(present).collect(),
            result: report.map(|report| report.outcome.to_string()).unwrap_or_default(),
            converged: ending.converged(),
            records: *n_records,
            pulled: report.map_or(0, Report::received),
            pushed: report.map_or(0, Report::sent),
            state_hash: ending.state_hashes[0].to_string(),
        }
    }
}

impl Show {
    pub(super) fn new(json: bool) -> Self {
        Self { json, n_steps: 0, traffic: Traffic::default(), bar: None, stages: BTreeMap::new() }
    }

    /// What went before the story.
    pub(super) fn act(&mut self, line: String) -> Result<(), Failure> {
        say(self.json, format_args!("   {line}"))
    }

    /// How far each member is, as its coordinator sees it.
    pub(super) fn progress(&mut self, stages: &BTreeMap<MemberName, Stage>, n: usize) {
        if self.json {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| new_bar(n));
        let done = stages.values().filter(|&&stage| stage == Stage::Done).count();
        let moved = stages.iter().find(|&(name, stage)| self.stages.get(name) != Some(stage));
        if let Some((name, stage)) = moved {
            let how = match stage {
                Stage::Awaited => "is asked what it has",
                Stage::Queued => "has said what it has",
                Stage::Current => "is being served",
                Stage::Done => "has everything",
                Stage::Silent => "does not answer",
            };
            bar.set_message(format!("{name} {how}"));
        }
        bar.set_position(done as u64);
        self.stages.clone_from(stages);
    }

    /// Everyone is in step.
    pub(super) fn settled(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.stages.clear();
    }

    /// A step is over.
    pub(super) fn step(&mut self, line: &str, traffic: Traffic) -> Result<(), Failure> {
        self.n_steps += 1;
        let frames = traffic.frames - self.traffic.frames;
        let sent = bytes(traffic.bytes - self.traffic.bytes);
        self.traffic = traffic;
        let cost = match frames {
            0 => String::new(),
            1 => format!(" (1 message, {sent})"),
            n => format!(" ({n} messages, {sent})"),
        };
        say(self.json, format_args!("{}. {line}{cost}", self.n_steps))
    }

    pub(super) fn ending(
        &self,
        ending: &Ending,
        seconds: f64,
        kept: Option<&Path>,
    ) -> Result<(), Failure> {
        let Ending { lines, traffic, tables: of_tables, sheets } = ending;
        let Traffic { frames, bytes: n_bytes } = *traffic;
        let converged = ending.converged();
        let first = lines.first();
        let state_hash = first.map(|line| line.state_hash.to_string()).unwrap_or_default();
        let entries = first.map_or(0, |line| line.after);
        if self.json {
            // On this channel a message is a frame.
            let (members, messages, bytes) = (lines.len(), frames, n_bytes);
            return out::json(&Json {
                members,
                converged,
                state_hash,
                entries,
                messages,
                frames,
                bytes,
                seconds,
                tables: JsonTables::of(of_tables),
                sheets,
            });
        }
        let mut table =
            table::new(["Member", "Part", ">Before", ">After", ">Sent", ">Received", "State"]);
        for line in lines {
            table.add_row([
                line.name.to_string(),
                line.part.to_owned(),
                line.before.to_string(),
                line.after.to_string(),
                line.n_sent.to_string(),
                line.n_received.to_string(),
                line.state_hash.to_string()[..12].to_owned(),
            ]);
        }
        out::print(table::text(&table))?;
        let agree = if of_tables.converged() { "agree" } else { "do NOT agree" };
        let [one, other] = tables::GUILDS;
        out::print(format_args!(
            "The tables of {one} and {other} {agree}: {} records, state {}.",
            of_tables.n_records,
            &of_tables.state_hashes[0].to_string()[..12]
        ))?;
        if let Some(words) = sheets.words() {
            out::print(words)?;
        }
        let kept = kept.map(|folder| format!("; the stores are in {}", folder.display()));
        let kept = kept.unwrap_or_default();
        let verdict = match converged {
            true => format!("All {} members agree", lines.len()),
            false => "The members do NOT agree".to_owned(),
        };
        out::print(format_args!(
            "{verdict}: {entries} entries, state {}, read again from disk. \
             {frames} messages, {}, {seconds:.2} s{kept}.",
            &state_hash[..12],
            bytes(n_bytes),
        ))
    }
}

/// On stderr, and only on a terminal.
fn new_bar(n: usize) -> ProgressBar {
    let bar = ProgressBar::new(n as u64);
    let style = ProgressStyle::with_template("   {bar:32} {pos}/{len} in step  {msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
