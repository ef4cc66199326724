//! Two guilds of one federation, and what each of them has in its tables before they meet.
//!
//! Each guild has its setup, which names the other one, and news, an event, a page about itself, and a
//! row for some of its members. What they had from each other is old: an item was edited since, an event
//! called off.

use guildsync::tables::{self, GuildName, Record, RecordId, TableKind, Tables};
use guildsync::types::{Hash, MemberName, Stamp, Time};
use guildsync::wire::lua::{Table, Value};

use super::cast::Player;
use crate::failure::Failure;

/// The guilds' names.
pub(super) const GUILDS: [&str; 2] = ["Amber Hearth-Amberfell", "Stone Watch-Stonewatch"];
const DAY: u64 = 86_400;
/// How many members have a row in their guild's roster.
const ROWS: usize = 6;

/// How two members' tables were when all was over.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) members: [MemberName; 2],
    /// How others were, as they said.
    pub(super) presence: Vec<(MemberName, String)>,
    /// What the one who began says of the session; `None` if there was none.
    pub(super) report: Option<Box<tables::Report>>,
    /// Records of the first one, read again from disk.
    pub(super) n_records: usize,
    pub(super) state_hashes: [Hash; 2],
}

impl Ending {
    /// Whether both hold the same.
    pub(super) fn converged(&self) -> bool {
        self.state_hashes[0] == self.state_hashes[1]
    }
}

/// A guild by its place.
pub(super) fn guild(which: usize) -> Result<GuildName, Failure> {
    Ok(GuildName::new(GUILDS[which])?)
}

/// Fills the tables of two members, each of another guild. Members of the cast take turns in the guilds.
pub(super) fn fill(players: &mut [Player], members: [usize; 2], now: Time) -> Result<(), Failure> {
    let names: Vec<MemberName> = players.iter().map(|player| player.name.clone()).collect();
    for (own, member) in members.into_iter().enumerate() {
        let me = &mut players[member].local;
        me.change_tables(|tables| {
            let mut page = Page { tables, clock: now.0 / 1000 };
            // What both had a month ago.
            for which in 0..GUILDS.len() {
                page.found(which)?;
            }
            page.write(own, &names)
        })?;
    }
    Ok(())
}

struct Page<'a> {
    tables: &'a mut Tables,
    clock: u64,
}

impl Page<'_> {
    /// What everybody knows of a guild.
    fn found(&mut self, which: usize) -> Result<(), Failure> {
        let other = Table::from_iter([named("name", GUILDS[1 - which])]);
        let setup = [("guilds", Value::Table(other))];
        self.set(which, TableKind::Setup, "links", 40, setup)?;
        let welcome = text(&[("title", "Welcome"), ("content", "Say hello when you come on.")]);
        self.set(which, TableKind::News, "welcome", 35, welcome)?;
        let event =
            text(&[("title", "Trial raid"), ("content", "Bring food."), ("eventDate", "NA")]);
        self.set(which, TableKind::Calendar, "trial", 34, event)
    }

    /// What the guild itself has written since.
    fn write(&mut self, own: usize, names: &[MemberName]) -> Result<(), Failure> {
        let welcome = text(&[("title", "Welcome"), ("content", "We raid on Wednesdays now.")]);
        self.set(own, TableKind::News, "welcome", 3, welcome)?;
        let key = tables::key(TableKind::Calendar, &guild(own)?, &RecordId::new("trial")?);
        self.tables.delete(&key, self.clock - 2 * DAY)?;
        let raid = text(&[("title", "Wednesday raid"), ("content", "At eight, with the others.")]);
        let at = Stamp::new(self.clock + 3 * DAY, 0)?.to_string();
        let raid = raid.into_iter().chain([("eventDate", Value::from(at))]);
        self.set(own, TableKind::Calendar, "wednesday", 2, raid)?;
        let about = text(&[("title", "About us"), ("content", "Founded around a fire.")]);
        self.set(own, TableKind::GuildInfo, "about", 20, about)?;
        for (place, name) in
            names.iter().enumerate().filter(|(place, _)| place % 2 == own).take(ROWS)
        {
            self.set(own, TableKind::Roster, name.as_str(), place as u64, row(name, place))?;
        }
        Ok(())
    }

    /// Writes a record as of so many days ago.
    fn set<'a>(
        &mut self,
        which: usize,
        table: TableKind,
        id: &str,
        days: u64,
        fields: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<(), Failure> {
        let mut data = Table::new();
        for (name, value) in fields {
            data.insert(name, value);
        }
        let at = self.clock.saturating_sub(days * DAY);
        let record: &Record =
            self.tables.set(table, guild(which)?, RecordId::new(id)?, data, at)?;
        Ok(tables::check::check(record)?)
    }
}

/// Fields of a news item or an event.
fn text<'a>(fields: &[(&'a str, &str)]) -> Vec<(&'a str, Value)> {
    let general = [("category", "General"), ("date", "NA")];
    general.iter().chain(fields).map(|(name, value)| (*name, Value::from(*value))).collect()
}

fn row(name: &MemberName, place: usize) -> Vec<(&'static str, Value)> {
    const CLASSES: [&str; 5] = ["Druid", "Mage", "Priest", "Rogue", "Warrior"];
    let field = |field: &'static str| {
        let value = match field {
            "name" => Value::from(name.as_str()),
            "class" => Value::from(CLASSES[place % CLASSES.len()]),
            "rank" => Value::from(if place < 3 { "Officer" } else { "Member" }),
            "level" => Value::Int(80),
            "itemLevel" => Value::Int(600 + place as i64),
            "roles" | "professions" | "interests" => Value::Table(Table::new()),
            _ => Value::from(tables::check::NOT_AVAILABLE),
        };
        (field, value)
    };
    TableKind::Roster.fields().iter().copied().map(field).collect()
}

fn named(name: &str, value: &str) -> Value {
    let mut table = Table::new();
    table.insert(name, value);
    Value::Table(table)
}
