//! One session of two members over the modelled channel.

use guildsync::Local;
use guildsync::store::Store;
use guildsync::tables::{Compare, Config, Dialect, GuildName, Outcome, Record, Request, Tables};
use guildsync::types::{MemberName, SecretKey};
use guildsync_sim::duet::{self, Options};
use redb::backends::InMemoryBackend;
use serde::Serialize;

use super::differ::Sides;
use super::{CLOCK, union};

/// The two members; the first begins the session.
pub const NAMES: [&str; 2] = ["Oakhand-Greyhollow", "Brindle-Greyhollow"];

/// How the two sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// As the defaults have it.
    Ours,
    /// Every difference by a list of short hashes.
    Hashes,
    /// By metadata.
    Metadata,
    /// One record asked for at a time.
    Single,
    /// All messages as text, metadata included.
    Text,
    /// Text, metadata, one record at a time: what seed 004 asks for.
    Seed,
}

impl Way {
    /// In a table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Hashes => "list of short hashes",
            Self::Metadata => "metadata",
            Self::Single => "one record at a time",
            Self::Text => "text dialect",
            Self::Seed => "text, one record at a time",
        }
    }

    /// The policies of it.
    #[must_use]
    pub fn config(self) -> Config {
        let mut config = Config::default();
        match self {
            Self::Ours => {}
            Self::Hashes => config.compare = Compare::Hashes,
            Self::Metadata => config.compare = Compare::Metadata,
            Self::Single => config.request = Request::Single,
            Self::Text => config.dialect = Dialect::Text,
            Self::Seed => (config.dialect, config.request) = (Dialect::Text, Request::Single),
        }
        config
    }
}

/// What a session took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// Whether both said that it is complete, and hold the union.
    pub converged: bool,
    /// Frames of who began it.
    pub frames_there: u64,
    /// Frames of the other.
    pub frames_back: u64,
    /// Bytes of all frames.
    pub bytes: u64,
    /// From the beginning to the last frame's arrival.
    pub virtual_seconds: f64,
    /// Records that came to who began it.
    pub pulled: u32,
    /// Records that went from there.
    pub pushed: u32,
    /// Records of one second with different content.
    pub conflicts: u32,
    /// Rounds.
    pub rounds: u32,
    /// Whether what is older than the cut differed.
    pub widened: bool,
    /// Of the first one's tables, its first 16 digits.
    pub state_hash: String,
}

impl Cost {
    /// Frames of both.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames_there + self.frames_back
    }
}

/// Lets two members with these records sync.
///
/// # Errors
/// A store that cannot be written.
pub fn run(sides: &Sides, guild: &GuildName, way: Way) -> anyhow::Result<Cost> {
    let mut locals = Vec::new();
    for (name, records) in NAMES.into_iter().zip(sides) {
        locals.push(local(name, records, way)?);
    }
    let [first, second] = &mut locals[..] else { anyhow::bail!("two members") };
    let options = Options { clock: CLOCK, ..Options::default() };
    let guilds = [guild.clone(), guild.clone()];
    let done = duet::sync([&mut *first, &mut *second], guilds, &options, None, &mut |_, _| {})?;
    let [Some(ours), theirs] = &done.reports else { anyhow::bail!("the session did not end") };
    let union = union::of(sides);
    let holds_all = |local: &Local| union::texts(local.tables().iter()) == union;
    let is_complete = ours.outcome == Outcome::Complete;
    // Both see one that travels both ways.
    let conflicts = ours.conflicts.max(theirs.as_ref().map_or(0, |report| report.conflicts));
    Ok(Cost {
        converged: is_complete && holds_all(first) && holds_all(second),
        frames_there: done.frames[0],
        frames_back: done.frames[1],
        bytes: done.bytes.iter().sum(),
        virtual_seconds: done.virtual_ms as f64 / 1000.0,
        pulled: ours.received(),
        pushed: ours.sent(),
        conflicts,
        rounds: ours.rounds,
        widened: ours.widened,
        state_hash: first.tables().state_hash().to_string().chars().take(16).collect(),
    })
}

fn local(name: &str, records: &[Record], way: Way) -> anyhow::Result<Local> {
    let me = MemberName::new(name)?;
    let key = SecretKey::from_seed(blake3::hash(name.as_bytes()).as_bytes());
    let mut opened = Store::create_with_backend(InMemoryBackend::new(), key)?;
    opened.tables = Tables::load(records.iter().cloned(), [], []);
    let mut local = Local::of(opened, me, guildsync::Config::default());
    local.set_table_config(way.config());
    Ok(local)
}
