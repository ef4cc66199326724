//! Guild tables: roster, news and calendar records in the unified schema of the table addons.

use std::collections::HashSet;

use guildsync_sim::corpus::draw::{Draw, Zipf};
use guildsync_sim::corpus::{guild, words};
use guildsync_wire::lua::Value;
use serde::{Deserialize, Serialize};

use super::read;

/// Tables to measure, by name.
#[derive(Debug, Clone)]
pub struct Tables {
    /// The stem of the file, or `generated-tables`.
    pub name: String,
    /// As they were read.
    pub json: String,
    /// The records of each table, as the wire takes them.
    pub tables: Vec<(String, Vec<Value>)>,
}

impl Tables {
    /// How many records there are in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.iter().map(|(_, records)| records.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The three tables as a program would type them: what the rivals encode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    roster: Vec<Record<Member>>,
    news: Vec<Record<News>>,
    calendar: Vec<Record<Event>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record<T> {
    id: String,
    table_type: String,
    guild_name: String,
    last_updated: String,
    deleted: bool,
    data: T,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Member {
    name: String,
    class: String,
    level: u64,
    rank: String,
    item_level: u64,
    battletag: String,
    roles: Vec<String>,
    guild_join_date: String,
    professions: Vec<String>,
    main_character: String,
    interests: Vec<String>,
    birthdate: String,
    faction: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
#[serde(deny_unknown_fields)]
struct News {
    title: String,
    content: String,
    category: String,
    date: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Event {
    title: String,
    content: String,
    category: String,
    event_date: String,
}

/// The guild of generated records.
pub const GUILD: &str = "The Long Watch-Greyhollow";

/// How many records of each table are generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Members.
    pub roster: usize,
    /// News.
    pub news: usize,
    /// Events.
    pub calendar: usize,
}

impl Sizes {
    /// 700 records, as many as the measured file has.
    pub const GUILD: Self = Self { roster: 500, news: 100, calendar: 100 };
    /// 10,000 records.
    pub const LARGE: Self = Self { roster: 7_000, news: 1_500, calendar: 1_500 };

    /// Records in all.
    #[must_use]
    pub fn sum(self) -> usize {
        self.roster + self.news + self.calendar
    }
}

/// 500 members, 100 news, 100 events.
///
/// # Errors
/// None in practice: what is generated can be written and read.
pub fn generated(seed: u64) -> anyhow::Result<Tables> {
    generated_of(seed, Sizes::GUILD)
}

/// So many members, news and events.
///
/// # Errors
/// None in practice: what is generated can be written and read.
pub fn generated_of(seed: u64, sizes: Sizes) -> anyhow::Result<Tables> {
    let mut draw = Draw::new(seed);
    let roster = roster(&mut draw, sizes.roster);
    let news = (0..sizes.news).map(|_| news(&mut draw)).collect();
    let calendar = (0..sizes.calendar).map(|_| event(&mut draw)).collect();
    let typed = Typed { roster, news, calendar };
    read::tables("generated-tables", &serde_json::to_string(&typed)?)
}

fn record<T>(table: &str, id: &str, updated: String, deleted: bool, data: T) -> Record<T> {
    Record {
        id: id.to_owned(),
        table_type: table.to_owned(),
        guild_name: GUILD.to_owned(),
        last_updated: updated,
        deleted,
        data,
    }
}

fn roster(draw: &mut Draw, n: usize) -> Vec<Record<Member>> {
    let names = names(draw, n);
    let ranks = Zipf::new(words::RANKS.len(), 1.2);
    let mains = &names[..n / 4];
    let mut records = Vec::with_capacity(n);
    for name in &names {
        let plain = name.split('-').next().unwrap_or(name);
        let or_na = |draw: &mut Draw, absent: f64, text: &dyn Fn(&mut Draw) -> String| {
            if draw.happens(absent) { "NA".to_owned() } else { text(draw) }
        };
        let data = Member {
            name: name.clone(),
            class: draw.of(&words::CLASSES).to_owned(),
            level: if draw.happens(0.8) { 80 } else { 10 + draw.below(70) as u64 },
            rank: words::RANKS[draw.rank(&ranks)].to_owned(),
            item_level: if draw.happens(0.37) { 0 } else { 595 + draw.below(45) as u64 },
            battletag: or_na(draw, 0.58, &|draw| format!("{plain}#{}", 1000 + draw.below(19_000))),
            roles: some_of(draw, &words::ROLES, 3),
            guild_join_date: date(draw),
            professions: some_of(draw, &words::PROFESSIONS, 2),
            main_character: or_na(draw, 0.6, &|draw| mains[draw.below(mains.len())].clone()),
            interests: some_of(draw, &words::INTERESTS, 4),
            birthdate: or_na(draw, 0.77, &|draw| {
                format!("{:02}-{:02}", 1 + draw.below(12), 1 + draw.below(28))
            }),
            faction: draw.of(&["Horde", "Horde", "Alliance", "Unknown"]).to_owned(),
        };
        let (month, day) = (11 + draw.below(2), 1 + draw.below(28));
        let updated = format!("2024{month:02}{day:02}{}", time(draw, ""));
        let deleted = draw.happens(0.045);
        records.push(record("roster", name, updated, deleted, data));
    }
    records
}

/// Distinct `Name-Realm`; so many that two syllables would run out have three.
fn names(draw: &mut Draw, n: usize) -> Vec<String> {
    const TWO_SYLLABLES_MAX: usize = 1_000;
    if n <= TWO_SYLLABLES_MAX {
        return guild::names(draw, n);
    }
    let realms = Zipf::new(words::REALMS.len(), 1.0);
    let (mut names, mut seen) = (Vec::with_capacity(n), HashSet::new());
    while names.len() < n {
        let (start, middle) = (draw.of(&words::NAME_STARTS), draw.of(&words::NAME_ENDS));
        let end = draw.of(&words::NAME_ENDS);
        let name = format!("{start}{middle}{end}-{}", words::REALMS[draw.rank(&realms)]);
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

fn news(draw: &mut Draw) -> Record<News> {
    let (day, at) = (date(draw), time(draw, ":"));
    let sentences = 1 + draw.below(4);
    let content: Vec<String> = (0..sentences).map(|_| sentence(draw, 6, 14) + ".").collect();
    let data = News {
        title: sentence(draw, 2, 5),
        content: content.join(" "),
        category: draw.of(&["Recruitment", "PvP", "General", "Raid"]).to_owned(),
        date: format!("{day} {at}"),
    };
    let (id, updated, deleted) = id_and_update(draw, &day, &at);
    record("news", &id, updated, deleted, data)
}

fn event(draw: &mut Draw) -> Record<Event> {
    let (day, at) = (date(draw), time(draw, ":"));
    let (on, hour, half) = (date(draw), draw.below(24), draw.of(&["00", "30"]));
    let data = Event {
        title: sentence(draw, 2, 4),
        content: sentence(draw, 5, 18) + ".",
        category: draw.of(&["Mythic+", "Birthday", "Meeting", "Raid"]).to_owned(),
        event_date: format!("{on} {hour:02}:{half}:00"),
    };
    let (id, updated, deleted) = id_and_update(draw, &day, &at);
    record("calendar", &id, updated, deleted, data)
}

/// An id begins with its record's moment and ends with four digits of nothing.
fn id_and_update(draw: &mut Draw, day: &str, at: &str) -> (String, String, bool) {
    let digits = |text: &str| text.replace(['-', ':'], "");
    let id = format!("{}{}{:04}", digits(day), digits(at), draw.below(10_000));
    let updated = format!("{}{}", digits(day), time(draw, ""));
    (id, updated, draw.happens(0.05))
}

fn date(draw: &mut Draw) -> String {
    format!("{}-{:02}-{:02}", 2023 + draw.below(2), 1 + draw.below(12), 1 + draw.below(28))
}

fn time(draw: &mut Draw, colon: &str) -> String {
    let (h, m, s) = (draw.below(24), draw.below(60), draw.below(60));
    format!("{h:02}{colon}{m:02}{colon}{s:02}")
}

/// Words with a capital letter, `min` to `max` of them.
pub(crate) fn sentence(draw: &mut Draw, min: usize, max: usize) -> String {
    let by_word = Zipf::new(words::PROSE.len(), 0.8);
    let n = min + draw.below(max - min + 1);
    let words: Vec<&str> = (0..n).map(|_| words::PROSE[draw.rank(&by_word)]).collect();
    let mut text = words.join(" ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Up to `max` of `items`, each at most once; for half of the records none.
fn some_of(draw: &mut Draw, items: &[&str], max: usize) -> Vec<String> {
    let n = if draw.happens(0.46) { 0 } else { 1 + draw.below(max) };
    let mut chosen: Vec<String> = Vec::new();
    while chosen.len() < n {
        let item = draw.of(items);
        if !chosen.iter().any(|found| found == item) {
            chosen.push(item.to_owned());
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_those_of_a_large_guild_and_the_same_for_a_seed() {
        let tables = generated(1).unwrap();
        let sizes: Vec<_> =
            tables.tables.iter().map(|(name, all)| (name.as_str(), all.len())).collect();
        assert_eq!(tables.len(), 700);
        for size in [("roster", 500), ("news", 100), ("calendar", 100)] {
            assert!(sizes.contains(&size), "{sizes:?}");
        }
        let json = &tables.json;
        assert_eq!(*json, generated(1).unwrap().json);
        // The JSON of the measured file has 282,197 bytes.
        assert!((250_000..310_000).contains(&json.len()), "{}", json.len());
    }

    #[test]
    fn ten_thousand_records_have_as_many_ids() {
        let tables = generated_of(1, Sizes::LARGE).unwrap();
        let ids = tables.tables.iter().flat_map(|(_, records)| records).map(|record| {
            let id = record.as_table().and_then(|record| record.get("id")).and_then(Value::as_str);
            id.unwrap().to_owned()
        });
        let ids: HashSet<String> = ids.collect();
        assert_eq!((tables.len(), ids.len(), Sizes::LARGE.sum()), (10_000, 10_000, 10_000));
    }
}
