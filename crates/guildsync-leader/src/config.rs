//! The policies of a session, with the defaults of the design.

use crate::message::Dialect;

/// How the coordinator brings members to the same data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncPlan {
    /// Uses the channel for what it is: the coordinator collects summaries, asks whoever has what it
    /// lacks, and what several lack goes to the group once. The default.
    Broadcast,
    /// The way of seed 000: members first come, first served, by whisper, and what is new is
    /// broadcast again.
    Queue {
        /// How many members are served at once: 1 in seed 000, more where load may be spread.
        at_once: usize,
        /// The pause between members, in milliseconds: 1,000 to 2,000 in seed 000, 0 where nothing
        /// throttles.
        pause_ms: u64,
    },
}

impl SyncPlan {
    /// Seed 000's own queue: one member at a time, a second between them.
    #[must_use]
    pub fn queue() -> Self {
        Self::Queue { at_once: 1, pause_ms: 1000 }
    }
}

/// Who may start a manual sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManualSync {
    /// Those who hold a role in the profile; anyone in a profile without officers. The default.
    Officers,
    /// Anyone in the group.
    Anyone,
}

/// Where a member takes part in log sync. Whatever a session does it does in a group: alone there is
/// nobody to sync with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// In a group. The default.
    Grouped,
    /// Only outside groups: in a group this member is as silent as with sync switched off.
    Ungrouped,
    /// Wherever there is somebody to sync with; of logs, that is in a group.
    Anywhere,
}

/// How many entries a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntriesPerMessage {
    /// As many as there are, up to 16,384. The default: what is coded together takes the fewest bytes.
    Fit,
    /// At most so many, 3 to 5 in seed 000; 0 counts as 1. A writer's entries are never parted, since one
    /// seal vouches for all of them: whoever has more of one writer sends these in one message.
    AtMost(usize),
}

impl EntriesPerMessage {
    /// Entries in one message at most, unless one writer alone has more.
    const FIT: usize = 1 << 14;

    /// The number.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Fit => Self::FIT,
            Self::AtMost(most) => most.clamp(1, Self::FIT),
        }
    }
}

/// Which profiles a coordinator syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Its active one, as seed 000 says. The default.
    Active,
    /// All it holds; members switch to the active one only.
    All,
}

/// A session's policies. All times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How to bring members to the same data.
    pub plan: SyncPlan,
    /// Who may start a manual sync.
    pub manual: ManualSync,
    /// Which profiles are synced.
    pub scope: Scope,
    /// Where this member takes part.
    pub ready: Ready,
    /// How many entries a message carries.
    pub entries: EntriesPerMessage,
    /// Whether members make an announced profile their active one.
    pub auto_switch: bool,
    /// How long the coordinator waits for summaries before it goes on without the silent ones.
    pub collect_ms: u64,
    /// How long an answer may take before another member is asked, or the member is passed over. What
    /// is seen to arrive, piece by piece, counts from its last piece.
    pub answer_ms: u64,
    /// How often something is asked before it is given up until the next heartbeat.
    pub attempts: u32,
    /// When a live entry is said once more; 0 for never.
    pub repeat_ms: u64,
    /// The longest time between two announcements of a coordinator, with which members find out what
    /// escaped them; after changes they come sooner. 0 for none, which also means no takeover.
    pub heartbeat_ms: u64,
    /// How many members help a coordinator that has much to send to one.
    pub helpers: usize,
    /// How messages are written. Both dialects are always read.
    pub dialect: Dialect,
}

/// What the channel means for a plan; the facade knows the channel and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many bytes of a message a frame carries.
    pub frame_bytes: usize,
    /// How long a frame takes once the first burst is spent, in milliseconds.
    pub frame_ms: u64,
}

impl Default for Pace {
    /// No channel at all: one frame carries everything, at once.
    fn default() -> Self {
        Self { frame_bytes: usize::MAX, frame_ms: 0 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            plan: SyncPlan::Broadcast,
            manual: ManualSync::Officers,
            scope: Scope::Active,
            ready: Ready::Grouped,
            entries: EntriesPerMessage::Fit,
            auto_switch: true,
            collect_ms: 1000,
            answer_ms: 5000,
            attempts: 4,
            repeat_ms: 700,
            heartbeat_ms: 30_000,
            helpers: 2,
            dialect: Dialect::Compact,
        }
    }
}
