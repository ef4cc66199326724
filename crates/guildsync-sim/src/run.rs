//! One run: warm-up, chaos, a healed core, everyone healed, quiet, a silent leader, everyone restarted
//! from disk.
//!
//! Safety is checked after every step of every phase; after each heal, progress within a bound. All of
//! it follows from the seed.

use std::collections::BTreeSet;

use guildsync::Replica;
use guildsync::log::Profiles;
use guildsync::types::{MemberName, SecretKey};

use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::faults::{Fault, Loss};
use crate::options::{Base, Options};
use crate::phase::Chaos;
use crate::trace::Record;
use crate::world::{Act, Newcomer, World};

mod healing;

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
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// Steps of replicas.
    pub n_steps: u64,
    /// Frames that the channel took.
    pub n_frames: u64,
    /// Entries acknowledged.
    pub n_acknowledged: usize,
    /// Of those, how many went down with the only disk that had them.
    pub n_lost: usize,
    /// How long each heal took, in virtual milliseconds: core, all, restart.
    pub heal_ms: Vec<u64>,
}

/// A failed run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    /// In which phase.
    pub phase: &'static str,
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// What is wrong.
    pub what: String,
}

/// How often healed members are compared, in virtual milliseconds.
const LOOK_EVERY_MS: u64 = 250;

/// Runs a seed. With `records`, everything that happened comes back with the outcome.
#[must_use]
pub fn run(seed: u64, base: &Base, records: bool) -> (Outcome, Vec<Record>) {
    let mut run = Run::new(Options::draw(seed, base), base.clone(), records);
    let failed = run.phases().err();
    run.finish(failed)
}

struct Run {
    base: Base,
    options: Options,
    world: World,
    dice: Dice,
    phase: &'static str,
    heal_ms: Vec<u64>,
}

impl Run {
    fn new(options: Options, base: Base, records: bool) -> Self {
        let mut dice = Dice::for_purpose(options.seed, 4);
        let silent = options.faults.strength(Fault::Silent);
        let mut n_with = 0;
        let newcomers: Vec<Newcomer> = (0..options.n_members)
            .map(|i| {
                let must = options.n_members - i <= 2usize.saturating_sub(n_with);
                let has_program = must || !dice.happens(silent * 0.6);
                n_with += usize::from(has_program);
                let key = SecretKey::from_seed(&dice.bytes());
                Newcomer { name: name(i), key, profiles: Profiles::default(), has_program }
            })
            .collect();
        let is_silent = newcomers.iter().any(|one| !one.has_program);
        let mut world = World::new(options.setup(records), newcomers);
        world.sabotage = base.sabotage;
        if is_silent {
            world.seen.hit("fault: silent member");
        }
        world.trace.event(0, format_args!("{options}"));
        options.faults.begin(&mut world, &mut dice);
        Self { base, options, world, dice, phase: "warm-up", heal_ms: Vec::new() }
    }

    fn phases(&mut self) -> Result<(), String> {
        self.warm_up()?;
        self.chaos()?;
        let able = self.able();
        let mut core = able.clone();
        let gone = self.dice.unit();
        while core.len() > 2 && self.dice.happens(gone) {
            let out = self.dice.of(&core.iter().copied().collect::<Vec<_>>()).copied();
            out.map(|member| core.remove(&member));
        }
        self.enter("core");
        self.calm();
        self.world.channel.set_weather(self.options.faults.mild_weather());
        let everyone: BTreeSet<usize> = (0..self.world.len()).collect();
        everyone.difference(&core).for_each(|member| self.world.log_off(*member));
        // Those who are not there have left the group, or are in it and never answer.
        let group = if self.dice.happens(0.5) { core.clone() } else { everyone.clone() };
        self.heal(&group, &core, &core, false)?;
        self.enter("all");
        self.calm();
        self.world.drop_late_frames();
        self.heal(&everyone, &everyone, &able, true)?;
        self.enter("quiet");
        self.quiet(&able)?;
        self.enter("succession");
        self.succession(&able)?;
        self.enter("restart");
        self.restart(&able)?;
        self.heal(&everyone, &everyone, &able, true)
    }

    /// Every program ends. What it held is what its disk holds. Now and then one store is older than that
    /// when all come back, and its owner has written as much again, alone: two chains of equal numbers.
    fn restart(&mut self, able: &BTreeSet<usize>) -> Result<(), String> {
        let running =
            able.iter().copied().filter(|one| self.world.member(*one).replica().is_some());
        let running: Vec<usize> = running.collect();
        let goes_back = self.dice.of(&running).copied().filter(|_| self.dice.happens(0.3));
        if let Some(member) = goes_back {
            self.world.back_up(member);
            self.world.act(member, Act::Award { targets: vec![member], hundredths: 1_000 });
            self.world.advance(10_000)?;
        }
        for member in able {
            let heads = |profiles: &Profiles| {
                let entries = profiles.iter().filter(|log| !log.is_empty());
                entries.map(|log| (log.profile().id, log.digest())).collect::<Vec<_>>()
            };
            let held = heads(self.world.profiles(*member));
            let is_writing = self.world.member(*member).is_writing();
            self.world.kill(*member);
            if !is_writing && heads(self.world.profiles(*member)) != held {
                return Err(format!("member {member} held what is not on its disk"));
            }
        }
        if let Some(member) = goes_back {
            self.world.leave(member);
            self.world.lose_disk(member, Loss::SinceBackup);
            self.world.log_on(member);
            self.world.act(member, Act::Award { targets: vec![member], hundredths: 1_000 });
            self.world.advance(3_000)?;
        }
        self.world.advance(0)
    }

