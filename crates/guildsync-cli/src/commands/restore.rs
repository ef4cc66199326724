//! `guildsync restore`: a new store from a backup.

use std::path::{Path, PathBuf};

use guildsync::log::Profiles;
use guildsync::store::{self, NewWriter, Opened};
use serde::Serialize;

use crate::args::{Acting, Globals};
use crate::desk;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::Busy;

/// Create the store anew from a backup
///
/// Creates the store from a backup, or from what is left of a damaged store. It goes on as a new
/// writer: nobody knows which numbers the old one has used since. Where the old key is still there,
/// it signs that the new writer goes on for the old one, and is kept under another name.
///
/// JSON: store, backup, entries, records (of tables), sheets, state_hash, writer, writer_before,
///   continues (whether the old key signed), old_key (where it is kept), lost: texts, dry_run; in a dry run writer is null
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Done<'a> {
    store: &'a Path,
    backup: &'a Path,
    entries: usize,
    records: usize,
    sheets: usize,
    state_hash: String,
    writer: Option<String>,
    writer_before: Option<String>,
    continues: bool,
    old_key: Option<PathBuf>,
    lost: Vec<String>,
    dry_run: bool,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let path = globals.store.as_path();
    if path.symlink_metadata().is_ok() {
        return Err(Failure::error(format!(
            "{0} exists already, and restoring would replace it: move it away, or name another \
             place with `--store`; to join the two, `guildsync merge --one-way {0} {1}`",
            path.display(),
            args.backup.display()
        )));
    }
    let loaded = store::read(&args.backup)?;
    let n_beside = [loaded.tables.len(), loaded.shelf.len()];
    let who = args.acting.who.clone().or(loaded.member);
    if args.dry_run.dry_run {
        let missing = |d: &store::Damage| matches!(d, store::Damage::MissingEntries { .. });
        let (lost, altered): (Vec<_>, Vec<_>) = loaded.damage.into_iter().partition(missing);
        desk::refuse_damage(&args.backup, altered)?;
        let lost = lost.iter().map(ToString::to_string).collect();
        return tell(args, done(path, args, &loaded.profiles, n_beside, None, lost));
    }
    let busy = Busy::new("restoring");
    let mut opened = store::restore(&args.backup, path)?;
    if let Some(who) = &args.acting.who {
        opened.store.set_member(who)?;
    }
    let new = opened.new_writer.take();
    let lost = opened.lost.iter().map(ToString::to_string).collect();
    let old_key = new.as_ref().and_then(|new| new.old_key.clone());
    let profiles = match &old_key {
        Some(old) => desk::continue_for(opened, old, who)?,
        None => {
            let Opened { profiles, .. } = opened;
            profiles
        }
    };
    drop(busy);
    tell(args, done(path, args, &profiles, n_beside, new, lost))
}

fn done<'a>(
    path: &'a Path,
    args: &'a Args,
    profiles: &Profiles,
    [records, sheets]: [usize; 2],
    new: Option<NewWriter>,
    lost: Vec<String>,
) -> Done<'a> {
    let before = new.as_ref().and_then(|new| new.before);
    Done {
        store: path,
        backup: &args.backup,
        entries: profiles.iter().map(guildsync::log::Log::len).sum(),
        records,
        sheets,
        state_hash: profiles.state_hash().to_string(),
        writer: new.as_ref().map(|new| new.writer.to_string()),
        writer_before: before.map(|writer| writer.to_string()),
        continues: new.as_ref().is_some_and(|new| new.old_key.is_some()),
        old_key: new.and_then(|new| new.kept_at),
        lost,
        dry_run: args.dry_run.dry_run,
    }
}

fn tell(args: &Args, done: Done<'_>) -> Result<(), Failure> {
    for lost in &done.lost {
        out::note(format_args!(
            "warning: not in the backup: {lost}; other members may have it, `guildsync merge` \
             with one of them brings it back"
        ));
    }
    if args.format.json {
        return out::json(&done);
    }
    let entries = out::holdings(done.entries, done.records, done.sheets);
    let did =
        format!("restored {entries} from {} to {}", done.backup.display(), done.store.display());
    let mut text = args.dry_run.tell(&did);
    if let Some(writer) = &done.writer {
        text += &format!("\nIt writes as a new writer, {writer}.");
    }
    if let (true, Some(before)) = (done.continues, &done.writer_before) {
        text += &format!("\nIts old key signed that it goes on for {before}.");
    } else if done.writer.is_some() {
        text += "\nIn owned profiles an owner has to grant it a role (`guildsync profile grant`).";
    }
    if let Some(kept) = &done.old_key {
        text += &format!("\nThe old key is kept as {}.", kept.display());
    }
    out::print(text)
}
