//! Appending: one's own entries, checked against the rules, hashed and sealed once a call.

use std::collections::BTreeSet;

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{EntryId, MemberName, Points, Reason, SecretKey, Stamp, WriterId};
use thiserror::Error;

use crate::chain::{Chain, Linker};
use crate::content::Full;
use crate::entry::{Basis, Change, Draft, Role};
use crate::log::Log;
use crate::order::{Key, Ref};
use crate::profile::{Profile, ProfileKind};
use crate::segment::Segment;
use crate::tally;

/// Why entries were not appended. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AppendError {
    /// No entries were given.
    #[error("there is nothing to append")]
    Nothing,
    /// The writer may not write here (any more).
    #[error(
        "this replica (writer {}) may not write in profile {profile:?}: {why}; \
         ask an owner for `guildsync profile grant`",
        writer.short()
    )]
    NoRole {
        /// Who tried.
        writer: WriterId,
        /// Where.
        profile: String,
        /// Never granted, or revoked.
        why: &'static str,
    },
    /// Only owners do this.
    #[error("only an owner of profile {profile:?} can append a {kind} entry")]
    NotOwner {
        /// Where.
        profile: String,
        /// The kind of entry.
        kind: &'static str,
    },
    /// An entry of a kind that this profile does not use.
    #[error("a {kind} entry has no meaning in profile {profile:?}: {why}")]
    Meaningless {
        /// Where.
        profile: String,
        /// The kind of entry.
        kind: &'static str,
        /// What is wrong about it.
        why: &'static str,
    },
    /// The named entry is not in the log.
    #[error("entry {id} is not in this log: look it up with `guildsync log`")]
    UnknownEntry {
        /// The named entry.
        id: EntryId,
    },
    /// An undo cannot be undone.
    #[error("entry {id} is itself an undo, which cannot be undone: award the points again")]
    UndoOfUndo {
        /// The named entry.
        id: EntryId,
    },
    /// The entry moved no points.
    #[error("entry {id} is a {kind} entry and moved no points: there is nothing to undo")]
    NothingToUndo {
        /// The named entry.
        id: EntryId,
        /// Its kind.
        kind: &'static str,
    },
    /// It was undone before.
    #[error("entry {id} was undone already: it does not count any more")]
    AlreadyUndone {
        /// The named entry.
        id: EntryId,
    },
    /// An entry that could not be read back.
    #[error("a {kind} entry cannot be written: {why}")]
    Unreadable {
        /// The kind of entry.
        kind: &'static str,
        /// What is wrong about it.
        why: &'static str,
    },
    /// Only branches of the writer's chain are held from this number on, so it was used, and what it was
    /// used for is not here.
    #[error(
        "entry {seq} of writer {} was written elsewhere and is not here: go on with a new key",
        writer.short()
    )]
    NumberUsed {
        /// The writer.
        writer: WriterId,
        /// The number.
        seq: u64,
    },
    /// A log holds at most [`Log::WRITERS_MAX`] writers.
    #[error("this log has 65535 writers already; writer {} finds no room", writer.short())]
    TooManyWriters {
        /// The one too many.
        writer: WriterId,
    },
    /// A member's total would pass the limit.
    #[error("{member}'s total would become {total}, beyond ten million: award less")]
    TotalOutOfRange {
        /// Whose total.
        member: MemberName,
        /// What it would be.
        total: String,
    },
}

impl Log {
    /// Appends `drafts` to the chain of `key`'s writer, all of them or none, under one new seal.
    ///
    /// Returns the segment of them, for storing and for the other members.
    ///
    /// # Errors
    /// [`AppendError`]: a rule that one of the drafts breaks.
    pub fn append(&mut self, key: &SecretKey, drafts: &[Draft]) -> Result<Segment, AppendError> {
        let writer = key.writer();
        self.check_rights(writer, drafts)?;
        let targets = self.check_changes(writer, drafts)?;
        if let Some(seq) = self.cut_at(writer).filter(|_| !planted(Bug::NumbersReused)) {
            return Err(AppendError::NumberUsed { writer, seq });
        }
        let chain = match self.content.chain_index(writer) {
            Some(chain) => chain,
            None => self.content.add_chain(Chain::new(&self.profile.id, writer))?,
        };
        let held = &self.content.chains[usize::from(chain)];
        let (first, mut linker) = (held.last() + 1, Linker::behind(held.head));
        for (draft, target) in drafts.iter().zip(targets) {
            self.push(chain, draft, linker.next(draft), target);
        }
        let sealed = &mut self.content.chains[usize::from(chain)];
        let seal = key.seal(&self.profile.id, sealed.last(), sealed.head);
        sealed.seal = Some(seal);
        let rights = drafts.iter().any(|draft| bears_on_rights(&draft.change));
        self.settle(rights);
        Ok(Segment { writer, first, drafts: drafts.to_vec(), seal, branch: None })
    }

    /// The draft of an award: `total` is what this log says the member has afterwards.
    ///
    /// # Errors
    /// [`AppendError::TotalOutOfRange`].
    pub fn award(
        &self,
        stamp: Stamp,
        actor: &MemberName,
        target: &MemberName,
        delta: Points,
        reason: &Reason,
    ) -> Result<Draft, AppendError> {
        let now = self.total(target).map_or(0, |total| total.0) + delta.hundredths();
        let total = Points::from_hundredths(now).map_err(|_| AppendError::TotalOutOfRange {
            member: target.clone(),
            total: guildsync_types::points::Total(now).to_string(),
        })?;
        let basis = Basis::Delta;
        let change = Change::Points { target: target.clone(), delta, total, basis };
        Ok(Draft { stamp, actor: actor.clone(), change, reason: reason.clone(), origin: None })
    }

