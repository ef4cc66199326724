//! What is durable: one member's key and profiles as of the last commit.
//!
//! A commit costs what it adds: sealed segments behind what is there, as in a real store. They are put
//! together only when somebody looks. A crash brings back exactly what was committed, without what only
//! waited in memory; a restored backup, an older state; a wiped store, an empty one and a new key.
//! Profiles are never deleted here.

use std::collections::BTreeMap;

use guildsync::log::{Heads, Log, Profile, ProfileKind, Profiles, Segment};
use guildsync::types::{ProfileId, SecretKey};

use crate::dice::Dice;

/// One member's store.
#[derive(Debug)]
pub struct Disk {
    key: SecretKey,
    durable: Profiles,
    /// Committed, and not yet part of `durable`.
    writes: Vec<Write>,
    /// How far the last commit was.
    heads: BTreeMap<ProfileId, Heads>,
    active: ProfileId,
    backup: Option<(SecretKey, Profiles)>,
    /// Whether commits are kept: nothing crashes where only cost is measured.
    keeps: bool,
    dice: Dice,
}

#[derive(Debug)]
enum Write {
    Profile(Profile),
    Segment(ProfileId, Box<Segment>),
    Active(ProfileId),
}

impl Disk {
    /// A store that holds `profiles`. Without `keeps`, commits change nothing in it.
    #[must_use]
    pub fn new(key: SecretKey, profiles: Profiles, keeps: bool, dice: Dice) -> Self {
        let mut disk = Self {
            key,
            active: profiles.active_id(),
            durable: profiles,
            writes: Vec::new(),
            heads: BTreeMap::new(),
            backup: None,
            keeps,
            dice,
        };
        disk.know_heads();
        disk
    }

    /// The key that is in force after a restart.
    #[must_use]
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// What is durable, as far as it was put together: all of it after [`Disk::settle`].
    #[must_use]
    pub fn settled(&self) -> &Profiles {
        &self.durable
    }

    /// Makes `profiles` durable.
    pub fn save(&mut self, profiles: &Profiles) {
        if !self.keeps {
            return;
        }
        for log in profiles.iter() {
            let id = log.profile().id;
            if !self.heads.contains_key(&id) {
                self.writes.push(Write::Profile(log.profile().clone()));
            }
            let saved = self.heads.entry(id).or_default();
            let heads = log.heads();
            if *saved != heads {
                let added = log.lacking(saved).into_iter();
                self.writes.extend(added.map(|one| Write::Segment(id, Box::new(one))));
                *saved = heads;
            }
        }
        if self.active != profiles.active_id() {
            self.active = profiles.active_id();
            self.writes.push(Write::Active(self.active));
        }
    }

    /// Puts together what was committed.
    ///
    /// # Errors
    /// When it does not fit together, in words.
    pub fn settle(&mut self) -> Result<(), String> {
        for write in std::mem::take(&mut self.writes) {
            match write {
                Write::Profile(profile) => {
                    self.durable.add(profile).map_err(|why| why.to_string())?;
                }
                Write::Segment(id, segment) => {
                    let log = self.durable.get_mut(&id).ok_or("a segment without a log")?;
                    log.restore(*segment).map_err(|why| format!("a commit is refused: {why}"))?;
                }
                Write::Active(id) => self.durable.switch(&id).map_err(|why| why.to_string())?,
            }
        }
        let differs = |(id, heads): (&ProfileId, &Heads)| {
            self.durable.get(id).is_none_or(|log| log.heads() != *heads)
        };
        match self.heads.iter().any(differs) {
            true => Err("what was committed does not add up to what was held".to_owned()),
            false => Ok(()),
        }
    }

    /// What a program finds when it starts: rebuilt from sealed chains alone, as a store does it.
    ///
    /// # Errors
    /// When what is rebuilt is not what was saved, in words.
    pub fn load(&mut self) -> Result<Profiles, String> {
        self.settle()?;
        if !self.keeps {
            return Ok(self.durable.clone());
        }
        let mut logs = Vec::new();
        for saved in self.durable.iter() {
            let mut log = Log::new(saved.profile().clone());
            let mut segments = saved.lacking(&Heads::default());
            if let ProfileKind::Owned { creator } = saved.profile().kind {
                segments.sort_by_key(|segment| segment.writer != creator);
            }
            for segment in segments {
                log.restore(segment).map_err(|why| format!("a saved chain is refused: {why}"))?;
            }
            if log.heads() != saved.heads() {
                return Err(format!("profile {:?} is loaded with other heads", saved.label()));
            }
            logs.push(log);
        }
        Profiles::restore(logs, self.durable.active_id(), BTreeMap::new())
            .ok_or_else(|| "the active profile was not saved".to_owned())
    }

    /// Goes on with another key.
    pub fn replace_key(&mut self, key: SecretKey) {
        self.key = key;
    }

    /// A key that nobody has had.
    pub fn new_key(&mut self) -> SecretKey {
        SecretKey::from_seed(&self.dice.bytes())
    }

    /// Copies the store to a safe place; key and all, as people copy folders.
    ///
    /// # Errors
    /// As [`Disk::settle`].
    pub fn back_up(&mut self) -> Result<(), String> {
        self.settle()?;
        self.backup = Some((self.key.clone(), self.durable.clone()));
        Ok(())
    }

    /// Whether there is a copy.
    #[must_use]
    pub fn has_backup(&self) -> bool {
        self.backup.is_some()
    }

    /// Puts the copy in the store's place. False, and nothing changed, if none was made.
    pub fn restore_backup(&mut self) -> bool {
        let Some((key, profiles)) = self.backup.clone() else { return false };
        self.key = key;
        self.replace(profiles);
        true
    }

    /// Loses everything: an empty store with a new key.
    pub fn wipe(&mut self) {
        self.key = self.new_key();
        self.backup = None;
        self.replace(Profiles::default());
    }

    fn replace(&mut self, profiles: Profiles) {
        self.active = profiles.active_id();
        self.durable = profiles;
        self.writes.clear();
        self.know_heads();
    }

    fn know_heads(&mut self) {
        self.heads = self.durable.iter().map(|log| (log.profile().id, log.heads())).collect();
    }
}
