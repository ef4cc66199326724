//! `guildsync table import`: records from a file of either schema, staged and checked first.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use guildsync::tables::schema::Schema;
use guildsync::tables::schema::arrays::Keys;
use guildsync::tables::{GuildName, TableKind};
use guildsync_files::tables::{Form, Merged, TablesFile, TablesReport};
use serde::Serialize;

use super::{OfGuild, guild};
use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::{Meter, Metered};
use crate::table;

/// How many refused records people are shown.
const REFUSED_SHOWN: usize = 10;

/// Read tables from a file: SavedVariables, pasted pieces of them, or JSON
///
/// The schema is told by the file's content: unified entries, GuildHelper's flat rows and items, or
/// both. Every record is checked before anything is merged; what is no record is left
/// out and listed with the reason. Of two versions the newer counts, so nothing new is overwritten.
/// With --dry-run it says what would be merged.
///
/// JSON: file, form, schema (unified, flat or mixed), guild (whose linked guilds the flat setup has,
///   or null), dry_run, report: {tables: [{table, read, deleted, refused: texts}], elsewhere: texts,
///   unread: texts}, merged: {added, updated, deleted, same, older, held, not_held, conflicts},
///   records (in the store now), state_hash
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The file
    file: PathBuf,
    /// Refuse the file if its entries have another schema
    #[arg(long, value_enum)]
    schema: Option<Wanted>,
    /// Close the ranks of lists that have numbers as keys
    #[arg(long)]
    arrays: bool,
    #[command(flatten)]
    of: OfGuild,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

/// The schemas that a file may be asked to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Wanted {
    /// Entries of id, tableType, guildName, lastUpdated, deleted and data
    Unified,
    /// Rows of pt_ and gb_ fields, items with everything side by side
    Flat,
}

impl Wanted {
    fn schema(self) -> Schema {
        match self {
            Self::Unified => Schema::Unified,
            Self::Flat => Schema::Flat,
        }
    }
}

#[derive(Debug, Serialize)]
struct Done<'a> {
    file: &'a Path,
    form: Form,
    schema: &'static str,
    guild: Option<String>,
    dry_run: bool,
    report: TablesReport,
    merged: Merged,
    records: usize,
    state_hash: String,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    // One reading serves both the plan and the change, unless another guild is found to be the own one.
    let first = read(args, None)?;
    let done = super::change(&globals.store, args.dry_run, |work| {
        let own = own(args, &first, work);
        let file = match &own {
            Some(own) => &read(args, Some(own))?,
            None => &first,
        };
        let merged = file.merge(&mut work.tables, work.clock);
        Ok(Done {
            file: &args.file,
            form: file.form(),
            schema: schema(file),
            guild: own.map(|own| own.to_string()),
            dry_run: args.dry_run.dry_run,
            report: file.report().clone(),
            merged,
            records: work.tables.len(),
            state_hash: work.tables.state_hash().to_string(),
        })
    })?;
    match args.format.json {
        true => out::json(&done),
        false => out::print(told(globals, args, &done)),
    }
}

/// Whose linked guilds the flat setup holds: said, or the store's own guild, or the only one in the file.
fn own(args: &Args, file: &TablesFile, work: &super::Work<'_>) -> Option<GuildName> {
    let of_store = || guild::own_if_known(&work.tables, work.member.as_ref());
    let only = || {
        let mut guilds = file.records().iter().map(guildsync::tables::Record::guild);
        let first = guilds.next()?;
        guilds.all(|guild| guild == first).then(|| first.clone())
    };
    args.of.guild.clone().or_else(of_store).or_else(only)
}

fn read(args: &Args, own: Option<&GuildName>) -> Result<TablesFile, Failure> {
    let path = &args.file;
    let file = open(path, if args.arrays { Keys::Arrays } else { Keys::Exact }, own)?;
    match (args.schema, file.schema()) {
        (Some(wanted), Some(found)) if wanted.schema() != found => Err(Failure::error(format!(
            "{} was not imported: its entries are {}, not {} as --schema says; leave --schema away",
            path.display(),
            schema(&file),
            wanted.schema()
        ))),
        _ => Ok(file),
    }
}

/// Reads a file of tables.
pub(super) fn open(
    path: &Path,
    keys: Keys,
    own: Option<&GuildName>,
) -> Result<TablesFile, Failure> {
    let named = |failure: Failure| failure.about(format_args!("{} was not read", path.display()));
    let cannot = |why: std::io::Error| {
        named(Failure::error(format!("it cannot be opened: {why}; check its name")))
    };
    let file = File::open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    if about.is_dir() {
        return Err(named(Failure::error("it is a folder; name a file in it")));
    }
    let meter = Meter::bytes(about.len(), "reading the tables");
    let reader = BufReader::with_capacity(1 << 16, Metered::new(file, meter));
    TablesFile::read(reader, own, keys).map_err(|why| named(why.into()))
}

fn schema(file: &TablesFile) -> &'static str {
    match file.schema() {
        Some(Schema::Flat) => "flat",
        Some(Schema::AsIs) => "mixed",
        _ => "unified",
    }
}

fn told(globals: &Globals, args: &Args, done: &Done<'_>) -> String {
    let mut table = table::new(["Table", ">Read", ">Of them deleted", ">Refused"]);
    for kind in TableKind::ALL {
        let of = done.report.of(kind);
        table.add_row([
            kind.to_string(),
            of.read.to_string(),
            of.deleted.to_string(),
            of.refused.len().to_string(),
        ]);
    }
    let Merged { added, updated, deleted, same, older, held, not_held, conflicts, .. } =
        done.merged;
    let parts = [
        (added, "added"),
        (updated, "updated"),
        (deleted, "deleted"),
        (same, "there already"),
        (older, "older than what is there"),
        (held, "of a time to come, held until then"),
        (not_held, "of a time to come, left out"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let did = match parts.is_empty() {
        true => "imported nothing".to_owned(),
        false => format!("imported: {}", parts.join(", ")),
    };
    let n = out::records(done.records);
    let did = format!("{did}; {n} in {}", globals.store.display());
    let mut text = format!("{}\n\n{}\n", args.dry_run.tell(&did), table::text(&table));
    if conflicts > 0 {
        text += &format!(
            "\n{} of one second with other content: the same one counts everywhere",
            out::records(conflicts)
        );
    }
    let refused: Vec<String> = done.report.refused().map(ToString::to_string).collect();
    let shown = if globals.verbose { usize::MAX } else { REFUSED_SHOWN };
    for why in refused.iter().take(shown) {
        text += &format!("\nrefused: {why}");
    }
    if refused.len() > shown {
        let more = refused.len() - shown;
        text += &format!("\n... and {more} more (--verbose or --json shows all)");
    }
    if !done.report.unread.is_empty() {
        text += &format!(
            "\nnot read, as it is in none of the tables: {}",
            done.report.unread.join(", ")
        );
    }
    text
}
