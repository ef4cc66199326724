//! What syncing costs: scenarios as data, run to convergence, beside the least that they could take.
//!
//! - here: a scenario, and what one run of it gives
//! - [`stock`]: the log that they share, and what each member has of it
//! - [`bound`]: the fewest frames and seconds that the information needs
//! - `live`: how soon a new entry is everywhere
//! - [`table`]: the scenarios of `docs/cost.md`, with what each must take at most
//! - [`cost`]: all of them run, the tables of `docs/cost.md`, and what they miss
//! - [`finding`]: what it takes to find out what is missing, of a million entries
//! - [`sheets`]: what assignment sheets cost
//! - [`speed`]: raids to time the simulator by

use std::collections::BTreeSet;

use guildsync::leader::{Dialect, SyncPlan};
use guildsync::log::Profiles;
use guildsync::transport::ChannelProfile;
use guildsync::types::SecretKey;
use guildsync::{Config, Replica};
use serde::Serialize;

use crate::channel::Weather;
use crate::dice::Dice;
use crate::oracle::state_of;
use crate::run::name;
use crate::trace::Record;
use crate::world::{Growth, Newcomer, Setup, World};

pub mod bound;
pub mod cost;
pub mod finding;
mod live;
pub mod sheets;
pub mod speed;
pub mod stock;
pub mod table;

pub use bound::Bound;
pub use stock::{Corpus, Stock};

/// Who lacks what of the log that the leader has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Nobody lacks anything: what it costs to find that out.
    Nothing,
    /// Nobody lacks anything, and all have said so: what the heartbeat after that costs.
    Confirmed,
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
    /// How many members wrote it, the first ones: at most 20, as many as the generator's officers.
    pub writers: usize,
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
    /// How messages are written.
    pub dialect: Dialect,
    /// How many members may help the leader.
    pub helpers: usize,
    /// How long it is waited for, in virtual milliseconds.
    pub patience_ms: u64,
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
    /// Until the last member had everything; where nobody lacked anything, until the leader knew.
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

/// A member's part in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberCost {
    /// Its name.
    pub name: String,
    /// Frames that it sent.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Entries that it had in the beginning.
    pub n_before: usize,
    /// Entries that it had in the end.
    pub n_after: usize,
    /// When its log grew for the last time, in virtual milliseconds; 0 if it never did.
    pub whole_ms: u64,
}

/// A run to look at: its cost, and what happened.
#[derive(Debug)]
pub struct Seen {
    /// What it took.
    pub cost: Cost,
    /// The members, the leader first.
    pub members: Vec<MemberCost>,
    /// When whose log grew.
    pub growth: Vec<Growth>,
    /// The trace, if it was asked for.
    pub records: Vec<Record>,
}

/// Longer than this no scenario is waited for unless it says so, in virtual milliseconds.
const PATIENCE_MS: u64 = 3_600_000;
/// What is sent in the time after everyone has everything still belongs to the cost.
const SETTLE_MS: u64 = 2_000;
const LOOK_EVERY_MS: u64 = 100;

impl Scenario {
    /// A scenario of the table: 10,000 entries of corpus I, the retail channel, the broadcast plan.
    #[must_use]
    pub fn new(name: &'static str, members: usize, lack: Lack) -> Self {
        Self {
            name,
            members,
            entries: 10_000,
            writers: stock::WRITERS,
            lack,
            corpus: Corpus::Independent,
            channel: ChannelProfile::retail(),
            weather: Weather::calm(),
            plan: SyncPlan::Broadcast,
            dialect: Dialect::Compact,
            helpers: 0,
            patience_ms: PATIENCE_MS,
        }
    }

