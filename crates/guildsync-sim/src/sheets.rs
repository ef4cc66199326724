//! Runs in which members have assignment sheets: the real replicas on the same channel and with the same
//! faults as the other runs, and books of their own.
//!
//! One seed is one run: a raid publishes sheets and edits them while things go wrong, all is healed, and
//! everyone has to hold everything that was written, as books tell that believe no replica.
//!
//! - here: the phases of a run; [`Story`]: what runs are about
//! - [`options`], [`users`]: what a seed draws; `faults`: what strikes
//! - [`cells`]: generated sheets as sections, and back; [`side`]: what a world has besides
//! - `books`: who wrote and held what
//! - `healing`: what is demanded when all is well; [`coverage`]: what has to be reached

use std::collections::BTreeSet;

use guildsync::Notice;
use guildsync::log::Profiles;
use guildsync::transport::ChannelProfile;
use guildsync::types::SecretKey;
use serde::Serialize;

use crate::dice::Dice;
use crate::faults::Fault;
use crate::many::{Kind, Numbers, Outcome};
use crate::phase::Chaos;
use crate::run::{Failure, name};
use crate::trace::Record;
use crate::world::{Newcomer, World};

pub(crate) mod books;
pub mod cells;
pub mod coverage;
mod faults;
mod healing;
pub mod options;
pub mod side;
pub mod users;

use books::Books;
use options::Options;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Story {
    /// Whatever the seed draws.
    Mixed,
    /// Frames are lost, repeated and overtaken.
    Loss,
    /// Nothing goes wrong, and all edit at once.
    AllEdit,
    /// Whoever sends or receives leaves, and comes back.
    Interrupted,
    /// 25 to 40 members.
    LargeRaid,
    /// Some throw documents away where they are, which no seed draws by itself: what others have then is not always
    /// whole as its editor had it.
    ThrowAway,
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Mixed,
        Self::Loss,
        Self::AllEdit,
        Self::Interrupted,
        Self::LargeRaid,
        Self::ThrowAway,
    ];

    /// Its name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Loss => "loss",
            Self::AllEdit => "all-edit",
            Self::Interrupted => "interrupted",
            Self::LargeRaid => "large-raid",
            Self::ThrowAway => "throw-away",
        }
    }
}

/// What is the same for all seeds of a campaign.
#[derive(Debug, Clone, Default)]
pub struct SheetBase {
    /// The channel; `None` lets each seed draw one, retail mostly.
    pub channel: Option<ChannelProfile>,
    /// What runs are about; `None` lets each seed draw it.
    pub story: Option<Story>,
    /// Whether nothing goes wrong: people only.
    pub calm: bool,
}

/// A run in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Acts that were acknowledged to their authors.
    pub acknowledged: u64,
    /// Transfers of a document that somebody lacked something of, counted where they ended.
    pub transfers: u64,
    /// Of those, how many came without a question of the receiver's own.
    pub unasked: u64,
    /// Conflicts that were left in the end, counted at one member.
    pub conflicts: u64,
    /// The most members that answered the same within three seconds, where nothing went wrong.
    pub answerers_max: u64,
    /// The longest heal, in virtual milliseconds.
    pub heal_ms_max: u64,
    /// The longest that screens took to follow, in virtual milliseconds.
    pub cursor_ms_max: u64,
}

impl Numbers for Sums {
    fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.transfers += other.transfers;
        self.unasked += other.unasked;
        self.conflicts += other.conflicts;
        self.answerers_max = self.answerers_max.max(other.answerers_max);
        self.heal_ms_max = self.heal_ms_max.max(other.heal_ms_max);
        self.cursor_ms_max = self.cursor_ms_max.max(other.cursor_ms_max);
    }

    fn words(&self) -> String {
        let Self { acknowledged, transfers, unasked, conflicts, answerers_max, .. } = self;
        format!(
            "{acknowledged} acts acknowledged, {transfers} transfers, {unasked} of them unasked, {conflicts} \
             conflicts left, at most {answerers_max} answer the same at once, longest heal {} s, longest way of a cursor {:.1} s",
            self.heal_ms_max / 1000,
            self.cursor_ms_max as f64 / 1000.0,
        )
    }
}

