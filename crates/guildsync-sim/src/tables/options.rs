//! What a seed draws for a run with tables.

use std::fmt;

use guildsync::leader::Config as LeaderConfig;
use guildsync::tables::rights::{Relay, Setup as SetupWriters};
use guildsync::tables::{
    Ack, Compare, Config, Dialect, GuildName, Guilds, Mode, Purge, Request, Rights, SetupRule,
    Yield,
};
use guildsync::transport::ChannelProfile;

use super::users::Users;
use super::{Story, TableBase};
use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::faults::{Fault, Faults};
use crate::run::name;
use crate::world::Setup;

/// What one seed drew.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed.
    pub seed: u64,
    /// What the run is about.
    pub story: Story,
    /// What the channel carries.
    pub channel: ChannelProfile,
    /// Each member's guild, by number.
    pub guild_of: Vec<usize>,
    /// The guilds that each guild's setup lists; `None`: it has none.
    pub linked: Vec<Option<Vec<usize>>>,
    /// Each member's policies.
    pub configs: Vec<Config>,
    /// Who writes what it may not, if anybody.
    pub forger: Option<usize>,
    /// What goes wrong.
    pub faults: Faults,
    /// What people do.
    pub users: Users,
    /// How long it goes wrong, in milliseconds.
    pub chaos_ms: u64,
    /// Mean time between two strikes, in milliseconds.
    pub strike_ms: f64,
    /// How many records there are at the beginning.
    pub n_records: usize,
    /// How far off clocks are, in seconds, by member.
    pub skew_s: Vec<i64>,
}

/// The name of guild number `i`.
#[must_use]
pub fn guild(i: usize) -> GuildName {
    let name = ["Greyhollow Wardens-Eonar", "Greyhollow Alts-Eonar", "Thornfield-Alleria"][i % 3];
    GuildName::new(name).unwrap_or_else(|_| unreachable!("a plain name"))
}

impl Options {
    /// Draws the options of a seed.
    #[must_use]
    pub fn draw(seed: u64, base: &TableBase) -> Self {
        let mut dice = Dice::for_purpose(seed, 5);
        let dice = &mut dice;
        let story = if dice.happens(0.25) { Story::Restarts } else { Story::Mixed };
        let story = base.story.unwrap_or(story);
        let drawn = match dice.happens(0.6) {
            true => ChannelProfile::retail(),
            false => dice.of(&ChannelProfile::ALL).copied().unwrap_or_else(ChannelProfile::retail),
        };
        let channel = base.channel.unwrap_or(drawn);
        let n_guilds = match story {
            Story::ThreeGuilds => 3,
            Story::Restarts => 1,
            _ => [1, 1, 1, 2, 2, 3][dice.below(6)],
        };
        let n_members = match story {
            Story::Restarts => 2,
            _ => dice.between(2.max(n_guilds as u64), 8) as usize,
        };
        // A member of each guild, and the others anywhere.
        let guild_of: Vec<usize> =
            (0..n_members).map(|i| if i < n_guilds { i } else { dice.below(n_guilds) }).collect();
        let linked = links(n_guilds, story, dice);
        let rights = rights(&guild_of, n_guilds, dice);
        let rights = if story == Story::Restarts { Rights::default() } else { rights };
        let may_forge = !rights.is_open() && rights.relay != Relay::Anyone;
        let forgers: Vec<usize> =
            (0..n_members).filter(|one| !rights.is_officer(&name(*one))).collect();
        let forger = dice.of(&forgers).copied().filter(|_| may_forge && dice.happens(0.6));
        let is_text = dice.happens(0.12);
        let setup = match n_guilds == 1 && dice.happens(0.15) {
            true => SetupRule::WhereMissing,
            false => SetupRule::Newest,
        };
        let guilds = if dice.happens(0.08) { Guilds::Own } else { Guilds::Federated };
        let shared = Config { setup, guilds, ..Config::default() };
        let configs = (0..n_members)
            .map(|one| {
                let forges = forger == Some(one);
                let rights = if forges { Rights::default() } else { rights.clone() };
                config(Config { rights, ..shared.clone() }, is_text && dice.happens(0.7), dice)
            })
            .collect();
        let faults = match story {
            Story::Mixed => Faults::draw(dice),
            Story::Loss => {
                let all = [Fault::Loss, Fault::Duplicate, Fault::Reorder];
                Faults(all.into_iter().map(|fault| (fault, 0.4)).collect())
            }
            _ => Faults::default(),
        };
        let skew = match story {
            Story::ClockSkew => 0.7,
            Story::Mixed if faults.strength(Fault::Skew) > 0.0 => 0.5,
            _ => 0.0,
        };
        let skew_s = (0..n_members).map(|_| draw_skew(skew, dice)).collect();
        let n_records = dice.scale(5.0, if is_text { 30.0 } else { 100.0 }) as usize;
        let n_records = if story == Story::Restarts { n_records.max(60) } else { n_records };
        Self {
            seed,
            story,
            channel,
            guild_of,
            linked,
            configs,
            forger,
            faults: if base.calm { Faults::default() } else { faults },
            users: Users::draw(dice),
            chaos_ms: dice.scale(20_000.0, 500_000.0) as u64,
            strike_ms: dice.scale(1_000.0, 40_000.0),
            n_records,
            skew_s: if base.calm { vec![0; n_members] } else { skew_s },
        }
    }

