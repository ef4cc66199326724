//! `guildsync sheet show`: what a sheet is made of, or what stands in one section.

use guildsync::sections::{Document, Section, Slot};
use serde::Serialize;

use super::row::{self, Cells, Row, SectionRow};
use super::{beside, find, policy};
use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, Format};
use crate::{line, table};

/// Show a sheet's sections, or what stands in one of them
///
/// With --conflicts what was written at the same time stands beside what is shown, place by place, each
/// with the number that `sheet edit TITLE SECTION --pick N` takes. A cell's place is ROW:COLUMN, as
/// `--cell` takes it; row 0 is the header.
///
/// JSON: as a row of `sheet list`, and parts: [{section (its id), number, pick (1), edited, seconds,
///   editor, writer, name, header, rows, note, warning, groups (numbers of rows), more (Lua texts by
///   name), conflicts: [the same from pick on, or removed: true]}]; with SECTION that one part alone
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The sheet's title, or its id
    title: String,
    /// The section: its name, or its number where names repeat
    section: Option<String>,
    /// What was written at the same time and waits to be picked
    #[arg(long)]
    conflicts: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    parts: Vec<SectionRow>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let shelf = crate::commands::read(&globals.store)?.shelf;
    let document = find::document(&shelf, &args.title)?;
    let sections: Vec<(usize, Section<'_>)> = match &args.section {
        Some(named) => vec![find::section(document, named)?],
        None => (1..).zip(document.sections()).collect(),
    };
    if args.format.json {
        let parts =
            sections.iter().map(|(number, section)| SectionRow::of(document, *number, section));
        return out::json(&Shown {
            row: Row::of(document),
            parts: parts.collect::<Result<_, _>>()?,
        });
    }
    let mut text = match (&args.section, &sections[..]) {
        (Some(_), [(number, section)]) => one(document, *number, section)?,
        _ => overview(document, &sections)?,
    };
    if args.conflicts {
        let wanted = |slot: &Slot| {
            args.section.is_none() || sections.iter().any(|(_, s)| Slot::Section(s.id) == *slot)
        };
        text += &conflicts(document, wanted)?;
    }
    out::print(text)
}

/// The sheet and its sections.
fn overview(document: &Document, sections: &[(usize, Section<'_>)]) -> Result<String, Failure> {
    let row = Row::of(document);
    let mut text = format!(
        "{}, {}, edited {} UTC by {}, digest {}\n{}",
        line::plain(&row.title),
        out::count(row.sections as u64, "section", "sections"),
        row.edited,
        line::plain(&row.editor),
        row.digest,
        policy::sentence(&document.structure().policy),
    );
    if row.conflicts > 0 {
        text += &format!(
            "\n{} more than one version: --conflicts shows them",
            out::count(row.conflicts as u64, "part has", "parts have")
        );
    }
    if sections.is_empty() {
        return Ok(text);
    }
    let mut table = table::new([">#", "Section", ">Rows", "Edited (UTC)", "By", ""]);
    for (number, section) in sections {
        let body = section.body.open()?;
        let n_beside = beside::versions(document, Slot::Section(section.id)).len() - 1;
        let beside = out::count(n_beside as u64, "conflict", "conflicts");
        let marks = [
            body.note.map(|_| "note".to_owned()),
            body.warning.map(|_| "warning".to_owned()),
            (n_beside > 0).then_some(beside),
        ];
        table.add_row([
            number.to_string(),
            line::plain(section.name.as_str()),
            body.rows.len().to_string(),
            row::time(section.version),
            line::plain(&row::editor(section.version)),
            marks.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ]);
    }
    Ok(format!("{text}\n\n{}", table::text(&table)))
}

/// One section: its cells, and what is beside them.
fn one(document: &Document, number: usize, section: &Section<'_>) -> Result<String, Failure> {
    let mut text = format!(
        "{}, section {number} of {}, edited {} UTC by {}",
        line::plain(section.name.as_str()),
        line::plain(document.title().as_str()),
        row::time(section.version),
        line::plain(&row::editor(section.version)),
    );
    let Some(cells) = Cells::of(section.version)? else { return Ok(text) };
    let grid = grid(&cells);
    if !grid.is_empty() {
        text += &format!("\n\n{grid}");
    }
    let mut remarks = Vec::new();
    for (head, said) in [("Note", &cells.note), ("Warning", &cells.warning)] {
        let lines = said.iter().flat_map(|said| said.split('\n')).map(line::plain);
        remarks.extend(lines.map(|line| format!("{head}: {line}")));
    }
    if !cells.groups.is_empty() {
        remarks.push(format!("Rows that name groups: {}", beside::numbers(&cells.groups)));
    }
    for (name, value) in &cells.more {
        remarks.push(format!("{}: {}", line::plain(name), line::plain(value)));
    }
    match beside::versions(document, Slot::Section(section.id)).len() {
        0 | 1 => {}
        n => remarks.push(format!(
            "{n} versions were written at the same time, this one is shown: --conflicts shows all, \
             `guildsync sheet edit` with --pick settles it"
        )),
    }
    if !remarks.is_empty() {
        text += &format!("\n\n{}", remarks.join("\n"));
    }
    Ok(text)
}

/// The cells as a table, as wide as the widest row.
fn grid(cells: &Cells) -> String {
    let Cells { header, rows, .. } = cells;
    let width = rows.iter().map(Vec::len).chain([header.len()]).max().unwrap_or(0);
    if width == 0 {
        return String::new();
    }
    let filled = |row: &[String]| {
        let cells: Vec<String> = row.iter().map(|cell| line::plain(cell)).collect();
        let missing = width - cells.len();
        cells.into_iter().chain(std::iter::repeat_n(String::new(), missing))
    };
    let mut table = table::of_texts([String::new()].into_iter().chain(filled(header)));
    for (number, row) in (1..).zip(rows) {
        table.add_row([number.to_string()].into_iter().chain(filled(row)));
    }
    table::text(&table)
}

/// What is beside each other, slot by slot.
fn conflicts(document: &Document, wanted: impl Fn(&Slot) -> bool) -> Result<String, Failure> {
    let all = beside::all(document);
    let mut text = String::new();
    for (slot, versions) in all.iter().filter(|(slot, _)| wanted(slot)) {
        let what = match slot {
            Slot::Structure => "The sheet's title, order and policy".to_owned(),
            Slot::Section(id) => match document.section(*id) {
                Some(section) => format!("Section {}", line::plain(section.name.as_str())),
                None => "A section that is gone".to_owned(),
            },
        };
        let table = beside::table(document, versions)?;
        text += &format!("\n\n{what}, {} versions\n\n{table}", versions.len());
    }
    Ok(if text.is_empty() { "\n\nnothing was written at the same time".to_owned() } else { text })
}
