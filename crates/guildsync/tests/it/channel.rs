//! Replicas on every channel: whole messages through short frames, at the channel's pace.

use guildsync::transport::{ChannelProfile, Rate, Recipient};
use guildsync::wire::alphabet::Alphabet;
use guildsync::{Config, Counters};

use crate::world::*;

/// Lead has written `n` entries, and Ann has none of them.
fn lead_and_ann(channel: ChannelProfile, n: usize) -> World {
    let mut world = World::of(&["Lead", "Ann"], channel, Config::default());
    for _ in 0..n {
        world.award("Lead");
        world.now = world.now + 1_000;
    }
    world
}

#[test]
fn no_frame_is_longer_than_the_channel_carries_and_none_has_a_byte_that_it_lacks() {
    for channel in ChannelProfile::ALL {
        let mut world = lead_and_ann(channel, 1_000);
        world.form("Lead");
        world.run(60_000);
        assert!(world.agree(), "{}", channel.name);
        for left in &world.left {
            assert!(left.frame.len() <= channel.frame_bytes_max, "{}", channel.name);
            assert!(channel.alphabet == Alphabet::Bytes || !left.frame.contains(&0));
        }
    }
}

#[test]
fn the_long_frames_of_the_wide_channel_are_used() {
    let longest = |channel| {
        let mut world = lead_and_ann(channel, 1_000);
        world.form("Lead");
        world.run(30_000);
        assert!(world.agree());
        (world.left.iter().map(|left| left.frame.len()).max().unwrap(), world.left.len())
    };
    let (wide, retail) = (longest(ChannelProfile::wide()), longest(ChannelProfile::retail()));
    assert!(wide.0 > 1_500 && wide.0 <= 2_000, "{wide:?}");
    assert!(wide.1 < retail.1, "{wide:?} {retail:?}");
}

#[test]
fn a_large_answer_is_cut_over_several_whispers_and_put_together_again() {
    let mut world = lead_and_ann(ChannelProfile::retail(), 1_000);
    world.form("Lead");
    world.run(30_000);
    assert!(world.agree());
    let to_ann = |left: &&Left| left.to == Recipient::Member(name("Ann")) && left.frame.len() > 200;
    assert!(world.left.iter().filter(to_ann).count() >= 2);
    assert_eq!(world.log("Ann").len(), 1_000);
}

#[test]
fn frames_leave_no_faster_than_the_channel_allows() {
    for channel in [ChannelProfile::retail(), ChannelProfile::ctl()] {
        let mut world = lead_and_ann(channel, 4_000);
        world.form("Lead");
        world.run(120_000);
        assert!(world.agree(), "{}", channel.name);
        let lead: Vec<_> = world.left.iter().filter(|left| left.from == name("Lead")).collect();
        assert!(lead.len() > 11, "{}", lead.len());
        for (first, from) in lead.iter().enumerate() {
            let (mut frames, mut bytes) = (0, 0);
            for to in &lead[first..] {
                frames += 1;
                bytes += to.frame.len() as u64;
                let ms = to.at.since(from.at);
                let allowed = match channel.rate {
                    Rate::Frames { burst, every_ms } => {
                        frames <= u64::from(burst) + ms / u64::from(every_ms)
                    }
                    Rate::Bytes { burst, per_second, overhead } => {
                        let spent = bytes + frames * u64::from(overhead);
                        spent <= u64::from(burst) + ms * u64::from(per_second) / 1000 + 1
                    }
                    _ => true,
                };
                assert!(allowed, "{}: {frames} frames, {bytes} bytes in {ms} ms", channel.name);
            }
        }
    }
}

/// How long it takes until all of `n` members have what two of them wrote alone, in milliseconds.
fn until_they_agree(n: usize, n_entries: usize) -> u64 {
    let all: Vec<String> = (0..n).map(|i| format!("M{i:02}")).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut world = World::of(&names, ChannelProfile::retail(), Config::default());
    for at in 0..n_entries {
        world.award(names[at % 2]);
        world.now = world.now + 1_000;
    }
    let start = world.now;
    world.form("M00");
    while !world.agree() {
        world.run(100);
    }
    world.now.since(start)
}

