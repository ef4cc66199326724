//! What a seed draws for a run with sheets.

use std::collections::BTreeSet;
use std::fmt;

use guildsync::leader::Config as LeaderConfig;
use guildsync::sections::{Config, Dialect, ImportSpread, Policy, Who};
use guildsync::transport::ChannelProfile;

use super::users::Users;
use super::{SheetBase, Story};
use crate::channel::Weather;
use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::faults::{Fault, Faults};
use crate::run::name;
use crate::world::Setup;

/// The most that is lost of all frames, bursts aside.
const LOSS_MAX: f64 = 0.3;

/// What one seed drew.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed.
    pub seed: u64,
    /// What the run is about.
    pub story: Story,
    /// What the channel carries.
    pub channel: ChannelProfile,
    /// Each member's policies.
    pub configs: Vec<Config>,
    /// Who may do what with any of the documents.
    pub policy: Policy,
    /// Who assists the leader, all the time.
    pub assistants: BTreeSet<usize>,
    /// Who publishes.
    pub publishers: Vec<usize>,
    /// Who edits.
    pub editors: Vec<usize>,
    /// Who moves the cursor.
    pub pointers: Vec<usize>,
    /// The sheets that are published: the seed of each, and how many sections it has.
    pub sheets: Vec<(u64, usize)>,
    /// What goes wrong.
    pub faults: Faults,
    /// What people do.
    pub users: Users,
    /// How long it goes wrong, in milliseconds.
    pub chaos_ms: u64,
    /// Mean time between two strikes, in milliseconds.
    pub strike_ms: f64,
}

impl Options {
    /// Draws the options of a seed.
    #[must_use]
    pub fn draw(seed: u64, base: &SheetBase) -> Self {
        let mut dice = Dice::for_purpose(seed, 9);
        let dice = &mut dice;
        let drawn = Story::ALL[[0, 0, 0, 0, 1, 2, 3, 4][dice.below(8)]];
        let story = base.story.unwrap_or(drawn);
        let profile = match dice.happens(0.5) {
            true => ChannelProfile::retail(),
            false => dice.of(&ChannelProfile::ALL).copied().unwrap_or_else(ChannelProfile::retail),
        };
        let n_members = match story {
            Story::LargeRaid => dice.between(25, 40),
            _ if dice.happens(0.06) => dice.between(13, 40),
            _ => dice.scale(3.0, 13.0) as u64,
        } as usize;
        let all: Vec<usize> = (0..n_members).collect();
        let some = |dice: &mut Dice| {
            let first = dice.below(n_members);
            all.iter().copied().filter(|one| *one == first || dice.happens(0.4)).collect::<Vec<_>>()
        };
        let assistants = some(dice);
        let who = |dice: &mut Dice| match dice.below(20) {
            0..11 => (Who::Everyone, all.clone()),
            11..16 => {
                let named = some(dice);
                (Who::Members(named.iter().map(|one| name(*one)).collect()), named)
            }
            _ => (Who::Assistants, assistants.clone()),
        };
        let ((publish, publishers), (edit, editors), (point, pointers)) =
            (who(dice), who(dice), who(dice));
        // Who publishes sets sections too, and may find that the document exists already.
        let both: Vec<usize> =
            publishers.iter().copied().filter(|one| editors.contains(one)).collect();
        let (edit, editors, publishers) = match both.is_empty() {
            true => (publish.clone(), publishers.clone(), publishers),
            false => (edit, editors, both),
        };
        // Of a document that is not here yet the member's own policy says who may publish it.
        let strict: Vec<usize> =
            publishers.iter().copied().filter(|one| assistants.contains(one)).collect();
        let is_strict = dice.happens(0.3) && !strict.is_empty();
        let publishers = if is_strict { strict } else { publishers };
        let shared = Config {
            publish: if is_strict { Who::Assistants } else { Who::Everyone },
            ..Config::default()
        };
        let text = if dice.happens(0.25) { 0.5 * dice.unit() } else { 0.0 };
        let announces = if dice.happens(0.4) { dice.unit() } else { 0.0 };
        let config = |dice: &mut Dice| Config {
            dialect: if dice.happens(text) { Dialect::Text } else { Dialect::Compact },
            spread: match dice.happens(announces) {
                true => ImportSpread::Announce,
                false => ImportSpread::Push,
            },
            follow: !dice.happens(0.05),
            ..shared.clone()
        };
        let configs = all.iter().map(|_| config(dice)).collect();
        let most = if text > 0.0 { 8.0 } else { 25.0 };
        let n_sheets = 1 + dice.below(3);
        let sheets = (0..n_sheets)
            .map(|_| (dice.raw() % 1_000_000, dice.scale(1.0, most + 1.0) as usize))
            .collect();
        let faults = match story {
            Story::Mixed | Story::LargeRaid | Story::ThrowAway => Faults::draw(dice),
            Story::Loss => {
                let all = [Fault::Loss, Fault::Duplicate, Fault::Reorder];
                Faults(all.into_iter().map(|fault| (fault, 0.6)).collect())
            }
            Story::Interrupted => {
                let all = [Fault::Loss, Fault::Reload, Fault::Crash, Fault::SlowDisk];
                Faults(all.into_iter().map(|fault| (fault, 0.3 + 0.4 * dice.unit())).collect())
            }
            Story::AllEdit => Faults::default(),
        };
        Self {
            seed,
            story,
            channel: base.channel.unwrap_or(profile),
            configs,
            policy: Policy { publish, edit, point },
            assistants: assistants.into_iter().collect(),
            publishers,
            editors,
            pointers,
            sheets,
            faults: if base.calm { Faults::default() } else { faults },
            users: Users::draw(story, dice),
            chaos_ms: dice.scale(20_000.0, 300_000.0) as u64,
            strike_ms: dice.scale(1_000.0, 30_000.0),
        }
    }

