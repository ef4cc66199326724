//! Seed 002's entries: roster rows with `pt_` and `gb_` before their fields, items of news, guild info
//! and calendar, and the linked guilds as one group that does not say whose it is.
//!
//! Reading and writing are each other's inverse (the tests hold it as a law, both ways), by four rules:
//!
//! - **Fields.** The roster's known fields change their name to the prefixed one: `level` and
//!   `pt_level`, `battletag` and `gb_battletag`; a stray field that has the other form already takes
//!   the first one. All other fields keep their name. A field of the data that is called as one of the
//!   frame (`deleted`, `id` ...) is moved as `names` says.
//! - **Version.** Items of news, guild info and calendar have a `date` and no `lastUpdated`: the record
//!   is then of that second, spelled as seed 004 does. Where the record says anything else, in time or
//!   spelling, the item has a `lastUpdated` that says it.
//! - **Deletion.** A roster row always says whether it is `deleted`, everything else only if it is.
//!   What is deleted has its frame alone: a record keeps no data of it.
//! - **What an entry says beyond that** (`deleted = false` in a news item, a `lastUpdated` that repeats
//!   its `date`) or does not say (a roster row without `deleted`) is kept in the data as
//!   `flat_deleted` and `flat_lastUpdated`. An entry that has a field of such a name itself, or one
//!   that would be taken for it, is refused.
//!
//! Lists of items come back in the order of the records: by id and then by guild if they come from
//! [`Tables`](crate::Tables).
//!
//! The linked guilds of one's own guild are `setup.linkedGuildGroups`, under the id that seed 004 makes
//! of the guild's name ([`own_id`]); those of other guilds are a list beside it, `setup.otherGuilds`, in
//! which each says its `id` and `guildName`.

use std::borrow::Cow;

use guildsync_types::stamp::StampForm;
use guildsync_wire::lua::{Table, Value};

use super::error::{Fault, Place, SchemaError};
use super::unified::{field, text};
use super::{Schema, VersionField, names};
use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::record::Record;
use crate::updated::Updated;

const FLAT_DELETED: &str = "flat_deleted";
const FLAT_LAST_UPDATED: &str = "flat_lastUpdated";
/// What the two hold where an entry lacks what entries of its kind have, or has what they lack.
const ABSENT: &str = "absent";
const PRESENT: &str = "present";

/// What an entry says of itself, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// A roster row, kept under its id.
    Row,
    /// An item of news, guild info or calendar.
    Item(TableKind),
    /// The linked guilds of one's own guild.
    OwnGroup,
    /// Those of another guild.
    Group,
}

/// What an entry does not say itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around<'a> {
    /// The key it is kept under.
    pub(super) key: Option<&'a str>,
    /// The guild that the document belongs to.
    pub(super) own: Option<&'a GuildName>,
}

/// The id of a guild's linked guilds, as seed 004 makes it: the letters and digits of its name, in
/// lower case; the name itself if it has none.
///
/// ```
/// use guildsync_tables::{GuildName, schema::flat::own_id};
/// let guild = GuildName::new("No Rest For The Wicked-Eonar")?;
/// assert_eq!(own_id(&guild).as_str(), "norestforthewickedeonar");
/// # Ok::<(), guildsync_types::TextError>(())
/// ```
#[must_use]
pub fn own_id(guild: &GuildName) -> RecordId {
    let letters = guild.as_str().chars().filter(|c| c.is_alphanumeric());
    let id: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    // A guild's name is an id in length and letters, whatever is left of it.
    let own = RecordId::new(&id).or_else(|_| RecordId::new(guild.as_str()));
    own.unwrap_or_else(|_| unreachable!("a guild's name keeps to the limits of an id"))
}

/// A record of the roster, news, guild info or calendar as an entry; of setup as one of
/// `setup.otherGuilds`. A roster row is kept under the record's id.
#[must_use]
pub fn to_value(record: &Record) -> Value {
    Value::Table(write(Frame::of(record.table()), record))
}

