//! All profiles of one replica: their logs, which one is active, what deletion leaves behind.

use std::collections::BTreeMap;

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, ProfileId, WriterId};
use thiserror::Error;

use crate::chain::Chain;
use crate::frontier::Frontier;
use crate::log::Log;
use crate::profile::Profile;

/// The logs of a replica. There is always at least one, and one of them is active.
#[derive(Debug, Clone)]
pub struct Profiles {
    logs: BTreeMap<ProfileId, Log>,
    active: ProfileId,
    /// What deleted profiles held: their numbers are never used again.
    left_behind: BTreeMap<ProfileId, Frontier>,
}

/// Why a profile operation was refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// No profile of this name or id.
    #[error("there is no profile {wanted:?}; there are: {known}")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The labels there are.
        known: String,
    },
    /// Several profiles have this name.
    #[error("{n} profiles are named {wanted:?}: name the id instead ({ids})")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// How many fit.
        n: usize,
        /// Their ids, short.
        ids: String,
    },
    /// A profile of this id exists.
    #[error("profile {name:?} exists already: switch to it with `guildsync profile switch`")]
    Exists {
        /// Its label.
        name: String,
    },
    /// The active profile cannot be deleted.
    #[error("profile {name:?} is active and cannot be deleted: switch to another one first")]
    Active {
        /// Its label.
        name: String,
    },
    /// The only profile cannot be deleted.
    #[error("profile {name:?} is the only one and cannot be deleted: create another one first")]
    Only {
        /// Its label.
        name: String,
    },
}

impl Default for Profiles {
    /// Everyone has the open profile "Default", active.
    fn default() -> Self {
        Self::new(Profile::default_profile())
    }
}

impl Profiles {
    /// One empty profile, active.
    #[must_use]
    pub fn new(first: Profile) -> Self {
        let active = first.id;
        let logs = BTreeMap::from([(active, Log::new(first))]);
        Self { logs, active, left_behind: BTreeMap::new() }
    }

    /// Puts together what a store holds. `None` if `active` is not among the logs.
    #[must_use]
    pub fn restore(
        logs: impl IntoIterator<Item = Log>,
        active: ProfileId,
        left_behind: BTreeMap<ProfileId, Frontier>,
    ) -> Option<Self> {
        let logs: BTreeMap<_, _> = logs.into_iter().map(|log| (log.profile().id, log)).collect();
        logs.contains_key(&active).then_some(Self { logs, active, left_behind })
    }

    /// The active profile's id.
    #[must_use]
    pub fn active_id(&self) -> ProfileId {
        self.active
    }

    /// The active profile's log.
    #[must_use]
    pub fn active(&self) -> &Log {
        &self.logs[&self.active]
    }

    /// A profile's log.
    #[must_use]
    pub fn get(&self, id: &ProfileId) -> Option<&Log> {
        self.logs.get(id)
    }

    /// A profile's log, to change.
    pub fn get_mut(&mut self, id: &ProfileId) -> Option<&mut Log> {
        self.logs.get_mut(id)
    }

    /// All logs, by profile id.
    pub fn iter(&self) -> impl Iterator<Item = &Log> {
        self.logs.values()
    }

    /// The profile that a person means: by label, or by the first digits (8 or more) of its id.
    ///
    /// # Errors
    /// Unknown, or ambiguous.
    pub fn find(&self, wanted: &str) -> Result<&Log, ProfileError> {
        let by_id = |log: &&Log| {
            wanted.len() >= 8 && log.profile().id.to_string().starts_with(&wanted.to_lowercase())
        };
        let labelled: Vec<&Log> = self.iter().filter(|log| log.label() == wanted.trim()).collect();
        let found = match labelled.is_empty() {
            true => self.iter().filter(by_id).collect(),
            false => labelled,
        };
        match found[..] {
            [log] => Ok(log),
            [] => Err(ProfileError::Unknown {
                wanted: wanted.to_owned(),
                known: self.iter().map(Log::label).collect::<Vec<_>>().join(", "),
            }),
            _ => Err(ProfileError::Ambiguous {
                wanted: wanted.to_owned(),
                n: found.len(),
                ids: found.iter().map(|l| l.profile().id.short()).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// Adds an empty profile.
    ///
    /// # Errors
    /// [`ProfileError::Exists`].
    pub fn add(&mut self, profile: Profile) -> Result<&mut Log, ProfileError> {
        match self.logs.entry(profile.id) {
            std::collections::btree_map::Entry::Occupied(old) => {
                Err(ProfileError::Exists { name: old.get().label().to_owned() })
            }
            std::collections::btree_map::Entry::Vacant(place) => {
                Ok(place.insert(Log::new(profile)))
            }
        }
    }

    /// Makes a profile the active one.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`].
    pub fn switch(&mut self, id: &ProfileId) -> Result<(), ProfileError> {
        if !self.logs.contains_key(id) {
            return Err(self
                .find(&id.to_string())
                .err()
                .unwrap_or(ProfileError::Unknown { wanted: id.short(), known: String::new() }));
        }
        self.active = *id;
        Ok(())
    }

    /// Forgets a profile's entries here. Its heads stay, so that none of its numbers is used twice.
    ///
    /// # Errors
    /// The active or the only profile, or an unknown one.
    pub fn delete(&mut self, id: &ProfileId) -> Result<(), ProfileError> {
        let log = self.find(&id.to_string())?;
        let name = log.label().to_owned();
        if self.logs.len() == 1 {
            return Err(ProfileError::Only { name });
        }
        if *id == self.active {
            return Err(ProfileError::Active { name });
        }
        let mut left = self.left_behind.get(id).cloned().unwrap_or_default();
        for chain in log.chains() {
            // A branch's numbers were issued by the writer that was forked.
            for writer in [Some(chain.writer), chain.branch.map(|branch| branch.root)] {
                let Some(writer) = writer else { continue };
                left.set(writer, left.last(writer).max(chain.last));
            }
        }
        self.left_behind.insert(*id, left);
        self.logs.remove(id);
        Ok(())
    }

    /// What deleted profiles held.
    #[must_use]
    pub fn left_behind(&self) -> &BTreeMap<ProfileId, Frontier> {
        &self.left_behind
    }

    /// Whether `writer` can append to a profile without using a number a second time: not while a
    /// deleted and recreated profile lacks entries that `writer` wrote before.
    #[must_use]
    pub fn is_behind(&self, id: &ProfileId, writer: WriterId) -> bool {
        let held = self.logs.get(id).and_then(|log| log.content.chain(writer));
        let held = held.map_or(0, Chain::last);
        self.left_behind.get(id).is_some_and(|left| left.last(writer) > held)
    }

    /// One hash over heads and standings of every profile, recomputed from the entries: equal on all
    /// replicas that hold the same.
    #[must_use]
    pub fn state_hash(&self) -> Hash {
        let mut hasher = Hash::of(Domain::State);
        self.iter().for_each(|log| log.add_state(&mut hasher));
        hasher.finish()
    }
}
