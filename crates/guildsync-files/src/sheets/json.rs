//! The sheet as one JSON object, with a line a field.
//!
//! `{"format": "guildsync-sheet", "version": 1, "title", "sections": [{"name", "header", "rows", "note",
//! "warning", "groups", "more"}]}`. A field may be left out where it is empty; one of another name is an
//! error and not left out silently.

use std::collections::BTreeMap;

use guildsync_sections::{Body, Label};
use serde::{Deserialize, Serialize};

use super::{Form, Sheet, SheetError, check};

const FORMAT: &str = "guildsync-sheet";
const VERSION: i64 = 1;

/// What is read before the rest: whether the rest can be read at all.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    sections: Vec<Section>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    name: String,
    #[serde(default)]
    header: Vec<String>,
    #[serde(default)]
    rows: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<u32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<String, String>,
}

pub(super) fn read(text: &str) -> Result<Sheet, SheetError> {
    let head: Head = serde_json::from_str(text).map_err(fault)?;
    match (head.format.as_deref(), head.version) {
        (Some(FORMAT), Some(version)) if version > VERSION => {
            return Err(SheetError::Newer { version, known: VERSION });
        }
        (Some(FORMAT), _) => {}
        (Some(other), _) => return Err(SheetError::NoSheet { found: format!("JSON of {other}") }),
        (None, _) => return Err(SheetError::NoSheet { found: "JSON without a format".into() }),
    }
    let document: Document = serde_json::from_str(text).map_err(fault)?;
    let mut sheet = Sheet::new(Form::Json);
    let label = |place: &str, text: &str| {
        Label::new(text).map_err(|why| SheetError::Name { place: place.to_owned(), why })
    };
    sheet.title = document.title.map(|title| label("the title", &title)).transpose()?;
    for (number, section) in (1..).zip(document.sections) {
        let Section { name, header, rows, note, warning, groups, more } = section;
        let name = label(&format!("section {number}"), &name)?;
        let body = Body { header, rows, note, warning, group_rows: groups, more };
        sheet.push(name, body)?;
    }
    Ok(sheet)
}

/// Writes a sheet as one JSON object. Equal sheets give equal text.
///
/// # Errors
/// A section that passes a limit, or more sections than are read.
pub fn write(title: &Label, sections: &[(Label, Body)]) -> Result<String, SheetError> {
    check(sections)?;
    let section = |(name, body): &(Label, Body)| {
        let Body { header, rows, note, warning, group_rows: groups, more } = body.clone();
        Section { name: name.to_string(), header, rows, note, warning, groups, more }
    };
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        title: Some(title.to_string()),
        sections: sections.iter().map(section).collect(),
    };
    let text = serde_json::to_string_pretty(&document).map_err(fault)?;
    Ok(text + "\n")
}

fn fault(error: serde_json::Error) -> SheetError {
    let text = error.to_string();
    let why = text.split(" at line ").next().unwrap_or(&text).to_owned();
    SheetError::Json { line: error.line(), column: error.column(), why }
}
