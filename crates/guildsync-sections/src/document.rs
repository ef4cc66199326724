//! A document: for each slot the versions that nobody has replaced yet.
//!
//! Mostly that is one. Where several are left they were made without knowledge of each other: one is
//! shown, everywhere the same one, and the others wait for a person to pick (multi-value registers;
//! DeCandia and others, Dynamo, 2007). Merging is a union, so order and repetition do not matter.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::hash::Domain;
use guildsync_types::{Digest, Hash, Stamp, WriterId};
use thiserror::Error;

use crate::body::Plain;
use crate::item::{Content, SECTIONS_MAX, Slot, Structure};
use crate::name::{DocumentId, Label, SectionId};
use crate::shelf::SHELF_MAX;
use crate::version::{Tag, Version};

/// The most versions of one slot that are kept beside each other.
pub const VERSIONS_MAX: usize = 8;
/// The most that a document may take, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// A document. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    id: DocumentId,
    /// Of each slot what nobody has replaced, the shown one first; never empty. The structure is there.
    slots: BTreeMap<Slot, Vec<Version>>,
    digest: Digest,
}

/// Why versions were not taken. Nothing of them was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There would be a document without a title.
    #[error("the document's structure is missing: ask for it")]
    NoStructure,
    /// As many documents are here as can be.
    #[error("there are {SHELF_MAX} sheets already, which is the most: remove one first")]
    ShelfFull,
    /// It would grow over a limit.
    #[error("the document would have more than {limit} {what}: start a new one")]
    Full {
        /// Of what.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
}

/// A section as a reader sees it.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// Its id, which stays.
    pub id: SectionId,
    /// Its name, which may repeat.
    pub name: &'a Label,
    /// Its content.
    pub body: &'a Plain,
    /// Who said so, and when.
    pub version: &'a Version,
    /// All others that were written at the same time.
    beside: &'a [Version],
}

impl<'a> Section<'a> {
    /// Others that were written at the same time and say something else.
    pub fn conflicts(self) -> impl Iterator<Item = &'a Version> {
        self.beside.iter().filter(move |other| !other.says_the_same_as(self.version))
    }
}

impl Document {
    /// A document of these versions.
    ///
    /// # Errors
    /// [`MergeError`].
    pub fn of(
        id: DocumentId,
        versions: impl IntoIterator<Item = Version>,
    ) -> Result<Self, MergeError> {
        let mut document = Self { id, slots: BTreeMap::new(), digest: Digest::default() };
        document.merge(versions)?;
        Ok(document)
    }

    /// Takes versions in; whether anything is new.
    ///
    /// # Errors
    /// [`MergeError`]: nothing was taken in.
    pub fn merge(
        &mut self,
        versions: impl IntoIterator<Item = Version>,
    ) -> Result<bool, MergeError> {
        let mut slots = self.slots.clone();
        let mut is_new = false;
        for version in versions {
            is_new |= take(slots.entry(version.item().slot).or_default(), version);
        }
        if !slots.contains_key(&Slot::Structure) {
            return Err(MergeError::NoStructure);
        }
        if slots.len() > SECTIONS_MAX + 1 {
            return Err(MergeError::Full { what: "sections", limit: SECTIONS_MAX });
        }
        if slots.values().flatten().map(Version::weight).sum::<usize>() > DOCUMENT_BYTES_MAX {
            return Err(MergeError::Full { what: "bytes", limit: DOCUMENT_BYTES_MAX });
        }
        if is_new || self.slots.is_empty() {
            self.slots = slots;
            self.digest = self.work_out_digest();
        }
        Ok(is_new)
    }

    fn work_out_digest(&self) -> Digest {
        let mut ids: Vec<Hash> = self.versions().map(Version::id).collect();
        ids.sort_unstable();
        let hash = Hash::of(Domain::Version).with(&self.id.0);
        ids.iter().fold(hash, |hash, id| hash.with(&id.0)).finish().digest()
    }