    /// How many members there are.
    #[must_use]
    pub fn n_members(&self) -> usize {
        self.configs.len()
    }

    /// The channel's weather.
    #[must_use]
    pub fn weather(&self) -> Weather {
        let weather = self.faults.weather();
        Weather { loss: weather.loss.min(LOSS_MAX), ..weather }
    }

    /// Takes note of what was drawn.
    pub(crate) fn tell(&self, seen: &mut Coverage) {
        for config in &self.configs {
            let policies = [
                ("policy: text", config.dialect == Dialect::Text),
                ("policy: compact", config.dialect == Dialect::Compact),
                ("policy: announces", config.spread == ImportSpread::Announce),
                ("policy: pushes", config.spread == ImportSpread::Push),
                ("policy: does not follow", !config.follow),
                ("policy: assistants publish", config.publish == Who::Assistants),
            ];
            policies.into_iter().filter(|(_, is_so)| *is_so).for_each(|(what, _)| seen.hit(what));
        }
        let Policy { publish, edit, point } = &self.policy;
        [publish, edit, point].into_iter().for_each(|who| seen.hit_variant("who may", who));
    }

    /// The world of these options.
    #[must_use]
    pub fn setup(&self, records: bool) -> Setup {
        Setup {
            seed: self.seed,
            channel: self.channel,
            weather: self.weather(),
            config: LeaderConfig::default(),
            epoch_ms: 1_733_083_200_000,
            tell_ms: self.faults.tell_ms(),
            disk_ms: self.faults.disk_ms(),
            keeps_disks: false,
            records,
            watches: true,
        }
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, story, channel, policy, sheets, faults, .. } = self;
        let text = self.configs.iter().filter(|one| one.dialect == Dialect::Text).count();
        let announce =
            self.configs.iter().filter(|one| one.spread == ImportSpread::Announce).count();
        write!(
            f,
            "seed {seed}: {story:?}, {} members on {}, {text} write text, {announce} announce; {} publish, {} \
             edit, {} point; assistants {:?}; a new sheet from {}; sections {:?}; chaos for {} s, an act every \
             {:.1} s, a strike every {:.1} s; {faults}",
            self.n_members(),
            channel.name,
            policy.publish,
            policy.edit,
            policy.point,
            self.assistants,
            self.configs[0].publish,
            sheets.iter().map(|(_, n)| *n).collect::<Vec<_>>(),
            self.chaos_ms / 1000,
            self.users.every_ms / 1000.0,
            self.strike_ms / 1000.0,
        )
    }
}
