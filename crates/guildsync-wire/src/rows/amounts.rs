//! Points: what was awarded, and the totals that replay predicts.

use super::symbols::Symbols;
use crate::bytes::{unzigzag, zigzag};
use crate::entropy::{Chance, Coder, Number, Tree};

/// A signed amount in hundredths, most of which are whole.
#[derive(Debug, Clone)]
struct Amount {
    whole: Chance,
    wholes: Number,
    hundredths: Number,
}

impl Default for Amount {
    fn default() -> Self {
        Self { whole: Chance::EVEN, wholes: Number::default(), hundredths: Number::default() }
    }
}

impl Amount {
    fn code<C: Coder>(&mut self, coder: &mut C, value: i64) -> i64 {
        if self.whole.code(coder, value % 100 == 0) {
            unzigzag(self.wholes.code(coder, zigzag(value / 100))).wrapping_mul(100)
        } else {
            unzigzag(self.hundredths.code(coder, zigzag(value)))
        }
    }
}

/// How many different amounts are remembered as such.
const DELTAS_MAX: usize = 256;

/// The points that rows award: few different ones, mostly given by the reason.
#[derive(Debug, Clone)]
pub(super) struct Deltas {
    met: Vec<i64>,
    fresh: Chance,
    symbols: Symbols,
    amount: Amount,
}

impl Default for Deltas {
    fn default() -> Self {
        Self {
            met: Vec::new(),
            fresh: Chance::EVEN,
            symbols: Symbols::new(true),
            amount: Amount::default(),
        }
    }
}

impl Deltas {
    /// Codes an award for `reason`.
    pub(super) fn code<C: Coder>(&mut self, coder: &mut C, reason: u32, delta: i64) -> i64 {
        let place = self.met.iter().position(|met| *met == delta);
        if self.fresh.code(coder, place.is_none()) || self.met.is_empty() {
            let delta = self.amount.code(coder, delta);
            if self.met.len() < DELTAS_MAX {
                self.met.push(delta);
            }
            return delta;
        }
        let len = self.met.len() as u32;
        self.met[self.symbols.code(coder, len, reason, place.unwrap_or(0) as u32) as usize]
    }
}

/// How many corrections are remembered.
const RECENT: usize = 16;

/// The members' totals as replay of the rows so far has them.
///
/// Where a total is not what replay says, something happened to the member that the rows do not
/// show: an award to the whole raid, a decay of everyone. So the same correction comes again, for
/// the others, or one in the same proportion.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    /// By target; `None` where none was seen.
    totals: Vec<Option<i64>>,
    /// Of the row before, whoever's.
    before: i64,
    right: [Chance; 8],
    /// How many in a row were not as predicted, up to 3.
    missed: usize,
    /// Corrections, the latest first.
    recent: [i64; RECENT],
    again: [Chance; 4],
    places: [Tree<4>; RECENT],
    place: usize,
    /// The last correction, and of what total.
    last: (i64, i64),
    in_proportion: Chance,
    corrections: [Amount; 3],
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            totals: Vec::new(),
            before: 0,
            right: [Chance::EVEN; 8],
            missed: 0,
            recent: [0; RECENT],
            again: [Chance::EVEN; 4],
            places: std::array::from_fn(|_| Tree::default()),
            place: 0,
            last: (0, 0),
            in_proportion: Chance::EVEN,
            corrections: Default::default(),
        }
    }
}

impl Totals {
    /// Codes the total of `target` (if any) after an award of `delta`.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        target: Option<u32>,
        delta: i64,
        total: i64,
    ) -> i64 {
        let known = target.and_then(|target| self.totals.get(target as usize).copied().flatten());
        let old = known.unwrap_or(self.before);
        let predicted = old.wrapping_add(delta);
        let context = self.missed << 1 | usize::from(known.is_some());
        let total = if self.right[context].code(coder, total == predicted) {
            self.missed = 0;
            predicted
        } else {
            self.missed = 3.min(self.missed + 1);
            let off = total.wrapping_sub(predicted);
            predicted.wrapping_add(match known {
                Some(_) => self.correction(coder, old, off),
                None => self.corrections[0].code(coder, off),
            })
        };
        if let Some(target) = target {
            if self.totals.len() <= target as usize {
                self.totals.resize(target as usize + 1, None);
            }
            self.totals[target as usize] = Some(total);
        }
        self.before = total;
        total
    }

    fn correction<C: Coder>(&mut self, coder: &mut C, old: i64, off: i64) -> i64 {
        let place = self.recent.iter().position(|recent| *recent == off);
        if self.again[self.missed].code(coder, place.is_some()) {
            self.place = self.places[self.place].code(coder, place.unwrap_or(0) as u32) as usize;
            self.recent[..=self.place].rotate_right(1);
            return self.recent[0];
        }
        let share = self.share(old);
        let nearer = off.wrapping_sub(share).unsigned_abs() < off.unsigned_abs() / 2;
        let off = if share != 0 && self.in_proportion.code(coder, nearer) {
            share.wrapping_add(self.corrections[1].code(coder, off.wrapping_sub(share)))
        } else {
            self.corrections[2].code(coder, off)
        };
        self.last = (off, old);
        self.recent.rotate_right(1);
        self.recent[0] = off;
        off
    }

    /// The last correction in proportion to this total, in whole points.
    fn share(&self, old: i64) -> i64 {
        let (off, of) = (i128::from(self.last.0), i128::from(self.last.1));
        if of == 0 {
            return 0;
        }
        (i128::from(old) * off / of / 100 * 100) as i64
    }
}
