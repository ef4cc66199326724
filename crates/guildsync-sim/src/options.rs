//! The options of one run, all drawn by its seed.

use std::fmt;

use guildsync::Config;
use guildsync::leader::{Dialect, ManualSync, Scope, SyncPlan};
use guildsync::transport::ChannelProfile;

use crate::dice::Dice;
use crate::faults::Faults;
use crate::users::Users;
use crate::world::{Sabotage, Setup};

/// What is the same for all seeds of a campaign.
#[derive(Debug, Clone)]
pub struct Base {
    /// The channel; `None` lets each seed draw one.
    pub channel: Option<ChannelProfile>,
    /// Whether healed members leave and join again, for a protocol that starts only then.
    pub regroup: bool,
    /// Whether runs have no faults at all: users only.
    pub calm: bool,
    /// A deliberate fault of the world.
    pub sabotage: Option<Sabotage>,
    /// How long healed members may take.
    pub bounds: Bounds,
}

/// How long healing may take, in virtual time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// For any heal, in milliseconds: silent members, timeouts, heartbeats.
    pub heal_ms: u64,
    /// More for each entry that exists: it may have to be sent to everyone, on any channel. As many times
    /// more where members are served by themselves: [`Options::heal_ms`].
    pub entry_ms: u64,
    /// As many times more where entries are text.
    pub text: u64,
    /// Frames that may be sent a minute for each profile when all are equal and nobody does anything.
    pub quiet_frames: u64,
    /// How long a group may be without a coordinator that answers, in milliseconds: heartbeats missed,
    /// and what came meanwhile.
    pub succession_ms: u64,
    /// More for each member: they stand in a line for it.
    pub rank_ms: u64,
}

/// What one seed drew.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed.
    pub seed: u64,
    /// How many members.
    pub n_members: usize,
    /// What the channel carries.
    pub channel: ChannelProfile,
    /// Every replica's policies.
    pub config: Config,
    /// What goes wrong.
    pub faults: Faults,
    /// What people do.
    pub users: Users,
    /// How long it goes wrong, in milliseconds.
    pub chaos_ms: u64,
    /// Mean time between two strikes, in milliseconds.
    pub strike_ms: f64,
    /// Things done before anybody is grouped, by each member.
    pub n_before: usize,
}

impl Default for Base {
    fn default() -> Self {
        let bounds = Bounds {
            heal_ms: 180_000,
            entry_ms: 100,
            text: 12,
            quiet_frames: 6,
            succession_ms: 210_000,
            rank_ms: 5_000,
        };
        Self { channel: None, regroup: false, calm: false, sabotage: None, bounds }
    }
}

impl Options {
    /// Draws the options of a seed.
    #[must_use]
    pub fn draw(seed: u64, base: &Base) -> Self {
        let mut dice = Dice::for_purpose(seed, 3);
        let dice = &mut dice;
        let n_members = match dice.happens(0.1) {
            true => dice.between(13, 40),
            false => dice.scale(2.0, 13.0) as u64,
        };
        let drawn = dice.of(&ChannelProfile::ALL).copied();
        let channel = base.channel.or(drawn).unwrap_or_else(ChannelProfile::retail);
        let config = Config {
            plan: if dice.happens(0.7) { SyncPlan::Broadcast } else { SyncPlan::queue() },
            manual: if dice.happens(0.3) { ManualSync::Anyone } else { ManualSync::Officers },
            scope: if dice.happens(0.5) { Scope::All } else { Scope::Active },
            auto_switch: dice.happens(0.8),
            helpers: dice.below(4),
            dialect: if dice.happens(0.2) { Dialect::Text } else { Dialect::Compact },
            ..Config::default()
        };
        let faults = Faults::draw(dice);
        Self {
            seed,
            n_members: n_members as usize,
            channel,
            config,
            faults: if base.calm { Faults::default() } else { faults },
            users: Users::draw(dice).in_a_guild_of(n_members as usize),
            chaos_ms: dice.scale(10_000.0, 600_000.0) as u64,
            strike_ms: dice.scale(500.0, 30_000.0),
            n_before: dice.below(10),
        }
    }

    /// How long healing so many entries may take, in milliseconds. What all lack goes out once, if that
    /// `may_be`: unless a policy puts members in a queue, or chains were forked, which go to each member
    /// from their beginning; and unless entries are text, of which nothing is told against what others
    /// hold. Otherwise each member is served, and twice, for what is lost of it.
    #[must_use]
    pub fn heal_ms(&self, bounds: &Bounds, n_entries: u64, may_be: bool) -> u64 {
        let is_text = self.config.dialect == Dialect::Text;
        let is_once = may_be && self.config.plan == SyncPlan::Broadcast && !is_text;
        let times = if is_once { 1 } else { 2 * self.n_members as u64 };
        let text = if is_text { bounds.text } else { 1 };
        bounds.heal_ms + bounds.entry_ms * n_entries * times * text
    }

    /// The world of these options.
    #[must_use]
    pub fn setup(&self, records: bool) -> Setup {
        Setup {
            seed: self.seed,
            channel: self.channel,
            weather: self.faults.weather(),
            config: self.config.clone(),
            epoch_ms: 1_733_083_200_000,
            tell_ms: self.faults.tell_ms(),
            disk_ms: self.faults.disk_ms(),
            keeps_disks: true,
            records,
            watches: true,
        }
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, n_members, channel, config, faults, users, .. } = self;
        write!(
            f,
            "seed {seed}: {n_members} members on {}, {:?}, scope {:?}, chaos for {} s, \
             dialect {:?}, an act every {:.1} s, a strike every {:.1} s; {faults}",
            channel.name,
            config.plan,
            config.scope,
            self.chaos_ms / 1000,
            config.dialect,
            users.every_ms / 1000.0,
            self.strike_ms / 1000.0,
        )
    }
}
