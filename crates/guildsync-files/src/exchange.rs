//! What the seed's two formats share: plain records of points, without ids, kinds and seals.
//!
//! Out goes every entry that counts, with what it did to its member's total: `delta` is the total
//! after less the total before, so that records add up whatever their basis was, and reading them back
//! gives the same standings. In come records as drafts with an origin, so that a second import adds
//! nothing. What these formats cannot carry is counted in [`LeftOut`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use guildsync_log::{Basis, Change, Draft, Log, Origins, Profile, Profiles, Verdict};
use guildsync_types::points::Total;
use guildsync_types::{MemberName, Points, ProfileId, ProfileName, Reason, Stamp};
use serde::Serialize;
use thiserror::Error;

use crate::occurrence::Occurrences;

/// One movement of points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// When, in whole seconds.
    pub stamp: Stamp,
    /// Who moved them.
    pub actor: MemberName,
    /// Whose they are.
    pub target: MemberName,
    /// By how much.
    pub delta: Points,
    /// The total after it.
    pub total: Points,
    /// Why.
    pub reason: Reason,
}

/// What an export left out, since the format has no place for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Notes.
    pub notes: usize,
    /// Undos; what they undid is in `uncounted`.
    pub undos: usize,
    /// Points that do not count: undone, copies of imported rows, written without a right.
    pub uncounted: usize,
    /// Profiles created and renamed, roles granted and revoked, writers continued, entries adopted.
    pub rights: usize,
    /// Entries of a kind that this version does not know.
    pub unknown: usize,
    /// Entries that set a total: they are there as what they added.
    pub totals_as_deltas: usize,
    /// Entries with a count within their second: the second is there, the order is kept.
    pub counts_in_second: usize,
    /// Occurrence numbers of imported rows.
    pub origins: usize,
    /// Writers, with their ids and seals.
    pub writers: usize,
    /// Members without a single entry that counts, shown with 0 points.
    pub members: usize,
}

/// A total or a difference that no record can hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "profile {profile:?}, {member} at {at}: {amount} points are more than this format carries \
     (ten million); export to JSON, CSV or GuildSyncDB instead"
)]
pub struct AmountError {
    /// The profile's label.
    pub profile: String,
    /// Whose points.
    pub member: MemberName,
    /// The entry's time.
    pub at: Stamp,
    /// The amount.
    pub amount: Total,
}

/// The drafts for one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Where they go: a profile of that label if there is one, else an open one to be created.
    pub profile: Profile,
    /// In the order to append them; empty if all are there already.
    pub drafts: Vec<Draft>,
}

/// What reading gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// By profile, in the order of the file.
    pub profiles: Vec<Incoming>,
    /// What became of the file's records.
    pub report: ImportReport,
}

/// What became of a file's records: `records` = `added` + `already_there` + `repeated` + refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImportReport {
    /// Lines or log entries in the file.
    pub records: usize,
    /// New entries.
    pub added: usize,
    /// Of these, entries that set a total, since the one before does not fit.
    pub totals: usize,
    /// Records that the logs hold already.
    pub already_there: usize,
    /// Records that the file holds a second time, id and all.
    pub repeated: usize,
    /// Records whose total is not the one before plus their delta.
    pub unfitting: usize,
    /// Records left out.
    pub refused: Vec<Refusal>,
    /// Totals that the file states beside its log, and that the log does not give.
    pub differing: Vec<Differing>,
}

/// A record that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Where it is: `line 3`, or `profile "Default", entry 7`.
    pub place: String,
    /// Why.
    pub why: String,
}

/// A total that a file states and its log does not give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// The profile.
    pub profile: String,
    /// The member.
    pub member: String,
    /// What the file states.
    pub stated: String,
    /// What its log gives, if it names the member.
    pub logged: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

impl LeftOut {
    fn count(&mut self, log: &Log) {
        let mut writers = BTreeSet::new();
        let mut members: BTreeMap<MemberName, bool> = BTreeMap::new();
        for line in log.audit() {
            writers.insert(line.entry.id.writer);
            let draft = line.entry.draft;
            match draft.change {
                Change::Points { target, basis, .. } => {
                    let counts = line.verdict == Verdict::Counts;
                    *members.entry(target).or_default() |= counts;
                    self.uncounted += usize::from(!counts);
                    self.totals_as_deltas += usize::from(counts && basis == Basis::Total);
                    self.counts_in_second += usize::from(counts && draft.stamp.count() > 0);
                    self.origins += usize::from(counts && draft.origin.is_some());
                }
                Change::Note { .. } => self.notes += 1,
                Change::Undo { .. } => self.undos += 1,
                Change::Unknown { .. } => self.unknown += 1,
                _ => self.rights += 1,
            }
        }
        self.writers += writers.len();
        self.members += members.values().filter(|&&counts| !counts).count();
    }
}

/// The records of a log in replay order, adding to what was left out.
pub(crate) fn records(log: &Log, left_out: &mut LeftOut) -> Result<Vec<Record>, AmountError> {
    left_out.count(log);
    records_of(log).collect()
}

