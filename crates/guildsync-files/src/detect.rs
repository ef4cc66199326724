//! Which format a file has, told by its content and never by its name.
//!
//! | content | format |
//! |---|---|
//! | Lua with the global `GuildSyncDB` | an archive |
//! | Lua with the global `SpectrumFederationDB` | the seed's SavedVariables |
//! | Lua with the global `CEPGP` or `TRAFFIC` | CEPGP |
//! | a JSON object with `"format": "guildsync-archive"` | an archive |
//! | CSV whose first column is `record` | an archive |
//! | lines of eight fields with `\|` between them | pipe text |

use std::io::Read;

use guildsync_wire::lua::{self, Limits, LuaError};
use thiserror::Error;

use crate::archive::{self, Archive, ArchiveError, Form};
use crate::cepgp::{CepgpError, Traffic};
use crate::input::{InputError, read_head};
use crate::pipe::{PipeError, PipeFile};
use crate::spectrum::{self, SpectrumError, SpectrumFile};

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CEPGP's SavedVariables.
    Cepgp,
    /// The seed's SavedVariables.
    Spectrum,
    /// An archive of everything.
    Archive(Form),
    /// Pipe text.
    Pipe,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub enum Document {
    /// CEPGP's traffic.
    Cepgp(Traffic),
    /// The seed's points and log.
    Spectrum(SpectrumFile),
    /// Everything, in one of the three forms.
    Archive(Form, Archive),
    /// Lines of points.
    Pipe(PipeFile),
}

/// Why a file was not read. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileError {
    /// Empty, damaged, not text.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Lua, but not data, or cut off.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// CEPGP's, without rows.
    #[error(transparent)]
    Cepgp(#[from] CepgpError),
    /// The seed's, without profiles.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// An archive that is damaged or of a later version.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Pipe text that was cut off.
    #[error(transparent)]
    Pipe(#[from] PipeError),
    /// Lua data of another addon.
    #[error(
        "this is SavedVariables of another addon (it holds {found}); expected CEPGP, TRAFFIC, \
         SpectrumFederationDB or GuildSyncDB: choose one of those files"
    )]
    OtherAddon {
        /// The globals there are.
        found: String,
    },
    /// Nothing that is known.
    #[error(
        "the file begins with {start:?}, which is no known format; expected SavedVariables (.lua), \
         pipe text, or an archive in JSON or CSV: choose such a file"
    )]
    Unknown {
        /// Its first characters.
        start: String,
    },
}

impl Document {
    /// Its format.
    #[must_use]
    pub fn format(&self) -> Format {
        match self {
            Self::Cepgp(_) => Format::Cepgp,
            Self::Spectrum(_) => Format::Spectrum,
            Self::Archive(form, _) => Format::Archive(*form),
            Self::Pipe(_) => Format::Pipe,
        }
    }
}

/// Tells the format of a file that can be read.
///
/// ```
/// use guildsync_files::detect::{Format, detect};
/// assert_eq!(detect(b"TRAFFIC = {\n}\n"), Ok(Format::Cepgp));
/// let error = detect(b"Dear guild, ...").unwrap_err();
/// assert!(error.to_string().starts_with("the file begins with \"Dear guild, ...\""));
/// ```
///
/// # Errors
/// As [`read`].
pub fn detect(bytes: &[u8]) -> Result<Format, FileError> {
    read(bytes).map(|document| document.format())
}

/// Reads a file of any known format.
///
/// Lua is read as a stream, up to its first error; the other formats are read whole.
///
/// # Errors
/// [`FileError`]: what it is, what was expected, what to do.
pub fn read(mut reader: impl Read) -> Result<Document, FileError> {
    let head = read_head(&mut reader, HEAD_BYTES)?;
    let kind = Kind::of(&head)?;
    let whole = head.as_slice().chain(reader);
    match kind {
        Kind::Json => Ok(Document::Archive(Form::Json, Archive::read(Form::Json, whole)?)),
        Kind::Csv => Ok(Document::Archive(Form::Csv, Archive::read(Form::Csv, whole)?)),
        Kind::Pipe => Ok(Document::Pipe(PipeFile::read(whole)?)),
        Kind::Lua => {
            let globals = lua::read_assignments(whole, &Limits::default())?;
            let has = |name: &str| globals.iter().any(|(global, _)| global == name);
            if has(archive::GLOBAL) {
                Ok(Document::Archive(Form::Lua, Archive::of_globals(&globals)?))
            } else if has(spectrum::GLOBAL) {
                Ok(Document::Spectrum(SpectrumFile::of(&globals)?))
            } else if has("CEPGP") || has("TRAFFIC") {
                Ok(Document::Cepgp(Traffic::of(&globals)?))
            } else {
                let names: Vec<&str> = globals.iter().map(|(name, _)| &**name).take(8).collect();
                let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                Err(FileError::OtherAddon { found })
            }
        }
    }
}

/// What a file's beginning tells.
enum Kind {
    Json,
    Csv,
    Lua,
    Pipe,
}

/// How much of the beginning is looked at.
const HEAD_BYTES: u64 = 4096;

/// Lua that is no data: its reader says so better than "unknown" would.
const CODE: [&str; 3] = ["local ", "return ", "function "];

impl Kind {
    fn of(head: &[u8]) -> Result<Self, FileError> {
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let line = text.lines().next().unwrap_or("");
        let name = line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let begins_with_digit = line.starts_with(|c: char| c.is_ascii_digit());
        if text.is_empty() {
            // More white space than is looked at may still have Lua behind it.
            return if (head.len() as u64) < HEAD_BYTES {
                Err(InputError::Empty.into())
            } else {
                Ok(Self::Lua)
            };
        }
        if text.starts_with(['{', '[']) {
            Ok(Self::Json)
        } else if line.starts_with("record,") {
            Ok(Self::Csv)
        } else if begins_with_digit && line.contains('|') {
            Ok(Self::Pipe)
        } else if line.starts_with("--")
            || CODE.iter().any(|word| line.starts_with(word))
            || name.len() < line.len() && name.trim().starts_with('=')
        {
            Ok(Self::Lua)
        } else {
            Err(FileError::Unknown { start: line.chars().take(40).collect() })
        }
    }
}
