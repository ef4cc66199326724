//! Golden bytes of every message in both dialects. A change of them is a change of the format.
//!
//! `GUILDSYNC_VECTORS=write` writes them anew.

use bytes::Bytes;
use guildsync_golden::Golden;
use guildsync_tables::{Dialect, Message};

use super::samples;

/// Where they are.
pub(crate) fn golden() -> Golden {
    Golden::new(env!("CARGO_MANIFEST_DIR"), "tests/vectors")
}

#[test]
fn the_bytes_of_messages_are_these() {
    for (name, message) in samples::all() {
        let compact = message.to_bytes(Dialect::Compact);
        assert_eq!(Message::from_bytes(&compact).unwrap(), message, "{name}");
        let text = message.to_bytes(Dialect::Text);
        let text = std::str::from_utf8(&text).unwrap();
        golden().check(name, &compact, &format!("{text}\n"));
        let word = text.split(';').next();
        assert_eq!(word, Some(message.name()), "{name}");
        let read = Message::from_bytes(&Bytes::from(text.to_owned())).unwrap();
        assert_eq!(read, message, "{name}");
    }
}
