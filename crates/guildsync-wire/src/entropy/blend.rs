//! Many predictions of one bit made into one, for data too short to learn slowly from.
//!
//! As in [`super::mix`], predictions are stretched, weighted and summed (logistic mixing). Three
//! things are added. What a chance of `n` observations is worth is learnt too: all contexts of one
//! order share a table from (n, chance) to how it came out, so the second time a rare context is
//! met, the bit is nearly free if such contexts proved right before. Weights come from two sets,
//! chosen by different circumstances and added.

use super::coder::Coder;
use super::logistic::{squash, squash_table, stretch};
use super::store::{At, Cell, Store, TREE, learnt};

/// Buckets of a stretched chance: half a nat each.
const BUCKETS: usize = 32;
/// Counts told apart.
const COUNTS: usize = 16;
const PLACES: usize = BUCKETS * COUNTS;

/// A prediction that says which bits come, not what their chances are; a cell learns how often such
/// predictions are right.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hint {
    /// Address of the cell.
    pub(crate) at: usize,
    /// The expected four bits behind a leading 1; 0 expects nothing.
    pub(crate) path: u32,
}

/// How `N` contexts and `H` hints are weighed.
#[derive(Debug, Clone)]
pub(crate) struct Blend<const N: usize, const H: usize> {
    worth: Vec<[i16; PLACES]>,
    hints_worth: Vec<[i16; PLACES]>,
    weights: Vec<Weights<N, H>>,
    others: Vec<Weights<N, H>>,
}

#[derive(Debug, Clone, Copy)]
struct Weights<const N: usize, const H: usize> {
    contexts: [i32; N],
    hints: [i32; H],
}

/// How fast weights move, and what a chance is worth.
const WEIGHT_RATE: i32 = 6;
const WORTH_RATE: i32 = 6;
/// A weight of four: 16 inputs of it fit 32 bits.
const WEIGHT_MAX: i32 = 1 << 18;

impl<const N: usize, const H: usize> Blend<N, H> {
    /// `sets` and `others`: how many circumstances the two choices of weights tell apart; `weight`
    /// in units of 1/65536 is what each input starts with.
    pub(crate) fn new(sets: usize, others: usize, weight: i32) -> Self {
        let start = Weights { contexts: [weight; N], hints: [weight; H] };
        let none = Weights { contexts: [0; N], hints: [0; H] };
        Self {
            worth: vec![WORTH; N],
            hints_worth: vec![WORTH; H],
            weights: vec![start; sets * 4],
            others: vec![none; others],
        }
    }

    /// Codes four bits and lets everything learn from them.
    ///
    /// The trees are copied, so that the inner loops work on arrays of known size; where two
    /// contexts share a tree, the last one's is kept.
    #[inline]
    pub(crate) fn nibble<C: Coder>(
        &mut self,
        coder: &mut C,
        store: &mut Store,
        trees: &[At; N],
        hints: &[Hint; H],
        set: usize,
        other: usize,
        value: u32,
    ) -> u32 {
        let mut local = [[0; TREE]; N];
        for (tree, &at) in local.iter_mut().zip(trees) {
            tree.copy_from_slice(&store.cells[at as usize..at as usize + TREE]);
        }
        let mut node = 1usize;
        for level in 0..4 {
            let bit = value >> (3 - level) & 1 == 1;
            let set = set * 4 + level;
            let bit = self.bit(coder, store, &mut local, hints, node, set, other, bit);
            node = node << 1 | usize::from(bit);
        }
        for (tree, &at) in local.iter().zip(trees) {
            store.cells[at as usize..at as usize + TREE].copy_from_slice(tree);
        }
        node as u32 - 16
    }

