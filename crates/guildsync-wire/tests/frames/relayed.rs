//! Chunks that others relay: they help where they are right, and cannot do more than delay.

use guildsync_wire::checksum::{Checksum, crc32};
use guildsync_wire::frame::{Frame, FrameError, GROUP};
use guildsync_wire::reassemble::{Limits, Outcome, Reassembler};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{Receiver, frames, message, message_of, plain, receiver};

const NUMBER: u16 = GROUP | 7;

fn bytes(frame: &Frame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(Checksum::PerTransfer, &mut bytes);
    bytes
}

/// Every frame of a message as another member relays it.
fn relayed(message: &[u8]) -> Vec<Vec<u8>> {
    let outgoing = plain().outgoing(NUMBER, message).unwrap();
    let frame = |index| {
        let range = outgoing.range(index).unwrap();
        let payload = &message[range.start as usize..range.end as usize];
        let (total, checksum) = (message.len() as u32, crc32(&[message]));
        bytes(&match index {
            0 => Frame::RelayedFirst { transfer: NUMBER, total, checksum, payload },
            _ => Frame::RelayedFurther { transfer: NUMBER, offset: range.start, payload },
        })
    };
    (0..outgoing.frames()).map(frame).collect()
}

fn wrong(offset: u32, len: usize) -> Vec<u8> {
    bytes(&Frame::RelayedFurther { transfer: NUMBER, offset, payload: &vec![0xee; len] })
}

#[test]
fn any_one_own_chunk_and_the_rest_relayed_give_the_message_of_its_first_sender() {
    let sent = message(1_400, 1);
    let (own, others) = (frames(plain(), NUMBER, &sent), relayed(&sent));
    for (n, own) in own.iter().enumerate() {
        let mut receiver = receiver(plain());
        receiver.accept(0, &"a", own).unwrap();
        let mut got = None;
        for frame in &others {
            let accepted = receiver.accept(1, &"b", frame).unwrap();
            assert_eq!(accepted.of, Some("a"));
            if let Outcome::Message { bytes, transfer } = accepted.outcome {
                assert_eq!(transfer, Some(NUMBER));
                got = Some(bytes);
                break;
            }
        }
        assert_eq!(got, Some(sent.clone()), "chunk {n} from its sender");
        assert_eq!(receiver.unfinished().count(), 0);
    }
}

#[test]
fn a_relayed_chunk_begins_nothing_and_is_ignored_where_two_transfers_could_be_meant() {
    let (sent, other) = (message(1_400, 1), message(1_400, 2));
    let mut receiver = receiver(plain());
    let accepted = receiver.accept(0, &"b", &relayed(&sent)[1]).unwrap();
    assert_eq!((accepted.of, accepted.outcome), (None, Outcome::Duplicate { transfer: NUMBER }));
    assert_eq!(receiver.held_bytes(), 0);

    receiver.accept(0, &"a", &frames(plain(), NUMBER, &sent)[0]).unwrap();
    receiver.accept(0, &"c", &frames(plain(), NUMBER, &other)[0]).unwrap();
    let before = receiver.clone();
    assert_eq!(receiver.accept(1, &"b", &relayed(&sent)[1]).unwrap().of, None);
    assert_eq!(receiver, before);
    // A first chunk says whose it is, and so does what does not fit the other.
    receiver.accept(1, &"c", &frames(plain(), NUMBER, &other)[1]).unwrap();
    assert_eq!(receiver.accept(2, &"b", &relayed(&sent)[1]).unwrap().of, Some("a"));
}

#[test]
fn the_sender_itself_overrules_what_was_relayed() {
    let sent = message(1_400, 1);
    let own = frames(plain(), NUMBER, &sent);
    let mut receiver = receiver(plain());
    receiver.accept(0, &"a", &own[1]).unwrap();
    // A false start, a false piece.
    let (total, checksum) = (900, 1);
    let first = Frame::RelayedFirst { transfer: NUMBER, total, checksum, payload: &[0xee; 40] };
    assert_eq!(receiver.accept(1, &"b", &bytes(&first)).unwrap().of, Some("a"));
    assert_eq!(receiver.accept(1, &"b", &wrong(600, 100)).unwrap().of, Some("a"));
    let mut dropped = Vec::new();
    let mut got = None;
    for frame in &own {
        let accepted = receiver.accept(2, &"a", frame).unwrap();
        dropped.extend(accepted.dropped);
        if let Outcome::Message { bytes, .. } = accepted.outcome {
            got = Some(bytes);
        }
    }
    assert_eq!((got, dropped), (Some(sent), vec![]));
}

