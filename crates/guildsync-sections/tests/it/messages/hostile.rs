//! Bytes that no member writes: each is an error that says what is wrong, and costs little.

use bytes::Bytes;
use guildsync_sections::message::{Answer, Batch, Message};
use guildsync_sections::{Dialect, NAMED_MAX, SECTIONS_MAX, SEEN_MAX};

use super::samples::{all, carried, part};

fn error(bytes: impl AsRef<[u8]>) -> String {
    Message::from_bytes(&Bytes::copy_from_slice(bytes.as_ref())).unwrap_err().to_string()
}

fn sample(name: &str, dialect: Dialect) -> Vec<u8> {
    let message = all().into_iter().find(|(found, _)| *found == name).unwrap().1;
    message.to_bytes(dialect).to_vec()
}

fn text(name: &str) -> String {
    String::from_utf8(sample(name, Dialect::Text)).unwrap()
}

#[track_caller]
fn says(bytes: impl AsRef<[u8]>, expected: &str) {
    let error = error(bytes.as_ref());
    let shown = String::from_utf8_lossy(bytes.as_ref());
    assert!(error.contains(expected), "{shown:.300}: {error}, not {expected}");
}

/// Ten million, and 2^60, as varints.
const TEN_MILLION: [u8; 4] = [0x80, 0xad, 0xe2, 0x04];
const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];

/// A plain part up to its batch: kind, flags, document, target, place.
fn plain(batch: &[&[u8]]) -> Vec<u8> {
    [&[0x26, 1][..], &[7; 16], &[0], &batch.concat()].concat()
}

/// A plain part with one edit and one version, which is what follows the edit's number.
fn one_version(version: &[&[u8]]) -> Vec<u8> {
    let edit = [&[1, b'A'][..], &[3; 32], &[0, 0], &[6; 64]].concat();
    plain(&[&[1], &edit, &[1, 0], &version.concat()])
}

/// A structure's item up to its order: slot, count, seen, content, title.
const STRUCTURE: [u8; 6] = [0, 1, 0, 0, 1, b'T'];

#[test]
fn ten_million_sections_are_refused_at_their_count() {
    for claimed in [&TEN_MILLION[..], &HUGE] {
        let few = [7u8; 200];
        let ask = |what: u8| [&[0x22, what][..], &[7; 8], claimed, &few].concat();
        for (bytes, limit) in [
            (one_version(&[&STRUCTURE, claimed, &few]), SECTIONS_MAX),
            (one_version(&[&[0, 1], claimed, &few]), SEEN_MAX),
            (one_version(&[&STRUCTURE, &[0, 3], claimed, &few]), NAMED_MAX),
            (plain(&[claimed, &few]), Message::CARRIED_MAX),
            (plain(&[&[0], claimed, &few]), Message::CARRIED_MAX),
            (ask(1), SECTIONS_MAX),
            (ask(3), Message::TAGS_MAX),
            ([&[0x21][..], claimed, &few].concat(), Message::DOCUMENTS_MAX),
            ([&[0x25][..], &[7; 8], &[12], claimed, &few].concat(), NAMED_MAX),
        ] {
            says(&bytes, &format!("items, the limit is {limit}"));
        }
        says(one_version(&[&STRUCTURE, &[0, 0, 0, 0], claimed]), "bytes, the limit is 65536");
    }
    let many = "11111111111111aa,".repeat(10_000_000 / 17);
    let order = text("document-plain").replacen("5f5f5f5f5f5f5f5f,", &many, 1);
    says(order, "line 4 of the message about documents: more than 256 order");
    let ids = text("ask-sections").replacen("5e5e5e5e5e5e5e5e,", &many, 1);
    says(ids, "line 1 of the message about documents: more than 256 sections");
    let counts = |edits: &str, versions: &str| {
        text("document-plain").replacen(":2:5\n", &format!(":{edits}:{versions}\n"), 1)
    };
    says(counts("10000000", "5"), "line 1 of the message about documents: more than 2056 edits");
    says(counts("2", "10000000"), "line 1 of the message about documents: more than 2056 versions");
    says(counts("2", "18446744073709551616"), "versions is not a number");
}

