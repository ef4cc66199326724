//! What strikes members with tables: what strikes those without, and what is worse for tables.

use super::options::Options;
use super::side::Kill;
use super::users;
use crate::dice::Dice;
use crate::faults::{Fault, Force, Strike};
use crate::world::World;

/// The faults that happen at moments.
const AT_MOMENTS: [Fault; 9] = [
    Fault::Partition,
    Fault::Zoning,
    Fault::Lockdown,
    Fault::Reload,
    Fault::Crash,
    Fault::Season,
    Fault::RestoredBackup,
    Fault::ClockJump,
    Fault::NewerVersion,
];

/// Clocks are wrong from the start.
pub(crate) fn begin(world: &mut World, options: &Options) {
    for (member, skew_s) in options.skew_s.iter().enumerate() {
        if *skew_s != 0 {
            world.seen.hit("fault: clock skew");
            world.shift_clock(member, skew_s * 1000);
        }
    }
    if options.faults.strength(Fault::SlowDisk) > 0.0 {
        world.seen.hit("fault: slow disk");
    }
}

/// Something happens to somebody, if this run has faults that do.
pub(crate) fn strike(world: &mut World, options: &Options, dice: &mut Dice) {
    let Some(strike) = options.faults.draw_strike(&AT_MOMENTS, world, dice) else { return };
    let Strike { fault, member, .. } = strike;
    match fault {
        Fault::Reload if dice.happens(0.6) => {
            let (frames, pause_ms) = (dice.between(1, 30), dice.scale(100.0, 120_000.0) as u64);
            world.side().kill = Some(Kill { victim: member, frames, pause_ms, is_due: false });
        }
        Fault::Reload if world.member(member).online => {
            world.seen.hit("fault: reload");
            if dice.happens(0.6) {
                users::write(world, options, member, dice);
            }
            world.kill(member);
            world.start(member);
        }
        Fault::Crash => come_and_go(world, member),
        Fault::Season => away(world, options, member, dice),
        Fault::RestoredBackup => back_up_or_restore(world, member, dice),
        _ => strike.hit(world, Force::OF_CLOCKS, dice),
    }
}

/// A member copies its disk to a safe place, or puts the copy that it has in place.
fn back_up_or_restore(world: &mut World, member: usize, dice: &mut Dice) {
    if !dice.happens(0.5) {
        world.back_up_tables(member);
    } else if world.restore_tables(member) {
        world.seen.hit("fault: restored backup");
    }
}

/// A member leaves the game, or comes back.
fn come_and_go(world: &mut World, member: usize) {
    if world.member(member).online {
        world.seen.hit("fault: crash");
        go(world, member);
    } else {
        come(world, member);
    }
}

/// A member leaves the game, and everybody sees it.
pub(crate) fn go(world: &mut World, member: usize) {
    world.seen.hit("fault: log off");
    world.leave(member);
    world.log_off(member);
}

/// A member is back.
pub(crate) fn come(world: &mut World, member: usize) {
    world.log_on(member);
    world.join(member);
}

/// A member is away for hours to more than a year; the others go on, now and then.
fn away(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    if !dice.happens(0.3) {
        return;
    }
    world.seen.hit("fault: away for long");
    go(world, member);
    let away_ms = dice.scale(3_600_000.0, 400.0 * 86_400_000.0);
    if away_ms > 200.0 * 86_400_000.0 {
        world.seen.hit("fault: away for most of a year");
    }
    for _ in 0..3 {
        for _ in 0..4 {
            options.users.do_something(world, options, dice);
            world.run_until(world.now() + 10_000);
        }
        world.run_until(world.now() + (away_ms / 3.0) as u64);
    }
    come(world, member);
}
