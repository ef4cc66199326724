//! A recorded run: every frame, every notice, in order; its hash, its file, its reading.
//!
//! - here: records, their hash and their file
//! - [`hearing`]: the messages that its frames make, in words

use std::fmt;
use std::io::{self, BufRead, Write};

use guildsync::transport::SendResult;
use guildsync::types::hash::{from_hex, to_hex};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub mod hearing;

/// One thing that happened. Times are virtual milliseconds since the run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// What the run is: the first record of a file.
    Begin {
        /// The channel's name.
        channel: String,
        /// What is run, in words.
        what: String,
    },
    /// A frame was given to the channel.
    Frame {
        /// When.
        at: u64,
        /// By whom.
        from: String,
        /// For whom; `None` for the group.
        to: Option<String>,
        /// Its bytes, in hexadecimal digits.
        bytes: String,
        /// What the sender was told.
        result: String,
    },
    /// A member was told something.
    Notice {
        /// When.
        at: u64,
        /// Who.
        member: String,
        /// What.
        text: String,
    },
    /// The world did something: a fault, a person, the game.
    Event {
        /// When.
        at: u64,
        /// What.
        text: String,
    },
}

/// Why a file is not a recorded run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TraceError {
    /// It could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is no record.
    #[error("line {line} is no record of a run: {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

/// Hashes a run as it goes, and keeps it if it is to be looked at.
#[derive(Debug)]
pub struct Trace {
    hasher: blake3::Hasher,
    records: Option<Vec<Record>>,
    /// Frames that the channel took.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Trace {
    /// An empty trace; `keep` says whether records are kept beside the hash.
    #[must_use]
    pub fn new(keep: bool) -> Self {
        Self { hasher: blake3::Hasher::new(), records: keep.then(Vec::new), frames: 0, bytes: 0 }
    }

    /// Takes in a frame that a member gave to the channel.
    pub fn frame(
        &mut self,
        at: u64,
        from: &str,
        to: Option<&str>,
        frame: &[u8],
        result: SendResult,
    ) {
        if result == SendResult::Sent {
            self.frames += 1;
            self.bytes += frame.len() as u64;
        }
        self.hasher.update(&at.to_le_bytes());
        for part in [from.as_bytes(), to.unwrap_or("").as_bytes(), frame] {
            self.hasher.update(&(part.len() as u64).to_le_bytes());
            self.hasher.update(part);
        }
        self.hasher.update(&[u8::from(result == SendResult::Sent)]);
        if let Some(records) = &mut self.records {
            records.push(Record::Frame {
                at,
                from: from.to_owned(),
                to: to.map(str::to_owned),
                bytes: to_hex(frame),
                result: format!("{result:?}"),
            });
        }
    }

    /// Takes in what a member was told.
    pub fn notice(&mut self, at: u64, member: &str, what: &dyn fmt::Debug) {
        if let Some(records) = &mut self.records {
            let text = format!("{what:?}");
            records.push(Record::Notice { at, member: member.to_owned(), text });
        }
    }

    /// Takes in what the world did.
    pub fn event(&mut self, at: u64, what: fmt::Arguments<'_>) {
        if let Some(records) = &mut self.records {
            records.push(Record::Event { at, text: what.to_string() });
        }
    }

    /// The hash over every frame so far, in hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        self.hasher.finalize().to_hex()[..32].to_owned()
    }

    /// What was kept.
    #[must_use]
    pub fn into_records(self) -> Vec<Record> {
        self.records.unwrap_or_default()
    }

    /// What was kept so far.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        self.records.as_deref().unwrap_or_default()
    }
}

impl Record {
    /// One line for people; `describe` puts a frame in words.
    #[must_use]
    pub fn show(&self, describe: impl Fn(&[u8]) -> String) -> String {
        match self {
            Self::Frame { at, from, to, bytes, result } => {
                let frame = unhex(bytes);
                let to = to.as_deref().unwrap_or("the group");
                let told = if result == "Sent" { String::new() } else { format!(" [{result}]") };
                let (n, what) = (frame.len(), describe(&frame));
                format!("{} {from} to {to}, {n} B{told}: {what}", clock(*at))
            }
            Self::Notice { at, member, text } => format!("{} {member} is told: {text}", clock(*at)),
            Self::Event { at, text } => format!("{} -- {text}", clock(*at)),
            Self::Begin { channel, what } => format!("-- a run on the channel {channel}: {what}"),
        }
    }
}

/// Writes records, one JSON object a line.
///
/// # Errors
/// A failed write.
pub fn write<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    mut to: impl Write,
) -> Result<(), TraceError> {
    for record in records {
        let line = serde_json::to_string(record).map_err(io::Error::from)?;
        writeln!(to, "{line}")?;
    }
    Ok(to.flush()?)
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// The first line that is no record, or a failed read.
pub fn read(from: impl BufRead) -> Result<Vec<Record>, TraceError> {
    let mut records = Vec::new();
    for (index, line) in from.lines().enumerate() {
        let wrong = |why: String| TraceError::Line { line: index + 1, why };
        let record: Record =
            serde_json::from_str(&line?).map_err(|error| wrong(error.to_string()))?;
        if let Record::Frame { bytes, .. } = &record
            && (bytes.len() % 2 != 0 || !bytes.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            return Err(wrong("the frame's bytes are not hexadecimal digits".to_owned()));
        }
        records.push(record);
    }
    Ok(records)
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| from_hex::<1>(std::str::from_utf8(pair).unwrap_or_default());
    pairs.filter_map(byte).map(|[byte]| byte).collect()
}

/// A virtual moment for people: days if any, hours, minutes, seconds, milliseconds.
#[must_use]
pub fn clock(ms: u64) -> String {
    let (s, days) = (ms / 1000, ms / 86_400_000);
    let day = if days > 0 { format!("{days}d ") } else { String::new() };
    format!("{day}{:02}:{:02}:{:02}.{:03}", s / 3600 % 24, s / 60 % 60, s % 60, ms % 1000)
}
