//! Plain columns: what a batch of loot-log rows holds, without a word on how it is written.

use super::strings::{Interner, Strings};

/// In the target column: the row is about nobody.
pub const NOBODY: u32 = u32::MAX;

/// A batch as columns, all equally long; names, reasons and writers are numbers into tables.
///
/// Two batches are the same when their rows are ([`Rows::iter`]): the order of the tables is not
/// part of it.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The log that all rows belong to; any bytes.
    pub profile: Vec<u8>,
    /// Who appended rows; any bytes.
    pub writers: Strings,
    /// Actors and targets.
    pub names: Strings,
    /// Reasons.
    pub reasons: Strings,
    /// Number of the writer.
    pub writer: Vec<u32>,
    /// Place in that writer's chain.
    pub seq: Vec<u64>,
    /// Seconds of the stamp.
    pub seconds: Vec<u64>,
    /// Count within the second.
    pub count: Vec<u16>,
    /// What the row says; its meaning is the caller's.
    pub kind: Vec<u8>,
    /// More about it; the meaning is the caller's.
    pub flags: Vec<u8>,
    /// Occurrence number of an imported row, else 0.
    pub origin: Vec<u32>,
    /// Number of the name of who did it.
    pub actor: Vec<u32>,
    /// Number of the name that it is about, or [`NOBODY`].
    pub target: Vec<u32>,
    /// Points moved, in the smallest unit.
    pub delta: Vec<i64>,
    /// The target's total afterwards, as the writer saw it.
    pub total: Vec<i64>,
    /// Number of the reason.
    pub reason: Vec<u32>,
    /// Rows that carry more bytes, and which; ascending.
    pub bodies: Vec<(u32, Vec<u8>)>,
}

/// One row of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Row<'a> {
    /// Who appended it.
    pub writer: &'a [u8],
    /// Place in that writer's chain.
    pub seq: u64,
    /// Seconds of the stamp.
    pub seconds: u64,
    /// Count within the second.
    pub count: u16,
    /// What the row says.
    pub kind: u8,
    /// More about it.
    pub flags: u8,
    /// Occurrence number of an imported row, else 0.
    pub origin: u32,
    /// Who did it.
    pub actor: &'a [u8],
    /// Whom it is about.
    pub target: Option<&'a [u8]>,
    /// Points moved.
    pub delta: i64,
    /// The target's total afterwards.
    pub total: i64,
    /// Why.
    pub reason: &'a [u8],
    /// More bytes, for kinds that have other fields; empty for most.
    pub body: &'a [u8],
}

impl Rows {
    /// The most rows that one batch holds.
    pub const MAX: usize = 4096;
    /// The most bytes of texts and bodies, each counted once, that one batch holds.
    pub const TEXT_MAX: usize = 256 << 10;

