//! `guildsync table show`: one record, field by field.

use guildsync::tables::Record;
use guildsync::wire::lua::Key;
use serde::Serialize;

use super::row::{self, Row};
use super::{Named, OfGuild, find};
use crate::args::Globals;
use crate::failure::Failure;
use crate::line;
use crate::out::{self, Format};
use crate::table;

/// Show a record, field by field
///
/// A deleted record's fields are shown as long as they are kept, 30 days.
///
/// JSON: table, id, guild, updated, seconds, deleted, data (null if it is deleted), hash, kept (what
///   the record held before it was deleted, or null)
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    of: OfGuild,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    kept: Option<Row>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let tables = crate::commands::read(&globals.store)?.tables;
    let record = find::one(&tables, &args.named, &args.of)?;
    let kept = tables.kept(record.key());
    if args.format.json {
        let (row, kept) = (Row::of(record)?, kept.map(Row::of).transpose()?);
        return out::json(&Shown { row, kept });
    }
    let (table, id, guild) = (record.table(), record.id(), record.guild());
    let did = if record.is_deleted() { "deleted" } else { "changed" };
    let head = format!("{table} {id} of {guild}, {did} {} UTC", row::time(record));
    let (intro, shown) = match kept.filter(|_| record.is_deleted()) {
        Some(kept) => ("\nIt held, until its data goes:", fields(kept)),
        None => ("", fields(record)),
    };
    match shown.is_empty() {
        true => out::print(head),
        false => out::print(format_args!("{head}{intro}\n\n{shown}")),
    }
}

fn fields(record: &Record) -> String {
    let mut table = table::new(["Field", "Value"]);
    for (number, value) in (1..).zip(record.data().positional()) {
        table.add_row([format!("[{number}]"), row::value(value)]);
    }
    for (key, value) in record.data().keyed() {
        table.add_row([field(key), row::value(value)]);
    }
    if table.is_empty() { String::new() } else { table::text(&table) }
}

/// A field's name, or its number as Lua writes it.
fn field(key: &Key) -> String {
    match key {
        Key::Str(name) => line::plain(name),
        Key::Int(number) => format!("[{number}]"),
        Key::Float(number) => format!("[{number}]"),
        Key::Bool(flag) => format!("[{flag}]"),
    }
}
