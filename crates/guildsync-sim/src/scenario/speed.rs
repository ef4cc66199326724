//! How fast the simulator runs: raids of forty members, idle and busy, to be timed by whoever has a clock.

use std::collections::BTreeSet;

use super::{Lack, Scenario, Stock};
use crate::channel::Weather;
use crate::dice::Dice;
use crate::world::{Act, World};

/// What the members do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Nothing: heartbeats only.
    Idle,
    /// Somebody awards every ten seconds, as in a raid; every twentieth frame is lost to a receiver.
    Raid,
    /// Somebody awards every second, as nobody does.
    Busy,
}

/// Forty members with the same 10,000 entries on the retail channel.
#[derive(Debug)]
pub struct Raid {
    world: World,
    load: Load,
    dice: Dice,
}

/// What a raid did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// Steps of replicas.
    pub steps: u64,
    /// Frames sent.
    pub frames: u64,
}

impl Load {
    /// All loads.
    pub const ALL: [Self; 3] = [Self::Idle, Self::Raid, Self::Busy];

    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle, heartbeats only",
            Self::Raid => "an award every 10 s, 5 % loss",
            Self::Busy => "an award every second, 5 % loss",
        }
    }

    fn every_ms(self) -> Option<u64> {
        match self {
            Self::Idle => None,
            Self::Raid => Some(10_000),
            Self::Busy => Some(1_000),
        }
    }
}

impl Raid {
    /// A raid whose members have found out that they have the same.
    #[must_use]
    pub fn new(load: Load) -> Self {
        let loss = if load == Load::Idle { 0.0 } else { 0.05 };
        let weather = Weather { loss, ..Weather::calm() };
        let scenario = Scenario { weather, ..Scenario::new("speed", 40, Lack::Nothing) };
        let stock = Stock::new(&scenario, &mut Dice::for_purpose(0, 20));
        let mut world = scenario.world(&stock, 0, false);
        world.set_group(&(0..scenario.members).collect::<BTreeSet<_>>(), 0);
        world.run_until(60_000);
        Self { world, load, dice: Dice::for_purpose(0, 23) }
    }

    /// Lets so much virtual time pass.
    pub fn run(&mut self, ms: u64) {
        let end = self.world.now() + ms;
        let every = self.load.every_ms();
        while let Some(every) = every.filter(|every| self.world.now() + every <= end) {
            let author = self.dice.below(self.world.len());
            let targets = vec![self.dice.below(self.world.len())];
            self.world.act(author, Act::Award { targets, hundredths: 500 });
            self.world.run_until(self.world.now() + every);
        }
        self.world.run_until(end);
    }

    /// What was done since the world began.
    #[must_use]
    pub fn work(&self) -> Work {
        let World { n_steps, trace, .. } = &self.world;
        Work { virtual_ms: self.world.now(), steps: *n_steps, frames: trace.frames }
    }
}

impl Work {
    /// What was done after `earlier`.
    #[must_use]
    pub fn after(self, earlier: Self) -> Self {
        Self {
            virtual_ms: self.virtual_ms - earlier.virtual_ms,
            steps: self.steps - earlier.steps,
            frames: self.frames - earlier.frames,
        }
    }
}
