//! Whole numbers: their length in bits by a tree, then their highest bits as learnt, the rest raw.

use super::chance::{Chance, Tree};
use super::coder::Coder;

/// How many of the bits behind the highest are learnt.
const LEARNT: u32 = 3;

/// A model of unsigned numbers up to 64 bits, good where small ones are likely (Exp-Golomb shape).
#[derive(Debug, Clone)]
pub struct Number {
    length: Tree<7>,
    mantissa: Vec<Chance>,
}

impl Default for Number {
    fn default() -> Self {
        Self { length: Tree::default(), mantissa: vec![Chance::EVEN; 65 << LEARNT] }
    }
}

impl Number {
    /// Codes a number.
    pub fn code<C: Coder>(&mut self, coder: &mut C, value: u64) -> u64 {
        let length = self.length.code(coder, 64 - value.leading_zeros()).min(64);
        mantissa::<LEARNT, C>(
            &mut self.mantissa[(length as usize) << LEARNT..],
            coder,
            length,
            value,
        )
    }
}

/// Codes what follows the highest 1 of a number of `length` bits: `LEARNT` bits by `chances`, of
/// which there are 2^`LEARNT`, the rest as they are.
pub(crate) fn mantissa<const LEARNT: u32, C: Coder>(
    chances: &mut [Chance],
    coder: &mut C,
    length: u32,
    value: u64,
) -> u64 {
    if length < 2 {
        return u64::from(length);
    }
    let mut result = 1u64;
    let mut left = length - 1;
    let mut node = 1usize;
    for _ in 0..LEARNT.min(left) {
        left -= 1;
        let bit = chances[node & ((1 << LEARNT) - 1)].code(coder, value >> left & 1 == 1);
        node = node << 1 | usize::from(bit);
        result = result << 1 | u64::from(bit);
    }
    while left > 0 {
        let bits = left.min(16);
        left -= bits;
        let low = coder.raw(bits, (value >> left) as u32 & ((1 << bits) - 1));
        result = result << bits | u64::from(low);
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entropy::{Decoder, Encoder};

    proptest! {
        #[test]
        fn numbers_of_any_size_come_back(shift in 0..64u32, numbers: Vec<u64>) {
            let numbers: Vec<u64> = numbers.into_iter().map(|number| number >> shift).collect();
            let mut encoder = Encoder::new(Vec::new());
            let mut model = Number::default();
            numbers.iter().for_each(|number| _ = model.code(&mut encoder, *number));
            let bytes = encoder.finish();
            let mut decoder = Decoder::new(&bytes);
            let mut model = Number::default();
            for number in &numbers {
                prop_assert_eq!(model.code(&mut decoder, 0), *number);
            }
        }
    }
}
