//! Frames of those who mean harm: no panic, no flood in answer, nobody's transfer spoilt.

use guildsync_transport::{ChannelProfile, Link, Priority, Recipient, SendResult};
use guildsync_types::Time;
use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::frame::{Frame, GROUP};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{Faults, World, chunks, name};

fn encoded(frame: &Frame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(Checksum::PerTransfer, &mut bytes);
    Alphabet::NoNul.encode_in_place(&mut bytes);
    bytes
}

fn frames(link: &mut Link, now: Time) -> usize {
    let polled = std::iter::from_fn(|| {
        let polled = link.poll(now);
        link.sent(now, SendResult::Sent);
        polled
    });
    polled.count()
}

proptest! {
    #[test]
    fn arbitrary_frames_never_panic_nor_break_the_rate(
        channel in vec((0usize..4, vec(any::<u8>(), 0..60), 0u8..11), 0..80),
    ) {
        let mut world = World::new(4, ChannelProfile::retail(), Faults::NONE, 1);
        for (from, mut bytes, kind) in channel {
            if let Some(first) = bytes.first_mut() {
                *first = 0x10 | kind;
            }
            Alphabet::NoNul.encode_in_place(&mut bytes);
            world.deliver(0, from, &bytes);
            world.run(world.now + 100);
        }
        world.run(world.now + 60_000);
        world.check_rate();
    }
}

#[test]
fn requests_without_end_are_answered_with_one_frame_a_piece_and_cooldown() {
    let mut world = World::new(3, ChannelProfile::open(), Faults::NONE, 1);
    let framing = ChannelProfile::open().framing();
    let sent = crate::world::message(5 * 65_000, 1);
    world.links[0].push(Recipient::Group, Priority::Bulk, sent.clone()).unwrap();
    world.run(world.now + 1_000);
    let pieces = framing.frames_for(sent.len());
    // The number that the transfer had: requests for all that it could have had are bounded alike.
    let (mut answers, start) = (0, world.now);
    for ms in 0..400 {
        world.now = start + ms;
        for number in [GROUP, GROUP | 1, GROUP | 2].into_iter().chain(all_of(&world.links[0])) {
            let mut frame = Vec::new();
            let request = framing.request(number, std::iter::once(0..1 << 24)).unwrap();
            request.write_frame(Alphabet::Bytes, &mut frame);
            world.deliver(0, 1, &frame);
        }
        answers += frames(&mut world.links[0], world.now);
    }
    assert!(answers <= 2 * pieces, "{answers} answers, {pieces} pieces");
    assert!(answers >= pieces, "the request was for what is there");
}

/// The number of the first transfer to the group: what `Link::new` documents, mixed with the name.
fn all_of(link: &Link) -> Vec<u16> {
    let mut again = Link::new(link.me().clone(), link.channel(), 1);
    let long = crate::world::message(70_000, 1);
    again.push(Recipient::Group, Priority::Bulk, long).unwrap();
    let frame = again.poll(Time(0)).unwrap().1;
    match Frame::decode(&frame).unwrap() {
        Frame::First { transfer, .. } => vec![transfer],
        other => panic!("{other:?}"),
    }
}

#[test]
fn transfers_that_are_begun_and_left_make_others_ask_little_more_than_their_chunks() {
    let mut world = World::new(3, ChannelProfile::open(), Faults::NONE, 1);
    let n = 200u16;
    let mut asked = 0;
    for transfer in 0..n {
        let first = Frame::First { transfer, total: 9_000, checksum: Some(1), payload: &[7; 12] };
        let mut bytes = Vec::new();
        first.encode(Checksum::PerTransfer, &mut bytes);
        world.deliver(0, 1, &bytes);
        world.now = world.now + 5_000;
        asked += frames(&mut world.links[0], world.now);
    }
    assert!(asked <= usize::from(n) + 20, "{asked}");
    assert!(world.links[0].queued().incoming <= 16);
}

#[test]
fn one_who_relays_wrong_bytes_delays_and_no_more() {
    for seed in 0..20 {
        let mut world = World::new(6, ChannelProfile::retail(), Faults::loss(20), seed);
        let sent = chunks(8, seed);
        world.links[0].push(Recipient::Group, Priority::Bulk, sent.clone()).unwrap();
        let start = world.now;
        let number = number_of(&world);
        for round in 1..300 {
            world.run(start + 100 * round);
            for to in 1..5 {
                let offset = 244 + 248 * (round as u32 % 7);
                let wrong =
                    Frame::RelayedFurther { transfer: number, offset, payload: &[0xee; 100] };
                world.deliver(to, 5, &encoded(&wrong));
            }
        }
        world.run(start + 120_000);
        assert_eq!(world.copies(&sent)[1..5], [1; 4], "seed {seed}");
        assert!(world.received.iter().all(|(_, from, got, _)| *from == name(0) && *got == sent));
    }
}

/// The number under which member 0 sends its first message to the group.
fn number_of(world: &World) -> u16 {
    let mut again = World::new(world.links.len(), world.channel, Faults::NONE, world.seed);
    again.links[0].push(Recipient::Group, Priority::Bulk, chunks(8, 1)).unwrap();
    let (_, frame) = again.links[0].poll(again.now).unwrap();
    let mut plain = Vec::new();
    Alphabet::NoNul.decode(&frame, &mut plain).unwrap();
    match Frame::decode(&plain).unwrap() {
        Frame::First { transfer, .. } => transfer,
        other => panic!("{other:?}"),
    }
}
