//! Seeded randomness: SplitMix64, the same numbers on every machine.

/// A stream of random numbers that its seed decides.
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for one purpose, so that what is drawn for another does not shift it.
    #[must_use]
    pub fn for_purpose(seed: u64, purpose: u64) -> Self {
        let mut dice = Self::new(seed ^ purpose.wrapping_mul(0xd6e8_feb8_6659_fd93));
        dice.raw();
        dice
    }

    /// 64 random bits.
    pub fn raw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        (self.raw() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `n`, all equally likely; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.raw() % (n as u64).max(1)) as usize
    }

    /// A number from `from` to `to`, both included.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.raw() % (to.saturating_sub(from) + 1)
    }

    /// Whether something of probability `p` happens. Nothing is drawn for what never does.
    pub fn happens(&mut self, p: f64) -> bool {
        p > 0.0 && self.unit() < p
    }

    /// A wait in milliseconds, exponentially distributed around `mean_ms`, at least 1.
    pub fn wait(&mut self, mean_ms: f64) -> u64 {
        ((-mean_ms * (1.0 - self.unit()).ln()) as u64).max(1)
    }

    /// A number between `from` and `to`, its logarithm evenly distributed: seconds as likely as months.
    pub fn scale(&mut self, from: f64, to: f64) -> f64 {
        (from.ln() + self.unit() * (to.ln() - from.ln())).exp()
    }

    /// One of `items`, all equally likely; `None` if there are none.
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// 32 random bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.raw().to_le_bytes());
        }
        bytes
    }
}
