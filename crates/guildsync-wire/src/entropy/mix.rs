//! Several predictions of one bit made into one: logistic mixing (Mahoney, 2005).
//!
//! Each prediction is stretched to ln(p / (1 - p)), weighted, summed and squashed back; after the
//! bit is known the weights move towards whoever was right. A prediction that has seen nothing says
//! nothing, whatever its weight.

use super::chance::Chance;
use super::coder::Coder;
use super::logistic::{squash, stretch};

/// How far a prediction of so many observations is to be believed, in units of 1/256.
const TRUST: [i32; 16] =
    [0, 160, 190, 206, 216, 224, 230, 234, 238, 242, 245, 248, 250, 252, 254, 256];

/// The weights with which `N` predictions are mixed, in units of 2^-16.
#[derive(Debug, Clone, Copy)]
pub struct Mix<const N: usize> {
    weights: [i32; N],
}

impl<const N: usize> Mix<N> {
    /// Starts with each prediction's own weight / 256.
    #[must_use]
    pub const fn new(weights: [i32; N]) -> Self {
        let mut scaled = [0; N];
        let mut i = 0;
        while i < N {
            scaled[i] = weights[i] << 8;
            i += 1;
        }
        Self { weights: scaled }
    }

    /// Codes a bit that each of `chances` predicts, and lets all learn.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, chances: [&mut Chance; N], bit: bool) -> bool {
        let mut inputs = [0i32; N];
        let mut sum = 0i32;
        for i in 0..N {
            let trust = TRUST[chances[i].seen().min(15) as usize];
            let chance = (chances[i].one() >> 4) as i32 - 2048;
            inputs[i] = (stretch(chance) * trust) >> 8;
            sum += (inputs[i] * (self.weights[i] >> 6)) >> 10;
        }
        let one = squash(sum);
        let bit = coder.bit(one, bit);
        let error = ((i32::from(bit) << 16) - one as i32) * RATE;
        for i in 0..N {
            let moved = self.weights[i] + ((inputs[i] * (error >> 10) + (1 << 9)) >> 10);
            self.weights[i] = moved.clamp(-WEIGHT_MAX, WEIGHT_MAX);
            chances[i].learn(bit);
        }
        bit
    }
}

/// Sixteen: beyond it sums could overflow, and no prediction deserves it.
const WEIGHT_MAX: i32 = 16 << 16;
/// How fast weights move.
const RATE: i32 = 6;
