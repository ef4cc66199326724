//! Who had how much when, as a picture: a line a member, darker the more of what it lacked is there, with
//! a dot for every frame that the member sent. SVG, or a page around it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use guildsync_sim::scenario::{MemberCost, Seen};
use guildsync_sim::trace::Record;

use super::Args;

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 178.0;
const RIGHT: f64 = 36.0;
const TOP: f64 = 122.0;
const STEP: f64 = 15.0;
const BAR: f64 = 12.0;
/// Room below the lines: the axis, its name.
const BOTTOM: f64 = 64.0;

const INK: &str = "#1f2933";
const FAINT: &str = "#69757f";
const LINE: &str = "#dfe4e8";
const GROUP: &str = "#c2410c";
const WHISPER: &str = "#1d4ed8";
/// Colours of nothing and of everything, as red, green, blue.
const NOTHING: [f64; 3] = [226.0, 232.0, 236.0];
const EVERYTHING: [f64; 3] = [94.0, 182.0, 170.0];

/// Where the picture goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    path: PathBuf,
    is_page: bool,
}

/// Where times are along the axis.
#[derive(Debug, Clone, Copy)]
struct Axis {
    end_ms: f64,
}

impl Target {
    /// Reads the name of a file.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Self { path, is_page: false }),
            Some("html" | "htm") => Ok(Self { path, is_page: true }),
            _ => Err("the name must end in .svg or .html".to_owned()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file's text.
    pub(super) fn draw(&self, args: &Args, seen: &Seen) -> String {
        let picture = svg(args, seen);
        match self.is_page {
            false => picture,
            true => format!(
                "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
                 <title>guildsync simulate</title>\n\
                 <body style=\"margin:24px;background:#f4f6f7\">\n{picture}</body>\n</html>\n"
            ),
        }
    }
}

impl Axis {
    fn x(self, ms: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (ms / self.end_ms).clamp(0.0, 1.0)
    }

