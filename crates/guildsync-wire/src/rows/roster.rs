//! The order in which a raid's members are walked when all get the same.
//!
//! A tool that awards a raid walks its roster, so the targets of one event come in an order that the
//! next event repeats, with some members missing. The order is learnt from the events; a target is
//! then coded as which of the members behind the one before were left out.

use crate::entropy::{Chance, Coder, Mix};

const NOWHERE: u32 = u32::MAX;
/// How many recent events a member's habit covers.
const HABIT_BITS: u32 = 5;

/// The learnt order, and who tends to be there.
#[derive(Debug, Clone)]
pub(super) struct Roster {
    order: Vec<u32>,
    /// Place in `order` by name, or [`NOWHERE`].
    place: Vec<u32>,
    /// By name: whether the last events had it, the newest in the lowest bit.
    habit: Vec<u8>,
    onward: [Chance; 16],
    member: Vec<Chance>,
    there: [Chance; 1 << HABIT_BITS],
    mix: [Mix<2>; 4],
}

impl Default for Roster {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            place: Vec::new(),
            habit: Vec::new(),
            onward: [Chance::EVEN; 16],
            member: Vec::new(),
            there: [Chance::EVEN; 1 << HABIT_BITS],
            mix: [Mix::new([100, 200]); 4],
        }
    }
}

impl Roster {
    fn place(&self, name: u32) -> Option<usize> {
        let place = self.place.get(name as usize).copied().unwrap_or(NOWHERE);
        (place != NOWHERE).then_some(place as usize)
    }

    /// How many members who came lately stand behind `name`, counted up to 15.
    pub(super) fn behind(&self, name: u32) -> u32 {
        let Some(place) = self.place(name) else { return 0 };
        let lately = |&&name: &&u32| self.habit[name as usize] & 3 != 0;
        self.order[place + 1..].iter().filter(lately).take(15).count() as u32
    }

    /// Codes the target behind `before` in one event: `None` when it is not behind it in the order.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        before: u32,
        run: u32,
        target: u32,
    ) -> Option<u32> {
        let from = self.place(before)? + 1;
        if from == self.order.len() {
            return None;
        }
        let goal = self.place(target).filter(|place| *place >= from);
        let context =
            run.min(7) as usize * 2 + usize::from(self.habit[before as usize] >> 1 & 1 == 1);
        if !self.onward[context].code(coder, goal.is_some()) {
            return None;
        }
        for at in from..self.order.len() - 1 {
            let name = self.order[at];
            let index = name as usize;
            let habit = &mut self.habit[index];
            let bits = [&mut self.member[index], &mut self.there[usize::from(*habit)]];
            let here = self.mix[0].code(coder, bits, goal == Some(at));
            *habit = (*habit << 1 | u8::from(here)) & ((1 << HABIT_BITS) - 1);
            if here {
                return Some(name);
            }
        }
        self.order.last().copied()
    }

    /// Learns that `target` came behind `before` in one event.
    pub(super) fn follow(&mut self, before: u32, target: u32) {
        let needed = before.max(target) as usize + 1;
        if self.place.len() < needed {
            self.place.resize(needed, NOWHERE);
            self.habit.resize(needed, 1);
            self.member.resize(needed, Chance::EVEN);
        }
        match (self.place(before), self.place(target)) {
            (Some(first), Some(second)) if first <= second => {}
            (Some(first), Some(second)) => {
                self.order.remove(second);
                self.order.insert(first, target);
                self.renumber(second, first + 1);
            }
            (Some(first), None) => {
                self.order.insert(first + 1, target);
                self.renumber(first + 1, self.order.len());
            }
            (None, Some(second)) => {
                self.order.insert(second, before);
                self.renumber(second, self.order.len());
            }
            (None, None) => {
                self.order.push(before);
                if target != before {
                    self.order.push(target);
                }
                self.renumber(self.order.len().saturating_sub(2), self.order.len());
            }
        }
    }

    fn renumber(&mut self, from: usize, to: usize) {
        for at in from..to {
            self.place[self.order[at] as usize] = at as u32;
        }
    }

    /// Learns that an event ended at `last`: who stands behind it was not there.
    pub(super) fn end(&mut self, last: u32) {
        if let Some(place) = self.place(last) {
            for name in &self.order[place + 1..] {
                let habit = &mut self.habit[*name as usize];
                *habit = *habit << 1 & ((1 << HABIT_BITS) - 1);
            }
        }
    }
}
