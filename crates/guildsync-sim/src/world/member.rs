//! One member's machine: a program that may run, a clock that may be wrong, a disk that stays.

use std::collections::VecDeque;

use guildsync::log::{Profiles, Segment};
use guildsync::transport::SendResult;
use guildsync::types::{MemberName, ProfileId, SecretKey, Time};
use guildsync::{Input, Replica};

use super::{Act, Edit, Newcomer, SheetAct};
use crate::dice::Dice;
use crate::disk::Disk;

/// A member of the world.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: MemberName,
    /// Whether its machine has the program at all.
    pub has_program: bool,
    /// Whether it is in the game.
    pub online: bool,
    /// How far its clock is from the world's, in milliseconds.
    pub skew_ms: i64,
    /// Its store.
    pub disk: Disk,
    pub(super) replica: Option<Replica>,
    /// Counts the program's starts: what belongs to an earlier one is void.
    pub(super) run: u64,
    /// What its program waits for before it does anything else.
    pub(super) writing: Option<Writing>,
    pub(super) inbox: VecDeque<Work>,
    pub(super) results: VecDeque<SendResult>,
    /// When the next tick is queued for.
    pub(super) alarm: Option<u64>,
    pub(super) ticked_at: Option<u64>,
    /// When the last news of the game arrives: news never overtakes news.
    pub(super) told_at: u64,
    pub(super) n_commits: u64,
    /// The latest term that it knew of in this group.
    pub(super) term: u64,
    /// Since when it knows that it is in no group.
    pub(super) alone_since: Option<u64>,
}

/// What a program does after what it does now.
#[derive(Debug)]
pub(super) enum Work {
    Input(Input),
    Act(Act),
    Edit(Edit),
    Sheet(SheetAct),
}

/// A commit on its way to the disk.
#[derive(Debug)]
pub(super) struct Writing {
    /// What is acknowledged when it is done.
    pub(super) acknowledges: Vec<(ProfileId, Segment)>,
    /// The key that is in force from then on.
    pub(super) new_key: Option<SecretKey>,
    /// What the program is told then.
    pub(super) then: Input,
}

impl Member {
    pub(super) fn new(one: Newcomer, keeps_disk: bool, dice: Dice) -> Self {
        Self {
            name: one.name,
            has_program: one.has_program,
            online: true,
            skew_ms: 0,
            disk: Disk::new(one.key, one.profiles, keeps_disk, dice),
            replica: None,
            run: 0,
            writing: None,
            inbox: VecDeque::new(),
            results: VecDeque::new(),
            alarm: None,
            ticked_at: None,
            told_at: 0,
            n_commits: 0,
            term: 0,
            alone_since: None,
        }
    }

    /// The running program.
    #[must_use]
    pub fn replica(&self) -> Option<&Replica> {
        self.replica.as_ref()
    }

    /// Whether its program runs and waits for its disk.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Whether there is a copy of its store.
    #[must_use]
    pub fn has_backup(&self) -> bool {
        self.disk.has_backup()
    }

    /// Its logs: the running program's, or what is on its disk.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        self.replica.as_ref().map_or(self.disk.settled(), Replica::profiles)
    }

    /// What its clock says when the world's says `ms`.
    pub(super) fn clock(&self, ms: u64) -> Time {
        Time(ms.saturating_add_signed(self.skew_ms))
    }
}
