//! Runs in which members have tables: the real replicas and the real store, on the same channel and with
//! the same faults as the other runs, and books of their own.
//!
//! One seed is one run: records are dealt out, people write and sync while things go wrong, all is healed,
//! everyone syncs, and everyone has to hold what counts, as books tell that believe no replica. Some seeds
//! are about one session instead, interrupted after exactly so many frames.
//!
//! - here: the phases of a run; [`Story`]: what runs are about
//! - [`options`], [`users`]: what a seed draws; `deal`: what is there at the beginning; `faults`: what strikes
//! - `side`: what a world has besides; `volume`: a store on a disk that forgets what was not synced
//! - `books`: who wrote and held what; `reference`: what everyone has to hold in the end
//! - `healing`: what is demanded when all is well; [`restarts`]: interrupted sessions
//! - [`campaign`]: many runs; `crate::bugs` hunts deliberate bugs

use guildsync::log::Profiles;
use guildsync::tables::{Config, Record as TableRecord, SetupRule, TableKind, Tables};
use guildsync::transport::ChannelProfile;
use guildsync::types::{Hash, SecretKey};
use serde::Serialize;

use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::phase::Chaos;
use crate::run::{Failure, name};
use crate::trace::Record;
use crate::world::{Newcomer, World};

pub(crate) mod books;
pub mod campaign;
mod deal;
mod faults;
mod healing;
pub mod options;
mod reference;
pub mod restarts;
pub(crate) mod side;
pub mod users;
pub(crate) mod volume;

use options::{Options, guild};
use side::{One, Side, Sums};
use volume::Volume;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Story {
    /// Whatever the seed draws.
    Mixed,
    /// Frames are lost, repeated and overtaken.
    Loss,
    /// One session, interrupted after a frame that the seed draws.
    Restarts,
    /// Nothing goes wrong, and everyone writes while sessions run.
    AllWrite,
    /// Three guilds that share all of their tables.
    ThreeGuilds,
    /// Clocks are wrong by minutes to days.
    ClockSkew,
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Mixed,
        Self::Loss,
        Self::Restarts,
        Self::AllWrite,
        Self::ThreeGuilds,
        Self::ClockSkew,
    ];

    /// Its name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Loss => "loss",
            Self::Restarts => "restarts",
            Self::AllWrite => "all-write",
            Self::ThreeGuilds => "three-guilds",
            Self::ClockSkew => "clock-skew",
        }
    }
}

/// What is the same for all seeds of a campaign.
#[derive(Debug, Clone, Default)]
pub struct TableBase {
    /// The channel; `None` lets each seed draw one, retail mostly.
    pub channel: Option<ChannelProfile>,
    /// What runs are about; `None`: one in four is [`Story::Restarts`], the others are mixed.
    pub story: Option<Story>,
    /// Whether nothing goes wrong: people only.
    pub calm: bool,
}

/// What became of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// Its options, in a line.
    pub options: String,
    /// The hash over every frame.
    pub hash: String,
    /// Where it failed and why.
    pub failure: Option<Failure>,
    /// What it reached.
    pub seen: Coverage,
    /// Steps of replicas.
    pub n_steps: u64,
    /// Changes that were acknowledged.
    pub n_acknowledged: usize,
    /// Sessions that ended, counted on each side.
    pub n_sessions: u64,
    /// How long healing took, in virtual milliseconds.
    pub heal_ms: u64,
    /// The numbers that people are shown.
    pub summary: Summary,
}

/// A run in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Whether all that was demanded held.
    pub converged: bool,
    /// Frames that the channel took.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// From the beginning to the end.
    pub virtual_seconds: u64,
    /// Records that those who began sessions got.
    pub pulled: u64,
    /// Records that they sent.
    pub pushed: u64,
    /// Times that two versions of one second met.
    pub conflicts: u64,
    /// Over the tables of all members, in hexadecimal digits.
    pub state_hash: String,
}

/// Runs a seed. With `records`, everything that happened comes back with the outcome.
#[must_use]
pub fn run(seed: u64, base: &TableBase, records: bool) -> (Outcome, Vec<Record>) {
    let mut run = Run::new(seed, base, records);
    let failed = run.phases().err();
    run.finish(failed)
}

struct Run {
    base: TableBase,
    options: Options,
    world: World,
    dice: Dice,
    phase: &'static str,
    heal_ms: u64,
}

