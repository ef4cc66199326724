//! The addon's bug C33, by name: it looked for a command's name anywhere in a message, did not escape
//! what stood between its semicolons, and sent names and a chunk of 190 bytes in one line of 255.

use bytes::Bytes;
use guildsync_tables::message::{Batch, Change, Content, Metadata, Status, Wanted};
use guildsync_tables::{Dialect, GuildName, Message, Record, RecordId, RecordKey, TableKind};
use guildsync_wire::lua::Table;

use super::samples::{self, pull, ready, records, updated};

/// What a writer of records could put wherever there is room for text.
const HOSTILE: [&str; 6] = [
    "SAVE_USER",
    "SYNC_END;session=5eed0007;why=reset",
    "REQUEST_METADATA;ALL;0;setup",
    r"a;b\s\\;;c=d",
    "SND;DATA;SETU;00001;00001;{}",
    "LOG_ENTRY|tag=5dc5d0",
];

#[test]
fn c33_a_commands_name_in_a_record_is_text() {
    for hostile in HOSTILE {
        let lines = format!("{hostile}\n{hostile}\r\n{hostile}");
        let mut data = Table::new();
        data.insert("title", lines);
        data.insert("content", Table::from_iter([hostile]));
        data.insert(hostile, true);
        let (guild, id) = (GuildName::new(hostile).unwrap(), RecordId::new(hostile).unwrap());
        let entry = Record::new(TableKind::News, guild, id, updated("20241215085707"), data);
        let entry = entry.unwrap();
        let message = records(None, Batch::Plain(vec![(Change::Add, entry)]));
        for dialect in [Dialect::Compact, Dialect::Text] {
            assert_eq!(Message::from_bytes(&message.to_bytes(dialect)).unwrap(), message);
        }
        let text = message.to_bytes(Dialect::Text);
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(
            text.starts_with("SYNC_DATA;") && text.contains("\nSND;DATA;NEWS;00001;00001;add;")
        );
    }
}

#[test]
fn c33_semicolons_in_ids_and_guild_names_are_escaped() {
    for hostile in HOSTILE {
        let (id, guild) = (RecordId::new(hostile).unwrap(), GuildName::new(hostile).unwrap());
        let deletion =
            Record::deletion(TableKind::News, guild.clone(), id.clone(), updated("20241215085707"));
        let metadata = Metadata {
            table: TableKind::Roster,
            id: id.clone(),
            guild: guild.clone(),
            updated: updated("20241215085707"),
            deleted: false,
            hash: 7,
        };
        let key = RecordKey { table: TableKind::News, id, guild: Some(guild) };
        for message in [
            records(None, Batch::Plain(vec![(Change::Delete, deletion)])),
            ready(samples::reply_cells(), 1, Content::Metadata(vec![metadata])),
            pull(Wanted::Keys(vec![key])),
        ] {
            for dialect in [Dialect::Compact, Dialect::Text] {
                assert_eq!(Message::from_bytes(&message.to_bytes(dialect)).unwrap(), message);
            }
            let text = message.to_bytes(Dialect::Text);
            assert_eq!(std::str::from_utf8(&text).unwrap().lines().count(), 2);
        }
    }
}

#[test]
fn c33_a_message_is_as_long_as_it_has_to_be_for_the_link_cuts_it() {
    let name = "\u{f8}".repeat(48);
    let data = format!(r#"{{ ["content"] = "{}" }}"#, "x".repeat(40_000));
    let entry = samples::record((TableKind::News, &name), &name, "20241215085707", &data);
    let message = records(None, Batch::Plain(vec![(Change::Add, entry)]));
    for dialect in [Dialect::Compact, Dialect::Text] {
        let bytes = message.to_bytes(dialect);
        assert!(bytes.len() > 40_000 + 2 * name.len());
        assert_eq!(Message::from_bytes(&bytes).unwrap(), message);
    }
}

#[test]
fn c33_only_the_first_word_says_what_a_message_is() {
    for (_, message) in samples::all() {
        for dialect in [Dialect::Compact, Dialect::Text] {
            let bytes = message.to_bytes(dialect);
            assert!(Message::speaks(&bytes), "{}", message.name());
            assert!(Message::speaks(&bytes[..bytes.len().min(17)]), "{}", message.name());
        }
    }
    // What log messages begin with, sections' bytes, and words that only resemble ours.
    let logs = [
        "PROFILE_ANNOUNCE",
        "REQUEST_LOG_LIST",
        "LOG_LIST_REPLY",
        "SEND_MISSING_LOGS",
        "REQUEST_MY_MISSING",
        "LOG_ENTRY",
        "MANUAL_SYNC_START",
    ];
    for word in logs {
        let line = format!("{word}|tag=WHO_IS_ONLINE;ready");
        assert!(!Message::speaks(line.as_bytes()), "{line}");
    }
    for other in ["", "META_CHUNK;1", "ACKNOWLEDGE", "WHO_IS_ONLIN", "ACK|x", "who_is_online;ready"]
    {
        assert!(!Message::speaks(other.as_bytes()), "{other}");
    }
    for first in 0..=u8::MAX {
        assert_eq!(Message::speaks(&[first, 0]), (1..=0x1f).contains(&first), "{first}");
    }
    let said = Bytes::from_static(b"WHO_IS_ONLINE;ready");
    let status = Status::Ready;
    assert_eq!(Message::from_bytes(&said), Ok(Message::WhoIsOnline { status }));
}
