//! The sizes that were asked for: what must hold, and what is aimed at.

use crate::measure::Measurement;

/// One row of the table of bars.
#[derive(Debug, Clone, Copy)]
pub struct Bar {
    /// What it is about, for people.
    pub what: &'static str,
    /// The end of the corpus's name, so that generated ones count as well.
    pub corpus: &'static str,
    /// Rows of a window; `None` where the mode alone says it.
    pub n: Option<usize>,
    /// How they are written.
    pub mode: &'static str,
    /// What is compared.
    pub unit: Unit,
    /// What must hold.
    pub must: f64,
    /// What is aimed at.
    pub aim: f64,
}

/// What a bar counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes per entry, at most.
    BytesPerEntry,
    /// Bytes in all, at most.
    Bytes,
    /// Entries in a message, at least.
    Entries,
}

const fn rows(
    what: &'static str,
    corpus: &'static str,
    mode: &'static str,
    must: f64,
    aim: f64,
) -> Bar {
    Bar { what, corpus, n: Some(1000), mode, unit: Unit::BytesPerEntry, must, aim }
}

const fn message(what: &'static str, corpus: &'static str, must: f64, aim: f64) -> Bar {
    let mode = "history-one-message";
    Bar { what, corpus, n: None, mode, unit: Unit::Entries, must, aim }
}

/// All of them.
pub const BARS: [Bar; 8] = [
    rows("small, independent", "independent", "small", 4.6, 4.2),
    rows("small, correlated", "correlated", "small", 2.0, 1.6),
    rows("history, independent", "independent", "history", 3.1, 3.02),
    rows("history, correlated", "correlated", "history", 1.0, 0.60),
    rows("small, real history", "cepgp_wrath_traffic", "small", 4.8, 3.8),
    message("entries in one message, independent", "independent", 78.0, 82.0),
    message("entries in one message, correlated", "correlated", 250.0, 380.0),
    Bar {
        what: "700 records, bytes",
        corpus: "tables",
        n: None,
        mode: "records",
        unit: Unit::Bytes,
        must: 19_000.0,
        aim: 15_000.0,
    },
];

impl Bar {
    /// What was measured for it, in its unit; nothing if `line` is about something else.
    #[must_use]
    pub fn measured(&self, line: &Measurement) -> Option<f64> {
        let fits = line.corpus.ends_with(self.corpus)
            && line.mode == self.mode
            && self.n.is_none_or(|n| n == line.n);
        fits.then(|| match self.unit {
            Unit::BytesPerEntry => line.bytes_per_entry,
            Unit::Bytes => line.bytes,
            Unit::Entries => line.bytes / line.bytes_per_entry,
        })
    }

    /// Whether `measured` reaches `bar`.
    #[must_use]
    pub fn holds(&self, measured: f64, bar: f64) -> bool {
        if self.unit == Unit::Entries { measured >= bar } else { measured <= bar }
    }
}
