//! What syncing costs: scenarios as data, run to convergence, beside the least that they could take.
//!
//! - here: the scenarios and what one run of them gives
//! - [`stock`]: the log that they share, and what each member has of it
//! - [`bound`]: the fewest frames and seconds that the information needs
//! - `live`: how soon a new entry is everywhere

use std::collections::BTreeSet;

use guildsync::Config;
use guildsync::leader::SyncPlan;
use guildsync::log::{Log, Profiles};
use guildsync::transport::ChannelProfile;
use guildsync::types::SecretKey;
use serde::Serialize;

use crate::channel::Weather;
use crate::dice::Dice;
use crate::oracle::state_of;
use crate::run::name;
use crate::trace::Record;
use crate::world::{Growth, Newcomer, Setup, World};

pub mod bound;
mod live;
pub mod stock;

pub use bound::Bound;
pub use stock::{Corpus, Stock};

/// Who lacks what of the log that the leader has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Nobody lacks anything.
    Nothing,
    /// Every member but the leader lacks the same newest entries.
    Same(usize),
    /// Every member but the leader lacks the last `each` entries of 1 to `writers` of the ten writers,
    /// chosen so that no two lack the same as long as there are choices left.
    Tails {
        /// Entries of a writer.
        each: usize,
        /// Writers, at most.
        writers: usize,
    },
    /// One member, the last, lacks the newest entries; all others have everything.
    One(usize),
    /// So many members, the leader last among them, each wrote that many entries that nobody else has.
    Officers {
        /// How many, at most ten.
        n: usize,
        /// Entries of each.
        each: usize,
    },
    /// Nobody lacks anything; then this many entries are written, one after the other.
    Live(usize),
}

/// One scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// How many members, the leader included.
    pub members: usize,
    /// Entries in the leader's log.
    pub entries: usize,
    /// Who lacks what.
    pub lack: Lack,
    /// Which log.
    pub corpus: Corpus,
    /// What the channel carries.
    pub channel: ChannelProfile,
    /// What else it does.
    pub weather: Weather,
    /// The plan.
    pub plan: SyncPlan,
    /// How many members may help the leader.
    pub helpers: usize,
}

/// What a scenario took.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// The scenario's name.
    pub scenario: String,
    /// How many members.
    pub members: usize,
    /// Whether all had the same in the end.
    pub converged: bool,
    /// One hash over heads and standings of the leader's log in the end.
    pub state_hash: String,
    /// Frames that the channel took.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Until the last member had everything.
    pub virtual_seconds: f64,
    /// The fewest frames of the busiest sender.
    pub bound_frames: u64,
    /// The shortest time that these take.
    pub bound_seconds: f64,
    /// Frames of whoever sent most.
    pub busiest_frames: u64,
    /// Frames of all others: the members' own answers.
    pub answer_frames: u64,
    /// Live entries: the time that 99 of 100 took to each member, in milliseconds.
    pub live_p99_ms: Option<u64>,
    /// What broke off the run, if anything did.
    pub failure: Option<String>,
    /// The hash over all frames.
    pub trace_hash: String,
}

/// A run to look at: its cost, and what happened.
#[derive(Debug)]
pub struct Seen {
    /// What it took.
    pub cost: Cost,
    /// By member: name, frames sent, bytes sent, when it had everything (milliseconds).
    pub members: Vec<(String, u64, u64, u64)>,
    /// When whose log grew.
    pub growth: Vec<Growth>,
    /// The trace, if it was asked for.
    pub records: Vec<Record>,
}

/// Longer than this no scenario is waited for, in virtual milliseconds: the seed's own way takes long.
const PATIENCE_MS: u64 = 4 * 3_600_000;
/// What is sent in the time after everyone has everything still belongs to the cost.
const SETTLE_MS: u64 = 2_000;

impl Scenario {
    /// A scenario of the table: 10,000 entries of corpus I, the retail channel, the broadcast plan.
    #[must_use]
    pub fn new(name: &'static str, members: usize, lack: Lack) -> Self {
        Self {
            name,
            members,
            entries: 10_000,
            lack,
            corpus: Corpus::Independent,
            channel: ChannelProfile::retail(),
            weather: Weather::calm(),
            plan: SyncPlan::Broadcast,
            helpers: 0,
        }
    }

