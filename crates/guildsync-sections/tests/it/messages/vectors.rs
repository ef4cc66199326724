//! Golden bytes of every sample in both dialects: a change of them is a change of the format.
//!
//! `GUILDSYNC_VECTORS=write` writes them anew.

use bytes::Bytes;
use guildsync_golden::Golden;
use guildsync_sections::{Dialect, Message};
use guildsync_wire::dialect::colon::{Command, Name};

use super::samples;

/// Where they are.
pub(super) fn golden() -> Golden {
    Golden::new(env!("CARGO_MANIFEST_DIR"), "tests/it/messages/golden")
}

#[test]
fn the_bytes_of_messages_are_these() {
    for (name, message) in samples::all() {
        let compact = message.to_bytes(Dialect::Compact);
        let text = message.to_bytes(Dialect::Text);
        golden().check(name, &compact, std::str::from_utf8(&text).unwrap());
        assert_eq!(Message::from_bytes(&compact).unwrap(), message, "{name}");
        assert_eq!(Message::from_bytes(&text).unwrap(), message, "{name}");
    }
}

#[test]
fn the_first_line_of_a_text_is_a_command_of_its_name() {
    for (name, message) in samples::all() {
        let text = message.to_bytes(Dialect::Text);
        let line = std::str::from_utf8(&text).unwrap().lines().next().unwrap();
        let command = Command::read(line).unwrap();
        assert_eq!(command.name.code(), message.name(), "{name}");
        assert!(Name::KNOWN.contains(&command.name), "{name}");
    }
}

#[test]
fn older_names_are_read_as_the_later_ones() {
    let text = |name: &str| {
        let message = samples::all().into_iter().find(|(found, _)| *found == name).unwrap().1;
        (String::from_utf8(message.to_bytes(Dialect::Text).to_vec()).unwrap(), message)
    };
    for (sample, name, older) in [
        ("cursor", "SECTION:", "SEC:"),
        ("ask-everything", "REQ:", "DREQ:"),
        ("edit", "RESP:", "DRES:"),
        ("edit-plain", "RESP:", "DRES:"),
        ("sections", "SECRES:", "SECRESP:"),
        ("sections", "SECRES:", "MSRES:"),
        ("ask-section", "SECREQ:", "MSREQ:"),
    ] {
        let (text, message) = text(sample);
        assert!(text.starts_with(name), "{text}");
        let older = Bytes::from(text.replacen(name, older, 1));
        assert!(Message::speaks(&older));
        assert_eq!(Message::from_bytes(&older).unwrap(), message);
    }
}
