//! What an import of CEPGP traffic would do, in numbers, with every refused row and its reason.

use std::fmt;

use guildsync_types::Stamp;
use serde::{Serialize, Serializer};

use super::row::RowError;

/// What became of a file's rows.
///
/// `rows` = `refused` + `note_rows` + `entry_rows`, whatever is there already; what is new is in
/// `ep`, `gp` and `notes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Rows in the file.
    pub rows: usize,
    /// Those of them that name a member and were read.
    pub named_rows: usize,
    /// Rows that give entries of points, in one profile or both.
    pub entry_rows: usize,
    /// Rows that give a note.
    pub note_rows: usize,
    /// New entries in the EP profile.
    pub ep: Bases,
    /// New entries in the GP profile.
    pub gp: Bases,
    /// New notes, in either.
    pub notes: usize,
    /// Entries and notes that the logs hold already.
    pub already_there: usize,
    /// Rows that were left out, and why.
    pub refused: Vec<Refused>,
    /// Rows without a time: each took the time of the row before it, those at the file's beginning
    /// the first time that follows.
    pub untimed_rows: usize,
    /// Rows whose time lies before the row before them, whose time they took: the order of the file
    /// is the order of what happened.
    pub backward_rows: usize,
    /// No row has a time: all of them are dated 1970.
    pub without_any_time: bool,
    /// The first time in the file.
    #[serde(serialize_with = "time")]
    pub first_time: Option<Stamp>,
    /// The last time in the file.
    #[serde(serialize_with = "time")]
    pub last_time: Option<Stamp>,
    /// Members that rows name.
    pub members: usize,
    /// Entries of the table whose key is no row number; they are no rows.
    pub other_keys: usize,
    /// Rows of a second table, the global `TRAFFIC`, that differs from the one that was read.
    pub unread_rows: usize,
}

/// Entries by what replay goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bases {
    /// They set the member's total.
    pub total: usize,
    /// They add.
    pub delta: usize,
}

impl Bases {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> usize {
        self.total + self.delta
    }
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its number in the table.
    pub row: i64,
    /// Why.
    #[serde(serialize_with = "shown")]
    pub why: RowError,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.row, self.why)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows           {:>8}  naming {} members", self.rows, self.members)?;
        for (name, bases) in [("EP", self.ep), ("GP", self.gp)] {
            let Bases { total, delta } = bases;
            writeln!(f, "new {name} entries {:>8}  {delta} deltas, {total} totals", bases.all())?;
        }
        writeln!(f, "new notes      {:>8}", self.notes)?;
        writeln!(f, "already there  {:>8}", self.already_there)?;
        writeln!(f, "refused rows   {:>8}", self.refused.len())?;
        for refused in &self.refused {
            writeln!(f, "  {refused}")?;
        }
        match (self.first_time, self.last_time) {
            (Some(first), Some(last)) => writeln!(f, "time           {first} to {last}")?,
            _ => writeln!(f, "no row has a time: all are dated 1970")?,
        }
        if self.untimed_rows > 0 && !self.without_any_time {
            writeln!(f, "{} rows without a time took a neighbour's", self.untimed_rows)?;
        }
        if self.backward_rows > 0 {
            writeln!(
                f,
                "{} rows went back in time and took their neighbour's",
                self.backward_rows
            )?;
        }
        if self.other_keys > 0 {
            writeln!(f, "{} entries of the table are no rows", self.other_keys)?;
        }
        if self.unread_rows > 0 {
            writeln!(f, "{} rows of another table, TRAFFIC, were not read", self.unread_rows)?;
        }
        Ok(())
    }
}

fn time<S: Serializer>(time: &Option<Stamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(stamp) => serializer.collect_str(stamp),
        None => serializer.serialize_none(),
    }
}

fn shown<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
