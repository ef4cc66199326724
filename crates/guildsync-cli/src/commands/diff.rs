//! `guildsync diff`: what each of two stores lacks.

use std::path::{Path, PathBuf};

use guildsync::log::Profiles;
use guildsync::types::EntryId;
use serde::Serialize;

use crate::args::Globals;
use crate::compare::{self, Lack};
use crate::failure::Failure;
use crate::line;
use crate::out::{self, Format};
use crate::table;

/// Name exactly what each of two stores lacks
///
/// Says profile, writer and entries, and exits with 3 if the two differ. With --verbose it lists each
/// entry.
///
/// JSON: equal, a, b (each: store, state_hash, entries, lacks_entries, damage: texts,
///   lacks: [{profile, profile_id, whole_profile, writer, first, last, count, first_id, last_id,
///   forked, entries: texts with --verbose}])
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// One store
    a: PathBuf,
    /// The other one
    b: PathBuf,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown<'a> {
    equal: bool,
    a: Side<'a>,
    b: Side<'a>,
}

#[derive(Serialize)]
struct Side<'a> {
    store: &'a Path,
    state_hash: String,
    entries: u64,
    lacks_entries: u64,
    lacks: Vec<Named>,
    damage: Vec<String>,
}

#[derive(Serialize)]
struct Named {
    #[serde(flatten)]
    lack: Lack,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<String>>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let (a, b) = (super::read(&args.a)?, super::read(&args.b)?);
    let side = |path, of: &guildsync::store::Loaded, other: &Profiles| {
        let lacks = compare::lacks(&of.profiles, other);
        Side {
            store: path,
            state_hash: of.profiles.state_hash().to_string(),
            entries: of.n_entries,
            lacks_entries: compare::total(&lacks),
            damage: of.damage.iter().map(ToString::to_string).collect(),
            lacks: lacks.into_iter().map(|lack| named(lack, other, globals.verbose)).collect(),
        }
    };
    let (a, b) = (side(&args.a, &a, &b.profiles), side(&args.b, &b, &a.profiles));
    let equal = a.lacks.is_empty() && b.lacks.is_empty() && a.state_hash == b.state_hash;
    let shown = Shown { equal, a, b };
    match args.format.json {
        true => out::json(&shown)?,
        false => out::print(told(&shown))?,
    }
    if shown.equal {
        return Ok(());
    }
    let (a, b) = (shown.a.store.display(), shown.b.store.display());
    Err(Failure::out_of_sync(format!(
        "out of sync: {a} lacks {}, {b} lacks {}; `guildsync merge {a} {b}` brings both to the same",
        out::entries(shown.a.lacks_entries as usize),
        out::entries(shown.b.lacks_entries as usize)
    )))
}

fn named(lack: Lack, other: &Profiles, verbose: bool) -> Named {
    let list = || {
        let log = other.get(&lack.profile_id)?;
        let run = lack.run.as_ref()?;
        let wanted =
            |id: EntryId| id.writer == run.writer && (run.first..=run.last).contains(&id.seq);
        Some(
            line::lines_of(log, wanted)
                .iter()
                .map(|l| format!("{} {}", l.short_id, l.sentence()))
                .collect(),
        )
    };
    let entries = if verbose { list() } else { None };
    Named { lack, entries }
}

fn told(shown: &Shown<'_>) -> String {
    let (a, b) = (shown.a.store.display(), shown.b.store.display());
    if shown.equal {
        let n = out::entries(shown.a.entries as usize);
        return format!("{a} and {b} are equal: {n}, state hash {}", shown.a.state_hash);
    }
    let mut table = table::new(["Lacking in", "Profile", "Entries", ">Count", ""]);
    let mut lists = String::new();
    for side in [&shown.a, &shown.b] {
        for Named { lack, entries } in &side.lacks {
            table.add_row([
                side.store.display().to_string(),
                lack.profile.clone(),
                lack.range(),
                lack.count().to_string(),
                lack.remark().to_owned(),
            ]);
            for entry in entries.iter().flatten() {
                lists += &format!("\n{} lacks {entry}", side.store.display());
            }
        }
    }
    let lists = if lists.is_empty() { lists } else { format!("\n{lists}") };
    if table.is_empty() {
        return format!(
            "{a} and {b} have the same entries and count them differently: check both with \
             `guildsync verify`"
        );
    }
    format!("{}{lists}", table::text(&table))
}
