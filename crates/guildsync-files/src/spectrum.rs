//! The seed's own SavedVariables: `SpectrumFederationDB`, its points and its log, profile by profile.
//!
//! | version | shape |
//! |---|---|
//! | 2 | `{ schemaVersion = 2, activeProfile, profiles = { [name] = profile } }` |
//! | 1 | `{ tiers = { [key] = profile } }`: each tier becomes a profile named after its key |
//!
//! A profile is `{ points = { [member] = { total, lastUpdated } }, logs = { [id] = entry },
//! nextLogId }`, an entry `{ id, timestamp, actor, target, delta, newTotal, reason, profile }`.
//!
//! The addon replays by (timestamp, id) and takes the last `newTotal` for the total. So an entry whose
//! `newTotal` is not the one before plus its delta is read with basis `Total`, and every member has
//! here what the addon shows; where the table of points says otherwise, the report names it.

use std::io::Read;

use guildsync_log::Profiles;
use guildsync_types::{MemberName, Points, PointsError, ProfileId, ProfileName, Reason, Stamp};
use guildsync_wire::lua::{self, Key, Limits, LuaError, PrintError, Table, Value};
use thiserror::Error;

use crate::exchange::{AmountError, Import, Importer, LeftOut, Record, labelled, records};

/// The global that holds everything.
pub const GLOBAL: &str = "SpectrumFederationDB";

/// Why such a file was not read or written. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpectrumError {
    /// It is no Lua data.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// The global is not there, or no table.
    #[error("no table {GLOBAL} in this file: choose SpectrumFederation.lua in SavedVariables")]
    NoTable,
    /// Neither profiles nor tiers.
    #[error("{GLOBAL} has neither profiles nor tiers: the addon has not saved anything yet")]
    NoProfiles,
    /// A later version's shape.
    #[error("{GLOBAL} has schema version {version}; 1 and 2 are known: use a newer guildsync")]
    Newer {
        /// Its number.
        version: i64,
    },
    /// An amount beyond what an entry can hold.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A value that Lua text cannot hold.
    #[error(transparent)]
    Print(#[from] PrintError),
}

/// A file's text and what it does not carry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpectrumText {
    /// The file.
    pub text: String,
    /// How many log entries.
    pub entries: usize,
    /// What the format has no place for.
    pub left_out: LeftOut,
}

/// What such a file holds.
#[derive(Debug, Clone, Default)]
pub struct SpectrumFile {
    active: Option<String>,
    profiles: Vec<SavedProfile>,
}

#[derive(Debug, Clone)]
struct SavedProfile {
    name: Result<ProfileName, String>,
    key: String,
    /// Id and entry, in the addon's replay order.
    entries: Vec<(String, Result<Record, String>)>,
    points: Vec<(MemberName, Points)>,
}

/// Writes one profile, or all of them, as version 2.
///
/// # Errors
/// An amount beyond what an entry can hold.
pub fn write(profiles: &Profiles, only: Option<&ProfileId>) -> Result<SpectrumText, SpectrumError> {
    let mut written = SpectrumText::default();
    let mut tables = Table::new();
    let mut active = None;
    for (label, log) in labelled(profiles, only) {
        let records = records(log, &mut written.left_out)?;
        written.entries += records.len();
        tables.insert(label.as_str(), profile_table(&label, &records));
        if log.profile().id == profiles.active_id() || active.is_none() {
            active = Some(label);
        }
    }
    let mut db = Table::new();
    db.insert("schemaVersion", 2);
    if let Some(active) = active {
        db.insert("activeProfile", active.as_str());
    }
    db.insert("profiles", tables);
    written.text = lua::print_assignments(&[(GLOBAL.to_owned(), Value::Table(db))])?;
    Ok(written)
}

impl SpectrumFile {
    /// Reads a file, as a stream.
    ///
    /// # Errors
    /// No Lua data, or not this addon's.
    pub fn read(reader: impl Read) -> Result<Self, SpectrumError> {
        Self::of(&lua::read_assignments(reader, &Limits::default())?)
    }

    /// Takes the profiles out of a file's globals.
    ///
    /// # Errors
    /// Not this addon's, or a later version's.
    pub fn of(globals: &[(String, Value)]) -> Result<Self, SpectrumError> {
        let db = globals.iter().find(|(name, _)| name == GLOBAL).and_then(|(_, v)| v.as_table());
        let db = db.ok_or(SpectrumError::NoTable)?;
        if let Some(version) = db.get("schemaVersion").and_then(Value::as_i64)
            && version > 2
        {
            return Err(SpectrumError::Newer { version });
        }
        let table = |name| db.get(name).and_then(Value::as_table);
        let (profiles, tiers) = (table("profiles"), table("tiers"));
        if profiles.is_none() && tiers.is_none() {
            return Err(SpectrumError::NoProfiles);
        }
        let saved = [profiles, tiers].into_iter().flatten().flat_map(entries_of);
        Ok(Self {
            active: db.get("activeProfile").and_then(Value::as_str).map(str::to_owned),
            profiles: saved.map(|(key, value)| SavedProfile::of(key, value)).collect(),
        })
    }

    /// The profile that was active.
    #[must_use]
    pub fn active(&self) -> Option<&str> {
        self.active.as_deref()
    }

