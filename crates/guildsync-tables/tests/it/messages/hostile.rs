//! Bytes that no member writes: each is an error that says what is wrong, and costs little.

use bytes::Bytes;
use guildsync_tables::{Dialect, Message};

use super::samples;

fn error(bytes: &[u8]) -> String {
    Message::from_bytes(&Bytes::copy_from_slice(bytes)).unwrap_err().to_string()
}

fn sample(name: &str) -> Message {
    samples::all().into_iter().find(|(found, _)| *found == name).unwrap().1
}

fn text(name: &str) -> String {
    String::from_utf8(sample(name).to_bytes(Dialect::Text).to_vec()).unwrap()
}

/// A compact message: the first byte, session 7, round 1, and these.
fn compact(first: u8, behind: &[u8]) -> Vec<u8> {
    [&[first, 7, 0, 0, 0, 1], behind].concat()
}

/// Ten million, and 2^60, as varints.
const TEN_MILLION: [u8; 4] = [0x80, 0xad, 0xe2, 0x04];
const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];

#[test]
fn compact_bytes_that_are_no_message_say_where() {
    let close = |why| [25, 7, 0, 0, 0, why];
    let cases: [(Vec<u8>, &str); 24] = [
        (vec![], "input ends inside message kind at byte 0"),
        (vec![0], "the first byte of no table message"),
        (vec![0x1a], "the first byte of no table message: a newer version may read it"),
        (vec![0x82], "the first byte of no table message"),
        (vec![1], "input ends inside status at byte 1"),
        (vec![1, 6], "status at byte 1 is not valid: none that this version knows"),
        (vec![1, 0, 0], "1 bytes are left over at byte 2"),
        (vec![2, 0, 0x80, 0], "last sync at byte 2 is not valid: a varint longer"),
        (close(5).to_vec(), "reason at byte 5 is not valid"),
        // Openings: an unknown flag, 33 guilds, a cell of nothing.
        (compact(3, &[0x80, 0]), "flags at byte 6 is not valid: bits that this version does not"),
        (
            compact(3, &[0, 33]),
            "guilds at byte 7 is not valid: 33 of them or more, the limit is 32",
        ),
        (compact(3, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), "nothing, where nothing is left out"),
        (compact(3, &[0, 64, 0x81, 4, 0]), "first point at byte 8 is not valid: beyond the 512"),
        // Replies: nothing told at length, a cut sketch, one of 513 points, an unknown refusal.
        (compact(4, &[0, 0]), "cells at byte 6 is not valid: none, where none are left out"),
        (compact(4, &[64, 1, 0, 1, 2, 3]), "input ends inside sketch at byte 9"),
        (compact(4, &[&[64, 1, 0][..], &[1; 4 * 513]].concat()), "beyond the 512 points"),
        (compact(5, &[0]), "answer at byte 6 is not valid"),
        (compact(5, &[64 | 5]), "answer at byte 6 is not valid"),
        (compact(5, &[192]), "answer at byte 6 is not valid"),
        (compact(22, &[1, 32]), "tables at byte 7 is not valid: bits"),
        // Hashes: bits behind the last one, a hash beyond 32 bits, a varint over 32 bits.
        (compact(11, &[0, 0, 1, 1, 0, 0, 0, 1]), "1 bytes are left over"),
        (compact(11, &[0, 0, 1, 2 | 1 << 7, 0, 0, 0, 2]), "bits are set behind the last hash"),
        (compact(11, &[0, 0, 1, 8, 0, 0, 0, 0]), "a hash of more than 32 bits"),
        (
            compact(9, &[&HUGE[..], &[0]].concat()),
            "first batch at byte 6 is not valid: a number over",
        ),
    ];
    for (bytes, expected) in cases {
        let error = error(&bytes);
        assert!(error.contains(expected), "{bytes:02x?}: {error}, not {expected}");
    }
}

