//! The key file: 32 secret bytes beside the store, readable by their owner alone.
//!
//! It is in no backup and no export, because two stores with one key would issue the same numbers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guildsync_types::{SecretKey, WriterId};

use crate::error::StoreError;
use crate::folder::{draft_of, with_ending};

/// Where the key of the store at `store` lies: `<store>.key`.
#[must_use]
pub fn path_of(store: &Path) -> PathBuf {
    with_ending(store, ".key")
}

/// A key from `seed`, or from the system's randomness.
pub(crate) fn new(seed: Option<[u8; 32]>) -> Result<SecretKey, StoreError> {
    Ok(SecretKey::from_seed(&seed.map_or_else(random::<32>, Ok)?))
}

/// Random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::NoRandomness(e.to_string()))?;
    Ok(bytes)
}

/// The key at `path`, if a file is there.
pub(crate) fn read(path: &Path) -> Result<Option<SecretKey>, StoreError> {
    match fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read the key file", path)(e)),
        Ok(bytes) => match bytes.as_slice().try_into() {
            Ok(seed) => Ok(Some(SecretKey::from_seed(&seed))),
            Err(_) => Err(StoreError::NotAKey { path: path.to_owned(), len: bytes.len() }),
        },
    }
}

/// Writes a key where none may be.
pub(crate) fn create(path: &Path, key: &SecretKey) -> Result<(), StoreError> {
    draft_of(path, &key.seed())?.publish(path)
}

/// Writes a key in the place of the one that is there.
pub(crate) fn replace(path: &Path, key: &SecretKey) -> Result<(), StoreError> {
    draft_of(path, &key.seed())?.replace(path)
}

/// Copies what is in the key file at `path` to a name of its own beside it.
pub(crate) fn keep_aside(path: &Path, of: Option<WriterId>) -> Result<PathBuf, StoreError> {
    let bytes = fs::read(path).map_err(StoreError::io("read the key file", path))?;
    let name = of.map_or_else(|| "unknown".to_owned(), |writer| writer.short());
    for n in 0_u32.. {
        let more = if n == 0 { String::new() } else { format!("-{n}") };
        let place = with_ending(path, format!(".of-{name}{more}"));
        match draft_of(&place, &bytes)?.publish(&place) {
            Ok(()) => return Ok(place),
            Err(StoreError::AlreadyExists { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::AlreadyExists { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_the_owners_alone_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_of(&folder.path().join("guild.gsync"));
        assert!(path.ends_with("guild.gsync.key"));
        let key = new(Some([5; 32])).unwrap();
        assert!(read(&path).unwrap().is_none());
        create(&path, &key).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().writer(), key.writer());
        assert!(matches!(create(&path, &key), Err(StoreError::AlreadyExists { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = new(None).unwrap();
        assert_ne!(other.writer(), new(None).unwrap().writer());
        replace(&path, &other).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().writer(), other.writer());
        let aside = keep_aside(&path, Some(other.writer())).unwrap();
        assert_ne!(keep_aside(&path, Some(other.writer())).unwrap(), aside);
        assert_eq!(fs::read(&aside).unwrap(), other.seed());
        fs::write(&path, [0; 31]).unwrap();
        assert!(matches!(read(&path), Err(StoreError::NotAKey { len: 31, .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no draft is left behind");
    }
}
