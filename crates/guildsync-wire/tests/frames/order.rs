//! Any order, any repetition, any loss that is made good: the message comes out once, as it was.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::frame::{Frame, FrameError};
use guildsync_wire::reassemble::{Limits, Outcome, Reassembler};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{feed, frames, framings, message, message_of, plain, receiver};

proptest! {
    #[test]
    fn any_order_repetition_and_interleaving_gives_each_message_once(
        framing in framings(),
        lens in vec(0usize..3_000, 1..5),
        order in vec(any::<prop::sample::Index>(), 0..400),
    ) {
        const SENDERS: [&str; 2] = ["Jaina", "Thrall"];
        let sent: Vec<Vec<u8>> = lens.iter().map(|&len| message(len, len as u64)).collect();
        // Two senders use the same numbers, all at once.
        let mut channel = Vec::new();
        for (n, message) in sent.iter().enumerate() {
            for frame in frames(framing, n as u16 / 2, message) {
                channel.push((n, frame));
            }
        }
        let (mut left, mut order): (Vec<_>, Vec<_>) = (channel.clone(), order);
        let mut arrivals = Vec::new();
        while let (Some(index), false) = (order.pop(), left.is_empty()) {
            arrivals.push(left.remove(index.index(left.len())));
            arrivals.push(channel[index.index(channel.len())].clone());
        }
        arrivals.extend(left);
        let mut receiver = receiver(framing);
        let mut got = vec![Vec::new(); sent.len()];
        for (n, frame) in arrivals {
            if let Some(bytes) = message_of(receiver.accept(0, &SENDERS[n % 2], &frame)) {
                got[n].push(bytes);
            }
        }
        for (sent, got) in sent.iter().zip(got) {
            // A message of one frame has no number to be known by.
            if sent.len() > framing.whole_bytes_max() {
                prop_assert_eq!(got.len(), 1);
            }
            prop_assert!(!got.is_empty() && got.iter().all(|got| got == sent));
        }
        prop_assert_eq!(receiver.unfinished().count(), 0);
    }

    #[test]
    fn what_was_lost_is_asked_for_until_all_is_there(
        framing in framings(),
        len in 2_000usize..20_000,
        lost in vec(any::<bool>(), 1..200),
    ) {
        let sent = message(len, 5);
        let outgoing = framing.outgoing(77, &sent).unwrap();
        prop_assume!(outgoing.frames() > 1);
        let mut lost = lost.into_iter().cycle().take(600);
        let mut receiver = receiver(framing);
        let mut frame = Vec::new();
        let mut wanted: Vec<u32> = (0..outgoing.frames()).collect();
        let mut got = None;
        for round in 0.. {
            prop_assert!(round < 700, "never complete");
            for index in wanted.drain(..) {
                outgoing.write_frame(index, &mut frame);
                if !lost.next().unwrap_or(false) {
                    got = message_of(receiver.accept(round, &"a", &frame)).or(got);
                }
            }
            if got.is_some() {
                break;
            }
            match framing.request(77, receiver.missing(&"a", 77)) {
                None => wanted.extend(0..outgoing.frames()),
                Some(request) => {
                    // The request goes through the channel as well.
                    request.write_frame(framing.alphabet(), &mut frame);
                    prop_assert!(frame.len() <= framing.limit());
                    let mut sender = Reassembler::new(framing, Limits::default());
                    let accepted = sender.accept(round, &"b", &frame).unwrap();
                    prop_assert_eq!(accepted.outcome, Outcome::Request(request.clone()));
                    wanted.extend(outgoing.requested(&request));
                }
            }
        }
        prop_assert_eq!(got.unwrap(), sent);
    }

    #[test]
    fn a_transfer_goes_on_in_frames_of_another_length(
        framing in framings(),
        other_limit in 32usize..600,
        kept in vec(any::<bool>(), 1..90),
    ) {
        let other =
            Framing::new(other_limit, framing.alphabet(), Checksum::PerTransfer, ChunkSize::Fill);
        let framing = Framing::new(
            framing.limit().min(500), framing.alphabet(), Checksum::PerTransfer, ChunkSize::Fill);
        let sent = message(5_000, 8);
        let mut receiver = receiver(framing.unwrap());
        for (frame, kept) in frames(framing.unwrap(), 3, &sent).iter().zip(kept.iter().cycle()) {
            if *kept {
                receiver.accept(0, &"a", frame).unwrap();
            }
        }
        let rest = other.unwrap().outgoing(3, &sent).unwrap();
        let got = feed(&mut receiver, "a", &rest.iter().collect::<Vec<_>>());
        let all_came = kept.iter().all(|&kept| kept);
        prop_assert_eq!(got.len(), usize::from(!all_came));
        prop_assert!(got.iter().all(|got| *got == sent));
    }

    #[test]
    fn a_damaged_byte_never_gives_another_message(
        framing in framings(),
        len in 1usize..2_000,
        at in any::<prop::sample::Index>(),
        change in 1u8..=255,
    ) {
        // Without a checksum only lengths protect: not what this is about.
        let framing = checked(framing);
        let sent = message(len, 2);
        let mut channel = frames(framing, 1, &sent);
        let whole: usize = channel.iter().map(Vec::len).sum();
        let mut at = at.index(whole);
        for frame in &mut channel {
            if at < frame.len() {
                frame[at] ^= change;
                break;
            }
            at -= frame.len();
        }
        let mut receiver = receiver(framing);
        for frame in &channel {
            if let Ok(accepted) = receiver.accept(0, &"a", frame)
                && let Outcome::Message { bytes, .. } = accepted.outcome
            {
                prop_assert!(bytes == sent);
            }
        }
    }
}

