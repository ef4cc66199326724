//! Edits and versions, a line each, and a version's body behind it.
//!
//! | line | fields |
//! |---|---|
//! | `EDIT` | stamp, editor, key, signature, hashes of what it set |
//! | `STRUCTURE` | edit, body, count, seen, title, who may publish, who may edit, who may move the cursor, order |
//! | `RECORD` | edit, body, count, seen, section, name, hash of its body |
//! | `REMOVED` | edit, body, count, seen, section |
//!
//! Edits count from 1 in the order of their lines. What was seen is `writer=count`, a comma between two;
//! the body is the number of lines that it has, 0 for none.

use std::collections::BTreeMap;
use std::sync::Arc;

use guildsync_types::WriterId;
use guildsync_wire::line::{self, Fields, LineError, LineWriter, Lines, is_not};

use super::super::edits::{Edits, numbered};
use super::super::{Carried, Message, MessageError};
use super::{bodies, fields};
use crate::edit::{Edit, ITEMS_MAX};
use crate::item::{Content, Item, SEEN_MAX, Slot, Structure};
use crate::name::Label;
use crate::rights::Policy;

const EDIT: &str = "EDIT";
const STRUCTURE: &str = "STRUCTURE";
const RECORD: &str = "RECORD";
const REMOVED: &str = "REMOVED";

const HASH_WANTED: &str = "64 hex digits in lower case";
const LABEL_WANTED: &str = "1 to 100 bytes without control characters";
const NUMBER_WANTED: &str = "a number of 32 bits";

/// Adds how many edits and versions there are to a line, and their lines behind it.
pub(super) fn write(carried: &[Carried], out: &mut LineWriter) {
    let (edits, numbers) = numbered(carried);
    out.value(&edits.len().to_string());
    out.value(&carried.len().to_string());
    edits.into_iter().for_each(|edit| write_edit(edit, out));
    for (Carried { item, body, .. }, number) in carried.iter().zip(numbers) {
        let body = body.as_ref().map(bodies::open);
        write_item(item, number + 1, body.as_ref().map_or(0, bodies::count), out);
        if let Some(body) = body {
            bodies::write(&body, out);
        }
    }
}

/// Reads the rest of a line, and the lines that [`write`] wrote.
pub(super) fn read(mut f: Fields<'_>, lines: &mut Lines<'_>) -> Result<Vec<Carried>, MessageError> {
    let first = f.line();
    let n_edits = read_count("edits", &mut f)?;
    let n = read_count("versions", &mut f)?;
    f.finish()?;
    let mut edits = Edits::default();
    for _ in 0..n_edits {
        let (word, mut f) = lines.take()?;
        if word != EDIT {
            return Err(f.is_not("the line", EDIT).into());
        }
        let edit = read_edit(&mut f)?;
        edits.add(edit).map_err(|wanted| f.is_not("the edit", wanted))?;
        f.finish()?;
    }
    let mut carried = Vec::new();
    for _ in 0..n {
        let (word, f) = lines.take()?;
        let (item, edit, n_lines) = read_item(word, f, &mut edits)?;
        let body = if n_lines > 0 { Some(bodies::read(n_lines, lines)?) } else { None };
        carried.push(Carried { item, edit, body });
    }
    match edits.are_all_named() {
        true => Ok(carried),
        false => Err(is_not(first, "versions", "one or more of each edit").into()),
    }
}

fn read_count(what: &'static str, f: &mut Fields<'_>) -> Result<usize, MessageError> {
    let n = f.next(what, "a number", line::number::<u64>)?;
    let (line, limit) = (f.line(), Message::CARRIED_MAX);
    let n = usize::try_from(n).ok().filter(|&n| n <= limit);
    n.ok_or(MessageError::TooMany { line, what, limit })
}

fn write_edit(edit: &Edit, out: &mut LineWriter) {
    let Edit { editor, key, stamp, items, signature } = edit;
    out.word(EDIT);
    out.value(&fields::stamp(*stamp));
    out.value(editor.as_str());
    out.value(&key.to_string());
    out.value(&signature.to_string());
    out.value(&fields::list(items.iter()));
}

