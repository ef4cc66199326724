//! Laws of both dialects: what is written reads back, every message has one compact form, and what is cut
//! off is refused.

use bytes::Bytes;
use guildsync_sections::Dialect;
use guildsync_sections::message::{Batch, Message, Part};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::any::message;

const BOTH: [Dialect; 2] = [Dialect::Compact, Dialect::Text];

/// The bytes of a packed part, if it is one.
fn packed(message: &Message) -> Option<&Bytes> {
    match message {
        Message::Part(Part { batch: Batch::Packed { bytes, .. }, .. }) => Some(bytes),
        _ => None,
    }
}

proptest! {
    #[test]
    fn every_message_reads_back_from_both_dialects(message in message()) {
        for dialect in BOTH {
            let bytes = message.to_bytes(dialect);
            prop_assert_eq!(bytes[0].is_ascii_uppercase(), dialect == Dialect::Text);
            prop_assert!(Message::speaks(&bytes));
            prop_assert!(Message::speaks(&bytes[..bytes.len().min(17)]));
            let read = Message::from_bytes(&bytes).unwrap();
            prop_assert_eq!(&read, &message);
            // Equal names can differ in case.
            prop_assert_eq!(read.to_bytes(dialect), bytes);
        }
    }

    #[test]
    fn a_message_that_is_cut_off_is_refused(message in message()) {
        for dialect in BOTH {
            let bytes = message.to_bytes(dialect);
            for len in 0..bytes.len() {
                let read = Message::from_bytes(&bytes.slice(..len));
                match (read, packed(&message)) {
                    (Err(_), _) => (),
                    // Packed bytes end with their message: whoever unpacks them sees that some lack.
                    (Ok(read), Some(all)) if dialect == Dialect::Compact => {
                        let some = packed(&read).unwrap();
                        prop_assert_eq!(some.len() + bytes.len(), all.len() + len);
                        prop_assert!(all.starts_with(some));
                    }
                    (Ok(read), _) => prop_assert!(false, "{len} of {}: {read:?}", bytes.len()),
                }
            }
        }
    }

    #[test]
    fn bytes_behind_a_message_are_refused(message in message(), more in vec(any::<u8>(), 1..9)) {
        for dialect in BOTH {
            let bytes = [&message.to_bytes(dialect)[..], &more].concat();
            if dialect == Dialect::Text || packed(&message).is_none() {
                prop_assert!(Message::from_bytes(&bytes.into()).is_err());
            }
        }
    }

    #[test]
    fn what_reads_as_compact_is_written_as_the_same_bytes(
        message in message(),
        changes in vec((any::<Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = message.to_bytes(Dialect::Compact).to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let bytes = Bytes::from(bytes);
        if !bytes[0].is_ascii_uppercase() && let Ok(read) = Message::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(Dialect::Compact), bytes);
        }
    }

    #[test]
    fn what_reads_as_text_reads_again(
        message in message(),
        changes in vec((any::<Index>(), any::<Index>(), "[A-Z0-9a-f:,=.\\\\\n]{0,3}"), 0..3),
    ) {
        let mut text = String::from_utf8(message.to_bytes(Dialect::Text).to_vec()).unwrap();
        for (at, len, put) in changes {
            let (at, len) = (at.index(text.len()), len.index(4));
            if text.get(at..at + len).is_some() {
                text.replace_range(at..at + len, &put);
            }
        }
        if let Ok(read) = Message::from_bytes(&text.into()) {
            for dialect in BOTH {
                prop_assert_eq!(&Message::from_bytes(&read.to_bytes(dialect)).unwrap(), &read);
            }
        }
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(
        first in 0x20u8..0x40,
        bytes: Vec<u8>,
        line in "(ANC|REQ|SECREQ|MSREQ|BSREQ|BSACK|SRES|SECTION|LATER|REF|RESP|DRES|VER)(:[a-f0-9]{0,17}){0,7}\n",
        lines in "RESP:(00){8}:0:(00){8}:0:last:plain:1:1\n(EDIT|ROW|HEADER|RECORD|REMOVED)(:[a-f0-9]{0,17}){0,7}\n",
    ) {
        let compact = [&[first][..], &bytes].concat();
        for bytes in [bytes.into(), Bytes::from(compact), line.into(), lines.into()] {
            if let Ok(read) = Message::from_bytes(&bytes) {
                prop_assert!(Message::speaks(&bytes));
                for dialect in BOTH {
                    prop_assert_eq!(&Message::from_bytes(&read.to_bytes(dialect)).unwrap(), &read);
                }
            }
        }
    }
}