/// The logs to export, each under a label of its own.
pub(crate) fn labelled<'a>(
    profiles: &'a Profiles,
    only: Option<&ProfileId>,
) -> Vec<(ProfileName, &'a Log)> {
    let mut taken = BTreeSet::new();
    let mut logs = Vec::new();
    for log in profiles.iter() {
        let plain = ProfileName::new(log.label()).unwrap_or_else(|_| log.profile().name.clone());
        let label = match taken.contains(&plain) {
            false => plain,
            true => {
                let short: String = plain.as_str().chars().take(50).collect();
                let with_id = format!("{} ({})", short.trim_end(), log.profile().id.short());
                ProfileName::new(&with_id).unwrap_or(plain)
            }
        };
        taken.insert(label.clone());
        if only.is_none_or(|only| *only == log.profile().id) {
            logs.push((label, log));
        }
    }
    logs
}

fn records_of(log: &Log) -> impl Iterator<Item = Result<Record, AmountError>> + '_ {
    log.audit().filter(|line| line.verdict == Verdict::Counts).filter_map(|line| {
        let Draft { stamp, actor, change, reason, .. } = line.entry.draft;
        let Change::Points { target, .. } = change else { return None };
        let (before, after) = (line.before?, line.after?);
        let points = |hundredths| {
            Points::from_hundredths(hundredths).map_err(|_| AmountError {
                profile: log.label().to_owned(),
                member: target.clone(),
                at: stamp,
                amount: Total(hundredths),
            })
        };
        let (delta, total) = match (points(after.0 - before.0), points(after.0)) {
            (Ok(delta), Ok(total)) => (delta, total),
            (Err(error), _) | (_, Err(error)) => return Some(Err(error)),
        };
        let stamp = Stamp::new(stamp.seconds(), 0).unwrap_or_default();
        Some(Ok(Record { stamp, actor, target, delta, total, reason }))
    })
}

/// Makes drafts of records, profile by profile.
pub(crate) struct Importer<'a> {
    held: &'a Profiles,
    groups: Vec<Group<'a>>,
    pub(crate) report: ImportReport,
}

struct Group<'a> {
    incoming: Incoming,
    /// The imported rows that are there.
    origins: Option<Origins<'a>>,
    occurrences: Occurrences,
    /// How often the log holds a record, whatever its total: entries that arrived since may have
    /// moved that.
    held: HashMap<Record, u32>,
    /// How often the file held it so far.
    seen: HashMap<Record, u32>,
    totals: BTreeMap<MemberName, Points>,
}

impl<'a> Importer<'a> {
    pub(crate) fn new(held: &'a Profiles) -> Self {
        Self { held, groups: Vec::new(), report: ImportReport::default() }
    }

    /// Takes in a record. With `fit` one whose total does not fit sets the total.
    pub(crate) fn take(&mut self, profile: &ProfileName, record: &Record, fit: bool) {
        self.report.records += 1;
        let index = self.group(profile);
        let group = &mut self.groups[index];
        let before = group.totals.insert(record.target.clone(), record.total);
        let expected =
            before.map_or(0, Points::hundredths).saturating_add(record.delta.hundredths());
        let fits = expected == record.total.hundredths();
        self.report.unfitting += usize::from(!fits && (fit || before.is_some()));
        let basis = if fit && !fits { Basis::Total } else { Basis::Delta };
        let Record { stamp, actor, target, delta, total, reason } = record.clone();
        let change = Change::Points { target, delta, total, basis };
        let mut draft = Draft { stamp, actor, change, reason, origin: None };
        group.occurrences.number(&mut draft);
        let key = without_total(record.clone());
        let held = group.held.get(&key).copied().unwrap_or(0);
        let seen = group.seen.entry(key).or_insert(0);
        *seen += 1;
        if group.origins.as_mut().is_some_and(|held| held.holds(&draft)) || *seen <= held {
            self.report.already_there += 1;
            return;
        }
        self.report.added += 1;
        self.report.totals += usize::from(basis == Basis::Total);
        group.incoming.drafts.push(draft);
    }

    /// Compares a total that the file states with what its log gave.
    pub(crate) fn check_total(
        &mut self,
        profile: &ProfileName,
        member: &MemberName,
        total: Points,
    ) {
        let index = self.group(profile);
        let logged = self.groups[index].totals.get(member);
        if logged.copied().unwrap_or_default() != total {
            self.report.differing.push(Differing {
                profile: profile.as_str().to_owned(),
                member: member.as_str().to_owned(),
                stated: total.to_string(),
                logged: logged.map(Points::to_string),
            });
        }
    }

    pub(crate) fn refuse(&mut self, place: String, why: String) {
        self.report.records += 1;
        self.report.refused.push(Refusal { place, why });
    }

    pub(crate) fn finish(self) -> Import {
        let profiles = self.groups.into_iter().map(|group| group.incoming).collect();
        Import { profiles, report: self.report }
    }

    pub(crate) fn group(&mut self, name: &ProfileName) -> usize {
        let profile = match self.held.find(name.as_str()) {
            Ok(log) if log.label() == name.as_str() => log.profile().clone(),
            _ => Profile::open(name.clone()),
        };
        let known = self.groups.iter().position(|group| group.incoming.profile.id == profile.id);
        known.unwrap_or_else(|| {
            let mut held = HashMap::new();
            for record in self.held.get(&profile.id).into_iter().flat_map(records_of).flatten() {
                *held.entry(without_total(record)).or_insert(0) += 1;
            }
            self.groups.push(Group {
                origins: self.held.get(&profile.id).map(Log::origins),
                incoming: Incoming { profile, drafts: Vec::new() },
                occurrences: Occurrences::default(),
                held,
                seen: HashMap::new(),
                totals: BTreeMap::new(),
            });
            self.groups.len() - 1
        })
    }
}

fn without_total(record: Record) -> Record {
    Record { total: Points::ZERO, ..record }
}
