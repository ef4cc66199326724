//! What was reached: how often each fault, message, stage, refusal and notice happened.
//!
//! A campaign that never reached something proved nothing about it, so it fails ([`unreached`]).

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Counts by name. Names are `class: what`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    counts: BTreeMap<Cow<'static, str>, u64>,
}

/// What every campaign has to reach at least once.
pub const REQUIRED: &[&str] = &[
    "fault: loss",
    "fault: burst loss",
    "fault: duplicate",
    "fault: reorder",
    "fault: stale",
    "fault: foreign traffic",
    "fault: partition",
    "fault: zoning",
    "fault: lockdown",
    "fault: crash",
    "fault: crash in commit",
    "fault: reload",
    "fault: restored backup",
    "fault: wiped store",
    "fault: clock jump",
    "fault: clock skew",
    "fault: slow disk",
    "fault: told late",
    "fault: silent member",
    "fault: newer version",
    "fault: log off",
    "fault: away for months",
    "user: award",
    "user: undo",
    "user: note",
    "user: policy",
    "user: switch",
    "user: new profile",
    "user: manual sync",
    "user: sync off",
    "user: sync on",
    "user: leave",
    "user: join",
    "user: new leader",
    "result: Sent",
    "result: Throttled",
    "result: LockedDown",
    "result: TargetOffline",
    "result: NotInGroup",
    "dialect: compact",
    "dialect: text",
    "message: PROFILE_ANNOUNCE",
    "message: REQUEST_LOG_LIST",
    "message: LOG_LIST_REPLY",
    "message: SEND_MISSING_LOGS",
    "message: REQUEST_MY_MISSING",
    "message: LOG_ENTRY",
    "message: MANUAL_SYNC_START",
    "stage: Queued",
    "stage: Current",
    "stage: Done",
    "stage: Silent",
    "refusal: Disabled",
    "refusal: Solo",
    "refusal: StaleEpoch",
    "refusal: NotInGroup",
    "refusal: NotHeld",
    "refusal: UnknownProfile",
    "notice: Progress",
    "notice: Finished",
    "notice: Refused",
    "notice: OtherVersion",
    "notice: Diverged",
    "log: forked",
    "log: a new writer went on",
];

/// Fewer seeds than these cannot be expected to reach everything.
pub const SEEDS_FOR_ALL: u64 = 200;

impl Coverage {
    /// Counts one.
    pub fn hit(&mut self, what: &'static str) {
        self.add(Cow::Borrowed(what), 1);
    }

    /// Counts one of a class, named by the beginning of what its value prints: a variant's name.
    pub fn hit_variant(&mut self, class: &'static str, value: &dyn std::fmt::Debug) {
        let printed = format!("{value:?}");
        let end = printed.find(|c: char| !c.is_alphanumeric()).unwrap_or(printed.len());
        self.add(Cow::Owned(format!("{class}: {}", &printed[..end])), 1);
    }

    /// Counts one of a class.
    pub fn hit_named(&mut self, class: &'static str, name: &str) {
        self.add(Cow::Owned(format!("{class}: {name}")), 1);
    }

    /// How often something was reached.
    #[must_use]
    pub fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// Everything reached, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(what, n)| (what.as_ref(), *n))
    }

    /// Adds another run's counts.
    pub fn join(&mut self, other: Self) {
        other.counts.into_iter().for_each(|(what, n)| self.add(what, n));
    }

    fn add(&mut self, what: Cow<'static, str>, n: u64) {
        match self.counts.get_mut(&what) {
            Some(count) => *count += n,
            None => drop(self.counts.insert(what, n)),
        }
    }
}

/// Which of [`REQUIRED`] were not reached.
#[must_use]
pub fn unreached(coverage: &Coverage) -> Vec<&'static str> {
    REQUIRED.iter().copied().filter(|what| coverage.count(what) == 0).collect()
}
