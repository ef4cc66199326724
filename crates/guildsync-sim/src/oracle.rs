//! The oracle: every acknowledged entry, and what has to be true of it.
//!
//! It keeps its own books: which entries were acknowledged to whom, which of them a broken disk took
//! with it, and sums of its own. An entry is acknowledged when its author's commit is done. It looks at
//! replicas through their logs and believes none of their standings. Every check returns the first
//! thing that is wrong, in words.

use std::collections::{BTreeMap, BTreeSet};

use guildsync::log::{Change, Log, Profiles, Segment};
use guildsync::types::{EntryId, Hash, ProfileId, WriterId};

use crate::trace::clock;

/// What the oracle knows.
#[derive(Debug, Default)]
pub struct Oracle {
    chains: BTreeMap<(ProfileId, WriterId), Chain>,
    /// Heads of a log and the state that follows from them, as seen first.
    states: BTreeMap<(ProfileId, Hash), Hash>,
    /// Writers whose store came back from a backup: they may issue a number again, once, unknowingly.
    restored: BTreeSet<WriterId>,
    /// Heads that were never durable and never will be.
    unborn: Vec<(ProfileId, WriterId, u64, Hash)>,
    /// How many checks were made.
    pub n_checks: u64,
}

/// The acknowledged entries of one writer in one profile.
#[derive(Debug)]
struct Chain {
    author: usize,
    entries: Vec<Acked>,
}

/// One acknowledged entry.
#[derive(Debug, Clone)]
struct Acked {
    seq: u64,
    hash: Hash,
    at: u64,
    /// Points moved, in hundredths, and whose; `None` for entries that move none.
    moved: Option<(String, i64)>,
    /// Its author's disk still has it.
    at_author: bool,
    /// Some disk has it, so it must come back to everyone.
    somewhere: bool,
}

impl Oracle {
    /// Nothing acknowledged yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries were acknowledged.
    #[must_use]
    pub fn n_acknowledged(&self) -> usize {
        self.chains.values().map(|chain| chain.entries.len()).sum()
    }

    /// How many of them went down with the only disk that held them.
    #[must_use]
    pub fn n_lost_with_disks(&self) -> usize {
        let lost = |chain: &Chain| chain.entries.iter().filter(|e| !e.somewhere).count();
        self.chains.values().map(lost).sum()
    }

    /// A member's commit of a segment that it appended is done.
    ///
    /// # Errors
    /// A number that this writer has used for something else.
    pub fn acknowledge(
        &mut self,
        at: u64,
        author: usize,
        profile: ProfileId,
        segment: &Segment,
        log: &Log,
    ) -> Result<(), String> {
        let writer = segment.writer;
        let may_repeat = self.restored.contains(&writer);
        let chain = self.chains.entry((profile, writer));
        let chain = chain.or_insert_with(|| Chain { author, entries: Vec::new() });
        for (seq, draft) in (segment.first..).zip(&segment.drafts) {
            let Some(hash) = hash_in(log, writer, seq, &segment.drafts) else {
                return Err(format!("entry {seq} was acknowledged and is not in its author's log"));
            };
            let known = chain.entries.iter().find(|e| e.seq == seq && e.hash != hash);
            if let Some(known) = known.filter(|_| !may_repeat) {
                return Err(format!(
                    "member {author} issued number {seq} of writer {} a second time with other \
                     content; the first was acknowledged at {}",
                    writer.short(),
                    clock(known.at)
                ));
            }
            let moved = match &draft.change {
                Change::Points { target, delta, .. } => Some((target.folded(), delta.hundredths())),
                _ => None,
            };
            chain.entries.push(Acked { seq, hash, at, moved, at_author: true, somewhere: true });
        }
        Ok(())
    }

    /// Whether no store ever went back: then no chain was forked, and whatever is sent can be read.
    #[must_use]
    pub fn nothing_went_back(&self) -> bool {
        self.restored.is_empty()
    }

    /// A crash took segments that were appended and not durable yet: nobody may have them.
    pub fn never_durable(&mut self, segments: Vec<(ProfileId, Segment)>) {
        let head = |(id, s): (ProfileId, Segment)| (id, s.writer, s.last(), s.seal.head);
        self.unborn.extend(segments.into_iter().map(head));
    }

