//! The sheet as one table: CSV (RFC 4180). The rows are described in [`crate::sheets`].

use std::iter::repeat_n;

use guildsync_sections::{Body, BodyError, Label, SECTIONS_MAX};
use guildsync_sections::{COLUMNS_MAX, ROWS_MAX};

use super::{Form, Sheet, SheetError, check};

/// The first cell of the first line.
const SECTION: &str = "Section";
const TITLE: &str = "#title";
const NOTE: &str = "#note";
const WARNING: &str = "#warning";
const GROUPS: &str = "#groups";
const MORE: &str = "#more";
const NEW: &str = "#new";
const END: &str = "#end";
const MARKS: [&str; 7] = [TITLE, NOTE, WARNING, GROUPS, MORE, NEW, END];

/// What stands between the cells of a text that begins as a sheet does.
pub(super) fn delimiter(text: &str) -> Option<u8> {
    let (line, _) = text.split_once(['\r', '\n']).unwrap_or((text, ""));
    let rest = line.strip_prefix(SECTION).or_else(|| {
        let rest = line.strip_prefix('"')?.strip_prefix(SECTION)?;
        rest.strip_prefix('"')
    })?;
    match rest.bytes().next() {
        None => Some(b','),
        Some(byte) => b",;\t".contains(&byte).then_some(byte),
    }
}

/// A section whose rows are coming in.
struct Building {
    name: Label,
    body: Body,
    has_header: bool,
}

pub(super) fn read(text: &str) -> Result<Sheet, SheetError> {
    let lines = text.lines().count() as u64;
    let blanks = text.len() - text.trim_start().len();
    let (before, text) = text.split_at(blanks);
    if !text.bytes().filter(|&byte| byte == b'"').count().is_multiple_of(2) {
        return Err(wrong(
            lines,
            "a quotation mark has no partner: the file was cut off; copy it again",
        ));
    }
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(delimiter(text).unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut sheet = Sheet::new(Form::Csv);
    let mut sections: Vec<Building> = Vec::new();
    for (number, record) in csv.records().enumerate() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            wrong(line, error.to_string())
        })?;
        let line = line_of(&record, text) + line_ends(before);
        let cells: Vec<&str> = record.iter().collect();
        let (name, cells) =
            cells.split_first().map_or(("", &[][..]), |(name, cells)| (*name, cells));
        if number == 0 {
            if let [mark, title, ..] = cells
                && mark.eq_ignore_ascii_case(TITLE)
            {
                sheet.title = Some(label(line, title)?);
            }
        } else if !name.is_empty() {
            take(&mut sections, label(line, name)?, cells, line)?;
        } else if cells.iter().any(|cell| !cell.is_empty()) {
            return Err(wrong(line, "the first column is empty: put the section's name there"));
        }
    }
    sections.into_iter().try_for_each(|section| sheet.push(section.name, section.body))?;
    Ok(sheet)
}

/// The line of a record. The reader passes over line ends before it without counting them.
fn line_of(record: &csv::StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 1 };
    let rest = usize::try_from(position.byte()).ok().and_then(|byte| text.get(byte..));
    let rest = rest.unwrap_or("");
    let ends = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
    position.line() + line_ends(ends)
}

fn line_ends(text: &str) -> u64 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u64
}

fn take(
    sections: &mut Vec<Building>,
    name: Label,
    cells: &[&str],
    line: u64,
) -> Result<(), SheetError> {
    let first = cells.first().copied().unwrap_or("");
    let mark = MARKS.into_iter().find(|mark| mark.eq_ignore_ascii_case(first));
    let known = sections.iter().rposition(|section| section.name == name);
    let at = match known.filter(|_| mark != Some(NEW)) {
        Some(at) => at,
        None if sections.len() == SECTIONS_MAX => {
            return Err(SheetError::TooMany { limit: SECTIONS_MAX });
        }
        None => {
            sections.push(Building {
                name: name.clone(),
                body: Body::default(),
                has_header: false,
            });
            sections.len() - 1
        }
    };
    let Building { body, has_header, .. } = &mut sections[at];
    let cells_behind = cells.get(1..).unwrap_or(&[]);
    // What a mark does not hold may only be filled up.
    let texts = |n: usize| {
        let extra = cells_behind.iter().skip(n).any(|cell| !cell.is_empty());
        let text = |at: usize| cells_behind.get(at).copied().unwrap_or("");
        match extra {
            true => {
                Err(wrong(line, format!("{first} has more cells than {n}: put a text in quotes")))
            }
            false => Ok([text(0), text(1)]),
        }
    };
    match mark {
        Some(NEW) => drop(texts(0)?),
        Some(NOTE) => add_line(&mut body.note, texts(1)?[0]),
        Some(WARNING) => add_line(&mut body.warning, texts(1)?[0]),
        Some(MORE) => {
            let [name, text] = texts(2)?;
            body.more.insert(name.to_owned(), text.to_owned());
        }
        Some(GROUPS) => {
            for cell in cells_behind.iter().filter(|cell| !cell.is_empty()) {
                let row = cell.trim().parse();
                let why =
                    |_| wrong(line, format!("{cell:?} is no number of a row: write 1, 2 ..."));
                body.group_rows.push(row.map_err(why)?);
            }
        }
        _ => {
            let width = if *has_header { body.header.len() } else { 0 };
            let row = row(cells, width);
            let across = if *has_header { "cells in a row" } else { "columns" };
            let limits = [(across, row.len(), COLUMNS_MAX), ("rows", body.rows.len(), ROWS_MAX)];
            if let Some((what, found, limit)) = limits.into_iter().find(|(_, n, max)| n > max) {
                let why = BodyError::TooMany { what, found, limit };
                return Err(SheetError::Section { section: name.to_string(), why });
            }
            match std::mem::replace(has_header, true) {
                true => body.rows.push(row),
                false => body.header = row,
            }
        }
    }
    Ok(())
}

