//! The policies and the waiting times of section sync, all of them in one place.

use guildsync_wire::negotiate::Dialect;

use crate::rights::Who;

/// What becomes of an import and of an edit (seed 001 and the addon's later versions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportSpread {
    /// It is sent to everyone at once: who wrote it knows that nobody else has it. The default.
    Push,
    /// It is announced, and fetched by whoever lacks it.
    Announce,
}

/// What a member wants of section sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Whether it takes part.
    pub enabled: bool,
    /// Whether the screen follows the cursor.
    pub follow: bool,
    /// How new things spread.
    pub spread: ImportSpread,
    /// Who may publish a document that is not known here. Of one that is, its own policy says that.
    pub publish: Who,
    /// How messages are written.
    pub dialect: Dialect,
    /// How long things take.
    pub times: Times,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: true,
            follow: true,
            spread: ImportSpread::Push,
            publish: Who::Assistants,
            dialect: Dialect::Compact,
            times: Times::default(),
        }
    }
}

/// Waiting times, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The shortest and the longest interval of announcements (Trickle, RFC 6206). In each interval one
    /// member announces, unless it heard another say the same.
    pub announce_min: u64,
    /// The longest.
    pub announce_max: u64,
    /// How much a raid's size spreads what several may do: so much for each member.
    pub spread_each: u64,
    /// How long after an edit its digest is announced, for whoever missed it: twice.
    pub confirm: [u64; 2],
    /// How long an answer takes to begin, at least.
    pub answer: u64,
    /// How long a stream may be silent once it began.
    pub silence: u64,
    /// The longest wait between two questions for the same.
    pub ask_max: u64,
    /// How long whoever answers waits for somebody else's [`Answering`](crate::Message::Answering).
    pub yield_to: u64,
    /// When a cursor is repeated, unless it was moved meanwhile: soon, and for whoever missed that too.
    pub cursor_again: [u64; 2],
    /// How long whoever is asked waits for questions to others that are answered by the same.
    pub hold: u64,
    /// How often one member is answered the same question, and told the same refusal.
    pub again: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            announce_min: 2_000,
            announce_max: 64_000,
            spread_each: 60,
            confirm: [1_000, 4_000],
            answer: 3_000,
            silence: 5_000,
            ask_max: 60_000,
            yield_to: 500,
            cursor_again: [400, 8_000],
            hold: 250,
            again: 10_000,
        }
    }
}
