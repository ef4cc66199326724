//! Items as records, told by what both know.
//!
//! What is as it usually is, is left out: an item that follows the version that both have, of the first
//! edit in the part, of a section whose id follows from its name.

use std::collections::BTreeMap;

use guildsync_types::{Hash, Stamp, WriterId};
use guildsync_wire::bytes::{Reader, Writer};
use guildsync_wire::lua::{Table, Value};

use super::context::Context;
use super::{PackError, order, rows};
use crate::body::Plain;
use crate::item::{Content, Item, SEEN_MAX, Slot, Structure};
use crate::message::Carried;
use crate::name::{Label, SectionId};
use crate::rights::Policy;

const STRUCTURE: i64 = 1;
const REMOVED: i64 = 2;

/// An item that was read, with the number of its edit among those known and new.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) item: Item,
    pub(super) edit: usize,
    pub(super) body: Option<Plain>,
}

/// The sections of a part in their order, for what refers to them by number.
fn known(context: &Context, part: impl Iterator<Item = SectionId>) -> (Vec<SectionId>, usize) {
    let mut known: Vec<SectionId> = context.sections.iter().map(|known| known.id).collect();
    let n_before = known.len();
    known.extend(part);
    (known, n_before)
}

/// The order that goes without saying: that of the version that both have, or that of the part.
fn usual_order<'a>(context: &'a Context, known: &'a [SectionId], before: usize) -> &'a [SectionId] {
    match &context.base {
        Some(base) => &base.structure().order,
        None => &known[before..],
    }
}

/// The records of a part. The context knows the part's edits.
pub(super) fn of(context: &Context, part: &[Carried]) -> Vec<Value> {
    let ids = part.iter().filter_map(|one| match (one.item.slot, &one.item.content) {
        (Slot::Section(id), Content::Section { .. }) => Some(id),
        _ => None,
    });
    let (known, before) = known(context, ids);
    let first_edit = part.first().and_then(|one| position(context, one));
    let mut next_row = context.next_row;
    let mut values = Vec::new();
    for one in part {
        let opened = one.body.as_ref().and_then(|body| body.open().ok());
        let name = match &one.item.content {
            Content::Structure(structure) => Some(&structure.title),
            Content::Section { name, .. } => Some(name),
            Content::Removed => None,
        };
        let mut head = rows::head(name, opened.as_ref());
        let edit = position(context, one);
        if edit != first_edit || values.is_empty() {
            head.insert("e", edit.unwrap_or(0) as i64);
        }
        match &one.item.content {
            Content::Structure(structure) => {
                head.insert("k", STRUCTURE);
                let usual = usual_order(context, &known, before);
                if let Some(order) = order::write(&structure.order, usual, &known) {
                    head.insert("o", order);
                }
                if structure.policy != usual_policy(context) {
                    head.insert("p", policy_text(structure));
                }
            }
            Content::Removed => drop(head.insert("k", REMOVED)),
            Content::Section { body, .. } => {
                if one.body.is_none() {
                    head.insert("b", body.to_string());
                }
            }
        }
        if let Some(section) = section_value(context, one, name) {
            head.insert("d", section);
        }
        if let Some(seen) = seen_value(context, one) {
            head.insert("q", seen);
        }
        values.push(head.into());
        if let Some(body) = opened {
            let numbers = numbers(context, one.item.slot, body.rows.len(), &mut next_row);
            let numbered = numbers.into_iter().zip(&body.rows);
            values.extend(numbered.map(|(number, row)| rows::row(number, row)));
        }
    }
    values
}

/// Numbers for the rows of a section: those that its rows had, then new ones.
fn numbers(context: &Context, slot: Slot, rows: usize, next: &mut i64) -> Vec<i64> {
    let before = match slot {
        Slot::Section(id) => context.section(id),
        Slot::Structure => None,
    };
    let mut old = before.map_or(0..0, |known| known.first_row..known.first_row + known.rows);
    let number = || {
        old.next().unwrap_or_else(|| {
            *next += 1;
            *next - 1
        })
    };
    std::iter::repeat_with(number).take(rows).collect()
}

