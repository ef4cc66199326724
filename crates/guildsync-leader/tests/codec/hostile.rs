//! Bytes that no member writes: each is an error that says what is wrong, and costs little.

use bytes::Bytes;
use guildsync_leader::batch::{OpenError, open};
use guildsync_leader::{Batch, Dialect, Message};
use guildsync_log::Log;

use crate::samples;
use crate::world::profile;

fn error(bytes: &[u8]) -> String {
    Message::from_bytes(&Bytes::copy_from_slice(bytes)).unwrap_err().to_string()
}

fn text(name: &str) -> String {
    let (_, message) = samples::all().into_iter().find(|(found, _)| *found == name).unwrap();
    String::from_utf8(message.to_bytes(Dialect::Text).to_vec()).unwrap()
}

#[test]
fn compact_bytes_that_are_no_message_say_where() {
    let cases: [(&[u8], &str); 18] = [
        (&[], "input ends inside message kind at byte 0"),
        (&[0], "the first byte of no message"),
        (b"a", "the first byte of no message"),
        (&[0x87], "a kind or a flag that this version does not know"),
        (&[0x86 | 16, 1], "a kind or a flag"),
        (&[0x82 | 24, 1, 1], "a kind or a flag"),
        (&[0x84 | 96, 1, 2, 3, 1, 0], "a kind or a flag"),
        (&[0x86, 1, 0], "1 bytes are left over at byte 2"),
        (&[0x86, 0x80, 0], "a varint longer than its shortest form"),
        (&[0x84, 1, 2, 3, 0, 0], "request at byte 4 is not valid: not between 1 and 2^32 - 1"),
        // A list of 2^60 writers, and one of more than a message holds.
        (&[0x82 | 8, 1, 1, 252, 255, 255, 255, 255, 255, 255, 255, 63], "the limit is 65536"),
        (&[0x82 | 8, 1, 1, 0xfc, 0xff, 3], "input ends inside writers behind"),
        // Nobody behind, and then an empty list of those ahead.
        (&[0x82 | 8, 1, 1, 1, 0], "an empty list"),
        // One behind at place 65,536; one behind by nothing.
        (&[0x82 | 8, 1, 1, 4, 0x80, 0x80, 8, 1], "place at byte 4 is not valid: beyond the list"),
        (&[0x82 | 8, 1, 1, 4, 0, 0], "entries are counted from 1"),
        // A run longer than the list.
        (&[0x82 | 8, 1, 1, 8, 1, 9, 1, 1], "beyond the list"),
        // A want of the member before, and there is none.
        (&[0x84, 1, 2, 3, 1, 3, 4, 9, 9, 9, 1], "flags that this version does not know"),
        (&[0x80 | 8, 1, 1, 9], "way to name a profile at byte 3"),
    ];
    for (bytes, expected) in cases {
        let error = error(bytes);
        assert!(error.contains(expected), "{bytes:02x?}: {error}, not {expected}");
    }
}

#[test]
fn text_that_is_no_message_says_which_line() {
    let cases = [
        ("HELLO".to_owned(), "line 1 of the message: the first word is not one of the seven"),
        ("A".to_owned(), "the first word is not"),
        ("PROFILE_ANNOUNCE".to_owned(), "line 1 of the message: at is not term.number"),
        (text("reply-same") + "\n", "line 2 of the message: the line is not one that belongs"),
        (text("reply-same") + "|x=1", "line 1 of the message: the next field is not one"),
        (text("start-hand").replace("term=4", "term=04"), "term is not a number"),
        (text("start-hand").replace("hand", "han\\x"), "unknown escape `\\x`"),
        (text("announce").replace("1,2", "1,3"), "all ids from 1 on, without a hole"),
        (text("announce").replace("1,2", "2,1"), "all ids from 1 on, without a hole"),
        (text("announce").replace("1,2", "1,02"), "id at byte 2 is not a whole number"),
        (text("announce").replace("=1,2\n", "=\n"), "all ids from 1 on"),
        (text("announce").replace("=1,2\n", "=1..2\n"), "the list is not written out"),
        (text("announce").replace("digest=d1", "digest=D1"), "digest is not 16 hex digits"),
        (text("announce-marked").replacen("|mark=01020304", "", 1), "every writer or for none"),
        (text("reply-difference").replace("0:100,1:100", "1:100,0:100"), "ascending"),
        (text("missing-logs").replace("|delta|", "|gift|"), "kind is not delta, total or note"),
        (text("missing-logs").replacen("ENTRY|", "ENTRY|x", 1), "id is not writer:number"),
        (text("missing-logs").replacen("|delta|", "|note|", 1), "delta is not empty"),
        (text("missing-based").replacen("ROWS|12", "ROWS|1", 1), "the row batch is not hex"),
    ];
    for (text, expected) in cases {
        let error = error(text.as_bytes());
        assert!(error.contains(expected), "{text}: {error}, not {expected}");
    }
    assert!(error(b"LOG\xff").contains("byte 3 of it is not UTF-8"));
}

#[test]
fn what_is_beyond_the_lists_of_a_text_is_written_as_a_range_and_costs_nothing() {
    let list = |last: u64| format!("LOG_LIST_REPLY|at=1.1|has=difference\nIDS|010203={last}");
    let huge = list(0).replace("=0", "=1..18446744073709551615");
    let read = Message::from_bytes(&Bytes::from(huge.clone())).unwrap();
    assert_eq!(read.to_bytes(Dialect::Text), huge);
    let listed = (1..=65_537u64).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let error = error(list(0).replace("=0", &format!("={listed}")).as_bytes());
    assert!(error.contains("more than 65536 ids"), "{error}");
}

#[test]
fn a_batch_cannot_make_a_reader_work_without_end() {
    let log = Log::new(profile());
    // 4,096 rows from a few bytes, again and again.
    let row = Bytes::from_static(&[0x11, 0x80, 0x20, 0, 0, 0, 0]);
    for n in [1, 255, 256, 60_000] {
        let batch = Batch { base: None, rows: vec![row.clone(); n], seals: Vec::new() };
        assert!(open(&log, None, &batch).is_err());
    }
    let batch = Batch { base: None, rows: vec![row; 257], seals: Vec::new() };
    let what = "row batches";
    assert_eq!(open(&log, None, &batch), Err(OpenError::TooMany { what, limit: 256 }));
}
