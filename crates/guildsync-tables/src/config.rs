//! The policies of table sync, with the defaults of the design.

use guildsync_wire::negotiate::Dialect;

use crate::kind::TableOrder;
use crate::rights::Rights;
use crate::tables::Purge;

/// How far back records are compared one by one (seeds 003 and 004).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What changed in the last so many days; what is older only by one digest, and all of it where that
    /// differs. 7 is the default.
    Days(u32),
    /// Everything.
    All,
}

/// Which guilds take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guilds {
    /// The own guild and those linked with it, as its setup says. The default.
    Federated,
    /// The own guild alone.
    Own,
}

/// When a setup record replaces another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupRule {
    /// When it is newer, as a whole. The default.
    Newest,
    /// Only where one of the two sides has no linked guilds (seed 004).
    WhereMissing,
}

/// Where a member syncs its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// Anywhere. The default.
    Anywhere,
    /// Only outside groups (seed 004).
    Ungrouped,
    /// Only in groups.
    Grouped,
}

/// What is acknowledged (seeds 002 and 004). What travels next in the same direction acknowledges as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ack {
    /// The end of a session alone.
    Session,
    /// Every table too. The default.
    Table,
    /// Every batch; the next one is not sent before that.
    Chunk,
}

/// Whether tables share a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// Setup goes alone, the others are compared together; their records go in the order of the tables, and
    /// a message may end one table and begin the next. The default: it takes the fewest.
    AllButSetup,
    /// Each table has a round of its own and is complete before the next begins (seeds 003 and 004).
    OneByOne,
}

/// How many records are asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// All that are missing. The default.
    Batch,
    /// One at a time (seed 004).
    Single,
}

/// When work on many records lets others work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// After every batch, for as long as the host likes: it sees how long a step took. The default.
    Host,
    /// After so many records, for so long: 50 and 100 ms in seed 004.
    Every {
        /// How many records.
        records: u32,
        /// Milliseconds.
        pause_ms: u64,
    },
}

/// How one side tells what it has, where digests differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// As it takes the fewest bytes: short hashes of a few, a sketch of many. The default.
    Fewest,
    /// By short hashes.
    Hashes,
    /// By metadata, as the seeds do it; always so in the text dialect.
    Metadata,
}

/// How much a session writes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Numbers, and one record as an example. The default.
    Summary,
    /// Every record (seed 003).
    Trace,
}

/// The policies of a member's table sync. All times in milliseconds unless named otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How far back sessions look unless they are told.
    pub mode: Mode,
    /// The order of the tables.
    pub order: TableOrder,
    /// Whether tables share a round.
    pub tables: Together,
    /// Which guilds take part.
    pub guilds: Guilds,
    /// When setup is replaced.
    pub setup: SetupRule,
    /// Where this member syncs.
    pub ready: Ready,
    /// Whether it syncs at all.
    pub enabled: bool,
    /// How many sessions it has at once: 1, one user after the other; more run side by side.
    pub sessions: usize,
    /// Members with which a session was completed within this time are skipped unless they are asked for
    /// by name.
    pub fresh_ms: u64,
    /// How long a session may take in all.
    pub limit_ms: u64,
    /// How long an answer may take; what is seen to arrive, piece by piece, counts from its last piece.
    pub answer_ms: u64,
    /// How often something is asked before the session is interrupted.
    pub attempts: u32,
    /// What is acknowledged.
    pub ack: Ack,
    /// How many records are asked for at once.
    pub request: Request,
    /// When long work lets others work.
    pub yields: Yield,
    /// How a side tells what it has.
    pub compare: Compare,
    /// When the data of deleted records goes.
    pub purge: Purge,
    /// How much is written down.
    pub log: LogLevel,
    /// Lines that each of the two logs keeps.
    pub log_lines: usize,
    /// Who may write what.
    pub rights: Rights,
    /// How messages are written. Both dialects are always read.
    pub dialect: Dialect,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Days(7),
            order: TableOrder::default(),
            tables: Together::AllButSetup,
            guilds: Guilds::Federated,
            setup: SetupRule::Newest,
            ready: Ready::Anywhere,
            enabled: true,
            sessions: 1,
            fresh_ms: 24 * 3_600_000,
            limit_ms: 60 * 60_000,
            answer_ms: 5_000,
            attempts: 6,
            ack: Ack::Table,
            request: Request::Batch,
            yields: Yield::Host,
            compare: Compare::Fewest,
            purge: Purge::default(),
            log: LogLevel::Summary,
            log_lines: 200,
            rights: Rights::default(),
            dialect: Dialect::Compact,
        }
    }
}
