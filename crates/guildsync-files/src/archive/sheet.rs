//! The archive as one flat table: CSV (RFC 4180), comma, UTF-8, a header line.
//!
//! Every line is a record; `record` says of what kind, and lines belong to the last profile and the
//! last chain above them, whose ids they repeat. `n` says how many lines of the next lower kind
//! follow, so a table that lost lines is noticed. A cell is empty where its record has no such field.

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Archive, ArchiveError, ArchivedChain, ArchivedProfile, check_version};
use crate::input::read_text;

/// The columns, in their order, which does not change within a version. The header names them.
///
/// | columns | of | hold |
/// |---|---|---|
/// | `record` | all | `archive` (the first line), `profile`, `chain`, `entry`, `deleted` |
/// | `version` `state_hash` `active` | archive | as in the JSON form |
/// | `n` | archive, profile, chain | how many profiles, chains, entries follow |
/// | `profile` | all but archive | the profile's id |
/// | `label` `creator` | profile | the label now; an owned profile's first owner |
/// | `name` | profile, entry | the label it began with, or is renamed to; a policy's name |
/// | `kind` | profile, entry | `open` or `owned`; the entry's kind |
/// | `writer` | chain, entry, deleted | the writer's id |
/// | `root` `base` `first` `seal_key` `seal_head` `seal_signature` | chain | a branch's place; the seal |
/// | `last` | deleted | the writer's last number |
/// | the others | entry | as [`ArchivedEntry`](super::ArchivedEntry) says |
pub const COLUMNS: [&str; 39] = [
    "record",
    "profile",
    "writer",
    "seq",
    "time",
    "actor",
    "kind",
    "member",
    "delta",
    "total",
    "basis",
    "reason",
    "seconds",
    "count",
    "origin",
    "entry",
    "hash",
    "grantee",
    "role",
    "cut",
    "name",
    "value",
    "key",
    "proof",
    "number",
    "bytes",
    "label",
    "creator",
    "root",
    "base",
    "first",
    "seal_key",
    "seal_head",
    "seal_signature",
    "last",
    "n",
    "active",
    "state_hash",
    "version",
];

type Record = Map<String, Value>;

pub(super) fn write(archive: &Archive, writer: impl Write) -> Result<(), ArchiveError> {
    let mut sheet = Sheet { csv: csv::Writer::from_writer(writer) };
    sheet.csv.write_record(COLUMNS).map_err(failed)?;
    sheet.line("archive", &archive.head(), &[("n", archive.profiles.len().to_string())])?;
    for profile in &archive.profiles {
        let n = ("n", profile.chains.len().to_string());
        sheet.line("profile", &profile.head(), &[n])?;
        for chain in &profile.chains {
            let id = ("profile", profile.profile.clone());
            let n = ("n", chain.entries.len().to_string());
            sheet.line("chain", &chain.head(), &[id.clone(), n])?;
            for entry in &chain.entries {
                sheet.line("entry", entry, &[id.clone(), ("writer", chain.writer.clone())])?;
            }
        }
    }
    for deleted in &archive.deleted {
        sheet.line("deleted", deleted, &[])?;
    }
    sheet.csv.flush().map_err(|error| ArchiveError::Write { why: error.to_string() })
}

pub(super) fn read(reader: impl Read) -> Result<Archive, ArchiveError> {
    let text = read_text(reader)?;
    if !text.ends_with('\n') {
        return Err(ArchiveError::Truncated { line: text.lines().count() as u64 });
    }
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let header = csv.headers().map_err(fault)?.clone();
    if header.get(0) != Some("record") {
        return Err(ArchiveError::NotAnArchive {
            found: "its first column is not `record`".into(),
        });
    }
    let mut archive: Option<Building> = None;
    for line in csv.records() {
        let line = line.map_err(fault)?;
        let at = line.position().map_or(0, csv::Position::line);
        let cells = header.iter().zip(line.iter()).filter(|(_, cell)| !cell.is_empty());
        let mut record: Record =
            cells.map(|(name, cell)| (name.to_owned(), Value::from(cell))).collect();
        let kind = record.remove("record");
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
        match &mut archive {
            None if kind == "archive" => archive = Some(Building::begin(record, at)?),
            None => {
                let found = "its first line is not an `archive` record".to_owned();
                return Err(ArchiveError::NotAnArchive { found });
            }
            Some(archive) => archive.take(kind, record, at)?,
        }
    }
    let end = text.lines().count() as u64;
    archive.ok_or(ArchiveError::Truncated { line: end })?.finish(end)
}

impl Archive {
    fn head(&self) -> Self {
        Self {
            format: self.format.clone(),
            version: self.version,
            state_hash: self.state_hash.clone(),
            active: self.active.clone(),
            profiles: Vec::new(),
            deleted: Vec::new(),
        }
    }
}

