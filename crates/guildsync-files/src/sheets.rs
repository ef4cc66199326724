//! Assignment sheets in and out: TWRA's SavedVariables, one table in CSV, and JSON.
//!
//! Reading publishes nothing: it gives a [`Sheet`], its sections as the documents of
//! [`guildsync_sections`] take them, with a report. All or nothing: a section that cannot be kept whole
//! is an error that names it, since a sheet that lacked it would remove it for everyone. What the three
//! writers write, [`read`] gives back equal.
//!
//! | form | what is read | written by |
//! |---|---|---|
//! | Lua | the global `TWRA_Assignments` or `TWRA_ImportString`, or the table alone; the addon's Base64 import text | [`write_lua`] |
//! | CSV | a first line `Section`, then a line a row | [`write_csv`] |
//! | JSON | one object with `"format": "guildsync-sheet"` | [`write_json`] |
//!
//! Lua is data here and never run, unpacked text too. How it becomes a body:
//!
//! - A column or row that is not there is an empty one, so that those behind it keep their places; a
//!   number or `true` in a cell is its text.
//! - `Note` and `Warning` are a string or a list of strings; a list is one text with a line an entry,
//!   and each line is an entry again when it is written.
//! - `Section Player Info`, `Section Index` and `NeedsProcessing` are of one member's game alone. They
//!   are given beside the sections, in [`Sheet::local`], and are not written.
//! - Other fields are kept as Lua text in [`Body::more`], by name, those of `Section Metadata` with that
//!   and a dot in front, and are written where they were. What has no such place (no Lua data, or a
//!   name that is taken) is written as strings into `Section More`, which only this reader looks at.
//! - A section that `NeedsProcessing` is unpacked from `TWRA_CompressedAssignments`, as the addon does
//!   when somebody looks at it.
//!
//! In CSV the first column names the section and the first row of a section is its header:
//!
//! ```text
//! Section,#title,Naxxramas
//! Faerlina,Icon,Target,Tank
//! Faerlina,Skull,Follower,Brindle
//! Faerlina,#note,Silence her
//! Faerlina,#groups,1
//! ```
//!
//! | a row that begins with | holds |
//! |---|---|
//! | `#note`, `#warning` | a line of that text |
//! | `#groups` | the numbers of the rows in which groups are named |
//! | `#more` | a name and the Lua text of a further field |
//! | `#new` | nothing; what follows is another section of the same name |
//!
//! Spreadsheets fill rows up with empty cells, so those at a row's end do not count: a row has as many
//! cells as its header, or more if they are filled. A cell `#end` behind the last one says otherwise.
//! A cell that would be taken for one of these words has another `#` in front. The separator is what
//! follows the first `Section`: a comma, a semicolon or a tab.
//!
//! ```
//! use guildsync_files::sheets::{read, write_csv};
//! use guildsync_sections::Label;
//!
//! let file = r#"TWRA_Assignments = { data = { { ["Section Name"] = "Faerlina",
//!     ["Section Header"] = { "Icon", "Tank" }, ["Section Rows"] = { { "Skull", "Brindle" } },
//!     ["Section Metadata"] = { Note = { "Silence her" } } } } }
//! "#;
//! let sheet = read(file.as_bytes())?;
//! let csv = write_csv(&Label::new("Naxxramas")?, &sheet.sections)?;
//! assert!(csv.contains("Faerlina,Skull,Brindle\nFaerlina,#note,Silence her\n"));
//! assert_eq!(read(csv.as_bytes())?.sections, sheet.sections);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod fields;
mod json;
mod packed;
mod report;
mod saved;
mod section;
mod table;

use std::collections::BTreeMap;
use std::io::Read;

use guildsync_sections::{Body, Label, SECTIONS_MAX};
use serde::Serialize;

pub use error::SheetError;
pub use json::write as write_json;
pub use packed::PackedError;
pub use report::SheetReport;
pub use saved::write as write_lua;
pub use table::write as write_csv;

