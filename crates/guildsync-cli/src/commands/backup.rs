//! `guildsync backup`: a copy of the store, without its key.

use std::path::{Path, PathBuf};

use guildsync::store::{self, StoreError};
use serde::Serialize;

use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::Busy;

/// Copy the store, without its key
///
/// Copies the store to a new file. The key is not in it: a store restored from it goes on as a new
/// writer, so that no number is used twice.
///
/// JSON: store, backup, entries, records (of tables), sheets, state_hash, dry_run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The file to write; nothing may be there
    #[arg(value_name = "TO")]
    to: PathBuf,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Done<'a> {
    store: &'a Path,
    backup: &'a Path,
    entries: u64,
    records: usize,
    sheets: usize,
    state_hash: String,
    dry_run: bool,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let (path, to) = (globals.store.as_path(), args.to.as_path());
    let loaded = super::read(path)?;
    if to.symlink_metadata().is_ok() {
        return Err(StoreError::AlreadyExists { path: to.to_owned() }.into());
    }
    if !args.dry_run.dry_run {
        let _busy = Busy::new("copying");
        store::backup(path, to)?;
    }
    if args.format.json {
        return out::json(&Done {
            store: path,
            backup: to,
            entries: loaded.n_entries,
            records: loaded.tables.len(),
            sheets: loaded.shelf.len(),
            state_hash: loaded.profiles.state_hash().to_string(),
            dry_run: args.dry_run.dry_run,
        });
    }
    let did = format!(
        "copied {} of {} to {}, without the key",
        out::holdings(loaded.n_entries as usize, loaded.tables.len(), loaded.shelf.len()),
        path.display(),
        to.display()
    );
    let next = format!("To go back to it: guildsync --store NEW restore {}", to.display());
    out::print(format_args!("{}\n{next}", args.dry_run.tell(&did)))
}
