//! `guildsync merge`: two stores end with the same entries, records and sheets.
//!
//! - here: what is done, all of it in memory before anything is written; `told`: how it is told

mod told;

use std::path::{Path, PathBuf};

use guildsync::log::Profiles;
use guildsync::sections::Shelf;
use guildsync::store::{Data, Loaded, Opened, Store};
use guildsync::tables::{Saved, Tables};
use serde::Serialize;

use super::sheet::beside;
use crate::clock;
use crate::compare::{self, Lack};
use crate::desk::{self, Base};
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::Busy;
use crate::union::{self, Gain, SheetGain, Took};

/// Bring two stores to the same entries, tables and sheets
///
/// Brings both stores everything that either has. Nothing is taken away: of two versions of a record
/// the newer counts, as everywhere, whoever wrote it. Edits of one section of a sheet that were made at
/// once stay beside each other until somebody picks (`guildsync sheet`). Both are checked and opened before either is
/// written, each in one commit, A first. With --one-way only A gets what it lacks of B, and B is only
/// read.
///
/// JSON: equal (afterwards), one_way, dry_run, conflicts (records of one second with other content:
///   the same one counts everywhere), a, b (each: store, gained_entries, state_hash,
///   gained: [{profile, profile_id, whole_profile, writer, first, last, count, first_id, last_id,
///   forked}], gained_records, gained_tables: [{table, added, updated, deleted}], held (of a time to
///   come), not_held (left out, as too many are), released (held until now), records,
///   tables_state_hash, gained_sheets: [{title, document, new, versions}], sheets, sheet_conflicts
///   (parts of sheets with more than one version), sheets_state_hash)
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
    conflicts: usize,
    a: Side<'a>,
    b: Side<'a>,
}

#[derive(Serialize)]
struct Side<'a> {
    store: &'a Path,
    gained_entries: u64,
    gained: Vec<Lack>,
    state_hash: String,
    gained_records: usize,
    gained_tables: Vec<Gain>,
    held: usize,
    not_held: usize,
    released: usize,
    records: usize,
    tables_state_hash: String,
    gained_sheets: Vec<SheetGain>,
    sheets: usize,
    sheet_conflicts: usize,
    sheets_state_hash: String,
}

/// What a store holds.
#[derive(Debug, Clone)]
struct Holding {
    profiles: Profiles,
    tables: Tables,
    shelf: Shelf,
}

/// A store that is open for writing, and what it keeps of sessions.
struct Open {
    store: Store,
    table_sync: Saved,
    section_sync: guildsync::sections::Saved,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    super::refuse_same(&args.a, &args.b)?;
    let busy = Busy::new("reading both stores");
    let (before_a, before_b) = (sound(&args.a, true)?, sound(&args.b, !args.one_way)?);
    busy.say("merging".to_owned());
    let (mut a, mut b) = (before_a.clone(), before_b.clone());
    let now = clock::now().0 / 1000;
    let [took_a, took_b] = match args.one_way {
        true => {
            union::take(&mut a.profiles, &b.profiles)?;
            [union::take_tables(&mut a.tables, &b.tables, now), Took::nothing()]
        }
        false => {
            union::join(&mut a.profiles, &mut b.profiles)?;
            union::join_tables(&mut a.tables, &mut b.tables, now)
        }
    };
    let [sheets_a, sheets_b] = match args.one_way {
        true => [union::take_sheets(&mut a.shelf, &b.shelf)?, Vec::new()],
        false => union::join_sheets(&mut a.shelf, &mut b.shelf)?,
    };
    if !args.dry_run.dry_run {
        busy.say("writing both stores".to_owned());
        let open_a = open(&args.a, &before_a, &a)?;
        let open_b = open(&args.b, &before_b, &b)?;
        commit(open_a, &a)?;
        commit(open_b, &b).map_err(|failure| {
            failure.about(format_args!(
                "{} has everything now, but {} was not changed; run the merge again",
                args.a.display(),
                args.b.display()
            ))
        })?;
    }
    drop(busy);
    let n_differing = compare::records(&a.tables, &b.tables).count();
    let conflicts = took_a.conflicts;
    let of_a = Side::of(&args.a, &before_a, &a, took_a, sheets_a);
    let of_b = Side::of(&args.b, &before_b, &b, took_b, sheets_b);
    let is_same_log = of_a.state_hash == of_b.state_hash;
    let done = Done {
        equal: is_same_log && n_differing == 0 && of_a.sheets_state_hash == of_b.sheets_state_hash,
        one_way: args.one_way,
        dry_run: args.dry_run.dry_run,
        conflicts,
        a: of_a,
        b: of_b,
    };
    match args.format.json {
        true => out::json(&done)?,
        false => out::print(told::told(args, &done))?,
    }
    if done.equal || args.one_way {
        return Ok(());
    }
    Err(match (is_same_log, n_differing) {
        (true, 0) => Failure::out_of_sync(
            "the stores still differ in a sheet: of one part more versions were written at once than are \
             kept; settle it in one store with `guildsync sheet edit` and --pick, then merge again",
        ),
        (true, n) => Failure::out_of_sync(format!(
            "the stores still differ in {}: what is of a time to come counts only then; merge them \
             again when it is there",
            out::records(n)
        )),
        (false, _) => Failure::out_of_sync(
            "the stores still differ: a chain without its seal cannot be passed on; \
             see `guildsync diff`, and merge with a third member's store",
        ),
    })
}

