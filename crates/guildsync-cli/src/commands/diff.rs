//! `guildsync diff`: what each of two stores lacks, and in which records and sheets they differ.

use std::path::{Path, PathBuf};

use guildsync::log::Profiles;
use guildsync::sections::{Content, Document, Shelf, Slot, Version};
use guildsync::store::Loaded;
use guildsync::tables::{Record, TableKind, Tables};
use guildsync::types::EntryId;
use serde::Serialize;

use crate::args::Globals;
use crate::compare::{self, Lack};
use crate::failure::Failure;
use crate::line;
use crate::out::{self, Format};
use crate::table;

/// Name exactly what each of two stores lacks
///
/// Says profile, writer and entries, table by table how many records differ, and which sheets do, and
/// exits with 3 if the two differ. With --verbose it lists each entry, record and section. Records of a
/// time to come are not compared until then.
///
/// JSON: equal, a, b (each: store, state_hash, entries, lacks_entries, records, tables_state_hash,
///   damage: texts, lacks: [{profile, profile_id, whole_profile, writer, first, last, count,
///   first_id, last_id, forked, entries: texts with --verbose}]), differing_records,
///   tables: [{table, only_a, only_b, other_version, records: texts with --verbose}],
///   differing_sheets, sheets: [{title, document, place (only_a, only_b or different), only_a, only_b
///   (how much of it one alone has: a section as somebody wrote it counts one), sections: texts with
///   --verbose}]; a and b also have sheets (how many) and sheets_state_hash
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// One store
    a: PathBuf,
    /// The other one
    b: PathBuf,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown<'a> {
    equal: bool,
    a: Side<'a>,
    b: Side<'a>,
    differing_records: usize,
    tables: Vec<Differing>,
    differing_sheets: usize,
    sheets: Vec<DifferingSheet>,
}

#[derive(Serialize)]
struct Side<'a> {
    store: &'a Path,
    state_hash: String,
    entries: u64,
    lacks_entries: u64,
    lacks: Vec<Named>,
    records: usize,
    tables_state_hash: String,
    sheets: usize,
    sheets_state_hash: String,
    damage: Vec<String>,
}

#[derive(Serialize)]
struct Named {
    #[serde(flatten)]
    lack: Lack,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<String>>,
}

/// How the records of one table differ.
#[derive(Serialize)]
struct Differing {
    #[serde(serialize_with = "crate::out::text")]
    table: TableKind,
    only_a: usize,
    only_b: usize,
    other_version: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<Vec<String>>,
}

/// How a sheet differs.
#[derive(Serialize)]
struct DifferingSheet {
    title: String,
    document: String,
    place: &'static str,
    only_a: usize,
    only_b: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    sections: Option<Vec<String>>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let (a, b) = (super::read(&args.a)?, super::read(&args.b)?);
    let tables = differing(globals, args, &a.tables, &b.tables);
    let differing_records = tables.iter().map(Differing::total).sum();
    let sheets = differing_sheets(globals, args, &a.shelf, &b.shelf);
    let side = |path, of: &Loaded, other: &Profiles| {
        let lacks = compare::lacks(&of.profiles, other);
        Side {
            store: path,
            state_hash: of.profiles.state_hash().to_string(),
            entries: of.n_entries,
            lacks_entries: compare::total(&lacks),
            damage: of.damage.iter().map(ToString::to_string).collect(),
            lacks: lacks.into_iter().map(|lack| named(lack, other, globals.verbose)).collect(),
            records: of.tables.len(),
            tables_state_hash: of.tables.state_hash().to_string(),
            sheets: of.shelf.len(),
            sheets_state_hash: of.shelf.state_hash().to_string(),
        }
    };
    let (a, b) = (side(&args.a, &a, &b.profiles), side(&args.b, &b, &a.profiles));
    let is_same_log = a.lacks.is_empty() && b.lacks.is_empty() && a.state_hash == b.state_hash;
    let equal = is_same_log && differing_records == 0 && sheets.is_empty();
    let differing_sheets = sheets.len();
    let shown = Shown { equal, a, b, differing_records, tables, differing_sheets, sheets };
    match args.format.json {
        true => out::json(&shown)?,
        false => out::print(told(&shown))?,
    }
    if shown.equal {
        return Ok(());
    }
    let (a, b) = (shown.a.store.display(), shown.b.store.display());
    let differs = |n: usize, of: &str| match n {
        0 => String::new(),
        1 => format!(", and {of} differs"),
        _ => format!(", and {of} differ"),
    };
    let (records, sheets) = (shown.differing_records, shown.differing_sheets);
    let records = differs(records, &out::records(records));
    let sheets = differs(sheets, &out::sheets(sheets));
    Err(Failure::out_of_sync(format!(
        "out of sync: {a} lacks {}, {b} lacks {}{records}{sheets}; `guildsync merge {a} {b}` brings \
         both to the same",
        out::entries(shown.a.lacks_entries as usize),
        out::entries(shown.b.lacks_entries as usize)
    )))
}

