//! The guildsync program: a guild's shared data from the command line.
//!
//! Every command lives in `commands`, one file each: its arguments, what it does, what it prints.
//! Commands that read look at a store and change nothing. Commands that write do all of their work in
//! memory first (`desk`), so that a refusal and a dry run leave every byte on disk as it was, and then
//! commit once.
//!
//! A map of the code:
//! - `args`: the command line
//! - `commands`: one module a command; `demo`: the demonstration; `simulate`: a raid in virtual time
//! - `desk`: a store on which work is done, first in memory, then on disk
//! - `find`: profiles, writers and entries as people name them
//! - `line`: an entry as it is shown; `table`, `out`: how results are printed; `place`: new files
//! - `compare`, `union`: what two replicas lack of each other, and how they get it
//! - `progress`: bars for work that takes long; `clock`: the present
//! - `failure`: why the program stopped, and its exit code

mod args;
mod clock;
mod commands;
mod compare;
mod demo;
mod desk;
mod failure;
mod find;
mod line;
mod out;
mod place;
mod progress;
mod simulate;
mod table;
mod union;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command, Globals};
use crate::failure::Failure;

/// The variable that filters the debug log.
const LOG_VARIABLE: &str = "GUILDSYNC_LOG";

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start_log(&cli.globals).and_then(|()| run(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::note(format_args!("error: {failure}"));
            ExitCode::from(failure.exit())
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    use commands as c;
    let globals = &cli.globals;
    match &cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Init(args) => c::init::run(globals, args),
        Command::Import(args) => c::import::run(globals, args),
        Command::Export(args) => c::export::run(globals, args),
        Command::Award(args) => c::award::run(globals, args),
        Command::Undo(args) => c::undo::run(globals, args),
        Command::Standings(args) => c::standings::run(globals, args),
        Command::Log(args) => c::log::run(globals, args),
        Command::Audit(args) => c::audit::run(globals, args),
        Command::Profile(command) => c::profile::run(globals, command),
        Command::Diff(args) => c::diff::run(globals, args),
        Command::Merge(args) => c::merge::run(args),
        Command::Backup(args) => c::backup::run(globals, args),
        Command::Restore(args) => c::restore::run(globals, args),
        Command::Verify(args) => c::verify::run(globals, args),
        Command::Table(command) => c::table::run(globals, command),
        Command::Sheet(command) => c::sheet::run(globals, command),
        Command::Simulate(args) => simulate::run(args),
        Command::Trace(command) => c::trace::run(command),
    }
}

/// Sends the debug log to stderr, as far as it is asked for.
fn start_log(globals: &Globals) -> Result<(), Failure> {
    let filter = match std::env::var(LOG_VARIABLE) {
        Ok(wanted) if !wanted.trim().is_empty() => EnvFilter::try_new(&wanted).map_err(|why| {
            Failure::usage(format!(
                "{LOG_VARIABLE}={wanted:?} is no filter: {why}; write a level (debug) or \
                 target=level (guildsync_leader=trace)"
            ))
        })?,
        _ if globals.verbose => EnvFilter::new("guildsync=debug,warn"),
        _ => EnvFilter::new("error"),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber cannot be there: this runs once.
    _ = log.with_ansi(false).try_init();
    Ok(())
}
