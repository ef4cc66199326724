//! The model of the game's channel: what becomes of every frame.
//!
//! The server keeps its own account of every sender's budget ([`Meter`]), independent of whatever
//! throttle the sender keeps: a frame beyond it is a violation, is dropped, and fails the run. Loss and
//! latency are drawn for every receiver by itself. Times are virtual milliseconds, members are numbers.

use std::collections::BTreeSet;

use guildsync::transport::{ChannelProfile, Rate, SendResult};

use crate::coverage::Coverage;
use crate::dice::Dice;

mod meter;

pub use meter::Meter;

/// What the channel does to frames besides carrying them.
#[derive(Debug, Clone, PartialEq)]
pub struct Weather {
    /// Shortest and longest time from sender to receiver, drawn per receiver, in milliseconds.
    pub latency_ms: (u64, u64),
    /// Chance that a receiver does not get a frame.
    pub loss: f64,
    /// Loss in bursts (Gilbert-Elliott), if any.
    pub burst: Option<Burst>,
    /// Chance that a receiver gets a frame twice.
    pub duplicate: f64,
    /// Chance that a frame is overtaken by later ones on its way to a receiver.
    pub reorder: f64,
    /// The longest that an overtaken frame is late, in milliseconds.
    pub reorder_ms: u64,
    /// Chance that a receiver gets a second copy long after: up to [`Weather::STALE_MS_MAX`].
    pub stale: f64,
    /// Share of every sender's budget that other addons take.
    pub foreign: f64,
}

/// Loss in bursts: each receiver is in good or in bad weather by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Chance per frame that good weather turns bad.
    pub begins: f64,
    /// Chance per frame that bad weather turns good.
    pub ends: f64,
    /// Chance of loss in bad weather.
    pub loss: f64,
}

/// What became of a frame: what its sender is told, and when whom it reaches.
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    /// Receiver and time, in the order of receivers.
    pub at: Vec<(usize, u64)>,
}

/// What the channel counted that a correct sender never does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Violations {
    /// Frames beyond the sender's budget.
    pub budget: u64,
    /// Frames longer than the channel carries.
    pub length: u64,
    /// Frames with a byte that the channel does not carry.
    pub alphabet: u64,
}

#[derive(Debug)]
struct Sender {
    /// What this program sent.
    own: Meter,
    /// What everything on this member's machine sent.
    shared: Meter,
    foreign_at: u64,
    /// An overdraft is told as a throttled frame and is no violation: the sender could not know.
    is_excused: bool,
    locked_until: u64,
    muted_until: u64,
    in_bad_weather: bool,
}

/// The channel of one group.
#[derive(Debug)]
pub struct Channel {
    profile: ChannelProfile,
    /// What it does to frames.
    pub weather: Weather,
    senders: Vec<Sender>,
    /// By sender and receiver: when the last frame arrives, since the game keeps the order of a pair.
    last: Vec<u64>,
    cut: BTreeSet<(usize, usize)>,
    dice: Dice,
    /// What no correct sender causes.
    pub violations: Violations,
}

impl Weather {
    /// The latest that a stale copy arrives, in milliseconds: an hour.
    pub const STALE_MS_MAX: u64 = 3_600_000;

    /// Nothing but latency, 40 to 120 ms.
    #[must_use]
    pub fn calm() -> Self {
        Self {
            latency_ms: (40, 120),
            loss: 0.0,
            burst: None,
            duplicate: 0.0,
            reorder: 0.0,
            reorder_ms: 2000,
            stale: 0.0,
            foreign: 0.0,
        }
    }
}

impl Channel {
    /// The channel of `n` members, all buckets full.
    #[must_use]
    pub fn new(profile: ChannelProfile, weather: Weather, n: usize, dice: Dice) -> Self {
        let sender = |_| Sender {
            own: Meter::full(profile.rate, 0),
            shared: Meter::full(profile.rate, 0),
            foreign_at: 0,
            is_excused: false,
            locked_until: 0,
            muted_until: 0,
            in_bad_weather: false,
        };
        Self {
            profile,
            weather,
            senders: (0..n).map(sender).collect(),
            last: vec![0; n * n],
            cut: BTreeSet::new(),
            dice,
            violations: Violations::default(),
        }
    }

    /// What the channel carries.
    #[must_use]
    pub fn profile(&self) -> ChannelProfile {
        self.profile
    }

    /// Ends everything that is not plain carrying.
    pub fn heal(&mut self) {
        self.weather = Weather { latency_ms: self.weather.latency_ms, ..Weather::calm() };
        self.cut.clear();
        for sender in &mut self.senders {
            (sender.locked_until, sender.muted_until) = (0, 0);
            sender.in_bad_weather = false;
        }
    }

