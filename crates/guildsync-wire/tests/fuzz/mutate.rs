//! Inputs from samples: bits flipped, bytes replaced, pieces cut, doubled, moved and mixed.

/// Longer inputs are cut: what they could find, shorter ones find sooner.
const LEN_MAX: usize = 4096;
/// Bytes at which decoders decide.
const TELLING: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, 0x10, 0x11, 0x12, b'|', b':', b'\\', b'"'];

/// A seeded source of inputs.
#[derive(Debug)]
pub(crate) struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
    input: Vec<u8>,
}

impl Mutator {
    pub(crate) fn new(state: u64, seeds: Vec<Vec<u8>>) -> Self {
        assert!(!seeds.is_empty(), "something to begin with");
        Self { state, seeds, input: Vec::new() }
    }

    /// The next input: the seeds as they are first, then what becomes of them.
    pub(crate) fn next(&mut self, execution: u64) -> &[u8] {
        let n = self.seeds.len();
        if (execution as usize) < n {
            self.input.clone_from(&self.seeds[execution as usize]);
            return &self.input;
        }
        let seed = self.below(n);
        self.input.clone_from(&self.seeds[seed]);
        if self.below(20) == 0 {
            let len = self.below(200);
            self.input = (0..len).map(|_| self.draw() as u8).collect();
        }
        for _ in 0..=self.below(4) {
            self.mutate();
        }
        self.input.truncate(LEN_MAX);
        &self.input
    }

    fn mutate(&mut self) {
        let len = self.input.len();
        let at = self.below(len + 1);
        match self.below(8) {
            0 | 1 if at < len => self.input[at] ^= 1 << self.below(8),
            2 if at < len => self.input[at] = TELLING[self.below(TELLING.len())],
            3 if at < len => self.input[at] = self.draw() as u8,
            4 => self.input.truncate(at),
            5 => {
                let end = (at + self.below(16)).min(len);
                self.input.drain(at..end);
            }
            6 => {
                let end = (at + self.below(64)).min(len);
                let piece = self.input[at..end].to_vec();
                let to = self.below(len + 1);
                self.input.splice(to..to, piece);
            }
            _ => {
                let other = self.below(self.seeds.len());
                let from = self.below(self.seeds[other].len() + 1);
                let seeds = &self.seeds;
                self.input.truncate(at);
                self.input.extend_from_slice(&seeds[other][from..]);
            }
        }
    }

    fn below(&mut self, n: usize) -> usize {
        (self.draw() % n as u64) as usize
    }

    /// SplitMix64.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
