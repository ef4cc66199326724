//! A disk in memory that forgets what was not synced, and whose syncs can fail.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// What a disk loses in one piece, if it loses it.
const SECTOR: usize = 512;

/// A disk; clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What reads see: everything written.
    seen: Vec<u8>,
    /// What survives a crash.
    durable: Vec<u8>,
    /// Sectors written since the last sync.
    unsynced: BTreeSet<usize>,
    n_syncs: usize,
    /// How many bytes were written.
    n_written: usize,
    fail_sync: Option<usize>,
    /// How much was acknowledged, as the test says.
    n_acked: usize,
    images: Vec<Image>,
    recording: bool,
}

/// What could be found on the disk after a crash.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) n_acked: usize,
}

impl Disk {
    /// A disk that keeps what a crash at every sync would leave.
    pub(crate) fn recording() -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().recording = true;
        disk
    }

    /// A disk whose sync number `n` fails, and forgets what it should have synced.
    pub(crate) fn failing_at(n: usize) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().fail_sync = Some(n);
        disk
    }

    /// A disk with these contents.
    pub(crate) fn holding(bytes: Vec<u8>) -> Self {
        let state = State { seen: bytes.clone(), durable: bytes, ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn acknowledge(&self, n_acked: usize) {
        self.0.lock().unwrap().n_acked = n_acked;
    }

    pub(crate) fn n_syncs(&self) -> usize {
        self.0.lock().unwrap().n_syncs
    }

    pub(crate) fn n_written(&self) -> usize {
        self.0.lock().unwrap().n_written
    }

    pub(crate) fn images(&self) -> Vec<Image> {
        self.0.lock().unwrap().images.clone()
    }

    /// What reads see now.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().seen.clone()
    }

    /// The disk after the power failed now: nothing unsynced is left.
    pub(crate) fn after_power_failure(&self) -> Self {
        Self::holding(self.0.lock().unwrap().durable.clone())
    }

    /// The disk after the program was killed now: the system still has everything.
    pub(crate) fn after_kill(&self) -> Self {
        Self::holding(self.bytes())
    }
}

impl State {
    fn touch(&mut self, from: usize, to: usize) {
        self.unsynced.extend(from / SECTOR..=to / SECTOR);
    }

    fn keep(&mut self, name: &str, bytes: Vec<u8>) {
        let name = format!("{name} sync {}", self.n_syncs);
        self.images.push(Image { name, bytes, n_acked: self.n_acked });
    }

    /// What is left if only some of the unsynced sectors arrived.
    fn partly(&self, which: usize) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        bytes.resize(self.seen.len(), 0);
        let mut random = 0x9e37_79b9_7f4a_7c15 ^ (self.n_syncs * 31 + which + 1) as u64;
        for &sector in &self.unsynced {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let range = sector * SECTOR..((sector + 1) * SECTOR).min(bytes.len());
            if random.is_multiple_of(2) && range.start < range.end {
                bytes[range.clone()].copy_from_slice(&self.seen[range]);
            }
        }
        bytes
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        let range = offset as usize..offset as usize + out.len();
        out.copy_from_slice(state.seen.get(range).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let (old, new) = (state.seen.len(), len as usize);
        state.seen.resize(new, 0);
        state.touch(old.min(new), old.max(new));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let n = state.n_syncs;
        if state.recording {
            let none = state.durable.clone();
            state.keep("nothing of", none);
            for which in 0..3 {
                let some = state.partly(which);
                state.keep("some of", some);
            }
            let all = state.seen.clone();
            state.keep("all of", all);
        }
        state.n_syncs += 1;
        if state.fail_sync == Some(n) {
            // As Linux does: what could not be written counts as clean and is not tried again, while
            // reads still see it.
            state.unsynced.clear();
            return Err(io::Error::other("the disk failed"));
        }
        let State { seen, durable, unsynced, .. } = &mut *state;
        durable.resize(seen.len(), 0);
        for &sector in unsynced.iter() {
            let range = sector * SECTOR..((sector + 1) * SECTOR).min(seen.len());
            if range.start < range.end {
                durable[range.clone()].copy_from_slice(&seen[range]);
            }
        }
        unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let range = offset as usize..offset as usize + data.len();
        state
            .seen
            .get_mut(range.clone())
            .ok_or(io::ErrorKind::UnexpectedEof)?
            .copy_from_slice(data);
        state.touch(range.start, range.end.saturating_sub(1));
        state.n_written += data.len();
        Ok(())
    }
}
