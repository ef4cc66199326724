//! Messages of three kinds share a channel, and are told apart by what they begin with.

use guildsync_sections::{Dialect, Message};

use super::samples;

/// What messages about logs begin with.
const LOGS: [&str; 7] = [
    "PROFILE_ANNOUNCE",
    "REQUEST_LOG_LIST",
    "LOG_LIST_REPLY",
    "SEND_MISSING_LOGS",
    "REQUEST_MY_MISSING",
    "LOG_ENTRY",
    "MANUAL_SYNC_START",
];

/// What messages about tables begin with.
const TABLES: [&str; 11] = [
    "WHO_IS_ONLINE",
    "I_AM_ONLINE",
    "I_AM_BUSY",
    "SYNC_INITIATE",
    "META",
    "NO_META",
    "REQUEST_METADATA",
    "REQUEST_ENTRY",
    "SYNC_DATA",
    "ACK",
    "SYNC_END",
];

#[test]
fn no_name_is_that_of_a_message_about_logs_or_tables() {
    for name in LOGS.into_iter().chain(TABLES) {
        for line in [name.to_owned(), format!("{name}:1"), format!("{name}|a"), format!("{name};a")]
        {
            assert!(!Message::speaks(line.as_bytes()), "{line}");
        }
    }
    for (_, message) in samples::all() {
        assert!(!LOGS.contains(&message.name()) && !TABLES.contains(&message.name()));
    }
}

#[test]
fn only_the_first_word_says_whose_a_message_is() {
    for (name, message) in samples::all() {
        for dialect in [Dialect::Compact, Dialect::Text] {
            let bytes = message.to_bytes(dialect);
            assert!(Message::speaks(&bytes[..bytes.len().min(17)]), "{name}");
        }
    }
    for other in
        ["", "REQUEST:1", "RE:1", "req:1", "REQ;1", "REQ|1", "VER:1.0.0", "CHUNK:1", "ACK:1"]
    {
        assert!(!Message::speaks(other.as_bytes()), "{other}");
    }
    for first in 0..=u8::MAX {
        assert_eq!(Message::speaks(&[first, 0]), (0x20..=0x3f).contains(&first), "{first}");
    }
}
