//! A member's disk with a real store on it: memory that forgets what was not synced.
//!
//! The store is the one that members have, on a backend of its own. When a program is killed in the middle
//! of a commit, the backend stops at one of that commit's syncs, and of what was written since the last
//! one any part may have arrived; when it is killed at another moment, nothing is left to arrive.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guildsync::sections::{Saved as SheetsSaved, Shelf};
use guildsync::store::{Data, Store};
use guildsync::tables::{Saved, Tables};
use guildsync::types::SecretKey;
use redb::StorageBackend;

use crate::dice::Dice;

/// What a disk loses in one piece, if it loses it.
const SECTOR: usize = 512;
/// The most syncs of a commit after which it may be interrupted.
const SYNCS_MAX: usize = 3;

/// What a store held.
pub(crate) struct Stored {
    pub(crate) tables: (Tables, Saved),
    pub(crate) sheets: (Shelf, SheetsSaved),
}

/// One member's disk.
#[derive(Debug)]
pub(crate) struct Volume {
    key: SecretKey,
    /// What is on it while no program runs.
    at_rest: Vec<u8>,
    backup: Option<Vec<u8>>,
    open: Option<(Platter, Store)>,
    dice: Dice,
}

impl Volume {
    /// A disk with an empty store.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) fn new(key: SecretKey, dice: Dice) -> Result<Self, String> {
        let platter = Platter::default();
        let opened = Store::create_with_backend(platter.clone(), key.clone());
        drop(opened.map_err(|why| why.to_string())?);
        let at_rest = platter.seen();
        Ok(Self { key, at_rest, backup: None, open: None, dice })
    }

    /// Opens the store.
    ///
    /// # Errors
    /// What the store says: it has to open after any crash.
    pub(crate) fn open(&mut self) -> Result<Stored, String> {
        let platter = Platter::holding(self.at_rest.clone());
        let opened = Store::open_with_backend(platter.clone(), self.key.clone());
        let opened = opened.map_err(|why| why.to_string())?;
        self.open = Some((platter, opened.store));
        let tables = (opened.tables, opened.table_sync);
        Ok(Stored { tables, sheets: (opened.shelf, opened.section_sync) })
    }

    /// Makes tables and sheets durable.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) fn commit(&mut self, data: Data<'_>) -> Result<(), String> {
        let Some((_, store)) = &mut self.open else { return Err("it is not open".to_owned()) };
        store.commit(data).map_err(|why| why.to_string())
    }

    /// The program is killed; `writing`: in the middle of a commit of this.
    pub(crate) fn crash(&mut self, writing: Option<Data<'_>>) {
        let Some((platter, mut store)) = self.open.take() else { return };
        if let Some(data) = writing {
            platter.state().syncs_left = Some(self.dice.below(SYNCS_MAX + 1));
            // That it fails is the point; where it goes through, all of it arrived.
            let _ = store.commit(data);
        }
        platter.state().syncs_left = Some(0);
        self.at_rest = platter.state().after_crash(&mut self.dice);
        // Whatever the closing store writes is written to nothing.
        drop(store);
    }

    /// Copies what is on the disk to a safe place, as of the last commit.
    pub(crate) fn back_up(&mut self) {
        let now = self.open.as_ref().map(|(platter, _)| platter.state().durable.clone());
        self.backup = Some(now.unwrap_or_else(|| self.at_rest.clone()));
    }

    /// Puts the copy in place; the program does not run. Whether there was one.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(backup) = &self.backup else { return false };
        self.at_rest = backup.clone();
        true
    }

    /// Whether there is a copy.
    pub(crate) fn has_backup(&self) -> bool {
        self.backup.is_some()
    }
}

/// Bytes that know which of them are safe; clones are the same bytes.
#[derive(Debug, Clone, Default)]
struct Platter(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What reads see: everything written.
    seen: Vec<u8>,
    /// What survives a crash.
    durable: Vec<u8>,
    /// Sectors written since the last sync.
    unsynced: BTreeSet<usize>,
    /// How many syncs go well before the power fails; `None`: it does not.
    syncs_left: Option<usize>,
    is_dead: bool,
}

impl Platter {
    fn holding(bytes: Vec<u8>) -> Self {
        let state = State { seen: bytes.clone(), durable: bytes, ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> Vec<u8> {
        self.state().seen.clone()
    }
}

impl State {
    fn touch(&mut self, from: usize, to: usize) {
        self.unsynced.extend(from / SECTOR..=to / SECTOR);
    }

    /// What is left: of what was not synced, any part.
    fn after_crash(&self, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        if self.unsynced.is_empty() {
            return bytes;
        }
        bytes.resize(self.seen.len().max(bytes.len()), 0);
        let share = dice.unit();
        for &sector in &self.unsynced {
            let range = sector * SECTOR..((sector + 1) * SECTOR).min(self.seen.len());
            if dice.happens(share) && range.start < range.end {
                bytes[range.clone()].copy_from_slice(&self.seen[range]);
            }
        }
        bytes
    }

    fn power(&self) -> io::Result<()> {
        match self.is_dead {
            true => Err(io::Error::other("the power is gone")),
            false => Ok(()),
        }
    }
}

impl StorageBackend for Platter {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let range = offset as usize..offset as usize + out.len();
        out.copy_from_slice(state.seen.get(range).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.power()?;
        let (old, new) = (state.seen.len(), len as usize);
        state.seen.resize(new, 0);
        state.touch(old.min(new), old.max(new));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.power()?;
        if state.syncs_left == Some(0) {
            state.is_dead = true;
            return state.power();
        }
        state.syncs_left = state.syncs_left.map(|left| left - 1);
        let State { seen, durable, unsynced, .. } = &mut *state;
        durable.resize(seen.len(), 0);
        for sector in std::mem::take(unsynced) {
            let range = sector * SECTOR..((sector + 1) * SECTOR).min(seen.len());
            if range.start < range.end {
                durable[range.clone()].copy_from_slice(&seen[range]);
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.power()?;
        let range = offset as usize..offset as usize + data.len();
        let end = range.end;
        let place = state.seen.get_mut(range).ok_or(io::ErrorKind::UnexpectedEof)?;
        place.copy_from_slice(data);
        state.touch(offset as usize, end.saturating_sub(1));
        Ok(())
    }
}
