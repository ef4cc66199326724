//! What an edit sets: a document's structure, or one section's record.
//!
//! Each of these is a register of its own, so that edits to different sections never meet. Two edits of
//! the same one are put in order by what each had seen (dotted version vectors; Preguiça and others,
//! 2010), never by a clock: an edit replaces what its editor saw, and whatever else is there stays
//! beside it as a conflict.

use std::collections::BTreeMap;

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, MemberName, Stamp, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::edit::Author;
use crate::name::{DocumentId, Label, SectionId};
use crate::rights::{NAMED_MAX, Policy, Who};

/// The most sections that a document may have, those included that were removed.
pub const SECTIONS_MAX: usize = 256;
/// The most editors that one item may have seen.
pub const SEEN_MAX: usize = 64;

/// What is set: the place of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The document's title, order and policy.
    Structure,
    /// A section.
    Section(SectionId),
}

/// What it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Title, order and policy of the document.
    Structure(Structure),
    /// A section: its name, and the hash of its body.
    Section {
        /// Its name.
        name: Label,
        /// The hash of its body.
        body: Hash,
    },
    /// The section was removed.
    Removed,
}

/// A document without its sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// What it is called.
    pub title: Label,
    /// The sections in order. Those that exist and are not named here follow behind.
    pub order: Vec<SectionId>,
    /// Who may do what.
    pub policy: Policy,
}

/// One setting of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is set.
    pub slot: Slot,
    /// Its number among its writer's items in this slot: more than any before it, and at least the second of
    /// its edit, so that numbers are not given twice by a writer that has lost what it had.
    pub count: u32,
    /// What its editor had seen in this slot and replaces: of each writer all items up to a count.
    pub seen: BTreeMap<WriterId, u32>,
    /// What it is set to.
    pub content: Content,
}

impl Item {
    /// The number of an item that is set now, by a writer whose last in this slot was `last`; 0: none that it
    /// knows of. If there was one, its stamp may have been ahead of the clock, so a day is added then.
    pub(crate) fn number(last: u32, stamp: Stamp) -> u32 {
        let seconds = u32::try_from(stamp.seconds()).unwrap_or(u32::MAX);
        match last {
            0 => seconds.saturating_add(86_400),
            _ => last.saturating_add(1).max(seconds),
        }
    }

    /// The same, beyond what its author has removed with an earlier copy of the document: that is replaced.
    pub(crate) fn by(mut self, author: Author<'_>) -> Self {
        if author.after > 0 {
            let own = self.seen.entry(author.key.writer()).or_insert(0);
            *own = author.after.max(*own);
            self.count = Self::number(*own, author.stamp);
        }
        self
    }

    /// Whether this item replaces one of `writer`'s with that count.
    #[must_use]
    pub fn replaces(&self, writer: WriterId, count: u32) -> bool {
        self.seen.get(&writer).is_some_and(|&seen| seen >= count)
    }

    /// The hash that its edit signs.
    #[must_use]
    pub fn hash(&self, document: DocumentId) -> Hash {
        let mut w = Writer::new();
        self.write(&mut w);
        Hash::of(Domain::Item).with(&document.0).with(w.as_slice()).finish()
    }

    /// Writes it as it is kept and hashed.
    pub(crate) fn write(&self, w: &mut Writer) {
        match self.slot {
            Slot::Structure => w.u8(0),
            Slot::Section(id) => {
                w.u8(1);
                w.raw(&id.0);
            }
        }
        w.varint(self.count.into());
        w.varint(self.seen.len() as u64);
        for (writer, count) in &self.seen {
            w.raw(&writer.0);
            w.varint((*count).into());
        }
        match &self.content {
            Content::Structure(structure) => {
                w.u8(0);
                structure.write(w);
            }
            Content::Section { name, body } => {
                w.u8(1);
                w.str(name.as_str());
                w.raw(&body.0);
            }
            Content::Removed => w.u8(2),
        }
    }

    /// Reads what [`Item::write`] wrote.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = r.at();
        let slot = match r.u8("slot")? {
            0 => Slot::Structure,
            1 => Slot::Section(SectionId(r.array("section")?)),
            _ => return Err(r.invalid("slot", at, "a structure or a section")),
        };
        let count = number(r, "count")?;
        let n = r.count(SEEN_MAX, 17, "seen writers")?;
        let mut seen = BTreeMap::new();
        for _ in 0..n {
            let writer = WriterId(r.array("writer")?);
            seen.insert(writer, number(r, "count")?);
        }
        let at = r.at();
        let content = match (r.u8("content")?, slot) {
            (0, Slot::Structure) => Content::Structure(Structure::read(r)?),
            (1, Slot::Section(_)) => {
                Content::Section { name: label(r)?, body: Hash(r.array("body")?) }
            }
            (2, Slot::Section(_)) => Content::Removed,
            _ => return Err(r.invalid("content", at, "not what this slot can hold")),
        };
        Ok(Self { slot, count, seen, content })
    }
}

impl Structure {
    /// Writes it as it is kept, hashed and sent.
    pub(crate) fn write(&self, w: &mut Writer) {
        w.str(self.title.as_str());
        w.varint(self.order.len() as u64);
        self.order.iter().for_each(|id| w.raw(&id.0));
        let Policy { publish, edit, point } = &self.policy;
        [publish, edit, point].into_iter().for_each(|who| write_who(w, who));
    }

    /// Reads what [`Structure::write`] wrote.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let title = label(r)?;
        let n = r.count(SECTIONS_MAX, 8, "sections")?;
        let order = (0..n).map(|_| Ok(SectionId(r.array("section")?)));
        let order = order.collect::<Result<_, DecodeError>>()?;
        let (publish, edit, point) = (read_who(r)?, read_who(r)?, read_who(r)?);
        Ok(Self { title, order, policy: Policy { publish, edit, point } })
    }
}

fn write_who(w: &mut Writer, who: &Who) {
    match who {
        Who::Leader => w.u8(0),
        Who::Assistants => w.u8(1),
        Who::Everyone => w.u8(2),
        Who::Members(names) => {
            w.u8(3);
            w.varint(names.len() as u64);
            names.iter().for_each(|name| w.str(name.as_str()));
        }
    }
}

fn read_who(r: &mut Reader<'_>) -> Result<Who, DecodeError> {
    let at = r.at();
    Ok(match r.u8("who may")? {
        0 => Who::Leader,
        1 => Who::Assistants,
        2 => Who::Everyone,
        3 => {
            let n = r.count(NAMED_MAX, 2, "members")?;
            Who::Members((0..n).map(|_| member(r)).collect::<Result<_, _>>()?)
        }
        _ => return Err(r.invalid("who may", at, "there are four kinds, 0 to 3")),
    })
}

pub(crate) fn number(r: &mut Reader<'_>, what: &'static str) -> Result<u32, DecodeError> {
    let at = r.at();
    u32::try_from(r.varint(what)?).map_err(|_| r.invalid(what, at, "over 32 bits"))
}

pub(crate) fn label(r: &mut Reader<'_>) -> Result<Label, DecodeError> {
    let at = r.at();
    let label = Label::new(r.str(Label::BYTES_MAX, "name")?);
    label.map_err(|why| r.invalid("name", at, &why.to_string()))
}

pub(crate) fn member(r: &mut Reader<'_>) -> Result<MemberName, DecodeError> {
    let at = r.at();
    let name = MemberName::from_entry(r.str(MemberName::BYTES_MAX, "member")?);
    name.map_err(|why| r.invalid("member", at, &why.to_string()))
}
