//! `guildsync table export`: all tables as a file, or put back into one.

use std::path::{Path, PathBuf};

use guildsync::tables::Tables;
use guildsync::tables::schema::Schema;
use guildsync::tables::schema::arrays::Keys;
use guildsync_files::tables::{self, Form};

use super::{OfGuild, guild, import};
use crate::args::Globals;
use crate::clock;
use crate::failure::Failure;
use crate::out::{self, DryRun};
use crate::place;

/// Write all tables to a file, or back into the file they came from
///
/// The unified schema is the canonical export: by table, id and guild, deletions as well, so that
/// equal tables give equal bytes. The flat one is what GuildHelper keeps. With --into the tables go
/// back into an existing file: entries that did not change, and all else in it, keep their values and
/// their order; others are written in the schema that they have.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Write to this file instead of stdout, or with --into instead of that file
    file: Option<PathBuf>,
    /// Which schema [default: unified; as-is with --into]
    #[arg(long, value_enum)]
    schema: Option<Wanted>,
    /// Which form [default: lua if FILE ends so, else json]
    #[arg(long, value_enum, conflicts_with = "into")]
    form: Option<WantedForm>,
    /// Put the tables back into this file
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Replace the file if it is there; with --into also entries that are newer than the store's
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    of: OfGuild,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Wanted {
    /// Entries of id, tableType, guildName, lastUpdated, deleted and data
    Unified,
    /// Rows of pt_ and gb_ fields, items with everything side by side
    Flat,
    /// Each entry as it stands in the file of --into
    AsIs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum WantedForm {
    /// One JSON object
    Json,
    /// SavedVariables
    Lua,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let is_as_is = args.schema.map_or(args.into.is_some(), |schema| schema == Wanted::AsIs);
    if is_as_is != args.into.is_some() {
        return Err(Failure::usage(
            "the schema as-is is that of an existing file, which --into names: give both, or neither",
        ));
    }
    let loaded = crate::commands::read(&globals.store)?;
    let tables = &loaded.tables;
    let of_store = || guild::own_if_known(tables, loaded.member.as_ref());
    let own = args.of.guild.clone().or_else(of_store);
    let mut bytes = Vec::new();
    match &args.into {
        Some(into) => {
            let file = import::open(into, Keys::Exact, own.as_ref())?;
            refuse_newer(into, &file, tables, args.force)?;
            bytes = file.write_back(tables, own.as_ref())?.into_bytes();
        }
        None => {
            let schema = match args.schema {
                Some(Wanted::Flat) => Schema::Flat,
                _ => Schema::Unified,
            };
            tables::write(tables, schema, args.form(), own.as_ref(), &mut bytes)?;
        }
    }
    let n = out::records(tables.len());
    // Back into a file means that this one is replaced; another one never is unasked.
    let to = args.file.as_ref().or(args.into.as_ref());
    if let Some(path) = &args.file {
        place::refuse_taken(path, args.force)?;
    }
    let did = |to: &Path| format!("wrote {n}, {} bytes, to {}", bytes.len(), to.display());
    match (to, args.dry_run.dry_run) {
        (None, false) => out::raw(&bytes),
        (Some(path), false) => {
            place::save(path, &bytes, args.force || args.file.is_none())?;
            out::note(did(path));
            Ok(())
        }
        (to, true) => {
            out::print(args.dry_run.tell(&did(to.map_or(Path::new("stdout"), PathBuf::as_path))))
        }
    }
}

impl Args {
    fn form(&self) -> Form {
        let ending = self.file.as_ref().and_then(|file| file.extension());
        let is_lua = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("lua"));
        match self.form {
            Some(WantedForm::Lua) => Form::Lua,
            None if is_lua => Form::Lua,
            _ => Form::Json,
        }
    }
}

/// Refuses to put older entries in the place of newer ones.
fn refuse_newer(
    path: &Path,
    file: &tables::TablesFile,
    tables: &Tables,
    force: bool,
) -> Result<(), Failure> {
    let merged = file.preview(tables, clock::now().0 / 1000);
    let n = merged.updated + merged.deleted;
    if force || n == 0 {
        return Ok(());
    }
    let (n, path) = (out::count(n as u64, "entry", "entries"), path.display());
    Err(Failure::error(format!(
        "{path} has {n} newer than the store's, which would be lost: bring them in first with \
         `guildsync table import {path}`, or add `--force`"
    )))
}
