//! What one replica lacks of another, entry by entry, and in which records the two differ.
//!
//! Chains are compared by hash, not by length: an entry's hash covers everything before it in its
//! chain, so the last number at which two chains agree is found by halving. Forks, whose branches may
//! be filed under other writers on the other side, are compared the same way.
//! Records are compared by hash too, one with the other of its key, and sheets by digest.

use guildsync::log::{Log, Profiles};
use guildsync::sections::{Document, Shelf, Version};
use guildsync::tables::{Record, Tables};
use guildsync::types::{EntryId, ProfileId, WriterId};
use serde::Serialize;

use crate::find;

/// Something that one side has and the other has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Lack {
    /// The profile's label, where it is.
    pub(crate) profile: String,
    /// Its id.
    #[serde(serialize_with = "crate::out::text")]
    pub(crate) profile_id: ProfileId,
    /// The other side does not have the profile at all.
    pub(crate) whole_profile: bool,
    /// The entries; none if the profile is empty.
    #[serde(flatten)]
    pub(crate) run: Option<Run>,
}

/// Entries of one writer, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    /// Who wrote them.
    #[serde(serialize_with = "crate::out::text")]
    pub(crate) writer: WriterId,
    /// The first number.
    pub(crate) first: u64,
    /// The last number.
    pub(crate) last: u64,
    /// How many.
    pub(crate) count: u64,
    /// The first entry's id.
    pub(crate) first_id: String,
    /// The last entry's id.
    pub(crate) last_id: String,
    /// The other side has other entries under these numbers.
    pub(crate) forked: bool,
}

impl Lack {
    /// How many entries.
    pub(crate) fn count(&self) -> u64 {
        self.run.as_ref().map_or(0, |run| run.count)
    }

    /// The entries' ids as tables show them.
    pub(crate) fn range(&self) -> String {
        match &self.run {
            None => "the profile, empty".to_owned(),
            Some(Run { writer, first, last, .. }) if first == last => {
                find::short(EntryId { writer: *writer, seq: *first })
            }
            Some(Run { writer, first, last, .. }) => {
                format!("{} to {last}", find::short(EntryId { writer: *writer, seq: *first }))
            }
        }
    }

    /// What else there is to say.
    pub(crate) fn remark(&self) -> &'static str {
        match &self.run {
            Some(run) if run.forked => "forked: other entries have these numbers",
            _ if self.whole_profile => "the whole profile",
            _ => "",
        }
    }
}

/// How many entries are lacking in all.
pub(crate) fn total(lacks: &[Lack]) -> u64 {
    lacks.iter().map(Lack::count).sum()
}

/// What `have` lacks of `other`.
pub(crate) fn lacks(have: &Profiles, other: &Profiles) -> Vec<Lack> {
    let mut lacks = Vec::new();
    for theirs in other.iter() {
        let id = theirs.profile().id;
        let ours = have.get(&id);
        let lack = |run| Lack {
            profile: theirs.label().to_owned(),
            profile_id: id,
            whole_profile: ours.is_none(),
            run,
        };
        let runs = missing(ours, theirs);
        if runs.is_empty() && ours.is_none() {
            lacks.push(lack(None));
        }
        lacks.extend(runs.into_iter().map(|run| lack(Some(run))));
    }
    lacks
}

/// The records that are not the same on both sides, as either side has them: those of `a`, then those
/// that only `b` has.
pub(crate) fn records<'a>(
    a: &'a Tables,
    b: &'a Tables,
) -> impl Iterator<Item = (Option<&'a Record>, Option<&'a Record>)> {
    let of_a = a.iter().filter_map(|ours| {
        let theirs = b.get(ours.key());
        let is_same = theirs.is_some_and(|theirs| theirs.hash() == ours.hash());
        (!is_same).then_some((Some(ours), theirs))
    });
    let only_b = b.iter().filter(|theirs| a.get(theirs.key()).is_none());
    of_a.chain(only_b.map(|theirs| (None, Some(theirs))))
}

/// The sheets that are not the same on both sides, as either side has them: those of `a`, then those that
/// only `b` has.
pub(crate) fn sheets<'a>(
    a: &'a Shelf,
    b: &'a Shelf,
) -> impl Iterator<Item = (Option<&'a Document>, Option<&'a Document>)> {
    let of_a = a.iter().filter_map(|ours| {
        let theirs = b.get(ours.id());
        let is_same = theirs.is_some_and(|theirs| theirs.digest() == ours.digest());
        (!is_same).then_some((Some(ours), theirs))
    });
    let only_b = b.iter().filter(|theirs| a.get(theirs.id()).is_none());
    of_a.chain(only_b.map(|theirs| (None, Some(theirs))))
}

/// What of a sheet the other side has and `ours` neither has nor has replaced.
pub(crate) fn versions<'a>(
    ours: Option<&'a Document>,
    theirs: &'a Document,
) -> impl Iterator<Item = &'a Version> {
    theirs.versions().filter(move |version| {
        let held = ours.map_or(&[][..], |ours| ours.slot(version.item().slot));
        !held.iter().any(|held| held.id() == version.id() || held.replaces(version))
    })
}

/// The runs of `theirs` that `ours` has not.
fn missing(ours: Option<&Log>, theirs: &Log) -> Vec<Run> {
    let branches = theirs.forks();
    let frontier = theirs.frontier();
    let runs = frontier.iter().filter_map(|(writer, last)| {
        let branch = branches.iter().find(|(branch, _)| *branch == writer).map(|(_, b)| *b);
        let (root, first) = branch.map_or((writer, 1), |branch| (branch.root, branch.first));
        let holder = ours.map(|log| Holder::of(log, root));
        let has = |seq| {
            let hash = theirs.entry_hash(EntryId { writer, seq });
            holder.as_ref().is_some_and(|holder| hash.is_some() && holder.has(seq, hash))
        };
        // All before `low` is there on both sides, nothing from `high` on.
        let (mut low, mut high) = (first, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match has(middle) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        (low <= last).then(|| Run {
            writer,
            first: low,
            last,
            count: last - low + 1,
            first_id: EntryId { writer, seq: low }.to_string(),
            last_id: EntryId { writer, seq: last }.to_string(),
            forked: holder.as_ref().is_some_and(|holder| holder.has_any(low)),
        })
    });
    runs.collect()
}

/// All chains of a log that began as one writer's.
struct Holder<'a> {
    log: &'a Log,
    chains: Vec<WriterId>,
}

impl<'a> Holder<'a> {
    fn of(log: &'a Log, root: WriterId) -> Self {
        let forks = log.forks().into_iter().filter(|(_, branch)| branch.root == root);
        let chains = forks.map(|(writer, _)| writer).chain([root]).collect();
        Self { log, chains }
    }

    fn has(&self, seq: u64, hash: Option<guildsync::types::Hash>) -> bool {
        let at = |&writer: &WriterId| self.log.entry_hash(EntryId { writer, seq }) == hash;
        self.chains.iter().any(at)
    }

    fn has_any(&self, seq: u64) -> bool {
        let at = |&writer: &WriterId| self.log.entry_hash(EntryId { writer, seq }).is_some();
        self.chains.iter().any(at)
    }
}
