//! What coordinators announced: the frontiers that later messages are told against.
//!
//! An announcement lists writers by tag. A later message names the announcement and says how it
//! differs, so a reply or the base of a batch costs a byte or two a writer, and nothing where nothing
//! differs.

use std::collections::BTreeMap;

use guildsync_log::{Frontier, Log};
use guildsync_types::{Digest, ProfileId, WriterId};

use crate::message::{Announced, Base, Difference, Heads, Tag};

/// How many announcements are kept; older ones are asked for again, or answered anew.
const KEPT: usize = 32;

/// One announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) profile: ProfileId,
    pub(crate) digest: Digest,
    pub(crate) heads: Heads,
}

/// The announcements of this epoch and some before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Announcements(BTreeMap<Announced, Announcement>);

/// Why a base cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The announcement that it differs from did not arrive here.
    Announcement(Announced),
    /// It holds entries of a writer of whom there are none here.
    Writer(Tag),
}

/// What somebody else has, as far as it can be told here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    /// Of the writers known here.
    pub(crate) frontier: Frontier,
    /// Of writers that are not.
    pub(crate) unknown: Vec<(Tag, u64)>,
}

impl Announcements {
    pub(crate) fn get(&self, at: Announced) -> Option<&Announcement> {
        self.0.get(&at)
    }

    pub(crate) fn insert(&mut self, at: Announced, announcement: Announcement) {
        self.0.insert(at, announcement);
        while self.0.len() > KEPT {
            self.0.pop_first();
        }
    }

    /// Forgets what another coordinator announced in the same term.
    pub(crate) fn forget_term(&mut self, term: u64) {
        self.0.retain(|at, _| at.term != term);
    }

    /// The newest announcement of a profile.
    pub(crate) fn newest(&self, profile: ProfileId) -> Option<(Announced, &Announcement)> {
        let newest = self.0.iter().rev().find(|(_, known)| known.profile == profile);
        newest.map(|(&at, known)| (at, known))
    }

    /// The frontier that a base stands for, in the writers known here.
    pub(crate) fn resolve(&self, base: &Base, mine: &Frontier) -> Result<Frontier, Unknown> {
        let holding = match base.at {
            Announced::NONE => holding(&base.difference.beside, mine),
            at => {
                let announcement = self.get(at).ok_or(Unknown::Announcement(at))?;
                announcement.changed(&base.difference, mine)
            }
        };
        match holding.unknown.first() {
            None => Ok(holding.frontier),
            Some(&(tag, _)) => Err(Unknown::Writer(tag)),
        }
    }

    /// A frontier as a base, told against the newest announcement of the profile; in full where
    /// there is none, or receivers may have missed it.
    pub(crate) fn base(&self, frontier: &Frontier, log: &Log, in_full: bool) -> Base {
        let known = log.frontier();
        match self.newest(log.profile().id).filter(|_| !in_full) {
            Some((at, announcement)) => {
                Base { at, difference: announcement.difference(frontier, &known) }
            }
            None => {
                let beside = frontier.iter().map(|(writer, last)| (tag(&known, writer), last));
                let difference = Difference { beside: beside.collect(), ..Difference::default() };
                Base { at: Announced::NONE, difference }
            }
        }
    }
}

impl Announcement {
    /// What `log` has: at most `most` writers, those with the newest entries if there are more.
    pub(crate) fn of(log: &Log, most: usize) -> Self {
        Self { profile: log.profile().id, digest: log.digest(), heads: heads(log, most, false) }
    }

    /// How a frontier differs from this. `known` are all writers of the log: tags are unique in it.
    pub(crate) fn difference(&self, frontier: &Frontier, known: &Frontier) -> Difference {
        let mut difference = Difference::default();
        let mut listed = Vec::new();
        for (place, &(tag, last)) in (0..).zip(&self.heads.lasts) {
            let writer = find(known, tag);
            listed.extend(writer);
            let have = writer.map_or(0, |writer| frontier.last(writer));
            if have < last {
                difference.behind.push((place, last - have));
            } else if have > last {
                difference.ahead.push((place, have - last));
            }
        }
        listed.sort_unstable();
        let beside = frontier.iter().filter(|(writer, _)| listed.binary_search(writer).is_err());
        difference.beside = beside.map(|(writer, last)| (tag(known, writer), last)).collect();
        difference
    }

    /// Whether a frontier, whose writers are all that are known, has all of this.
    pub(crate) fn is_within(&self, frontier: &Frontier) -> bool {
        let have = |tag| find(frontier, tag).map_or(0, |writer| frontier.last(writer));
        self.heads.lasts.iter().all(|&(tag, last)| have(tag) >= last)
    }

