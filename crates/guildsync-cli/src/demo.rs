//! The demo: the main job on one machine.
//!
//! Some dozens of members, each a node with a store of its own in a folder of its own making, over
//! the memory transport. Officers award while apart, the raid forms, awards go on live, one member
//! comes late, the leader leaves and another takes over, an officer starts a manual sync, and two
//! members of two linked guilds sync their tables, and the leader publishes an assignment sheet, edits
//! it and turns everyone's screen to it. In the end every store is closed, read again from disk, and
//! compared.
//!
//! - `cast`: who takes part, and the history they start from
//! - `story`: what happens, step by step
//! - `tables`: two guilds and what they have in their tables
//! - `sheets`: a raid's assignment sheet
//! - `show`: how it is told

mod cast;
mod sheets;
mod show;
mod story;
mod tables;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use guildsync::leader::{Scope, SyncPlan};

use crate::clock;
use crate::failure::Failure;
use crate::out::{self, Format};
use cast::Cast;
use show::Show;

/// What the demo is asked to show.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many members take part, 5 to 200
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(5..=200))]
    members: u16,
    /// Start from a real history (CEPGP, an archive, pipe text) instead of the built-in sample
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
    /// Keep the members' stores in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How the leader brings members to the same data
    #[arg(long, value_enum, default_value_t = Plan::Broadcast)]
    plan: Plan,
    #[command(flatten)]
    format: Format,
}

/// The two plans, as they are named on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Plan {
    /// What several lack goes to the group once
    Broadcast,
    /// One member at a time, by whisper, without pauses
    Queue,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let temporary = tempfile::tempdir()?;
    let folder = match &args.keep {
        Some(folder) => new_or_empty(folder)?,
        None => temporary.path(),
    };
    let config = guildsync::Config {
        plan: match args.plan {
            Plan::Broadcast => SyncPlan::Broadcast,
            Plan::Queue => SyncPlan::Queue { at_once: 1, pause_ms: 0 },
        },
        // A real history comes as two profiles, EP and GP; both are to be the same everywhere.
        scope: if args.import.is_some() { Scope::All } else { Scope::Active },
        ..guildsync::Config::default()
    };
    let mut show = Show::new(args.format.json);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let began = clock::now();
    let ending = runtime.block_on(async {
        let import = args.import.as_deref();
        let mut cast = Cast::gather(folder, usize::from(args.members), &config, import)?;
        match import {
            Some(file) => show.act(format!(
                "{} has imported {}, the others have nothing",
                cast.players[0].name,
                file.display()
            ))?,
            None => cast.invent(clock::now(), &mut show)?,
        }
        story::tell(cast, clock::now, None, &mut show).await
    })?;
    let seconds = clock::now().since(began) as f64 / 1000.0;
    show.ending(&ending, seconds, args.keep.as_deref())?;
    match ending.converged() {
        true => Ok(()),
        false => Err(Failure::out_of_sync(
            "the members' stores differ, which must not be: \
             run again with --keep DIR and compare two of them with `guildsync diff`",
        )),
    }
}

fn new_or_empty(folder: &Path) -> Result<&Path, Failure> {
    std::fs::create_dir_all(folder)?;
    match std::fs::read_dir(folder)?.next() {
        None => Ok(folder),
        Some(_) => Err(Failure::error(format!(
            "{} is not empty, and the demo overwrites nothing: name a new folder",
            folder.display()
        ))),
    }
}

/// `1.2 kB`: bytes for people.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..=999 => format!("{n} B"),
        1000..=999_999 => format!("{:.1} kB", n as f64 / 1e3),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}

/// Prints a line for people, unless JSON is wanted.
fn say(quiet: bool, line: impl std::fmt::Display) -> Result<(), Failure> {
    if quiet { Ok(()) } else { out::print(line) }
}
