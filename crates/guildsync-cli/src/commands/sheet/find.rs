//! Sheets and sections as people name them.

use guildsync::sections::{Document, Section, Shelf};

use crate::failure::Failure;

/// The sheet of this title, or of this id.
pub(super) fn document<'a>(shelf: &'a Shelf, named: &str) -> Result<&'a Document, Failure> {
    let titled: Vec<&Document> =
        shelf.iter().filter(|document| document.title().as_str() == named).collect();
    match titled[..] {
        [document] => return Ok(document),
        [] => {}
        _ => {
            let ids: Vec<String> =
                titled.iter().map(|document| document.id().to_string()).collect();
            return Err(Failure::error(format!(
                "{} sheets are called \"{named}\": name one by its id, {}; `guildsync sheet list` \
                 shows them",
                titled.len(),
                ids.join(" or ")
            )));
        }
    }
    let by_id = named.parse().ok().and_then(|id| shelf.get(id));
    let in_any_case =
        || only(shelf.iter().filter(|document| is_alike(document.title().as_str(), named)));
    by_id.or_else(in_any_case).ok_or_else(|| {
        Failure::error(format!(
            "there is no sheet \"{named}\" here: `guildsync sheet list` shows what there is"
        ))
    })
}

/// The section of this name, number or id, with its number, counted from 1.
pub(super) fn section<'a>(
    document: &'a Document,
    named: &str,
) -> Result<(usize, Section<'a>), Failure> {
    let sections = || (1..).zip(document.sections());
    let exact: Vec<(usize, Section<'a>)> =
        sections().filter(|(_, section)| section.name.as_str() == named).collect();
    match exact[..] {
        [section] => return Ok(section),
        [] => {}
        _ => {
            let numbers: Vec<String> = exact.iter().map(|(number, _)| number.to_string()).collect();
            return Err(Failure::error(format!(
                "{} sections of \"{}\" are called \"{named}\": name one by its number, {}",
                exact.len(),
                document.title(),
                numbers.join(" or ")
            )));
        }
    }
    let number: Option<usize> = named.parse().ok();
    let by_number = number.and_then(|wanted| sections().find(|(number, _)| *number == wanted));
    let id = named.parse().ok();
    let by_id = || id.and_then(|id| sections().find(|(_, section)| section.id == id));
    let in_any_case =
        || only(sections().filter(|(_, section)| is_alike(section.name.as_str(), named)));
    by_number.or_else(by_id).or_else(in_any_case).ok_or_else(|| {
        let n = document.sections().len();
        Failure::error(format!(
            "\"{}\" has no section \"{named}\": name one of its {n}, or its number; `guildsync sheet \
             show` lists them",
            document.title()
        ))
    })
}

fn is_alike(name: &str, typed: &str) -> bool {
    name.to_lowercase() == typed.to_lowercase()
}

/// The one there is, if there is just one.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    if all.next().is_some() { None } else { first }
}
