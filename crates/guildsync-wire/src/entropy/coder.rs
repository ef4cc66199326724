//! The range coder: turns bits with known chances into the fewest bytes, and back.
//!
//! The interval is kept in 64 bits and shortened by four bytes at a time; a carry runs back into
//! the bytes already written. The last bytes are the fewest that fall into the final interval when
//! zeros follow: whoever stores a stream has to know its length, and a reader can tell a stream that
//! was cut off or has something behind it.

/// Probabilities are in units of 2^-16: 1 ..= 65535.
pub const SCALE_BITS: u32 = 16;

/// Something that walks through a model bit by bit.
///
/// The value given is what an [`Encoder`] writes; what comes back is the value in the stream, which
/// a model must go on with. A [`Decoder`] does not look at what it is given.
pub trait Coder {
    /// Whether values come from the coder (reading) and not from the caller.
    const READS: bool;

    /// Codes one bit that is 1 with chance `one` / 65536; `one` is 1 ..= 65535.
    fn bit(&mut self, one: u32, bit: bool) -> bool;

    /// Codes which of several symbols comes, each as likely as its `frequency` among `total`, their
    /// sum: at least 1, at most 2^17. The symbol's own must not be 0.
    fn choose(&mut self, frequency: &[u32], total: u32, symbol: u32) -> u32;

    /// Whether the model has asked for more than the stream holds: then what comes is not from it,
    /// and whoever reads something long may give up.
    fn is_overrun(&self) -> bool {
        false
    }

    /// Codes the low `bits` (at most 32) bits of `value`, all values being equally likely.
    fn raw(&mut self, bits: u32, value: u32) -> u32;
}

/// Writes bits.
#[derive(Debug)]
pub struct Encoder {
    low: u64,
    range: u64,
    bytes: Vec<u8>,
}

impl Encoder {
    /// An encoder that appends to `bytes`.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { low: 0, range: u64::MAX, bytes }
    }

    /// Bytes written so far, less the few that are still being decided.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds to the lowest byte already written.
    #[cold]
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    fn add(&mut self, offset: u64) {
        let (low, over) = self.low.overflowing_add(offset);
        self.low = low;
        if over {
            self.carry();
        }
    }

    fn shorten(&mut self) {
        self.bytes.extend_from_slice(&((self.low >> 32) as u32).to_be_bytes());
        self.low <<= 32;
        self.range <<= 32;
    }

    /// Ends the stream and gives the bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        // The shortest number inside [low, low + range) when zeros follow it.
        for keep in 0..=8 {
            let mask = u64::MAX.checked_shr(8 * keep).unwrap_or(0);
            let (up, over) = self.low.overflowing_add(mask);
            let end = up & !mask;
            if end.wrapping_sub(self.low) < self.range {
                if over {
                    self.carry();
                }
                self.bytes.extend_from_slice(&end.to_be_bytes()[..keep as usize]);
                break;
            }
        }
        self.bytes
    }
}

impl Coder for Encoder {
    const READS: bool = false;

    #[inline(always)]
    fn bit(&mut self, one: u32, bit: bool) -> bool {
        // Without a branch on the bit, which nobody can predict: that is what the model is for.
        let bound = (self.range >> SCALE_BITS) * u64::from(one);
        let zero = u64::from(bit).wrapping_sub(1);
        self.add(bound & zero);
        self.range = bound ^ (zero & (bound ^ (self.range - bound)));
        if self.range >> 32 == 0 {
            self.shorten();
        }
        bit
    }

    #[inline]
    fn choose(&mut self, frequency: &[u32], total: u32, symbol: u32) -> u32 {
        let start: u32 = frequency[..symbol as usize].iter().sum();
        let share = self.range / u64::from(total);
        self.add(share * u64::from(start));
        self.range = share * u64::from(frequency[symbol as usize]);
        if self.range >> 32 == 0 {
            self.shorten();
        }
        symbol
    }

    #[inline]
    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        debug_assert!(bits <= 32 && (bits == 32 || value >> bits == 0), "{value} in {bits} bits");
        if bits > 16 {
            let high = self.raw(bits - 16, value >> 16);
            return high << 16 | self.raw(16, value & 0xffff);
        }
        self.range >>= bits;
        self.add(self.range * u64::from(value));
        if self.range >> 32 == 0 {
            self.shorten();
        }
        value
    }
}