    /// What somebody has who differs so from this.
    pub(crate) fn changed(&self, difference: &Difference, mine: &Frontier) -> Holding {
        let mut lasts = self.heads.lasts.clone();
        for &(place, fewer) in &difference.behind {
            if let Some((_, last)) = lasts.get_mut(usize::from(place)) {
                *last = last.saturating_sub(fewer);
            }
        }
        for &(place, more) in &difference.ahead {
            if let Some((_, last)) = lasts.get_mut(usize::from(place)) {
                *last = last.saturating_add(more);
            }
        }
        lasts.extend_from_slice(&difference.beside);
        holding(&lasts, mine)
    }
}

/// What a list says, in the writers known here.
pub(crate) fn holding(lasts: &[(Tag, u64)], mine: &Frontier) -> Holding {
    let mut holding = Holding::default();
    for &(tag, last) in lasts.iter().filter(|(_, last)| *last > 0) {
        match find(mine, tag) {
            Some(writer) => holding.frontier.set(writer, last),
            None => holding.unknown.push((tag, last)),
        }
    }
    holding
}

/// What `log` has, as a list: `marks` tells the heads apart, too.
pub(crate) fn heads(log: &Log, most: usize, marks: bool) -> Heads {
    let (all, frontier) = (log.heads(), log.frontier());
    let is_partial = frontier.len() > most;
    let newest = is_partial.then(|| newest_writers(log, most));
    let listed = |writer: &WriterId| newest.as_ref().is_none_or(|newest| newest.contains(writer));
    let chosen: Vec<_> = all.iter().filter(|(writer, ..)| listed(writer)).collect();
    let mark = |hash: [u8; 32]| [hash[0], hash[1], hash[2], hash[3]];
    Heads {
        lasts: chosen.iter().map(|&(writer, last, _)| (tag(&frontier, writer), last)).collect(),
        marks: match marks {
            true => chosen.iter().map(|(_, _, hash)| mark(hash.0)).collect(),
            false => Vec::new(),
        },
        is_partial,
    }
}

/// The writers of the newest entries: the ones that others most probably lack.
fn newest_writers(log: &Log, most: usize) -> Vec<WriterId> {
    let mut newest = Vec::new();
    for entry in log.entries().rev() {
        if !newest.contains(&entry.id.writer) {
            newest.push(entry.id.writer);
        }
        if newest.len() == most {
            break;
        }
    }
    newest
}

/// The writer that a tag means among those known; `None` where none or several fit.
pub(crate) fn find(known: &Frontier, tag: Tag) -> Option<WriterId> {
    let mut fitting = known.starting_with(tag.bytes());
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// A writer's tag: short, unless another writer's id begins alike.
pub(crate) fn tag(known: &Frontier, writer: WriterId) -> Tag {
    let short = Tag::short(writer);
    let others = known.starting_with(short.bytes()).filter(|other| *other != writer).count();
    if others == 0 { short } else { Tag::from(writer) }
}

#[cfg(test)]
mod tests {
    use guildsync_log::Profile;
    use guildsync_types::ProfileName;
    use proptest::prelude::*;

    use super::*;

    fn frontier() -> impl Strategy<Value = Frontier> {
        let pair = (0u8..7, 1u64..200).prop_map(|(w, last)| (WriterId([w; 16]), last));
        proptest::collection::vec(pair, 0..6).prop_map(|pairs| pairs.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_difference_brings_back_what_it_was_taken_of(announced in frontier(), other in frontier()) {
            let known = announced.max(&other);
            let lasts = announced.iter().map(|(writer, last)| (tag(&known, writer), last)).collect();
            let log = Log::new(Profile::open(ProfileName::new("Default").unwrap()));
            let heads = Heads { lasts, ..Heads::default() };
            let announcement = Announcement { heads, ..Announcement::of(&log, 40) };
            let difference = announcement.difference(&other, &known);
            let holding = announcement.changed(&difference, &known);
            prop_assert_eq!(holding, Holding { frontier: other, unknown: Vec::new() });
        }
    }

    #[test]
    fn writers_that_begin_alike_are_told_in_full() {
        let (mut a, mut b) = (WriterId([7; 16]), WriterId([7; 16]));
        (a.0[15], b.0[15]) = (1, 2);
        let known: Frontier = [(a, 1), (b, 1)].into_iter().collect();
        assert_eq!(find(&known, tag(&known, a)), Some(a));
        assert_eq!(find(&known, Tag::short(a)), None);
        let alone: Frontier = [(a, 1)].into_iter().collect();
        assert_eq!(tag(&alone, a), Tag::short(a));
    }
}