#[test]
fn counts_beyond_the_end_are_refused_and_so_are_counts_before_it() {
    let full = [7u8; 20];
    for (bytes, what) in [
        ([&[0x21, 12][..], &full].concat(), "documents at byte 1"),
        ([&[0x22, 1][..], &[7; 8], &[100], &full].concat(), "sections at byte 10"),
        ([&[0x22, 3][..], &[7; 8], &[0x80, 0x20], &full].concat(), "tags at byte 12"),
        (plain(&[&[0x88, 0x10], &full]), "edits at byte 19"),
        (plain(&[&[0, 0x88, 0x10], &full]), "versions at byte 20"),
        (one_version(&[&STRUCTURE, &[0x80, 2], &full]), "sections at byte 128"),
        (one_version(&[&[0, 1, 64], &full]), "seen writers at byte 124"),
    ] {
        says(&bytes, &format!("input ends inside {what}"));
    }
    for (name, from, to, expected) in [
        ("document-plain", ":2:5\n", ":2:6\n", "line 18: the line is not there"),
        ("document-plain", ":2:5\n", ":2:4\n", "line 17: the line is not one that belongs there"),
        ("document-plain", ":2:5\n", ":3:5\n", "line 4: the line is not EDIT"),
        ("document-plain", ":2:5\n", ":1:5\n", "line 3: the line is not STRUCTURE, RECORD or"),
        ("edit-plain", "RECORD:1:8", "RECORD:1:9", "line 12: the line is not there"),
        ("edit-plain", "RECORD:1:8", "RECORD:1:7", "line 11: the line is not one that belongs"),
        ("edit-plain", "RECORD:1:8", "RECORD:1:0", "line 4: the line is not one that belongs"),
        ("edit-plain", "RECORD:1:8", "RECORD:1:4294967296", "line 3: body is not a number"),
    ] {
        let bytes = text(name);
        assert!(bytes.contains(from), "{bytes}");
        let expected = expected.replacen(": ", " of the message about documents: ", 1);
        says(bytes.replacen(from, to, 1), &expected);
    }
}

#[test]
fn more_versions_than_a_part_holds_are_refused() {
    let one = carried().pop().unwrap();
    let most = vec![one.clone(); Message::CARRIED_MAX];
    let more = [&most[..], &[one]].concat();
    for dialect in [Dialect::Compact, Dialect::Text] {
        let most = part(Answer::Edit, true, Batch::Plain(most.clone()));
        assert_eq!(Message::from_bytes(&most.to_bytes(dialect)).unwrap(), most);
        let more = part(Answer::Edit, true, Batch::Plain(more.clone())).to_bytes(dialect);
        assert!(Message::from_bytes(&more).is_err());
    }
    let documents = (0..13).map(super::samples::announced).collect();
    let documents = Message::Announce(documents);
    says(documents.to_bytes(Dialect::Compact), "13 items, the limit is 12");
    says(documents.to_bytes(Dialect::Text), "more than 12 documents");
}

