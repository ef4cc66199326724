//! Golden bytes of every message in both dialects. A change of them is a change of the format.
//!
//! `GUILDSYNC_VECTORS=write` writes them anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use bytes::Bytes;
use guildsync_tables::{Dialect, Message};

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

pub(crate) fn path(name: &str, extension: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
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
        let text = std::str::from_utf8(&text).unwrap();
        check(name, "txt", &format!("{text}\n"));
        let word = text.split(';').next();
        assert_eq!(word, Some(message.name()), "{name}");
        let read = Message::from_bytes(&Bytes::from(text.to_owned())).unwrap();
        assert_eq!(read, message, "{name}");
    }
}
