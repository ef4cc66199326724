//! The general codecs that the wire's own are measured against.
//!
//! Each gets the rows as a careful program would hold them: a vector of structs with owned strings,
//! the profile in every row as in a pipe line, whole points where all of a corpus are whole (one byte
//! instead of two). zstd writes neither magic number nor size nor checksum.

use anyhow::Context as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::row::OwnedRow;

/// A rival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rival {
    /// postcard alone.
    Postcard,
    /// bitcode's own derive, alone.
    Bitcode,
    /// bitcode, then brotli at its highest quality.
    BitcodeBrotli,
    /// postcard, then zstd at level 19.
    PostcardZstd,
}

/// What no batch decompresses to: a guard for the buffers here.
const DECOMPRESSED_MAX: usize = 64 << 20;

/// The eight fields of a pipe line.
#[derive(Debug, Clone, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
struct PipeRow {
    id: u64,
    timestamp: u64,
    actor: String,
    target: String,
    delta: i64,
    new_total: i64,
    reason: String,
    profile: String,
}

/// What the rows of a corpus need; both sides know it, so no batch pays for saying it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Eight fields, whole points.
    Points,
    /// Eight fields, hundredths.
    Hundredths,
    /// All fields.
    Entries,
}

impl Form {
    /// The least that holds these rows.
    #[must_use]
    pub fn of(rows: &[OwnedRow]) -> Self {
        let plain = |row: &OwnedRow| {
            let more = (row.count, row.kind, row.flags, row.origin) != (0, 0, 0, 0);
            !more && row.writer.is_empty() && row.body.is_empty() && row.target.is_some()
        };
        if !rows.iter().all(plain) {
            return Self::Entries;
        }
        match rows.iter().all(|row| row.delta % 100 == 0 && row.total % 100 == 0) {
            true => Self::Points,
            false => Self::Hundredths,
        }
    }

    /// Hundredths in what an amount counts.
    fn unit(self) -> i64 {
        if self == Self::Points { 100 } else { 1 }
    }
}

impl Rival {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Postcard, Self::PostcardZstd, Self::Bitcode, Self::BitcodeBrotli];

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Postcard => "postcard",
            Self::Bitcode => "bitcode",
            Self::BitcodeBrotli => "bitcode+brotli",
            Self::PostcardZstd => "postcard+zstd",
        }
    }

    /// Writes rows.
    ///
    /// # Errors
    /// What the codec says.
    pub fn encode(self, form: Form, profile: &str, rows: &[OwnedRow]) -> anyhow::Result<Vec<u8>> {
        if form == Form::Entries {
            return self.write(&(profile.to_owned(), rows.to_vec()));
        }
        let pipe = |row: &OwnedRow| PipeRow {
            id: row.seq,
            timestamp: row.seconds,
            actor: row.actor.clone(),
            target: row.target.clone().unwrap_or_default(),
            delta: row.delta / form.unit(),
            new_total: row.total / form.unit(),
            reason: row.reason.clone(),
            profile: profile.to_owned(),
        };
        self.write(&rows.iter().map(pipe).collect::<Vec<_>>())
    }

    /// Reads them.
    ///
    /// # Errors
    /// What the codec says.
    pub fn decode(self, form: Form, bytes: &[u8]) -> anyhow::Result<(String, Vec<OwnedRow>)> {
        if form == Form::Entries {
            return self.read(bytes);
        }
        let pipe = self.read::<Vec<PipeRow>>(bytes)?;
        let profile = pipe.first().map(|row| row.profile.clone()).unwrap_or_default();
        let row = |row: PipeRow| OwnedRow {
            seq: row.id,
            seconds: row.timestamp,
            actor: row.actor,
            target: Some(row.target),
            delta: row.delta * form.unit(),
            total: row.new_total * form.unit(),
            reason: row.reason,
            ..OwnedRow::default()
        };
        Ok((profile, pipe.into_iter().map(row).collect()))
    }

    /// Writes anything.
    ///
    /// # Errors
    /// What the codec says.
    pub fn write<T: Serialize + bitcode::Encode>(self, value: &T) -> anyhow::Result<Vec<u8>> {
        Ok(match self {
            Self::Postcard => postcard::to_stdvec(value)?,
            Self::Bitcode => bitcode::encode(value),
            Self::BitcodeBrotli => brotli_compress(&bitcode::encode(value))?,
            Self::PostcardZstd => zstd_compress(&postcard::to_stdvec(value)?)?,
        })
    }

    /// Reads anything.
    ///
    /// # Errors
    /// What the codec says.
    pub fn read<T: DeserializeOwned + bitcode::DecodeOwned>(
        self,
        bytes: &[u8],
    ) -> anyhow::Result<T> {
        Ok(match self {
            Self::Postcard => postcard::from_bytes(bytes)?,
            Self::Bitcode => bitcode::decode(bytes)?,
            Self::BitcodeBrotli => {
                let mut plain = Vec::new();
                brotli::BrotliDecompress(&mut &bytes[..], &mut plain)?;
                bitcode::decode(&plain)?
            }
            Self::PostcardZstd => postcard::from_bytes(&zstd_decompress(bytes)?)?,
        })
    }
}

pub(crate) fn brotli_compress(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out)
}

pub(crate) fn zstd_compress(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    use zstd::zstd_safe::{CParameter, FrameFormat};
    let mut compressor = zstd::bulk::Compressor::new(19)?;
    compressor.set_parameter(CParameter::Format(FrameFormat::Magicless))?;
    compressor.include_contentsize(false)?;
    compressor.include_checksum(false)?;
    compressor.include_dictid(false)?;
    Ok(compressor.compress(bytes)?)
}

fn zstd_decompress(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    use zstd::zstd_safe::{DParameter, FrameFormat};
    let mut decompressor = zstd::bulk::Decompressor::new()?;
    decompressor.set_parameter(DParameter::Format(FrameFormat::Magicless))?;
    let max = (bytes.len() * 256).clamp(1 << 20, DECOMPRESSED_MAX);
    decompressor.decompress(bytes, max).context("zstd")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{loot, officers};

    #[test]
    fn every_rival_gives_back_what_it_was_given() {
        for corpus in [loot::independent(1, 120), officers::officers(1, 120)] {
            let mut halves = corpus.rows.clone();
            halves[7].delta += 50;
            for rows in [&corpus.rows, &halves] {
                for rival in Rival::ALL {
                    let form = Form::of(rows);
                    let bytes = rival.encode(form, &corpus.profile, rows).unwrap();
                    let (profile, back) = rival.decode(form, &bytes).unwrap();
                    assert_eq!((&profile, &back), (&corpus.profile, rows), "{}", rival.name());
                }
            }
        }
    }
}