#[test]
fn what_is_there_twice_is_refused() {
    let twice = |bytes: &[u8]| [bytes, bytes].concat();
    let announced = [&[9; 16][..], &[0]].concat();
    let seen = [&[1; 16][..], &[1]].concat();
    let edit = [&[1, b'A'][..], &[3; 32], &[0, 0], &[6; 64]].concat();
    let removed = [&[0][..], &[1], &[8; 8], &[1, 0, 2, 0]].concat();
    let last = [&[1][..], &removed[1..]].concat();
    for (bytes, expected) in [
        ([&[0x21, 2][..], &twice(&announced)].concat(), "document at byte 19"),
        ([&[0x22, 1][..], &[7; 8], &[2], &[5; 16]].concat(), "section at byte 19"),
        ([&[0x25][..], &[7; 8], &[12, 2, 1, b'a', 1, b'A']].concat(), "member at byte 13"),
        (one_version(&[&[0, 1, 2], &twice(&seen), &STRUCTURE[3..], &[0; 5]]), "item at byte 122"),
        (
            one_version(&[&STRUCTURE, &[0, 0, 0, 3, 2, 1, b'a', 1, b'A', 0]]),
            "item at byte 122 is not valid: not in its one form",
        ),
        (plain(&[&[2], &twice(&edit), &[2], &removed, &last]), "edit at byte 120"),
    ] {
        says(&bytes, expected);
    }
    let hash = "41".repeat(32);
    for (name, from, to, expected) in [
        ("announce-two", "d0d0d0d0d0d0d0d0", "d1d1d1d1d1d1d1d1", "document is not another one"),
        ("ask-sections", "5f5f5f5f5f5f5f5f", "5e5e5e5e5e5e5e5e", "sections is not ascending"),
        ("ask-rest", "feedf00d", "5eedc0de", "tags is not ascending"),
        ("refused-names", "members,Aldo", "members,brindle-eonar", "who may is not leader"),
        ("document-plain", &"02".repeat(16), &"01".repeat(16), "line 4"),
        ("edit-plain", &"52".repeat(32), &"42".repeat(32), "the edit is not an edit whose items"),
        ("edit-plain", "WARNING:No pets|h", "NOTE:twice", "line 9"),
        ("edit-plain", "GROUPS:3", "MORE:GUID:1", "name is not greater than the one before"),
    ] {
        let bytes = text(name);
        assert!(bytes.contains(from), "{bytes}");
        says(bytes.replacen(from, to, 1), expected);
    }
    let lines = text("document-plain");
    let first = lines.lines().find(|line| line.contains(&hash)).unwrap();
    let second = lines.lines().find(|line| line.contains(&"42".repeat(32))).unwrap();
    says(
        lines.replacen(second, first, 1),
        "line 3 of the message about documents: the edit is not another",
    );
}

#[test]
fn edits_are_named_in_their_order_and_all_of_them() {
    let edit = |n: u8| [&[1, b'A' + n][..], &[3; 32], &[0, 0], &[6; 64]].concat();
    let removed = |edit: u8| [&[edit, 1][..], &[8; 8], &[1, 0, 2, 0]].concat();
    let part = |numbers: &[u8]| {
        let versions: Vec<u8> = numbers.iter().flat_map(|&number| removed(number)).collect();
        plain(&[&[2], &edit(0), &edit(1), &[numbers.len() as u8], &versions])
    };
    assert!(Message::from_bytes(&part(&[0, 0, 1, 0]).into()).is_ok());
    says(part(&[1, 0]), "edit at byte 221 is not valid: not one named before, or the next one");
    says(part(&[0, 2]), "edit at byte 235 is not valid: not the number of an edit");
    says(part(&[0, 0]), "versions at byte 220 is not valid: not of all edits before them");
    says(plain(&[&[1], &edit(0), &[0]]), "not of all edits");
    let text = text("edit-plain");
    says(
        text.replacen("RECORD:1", "RECORD:0", 1),
        "line 3 of the message about documents: edit is",
    );
    says(text.replacen("RECORD:1", "RECORD:2", 1), "edit is not the number of an edit");
}