/// What a store holds, if it is sound and, where it is written to, no backup.
fn sound(path: &Path, is_written: bool) -> Result<Holding, Failure> {
    let mut loaded = guildsync::store::read(path)?;
    desk::refuse_damage(path, std::mem::take(&mut loaded.damage))?;
    if is_written {
        desk::refuse_backup(path, loaded.writer)?;
    }
    let Loaded { profiles, tables, shelf, .. } = loaded;
    Ok(Holding { profiles, tables, shelf })
}

/// Opens a store for writing what it is to hold, unless it holds that already.
fn open(path: &Path, before: &Holding, after: &Holding) -> Result<Option<Open>, Failure> {
    let is_same_log = Base::of(&before.profiles) == Base::of(&after.profiles);
    if is_same_log && after.tables.is_at(&before.tables.mark()) && after.shelf == before.shelf {
        return Ok(None);
    }
    let Opened { store, profiles, tables, table_sync, shelf, section_sync, new_writer, .. } =
        Store::open(path)?;
    if let Some(new) = &new_writer {
        desk::tell_new_writer(new);
    }
    let is_same_log = Base::of(&profiles) == Base::of(&before.profiles);
    if !is_same_log || !is_same(&tables, &before.tables) || shelf != before.shelf {
        return Err(Failure::error(format!(
            "{} was changed by somebody else meanwhile: run the merge again",
            path.display()
        )));
    }
    Ok(Some(Open { store, table_sync, section_sync }))
}

/// Whether two tables hold the same, what is kept aside and what is held included.
fn is_same(one: &Tables, other: &Tables) -> bool {
    one.iter().eq(other.iter())
        && one.all_kept().eq(other.all_kept())
        && one.held().eq(other.held())
}

/// Makes durable what a store is to hold, logs, tables and sheets in one transaction.
fn commit(opened: Option<Open>, after: &Holding) -> Result<(), Failure> {
    let Some(Open { mut store, table_sync, section_sync }) = opened else { return Ok(()) };
    let tables = Some((&after.tables, &table_sync));
    let sheets = Some((&after.shelf, &section_sync));
    Ok(store.commit(Data { profiles: &after.profiles, tables, sheets })?)
}

impl<'a> Side<'a> {
    fn of(
        store: &'a Path,
        before: &Holding,
        after: &Holding,
        took: Took,
        gained_sheets: Vec<SheetGain>,
    ) -> Self {
        let gained = compare::lacks(&before.profiles, &after.profiles);
        Self {
            store,
            gained_entries: compare::total(&gained),
            gained,
            state_hash: after.profiles.state_hash().to_string(),
            gained_records: took.gained(),
            held: after.tables.held().count(),
            not_held: took.not_held,
            released: took.released,
            records: after.tables.len(),
            tables_state_hash: after.tables.state_hash().to_string(),
            gained_tables: took.tables,
            gained_sheets,
            sheets: after.shelf.len(),
            sheet_conflicts: after.shelf.iter().map(|sheet| beside::all(sheet).len()).sum(),
            sheets_state_hash: after.shelf.state_hash().to_string(),
        }
    }
}
