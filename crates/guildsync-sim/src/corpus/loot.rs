//! The two loot logs: every field drawn by itself, or raid-wide awards between single ones.

use super::draw::Draw;
use super::guild::Guild;

/// A generated log.
#[derive(Debug, Clone)]
pub struct Loot {
    /// The log's profile.
    pub profile: &'static str,
    /// Its rows, by time.
    pub rows: Vec<LootRow>,
    /// Bits drawn up to and with each row: what its generator knows to be the limit.
    pub bits: Vec<f64>,
    /// Who award, by rank: how often they do falls with it.
    pub actors: Vec<String>,
}

/// One award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LootRow {
    /// The id of a pipe line; ids have gaps.
    pub seq: u64,
    /// Seconds since 1970 UTC.
    pub seconds: u64,
    /// Who awarded: a place in [`Loot::actors`].
    pub actor: usize,
    /// Whom.
    pub target: String,
    /// Points moved, in hundredths.
    pub delta: i64,
    /// The target's points afterwards, in hundredths.
    pub total: i64,
    /// Why.
    pub reason: String,
}

/// Seconds between two events, on average.
const INDEPENDENT_GAP: f64 = 180.0;
const CORRELATED_GAP: f64 = 300.0;
/// How many of the events of the correlated log are raid-wide.
const BULK: f64 = 0.3;
/// Everybody's points at the beginning.
const FIRST_TOTAL: i64 = 100;

/// A log with every field drawn independently of the others.
#[must_use]
pub fn independent(seed: u64, rows: usize) -> Loot {
    let mut draw = Draw::new(seed);
    let mut log = Log::new(&mut draw);
    while log.rows.len() < rows {
        let second = log.guild.next_second(&mut draw, INDEPENDENT_GAP);
        let target = draw.rank(&log.guild.by_target);
        let actor = draw.rank(&log.guild.by_actor);
        let (reason, delta) = log.guild.award(&mut draw);
        log.push(&mut draw, Award { second, actor, target, reason, delta });
    }
    log.finish()
}

/// A log in which raid-wide awards go to two thirds of the roster in one second.
#[must_use]
pub fn correlated(seed: u64, rows: usize) -> Loot {
    let mut draw = Draw::new(seed);
    let mut log = Log::new(&mut draw);
    while log.rows.len() < rows {
        let second = log.guild.next_second(&mut draw, CORRELATED_GAP);
        let actor = draw.rank(&log.guild.by_actor);
        let (reason, delta) = log.guild.award(&mut draw);
        let targets = match draw.happens(BULK) {
            true => log.guild.attendance(&mut draw),
            false => vec![draw.rank(&log.guild.by_target)],
        };
        for target in targets {
            log.push(&mut draw, Award { second, actor, target, reason, delta });
        }
    }
    log.rows.truncate(rows);
    log.bits.truncate(rows);
    log.finish()
}

/// Who and what by number; the amount in whole points.
#[derive(Debug, Clone, Copy)]
struct Award {
    second: u64,
    actor: usize,
    target: usize,
    reason: usize,
    delta: i64,
}

#[derive(Debug)]
struct Log {
    guild: Guild,
    totals: Vec<i64>,
    rows: Vec<LootRow>,
    bits: Vec<f64>,
}

impl Log {
    fn new(draw: &mut Draw) -> Self {
        let guild = Guild::new(draw);
        let totals = vec![FIRST_TOTAL; guild.roster.len()];
        Self { guild, totals, rows: Vec::new(), bits: Vec::new() }
    }

    fn push(&mut self, draw: &mut Draw, award: Award) {
        let Award { second, actor, target, reason, delta } = award;
        self.totals[target] += delta;
        self.rows.push(LootRow {
            seq: self.guild.next_id(draw),
            seconds: second,
            actor,
            target: self.guild.roster[target].clone(),
            delta: delta * 100,
            total: self.totals[target] * 100,
            reason: self.guild.reasons[reason].0.clone(),
        });
        self.bits.push(draw.bits());
    }

    fn finish(self) -> Loot {
        let actors = self.guild.actors;
        Loot { profile: "Raid-Team-A", rows: self.rows, bits: self.bits, actors }
    }
}
