//! The simulator's own tests: it does what it says, and it notices what is wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here and now")]

mod bugs;
mod channel;
mod cost;
mod faults;
mod oracle;
mod runs;
mod scenarios;
mod sheets;
mod tables;
mod together;
mod traces;

use guildsync::log::Profiles;
use guildsync::types::SecretKey;
use guildsync_sim::options::{Base, Options};
use guildsync_sim::run::name;
use guildsync_sim::world::{Newcomer, World};

/// A base whose limits suit the protocol of the day.
pub(crate) fn base() -> Base {
    Base {
        channel: Some(guildsync::transport::ChannelProfile::open()),
        regroup: true,
        ..Base::default()
    }
}

/// A calm world of `n` members on an open channel, grouped, member 0 leading.
pub(crate) fn world(seed: u64, n: usize) -> World {
    let calm = Base { calm: true, ..base() };
    let mut options = Options::draw(seed, &calm);
    options.config = guildsync::Config::default();
    let newcomer = |i: usize| Newcomer {
        name: name(i),
        key: SecretKey::from_seed(&[i as u8 + 1; 32]),
        profiles: Profiles::default(),
        has_program: true,
    };
    let mut world = World::new(options.setup(true), (0..n).map(newcomer).collect());
    world.set_group(&(0..n).collect(), 0);
    world.run_until(5_000);
    world
}