#[test]
fn text_that_is_no_message_says_which_line() {
    let plain = text("records-plain");
    let cases = [
        ("HELLO".to_owned(), "line 1 of the table message: the first word is not the name of a"),
        ("SAVE_USER;{}".to_owned(), "the first word is not"),
        ("WHO_IS_ONLINE".to_owned(), "status is not ready, fighting, syncing"),
        (text("who") + ";x", "line 1 of the table message: the next field is not one that"),
        (text("who") + "\n", "line 2 of the table message: the line is not one that belongs"),
        (text("busy").replace("fighting", "ready"), "the reason is not fighting"),
        (text("end").replace("5eed", "5EED"), "session is not 8 hex digits in lower case"),
        (text("end").replace("timed-out", "timed\\xout"), "unknown escape `\\x`"),
        (text("open").replace("DAYS", "WEEKS"), "mode is not DAYS or ALL"),
        (text("open").replace("news", "metadata"), "line 3 of the table message: the table is not"),
        (text("open").replace("0a0b0c", "0a0b"), "guilds is not none, or at most 32 guilds"),
        (text("reply-many").replace("setup,", "") + ",setup", "count is not a number from 1 on"),
        (text("reply-many").replace("setup,news", "news,setup"), "differ is not none, or tables"),
        (text("reply-many").replace("9000", "0"), "count is not a number from 1 on"),
        (text("reply-hashes").replace("hashes=4", "hashes=5"), "hashes is not as many as the line"),
        (text("reply-hashes").replace("00000005", "ffffffff"), "the list is not ascending"),
        (text("reply-sketch").replace("=48", "=510"), "sketch is not within 512 points"),
        (text("reply-metadata").replacen("00001", "00002", 1), "its place is not 00001;00003"),
        (text("reply-metadata").replacen("SND;META", "SND;DATA", 1), "SND;META in fixed columns"),
        (text("reply-metadata").replacen("\"hash\"", "\"x\"", 1), "hash is not 8 hex digits"),
        (text("ask-sketch").replace("48", "413"), "ask is not sketch:from:points within 512"),
        (text("pull-keys") + ";x", "line 3 of the table message: the next field"),
        (text("records").replace("3b", "3B"), "the batch is not hex in lower case"),
        (plain.replacen(";add;", ";gift;", 1), "the data is not add, update or delete"),
        (
            plain.replacen("{\"id\"", "{id", 1),
            "line 2 of the table message: the JSON does not read",
        ),
        (plain.replacen("\"lastUpdated\"", "\"updated\"", 1), "\"lastUpdated\" is missing"),
        (
            plain.replacen("SND;DATA;ROST", "SND;DATA;NEWS", 1),
            "tableType is not news, as the third",
        ),
        (plain.replacen("records=3", "records=4", 1), "its place is not 00001;00004"),
        (
            plain.replacen("deleted;true", "deleted;false", 1),
            "line 4 of the table message: the mark",
        ),
        (
            text("ack-tables").replace("ROST", "NEWS"),
            "line 3 of the table message: the line is not",
        ),
    ];
    for (text, expected) in cases {
        let error = error(text.as_bytes());
        assert!(error.contains(expected), "{text}: {error}, not {expected}");
    }
    assert!(error(b"ACK\xff").contains("byte 3 of it is not UTF-8"));
}

#[test]
fn a_table_that_is_none_is_refused_by_its_name() {
    let plain = text("records-plain");
    let cases = [
        (plain.replacen("SND;DATA;ROST", "SND;DATA;USER", 1), "\"USER\" is no table"),
        (
            plain.replacen("\"tableType\":\"roster\"", "\"tableType\":\"UserStatus\"", 1),
            "UserStatus",
        ),
        (plain.replace("DELETE;calendar", "DELETE;metadata"), "\"metadata\" is no table"),
        (plain.replace("DELETE;calendar", "DELETE;CALENDAR"), "the table is not calendar, in this"),
        (text("pull-keys").replace("ENTRY;news", "ENTRY;globalInfo"), "\"globalInfo\" is no table"),
    ];
    for (text, expected) in cases {
        let error = error(text.as_bytes());
        assert!(error.contains(expected), "{text}: {error}, not {expected}");
    }
    // A key, metadata and a record of the sixth table.
    for bytes in [
        compact(13, &[0, 0, 1, 5, 1, b'a']),
        compact(4, &[&[192, 1, 1, 5][..], &[1; 9]].concat()),
        compact(19, &[&[0, 1, 0, 5][..], &[1; 9]].concat()),
    ] {
        let error = error(&bytes);
        assert!(error.contains("there are five tables, 0 to 4"), "{bytes:02x?}: {error}");
    }
}

