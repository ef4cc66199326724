//! `guildsync merge`: two stores end with the same entries and the same records.

use std::path::{Path, PathBuf};

use guildsync::log::Profiles;
use guildsync::store::{Data, Opened, Store};
use guildsync::tables::{Saved, Tables};
use serde::Serialize;

use crate::compare::{self, Lack};
use crate::desk::{self, Base};
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::progress::Busy;
use crate::union::{self, Gain, Took};
use crate::{clock, table};

/// Bring two stores to the same entries and tables
///
/// Brings both stores everything that either has. Nothing is taken away: of two versions of a record
/// the newer counts, as everywhere, whoever wrote it. Both are checked and opened before either is
/// written, each in one commit, A first. With --one-way only A gets what it lacks of B, and B is only
/// read.
///
/// JSON: equal (afterwards), one_way, dry_run, conflicts (records of one second with other content:
///   the same one counts everywhere), a, b (each: store, gained_entries, state_hash,
///   gained: [{profile, profile_id, whole_profile, writer, first, last, count, first_id, last_id,
///   forked}], gained_records, gained_tables: [{table, added, updated, deleted}], held (of a time to
///   come), not_held (left out, as too many are), released (held until now), records,
///   tables_state_hash)
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
}

/// What a store holds.
#[derive(Debug, Clone)]
struct Holding {
    profiles: Profiles,
    tables: Tables,
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
    let of_a = Side::of(&args.a, &before_a, &a, took_a);
    let of_b = Side::of(&args.b, &before_b, &b, took_b);
    let done = Done {
        equal: of_a.state_hash == of_b.state_hash && n_differing == 0,
        one_way: args.one_way,
        dry_run: args.dry_run.dry_run,
        conflicts,
        a: of_a,
        b: of_b,
    };
    match args.format.json {
        true => out::json(&done)?,
        false => out::print(told(args, &done))?,
    }
    if done.equal || args.one_way {
        return Ok(());
    }
    Err(match done.a.state_hash == done.b.state_hash {
        true => Failure::out_of_sync(format!(
            "the stores still differ in {}: what is of a time to come counts only then; merge them \
             again when it is there",
            out::records(n_differing)
        )),
        false => Failure::out_of_sync(
            "the stores still differ: a chain without its seal cannot be passed on; \
             see `guildsync diff`, and merge with a third member's store",
        ),
    })
}

/// What a store holds, if it is sound and, where it is written to, no backup.
fn sound(path: &Path, is_written: bool) -> Result<Holding, Failure> {
    let loaded = guildsync::store::read(path)?;
    desk::refuse_damage(path, loaded.damage)?;
    if is_written {
        desk::refuse_backup(path, loaded.writer)?;
    }
    Ok(Holding { profiles: loaded.profiles, tables: loaded.tables })
}

/// Opens a store for writing what it is to hold, unless it holds that already.
fn open(path: &Path, before: &Holding, after: &Holding) -> Result<Option<(Store, Saved)>, Failure> {
    let is_same_log = Base::of(&before.profiles) == Base::of(&after.profiles);
    if is_same_log && after.tables.is_at(&before.tables.mark()) {
        return Ok(None);
    }
    let Opened { store, profiles, tables, table_sync, new_writer, .. } = Store::open(path)?;
    if let Some(new) = &new_writer {
        desk::tell_new_writer(new);
    }
    if Base::of(&profiles) != Base::of(&before.profiles) || !is_same(&tables, &before.tables) {
        return Err(Failure::error(format!(
            "{} was changed by somebody else meanwhile: run the merge again",
            path.display()
        )));
    }
    Ok(Some((store, table_sync)))
}

/// Whether two tables hold the same, what is kept aside and what is held included.
fn is_same(one: &Tables, other: &Tables) -> bool {
    one.iter().eq(other.iter())
        && one.all_kept().eq(other.all_kept())
        && one.held().eq(other.held())
}

/// Makes durable what a store is to hold, logs and tables in one transaction.
fn commit(opened: Option<(Store, Saved)>, after: &Holding) -> Result<(), Failure> {
    let Some((mut store, table_sync)) = opened else { return Ok(()) };
    let tables = Some((&after.tables, &table_sync));
    Ok(store.commit(Data { profiles: &after.profiles, tables })?)
}

impl<'a> Side<'a> {
    fn of(store: &'a Path, before: &Holding, after: &Holding, took: Took) -> Self {
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
        }
    }
}

fn told(args: &Args, done: &Done<'_>) -> String {
    let (a, b) = (done.a.store.display(), done.b.store.display());
    let gained = |side: &Side<'_>| out::holdings(side.gained_entries as usize, side.gained_records);
    let did = match args.one_way {
        true => format!("{a} gained {} from {b}", gained(&done.a)),
        false => format!("{a} gained {}, {b} gained {}", gained(&done.a), gained(&done.b)),
    };
    let mut text = args.dry_run.tell(&did);
    let tables = [entries(done), records(done)];
    for table in tables.iter().filter(|table| !table.is_empty()) {
        text += &format!("\n\n{}", table::text(table));
    }
    if !tables.iter().all(comfy_table::Table::is_empty) {
        text += "\n";
    }
    for remark in remarks(done) {
        text += &format!("\n{remark}");
    }
    match done.a.state_hash == done.b.state_hash {
        true => text += &format!("\nboth have state hash {}", done.a.state_hash),
        false => {
            for side in [&done.a, &done.b] {
                text += &format!("\n{} has state hash {}", side.store.display(), side.state_hash);
            }
        }
    }
    text + &tables_hold(done)
}

/// The entries that came, as a table.
fn entries(done: &Done<'_>) -> comfy_table::Table {
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
    table
}

/// The records that came, as a table.
fn records(done: &Done<'_>) -> comfy_table::Table {
    let mut table = table::new(["Store", "Table", ">Added", ">Updated", ">Deleted"]);
    for side in [&done.a, &done.b] {
        for gain in side.gained_tables.iter().filter(|gain| gain.total() > 0) {
            let numbers = [gain.added, gain.updated, gain.deleted].map(|n| n.to_string());
            let names = [side.store.display().to_string(), gain.table.to_string()];
            table.add_row(names.into_iter().chain(numbers));
        }
    }
    table
}

fn remarks(done: &Done<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if done.conflicts > 0 {
        let n = out::count(done.conflicts as u64, "conflict", "conflicts");
        remarks.push(format!(
            "{n}: two versions of one second, of which the same one counts everywhere"
        ));
    }
    for side in [&done.a, &done.b] {
        let parts = [
            (side.released, "whose time has come, taken in"),
            (side.held, "of a time to come, held until then"),
            (side.not_held, "of a time to come, left out: too many are held already"),
        ];
        for (n, what) in parts.into_iter().filter(|(n, _)| *n > 0) {
            remarks.push(format!("{}: {} {what}", side.store.display(), out::records(n)));
        }
    }
    remarks
}

/// What the tables are now; nothing where there are none.
fn tables_hold(done: &Done<'_>) -> String {
    let hold = |side: &Side<'_>| {
        format!("{}, state hash {}", out::records(side.records), side.tables_state_hash)
    };
    match (done.a.records + done.b.records, done.a.tables_state_hash == done.b.tables_state_hash) {
        (0, _) => String::new(),
        (_, true) => format!("\nboth have the same {}", hold(&done.a)),
        (_, false) => [&done.a, &done.b]
            .map(|side| format!("\n{} has {}", side.store.display(), hold(side)))
            .concat(),
    }
}
