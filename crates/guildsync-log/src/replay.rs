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

    /// Decides again which copies count of the rows that were pushed or named by an undo since the last
    /// time, each of their seconds in one pass.
    pub(crate) fn settle_copies(&mut self) {
        let unsettled = std::mem::take(&mut self.unsettled);
        let (content, order, tally) = (&self.content, &self.order, &mut self.tally);
        let set = |tally: &mut Tally, at, flags| tally.set(content, order, at, flags);
        let (mut imported, single): (Vec<Ref>, Vec<Ref>) =
            unsettled.into_iter().partition(|&at| content.row(at).is_imported());
        for at in single {
            settle_copies_of(&[(0, at)], tally, set);
        }
        let second = |at: Ref| content.row(at).stamp() >> 16;
        let identity = |at: Ref| content.row(at).origin_identity();
        let compare = |&a: &Ref, &b: &Ref| {
            second(a).cmp(&second(b)).then_with(|| identity(a).cmp(&identity(b)))
        };
        imported.sort_unstable_by(compare);
        imported.dedup_by(|a, b| compare(a, b).is_eq());
        for wanted in imported.chunk_by(|&a, &b| second(a) == second(b)) {
            let mut copies = order.second(content, content.row(wanted[0]).stamp());
            copies.retain(|at| {
                content.row(*at).is_imported()
                    && wanted.binary_search_by(|other| compare(other, at)).is_ok()
            });
            let target = |at: Ref| (content.row(at).origin_target(), at);
            let mut copies: Vec<_> = copies.into_iter().map(target).collect();
            settle_second(content, &mut copies, tally, set);
        }
    }

    fn mark_rights(&self, tally: &mut Tally) {
        for (index, chain) in self.content.chains.iter().enumerate() {
            let vouched = self.roles.vouched(chain.root);
            if vouched >= chain.last() {
                continue;
            }
            let from = (vouched + 1).saturating_sub(chain.first) as usize;
            for (place, flags) in tally.chain_flags(index).iter_mut().enumerate().skip(from) {
                let at = Ref { chain: index as u16, place: place as u32 };
                *flags = self.right(at);
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
        let set = |tally: &mut Tally, at, flags| *tally.flags_mut(at) = flags;
        for at in self.order.iter() {
            let row = self.content.row(at);
            if !row.is_imported() {
                continue;
            }
            if row.stamp() >> 16 != second {
                settle_second(&self.content, &mut imported, tally, set);
                imported.clear();
                second = row.stamp() >> 16;
            }
            imported.push((row.origin_target(), at));
        }
        settle_second(&self.content, &mut imported, tally, set);
    }
}

/// Settles the imported rows of one second, each given behind its [`Row::origin_target`].
///
/// [`Row::origin_target`]: crate::chain::Row::origin_target
fn settle_second(
    content: &Content,
    imported: &mut [(u64, Ref)],
    tally: &mut Tally,
    set: impl Fn(&mut Tally, Ref, Flags) + Copy,
) {
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
        settle_copies_of(copies, tally, set);
    }
}

/// Settles all copies of one row, in replay order.
fn settle_copies_of(
    copies: &[(u64, Ref)],
    tally: &mut Tally,
    set: impl Fn(&mut Tally, Ref, Flags),
) {
    let mut settled = Copies::of(copies.iter().map(|&(_, copy)| tally.flags(copy)));
    for &(_, copy) in copies {
        let flags = settled.next(tally.flags(copy));
        set(tally, copy, flags);
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
        let kept = flags & (tally::NO_ROLE | tally::HIDDEN | tally::NAMED);
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