impl Differing {
    fn total(&self) -> usize {
        self.only_a + self.only_b + self.other_version
    }
}

/// How the two stores' records differ, table by table.
fn differing(globals: &Globals, args: &Args, a: &Tables, b: &Tables) -> Vec<Differing> {
    let mut all: Vec<Differing> = TableKind::ALL
        .into_iter()
        .map(|table| Differing {
            table,
            only_a: 0,
            only_b: 0,
            other_version: 0,
            records: globals.verbose.then(Vec::new),
        })
        .collect();
    let (name_a, name_b) = (args.a.display(), args.b.display());
    for (in_a, in_b) in compare::records(a, b) {
        let Some(record) = in_a.or(in_b) else { continue };
        let of = &mut all[record.table().index()];
        let (n, words) = match (in_a.map(Record::version), in_b.map(Record::version)) {
            (_, None) => (&mut of.only_a, format!("{name_b} lacks {}", words(record))),
            (None, _) => (&mut of.only_b, format!("{name_a} lacks {}", words(record))),
            (ours, theirs) => {
                let newer = if ours > theirs { &name_a } else { &name_b };
                let words = format!("of {} the version in {newer} counts", words(record));
                (&mut of.other_version, words)
            }
        };
        *n += 1;
        of.records.iter_mut().for_each(|records| records.push(words.clone()));
    }
    all
}

/// Which sheets differ, and in how much.
fn differing_sheets(globals: &Globals, args: &Args, a: &Shelf, b: &Shelf) -> Vec<DifferingSheet> {
    let (name_a, name_b) = (args.a.display(), args.b.display());
    let of = |(in_a, in_b): (Option<&Document>, Option<&Document>)| {
        let document = in_a.or(in_b)?;
        let lacking = |ours: Option<&Document>, theirs: Option<&Document>| -> Vec<Version> {
            theirs
                .map_or_else(Vec::new, |theirs| compare::versions(ours, theirs).cloned().collect())
        };
        let (only_a, only_b) = (lacking(in_b, in_a), lacking(in_a, in_b));
        let lines = || {
            let of_a = only_a.iter().map(|v| format!("{name_b} lacks {}", what(document, v)));
            of_a.chain(only_b.iter().map(|v| format!("{name_a} lacks {}", what(document, v))))
                .collect()
        };
        Some(DifferingSheet {
            title: document.title().to_string(),
            document: document.id().to_string(),
            place: match (in_a, in_b) {
                (_, None) => "only_a",
                (None, _) => "only_b",
                _ => "different",
            },
            only_a: only_a.len(),
            only_b: only_b.len(),
            sections: globals.verbose.then(lines),
        })
    };
    compare::sheets(a, b).filter_map(of).collect()
}

/// What a version is of, and whose.
fn what(document: &Document, version: &Version) -> String {
    let edit = version.edit();
    let what = match &version.item().content {
        Content::Structure(_) => "the title, order and policy".to_owned(),
        Content::Section { name, .. } => format!("section {}", line::plain(name.as_str())),
        Content::Removed => {
            let name = match version.item().slot {
                Slot::Section(id) => document.section(id).map(|section| section.name.to_string()),
                Slot::Structure => None,
            };
            format!("the removal of section {}", line::plain(&name.unwrap_or_default()))
        }
    };
    let (title, editor) = (document.title().as_str(), edit.editor.as_str());
    format!(
        "{what} of \"{}\" by {}, {}",
        line::plain(title),
        line::plain(editor),
        line::time(edit.stamp)
    )
}

