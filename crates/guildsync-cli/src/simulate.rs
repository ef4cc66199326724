//! `guildsync simulate`: a raid's sync in virtual time, and what it costs.
//!
//! The real replicas run in the simulator's world: its channel, its latency, its loss. Nothing here waits
//! for real time.
//!
//! - here: the arguments, and the run
//! - `show`: timeline, members, totals
//! - `plot`: who had how much when, as a picture
//! - `tables`: the same for guild tables, `sections`: for assignment sheets, while things go wrong

mod plot;
mod sections;
mod show;
mod tables;

use std::path::{Path, PathBuf};

use guildsync::Config;
use guildsync::transport::ChannelProfile;
use guildsync_sim::channel::Weather;
use guildsync_sim::scenario::{Corpus, Lack, Scenario, Seen};
use guildsync_sim::tables::Story;
use guildsync_sim::trace::{self, Record};
use serde::Serialize;

use crate::failure::Failure;
use crate::out::{self, Format};

/// Entries in the log of a simulation.
const ENTRIES: usize = 10_000;
/// The most loss that is simulated.
const LOSS_MAX: f64 = 0.9;

/// Simulate a raid's sync in virtual time, and show what it costs
///
/// Every member but the leader lacks the newest entries of a log of 10,000, written by ten officers.
/// The group forms, and they sync over the modelled channel of the game; loss is drawn for every
/// receiver by itself. One seed gives one run, the same on every machine. Nothing is read or written
/// but what --plot and --record name.
///
/// The bound is the least that any protocol has to send: the smallest batch of what is missing, its
/// seals, one announcement.
///
/// With --tables members of one to three guilds sync their tables instead, while people write and things
/// go wrong: loss, restarts, clocks that differ. Then all is healed, and everyone has to hold what counts.
///
/// With --sections a raid gets an assignment sheet: two publish it at once, most members join while it is on
/// its way, two lose their connection, two edit one section at once. Loss goes on all the time. Then
/// everyone has to hold the same.
///
/// JSON: members, converged, state_hash, frames, bytes, virtual_seconds, bound_frames, bound_seconds;
///   with --tables: converged, frames, bytes, virtual_seconds, pulled (records that came to those who
///   began a session), pushed (that went from them), conflicts, state_hash (over all members' tables);
///   with --sections: converged, frames, bytes, virtual_seconds, state_hash (over a member's sheets)
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// How many members, the leader included, 2 to 60
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(2..=60))]
    members: u16,
    /// How many of the newest entries all others lack, at most 10,000
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(0..=ENTRIES as i64))]
    missing: u32,
    /// The channel: retail, ctl, vanilla, wide or open
    #[arg(long, value_name = "NAME", default_value = "retail", value_parser = channel)]
    profile: ChannelProfile,
    /// The share of frames that a receiver does not get, 0 to 0.9
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = loss)]
    loss: f64,
    /// Decides all that is drawn
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How the leader brings members to the same data
    #[arg(long, value_enum, default_value_t = Plan::Broadcast)]
    plan: Plan,
    /// How many members may help the leader where one lacks much
    #[arg(long, value_name = "N", default_value_t = Config::default().helpers as u16)]
    helpers: u16,
    /// The log: I, every field drawn by itself, or R, with raid-wide awards
    #[arg(long, value_enum, ignore_case = true, default_value_t = Log::I)]
    corpus: Log,
    /// Sync tables instead of a log
    #[arg(long, conflicts_with_all = ["members", "missing", "loss", "plan", "helpers", "corpus", "plot"])]
    tables: bool,
    /// Let a raid get an assignment sheet instead of a log
    #[arg(long, conflicts_with_all = ["tables", "missing", "plan", "helpers", "corpus", "plot"])]
    sections: bool,
    /// What goes wrong: mixed, loss, restarts, all-write, three-guilds or clock-skew [default: mixed]
    #[arg(long, value_name = "STORY", value_parser = tables::story, requires = "tables")]
    story: Option<Story>,
    /// Draw who had how much when into this file, an .svg or an .html
    #[arg(long, value_name = "FILE", value_parser = plot::Target::parse)]
    plot: Option<plot::Target>,
    /// Record the run in this file, for `guildsync trace show`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// The plans, as they are named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Plan {
    /// What several lack goes to the group once
    Broadcast,
    /// One member after the other, by whisper
    Queue,
    /// The same in the seed's words: every id in decimal digits, entries as pipe text
    Seed,
}