    #[expect(clippy::too_many_arguments, reason = "inlined into its only caller")]
    #[inline(always)]
    fn bit<C: Coder>(
        &mut self,
        coder: &mut C,
        store: &mut Store,
        trees: &mut [[Cell; TREE]; N],
        hints: &[Hint; H],
        node: usize,
        set: usize,
        other: usize,
        bit: bool,
    ) -> bool {
        let Self { worth, hints_worth, weights, others } = self;
        let (weights, others) = (&mut weights[set], &mut others[other]);
        let Some(worth) = worth.first_chunk_mut::<N>() else { return bit };
        let mut stretched = [0i32; N];
        let mut places = [0u16; N];
        let mut sum = 0i32;
        for (i, (tree, worth)) in trees.iter().zip(&*worth).enumerate() {
            let (x, place) = weigh(tree[node & 15], worth);
            places[i] = place;
            stretched[i] = x;
            sum += x * ((weights.contexts[i] + others.contexts[i]) >> 4);
        }
        let mut hinted = [(0i32, 0u16, 0i32); H];
        // The node of a hint's path at this level has as many bits as the node itself.
        let width = usize::BITS - node.leading_zeros();
        for i in 0..H {
            let path = hints[i].path as usize;
            if path >> (5 - width) == node {
                let (x, place) = weigh(store.cells[hints[i].at], &hints_worth[i]);
                let flip = (path >> (4 - width) & 1) as i32 - 1;
                let x = (x ^ flip) - flip;
                hinted[i] = (x, place, flip);
                sum += x * ((weights.hints[i] + others.hints[i]) >> 4);
            }
        }
        let chance = squash(sum >> 12).clamp(24, 65_536 - 24);
        let bit = coder.bit(chance, bit);
        let error = (((i32::from(bit) << 16) - chance as i32) * WEIGHT_RATE) >> 7;
        let goal = i32::from(bit) - 1;
        for (i, &x) in stretched.iter().enumerate() {
            let step = (x * error + (1 << 10)) >> 11;
            weights.contexts[i] = (weights.contexts[i] + step).clamp(-WEIGHT_MAX, WEIGHT_MAX);
            others.contexts[i] = (others.contexts[i] + step).clamp(-WEIGHT_MAX, WEIGHT_MAX);
        }
        for (i, (tree, worth)) in trees.iter_mut().zip(worth).enumerate() {
            learn(&mut tree[node & 15], worth, places[i], goal);
        }
        for i in 0..H {
            if hints[i].path as usize >> (5 - width) == node {
                let (x, place, flip) = hinted[i];
                let step = (x * error + (1 << 10)) >> 11;
                weights.hints[i] = (weights.hints[i] + step).clamp(-WEIGHT_MAX, WEIGHT_MAX);
                others.hints[i] = (others.hints[i] + step).clamp(-WEIGHT_MAX, WEIGHT_MAX);
                learn(&mut store.cells[hints[i].at], &mut hints_worth[i], place, goal ^ flip);
            }
        }
        bit
    }
}

/// What a cell says, and where in the table of worth that stands.
#[inline(always)]
fn weigh(cell: Cell, worth: &[i16; PLACES]) -> (i32, u16) {
    let direct = stretch(cell >> 20);
    let place = LEVEL[(cell & 255) as usize] | ((direct + 2048) as u32 >> 7) as u16;
    let learnt = stretch(i32::from(worth[usize::from(place) & (PLACES - 1)]) >> 4);
    ((learnt + direct) >> 1, place)
}

#[inline(always)]
fn learn(cell: &mut Cell, worth: &mut [i16; PLACES], place: u16, hit: i32) {
    let worth = &mut worth[usize::from(place) & (PLACES - 1)];
    *worth += (((hit ^ 0x7fff) - i32::from(*worth)) >> WORTH_RATE) as i16;
    *cell = learnt(*cell, hit);
}

/// The class of a count, shifted to where it belongs in a place.
static LEVEL: [u16; 256] = {
    let mut level = [0; 256];
    let mut n = 0;
    while n < 256 {
        let class = match n {
            0..=10 => n as u16,
            11..=13 => 11,
            14..=18 => 12,
            19..=30 => 13,
            31..=80 => 14,
            _ => 15,
        };
        level[n] = class << 5;
        n += 1;
    }
    level
};

/// To begin with, a chance is worth what it says.
const WORTH: [i16; PLACES] = {
    let squash = squash_table();
    let mut worth = [0; PLACES];
    let mut i = BUCKETS;
    while i < PLACES {
        let middle = (i % BUCKETS) * 128 + 64;
        worth[i] = (squash[middle] as i32 - (1 << 15)) as i16;
        i += 1;
    }
    worth
};
