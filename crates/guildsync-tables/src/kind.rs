//! The five tables, and the order in which a session goes through them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// One of the tables that a guild shares (seed 004).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableKind {
    /// Which guilds are linked.
    Setup,
    /// News.
    News,
    /// What a guild says about itself.
    GuildInfo,
    /// Events.
    Calendar,
    /// Who is in the guild.
    Roster,
}

/// A table's name that is none of the five.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name:?} is no table: there are setup, news, guildInfo, calendar and roster")]
pub struct UnknownTable {
    /// What was said.
    pub name: String,
}

impl TableKind {
    /// All of them, in the order of seed 003.
    pub const ALL: [Self; 5] =
        [Self::Setup, Self::News, Self::GuildInfo, Self::Calendar, Self::Roster];

    /// The table's name in the seeds.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::News => "news",
            Self::GuildInfo => "guildInfo",
            Self::Calendar => "calendar",
            Self::Roster => "roster",
        }
    }

    /// The fields of its records that seed 004 names, in its order.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Setup => &["guilds"],
            Self::News | Self::GuildInfo => &["title", "content", "category", "date"],
            Self::Calendar => &["title", "content", "category", "eventDate"],
            Self::Roster => &[
                "name",
                "class",
                "level",
                "rank",
                "itemLevel",
                "battletag",
                "roles",
                "guildJoinDate",
                "professions",
                "mainCharacter",
                "interests",
                "birthdate",
                "faction",
            ],
        }
    }

    /// Its place in [`TableKind::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for TableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TableKind {
    type Err = UnknownTable;

    /// Reads a name in any case.
    fn from_str(name: &str) -> Result<Self, UnknownTable> {
        let found = Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownTable { name: name.chars().take(64).collect() })
    }
}

/// The order in which a session completes the tables. Setup is always first, since it decides which
/// guilds take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOrder([TableKind; 5]);

/// An order that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OrderError {
    /// Setup decides which guilds take part, so it has to come first.
    #[error("setup has to be the first table: it decides which guilds take part")]
    SetupFirst,
    /// A table twice, and so another one not at all.
    #[error("{0} is there twice: name each of the five tables once")]
    Twice(TableKind),
}

impl TableOrder {
    /// An order of all five tables.
    ///
    /// # Errors
    /// Setup not first, or a table twice.
    pub fn new(tables: [TableKind; 5]) -> Result<Self, OrderError> {
        if tables[0] != TableKind::Setup {
            return Err(OrderError::SetupFirst);
        }
        for (at, table) in tables.iter().enumerate() {
            if tables[..at].contains(table) {
                return Err(OrderError::Twice(*table));
            }
        }
        Ok(Self(tables))
    }

    /// The tables in order.
    #[must_use]
    pub fn tables(&self) -> &[TableKind; 5] {
        &self.0
    }

    /// A table's place, from 0.
    #[must_use]
    pub fn place(&self, table: TableKind) -> usize {
        self.0.iter().position(|one| *one == table).unwrap_or(0)
    }
}

impl Default for TableOrder {
    /// Setup, news, guild info, calendar, roster (seed 003).
    fn default() -> Self {
        Self(TableKind::ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_in_any_case_and_others_are_refused_by_name() {
        for kind in TableKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(kind.name().to_uppercase().parse(), Ok(kind));
        }
        let error = "metadata".parse::<TableKind>().unwrap_err().to_string();
        assert!(error.starts_with("\"metadata\" is no table"), "{error}");
    }

    #[test]
    fn an_order_begins_with_setup_and_names_each_table_once() {
        use TableKind::{Calendar, GuildInfo, News, Roster, Setup};
        let seed_004 = TableOrder::new([Setup, Roster, News, GuildInfo, Calendar]).unwrap();
        assert_eq!(seed_004.place(Roster), 1);
        let late = TableOrder::new([News, Setup, GuildInfo, Calendar, Roster]);
        assert_eq!(late, Err(OrderError::SetupFirst));
        let twice = TableOrder::new([Setup, News, News, Calendar, Roster]);
        assert_eq!(twice, Err(OrderError::Twice(News)));
    }
}