/// Runs of this kind.
pub fn kind(
    base: &SheetBase,
) -> Kind<impl Fn(u64, bool) -> (Outcome<Sums>, Vec<Record>) + Sync + '_> {
    let is_whole = !base.calm && base.story.is_none() && base.channel.is_none();
    let required = if is_whole { coverage::REQUIRED } else { &[] };
    Kind { run: |seed, records| run(seed, base, records), required }
}

/// Runs a seed. With `records`, everything that happened comes back with the outcome.
#[must_use]
pub fn run(seed: u64, base: &SheetBase, records: bool) -> (Outcome<Sums>, Vec<Record>) {
    let mut run = Run::new(seed, base, records);
    let failed = run.phases().err();
    run.finish(failed)
}

struct Run {
    options: Options,
    world: World,
    dice: Dice,
    phase: &'static str,
    heal_ms: u64,
    cursor_ms: u64,
}

impl Run {
    fn new(seed: u64, base: &SheetBase, records: bool) -> Self {
        let options = Options::draw(seed, base);
        let mut dice = Dice::for_purpose(seed, 10);
        let newcomer = |i| {
            let key = SecretKey::from_seed(&dice.bytes());
            Newcomer { name: name(i), key, profiles: Profiles::default(), has_program: true }
        };
        let newcomers: Vec<Newcomer> = (0..options.n_members()).map(newcomer).collect();
        let n = newcomers.len();
        let mut world = World::new(options.setup(records), newcomers);
        world.sheets.books = Some(Box::new(Books::new(n)));
        world.be_without_logs();
        world.trace.event(0, format_args!("{options}"));
        for (member, config) in options.configs.iter().enumerate() {
            world.set_sheet_config(member, config.clone());
        }
        world.set_assistants(&options.assistants);
        options.tell(&mut world.seen);
        options.faults.begin(&mut world, &mut dice);
        Self { options, world, dice, phase: "alone", heal_ms: 0, cursor_ms: 0 }
    }

    fn phases(&mut self) -> Result<(), String> {
        self.alone()?;
        self.chaos()?;
        self.enter("heal");
        self.calm()?;
        self.heal_in_mild_weather()?;
        self.enter("follow");
        self.follow()?;
        self.enter("restart");
        self.restart()?;
        self.enter("quiet");
        self.quiet()
    }

    /// Some publish before there is a raid; then most of them form one.
    fn alone(&mut self) -> Result<(), String> {
        let Self { world, options, dice, .. } = self;
        for _ in 0..dice.below(3) {
            users::publish(world, options, dice);
            if dice.happens(0.5) {
                users::edit(world, options, 1, false, dice);
            }
        }
        let group: BTreeSet<usize> = (0..world.len()).filter(|_| dice.happens(0.85)).collect();
        let leader = dice.below(world.len());
        self.world.advance(5_000)?;
        self.world.set_group(&group, leader);
        Ok(())
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
        self.world.advance(1_000)
    }

    fn enter(&mut self, phase: &'static str) {
        self.phase = self.world.enter(phase);
    }

    fn finish(self, failed: Option<String>) -> (Outcome<Sums>, Vec<Record>) {
        let Self { options, mut world, phase, heal_ms, cursor_ms, .. } = self;
        let failure = failed.map(|what| Failure { phase, at_ms: world.now(), what });
        let (mut transfers, mut unasked) = (0, 0);
        for told in std::mem::take(&mut world.sheets.told) {
            if let Notice::SheetFinished(report) = told.notice {
                transfers += 1;
                unasked += u64::from(report.asked == 0);
            }
        }
        let books = world.sheets.books.as_ref();
        let sums = Sums {
            acknowledged: books.map_or(0, |books| books.n_acknowledged as u64),
            transfers,
            unasked,
            conflicts: world.shelf(0).iter().map(|held| held.conflicts().len() as u64).sum(),
            answerers_max: books.map_or(0, |books| books.most_answer as u64),
            heal_ms_max: heal_ms,
            cursor_ms_max: cursor_ms,
        };
        if options.faults.strength(Fault::SlowDisk) > 0.0 {
            world.seen.hit("fault: slow disk");
        }
        Outcome::of(world, options.to_string(), failure, sums)
    }
}
