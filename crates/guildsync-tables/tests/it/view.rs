//! Typed views of each table.

use guildsync_tables::TableKind;
use guildsync_tables::schema::{Schema, read};
use guildsync_tables::view::{Calendar, GuildInfo, News, Roster, Setup};
use guildsync_tables::{Tables, Updated};
use guildsync_wire::lua::Value;

use crate::world::{CLOCK, EONAR, deletion, guild, record, shared_data, tables_of};

fn example() -> Tables {
    let document = shared_data(include_str!("../fixtures/seed-002-flat.lua"));
    tables_of(read(&document, Schema::Flat, Some(&guild(EONAR))).records)
}

#[test]
fn each_table_of_the_example_has_its_view() {
    let tables = example();
    let first = |kind| tables.of(kind).next().unwrap();
    let member = Roster::of(first(TableKind::Roster)).unwrap();
    assert_eq!((member.name(), member.class()), (Some("Sakarra-Skywall"), Some("Shaman")));
    assert_eq!((member.level(), member.item_level()), (Some(80), Some(0.0)));
    assert_eq!((member.battletag(), member.main_character()), (None, None), "NA is nothing");
    assert_eq!(member.joined().map(|stamp| stamp.seconds()), Some(1_732_924_800));
    assert_eq!(member.roles().count() + member.professions().count(), 0);
    let news = News::of(first(TableKind::News)).unwrap();
    assert_eq!(
        (news.title(), news.category()),
        (Some("Welcome to the Guild!  4"), Some("General"))
    );
    assert_eq!(news.date().map(|stamp| stamp.seconds()), Some(1_733_029_762));
    let info = GuildInfo::of(first(TableKind::GuildInfo)).unwrap();
    assert!(info.content().unwrap().starts_with("Welcome to our guild!"));
    let event = Calendar::of(first(TableKind::Calendar)).unwrap();
    assert_eq!(event.event_date(), event.date());
    let setup = Setup::of(first(TableKind::Setup)).unwrap();
    assert_eq!(setup.guilds().count(), 4);
    assert_eq!(setup.guilds().nth(2), Some(EONAR));
    assert!(Roster::of(first(TableKind::News)).is_none());
}

#[test]
fn numbers_come_from_numbers_and_digits_and_what_is_neither_is_nothing() {
    let level = |level: &str| {
        let record = record(TableKind::Roster, EONAR, "A", 5, &format!("{{ level = {level} }}"));
        Roster::of(&record).unwrap().level()
    };
    for (text, expected) in [
        ("80", Some(80)),
        ("\"80\"", Some(80)),
        ("80.0", Some(80)),
        ("80.5", None),
        ("-1", None),
        ("1e300", None),
        ("\"NA\"", None),
        ("{}", None),
    ] {
        assert_eq!(level(text), expected, "{text}");
    }
    assert_eq!(Roster::of(&deletion(TableKind::Roster, EONAR, "A", 5)).unwrap().level(), None);
    let data = r#"{ roles = { [2] = "DPS", [5] = "Tank", [7] = 3 } }"#;
    let holey = record(TableKind::Roster, EONAR, "A", 5, data);
    assert_eq!(Roster::of(&holey).unwrap().roles().collect::<Vec<_>>(), ["DPS", "Tank"]);
}

/// C34: `date()` is a computer's own time, so that one and the same edit was hours apart on two
/// computers. Here every spelling is UTC, and so is everything that is printed.
#[test]
fn c34_times_are_utc_in_every_spelling() {
    let table = ["20241215085707", "2024-12-15 08:57:07", "1734253027"];
    let read = table.map(|text| Updated::from_value(&Value::from(text)).unwrap());
    assert!(read.iter().all(|updated| updated.seconds() == 1_734_253_027));
    let item = record(TableKind::News, EONAR, "1", 5, r#"{ date = "2024-12-15 08:57:07" }"#);
    assert_eq!(News::of(&item).unwrap().date().unwrap().seconds(), 1_734_253_027);
    assert_eq!(Updated::at(1_734_253_027).to_value(), Value::from("20241215085707"));
}

/// Default content has the stamp of 1999, or one that is older: it never wins against what was written.
#[test]
fn default_content_of_either_schema_loses_against_anything_written() {
    let written = record(TableKind::News, EONAR, "1", 600, r#"{ title = "ours" }"#);
    let defaults = [
        r#"{ news = { { id = "1", guildName = "No Rest For The Wicked-Eonar", title = "Welcome",
            date = "1999-01-01 00:00:00" } } }"#,
        r#"{ news = { ["1"] = { id = "1", tableType = "news", lastUpdated = "19990101000000",
            guildName = "No Rest For The Wicked-Eonar", deleted = false, data = {} } } }"#,
    ];
    for document in defaults {
        let default = read(&crate::world::lua(document), Schema::AsIs, None).records.remove(0);
        assert!(default.updated().is_default());
        let mut tables = tables_of([default.clone()]);
        tables.merge(written.clone(), CLOCK);
        tables.merge(default, CLOCK);
        assert_eq!(tables.iter().next(), Some(&written), "1970 is before 1999 and yet it counts");
    }
}
