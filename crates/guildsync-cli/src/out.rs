//! What people and programs read on stdout, and notes beside it on stderr.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use guildsync::types::Points;
use guildsync::types::points::Total;
use serde::{Serialize, Serializer};

use crate::failure::Failure;

/// How a command tells its result.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Format {
    /// Print one JSON value instead of tables and sentences
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whether a command that writes may do so.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct DryRun {
    /// Check everything and say what would be done, but change nothing on disk
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl DryRun {
    /// `did` as a sentence about what was done, or what would be.
    pub(crate) fn tell(self, did: &str) -> String {
        match self.dry_run {
            true => format!("dry run, nothing was changed; this is what would be done:\n{did}"),
            false => did.to_owned(),
        }
    }
}

/// Prints text on stdout. A reader that has gone away, as `head` does, is no failure.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let text = text.to_string();
    let text = text.trim_end_matches('\n');
    tolerate(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Prints a value as JSON on stdout.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    print(serde_json::to_string_pretty(value)?)
}

/// Writes bytes to stdout as they are.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    tolerate(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

/// Tells the person something that is no part of the result.
pub(crate) fn note(text: impl Display) {
    // Where nobody listens there is nobody to tell.
    _ = writeln!(io::stderr().lock(), "{text}");
}

fn tolerate(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::error(format!("writing to stdout failed: {why}; give it another place")))
        }
        _ => Ok(()),
    }
}

/// `1 entry`, `2 entries`: a number with its noun.
pub(crate) fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    match n.into() {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// The number of entries in words.
pub(crate) fn entries(n: usize) -> String {
    count(n as u64, "entry", "entries")
}

/// The number of records in words.
pub(crate) fn records(n: usize) -> String {
    count(n as u64, "record", "records")
}

/// The number of assignment sheets in words.
pub(crate) fn sheets(n: usize) -> String {
    count(n as u64, "sheet", "sheets")
}

/// What a store holds in words; records and sheets only where there are any.
pub(crate) fn holdings(n_entries: usize, n_records: usize, n_sheets: usize) -> String {
    let records = (n_records > 0).then(|| records(n_records));
    let sheets = (n_sheets > 0).then(|| sheets(n_sheets));
    let mut parts: Vec<String> =
        [Some(entries(n_entries)), records, sheets].into_iter().flatten().collect();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}

/// An amount of points. In JSON it is a number, exact to hundredths: `95`, `12.5`, `-0.25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount(i64);

impl From<Points> for Amount {
    fn from(points: Points) -> Self {
        Self(points.hundredths())
    }
}

impl From<Total> for Amount {
    fn from(total: Total) -> Self {
        Self(total.0)
    }
}

impl Amount {
    /// With its sign, as what was added.
    pub(crate) fn signed(self) -> String {
        let sign = if self.0 > 0 { "+" } else { "" };
        format!("{sign}{self}")
    }
}

impl Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Total(self.0).fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 100 {
            0 => serializer.serialize_i64(self.0 / 100),
            // The nearest double to a decimal of two places prints as that decimal.
            _ => serializer.serialize_f64(self.0 as f64 / 100.0),
        }
    }
}

/// Serializes a value as its text.
pub(crate) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_json_numbers_exact_to_hundredths() {
        let table = [
            (9500, "95"),
            (1250, "12.5"),
            (-25, "-0.25"),
            (1, "0.01"),
            (-100_000_000_000, "-1000000000"),
            (99_999_999_999, "999999999.99"),
        ];
        for (hundredths, json) in table {
            assert_eq!(serde_json::to_string(&Amount(hundredths)).unwrap(), json);
        }
        assert_eq!(Amount(50).signed(), "+0.5");
        assert_eq!(Amount(-50).signed(), "-0.5");
    }
}
