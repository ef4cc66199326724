//! `guildsync sheet export`: a sheet as a file.

use std::path::{Path, PathBuf};

use guildsync::sections::{Body, Document, Label};
use guildsync_files::sheets::{write_csv, write_json, write_lua};

use super::{beside, find};
use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, DryRun};
use crate::place;

/// Write a sheet to a file
///
/// Sheets of equal digests give equal bytes, whoever exports them. lua is the addon's SavedVariables: put
/// it into TWRA.lua while the game is not running. Of versions beside each other the shown one is
/// written, and stderr says so.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The sheet's title, or its id
    title: String,
    /// Which form [default: as FILE ends, else json]
    #[arg(long, short, value_enum)]
    format: Option<Wanted>,
    /// Write to this file instead of stdout
    #[arg(long, short, alias = "output", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Wanted {
    /// The addon's SavedVariables
    Lua,
    /// One table, the section in the first column
    Csv,
    /// One JSON object
    Json,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let shelf = crate::commands::read(&globals.store)?.shelf;
    let document = find::document(&shelf, &args.title)?;
    let (title, sections) = (document.title(), sections(document)?);
    let text = match args.form() {
        Wanted::Lua => write_lua(title, &sections)?,
        Wanted::Csv => write_csv(title, &sections)?,
        Wanted::Json => write_json(title, &sections)?,
    };
    let n_beside = beside::all(document).len();
    if n_beside > 0 {
        out::note(format_args!(
            "note: {} of \"{title}\" {} more than one version, and the shown one is written; see them \
             with `guildsync sheet show TITLE --conflicts`",
            out::count(n_beside as u64, "part", "parts"),
            if n_beside == 1 { "has" } else { "have" }
        ));
    }
    if let Some(path) = &args.out {
        place::refuse_taken(path, args.force)?;
    }
    let n = out::count(sections.len() as u64, "section", "sections");
    let did =
        |to: &Path| format!("wrote {n} of \"{title}\", {} bytes, to {}", text.len(), to.display());
    match (&args.out, args.dry_run.dry_run) {
        (None, false) => out::raw(text.as_bytes()),
        (Some(path), false) => {
            place::save(path, text.as_bytes(), args.force)?;
            out::note(did(path));
            Ok(())
        }
        (to, true) => {
            let to = to.as_deref().unwrap_or(Path::new("stdout"));
            out::print(args.dry_run.tell(&did(to)))
        }
    }
}

impl Args {
    fn form(&self) -> Wanted {
        let ending = self.out.as_ref().and_then(|file| file.extension());
        let ends = |wanted: &str| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(wanted));
        match self.format {
            Some(form) => form,
            None if ends("lua") => Wanted::Lua,
            None if ends("csv") => Wanted::Csv,
            None => Wanted::Json,
        }
    }
}

/// What a sheet shows, in order.
fn sections(document: &Document) -> Result<Vec<(Label, Body)>, Failure> {
    let sections = document.sections().into_iter();
    sections.map(|section| Ok((section.name.clone(), section.body.open()?))).collect()
}
