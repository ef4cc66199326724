//! A record as it is shown.

use guildsync::tables::view::{Calendar, GuildInfo, News, Roster, Setup};
use guildsync::tables::{Record, TableKind};
use guildsync::types::Stamp;
use guildsync::wire::lua::{Value, to_compact};
use guildsync::wire::payload::Payload;
use serde::Serialize;

use crate::failure::Failure;
use crate::line;

/// A record in JSON.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    table: &'static str,
    id: String,
    guild: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    updated: String,
    seconds: u64,
    deleted: bool,
    /// Its fields; none if it is deleted.
    data: serde_json::Value,
    hash: String,
}

impl Row {
    pub(super) fn of(record: &Record) -> Result<Self, Failure> {
        Ok(Self {
            table: record.table().name(),
            id: record.id().to_string(),
            guild: record.guild().to_string(),
            updated: time(record),
            seconds: record.updated().seconds(),
            deleted: record.is_deleted(),
            data: match record.is_deleted() {
                true => serde_json::Value::Null,
                false => json(&Value::Table(record.data().clone()))?,
            },
            hash: record.hash().to_string(),
        })
    }
}

/// A value in JSON, as files of tables have it.
pub(super) fn json(value: &Value) -> Result<serde_json::Value, Failure> {
    Ok(serde_json::from_slice(&Payload::Json.write(value)?)?)
}

/// When a record was last changed, in UTC.
pub(super) fn time(record: &Record) -> String {
    Stamp::new(record.updated().seconds(), 0).unwrap_or_default().to_string()
}

/// A record in a few words.
pub(super) fn words(record: &Record) -> String {
    let words = match record.table() {
        _ if record.is_deleted() => vec!["✗ deleted".to_owned()],
        TableKind::Roster => Roster::of(record).map(roster).unwrap_or_default(),
        TableKind::News => News::of(record).and_then(News::title).map(one).unwrap_or_default(),
        TableKind::GuildInfo => {
            GuildInfo::of(record).and_then(GuildInfo::title).map(one).unwrap_or_default()
        }
        TableKind::Calendar => Calendar::of(record).map(event).unwrap_or_default(),
        TableKind::Setup => Setup::of(record).map(links).unwrap_or_default(),
    };
    line::plain(&words.join(", "))
}

fn one(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

fn roster(row: Roster<'_>) -> Vec<String> {
    let level = row.level().map(|level| format!("level {level}"));
    let [class, rank] = [row.class(), row.rank()].map(|text| text.map(str::to_owned));
    [class, level, rank].into_iter().flatten().collect()
}

fn event(event: Calendar<'_>) -> Vec<String> {
    let when = event.event_date().map(|at| at.to_string());
    event.title().map(str::to_owned).into_iter().chain(when).collect()
}

fn links(setup: Setup<'_>) -> Vec<String> {
    let guilds: Vec<&str> = setup.guilds().collect();
    match guilds[..] {
        [] => one("linked with nobody"),
        _ => one(&format!("linked: {}", guilds.join(", "))),
    }
}

/// A field's value on one line.
pub(super) fn value(value: &Value) -> String {
    line::plain(&match value {
        Value::Str(text) => text.clone(),
        other => to_compact(other),
    })
}
