//! Sheets, sections and versions as programs read them.

use std::collections::BTreeMap;

use guildsync::sections::{Body, Content, Document, Section, Version};
use guildsync::types::Stamp;
use serde::Serialize;

use super::{beside, policy};
use crate::failure::Failure;
use crate::line;

/// A sheet in JSON.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) title: String,
    /// Its id.
    document: String,
    pub(super) sections: usize,
    /// When it was last edited, `YYYY-MM-DD HH:MM:SS`, UTC.
    pub(super) edited: String,
    seconds: u64,
    /// Who did that, as they said.
    pub(super) editor: String,
    /// Places with more than one version.
    pub(super) conflicts: usize,
    /// Equal where everything in it is equal.
    pub(super) digest: String,
    policy: policy::Shown,
}

/// A section in JSON.
#[derive(Debug, Serialize)]
pub(super) struct SectionRow {
    section: String,
    number: usize,
    #[serde(flatten)]
    said: Said,
    conflicts: Vec<Said>,
}

/// What one version says.
#[derive(Debug, Serialize)]
pub(super) struct Said {
    /// Its number among those beside each other: 1 is shown.
    pick: usize,
    edited: String,
    seconds: u64,
    editor: String,
    writer: String,
    /// `None`: the section was removed.
    #[serde(flatten)]
    cells: Option<Cells>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<bool>,
}

/// A section's content.
#[derive(Debug, Serialize)]
pub(super) struct Cells {
    pub(super) name: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) note: Option<String>,
    pub(super) warning: Option<String>,
    /// The rows that name groups, from 1.
    pub(super) groups: Vec<u32>,
    /// Further fields, by name, as Lua text.
    pub(super) more: BTreeMap<String, String>,
}

impl Row {
    pub(super) fn of(document: &Document) -> Self {
        let newest = newest(document);
        let stamp = document.stamp();
        Self {
            title: document.title().to_string(),
            document: document.id().to_string(),
            sections: document.sections().len(),
            edited: line::time(stamp),
            seconds: stamp.seconds(),
            editor: newest.map(editor).unwrap_or_default(),
            conflicts: beside::all(document).len(),
            digest: document.digest().to_string(),
            policy: policy::Shown::of(&document.structure().policy),
        }
    }
}

impl SectionRow {
    pub(super) fn of(
        document: &Document,
        number: usize,
        section: &Section<'_>,
    ) -> Result<Self, Failure> {
        let said = beside::versions(document, section.version.item().slot);
        let mut said = (1..).zip(said).map(|(pick, version)| Said::of(pick, version));
        let first = said.next().unwrap_or_else(|| Said::of(1, section.version))?;
        let conflicts = said.collect::<Result<_, _>>()?;
        Ok(Self { section: section.id.to_string(), number, said: first, conflicts })
    }
}

impl Said {
    fn of(pick: usize, version: &Version) -> Result<Self, Failure> {
        let cells = Cells::of(version)?;
        Ok(Self {
            pick,
            edited: time(version),
            seconds: version.edit().stamp.seconds(),
            editor: editor(version),
            writer: version.writer().to_string(),
            removed: cells.is_none().then_some(true),
            cells,
        })
    }
}

impl Cells {
    /// What a section's version says; `None` if it removes it.
    pub(super) fn of(version: &Version) -> Result<Option<Self>, Failure> {
        let (Content::Section { name, .. }, Some(body)) = (&version.item().content, version.body())
        else {
            return Ok(None);
        };
        let Body { header, rows, note, warning, group_rows: groups, more } = body.open()?;
        Ok(Some(Self { name: name.to_string(), header, rows, note, warning, groups, more }))
    }
}

/// When a version was made, in UTC.
pub(super) fn time(version: &Version) -> String {
    let stamp: Stamp = version.edit().stamp;
    line::time(stamp)
}

/// Who made a version, as they said.
pub(super) fn editor(version: &Version) -> String {
    version.edit().editor.to_string()
}

/// What was edited last.
fn newest(document: &Document) -> Option<&Version> {
    document.versions().max_by_key(|version| (version.edit().stamp, version.id()))
}