/// Reads bits. Behind its input it reads zeros.
#[derive(Debug)]
pub struct Decoder<'a> {
    input: &'a [u8],
    at: usize,
    code: u64,
    range: u64,
}

impl<'a> Decoder<'a> {
    /// Reads a whole stream.
    #[must_use]
    pub fn new(input: &'a [u8]) -> Self {
        let mut decoder = Self { input, at: 0, code: 0, range: u64::MAX };
        decoder.code = u64::from(decoder.next()) << 32;
        decoder.code |= u64::from(decoder.next());
        decoder
    }

    /// How much longer the stream is than its values need, behind the last value: 0 for a whole
    /// one, negative when it was cut off.
    #[must_use]
    pub fn excess(&self) -> isize {
        // Four bytes were read for each four that the encoder let go, and eight at the start, of
        // which the encoder may have needed none.
        let len = self.input.len() as isize;
        let at = self.at as isize;
        if len > at { len - at } else { (len - (at - 8)).min(0) }
    }

    /// Whether the stream has just the length that its values need: call it behind the last value.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.excess() == 0
    }

    #[inline]
    fn next(&mut self) -> u32 {
        let mut word = [0; 4];
        if let Some(rest) = self.input.get(self.at..) {
            let taken = rest.len().min(4);
            word[..taken].copy_from_slice(&rest[..taken]);
        }
        self.at += 4;
        u32::from_be_bytes(word)
    }

    #[inline]
    fn shorten(&mut self) {
        self.code = self.code << 32 | u64::from(self.next());
        self.range <<= 32;
    }
}

impl Coder for Decoder<'_> {
    const READS: bool = true;

    fn is_overrun(&self) -> bool {
        self.at > self.input.len() + 8
    }

    #[inline(always)]
    fn bit(&mut self, one: u32, _: bool) -> bool {
        let bound = (self.range >> SCALE_BITS) * u64::from(one);
        let bit = self.code < bound;
        let zero = u64::from(bit).wrapping_sub(1);
        self.code -= bound & zero;
        self.range = bound ^ (zero & (bound ^ (self.range - bound)));
        if self.range >> 32 == 0 {
            self.shorten();
        }
        bit
    }

    #[inline]
    fn choose(&mut self, frequency: &[u32], total: u32, _: u32) -> u32 {
        let share = self.range / u64::from(total);
        let goal = (self.code / share).min(u64::from(total) - 1) as u32;
        let (mut start, mut symbol) = (0, 0);
        for block in frequency.chunks(16) {
            let end = start + block.iter().sum::<u32>();
            if end > goal {
                break;
            }
            start = end;
            symbol += block.len();
        }
        while start + frequency[symbol] <= goal {
            start += frequency[symbol];
            symbol += 1;
        }
        self.code -= share * u64::from(start);
        self.range = share * u64::from(frequency[symbol]);
        if self.range >> 32 == 0 {
            self.shorten();
        }
        symbol as u32
    }

    #[inline]
    fn raw(&mut self, bits: u32, _: u32) -> u32 {
        if bits > 16 {
            let high = self.raw(bits - 16, 0);
            return high << 16 | self.raw(16, 0);
        }
        self.range >>= bits;
        // Only bytes that no encoder wrote get past the last value.
        let value = (self.code / self.range).min((1 << bits) - 1);
        self.code -= self.range * value;
        if self.range >> 32 == 0 {
            self.shorten();
        }
        value as u32
    }
}

/// Writes nothing: for priming a model with what both sides hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Learner;

impl Coder for Learner {
    const READS: bool = false;

    #[inline(always)]
    fn bit(&mut self, _: u32, bit: bool) -> bool {
        bit
    }

    #[inline(always)]
    fn choose(&mut self, _: &[u32], _: u32, symbol: u32) -> u32 {
        symbol
    }