    /// The draft of an undo of entry `id`.
    ///
    /// # Errors
    /// Unknown, an undo itself, without points, or undone already.
    pub fn undo(
        &self,
        stamp: Stamp,
        actor: &MemberName,
        id: EntryId,
        reason: &Reason,
    ) -> Result<Draft, AppendError> {
        let at = self.content.find(id).ok_or(AppendError::UnknownEntry { id })?;
        self.check_undo(id, at)?;
        let change = Change::Undo { of: id, hash: self.content.hash(at) };
        Ok(Draft { stamp, actor: actor.clone(), change, reason: reason.clone(), origin: None })
    }

    fn check_rights(&self, writer: WriterId, drafts: &[Draft]) -> Result<(), AppendError> {
        let first = drafts.first().ok_or(AppendError::Nothing)?;
        let profile = || self.label().to_owned();
        let role = self.roles.role(writer);
        // Whoever goes on for an old writer proves its right by the entry itself.
        let seq = self.content.chain(writer).map_or(0, Chain::last) + 1;
        let key = Key { stamp: first.stamp.packed(), writer, seq };
        let continues = |change: &Change| match change {
            Change::Continues { key: old, .. } => self.roles.continues(old, key),
            _ => false,
        };
        if role.is_none() && !continues(&first.change) {
            let why = match self.roles.admit(writer) {
                true => "its role was revoked",
                false => "it was never granted a role",
            };
            return Err(AppendError::NoRole { writer, profile: profile(), why });
        }
        let owned = matches!(self.profile.kind, ProfileKind::Owned { .. });
        let needs_owner = |change: &Change| {
            matches!(
                change,
                Change::Grant { .. }
                    | Change::Revoke { .. }
                    | Change::Adopt { .. }
                    | Change::ProfileRenamed { .. }
            )
        };
        match drafts.iter().find(|draft| needs_owner(&draft.change)) {
            Some(draft) if owned && role != Some(Role::Owner) => {
                Err(AppendError::NotOwner { profile: profile(), kind: draft.change.kind() })
            }
            _ => Ok(()),
        }
    }

    /// Checks each draft by itself; returns what each names, for undos.
    fn check_changes(
        &self,
        writer: WriterId,
        drafts: &[Draft],
    ) -> Result<Vec<Option<Ref>>, AppendError> {
        let mut targets = vec![None; drafts.len()];
        let mut undone = BTreeSet::new();
        let owned = matches!(self.profile.kind, ProfileKind::Owned { .. });
        let meaningless = |draft: &Draft, why| AppendError::Meaningless {
            profile: self.label().to_owned(),
            kind: draft.change.kind(),
            why,
        };
        for (i, draft) in drafts.iter().enumerate() {
            if let Some(why) = draft.fault() {
                return Err(AppendError::Unreadable { kind: draft.change.kind(), why });
            }
            match &draft.change {
                Change::Undo { of, hash } => {
                    let at = self.content.find_hashed(*of, hash);
                    let at = at.ok_or(AppendError::UnknownEntry { id: *of })?;
                    self.check_undo(*of, at)?;
                    if !undone.insert(at) {
                        return Err(AppendError::AlreadyUndone { id: *of });
                    }
                    targets[i] = Some(at);
                }
                Change::Adopt { of, hash } if self.content.find_hashed(*of, hash).is_none() => {
                    return Err(AppendError::UnknownEntry { id: *of });
                }
                Change::Grant { .. } | Change::Revoke { .. } | Change::Adopt { .. } if !owned => {
                    return Err(meaningless(draft, "everyone may write in an open profile"));
                }
                Change::Grant { writer, .. } | Change::Revoke { writer, .. }
                    if self.content.root(*writer) != *writer =>
                {
                    let why = "that is a branch of a forked writer, whose rights it has";
                    return Err(meaningless(draft, why));
                }
                Change::Revoke { writer, .. } if !self.roles.admit(*writer) => {
                    return Err(meaningless(draft, "that writer was never granted a role"));
                }
                Change::ProfileCreated { .. } => {
                    let begins = i == 0 && self.content.chain(writer).is_none();
                    let creation = Profile::owned(writer, draft);
                    if !begins || creation.is_none_or(|profile| profile.id != self.profile.id) {
                        return Err(meaningless(draft, "it is not this profile's beginning"));
                    }
                }
                Change::Continues { key, proof }
                    if !key.handed_over(&self.profile.id, writer, proof) =>
                {
                    return Err(meaningless(draft, "the older key did not sign it"));
                }
                _ => {}
            }
        }
        Ok(targets)
    }

    fn check_undo(&self, id: EntryId, at: Ref) -> Result<(), AppendError> {
        let row = self.content.row(at);
        match self.content.change_of(row) {
            Some(Change::Undo { .. }) => Err(AppendError::UndoOfUndo { id }),
            Some(other) => Err(AppendError::NothingToUndo { id, kind: other.kind() }),
            None if !row.is_points() => Err(AppendError::NothingToUndo { id, kind: "note" }),
            None if self.tally.flags(at) & tally::UNDONE != 0 => {
                Err(AppendError::AlreadyUndone { id })
            }
            None => Ok(()),
        }
    }
}

impl From<Full> for AppendError {
    fn from(Full { writer }: Full) -> Self {
        Self::TooManyWriters { writer }
    }
}

/// Whether a change may alter who may write, the label, or a policy.
pub(crate) fn bears_on_rights(change: &Change) -> bool {
    matches!(
        change,
        Change::Grant { .. }
            | Change::Revoke { .. }
            | Change::Adopt { .. }
            | Change::Continues { .. }
            | Change::ProfileCreated { .. }
            | Change::ProfileRenamed { .. }
            | Change::PolicySet { .. }
    )
}
