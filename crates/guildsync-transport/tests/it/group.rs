//! Messages over a lossy channel: each arrives once, soon, and with few frames.

use guildsync_transport::{ChannelProfile, Priority, Recipient};
use guildsync_types::Time;
use proptest::prelude::*;

use crate::world::{Faults, World, chunks, message};

/// A message of nine chunks to forty members: milliseconds until everyone has it, and frames.
fn nine_chunks(faults: Faults, seed: u64) -> (u64, usize) {
    let mut world = World::new(40, ChannelProfile::retail(), faults, seed);
    let (start, sent) = (world.now, chunks(9, seed));
    world.links[0].push(Recipient::Group, Priority::Bulk, sent.clone()).unwrap();
    world.run(start + 30_000);
    let mut copies = world.copies(&sent);
    assert_eq!(copies.remove(0), 0);
    assert!(copies.iter().all(|copies| *copies == 1), "seed {seed}: {copies:?}");
    assert!(world.received.iter().all(|(_, from, _, _)| *from == world.names[0]));
    world.check_rate();
    let last = world.received.iter().map(|(_, _, _, at)| *at).max().unwrap_or(Time(0));
    (last.since(start), world.sent.len())
}

#[test]
fn without_loss_there_is_no_extra_frame() {
    for seed in 0..20 {
        assert_eq!(nine_chunks(Faults::NONE, seed).1, 9, "seed {seed}");
    }
    // Nor when the sender's bucket runs out, whatever its channel.
    for channel in ChannelProfile::ALL {
        let mut world = World::new(5, channel, Faults::NONE, 3);
        let sent = message(8_000, 1);
        world.links[0].push(Recipient::Group, Priority::Bulk, sent.clone()).unwrap();
        world.run(world.now + 60_000);
        assert_eq!(world.copies(&sent), [0, 1, 1, 1, 1], "{}", channel.name);
        let frames = channel.framing().frames_for(sent.len());
        assert_eq!(world.sent.len(), frames, "{}", channel.name);
        world.check_rate();
    }
}

/// Measured over these seeds: median 1.7 s, 95 of 100 within 2.6 s, worst 3.4 s; 62 frames, at most 80.
#[test]
fn forty_members_are_whole_within_four_seconds_at_20_percent_loss() {
    let mut results: Vec<(u64, usize)> =
        (0..200).map(|seed| nine_chunks(Faults::loss(20), seed)).collect();
    results.sort_unstable();
    let times: Vec<u64> = results.iter().map(|(time, _)| *time).collect();
    let frames: Vec<usize> = results.iter().map(|(_, frames)| *frames).collect();
    let most = frames.iter().max().unwrap();
    let mean = frames.iter().sum::<usize>() / frames.len();
    eprintln!("time median {} p95 {} worst {}", times[100], times[190], times[199]);
    eprintln!("frames mean {mean} worst {most}");
    assert!(times[199] <= 4_000, "{times:?}");
    assert!(times[100] <= 2_000, "{times:?}");
    assert!(mean <= 65 && *most <= 90, "{mean} {most}");
}

#[test]
fn forty_members_survive_half_of_all_frames_being_lost() {
    for seed in 0..10 {
        let (time, frames) = nine_chunks(Faults::loss(50), seed);
        assert!(time <= 12_000 && frames <= 600, "seed {seed}: {time} ms, {frames} frames");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever is lost, repeated and reordered: long messages arrive once, short ones at most as often
    /// as their frame.
    #[test]
    fn every_long_message_arrives_once_between_two(
        seed in any::<u64>(),
        loss in 0u64..20,
        repeat in 0u64..30,
        sizes in proptest::collection::vec((any::<bool>(), 2usize..12), 1..6),
    ) {
        let faults = Faults { loss, repeat, latency: (5, 300) };
        let mut world = World::new(2, ChannelProfile::retail(), faults, seed);
        let mut messages = Vec::new();
        for (n, (whisper, size)) in sizes.iter().enumerate() {
            let sent = chunks(*size, n as u64);
            let to = match whisper {
                true => Recipient::Member(world.names[1].clone()),
                false => Recipient::Group,
            };
            world.links[0].push(to, Priority::Bulk, sent.clone()).unwrap();
            messages.push(sent);
        }
        world.run(world.now + 400_000);
        for (n, sent) in messages.iter().enumerate() {
            let got = world.copies(sent)[1];
            // A whole transfer whose first frames were all lost is not known to have been.
            let chunks = sizes[n].1 as i32;
            prop_assert!(got == 1 || (got == 0 && chunks < 5 && loss > 0), "{n}: {got}");
        }
        world.check_rate();
    }
}

#[test]
fn many_senders_at_once_are_told_apart() {
    for seed in 0..10 {
        let faults = Faults { loss: 15, repeat: 10, latency: (40, 120) };
        let mut world = World::new(12, ChannelProfile::retail(), faults, seed);
        let all: Vec<Vec<u8>> = (0..6).map(|n| chunks(6, 100 * seed + n)).collect();
        for (n, sent) in all.iter().enumerate() {
            world.links[n].push(Recipient::Group, Priority::Bulk, sent.clone()).unwrap();
        }
        world.run(world.now + 60_000);
        for (n, sent) in all.iter().enumerate() {
            let expected: Vec<usize> = (0..12).map(|to| usize::from(to != n)).collect();
            assert_eq!(world.copies(sent), expected, "seed {seed}, sender {n}");
            let from_sender =
                |(_, from, got, _): &(usize, _, _, Time)| got != sent || *from == world.names[n];
            assert!(world.received.iter().all(from_sender));
        }
        world.check_rate();
    }
}

#[test]
fn those_who_left_are_forgotten_and_what_waits_for_them() {
    let mut world = World::new(3, ChannelProfile::retail(), Faults::NONE, 1);
    let (gone, sent) = (world.names[1].clone(), chunks(4, 1));
    world.links[1].push(Recipient::Group, Priority::Bulk, sent.clone()).unwrap();
    let (_, first) = world.links[1].poll(world.now).unwrap();
    world.deliver(0, 1, &first);
    world.links[0].push(Recipient::Member(gone), Priority::Live, "to you").unwrap();
    let left = world.names.iter().filter(|name| **name != world.names[1]).cloned().collect();
    assert_eq!(world.links[0].queued().incoming, 1);
    world.links[0].set_group(world.now, &left);
    assert_eq!(world.links[0].queued(), guildsync_transport::Queued::default());
    assert!(world.links[0].is_idle() && world.links[0].deadline().is_none());
}
