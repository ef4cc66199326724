//! `guildsync merge`: two stores end with the same entries.

use std::path::{Path, PathBuf};

use guildsync::log::Profiles;
use guildsync::store::{Opened, Store};
use serde::Serialize;

use crate::compare::{self, Lack};
use crate::desk::{self, Base};
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::Busy;
use crate::{table, union};

/// Bring two stores to the same entries
///
/// Brings both stores everything that either has. Nothing is taken away; each is written in one
/// commit. With --one-way only A gets what it lacks of B, and B is only read.
///
/// JSON: equal (afterwards), one_way, dry_run, a, b (each: store, gained_entries, state_hash,
///   gained: [{profile, profile_id, whole_profile, writer, first, last, count, first_id, last_id,
///   forked}])
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// One store
    a: PathBuf,
    /// The other one
    b: PathBuf,
    /// Only bring A what it lacks of B
    #[arg(long)]
    one_way: bool,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Done<'a> {
    equal: bool,
    one_way: bool,
    dry_run: bool,
    a: Side<'a>,
    b: Side<'a>,
}

#[derive(Serialize)]
struct Side<'a> {
    store: &'a Path,
    gained_entries: u64,
    gained: Vec<Lack>,
    state_hash: String,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    super::refuse_same(&args.a, &args.b)?;
    let busy = Busy::new("reading both stores");
    let (before_a, before_b) = (sound(&args.a, true)?, sound(&args.b, !args.one_way)?);
    busy.say("merging".to_owned());
    let (mut a, mut b) = (before_a.clone(), before_b.clone());
    match args.one_way {
        true => union::take(&mut a, &b)?,
        false => union::join(&mut a, &mut b)?,
    }
    let side = |store, before: &Profiles, after: &Profiles| {
        let gained = compare::lacks(before, after);
        let state_hash = after.state_hash().to_string();
        Side { store, gained_entries: compare::total(&gained), gained, state_hash }
    };
    let (of_a, of_b) = (side(&args.a, &before_a, &a), side(&args.b, &before_b, &b));
    if !args.dry_run.dry_run {
        busy.say("writing both stores".to_owned());
        write(&args.a, &before_a, &a)?;
        if !args.one_way {
            write(&args.b, &before_b, &b).map_err(|failure| {
                failure.about(format_args!(
                    "{} has everything now, but {} was not changed; run the merge again",
                    args.a.display(),
                    args.b.display()
                ))
            })?;
        }
    }
    drop(busy);
    let done = Done {
        equal: of_a.state_hash == of_b.state_hash,
        one_way: args.one_way,
        dry_run: args.dry_run.dry_run,
        a: of_a,
        b: of_b,
    };
    match args.format.json {
        true => out::json(&done)?,
        false => out::print(told(args, &done))?,
    }
    match done.equal || args.one_way {
        true => Ok(()),
        false => Err(Failure::out_of_sync(
            "the stores still differ: a chain without its seal cannot be passed on; \
             see `guildsync diff`, and merge with a third member's store",
        )),
    }
}

/// What a store holds, if it is sound and, where it is written to, no backup.
fn sound(path: &Path, is_written: bool) -> Result<Profiles, Failure> {
    let loaded = guildsync::store::read(path)?;
    desk::refuse_damage(path, loaded.damage)?;
    if is_written {
        desk::refuse_backup(path, loaded.writer)?;
    }
    Ok(loaded.profiles)
}

/// Writes what a store is to hold, unless it holds that already.
fn write(path: &Path, before: &Profiles, after: &Profiles) -> Result<(), Failure> {
    if Base::of(before) == Base::of(after) {
        return Ok(());
    }
    let Opened { mut store, profiles, new_writer, .. } = Store::open(path)?;
    if let Some(new) = &new_writer {
        desk::tell_new_writer(new);
    }
    if Base::of(&profiles) != Base::of(before) {
        return Err(Failure::error(format!(
            "{} was changed by somebody else meanwhile: run the merge again",
            path.display()
        )));
    }
    Ok(store.commit(after)?)
}

fn told(args: &Args, done: &Done<'_>) -> String {
    let mut table = table::new(["Store", "Profile", "Gained", ">Count", ""]);
    for side in [&done.a, &done.b] {
        for lack in &side.gained {
            table.add_row([
                side.store.display().to_string(),
                lack.profile.clone(),
                lack.range(),
                lack.count().to_string(),
                lack.remark().to_owned(),
            ]);
        }
    }
    let (a, b) = (done.a.store.display(), done.b.store.display());
    let gained = |side: &Side<'_>| out::entries(side.gained_entries as usize);
    let did = match args.one_way {
        true => format!("{a} gained {} from {b}", gained(&done.a)),
        false => format!("{a} gained {}, {b} gained {}", gained(&done.a), gained(&done.b)),
    };
    let mut text = args.dry_run.tell(&did);
    if !table.is_empty() {
        text += &format!("\n\n{}\n", table::text(&table));
    }
    match done.equal {
        true => text += &format!("\nboth have state hash {}", done.a.state_hash),
        false => {
            for side in [&done.a, &done.b] {
                text += &format!("\n{} has state hash {}", side.store.display(), side.state_hash);
            }
        }
    }
    text
}
