//! What reading a sheet gave, in numbers and names.

use std::fmt;

use serde::Serialize;

use super::Form;

/// What reading a sheet gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SheetReport {
    /// The sheet's form.
    pub form: Form,
    /// Sections that were read.
    pub sections: usize,
    /// Their rows, headers not counted.
    pub rows: usize,
    /// Whether it is the addon's example and nobody's sheet.
    pub is_example: bool,
    /// Sections, by name, that were unpacked from what the addon had received.
    pub unpacked: Vec<String>,
    /// What the file holds that is no part of the sheet: it was not read.
    pub unread: Vec<String>,
}

impl SheetReport {
    pub(super) fn new(form: Form) -> Self {
        let (unpacked, unread) = (Vec::new(), Vec::new());
        Self { form, sections: 0, rows: 0, is_example: false, unpacked, unread }
    }
}

impl fmt::Display for SheetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} sections with {} rows", self.sections, self.rows)?;
        if self.is_example {
            writeln!(f, "it is the addon's example")?;
        }
        if !self.unpacked.is_empty() {
            writeln!(f, "unpacked: {}", self.unpacked.join(", "))?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "not read: {}", self.unread.join(", "))?;
        }
        Ok(())
    }
}
