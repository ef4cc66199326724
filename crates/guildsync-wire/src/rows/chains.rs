//! Who appended a row, and its place in that writer's chain.

use super::dictionary::{Dictionary, Letters};
use super::spelling::Spelling;
use super::symbols::Symbols;
use crate::bytes::{unzigzag, zigzag};
use crate::entropy::{Chance, Coder, Number};

/// The writers met, and how far each one's chain has come.
#[derive(Debug, Clone)]
pub(super) struct Chains {
    writers: Dictionary,
    symbols: Symbols,
    seqs: Vec<u64>,
    next: Chance,
    gap: Number,
}

impl Default for Chains {
    fn default() -> Self {
        Self {
            writers: Dictionary::new(Letters::Raw(Number::default())),
            symbols: Symbols::new(false),
            seqs: Vec::new(),
            next: Chance::EVEN,
            gap: Number::default(),
        }
    }
}

impl Chains {
    /// The writers.
    pub(super) fn writers(&mut self) -> &mut Dictionary {
        &mut self.writers
    }

    /// Codes a writer, who follows the writer `before`, and the row's place in its chain.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        spelling: &mut Spelling,
        budget: &mut usize,
        before: u32,
        (writer, seq): (u32, u64),
    ) -> (u32, u64) {
        let writer = match self.writers.fresh(coder, spelling, budget, writer) {
            Some(new) => new,
            None => self.symbols.code(coder, self.writers.met(), before, writer),
        };
        if self.seqs.len() <= writer as usize {
            self.seqs.resize(writer as usize + 1, 0);
        }
        let last = &mut self.seqs[writer as usize];
        let expected = last.wrapping_add(1);
        let skipped = seq.wrapping_sub(expected);
        *last = if self.next.code(coder, skipped == 0) {
            expected
        } else {
            expected.wrapping_add(unzigzag(self.gap.code(coder, zigzag(skipped as i64))) as u64)
        };
        (writer, *last)
    }
}
