//! What a profile is: its id, its kind, its first label.

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, ProfileId, ProfileName, WriterId};

use crate::entry::{Change, Draft};

/// A profile as members announce it to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its identity, which no renaming changes.
    pub id: ProfileId,
    /// Who may write.
    pub kind: ProfileKind,
    /// The label it began with.
    pub name: ProfileName,
}

/// Who may write into a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileKind {
    /// Whoever is in the group: the way of seed 000, and the default.
    Open,
    /// Its creator, and whom an owner granted a role.
    Owned {
        /// The first owner.
        creator: WriterId,
    },
}

impl Profile {
    /// The open profile of a name: the same id on every replica, so same-named ones merge.
    #[must_use]
    pub fn open(name: ProfileName) -> Self {
        Self { id: ProfileId::of_name(&name), kind: ProfileKind::Open, name }
    }

    /// The open profile "Default", which every replica has.
    #[must_use]
    pub fn default_profile() -> Self {
        Self::open(ProfileName::default_profile())
    }

    /// The owned profile that `creation` begins when `creator` writes it as entry 1.
    ///
    /// `None` if the draft is not a [`Change::ProfileCreated`].
    #[must_use]
    pub fn owned(creator: WriterId, creation: &Draft) -> Option<Self> {
        let Change::ProfileCreated { name } = &creation.change else { return None };
        let id =
            Hash::of(Domain::OwnedProfile).with(&creator.0).with(&creation.to_bytes()).finish();
        let kind = ProfileKind::Owned { creator };
        Some(Self { id: ProfileId(id.0), kind, name: name.clone() })
    }

    /// Whether `id` follows from the rest: for open profiles by the name, for owned ones by the
    /// creation entry, which only the log holds.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        match self.kind {
            ProfileKind::Open => self.id == ProfileId::of_name(&self.name),
            ProfileKind::Owned { .. } => true,
        }
    }
}