fn position(context: &Context, one: &Carried) -> Option<usize> {
    context.edits.iter().position(|edit| *edit == one.edit)
}

fn usual_policy(context: &Context) -> Policy {
    context.base.as_ref().map(|base| base.structure().policy.clone()).unwrap_or_default()
}

/// A policy as text: the bytes of a structure with nothing else in it, each a character.
fn policy_text(structure: &Structure) -> String {
    let mut w = Writer::new();
    Structure { order: Vec::new(), ..structure.clone() }.write(&mut w);
    w.into_vec().into_iter().map(char::from).collect()
}

fn policy_of(text: &str) -> Option<Policy> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let bytes = bytes?;
    Structure::read(&mut Reader::new(&bytes)).ok().map(|structure| structure.policy)
}

/// Which section, unless that follows from its name: its number among those known, its place among those
/// of that name as a negative number, or its id.
fn section_value(context: &Context, one: &Carried, name: Option<&Label>) -> Option<Value> {
    let Slot::Section(id) = one.item.slot else { return None };
    if let Some(at) = context.sections.iter().position(|known| known.id == id) {
        return Some((at as i64 + 1).into());
    }
    let nth = name
        .and_then(|name| (0..8).find(|nth| SectionId::of_name(context.document, name, *nth) == id));
    match nth {
        Some(0) => None,
        Some(nth) => Some((-i64::from(nth)).into()),
        None => Some(id.to_string().into()),
    }
}

fn section_of(
    context: &Context,
    head: &Table,
    name: Option<&Label>,
) -> Result<SectionId, &'static str> {
    let by_name = |nth| {
        let name = name.ok_or("a section without a name has no id")?;
        Ok(SectionId::of_name(context.document, name, nth))
    };
    match head.get("d") {
        None => by_name(0),
        Some(value) => match value.as_i64() {
            Some(nth @ -8..=-1) => by_name(nth.unsigned_abs() as u32),
            _ => {
                let known: Vec<SectionId> = context.sections.iter().map(|one| one.id).collect();
                order::section(value, &known)
            }
        },
    }
}

/// Count and what was seen, unless it is what the version that both have leads to.
fn seen_value(context: &Context, one: &Carried) -> Option<Value> {
    let usual = context.usual(one.item.slot, one.edit.writer(), one.edit.stamp);
    if usual.count == one.item.count && usual.seen == one.item.seen {
        return None;
    }
    let mut table = Table::new();
    table.push(i64::from(one.item.count));
    for (writer, count) in &one.item.seen {
        match context.writers.iter().position(|known| known == writer) {
            Some(at) => table.push(at as i64),
            None => table.push(writer.to_string()),
        }
        table.push(i64::from(*count));
    }
    Some(table.into())
}

fn seen_of(
    context: &Context,
    head: &Table,
    slot: Slot,
    (writer, stamp): (WriterId, Stamp),
) -> Result<(u32, BTreeMap<WriterId, u32>), &'static str> {
    let Some(value) = head.get("q") else {
        let usual = context.usual(slot, writer, stamp);
        return Ok((usual.count, usual.seen));
    };
    let wrong = "a count is a number of 32 bits";
    let number = |value: &Value| value.as_i64().and_then(|n| u32::try_from(n).ok()).ok_or(wrong);
    let list = value.as_table().ok_or("counts are a list")?.positional();
    let (count, pairs) = list.split_first().ok_or("a count is missing")?;
    if pairs.len() % 2 != 0 || pairs.len() / 2 > SEEN_MAX {
        return Err("counts come in pairs, and not that many");
    }
    let mut seen = BTreeMap::new();
    for pair in pairs.chunks(2) {
        let writer = match &pair[0] {
            Value::Str(writer) => writer.parse().map_err(|_| "a writer is 32 hex digits")?,
            index => {
                let known = context.writers.get(number(index)? as usize);
                *known.ok_or("a writer that is not known")?
            }
        };
        seen.insert(writer, number(&pair[1])?);
    }
    Ok((number(count)?, seen))
}