/// Reads an entry of a table; `key` is what a roster row is kept under.
///
/// # Errors
/// A field of the frame that is missing or holds something else, named: the guild and the version
/// everywhere, the id outside the roster. Too much or too deep data.
pub fn from_value(
    table: TableKind,
    key: Option<&str>,
    entry: &Value,
) -> Result<Record, SchemaError> {
    let mut place = Place { table: Some(table), id: key.map(|key| key.chars().take(96).collect()) };
    read(Frame::of(table), Around { key, own: None }, entry, &mut place)
        .map_err(|fault| SchemaError { place, fault })
}

impl Frame {
    fn of(table: TableKind) -> Self {
        match table {
            TableKind::Setup => Self::Group,
            TableKind::Roster => Self::Row,
            table => Self::Item(table),
        }
    }

    fn table(self) -> TableKind {
        match self {
            Self::Row => TableKind::Roster,
            Self::Item(table) => table,
            Self::OwnGroup | Self::Group => TableKind::Setup,
        }
    }

    fn guild_field(self) -> Option<&'static str> {
        match self {
            Self::Row => Some("pt_guildName"),
            Self::Item(_) | Self::Group => Some("guildName"),
            Self::OwnGroup => None,
        }
    }

    fn has_id(self) -> bool {
        matches!(self, Self::Item(_) | Self::Group)
    }

    fn is_dated(self) -> bool {
        Schema::Flat.version_field(self.table()) == VersionField::Date
    }

    /// Whether its entries say that they are not deleted, and what is noted of one that differs.
    fn says_live(self) -> (bool, &'static str) {
        match self {
            Self::Row => (true, ABSENT),
            _ => (false, PRESENT),
        }
    }

    /// Whether a name is the frame's and no field's.
    pub(super) fn is_reserved(self, name: &str) -> bool {
        match name {
            "lastUpdated" | "deleted" | FLAT_DELETED => true,
            "id" => self.has_id(),
            FLAT_LAST_UPDATED => self.is_dated(),
            _ => self.guild_field() == Some(name),
        }
    }
}

/// Reads an entry; `place` learns what is known of it on the way.
pub(super) fn read(
    frame: Frame,
    around: Around<'_>,
    entry: &Value,
    place: &mut Place,
) -> Result<Record, Fault> {
    let entry = entry.as_table().ok_or(Fault::NotATable { found: entry.kind() })?;
    let named = |field: &str, why| Fault::Text { field: field.to_owned(), why };
    let guild = match frame.guild_field() {
        // Said later than the id, which names the entry in whatever else is wrong.
        Some(name) => text(entry, name)
            .and_then(|guild| GuildName::new(guild).map_err(|why| named(name, why))),
        None => around.own.cloned().ok_or(Fault::OwnGuild),
    };
    let id = match frame {
        Frame::OwnGroup => own_id(guild.as_ref().map_err(Clone::clone)?),
        Frame::Row => id(around.key.ok_or_else(|| Fault::missing("the member's name as key"))?)?,
        Frame::Item(_) | Frame::Group => id(text(entry, "id")?)?,
    };
    place.id = Some(id.as_str().to_owned());
    let (guild, table) = (guild?, frame.table());
    let explicit = entry.get("lastUpdated");
    let implied = if frame.is_dated() { implied(entry) } else { None };
    let updated = match (explicit, implied) {
        (Some(value), _) => time("lastUpdated", value)?,
        (None, Some(updated)) => updated,
        (None, None) if frame.is_dated() => time("date", field(entry, "date")?)?,
        (None, None) => return Err(Fault::missing("lastUpdated")),
    };
    let deleted = match entry.get("deleted") {
        None => false,
        Some(flag) => {
            flag.as_bool().ok_or_else(|| Fault::kind("deleted", "true or false", flag))?
        }
    };
    if deleted {
        return Ok(Record::deletion(table, guild, id, updated));
    }
    let is_reserved = |name: &str| frame.is_reserved(name);
    let mut data = names::rename(entry, |name| {
        names::down(name, is_reserved).map(|name| swapped(table, name))
    });
    let (says_live, otherwise) = frame.says_live();
    let differs = entry.get("deleted").is_some() != says_live;
    note(entry, &mut data, FLAT_DELETED, otherwise, differs)?;
    if frame.is_dated() && implied == Some(updated) {
        note(entry, &mut data, FLAT_LAST_UPDATED, PRESENT, explicit.is_some())?;
    } else if entry.get(FLAT_LAST_UPDATED).is_some() && frame.is_dated() {
        return Err(Fault::reserved(FLAT_LAST_UPDATED));
    }
    Ok(Record::new(table, guild, id, updated, data)?)
}