    /// Plans the import into a replica's profiles.
    ///
    /// What the logs hold already is left out, imported or written there.
    #[must_use]
    pub fn plan(&self, held: &Profiles) -> Import {
        let mut importer = Importer::new(held);
        for SavedProfile { name, key, entries, points } in &self.profiles {
            let name = match name {
                Ok(name) => name,
                Err(why) => {
                    importer.refuse(format!("profile {key:?}"), why.clone());
                    continue;
                }
            };
            importer.group(name);
            for (id, entry) in entries {
                match entry {
                    Ok(record) => importer.take(name, record, true),
                    Err(why) => {
                        importer.refuse(format!("profile {key:?}, entry {id}"), why.clone());
                    }
                }
            }
            for (member, total) in points {
                importer.check_total(name, member, *total);
            }
        }
        importer.finish()
    }
}

impl SavedProfile {
    fn of(key: String, value: &Value) -> Self {
        let mut profile = Self {
            name: ProfileName::new(&key).map_err(|why| why.to_string()),
            key,
            entries: Vec::new(),
            points: Vec::new(),
        };
        let Value::Table(table) = value else {
            profile.name = Err(format!("a {} where a profile should be", value.kind()));
            return profile;
        };
        let list =
            |name| table.get(name).and_then(Value::as_table).into_iter().flat_map(entries_of);
        profile.entries = list("logs").map(|(id, entry)| (id, record(entry))).collect();
        profile.entries.sort_by_key(|(id, entry)| {
            let stamp = entry.as_ref().map_or(Stamp::MAX, |record| record.stamp);
            (stamp, id.parse().unwrap_or(i64::MAX))
        });
        for (member, points) in list("points") {
            let total = points.as_table().and_then(|table| table.get("total")).unwrap_or(points);
            if let (Ok(member), Ok(total)) = (name(&member), amount(total)) {
                profile.points.push((member, total));
            }
        }
        profile
    }
}

/// A table's entries, their keys as text.
fn entries_of(table: &Table) -> Vec<(String, &Value)> {
    let positional =
        (1..).zip(table.positional()).map(|(n, value): (i64, _)| (n.to_string(), value));
    let keyed = table.keyed().map(|(key, value)| match key {
        Key::Str(name) => (name.clone(), value),
        Key::Int(number) => (number.to_string(), value),
        Key::Float(number) => (number.to_string(), value),
        Key::Bool(flag) => (flag.to_string(), value),
    });
    positional.chain(keyed).collect()
}

fn record(entry: &Value) -> Result<Record, String> {
    let Value::Table(entry) = entry else {
        return Err(format!("a {} where an entry should be", entry.kind()));
    };
    let field = |name: &str| entry.get(name).ok_or_else(|| format!("{name} is missing"));
    let text = |name: &str| {
        let value = field(name)?;
        value.as_str().ok_or_else(|| format!("{name} is a {}, not text", value.kind()))
    };
    let member = |field: &str| name(text(field)?).map_err(|why| format!("{field}: {why}"));
    let points = |name: &str| amount(field(name)?).map_err(|why| format!("{name}: {why}"));
    let stamp = match field("timestamp")? {
        Value::Int(seconds) => u64::try_from(*seconds)
            .map_err(|_| format!("timestamp: {seconds} lies before 1970"))
            .and_then(|seconds| Stamp::new(seconds, 0).map_err(|why| format!("timestamp: {why}"))),
        Value::Str(text) => text.parse().map_err(|why| format!("timestamp: {why}")),
        other => Err(format!("timestamp is a {}, not whole seconds", other.kind())),
    }?;
    let reason = entry.get("reason").map_or(Ok(""), |_| text("reason"))?;
    Ok(Record {
        stamp,
        actor: member("actor")?,
        target: member("target")?,
        delta: points("delta")?,
        total: points("newTotal")?,
        reason: Reason::new(reason).map_err(|why| format!("reason: {why}"))?,
    })
}

fn name(text: &str) -> Result<MemberName, guildsync_types::TextError> {
    MemberName::from_entry(text).or_else(|_| MemberName::new(text))
}

fn amount(value: &Value) -> Result<Points, PointsError> {
    match value {
        Value::Int(number) => number.to_string().parse(),
        Value::Float(number) => number.to_string().parse(),
        Value::Str(text) => text.parse(),
        other => Err(PointsError::Unreadable(other.kind().to_owned())),
    }
}

fn profile_table(label: &ProfileName, records: &[Record]) -> Table {
    let mut logs = Table::new();
    let mut points = Table::new();
    let mut spellings = std::collections::BTreeMap::new();
    for (id, record) in (1i64..).zip(records) {
        let mut entry = Table::new();
        entry.insert("id", id);
        entry.insert("timestamp", record.stamp.seconds() as i64);
        entry.insert("actor", record.actor.as_str());
        entry.insert("target", record.target.as_str());
        entry.insert("delta", number(record.delta));
        entry.insert("newTotal", number(record.total));
        entry.insert("reason", record.reason.as_str());
        entry.insert("profile", label.as_str());
        logs.push(entry);
        // Spellings that differ in case are one member here, and two keys in the addon.
        let spelling = spellings.entry(&record.target).or_insert(&record.target);
        let mut total = Table::new();
        total.insert("total", number(record.total));
        total.insert("lastUpdated", record.stamp.seconds() as i64);
        points.insert(spelling.as_str(), total);
    }
    let mut table = Table::new();
    table.insert("points", points);
    table.insert("logs", logs);
    table.insert("nextLogId", records.len() as i64 + 1);
    if let Some(first) = records.first() {
        table.insert("createdAt", first.stamp.seconds() as i64);
        table.insert("createdBy", first.actor.as_str());
    }
    table
}

fn number(points: Points) -> Value {
    match points.hundredths() {
        whole if whole % 100 == 0 => Value::Int(whole / 100),
        // The nearest double: its shortest text is the decimal itself.
        hundredths => Value::Float(hundredths as f64 / 100.0),
    }
}
