//! `guildsync audit`: who changed what, when, why, from which total to which, and whether it counts.

use crate::args::{Globals, InProfile};
use crate::commands::log;
use crate::failure::Failure;
use crate::line::{self, Filter, Line};
use crate::out::Format;
use crate::table;

/// Show who changed what, when, why, from which total to which, and whether it counts
///
/// Shows each entry with its member's total before and after it, and whether it counts, or why not.
/// `=95` is a total that an import set; what it set aside is named.
///
/// JSON: as `guildsync log --json`
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    profile: InProfile,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    log::show(globals, &args.profile, &args.filter, args.format, |lines| {
        let heads = [
            "Entry",
            "Time (UTC)",
            "Officer",
            "What",
            ">Before",
            ">Points",
            ">After",
            "Counts",
            "Reason",
        ];
        let mut table = table::new(heads);
        for line in lines {
            let total = |total: Option<_>| total.map_or_else(String::new, |t| format!("{t}"));
            table.add_row([
                line.short_id.clone(),
                line.time.clone(),
                line.officer.clone(),
                line.says.clone(),
                total(line.before),
                line.points(),
                total(line.after),
                counts(line),
                line::plain(&line.reason),
            ]);
        }
        table::text(&table)
    })
}

fn counts(line: &Line) -> String {
    match (line.counts, line.overrode) {
        (false, _) => format!("✗ no, {}", line.why_not()),
        (true, Some(aside)) => format!("yes, set aside {aside}"),
        (true, None) => "yes".to_owned(),
    }
}
