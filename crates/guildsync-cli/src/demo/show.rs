//! How the demo is told: a line a step, a bar while members are brought in step, a table at the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use guildsync::leader::Stage;
use guildsync::transport::memory::Traffic;
use guildsync::types::MemberName;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::story::Ending;
use super::{bytes, say};
use crate::failure::Failure;
use crate::out;
use crate::table;

/// Tells the story on stdout, or only its end as JSON.
pub(super) struct Show {
    json: bool,
    n_steps: usize,
    traffic: Traffic,
    bar: ProgressBar,
    stages: BTreeMap<MemberName, Stage>,
}

#[derive(Serialize)]
struct Json {
    members: usize,
    converged: bool,
    state_hash: String,
    entries: usize,
    messages: u64,
    frames: u64,
    bytes: u64,
    seconds: f64,
}

impl Show {
    pub(super) fn new(json: bool) -> Self {
        let target = match json {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("   {bar:32} {pos}/{len} in step  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { json, n_steps: 0, traffic: Traffic::default(), bar, stages: BTreeMap::new() }
    }

    /// What went before the story.
    pub(super) fn act(&mut self, line: String) -> Result<(), Failure> {
        say(self.json, format_args!("   {line}"))
    }

    /// How far each member is, as its coordinator sees it.
    pub(super) fn progress(&mut self, stages: &BTreeMap<MemberName, Stage>, n: usize) {
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
            self.bar.set_message(format!("{name} {how}"));
        }
        self.stages.clone_from(stages);
        self.bar.set_length(n as u64);
        self.bar.set_position(done as u64);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    /// Everyone is in step.
    pub(super) fn settled(&mut self, done: usize) {
        self.bar.set_position(done as u64);
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
        self.bar.reset();
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
        let Ending { lines, traffic } = ending;
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
