//! A storage backend that keeps writes back until they are released.
//!
//! redb writes while it opens a file: it marks the file as in use, and repairs one that was not
//! closed. Whether a store is accepted shows only after all of it was read, and a refused store must
//! keep every byte. So redb works on a [`Held`] backend, which records what it would do; [`Hold`]
//! then does all of it in the same order, or never. A reader never does, so it can read a file that
//! was not closed, repaired in memory, without touching it.
//!
//! redb also trusts the file: of one that was closed it takes the bookkeeping without looking at
//! checksums, and damage there makes it panic. [`Trust::Nothing`] shows the file as one that was not
//! closed, so that redb checks every page first.

use std::io;
use std::ops::Bound;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use redb::{BackendError, StorageBackend};

/// How a file is locked while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Others may read it, too.
    Read,
    /// Nobody else has it open.
    Write,
}

/// How much redb may take for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Every page has to be checked. What redb would write then is never released.
    Nothing,
    /// Every page was checked just now.
    Checked,
}

/// The backend that redb is given.
#[derive(Debug)]
pub(crate) struct Held(Arc<Inner>);

/// The other end of a [`Held`] backend, which decides over its writes.
#[derive(Debug)]
pub(crate) struct Hold(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Arc<dyn StorageBackend>,
    access: Access,
    trust: Trust,
    /// The file's length and what is shown differently in it, as of the first look: redb looks only
    /// after it has locked the file.
    found: OnceLock<(u64, Vec<Step>)>,
    state: RwLock<State>,
}

#[derive(Debug)]
enum State {
    Holding(Vec<Step>),
    Released,
    /// Releasing failed half way: what is on disk looks like a crash, and stays so.
    Failed,
}

#[derive(Debug)]
enum Step {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

impl Held {
    pub(crate) fn new(file: Arc<dyn StorageBackend>, access: Access, trust: Trust) -> (Self, Hold) {
        let state = RwLock::new(State::Holding(Vec::new()));
        let inner = Arc::new(Inner { file, access, trust, found: OnceLock::new(), state });
        (Self(inner.clone()), Hold(inner))
    }

    fn step(&self, step: Step) -> io::Result<()> {
        match &mut *self.0.state.write().unwrap_or_else(PoisonError::into_inner) {
            State::Holding(steps) => steps.push(step),
            State::Released => return step.take(&*self.0.file),
            State::Failed => return Err(io::Error::other("an earlier write failed")),
        }
        Ok(())
    }
}

impl Hold {
    /// Does everything that was kept back, in order, and keeps back nothing more.
    pub(crate) fn release(self) -> io::Result<()> {
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        let State::Holding(steps) = std::mem::replace(&mut *state, State::Failed) else {
            return Ok(());
        };
        steps.into_iter().try_for_each(|step| step.take(&*self.0.file))?;
        *state = State::Released;
        Ok(())
    }
}

impl Inner {
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(&self) -> io::Result<&(u64, Vec<Step>)> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let len = self.file.len()?;
        let shown = match self.trust {
            Trust::Nothing if len >= HEADER_BYTES => distrust(&*self.file)?,
            Trust::Nothing | Trust::Checked => Vec::new(),
        };
        Ok(self.found.get_or_init(|| (len, shown)))
    }
}

/// Shows a file that redb has committed to in two phases as if it had done so in one: then it does
/// not take its bookkeeping from the file but walks all pages and compares their checksums. The newest
/// commit stands in both slots, so that there is no older one to go back to.
///
/// The header is laid out in redb's `docs/design.md`: 9 bytes of magic, a byte of flags, from byte 64
/// on two slots of 128 bytes.
fn distrust(file: &dyn StorageBackend) -> io::Result<Vec<Step>> {
    const FLAGS_AT: u64 = 9;
    const SECOND_IS_PRIMARY: u8 = 1;
    const TWO_PHASES: u8 = 4;
    const SLOTS_AT: [u64; 2] = [64, 192];
    let (mut flags, mut slot) = ([0], vec![0; 128]);
    file.read(FLAGS_AT, &mut flags)?;
    if flags[0] & TWO_PHASES == 0 {
        return Ok(Vec::new());
    }
    let primary = usize::from(flags[0] & SECOND_IS_PRIMARY);
    file.read(SLOTS_AT[primary], &mut slot)?;
    let flags = vec![flags[0] & !TWO_PHASES];
    Ok(vec![Step::Write(FLAGS_AT, flags), Step::Write(SLOTS_AT[1 - primary], slot)])
}

