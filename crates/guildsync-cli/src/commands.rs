//! The commands, one module each: its arguments, what it does, what it prints.

pub(crate) mod audit;
pub(crate) mod award;
pub(crate) mod backup;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod log;
pub(crate) mod merge;
pub(crate) mod profile;
pub(crate) mod restore;
pub(crate) mod sheet;
pub(crate) mod standings;
pub(crate) mod table;
pub(crate) mod trace;
pub(crate) mod undo;
pub(crate) mod verify;

use std::path::Path;

use guildsync::store::{self, Loaded};

use crate::desk;
use crate::failure::Failure;
use crate::out;
use crate::progress::Busy;

/// Reads a store as far as it can be read, and warns of damage.
fn read(path: &Path) -> Result<Loaded, Failure> {
    let busy = Busy::new("reading the store");
    let loaded = store::read(path)?;
    drop(busy);
    let n_more = loaded.damage.len().saturating_sub(1);
    if let Some(first) = loaded.damage.first() {
        let more = if n_more == 0 { String::new() } else { format!(" (and {n_more} more)") };
        out::note(format_args!(
            "warning: {} is damaged: {first}{more}; what follows is what is left of it; \
             see all of it with `guildsync verify`",
            path.display()
        ));
    }
    Ok(loaded)
}

/// What a store holds, if it is sound and no backup: it is to be written.
fn sound(path: &Path) -> Result<Loaded, Failure> {
    let mut loaded = store::read(path)?;
    desk::refuse_damage(path, std::mem::take(&mut loaded.damage))?;
    desk::refuse_backup(path, loaded.writer)?;
    Ok(loaded)
}

/// Refuses to be told one store twice.
fn refuse_same(a: &Path, b: &Path) -> Result<(), Failure> {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => Err(Failure::usage(format!(
            "{} is one and the same store as {}: name two",
            a.display(),
            b.display()
        ))),
        _ => Ok(()),
    }
}
