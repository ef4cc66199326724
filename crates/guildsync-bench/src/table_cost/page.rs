//! The tables as Markdown: those of `docs/cost.md` between their marks, and what is printed besides.

use std::fmt::Write as _;

use super::scenarios::{Goal, Row};
use super::session::Way;
use super::telling::Line;
use crate::marks::Marks;

/// Where the tables begin and end in the document.
pub const MARKS: Marks = Marks {
    begin: "<!-- begin: cargo xtask tables --write docs/cost.md -->\n",
    end: "<!-- end of the guild tables -->\n",
};

/// The tables of `docs/cost.md`, marks included.
#[must_use]
pub fn section(rows: &[Row]) -> String {
    MARKS.around(&sessions(rows))
}

/// Ours beside what was asked for, then ours beside other ways.
#[must_use]
pub fn sessions(rows: &[Row]) -> String {
    let mut out = String::from(
        "| scenario | records | frames there | back | in all | bytes | seconds | pulled | pushed | conflicts | \
         equal | codec | must | aim | keeps | addon |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|---|--:|\n",
    );
    for row in rows.iter().filter(|row| row.way == Way::Ours) {
        let Row { scenario, records, cost, codec_frames, addon, .. } = row;
        let goal = |goal: Option<Goal>| goal.map_or(String::new(), |goal| show(goal, row));
        let optional = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
        _ = writeln!(
            out,
            "| {scenario} | {} | {} | {} | {} | {} | {:.3} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            grouped(*records),
            cost.frames_there,
            cost.frames_back,
            row.frames,
            cost.bytes,
            cost.virtual_seconds,
            cost.pulled,
            cost.pushed,
            cost.conflicts,
            yes(cost.converged),
            optional(*codec_frames),
            goal(row.must),
            goal(row.aim),
            keeps(row),
            optional(addon.map(|n| n as u64)),
        );
    }
    out.push_str(
        "\n| scenario | records | way | frames in all | bytes | seconds | equal |\n|---|--:|---|--:|--:|--:|---|\n",
    );
    let has_rival = |row: &&Row| {
        let is_it = |other: &Row| {
            other.scenario == row.scenario && other.records == row.records && other.way != Way::Ours
        };
        rows.iter().any(is_it)
    };
    for row in rows.iter().filter(has_rival) {
        let Row { scenario, records, way, cost, .. } = row;
        _ = writeln!(
            out,
            "| {scenario} | {} | {} | {} | {} | {:.3} | {} |",
            grouped(*records),
            way.name(),
            row.frames,
            cost.bytes,
            cost.virtual_seconds,
            yes(cost.converged),
        );
    }
    out
}

/// What telling the difference takes: a row for each size, a column for each way.
#[must_use]
pub fn telling(lines: &[Line]) -> String {
    let same_size = |a: &Line, b: &Line| (a.records, a.differences) == (b.records, b.differences);
    let mut out = String::from("| records | differ |");
    let sizes: Vec<&[Line]> = lines.chunk_by(same_size).collect();
    let ways = sizes.first().copied().unwrap_or_default();
    ways.iter().for_each(|line| _ = write!(out, " {} |", line.way));
    _ = writeln!(out, "\n|--:|--:|{}", "--:|".repeat(ways.len()));
    for size in &sizes {
        let (records, differences) = (size[0].records, size[0].differences);
        _ = write!(out, "| {} | {} |", grouped(records), grouped(differences));
        for Line { bytes, frames, messages, .. } in *size {
            _ = write!(out, " {} B, {frames} f, {messages} m |", grouped(*bytes));
        }
        out.push('\n');
    }
    out
}

fn show(goal: Goal, row: &Row) -> String {
    match goal {
        Goal::EachWay(frames) => format!("{frames} + {frames}"),
        Goal::Frames(frames) => frames.to_string(),
        Goal::TimesCodec(times) => format!("{times} x = {:.1}", goal.frames(row.codec_frames)),
    }
}

fn keeps(row: &Row) -> &'static str {
    let is_met = |goal: Option<Goal>| goal.map(|goal| goal.is_met(&row.cost, row.codec_frames));
    match (is_met(row.must), is_met(row.aim)) {
        (_, Some(true)) => "aim",
        (Some(true), _) => "must",
        (Some(false), _) => "**nothing**",
        (None, _) => "",
    }
}

fn yes(converged: bool) -> &'static str {
    if converged { "yes" } else { "**no**" }
}

/// `10,000`.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}
