//! One item as somebody signed it, with its body: what documents are made of and what travels.

use std::collections::BTreeSet;
use std::sync::Arc;

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, MemberName, Stamp, WriterId};
use thiserror::Error;

use crate::body::Plain;
use crate::edit::Edit;
use crate::item::{Content, Item, Slot};
use crate::name::DocumentId;
use crate::rights::{Policy, Who};

/// Among how many versions an edit's hashes are shared when their room is reckoned.
const SHARES: usize = 8;

/// A version, named among the few that two members compare: the first four bytes of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

/// Some versions, named together: what somebody said that it has. Of nothing it is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Have(pub u32);

impl Have {
    /// The name of these.
    #[must_use]
    pub fn of(tags: &BTreeSet<Tag>) -> Self {
        if tags.is_empty() {
            return Self::default();
        }
        let hash = Hash::of(Domain::Version).with(b"have");
        let hash = tags.iter().fold(hash, |hash, tag| hash.with(&tag.0.to_le_bytes()));
        Self(tag_of(&hash.finish()).0)
    }
}

/// An item, the edit that set it, and its body. Whatever has this type has been checked: the edit is
/// signed, the item is part of it, the body is the one that the item names. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    item: Arc<Item>,
    edit: Arc<Edit>,
    body: Option<Plain>,
    writer: WriterId,
    id: Hash,
}

/// Why something is no version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VersionError {
    /// The signature is not valid for what it covers.
    #[error("the signature of {editor}'s edit is not valid")]
    BadSignature {
        /// Whose edit it says it is.
        editor: MemberName,
    },
    /// The edit did not set this.
    #[error("{editor}'s edit did not set this")]
    NotInEdit {
        /// Whose edit it is.
        editor: MemberName,
    },
    /// The body is not the one that the record names.
    #[error("the body of section \"{section}\" is not the one that was signed")]
    WrongBody {
        /// The section's name.
        section: String,
    },
    /// A structure in a section's place, or the other way round.
    #[error("a structure stands where a section should, or a section where the structure should")]
    WrongSlot,
    /// It says that it replaces itself.
    #[error("an item says that it replaces itself")]
    ReplacesItself,
    /// Its count is 0, which no editor writes.
    #[error("an item's count is 0")]
    NoCount,
}

impl Version {
    /// Checks and joins the parts.
    ///
    /// # Errors
    /// [`VersionError`] says which part is wrong.
    pub fn new(
        document: DocumentId,
        item: Item,
        edit: Arc<Edit>,
        body: Option<Plain>,
    ) -> Result<Self, VersionError> {
        if item.count == 0 {
            return Err(VersionError::NoCount);
        }
        if item.replaces(edit.writer(), item.count) {
            return Err(VersionError::ReplacesItself);
        }
        let hash = item.hash(document);
        if !edit.items.contains(&hash) {
            return Err(VersionError::NotInEdit { editor: edit.editor.clone() });
        }
        let is_structure = matches!(item.content, Content::Structure(_));
        if is_structure != (item.slot == Slot::Structure) {
            return Err(VersionError::WrongSlot);
        }
        let fits = match &item.content {
            Content::Section { body: wanted, .. } => {
                body.as_ref().is_some_and(|body| body.hash() == *wanted)
            }
            Content::Structure(_) | Content::Removed => body.is_none(),
        };
        if !fits {
            let section = match &item.content {
                Content::Section { name, .. } => name.to_string(),
                _ => String::new(),
            };
            return Err(VersionError::WrongBody { section });
        }
        if !edit.is_signed(document) {
            return Err(VersionError::BadSignature { editor: edit.editor.clone() });
        }
        let id = id(document, &hash, &edit);
        Ok(Self { item: item.into(), writer: edit.writer(), edit, body, id })
    }

    /// What is set, and to what.
    #[must_use]
    pub fn item(&self) -> &Item {
        &self.item
    }

    /// The edit that set it.
    #[must_use]
    pub fn edit(&self) -> &Arc<Edit> {
        &self.edit
    }

    /// The body, if it is a section's.
    #[must_use]
    pub fn body(&self) -> Option<&Plain> {
        self.body.as_ref()
    }

    /// Its name among all versions.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.id
    }

    /// Its short name.
    #[must_use]
    pub fn tag(&self) -> Tag {
        tag_of(&self.id)
    }

    /// Whose key set it.
    #[must_use]
    pub fn writer(&self) -> WriterId {
        self.writer
    }

    /// Whether its editor had seen `other` and replaced it.
    #[must_use]
    pub fn replaces(&self, other: &Self) -> bool {
        self.item.replaces(other.writer, other.item.count)
    }

    /// Whether both say the same, whoever said it.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.item.content == other.item.content
    }

    /// What decides which of simultaneous versions is shown: one that is there before one that is
    /// removed, then the later, then the greater id. Greatest first.
    pub(crate) fn rank(&self) -> (bool, Stamp, Hash) {
        (self.item.content != Content::Removed, self.edit.stamp, self.id)
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let structure = match &self.item.content {
            Content::Structure(structure) => {
                let Policy { publish, edit, point } = &structure.policy;
                let names = [publish, edit, point].into_iter().map(Who::len).sum::<usize>();
                8 * structure.order.len() + 64 * names
            }
            _ => 0,
        };
        // An edit's hashes are kept once, and charged to each of its versions in equal shares at least.
        let shares = 32 * self.edit.items.len() / SHARES;
        256 + 20 * self.item.seen.len()
            + shares
            + structure
            + self.body.as_ref().map_or(0, |body| body.bytes().len())
    }
}

/// The name of the version that an edit's item is.
pub(crate) fn id(document: DocumentId, item: &Hash, edit: &Edit) -> Hash {
    let edit = edit.hash(document);
    Hash::of(Domain::Version).with(&item.0).with(&edit.0).finish()
}

/// The short name of a version.
pub(crate) fn tag_of(id: &Hash) -> Tag {
    let [a, b, c, d, ..] = id.0;
    Tag(u32::from_le_bytes([a, b, c, d]))
}
