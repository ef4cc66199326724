//! Adaptive probabilities: one bit's, and those of a choice among many.

use super::coder::Coder;

/// The chance that a bit is 1, learnt from the bits seen: 22 bits of probability, 10 of count.
///
/// The first observations move it most: the n-th by 1 / (n + 0.6) of the error, which is near the
/// best that one can do without knowing anything (Krichevsky and Trofimov, 1981), down to a floor of
/// 1 / 256 so that it follows what changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance(u32);

const COUNT_BITS: u32 = 10;
const COUNT_MASK: u32 = (1 << COUNT_BITS) - 1;
const COUNT_MAX: u32 = 255;

/// 65536 / (n + 1.6) for n observations so far.
const RATE: [u32; COUNT_MAX as usize + 1] = {
    let mut rate = [0; COUNT_MAX as usize + 1];
    let mut n = 0;
    while n <= COUNT_MAX {
        rate[n as usize] = 655_360 / (10 * n + 16);
        n += 1;
    }
    rate
};

impl Default for Chance {
    fn default() -> Self {
        Self::EVEN
    }
}

impl Chance {
    /// Nothing seen yet: both values equally likely.
    pub const EVEN: Self = Self(1 << 31);

    /// As if `seen` bits had shown a chance of `one` / 65536 for a 1; at most 65535, and 255 bits.
    #[must_use]
    pub const fn after(one: u32, seen: u32) -> Self {
        Self(one << 16 | seen)
    }

    /// The chance of a 1 in units of 2^-16, from 1 to 65535.
    #[inline(always)]
    #[must_use]
    pub fn one(self) -> u32 {
        self.0 >> 16 | 1
    }

    /// How many bits it has seen, up to a ceiling.
    #[inline(always)]
    #[must_use]
    pub fn seen(self) -> u32 {
        self.0 & COUNT_MASK
    }

    /// Learns that the bit was `bit`.
    #[inline(always)]
    pub fn learn(&mut self, bit: bool) {
        let count = self.0 & COUNT_MASK;
        let chance = i64::from(self.0 >> COUNT_BITS);
        let goal = i64::from(bit).wrapping_neg() & ((1 << 22) - 1);
        let moved = chance + (((goal - chance) * i64::from(RATE[count as usize])) >> 16);
        self.0 = (moved as u32) << COUNT_BITS | (count + u32::from(count < COUNT_MAX));
    }

    /// Codes a bit with this chance, and learns it.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, bit: bool) -> bool {
        let bit = coder.bit(self.one(), bit);
        self.learn(bit);
        bit
    }
}

/// A choice among at most 2^`BITS` values, as a binary tree of chances.
#[derive(Debug, Clone)]
pub struct Tree<const BITS: u32> {
    nodes: Vec<Chance>,
}

impl<const BITS: u32> Default for Tree<BITS> {
    fn default() -> Self {
        Self { nodes: vec![Chance::EVEN; 1 << BITS] }
    }
}

impl<const BITS: u32> Tree<BITS> {
    /// Codes a value below 2^`BITS`.
    pub fn code<C: Coder>(&mut self, coder: &mut C, value: u32) -> u32 {
        let mut node = 1usize;
        for level in (0..BITS).rev() {
            let bit = self.nodes[node].code(coder, value >> level & 1 == 1);
            node = node << 1 | usize::from(bit);
        }
        node as u32 - (1 << BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chance_never_excludes_a_bit_and_follows_what_it_sees() {
        let mut chance = Chance::EVEN;
        for bit in [true, false] {
            for _ in 0..5000 {
                chance.learn(bit);
                assert!((1..=65_535).contains(&chance.one()));
            }
            assert_eq!(chance.one() > 60_000, bit);
            assert_eq!(chance.one() < 5_000, !bit);
        }
        assert_eq!(chance.seen(), COUNT_MAX);
    }

    #[test]
    fn a_chance_after_so_many_bits_is_the_one_given() {
        for one in [1, 700, 32_768, 65_535] {
            let chance = Chance::after(one, 4);
            assert!(chance.one().abs_diff(one) <= 1, "{} of {one}", chance.one());
            assert_eq!(chance.seen(), 4);
        }
    }
}