use crate::input::{BYTES_MAX, read_text};

/// How a sheet is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One JSON object.
    Json,
    /// One table.
    Csv,
    /// SavedVariables, or a piece of them.
    Lua,
}

/// A sheet that was read. Nothing of it is published yet.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sheet {
    /// What it is called, if it says so: the addon has no name for a sheet.
    pub title: Option<Label>,
    /// Its sections, in its order. Names may repeat. Each is within a body's limits.
    pub sections: Vec<(Label, Body)>,
    /// What the addon keeps for its own player, as Lua text by field, of the sections that have such.
    /// It is not to be sent to anyone.
    pub local: Vec<(Label, BTreeMap<String, String>)>,
    /// What was read and what was not.
    pub report: SheetReport,
}

impl Sheet {
    fn new(form: Form) -> Self {
        let report = SheetReport::new(form);
        Self { title: None, sections: Vec::new(), local: Vec::new(), report }
    }

    /// Takes a section, if it is within the limits.
    fn push(&mut self, name: Label, body: Body) -> Result<(), SheetError> {
        if self.sections.len() == SECTIONS_MAX {
            return Err(SheetError::TooMany { limit: SECTIONS_MAX });
        }
        check_body(&name, &body)?;
        self.report.sections += 1;
        self.report.rows += body.rows.len();
        self.sections.push((name, body));
        Ok(())
    }
}

/// Reads a sheet in any of the three forms, told by its content.
///
/// # Errors
/// [`SheetError`]: what is wrong, where, and what to do. Nothing of the sheet is given then.
pub fn read(reader: impl Read) -> Result<Sheet, SheetError> {
    let mut bytes = Vec::new();
    // One more than is allowed, so that `read_text` notices.
    let read = reader.take(BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(crate::input::InputError::from)?;
    packed::make_text(&mut bytes);
    let text = read_text(bytes.as_slice())?;
    drop(bytes);
    match Form::of(&text) {
        Some(Form::Json) => json::read(&text),
        Some(Form::Csv) => table::read(&text),
        Some(Form::Lua) => saved::read(&text),
        None => match packed::import_text(&text) {
            Some(text) => saved::read(&text),
            None => Err(SheetError::unknown(&text)),
        },
    }
}

/// Tells the form of a sheet that can be read.
///
/// # Errors
/// As [`read`].
pub fn detect(bytes: &[u8]) -> Result<Form, SheetError> {
    read(bytes).map(|sheet| sheet.report.form)
}

impl Form {
    /// What a text's beginning tells.
    fn of(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let name = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        // Base64 may end with `=`: behind that of an assignment there is something else.
        let value = name.trim_start().strip_prefix('=').map_or("", str::trim_start);
        let is_assignment = name.len() < text.len() && !value.is_empty() && !value.starts_with('=');
        if table::delimiter(text).is_some() {
            Some(Self::Csv)
        } else if let Some(inside) = text.strip_prefix('{') {
            // A Lua table of a sheet does not begin with a string.
            let is_json = inside.trim_start().starts_with('"');
            Some(if is_json { Self::Json } else { Self::Lua })
        } else if text.starts_with("--") || text.starts_with("return") || is_assignment {
            Some(Self::Lua)
        } else {
            // A call or another expression: Lua's reader says that nothing is run.
            name.starts_with(['.', '(', ':']).then_some(Self::Lua)
        }
    }
}

/// Says that sections are within the limits, and so can be read where they are written.
fn check(sections: &[(Label, Body)]) -> Result<(), SheetError> {
    if sections.len() > SECTIONS_MAX {
        return Err(SheetError::TooMany { limit: SECTIONS_MAX });
    }
    sections.iter().try_for_each(|(name, body)| check_body(name, body))
}

fn check_body(name: &Label, body: &Body) -> Result<(), SheetError> {
    let section = name.to_string();
    body.plain().map(drop).map_err(|why| SheetError::Section { section, why })
}
