//! Choices among few, four bits at a time, each predicted from several views of what went before.

use crate::entropy::Coder;
use crate::entropy::blend::Blend;
use crate::entropy::store::{Store, join};

/// How many views of the past predict a choice.
pub(super) const VIEWS: usize = 8;

/// What is chosen; each kind has weights of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Source,
    Entry,
    Column,
    Shape,
    Count,
    Number,
}

const KINDS: usize = 6;
/// Columns told apart by weights; further ones share.
const HABITS: usize = 64;

/// The model of all choices.
#[derive(Debug)]
pub(super) struct Symbols {
    blend: Blend<VIEWS, 0>,
}

/// What a choice is predicted from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Views {
    pub(super) column: usize,
    pub(super) hashes: [u64; VIEWS],
}

impl Symbols {
    pub(super) fn new() -> Self {
        Self { blend: Blend::new(KINDS, HABITS, 18_000) }
    }

    /// Codes four bits; `path` are those coded before that belong to the same choice.
    pub(super) fn nibble<C: Coder>(
        &mut self,
        store: &mut Store,
        coder: &mut C,
        kind: Kind,
        views: &Views,
        path: u64,
        value: u32,
    ) -> u32 {
        let mut trees = [0; VIEWS];
        let salt = path << 4 | kind as u64;
        for (i, (tree, &view)) in trees.iter_mut().zip(&views.hashes).enumerate() {
            *tree = store.find(join(join(view, i as u64), salt));
        }
        let (set, other) = (kind as usize, views.column % HABITS);
        self.blend.nibble(coder, store, &trees, &[], set, other, value)
    }

    /// Codes a number below `len`, which is at most 4,096. What is read may be larger.
    pub(super) fn entry<C: Coder>(
        &mut self,
        store: &mut Store,
        coder: &mut C,
        kind: Kind,
        views: &Views,
        len: usize,
        value: u32,
    ) -> u32 {
        let nibbles = if len <= 16 {
            1
        } else if len <= 256 {
            2
        } else {
            3
        };
        let mut path = nibbles as u64;
        let mut read = 0;
        for nibble in (0..nibbles).rev() {
            let next = self.nibble(store, coder, kind, views, path, value >> (4 * nibble) & 15);
            path = path << 4 | u64::from(next);
            read = read << 4 | next;
        }
        read
    }

    /// Codes any number: its length in bits, its highest bits as learnt, the rest as they are.
    pub(super) fn number<C: Coder>(
        &mut self,
        store: &mut Store,
        coder: &mut C,
        kind: Kind,
        views: &Views,
        value: u64,
    ) -> u64 {
        let bits = 64 - value.leading_zeros();
        // Lengths to 14 take one nibble.
        let first = self.nibble(store, coder, kind, views, 1, bits.min(15));
        let mut bits = first;
        if first == 15 {
            let more = (64 - value.leading_zeros()).saturating_sub(15);
            let high = self.nibble(store, coder, kind, views, 2, more >> 4);
            let low = self.nibble(store, coder, kind, views, 3, more & 15);
            bits = (15 + (high << 4 | low)).min(64);
        }
        if bits < 2 {
            return u64::from(bits);
        }
        let mut left = bits - 1;
        let mut result = 1u64;
        let mut path = u64::from(bits) << 8 | 0x80;
        for _ in 0..2 {
            if left >= 4 {
                left -= 4;
                let next =
                    self.nibble(store, coder, kind, views, path, (value >> left & 15) as u32);
                result = result << 4 | u64::from(next);
                path = path << 4 | u64::from(next) | 1 << 40;
            } else if left > 0 {
                let given = (value & ((1 << left) - 1)) as u32;
                let next = self.nibble(store, coder, kind, views, path, given) & ((1 << left) - 1);
                return result << left | u64::from(next);
            }
        }
        while left > 0 {
            let step = left.min(16);
            left -= step;
            let low = coder.raw(step, (value >> left & ((1 << step) - 1)) as u32);
            result = result << step | u64::from(low);
        }
        result
    }
}