    /// The same in the seed's own way: every list of ids in decimal digits, entries as pipe text, members
    /// one after the other by whisper.
    #[must_use]
    pub fn in_the_seeds_way(self) -> Self {
        Self { plan: SyncPlan::queue(), dialect: Dialect::Text, helpers: 0, ..self }
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
        let mut since = Sent::default();
        let (mut converged, mut done_ms) = (self.wait(&mut world), None);
        if self.lack == Lack::Confirmed && converged {
            world.run_until(world.now() + SETTLE_MS);
            (since, converged) = (Sent::of(&world), false);
        }
        if matches!(self.lack, Lack::Nothing | Lack::Confirmed) {
            let began = self.wait_for(&mut world, |world| world.trace.frames > since.frames);
            let done = self.wait_for(&mut world, |world| {
                world.member(0).replica().is_some_and(Replica::is_settled)
            });
            done_ms = began.zip(done).map(|(began, done)| done - began);
            converged = done_ms.is_some();
        }
        if converged {
            // What is still on its way belongs to the cost.
            world.run_until(world.now() + SETTLE_MS);
        }
        let grew =
            |member| world.growth.iter().filter(move |g| g.member == member).map(|g| g.at).max();
        let whole: Vec<u64> = (0..self.members).map(|m| grew(m).unwrap_or(0)).collect();
        let last_ms = done_ms.or_else(|| whole.iter().copied().max()).unwrap_or(0);
        let sent = Sent::of(&world).after(&since);
        let busiest = sent.frames_of.iter().copied().max().unwrap_or(0);
        let cost = Cost {
            scenario: self.title(),
            members: self.members,
            converged,
            state_hash: state_of(world.profiles(0).active()).to_string(),
            frames: sent.frames,
            bytes: sent.bytes,
            virtual_seconds: last_ms as f64 / 1000.0,
            bound_frames: bound.frames,
            bound_seconds: bound.seconds,
            busiest_frames: busiest,
            answer_frames: sent.frames - busiest,
            live_p99_ms,
            failure: world.failures.first().cloned(),
            trace_hash: world.trace.hash(),
        };
        let line = |m: usize| MemberCost {
            name: world.member(m).name.as_str().to_owned(),
            frames: world.frames_of[m],
            bytes: world.bytes_of[m],
            n_before: stock.len_of(m),
            n_after: world.profiles(m).active().len(),
            whole_ms: whole[m],
        };
        let members = (0..self.members).map(line).collect();
        Seen { cost, members, growth: world.growth, records: world.trace.into_records() }
    }

    /// Name, corpus, channel and plan in a few words.
    #[must_use]
    pub fn title(&self) -> String {
        let (letter, channel, plan) = (self.corpus.letter(), self.channel.name, self.plan_name());
        let plan = if plan == "broadcast" { String::new() } else { format!(", {plan}") };
        format!("{} ({letter}, {channel}{plan})", self.name)
    }

    /// The plan's name: `broadcast`, `queue`, or `seed` for the queue in the text dialect.
    #[must_use]
    pub fn plan_name(&self) -> &'static str {
        match (self.plan, self.dialect) {
            (SyncPlan::Broadcast, _) => "broadcast",
            (SyncPlan::Queue { .. }, Dialect::Compact) => "queue",
            (SyncPlan::Queue { .. }, Dialect::Text) => "seed",
        }
    }

    fn world(&self, stock: &Stock, seed: u64, records: bool) -> World {
        let setup = Setup {
            seed,
            channel: self.channel,
            weather: self.weather.clone(),
            config: Config {
                plan: self.plan,
                dialect: self.dialect,
                helpers: self.helpers,
                ..Config::default()
            },
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

    /// Until everyone has the same; false if that took too long.
    fn wait(&self, world: &mut World) -> bool {
        let equal = |world: &World| {
            let digest = world.profiles(0).active().digest();
            let is_equal = |member| {
                let log = world.profiles(member).active();
                log.len() >= self.entries && log.digest() == digest
            };
            (0..self.members).all(is_equal)
        };
        // Comparing all is dear: only now and then.
        let mut looked_at = None;
        let found = self.wait_for(world, |world| {
            let is_due = looked_at.is_none_or(|at| world.now() >= at + LOOK_EVERY_MS);
            is_due && {
                looked_at = Some(world.now());
                equal(world)
            }
        });
        found.is_some()
    }

    /// Runs the world, event by event, until `is_so`, and says when that was; `None` if it took too long.
    fn wait_for(&self, world: &mut World, mut is_so: impl FnMut(&World) -> bool) -> Option<u64> {
        let limit = world.now() + self.patience_ms;
        while !is_so(world) {
            let next = world.next_at().filter(|next| *next <= limit)?;
            world.run_until(next);
            if !world.failures.is_empty() {
                return None;
            }
        }
        Some(world.now())
    }
}

/// What was sent up to a moment.
#[derive(Debug, Default)]
struct Sent {
    frames: u64,
    bytes: u64,
    frames_of: Vec<u64>,
}

impl Sent {
    fn of(world: &World) -> Self {
        let (frames, bytes) = (world.trace.frames, world.trace.bytes);
        Self { frames, bytes, frames_of: world.frames_of.clone() }
    }

    /// What was sent after `earlier`.
    fn after(self, earlier: &Self) -> Self {
        let before = earlier.frames_of.iter().copied().chain(std::iter::repeat(0));
        Self {
            frames: self.frames - earlier.frames,
            bytes: self.bytes - earlier.bytes,
            frames_of: self.frames_of.iter().zip(before).map(|(now, then)| now - then).collect(),
        }
    }
}
