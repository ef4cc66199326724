//! What goes wrong in a run: each seed draws a random subset of all faults, each of random strength.
//!
//! Swarm testing: a run with few faults, strong ones, reaches what a run with all of them drowns.

use std::collections::BTreeMap;
use std::fmt;

use crate::channel::{Burst, Weather};
use crate::dice::Dice;
use crate::world::{Act, World};

mod strike;

pub(crate) use strike::{Force, Strike};

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Frames do not reach a receiver.
    Loss,
    /// The same, many in a row.
    BurstLoss,
    /// Frames reach a receiver twice.
    Duplicate,
    /// Frames are overtaken.
    Reorder,
    /// Frames arrive again up to an hour later: an answer after its deadline, a session of yesterday.
    Stale,
    /// Other addons spend the same budget.
    Foreign,
    /// A one-way link is cut.
    Partition,
    /// A loading screen: a member neither hears nor is heard.
    Zoning,
    /// The channel refuses: one member, or all.
    Lockdown,
    /// A program ends and starts again at once; what was not durable is gone.
    Reload,
    /// A member is gone for seconds to hours.
    Crash,
    /// Everyone is gone for days to months.
    Season,
    /// An older copy of a store comes back.
    RestoredBackup,
    /// A store is lost, key and all.
    WipedStore,
    /// Clocks are wrong from the start.
    Skew,
    /// A clock jumps.
    ClockJump,
    /// Commits take long.
    SlowDisk,
    /// Members are told late, each at its own time, who is in the group.
    LateNews,
    /// Members that have no program.
    Silent,
    /// Somebody has a later version of the program.
    NewerVersion,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Loss,
        Self::BurstLoss,
        Self::Duplicate,
        Self::Reorder,
        Self::Stale,
        Self::Foreign,
        Self::Partition,
        Self::Zoning,
        Self::Lockdown,
        Self::Reload,
        Self::Crash,
        Self::Season,
        Self::RestoredBackup,
        Self::WipedStore,
        Self::Skew,
        Self::ClockJump,
        Self::SlowDisk,
        Self::LateNews,
        Self::Silent,
        Self::NewerVersion,
    ];

    /// Those that happen at moments, rather than all the time.
    const AT_MOMENTS: [Self; 10] = [
        Self::Partition,
        Self::Zoning,
        Self::Lockdown,
        Self::Reload,
        Self::Crash,
        Self::Season,
        Self::RestoredBackup,
        Self::WipedStore,
        Self::ClockJump,
        Self::NewerVersion,
    ];
}

/// The faults of one run with their strengths, above 0 and up to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults(pub BTreeMap<Fault, f64>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no faults");
        }
        for (i, (fault, strength)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{fault:?} {strength:.2}")?;
        }
        Ok(())
    }
}

impl Faults {
    /// A random subset.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Self {
        // Some runs have hardly any, some nearly all.
        let density = dice.unit();
        let drawn = Fault::ALL.into_iter().filter_map(|fault| {
            let strength = 0.05 + 0.95 * dice.unit() * dice.unit();
            dice.happens(density * 0.6).then_some((fault, strength))
        });
        Self(drawn.collect())
    }

    /// How strong a fault is, 0 for one that is not there.
    #[must_use]
    pub fn strength(&self, fault: Fault) -> f64 {
        self.0.get(&fault).copied().unwrap_or(0.0)
    }

    /// The channel's weather.
    #[must_use]
    pub fn weather(&self) -> Weather {
        let bursts = self.strength(Fault::BurstLoss);
        let burst = Burst { begins: 0.02 + 0.05 * bursts, ends: 0.3 - 0.2 * bursts, loss: 0.9 };
        Weather {
            loss: self.strength(Fault::Loss) * 0.5,
            burst: (bursts > 0.0).then_some(burst),
            duplicate: self.strength(Fault::Duplicate) * 0.4,
            reorder: self.strength(Fault::Reorder) * 0.5,
            stale: self.strength(Fault::Stale) * 0.1,
            foreign: self.strength(Fault::Foreign) * 0.8,
            ..Weather::calm()
        }
    }

    /// What is left of the weather when a core is healed: frames are still lost, repeated and overtaken,
    /// as they always may be.
    #[must_use]
    pub fn mild_weather(&self) -> Weather {
        let Weather { loss, duplicate, reorder, .. } = self.weather();
        let (loss, duplicate, reorder) = (loss.min(0.15), duplicate.min(0.1), reorder.min(0.1));
        Weather { loss, duplicate, reorder, ..Weather::calm() }
    }

    /// Shortest and longest time that a commit takes, in milliseconds.
    #[must_use]
    pub fn disk_ms(&self) -> (u64, u64) {
        (1, 10 + (self.strength(Fault::SlowDisk) * 2000.0) as u64)
    }

    /// Shortest and longest time until a member hears of a change in the group, in milliseconds.
    #[must_use]
    pub fn tell_ms(&self) -> (u64, u64) {
        (0, 100 + (self.strength(Fault::LateNews) * 10_000.0) as u64)
    }

    /// What is wrong from the start.
    pub fn begin(&self, world: &mut World, dice: &mut Dice) {
        for fault in [Fault::SlowDisk, Fault::LateNews] {
            if self.strength(fault) > 0.0 {
                world.seen.hit(match fault {
                    Fault::SlowDisk => "fault: slow disk",
                    _ => "fault: told late",
                });
            }
        }
        let skew = self.strength(Fault::Skew);
        for member in 0..world.len() {
            if dice.happens(skew.sqrt()) {
                world.seen.hit("fault: clock skew");
                let ms = dice.scale(100.0, 86_400_000.0 * skew) as i64;
                world.shift_clock(member, if dice.happens(0.5) { ms } else { -ms });
            }
        }
    }

    /// One moment of chaos: something happens to somebody, if this run has faults that do.
    pub fn strike(&self, world: &mut World, dice: &mut Dice) {
        let Some(strike) = self.draw_strike(&Fault::AT_MOMENTS, world, dice) else { return };
        let Strike { fault, strength, member } = strike;
        match fault {
            Fault::Reload if world.member(member).online => {
                world.seen.hit("fault: reload");
                if dice.happens(0.4) {
                    // In the middle of a commit.
                    world.act(member, crate::users::award(world.len(), dice));
                }
                world.kill(member);
                world.start(member);
            }
            Fault::Crash => come_and_go(world, dice, member, strength),
            Fault::Season => season(world, dice),
            Fault::RestoredBackup => restore_or_back_up(world, dice, member),
            Fault::WipedStore if dice.happens(0.3) => {
                world.seen.hit("fault: wiped store");
                world.lose_disk(member, Loss::Everything);
            }
            _ => strike.hit(world, Force::HARD, dice),
        }
    }

    /// Which of these faults strikes whom now, if any does.
    pub(crate) fn draw_strike(
        &self,
        at_moments: &[Fault],
        world: &mut World,
        dice: &mut Dice,
    ) -> Option<Strike> {
        let due = at_moments.iter().copied().filter(|fault| self.strength(*fault) > 0.0);
        let fault = dice.of(&due.collect::<Vec<Fault>>()).copied()?;
        let strength = self.strength(fault);
        if !dice.happens(0.2 + 0.8 * strength) {
            return None;
        }
        let member = dice.below(world.len());
        let now = world.now();
        world.trace.event(now, format_args!("{fault:?} strikes {member}"));
        Some(Strike { fault, strength, member })
    }
}

