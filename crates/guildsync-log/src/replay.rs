//! Replay: which entries count, from the entries alone, and the tally that follows.
//!
//! An entry counts if its writer had the right, no undo that counts names it, and, if it was
//! imported, no other copy of its row counts already. Nothing here allocates per entry.

use crate::content::Content;
use crate::log::Log;
use crate::order::Ref;
use crate::tally::{self, Flags, Tally};

impl Log {
    /// A tally from the entries alone: rights, undos, copies, totals.
    pub(crate) fn count_afresh(&self) -> Tally {
        let mut tally = Tally::empty(&self.content);
        self.mark_rights(&mut tally);
        self.mark_undone(&mut tally);
        self.mark_copies(&mut tally);
        tally.distrust();
        tally.settle(&self.content, &self.order);
        tally
    }

    /// Decides again which copy of an imported row counts, or whether a single entry does.
    pub(crate) fn resettle(&mut self, at: Ref) {
        let row = *self.content.row(at);
        let copies = match row.is_imported() {
            false => vec![at],
            true => {
                let mut second = self.order.second(&self.content, row.stamp());
                second.retain(|&other| self.content.row(other).same_origin(&row));
                second
            }
        };
        let mut settled = Copies::of(copies.iter().map(|&copy| self.tally.flags(copy)));
        for copy in copies {
            let flags = settled.next(self.tally.flags(copy));
            self.tally.set(&self.content, &self.order, copy, flags);
        }
    }

    fn mark_rights(&self, tally: &mut Tally) {
        for (index, chain) in self.content.chains.iter().enumerate() {
            let vouched = self.roles.vouched(chain.writer);
            if vouched >= chain.last() {
                continue;
            }
            let from = (vouched + 1).saturating_sub(chain.first) as usize;
            for (place, flags) in tally.chain_flags(index).iter_mut().enumerate().skip(from) {
                let at = Ref { chain: index as u16, place: place as u32 };
                if !self.roles.allow(&self.content, at) {
                    *flags = tally::NO_ROLE;
                }
            }
        }
    }

    fn mark_undone(&self, tally: &mut Tally) {
        for undo in &self.undos {
            if let Some(target) = undo.target
                && self.content.row(target).is_points()
                && tally.flags(undo.by) & tally::NO_ROLE == 0
            {
                // An imported row's copies take the mark over in `mark_copies`.
                *tally.flags_mut(target) |= match self.content.row(target).origin {
                    0 => tally::NAMED | tally::UNDONE,
                    _ => tally::NAMED,
                };
            }
        }
    }

    /// Marks the copies of imported rows, second by second: copies share their second.
    fn mark_copies(&self, tally: &mut Tally) {
        let mut second = 0;
        let mut imported: Vec<(u64, Ref)> = Vec::new();
        for at in self.order.iter() {
            let row = self.content.row(at);
            if !row.is_imported() {
                continue;
            }
            if row.stamp() >> 16 != second {
                settle_second(&self.content, &mut imported, tally);
                imported.clear();
                second = row.stamp() >> 16;
            }
            imported.push((row.origin_target(), at));
        }
        settle_second(&self.content, &mut imported, tally);
    }
}

/// Settles the imported rows of one second, each given behind its [`Row::origin_target`].
///
/// [`Row::origin_target`]: crate::chain::Row::origin_target
fn settle_second(content: &Content, imported: &mut [(u64, Ref)], tally: &mut Tally) {
    let identity = |at: Ref| content.row(at).origin_identity();
    // Rows that differ in target or amount, as nearly all do, are told apart without looking them up.
    // Within a group the order stays that of replay.
    imported.sort_unstable_by(|&(a_target, a), &(b_target, b)| {
        a_target
            .cmp(&b_target)
            .then_with(|| identity(a).cmp(&identity(b)))
            .then_with(|| content.key(a).cmp(&content.key(b)))
    });
    let same = |&(a_target, a): &(u64, Ref), &(b_target, b): &(u64, Ref)| {
        a_target == b_target && identity(a) == identity(b)
    };
    for copies in imported.chunk_by(same) {
        let mut settled = Copies::of(copies.iter().map(|&(_, copy)| tally.flags(copy)));
        for &(_, copy) in copies {
            let flags = settled.next(tally.flags(copy));
            *tally.flags_mut(copy) = flags;
        }
    }
}

/// What became of the copies of one row so far: one counts at most, none if any was undone.
#[derive(Debug, Clone, Copy)]
struct Copies {
    undone: bool,
    counted: bool,
}

impl Copies {
    fn of(mut flags: impl Iterator<Item = Flags>) -> Self {
        Self { undone: flags.any(|flags| flags & tally::NAMED != 0), counted: false }
    }

    /// The new flags of the next copy in replay order.
    fn next(&mut self, flags: Flags) -> Flags {
        let kept = flags & (tally::NO_ROLE | tally::NAMED);
        let allowed = kept & tally::NO_ROLE == 0;
        let reason = match (self.undone, allowed && self.counted) {
            (true, _) => tally::UNDONE,
            (false, true) => tally::COPY,
            (false, false) => 0,
        };
        self.counted |= allowed;
        kept | reason
    }
}