    #[inline(always)]
    fn raw(&mut self, _: u32, value: u32) -> u32 {
        value
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One thing to code.
    #[derive(Debug, Clone)]
    enum Step {
        Bit(u32, bool),
        Raw(u32, u32),
        Choice(Vec<u32>, u32),
    }

    impl Step {
        fn code<C: Coder>(&self, coder: &mut C, known: bool) -> Self {
            match self {
                Self::Bit(one, bit) => Self::Bit(*one, coder.bit(*one, *bit && known)),
                Self::Raw(bits, value) => {
                    Self::Raw(*bits, coder.raw(*bits, if known { *value } else { 0 }))
                }
                Self::Choice(frequency, symbol) => {
                    let total = frequency.iter().sum();
                    let symbol = coder.choose(frequency, total, if known { *symbol } else { 0 });
                    Self::Choice(frequency.clone(), symbol)
                }
            }
        }

        /// Its information, in bits.
        fn bits(&self) -> f64 {
            match self {
                Self::Bit(one, true) => -(f64::from(*one) / 65_536.0).log2(),
                Self::Bit(one, false) => -(1.0 - f64::from(*one) / 65_536.0).log2(),
                Self::Raw(bits, _) => f64::from(*bits),
                Self::Choice(frequency, symbol) => {
                    let total: u32 = frequency.iter().sum();
                    -(f64::from(frequency[*symbol as usize]) / f64::from(total)).log2()
                }
            }
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        let one = prop_oneof![2 => 1..65_536u32, 1 => 1..4u32, 1 => 65_533..65_536u32];
        let choice = (prop::collection::vec(0..900u32, 1..70), any::<prop::sample::Index>());
        prop_oneof![
            4 => (one, any::<bool>()).prop_map(|(one, bit)| Step::Bit(one, bit)),
            1 => (0..=32u32, any::<u64>())
                .prop_map(|(bits, value)| Step::Raw(bits, (value & ((1 << bits) - 1)) as u32)),
            1 => choice.prop_map(|(mut frequency, index)| {
                let symbol = index.index(frequency.len());
                frequency[symbol] += 1;
                Step::Choice(frequency, symbol as u32)
            }),
        ]
    }

    fn written(steps: &[Step]) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        steps.iter().for_each(|step| _ = step.code(&mut encoder, true));
        encoder.finish()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_at_the_cost_of_its_information(
            steps in prop::collection::vec(step(), 0..300),
        ) {
            let bytes = written(&steps);
            let mut decoder = Decoder::new(&bytes);
            for step in &steps {
                prop_assert_eq!(format!("{step:?}"), format!("{:?}", step.code(&mut decoder, false)));
                prop_assert!(!decoder.is_overrun());
            }
            prop_assert_eq!(decoder.excess(), 0);
            let information = steps.iter().map(Step::bits).sum::<f64>() / 8.0;
            prop_assert!((bytes.len() as f64) < information * 1.0001 + 2.0);
        }

        #[test]
        fn any_bytes_are_read_without_harm(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            steps in prop::collection::vec(step(), 0..300),
        ) {
            let mut decoder = Decoder::new(&bytes);
            for step in &steps {
                if let Step::Choice(frequency, symbol) = step.code(&mut decoder, false) {
                    prop_assert!(frequency[symbol as usize] > 0);
                }
            }
        }
    }

    #[test]
    fn a_carry_runs_through_all_bytes_written() {
        // Close to the top of the interval, then a step over it.
        let mut steps = vec![Step::Bit(1, false); 4000];
        steps.push(Step::Bit(65_535, false));
        steps.extend(vec![Step::Bit(32_768, false); 80]);
        let bytes = written(&steps);
        let mut decoder = Decoder::new(&bytes);
        assert!(steps.iter().all(|step| {
            format!("{step:?}") == format!("{:?}", step.code(&mut decoder, false))
        }));
    }

    #[test]
    fn a_stream_that_was_cut_or_lengthened_is_noticed() {
        let steps = vec![Step::Raw(32, 0x89ab_cdef); 20];
        let bytes = written(&steps);
        let excess = |bytes: &[u8]| {
            let mut decoder = Decoder::new(bytes);
            steps.iter().for_each(|step| _ = step.code(&mut decoder, false));
            decoder.excess()
        };
        assert_eq!(excess(&bytes), 0);
        assert!(excess(&bytes[..bytes.len() - 8]) < 0);
        assert!(excess(&[&bytes[..], &[0; 9]].concat()) > 0);
    }
}
