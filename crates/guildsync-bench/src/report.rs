//! The result for people: a table for each corpus, the bars, and what the numbers rest on.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use crate::bars::{BARS, Unit};
use crate::codec::Codec;
use crate::measure::{Measurement, SIZES};

/// The tables, in the order of the measurements.
#[must_use]
pub fn text(lines: &[Measurement]) -> String {
    let mut text = String::new();
    let mut sparse = table(["corpus", "mode", "N", "bytes/entry", "bytes", "frames"], 2);
    let mut messages = table(["corpus", "mode", "entries", "bytes/entry"], 2);
    for corpus in lines.chunk_by(|a, b| a.corpus == b.corpus) {
        let is_log = corpus.iter().any(|line| line.mode == Codec::Small.name());
        let table = if is_log { log(corpus) } else { tables(corpus) };
        titled(&mut text, &corpus[0].corpus, &table);
        for line in corpus {
            let (name, mode) = (line.corpus.clone(), line.mode.clone());
            let each = format!("{:.2}", line.bytes_per_entry);
            if let Some(mode) = mode.strip_suffix("-sparse") {
                let (bytes, frames) = (format!("{:.0}", line.bytes), number(line.frames));
                sparse.add_row([name, mode.to_owned(), line.n.to_string(), each, bytes, frames]);
            } else if let Some(mode) = mode.strip_suffix("-one-message") {
                let entries = format!("{:.1}", line.bytes / line.bytes_per_entry);
                messages.add_row([name, mode.to_owned(), entries, each]);
            }
        }
    }
    for (title, table) in [
        ("sparse: every ninth entry in one batch", sparse),
        ("the most entries in one frame of 255 bytes, base number included", messages),
        ("what was asked for", bars(lines)),
    ] {
        if !table.is_empty() {
            titled(&mut text, title, &table);
        }
    }
    text + NOTES
}

/// A table under its title, without blanks at the ends of lines.
fn titled(text: &mut String, title: &str, table: &Table) {
    _ = writeln!(text, "{title}");
    for line in table.lines() {
        _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
}

const NOTES: &str = "\
Bytes per entry, and in brackets frames of 255 bytes (no NUL, 4 bytes of overhead in a whole message,
10 in a first and 6 in a further chunk). Means over windows: 200 of N = 1, 100 of 5, 20 of 100, 5 of 1,000,
2 of 4,096, 1 of 10,000, where the corpus is long enough. Over 4,096 rows are several batches. The base of
`history` is exactly the 1,000 rows before a batch. Every batch was decoded in another process and every field
compared; the hash is BLAKE3 over what came back, so it is the same in each mode of a corpus.
";

fn log(lines: &[Measurement]) -> Table {
    let sized = |line: &&Measurement| Codec::names().any(|name| name == line.mode);
    let lines: Vec<&Measurement> = lines.iter().filter(sized).collect();
    let sizes: Vec<usize> =
        SIZES.iter().map(|(n, _)| *n).filter(|n| lines.iter().any(|line| line.n == *n)).collect();
    let header = ["mode".to_owned()].into_iter();
    let header = header.chain(sizes.iter().map(|n| format!("N = {n}"))).chain(["hash".to_owned()]);
    let mut table = table(header, 1);
    for mode in Codec::names() {
        let of_mode = || lines.iter().filter(|line| line.mode == mode);
        let mut row = vec![mode.to_owned()];
        let mut hasher = blake3::Hasher::new();
        for n in &sizes {
            row.push(of_mode().find(|line| line.n == *n).map_or_else(String::new, |line| {
                hasher.update(line.hash.as_bytes());
                format!("{:.2} ({})", line.bytes_per_entry, number(line.frames))
            }));
        }
        row.push(hasher.finalize().to_hex()[..16].to_owned());
        table.add_row(row);
    }
    let limits: Vec<Option<f64>> = sizes
        .iter()
        .map(|n| lines.iter().find(|line| line.n == *n).and_then(|line| line.limit))
        .collect();
    if limits.iter().any(Option::is_some) {
        let cells =
            limits.iter().map(|limit| limit.map_or_else(String::new, |l| format!("{l:.2}")));
        table.add_row(["entropy limit".to_owned()].into_iter().chain(cells).chain([String::new()]));
    }
    align(&mut table, 1);
    table
}

fn tables(lines: &[Measurement]) -> Table {
    let mut table = table(["mode", "records", "bytes", "bytes/record", "frames", "hash"], 1);
    for line in lines {
        table.add_row([
            line.mode.clone(),
            line.n.to_string(),
            format!("{:.0}", line.bytes),
            format!("{:.2}", line.bytes_per_entry),
            number(line.frames),
            line.hash.clone(),
        ]);
    }
    align(&mut table, 1);
    table
}

fn bars(lines: &[Measurement]) -> Table {
    let mut table = table(["", "corpus", "must", "aim", "measured", "holds"], 2);
    for bar in &BARS {
        for line in lines {
            let Some(measured) = bar.measured(line) else { continue };
            let shown = |value: f64| match bar.unit {
                Unit::BytesPerEntry => format!("{value:.2}"),
                Unit::Bytes | Unit::Entries => format!("{value:.0}"),
            };
            let holds = match (bar.holds(measured, bar.must), bar.holds(measured, bar.aim)) {
                (_, true) => "must and aim",
                (true, false) => "must",
                (false, false) => "NO",
            };
            let (must, aim, measured) = (shown(bar.must), shown(bar.aim), shown(measured));
            table.add_row([bar.what, &line.corpus, &must, &aim, &measured, holds]);
        }
    }
    table
}

/// No lines but the one under the heads, so that rows can be cut and pasted.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

fn table<S: Into<String>>(header: impl IntoIterator<Item = S>, left: usize) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header.into_iter().map(Into::into));
    align(&mut table, left);
    table
}

/// The first `left` columns begin at the left, the numbers end at the right.
fn align(table: &mut Table, left: usize) {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if index == 0 { 0 } else { 1 }, 1));
        if index >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// A mean without places where it is whole.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
