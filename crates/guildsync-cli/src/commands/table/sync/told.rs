//! What came of a sync, for people.

use guildsync::tables::{Record, Report, TableKind, TableReport};

use super::{Args, Done};
use crate::out;
use crate::table;

/// How many records that differ are named.
const NAMED: usize = 5;

/// The report.
pub(super) fn text(args: &Args, done: &Done<'_>) -> String {
    let [a, b] = &done.sides;
    let head = |side: &super::Side<'_>| {
        format!("{} ({}, {})", side.store.display(), side.member, side.guild)
    };
    let mut text = format!("{} and {}\n", head(a), head(b));
    let Some(report) = &done.outcome.reports[0] else {
        return text + "Sync Failed: no session came about";
    };
    text += &format!("{}; as {} sees it:\n\n{}\n", report.outcome, a.member, tables(report));
    let [there, back] = done.outcome.frames;
    let bytes: u64 = done.outcome.bytes.iter().sum();
    text += &format!(
        "\n{} from {} and {back} from {}, {}, in {} s of virtual time on the {} channel",
        out::count(there, "frame", "frames"),
        a.member,
        b.member,
        crate::demo::bytes(bytes),
        done.outcome.virtual_ms as f64 / 1000.0,
        args.profile.name,
    );
    for remark in remarks(args, done, report) {
        text += &format!("\n{remark}");
    }
    text += &format!("\n{}", verdict(done));
    text
}

/// A line a table, as the one who began sees it.
fn tables(report: &Report) -> String {
    let heads = ["Table", "State", ">Came", ">Added", ">Updated", ">Deleted", ">Went"];
    let mut table = table::new(heads);
    for kind in TableKind::ALL {
        let TableReport { state, received, added, updated, deleted, sent } =
            report.tables[kind.index()];
        let mut row = vec![kind.to_string(), state.to_string()];
        row.extend([received, added, updated, deleted, sent].map(|n| n.to_string()));
        table.add_row(row);
    }
    table::text(&table)
}

fn remarks(args: &Args, done: &Done<'_>, report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.widened && !args.all {
        remarks.push(format!(
            "What is older than {} differed, so all was compared",
            out::count(args.days, "day", "days")
        ));
    }
    if report.rounds > 1 {
        let n = report.rounds;
        remarks.push(format!("It took {n} rounds: setup differed, or something changed meanwhile"));
    }
    if done.conflicts() > 0 {
        let n = out::count(done.conflicts(), "conflict", "conflicts");
        remarks.push(format!(
            "{n}: two versions of one second, of which the same one counts on both sides"
        ));
    }
    for (side, report) in done.sides.iter().zip(&done.outcome.reports) {
        let Some(report) = report else { continue };
        let who = &side.member;
        let mut tell = |n: u32, what: &str| {
            if n > 0 {
                remarks.push(format!(
                    "{who} {what}",
                    what = what.replace('#', &out::records(n as usize))
                ));
            }
        };
        tell(
            report.withheld,
            "kept # back that the other side would refuse, by the ranks it knows",
        );
        tell(report.refused, "refused # that the sender may not write");
        tell(report.held, "holds # of a time to come, until then");
        remarks.extend(report.errors.iter().map(|why| format!("{who}: {why}")));
    }
    remarks.extend(done.remarks.iter().cloned());
    remarks
}

fn verdict(done: &Done<'_>) -> String {
    let [a, b] = [&done.sides[0], &done.sides[1]].map(|side| side.store.display());
    let guilds = match done.shared.len() {
        1 => "of one guild".to_owned(),
        n => format!("of {n} guilds"),
    };
    if done.converged() {
        let in_scope = |record: &&Record| done.shared.contains(record.guild());
        let n = done.locals[0].tables().iter().filter(in_scope).count();
        let hash = |which: usize| done.locals[which].tables().state_hash().to_string();
        let hashes = match (hash(0), hash(1)) {
            (one, other) if one == other => format!("state hash {one}"),
            _ => "each beside what it does not share".to_owned(),
        };
        return format!("Both hold the same {} {guilds}, {hashes}", out::records(n));
    }
    if done.shared.is_empty() {
        return "They share the tables of no guild".to_owned();
    }
    let named: Vec<String> = done
        .differing
        .iter()
        .take(NAMED)
        .map(|key| format!("{} of {}", key.id, key.table))
        .collect();
    let more = done.differing.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    match named.is_empty() {
        true => format!("{a} and {b} hold the same {guilds}"),
        false => format!("Still different: {}{more}", named.join(", ")),
    }
}