/// Notes in the data what an entry says beyond its kind, or does not say. An entry that has such a
/// field itself is refused: it would be taken for the note.
fn note(
    entry: &Table,
    data: &mut Table,
    name: &str,
    otherwise: &str,
    differs: bool,
) -> Result<(), Fault> {
    let there = data.get(name).map(Value::as_str);
    if entry.get(name).is_some() || differs && there.is_some() || there == Some(Some(otherwise)) {
        return Err(Fault::reserved(name));
    }
    if differs {
        data.insert(name, otherwise);
    }
    Ok(())
}

/// An entry of a record.
pub(super) fn write(frame: Frame, record: &Record) -> Table {
    let (table, updated, data) = (record.table(), record.updated(), record.data());
    let mut entry = Table::new();
    if let Some(name) = frame.guild_field() {
        entry.insert(name, record.guild().as_str());
    }
    if frame.has_id() {
        entry.insert("id", record.id().as_str());
    }
    if record.is_deleted() {
        entry.insert("deleted", true);
        match frame.is_dated() && updated == Updated::at(updated.seconds()) {
            true => entry.insert("date", updated.print(StampForm::Dashed)),
            false => entry.insert("lastUpdated", updated.to_value()),
        };
        return entry;
    }
    let noted = |name, otherwise| data.get(name).and_then(Value::as_str) == Some(otherwise);
    let (says_live, otherwise) = frame.says_live();
    let differs = noted(FLAT_DELETED, otherwise);
    if says_live != differs {
        entry.insert("deleted", false);
    }
    let is_implied = frame.is_dated() && implied(data) == Some(updated);
    let repeats = is_implied && noted(FLAT_LAST_UPDATED, PRESENT);
    if !is_implied || repeats {
        entry.insert("lastUpdated", updated.to_value());
    }
    let is_note = |name| name == FLAT_DELETED && differs || name == FLAT_LAST_UPDATED && repeats;
    let fields = names::rename(data, |name| match is_note(name) {
        true => None,
        false => Some(up(frame, swapped(table, name))),
    });
    for value in fields.positional() {
        entry.push(value.clone());
    }
    for (key, value) in fields.keyed() {
        entry.insert(key.clone(), value.clone());
    }
    entry
}

fn up(frame: Frame, name: Cow<'_, str>) -> Cow<'_, str> {
    let is_reserved = |name: &str| frame.is_reserved(name);
    match name {
        Cow::Borrowed(name) => names::up(name, is_reserved),
        Cow::Owned(name) => Cow::Owned(names::up(&name, is_reserved).into_owned()),
    }
}

/// The version that a `date` stands for: its second, spelled as seed 004 does.
fn implied(entry: &Table) -> Option<Updated> {
    let date = Updated::from_value(entry.get("date")?).ok()?;
    Some(Updated::at(date.seconds()))
}

fn id(text: &str) -> Result<RecordId, Fault> {
    RecordId::new(text).map_err(|why| Fault::Text { field: "id".to_owned(), why })
}

fn time(name: &str, value: &Value) -> Result<Updated, Fault> {
    Updated::from_value(value).map_err(|why| Fault::Time { field: name.to_owned(), why })
}

/// A roster field's other name, in either direction; other names as they are.
fn swapped(table: TableKind, name: &str) -> Cow<'_, str> {
    if table != TableKind::Roster {
        return Cow::Borrowed(name);
    }
    if table.fields().contains(&name) {
        return Cow::Owned(format!("{}{name}", prefix(name)));
    }
    let bare = name.strip_prefix("pt_").or_else(|| name.strip_prefix("gb_")).unwrap_or(name);
    let is_known = table.fields().contains(&bare) && name.starts_with(prefix(bare));
    Cow::Borrowed(if is_known { bare } else { name })
}

/// What seed 002 writes before a roster field's name.
fn prefix(field: &str) -> &'static str {
    match field {
        "battletag" | "mainCharacter" | "birthdate" => "gb_",
        _ => "pt_",
    }
}