    /// The rows of the cost table.
    #[must_use]
    pub fn table() -> Vec<Self> {
        let rough = || Weather { loss: 0.2, reorder: 0.2, duplicate: 0.1, ..Weather::calm() };
        let rows = [
            Self::new("in sync", 40, Lack::Nothing),
            Self::new("same 500", 40, Lack::Same(500)),
            Self::new("tails", 40, Lack::Tails { each: 50, writers: 3 }),
            Self::new("late joiner", 40, Lack::One(1000)),
            Self { helpers: 2, ..Self::new("late joiner, helped", 40, Lack::One(1000)) },
            Self::new("first contact", 40, Lack::One(usize::MAX)),
            Self { helpers: 2, ..Self::new("first contact, helped", 40, Lack::One(usize::MAX)) },
            Self::new("officers", 40, Lack::Officers { n: 10, each: 100 }),
            Self { weather: rough(), ..Self::new("same 500, rough", 40, Lack::Same(500)) },
            Self {
                weather: Weather { loss: 0.05, ..Weather::calm() },
                ..Self::new("live", 40, Lack::Live(100))
            },
        ];
        let on_r = rows.clone().map(|row| Self { corpus: Corpus::Correlated, ..row });
        rows.into_iter().chain(on_r).collect()
    }

    /// Runs it with a seed. `records` keeps the trace.
    #[must_use]
    pub fn run(&self, seed: u64, records: bool) -> Seen {
        let stock = Stock::new(self, &mut Dice::for_purpose(seed, 20));
        let bound = Bound::of(self, &stock);
        let mut world = self.world(&stock, seed, records);
        let everyone: BTreeSet<usize> = (0..self.members).collect();
        world.set_group(&everyone, 0);
        let live_p99_ms = match self.lack {
            Lack::Live(n) => Some(live::p99_ms(&mut world, n, &mut Dice::for_purpose(seed, 21))),
            _ => None,
        };
        let converged = self.wait(&mut world);
        let grew =
            |member| world.growth.iter().filter(move |g| g.member == member).map(|g| g.at).max();
        let whole: Vec<u64> = (0..self.members).map(|m| grew(m).unwrap_or(0)).collect();
        let busiest = world.frames_of.iter().copied().max().unwrap_or(0);
        let cost = Cost {
            scenario: self.title(),
            members: self.members,
            converged,
            state_hash: state_of(world.profiles(0).active()).to_string(),
            frames: world.trace.frames,
            bytes: world.trace.bytes,
            virtual_seconds: whole.iter().copied().max().unwrap_or(0) as f64 / 1000.0,
            bound_frames: bound.frames,
            bound_seconds: bound.seconds,
            busiest_frames: busiest,
            answer_frames: world.trace.frames - busiest,
            live_p99_ms,
            failure: world.failures.first().cloned(),
            trace_hash: world.trace.hash(),
        };
        let line = |m: usize| {
            let name = world.member(m).name.as_str().to_owned();
            (name, world.frames_of[m], world.bytes_of[m], whole[m])
        };
        let members = (0..self.members).map(line).collect();
        Seen { cost, members, growth: world.growth, records: world.trace.into_records() }
    }

    /// Name, corpus, channel and plan in a few words.
    #[must_use]
    pub fn title(&self) -> String {
        let plan = match self.plan {
            SyncPlan::Broadcast => "",
            SyncPlan::Queue { .. } => ", queue",
        };
        format!("{} ({}, {}{plan})", self.name, self.corpus.letter(), self.channel.name)
    }

    fn world(&self, stock: &Stock, seed: u64, records: bool) -> World {
        let setup = Setup {
            seed,
            channel: self.channel,
            weather: self.weather.clone(),
            config: Config { plan: self.plan, helpers: self.helpers, ..Config::default() },
            epoch_ms: stock.epoch_ms,
            tell_ms: (0, 0),
            disk_ms: (2, 2),
            keeps_disks: false,
            records,
            watches: false,
        };
        let mut dice = Dice::for_purpose(seed, 22);
        let newcomer = |member: usize| {
            let log = stock.log_of(member);
            let id = log.profile().id;
            let whole = Profiles::restore([log], id, std::collections::BTreeMap::new());
            let key = stock.key_of(member).cloned();
            let key = key.unwrap_or_else(|| SecretKey::from_seed(&dice.bytes()));
            let profiles = whole.unwrap_or_default();
            Newcomer { name: name(member), key, profiles, has_program: true }
        };
        World::new(setup, (0..self.members).map(newcomer).collect())
    }

    /// Until everyone has the same, and a little longer; false if that took too long.
    fn wait(&self, world: &mut World) -> bool {
        let entries = |log: &Log| log.len();
        let most = self.entries;
        let began = world.now();
        loop {
            let digest = world.profiles(0).active().digest();
            let equal = |member| {
                let log = world.profiles(member).active();
                entries(log) >= most && log.digest() == digest
            };
            if (0..self.members).all(equal) {
                world.run_until(world.now() + SETTLE_MS);
                return true;
            }
            let next = world.next_at();
            if next.is_none() || world.now() > began + PATIENCE_MS || !world.failures.is_empty() {
                return false;
            }
            world.run_until(next.unwrap_or(0).max(world.now() + 100));
        }
    }
}