    /// Which document it is.
    #[must_use]
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// Its version: equal where everything in it is equal.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Everything in it: the structure first, shown versions before those beside them.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.slots.values().flatten()
    }

    /// The versions of one slot, the shown one first.
    #[must_use]
    pub fn slot(&self, slot: Slot) -> &[Version] {
        self.slots.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// The short names of everything in it.
    #[must_use]
    pub fn tags(&self) -> BTreeSet<Tag> {
        self.versions().map(Version::tag).collect()
    }

    /// What is in it and not among these.
    #[must_use]
    pub fn beyond(&self, have: &BTreeSet<Tag>) -> Vec<Version> {
        self.versions().filter(|version| !have.contains(&version.tag())).cloned().collect()
    }

    /// Title, order and policy.
    #[must_use]
    pub fn structure(&self) -> &Structure {
        let shown = self.slot(Slot::Structure).first().map(|version| &version.item().content);
        match shown {
            Some(Content::Structure(structure)) => structure,
            // A document without a structure is never made.
            _ => unreachable!("a document has a structure"),
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Label {
        &self.structure().title
    }

    /// Whether there is a slot in which nothing more finds room: what goes over its edge is not here then, and
    /// may be later.
    pub(crate) fn is_full(&self) -> bool {
        self.slots.values().any(|versions| versions.len() >= VERSIONS_MAX)
    }

    /// The last number that a writer has given in it, as far as can be told from what is here; 0: none.
    pub(crate) fn last_number(&self, writer: WriterId) -> u32 {
        let numbers = self.versions().map(|version| {
            let seen = version.item().seen.get(&writer).copied().unwrap_or(0);
            if version.writer() == writer { seen.max(version.item().count) } else { seen }
        });
        numbers.max().unwrap_or(0)
    }

    /// When it was last edited.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.versions().map(|version| version.edit().stamp).max().unwrap_or_default()
    }

    /// The sections in order: as the structure says, then those that it does not name, by when they were
    /// written.
    #[must_use]
    pub fn sections(&self) -> Vec<Section<'_>> {
        let mut rest: BTreeMap<SectionId, Section<'_>> =
            self.slots.keys().filter_map(|&slot| self.in_slot(slot)).map(|s| (s.id, s)).collect();
        let order = &self.structure().order;
        let mut sections: Vec<Section<'_>> =
            order.iter().filter_map(|id| rest.remove(id)).collect();
        let mut rest: Vec<Section<'_>> = rest.into_values().collect();
        rest.sort_by_key(|section| (section.version.edit().stamp, section.id));
        sections.append(&mut rest);
        sections
    }

    /// One section, unless it was removed or never was.
    #[must_use]
    pub fn section(&self, id: SectionId) -> Option<Section<'_>> {
        self.in_slot(Slot::Section(id))
    }

    fn in_slot(&self, slot: Slot) -> Option<Section<'_>> {
        let (Slot::Section(id), [version, beside @ ..]) = (slot, self.slot(slot)) else {
            return None;
        };
        let Content::Section { name, .. } = &version.item().content else { return None };
        Some(Section { id, name, body: version.body()?, version, beside })
    }

    /// What was written at the same time as what is shown, and says something else.
    #[must_use]
    pub fn conflicts(&self) -> Vec<(Slot, &Version)> {
        let beside = self.slots.iter().filter_map(|(slot, versions)| {
            let (shown, others) = versions.split_first()?;
            let differ = |other: &&Version| !other.says_the_same_as(shown);
            Some(others.iter().filter(differ).map(|other| (*slot, other)))
        });
        beside.flatten().collect()
    }
}

/// Takes a version into its slot; whether it is new there.
fn take(slot: &mut Vec<Version>, version: Version) -> bool {
    let is_old = slot.iter().any(|held| held.id() == version.id() || held.replaces(&version));
    if is_old && !planted(Bug::OlderSheetOverwrites) {
        return false;
    }
    slot.retain(|held| !version.replaces(held) && !planted(Bug::OlderSheetOverwrites));
    let id = version.id();
    slot.push(version);
    slot.sort_by_key(|version| std::cmp::Reverse(version.rank()));
    slot.truncate(VERSIONS_MAX);
    slot.iter().any(|held| held.id() == id)
}
