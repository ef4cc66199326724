//! AceComm-3.0's marking: what its readers expect, and what ours takes.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::frame::acecomm::{Joiner, PartError, PartLimits, parts};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{hex, message};

fn joined(joiner: &mut Joiner<&'static str>, parts: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut text = None;
    for part in parts {
        assert_eq!(text, None, "a text before its last part");
        text = joiner.accept(0, &"a", part).unwrap();
    }
    text
}

proptest! {
    #[test]
    fn any_text_goes_through_in_parts_that_fit(
        text in prop_oneof![vec(any::<u8>(), 0..900), vec(0u8..11, 0..12)],
        limit in prop_oneof![Just(255usize), 2usize..40],
    ) {
        let parts: Vec<_> = parts(&text, limit).collect();
        prop_assert!(parts.iter().all(|part| part.len() <= limit));
        let mut joiner = Joiner::new(PartLimits::default());
        prop_assert_eq!(joined(&mut joiner, &parts), Some(text));
        prop_assert_eq!((joiner.held_bytes(), joiner.deadline()), (0, None));
    }

    #[test]
    fn arbitrary_parts_never_panic_and_stay_within_the_limits(
        parts in vec((0usize..4, 0u8..6, vec(any::<u8>(), 0..40)), 0..120),
    ) {
        let mut joiner = Joiner::new(PartLimits { text_bytes: 100, senders: 2, idle_ms: 9 });
        for (sender, marker, mut part) in parts {
            part.insert(0, marker);
            let text = joiner.accept(0, &["a", "b", "c", "d"][sender], &part);
            prop_assert!(!matches!(text, Ok(Some(text)) if text.len() > 100));
            prop_assert!(joiner.held_bytes() <= 2 * 200);
        }
        joiner.expire(9);
        prop_assert_eq!(joiner.held_bytes(), 0);
    }
}

#[test]
fn the_markers_stand_where_acecomm_puts_them() {
    let of = |len: usize, first: u8| {
        let text: Vec<u8> = std::iter::once(first).chain(vec![b'x'; len - 1]).collect();
        let marks = |part: Vec<u8>| (part[0], part.len());
        parts(&text, 255).map(marks).collect::<Vec<_>>()
    };
    assert_eq!(of(255, b'x'), [(b'x', 255)]);
    assert_eq!(of(256, b'x'), [(1, 255), (3, 3)]);
    assert_eq!(of(508, b'x'), [(1, 255), (3, 255)]);
    assert_eq!(of(509, b'x'), [(1, 255), (2, 255), (3, 2)]);
    // A text that begins like a marker is escaped while there is room, and goes in parts if not.
    assert_eq!(of(254, 2), [(4, 255)]);
    assert_eq!(of(255, 2), [(1, 255), (3, 2)]);
    assert_eq!(of(5, 9), [(4, 6)]);
    assert_eq!(of(5, 10), [(10, 5)]);
    let empty: Vec<_> = parts(b"", 255).collect();
    assert_eq!(empty, [b""]);
    let shown: Vec<_> = parts(b"HELLO WORLD", 6).map(|part| hex(&part)).collect();
    assert_eq!(shown, ["01 48 45 4c 4c 4f", "02 20 57 4f 52 4c", "03 44"]);
}

#[test]
fn a_whole_frame_goes_through_and_a_lost_part_is_noticed_by_its_check() {
    let framing =
        Framing::new(65_535, Alphabet::NoNul, Checksum::PerTransfer, ChunkSize::Fill).unwrap();
    let sent = message(3_000, 1);
    let frame = framing.outgoing(0, sent.clone()).unwrap().frame(0).unwrap();
    let mut parts: Vec<_> = parts(&frame, 255).collect();
    assert!(parts.iter().flatten().all(|&byte| byte != 0));
    let mut joiner = Joiner::new(PartLimits::default());
    let mut receiver = crate::world::receiver(framing);
    let text = joined(&mut joiner, &parts).unwrap();
    assert_eq!(crate::world::message_of(receiver.accept(0, &"a", &text)), Some(sent));
    parts.remove(4);
    let text = joined(&mut joiner, &parts).unwrap();
    assert!(receiver.accept(0, &"a", &text).is_err());
}

#[test]
fn parts_without_a_beginning_reserved_markers_and_too_much_are_errors() {
    let limits = PartLimits { text_bytes: 10, senders: 1, idle_ms: 100 };
    let mut joiner = Joiner::new(limits);
    assert_eq!(joiner.accept(0, &"a", b"\x02x"), Err(PartError::NoBeginning));
    assert_eq!(joiner.accept(0, &"a", b"\x03x"), Err(PartError::NoBeginning));
    assert_eq!(joiner.accept(0, &"a", b"\x05x"), Err(PartError::ReservedMarker(5)));
    assert_eq!(joiner.accept(0, &"a", b"\x0112345"), Ok(None));
    assert_eq!(joiner.accept(0, &"b", b"\x0112345"), Err(PartError::Full { limit: 1 }));
    // A new beginning forgets the old one; one part too many forgets all.
    assert_eq!(joiner.accept(0, &"a", b"\x01abcde"), Ok(None));
    assert_eq!(joiner.accept(5, &"a", b"\x02fghij"), Ok(None));
    assert_eq!(joiner.accept(6, &"a", b"\x03k"), Err(PartError::TooLong { limit: 10 }));
    assert_eq!(joiner.accept(6, &"a", b"\x03k"), Err(PartError::NoBeginning));
    assert_eq!(joiner.accept(7, &"a", b"\x01abcde"), Ok(None));
    assert_eq!(joiner.deadline(), Some(107));
    assert_eq!((joiner.expire(106), joiner.expire(107)), (vec![], vec!["a"]));
}
