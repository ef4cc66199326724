//! The log that a scenario is about, and what each member has of it.
//!
//! The rows of a generated log, by ten writers unless said: the actor's rank modulo ten. A segment ends at a seal, so
//! each writer appends twice: what everybody has, and the rest; members are given one or both.

use guildsync::log::{Basis, Change, Draft, Log, Profile, Segment};
use guildsync::types::{MemberName, Points, ProfileName, Reason, SecretKey, Stamp};

use super::{Lack, Scenario};
use crate::corpus::loot::{self, Loot, LootRow};
use crate::dice::Dice;

/// How many writers the scenarios have unless they say otherwise.
pub const WRITERS: usize = 10;
/// The seed of the generated logs: the benchmarks' own.
const SEED: u64 = 1;

/// Which generated log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corpus {
    /// I: every field drawn by itself.
    Independent,
    /// R: raid-wide awards between single ones.
    Correlated,
}

impl Corpus {
    /// Its letter in the tables.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Independent => "I",
            Self::Correlated => "R",
        }
    }

    fn rows(self, n: usize) -> Loot {
        match self {
            Self::Independent => loot::independent(SEED, n),
            Self::Correlated => loot::correlated(SEED, n),
        }
    }
}

/// A log in two parts, and who has which.
#[derive(Debug)]
pub struct Stock {
    /// Clocks begin after the newest entry, in milliseconds since 1970.
    pub epoch_ms: u64,
    base: Log,
    /// By writer: what may be lacking.
    tails: Vec<Option<Segment>>,
    keys: Vec<SecretKey>,
    /// By member: the writers whose tails it has.
    has: Vec<Vec<bool>>,
}

impl Stock {
    /// Builds the log of a scenario and deals it out.
    #[must_use]
    pub fn new(scenario: &Scenario, dice: &mut Dice) -> Self {
        let loot = scenario.corpus.rows(scenario.entries);
        let keys: Vec<SecretKey> =
            (0..scenario.writers).map(|i| SecretKey::from_seed(&[i as u8 + 1; 32])).collect();
        let newest = loot.rows.last().map_or(0, |row| row.seconds);
        let drafts = by_writer(&loot, scenario.writers);
        let cuts = cuts(scenario.lack, &loot, &drafts);
        let profile =
            ProfileName::new(loot.profile).unwrap_or_else(|_| ProfileName::default_profile());
        let mut writing = Log::new(Profile::open(profile));
        let mut base = writing.clone();
        let mut tails = Vec::new();
        for ((key, drafts), cut) in keys.iter().zip(&drafts).zip(cuts) {
            let (before, after) = drafts.split_at(cut);
            // Nothing in a generated log breaks a rule; an empty part is the only refusal.
            if let Ok(segment) = writing.append(key, before) {
                let taken = base.accept(segment);
                debug_assert!(taken.is_ok());
            }
            tails.push(writing.append(key, after).ok());
        }
        let has = deal(scenario, dice);
        Self { epoch_ms: (newest + 86_400) * 1000, base, tails, keys, has }
    }

    /// What a member has.
    #[must_use]
    pub fn log_of(&self, member: usize) -> Log {
        let mut log = self.base.clone();
        for (tail, has) in self.tails.iter().zip(&self.has[member]) {
            if let (Some(tail), true) = (tail, has) {
                let taken = log.accept(tail.clone());
                debug_assert!(taken.is_ok());
            }
        }
        log
    }

    /// How many entries a member has.
    #[must_use]
    pub fn len_of(&self, member: usize) -> usize {
        let tails = self.tails.iter().zip(&self.has[member]).filter(|(_, has)| **has);
        let n =
            |(tail, _): (&Option<Segment>, _)| tail.as_ref().map_or(0, |tail| tail.drafts.len());
        self.base.len() + tails.map(n).sum::<usize>()
    }

    /// The whole log.
    #[must_use]
    pub fn whole(&self) -> Log {
        let mut log = self.base.clone();
        for tail in self.tails.iter().flatten() {
            let taken = log.accept(tail.clone());
            debug_assert!(taken.is_ok());
        }
        log
    }

    /// What everybody has.
    #[must_use]
    pub fn base(&self) -> &Log {
        &self.base
    }

    /// The key of a member that is one of the writers: the first members are.
    #[must_use]
    pub fn key_of(&self, member: usize) -> Option<&SecretKey> {
        self.keys.get(member)
    }

    /// How many writers there are.
    #[must_use]
    pub fn n_writers(&self) -> usize {
        self.keys.len()
    }

    /// Which writers' tails are lacked by somebody.
    #[must_use]
    pub fn is_lacked(&self, writer: usize) -> bool {
        self.has.iter().any(|has| !has[writer])
    }
}

fn by_writer(loot: &Loot, writers: usize) -> Vec<Vec<Draft>> {
    let mut drafts = vec![Vec::new(); writers];
    for row in &loot.rows {
        drafts[row.actor % writers].extend(draft(loot, row));
    }
    drafts
}

fn draft(loot: &Loot, row: &LootRow) -> Option<Draft> {
    Some(Draft {
        stamp: Stamp::new(row.seconds, 0).ok()?,
        actor: MemberName::from_entry(&loot.actors[row.actor]).ok()?,
        change: Change::Points {
            target: MemberName::from_entry(&row.target).ok()?,
            delta: Points::from_hundredths(row.delta).ok()?,
            total: Points::from_hundredths(row.total).ok()?,
            basis: Basis::Delta,
        },
        reason: Reason::new(&row.reason).ok()?,
        origin: None,
    })
}

/// By writer: how many entries everybody has.
fn cuts(lack: Lack, loot: &Loot, drafts: &[Vec<Draft>]) -> Vec<usize> {
    let all_but = |n: usize| {
        let mut cuts = vec![0; drafts.len()];
        let kept = loot.rows.len().saturating_sub(n);
        loot.rows[..kept].iter().for_each(|row| cuts[row.actor % drafts.len()] += 1);
        cuts
    };
    match lack {
        Lack::Nothing | Lack::Confirmed | Lack::Live(_) => all_but(0),
        Lack::Same(n) | Lack::One(n) => all_but(n),
        Lack::Tails { each, .. } | Lack::Officers { each, .. } => {
            drafts.iter().map(|drafts| drafts.len().saturating_sub(each)).collect()
        }
    }
}

/// By member: the writers whose tails it has. Member 0 leads.
fn deal(scenario: &Scenario, dice: &mut Dice) -> Vec<Vec<bool>> {
    let all = scenario.writers;
    let mut has = vec![vec![true; all]; scenario.members];
    match scenario.lack {
        Lack::Nothing | Lack::Confirmed | Lack::Live(_) => {}
        Lack::Same(_) => has[1..].fill(vec![false; all]),
        Lack::One(_) => {
            if let Some(last) = has.last_mut() {
                last.fill(false);
            }
        }
        Lack::Officers { n: officers, .. } => {
            for (member, has) in has.iter_mut().enumerate() {
                *has = (0..all).map(|w| w == member || w >= officers).collect();
            }
        }
        Lack::Tails { writers, .. } => {
            let mut dealt = std::collections::BTreeSet::new();
            for member in has.iter_mut().skip(1) {
                for _ in 0..100 {
                    let mut one = vec![true; all];
                    for _ in 0..=dice.below(writers) {
                        one[dice.below(all)] = false;
                    }
                    let is_new = dealt.insert(one.clone());
                    *member = one;
                    if is_new {
                        break;
                    }
                }
            }
        }
    }
    has
}
