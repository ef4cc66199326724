//! A column of numbers into a table that grows as the rows are walked.
//!
//! A context remembers one symbol, the one that came most lately and most often, and how far it can
//! be trusted. First it is asked whether that is the one; if not, the symbol is coded by how often
//! each has come at all. That takes two decisions where a tree of mixed predictions takes twenty, at
//! nearly the same size.

use crate::entropy::{Chance, Coder};

/// Contexts are hashed into 2^10 slots; two that share one only guess worse.
const SLOT_BITS: u32 = 10;
/// How much one occurrence adds to a symbol's frequency.
const STEP: u32 = 16;
/// What a symbol has before it came once.
const FLOOR: u32 = 8;
/// Where frequencies are halved.
const TOTAL_MAX: u32 = 1 << 16;
const TRUST_MAX: u8 = 15;
/// Steps of half a power of two by which a guess's share of all occurrences is told apart.
const SHARES: usize = 24;
/// The share that a guess of a decisive context is taken to have: three fifths.
const DECISIVE: usize = 1;

/// The symbol that a context expects.
#[derive(Debug, Clone, Copy, Default)]
struct Guess {
    symbol: u32,
    /// 0: nothing seen; rises when right, falls faster when wrong.
    trust: u8,
}

/// The model of one column.
#[derive(Debug, Clone)]
pub(super) struct Symbols {
    guesses: Vec<Guess>,
    /// Whether a guess is right, by its share of all occurrences and its trust.
    right: [[Chance; TRUST_MAX as usize + 1]; SHARES],
    /// Whether the context says more than the symbol's frequency does.
    decisive: bool,
    frequency: Vec<u32>,
    total: u32,
}

impl Symbols {
    /// A column. Its context is `decisive` if it says more than how often a symbol comes.
    pub(super) fn new(decisive: bool) -> Self {
        Self {
            guesses: vec![Guess::default(); 1 << SLOT_BITS],
            right: FIRST,
            decisive,
            frequency: Vec::new(),
            total: 0,
        }
    }

    /// Codes `symbol`, below `len`, in a context. `len` is at least 1 and never shrinks.
    #[inline]
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        len: u32,
        context: u32,
        symbol: u32,
    ) -> u32 {
        if self.frequency.len() < len as usize {
            self.total += FLOOR * (len - self.frequency.len() as u32);
            self.frequency.resize(len as usize, FLOOR);
        }
        let slot = (hash(context, 0) >> (32 - SLOT_BITS)) as usize;
        let guess = self.guesses[slot];
        let symbol = match guess.trust {
            0 => coder.choose(&self.frequency, self.total, symbol),
            _ => self.check(coder, guess, symbol),
        };
        self.guesses[slot].learn(symbol);
        self.count(symbol);
        symbol
    }

    #[inline]
    fn check<C: Coder>(&mut self, coder: &mut C, guess: Guess, symbol: u32) -> u32 {
        let frequency = self.frequency[guess.symbol as usize];
        let share = if self.decisive {
            DECISIVE
        } else {
            SHARES.min((halves(self.total) - halves(frequency)) as usize + 1) - 1
        };
        let right = &mut self.right[share][usize::from(guess.trust)];
        let only = self.frequency.len() == 1;
        if only || right.code(coder, symbol == guess.symbol) {
            return guess.symbol;
        }
        // A wrong guess is out of the race.
        self.frequency[guess.symbol as usize] = 0;
        let symbol = coder.choose(&self.frequency, self.total - frequency, symbol);
        self.frequency[guess.symbol as usize] = frequency;
        symbol
    }

    fn count(&mut self, symbol: u32) {
        self.frequency[symbol as usize] += STEP;
        self.total += STEP;
        if self.total > TOTAL_MAX {
            self.frequency.iter_mut().for_each(|frequency| *frequency = frequency.div_ceil(2));
            self.total = self.frequency.iter().sum();
        }
    }
}

impl Guess {
    #[inline]
    fn learn(&mut self, symbol: u32) {
        if self.symbol == symbol && self.trust > 0 {
            self.trust = TRUST_MAX.min(self.trust + 1);
        } else if self.trust < 2 {
            *self = Self { symbol, trust: 1 };
        } else {
            self.trust -= 1 + self.trust / 4;
        }
    }
}

/// Scatters two numbers over 32 bits; the high bits are the good ones.
#[inline]
pub(super) fn hash(a: u32, b: u32) -> u32 {
    (a.wrapping_mul(0x9e37_79b1) ^ b.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0x2c1b_3c6d)
}

/// Twice the binary logarithm, rounded down.
#[inline]
fn halves(value: u32) -> u32 {
    let value = u64::from(value) << 1 | 1;
    let top = 63 - value.leading_zeros();
    2 * top + (value >> top.saturating_sub(1) & 1) as u32
}

/// How likely a guess is before one was ever put: as its share says, and more so with trust.
const FIRST: [[Chance; TRUST_MAX as usize + 1]; SHARES] = {
    let mut first = [[Chance::EVEN; TRUST_MAX as usize + 1]; SHARES];
    let mut rare = 0;
    while rare < SHARES {
        let share: u32 = if rare % 2 == 0 { 56_000 } else { 40_000 } >> (rare / 2);
        let mut trust = 0;
        while trust <= TRUST_MAX as u32 {
            // Each further time that it was right doubles and triples the odds.
            let odds = share * (1 + 2 * trust.saturating_sub(1));
            let one = (odds as u64 * 65_536 / (odds as u64 + 65_536 - share as u64)) as u32;
            first[rare][trust as usize] = Chance::after(if one > 64_000 { 64_000 } else { one }, 8);
            trust += 1;
        }
        rare += 1;
    }
    first
};
