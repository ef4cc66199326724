//! Generated sheets as sections of a document, and back, so that people can edit what they see.

use std::collections::BTreeMap;

use guildsync::sections::{Body, Document, Label, Plain};

use crate::corpus::sheet::{COLUMNS, Sheet, SheetSection};

/// A sheet's title and sections, as a member publishes them. A name or a body that no document takes is
/// left out; the generator makes none.
#[must_use]
pub fn sections(sheet: &Sheet) -> Option<(Label, Vec<(Label, Plain)>)> {
    let title = Label::new(&sheet.title).ok()?;
    Some((title, sheet.sections.iter().filter_map(section).collect()))
}

/// One section: its name and its body.
#[must_use]
pub fn section(section: &SheetSection) -> Option<(Label, Plain)> {
    let body = Body {
        header: section.header.clone(),
        rows: section.rows.clone(),
        note: section.note.clone(),
        warning: section.warning.clone(),
        group_rows: section.group_rows.clone(),
        more: BTreeMap::new(),
    };
    Some((Label::new(&section.name).ok()?, body.plain().ok()?))
}

/// What a document shows, as a sheet: its sections in order, those that do not have the generator's
/// columns without rows.
#[must_use]
pub fn sheet(document: &Document) -> Sheet {
    let sections = document.sections().into_iter().map(|section| {
        let body = section.body.open().unwrap_or_default();
        let is_drawn = body.rows.iter().all(|row| row.len() == COLUMNS);
        SheetSection {
            name: section.name.to_string(),
            header: body.header,
            rows: if is_drawn { body.rows } else { Vec::new() },
            note: body.note,
            warning: body.warning,
            group_rows: body.group_rows,
        }
    });
    Sheet { title: document.title().to_string(), sections: sections.collect() }
}

#[cfg(test)]
mod tests {
    use guildsync::sections::{Author, Policy};
    use guildsync::types::{MemberName, SecretKey, Stamp};

    use super::*;
    use crate::corpus::sheet::assignments;

    #[test]
    fn a_sheet_that_is_published_reads_back() {
        let drawn = assignments(3, 12);
        let (title, sections) = sections(&drawn).unwrap();
        let (name, key) = (MemberName::new("Oakhand").unwrap(), SecretKey::from_seed(&[1; 32]));
        let author = Author { name: &name, key: &key, stamp: Stamp::ZERO, after: 0 };
        let document = Document::publish(author, title, Policy::open(), sections).unwrap();
        assert_eq!(sheet(&document), drawn);
    }
}