    /// A member's store became another one: `now` is what it holds, `others` what the other disks hold.
    /// `came_back` tells of a backup, whose writer may not know how far it was.
    pub fn disk_changed(
        &mut self,
        member: usize,
        writer: WriterId,
        came_back: bool,
        now: &Profiles,
        others: &[&Profiles],
    ) {
        if came_back {
            self.restored.insert(writer);
        }
        for ((profile, writer), chain) in &mut self.chains {
            for entry in &mut chain.entries {
                let here = holds(now, profile, *writer, entry);
                let there = || others.iter().any(|other| holds(other, profile, *writer, entry));
                entry.somewhere &= here || there();
                if chain.author == member {
                    entry.at_author &= here;
                }
            }
        }
    }

    /// Nothing that was acknowledged to a member is missing there.
    ///
    /// # Errors
    /// The first entry that is.
    pub fn check_author(&mut self, member: usize, profiles: &Profiles) -> Result<(), String> {
        self.n_checks += 1;
        for ((profile, writer), chain) in self.chains.iter().filter(|(_, c)| c.author == member) {
            let due = chain.entries.iter().rev().filter(|entry| entry.at_author);
            for entry in due.take(self.proves(*writer)) {
                if !holds(profiles, profile, *writer, entry) {
                    return Err(missing("its author", member, *writer, entry));
                }
            }
        }
        Ok(())
    }

    /// How many of a writer's last entries prove all: a head's hash covers what is before it; branches of
    /// a restored writer are looked at one by one.
    fn proves(&self, writer: WriterId) -> usize {
        if self.restored.contains(&writer) { usize::MAX } else { 1 }
    }

    /// A log is whole: numbers without holes, sums as the oracle adds them up, and one state for equal
    /// heads.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_log(&mut self, member: usize, log: &Log) -> Result<(), String> {
        self.n_checks += 1;
        contiguous(log).map_err(|why| format!("the log of member {member}: {why}"))?;
        sums_agree(log).map_err(|why| format!("the standings of member {member}: {why}"))?;
        let id = log.profile().id;
        let mut unborn = self.unborn.iter().filter(|(profile, ..)| *profile == id);
        if let Some((_, writer, seq, _)) =
            unborn.find(|&&(_, writer, seq, head)| log.holds_head(writer, seq, head))
        {
            return Err(format!(
                "member {member} holds entry {seq} of writer {}, which was never durable there",
                writer.short()
            ));
        }
        let own = |(_, branch): &(_, guildsync::log::Branch)| !self.restored.contains(&branch.root);
        if let Some((_, branch)) = log.forks().into_iter().find(own) {
            return Err(format!(
                "member {member} holds two chains of writer {}, whose store never went back",
                branch.root.short()
            ));
        }
        let (profile, heads) = (log.profile().id, log.heads().hash());
        let state = state_of(log);
        let first = *self.states.entry((profile, heads)).or_insert(state);
        match first == state {
            true => Ok(()),
            false => Err(format!(
                "member {member} has the heads that another had and not its state: \
                 {state} instead of {first}"
            )),
        }
    }

    /// After heal: everything acknowledged in a profile that some disk kept is in this log.
    ///
    /// # Errors
    /// The first entry that is not.
    pub fn check_complete(&mut self, member: usize, log: &Log) -> Result<(), String> {
        self.n_checks += 1;
        let id = log.profile().id;
        for ((_, writer), chain) in self.chains.iter().filter(|((profile, _), _)| *profile == id) {
            let due = chain.entries.iter().rev().filter(|entry| entry.somewhere);
            for entry in due.take(self.proves(*writer)) {
                if !holds_in(log, *writer, entry) {
                    return Err(missing("a healed member", member, *writer, entry));
                }
            }
        }
        Ok(())
    }

    /// What was acknowledged in a profile and is on some disk, summed by member: undone entries too.
    #[must_use]
    pub fn acknowledged_sums(&self, id: &ProfileId) -> BTreeMap<String, i128> {
        let mut sums = BTreeMap::new();
        for (_, chain) in self.chains.iter().filter(|((profile, _), _)| profile == id) {
            for entry in chain.entries.iter().filter(|entry| entry.somewhere) {
                if let Some((target, delta)) = &entry.moved {
                    *sums.entry(target.clone()).or_default() += i128::from(*delta);
                }
            }
        }
        sums
    }
}