fn read_edit(f: &mut Fields<'_>) -> Result<Edit, MessageError> {
    let stamp = fields::read_stamp(f)?;
    let editor = fields::read_member("editor", f)?;
    let key = f.next("key", HASH_WANTED, line::shown)?;
    let signature = f.next("signature", "128 hex digits in lower case", line::shown)?;
    let wanted = "hashes of 64 hex digits in lower case";
    let items = fields::read_list("items", wanted, ITEMS_MAX, f, line::shown)?;
    Ok(Edit { editor, key, stamp, items: items.into(), signature })
}

fn write_item(item: &Item, edit: usize, n_lines: usize, out: &mut LineWriter) {
    let Item { slot, count, seen, content } = item;
    out.word(match content {
        Content::Structure(_) => STRUCTURE,
        Content::Section { .. } => RECORD,
        Content::Removed => REMOVED,
    });
    out.value(&edit.to_string());
    out.value(&n_lines.to_string());
    out.value(&count.to_string());
    out.value(&fields::list(seen.iter().map(|(writer, count)| format!("{writer}={count}"))));
    if let Slot::Section(id) = slot {
        out.value(&id.to_string());
    }
    match content {
        Content::Structure(Structure { title, order, policy }) => {
            out.value(title.as_str());
            let Policy { publish, edit, point } = policy;
            [publish, edit, point].into_iter().for_each(|who| out.value(&fields::who(who)));
            out.value(&fields::list(order));
        }
        Content::Section { name, body } => {
            out.value(name.as_str());
            out.value(&body.to_string());
        }
        Content::Removed => (),
    }
}

/// An item, its edit, and how many lines its body has.
fn read_item(
    word: &str,
    mut f: Fields<'_>,
    edits: &mut Edits,
) -> Result<(Item, Arc<Edit>, usize), MessageError> {
    if ![STRUCTURE, RECORD, REMOVED].contains(&word) {
        return Err(f.is_not("the line", "STRUCTURE, RECORD or REMOVED").into());
    }
    let number =
        f.next("edit", "a number from 1 on", |text| line::number::<u64>(text)?.checked_sub(1))?;
    let edit = edits.get(number).map_err(|wanted| f.is_not("edit", wanted))?;
    let n_lines = f.next("body", "a number of lines", line::number::<u32>)? as usize;
    let count = f.next("count", NUMBER_WANTED, line::number)?;
    let seen = read_seen(&mut f)?;
    let (slot, content) = if word == STRUCTURE {
        (Slot::Structure, Content::Structure(read_structure(&mut f)?))
    } else {
        let section = f.next("section", fields::ID_WANTED, line::shown)?;
        let content = match word {
            REMOVED => Content::Removed,
            _ => Content::Section {
                name: read_label("name", &mut f)?,
                body: f.next("hash of the body", HASH_WANTED, line::shown)?,
            },
        };
        (Slot::Section(section), content)
    };
    f.finish()?;
    Ok((Item { slot, count, seen, content }, edit, n_lines))
}

fn read_structure(f: &mut Fields<'_>) -> Result<Structure, MessageError> {
    let title = read_label("title", f)?;
    let policy = Policy {
        publish: f.next("who may publish", fields::WHO_WANTED, fields::read_who)?,
        edit: f.next("who may edit", fields::WHO_WANTED, fields::read_who)?,
        point: f.next("who may move the cursor", fields::WHO_WANTED, fields::read_who)?,
    };
    let order = fields::read_sections("order", f)?;
    Ok(Structure { title, order, policy })
}

fn read_label(what: &'static str, f: &mut Fields<'_>) -> Result<Label, LineError> {
    f.next(what, LABEL_WANTED, |text| Label::new(text).ok())
}

fn read_seen(f: &mut Fields<'_>) -> Result<BTreeMap<WriterId, u32>, MessageError> {
    let wanted = "writers of 32 hex digits in lower case and their counts";
    let seen = fields::read_list("seen", wanted, SEEN_MAX, f, |text| {
        let (writer, count) = text.split_once('=')?;
        Some((line::shown(writer)?, line::number(count)?))
    })?;
    // One writer has one count.
    match seen.is_sorted_by(|(a, _): &(WriterId, u32), (b, _)| a < b) {
        true => Ok(seen.into_iter().collect()),
        false => Err(f.is_not("seen", "ascending").into()),
    }
}
