//! Each fault really happens, and does what it says.

use std::collections::BTreeMap;

use guildsync_sim::campaign::campaign;
use guildsync_sim::dice::Dice;
use guildsync_sim::faults::{Fault, Faults, Loss};
use guildsync_sim::world::Act;

use crate::{base, world};

fn award(target: usize) -> Act {
    Act::Award { targets: vec![target], hundredths: 100 }
}

#[test]
fn every_fault_is_drawn_and_not_always() {
    let mut dice = Dice::new(1);
    let mut drawn: BTreeMap<Fault, u32> = BTreeMap::new();
    for _ in 0..1000 {
        for (fault, strength) in Faults::draw(&mut dice).0 {
            assert!(strength > 0.0 && strength <= 1.0);
            *drawn.entry(fault).or_default() += 1;
        }
    }
    for fault in Fault::ALL {
        let n = drawn.get(&fault).copied().unwrap_or(0);
        assert!((150..500).contains(&n), "{fault:?}: {n}");
    }
}

#[test]
fn every_kind_of_fault_strikes_in_a_campaign() {
    let reached = campaign(0..60, &base(), 2, |_| ()).reached;
    let kinds = guildsync_sim::coverage::REQUIRED.iter().filter(|what| what.starts_with("fault: "));
    let never: Vec<_> = kinds.filter(|what| !reached.contains_key(**what)).collect();
    assert_eq!(never, Vec::<&&str>::new());
}

#[test]
fn a_crash_keeps_what_is_durable_and_nothing_else() {
    let mut world = world(2, 3);
    world.act(1, award(0));
    world.run_until(world.now() + 1_000);
    assert_eq!(world.profiles(1).active().len(), 1);
    // Alone, so that nobody else can have what is lost.
    world.act(1, award(2));
    assert!(world.member(1).is_writing());
    assert_eq!(world.profiles(1).active().len(), 2);
    world.settle_disks();
    let on_disk = world.member(1).disk.settled().active().len();
    assert_eq!(on_disk, 1);
    world.kill(1);
    assert!(world.profiles(1).active().len() <= 2);
    world.start(1);
    world.run_until(world.now() + 1_000);
    assert_eq!(world.failures, Vec::<String>::new());
}

#[test]
fn a_commit_that_was_on_its_way_reached_the_disk_or_did_not() {
    let mut lens = Vec::new();
    for seed in 0..20 {
        let mut world = world(seed, 2);
        world.act(1, award(0));
        world.kill(1);
        lens.push(world.profiles(1).active().len());
    }
    assert!(lens.contains(&0) && lens.contains(&1), "{lens:?}");
}

#[test]
fn a_wiped_store_is_empty_and_another_writer() {
    let mut world = world(3, 3);
    world.act(1, award(0));
    world.run_until(world.now() + 2_000);
    let before = world.member(1).disk.key().writer();
    world.channel.mute(1, u64::MAX);
    world.lose_disk(1, Loss::Everything);
    assert_ne!(world.member(1).disk.key().writer(), before);
    assert!(world.profiles(1).active().is_empty());
    assert_eq!(world.oracle.n_lost_with_disks(), 0, "others have it");
}

#[test]
fn what_only_a_wiped_store_had_is_nobodys_fault() {
    let mut world = world(4, 2);
    world.channel.mute(1, u64::MAX);
    world.act(1, award(0));
    world.run_until(world.now() + 2_000);
    world.lose_disk(1, Loss::Everything);
    assert_eq!(world.oracle.n_lost_with_disks(), 1);
    world.run_until(world.now() + 2_000);
    assert_eq!(world.failures, Vec::<String>::new());
}

#[test]
fn a_restored_backup_is_older_and_keeps_its_key() {
    let mut world = world(5, 2);
    world.act(1, award(0));
    world.run_until(world.now() + 2_000);
    world.back_up(1);
    let key = world.member(1).disk.key().writer();
    world.act(1, award(0));
    world.run_until(world.now() + 2_000);
    assert_eq!(world.profiles(1).active().len(), 2);
    world.channel.mute(1, u64::MAX);
    world.lose_disk(1, Loss::SinceBackup);
    assert_eq!(world.profiles(1).active().len(), 1);
    assert_eq!(world.member(1).disk.key().writer(), key);
    assert_eq!(world.oracle.n_lost_with_disks(), 0);
    assert_eq!(world.failures, Vec::<String>::new());
}

#[test]
fn clocks_jump_and_stamps_follow_them() {
    let mut world = world(6, 2);
    world.shift_clock(1, 3_600_000);
    world.act(1, award(0));
    world.run_until(world.now() + 2_000);
    let stamp = world.profiles(1).active().newest_stamp().unwrap().seconds();
    let expected = (world.setup().epoch_ms + world.now()) / 1000 + 3600;
    assert!(stamp.abs_diff(expected) < 5, "{stamp} {expected}");
}

#[test]
fn a_member_off_line_is_told_to_whoever_whispers_and_hears_nothing() {
    let mut world = world(7, 3);
    world.log_off(2);
    world.act(1, award(0));
    world.run_until(world.now() + 2_000);
    assert!(world.profiles(2).active().is_empty());
    world.log_on(2);
    world.run_until(world.now() + 2_000);
    assert_eq!(world.failures, Vec::<String>::new());
}
