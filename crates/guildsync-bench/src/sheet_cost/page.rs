//! The tables as Markdown: those of `docs/cost.md` between their marks.

use std::fmt::Write as _;

use guildsync_sim::scenario::sheets::Kind;

use super::SEEDS;
use super::alone::Sizes;
use super::lines::{Goal, Line, Report, Share, Unit, mean};
use crate::marks::Marks;

/// Where the tables begin and end in the document.
pub const MARKS: Marks = Marks {
    begin: "<!-- begin: cargo xtask sheets --write docs/cost.md -->\n",
    end: "<!-- end of the assignment sheets -->\n",
};

/// The kinds of frames that have a column.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Content, "content"),
    (Kind::Announcement, "announcements"),
    (Kind::Question, "questions"),
    (Kind::Repair, "lost pieces asked for"),
    (Kind::PassedOn, "passed on"),
];

/// The tables of `docs/cost.md`, marks included.
#[must_use]
pub fn section(report: &Report) -> String {
    MARKS.around(&tables(report))
}

/// What was asked for, what frames were about, and what codecs make of a sheet.
#[must_use]
pub fn tables(report: &Report) -> String {
    let mut out = String::new();
    asked(&report.lines, &mut out);
    shares(&report.shares, &mut out);
    sizes(&report.sizes, &mut out);
    out
}

fn asked(lines: &[Line], out: &mut String) {
    _ = writeln!(
        out,
        "| what | loss | least | mean of {SEEDS} seeds | of {SEEDS} others | differ | worst of all | must | aim \
         | miss the must | the aim | keeps |\n\
         |---|--:|--:|--:|--:|--:|--:|---|---|--:|--:|---|",
    );
    for line in lines {
        let Line { what, loss, unit, least, others, must, aim, .. } = line;
        let show = |number: f64| show(*unit, number);
        let goal = |goal: &Option<Goal>| goal.map_or(String::new(), |goal| goal_text(goal, *unit));
        let least = match least.is_empty() {
            true => String::new(),
            false => show(mean(least)),
        };
        let worst = line.all().map(|(took, _)| took).fold(0.0, f64::max);
        let misses = |goal: &Option<Goal>| {
            goal.map_or(String::new(), |goal| line.n_misses(goal).to_string())
        };
        let times = times(line);
        let ratio = |times: Option<f64>| times.map_or(String::new(), |x| format!(": {x:.2} x"));
        _ = writeln!(
            out,
            "| {what} | {} % | {least} | {}{} | {} | {:.1} % | {}{} | {} | {} | {} | {} | {} |",
            loss * 100.0,
            show(line.mean()),
            ratio(times.map(|(mean, _)| mean)),
            show(mean(others)),
            line.differs() * 100.0,
            show(worst),
            ratio(times.map(|(_, worst)| worst)),
            goal(must),
            goal(aim),
            misses(must),
            misses(aim),
            keeps(line),
        );
    }
}

fn shares(shares: &[Share], out: &mut String) {
    let names: Vec<&str> = KINDS.iter().map(|(_, name)| *name).collect();
    _ = writeln!(
        out,
        "\n| frames of | loss | {} | in all | bytes | seconds | worst |\n|---|--:|{}--:|--:|--:|--:|",
        names.join(" | "),
        "--:|".repeat(KINDS.len()),
    );
    for Share { what, loss, kinds, frames, bytes, seconds, .. } in shares {
        _ = write!(out, "| {what} | {} % |", loss * 100.0);
        for (kind, _) in KINDS {
            _ = write!(out, " {:.2} |", kinds.get(&kind).copied().unwrap_or(0.0));
        }
        let [seconds, worst] = seconds;
        _ = writeln!(out, " {frames:.2} | {bytes:.0} | {seconds:.2} | {worst:.2} |");
    }
}

fn sizes(sizes: &[Sizes], out: &mut String) {
    let of = |size: &dyn Fn(&Sizes) -> usize| -> f64 {
        mean(&sizes.iter().map(|sizes| size(sizes) as f64).collect::<Vec<_>>())
    };
    out.push_str("\n| one sheet | bytes | of the text | from what is kept |\n|---|--:|--:|--:|\n");
    let (text, kept) = (of(&|sizes| sizes.text), of(&|sizes| sizes.kept));
    _ = writeln!(out, "| text | {text:.0} | 100 % | {kept:.0} |");
    let ours = of(&|sizes| sizes.ours);
    _ = writeln!(out, "| ours | {ours:.0} | {:.1} % | {ours:.0} |", 100.0 * ours / text);
    type Both = fn(&Sizes) -> [usize; 2];
    for (name, size) in [
        ("brotli, quality 11", (|sizes| sizes.brotli) as Both),
        ("zstd, level 19", |sizes| sizes.zstd),
        ("deflate", |sizes| sizes.deflate),
    ] {
        let [of_text, of_kept] = [0, 1].map(|at| of(&|sizes| size(sizes)[at]));
        let share = 100.0 * of_text / text;
        _ = writeln!(out, "| {name} | {of_text:.0} | {share:.1} % | {of_kept:.0} |");
    }
}

fn show(unit: Unit, number: f64) -> String {
    match unit {
        Unit::Frames => format!("{number:.2}"),
        Unit::Seconds => format!("{number:.3} s"),
        Unit::Percent => format!("{number:.2} %"),
    }
}

/// How many times the least it took: the mean, and the worst of all seeds.
fn times(line: &Line) -> Option<(f64, f64)> {
    let times: Vec<f64> = line.all().map(|(took, least)| took / least).collect();
    let worst = times.iter().copied().fold(0.0, f64::max);
    (!line.least.is_empty()).then(|| (mean(&times[..line.measured.len()]), worst))
}

fn goal_text(goal: Goal, unit: Unit) -> String {
    match (goal, unit) {
        (Goal::Times(times), _) => format!("{times} x"),
        (Goal::Plus(more), _) => format!("+ {more}"),
        (Goal::AtMost(most), Unit::Frames) => most.to_string(),
        (Goal::AtMost(most), Unit::Seconds) => format!("{most} s"),
        (Goal::AtMost(most), Unit::Percent) => format!("{most} %"),
    }
}

fn keeps(line: &Line) -> &'static str {
    match (line.must.map(|must| line.keeps(must)), line.aim.map(|aim| line.keeps(aim))) {
        (_, Some(true)) => "aim",
        (Some(true), _) => "must",
        (Some(false), _) => "**nothing**",
        (None, _) => "",
    }
}
