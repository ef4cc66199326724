//! New texts, letter by letter: fast, and good from the first letters on.
//!
//! First the longest known context of a letter (the word so far, else the last four letters) is
//! asked whether the letter that followed it last comes again. If not, the letter is coded along a
//! tree in which common letters are near the root, each branch predicted from five contexts, mixed.
//! Both keep the number of decisions small: four a letter, where plain bits would take eight.

use super::symbols::hash;
use crate::entropy::{Chance, Coder, Mix};

/// Contexts are hashed into 2^14 chances an order; letters that share one only cost more.
const SLOT_BITS: u32 = 14;
const GUESS_BITS: u32 = 12;
/// Columns told apart.
const COLUMNS: usize = 8;
const TRUST_MAX: u8 = 7;
/// How many contexts of a letter are mixed.
const ORDERS: usize = 5;

/// The letter that came last in a context.
#[derive(Debug, Clone, Copy, Default)]
struct Guess {
    /// Tells contexts in the same slot apart, mostly.
    check: u16,
    letter: u8,
    /// 0: nothing seen.
    trust: u8,
}

/// A model of the texts of several columns.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    guesses: [Vec<Guess>; 2],
    right: [[Chance; TRUST_MAX as usize + 1]; 2],
    column: Vec<Chance>,
    orders: [Vec<Chance>; ORDERS - 1],
    mixes: Vec<Mix<ORDERS>>,
    /// Whether a zero byte is a letter: otherwise it ends the text.
    inside: Chance,
}

impl Default for Spelling {
    fn default() -> Self {
        Self {
            guesses: std::array::from_fn(|_| vec![Guess::default(); 1 << GUESS_BITS]),
            right: Default::default(),
            column: vec![Chance::EVEN; COLUMNS * NODES],
            orders: std::array::from_fn(|_| vec![Chance::EVEN; 1 << SLOT_BITS]),
            mixes: vec![Mix::new([90; ORDERS]); NODES],
            inside: Chance::EVEN,
        }
    }
}

/// Where a letter stands: what it is predicted from.
struct Place {
    column: u32,
    /// The last four letters.
    last: u32,
    /// Hash of the word so far.
    word: u32,
}

impl Spelling {
    /// Codes a text of a column (below 8); one that is read ends at `limit` bytes at the latest.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        column: u32,
        text: &[u8],
        limit: usize,
    ) -> Vec<u8> {
        let mut spelt = Vec::with_capacity(text.len());
        let mut given = text.iter();
        let mut place = Place { column, last: 0, word: 0 };
        loop {
            let next = given.next();
            let byte = self.letter(coder, &place, next.copied().unwrap_or(0));
            let ends = byte == 0 && !self.inside.code(coder, next.is_some());
            if ends || spelt.len() >= limit || coder.is_overrun() {
                return spelt;
            }
            spelt.push(byte);
            place.last = place.last << 8 | u32::from(byte);
            let in_word = byte.is_ascii_alphanumeric() || byte >= 0x80;
            place.word = hash(if in_word { place.word } else { 0 }, byte.into());
        }
    }

    #[inline]
    fn letter<C: Coder>(&mut self, coder: &mut C, place: &Place, byte: u8) -> u8 {
        let keys = [hash(place.word, 5 + place.column), hash(place.last, 4)];
        let slots = keys.map(|key| (key >> (32 - GUESS_BITS)) as usize);
        let known = (0..2).find(|&i| self.guesses[i][slots[i]].knows(keys[i]));
        let guess = known.and_then(|i| {
            let Guess { letter, trust, .. } = self.guesses[i][slots[i]];
            self.right[i][usize::from(trust)].code(coder, letter == byte).then_some(letter)
        });
        let byte = guess.unwrap_or_else(|| self.spell(coder, place, byte));
        for i in 0..2 {
            self.guesses[i][slots[i]].learn(keys[i], byte);
        }
        byte
    }

    fn spell<C: Coder>(&mut self, coder: &mut C, place: &Place, byte: u8) -> u8 {
        let contexts = [
            hash(place.last & 0xff, 1),
            hash(place.last & 0xffff, 2),
            hash(place.last & 0xff_ffff, 3),
            hash(place.word, 4),
        ];
        let rank = u32::from(RANK[usize::from(byte)]);
        let given = GROUPS.iter().position(|group| rank < group.end).unwrap_or(0);
        let mut found = 0;
        while found < GROUPS.len() - 1
            && self.branch(coder, place.column, &contexts, found as u32, given > found)
        {
            found += 1;
        }
        let group = &GROUPS[found];
        let offset = rank.wrapping_sub(group.start);
        let mut path = 1;
        for level in (0..group.bits).rev() {
            let node = group.nodes + path;
            let bit = self.branch(coder, place.column, &contexts, node, offset >> level & 1 == 1);
            path = path << 1 | u32::from(bit);
        }
        BYTE[(group.start + path - (1 << group.bits)) as usize & 255]
    }

    #[inline(always)]
    fn branch<C: Coder>(
        &mut self,
        coder: &mut C,
        column: u32,
        contexts: &[u32; ORDERS - 1],
        node: u32,
        bit: bool,
    ) -> bool {
        let scattered = node.wrapping_mul(0x9e37_79b1);
        let slot = |i: usize| (contexts[i].wrapping_add(scattered) >> (32 - SLOT_BITS)) as usize;
        let [one, two, three, word] = &mut self.orders;
        let chances = [
            &mut self.column[(column as usize & (COLUMNS - 1)) * NODES + node as usize],
            &mut one[slot(0)],
            &mut two[slot(1)],
            &mut three[slot(2)],
            &mut word[slot(3)],
        ];
        self.mixes[node as usize].code(coder, chances, bit)
    }
}

