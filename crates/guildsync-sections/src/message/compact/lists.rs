//! Lists: of sections, tags and members, each of which ascends, and of versions.

use std::collections::BTreeSet;

use guildsync_wire::bits::{read_hashes, write_hashes};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::super::edits::{Edits, numbered};
use super::super::{Carried, Message};
use crate::body::{BODY_BYTES_MAX, Plain};
use crate::edit::Edit;
use crate::item::{Item, SECTIONS_MAX, member};
use crate::name::SectionId;
use crate::rights::{Deed, NAMED_MAX, Who};
use crate::version::Tag;

/// An edit takes a name of a letter, a key, a stamp, a count and a signature.
const EDIT_BYTES_MIN: usize = 100;
/// A version takes an edit's number, a slot, a count, what was seen, a structure of a title of a letter, and
/// a body's length.
const CARRIED_BYTES_MIN: usize = 12;

const DEEDS: [Deed; 3] = [Deed::Publish, Deed::Edit, Deed::Point];
/// Who may do a deed is in the bits above it.
const DEED: u8 = 0b11;
const WHO_SHIFT: u8 = 2;

pub(super) fn write_sections(ids: &BTreeSet<SectionId>, w: &mut Writer) {
    w.varint(ids.len() as u64);
    ids.iter().for_each(|id| w.raw(&id.0));
}

pub(super) fn read_sections(r: &mut Reader<'_>) -> Result<BTreeSet<SectionId>, DecodeError> {
    let n = r.count(SECTIONS_MAX, 8, "sections")?;
    ascending(n, "section", r, |r| Ok(SectionId(r.array("section")?)))
}

pub(super) fn write_tags(tags: &BTreeSet<Tag>, w: &mut Writer) {
    let tags: Vec<u32> = tags.iter().map(|tag| tag.0).collect();
    write_hashes(&tags, w);
}

pub(super) fn read_tags(r: &mut Reader<'_>) -> Result<BTreeSet<Tag>, DecodeError> {
    let tags = read_hashes(Message::TAGS_MAX, "tags", r)?;
    Ok(tags.into_iter().map(Tag).collect())
}

pub(super) fn write_rule(deed: Deed, who: &Who, w: &mut Writer) {
    let number = match who {
        Who::Leader => 0,
        Who::Assistants => 1,
        Who::Everyone => 2,
        Who::Members(_) => 3,
    };
    let deed = DEEDS.iter().position(|one| *one == deed).unwrap_or(0) as u8;
    w.u8(deed | number << WHO_SHIFT);
    if let Who::Members(names) = who {
        w.varint(names.len() as u64);
        names.iter().for_each(|name| w.str(name.as_str()));
    }
}

pub(super) fn read_rule(r: &mut Reader<'_>) -> Result<(Deed, Who), DecodeError> {
    let (at, rule) = (r.at(), r.u8("deed")?);
    let deed = DEEDS.get(usize::from(rule & DEED)).copied();
    let deed = deed.ok_or_else(|| r.invalid("deed", at, "there are three, 0 to 2"))?;
    let who = match rule >> WHO_SHIFT {
        0 => Who::Leader,
        1 => Who::Assistants,
        2 => Who::Everyone,
        3 => {
            let n = r.count(NAMED_MAX, 2, "members")?;
            Who::Members(ascending(n, "member", r, member)?)
        }
        _ => return Err(r.invalid("who may", at, "there are four kinds, 0 to 3")),
    };
    Ok((deed, who))
}

/// Reads `n` items, each greater than the one before.
fn ascending<'a, T: Ord>(
    n: usize,
    what: &'static str,
    r: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<BTreeSet<T>, DecodeError> {
    let mut items = BTreeSet::new();
    for _ in 0..n {
        let (at, item) = (r.at(), read(r)?);
        if items.last().is_some_and(|last| *last >= item) {
            return Err(r.invalid(what, at, "not greater than the one before"));
        }
        items.insert(item);
    }
    Ok(items)
}

pub(super) fn write_carried(carried: &[Carried], w: &mut Writer) {
    let (edits, numbers) = numbered(carried);
    w.varint(edits.len() as u64);
    edits.into_iter().for_each(|edit| edit.write(w));
    w.varint(carried.len() as u64);
    for (Carried { item, body, .. }, number) in carried.iter().zip(numbers) {
        w.varint(number as u64);
        item.write(w);
        // An empty body has six bytes: no bytes are no body.
        w.bytes(body.as_ref().map_or(&[], Plain::bytes));
    }
}

pub(super) fn read_carried(r: &mut Reader<'_>) -> Result<Vec<Carried>, DecodeError> {
    let mut edits = Edits::default();
    let n = r.count(Message::CARRIED_MAX, EDIT_BYTES_MIN, "edits")?;
    for _ in 0..n {
        let (at, edit) = (r.at(), Edit::read(r)?);
        edits.add(edit).map_err(|wanted| is_not("edit", at, wanted, r))?;
    }
    let counted_at = r.at();
    let n = r.count(Message::CARRIED_MAX, CARRIED_BYTES_MIN, "versions")?;
    let mut carried = Vec::new();
    for _ in 0..n {
        let (at, number) = (r.at(), r.varint("edit")?);
        let edit = edits.get(number).map_err(|wanted| is_not("edit", at, wanted, r))?;
        let item = read_item(r)?;
        let at = r.at();
        let body = match r.bytes(BODY_BYTES_MAX, "body")? {
            [] => None,
            bytes => {
                let body = Plain::read(bytes);
                Some(body.map_err(|why| r.invalid("body", at, &why.to_string()))?)
            }
        };
        carried.push(Carried { item, edit, body });
    }
    match edits.are_all_named() {
        true => Ok(carried),
        false => Err(r.invalid("versions", counted_at, "not of all edits before them")),
    }
}

fn is_not(what: &'static str, at: usize, wanted: &str, r: &Reader<'_>) -> DecodeError {
    r.invalid(what, at, &format!("not {wanted}"))
}

/// Reads an item that is written in its one form: what it has seen ascends, and so do members.
fn read_item(r: &mut Reader<'_>) -> Result<Item, DecodeError> {
    let (at, mut rest) = (r.at(), r.clone());
    let item = Item::read(r)?;
    let mut again = Writer::new();
    item.write(&mut again);
    match rest.raw(r.at() - at, "item")? == again.as_slice() {
        true => Ok(item),
        false => Err(r.invalid("item", at, "not in its one form: a list does not ascend")),
    }
}