impl Faults {
    /// The end of chaos: whoever has a copy of its store may put it in place just before the raid.
    pub fn finish(&self, world: &mut World, dice: &mut Dice) {
        if self.strength(Fault::RestoredBackup) > 0.0 {
            let kept = (0..world.len()).filter(|one| world.member(*one).has_backup());
            for member in kept.collect::<Vec<_>>() {
                if dice.happens(0.5) {
                    world.leave(member);
                    restore(world, dice, member);
                }
            }
        }
    }
}

fn come_and_go(world: &mut World, dice: &mut Dice, member: usize, strength: f64) {
    if !world.member(member).online {
        return world.log_on(member);
    }
    world.seen.hit("fault: crash");
    world.seen.hit("fault: log off");
    world.log_off(member);
    if dice.happens(0.5) {
        // Gone for a moment: the group may not even notice.
        let until = world.now() + dice.scale(500.0, 5_000.0 + 60_000.0 * strength) as u64;
        world.run_until(until);
        world.log_on(member);
    }
}

fn season(world: &mut World, dice: &mut Dice) {
    if !dice.happens(0.25) {
        return;
    }
    world.seen.hit("fault: away for months");
    let online: Vec<usize> = (0..world.len()).filter(|m| world.member(*m).online).collect();
    online.iter().for_each(|member| world.log_off(*member));
    let away = dice.scale(3_600_000.0, 400.0 * 86_400_000.0) as u64;
    world.run_until(world.now() + away);
    online.iter().for_each(|member| world.log_on(*member));
}

fn restore_or_back_up(world: &mut World, dice: &mut Dice, member: usize) {
    if world.member(member).has_backup() && dice.happens(0.5) {
        restore(world, dice, member);
    } else {
        world.back_up(member);
        world.act(member, crate::users::award(world.len(), dice));
    }
}

fn restore(world: &mut World, dice: &mut Dice, member: usize) {
    world.seen.hit("fault: restored backup");
    let own = |world: &World| {
        let writer = world.member(member).disk.key().writer();
        world.profiles(member).active().frontier().last(writer)
    };
    let n_before = own(world);
    if dice.happens(0.6) {
        world.leave(member);
    }
    world.lose_disk(member, Loss::SinceBackup);
    // People do again what they see was lost.
    let n_lost = n_before.saturating_sub(own(world)).min(5);
    for _ in 0..if dice.happens(0.6) { n_lost } else { 0 } {
        let act = Act::Award { targets: vec![member], hundredths: dice.between(1, 500) as i64 };
        world.act(member, act);
    }
}

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it, and its key.
    Everything,
    /// What came after the last copy; the key is that of the copy.
    SinceBackup,
}

impl World {
    /// A member's disk fails while its program runs: the program ends, and starts on what is there.
    pub fn lose_disk(&mut self, member: usize, loss: Loss) {
        let was_running = self.member(member).replica().is_some();
        self.kill(member);
        self.change_disk(member, loss);
        self.account_for_disk(member, loss == Loss::SinceBackup);
        if was_running {
            self.start(member);
        }
    }
}
