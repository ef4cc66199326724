//! The picture: bytes per entry by mode and rival at N = 1,000, one panel a corpus, as SVG.
//!
//! Bars are on a logarithmic axis, since postcard and `history` are thirty times apart. The dashed line
//! is the entropy limit, where it is known. Colours and letters are in the file itself, so it reads the
//! same on a light and on a dark page.

use std::fmt::Write as _;

use crate::codec::Codec;
use crate::corpus::read::Content;
use crate::measure::Measurement;

/// The rows of a window in the picture.
const N: usize = 1000;
/// Ends of the axis in bytes per entry.
const AXIS: (f64, f64) = (0.4, 120.0);
const GRID: [f64; 6] = [0.5, 1.0, 3.0, 10.0, 30.0, 100.0];
/// Pixels.
const WIDTH: f64 = 1140.0;
const PANEL: f64 = 300.0;
const LEFT: f64 = 150.0;
const TOP: f64 = 118.0;
const BAR: f64 = 26.0;
const STEP: f64 = 36.0;
const GAP: f64 = 24.0;

const INK: &str = "#1f2933";
const FAINT: &str = "#69757f";
const LINE: &str = "#dfe4e8";
const OWN: &str = "#0f766e";
const RIVAL: &str = "#b7c0c8";
const LIMIT: &str = "#c2410c";

/// Whether a corpus is in the picture: the three logs, not the tables and not the generated entries.
#[must_use]
pub fn wants(content: &Content) -> bool {
    matches!(content, Content::Log(corpus) if !corpus.entries)
}

/// The picture of what was measured.
#[must_use]
pub fn svg(lines: &[Measurement]) -> String {
    // What is shipped, and the rivals.
    let mut modes: Vec<&str> = Codec::names().filter(|mode| *mode != Codec::Prior.name()).collect();
    let size_of = |corpus: &[Measurement], mode: &str| {
        let line = corpus.iter().find(|line| line.n == N && line.mode == mode);
        line.map(|line| line.bytes_per_entry)
    };
    let panels: Vec<&[Measurement]> = lines.chunk_by(|a, b| a.corpus == b.corpus).collect();
    // The largest on top, by the first corpus, so that every panel has one order.
    if let Some(first) = panels.first() {
        let size = |mode: &str| size_of(first, mode).unwrap_or(0.0);
        modes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    }
    let bottom = TOP + STEP * modes.len() as f64;
    let height = bottom + 62.0;
    let mut out = String::new();
    _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="Inter, 'Segoe UI', 'DejaVu Sans', Helvetica, sans-serif" role="img" aria-label="Bytes per loot-log entry by codec">"#
    );
    _ = writeln!(out, r##"<rect width="{WIDTH}" height="{height}" rx="10" fill="#ffffff"/>"##);
    label(
        &mut out,
        (LEFT, 40.0),
        "start",
        21.0,
        INK,
        "600",
        "Bytes per loot-log entry, batches of 1,000",
    );
    let subtitle =
        "lower is better, logarithmic axis; every batch decoded again in another process";
    label(&mut out, (LEFT, 63.0), "start", 13.0, FAINT, "400", subtitle);
    for (row, mode) in modes.iter().enumerate() {
        let own = Codec::OWN.iter().any(|codec| codec.name() == *mode);
        let (color, weight) = if own { (OWN, "700") } else { (INK, "400") };
        let y = TOP + STEP * row as f64 + BAR / 2.0 + 5.0;
        label(&mut out, (LEFT - 12.0, y), "end", 14.0, color, weight, mode);
    }
    for (at, corpus) in panels.iter().enumerate() {
        let left = LEFT + (PANEL + GAP) * at as f64;
        panel(&mut out, left, bottom, corpus, &modes, size_of);
    }
    out + "</svg>\n"
}

fn panel(
    out: &mut String,
    left: f64,
    bottom: f64,
    corpus: &[Measurement],
    modes: &[&str],
    size_of: impl Fn(&[Measurement], &str) -> Option<f64>,
) {
    label(out, (left, TOP - 20.0), "start", 14.0, INK, "600", &title(&corpus[0].corpus));
    for value in GRID {
        let x = left + along(value);
        _ = writeln!(
            out,
            r#"<line x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{bottom:.1}" stroke="{LINE}"/>"#,
            TOP - 8.0
        );
        label(out, (x, bottom + 18.0), "middle", 11.5, FAINT, "400", &format!("{value}"));
    }
    for (row, mode) in modes.iter().enumerate() {
        let Some(size) = size_of(corpus, mode) else { continue };
        let own = Codec::OWN.iter().any(|codec| codec.name() == *mode);
        let (fill, ink) = if own { (OWN, OWN) } else { (RIVAL, INK) };
        let (y, width) = (TOP + STEP * row as f64, along(size).max(1.0));
        _ = writeln!(
            out,
            r#"<rect x="{left:.1}" y="{y:.1}" width="{width:.1}" height="{BAR}" rx="3" fill="{fill}"/>"#
        );
        // Inside the bar where there is room for it behind the axis's end.
        let place = (left + width + 6.0, y + BAR / 2.0 + 5.0);
        let shown = if size < 10.0 { format!("{size:.2}") } else { format!("{size:.1}") };
        match width > PANEL - 46.0 {
            true => label(out, (left + width - 7.0, place.1), "end", 13.0, INK, "600", &shown),
            false => label(out, place, "start", 13.0, ink, "600", &shown),
        }
    }
    if let Some(limit) = corpus.iter().find(|line| line.n == N).and_then(|line| line.limit) {
        let x = left + along(limit);
        _ = writeln!(
            out,
            r#"<line x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{bottom:.1}" stroke="{LIMIT}" stroke-width="1.6" stroke-dasharray="5 4"/>"#,
            TOP - 8.0
        );
        let text = format!("entropy limit {limit:.2}");
        label(
            out,
            (x, bottom + 38.0),
            if x < left + 40.0 { "start" } else { "middle" },
            12.0,
            LIMIT,
            "600",
            &text,
        );
    }
}

/// A value's distance from the axis's left end.
fn along(value: f64) -> f64 {
    let (from, to) = AXIS;
    (value / from).ln().max(0.0) / (to / from).ln() * PANEL
}

fn title(corpus: &str) -> String {
    match corpus {
        "loot-independent" | "generated-independent" => "independent fields (synthetic)".to_owned(),
        "loot-correlated" | "generated-correlated" => "raid-wide awards (synthetic)".to_owned(),
        "cepgp_wrath_traffic" => "a real guild's history".to_owned(),
        other => other.to_owned(),
    }
}

fn label(
    out: &mut String,
    (x, y): (f64, f64),
    anchor: &str,
    size: f64,
    color: &str,
    weight: &str,
    text: &str,
) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    _ = writeln!(
        out,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{color}">{text}</text>"#
    );
}
