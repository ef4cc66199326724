//! How many bytes messages take.

use std::collections::BTreeSet;

use bytes::Bytes;
use guildsync_sections::message::{Answer, Ask, Batch, Message, Part, What};
use guildsync_sections::{Dialect, Tag};

use super::samples::{BASE, all, announced, ask, part};

fn len(message: &Message) -> usize {
    message.to_bytes(Dialect::Compact).len()
}

fn sample(name: &str) -> Message {
    all().into_iter().find(|(found, _)| *found == name).unwrap().1
}

#[test]
fn what_is_said_often_is_short() {
    assert_eq!(len(&sample("announce")), 22, "at most 24 wanted");
    let full = (0..Message::DOCUMENTS_MAX as u8).map(announced).collect();
    assert_eq!(len(&Message::Announce(full)), 2 + 12 * 21, "more than a frame has 254");
    assert_eq!(len(&sample("cursor")), 30, "at most 32 wanted");
    assert_eq!(len(&sample("later")), 8);
    assert_eq!(len(&sample("answering")), 17 + 1 + "Aldo".len());
    assert_eq!(len(&sample("refused")), 10);
}

#[test]
fn a_question_is_short() {
    let everything = ask(What::Everything);
    assert_eq!(len(&Message::Ask(Ask { whom: None, ..everything.clone() })), 26, "at most 30");
    assert_eq!(len(&Message::Ask(everything)), 26 + 1 + "Brindle-Eonar".len());
    let spread = |i: u32| (i + 1).wrapping_mul(0x9e37_79b9);
    let tags = (0..40).map(|i| Tag(spread(i))).collect::<BTreeSet<_>>();
    let rest = ask(What::Rest(tags.clone()));
    assert_eq!(tags.len(), 40);
    assert!(len(&Message::Ask(Ask { whom: None, ..rest })) <= 26 + 1 + 40 * 29 / 8);
}

#[test]
fn what_comes_before_packed_bytes_is_short() {
    let head = |stream, index, base| {
        let batch = Batch::Packed { base, bytes: Bytes::new() };
        let Message::Part(part) = part(Answer::Edit, false, batch) else { unreachable!() };
        len(&Message::Part(Part { stream, index, ..part }))
    };
    let table = [
        ((0, 0), 18),
        ((15, 6), 18),
        ((16, 0), 19),
        ((15, 7), 19),
        ((2047, 6), 19),
        ((2047, 134), 20),
        ((u16::MAX, u16::MAX), 23),
    ];
    for ((stream, index), wanted) in table {
        assert_eq!(head(stream, index, None), wanted, "part {index} of {stream}");
        assert_eq!(head(stream, index, Some(BASE)), wanted + 8, "part {index} of {stream}");
    }
}