    /// Between two marks, in milliseconds: 1, 2 or 5 times a power of ten, for at most ten marks.
    fn step(self) -> f64 {
        let rough = (self.end_ms / 10.0).max(1.0);
        let power = 10f64.powf(rough.log10().floor());
        let times = [1.0, 2.0, 5.0, 10.0];
        times.map(|n| n * power).into_iter().find(|step| *step >= rough).unwrap_or(rough)
    }
}

fn svg(args: &Args, seen: &Seen) -> String {
    let mut order: Vec<usize> = (0..seen.members.len()).collect();
    // The leader on top, then whoever was whole first.
    order[1..].sort_by_key(|&at| (seen.members[at].whole_ms, at));
    let bottom = TOP + STEP * order.len() as f64;
    let height = bottom + BOTTOM;
    let cost = &seen.cost;
    let sent = seen.records.iter().filter_map(|record| match record {
        Record::Frame { at, .. } => Some(*at),
        _ => None,
    });
    let last = sent.chain(seen.members.iter().map(|m| m.whole_ms)).max().unwrap_or(0);
    let axis = Axis { end_ms: (last as f64).max(cost.bound_seconds * 1000.0).max(100.0) * 1.02 };

    let mut out = String::new();
    _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="Inter, 'Segoe UI', 'DejaVu Sans', Helvetica, sans-serif" role="img" aria-label="Who had how much when">"#
    );
    _ = writeln!(out, r##"<rect width="{WIDTH}" height="{height}" rx="10" fill="#ffffff"/>"##);
    label(&mut out, (24.0, 36.0), "start", 19.0, INK, "Who had how much when");
    label(&mut out, (24.0, 58.0), "start", 13.0, FAINT, &args.title());
    let ours = format!(
        "{} frames in all, {} of the busiest, {:.3} s; the bound: {} frames, {:.1} s",
        cost.frames,
        cost.busiest_frames,
        cost.virtual_seconds,
        cost.bound_frames,
        cost.bound_seconds
    );
    label(&mut out, (24.0, 77.0), "start", 13.0, FAINT, &ours);
    legend(&mut out);
    marks(&mut out, axis, bottom);
    for (row, &at) in order.iter().enumerate() {
        let y = TOP + STEP * row as f64;
        let member = &seen.members[at];
        let name = if at == 0 { format!("{} (leads)", member.name) } else { member.name.clone() };
        label(&mut out, (LEFT - 8.0, y + BAR - 2.0), "end", 10.5, INK, &name);
        bar(&mut out, axis, y, member, seen, at);
        dots(&mut out, axis, y, &member.name, &seen.records);
    }
    let x = axis.x(cost.bound_seconds * 1000.0);
    _ = writeln!(
        out,
        r#"<line x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{bottom:.1}" stroke="{INK}" stroke-width="1.4" stroke-dasharray="5 4"/>"#,
        TOP - 6.0
    );
    let anchor = if x > WIDTH - RIGHT - 60.0 { "end" } else { "start" };
    let bound = format!("bound {:.1} s", cost.bound_seconds);
    label(&mut out, (x, TOP - 10.0), anchor, 11.0, INK, &bound);
    out + "</svg>\n"
}

fn legend(out: &mut String) {
    let y = 97.0;
    let mut x = LEFT + 120.0;
    for (share, text) in [(0.0, "lacks all that it lacked"), (0.5, "half"), (1.0, "has everything")]
    {
        _ = writeln!(
            out,
            r#"<rect x="{x:.1}" y="{:.1}" width="18" height="11" rx="2" fill="{}"/>"#,
            y - 9.0,
            colour(share)
        );
        label(out, (x + 24.0, y), "start", 11.0, FAINT, text);
        x += 40.0 + 6.2 * text.len() as f64;
    }
    for (colour, text) in [(GROUP, "a frame to the group"), (WHISPER, "a whispered frame")] {
        _ = writeln!(
            out,
            r#"<circle cx="{:.1}" cy="{:.1}" r="2.6" fill="{colour}"/>"#,
            x + 6.0,
            y - 4.0
        );
        label(out, (x + 14.0, y), "start", 11.0, FAINT, text);
        x += 30.0 + 6.2 * text.len() as f64;
    }
}

/// The axis of time.
fn marks(out: &mut String, axis: Axis, bottom: f64) {
    let step = axis.step();
    let decimals = if step < 1000.0 { if step < 100.0 { 2 } else { 1 } } else { 0 };
    let n = (axis.end_ms / step).floor() as u32;
    for mark in 0..=n {
        let ms = f64::from(mark) * step;
        let x = axis.x(ms);
        _ = writeln!(
            out,
            r#"<line x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{:.1}" stroke="{LINE}"/>"#,
            TOP - 4.0,
            bottom + 4.0
        );
        let text = format!("{:.decimals$}", ms / 1000.0);
        label(out, (x, bottom + 19.0), "middle", 11.0, FAINT, &text);
    }
    let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    label(
        out,
        (middle, bottom + 42.0),
        "middle",
        12.0,
        FAINT,
        "seconds of virtual time since the group formed",
    );
}

/// One member's line: a rectangle from each growth of its log to the next.
fn bar(out: &mut String, axis: Axis, y: f64, member: &MemberCost, seen: &Seen, at: usize) {
    let most = seen.members.iter().map(|m| m.n_after).max().unwrap_or(0);
    let lacked = most.saturating_sub(member.n_before);
    let share = |n: usize| match lacked {
        0 => 1.0,
        _ => n.saturating_sub(member.n_before) as f64 / lacked as f64,
    };
    let grew = seen.growth.iter().filter(|g| g.member == at).map(|g| (g.at as f64, g.n_entries));
    let steps: Vec<(f64, usize)> = std::iter::once((0.0, member.n_before)).chain(grew).collect();
    for (i, &(from, n)) in steps.iter().enumerate() {
        let to = steps.get(i + 1).map_or(axis.end_ms, |&(to, _)| to);
        let (left, right) = (axis.x(from), axis.x(to));
        _ = writeln!(
            out,
            r#"<rect x="{left:.1}" y="{y:.1}" width="{:.1}" height="{BAR}" fill="{}"><title>{}: {n} of {most} entries from {:.3} s on</title></rect>"#,
            (right - left).max(0.0),
            colour(share(n)),
            escaped(&member.name),
            from / 1000.0,
        );
    }
}

fn dots(out: &mut String, axis: Axis, y: f64, name: &str, records: &[Record]) {
    for record in records {
        let Record::Frame { at, from, to, result, .. } = record else { continue };
        if from != name || result != "Sent" {
            continue;
        }
        let colour = if to.is_none() { GROUP } else { WHISPER };
        _ = writeln!(
            out,
            r#"<circle cx="{:.1}" cy="{:.1}" r="2.4" fill="{colour}" fill-opacity="0.85"/>"#,
            axis.x(*at as f64),
            y + BAR / 2.0
        );
    }
}

/// The colour of a share of what a member lacked.
fn colour(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    let mixed = [0, 1, 2].map(|i| NOTHING[i] + (EVERYTHING[i] - NOTHING[i]) * share);
    format!("rgb({:.0},{:.0},{:.0})", mixed[0], mixed[1], mixed[2])
}

fn label(out: &mut String, (x, y): (f64, f64), anchor: &str, size: f64, color: &str, text: &str) {
    let weight = if size > 15.0 { 600 } else { 400 };
    _ = writeln!(
        out,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{color}">{}</text>"#,
        escaped(text)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
