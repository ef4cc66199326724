//! The archive as one JSON object, with a line a field.

use std::io::{BufWriter, Read, Write};

use serde::Deserialize;

use super::{Archive, ArchiveError, check_version};
use crate::input::read_text;

/// What is read before the rest: whether the rest can be read at all.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<u32>,
}

pub(super) fn write(archive: &Archive, writer: impl Write) -> Result<(), ArchiveError> {
    let mut writer = BufWriter::new(writer);
    serde_json::to_writer_pretty(&mut writer, archive)
        .map_err(|error| ArchiveError::Write { why: error.to_string() })?;
    let end = writer.write_all(b"\n").and_then(|()| writer.flush());
    end.map_err(|error| ArchiveError::Write { why: error.to_string() })
}

pub(super) fn read(reader: impl Read) -> Result<Archive, ArchiveError> {
    let text = read_text(reader)?;
    let head: Head = serde_json::from_str(&text).map_err(fault)?;
    check_version(head.format.as_deref(), head.version)?;
    serde_json::from_str(&text).map_err(fault)
}

fn fault(error: serde_json::Error) -> ArchiveError {
    if error.is_eof() {
        return ArchiveError::Truncated { line: error.line() as u64 };
    }
    let text = error.to_string();
    let why = text.split(" at line ").next().unwrap_or(&text).to_owned();
    let place = format!("line {}, column {}", error.line(), error.column());
    ArchiveError::Shape { place, why }
}
