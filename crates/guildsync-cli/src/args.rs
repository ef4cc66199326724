//! The command line: what `guildsync --help` shows.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use guildsync::types::stamp::StampForm;
use guildsync::types::{MemberName, Stamp, StampError};

use crate::commands::{
    audit, award, backup, diff, export, import, init, log, merge, profile, restore, sheet,
    standings, table, trace, undo, verify,
};
use crate::{demo, simulate};

/// A guild's loot points, tables and assignment sheets, the same on every member's machine.
///
/// A store is one file (guild.gsync) with its key beside it (guild.gsync.key). Everything that
/// is awarded is an entry that stays; points follow from the entries, on every machine alike.
/// The tables (roster, news, calendar, guild info, linked guilds) are records, of which the
/// newest version counts. An assignment sheet is edited section by section; of two edits made at
/// once one is shown, and the other waits to be picked.
///
/// Times are in UTC: 1630624903, 20210902232143, "2021-09-02 23:21:43" or 2021-09-02. A day as
/// the end of a span reaches to its last second.
///
/// Exit codes: 0 done, 1 refused or failed, 2 not a command, 3 two stores are out of sync.
#[derive(Debug, Parser)]
#[command(name = "guildsync", version, arg_required_else_help = true, verbatim_doc_comment)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Globals {
    /// The store to work on
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "FILE",
        env = "GUILDSYNC_STORE",
        default_value = "guild.gsync"
    )]
    pub(crate) store: PathBuf,
    /// Say more, and show the debug log (GUILDSYNC_LOG=debug shows it, too, and can filter it)
    #[arg(long, short, global = true, help_heading = "Options of every command")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole thing on one machine: forty members, one raid, one result
    Demo(demo::Args),
    Init(init::Args),
    Import(import::Args),
    Export(export::Args),
    Award(award::Args),
    Undo(undo::Args),
    Standings(standings::Args),
    Log(log::Args),
    Audit(audit::Args),
    #[command(subcommand)]
    Profile(profile::Command),
    Diff(diff::Args),
    Merge(merge::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Verify(verify::Args),
    #[command(subcommand)]
    Table(table::Command),
    #[command(subcommand)]
    Sheet(sheet::Command),
    Simulate(simulate::Args),
    #[command(subcommand)]
    Trace(trace::Command),
}

/// Who writes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Acting {
    /// Write as this member, instead of the one that `init --as` named
    #[arg(long = "as", value_name = "NAME", value_parser = MemberName::new)]
    pub(crate) who: Option<MemberName>,
}

/// Which profile.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct InProfile {
    /// The profile: its label, or the first 8 or more digits of its id [default: the active one]
    #[arg(long, short, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
}

/// A time that a person gave as a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// Its first second.
    pub(crate) from: Stamp,
    /// The end of that second, or of that day if the time was a day.
    pub(crate) to: Stamp,
}

impl Limit {
    /// Reads any of the known forms.
    pub(crate) fn parse(text: &str) -> Result<Self, StampError> {
        const DAY: u64 = 24 * 60 * 60;
        let (from, form) = Stamp::parse(text.trim())?;
        let last = match form {
            StampForm::Date => Stamp::new(from.seconds() + DAY - 1, 0)?,
            _ => from,
        };
        Ok(Self { from, to: last.end_of_second() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_day_as_a_limit_reaches_to_its_end() {
        let day = Limit::parse("2021-09-02").unwrap();
        assert_eq!(day.from.to_string(), "2021-09-02 00:00:00");
        assert_eq!(day.to.to_string(), "2021-09-02 23:59:59");
        let second = Limit::parse("1630624903").unwrap();
        assert_eq!((second.from.seconds(), second.to.seconds()), (1_630_624_903, 1_630_624_903));
    }
}
