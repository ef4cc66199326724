//! Bytes from outside: no panic, no memory beyond the limits, and nobody pays for another.

use guildsync_wire::checksum::Checksum;
use guildsync_wire::frame::{Frame, FrameError};
use guildsync_wire::reassemble::{Limits, Outcome, Reassembler};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{Receiver, feed, frames, framings, message, message_of, plain, receiver};

/// What 16 times the frames that came, and a fixed sum for each sender, allow.
fn allowed(arrived: usize, senders: usize) -> usize {
    16 * arrived + senders * Receiver::SENDER_BYTES
}

fn encoded(frame: &Frame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(Checksum::PerTransfer, &mut bytes);
    bytes
}

/// A first chunk of `total` bytes, as short as chunks are.
fn first(transfer: u16, total: u32) -> Vec<u8> {
    encoded(&Frame::First { transfer, total, checksum: Some(1), payload: &[7; 12] })
}

fn further(transfer: u16, offset: u32) -> Vec<u8> {
    encoded(&Frame::Further { transfer, offset, payload: &[7; 12] })
}

/// Frames that decode, most of them at odds with each other.
fn forged() -> impl Strategy<Value = Vec<u8>> {
    let number = 0u16..5;
    let place = prop_oneof![1u32..400, (1u32 << 24) - 40..(1 << 24) - 20, 1u32..(1 << 24) - 20];
    let payload = (vec(any::<u8>(), 1..3), 12usize..20);
    (number, any::<bool>(), place, 0u32..3, payload).prop_map(
        |(transfer, is_first, place, checksum, (some, len))| {
            let payload: Vec<u8> = some.iter().copied().cycle().take(len).collect();
            encoded(&if is_first {
                let total = (place + 20).max(len as u32 + 1);
                Frame::First { transfer, total, checksum: Some(checksum), payload: &payload }
            } else {
                Frame::Further { transfer, offset: place, payload: &payload }
            })
        },
    )
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_hold_no_more_than_16_times_themselves(
        framing in framings(),
        channel in vec((0usize..3, vec(any::<u8>(), 0..60)), 0..60),
    ) {
        let mut receiver = receiver(framing);
        let mut arrived = 0;
        for (sender, frame) in channel {
            arrived += frame.len();
            let _ = receiver.accept(0, &["a", "b", "c"][sender], &frame);
            prop_assert!(receiver.held_bytes() <= allowed(arrived, 3));
        }
    }

    #[test]
    fn forged_frames_stay_within_every_limit(
        channel in vec((0usize..4, forged()), 1..300),
        bytes_per_sender in 500usize..20_000,
        transfers_per_sender in 1usize..5,
    ) {
        const SENDERS: [&str; 4] = ["a", "b", "c", "d"];
        let limits = Limits {
            bytes_per_sender,
            bytes_overall: 2 * bytes_per_sender,
            transfers_per_sender,
            transfers_overall: 6,
            senders: 3,
            pieces: 9,
            finished_per_sender: 0,
            idle_ms: 40,
            ..Limits::default()
        };
        let mut receiver = Reassembler::new(plain(), limits);
        let mut arrived = 0;
        for (now, (sender, frame)) in channel.iter().enumerate() {
            arrived += frame.len();
            let before = receiver.clone();
            let accepted = receiver.accept(now as u64, &SENDERS[*sender], frame);
            match &accepted {
                // The one error that changes something.
                Err(FrameError::Checksum { .. }) => {}
                Err(_) => prop_assert_eq!(&receiver, &before),
                Ok(_) => {}
            }
            prop_assert!(receiver.held_bytes() <= limits.bytes_overall);
            prop_assert!(receiver.held_bytes() <= allowed(arrived, 3));
            let counts = SENDERS.map(|sender| {
                receiver.unfinished().filter(|held| *held.sender == sender).count()
            });
            prop_assert!(counts.iter().all(|&count| count <= limits.transfers_per_sender));
            prop_assert!(counts.iter().sum::<usize>() <= limits.transfers_overall);
            prop_assert!(counts.iter().filter(|&&count| count > 0).count() <= limits.senders);
            // Nobody else lost anything.
            let of_others = |receiver: &Receiver| {
                let others = receiver.unfinished().filter(|held| *held.sender != SENDERS[*sender]);
                others.map(|held| (*held.sender, held.transfer, held.received)).collect::<Vec<_>>()
            };
            prop_assert_eq!(of_others(&receiver), of_others(&before));
            if receiver.deadline().is_some_and(|deadline| deadline <= now as u64) {
                receiver.expire(now as u64);
            }
        }
        receiver.expire(10_000);
        prop_assert_eq!((receiver.held_bytes(), receiver.deadline()), (0, None));
    }
}