/// The length of redb's header.
const HEADER_BYTES: u64 = 320;

impl Step {
    fn take(self, file: &dyn StorageBackend) -> io::Result<()> {
        match self {
            Self::Write(at, data) => file.write(at, &data),
            Self::SetLen(len) => file.set_len(len),
            Self::Sync => file.sync_data(),
        }
    }

    /// Does to the bytes read from `offset` on what the step does to the file.
    fn show(&self, offset: u64, out: &mut [u8]) {
        let end = offset + out.len() as u64;
        match self {
            Self::Write(at, data) => {
                let from = offset.max(*at);
                let to = end.min(at + data.len() as u64);
                if from < to {
                    let data = &data[(from - at) as usize..(to - at) as usize];
                    out[(from - offset) as usize..(to - offset) as usize].copy_from_slice(data);
                }
            }
            Self::SetLen(len) if *len < end => out[len.saturating_sub(offset) as usize..].fill(0),
            Self::SetLen(_) | Self::Sync => {}
        }
    }
}

fn len_after(len: u64, steps: &[Step]) -> u64 {
    let set = steps.iter().rev().find_map(|step| match step {
        Step::SetLen(len) => Some(*len),
        Step::Write(..) | Step::Sync => None,
    });
    set.unwrap_or(len)
}

impl StorageBackend for Held {
    fn len(&self) -> io::Result<u64> {
        let state = self.0.state();
        match &*state {
            State::Holding(steps) => Ok(len_after(self.0.found()?.0, steps)),
            State::Released | State::Failed => self.0.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.state();
        let State::Holding(steps) = &*state else { return self.0.file.read(offset, out) };
        let (len, shown) = self.0.found()?;
        let end = offset.checked_add(out.len() as u64);
        if end.is_none_or(|end| end > len_after(*len, steps)) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let on_disk = len.saturating_sub(offset).min(out.len() as u64) as usize;
        self.0.file.read(offset, &mut out[..on_disk])?;
        out[on_disk..].fill(0);
        shown.iter().chain(steps).for_each(|step| step.show(offset, out));
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.step(Step::SetLen(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step(Step::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.step(Step::Write(offset, data.to_vec()))
    }

    fn close(&self) -> io::Result<()> {
        match (self.0.trust, self.0.access) {
            // The check is over; the locks stay for whoever opens the file now.
            (Trust::Nothing, Access::Write) => Ok(()),
            _ => self.0.file.close(),
        }
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        // redb believes that it writes, and asks for itself alone; readers share.
        match self.0.access {
            Access::Read => self.0.file.try_lock_shared_range(start, end),
            Access::Write => self.0.file.try_lock_range(start, end),
        }
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        match self.0.access {
            Access::Read => self.0.file.lock_shared_range(start, end),
            Access::Write => self.0.file.lock_range(start, end),
        }
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    fn held() -> (Held, Hold) {
        let file = InMemoryBackend::new();
        file.set_len(8).unwrap();
        file.write(0, b"abcdefgh").unwrap();
        Held::new(Arc::new(file), Access::Write, Trust::Checked)
    }

    fn all(backend: &dyn StorageBackend) -> Vec<u8> {
        let mut bytes = vec![0; backend.len().unwrap() as usize];
        backend.read(0, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_held_shows_and_reaches_the_file_only_when_released() {
        let (held, hold) = held();
        held.write(2, b"XY").unwrap();
        held.set_len(5).unwrap();
        held.set_len(9).unwrap();
        held.write(7, b"Z").unwrap();
        held.sync_data().unwrap();
        assert_eq!(all(&held), b"abXYe\0\0Z\0");
        let mut middle = [0; 3];
        held.read(3, &mut middle).unwrap();
        assert_eq!(&middle, b"Ye\0");
        assert!(held.read(7, &mut middle).is_err());
        assert_eq!(all(&*held.0.file), b"abcdefgh");
        hold.release().unwrap();
        assert_eq!(all(&*held.0.file), b"abXYe\0\0Z\0");
        held.write(0, b"!").unwrap();
        assert_eq!(all(&*held.0.file), b"!bXYe\0\0Z\0");
    }

    #[test]
    fn what_is_never_released_never_reaches_the_file() {
        let (held, hold) = held();
        held.write(0, b"XXXX").unwrap();
        held.set_len(4).unwrap();
        drop(hold);
        assert_eq!(all(&held), b"XXXX");
        assert_eq!(all(&*held.0.file), b"abcdefgh");
    }
}
