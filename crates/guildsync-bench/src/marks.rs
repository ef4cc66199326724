//! Tables that programs write into documents, between two marks.

use std::path::Path;

use anyhow::Context as _;

/// Where some tables begin and end in a document: two lines of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// The line before them.
    pub begin: &'static str,
    /// The line after them.
    pub end: &'static str,
}

impl Marks {
    /// Tables between their marks.
    #[must_use]
    pub fn around(self, tables: &str) -> String {
        format!("{}{tables}{}", self.begin, self.end)
    }

    /// The section of a document, marks included.
    #[must_use]
    pub fn section_of(self, document: &str) -> Option<&str> {
        let begin = document.find(self.begin)?;
        let end = begin + document[begin..].find(self.end)? + self.end.len();
        Some(&document[begin..end])
    }

    /// The document with this section in place of its own; `None` if it has no place for one.
    #[must_use]
    pub fn replace(self, document: &str, section: &str) -> Option<String> {
        let old = self.section_of(document)?;
        Some(document.replacen(old, section, 1))
    }

    /// Writes a section into a file.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that has no place for the section.
    pub fn write(self, path: &Path, section: &str) -> anyhow::Result<()> {
        let shown = path.display();
        let document = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
        let document = self
            .replace(&document, section)
            .with_context(|| format!("{shown} has no place for the tables"))?;
        std::fs::write(path, document).with_context(|| format!("{shown}"))
    }

    /// What a document has to say when it does not say this section: `None` if it does.
    #[must_use]
    pub fn new_lines<'a>(self, document: &str, section: &'a str) -> Option<Vec<&'a str>> {
        let written = self.section_of(document).unwrap_or_default();
        let is_new = |line: &&str| !written.lines().any(|old| old == *line);
        (section != written).then(|| section.lines().filter(is_new).collect())
    }
}
