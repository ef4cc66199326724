//! A guild's log as raids make it, from a seed.

use guildsync_leader::{Announced, Base, Difference};
use guildsync_log::{Draft, Frontier, Log, Profile, Segment};
use guildsync_types::{MemberName, ProfileName, Reason, SecretKey, Stamp, WriterId};

const SYLLABLES: [&str; 12] =
    ["bra", "ka", "nor", "thi", "lu", "dra", "mor", "ven", "sha", "el", "gri", "os"];
const REALMS: [&str; 4] = ["Eonar", "Area52", "DieAldor", "Stormrage"];
const REASONS: [&str; 6] = ["Boss kill", "On time", "Attendance", "Standby", "Loot", "Consumables"];

pub(crate) fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

pub(crate) fn name(text: &str) -> MemberName {
    MemberName::new(text).unwrap()
}

pub(crate) fn at(seconds: u64) -> Stamp {
    Stamp::new(seconds, 0).unwrap()
}

pub(crate) fn profile() -> Profile {
    Profile::open(ProfileName::new("Raid-Team-A").unwrap())
}

/// SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Who plays, and what time it is.
#[derive(Debug, Clone)]
pub(crate) struct Guild {
    pub(crate) draw: Draw,
    pub(crate) log: Log,
    roster: Vec<MemberName>,
    n_writers: usize,
    seconds: u64,
}

impl Guild {
    /// A guild of a hundred members; `n_writers` of them award.
    pub(crate) fn new(seed: u64, n_writers: usize) -> Self {
        let mut draw = Draw(seed);
        let member = |draw: &mut Draw, n: usize| {
            let part = |draw: &mut Draw| SYLLABLES[draw.below(SYLLABLES.len())];
            let text = [part(draw), part(draw), SYLLABLES[n % 12], part(draw)].concat();
            name(&format!("{text}-{}", REALMS[draw.below(REALMS.len())]))
        };
        let roster = (0..100).map(|n| member(&mut draw, n)).collect();
        let log = Log::new(profile());
        Self { draw, log, roster, n_writers, seconds: 1_733_083_200 }
    }

    /// Goes on until the log has `n` entries: a quarter of all awards go to a whole raid of 25.
    pub(crate) fn play(&mut self, n: usize) {
        while self.log.len() < n {
            let writer = self.draw.below(self.n_writers);
            let room = n - self.log.len();
            self.award(writer, room);
        }
    }

    /// One officer's awards at one moment, `room` at most.
    pub(crate) fn award(&mut self, writer: usize, room: usize) -> Segment {
        self.seconds += 30 + self.draw.below(600) as u64;
        let is_raid = self.draw.below(4) == 0;
        let reason = match self.draw.below(8) {
            0 => format!("Boss: {}", self.roster[self.draw.below(100)]),
            _ => REASONS[self.draw.below(REASONS.len())].to_owned(),
        };
        let delta = [25, 50, 100, -150][self.draw.below(4)].to_string();
        let first = self.draw.below(100);
        let n = if is_raid { 25.min(room) } else { 1 };
        let drafts: Vec<Draft> = (0..n)
            .map(|i| {
                let target = &self.roster[(first + i * 3) % 100];
                let stamp = Stamp::new(self.seconds, i as u16).unwrap();
                let (delta, reason) = (delta.parse().unwrap(), Reason::new(&reason).unwrap());
                self.log.award(stamp, &self.roster[writer], target, delta, &reason).unwrap()
            })
            .collect();
        self.log.append(&key(writer as u8 + 1), &drafts).unwrap()
    }
}

/// A guild with `n` entries of `n_writers` writers.
pub(crate) fn guild(seed: u64, n_writers: usize, n: usize) -> Guild {
    let mut guild = Guild::new(seed, n_writers);
    guild.play(n);
    guild
}

/// An announcement's name as a base.
pub(crate) fn base() -> Base {
    Base { at: Announced { term: 3, n: 7 }, difference: Difference::default() }
}

/// What another log needs to hold what `from` has.
pub(crate) fn pull(to: &mut Log, from: &Log) {
    for segment in from.lacking(&to.heads()) {
        to.accept(segment).unwrap();
    }
}

/// A log that holds what `log` has up to `frontier`.
pub(crate) fn replica_at(log: &Log, frontier: &Frontier) -> Log {
    let mut copy = Log::new(log.profile().clone());
    for (writer, last) in frontier.iter() {
        let mut drafts = log.segment(writer, 1).unwrap().drafts;
        drafts.truncate(last as usize);
        let key = (1..=255).map(key).find(|key| key.writer() == writer).unwrap();
        copy.append(&key, &drafts).unwrap();
    }
    copy
}

pub(crate) fn writer(n: u8) -> WriterId {
    key(n).writer()
}