#[test]
fn wrong_relayed_bytes_cost_the_relayed_bytes_only_and_trust() {
    let sent = message(1_400, 1);
    let own = frames(plain(), NUMBER, &sent);
    let mut receiver = receiver(plain());
    for frame in &own[..4] {
        receiver.accept(0, &"a", frame).unwrap();
    }
    let held: u32 = 1_400 - receiver.missing(&"a", NUMBER).map(|r| r.len() as u32).sum::<u32>();
    let rest = wrong(held, (1_400 - held) as usize);
    let error = receiver.accept(1, &"b", &rest).unwrap_err();
    assert_eq!(error, FrameError::Checksum { transfer: NUMBER });
    assert_eq!(receiver.missing(&"a", NUMBER).collect::<Vec<_>>(), [held..1_400]);
    // From now on only the sender is believed.
    assert_eq!(receiver.accept(2, &"b", &rest).unwrap().of, None);
    assert_eq!(receiver.accept(2, &"b", &relayed(&sent)[4]).unwrap().of, None);
    assert_eq!(message_of(receiver.accept(3, &"a", &own[4])), None);
    assert_eq!(message_of(receiver.accept(3, &"a", &own[5])), Some(sent));
}

#[test]
fn what_can_be_passed_on_is_what_the_sender_said() {
    let sent = message(1_400, 1);
    let mut receiver = receiver(plain());
    receiver.accept(0, &"a", &frames(plain(), NUMBER, &sent)[1]).unwrap();
    receiver.accept(0, &"b", &relayed(&sent)[2]).unwrap();
    receiver.accept(0, &"b", &relayed(&sent)[0]).unwrap();
    let held = |range: std::ops::Range<u32>| {
        let mut out = Vec::new();
        receiver.copy_held(&"a", NUMBER, range, &mut out).then_some(out)
    };
    assert_eq!(held(245..494).as_deref(), Some(&sent[245..494]));
    assert_eq!((held(494..500), held(240..250), held(1_000..1_010)), (None, None, None));
    assert_eq!(receiver.announced(&"a", NUMBER), None);
}

proptest! {
    /// Right and wrong relayed chunks in any order among the sender's own: never another message, and
    /// once all of the sender's own have come after that, the message.
    #[test]
    fn relayed_chunks_never_give_another_message_nor_keep_the_right_one_away(
        len in 300usize..3_000,
        channel in vec((0u8..4, any::<prop::sample::Index>(), 12usize..60), 0..60),
    ) {
        let sent = message(len, 1);
        let (own, others) = (frames(plain(), NUMBER, &sent), relayed(&sent));
        let mut receiver: Receiver = Reassembler::new(plain(), Limits::default());
        let mut got = Vec::new();
        let mut take = |sender: &'static str, frame: &[u8]| {
            if let Ok(accepted) = receiver.accept(0, &sender, frame) {
                assert!(accepted.dropped.is_empty());
                if let Outcome::Message { bytes, .. } = accepted.outcome {
                    got.push(bytes);
                }
            }
            assert!(receiver.held_bytes() <= 16 * 60 * 300 + 2 * Receiver::SENDER_BYTES);
        };
        for (kind, at, wrong_len) in &channel {
            match kind {
                0 => take("a", &own[at.index(own.len())]),
                1 => take("b", &others[at.index(others.len())]),
                2 => take("b", &wrong(at.index(len - 1) as u32 + 1, *wrong_len)),
                _ => {
                    let payload = vec![0xee; *wrong_len];
                    let total = *wrong_len as u32 + 1 + at.index(len) as u32;
                    take("b", &bytes(&Frame::RelayedFirst {
                        transfer: NUMBER, total, checksum: 3, payload: &payload,
                    }));
                }
            }
        }
        own.iter().for_each(|frame| take("a", frame));
        own.iter().for_each(|frame| take("a", frame));
        prop_assert_eq!(got, [sent]);
        prop_assert_eq!(receiver.unfinished().count(), 0);
    }
}
