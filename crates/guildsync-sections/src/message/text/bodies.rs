//! A section's body, line by line, in this order:
//!
//! | line | fields |
//! |---|---|
//! | `HEADER` | what the columns are called |
//! | `ROW` | cells; a line for each row |
//! | `NOTE`, `WARNING` | the text, where there is one |
//! | `GROUPS` | the rows in which groups are named, a comma between two, where there are any |
//! | `MORE` | a further field's name and value; a line for each, by name |

use guildsync_wire::dialect::ids;
use guildsync_wire::line::{Fields, LineError, LineWriter, Lines, number};

use super::super::MessageError;
use super::fields;
use crate::body::{Body, COLUMNS_MAX, FIELDS_MAX, Plain, ROWS_MAX};

const HEADER: &str = "HEADER";
const ROW: &str = "ROW";
const NOTE: &str = "NOTE";
const WARNING: &str = "WARNING";
const GROUPS: &str = "GROUPS";
const MORE: &str = "MORE";

/// The cells; whatever is a [`Plain`] has been checked.
pub(super) fn open(body: &Plain) -> Body {
    body.open().unwrap_or_default()
}

/// How many lines [`write`] adds.
pub(super) fn count(body: &Body) -> usize {
    let Body { header: _, rows, note, warning, group_rows, more } = body;
    let texts = note.iter().chain(warning).count();
    1 + rows.len() + texts + usize::from(!group_rows.is_empty()) + more.len()
}

pub(super) fn write(body: &Body, out: &mut LineWriter) {
    let Body { header, rows, note, warning, group_rows, more } = body;
    for (word, cells) in [(HEADER, header)].into_iter().chain(rows.iter().map(|row| (ROW, row))) {
        out.word(word);
        cells.iter().for_each(|cell| out.value(cell));
    }
    for (word, text) in [(NOTE, note), (WARNING, warning)] {
        if let Some(text) = text {
            out.word(word);
            out.value(text);
        }
    }
    if !group_rows.is_empty() {
        out.word(GROUPS);
        out.raw(&ids::write(group_rows.iter().map(|&row| row.into())));
    }
    for (name, value) in more {
        out.word(MORE);
        out.value(name);
        out.value(value);
    }
}

/// Reads a body of `n` lines.
pub(super) fn read(n: usize, lines: &mut Lines<'_>) -> Result<Plain, MessageError> {
    let mut lines = BodyLines { lines, left: n };
    let Some(f) = lines.take(HEADER)? else {
        return Err(lines.lines.take()?.1.is_not("the line", HEADER).into());
    };
    let first = f.line();
    let mut body = Body { header: read_cells(f)?, ..Body::default() };
    while let Some(f) = lines.take(ROW)? {
        at_most("rows", body.rows.len(), ROWS_MAX, &f)?;
        body.rows.push(read_cells(f)?);
    }
    for (word, text) in [(NOTE, &mut body.note), (WARNING, &mut body.warning)] {
        if let Some(mut f) = lines.take(word)? {
            *text = Some(read_text("text", &mut f)?);
            f.finish()?;
        }
    }
    if let Some(mut f) = lines.take(GROUPS)? {
        let wanted = "rows' numbers of 32 bits";
        body.group_rows = fields::read_list("group rows", wanted, ROWS_MAX, &mut f, number)?;
        if body.group_rows.is_empty() {
            return Err(f.is_not("group rows", wanted).into());
        }
        f.finish()?;
    }
    while let Some(mut f) = lines.take(MORE)? {
        at_most("further fields", body.more.len(), FIELDS_MAX, &f)?;
        let (name, value) = (read_text("name", &mut f)?, read_text("value", &mut f)?);
        if body.more.last_key_value().is_some_and(|(last, _)| *last >= name) {
            return Err(f.is_not("name", "greater than the one before").into());
        }
        body.more.insert(name, value);
        f.finish()?;
    }
    if lines.left > 0 {
        let (_, f) = lines.lines.take()?;
        return Err(f.is_not("the line", "one of a body, in their order").into());
    }
    body.plain().map_err(|source| MessageError::Body { line: first, source })
}

/// The lines that a body has left.
struct BodyLines<'l, 'a> {
    lines: &'l mut Lines<'a>,
    left: usize,
}

impl<'a> BodyLines<'_, 'a> {
    /// The next line's fields, if the line is the body's and begins with this word.
    fn take(&mut self, word: &str) -> Result<Option<Fields<'a>>, LineError> {
        if self.left == 0 || self.lines.word() != Some(word) {
            return Ok(None);
        }
        self.left -= 1;
        self.lines.take().map(|(_, f)| Some(f))
    }
}

fn at_most(what: &'static str, n: usize, limit: usize, f: &Fields<'_>) -> Result<(), MessageError> {
    match n < limit {
        true => Ok(()),
        false => Err(MessageError::TooMany { line: f.line(), what, limit }),
    }
}

fn read_cells(mut f: Fields<'_>) -> Result<Vec<String>, MessageError> {
    let mut cells = Vec::new();
    while !f.is_empty() {
        at_most("cells", cells.len(), COLUMNS_MAX, &f)?;
        cells.push(read_text("cell", &mut f)?);
    }
    Ok(cells)
}

fn read_text(what: &'static str, f: &mut Fields<'_>) -> Result<String, LineError> {
    f.next(what, "there", |text| Some(text.to_owned()))
}
