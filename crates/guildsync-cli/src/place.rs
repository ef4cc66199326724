//! Files that appear whole or not at all, in places where nothing is replaced unasked.

use std::io::Write;
use std::path::Path;

use crate::failure::Failure;

/// Refuses a place where something is, unless it may be replaced.
pub(crate) fn refuse_taken(path: &Path, force: bool) -> Result<(), Failure> {
    match !force && path.symlink_metadata().is_ok() {
        true => Err(in_the_way(path)),
        false => Ok(()),
    }
}

/// Writes a file beside its place and moves it there.
pub(crate) fn save(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    let cannot = |why: std::io::Error| {
        Failure::error(format!("cannot write {}: {why}; choose another place", path.display()))
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    // What anyone may read of the folder's files; a temporary file is its owner's alone otherwise.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(cannot)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(cannot)?;
    let moved = match force {
        true => file.persist(path),
        false => file.persist_noclobber(path),
    };
    match moved {
        Ok(_) => Ok(()),
        Err(why) if why.error.kind() == std::io::ErrorKind::AlreadyExists => Err(in_the_way(path)),
        Err(why) => Err(cannot(why.error)),
    }
}

fn in_the_way(path: &Path) -> Failure {
    Failure::error(format!(
        "{} exists already and is not replaced: choose another place, or add `--force`",
        path.display()
    ))
}