    /// Takes note of what was drawn.
    pub(crate) fn tell(&self, seen: &mut Coverage) {
        for config in &self.configs {
            let Config { ack, request, yields, compare, sessions, dialect, .. } = config;
            let policies = [
                ("policy: text", *dialect == Dialect::Text),
                ("policy: one request at a time", *request == Request::Single),
                ("policy: yields", *yields != Yield::Host),
                ("policy: every batch acknowledged", *ack == Ack::Chunk),
                ("policy: only the end acknowledged", *ack == Ack::Session),
                ("policy: short hashes", *compare == Compare::Hashes),
                ("policy: metadata", *compare == Compare::Metadata),
                ("policy: several sessions", *sessions > 1),
            ];
            policies.into_iter().filter(|(_, is_so)| *is_so).for_each(|(what, _)| seen.hit(what));
        }
        let (rights, shared) = (self.rights(), &self.configs[0]);
        let n_guilds = self.linked.len();
        let all = |one: &Option<Vec<usize>>| one.as_ref().is_some_and(|all| all.len() == n_guilds);
        let whole = [
            ("policy: officers and leaders", !rights.is_open()),
            ("policy: nobody passes on", rights.relay == Relay::Nobody),
            ("policy: anybody passes on", rights.relay == Relay::Anyone),
            ("policy: own guild alone", shared.guilds == Guilds::Own),
            ("policy: setup where it is missing", shared.setup == SetupRule::WhereMissing),
            ("guilds: two", n_guilds == 2),
            ("guilds: three", n_guilds == 3),
            ("guilds: not all linked", !self.linked.iter().all(all)),
            ("guilds: without setup", self.linked.contains(&None)),
        ];
        whole.into_iter().filter(|(_, is_so)| *is_so).for_each(|(what, _)| seen.hit(what));
    }

    /// How many members there are.
    #[must_use]
    pub fn n_members(&self) -> usize {
        self.guild_of.len()
    }

    /// Who may write what.
    #[must_use]
    pub fn rights(&self) -> Rights {
        let honest = (0..self.n_members()).find(|one| self.forger != Some(*one));
        honest.map(|one| self.configs[one].rights.clone()).unwrap_or_default()
    }

    /// The world of these options.
    #[must_use]
    pub fn setup(&self, records: bool) -> Setup {
        Setup {
            seed: self.seed,
            channel: self.channel,
            weather: self.faults.weather(),
            config: LeaderConfig::default(),
            epoch_ms: 1_733_083_200_000,
            tell_ms: (0, 100),
            disk_ms: self.faults.disk_ms(),
            keeps_disks: false,
            records,
            watches: true,
        }
    }
}

fn draw_skew(share: f64, dice: &mut Dice) -> i64 {
    if !dice.happens(share) {
        return 0;
    }
    let seconds = dice.scale(60.0, 3.0 * 86_400.0) as i64;
    if dice.happens(0.5) { seconds } else { -seconds }
}