#[test]
fn a_length_of_2_to_the_63_allocates_nothing() {
    // Lengths of messages have 24 bits; only a request has numbers that could say more.
    let mut receiver = receiver(plain());
    let varint = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    for ranges in [[&varint[..], &[1]].concat(), [&[1], &varint[..]].concat()] {
        let mut frame = vec![0x17, 1, 0];
        frame.extend(guildsync_wire::checksum::crc24(&[&frame, &ranges]));
        frame.extend(ranges);
        let error = receiver.accept(0, &"a", &frame).unwrap_err();
        assert!(error.to_string().ends_with("beyond the longest message"), "{error}");
    }
    assert_eq!(receiver.held_bytes(), 0);
}

#[test]
fn a_forged_total_of_16_mib_allocates_for_what_came() {
    let mut receiver = receiver(plain());
    receiver.accept(0, &"a", &first(1, 1 << 24)).unwrap();
    assert!(receiver.held_bytes() <= allowed(22, 1), "{}", receiver.held_bytes());
    // Nor does the far end of it.
    receiver.accept(0, &"a", &further(1, (1 << 24) - 12)).unwrap();
    assert!(receiver.held_bytes() <= allowed(40, 1), "{}", receiver.held_bytes());
}

#[test]
fn a_message_over_the_limit_is_refused_at_once() {
    let limits = Limits { message_bytes: 1_000, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    let error = |total| FrameError::TooLong { total, limit: 1_000 };
    assert_eq!(receiver.accept(0, &"a", &first(1, 1_001)), Err(error(1_001)));
    assert_eq!(receiver.accept(0, &"a", &further(1, 989)), Err(error(1_001)));
    assert_eq!(receiver.held_bytes(), 0);
    receiver.accept(0, &"a", &first(1, 1_000)).unwrap();
}

#[test]
fn ten_thousand_half_transfers_from_one_sender_cost_a_few() {
    let mut receiver = receiver(plain());
    let limits = Limits::default();
    let mut most = 0;
    for n in 0..10_000u16 {
        let accepted = receiver.accept(u64::from(n), &"a", &first(n, 1 << 24)).unwrap();
        // The one that has been silent for longest goes.
        let expected: Vec<u16> = n.checked_sub(16).into_iter().collect();
        assert_eq!(accepted.dropped, expected);
        most = most.max(receiver.held_bytes());
    }
    assert_eq!(receiver.unfinished().count(), limits.transfers_per_sender);
    assert!(most <= allowed(16 * 22, 1), "{most}");
}

#[test]
fn a_hostile_sender_cannot_evict_or_spoil_another_senders_transfer() {
    let limits = Limits {
        bytes_per_sender: 20_000,
        bytes_overall: 60_000,
        transfers_overall: 20,
        senders: 3,
        ..Limits::default()
    };
    let mut receiver = Reassembler::new(plain(), limits);
    let sent = message(9_000, 1);
    let good = frames(plain(), 7, &sent);
    let mut got = Vec::new();
    for (n, frame) in good.iter().enumerate() {
        got.extend(message_of(receiver.accept(0, &"good", frame)));
        for round in 0..40u32 {
            // The same number, other first chunks, wrong bytes, new numbers, far places.
            let number = 7 + (round % 30) as u16;
            let _ = receiver.accept(0, &"bad", &first(number, 9_000 + round));
            let _ = receiver.accept(0, &"bad", &further(7, 245 + 249 * n as u32 + round));
            let _ = receiver.accept(0, &"bad", &further(number, (1 << 23) + round * 64));
            let _ = receiver.accept(0, &"worse", &first(round as u16 * 31, 1 << 24));
        }
        assert!(receiver.held_bytes() <= limits.bytes_overall);
    }
    assert_eq!(got, [sent]);
}

#[test]
fn new_senders_are_refused_when_all_places_are_taken_by_unfinished_transfers() {
    let limits = Limits { senders: 2, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    feed(&mut receiver, "finished", &frames(plain(), 1, &message(600, 1)));
    receiver.accept(1, &"a", &first(1, 100)).unwrap();
    // What is only remembered gives way.
    receiver.accept(2, &"b", &first(1, 100)).unwrap();
    let error = receiver.accept(3, &"c", &first(1, 100)).unwrap_err();
    assert_eq!(error, FrameError::Full("senders"));
    assert_eq!(receiver.unfinished().count(), 2);
    // A message of one frame needs no place.
    let whole = frames(plain(), 1, b"hello").remove(0);
    assert!(matches!(receiver.accept(3, &"c", &whole).unwrap().outcome, Outcome::Message { .. }));
    receiver.forget(&"a");
    receiver.accept(4, &"c", &first(1, 100)).unwrap();
}

#[test]
fn the_limits_on_all_senders_refuse_and_drop_nothing() {
    let limits = Limits { transfers_overall: 3, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    for n in 0..2 {
        receiver.accept(0, &"a", &first(n, 100)).unwrap();
    }
    receiver.accept(0, &"b", &first(0, 100)).unwrap();
    for sender in ["a", "b", "c"] {
        let error = receiver.accept(0, &sender, &first(9, 100)).unwrap_err();
        assert_eq!(error, FrameError::Full("transfers of all senders"));
    }
    // What is there goes on.
    receiver.accept(0, &"a", &further(1, 50)).unwrap();
    assert_eq!(receiver.unfinished().count(), 3);

    let limits = Limits { bytes_overall: Receiver::SENDER_BYTES + 300, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    receiver.accept(0, &"a", &first(0, 100)).unwrap();
    let error = receiver.accept(0, &"b", &first(0, 100)).unwrap_err();
    assert_eq!(error, FrameError::Full("bytes of all senders"));
}

#[test]
fn a_sender_over_its_bytes_loses_its_own_oldest_and_is_refused_when_that_is_not_enough() {
    let limits = Limits { bytes_per_sender: Receiver::SENDER_BYTES + 6_000, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    let (mut dropped, mut refused) = (Vec::new(), None);
    for (transfer, len) in [(0, 2_000), (1, 5_000), (2, 20_000)] {
        let frames = frames(plain(), transfer, &message(len, 1));
        for frame in &frames[..frames.len() - 1] {
            match receiver.accept(transfer.into(), &"a", frame) {
                Ok(accepted) => dropped.extend(accepted.dropped),
                Err(error) => refused = refused.or(Some((transfer, error))),
            }
            assert!(receiver.held_bytes() <= limits.bytes_per_sender);
        }
    }
    assert_eq!(dropped, [0, 1]);
    assert_eq!(refused, Some((2, FrameError::Full("bytes of one sender"))));
    // What it has of the large one stays, and others are as free as before.
    assert_eq!(receiver.unfinished().map(|held| held.transfer).collect::<Vec<_>>(), [2]);
    receiver.accept(2, &"b", &first(0, 100)).unwrap();
}

#[test]
fn a_message_in_too_many_pieces_waits_for_those_between() {
    let limits = Limits { pieces: 2, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    let sent = message(1_700, 1);
    let frames = frames(plain(), 1, &sent);
    receiver.accept(0, &"a", &frames[2]).unwrap();
    receiver.accept(0, &"a", &frames[4]).unwrap();
    let error = receiver.accept(0, &"a", &frames[6]).unwrap_err();
    assert_eq!(error, FrameError::Full("pieces of a message"));
    assert_eq!(receiver.unfinished().count(), 1);
}

#[test]
fn the_longest_message_can_be_received_backwards_within_the_default_limits() {
    let sent = message(1 << 24, 1);
    let outgoing = plain().outgoing(1, &sent[..]).unwrap();
    let mut receiver = receiver(plain());
    let mut frame = Vec::new();
    let mut got = None;
    for index in (0..outgoing.frames()).rev() {
        outgoing.write_frame(index, &mut frame);
        got = message_of(receiver.accept(0, &"a", &frame));
    }
    assert_eq!(got, Some(sent));
}

#[test]
fn an_unchecked_message_is_refused_where_messages_are_checked() {
    let mut receiver = receiver(plain());
    // What one damaged bit makes of a checked frame.
    let mut frame = frames(plain(), 1, b"hello").remove(0);
    frame[0] ^= 1;
    assert_eq!(receiver.accept(0, &"a", &frame), Err(FrameError::Unchecked));
    let mut frame = Vec::new();
    Frame::First { transfer: 1, total: 99, checksum: None, payload: &[7; 12] }
        .encode(Checksum::None, &mut frame);
    assert_eq!(receiver.accept(0, &"a", &frame), Err(FrameError::Unchecked));
}