/// The generated logs.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Log {
    /// Every field drawn by itself
    #[value(name = "I")]
    I,
    /// Raid-wide awards between single ones
    #[value(name = "R")]
    R,
}

#[derive(Serialize)]
struct Json<'a> {
    members: usize,
    converged: bool,
    state_hash: &'a str,
    frames: u64,
    bytes: u64,
    virtual_seconds: f64,
    bound_frames: u64,
    bound_seconds: f64,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.tables {
        return tables::run(args);
    }
    if args.sections {
        return sections::run(args);
    }
    let scenario = args.scenario();
    let seen = scenario.run(args.seed, true);
    let cost = &seen.cost;
    if let Some(target) = &args.plot {
        write(target.path(), target.draw(args, &seen).as_bytes())?;
    }
    if let Some(path) = &args.record {
        let (channel, what) = (args.profile.name.to_owned(), args.title());
        let mut file = Vec::new();
        let begin = Record::Begin { channel, what };
        trace::write(std::iter::once(&begin).chain(&seen.records), &mut file)?;
        write(path, &file)?;
    }
    match args.format.json {
        true => out::json(&Json {
            members: cost.members,
            converged: cost.converged,
            state_hash: &cost.state_hash,
            frames: cost.frames,
            bytes: cost.bytes,
            virtual_seconds: cost.virtual_seconds,
            bound_frames: cost.bound_frames,
            bound_seconds: cost.bound_seconds,
        })?,
        false => out::print(show::text(args, &seen))?,
    }
    match cost.converged {
        true => Ok(()),
        false => Err(not_converged(args, &scenario, &seen)),
    }
}

fn not_converged(args: &Args, scenario: &Scenario, seen: &Seen) -> Failure {
    let minutes = scenario.patience_ms / 60_000;
    let n = seen.members.iter().filter(|m| m.n_after < ENTRIES).count();
    let why = match &seen.cost.failure {
        Some(why) => format!(": {why}"),
        None => String::new(),
    };
    let hint = match args.plan {
        Plan::Broadcast => "see what was said with --record FILE and `guildsync trace show FILE`",
        _ => "the default, --plan broadcast, is faster",
    };
    Failure::out_of_sync(format!(
        "{n} of {} members lack entries after {minutes} minutes of virtual time{why}; {hint}",
        args.members
    ))
}

impl Args {
    fn scenario(&self) -> Scenario {
        let lack = match self.missing as usize {
            0 => Lack::Nothing,
            n => Lack::Same(n),
        };
        let scenario = Scenario {
            corpus: match self.corpus {
                Log::I => Corpus::Independent,
                Log::R => Corpus::Correlated,
            },
            channel: self.profile,
            weather: Weather { loss: self.loss, ..Weather::calm() },
            helpers: usize::from(self.helpers),
            entries: ENTRIES,
            ..Scenario::new("simulate", usize::from(self.members), lack)
        };
        match self.plan {
            Plan::Broadcast => scenario,
            Plan::Queue => Scenario { plan: guildsync::leader::SyncPlan::queue(), ..scenario },
            Plan::Seed => scenario.in_the_seeds_way(),
        }
    }

    /// What is simulated, in a line.
    fn title(&self) -> String {
        let lack = match self.missing {
            0 => "nobody lacks anything".to_owned(),
            n => format!("all but the leader lack the newest {n} of 10,000 entries"),
        };
        let plan = match self.plan {
            Plan::Broadcast => "",
            Plan::Queue => ", one after the other",
            Plan::Seed => ", the seed's way",
        };
        format!(
            "{} members on {}, {lack}, {:.0} % loss, seed {}{plan}",
            self.members,
            self.profile.name,
            self.loss * 100.0,
            self.seed
        )
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|why| Failure::from(why).about(path.display()))
}

/// Reads a channel by its name.
pub(crate) fn channel(name: &str) -> Result<ChannelProfile, String> {
    let all = ChannelProfile::ALL;
    all.into_iter().find(|channel| channel.name == name).ok_or_else(|| {
        let names = all.map(|channel| channel.name).join(", ");
        format!("there is no channel of that name; write one of {names}")
    })
}

/// Reads a share of frames.
pub(crate) fn loss(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=LOSS_MAX).contains(share));
    share.ok_or_else(|| format!("write a share from 0 to {LOSS_MAX}, as 0.1 for one frame in ten"))
}
