//! `guildsync export`: everything, or a profile, as a file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use guildsync::log::{Log, Profiles};
use guildsync_files::archive::{Archive, Form};
use guildsync_files::exchange::LeftOut;
use guildsync_files::{pipe, spectrum};

use crate::args::Globals;
use crate::failure::Failure;
use crate::find;
use crate::out::{self, DryRun};
use crate::place;
use crate::progress::Busy;

/// Write everything, or a profile, to a file
///
/// Writes all profiles, or the named one.
///
/// json, csv and lua carry everything (ids, kinds, seals; never the key) and read back to the same
/// state hash; pipe and spectrum carry points, and stderr says what they left out.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Which form
    #[arg(long, short, value_enum)]
    format: Wanted,
    /// Only this profile: its label, or the first 8 or more digits of its id [default: all]
    #[arg(long, short, value_name = "PROFILE")]
    profile: Option<String>,
    /// Write to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "output")]
    force: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wanted {
    /// An archive in JSON
    Json,
    /// An archive as a table
    Csv,
    /// An archive as SavedVariables
    Lua,
    /// Points, one line of text each
    Pipe,
    /// Points as the SavedVariables of SpectrumFederation
    Spectrum,
}

/// What was made, and what was not.
struct Made {
    bytes: Vec<u8>,
    n_entries: usize,
    left_out: Vec<String>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let loaded = super::read(&globals.store)?;
    let busy = Busy::new("writing the export");
    let made = make(&loaded.profiles, args)?;
    drop(busy);
    if let Some(path) = &args.output {
        place::refuse_taken(path, args.force)?;
    }
    let n = out::entries(made.n_entries);
    match (&args.output, args.dry_run.dry_run) {
        (None, false) => out::raw(&made.bytes)?,
        (Some(path), false) => {
            place::save(path, &made.bytes, args.force)?;
            out::note(format_args!("wrote {n}, {} bytes, to {}", made.bytes.len(), path.display()));
        }
        (path, true) => {
            let to = path.as_ref().map_or_else(|| "stdout".into(), |p| p.display().to_string());
            let did = format!("{n}, {} bytes, to {to}", made.bytes.len());
            out::print(args.dry_run.tell(&did))?;
        }
    }
    for what in &made.left_out {
        out::note(format_args!("left out: {what}"));
    }
    Ok(())
}

fn make(profiles: &Profiles, args: &Args) -> Result<Made, Failure> {
    let only = match &args.profile {
        Some(wanted) => Some(find::profile(profiles, Some(wanted))?),
        None => None,
    };
    let id = only.map(|log| log.profile().id);
    match args.format {
        Wanted::Json => archive(profiles, only, Form::Json),
        Wanted::Csv => archive(profiles, only, Form::Csv),
        Wanted::Lua => archive(profiles, only, Form::Lua),
        Wanted::Pipe => {
            let pipe = pipe::write(profiles, id.as_ref())?;
            let left_out = sentences(&pipe.left_out);
            Ok(Made { bytes: pipe.text.into_bytes(), n_entries: pipe.lines, left_out })
        }
        Wanted::Spectrum => {
            let saved = spectrum::write(profiles, id.as_ref())?;
            let left_out = sentences(&saved.left_out);
            Ok(Made { bytes: saved.text.into_bytes(), n_entries: saved.entries, left_out })
        }
    }
}

fn archive(profiles: &Profiles, only: Option<&Log>, form: Form) -> Result<Made, Failure> {
    let restricted =
        only.and_then(|log| Profiles::restore([log.clone()], log.profile().id, BTreeMap::new()));
    let profiles = restricted.as_ref().unwrap_or(profiles);
    let archive = Archive::of(profiles);
    let mut bytes = Vec::new();
    archive.write(form, &mut bytes)?;
    let unsealed = Archive::unsealed(profiles).into_iter().map(|(profile, writer, n)| {
        let entries = out::entries(n);
        format!("{entries} of writer {} in {profile:?}, which have no seal", writer.short())
    });
    Ok(Made { bytes, n_entries: archive.n_entries(), left_out: unsealed.collect() })
}

/// What an exchange format has no place for, in words; what is not there is not named.
fn sentences(left_out: &LeftOut) -> Vec<String> {
    let table = [
        (left_out.notes, "notes"),
        (left_out.undos, "undos"),
        (left_out.uncounted, "entries that do not count"),
        (left_out.rights, "entries about profiles, roles and writers"),
        (left_out.unknown, "entries of a later guildsync"),
        (left_out.totals_as_deltas, "entries that set a total are there as what they added"),
        (left_out.counts_in_second, "counts within a second; the order is kept"),
        (left_out.origins, "occurrence numbers of imported rows"),
        (left_out.writers, "writers with their ids and seals"),
        (left_out.members, "members without an entry that counts"),
    ];
    let there = table.into_iter().filter(|(n, _)| *n > 0);
    there.map(|(n, what)| format!("{n} {what}")).collect()
}
