//! `guildsync table list`: the records.

use guildsync::tables::{GuildName, Record, TableKind};
use serde::Serialize;

use super::row::{self, Row};
use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, Format};
use crate::table;

/// List the records of all tables, or of one
///
/// Deleted records are left out unless --deleted asks for them.
///
/// JSON: records (in all, deleted ones too), shown, held (of a time to come, and not counted until
///   then), state_hash, rows: [{table, id, guild, updated, seconds, deleted, data (null if it is
///   deleted), hash}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Only this table: setup, news, guildInfo, calendar or roster
    #[arg(value_name = "TABLE")]
    table: Option<TableKind>,
    /// Deleted records too
    #[arg(long)]
    deleted: bool,
    /// Only records of this guild
    #[arg(long, value_name = "GUILD", value_parser = GuildName::new)]
    guild: Option<GuildName>,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown {
    records: usize,
    shown: usize,
    held: usize,
    state_hash: String,
    rows: Vec<Row>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let tables = crate::commands::read(&globals.store)?.tables;
    let is_wanted = |record: &&Record| {
        args.table.is_none_or(|table| record.table() == table)
            && (args.deleted || !record.is_deleted())
            && args.guild.as_ref().is_none_or(|guild| record.guild() == guild)
    };
    let wanted: Vec<&Record> = tables.iter().filter(is_wanted).collect();
    let (records, shown, held) = (tables.len(), wanted.len(), tables.held().count());
    if args.format.json {
        let rows = wanted.iter().map(|record| Row::of(record)).collect::<Result<_, _>>()?;
        let state_hash = tables.state_hash().to_string();
        return out::json(&Shown { records, shown, held, state_hash, rows });
    }
    let mut table = table::new(["Table", "Id", "Guild", "Changed (UTC)", "What"]);
    for record in &wanted {
        table.add_row([
            record.table().to_string(),
            record.id().to_string(),
            record.guild().to_string(),
            row::time(record),
            row::words(record),
        ]);
    }
    let n_deleted = tables.iter().filter(|record| record.is_deleted()).count();
    let mut head = format!("{shown} of {}", out::records(records));
    if n_deleted > 0 {
        head += &format!(", {n_deleted} of them deleted");
    }
    if held > 0 {
        head += &format!("; {held} of a time to come wait for it");
    }
    match wanted.is_empty() {
        true => out::print(head),
        false => out::print(format_args!("{head}\n\n{}", table::text(&table))),
    }
}