/// Which record it is.
fn words(record: &Record) -> String {
    format!("{} {} of {}", record.table(), record.id(), record.guild())
}

fn named(lack: Lack, other: &Profiles, verbose: bool) -> Named {
    let list = || {
        let log = other.get(&lack.profile_id)?;
        let run = lack.run.as_ref()?;
        let wanted =
            |id: EntryId| id.writer == run.writer && (run.first..=run.last).contains(&id.seq);
        Some(
            line::lines_of(log, wanted)
                .iter()
                .map(|l| format!("{} {}", l.short_id, l.sentence()))
                .collect(),
        )
    };
    let entries = if verbose { list() } else { None };
    Named { lack, entries }
}

fn told(shown: &Shown<'_>) -> String {
    let (a, b) = (shown.a.store.display(), shown.b.store.display());
    if shown.equal {
        let n = out::entries(shown.a.entries as usize);
        let mut text = format!("{a} and {b} are equal: {n}, state hash {}", shown.a.state_hash);
        if shown.a.records > 0 {
            let n = out::records(shown.a.records);
            text += &format!("\nboth have the same {n}, state hash {}", shown.a.tables_state_hash);
        }
        if shown.a.sheets > 0 {
            let n = out::sheets(shown.a.sheets);
            text += &format!("\nboth have the same {n}, state hash {}", shown.a.sheets_state_hash);
        }
        return text;
    }
    let parts = [entries(shown), records(shown), sheets(shown)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return format!(
            "{a} and {b} have the same entries and count them differently: check both with \
             `guildsync verify`"
        );
    }
    parts.join("\n\n")
}

/// The entries that are lacking on either side, if any are.
fn entries(shown: &Shown<'_>) -> Option<String> {
    let mut table = table::new(["Lacking in", "Profile", "Entries", ">Count", ""]);
    let mut lists = String::new();
    for side in [&shown.a, &shown.b] {
        for Named { lack, entries } in &side.lacks {
            table.add_row([
                side.store.display().to_string(),
                lack.profile.clone(),
                lack.range(),
                lack.count().to_string(),
                lack.remark().to_owned(),
            ]);
            for entry in entries.iter().flatten() {
                lists += &format!("\n{} lacks {entry}", side.store.display());
            }
        }
    }
    listed(&table, &lists)
}

/// The tables that differ, if any do.
fn records(shown: &Shown<'_>) -> Option<String> {
    let [a, b] = [&shown.a, &shown.b].map(|side| format!(">Only in {}", side.store.display()));
    let mut table = table::new(["Table", &a, &b, ">Other version"]);
    let mut lists = String::new();
    for of in shown.tables.iter().filter(|of| of.total() > 0) {
        let numbers = [of.only_a, of.only_b, of.other_version].map(|n| n.to_string());
        table.add_row([of.table.to_string()].into_iter().chain(numbers));
        of.records.iter().flatten().for_each(|record| lists += &format!("\n{record}"));
    }
    listed(&table, &lists)
}

/// The sheets that differ, if any do.
fn sheets(shown: &Shown<'_>) -> Option<String> {
    let [a, b] = [&shown.a, &shown.b].map(|side| side.store.display());
    let mut table = table::new(["Sheet", "", &format!(">Only in {a}"), &format!(">Only in {b}")]);
    let mut lists = String::new();
    for sheet in &shown.sheets {
        let place = match sheet.place {
            "only_a" => format!("only in {a}"),
            "only_b" => format!("only in {b}"),
            _ => "different".to_owned(),
        };
        let [only_a, only_b] = [sheet.only_a, sheet.only_b].map(|n| n.to_string());
        table.add_row([line::plain(&sheet.title), place, only_a, only_b]);
        sheet.sections.iter().flatten().for_each(|text| lists += &format!("\n{text}"));
    }
    listed(&table, &lists)
}

/// A table with what it lists one by one below it; none if it is empty.
fn listed(table: &comfy_table::Table, lists: &str) -> Option<String> {
    let gap = if lists.is_empty() { "" } else { "\n" };
    (!table.is_empty()).then(|| format!("{}{gap}{lists}", table::text(table)))
}
