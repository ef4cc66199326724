//! Golden bytes of every sample in both dialects: a change of them is a change of the format.
//!
//! `GUILDSYNC_VECTORS=write` writes them anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use bytes::Bytes;
use guildsync_sections::{Dialect, Message};
use guildsync_wire::dialect::colon::{Command, Name};

use super::samples;

/// The bytes as text, sixteen a line.
fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(16) {
        line.iter().for_each(|byte| _ = write!(text, "{byte:02x} "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Where a sample's golden bytes are.
pub(super) fn path(name: &str, extension: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/messages/golden");
    folder.join(name).with_extension(extension)
}

fn check(name: &str, extension: &str, text: &str) {
    let path = path(name, extension);
    if std::env::var_os("GUILDSYNC_VECTORS").is_some_and(|what| what == "write") {
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, golden, "the bytes of {name} changed");
}

#[test]
fn the_bytes_of_messages_are_these() {
    for (name, message) in samples::all() {
        let compact = message.to_bytes(Dialect::Compact);
        check(name, "hex", &dump(&compact));
        assert_eq!(Message::from_bytes(&compact).unwrap(), message, "{name}");
        let text = message.to_bytes(Dialect::Text);
        check(name, "txt", std::str::from_utf8(&text).unwrap());
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
