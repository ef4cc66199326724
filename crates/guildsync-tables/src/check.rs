//! Whether a record has what seed 004 requires of its table.
//!
//! Asked before an edit and for every imported record; each finding is a hard error there, and the
//! record is not taken. Sync does not ask: what another member has written passes on exactly as it is,
//! and the views ([`crate::view`]) show what can be read of it.
//!
//! | table | text | date | other |
//! |---|---|---|---|
//! | roster | name, class, rank, battletag, mainCharacter, birthdate, faction | guildJoinDate | level, itemLevel: numbers; roles, professions, interests: tables |
//! | news, guildInfo | title, content, category | date | |
//! | calendar | title, content, category | eventDate | |
//! | setup | | | guilds: a list of `{ name = "..." }` |
//!
//! All of these have to be there, text may be empty. A number may be written as text. A date is
//! `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` or `NA`, and a day that exists. Fields beyond these are fine, and
//! a deleted record needs none. What the frame holds (id, guild, time) is checked where it is made.

use guildsync_types::Stamp;
use guildsync_types::stamp::StampForm;
use guildsync_wire::lua::Value;
use thiserror::Error;

use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::record::Record;

/// What the addon writes where there is nothing to say.
pub const NOT_AVAILABLE: &str = "NA";

/// A field that is not what its table requires.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("record {id} of {table}: the field {field:?} is {found}, it has to be {wanted}")]
pub struct CheckError {
    /// The table.
    pub table: TableKind,
    /// The record.
    pub id: RecordId,
    /// The field.
    pub field: &'static str,
    /// What it holds, in words.
    pub found: String,
    /// What it should hold, in words.
    pub wanted: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Wanted {
    Text,
    Number,
    Table,
    Date,
    Guilds,
}

/// Checks a record.
///
/// # Errors
/// The first of its table's fields, in seed 004's order, that is missing or holds something else.
pub fn check(record: &Record) -> Result<(), CheckError> {
    if record.is_deleted() {
        return Ok(());
    }
    for &field in record.table().fields() {
        let wanted = wanted(record.table(), field);
        let value = record.data().get(field);
        if !value.is_some_and(|value| wanted.is_met(value)) {
            return Err(CheckError {
                table: record.table(),
                id: record.id().clone(),
                field,
                found: value.map_or_else(|| "missing".to_owned(), found),
                wanted: wanted.words(),
            });
        }
    }
    Ok(())
}

fn wanted(table: TableKind, field: &str) -> Wanted {
    match (table, field) {
        (TableKind::Setup, _) => Wanted::Guilds,
        (_, "level" | "itemLevel") => Wanted::Number,
        (_, "roles" | "professions" | "interests") => Wanted::Table,
        (_, "date" | "eventDate" | "guildJoinDate") => Wanted::Date,
        _ => Wanted::Text,
    }
}

impl Wanted {
    fn is_met(self, value: &Value) -> bool {
        match self {
            Self::Text => value.as_str().is_some(),
            Self::Number => number(value).is_some(),
            Self::Table => value.as_table().is_some(),
            Self::Date => {
                value.as_str().is_some_and(|text| text == NOT_AVAILABLE || date(text).is_some())
            }
            Self::Guilds => value.as_table().is_some_and(|guilds| {
                guilds.keyed().next().is_none() && guilds.positional().iter().all(is_guild)
            }),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number from 0 up",
            Self::Table => "a table",
            Self::Date => "a date in UTC: YYYY-MM-DD, \"YYYY-MM-DD HH:MM:SS\" or NA",
            Self::Guilds => "a list of guilds, each { name = \"...\" }",
        }
    }
}

fn is_guild(value: &Value) -> bool {
    let name = value.as_table().and_then(|guild| guild.get("name")).and_then(Value::as_str);
    name.is_some_and(|name| GuildName::new(name).is_ok())
}

/// A number from 0 up, or text that is one.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Str(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|number| number.is_finite() && *number >= 0.0)
}

/// A day, or a second of one, in UTC.
pub(crate) fn date(text: &str) -> Option<Stamp> {
    let (stamp, form) = Stamp::parse(text).ok()?;
    matches!(form, StampForm::Dashed | StampForm::Date).then_some(stamp)
}

fn found(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Str(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
        Value::Table(_) => "a table of something else".to_owned(),
    }
}