impl Guess {
    #[inline]
    fn knows(self, key: u32) -> bool {
        self.trust > 0 && self.check == key as u16
    }

    #[inline]
    fn learn(&mut self, key: u32, letter: u8) {
        if !self.knows(key) || self.letter != letter && self.trust < 2 {
            *self = Self { check: key as u16, letter, trust: 1 };
        } else if self.letter == letter {
            self.trust = TRUST_MAX.min(self.trust + 1);
        } else {
            self.trust /= 2;
        }
    }
}

/// Letters of about the same frequency: a branch for each group before, then as many as it has bits.
struct Group {
    /// Ranks from here ...
    start: u32,
    /// ... to here.
    end: u32,
    bits: u32,
    /// Branches of groups before.
    nodes: u32,
}

const GROUPS: [Group; 4] = [
    Group { start: 0, end: 8, bits: 3, nodes: 8 },
    Group { start: 8, end: 24, bits: 4, nodes: 16 },
    Group { start: 24, end: 56, bits: 5, nodes: 32 },
    Group { start: 0, end: 256, bits: 8, nodes: 256 },
];
/// Branches in all.
const NODES: usize = 512;

/// The end of a text, then letters and signs by how common they are in names and short English
/// texts, roughly. Only the number of decisions depends on it; all bytes can be spelt.
const COMMON: &[u8] =
    b"\0eairon tlsdhucmg-bk0123456789ASTBMDCRLPEGFHKNOIVWUJYZQX:pfywvxzjq'+().,!/[]_%#&";

/// Bytes by rank.
static BYTE: [u8; 256] = ranked();

/// Rank of a byte.
static RANK: [u8; 256] = {
    let order = ranked();
    let mut rank = [0; 256];
    let mut at = 0;
    while at < 256 {
        rank[order[at] as usize] = at as u8;
        at += 1;
    }
    rank
};

const fn ranked() -> [u8; 256] {
    let mut order = [0; 256];
    let mut taken = [false; 256];
    let mut len = 0;
    while len < COMMON.len() {
        order[len] = COMMON[len];
        taken[COMMON[len] as usize] = true;
        len += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        if !taken[byte] {
            order[len] = byte as u8;
            len += 1;
        }
        byte += 1;
    }
    order
}
