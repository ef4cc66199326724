//! `guildsync verify`: whether stores are sound, and what is wrong if not.

use std::path::{Path, PathBuf};

use guildsync::log::{Log, Profiles};
use guildsync::store::{self, Report};
use serde::Serialize;

use crate::args::Globals;
use crate::failure::Failure;
use crate::find;
use crate::out::{self, Format};
use crate::progress::Busy;
use crate::table;

/// Check stores: pages, entries, records, sheets, hashes, seals, keys
///
/// Checks every page's checksum, every entry, every chain's hashes up to its seal, every seal, every
/// edit of a sheet, and the key beside the store, and names all damage. Exits with 1 if there is any.
///
/// JSON: one object for one store, an array of them for several: ok, store, state_hash (recomputed
///   from the entries; null if unreadable), entries, records (of tables), sheets, writers, seals,
///   writer, member,
///   profiles: [{profile, profile_id, kind, entries, writers, seals, waiting}], damage: texts
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The stores [default: the one of `--store`]
    #[arg(value_name = "STORE")]
    stores: Vec<PathBuf>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Checked<'a> {
    ok: bool,
    /// It is a store, and nobody else writes it.
    #[serde(skip)]
    is_readable: bool,
    store: &'a Path,
    state_hash: Option<String>,
    entries: u64,
    records: usize,
    sheets: usize,
    writers: usize,
    seals: usize,
    writer: Option<String>,
    member: Option<String>,
    profiles: Vec<CheckedProfile>,
    damage: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CheckedProfile {
    profile: String,
    profile_id: String,
    kind: &'static str,
    entries: usize,
    writers: usize,
    seals: usize,
    waiting: usize,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let stores = match args.stores.is_empty() {
        true => std::slice::from_ref(&globals.store),
        false => &args.stores,
    };
    let busy = Busy::new("checking");
    let mut all = Vec::new();
    for (index, path) in stores.iter().enumerate() {
        busy.say(format!("checking {} of {}: {}", index + 1, stores.len(), path.display()));
        all.push(check(path));
    }
    drop(busy);
    match (args.format.json, &all[..]) {
        (true, [one]) => out::json(one)?,
        (true, all) => out::json(&all)?,
        (false, [one]) => out::print(told(one))?,
        (false, all) => {
            out::print(all.iter().map(|c| brief(c)).collect::<Vec<_>>().join("\n"))?;
        }
    }
    let bad: Vec<&Checked<'_>> = all.iter().filter(|checked| !checked.ok).collect();
    match (&bad[..], all.len()) {
        ([], _) => Ok(()),
        ([one], 1) if one.is_readable => {
            Err(Failure::error(format!("{}: {}", one.store.display(), advice(one))))
        }
        ([one], 1) => Err(Failure::error(advice(one))),
        (bad, n) => {
            let names: Vec<String> = bad.iter().map(|c| c.store.display().to_string()).collect();
            Err(Failure::error(format!(
                "{} of {n} stores are not sound or not there: {}; restore a backup of each, then \
                 merge it with another member's store",
                bad.len(),
                names.join(", ")
            )))
        }
    }
}

fn advice(bad: &Checked<'_>) -> String {
    if !bad.is_readable {
        return bad.damage.join("; ");
    }
    let n = out::count(bad.damage.len() as u64, "thing is wrong", "things are wrong");
    match bad.state_hash.is_some() {
        true => format!(
            "{n}; nothing was changed: `guildsync restore` a backup to a new place, then \
             `guildsync merge` it with another member's store"
        ),
        false => format!("{n}, and nothing of it can be read; `guildsync restore` a backup"),
    }
}

fn check(path: &Path) -> Checked<'_> {
    let (report, failed) = match store::verify(path) {
        Ok(report) => (report, None),
        Err(why) => (Report { loaded: None, damage: Vec::new() }, Some(why.to_string())),
    };
    let is_readable = failed.is_none();
    let damage = report.damage.iter().map(ToString::to_string).chain(failed);
    let damage: Vec<String> = damage.collect();
    let loaded = report.loaded.as_ref();
    let profiles = loaded.map(|loaded| &loaded.profiles);
    let mut profiles: Vec<CheckedProfile> =
        profiles.into_iter().flat_map(Profiles::iter).map(CheckedProfile::of).collect();
    profiles.sort_by(|a, b| (&a.profile, &a.profile_id).cmp(&(&b.profile, &b.profile_id)));
    Checked {
        ok: damage.is_empty(),
        is_readable,
        store: path,
        state_hash: loaded.map(|loaded| loaded.profiles.state_hash().to_string()),
        entries: loaded.map_or(0, |loaded| loaded.n_entries),
        records: loaded.map_or(0, |loaded| loaded.tables.len()),
        sheets: loaded.map_or(0, |loaded| loaded.shelf.len()),
        writers: loaded.map_or(0, |loaded| {
            let writers = loaded.profiles.iter().flat_map(find::writers);
            writers.collect::<std::collections::BTreeSet<_>>().len()
        }),
        seals: profiles.iter().map(|profile| profile.seals).sum(),
        writer: loaded.and_then(|loaded| loaded.writer).map(|writer| writer.to_string()),
        member: loaded.and_then(|loaded| loaded.member.as_ref()).map(ToString::to_string),
        profiles,
        damage,
    }
}

impl CheckedProfile {
    fn of(log: &Log) -> Self {
        let heads = log.frontier();
        let sealed = heads.iter().filter(|&(writer, last)| log.segment(writer, last).is_some());
        Self {
            profile: log.label().to_owned(),
            profile_id: log.profile().id.to_string(),
            kind: find::kind(log),
            entries: log.len(),
            writers: heads.len(),
            seals: sealed.count(),
            waiting: log.n_waiting(),
        }
    }
}

/// One of many stores: a line if it is sound.
fn brief(checked: &Checked<'_>) -> String {
    match (checked.ok, &checked.state_hash) {
        (true, Some(state)) => {
            let Checked { entries, records, sheets, .. } = checked;
            let holdings = out::holdings(*entries as usize, *records, *sheets);
            format!("{}: sound, {holdings}, state hash {state}", checked.store.display())
        }
        _ => told(checked),
    }
}

fn told(checked: &Checked<'_>) -> String {
    let store = checked.store.display();
    let mut text = match (checked.ok, checked.is_readable) {
        (true, _) => format!("{store}: sound"),
        (false, true) => format!("{store}: DAMAGED"),
        (false, false) => format!("{store}: not checked"),
    };
    if let Some(state) = &checked.state_hash {
        let mut table = table::new(["Profile", "Kind", ">Entries", ">Writers", ">Seals"]);
        for profile in &checked.profiles {
            table.add_row([
                profile.profile.clone(),
                profile.kind.to_owned(),
                profile.entries.to_string(),
                profile.writers.to_string(),
                profile.seals.to_string(),
            ]);
        }
        let entries = out::entries(checked.entries as usize);
        let writers = out::count(checked.writers as u64, "writer", "writers");
        let seals = out::count(checked.seals as u64, "seal", "seals");
        let more = [
            (checked.records, out::records(checked.records)),
            (checked.sheets, out::sheets(checked.sheets)),
        ];
        let more: String =
            more.iter().filter(|(n, _)| *n > 0).map(|(_, words)| format!(", {words}")).collect();
        text += &format!(
            "\nchecked: every page, {entries} of {writers}, {seals}{more}, the key\n\
             state hash {state}\n\n{}",
            table::text(&table)
        );
    }
    if !checked.damage.is_empty() {
        text += "\n";
    }
    for damage in &checked.damage {
        text += &format!("\n✗ {damage}");
    }
    text
}
