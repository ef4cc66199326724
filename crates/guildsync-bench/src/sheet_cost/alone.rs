//! Sheets and sections packed by themselves: the least that has to travel, and what other codecs make of it.
//!
//! Ours are the names and bodies as records, in the form in which parts of documents carry them and without
//! anything else of a part: no ids, no edits, no signatures, no numbers of rows. The others get the text that
//! a person reads, which does not say where a table ends, or the bodies' own bytes.

use guildsync::sections::Plain;
use guildsync::transport::ChannelProfile;
use guildsync::wire::lua::{Table, Value};
use guildsync::wire::records;
use guildsync_sim::corpus::sheet::{Sheet, SheetSection};
use guildsync_sim::sheets::cells;
use serde::Serialize;

use crate::rivals::{brotli_compress, zstd_compress};

/// miniz's best level: it looks for the shortest parse.
const DEFLATE_LEVEL: u8 = 10;

/// Bytes of a sheet in several forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// The text that a person reads.
    pub text: usize,
    /// Names and bodies as members keep them.
    pub kept: usize,
    /// Packed by our codec.
    pub ours: usize,
    /// The text, and what is kept, by brotli at quality 11.
    pub brotli: [usize; 2],
    /// By zstd at level 19, without magic number, size and checksum.
    pub zstd: [usize; 2],
    /// By deflate, without header.
    pub deflate: [usize; 2],
}

impl Sizes {
    /// Packs a sheet.
    ///
    /// # Errors
    /// What a codec refuses; none in practice.
    pub fn of(sheet: &Sheet) -> anyhow::Result<Self> {
        let (text, kept) = (sheet.text().into_bytes(), kept(sheet));
        let both = |pack: &dyn Fn(&[u8]) -> anyhow::Result<Vec<u8>>| -> anyhow::Result<[usize; 2]> {
            Ok([pack(&text)?.len(), pack(&kept)?.len()])
        };
        Ok(Self {
            text: text.len(),
            kept: kept.len(),
            ours: pack(&sheet.sections)?.len(),
            brotli: both(&brotli_compress)?,
            zstd: both(&zstd_compress)?,
            deflate: both(&|bytes| {
                Ok(miniz_oxide::deflate::compress_to_vec(bytes, DEFLATE_LEVEL))
            })?,
        })
    }
}

/// Sections in one batch of our codec.
///
/// # Errors
/// What the codec refuses; none in practice.
pub fn pack(sections: &[SheetSection]) -> anyhow::Result<Vec<u8>> {
    Ok(records::encode(&values(sections), None)?)
}

/// The frames of the retail channel that they take, as one message.
///
/// # Errors
/// As [`pack`].
pub fn frames(sections: &[SheetSection]) -> anyhow::Result<u64> {
    let bytes = pack(sections)?.len();
    Ok(ChannelProfile::retail().framing().frames_for(bytes) as u64)
}

/// A record for the head of each section, then one for each of its rows.
fn values(sections: &[SheetSection]) -> Vec<Value> {
    let mut values = Vec::new();
    for section in sections {
        let mut head = Table::new();
        head.insert("n", section.name.as_str());
        head.insert("h", list(section.header.iter().map(String::as_str)));
        let mut notes = Table::new();
        for text in [&section.note, &section.warning] {
            match text {
                Some(text) => notes.push(list(text.split(' '))),
                None => notes.push(false),
            }
        }
        head.insert("t", notes);
        if !section.group_rows.is_empty() {
            let mut rows = Table::new();
            section.group_rows.iter().for_each(|&row| rows.push(i64::from(row)));
            head.insert("g", rows);
        }
        values.push(head.into());
        values.extend(section.rows.iter().map(|cells| row(cells)));
    }
    values
}

fn row(cells: &[String]) -> Value {
    let mut row = Table::new();
    let mut cells = cells.iter().map(String::as_str);
    for first in ["m", "r"] {
        if let Some(cell) = cells.next() {
            row.insert(first, cell);
        }
    }
    row.insert("c", list(cells));
    row.into()
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Table {
    let mut table = Table::new();
    texts.for_each(|text| table.push(text));
    table
}

/// Names and bodies one after the other, as members keep them.
fn kept(sheet: &Sheet) -> Vec<u8> {
    let kept = sheet.sections.iter().filter_map(cells::section);
    kept.flat_map(|(name, body): (_, Plain)| [name.as_str().as_bytes(), body.bytes()].concat())
        .collect()
}
