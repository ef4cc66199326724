//! What an import tells about its files.

use std::path::PathBuf;

use guildsync_files::archive::{Archive, Form};
use guildsync_files::{cepgp, exchange};
use serde::Serialize;

use super::Done;
use crate::failure::Failure;
use crate::out::{self, DryRun};
use crate::table;

/// How many refused rows people are shown.
const REFUSED_SHOWN: usize = 10;

/// What became of one file.
#[derive(Debug, Default, Serialize)]
pub(super) struct FileReport {
    /// The file.
    pub(super) file: PathBuf,
    /// Its format.
    pub(super) format: String,
    /// Its rows, records or entries.
    rows: usize,
    /// New entries that add.
    deltas: usize,
    /// New entries that set a total.
    totals: usize,
    /// New notes.
    notes: usize,
    /// New entries in all.
    pub(super) added: u64,
    /// Entries that were there already.
    already_there: usize,
    /// Records that the file holds a second time.
    repeated: usize,
    /// What was left out.
    refused: Vec<Refused>,
    /// What else there is to say.
    remarks: Vec<String>,
    /// The format's own report.
    details: serde_json::Value,
}

#[derive(Debug, Serialize)]
struct Refused {
    place: String,
    why: String,
}

impl FileReport {
    pub(super) fn cepgp(report: &cepgp::Report) -> Result<Self, Failure> {
        let refused = |refused: &cepgp::Refused| Refused {
            place: format!("row {}", refused.row),
            why: refused.why.to_string(),
        };
        let added = report.ep.all() + report.gp.all() + report.notes;
        Ok(Self {
            format: "CEPGP".to_owned(),
            rows: report.rows,
            deltas: report.ep.delta + report.gp.delta,
            totals: report.ep.total + report.gp.total,
            notes: report.notes,
            added: added as u64,
            already_there: report.already_there,
            refused: report.refused.iter().map(refused).collect(),
            remarks: remarks(report),
            details: serde_json::to_value(report)?,
            ..Self::default()
        })
    }

    pub(super) fn exchange(format: &str, report: &exchange::ImportReport) -> Result<Self, Failure> {
        let refused = |refused: &exchange::Refusal| Refused {
            place: refused.place.clone(),
            why: refused.why.clone(),
        };
        let mut remarks = Vec::new();
        if report.unfitting > 0 {
            let n = report.unfitting;
            remarks
                .push(format!("{n} records state a total that is not the one before plus theirs"));
        }
        for differing in &report.differing {
            remarks.push(format!(
                "{} in {:?}: the file states {}, its log gives {}",
                differing.member,
                differing.profile,
                differing.stated,
                differing.logged.as_deref().unwrap_or("nothing")
            ));
        }
        Ok(Self {
            format: format.to_owned(),
            rows: report.records,
            deltas: report.added - report.totals,
            totals: report.totals,
            added: report.added as u64,
            already_there: report.already_there,
            repeated: report.repeated,
            refused: report.refused.iter().map(refused).collect(),
            remarks,
            details: serde_json::to_value(report)?,
            ..Self::default()
        })
    }

    pub(super) fn archive(form: Form, archive: &Archive, added: u64) -> Self {
        let rows = archive.n_entries();
        let profiles = out::count(archive.profiles.len() as u64, "profile", "profiles");
        Self {
            format: match form {
                Form::Json => "archive (json)",
                Form::Csv => "archive (csv)",
                Form::Lua => "archive (lua)",
            }
            .to_owned(),
            rows,
            added,
            already_there: rows - (added as usize).min(rows),
            remarks: vec![format!("{profiles}, every chain verified against its seal")],
            ..Self::default()
        }
    }
}

/// What a CEPGP report says beside its numbers.
fn remarks(report: &cepgp::Report) -> Vec<String> {
    let mut remarks = Vec::new();
    for (name, bases) in [("EP", report.ep), ("GP", report.gp)] {
        let cepgp::Bases { total, delta, .. } = bases;
        if bases.all() > 0 {
            remarks.push(format!("{name}: {delta} entries add, {total} set a total"));
        }
    }
    let members = out::count(report.members as u64, "member", "members");
    match (report.first_time, report.last_time) {
        (Some(first), Some(last)) => {
            remarks.push(format!("{members}, from {first} to {last} UTC"));
        }
        _ => remarks.push(format!("{members}; no row has a time: all are dated 1970")),
    }
    let mut tell = |n: usize, what: &str| {
        if n > 0 {
            remarks.push(format!("{n} {what}"));
        }
    };
    tell(
        if report.without_any_time { 0 } else { report.untimed_rows },
        "rows without a time took a neighbour's",
    );
    tell(report.backward_rows, "rows went back in time and took their neighbour's");
    tell(report.other_keys, "entries of the table are no rows");
    tell(report.unread_rows, "rows of another table, TRAFFIC, were not read");
    remarks
}

/// The report for people.
pub(super) fn told(done: &Done, dry_run: DryRun, verbose: bool) -> String {
    let heads = [
        "File",
        "Format",
        ">Rows",
        ">Deltas",
        ">Totals",
        ">Notes",
        ">New",
        ">Already there",
        ">Refused",
    ];
    let mut table = table::new(heads);
    for file in &done.files {
        let is_archive = file.details.is_null();
        let basis = |n: usize| if is_archive { String::new() } else { n.to_string() };
        table.add_row([
            file.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            file.format.clone(),
            file.rows.to_string(),
            basis(file.deltas),
            basis(file.totals),
            basis(file.notes),
            file.added.to_string(),
            (file.already_there + file.repeated).to_string(),
            file.refused.len().to_string(),
        ]);
    }
    let added = out::entries(done.added as usize);
    let did = format!("imported {added}; {} are in {} now", done.entries, done.store.display());
    let mut text = format!("{}\n\n{}\n", dry_run.tell(&did), table::text(&table));
    for file in &done.files {
        if file.remarks.is_empty() && file.refused.is_empty() {
            continue;
        }
        let name = file.file.file_name().unwrap_or_default().to_string_lossy();
        text += &format!("\n{name}:");
        for remark in &file.remarks {
            text += &format!("\n  {remark}");
        }
        let shown = if verbose { usize::MAX } else { REFUSED_SHOWN };
        for refused in file.refused.iter().take(shown) {
            text += &format!("\n  refused {}: {}", refused.place, refused.why);
        }
        if file.refused.len() > shown {
            let more = file.refused.len() - shown;
            text += &format!("\n  ... and {more} more (--verbose or --json shows all)");
        }
    }
    if let Some(label) = &done.switched_to {
        text +=
            &format!("\n\n{label:?} is the active profile now; it was empty \"Default\" before.");
    }
    text
}
