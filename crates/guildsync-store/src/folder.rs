//! Files that appear whole or not at all: written beside their place, synced, moved there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use guildsync_types::hash::to_hex;

use crate::error::StoreError;
use crate::key;

/// A file that is being written beside its place. Unless it is moved there, it is removed again.
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
}

impl Draft {
    /// An empty file beside `place`, readable by its owner alone.
    pub(crate) fn beside(place: &Path) -> Result<(Self, File), StoreError> {
        let mut ending = OsString::from(".");
        ending.push(to_hex(&key::random::<8>()?));
        ending.push(".tmp");
        let path = with_ending(place, &ending);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(StoreError::io("create", &path))?;
        Ok((Self { path }, file))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the file, which is synced, to `place` where nothing may be.
    pub(crate) fn publish(self, place: &Path) -> Result<(), StoreError> {
        // A link fails where a file is; moving would replace it. Where there are no links, one look
        // has to do.
        match fs::hard_link(&self.path, place) {
            Ok(()) => fs::remove_file(&self.path).map_err(StoreError::io("remove", &self.path))?,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StoreError::AlreadyExists { path: place.to_owned() });
            }
            Err(_) => {
                refuse_existing(place)?;
                fs::rename(&self.path, place).map_err(StoreError::io("create", place))?;
            }
        }
        sync_folder_of(place)
    }

    /// Moves the file, which is synced, to `place`, in the place of what is there.
    pub(crate) fn replace(self, place: &Path) -> Result<(), StoreError> {
        fs::rename(&self.path, place).map_err(StoreError::io("replace", place))?;
        sync_folder_of(place)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Moved, it is not there any more; otherwise it is of no use to anyone.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes a small file beside `place` and syncs it.
pub(crate) fn draft_of(place: &Path, bytes: &[u8]) -> Result<Draft, StoreError> {
    let (draft, mut file) = Draft::beside(place)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(StoreError::io("write", draft.path()))?;
    Ok(draft)
}

/// An error if anything is at `place`.
pub(crate) fn refuse_existing(place: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(place) {
        Ok(_) => Err(StoreError::AlreadyExists { path: place.to_owned() }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(StoreError::io("look at", place)(e)),
    }
}

/// `path` with `ending` behind its name.
pub(crate) fn with_ending(path: &Path, ending: impl AsRef<std::ffi::OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes a new or moved name durable: the name is the folder's content, not the file's.
fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(StoreError::io("sync the folder", folder))?;
    }
    Ok(())
}
