//! What a document's own people do with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{Hash, Stamp, WriterId};
use thiserror::Error;

use crate::body::{BodyError, Plain};
use crate::document::{Document, MergeError};
use crate::edit::{Author, Edit};
use crate::item::{Content, Item, SECTIONS_MAX, SEEN_MAX, Slot, Structure};
use crate::name::{DocumentId, Label, SectionId};
use crate::rights::{NAMED_MAX, Policy, Who};
use crate::version::{Version, VersionError};

/// One change of a document. Several make one edit, signed once and shown at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Calls it something else; its id stays.
    Title(Label),
    /// Sets who may do what.
    Policy(Policy),
    /// Puts the sections in this order.
    Order(Vec<SectionId>),
    /// Adds a section, or sets its name and body.
    Set {
        /// Which.
        section: SectionId,
        /// Its name.
        name: Label,
        /// Its body.
        body: Plain,
    },
    /// Removes a section, with what was a conflict there.
    Remove(SectionId),
    /// Settles a conflict: this version is to be shown, and the others are not needed any more.
    Pick {
        /// Where.
        slot: Slot,
        /// The version's id.
        version: Hash,
    },
}

/// About the most that one signature covers, by [`Plain::weight`]: a part of a stream says whole edits, so what
/// is too much for one part is signed in several.
pub(crate) const EDIT_BYTES: usize = 24 << 10;

/// Why a document was not changed. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no such document.
    #[error("there is no document {0} here: `sheet list` shows those there are")]
    NoDocument(DocumentId),
    /// There is no such section.
    #[error("the document has no section {0}: `sheet show` lists them")]
    NoSection(SectionId),
    /// Somebody's version says that it replaces all that this member could ever write there.
    #[error("a version that is here says that it replaces this: publish a new document")]
    Overtaken,
    /// There is no such version.
    #[error("there is no version {} of this to pick: `sheet show` lists them", version.digest())]
    NoVersion {
        /// What was asked for.
        version: Hash,
    },
    /// A body passes a limit.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The document would pass a limit.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// What was made is no version: its editor's name or key changed under it.
    #[error(transparent)]
    Version(#[from] VersionError),
}

impl Document {
    /// A new document: its first edit sets everything. The same title gives the same document everywhere.
    ///
    /// # Errors
    /// [`ChangeError::Merge`] for too many sections.
    pub fn publish(
        author: Author<'_>,
        title: Label,
        policy: Policy,
        sections: Vec<(Label, Plain)>,
    ) -> Result<Self, ChangeError> {
        let id = DocumentId::of_title(&title);
        let ids = ids(id, sections.iter().map(|(name, _)| name), &BTreeSet::new());
        let structure = Structure { title, order: ids.clone(), policy };
        let content = Content::Structure(structure);
        if author.after == u32::MAX {
            return Err(ChangeError::Overtaken);
        }
        let first = |slot, content| {
            let count = Item::number(0, author.stamp);
            Item { slot, count, seen: BTreeMap::new(), content }.by(author)
        };
        let mut items = vec![(first(Slot::Structure, content), None)];
        for (id, (name, plain)) in ids.into_iter().zip(sections) {
            let content = Content::Section { name, body: plain.hash() };
            items.push((first(Slot::Section(id), content), Some(plain)));
        }
        Ok(Self::of(id, sign(id, author, items)?)?)
    }

    /// Makes changes as one edit; whether there was anything to change.
    ///
    /// # Errors
    /// [`ChangeError`]: nothing was changed.
    pub fn change(
        &mut self,
        author: Author<'_>,
        changes: Vec<Change>,
    ) -> Result<bool, ChangeError> {
        let mut set: BTreeMap<Slot, (Content, Option<Plain>, bool)> = BTreeMap::new();
        for change in changes {
            let (slot, content, body, picks) = self.content_of(&set, change)?;
            // What was picked stays picked, whatever is then made of it.
            let picks = picks || set.get(&slot).is_some_and(|(.., picks)| *picks);
            set.insert(slot, (content, body, picks));
        }
        let items = set.into_iter().filter_map(|(slot, (content, body, picks))| {
            let versions = self.slot(slot);
            let is_said = versions.first().is_some_and(|shown| shown.item().content == content);
            let is_alone = !picks || versions.len() == 1;
            let (writer, stamp) = (author.key.writer(), author.stamp);
            let item = || (self.next(writer, stamp, slot, content, picks).by(author), body);
            (!(is_said && is_alone)).then(item)
        });
        let items: Vec<_> = items.collect();
        if items.is_empty() {
            return Ok(false);
        }
        let versions = sign(self.id(), author, items)?;
        match self.merge(versions)? {
            true => Ok(true),
            false => Err(ChangeError::Overtaken),
        }
    }

    /// What a change sets, and whether it settles a conflict.
    fn content_of(
        &self,
        set: &BTreeMap<Slot, (Content, Option<Plain>, bool)>,
        change: Change,
    ) -> Result<(Slot, Content, Option<Plain>, bool), ChangeError> {
        let structure = match set.get(&Slot::Structure) {
            Some((Content::Structure(structure), ..)) => structure,
            _ => self.structure(),
        };
        let to = |structure| (Slot::Structure, Content::Structure(structure), None, false);
        Ok(match change {
            Change::Title(title) => to(Structure { title, ..structure.clone() }),
            Change::Policy(policy) => to(Structure { policy, ..structure.clone() }),
            Change::Order(order) => to(Structure { order, ..structure.clone() }),
            Change::Set { section, name, body } => {
                let content = Content::Section { name, body: body.hash() };
                (Slot::Section(section), content, Some(body), false)
            }
            Change::Remove(section) => {
                self.section(section).ok_or(ChangeError::NoSection(section))?;
                // All of it: or what stood beside it would be shown in its place.
                (Slot::Section(section), Content::Removed, None, true)
            }
            Change::Pick { slot, version } => {
                let picked = self.slot(slot).iter().find(|held| held.id() == version);
                let picked = picked.ok_or(ChangeError::NoVersion { version })?;
                (slot, picked.item().content.clone(), picked.body().cloned(), true)
            }
        })
    }