/// The hash of an entry of this content, also where a fork moved it to a branch.
fn hash_in(
    log: &Log,
    writer: WriterId,
    seq: u64,
    drafts: &[guildsync::log::Draft],
) -> Option<Hash> {
    let branches = log.forks().into_iter().filter(|(_, branch)| branch.root == writer);
    let writers = std::iter::once(writer).chain(branches.map(|(derived, _)| derived));
    let is_it = |id: EntryId| log.entry(id).is_some_and(|entry| drafts.contains(&entry.draft));
    let mut ids = writers.map(|writer| EntryId { writer, seq });
    ids.find(|id| is_it(*id)).and_then(|id| log.entry_hash(id))
}

fn holds(profiles: &Profiles, profile: &ProfileId, writer: WriterId, entry: &Acked) -> bool {
    profiles.get(profile).is_some_and(|log| holds_in(log, writer, entry))
}

fn holds_in(log: &Log, writer: WriterId, entry: &Acked) -> bool {
    // A head is known; another entry's hash is worked out from its chain.
    let is_head = log.chains().any(|c| c.writer == writer && c.head == entry.hash);
    is_head || log.holds_head(writer, entry.seq, entry.hash)
}

fn missing(at: &str, member: usize, writer: WriterId, entry: &Acked) -> String {
    format!(
        "entry {} of writer {}, acknowledged at {}, is missing at {at}, member {member}",
        entry.seq,
        writer.short(),
        clock(entry.at)
    )
}

/// One hash over a log's heads and standings, recomputed from its entries.
#[must_use]
pub fn state_of(log: &Log) -> Hash {
    let id = log.profile().id;
    let alone = Profiles::restore([log.clone()], id, BTreeMap::new());
    alone.map(|profiles| profiles.state_hash()).unwrap_or_default()
}

fn contiguous(log: &Log) -> Result<(), String> {
    let mut numbers: BTreeMap<WriterId, BTreeSet<u64>> = BTreeMap::new();
    for entry in log.entries() {
        if !numbers.entry(entry.id.writer).or_default().insert(entry.id.seq) {
            return Err(format!("entry {} is there twice", entry.id));
        }
    }
    for chain in log.chains() {
        let first = chain.branch.map_or(1, |branch| branch.first);
        let held = numbers.remove(&chain.writer).unwrap_or_default();
        if held.len() as u64 != chain.last + 1 - first || held.first() != Some(&first) {
            return Err(format!("the chain of writer {} has holes", chain.writer.short()));
        }
    }
    match numbers.is_empty() {
        true => Ok(()),
        false => Err("entries of a writer without a chain".to_owned()),
    }
}

/// Adds up every entry by itself: what people moved, less what they undid. Open profiles only: there
/// everybody's entries count.
#[must_use]
pub fn naive_sums(log: &Log) -> BTreeMap<String, i128> {
    let undone: BTreeSet<Hash> = log
        .entries()
        .filter_map(|entry| match entry.draft.change {
            Change::Undo { hash, .. } => Some(hash),
            _ => None,
        })
        .collect();
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    for entry in log.entries() {
        let Change::Points { target, delta, .. } = &entry.draft.change else { continue };
        let sum = sums.entry(target.folded()).or_default();
        if log.entry_hash(entry.id).is_none_or(|hash| !undone.contains(&hash)) {
            *sum += i128::from(delta.hundredths());
        }
    }
    sums
}

fn sums_agree(log: &Log) -> Result<(), String> {
    if log.has_officers() {
        return Ok(());
    }
    let ours = naive_sums(log);
    let theirs = log.standings();
    for (member, sum) in &ours {
        let shown = theirs.iter().find(|line| line.member.to_lowercase() == *member);
        let total = shown.map_or(0, |line| i128::from(line.total.0));
        if total != *sum {
            return Err(format!("{member} has {total} hundredths and should have {sum}"));
        }
    }
    Ok(())
}
