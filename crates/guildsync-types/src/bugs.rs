//! Deliberate bugs: mistakes that real addons made, to be planted in tests of the tests.
//!
//! A bug is one condition at one place of the protocol, `if bugs::planted(Bug::X)`. Without the cargo
//! feature `bugs` that is a constant `false` and nothing of it is left in a program. With the feature,
//! which only the simulator asks for, one bug at a time is planted for the whole process.

macro_rules! bugs {
    ($($bug:ident $name:literal $what:literal)*) => {
        /// A bug that can be planted. The C numbers are those of the bugs found in the addons that
        /// guildsync follows; `docs/testing.md` lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Bug {
            $(#[doc = $what] $bug,)*
        }

        impl Bug {
            /// Every bug.
            pub const ALL: &[Self] = &[$(Self::$bug),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$bug => $name,)* }
            }

            /// What it does wrong, and where that was seen.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self { $(Self::$bug => $what,)* }
            }
        }
    };
}

bugs! {
    CountsEntries "counts-entries"
        "A member that has as many entries as were announced takes itself for equal (C4, C19)."
    EqualNumbersAreEqual "equal-numbers-are-equal"
        "Equal numbers with other contents under them pass for equal logs (C14)."
    OneWay "one-way"
        "What members have and the coordinator lacks is noted and never asked for (C17)."
    NothingDelivered "nothing-delivered"
        "What members lack is worked out and not sent to those who answered in time (C9)."
    BaseNotChecked "base-not-checked"
        "A batch is read without looking whether what it is coded against is here."
    RequestsNeverExpire "requests-never-expire"
        "A request has no deadline: a member that does not answer holds up all others (C9)."
    SilentBlocks "silent-blocks"
        "The coordinator serves nobody until everybody has answered (lesson 1)."
    SilentForGood "silent-for-good"
        "Who was given up once is never listened to again."
    BusyForGood "busy-for-good"
        "Who was sent something counts as busy with it for ever."
    JoinersForgotten "joiners-forgotten"
        "Who joins while a session runs is not part of it (C17)."
    NoHeartbeat "no-heartbeat"
        "The coordinator speaks once and never again (lesson 11)."
    HeartbeatNotCompared "heartbeat-not-compared"
        "A heartbeat of something unknown is taken for what is here already (C18)."
    HeartbeatAnswered "heartbeat-answered"
        "Everyone answers every heartbeat, equal or not (lesson 1)."
    EpochNotFenced "epoch-not-fenced"
        "A coordinator of the past is followed like the present one (C22, lesson 9)."
    TakeoverNever "takeover-never"
        "Nobody takes over from a coordinator that fell silent (C10)."
    FormerLeaderGoesOn "former-leader-goes-on"
        "Who does not lead any more, or hears a later coordinator, coordinates all the same (lesson 9)."
    LeavingKeepsState "leaving-keeps-state"
        "Whoever leaves the group keeps the session of it (C22, lesson 5)."
    NumbersReused "numbers-reused"
        "A writer whose store lost its last entries goes on with their numbers (C1, C15)."
    CommitForgotten "commit-forgotten"
        "What was received is passed on and never written to the disk (C15)."
    ThrottledIsLost "throttled-is-lost"
        "A frame that the channel refuses for speed is not sent again."
    LockdownIsLost "lockdown-is-lost"
        "A frame that the channel refuses during an encounter is not sent again (C17)."
    RefusedAtOnce "refused-at-once"
        "A refused frame is tried again at once, and again (C20)."
    OfflineIsThrottled "offline-is-throttled"
        "A whisper to somebody who is not on line is tried again for ever, before all others."
    KeyedWithoutSender "keyed-without-sender"
        "Transfers are told apart by their number alone (C25, C32)."
    StalePush "stale-push-overwrites"
        "A record that comes replaces the one that is there, whichever is newer."
    DeletionsNotCompared "deletions-not-compared"
        "Deleted records are left out when two sides compare."
    CutNotWidened "cut-not-widened"
        "What is older than the cut is not looked at, though its digests differ."
    AckBeforeDurable "acknowledged-before-durable"
        "A batch of records is acknowledged before it is on the disk."
    TableBaseIgnored "table-base-not-checked"
        "A batch of records is read without looking whether it is coded against what is here."
    RightsNotChecked "rights-not-checked"
        "Records are taken from whoever sends them."
    FutureApplied "future-applied"
        "A record of a time to come counts at once, and nothing written since can replace it."
    UnfinishedForgotten "unfinished-forgotten"
        "A session that was interrupted is not gone on with."
    DeletionsPurged "deletions-purged"
        "With the data of a deleted record goes that it was deleted: who was away brings it back."
    OlderSheetOverwrites "older-sheet-overwrites"
        "A section that comes replaces the one that is there, whichever was edited later (C24)."
    SheetClaimedEarly "sheet-claimed-early"
        "A new version of a sheet is claimed before all of it is here (C24)."
    StreamTakenForWhole "stream-taken-for-whole"
        "What another asked for is taken for a whole version, whatever was left out of it (C24)."
    AllHoldersAnswer "all-holders-answer"
        "Everyone who has what somebody asks for answers (C27)."
    EqualStampsAreEqual "equal-stamps-are-equal"
        "Sheets that were edited at the same time pass for equal (C28)."
    SectionsByPosition "sections-by-position"
        "Sections are found again by their place in the sheet, not by name (C29)."
    CursorByArrival "cursor-by-arrival"
        "The cursor that came last counts, whichever was moved last."
}

/// Whether a bug is planted: never, in a program built without the feature `bugs`.
#[cfg(not(feature = "bugs"))]
#[inline(always)]
#[must_use]
pub const fn planted(_: Bug) -> bool {
    false
}

#[cfg(feature = "bugs")]
pub use planting::{plant, planted};

#[cfg(feature = "bugs")]
mod planting {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Bug;

    /// No bug has this number.
    const NONE: u8 = u8::MAX;
    static PLANTED: AtomicU8 = AtomicU8::new(NONE);

    /// Whether a bug is planted in this process.
    #[inline]
    #[must_use]
    pub fn planted(bug: Bug) -> bool {
        PLANTED.load(Ordering::Relaxed) == bug as u8
    }

    /// Plants a bug in this process, or with `None`, none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.store(bug.map_or(NONE, |bug| bug as u8), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_say_what_is_wrong() {
        let mut names: Vec<&str> = Bug::ALL.iter().map(|bug| bug.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Bug::ALL.len());
        assert!(Bug::ALL.iter().all(|bug| bug.what().ends_with('.')));
    }

    #[cfg(not(feature = "bugs"))]
    #[test]
    fn nothing_is_planted_in_a_normal_build() {
        const PLANTED: bool = planted(Bug::OneWay);
        const { assert!(!PLANTED) };
    }
}