#[test]
fn forty_members_take_no_longer_than_five() {
    let (five, forty) = (until_they_agree(5, 40), until_they_agree(40, 40));
    assert!(five <= 2_000 && forty <= five + 1_000, "{five} {forty}");
}

#[test]
fn more_than_a_hundred_entries_pass_a_throttled_channel_in_ten_seconds() {
    let took = until_they_agree(40, 150);
    assert!(took <= 5_000, "{took}");
}

#[test]
fn a_transfer_with_holes_goes_on_with_the_chunks_that_are_missing() {
    let mut world = lead_and_ann(ChannelProfile::retail(), 1_000);
    world.lose_every = 4;
    world.form("Lead");
    world.run(60_000);
    assert!(world.agree());
    let long = |left: &&Left| left.from == name("Lead") && left.frame.len() > 200;
    let n_long = world.left.iter().filter(long).count();
    let mut whole = lead_and_ann(ChannelProfile::retail(), 1_000);
    whole.form("Lead");
    whole.run(60_000);
    let n_whole = whole.left.iter().filter(long).count();
    // What arrived is not sent again.
    assert!(n_whole >= 8 && n_long < 2 * n_whole, "{n_long} {n_whole}");
}

#[test]
fn the_same_inputs_at_the_same_times_give_the_same_frames() {
    let run = || {
        let mut world =
            World::of(&["Lead", "Ann", "Bo"], ChannelProfile::retail(), Config::default());
        world.lose_every = 7;
        ["Lead", "Ann", "Bo", "Ann"].iter().for_each(|who| world.award(who));
        world.form("Lead");
        world.run(2_000);
        world.award("Bo");
        world.run(100_000);
        world.left
    };
    assert_eq!(run(), run());
}

#[test]
fn what_is_not_durable_has_not_been_said() {
    let mut world = lead_and_ann(ChannelProfile::retail(), 0);
    world.form("Lead");
    world.run(10_000);
    let before = world.left.len();
    world.append("Lead");
    assert_eq!(world.left.len(), before);
    // The program ends before the entry is durable: nobody ever heard of it.
    world.restart("Lead");
    world.run(60_000);
    assert!(world.agree() && world.log("Ann").is_empty());
    world.append("Lead");
    let before = world.left.len();
    world.commit("Lead");
    assert_eq!(world.left.len(), before + 1);
    world.run(1_000);
    assert_eq!(world.log("Ann").len(), 1);
}

#[test]
fn what_was_sent_received_repeated_and_how_long_it_took_can_be_read() {
    let config = Config { heartbeat_ms: 0, ..Config::default() };
    let mut world = World::of(&["Lead", "Ann"], ChannelProfile::retail(), config);
    world.award("Ann");
    world.form("Lead");
    world.run(30_000);
    assert!(world.agree());
    let counters = |world: &World, who: &str| world.members[&name(who)].replica.counters();
    let lead = counters(&world, "Lead");
    // An announcement and a request; a reply and what was asked for.
    let sent = (lead.messages_sent, lead.frames_sent, lead.messages_received, lead.frames_received);
    assert_eq!(sent, (2, 2, 2, 2));
    assert_eq!((lead.retries, lead.round_trips, lead.round_trip_ms), (0, 1, 2 * LATENCY_MS));
    assert_eq!(lead.queued, Default::default());
    // The answer to the next request is lost, and comes the second time.
    let mut world = World::of(
        &["Lead", "Ann"],
        ChannelProfile::retail(),
        Config { heartbeat_ms: 0, ..Config::default() },
    );
    world.award("Ann");
    world.form("Lead");
    while counters(&world, "Ann").messages_sent < 2 {
        world.run(10);
    }
    world.lose_every = 1;
    world.run(100);
    world.lose_every = 0;
    world.run(30_000);
    assert!(world.agree());
    let Counters { retries, round_trips, .. } = counters(&world, "Lead");
    assert_eq!((retries, round_trips), (1, 0));
}
