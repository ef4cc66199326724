//! How soon a new entry is everywhere.

use crate::dice::Dice;
use crate::world::{Act, World};

use super::stock::WRITERS;

/// Between two entries, in virtual milliseconds: the channel is idle.
const EVERY_MS: u64 = 5_000;
/// An entry that takes longer counts as this long.
const LONGEST_MS: u64 = 30_000;
const LOOK_EVERY_MS: u64 = 10;

/// Lets members write `n` entries and returns what 99 of 100 took from acknowledgement to each member.
pub(super) fn p99_ms(world: &mut World, n: usize, dice: &mut Dice) -> u64 {
    // What the group's forming causes is over first.
    world.run_until(world.now() + 60_000);
    let mut took = Vec::new();
    for _ in 0..n {
        // Officers write; their chains are known to everyone.
        let author = dice.below(WRITERS.min(world.len()));
        let before = world.profiles(author).active().frontier();
        let targets = vec![dice.below(world.len())];
        world.act(author, Act::Award { targets, hundredths: 1000 });
        while world.member(author).is_writing() {
            world.run_until(world.now() + 1);
        }
        let began = world.now();
        let after = world.profiles(author).active().frontier();
        let Some((writer, _, last)) = before.lacks(&after).next() else { continue };
        let mut waiting: Vec<usize> = (0..world.len()).filter(|m| *m != author).collect();
        while !waiting.is_empty() && world.now() < began + LONGEST_MS {
            world.run_until(world.now() + LOOK_EVERY_MS);
            waiting.retain(|member| {
                let there = world.profiles(*member).active().frontier().last(writer) >= last;
                if there {
                    took.push(world.now() - began);
                }
                !there
            });
        }
        took.extend(waiting.iter().map(|_| LONGEST_MS));
        world.run_until((began + EVERY_MS).max(world.now()));
    }
    took.sort_unstable();
    took.get(took.len() * 99 / 100).copied().unwrap_or(0)
}
