//! One walk over a row: it writes, reads or learns, as the coder it is given does.
//!
//! Rows come in events: one officer gives one reason and the same points to one member after
//! another. So each row is first asked whether its event goes on; if it does, all that is left is the
//! time, the target and whether the total is what replay says.

use super::amounts::{Deltas, Totals};
use super::chains::Chains;
use super::clock::Clock;
use super::columns::Rows;
use super::dictionary::{Dictionary, Letters};
use super::roster::Roster;
use super::shape::{Shape, Shapes};
use super::spelling::Spelling;
use super::symbols::Symbols;
use crate::entropy::{Chance, Coder, Mix};

/// Columns of texts that have habits of their own.
const NAME: u32 = 1;
const REASON: u32 = 2;
const PROFILE: u32 = 3;
/// How long a run of alike rows is told apart.
const RUN_MAX: u32 = 15;

/// One row in the model's own numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Coded {
    pub(super) writer: u32,
    pub(super) seq: u64,
    pub(super) seconds: u64,
    pub(super) actor: u32,
    /// Meaningless when the shape is about nobody.
    pub(super) target: u32,
    pub(super) delta: i64,
    pub(super) total: i64,
    pub(super) reason: u32,
    pub(super) shape: Shape,
}

/// What the rows so far say about the next one.
#[derive(Debug, Clone)]
pub(super) struct Model {
    profile: Option<Vec<u8>>,
    same_profile: Chance,
    spelling: Spelling,
    chains: Chains,
    clock: Clock,
    shapes: Shapes,
    names: Dictionary,
    reasons: Dictionary,
    actors: Symbols,
    targets: Symbols,
    reason: Symbols,
    deltas: Deltas,
    totals: Totals,
    roster: Roster,
    /// How many rows of the present event came behind its first.
    run: u32,
    alike: Mix<2>,
    alike_by_run: Vec<Chance>,
    alike_by_roster: Vec<Chance>,
    before: Coded,
    /// Bytes of text that a batch may still spell: the reader lowers it.
    pub(super) budget: usize,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            profile: None,
            same_profile: Chance::after(64_000, 0),
            spelling: Spelling::default(),
            chains: Chains::default(),
            clock: Clock::default(),
            shapes: Shapes::default(),
            names: Dictionary::new(Letters::Spelt { column: NAME }),
            reasons: Dictionary::new(Letters::Spelt { column: REASON }),
            actors: Symbols::new(false),
            targets: Symbols::new(false),
            reason: Symbols::new(false),
            deltas: Deltas::default(),
            totals: Totals::default(),
            roster: Roster::default(),
            run: 0,
            alike: Mix::new([60, 240]),
            alike_by_run: vec![Chance::EVEN; 64],
            alike_by_roster: vec![Chance::EVEN; 64],
            before: Coded::default(),
            budget: Rows::TEXT_MAX,
        }
    }
}

impl Model {
    /// The writers, names and reasons met.
    pub(super) fn tables(&mut self) -> [&mut Dictionary; 3] {
        [self.chains.writers(), &mut self.names, &mut self.reasons]
    }

    /// Codes the profile that all rows belong to; a base's is nearly always the same.
    pub(super) fn profile<C: Coder>(&mut self, coder: &mut C, profile: &[u8]) -> Vec<u8> {
        if let Some(known) = &self.profile
            && self.same_profile.code(coder, known == profile)
        {
            return known.clone();
        }
        let profile = self.spelling.code(coder, PROFILE, profile, Rows::TEXT_MAX);
        self.profile = Some(profile.clone());
        profile
    }

    /// Codes the next row.
    pub(super) fn row<C: Coder>(&mut self, coder: &mut C, given: &Coded) -> Coded {
        let before = std::mem::take(&mut self.before);
        let chain = self.chains.code(
            coder,
            &mut self.spelling,
            &mut self.budget,
            before.writer,
            (given.writer, given.seq),
        );
        let alike = self.alike(coder, &before, given);
        let seconds = self.clock.code(coder, alike, self.run, given.seconds);
        let at_once = seconds == before.seconds;
        let shape = self.shapes.code(coder, &before.shape, at_once, &mut self.budget, &given.shape);
        let mut row = Coded { writer: chain.0, seq: chain.1, seconds, shape, ..before };
        if alike {
            self.run = RUN_MAX.min(self.run + 1);
        } else {
            if self.run > 1 {
                self.roster.end(before.target);
            }
            self.run = 0;
            self.event(coder, given, &mut row);
        }
        let target = (!row.shape.about_nobody).then(|| {
            row.target = self.target(coder, &before, alike, given.target);
            row.target
        });
        row.total = self.totals.code(coder, target, row.delta, given.total);
        self.before = row.clone();
        row
    }

    /// Codes whether the event goes on: same actor, reason and points as the row before.
    fn alike<C: Coder>(&mut self, coder: &mut C, before: &Coded, given: &Coded) -> bool {
        if self.names.met() == 0 {
            return false;
        }
        let pace = self.clock.pace();
        let by_run = self.run as usize * 3 + pace;
        // At the roster's end an event is over.
        let behind = self.roster.behind(before.target) as usize * 3;
        let by_roster = behind + if self.run == 0 { 2 } else { usize::from(pace > 0) };
        let chances = [&mut self.alike_by_run[by_run], &mut self.alike_by_roster[by_roster]];
        let alike = given.actor == before.actor
            && given.reason == before.reason
            && given.delta == before.delta;
        self.alike.code(coder, chances, alike)
    }

    /// Codes what a new event is about.
    fn event<C: Coder>(&mut self, coder: &mut C, given: &Coded, row: &mut Coded) {
        let (names, reasons) = (&mut self.names, &mut self.reasons);
        row.actor = match names.fresh(coder, &mut self.spelling, &mut self.budget, given.actor) {
            Some(new) => new,
            None => self.actors.code(coder, names.met(), row.writer, given.actor),
        };
        row.reason = match reasons.fresh(coder, &mut self.spelling, &mut self.budget, given.reason)
        {
            Some(new) => new,
            None => self.reason.code(coder, reasons.met(), row.actor, given.reason),
        };
        row.delta = self.deltas.code(coder, row.reason, given.delta);
    }

    /// Codes whom the row is about.
    fn target<C: Coder>(&mut self, coder: &mut C, before: &Coded, alike: bool, target: u32) -> u32 {
        let follows = alike && !before.shape.about_nobody;
        let next =
            if follows { self.roster.code(coder, before.target, self.run, target) } else { None };
        let names = &mut self.names;
        let target = match next {
            Some(next) => next,
            None => match names.fresh(coder, &mut self.spelling, &mut self.budget, target) {
                Some(new) => new,
                None => self.targets.code(coder, names.met(), before.target, target),
            },
        };
        if follows {
            self.roster.follow(before.target, target);
        }
        target
    }
}
