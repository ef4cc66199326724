//! The sets of records that are synced.

use anyhow::Context as _;
use guildsync::tables::schema::unified;
use guildsync::tables::{GuildName, Record, RecordId, TableKind, Updated};
use guildsync::wire::lua::Table;

use super::{CLOCK, SEED};
use crate::corpus::tables::{self, Sizes, Tables};

/// Records of one guild.
#[derive(Debug, Clone)]
pub struct Set {
    /// The stem of the file, or `generated`.
    pub name: String,
    /// Whose they are.
    pub guild: GuildName,
    /// The records, as the corpus has them.
    pub records: Vec<Record>,
}

impl Set {
    /// Generated records.
    ///
    /// # Errors
    /// None in practice.
    pub fn generated(sizes: Sizes) -> anyhow::Result<Self> {
        Self::of(&tables::generated_of(SEED, sizes)?, "generated")
    }

    /// The records of guild tables.
    ///
    /// # Errors
    /// A record that is none, or no record at all.
    pub fn of(tables: &Tables, name: &str) -> anyhow::Result<Self> {
        let all = tables.tables.iter().flat_map(|(_, records)| records);
        let records: Vec<Record> =
            all.map(unified::from_value).collect::<Result<_, _>>().context("the tables")?;
        let guild = records.first().context("no record at all")?.guild().clone();
        Ok(Self { name: name.to_owned(), guild, records })
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The same with setup and guild info, so that every table has content.
    ///
    /// # Errors
    /// None in practice.
    pub fn with_all_tables(&self) -> anyhow::Result<Self> {
        let mut all = self.clone();
        let mut linked = Table::new();
        for guild in [self.guild.as_str(), "Second Watch-Greyhollow", "Lanternlight-Greyhollow"] {
            let mut one = Table::new();
            one.insert("name", guild);
            linked.push(one);
        }
        let mut setup = Table::new();
        setup.insert("guilds", linked);
        all.records.push(self.record(TableKind::Setup, "199901010000001234", 40, setup)?);
        let infos = [
            ("Rules", "Be kind, be on time, and say so when you cannot come."),
            ("Loot", "By points; who was there longest decides ties."),
            ("Raid nights", "Sunday, Tuesday and Thursday, from eight until eleven."),
        ];
        for (days, (title, content)) in (50..).zip(infos) {
            let mut info = Table::new();
            info.insert("title", title);
            info.insert("content", content);
            info.insert("category", "General");
            info.insert("date", "2024-11-20");
            let id = format!("202411201200{days}4321");
            all.records.push(self.record(TableKind::GuildInfo, &id, days, info)?);
        }
        Ok(all)
    }

    /// A record of this guild, last changed so many days ago.
    fn record(&self, table: TableKind, id: &str, days: u64, data: Table) -> anyhow::Result<Record> {
        let updated = Updated::at(CLOCK.0 / 1000 - days * 86_400);
        Ok(Record::new(table, self.guild.clone(), RecordId::new(id)?, updated, data)?)
    }
}
