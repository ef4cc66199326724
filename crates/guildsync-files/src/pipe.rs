//! Pipe text: `id|timestamp|actor|target|delta|newTotal|reason|profile`, one line an entry (seed 000).
//!
//! Lines end in a line feed, the last one too: a file that was cut off is told by that. A `|` in a
//! field is written `\p`, a backslash `\\`, a line feed `\n` ([`guildsync_wire::text`]), so that item
//! links survive. The id is the entry's number in its profile in replay order.
//!
//! It carries points alone ([`crate::exchange`]). To pass a log on between replicas use an
//! [`Archive`](crate::archive::Archive), which keeps ids and seals.

use std::collections::HashSet;
use std::io::Read;

use guildsync_log::Profiles;
use guildsync_types::{
    MemberName, PointsError, ProfileId, ProfileName, Reason, StampError, TextError,
};
use guildsync_wire::text::{self, Delimiter};
use thiserror::Error;

use crate::exchange::{AmountError, Import, Importer, LeftOut, Record, labelled, records};
use crate::input::{InputError, read_text};

/// Pipe text and what it does not carry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipeText {
    /// The lines.
    pub text: String,
    /// How many.
    pub lines: usize,
    /// What the format has no place for.
    pub left_out: LeftOut,
}

/// The lines of a pipe text.
#[derive(Debug, Clone)]
pub struct PipeFile {
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    number: usize,
    /// The line is in the file before, id and all.
    repeated: bool,
    content: Result<(ProfileName, Record), LineError>,
}

/// Why pipe text was not read. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PipeError {
    /// It is no text.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The last line does not end.
    #[error(
        "line {line} has no line end: the file was probably cut off there; \
         write it again, or end the line if it is complete"
    )]
    Truncated {
        /// The last line.
        line: usize,
    },
}

/// Why one line was refused. The others are read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LineError {
    /// Not eight fields.
    #[error(
        "{n} fields where 8 should be: id|timestamp|actor|target|delta|newTotal|reason|profile; \
         a | in a field is written \\p"
    )]
    Fields {
        /// How many there are.
        n: usize,
    },
    /// An escape that means nothing.
    #[error("{0}")]
    Escape(#[from] text::TextError),
    /// The id is no number.
    #[error("id {0:?} is not a whole number")]
    Id(String),
    /// The timestamp is none.
    #[error("timestamp: {0}")]
    Time(#[from] StampError),
    /// `delta` or `newTotal` is no amount.
    #[error("{field}: {source}")]
    Points {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        source: PointsError,
    },
    /// A text that an entry cannot hold.
    #[error("{field}: {source}")]
    Text {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        source: TextError,
    },
}

/// Writes one profile, or all of them.
///
/// ```
/// use guildsync_files::pipe;
/// use guildsync_log::Profiles;
/// use guildsync_types::{MemberName, Reason, SecretKey, Stamp};
///
/// let mut profiles = Profiles::default();
/// let active = profiles.active_id();
/// let log = profiles.get_mut(&active).expect("it is there");
/// let (oakhand, brindle) = (MemberName::new("Oakhand")?, MemberName::new("Brindle")?);
/// let stamp = Stamp::new(1_630_624_903, 0)?;
/// let award = log.award(stamp, &oakhand, &brindle, "12.5".parse()?, &Reason::new("a|b")?)?;
/// log.append(&SecretKey::from_seed(&[1; 32]), &[award])?;
/// let pipe = pipe::write(&profiles, None)?;
/// assert_eq!(pipe.text, "1|1630624903|Oakhand|Brindle|12.5|12.5|a\\pb|Default\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// An amount beyond what an entry can hold.
pub fn write(profiles: &Profiles, only: Option<&ProfileId>) -> Result<PipeText, AmountError> {
    let mut pipe = PipeText::default();
    for (label, log) in labelled(profiles, only) {
        for (id, record) in (1..).zip(records(log, &mut pipe.left_out)?) {
            pipe.text.push_str(&line(id, &record, &label));
            pipe.text.push('\n');
            pipe.lines += 1;
        }
    }
    Ok(pipe)
}

impl PipeFile {
    /// Reads a file.
    ///
    /// # Errors
    /// No text, or a last line that does not end.
    pub fn read(reader: impl Read) -> Result<Self, PipeError> {
        Self::parse(&read_text(reader)?)
    }

    /// Reads a text. Empty lines are no lines; no lines at all are no records.
    ///
    /// # Errors
    /// A last line that does not end.
    pub fn parse(text: &str) -> Result<Self, PipeError> {
        if !text.is_empty() && !text.ends_with('\n') {
            return Err(PipeError::Truncated { line: text.lines().count() });
        }
        let mut seen = HashSet::new();
        let lines = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(number, line)| Line {
                number,
                repeated: !seen.insert(line),
                content: read_line(line),
            })
            .collect();
        Ok(Self { lines })
    }

    /// Plans the import into a replica's profiles: drafts that add their delta.
    ///
    /// What the logs hold already is left out, imported or written there.
    #[must_use]
    pub fn plan(&self, held: &Profiles) -> Import {
        let mut importer = Importer::new(held);
        for line in &self.lines {
            match &line.content {
                Ok(_) if line.repeated => {
                    importer.report.records += 1;
                    importer.report.repeated += 1;
                }
                Ok((profile, record)) => importer.take(profile, record, false),
                Err(why) => importer.refuse(format!("line {}", line.number), why.to_string()),
            }
        }
        importer.finish()
    }
}

fn line(id: usize, record: &Record, profile: &ProfileName) -> String {
    let Record { stamp, actor, target, delta, total, reason } = record;
    let numbers = [id.to_string(), stamp.seconds().to_string()];
    let amounts = [delta.to_string(), total.to_string()];
    let fields = [
        &numbers[0],
        &numbers[1],
        actor.as_str(),
        target.as_str(),
        &amounts[0],
        &amounts[1],
        reason.as_str(),
        profile.as_str(),
    ];
    text::join(fields, Delimiter::Pipe)
}

fn read_line(line: &str) -> Result<(ProfileName, Record), LineError> {
    let fields = text::split(line, Delimiter::Pipe)?;
    let n = fields.len();
    let fields: [String; 8] = fields.try_into().map_err(|_| LineError::Fields { n })?;
    let [id, timestamp, actor, target, delta, total, reason, profile] = &fields;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LineError::Id(id.clone()));
    }
    let name = |field, text: &str| {
        let name = MemberName::from_entry(text).or_else(|_| MemberName::new(text));
        name.map_err(|source| LineError::Text { field, source })
    };
    let points =
        |field, text: &str| text.parse().map_err(|source| LineError::Points { field, source });
    let record = Record {
        stamp: timestamp.parse()?,
        actor: name("actor", actor)?,
        target: name("target", target)?,
        delta: points("delta", delta)?,
        total: points("newTotal", total)?,
        reason: Reason::new(reason)
            .map_err(|source| LineError::Text { field: "reason", source })?,
    };
    let profile =
        ProfileName::new(profile).map_err(|source| LineError::Text { field: "profile", source })?;
    Ok((profile, record))
}