    /// From now on the weather is this.
    pub fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// A member can send nothing until then (an encounter): it is told so.
    pub fn lock(&mut self, member: usize, until: u64) {
        self.senders[member].locked_until = until;
    }

    /// A member sends and hears nothing until then (a loading screen): nobody is told.
    pub fn mute(&mut self, member: usize, until: u64) {
        self.senders[member].muted_until = until;
    }

    /// Cuts the way from one member to another; the way back stays.
    pub fn cut(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
    }

    /// Mends all cuts.
    pub fn mend(&mut self) {
        self.cut.clear();
    }

    /// A member's own account may be wrong: it started anew with a full bucket. It stays ahead of the
    /// server's by the same until that one is full, too.
    pub fn excuse(&mut self, member: usize) {
        self.senders[member].is_excused = true;
    }

    /// Sends a frame to `to`, who are on line, and says what the sender is told. `arrivals` gets who
    /// receives it when.
    pub fn send(
        &mut self,
        now: u64,
        from: usize,
        to: &[usize],
        frame: &[u8],
        arrivals: &mut Arrivals,
        seen: &mut Coverage,
    ) -> SendResult {
        arrivals.at.clear();
        if frame.len() > self.profile.frame_bytes_max {
            self.violations.length += 1;
            return SendResult::TooLong;
        }
        if !frame.iter().all(|&byte| self.profile.alphabet.allows(byte)) {
            self.violations.alphabet += 1;
            return SendResult::TooLong;
        }
        if self.senders[from].locked_until > now {
            seen.hit("fault: lockdown");
            return SendResult::LockedDown;
        }
        if !self.within_budget(now, from, frame.len(), seen) {
            return SendResult::Throttled;
        }
        if self.senders[from].muted_until > now {
            seen.hit("fault: zoning");
            return SendResult::Sent;
        }
        for &receiver in to {
            self.carry(now, from, receiver, arrivals, seen);
        }
        SendResult::Sent
    }

    fn within_budget(&mut self, now: u64, from: usize, bytes: usize, seen: &mut Coverage) -> bool {
        let foreign = self.weather.foreign;
        if self.profile.rate == Rate::Unlimited {
            let refused = self.dice.happens(foreign / 4.0);
            if refused {
                seen.hit("fault: foreign traffic");
            }
            return !refused;
        }
        let sender = &mut self.senders[from];
        sender.own.refill(now);
        sender.shared.refill(now);
        sender.is_excused &= !sender.own.is_full();
        // Others take their share of what came in since, and now and then a frame of the burst.
        let since = now.saturating_sub(sender.foreign_at);
        sender.foreign_at = now;
        let gained = since.saturating_mul(sender.shared.gain_per_ms());
        let taken = (gained as f64 * foreign) as u64;
        sender.shared.drain(taken);
        if self.dice.happens(foreign * 0.1) {
            sender.shared.take(bytes);
        }
        if !sender.own.allows(bytes) {
            match sender.is_excused {
                true => seen.hit("channel: an excused overdraft"),
                false => self.violations.budget += 1,
            }
            return false;
        }
        if !sender.shared.allows(bytes) {
            seen.hit("fault: foreign traffic");
            return false;
        }
        sender.own.take(bytes);
        sender.shared.take(bytes);
        true
    }

    fn carry(
        &mut self,
        now: u64,
        from: usize,
        to: usize,
        arrivals: &mut Arrivals,
        seen: &mut Coverage,
    ) {
        if self.cut.contains(&(from, to)) {
            return seen.hit("fault: partition");
        }
        if self.senders[to].muted_until > now {
            return seen.hit("fault: zoning");
        }
        if let Some(burst) = self.weather.burst {
            let bad = &mut self.senders[to].in_bad_weather;
            *bad ^= self.dice.happens(if *bad { burst.ends } else { burst.begins });
            if *bad && self.dice.happens(burst.loss) {
                return seen.hit("fault: burst loss");
            }
        }
        if self.dice.happens(self.weather.loss) {
            return seen.hit("fault: loss");
        }
        let pair = from * self.senders.len() + to;
        let (short, long) = self.weather.latency_ms;
        let mut at = now + self.dice.between(short, long);
        if self.dice.happens(self.weather.reorder) {
            seen.hit("fault: reorder");
            at += self.dice.between(1, self.weather.reorder_ms.max(1));
        } else {
            at = at.max(self.last[pair]);
            self.last[pair] = at;
        }
        arrivals.at.push((to, at));
        if self.dice.happens(self.weather.duplicate) {
            seen.hit("fault: duplicate");
            arrivals.at.push((to, at + self.dice.between(0, self.weather.reorder_ms)));
        }
        if self.dice.happens(self.weather.stale) {
            seen.hit("fault: stale");
            let late = self.dice.scale(10_000.0, Weather::STALE_MS_MAX as f64) as u64;
            arrivals.at.push((to, at + late));
        }
    }
}
