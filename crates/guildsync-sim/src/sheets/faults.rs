//! What strikes members with sheets: what strikes those without, and whoever sends or receives a document
//! leaves in the middle of that.

use super::options::Options;
use super::users;
use crate::dice::Dice;
use crate::faults::{Fault, Force, Strike};
use crate::world::World;

/// The faults that happen at moments.
const AT_MOMENTS: [Fault; 7] = [
    Fault::Partition,
    Fault::Zoning,
    Fault::Lockdown,
    Fault::Reload,
    Fault::Crash,
    Fault::ClockJump,
    Fault::NewerVersion,
];

/// Something happens to somebody, if this run has faults that do.
pub(crate) fn strike(world: &mut World, options: &Options, dice: &mut Dice) {
    let Some(strike) = options.faults.draw_strike(&AT_MOMENTS, world, dice) else { return };
    let Strike { fault, member, .. } = strike;
    match fault {
        Fault::Reload => reload(world, options, member, dice),
        Fault::Crash => come_and_go(world, options, member, dice),
        _ => strike.hit(world, Force::OF_CLOCKS, dice),
    }
}

/// A program ends and starts again, at times in the middle of a commit of its own or of a transfer.
fn reload(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    if !world.member(member).online {
        return;
    }
    match dice.below(3) {
        0 => users::edit_alone(world, options, member, dice),
        1 => in_mid_transfer(world, options, dice),
        _ => {}
    }
    world.seen.hit("fault: reload");
    world.kill(member);
    world.start(member);
}

/// A member leaves the game, or comes back.
fn come_and_go(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    if !world.member(member).online {
        world.log_on(member);
        return world.join(member);
    }
    if dice.happens(0.5) {
        in_mid_transfer(world, options, dice);
    }
    match dice.below(4) {
        // Out of the raid, and still in the game.
        0 => {
            world.seen.hit("fault: leaves the raid");
            world.leave(member);
        }
        // The game does not notice.
        1 => {
            world.seen.hit("fault: crash");
            world.log_off(member);
        }
        _ => {
            world.seen.hit("fault: log off");
            world.leave(member);
            world.log_off(member);
        }
    }
    if dice.happens(0.5) {
        world.run_until(world.now() + dice.scale(500.0, 30_000.0) as u64);
        world.log_on(member);
        world.join(member);
    }
}

/// Something is published, and is on its way.
fn in_mid_transfer(world: &mut World, options: &Options, dice: &mut Dice) {
    world.seen.hit("fault: in the middle of a transfer");
    users::publish(world, options, dice);
    world.run_until(world.now() + dice.scale(50.0, 10_000.0) as u64);
}