    /// The leader's program ends and the game makes nobody else leader: another member coordinates
    /// within a stated time, and finds out who missed what.
    fn succession(&mut self, able: &BTreeSet<usize>) -> Result<(), String> {
        let Some(leader) = self.world.leader().filter(|_| able.len() > 2) else { return Ok(()) };
        let others: BTreeSet<usize> = able.iter().copied().filter(|one| *one != leader).collect();
        self.world.kill(leader);
        let began = self.world.now();
        let list: Vec<usize> = others.iter().copied().collect();
        let late = self.dice.of(&list).copied().unwrap_or(0);
        self.world.channel.mute(late, began + 10_000);
        for member in others.iter().filter(|member| **member != late) {
            let act = crate::users::award(self.world.len(), &mut self.dice);
            self.world.act(*member, act);
        }
        self.world.advance(15_000)?;
        let bound = self.succession_ms() + self.heal_ms().saturating_sub(self.base.bounds.heal_ms);
        loop {
            self.world.advance(LOOK_EVERY_MS)?;
            let successor = others.iter().copied().find(|one| self.coordinates(*one));
            let why = match successor {
                None => "nobody coordinates".to_owned(),
                Some(successor) => match self.is_healed(successor, &others, false) {
                    Ok(()) => return Ok(()),
                    Err(why) => why,
                },
            };
            if self.world.now() > began + bound {
                let seconds = bound / 1000;
                return Err(format!("{seconds} s after the coordinator fell silent: {why}"));
            }
        }
    }

    fn coordinates(&self, member: usize) -> bool {
        self.world.member(member).replica().is_some_and(Replica::is_coordinator)
    }

    /// Members that have the program.
    fn able(&self) -> BTreeSet<usize> {
        (0..self.world.len()).filter(|member| self.world.member(*member).has_program).collect()
    }

    fn enter(&mut self, phase: &'static str) {
        self.phase = self.world.enter(phase);
    }

    fn warm_up(&mut self) -> Result<(), String> {
        for _ in 0..self.options.n_before {
            for member in 0..self.world.len() {
                if self.dice.happens(0.5) {
                    let act = crate::users::award(self.world.len(), &mut self.dice);
                    self.world.act(member, act);
                }
            }
            self.world.advance(2_500)?;
        }
        let group = (0..self.world.len()).filter(|_| self.dice.happens(0.9)).collect();
        let leader = self.dice.below(self.world.len());
        self.world.set_group(&group, leader);
        Ok(())
    }

    fn chaos(&mut self) -> Result<(), String> {
        self.enter("chaos");
        let Self { world, options, dice, .. } = self;
        let (act_ms, strike_ms) = (options.users.every_ms, options.strike_ms);
        let chaos = Chaos { ms: options.chaos_ms, act_ms, strike_ms };
        let act = |world: &mut World, dice: &mut Dice| options.users.do_something(world, dice);
        let strike = |world: &mut World, dice: &mut Dice| options.faults.strike(world, dice);
        chaos.run(world, dice, act, strike)?;
        self.options.faults.finish(&mut self.world, &mut self.dice);
        self.world.advance(5_000)
    }

    fn finish(self, failed: Option<String>) -> (Outcome, Vec<Record>) {
        let Self { world, options, phase, heal_ms, .. } = self;
        let at_ms = world.now();
        let outcome = Outcome {
            seed: options.seed,
            options: options.to_string(),
            hash: world.trace.hash(),
            failure: failed.map(|what| Failure { phase, at_ms, what }),
            virtual_ms: at_ms,
            n_steps: world.n_steps,
            n_frames: world.trace.frames,
            n_acknowledged: world.oracle.n_acknowledged(),
            n_lost: world.oracle.n_lost_with_disks(),
            heal_ms,
            seen: world.seen,
        };
        (outcome, world.trace.into_records())
    }
}

/// The name of member number `i`.
#[must_use]
pub fn name(i: usize) -> MemberName {
    // Two letters are enough for any raid.
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    let text = format!("Mem{}{}-Greyhollow", letter(i / 26), letter(i));
    MemberName::new(&text).unwrap_or_else(|_| unreachable!("a plain name"))
}
