//! What a person says a section is to be: cells, rows, note and warning.

use std::path::PathBuf;

use guildsync::sections::{Body, Label};

use super::import;
use crate::failure::Failure;
use crate::out;

/// What a section is to hold.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "What the section is to hold")]
pub(super) struct Wanted {
    /// Take header, rows, note and warning from a file with this section, as `sheet export` writes it
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Set a cell: ROW from 1 (0 is the header), COLUMN by its number or its heading
    #[arg(long, value_name = "ROW:COLUMN=TEXT", value_parser = Cell::parse, allow_hyphen_values = true)]
    cell: Vec<Cell>,
    /// Take a row away, counted as it is shown before this edit
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    remove_row: Vec<u32>,
    /// Add a row at the end, a `|` between its cells
    #[arg(long, value_name = "A|B|C", allow_hyphen_values = true)]
    add_row: Vec<String>,
    /// Set the note; an empty text takes it away
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,
    /// Set the warning; an empty text takes it away
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    warning: Option<String>,
}

/// A cell and what it is to say.
#[derive(Debug, Clone)]
struct Cell {
    row: usize,
    column: String,
    text: String,
}

impl Cell {
    fn parse(said: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{said:?} sets no cell: write ROW:COLUMN=TEXT, as 3:Tank=Brindle or 3:2=Brindle"
            )
        };
        let (row, rest) = said.split_once(':').ok_or_else(wrong)?;
        let (column, text) = rest.split_once('=').ok_or_else(wrong)?;
        let row = row.trim().parse().map_err(|_| wrong())?;
        if column.trim().is_empty() {
            return Err(wrong());
        }
        Ok(Self { row, column: column.trim().to_owned(), text: text.to_owned() })
    }

    /// Sets it in a body.
    fn set(&self, name: &str, body: &mut Body) -> Result<(), Failure> {
        let Self { row, column, text } = self;
        let n_rows = body.rows.len();
        let at = self.column(name, body)?;
        let cells = match row.checked_sub(1) {
            None => &mut body.header,
            Some(row) => body.rows.get_mut(row).ok_or_else(|| {
                let n = out::count(n_rows as u64, "row", "rows");
                Failure::error(format!(
                    "\"{name}\" has {n}, and none is {}: add one with --add-row",
                    row + 1
                ))
            })?,
        };
        // A new column begins with its heading.
        let room = if *row == 0 { cells.len() + 1 } else { cells.len().max(at.headings) };
        if at.index >= room {
            return Err(Failure::error(format!(
                "\"{name}\" has no column {column} in row {row}: begin it with its heading, --cell \
                 0:{}=TEXT",
                at.headings + 1
            )));
        }
        if at.index >= cells.len() {
            cells.resize(at.index + 1, String::new());
        }
        cells[at.index].clone_from(text);
        Ok(())
    }

    fn column(&self, name: &str, body: &Body) -> Result<Column, Failure> {
        let headings = body.header.len();
        let called = |(_, heading): &(usize, &String)| heading.as_str() == self.column;
        let found: Vec<usize> =
            body.header.iter().enumerate().filter(called).map(|(at, _)| at).collect();
        let number: Option<usize> = self.column.parse().ok();
        let index = match (&found[..], number.and_then(|number| number.checked_sub(1))) {
            ([at], _) => *at,
            ([], Some(at)) => at,
            ([], None) => {
                return Err(Failure::error(format!(
                    "\"{name}\" has no column {:?}: it has {}; name one of them, or its number",
                    self.column,
                    body.header.join(", ")
                )));
            }
            (many, _) => {
                let numbers: Vec<String> = many.iter().map(|at| (at + 1).to_string()).collect();
                return Err(Failure::error(format!(
                    "{} columns of \"{name}\" are called {:?}: write its number, {}",
                    many.len(),
                    self.column,
                    numbers.join(" or ")
                )));
            }
        };
        Ok(Column { index, headings })
    }
}

/// Where a column is, and how many have a heading.
struct Column {
    index: usize,
    headings: usize,
}

impl Wanted {
    /// Whether anything is said.
    pub(super) fn is_said(&self) -> bool {
        let Self { body, cell, remove_row, add_row, note, warning } = self;
        let has_rows = !(cell.is_empty() && remove_row.is_empty() && add_row.is_empty());
        has_rows || body.is_some() || note.is_some() || warning.is_some()
    }

    /// Changes a section's body: the file's first, then cells, then rows away, then rows added.
    pub(super) fn apply(&self, name: &Label, body: &mut Body) -> Result<(), Failure> {
        if let Some(path) = &self.body {
            *body = from_file(path, name)?;
        }
        for cell in &self.cell {
            cell.set(name.as_str(), body)?;
        }
        self.remove_rows(name, body)?;
        for row in &self.add_row {
            let mut cells: Vec<String> = row.split('|').map(str::to_owned).collect();
            cells.resize(cells.len().max(body.header.len()), String::new());
            body.rows.push(cells);
        }
        for (given, text) in [(&self.note, &mut body.note), (&self.warning, &mut body.warning)] {
            if let Some(given) = given {
                *text = Some(given.clone()).filter(|given| !given.is_empty());
            }
        }
        Ok(())
    }

    /// Takes rows away; the numbers of the rows that name groups follow.
    fn remove_rows(&self, name: &Label, body: &mut Body) -> Result<(), Failure> {
        let gone = &self.remove_row;
        if let Some(row) = gone.iter().find(|row| **row as usize > body.rows.len()) {
            let n = out::count(body.rows.len() as u64, "row", "rows");
            return Err(Failure::error(format!("\"{name}\" has {n}, and none is {row}")));
        }
        let mut number = 0;
        body.rows.retain(|_| {
            number += 1;
            !gone.contains(&number)
        });
        body.group_rows.retain(|row| !gone.contains(row));
        for row in &mut body.group_rows {
            let before = (1..*row).filter(|before| gone.contains(before)).count();
            *row -= u32::try_from(before).unwrap_or(0);
        }
        Ok(())
    }

    /// What was said, in words.
    pub(super) fn words(&self) -> Vec<String> {
        let count = |n: usize, one, many| (n > 0).then(|| out::count(n as u64, one, many));
        let said = |given: &Option<String>, what: &str| given.as_ref().map(|_| what.to_owned());
        let parts = [
            self.body.as_ref().map(|file| format!("all of it, from {}", file.display())),
            count(self.cell.len(), "cell", "cells"),
            count(self.remove_row.len(), "row taken away", "rows taken away"),
            count(self.add_row.len(), "row added", "rows added"),
            said(&self.note, "the note"),
            said(&self.warning, "the warning"),
        ];
        parts.into_iter().flatten().collect()
    }
}

/// The body of the section of this name in a file, or of its only one.
fn from_file(path: &std::path::Path, name: &Label) -> Result<Body, Failure> {
    let sheet = import::open(path)?;
    let n = sheet.sections.len();
    let mut named = sheet.sections.iter().filter(|(other, _)| other == name);
    let found = match (named.next(), named.next()) {
        (Some((_, body)), None) => Some(body),
        (None, _) if n == 1 => sheet.sections.first().map(|(_, body)| body),
        _ => None,
    };
    found.cloned().ok_or_else(|| {
        Failure::error(format!(
            "{} has {}, and not just one called \"{name}\": leave the others out, or bring all of it in \
             with `guildsync sheet import`",
            path.display(),
            out::count(n as u64, "section", "sections")
        ))
    })
}
