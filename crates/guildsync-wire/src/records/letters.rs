//! Texts that were not seen before, letter by letter.
//!
//! A letter is predicted from those before it, from its column, from the words so far, and from the
//! texts that it may follow: another field of the same record, the same field of the record before,
//! and the last place where the same letters came.

use crate::entropy::Coder;
use crate::entropy::blend::{Blend, Hint};
use crate::entropy::store::{Store, join, learnt, one, seen};

use super::align::Followed;

const ORDERS: usize = 8;
const HINTS: usize = 3;
/// Columns told apart by weights; further ones share.
const HABITS: usize = 64;
const MATCH_MIN: usize = 4;
const HEADS_BITS: u32 = 14;
const LENGTHS: usize = 32;

/// The model of letters.
#[derive(Debug)]
pub(super) struct Letters {
    blend: Blend<ORDERS, HINTS>,
    past: Vec<u8>,
    heads: Vec<u32>,
    matched: usize,
    length: usize,
}

/// Cells of the store that this model has for itself.
pub(super) const CELLS: usize = LENGTHS + 32 + 1 + TRUSTS * 32;
/// How surely an earlier version's text is followed.
const TRUSTS: usize = 16;

/// What a text may follow.
#[derive(Debug, Default)]
pub(super) struct Follows {
    /// A field of this record, and its column.
    pub(super) field: Followed,
    pub(super) field_column: usize,
    /// The same field of the record before.
    pub(super) before: Followed,
    /// The same field of an earlier version of the record, and how much that is trusted.
    pub(super) earlier: Followed,
    pub(super) earlier_trust: usize,
}

impl Letters {
    pub(super) fn new() -> Self {
        Self {
            blend: Blend::new(4 * 2, HABITS * 8, 16_000),
            past: vec![0],
            heads: vec![0; 1 << HEADS_BITS],
            matched: 0,
            length: 0,
        }
    }

    /// Codes a text of at most `limit` bytes; what is read may be one longer.
    pub(super) fn text<C: Coder>(
        &mut self,
        store: &mut Store,
        coder: &mut C,
        column: usize,
        follows: &mut Follows,
        text: &[u8],
        limit: usize,
    ) -> Vec<u8> {
        let mut spelt: Vec<u8> = Vec::new();
        let mut given = text.iter();
        let col = column as u64;
        let (mut last, mut word) = (0u64, 0u64);
        let (mut token, mut in_token) = (0u64, 0u64);
        self.matched = 0;
        self.length = 0;
        loop {
            let next = given.next();
            let place = spelt.len().min(255) as u64;
            let field = follows.field.expected().map_or(0x100, u64::from);
            let field_sign = u64::from(follows.field.sign());
            let state = u64::from(follows.field.state());
            let before = follows.before.expected().map_or(0x100, u64::from);
            let before_state = u64::from(follows.before.state());
            let contexts = [
                join(col, last & 0xff),
                join(col, last & 0xffff),
                last & 0xffff_ffff,
                word,
                join(join(col, token << 8 | in_token), last & 0xff),
                join(join(col, field << 8 | field_sign), state << 16 | follows.field_column as u64),
                join(join(col, field_sign), place),
                join(join(col, before), before_state),
            ];
            let byte =
                self.letter(store, coder, column, &contexts, follows, next.copied().unwrap_or(0));
            if byte == 0 {
                let at = (store.extra() as usize) + LENGTHS + 32;
                let cell = store.cells[at];
                let one = one(cell).clamp(64, 65_536 - 64);
                let inside = coder.bit(one, next.is_some());
                store.cells[at] = learnt(cell, i32::from(inside) - 1);
                if !inside {
                    break;
                }
            }
            spelt.push(byte);
            if spelt.len() > limit || spelt.len().is_multiple_of(64) && coder.is_overrun() {
                break;
            }
            follows.field.came(byte);
            follows.before.came(byte);
            follows.earlier.came(byte);
            self.push(byte);
            last = last << 8 | u64::from(byte);
            in_token += 1;
            if byte.is_ascii_alphanumeric() || byte >= 0x80 {
                word = join(word, u64::from(byte.to_ascii_lowercase()));
            } else {
                word = 0;
                token = (token + 1).min(200);
                in_token = 0;
            }
        }
        self.past.push(0);
        spelt
    }

    fn letter<C: Coder>(
        &mut self,
        store: &mut Store,
        coder: &mut C,
        column: usize,
        contexts: &[u64; ORDERS],
        follows: &Follows,
        byte: u8,
    ) -> u8 {
        let repeated = self.past.get(self.matched).copied().filter(|_| self.matched > 0);
        let length = if repeated.is_some() { self.length.min(LENGTHS - 1) } else { 0 };
        let field = &follows.field;
        let followed = field.expected();
        let earlier = follows.earlier.expected();
        let earlier_at = follows.earlier_trust * 32 + follows.earlier.state() as usize;
        let extra = store.extra() as usize;
        let quality = if length == 0 { 0 } else { 1 + (length / 4).min(3) };
        let other = column % HABITS * 8 + quality;
        let mut node = 1u32;
        for shift in [4, 0] {
            let mut trees = [0; ORDERS];
            let mut known = 0usize;
            for (i, (tree, &context)) in trees.iter_mut().zip(contexts).enumerate() {
                *tree = store.find(join(join(context, i as u64 + 100), u64::from(node)));
                if (1..4).contains(&i) && seen(store.cells[*tree as usize + 1]) > 0 {
                    known += 1;
                }
            }
            let hint = |byte: Option<u8>, at: usize| match byte {
                Some(byte) if (u32::from(byte) | 0x100) >> (shift + 4) == node => {
                    Hint { at, path: u32::from(byte) >> shift & 15 | 16 }
                }
                _ => Hint::default(),
            };
            let hints = [
                hint(repeated, extra + length),
                hint(followed, extra + LENGTHS + field.state() as usize),
                hint(earlier, extra + LENGTHS + 33 + earlier_at),
            ];
            let set = known * 2 + usize::from(shift == 0);
            let value = u32::from(byte) >> shift & 15;
            let value = self.blend.nibble(coder, store, &trees, &hints, set, other, value);
            node = node << 4 | value;
        }
        let byte = node as u8;
        if repeated == Some(byte) {
            self.length += 1;
            self.matched += 1;
        } else {
            self.length = 0;
            self.matched = 0;
        }
        byte
    }

    /// Adds a letter to the past and looks for the place where the last ones came before.
    fn push(&mut self, byte: u8) {
        self.past.push(byte);
        let end = self.past.len();
        if end <= MATCH_MIN {
            return;
        }
        let hash =
            self.past[end - MATCH_MIN..].iter().fold(0u64, |hash, &b| join(hash, u64::from(b)));
        let head = &mut self.heads[(hash >> (64 - HEADS_BITS)) as usize];
        if self.matched == 0 && *head > 0 {
            self.matched = *head as usize;
            self.length = 1;
        }
        *head = end as u32;
    }
}
