//! What people ask a log: standings now and then, a member's history, the audit.

use guildsync_types::hash::Hasher;
use guildsync_types::points::Total;
use guildsync_types::{MemberName, Stamp};

use crate::chain::{Row, RowKind};
use crate::entry::{Basis, Change, Entry};
use crate::log::Log;
use crate::order::Ref;
use crate::tally::{self, ABSENT};

/// One member's total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The member, in the spelling that is shown.
    pub member: &'a str,
    /// The sum of what counts.
    pub total: Total,
}

/// Whether an entry counts, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It counts (or, for kinds without points, it stands).
    Counts,
    /// An undo names it, or another copy of the same imported row.
    Undone,
    /// Another copy of the same imported row counts instead.
    Copy,
    /// Its writer had no right to, or lies beyond a revoke's cut.
    NoRole,
}

impl Verdict {
    /// The verdict's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Undone => "undone",
            Self::Copy => "copy",
            Self::NoRole => "no-role",
        }
    }
}

/// One entry with what it did to its target's total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// The entry.
    pub entry: Entry,
    /// The target's total before it; `None` for entries without points.
    pub before: Option<Total>,
    /// The target's total after it.
    pub after: Option<Total>,
    /// Whether it counts.
    pub verdict: Verdict,
}

impl AuditLine {
    /// The total that an imported `Total` entry set aside: what replay had, where it differs from
    /// the file's total less the file's delta.
    #[must_use]
    pub fn overrode(&self) -> Option<Total> {
        match (&self.entry.draft.change, self.before, self.verdict) {
            (
                Change::Points { basis: Basis::Total, delta, total, .. },
                Some(before),
                Verdict::Counts,
            ) if before.0 != total.hundredths() - delta.hundredths() => Some(before),
            _ => None,
        }
    }
}

impl Log {
    /// Every member's total now, highest first, equal ones by name.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing<'_>> {
        self.sorted(self.tally.now())
    }

    /// Every member's total after all entries stamped in or before the second of `moment`.
    #[must_use]
    pub fn standings_at(&self, moment: Stamp) -> Vec<Standing<'_>> {
        let (block, place) = self.order.end_of(&self.content, moment.end_of_second().packed());
        let mut state = self.tally.at_start(block);
        state.resize(self.content.names.n_members(), ABSENT);
        if place > 0 {
            self.tally.fold(&self.content, &self.order.block(block)[..place], &mut state);
        }
        self.sorted(&state)
    }

    /// Every member's total, replayed from the entries alone: rights, undos, copies and sums. What
    /// [`Log::standings`] keeps up to date must always equal it.
    #[must_use]
    pub fn replay(&self) -> Vec<Standing<'_>> {
        self.sorted(self.count_afresh().now())
    }

    /// One member's total now; `None` if no points entry names the member.
    #[must_use]
    pub fn total(&self, member: &MemberName) -> Option<Total> {
        let member = self.content.names.find(&member.folded())?;
        let total = *self.tally.now().get(member as usize)?;
        (total != ABSENT).then_some(Total(total))
    }

    /// The spelling under which a member is shown, if any entry names the member.
    #[must_use]
    pub fn spelling(&self, member: &MemberName) -> Option<&str> {
        self.content.names.find(&member.folded()).map(|m| self.content.names.shown(m))
    }

    /// All entries in replay order, each with its target's total before and after.
    pub fn audit(&self) -> impl Iterator<Item = AuditLine> + '_ {
        self.audit_of(|_| true)
    }

    /// The audit of one member: the entries that name the member as target, or notes about it.
    pub fn history<'a>(&'a self, member: &MemberName) -> impl Iterator<Item = AuditLine> + 'a {
        let member = self.content.names.find(&member.folded());
        self.audit_of(move |row| {
            let named = row.is_points() || row.kind() == RowKind::Note && row.target != Row::NOBODY;
            named && Some(self.content.member(row)) == member
        })
    }

    /// Adds heads and standings, recomputed from the entries, to a hash.
    pub(crate) fn add_state(&self, hasher: &mut Hasher) {
        hasher.add(&self.profile.id.0);
        hasher.add(&self.heads().hash().0);
        let tally = self.count_afresh();
        let names = &self.content.names;
        let mut totals: Vec<(&str, i64)> = tally
            .now()
            .iter()
            .enumerate()
            .filter(|&(_, &total)| total != ABSENT)
            .map(|(member, &total)| (names.folded(member as u32), total))
            .collect();
        totals.sort_unstable();
        for (member, total) in totals {
            hasher.add(&(member.len() as u64).to_le_bytes());
            hasher.add(member.as_bytes());
            hasher.add(&total.to_le_bytes());
        }
    }

    fn audit_of<'a>(
        &'a self,
        wanted: impl Fn(&Row) -> bool + 'a,
    ) -> impl Iterator<Item = AuditLine> + 'a {
        let mut state = vec![ABSENT; self.content.names.n_members()];
        let shown = |&at: &Ref| self.tally.flags(at) & tally::HIDDEN == 0;
        self.order.iter().filter(move |at| shown(at)).filter_map(move |at| {
            let row = self.content.row(at);
            let target = row.is_points().then(|| self.content.member(row) as usize);
            let of = |state: &[i64]| target.map(|t| Total(state[t].max(ABSENT + 1)));
            if let Some(target) = target
                && state[target] == ABSENT
            {
                state[target] = 0;
            }
            let before = of(&state);
            self.tally.fold(&self.content, &[at], &mut state);
            wanted(row).then(|| AuditLine {
                entry: self.content.entry(at),
                before,
                after: of(&state),
                verdict: self.verdict(at),
            })
        })
    }

    fn verdict(&self, at: Ref) -> Verdict {
        let flags = self.tally.flags(at);
        match flags {
            _ if flags & tally::NO_ROLE != 0 => Verdict::NoRole,
            _ if flags & tally::UNDONE != 0 => Verdict::Undone,
            _ if flags & tally::COPY != 0 => Verdict::Copy,
            _ => Verdict::Counts,
        }
    }

    fn sorted(&self, totals: &[i64]) -> Vec<Standing<'_>> {
        let names = &self.content.names;
        let mut standings: Vec<(u32, i64)> =
            (0u32..).zip(totals.iter().copied()).filter(|&(_, total)| total != ABSENT).collect();
        standings.sort_unstable_by(|&(a, x), &(b, y)| {
            y.cmp(&x).then_with(|| names.folded(a).cmp(names.folded(b)))
        });
        let show = |(member, total)| Standing { member: names.shown(member), total: Total(total) };
        standings.into_iter().map(show).collect()
    }
}
