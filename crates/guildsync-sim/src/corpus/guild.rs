//! A guild from a seed: its members, officers, reasons and raid nights.

use super::draw::{Draw, Zipf};
use super::words;

/// Sunday, 1 December 2024, 20:00 UTC.
const FIRST_NIGHT: u64 = 1_733_083_200;
const DAY: u64 = 86_400;
/// How long a raid night is.
const NIGHT: u64 = 3 * 3600 + 600;
/// Twelve amounts in whole points; each reason has its usual one.
pub const DELTAS: [i64; 12] = [5, 50, 25, 15, 20, 1, 10, -10, -25, -5, -50, -100];
/// How often the usual amount is given.
const USUAL: f64 = 0.8;
/// How often an id is skipped, and how many at most.
const ID_GAP: f64 = 0.02;
const ID_SKIPPED_MAX: usize = 4;

/// What stays the same in one corpus.
#[derive(Debug)]
pub struct Guild {
    /// 40, in roster order.
    pub roster: Vec<String>,
    /// 20 who award; most of them are on the roster.
    pub actors: Vec<String>,
    /// 60, with the place of the usual amount in [`DELTAS`].
    pub reasons: Vec<(String, usize)>,
    /// How often each of the roster is awarded.
    pub by_target: Zipf,
    /// How often each actor awards.
    pub by_actor: Zipf,
    /// How often each reason is given.
    pub by_reason: Zipf,
    night: u64,
    /// Seconds of the last event.
    pub now: u64,
    id: u64,
}

impl Guild {
    /// Draws a guild and empties the account: names and reasons are known to the limit.
    #[must_use]
    pub fn new(draw: &mut Draw) -> Self {
        let names = names(draw, 46);
        let roster = names[..40].to_vec();
        let mut actors = names;
        shuffle(draw, &mut actors);
        actors.truncate(20);
        let reasons = reasons(draw, &roster);
        draw.forget();
        let (by_target, by_actor, by_reason) =
            (Zipf::new(40, 0.5), Zipf::new(20, 1.2), Zipf::new(60, 1.0));
        let (night, now) = (FIRST_NIGHT, FIRST_NIGHT);
        Self { roster, actors, reasons, by_target, by_actor, by_reason, night, now, id: 1 }
    }

    /// The next event's second: a wait, or the next raid night.
    pub fn next_second(&mut self, draw: &mut Draw, mean: f64) -> u64 {
        let end = self.night + NIGHT;
        self.now = match draw.wait(mean, end.saturating_sub(self.now)) {
            Some(wait) => self.now + wait,
            None => {
                // Sunday, Tuesday, Thursday, Sunday.
                let days = if (self.night / DAY).is_multiple_of(7) { 3 } else { 2 };
                self.night += days * DAY;
                self.night + draw.wait(mean, NIGHT).unwrap_or(0)
            }
        };
        self.now
    }

    /// The next id, with gaps.
    pub fn next_id(&mut self, draw: &mut Draw) -> u64 {
        let skipped = match draw.happens(ID_GAP) {
            true => 1 + draw.below(ID_SKIPPED_MAX),
            false => 0,
        };
        self.id += 1 + skipped as u64;
        self.id
    }

    /// A reason's number and an amount in whole points.
    pub fn award(&self, draw: &mut Draw) -> (usize, i64) {
        let reason = draw.rank(&self.by_reason);
        let usual = self.reasons[reason].1;
        let delta = match draw.happens(USUAL) {
            true => usual,
            false => (usual + 1 + draw.below(DELTAS.len() - 1)) % DELTAS.len(),
        };
        (reason, DELTAS[delta])
    }

    /// Who of the roster takes part: each with 65 %, in roster order.
    pub fn attendance(&self, draw: &mut Draw) -> Vec<usize> {
        (0..self.roster.len()).filter(|_| draw.happens(0.65)).collect()
    }
}

/// `n` distinct `Name-Realm`.
pub fn names(draw: &mut Draw, n: usize) -> Vec<String> {
    let realms = Zipf::new(words::REALMS.len(), 1.0);
    let mut names: Vec<String> = Vec::with_capacity(n);
    while names.len() < n {
        let (start, end) = (draw.of(&words::NAME_STARTS), draw.of(&words::NAME_ENDS));
        let name = format!("{start}{end}-{}", words::REALMS[draw.rank(&realms)]);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn reasons(draw: &mut Draw, roster: &[String]) -> Vec<(String, usize)> {
    let named = |prefix: &str, list: &[&str]| -> Vec<String> {
        list.iter().map(|what| format!("{prefix}{what}")).collect()
    };
    let mut reasons = named("Boss kill: ", &words::BOSSES);
    reasons.extend(named("Loot: ", &words::ITEMS));
    reasons.extend(named("On time: ", &words::RAIDS));
    reasons.extend(named("Attendance: ", &words::RAIDS));
    reasons.extend(named("", &words::COMMON));
    for text in words::FREE_TEXT {
        let member = &roster[draw.below(roster.len())];
        reasons.push(format!("{text} {}", member.split('-').next().unwrap_or(member)));
    }
    shuffle(draw, &mut reasons);
    reasons.into_iter().map(|reason| (reason, draw.below(DELTAS.len()))).collect()
}

fn shuffle<T>(draw: &mut Draw, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, draw.below(last + 1));
    }
}