    /// No rows, and room for `rows` of them.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            writer: Vec::with_capacity(rows),
            seq: Vec::with_capacity(rows),
            seconds: Vec::with_capacity(rows),
            count: Vec::with_capacity(rows),
            kind: Vec::with_capacity(rows),
            flags: Vec::with_capacity(rows),
            origin: Vec::with_capacity(rows),
            actor: Vec::with_capacity(rows),
            target: Vec::with_capacity(rows),
            delta: Vec::with_capacity(rows),
            total: Vec::with_capacity(rows),
            reason: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seq.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seq.is_empty()
    }

    /// A row, or `None` past the end or when a column or table lacks what the row names.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<Row<'_>> {
        let target = *self.target.get(at)?;
        let body = self.bodies.binary_search_by_key(&(at as u32), |body| body.0);
        Some(Row {
            writer: self.writers.get(*self.writer.get(at)?)?,
            seq: *self.seq.get(at)?,
            seconds: *self.seconds.get(at)?,
            count: *self.count.get(at)?,
            kind: *self.kind.get(at)?,
            flags: *self.flags.get(at)?,
            origin: *self.origin.get(at)?,
            actor: self.names.get(*self.actor.get(at)?)?,
            target: if target == NOBODY { None } else { Some(self.names.get(target)?) },
            delta: *self.delta.get(at)?,
            total: *self.total.get(at)?,
            reason: self.reasons.get(*self.reason.get(at)?)?,
            body: body.map_or(&[], |found| &self.bodies[found].1),
        })
    }

    /// The bytes of all strings that rows name, each counted once, and of the bodies.
    ///
    /// # Errors
    /// The first row that lacks something: a column is too short, or a table lacks what it names,
    /// or bodies are out of order.
    pub fn text_bytes(&self) -> Result<usize, usize> {
        let incomplete =
            || (0..self.len()).find(|at| self.row(*at).is_none()).unwrap_or(self.len());
        if !self.is_even() {
            return Err(incomplete());
        }
        let mut bytes = self.profile.len();
        let targets = self.target.iter().filter(|target| **target != NOBODY);
        bytes += used(&self.writers, self.writer.iter()).ok_or_else(incomplete)?;
        bytes += used(&self.names, self.actor.iter().chain(targets)).ok_or_else(incomplete)?;
        bytes += used(&self.reasons, self.reason.iter()).ok_or_else(incomplete)?;
        let mut next = 0;
        for (row, body) in &self.bodies {
            if (*row as usize) < next || *row as usize >= self.len() {
                return Err(*row as usize);
            }
            next = *row as usize + 1;
            bytes += body.len();
        }
        Ok(bytes)
    }

    /// Whether all columns are equally long.
    pub(super) fn is_even(&self) -> bool {
        let lengths = [
            self.writer.len(),
            self.seconds.len(),
            self.count.len(),
            self.kind.len(),
            self.flags.len(),
            self.origin.len(),
            self.actor.len(),
            self.target.len(),
            self.delta.len(),
            self.total.len(),
            self.reason.len(),
        ];
        lengths.iter().all(|length| *length == self.len())
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map_while(|at| self.row(at))
    }
}

/// The bytes of the strings that numbers name, each counted once.
fn used<'a>(strings: &Strings, numbers: impl Iterator<Item = &'a u32>) -> Option<usize> {
    let mut seen = vec![false; strings.len()];
    let mut bytes = 0;
    for number in numbers {
        let seen = seen.get_mut(*number as usize)?;
        if !*seen {
            *seen = true;
            bytes += strings.get(*number)?.len();
        }
    }
    Some(bytes)
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile && self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Rows {}

/// Collects rows into columns.
#[derive(Debug, Clone, Default)]
pub struct RowsBuilder {
    rows: Rows,
    writers: Interner,
    names: Interner,
    reasons: Interner,
}

impl RowsBuilder {
    /// Starts a batch of this profile's rows.
    #[must_use]
    pub fn new(profile: &[u8]) -> Self {
        let rows = Rows { profile: profile.to_vec(), ..Rows::default() };
        Self { rows, ..Self::default() }
    }

    /// How many rows were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Gives a name its number before any row has it.
    pub fn intern_name(&mut self, name: &[u8]) -> u32 {
        self.names.number(&mut self.rows.names, name)
    }

    /// Adds a row.
    pub fn push(&mut self, row: &Row<'_>) {
        let rows = &mut self.rows;
        if !row.body.is_empty() {
            rows.bodies.push((rows.seq.len() as u32, row.body.to_vec()));
        }
        rows.writer.push(self.writers.number(&mut rows.writers, row.writer));
        rows.seq.push(row.seq);
        rows.seconds.push(row.seconds);
        rows.count.push(row.count);
        rows.kind.push(row.kind);
        rows.flags.push(row.flags);
        rows.origin.push(row.origin);
        rows.actor.push(self.names.number(&mut rows.names, row.actor));
        let target = row.target.map(|target| self.names.number(&mut rows.names, target));
        rows.target.push(target.unwrap_or(NOBODY));
        rows.delta.push(row.delta);
        rows.total.push(row.total);
        rows.reason.push(self.reasons.number(&mut rows.reasons, row.reason));
    }

    /// The batch.
    #[must_use]
    pub fn finish(self) -> Rows {
        self.rows
    }
}