    /// The item that sets a slot now. It replaces what is shown, what says the same, and the editor's own;
    /// a pick replaces all. What any of these versions had replaced stays so.
    ///
    /// The editor's own goes because "all of a writer's up to a count" cannot leave one out: whoever
    /// replaced the new one would sweep the old one away without having looked at it.
    pub(crate) fn next(
        &self,
        writer: WriterId,
        stamp: Stamp,
        slot: Slot,
        content: Content,
        picks: bool,
    ) -> Item {
        let versions = self.slot(slot);
        let mut seen: BTreeMap<WriterId, u32> = BTreeMap::new();
        let mut see = |writer, count: u32| {
            let known = seen.entry(writer).or_insert(0);
            *known = count.max(*known);
        };
        let mut replaced = BTreeSet::from([writer]);
        for version in versions {
            version.item().seen.iter().for_each(|(writer, count)| see(*writer, *count));
            let is_shown = versions.first().is_some_and(|shown| version.says_the_same_as(shown));
            if is_shown || picks || version.writer() == writer {
                see(version.writer(), version.item().count);
                replaced.insert(version.writer());
            }
        }
        // Of more than can be named those go that edited least: an old version of theirs, if anybody
        // still has one, may come back as a conflict.
        while seen.len() > SEEN_MAX {
            let others = seen.iter().filter(|(writer, _)| !replaced.contains(writer));
            let Some((least, _)) = others.min_by_key(|(_, count)| **count) else { break };
            let least = *least;
            seen.remove(&least);
        }
        let count = Item::number(seen.get(&writer).copied().unwrap_or(0), stamp);
        Item { slot, count, seen, content }
    }

    /// What has to change for the document to have these sections in this order: sections are found
    /// again by name, so that what is imported again keeps its ids; what is not among them is removed.
    #[must_use]
    pub fn difference(&self, sections: Vec<(Label, Plain)>) -> Vec<Change> {
        let mut left: Vec<(SectionId, Label)> =
            self.sections().iter().map(|section| (section.id, section.name.clone())).collect();
        let mut taken = self.section_ids();
        let mut order = Vec::new();
        let mut changes = Vec::new();
        for (name, body) in sections {
            let section = match left
                .iter()
                .position(|(_, known)| *known == name || planted(Bug::SectionsByPosition))
            {
                Some(at) => left.remove(at).0,
                None => free(self.id(), &name, &taken),
            };
            taken.insert(section);
            order.push(section);
            changes.push(Change::Set { section, name, body });
        }
        changes.extend(left.into_iter().map(|(section, _)| Change::Remove(section)));
        changes.push(Change::Order(order));
        changes
    }

    /// The id of a new section of this name.
    #[must_use]
    pub fn new_section(&self, name: &Label) -> SectionId {
        free(self.id(), name, &self.section_ids())
    }

    /// The ids of the sections that are there. One that was removed can be the same section again.
    fn section_ids(&self) -> BTreeSet<SectionId> {
        self.sections().iter().map(|section| section.id).collect()
    }
}

/// Ids for sections of these names, none of them among `taken`.
fn ids<'a>(
    document: DocumentId,
    names: impl Iterator<Item = &'a Label>,
    taken: &BTreeSet<SectionId>,
) -> Vec<SectionId> {
    let mut taken = taken.clone();
    names
        .map(|name| {
            let id = free(document, name, &taken);
            taken.insert(id);
            id
        })
        .collect()
}

fn free(document: DocumentId, name: &Label, taken: &BTreeSet<SectionId>) -> SectionId {
    let mut ids = (0..).map(|nth| SectionId::of_name(document, name, nth));
    // There are more numbers than sections.
    ids.find(|id| !taken.contains(id)).unwrap_or(SectionId([0; 8]))
}

/// Whether others can read it: they refuse what passes these limits.
fn check(content: &Content) -> Result<(), MergeError> {
    let Content::Structure(Structure { order, policy, .. }) = content else { return Ok(()) };
    if order.len() > SECTIONS_MAX {
        return Err(MergeError::Full { what: "sections", limit: SECTIONS_MAX });
    }
    let is_long = |who: &Who| matches!(who, Who::Members(names) if names.len() > NAMED_MAX);
    match [&policy.publish, &policy.edit, &policy.point].into_iter().any(is_long) {
        true => Err(MergeError::Full { what: "members in one rule", limit: NAMED_MAX }),
        false => Ok(()),
    }
}

fn sign(
    document: DocumentId,
    author: Author<'_>,
    items: Vec<(Item, Option<Plain>)>,
) -> Result<Vec<Version>, ChangeError> {
    items.iter().try_for_each(|(item, _)| check(&item.content))?;
    let mut versions = Vec::with_capacity(items.len());
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let mut sum = 0;
        let mut these = Vec::new();
        while let Some((item, body)) = items.next_if(|(_, body)| {
            sum += body.as_ref().map_or(0, Plain::weight);
            these.is_empty() || sum <= EDIT_BYTES
        }) {
            these.push((item, body));
        }
        let signed: Vec<Item> = these.iter().map(|(item, _)| item.clone()).collect();
        let edit = Arc::new(Edit::sign(document, author, &signed));
        for (item, body) in these {
            versions.push(Version::new(document, item, Arc::clone(&edit), body)?);
        }
    }
    Ok(versions)
}
