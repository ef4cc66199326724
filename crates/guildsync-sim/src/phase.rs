//! The phases of a run: what all kinds of runs have in common.

use crate::dice::Dice;
use crate::world::World;

impl World {
    /// Says that a phase begins; its name.
    pub(crate) fn enter(&mut self, phase: &'static str) -> &'static str {
        let now = self.now();
        self.trace.event(now, format_args!("phase {phase}"));
        phase
    }

    /// Lets so many virtual milliseconds pass.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub(crate) fn advance(&mut self, ms: u64) -> Result<(), String> {
        self.run_until(self.now() + ms);
        self.failures.first().cloned().map_or(Ok(()), Err)
    }
}

/// People do things while things go wrong, each at moments of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chaos {
    /// How long, in virtual milliseconds.
    pub(crate) ms: u64,
    /// How often somebody does something, in milliseconds.
    pub(crate) act_ms: f64,
    /// How often something goes wrong, in milliseconds.
    pub(crate) strike_ms: f64,
}

impl Chaos {
    /// Lets it happen.
    ///
    /// # Errors
    /// The first thing that should not have been.
    pub(crate) fn run(
        self,
        world: &mut World,
        dice: &mut Dice,
        mut act: impl FnMut(&mut World, &mut Dice),
        mut strike: impl FnMut(&mut World, &mut Dice),
    ) -> Result<(), String> {
        let mut left = self.ms;
        let mut act_in = dice.wait(self.act_ms);
        let mut strike_in = dice.wait(self.strike_ms);
        while left > 0 {
            let ms = act_in.min(strike_in).min(left);
            world.advance(ms)?;
            (left, act_in, strike_in) = (left - ms, act_in - ms, strike_in - ms);
            if act_in == 0 {
                act(world, dice);
                act_in = dice.wait(self.act_ms);
            }
            if strike_in == 0 {
                strike(world, dice);
                strike_in = dice.wait(self.strike_ms);
            }
        }
        Ok(())
    }
}
