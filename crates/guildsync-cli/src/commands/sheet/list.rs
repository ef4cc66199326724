//! `guildsync sheet list`: the sheets.

use serde::Serialize;

use super::row::Row;
use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, Format};
use crate::{line, table};

/// List the assignment sheets
///
/// Equal digests are equal sheets, on any machine.
///
/// JSON: sheets (how many), state_hash (over all of them), rows: [{title, document (its id), sections,
///   edited, seconds, editor, conflicts, digest, policy: {publish, edit, point}}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown {
    sheets: usize,
    state_hash: String,
    rows: Vec<Row>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let shelf = crate::commands::read(&globals.store)?.shelf;
    let mut rows: Vec<Row> = shelf.iter().map(Row::of).collect();
    rows.sort_by(|a, b| a.title.cmp(&b.title));
    if args.format.json {
        let state_hash = shelf.state_hash().to_string();
        return out::json(&Shown { sheets: rows.len(), state_hash, rows });
    }
    let head = out::sheets(rows.len());
    if rows.is_empty() {
        return out::print(format_args!(
            "{head}; `guildsync sheet import FILE` brings one in from a file"
        ));
    }
    let heads = ["Title", ">Sections", "Edited (UTC)", "By", ">Conflicts", "Digest"];
    let mut table = table::new(heads);
    for row in &rows {
        table.add_row([
            line::plain(&row.title),
            row.sections.to_string(),
            row.edited.clone(),
            line::plain(&row.editor),
            row.conflicts.to_string(),
            row.digest.clone(),
        ]);
    }
    out::print(format_args!("{head}\n\n{}", table::text(&table)))
}
