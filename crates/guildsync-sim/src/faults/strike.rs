//! A fault at its moment: what those of channels, clocks and versions do is the same in all kinds of runs.

use bytes::Bytes;

use super::Fault;
use crate::decode;
use crate::dice::Dice;
use crate::world::World;

/// A fault that strikes a member at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strike {
    pub(crate) fault: Fault,
    pub(crate) strength: f64,
    pub(crate) member: usize,
}

/// How hard faults of channels and clocks strike at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Force {
    /// How many links are cut at once.
    links: f64,
    /// For how long a chat is locked, in milliseconds, and how often it is everyone's.
    lock_ms: f64,
    lock_all: f64,
    /// How far a clock jumps at least and at most, in milliseconds.
    jump_ms: (f64, f64),
}

impl Force {
    /// What runs with logs alone have.
    pub(super) const HARD: Self =
        Self { links: 6.0, lock_ms: 600_000.0, lock_all: 0.5, jump_ms: (500.0, 86_400_000.0) };
    /// Less of it, but clocks jump farther: for what goes by clocks.
    pub(crate) const OF_CLOCKS: Self = Self {
        links: 4.0,
        lock_ms: 300_000.0,
        lock_all: 0.3,
        jump_ms: (60_000.0, 2.0 * 86_400_000.0),
    };
}

impl Strike {
    /// What faults of channels, of clocks and of versions do; others do nothing.
    pub(crate) fn hit(self, world: &mut World, force: Force, dice: &mut Dice) {
        let Self { fault, strength, member } = self;
        let now = world.now();
        match fault {
            Fault::Partition if dice.happens(0.3) => world.channel.mend(),
            Fault::Partition => {
                for _ in 0..=(strength * force.links) as usize {
                    world.channel.cut(dice.below(world.len()), dice.below(world.len()));
                }
            }
            Fault::Zoning => world.channel.mute(member, now + dice.between(2_000, 40_000)),
            Fault::Lockdown => {
                let until = now + dice.scale(1_000.0, force.lock_ms * strength + 2_000.0) as u64;
                let all = dice.happens(force.lock_all);
                let hit = (0..world.len()).filter(|one| all || *one == member);
                hit.for_each(|one| world.channel.lock(one, until));
            }
            Fault::ClockJump => {
                world.seen.hit("fault: clock jump");
                let (least, most) = force.jump_ms;
                let ms = dice.scale(least, most * strength) as i64;
                world.shift_clock(member, if dice.happens(0.5) { ms } else { -ms });
            }
            Fault::NewerVersion => {
                world.seen.hit("fault: newer version");
                world.inject(member, &Bytes::from(decode::of_a_newer_version()));
            }
            _ => {}
        }
    }
}
