//! Versions beside each other: what was written at the same time and says something else.

use std::collections::BTreeSet;

use guildsync::sections::{Content, Document, Slot, Structure, Version};

use super::policy;
use super::row::{self, Cells};
use crate::failure::Failure;
use crate::{line, table};

/// The place of a section's name.
const NAME: &str = "section";

/// Texts by their places.
type Places = Vec<(String, String)>;

/// The versions of a slot that say different things, the shown one first: what `--pick` counts from 1.
pub(super) fn versions(document: &Document, slot: Slot) -> Vec<&Version> {
    let mut apart: Vec<&Version> = Vec::new();
    for version in document.slot(slot) {
        if !apart.iter().any(|other| other.says_the_same_as(version)) {
            apart.push(version);
        }
    }
    apart
}

/// Every slot with more than one of these: title, order and policy first, then sections in order.
pub(crate) fn all(document: &Document) -> Vec<(Slot, Vec<&Version>)> {
    // Where all agree that a section is gone, nothing is beside anything.
    let sections = document.sections().into_iter().map(|section| Slot::Section(section.id));
    let slots = [Slot::Structure].into_iter().chain(sections);
    let versions = slots.map(|slot| (slot, versions(document, slot)));
    versions.filter(|(_, versions)| versions.len() > 1).collect()
}

/// How versions of one slot differ: a column each, a row for each place in which they do.
pub(super) fn table(document: &Document, versions: &[&Version]) -> Result<String, Failure> {
    let heads = (1..).zip(versions).map(|(pick, version)| {
        let shown = if pick == 1 { "shown, " } else { "" };
        let editor = line::plain(&row::editor(version));
        format!("[{pick}] {shown}{editor}, {}", row::time(version))
    });
    let heads: Vec<String> = ["Place".to_owned()].into_iter().chain(heads).collect();
    let said = versions.iter().map(|version| places(document, version));
    let said: Vec<Option<Places>> = said.collect::<Result<_, _>>()?;
    let mut table = table::of_texts(heads);
    let mut seen = BTreeSet::new();
    for (place, _) in said.iter().flatten().flatten() {
        if !seen.insert(place) {
            continue;
        }
        let of = |places: &Places| {
            let said = places.iter().find(|(other, _)| other == place);
            said.map_or_else(|| "–".to_owned(), |(_, text)| line::plain(text))
        };
        let texts: Vec<Option<String>> = said.iter().map(|said| said.as_ref().map(of)).collect();
        let there: BTreeSet<&String> = texts.iter().flatten().collect();
        let is_removed = place == NAME && texts.iter().any(Option::is_none);
        if there.len() > 1 || is_removed {
            let removed = if is_removed { "✗ removed" } else { "" };
            let texts = texts.iter().map(|text| text.clone().unwrap_or_else(|| removed.to_owned()));
            table.add_row([place.clone()].into_iter().chain(texts));
        }
    }
    Ok(table::text(&table))
}

/// What a version says, place by place; `None` if it removes a section. A cell's place is as `--cell`
/// takes it.
fn places(document: &Document, version: &Version) -> Result<Option<Places>, Failure> {
    if let Content::Structure(structure) = &version.item().content {
        return Ok(Some(of_structure(document, structure)));
    }
    let Some(cells) = Cells::of(version)? else { return Ok(None) };
    let Cells { name, header, rows, note, warning, groups, more } = cells;
    let mut places = vec![(NAME.to_owned(), name)];
    for (row, cells) in [header].into_iter().chain(rows).enumerate() {
        let cells = (1..).zip(cells).map(|(column, text)| (format!("{row}:{column}"), text));
        places.extend(cells);
    }
    for (place, text) in [("note", note), ("warning", warning)] {
        places.extend(text.map(|text| (place.to_owned(), text)));
    }
    if !groups.is_empty() {
        places.push(("groups".to_owned(), numbers(&groups)));
    }
    places.extend(more);
    Ok(Some(places))
}

fn of_structure(document: &Document, structure: &Structure) -> Places {
    let Structure { title, order, policy } = structure;
    let names = order.iter().filter_map(|id| Some(document.section(*id)?.name.to_string()));
    let order: Vec<String> = names.collect();
    let policy = policy::sentence(policy);
    let places = [("title", title.to_string()), ("order", order.join(", ")), ("policy", policy)];
    places.map(|(place, text)| (place.to_owned(), text)).into()
}

/// `1, 4`.
pub(super) fn numbers(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
