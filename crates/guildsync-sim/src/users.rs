//! What people do: awards, undos, notes, profiles and their policies, manual syncs, coming and going, new
//! leaders.

use crate::dice::Dice;
use crate::world::{Act, World};

/// How people behave in one run: a weight for each habit, drawn by the seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Users {
    /// Mean time between two things that people do, in milliseconds.
    pub every_ms: f64,
    awards: f64,
    undos: f64,
    notes: f64,
    profiles: f64,
    syncs: f64,
    switches_off: f64,
    groups: f64,
    leaders: f64,
    policies: f64,
}

impl Users {
    /// Draws the habits of a guild.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Self {
        let mut weight = |usual: f64| usual * 2.0 * dice.unit();
        Self {
            awards: 1.0 + weight(5.0),
            undos: weight(0.7),
            notes: weight(0.7),
            profiles: weight(0.15),
            syncs: weight(0.3),
            switches_off: weight(0.15),
            groups: weight(0.5),
            leaders: weight(0.3),
            policies: weight(0.1),
            every_ms: dice.scale(1_000.0, 20_000.0),
        }
    }

    /// In a large guild each does less, so that a run of forty takes no longer than others.
    #[must_use]
    pub fn in_a_guild_of(mut self, n_members: usize) -> Self {
        self.every_ms *= (n_members as f64 / 10.0).max(1.0);
        self
    }

    /// One thing that somebody does.
    pub fn do_something(&self, world: &mut World, dice: &mut Dice) {
        let weights = [
            self.awards,
            self.undos,
            self.notes,
            self.profiles,
            self.syncs,
            self.switches_off,
            self.groups,
            self.leaders,
            self.policies,
        ];
        let mut left = dice.unit() * weights.iter().sum::<f64>();
        let which = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let member = dice.below(world.len());
        match which.unwrap_or(0) {
            0 => world.act(member, award(world.len(), dice)),
            1 => world.act(member, Act::Undo { nth: dice.below(1000) }),
            2 => world.act(member, Act::Note),
            3 if dice.happens(0.3) => {
                world.act(member, Act::NewProfile { number: dice.below(3) });
            }
            3 => world.act(member, Act::Switch { nth: dice.below(4) }),
            4 => world.act(member, Act::ManualSync),
            5 => world.act(member, Act::SetEnabled(dice.happens(0.5))),
            6 if world.group().contains(&member) => {
                world.seen.hit("user: leave");
                world.leave(member);
            }
            6 => {
                world.seen.hit("user: join");
                world.join(member);
            }
            7 => {
                world.seen.hit("user: new leader");
                world.set_leader(member);
            }
            _ => world.act(member, Act::SetPolicy { nth: dice.below(100) }),
        }
    }
}

/// An award to one member, or to many at once.
pub(crate) fn award(n_members: usize, dice: &mut Dice) -> Act {
    let n = if dice.happens(0.08) { 1 + dice.below(n_members) } else { 1 };
    let targets = (0..n).map(|_| dice.below(n_members)).collect();
    let hundredths = dice.between(0, 20_000) as i64 - 10_000;
    Act::Award { targets, hundredths }
}