/// A row's cells: as many as the header has, unless more are filled or an end is marked.
fn row(cells: &[&str], width: usize) -> Vec<String> {
    let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
    let (cells, width) = match cells[..filled].split_last() {
        Some((last, cells)) if last.eq_ignore_ascii_case(END) => (cells, cells.len()),
        _ => (&cells[..filled], width),
    };
    let cells = cells.iter().map(|cell| unmarked(cell).to_owned());
    let missing = width.saturating_sub(cells.len());
    cells.chain(repeat_n(String::new(), missing)).collect()
}

/// Writes a sheet as one table. Equal sheets give equal text.
///
/// # Errors
/// A section that passes a limit or holds a NUL byte; more sections than are read.
pub fn write(title: &Label, sections: &[(Label, Body)]) -> Result<String, SheetError> {
    check(sections)?;
    let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut line = |cells: &[&str]| {
        let written = csv.write_record(cells);
        written.map_err(|error| wrong(0, error.to_string()))
    };
    line(&[SECTION, TITLE, title.as_str()])?;
    for (at, (name, body)) in sections.iter().enumerate() {
        let is_again = sections[..at].iter().any(|(other, _)| other == name);
        for cells in lines(body, is_again) {
            // A file with a NUL byte counts as damaged.
            if cells.iter().any(|cell| cell.contains('\0')) {
                return Err(SheetError::Nul { section: name.to_string() });
            }
            let cells = cells.iter().map(String::as_str);
            line(&[name.as_str()].into_iter().chain(cells).collect::<Vec<_>>())?;
        }
    }
    let bytes = csv.into_inner().map_err(|error| wrong(0, error.error().to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A section's lines, its name left out.
fn lines(body: &Body, is_again: bool) -> Vec<Vec<String>> {
    let line = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
    let mut lines = Vec::new();
    if is_again {
        lines.push(line(&[NEW]));
    }
    lines.push(ended(&body.header, 0));
    lines.extend(body.rows.iter().map(|row| ended(row, body.header.len())));
    for (mark, text) in [(NOTE, &body.note), (WARNING, &body.warning)] {
        let texts = text.iter().flat_map(|text| text.split('\n'));
        lines.extend(texts.map(|text| line(&[mark, text])));
    }
    if !body.group_rows.is_empty() {
        let rows = body.group_rows.iter().map(u32::to_string);
        lines.push([GROUPS.to_owned()].into_iter().chain(rows).collect());
    }
    lines.extend(body.more.iter().map(|(field, text)| line(&[MORE, field, text])));
    lines
}

/// A row's cells, with an end mark where [`row`] would read another number of them.
fn ended(cells: &[String], width: usize) -> Vec<String> {
    let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
    let end = (cells.len() != filled.max(width)).then(|| END.to_owned());
    cells.iter().map(|cell| marked(cell)).chain(end).collect()
}

/// A cell that is not taken for a mark.
fn marked(cell: &str) -> String {
    let is_mark = MARKS.into_iter().any(|mark| mark.eq_ignore_ascii_case(cell));
    if is_mark || cell.starts_with("##") { format!("#{cell}") } else { cell.to_owned() }
}

/// The cell that was marked so.
fn unmarked(cell: &str) -> &str {
    if cell.starts_with("##") { &cell[1..] } else { cell }
}

fn add_line(text: &mut Option<String>, line: &str) {
    match text {
        Some(text) => {
            text.push('\n');
            text.push_str(line);
        }
        None => *text = Some(line.to_owned()),
    }
}

fn label(line: u64, text: &str) -> Result<Label, SheetError> {
    Label::new(text).map_err(|why| SheetError::Name { place: format!("line {line}"), why })
}

fn wrong(line: u64, why: impl Into<String>) -> SheetError {
    SheetError::Csv { line, why: why.into() }
}
