//! Replay order: all entries by (stamp, writer, seq), in blocks.
//!
//! A block holds up to [`BLOCK_MAX`] references. A tail append fills the last block to
//! [`BLOCK_FULL`] and opens the next; a late entry goes into the middle of its block, which is split
//! when it overflows. The tally keeps every member's total at each block's start.

use guildsync_types::WriterId;

use crate::content::Content;

/// How full a block gets by appending at the tail: half of what it may hold, so that late entries
/// find room.
const BLOCK_FULL: usize = 1024;
/// How many references a block holds before it is split.
const BLOCK_MAX: usize = 2048;

/// An entry's place in memory: which chain, which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ref {
    pub(crate) place: u32,
    pub(crate) chain: u16,
}

/// An entry's place in replay: content only, total, the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) stamp: u64,
    pub(crate) writer: WriterId,
    pub(crate) seq: u64,
}

#[derive(Debug, Clone)]
struct Block {
    first: Key,
    refs: Vec<Ref>,
}

/// Where an inserted entry landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Landed {
    /// Its block.
    pub(crate) block: usize,
    /// Its place in the block.
    pub(crate) place: usize,
    /// How the blocks changed.
    pub(crate) blocks: Blocks,
}

/// How an insertion changed the blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocks {
    /// Not at all.
    Same,
    /// A new one at the end; the entry is its first.
    Opened,
    /// This one was cut in two before the entry went in.
    Split(usize),
}

/// All entries in replay order.
#[derive(Debug, Default, Clone)]
pub(crate) struct Order {
    blocks: Vec<Block>,
    last: Option<Key>,
}

impl Order {
    pub(crate) fn n_blocks(&self) -> usize {
        self.blocks.len()
    }

    pub(crate) fn block(&self, block: usize) -> &[Ref] {
        &self.blocks[block].refs
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Ref> + '_ {
        self.blocks.iter().flat_map(|block| block.refs.iter().copied())
    }

    /// The references of entries within the second of `stamp`, in order.
    pub(crate) fn second(&self, content: &Content, stamp: u64) -> Vec<Ref> {
        let (from, to) = (stamp & !0xffff, stamp | 0xffff);
        let start = self.blocks.partition_point(|b| b.first.stamp < from).saturating_sub(1);
        let mut found = Vec::new();
        for block in &self.blocks[start.min(self.blocks.len())..] {
            if block.first.stamp > to {
                break;
            }
            let skip = block.refs.partition_point(|&r| content.row(r).stamp() < from);
            found.extend(
                block.refs[skip..].iter().copied().take_while(|&r| content.row(r).stamp() <= to),
            );
        }
        found
    }

    /// How many entries sort at or before `stamp`, as (block, place in it).
    pub(crate) fn end_of(&self, content: &Content, stamp: u64) -> (usize, usize) {
        let after = self.blocks.partition_point(|b| b.first.stamp <= stamp);
        match after.checked_sub(1) {
            None => (0, 0),
            Some(block) => {
                let refs = &self.blocks[block].refs;
                (block, refs.partition_point(|&r| content.row(r).stamp() <= stamp))
            }
        }
    }

    /// Where an entry that is in the order lies.
    pub(crate) fn position(&self, content: &Content, at: Ref) -> (usize, usize) {
        let key = content.key(at);
        let block = self.blocks.partition_point(|b| b.first <= key).saturating_sub(1);
        let place = self.blocks[block].refs.partition_point(|&r| content.key(r) < key);
        (block, place)
    }

    pub(crate) fn insert(&mut self, content: &Content, at: Ref) -> Landed {
        let key = content.key(at);
        if self.last.is_none_or(|last| key > last) {
            return self.push(key, at);
        }
        let mut block = self.blocks.partition_point(|b| b.first <= key).saturating_sub(1);
        let mut blocks = Blocks::Same;
        if self.blocks[block].refs.len() >= BLOCK_MAX {
            let refs = self.blocks[block].refs.split_off(BLOCK_FULL);
            let first = content.key(refs[0]);
            self.blocks.insert(block + 1, Block { first, refs });
            blocks = Blocks::Split(block);
            block += usize::from(key > first);
        }
        let Block { first, refs } = &mut self.blocks[block];
        let place = refs.partition_point(|&r| content.key(r) < key);
        refs.insert(place, at);
        *first = (*first).min(key);
        Landed { block, place, blocks }
    }

    fn push(&mut self, key: Key, at: Ref) -> Landed {
        self.last = Some(key);
        if let Some(block) = self.blocks.last_mut()
            && block.refs.len() < BLOCK_FULL
        {
            block.refs.push(at);
            let place = block.refs.len() - 1;
            return Landed { block: self.blocks.len() - 1, place, blocks: Blocks::Same };
        }
        let mut refs = Vec::with_capacity(BLOCK_FULL);
        refs.push(at);
        self.blocks.push(Block { first: key, refs });
        Landed { block: self.blocks.len() - 1, place: 0, blocks: Blocks::Opened }
    }

    /// The order of all entries, from the chains alone.
    pub(crate) fn of(content: &Content) -> Self {
        let mut keys: Vec<(Key, Ref)> = Vec::new();
        for (index, chain) in content.chains.iter().enumerate() {
            keys.extend((0..chain.rows.len()).map(|place| {
                let at = Ref { chain: index as u16, place: place as u32 };
                (content.key(at), at)
            }));
        }
        keys.sort_unstable();
        let mut order = Self::default();
        keys.into_iter().for_each(|(key, at)| {
            order.push(key, at);
        });
        order
    }
}
