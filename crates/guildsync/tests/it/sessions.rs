//! Sessions that are broken off: restarts in the middle, stores that were lost.

use std::collections::BTreeSet;

use guildsync::log::Log;
use guildsync::transport::ChannelProfile;
use guildsync::types::{MemberName, Reason, Time};
use guildsync::{Config, Local, Replica};

use crate::world::*;

#[test]
fn a_newcomer_that_restarts_on_the_way_goes_on_with_what_it_has_and_ends_with_everything() {
    let names = ["Lead", "A", "B", "C", "D", "New"];
    let mut held = Vec::new();
    for at_ms in [100, 1_000, 2_000, 4_000, 8_000] {
        let mut world = World::of(&names, ChannelProfile::retail(), Config::default());
        for (at, who) in names[..5].iter().enumerate() {
            for _ in 0..300 * (at + 1) {
                world.award(who);
                world.now = world.now + 1_000;
            }
        }
        world.form("Lead");
        world.run(at_ms);
        world.restart("New");
        held.push(world.log("New").len());
        world.run(90_000);
        assert!(world.agree(), "restarted after {at_ms} ms");
        assert_eq!(world.log("New").len(), 4_500);
    }
    // Before anything had come, and with some writers' entries and not others'.
    assert!(held[0] == 0 && held.iter().any(|&n| n > 0 && n < 4_500), "{held:?}");
}

#[test]
fn a_member_that_is_killed_between_award_and_award_uses_no_number_twice() {
    let mut world = World::of(&["Lead", "Ann"], ChannelProfile::retail(), Config::default());
    world.form("Lead");
    world.run(5_000);
    for n in 0..10 {
        world.award("Ann");
        world.run(n * 37);
        // This one is lost with the program, before anyone was told of it.
        world.append("Ann");
        world.restart("Ann");
        world.run(n * 53);
    }
    world.run(60_000);
    assert!(world.agree());
    let ids: BTreeSet<_> = world.log("Lead").entries().map(|entry| entry.id).collect();
    assert_eq!((ids.len(), world.log("Lead").len()), (10, 10));
    assert!(ids.iter().all(|id| !world.log("Lead").is_forked(id.writer)));
}

fn award(local: &mut Local, who: &MemberName, now: Time) {
    let profile = local.profiles().active_id();
    let draft = |log: &Log| {
        let (stamp, target) = (Replica::stamp(log, now), name("Brindle"));
        Ok(vec![log.award(stamp, who, &target, "1".parse().unwrap(), &Reason::default())?])
    };
    local.append(now, &profile, draft, &mut Vec::new()).unwrap();
}

#[test]
fn a_wiped_store_gets_back_all_and_goes_on_as_a_new_writer() {
    let folder = tempfile::tempdir().unwrap();
    let (ann, bo) = (name("Ann"), name("Bo"));
    let create = |file: &str, who: &MemberName| {
        Local::create(&folder.path().join(file), who.clone(), Config::default()).unwrap()
    };
    let now = Time(1_700_000_000_000);
    let (mut first, mut other) = (create("ann", &ann), create("bo", &bo));
    award(&mut first, &ann, now);
    award(&mut other, &bo, now);
    meet(&mut [&mut first, &mut other], now);
    let old = first.store().key().writer();
    // Ann's disk is gone, and her key with it.
    drop(first);
    let mut second = create("ann again", &ann);
    meet(&mut [&mut second, &mut other], now + 1_000_000);
    assert_eq!(second.profiles().state_hash(), other.profiles().state_hash());
    assert_eq!(second.profiles().active().frontier().last(old), 1);
    award(&mut second, &ann, now + 2_000_000);
    let new = second.store().key().writer();
    assert_ne!(old, new);
    meet(&mut [&mut second, &mut other], now + 3_000_000);
    let frontier = other.profiles().active().frontier();
    assert_eq!((frontier.last(old), frontier.last(new)), (1, 1));
}