#[test]
fn ten_million_ids_are_refused_before_there_is_room_for_them() {
    for claimed in [&TEN_MILLION[..], &HUGE[..]] {
        let behind = |before: &[u8]| [before, claimed, &[0; 20]].concat();
        for bytes in [
            compact(4, &behind(&[128, 1])),
            compact(4, &behind(&[192, 1])),
            compact(11, &behind(&[0, 0])),
            compact(13, &behind(&[0, 0])),
            compact(15, &behind(&[0])),
            compact(19, &behind(&[0])),
        ] {
            let error = error(&bytes);
            let is_refused = error.contains("the limit is 65536") || error.contains("over 32 bits");
            assert!(is_refused, "{bytes:02x?}: {error}");
        }
    }
    // As many as there can be, and no bytes for them.
    let full = compact(11, &[0, 0, 0x80, 0x80, 4, 0, 0]);
    assert!(error(&full).contains("input ends inside short hashes"), "{}", error(&full));
    let cases = [
        (text("reply-hashes").replace("hashes=4", "hashes=10000000"), "more than 65536 hashes"),
        (text("reply-metadata").replace("=3", "=10000000"), "more than 65536 metadata"),
        (text("pull-keys").replace("keys=2", "keys=10000000"), "more than 65536 keys"),
        (text("records-plain").replace("records=3", "records=10000000"), "more than 65536 records"),
        (text("records").replace("packed=10", "packed=10000000"), "more than 65536 packed"),
        (
            text("pull-hashes") + &",ffffffff".repeat(70_000),
            "line 2 of the table message: more than",
        ),
        (text("reply-sketch") + &",ffffffff".repeat(600), "more than 512 numbers"),
    ];
    for (text, expected) in cases {
        let error = error(text.as_bytes());
        assert!(error.contains(expected), "{error}, not {expected}");
    }
}

#[test]
fn a_record_of_a_megabyte_or_a_thousand_tables_deep_is_refused() {
    let plain = text("records-plain");
    let with_roles = |value: &str| plain.replacen("\"roles\":{}", &format!("\"roles\":{value}"), 1);
    let deep = |depth: usize| with_roles(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    let cases = [
        (with_roles(&format!("\"{}\"", "x".repeat(1 << 20))), "too large: over"),
        (with_roles(&format!("\"{}\"", "x".repeat(65_500))), "a record has at most 65536"),
        (deep(1000), "tables are nested too deep"),
        (deep(40), "has more than 32 tables inside each other"),
    ];
    for (text, expected) in cases {
        let error = error(text.as_bytes());
        assert!(error.starts_with("line 2 of the table message"), "{error}");
        assert!(error.contains(expected), "{error}, not {expected}");
    }
    // An addition to news of id 1, guild 1 and time "1", and data of 65,537 bytes.
    let head = [0, 1, 0, 1, 1, b'1', 1, b'1'];
    let bytes = [&head[..], &time_bytes(), &[0x81, 0x80, 4], &[0; 70_000]].concat();
    let error = error(&compact(19, &bytes));
    assert!(error.contains("data at byte") && error.contains("the limit is 65536"), "{error}");
}

/// The time of the second sample of a record, as records have it.
fn time_bytes() -> Vec<u8> {
    let payload = guildsync_wire::payload::Payload::Compact;
    let bytes = payload.write(&guildsync_wire::lua::Value::from("20241215085707")).unwrap();
    [&[bytes.len() as u8][..], &bytes].concat()
}

#[test]
fn a_record_in_another_order_than_the_canonical_one_is_refused() {
    let bytes = sample("records-plain").to_bytes(Dialect::Compact);
    let at = |word: &[u8]| bytes.windows(word.len()).position(|part| part == word).unwrap();
    // The same fields, the last letter of one changed so that they are out of order.
    let mut swapped = bytes.to_vec();
    swapped[at(b"rank") + 3] = b'x';
    swapped[at(b"roles")] = b'a';
    let error = error(&swapped);
    assert!(error.contains("record at byte 17 is not valid: not in its canonical form"), "{error}");
}

#[test]
fn metadata_has_one_form() {
    let item = |flags: u8, guild: &[u8]| {
        [&[flags, 1, b'a'][..], guild, &[0x80, 0xe4, 0xb3, 0xba, 6, 1, 2, 3, 4]].concat()
    };
    let list = |items: &[Vec<u8>]| {
        compact(4, &[&[192, 1, items.len() as u8][..], &items.concat()].concat())
    };
    let named = item(1, b"\x01g");
    assert!(Message::from_bytes(&list(&[named.clone(), item(1 | 16, b"")]).into()).is_ok());
    let cases = [
        (list(&[item(1 | 16, b"")]), "the guild before: none is"),
        (list(&[named.clone(), named]), "the one before, written again"),
        (list(&[item(1 | 7 << 5, b"\x01g")]), "no time that is written so"),
        (list(&[item(1 | 2 << 5, b"\x01g")]), "no time that is written so"),
    ];
    for (bytes, expected) in cases {
        let error = error(&bytes);
        assert!(error.contains(expected), "{bytes:02x?}: {error}");
    }
}
