//! `guildsync sheet remove`: away from this machine.

use serde::Serialize;

use super::find;
use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};

/// Remove a sheet, on this machine alone
///
/// Others keep it, and in a raid it comes back from whoever has it. What nobody is to have any more is
/// emptied instead: `sheet edit TITLE SECTION --remove` goes to everyone.
///
/// JSON: did (a sentence), title, document, sheets (that are left), dry_run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The sheet's title, or its id
    title: String,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Done {
    did: String,
    title: String,
    document: String,
    sheets: usize,
    dry_run: bool,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let dry_run = args.dry_run;
    let done = super::change(&globals.store, None, dry_run, |work| {
        let document = find::document(&work.shelf, &args.title)?;
        let (title, id) = (document.title().to_string(), document.id());
        work.shelf.remove(id, work.key.writer());
        let did = format!(
            "removed \"{title}\" from {} alone; in a raid it comes back from whoever has it",
            globals.store.display()
        );
        let sheets = work.shelf.len();
        Ok(Done { did, title, document: id.to_string(), sheets, dry_run: dry_run.dry_run })
    })?;
    match args.format.json {
        true => out::json(&done),
        false => out::print(dry_run.tell(&done.did)),
    }
}