/// Which guilds each guild's setup lists: all of them mostly, itself included.
fn links(n_guilds: usize, story: Story, dice: &mut Dice) -> Vec<Option<Vec<usize>>> {
    let all: Vec<usize> = (0..n_guilds).collect();
    let is_whole = story == Story::ThreeGuilds || dice.happens(0.6);
    let of = |own: usize, dice: &mut Dice| {
        if n_guilds == 1 {
            return dice.happens(0.6).then(|| all.clone());
        }
        match is_whole {
            true => Some(all.clone()),
            false if dice.happens(0.2) => None,
            false => Some(all.iter().copied().filter(|i| *i == own || dice.happens(0.7)).collect()),
        }
    };
    (0..n_guilds).map(|own| of(own, dice)).collect()
}

/// Everybody may write everything, or officers and leaders are named: one officer in each guild at least.
fn rights(guild_of: &[usize], n_guilds: usize, dice: &mut Dice) -> Rights {
    if dice.happens(0.55) {
        return Rights::default();
    }
    let mut rights = Rights::default();
    for own in 0..n_guilds {
        let mut members = (0..guild_of.len()).filter(|one| guild_of[*one] == own);
        if let Some(first) = members.next() {
            rights.officers.insert(name(first));
            rights.leaders.insert(guild(own), name(first));
        }
        rights.officers.extend(members.filter(|_| dice.happens(0.2)).map(name));
    }
    rights.relay = match dice.below(10) {
        0 => Relay::Nobody,
        1 | 2 => Relay::Anyone,
        _ => Relay::Officers,
    };
    if rights.relay == Relay::Nobody || dice.happens(0.3) {
        rights.setup = SetupWriters::Officers;
    }
    rights
}

fn config(shared: Config, is_text: bool, dice: &mut Dice) -> Config {
    Config {
        mode: match dice.below(4) {
            0 => Mode::All,
            1 => Mode::Days(1),
            2 => Mode::Days(dice.between(2, 60) as u32),
            _ => Mode::Days(7),
        },
        sessions: [1, 1, 1, 2, 3][dice.below(5)],
        ack: [Ack::Table, Ack::Table, Ack::Session, Ack::Chunk][dice.below(4)],
        request: if dice.happens(0.08) { Request::Single } else { Request::Batch },
        yields: match dice.happens(0.2) {
            true => Yield::Every { records: 50, pause_ms: 100 },
            false => Yield::Host,
        },
        compare: match dice.below(6) {
            0 => Compare::Hashes,
            1 => Compare::Metadata,
            _ => Compare::Fewest,
        },
        purge: match dice.below(4) {
            0 => Purge::Never,
            1 => Purge::AfterDays(1),
            _ => Purge::AfterDays(30),
        },
        dialect: if is_text { Dialect::Text } else { Dialect::Compact },
        ..shared
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, story, channel, guild_of, linked, configs, faults, .. } = self;
        let rights = self.rights();
        let links =
            linked.iter().map(|one| one.as_ref().map_or("-".to_owned(), |all| format!("{all:?}")));
        let links: Vec<String> = links.collect();
        let words = configs.iter().map(|one| {
            let Config { mode, sessions, ack, request, compare, dialect, .. } = one;
            format!("{mode:?}/{sessions}/{ack:?}/{request:?}/{compare:?}/{dialect:?}")
        });
        let words: Vec<String> = words.collect();
        write!(
            f,
            "seed {seed}: {story:?}, members of guilds {guild_of:?} linked {} on {}, {}, forger {:?}, {} \
             records, chaos for {} s, clocks {:?} s, policies {}, {:?} {:?}; {faults}",
            links.join(" "),
            channel.name,
            if rights.is_open() { "open".to_owned() } else { format!("relay {:?}", rights.relay) },
            self.forger,
            self.n_records,
            self.chaos_ms / 1000,
            self.skew_s,
            words.join(" "),
            configs[0].setup,
            configs[0].guilds,
        )
    }
}