#[test]
fn compact_bytes_that_are_no_message_say_where() {
    let body = |body: &[u8]| {
        let item = [&[1][..], &[8; 8], &[1, 0, 1, 1, b'N'], &[9; 32]].concat();
        one_version(&[&item, &[body.len() as u8], body])
    };
    assert!(Message::from_bytes(&body(&[0; 6]).into()).is_ok(), "an empty body");
    assert!(Message::from_bytes(&body(&[]).into()).is_ok(), "none");
    let cases: [(Vec<u8>, &str); 17] = [
        (vec![], "input ends inside message kind at byte 0"),
        (vec![0x28], "the first byte of no message about documents: a newer version may read it"),
        (vec![0x40], "the first byte of no message about documents"),
        (vec![0x20, 1], "input ends inside document at byte 1"),
        (vec![0x21, 1, 1], "input ends inside documents"),
        ([&[0x21, 1][..], &[0; 17]].concat(), "one, which has a first byte of its own"),
        ([&[0x20][..], &[0; 16], &[1, 0]].concat(), "stamp at byte 17 is not valid: a count of 0"),
        ([&[0x20][..], &[0; 16], &HUGE].concat(), "beyond the year 9999"),
        ([&[0x22, 0x20][..], &[0; 8]].concat(), "flags at byte 1 is not valid: bits that this"),
        ([&[0x25][..], &[0; 8], &[3]].concat(), "deed at byte 9 is not valid: there are three"),
        ([&[0x25][..], &[0; 8], &[16]].concat(), "who may at byte 9 is not valid: there are four"),
        ([&[0x27, 0][..], &HUGE].concat(), "seconds at byte 2 is not valid: over 32 bits"),
        ([&[0x26, 2][..], &[0; 20]].concat(), "flags at byte 1 is not valid"),
        ([&[0x30][..], &[0; 16], &TEN_MILLION].concat(), "stream at byte 17 is not valid: over 16"),
        ([&[0x30][..], &[0; 16], &[7, 0xf9, 0xff, 3]].concat(), "part number at byte 18"),
        (body(&[0; 7]), "body at byte 168 is not valid: 1 bytes are left over"),
        (body(&[0, 0, 2, 0, 0, 0]), "body at byte 168 is not valid"),
    ];
    for (bytes, expected) in cases {
        says(&bytes, expected);
    }
}

#[test]
fn text_that_is_no_message_says_which_line() {
    says(b"ANC\xff", "byte 3 of it is not UTF-8");
    says("ANC", "the message about documents is cut off: line 1 has no end");
    says(text("edit-plain").trim_end(), "is cut off: line 11 has no end");
    let cases = [
        ("announce", "ANC", "ANN", "the first word is not the name of a message about documents"),
        ("announce", "ANC", "VER", "the first word is not the name of a message about documents"),
        ("announce", "1735689600", "01735689600", "stamp is not seconds since 1970"),
        ("announce", "1735689600", "1735689600.0", "stamp is not seconds since 1970"),
        ("announce", "7a7a", "7A7A", "digest is not 16 hex digits in lower case"),
        ("ask-section", "5e5e", "5e5e5e5e5e5e5e5e,5e5e", "sections is not one section"),
        ("ask-section", "Brindle-Eonar", "Brindle Eonar", "whom is not nothing or a member's"),
        ("ask-rest", "5eedc0de", "5EEDC0DE", "tags is not tags of 8 hex digits in lower case"),
        ("ask-everything", "\n", ":x\n", "the next field is not one that belongs there"),
        ("cursor", "\n", "\n\n", "line 2 of the message about documents: the line is not one that"),
        ("refused", "edit", "erase", "deed is not publish, edit or point"),
        ("refused", "assistants", "assistants,Aldo", "who may is not leader, assistants"),
        ("structure", ":0:", ":65536:", "index is not a number of 16 bits"),
        ("structure", "last", "first", "whether it is the last is not last or more"),
        ("document", "more", "last", "whether it is the last is not more or more"),
        ("structure", "packed", "zipped", "the batch is not packed or plain"),
        ("structure", "7061", "706", "the bytes is not hex in lower case"),
        ("edit-plain", r"Gate\c", r"Gate\q", "line 5 of the message about documents: unknown esc"),
        ("edit-plain", "HEADER", "ROW", "line 4 of the message about documents: the line is not"),
        ("edit-plain", "GROUPS:3", "GROUPS:", "group rows is not rows' numbers"),
        ("edit-plain", ":Gate \"of\" Ash", ":", "name is not 1 to 100 bytes without control"),
    ];
    for (name, from, to, expected) in cases {
        let bytes = text(name);
        assert!(bytes.contains(from), "{bytes}");
        says(bytes.replacen(from, to, 1), expected);
    }
    let long = text("edit-plain").replacen("No pets", &"x".repeat(5000), 1);
    says(long, "the body that begins in line 4 of the message about documents: a section has 5002");
    let wide = text("edit-plain").replacen("HEADER", &format!("HEADER{}", ":".repeat(1 << 20)), 1);
    says(wide, "line 4 of the message about documents: more than 64 cells");
}
