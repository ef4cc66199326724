//! What seed 004 requires of each table.

use guildsync_tables::TableKind;
use guildsync_tables::check::check;
use guildsync_tables::schema::{Schema, read};

use crate::world::{EONAR, deletion, guild, record, shared_data};

const MEMBER: &str = r#"{ name = "A-R", class = "Shaman", level = 80, rank = "", itemLevel = "631.5",
    battletag = "NA", roles = {}, guildJoinDate = "2024-11-30", professions = {}, mainCharacter = "NA",
    interests = {}, birthdate = "05-06", faction = "Unknown", other = {} }"#;
const ITEM: &str = r#"{ title = "A", content = "B", category = "General", date = "NA",
    eventDate = "2024-12-01 04:28:07" }"#;
const GUILDS: &str = r#"{ guilds = { { name = "No Rest For The Wicked-Eonar", since = 5 } } }"#;

#[test]
fn the_seeds_examples_have_what_their_tables_require() {
    let fixtures = [
        include_str!("../fixtures/seed-002-flat.lua"),
        include_str!("../fixtures/seed-004-unified.lua"),
    ];
    for fixture in fixtures {
        let reading = read(&shared_data(fixture), Schema::AsIs, Some(&guild(EONAR)));
        assert!(reading.refused.is_empty());
        for record in reading.records {
            assert_eq!(check(&record), Ok(()));
        }
    }
}

#[test]
fn a_finding_names_table_id_field_what_is_there_and_what_is_wanted() {
    use TableKind::{Calendar, GuildInfo, News, Roster, Setup};
    let table = [
        (
            Roster,
            MEMBER,
            "level = 80",
            "level = \"high\"",
            "\"level\" is \"high\", it has to be a number",
        ),
        (Roster, MEMBER, "level = 80", "level = -1", "\"level\" is -1, it has to be a number"),
        (Roster, MEMBER, "level = 80", "level = \"inf\"", "\"level\" is \"inf\", it has to be a n"),
        (Roster, MEMBER, "\"631.5\"", "{}", "\"itemLevel\" is a table of something else, it"),
        (
            Roster,
            MEMBER,
            "roles = {}",
            "roles = \"NA\"",
            "\"roles\" is \"NA\", it has to be a table",
        ),
        (Roster, MEMBER, "interests = {},", "", "\"interests\" is missing, it has to be a table"),
        (Roster, MEMBER, "\"Shaman\"", "5", "\"class\" is 5, it has to be text"),
        (Roster, MEMBER, "2024-11-30", "2024-11-31", "\"guildJoinDate\" is \"2024-11-31\", it"),
        (Roster, MEMBER, "2024-11-30", "20241130192941", "\"guildJoinDate\" is \"20241130192941\""),
        (News, ITEM, "title", "titel", "\"title\" is missing, it has to be text"),
        (GuildInfo, ITEM, "\"NA\"", "\"soon\"", "\"date\" is \"soon\", it has to be a date"),
        (Calendar, ITEM, "eventDate", "event", "\"eventDate\" is missing, it has to be a date"),
        (
            Setup,
            GUILDS,
            "name",
            "nome",
            "\"guilds\" is a table of something else, it has to be a list",
        ),
        (Setup, GUILDS, "{ {", "{ x = {", "\"guilds\" is a table of something else, it has to be"),
        (Setup, GUILDS, "guilds", "links", "\"guilds\" is missing, it has to be a list of guilds"),
    ];
    for (kind, data, from, to, message) in table {
        assert_eq!(check(&record(kind, EONAR, "A", 5, data)), Ok(()), "{kind}");
        let error = check(&record(kind, EONAR, "A", 5, &data.replacen(from, to, 1))).unwrap_err();
        let start = format!("record A of {kind}: the field {message}");
        assert!(error.to_string().starts_with(&start), "{error}");
    }
}

#[test]
fn a_deletion_needs_no_data() {
    for kind in TableKind::ALL {
        assert_eq!(check(&deletion(kind, EONAR, "A", 5)), Ok(()));
        assert!(check(&record(kind, EONAR, "A", 5, "{}")).is_err());
    }
}