impl Run {
    fn new(seed: u64, base: &TableBase, records: bool) -> Self {
        let options = Options::draw(seed, base);
        let mut dice = Dice::for_purpose(seed, 7);
        let n = options.n_members();
        let keys: Vec<SecretKey> = (0..n).map(|_| SecretKey::from_seed(&dice.bytes())).collect();
        let mut broken = None;
        let mut ones = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let volume = Volume::new(key.clone(), Dice::for_purpose(seed, 2000 + i as u64));
            let (guild, config) = (guild(options.guild_of[i]), options.configs[i].clone());
            match volume {
                Ok(volume) => ones.push(One::new(name(i), guild, config, volume)),
                Err(why) => broken = Some(why),
            }
        }
        let n_sound = ones.len();
        let newcomers = keys.into_iter().take(n_sound).enumerate().map(|(i, key)| Newcomer {
            name: name(i),
            key,
            profiles: Profiles::default(),
            has_program: true,
        });
        let side = Side::new(ones, options.rights(), options.forger);
        let mut world = World::with_tables(options.setup(records), newcomers.collect(), side);
        world.trace.event(0, format_args!("{options}"));
        if let Some(why) = broken {
            world.fail(format!("a store cannot be made: {why}"));
        }
        faults::begin(&mut world, &options);
        options.tell(&mut world.seen);
        let base = base.clone();
        Self { base, options, world, dice, phase: "deal", heal_ms: 0 }
    }

    fn phases(&mut self) -> Result<(), String> {
        match self.options.story {
            Story::Restarts => {
                self.enter("interrupted");
                self.interrupt_somewhere()?;
            }
            _ => {
                self.deal()?;
                self.chaos()?;
            }
        }
        self.enter("heal");
        self.calm()?;
        self.heal()?;
        self.enter("say so");
        self.say_so()?;
        self.enter("restart");
        self.restart()?;
        self.enter("again");
        self.rest()?;
        self.say_so()
    }

    fn chaos(&mut self) -> Result<(), String> {
        self.enter("chaos");
        let Self { world, options, dice, .. } = self;
        let (act_ms, strike_ms) = (options.users.every_ms, options.strike_ms);
        let chaos = Chaos { ms: options.chaos_ms, act_ms, strike_ms };
        let act =
            |world: &mut World, dice: &mut Dice| options.users.do_something(world, options, dice);
        let strike = |world: &mut World, dice: &mut Dice| faults::strike(world, options, dice);
        chaos.run(world, dice, act, strike)?;
        self.world.advance(5_000)
    }

    fn enter(&mut self, phase: &'static str) {
        self.phase = self.world.enter(phase);
    }

    fn failure(&self, what: String) -> Failure {
        Failure { phase: self.phase, at_ms: self.world.now(), what }
    }

    fn finish(mut self, failed: Option<String>) -> (Outcome, Vec<Record>) {
        let failure = failed.map(|what| self.failure(what));
        let Sums { pulled, pushed, conflicts, sessions, .. } = self.world.side().sums;
        let n_acknowledged = self.world.side().books.n_acknowledged;
        let state_hash = self.state_hash();
        let Self { world, options, heal_ms, .. } = self;
        let summary = Summary {
            converged: failure.is_none(),
            frames: world.trace.frames,
            bytes: world.trace.bytes,
            virtual_seconds: world.now() / 1000,
            pulled,
            pushed,
            conflicts,
            state_hash,
        };
        let outcome = Outcome {
            seed: options.seed,
            options: options.to_string(),
            hash: world.trace.hash(),
            failure,
            n_steps: world.n_steps,
            n_acknowledged,
            n_sessions: sessions,
            heal_ms,
            summary,
            seen: world.seen,
        };
        (outcome, world.trace.into_records())
    }

    /// Over what all members hold.
    fn state_hash(&self) -> String {
        let tables = (0..self.world.len()).filter_map(|one| self.world.tables_of(one));
        let mut hasher = blake3::Hasher::new();
        for Hash(hash) in tables.map(Tables::state_hash) {
            hasher.update(&hash);
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// Whether a record is a setup that each side keeps as it is, by policy.
fn keeps_setup(config: &Config, record: &TableRecord) -> bool {
    record.table() == TableKind::Setup && config.setup == SetupRule::WhereMissing
}
