//! A row that owns its texts, as programs hold it: what the rivals encode, and what is compared.

use anyhow::Context as _;
use guildsync_wire::rows::{Row, Rows, RowsBuilder};
use serde::{Deserialize, Serialize};

/// All fields of one row.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode,
)]
pub struct OwnedRow {
    /// Who appended it.
    pub writer: Vec<u8>,
    /// Place in that writer's chain; the id of a pipe line.
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
    pub actor: String,
    /// Whom it is about.
    pub target: Option<String>,
    /// Points moved, in hundredths.
    pub delta: i64,
    /// The target's total afterwards, in hundredths.
    pub total: i64,
    /// Why.
    pub reason: String,
    /// More bytes.
    pub body: Vec<u8>,
}

impl OwnedRow {
    fn of(row: &Row<'_>) -> anyhow::Result<Self> {
        let text = |bytes: &[u8], what: &str| {
            String::from_utf8(bytes.to_vec()).with_context(|| format!("a {what} that is no text"))
        };
        Ok(Self {
            writer: row.writer.to_vec(),
            seq: row.seq,
            seconds: row.seconds,
            count: row.count,
            kind: row.kind,
            flags: row.flags,
            origin: row.origin,
            actor: text(row.actor, "actor")?,
            target: row.target.map(|target| text(target, "target")).transpose()?,
            delta: row.delta,
            total: row.total,
            reason: text(row.reason, "reason")?,
            body: row.body.to_vec(),
        })
    }

    fn borrow(&self) -> Row<'_> {
        Row {
            writer: &self.writer,
            seq: self.seq,
            seconds: self.seconds,
            count: self.count,
            kind: self.kind,
            flags: self.flags,
            origin: self.origin,
            actor: self.actor.as_bytes(),
            target: self.target.as_deref().map(str::as_bytes),
            delta: self.delta,
            total: self.total,
            reason: self.reason.as_bytes(),
            body: &self.body,
        }
    }
}

/// Rows as the wire's columns.
#[must_use]
pub fn to_columns(profile: &str, rows: &[OwnedRow]) -> Rows {
    let mut builder = RowsBuilder::new(profile.as_bytes());
    for row in rows {
        builder.push(&row.borrow());
    }
    builder.finish()
}

/// The profile and the rows that columns hold.
///
/// # Errors
/// Columns of unequal length, or bytes that are no text where the corpus has text.
pub fn from_columns(columns: &Rows) -> anyhow::Result<(String, Vec<OwnedRow>)> {
    let profile = String::from_utf8(columns.profile.clone()).context("the profile is no text")?;
    let rows: Vec<OwnedRow> =
        columns.iter().map(|row| OwnedRow::of(&row)).collect::<Result<_, _>>()?;
    anyhow::ensure!(rows.len() == columns.len(), "row {} is incomplete", rows.len());
    Ok((profile, rows))
}
