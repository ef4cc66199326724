//! The policies of a session, with the defaults of the design.

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
    /// Whether members make an announced profile their active one.
    pub auto_switch: bool,
    /// How long the coordinator waits for summaries before it goes on without the silent ones.
    pub collect_ms: u64,
    /// How long an answer may take before another member is asked, or the member is passed over.
    pub answer_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            plan: SyncPlan::Broadcast,
            manual: ManualSync::Officers,
            scope: Scope::Active,
            auto_switch: true,
            collect_ms: 1500,
            answer_ms: 5000,
        }
    }
}
