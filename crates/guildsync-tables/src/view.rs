//! The fields that seed 004 names, typed, for whoever shows a record.
//!
//! A view copies nothing and demands nothing: a field that is missing, that holds something else, or
//! that is `NA` as the addon writes for nothing, is `None`. The data itself stays beside it, exact, in
//! [`Record::data`]. Times are UTC.

use guildsync_types::Stamp;
use guildsync_wire::lua::Value;

use crate::check::{NOT_AVAILABLE, date, number};
use crate::kind::TableKind;
use crate::record::Record;

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident of $table:ident {
        $($(#[$field_doc:meta])* $field:ident: $read:ident($key:literal) -> $type:ty;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a>(&'a Record);

        impl<'a> $name<'a> {
            /// A record of this table; `None` if it is of another.
            #[must_use]
            pub fn of(record: &'a Record) -> Option<Self> {
                (record.table() == TableKind::$table).then_some(Self(record))
            }

            /// The record itself.
            #[must_use]
            pub fn record(self) -> &'a Record {
                self.0
            }

            $(
                $(#[$field_doc])*
                pub fn $field(self) -> $type {
                    $read(self.0, $key)
                }
            )*
        }
    )*};
}

views! {
    /// A member of a guild.
    Roster of Roster {
        /// Who it is, `Name-Realm`.
        name: text("name") -> Option<&'a str>;
        /// The class.
        class: text("class") -> Option<&'a str>;
        /// The level; a number or its digits, without a fraction.
        level: whole("level") -> Option<u32>;
        /// The rank in the guild.
        rank: text("rank") -> Option<&'a str>;
        /// The mean level of what is worn; a number or its digits.
        item_level: decimal("itemLevel") -> Option<f64>;
        /// The BattleTag.
        battletag: text("battletag") -> Option<&'a str>;
        /// The roles.
        roles: texts("roles") -> impl Iterator<Item = &'a str>;
        /// When the member joined the guild.
        joined: stamp("guildJoinDate") -> Option<Stamp>;
        /// The professions.
        professions: texts("professions") -> impl Iterator<Item = &'a str>;
        /// The main character, if this is another one.
        main_character: text("mainCharacter") -> Option<&'a str>;
        /// The interests.
        interests: texts("interests") -> impl Iterator<Item = &'a str>;
        /// The birthday, in whatever words.
        birthdate: text("birthdate") -> Option<&'a str>;
        /// The faction.
        faction: text("faction") -> Option<&'a str>;
    }

    /// A news item.
    News of News {
        /// The title.
        title: text("title") -> Option<&'a str>;
        /// What it says.
        content: text("content") -> Option<&'a str>;
        /// The category.
        category: text("category") -> Option<&'a str>;
        /// Of when it is.
        date: stamp("date") -> Option<Stamp>;
    }

    /// What a guild says about itself.
    GuildInfo of GuildInfo {
        /// The title.
        title: text("title") -> Option<&'a str>;
        /// What it says.
        content: text("content") -> Option<&'a str>;
        /// The category.
        category: text("category") -> Option<&'a str>;
        /// Of when it is.
        date: stamp("date") -> Option<Stamp>;
    }

    /// An event.
    Calendar of Calendar {
        /// The title.
        title: text("title") -> Option<&'a str>;
        /// What it is about.
        content: text("content") -> Option<&'a str>;
        /// The category.
        category: text("category") -> Option<&'a str>;
        /// When it takes place.
        event_date: stamp("eventDate") -> Option<Stamp>;
        /// Of when the entry is; seed 002's items have it.
        date: stamp("date") -> Option<Stamp>;
    }

    /// The guilds that are linked.
    Setup of Setup {
        /// Their names, exactly as they are written, in their order.
        guilds: names("guilds") -> impl Iterator<Item = &'a str>;
    }
}

fn text<'a>(record: &'a Record, field: &str) -> Option<&'a str> {
    record.data().get(field)?.as_str().filter(|text| *text != NOT_AVAILABLE)
}

fn decimal(record: &Record, field: &str) -> Option<f64> {
    number(record.data().get(field)?)
}

fn whole(record: &Record, field: &str) -> Option<u32> {
    let number = decimal(record, field)?;
    (number.fract() == 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
}

fn stamp(record: &Record, field: &str) -> Option<Stamp> {
    date(text(record, field)?)
}

/// The texts of a list. Other programs leave number keys: those come in their order too.
fn texts<'a>(record: &'a Record, field: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    items(record, field).filter_map(Value::as_str)
}

fn names<'a>(record: &'a Record, field: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    items(record, field).filter_map(|item| item.as_table()?.get("name")?.as_str())
}

fn items<'a>(record: &'a Record, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let table = record.data().get(field).and_then(Value::as_table);
    table
        .into_iter()
        .flat_map(|table| table.positional().iter().chain(table.keyed().map(|(_, value)| value)))
}