/// The same channel with its messages protected.
fn checked(framing: Framing) -> Framing {
    let checksum = match framing.checksum() {
        Checksum::None => Checksum::PerTransfer,
        checksum => checksum,
    };
    Framing::new(framing.limit(), framing.alphabet(), checksum, ChunkSize::Fill).unwrap()
}

#[test]
fn every_permutation_of_six_chunks() {
    let sent = message(1_400, 4);
    let frames = frames(plain(), 5, &sent);
    assert_eq!(frames.len(), 6);
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for n in 0..6 {
        let longer = |order: &Vec<usize>| {
            (0..=order.len())
                .map(|at| [&order[..at], &[n], &order[at..]].concat())
                .collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    assert_eq!(orders.len(), 720);
    for order in orders {
        let mut receiver = receiver(plain());
        let got = feed(&mut receiver, "a", order.iter().map(|&n| &frames[n]));
        assert_eq!(got, [&sent[..]], "{order:?}");
    }
}

#[test]
fn a_chunk_before_its_header_is_kept() {
    let sent = message(700, 1);
    let frames = frames(plain(), 1, &sent);
    let mut receiver = receiver(plain());
    let accepted = receiver.accept(0, &"a", &frames[2]).unwrap();
    assert_eq!(accepted.outcome, Outcome::Progress { transfer: 1, received: 206, total: None });
    let missing: Vec<_> = receiver.missing(&"a", 1).collect();
    assert_eq!(missing, [0..494, 700..1 << 24]);
    receiver.accept(0, &"a", &frames[0]).unwrap();
    assert_eq!(receiver.missing(&"a", 1).collect::<Vec<_>>(), [245..494]);
    assert_eq!(message_of(receiver.accept(0, &"a", &frames[1])), Some(sent));
}

#[test]
fn a_repeated_header_changes_nothing() {
    let sent = message(700, 1);
    let frames = frames(plain(), 1, &sent);
    let mut receiver = receiver(plain());
    receiver.accept(0, &"a", &frames[0]).unwrap();
    receiver.accept(0, &"a", &frames[1]).unwrap();
    let before = receiver.clone();
    let accepted = receiver.accept(9, &"a", &frames[0]).unwrap();
    assert_eq!(accepted.outcome, Outcome::Duplicate { transfer: 1 });
    assert_eq!(receiver, before);
    assert_eq!(message_of(receiver.accept(9, &"a", &frames[2])), Some(sent));
    // Nor does it begin anything when all is over.
    for frame in &frames {
        let accepted = receiver.accept(10, &"a", frame).unwrap();
        assert_eq!(accepted.outcome, Outcome::Duplicate { transfer: 1 });
    }
    assert_eq!(receiver.unfinished().count(), 0);
}

#[test]
fn an_index_past_the_total_is_refused() {
    let mut receiver = receiver(plain());
    let frames = frames(plain(), 1, &message(700, 1));
    receiver.accept(0, &"a", &frames[0]).unwrap();
    let before = receiver.clone();
    let mut frame = Vec::new();
    let payload = &[7; 12];
    for offset in [689, 700, (1 << 24) - 12] {
        let chunk = Frame::Further { transfer: 1, offset, payload };
        frame.clear();
        chunk.encode(Checksum::PerTransfer, &mut frame);
        let error = receiver.accept(1, &"a", &frame).unwrap_err();
        assert_eq!(error, FrameError::PastTotal { transfer: 1, end: offset + 12, total: 700 });
    }
    assert_eq!(receiver, before);
    // A first chunk whose total is before what has come is of another message.
    let mut receiver = crate::world::receiver(plain());
    receiver.accept(0, &"a", &frames[2]).unwrap();
    let short = Frame::First { transfer: 1, total: 600, checksum: Some(9), payload };
    frame.clear();
    short.encode(Checksum::PerTransfer, &mut frame);
    assert_eq!(receiver.accept(0, &"a", &frame).unwrap().dropped, [1]);
    assert_eq!(receiver.missing(&"a", 1).collect::<Vec<_>>(), [12..600]);
}

#[test]
fn two_transfers_with_one_id_never_mix() {
    let (old, new) = (message(700, 1), message(700, 2));
    let (of_old, of_new) = (frames(plain(), 1, &old), frames(plain(), 1, &new));

    // The new one's first chunk ends the old one, and says so.
    let mut receiver = receiver(plain());
    receiver.accept(0, &"a", &of_old[0]).unwrap();
    receiver.accept(0, &"a", &of_old[1]).unwrap();
    assert_eq!(receiver.accept(0, &"a", &of_new[0]).unwrap().dropped, [1]);
    assert_eq!(feed(&mut receiver, "a", &of_new[1..]), [&new[..]]);

    // A chunk of one for a place that the other has filled is refused.
    let mut receiver = crate::world::receiver(plain());
    receiver.accept(0, &"a", &of_old[0]).unwrap();
    receiver.accept(0, &"a", &of_old[1]).unwrap();
    let error = receiver.accept(0, &"a", &of_new[1]).unwrap_err();
    assert!(matches!(error, FrameError::Conflict { transfer: 1, at: 245.. }), "{error}");
    assert_eq!(feed(&mut receiver, "a", &of_old[2..]), [&old[..]]);

    // Where nothing told them apart until the end, the checksum does; then all is asked for again.
    let mut receiver = crate::world::receiver(plain());
    receiver.accept(0, &"a", &of_old[2]).unwrap();
    receiver.accept(0, &"a", &of_new[0]).unwrap();
    let error = receiver.accept(0, &"a", &of_new[1]).unwrap_err();
    assert_eq!(error, FrameError::Checksum { transfer: 1 });
    assert_eq!(receiver.missing(&"a", 1).collect::<Vec<_>>(), [0..700]);
    assert_eq!(feed(&mut receiver, "a", &of_new), [&new[..]]);

    // A late first chunk of the finished one does not end the one that has its number now.
    receiver.accept(0, &"a", &of_old[0]).unwrap();
    let accepted = receiver.accept(0, &"a", &of_new[0]).unwrap();
    assert_eq!(accepted.outcome, Outcome::Duplicate { transfer: 1 });
    assert_eq!(feed(&mut receiver, "a", &of_old[1..]), [&old[..]]);
}

#[test]
fn a_number_in_use_by_another_length_is_another_transfer_without_checksums_too() {
    let framing = Framing::new(255, Alphabet::NoNul, Checksum::None, ChunkSize::Fill).unwrap();
    let (old, new) = (message(700, 1), message(800, 2));
    let mut receiver = receiver(framing);
    feed(&mut receiver, "a", &frames(framing, 1, &old)[..2]);
    assert_eq!(feed(&mut receiver, "a", &frames(framing, 1, &new)), [&new[..]]);
}

#[test]
fn damage_in_a_checked_chunk_costs_that_chunk_only() {
    let framing = Framing::new(255, Alphabet::Bytes, Checksum::PerChunk, ChunkSize::Fill).unwrap();
    let sent = message(900, 1);
    let frames = frames(framing, 1, &sent);
    let mut receiver = receiver(framing);
    for (n, frame) in frames.iter().enumerate() {
        let mut damaged = frame.clone();
        damaged[40] ^= 1;
        let before = receiver.clone();
        assert_eq!(receiver.accept(0, &"a", &damaged), Err(FrameError::Damaged), "{n}");
        assert_eq!(receiver, before);
        if n > 0 && n + 1 < frames.len() {
            receiver.accept(0, &"a", frame).unwrap();
        }
    }
    assert_eq!(message_of(receiver.accept(0, &"a", &frames[0])), None);
    assert_eq!(message_of(receiver.accept(0, &"a", frames.last().unwrap())), Some(sent));
}

#[test]
fn a_transfer_survives_silence_up_to_the_idle_limit() {
    let limits = Limits { idle_ms: 1_000, ..Limits::default() };
    let mut receiver = Reassembler::new(plain(), limits);
    let sent = message(900, 1);
    let frames = frames(plain(), 1, &sent);
    assert_eq!(receiver.deadline(), None);
    receiver.accept(50, &"a", &frames[0]).unwrap();
    assert_eq!(receiver.deadline(), Some(1_050));
    receiver.accept(900, &"a", &frames[1]).unwrap();
    // The deadline may be early; asking then is free and gives the later one.
    assert_eq!(receiver.expire(1_050), []);
    assert_eq!(receiver.deadline(), Some(1_900));
    receiver.accept(1_000, &"b", &frames[0]).unwrap();
    assert_eq!(receiver.expire(1_900), [("a", 1)]);
    assert_eq!(receiver.unfinished().map(|held| *held.sender).collect::<Vec<_>>(), ["b"]);
    // After a line was down: what is missing is known, and what comes goes on.
    assert_eq!(receiver.missing(&"b", 1).collect::<Vec<_>>(), [245..900]);
    assert_eq!(receiver.expire(1_999), []);
    for frame in &frames[1..3] {
        assert_eq!(message_of(receiver.accept(1_999, &"b", frame)), None);
    }
    assert_eq!(message_of(receiver.accept(1_999, &"b", &frames[3])), Some(sent));
    // The finished number is forgotten in time, and with it the last byte.
    assert!(receiver.held_bytes() > 0);
    assert_eq!(receiver.expire(2_999), []);
    assert_eq!((receiver.held_bytes(), receiver.deadline()), (0, None));
}
