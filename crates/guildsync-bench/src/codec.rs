//! What is measured, by name: the wire's modes and their rivals.

use anyhow::Context as _;
use guildsync_wire::chunk::Framing;
use guildsync_wire::lua::Value;
use guildsync_wire::records;
use guildsync_wire::rows::{self, Base, Mode};
use serde::{Deserialize, Serialize};

use crate::prior::vocabulary;
use crate::rivals::{Form, Rival};
use crate::row::{OwnedRow, from_columns, to_columns};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Codec {
    /// The wire's columns without an entropy stage.
    Fast,
    /// The wire's fewest bytes without history.
    Small,
    /// The wire's fewest bytes with it.
    History,
    /// The same on a vocabulary instead of history: an experiment.
    Prior,
    /// Somebody else's.
    Rival(Rival, Form),
}

/// The number that names the vocabulary. A shipped one would need no byte for it.
const PRIOR_NUMBER: u32 = 0;
/// The number that names the base: a session's first.
const BASE_NUMBER: u32 = 1;

impl Codec {
    /// The wire's own.
    pub const OWN: [Self; 4] = [Self::Fast, Self::Small, Self::Prior, Self::History];
    /// Those of them that go over a channel.
    pub const CHANNEL: [Self; 2] = [Self::Small, Self::History];

    /// All of them for rows of this form, the wire's own first.
    pub fn all(form: Form) -> impl Iterator<Item = Self> {
        Self::OWN.into_iter().chain(Rival::ALL.map(|rival| Self::Rival(rival, form)))
    }

    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::all(Form::Points).map(Self::name)
    }

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Small => "small",
            Self::History => "history",
            Self::Prior => "prior",
            Self::Rival(rival, _) => rival.name(),
        }
    }

    /// Whether the receiver needs the rows before.
    #[must_use]
    pub fn needs_base(self) -> bool {
        self == Self::History
    }

    /// Writes rows; `base` are the rows before them.
    ///
    /// # Errors
    /// What the codec refuses.
    pub fn encode(
        self,
        profile: &str,
        rows: &[OwnedRow],
        base: &[OwnedRow],
    ) -> anyhow::Result<Vec<u8>> {
        let columns = |rows| to_columns(profile, rows);
        Ok(match self {
            Self::Fast => rows::encode(&columns(rows), Mode::Fast)?,
            Self::Small => rows::encode(&columns(rows), Mode::Small)?,
            Self::History => {
                let base = Base { number: BASE_NUMBER, rows: &columns(base) };
                rows::encode(&columns(rows), Mode::History(base))?
            }
            Self::Prior => {
                let base = Base { number: PRIOR_NUMBER, rows: &vocabulary() };
                rows::encode(&columns(rows), Mode::History(base))?
            }
            Self::Rival(rival, form) => rival.encode(form, profile, rows)?,
        })
    }

    /// Reads them from the bytes and the base alone.
    ///
    /// # Errors
    /// What the codec refuses.
    pub fn decode(
        self,
        bytes: &[u8],
        profile: &str,
        base: &[OwnedRow],
    ) -> anyhow::Result<(String, Vec<OwnedRow>)> {
        if let Self::Rival(rival, form) = self {
            return rival.decode(form, bytes);
        }
        let (expected, base) = match self {
            Self::Prior => (PRIOR_NUMBER, vocabulary()),
            _ => (BASE_NUMBER, to_columns(profile, base)),
        };
        let known = |number| (number == expected).then_some(&base);
        from_columns(&rows::decode(bytes, known)?)
    }
}

/// Bytes of the longest message that goes in one frame of 255 bytes.
#[must_use]
pub fn frame_capacity() -> usize {
    Framing::default().whole_bytes_max()
}

/// How many frames of 255 bytes a message takes on the game's channel.
#[must_use]
pub fn frames(message_bytes: usize) -> usize {
    Framing::default().frames_for(message_bytes)
}

/// Writes records.
///
/// # Errors
/// What the wire refuses.
pub fn encode_records(values: &[Value]) -> anyhow::Result<Vec<u8>> {
    records::encode(values, None).context("records")
}

/// Reads them.
///
/// # Errors
/// What the wire refuses.
pub fn decode_records(bytes: &[u8]) -> anyhow::Result<Vec<Value>> {
    records::decode(bytes, None).context("records")
}
