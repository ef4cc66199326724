//! How many records a batch of a stream has.

use crate::entropy::number::mantissa;
use crate::entropy::{Chance, Coder};

use super::header::RECORDS_MAX;

/// Bits of the largest count.
const BITS_MAX: u32 = RECORDS_MAX.ilog2() + 1;
/// How many of the bits behind the highest are learnt.
const LEARNT: u32 = 2;

/// The model of counts: how many bits, one step at a time, then these. Batches of a session are
/// mostly alike, and one record is what a single change takes.
#[derive(Debug)]
pub(super) struct Count {
    longer: [Chance; BITS_MAX as usize],
    bits: Vec<Chance>,
}

impl Count {
    pub(super) fn new() -> Self {
        let mut longer = [Chance::after(1 << 15, 1); BITS_MAX as usize];
        // An empty batch says little.
        longer[0] = Chance::after(63_000, 2);
        Self { longer, bits: vec![Chance::EVEN; (BITS_MAX as usize + 1) << LEARNT] }
    }

    /// Codes a count. What is read may be over [`RECORDS_MAX`].
    pub(super) fn code<C: Coder>(&mut self, coder: &mut C, count: usize) -> usize {
        let given = usize::BITS - count.leading_zeros();
        let mut length = 0;
        while length < BITS_MAX && self.longer[length as usize].code(coder, length < given) {
            length += 1;
        }
        let chances = &mut self.bits[(length as usize) << LEARNT..];
        mantissa::<LEARNT, C>(chances, coder, length, count as u64) as usize
    }
}
