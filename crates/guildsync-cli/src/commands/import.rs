//! `guildsync import`: loot histories of any known format, all of them or nothing.

mod report;
mod take;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use guildsync_files::cepgp::Names;
use guildsync_files::detect::{self, Document};
use serde::Serialize;

use crate::args::{Acting, Globals};
use crate::desk;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::{Meter, Metered};
use report::FileReport;

/// Read loot histories: CEPGP, pipe text, SavedVariables, archives
///
/// Reads files of any known format, told by their content: CEPGP SavedVariables (CEPGP.lua), archives
/// (`guildsync export` as json, csv or lua), pipe text, SpectrumFederation SavedVariables. All files
/// are taken in one commit, or none. What is there already is counted and left alone, so a second
/// import adds nothing.
///
/// JSON: store, dry_run, added, active, switched_to (or null), entries, state_hash,
///   files: [{file, format, rows, deltas, totals, notes, added, already_there, repeated,
///   refused: [{place, why}], remarks: texts, details (the format's own report)}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The profile for CEPGP's effort points
    #[arg(long, value_name = "NAME", default_value = "EP")]
    ep: String,
    /// The profile for CEPGP's gear points
    #[arg(long, value_name = "NAME", default_value = "GP")]
    gp: String,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

/// A file that was read.
struct Source {
    path: PathBuf,
    document: Document,
}

/// What an import did.
#[derive(Debug, Serialize)]
struct Done {
    store: PathBuf,
    dry_run: bool,
    added: u64,
    active: String,
    switched_to: Option<String>,
    entries: usize,
    state_hash: String,
    files: Vec<FileReport>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let names = Names::new(&args.ep, &args.gp)?;
    let read = |path: &PathBuf| Ok(Source { path: path.clone(), document: read(path)? });
    let sources: Vec<Source> = args.files.iter().map(read).collect::<Result<_, Failure>>()?;
    let planned = desk::plan(&globals.store, args.acting.who.as_ref(), |desk| {
        take::all(desk, &sources, &names)
    })?;
    let (taken, profiles) = match args.dry_run.dry_run {
        true => {
            let profiles = planned.profiles().clone();
            (planned.value, profiles)
        }
        false => planned.commit()?,
    };
    let done = Done {
        store: globals.store.clone(),
        dry_run: args.dry_run.dry_run,
        added: taken.files.iter().map(|file| file.added).sum(),
        active: profiles.active().label().to_owned(),
        switched_to: taken.switched_to,
        entries: profiles.iter().map(guildsync::log::Log::len).sum(),
        state_hash: profiles.state_hash().to_string(),
        files: taken.files,
    };
    match args.format.json {
        true => out::json(&done),
        false => out::print(report::told(&done, args.dry_run, globals.verbose)),
    }
}

/// Reads one file, as a stream.
fn read(path: &Path) -> Result<Document, Failure> {
    let named =
        |failure: Failure| failure.about(format_args!("{} was not imported", path.display()));
    let cannot = |why: std::io::Error| {
        named(Failure::error(format!("it cannot be opened: {why}; check its name")))
    };
    let file = File::open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    if about.is_dir() {
        return Err(named(Failure::error("it is a folder; name the files in it")));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let meter = Meter::bytes(about.len(), &format!("reading {name}"));
    let reader = BufReader::with_capacity(1 << 16, Metered::new(file, meter));
    detect::read(reader).map_err(|why| named(why.into()))
}

/// Imports one file into a store, for the demo; returns how many entries are new.
pub(crate) fn history(store: &Path, file: &Path) -> Result<u64, Failure> {
    let sources = [Source { path: file.to_owned(), document: read(file)? }];
    let planned = desk::plan(store, None, |desk| take::all(desk, &sources, &Names::default()))?;
    let (taken, _) = planned.commit()?;
    Ok(taken.files.iter().map(|file| file.added).sum())
}
