//! A merge in words: what came to whom, what there is to know about it, what both hold now.

use super::{Args, Done, Side};
use crate::out;
use crate::{line, table};

/// All of it.
pub(super) fn told(args: &Args, done: &Done<'_>) -> String {
    let (a, b) = (done.a.store.display(), done.b.store.display());
    let gained = |side: &Side<'_>| {
        out::holdings(side.gained_entries as usize, side.gained_records, side.gained_sheets.len())
    };
    let did = match args.one_way {
        true => format!("{a} gained {} from {b}", gained(&done.a)),
        false => format!("{a} gained {}, {b} gained {}", gained(&done.a), gained(&done.b)),
    };
    let mut text = args.dry_run.tell(&did);
    let tables = [entries(done), records(done), sheets(done)];
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
    text + &tables_hold(done) + &sheets_hold(done)
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

/// The sheets of which something came, as a table.
fn sheets(done: &Done<'_>) -> comfy_table::Table {
    let mut table = table::new(["Store", "Sheet", ">Gained", ""]);
    for side in [&done.a, &done.b] {
        for gain in &side.gained_sheets {
            table.add_row([
                side.store.display().to_string(),
                line::plain(&gain.title),
                gain.versions.to_string(),
                if gain.new { "the whole sheet".to_owned() } else { String::new() },
            ]);
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
    if done.a.sheet_conflicts > 0 {
        remarks.push(format!(
            "{} more than one version now: `guildsync sheet list` says of which sheets, `guildsync \
             sheet show TITLE --conflicts` shows them",
            out::count(
                done.a.sheet_conflicts as u64,
                "part of a sheet has",
                "parts of sheets have"
            )
        ));
    }
    remarks
}

/// What the tables are now; nothing where there are none.
fn tables_hold(done: &Done<'_>) -> String {
    hold([&done.a, &done.b].map(|side| {
        (side, side.records, out::records(side.records), side.tables_state_hash.as_str())
    }))
}

/// What the sheets are now; nothing where there are none.
fn sheets_hold(done: &Done<'_>) -> String {
    hold(
        [&done.a, &done.b].map(|side| {
            (side, side.sheets, out::sheets(side.sheets), side.sheets_state_hash.as_str())
        }),
    )
}

/// What both hold: how much, in words, under which hash.
fn hold(sides: [(&Side<'_>, usize, String, &str); 2]) -> String {
    let [(_, n, words, hash), (_, m, _, other)] = &sides;
    match (n + m, hash == other) {
        (0, _) => String::new(),
        (_, true) => format!("\nboth have the same {words}, state hash {hash}"),
        (_, false) => sides
            .map(|(side, _, words, hash)| {
                format!("\n{} has {words}, state hash {hash}", side.store.display())
            })
            .concat(),
    }
}