impl ArchivedProfile {
    fn head(&self) -> Self {
        Self {
            profile: self.profile.clone(),
            kind: self.kind.clone(),
            creator: self.creator.clone(),
            name: self.name.clone(),
            label: self.label.clone(),
            chains: Vec::new(),
        }
    }
}

impl ArchivedChain {
    fn head(&self) -> Self {
        Self {
            writer: self.writer.clone(),
            root: self.root.clone(),
            base: self.base.clone(),
            first: self.first,
            seal_key: self.seal_key.clone(),
            seal_head: self.seal_head.clone(),
            seal_signature: self.seal_signature.clone(),
            entries: Vec::new(),
        }
    }
}

struct Sheet<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> Sheet<W> {
    fn line(
        &mut self,
        kind: &str,
        record: &impl Serialize,
        more: &[(&str, String)],
    ) -> Result<(), ArchiveError> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(record) else {
            return Err(ArchiveError::Write { why: format!("a {kind} record has no fields") });
        };
        fields.insert("record".to_owned(), kind.into());
        fields.extend(more.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into())));
        let cell = |name: &&str| match fields.remove(*name) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        self.csv.write_record(COLUMNS.iter().map(cell)).map_err(failed)
    }
}

/// An archive whose lines are coming in, and how many of each kind are still due.
struct Building {
    archive: Archive,
    profiles: usize,
    chains: usize,
    entries: usize,
}

impl Building {
    fn begin(mut record: Record, at: u64) -> Result<Self, ArchiveError> {
        // The first column and line say what it is; JSON and Lua have a field for that.
        record.insert("format".to_owned(), Archive::FORMAT.into());
        let version = record.get("version").and_then(Value::as_str).and_then(|v| v.parse().ok());
        check_version(Some(Archive::FORMAT), version)?;
        let profiles = due(&record, at)?;
        let archive = read_record(record, Some("profiles"), at)?;
        Ok(Self { archive, profiles, chains: 0, entries: 0 })
    }

    fn take(&mut self, kind: &str, record: Record, at: u64) -> Result<(), ArchiveError> {
        let wrong = |why: &str| Err(ArchiveError::Shape { place: place(at), why: why.to_owned() });
        let profile = self.archive.profiles.last_mut();
        let of = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        match kind {
            "profile" if self.profiles > 0 && self.chains == 0 && self.entries == 0 => {
                (self.profiles, self.chains) = (self.profiles - 1, due(&record, at)?);
                self.archive.profiles.push(read_record(record, Some("chains"), at)?);
            }
            "chain" | "entry" => {
                let Some(profile) = profile.filter(|profile| profile.profile == of("profile"))
                else {
                    return wrong("it does not belong to the profile above it");
                };
                if kind == "chain" && self.chains > 0 && self.entries == 0 {
                    (self.chains, self.entries) = (self.chains - 1, due(&record, at)?);
                    profile.chains.push(read_record(record, Some("entries"), at)?);
                    return Ok(());
                }
                let writer = of("writer");
                let chain = profile.chains.last_mut().filter(|chain| chain.writer == writer);
                let Some(chain) = chain.filter(|_| kind == "entry" && self.entries > 0) else {
                    return wrong("it does not belong to the chain above it, or lines are missing");
                };
                self.entries -= 1;
                chain.entries.push(read_record(record, None, at)?);
            }
            "deleted" if self.is_complete() => {
                self.archive.deleted.push(read_record(record, None, at)?);
            }
            _ => return wrong("lines are missing before it, or it is of an unknown kind"),
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.profiles == 0 && self.chains == 0 && self.entries == 0
    }

    fn finish(self, line: u64) -> Result<Archive, ArchiveError> {
        match self.is_complete() {
            true => Ok(self.archive),
            false => Err(ArchiveError::Truncated { line }),
        }
    }
}

/// How many records of the next lower kind follow.
fn due(record: &Record, at: u64) -> Result<usize, ArchiveError> {
    let n = record.get("n").and_then(Value::as_str).and_then(|n| n.parse().ok());
    n.ok_or_else(|| ArchiveError::Shape { place: place(at), why: "n is not a number".to_owned() })
}

/// A record of the table; its list, which the table has as lines of their own, is empty yet.
fn read_record<T: DeserializeOwned>(
    mut record: Record,
    list: Option<&str>,
    at: u64,
) -> Result<T, ArchiveError> {
    if let Some(list) = list {
        record.insert(list.to_owned(), Value::Array(Vec::new()));
    }
    serde_json::from_value(Value::Object(record))
        .map_err(|error| ArchiveError::Shape { place: place(at), why: error.to_string() })
}

fn place(line: u64) -> String {
    format!("line {line}")
}

fn fault(error: csv::Error) -> ArchiveError {
    let line = error.position().map_or(1, csv::Position::line);
    ArchiveError::Shape { place: place(line), why: error.to_string() }
}

fn failed(error: csv::Error) -> ArchiveError {
    ArchiveError::Write { why: error.to_string() }
}
