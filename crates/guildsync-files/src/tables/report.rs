//! What reading a file of tables gave, and what merging it did, in numbers.

use std::fmt;

use guildsync_tables::{Merge, Merged as Became, Record, TableKind};
use serde::Serialize;

/// What became of a file's entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TablesReport {
    /// One of each table, in the order of a session.
    pub tables: Vec<TableReport>,
    /// Entries that are in no table and are none.
    pub elsewhere: Vec<Refused>,
    /// What the file holds beside the five tables, by its path: it was not read.
    pub unread: Vec<String>,
}

/// What became of the entries of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableReport {
    /// Its name.
    pub table: String,
    /// Entries that were read.
    pub read: usize,
    /// Those of them that are deleted.
    pub deleted: usize,
    /// Entries that were left out.
    pub refused: Vec<Refused>,
}

/// An entry that was left out, and why: its table, its id and the field are in the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Refused {
    /// Why.
    pub why: String,
}

/// What merging a file's records did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Merged {
    /// There was none.
    pub added: usize,
    /// Newer than what was there.
    pub updated: usize,
    /// Newer, and deletions.
    pub deleted: usize,
    /// There already.
    pub same: usize,
    /// Older than what was there: left out.
    pub older: usize,
    /// Of a time to come: held until then.
    pub held: usize,
    /// Of a time to come, and too many are held already: left out.
    pub not_held: usize,
    /// Those among them that met another of the same second; the greater one counts.
    pub conflicts: usize,
}

impl TablesReport {
    pub(super) fn new(unread: Vec<String>) -> Self {
        let table = |kind: TableKind| TableReport { table: kind.to_string(), ..Default::default() };
        let tables = TableKind::ALL.into_iter().map(table).collect();
        Self { tables, elsewhere: Vec::new(), unread }
    }

    pub(super) fn count(&mut self, record: &Record) {
        let table = &mut self.tables[record.table().index()];
        table.read += 1;
        table.deleted += usize::from(record.is_deleted());
    }

    pub(super) fn refuse(&mut self, table: Option<TableKind>, why: String) {
        match table {
            Some(table) => self.tables[table.index()].refused.push(Refused { why }),
            None => self.elsewhere.push(Refused { why }),
        }
    }

    /// What became of one table's entries.
    #[must_use]
    pub fn of(&self, table: TableKind) -> &TableReport {
        &self.tables[table.index()]
    }

    /// All entries that were left out.
    pub fn refused(&self) -> impl Iterator<Item = &Refused> {
        self.tables.iter().flat_map(|table| &table.refused).chain(&self.elsewhere)
    }
}

impl Merged {
    pub(super) fn count(&mut self, merge: Merge) {
        self.conflicts += usize::from(merge.conflict);
        let n = match merge.merged {
            Became::Added => &mut self.added,
            Became::Updated => &mut self.updated,
            Became::Deleted => &mut self.deleted,
            Became::Same => &mut self.same,
            Became::Older => &mut self.older,
            Became::Held => &mut self.held,
            Became::NotHeld => &mut self.not_held,
        };
        *n += 1;
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl fmt::Display for TablesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for TableReport { table, read, deleted, refused } in &self.tables {
            let n = refused.len();
            writeln!(f, "{table:<10} {read:>6} read, {deleted} of them deleted; {n} refused")?;
        }
        for refused in self.refused() {
            writeln!(f, "  {refused}")?;
        }
        if !self.unread.is_empty() {
            writeln!(f, "not read: {}", self.unread.join(", "))?;
        }
        Ok(())
    }
}