/// Reads what [`of`] wrote. The context knows the keys of the part's `new` edits.
pub(super) fn read(
    context: &Context,
    new: Vec<(WriterId, Stamp)>,
    values: &[Value],
) -> Result<Vec<Read>, PackError> {
    let mut items: Vec<Read> = Vec::new();
    let mut orders = Vec::new();
    let mut first_edit = None;
    let mut at = 0;
    while at < values.len() {
        let record = at + 1;
        let wrong = |why: &str| PackError::Record { record, why: why.to_owned() };
        let head = values[at].as_table().filter(|head| rows::is_head(head));
        let head = head.ok_or_else(|| wrong("an item begins with its head"))?;
        at += 1;
        let name = match head.get("n") {
            None => None,
            Some(name) => {
                let label = name.as_str().and_then(|name| Label::new(name).ok());
                Some(label.ok_or_else(|| wrong("a name is 1 to 100 bytes of text"))?)
            }
        };
        let edit = match head.get("e") {
            Some(edit) => edit.as_i64().and_then(|edit| usize::try_from(edit).ok()),
            None => first_edit,
        };
        let n_edits = context.edits.len() + new.len();
        let edit = edit.filter(|edit| *edit < n_edits).ok_or_else(|| wrong("no such edit"))?;
        first_edit = first_edit.or(Some(edit));
        let writer = match edit.checked_sub(context.edits.len()) {
            Some(nth) => new[nth],
            None => (context.edits[edit].writer(), context.edits[edit].stamp),
        };
        let kind = head.get("k").map(|kind| kind.as_i64());
        let mut body = None;
        let (slot, content) = match kind {
            Some(Some(STRUCTURE)) => {
                let title = name.clone().ok_or_else(|| wrong("a document without a title"))?;
                let policy = match head.get("p") {
                    None => usual_policy(context),
                    Some(text) => {
                        let policy = text.as_str().and_then(policy_of);
                        policy.ok_or_else(|| wrong("a policy that is none"))?
                    }
                };
                orders.push((items.len(), head.get("o")));
                let order = Vec::new();
                (Slot::Structure, Content::Structure(Structure { title, order, policy }))
            }
            Some(Some(REMOVED)) => {
                let id = section_of(context, head, name.as_ref()).map_err(wrong)?;
                (Slot::Section(id), Content::Removed)
            }
            None => {
                let id = section_of(context, head, name.as_ref()).map_err(wrong)?;
                let name = name.clone().ok_or_else(|| wrong("a section without a name"))?;
                let hash = match head.get("b") {
                    Some(hash) => {
                        let hash = hash.as_str().and_then(|hash| hash.parse::<Hash>().ok());
                        hash.ok_or_else(|| wrong("a hash is 64 hex digits"))?
                    }
                    None => {
                        let mut read = rows::read_head(head).map_err(wrong)?;
                        while let Some(row) = values.get(at).and_then(Value::as_table)
                            && !rows::is_head(row)
                        {
                            read.rows.push(rows::read_row(row).map_err(wrong)?);
                            at += 1;
                        }
                        let plain = read.plain()?;
                        let hash = plain.hash();
                        body = Some(plain);
                        hash
                    }
                };
                (Slot::Section(id), Content::Section { name, body: hash })
            }
            Some(_) => return Err(wrong("an item of no kind")),
        };
        let (count, seen) = seen_of(context, head, slot, writer).map_err(wrong)?;
        items.push(Read { item: Item { slot, count, seen, content }, edit, body });
    }
    let ids = items.iter().filter_map(|read| match (read.item.slot, &read.item.content) {
        (Slot::Section(id), Content::Section { .. }) => Some(id),
        _ => None,
    });
    let (known, before) = known(context, ids);
    for (at, value) in orders {
        let usual = usual_order(context, &known, before);
        let order = order::read(value, usual, &known)
            .map_err(|why| PackError::Record { record: at + 1, why: why.to_owned() })?;
        if let Content::Structure(structure) = &mut items[at].item.content {
            structure.order = order;
        }
    }
    Ok(items)
}
