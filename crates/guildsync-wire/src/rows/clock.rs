//! When rows happened: gaps within an evening, and from one evening to the next.
//!
//! Awards come in bursts of seconds on raid nights that begin at about the same hour. A short gap is
//! coded by its length in bits, in the context of the gap before; a long one as whole days and how
//! much later than the last time the evening begins.

use crate::bytes::{unzigzag, zigzag};
use crate::entropy::number::mantissa;
use crate::entropy::{Chance, Coder, Number, Tree};

/// Gaps of 2^14 seconds (four and a half hours) and more begin another evening.
const EVENING_BITS: u32 = 14;
const DAY: u64 = 86_400;
/// Stands for a gap from evening to evening.
const NIGHT: u32 = EVENING_BITS + 1;
/// How many of a gap's bits behind the highest are learnt.
const LEARNT: u32 = 2;

/// What is known of the rows' times.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    seconds: u64,
    /// When the evening began.
    evening: u64,
    /// Length in bits of the last gap.
    length: u32,
    at_once: [Chance; 8],
    /// Whether the evening is over, by how long it has lasted, in steps of 512 seconds.
    night: [Chance; 32],
    days: Number,
    later: Number,
    /// By what the last gap was: none, within the evening, a night; and whether the event goes on.
    lengths: [[Tree<4>; 2]; 3],
    mantissas: Vec<Chance>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            seconds: 0,
            evening: 0,
            length: 0,
            at_once: [Chance::EVEN; 8],
            night: [Chance::EVEN; 32],
            days: Number::default(),
            later: Number::default(),
            lengths: Default::default(),
            mantissas: vec![Chance::EVEN; (NIGHT as usize) << LEARNT],
        }
    }
}

impl Clock {
    /// How long the last gap was: 0 none, 1 about a minute at most, 2 longer.
    pub(super) fn pace(&self) -> usize {
        match self.length {
            0 => 0,
            1..=6 => 1,
            _ => 2,
        }
    }

    /// Codes the seconds of the next row; `alike` and `run` tell whether its event goes on.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        alike: bool,
        run: u32,
        seconds: u64,
    ) -> u64 {
        let gap = seconds.wrapping_sub(self.seconds);
        let context =
            usize::from(alike) << 2 | usize::from(self.length == 0) << 1 | usize::from(run > 0);
        if self.at_once[context].code(coder, gap == 0) {
            self.length = 0;
            return self.seconds;
        }
        let elapsed = (self.seconds.wrapping_sub(self.evening) >> 9).min(31) as usize;
        if self.night[elapsed].code(coder, gap >> EVENING_BITS != 0) {
            self.next_evening(coder, seconds);
        } else {
            let last = usize::from(self.length > 0) + usize::from(self.length == NIGHT);
            let lengths = &mut self.lengths[last][usize::from(alike)];
            let length =
                lengths.code(coder, u64::BITS - gap.leading_zeros()).clamp(1, EVENING_BITS);
            let chances = &mut self.mantissas[(length as usize) << LEARNT..];
            self.seconds =
                self.seconds.wrapping_add(mantissa::<LEARNT, C>(chances, coder, length, gap));
            self.length = length;
        }
        self.seconds
    }

    /// Wraps around on purpose: a time before the evening's start, or none at all, codes too.
    fn next_evening<C: Coder>(&mut self, coder: &mut C, seconds: u64) {
        let past = seconds.wrapping_sub(self.evening);
        let days = past.wrapping_add(DAY / 2) / DAY;
        let later = past.wrapping_sub(days.wrapping_mul(DAY)) as i64;
        let days = self.days.code(coder, days).wrapping_mul(DAY);
        let later = unzigzag(self.later.code(coder, zigzag(later))) as u64;
        self.evening = self.evening.wrapping_add(days).wrapping_add(later);
        self.seconds = self.evening;
        self.length = NIGHT;
    }
}
