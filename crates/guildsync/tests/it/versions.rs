//! Peers that speak another version of the frames.

use bytes::Bytes;
use guildsync::leader::Stage;
use guildsync::transport::{ChannelProfile, Recipient};
use guildsync::wire::frame::VERSION;
use guildsync::{Config, Input, Notice};

use crate::world::*;

/// A frame of the next version: what is in it nobody here knows.
fn newer(channel: ChannelProfile) -> Bytes {
    let mut plain = vec![(VERSION + 1) << 4 | 1];
    plain.extend_from_slice(b"something new");
    let mut frame = Vec::new();
    channel.alphabet.encode(&plain, &mut frame);
    frame.into()
}

/// Ann, in a group of two; what she sends to whom while `act` is done to her.
fn sends(world: &mut World, act: impl FnOnce(&mut World)) -> Vec<(Recipient, Bytes)> {
    let before = world.left.len();
    act(world);
    let left = world.left[before..].iter().filter(|left| left.from == name("Ann"));
    left.map(|left| (left.to.clone(), left.frame.clone())).collect()
}

fn world(channel: ChannelProfile) -> World {
    let config = Config { heartbeat_ms: 0, ..Config::default() };
    let mut world = World::of(&["Ann", "Bo"], channel, config);
    world.form("Ann");
    world.run(20_000);
    world
}

#[test]
fn an_unknown_version_is_answered_politely_and_rarely() {
    for channel in ChannelProfile::ALL {
        let mut world = world(channel);
        let hear = |world: &mut World| {
            let from = name("Bo");
            world.step(&name("Ann"), Input::Frame { from, bytes: newer(channel) });
            world.run(1);
        };
        let said = sends(&mut world, hear);
        let polite = format!("speaks {VERSION}-{VERSION}");
        assert_eq!(said, [(Recipient::Member(name("Bo")), Bytes::from(polite))]);
        let notice = world.members[&name("Ann")].notices.last().cloned();
        assert_eq!(notice, Some(Notice::OtherVersion { from: name("Bo"), speaks: None }));
        // The next thousand frames are not answered, for ten minutes.
        for _ in 0..1_000 {
            assert_eq!(sends(&mut world, hear), []);
        }
        world.run(600_000);
        assert_eq!(sends(&mut world, hear).len(), 1);
    }
}

#[test]
fn an_answer_about_versions_is_told_to_the_user_and_never_answered() {
    for channel in ChannelProfile::ALL {
        let mut world = world(channel);
        let said = sends(&mut world, |world| {
            let bytes = Bytes::from_static(b"speaks 2-3");
            world.step(&name("Ann"), Input::Frame { from: name("Bo"), bytes });
            world.run(10_000);
        });
        assert_eq!(said, []);
        let notice = world.members[&name("Ann")].notices.last().cloned().unwrap();
        let Notice::OtherVersion { from, speaks: Some(speaks) } = notice else {
            panic!("{notice:?}")
        };
        assert_eq!((from, speaks.low(), speaks.high()), (name("Bo"), 2, 3));
    }
}

/// Bo's program is newer: Ann hears nothing but frames of its version, and it understands none of hers.
#[test]
fn a_newer_peer_is_passed_over_in_nine_seconds_and_nobody_is_harmed() {
    let config = Config { heartbeat_ms: 0, ..Config::default() };
    let mut world = World::of(&["Ann", "Bo", "Cy"], ChannelProfile::retail(), config);
    world.translate = Some(name("Bo"));
    world.award("Ann");
    let start = world.now;
    world.form("Ann");
    world.run(60_000);
    // One polite word for each who is not understood, and both users are told the reason.
    let polite = |left: &&Left| left.frame.starts_with(b"speaks ");
    assert!(world.left.iter().filter(polite).count() <= 4);
    let told = |who: &str| {
        let other = |n: &Notice| matches!(n, Notice::OtherVersion { .. });
        world.members[&name(who)].notices.iter().any(other)
    };
    assert!(told("Ann") && told("Bo"));
    let notices = &world.members[&name("Ann")].notices;
    let silent = notices.iter().any(|n| {
        matches!(n, Notice::Progress { member, stage: Stage::Silent, .. } if *member == name("Bo"))
    });
    assert!(silent, "{notices:?}");
    assert_eq!((world.log("Cy").len(), world.log("Bo").len()), (1, 0));
    let last = world.left.iter().map(|left| left.at.since(start)).max().unwrap();
    assert!(last <= 9_000, "{last}");
}
