//! Measuring: windows of a corpus, every batch decoded elsewhere and compared field by field.
//!
//! Windows begin at row 10,000 of a long corpus and at row 1,000 of a short one, spread evenly over
//! what follows; the base of a window is exactly the rows before it, at most 1,000.

use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use guildsync_wire::rows::{Base, Rows};
use serde::Serialize;

use crate::codec::{Codec, encode_records, frame_capacity, frames};
use crate::corpus::Corpus;
use crate::corpus::tables::{Tables, Typed};
use crate::rivals::{Form, Rival};
use crate::row::OwnedRow;
use crate::tree::Tree;
use crate::worker::{Reply, Request, Worker};

/// Batch sizes, and how many windows are averaged at most. Over [`Rows::MAX`] rows are several
/// batches.
pub const SIZES: [(usize, usize); 6] =
    [(1, 200), (5, 100), (100, 20), (1000, 5), (4096, 2), (10_000, 1)];
/// Rows of the sparse batch, and which are taken.
const SPARSE: (usize, usize) = (1000, 9);
/// Windows of which the fullest single message is looked for.
const ONE_MESSAGE_WINDOWS: usize = 20;

/// One line of the result.
#[derive(Debug, Clone, Serialize)]
pub struct Measurement {
    /// The corpus, by the stem of its file.
    pub corpus: String,
    /// Rows of a window, or records in all.
    pub n: usize,
    /// How they were written.
    pub mode: String,
    /// Mean bytes of a row.
    pub bytes_per_entry: f64,
    /// Mean frames of 255 bytes of a window.
    pub frames: f64,
    /// Mean bytes of a window.
    pub bytes: f64,
    /// Windows measured.
    pub windows: usize,
    /// The entropy limit in bytes per entry, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// BLAKE3 of the text of all that came back, its first 16 digits.
    pub hash: String,
}

/// Measures corpora with one worker.
#[derive(Debug)]
pub struct Bench<F> {
    worker: Worker,
    told: F,
}

impl<F: FnMut(&str)> Bench<F> {
    /// Starts a worker; `told` hears what is being measured.
    ///
    /// # Errors
    /// If the worker does not start.
    pub fn start(program: &Path, told: F) -> anyhow::Result<Self> {
        Ok(Self { worker: Worker::start(program)?, told })
    }

    /// Everything about a log.
    ///
    /// # Errors
    /// Rows that cannot be encoded, or that came back different.
    pub fn log(&mut self, corpus: &Corpus) -> anyhow::Result<Vec<Measurement>> {
        let mut lines = Vec::new();
        for codec in Codec::all(Form::of(&corpus.rows)) {
            for (n, windows_max) in SIZES {
                lines.extend(self.size(corpus, codec, n, windows_max)?);
            }
        }
        for codec in Codec::CHANNEL {
            lines.extend(self.sparse(corpus, codec)?);
        }
        for codec in Codec::CHANNEL {
            lines.extend(self.one_message(corpus, codec)?);
        }
        Ok(lines)
    }

    /// One codec at one batch size; nothing where the corpus is too short.
    ///
    /// # Errors
    /// Rows that cannot be encoded, or that came back different.
    pub fn size(
        &mut self,
        corpus: &Corpus,
        codec: Codec,
        n: usize,
        windows_max: usize,
    ) -> anyhow::Result<Option<Measurement>> {
        (self.told)(&format!("{}: {}, {n} rows", corpus.name, codec.name()));
        let windows = windows(corpus.rows.len(), n, windows_max);
        let mut sum = Sum::default();
        for window in &windows {
            for start in window.clone().step_by(Rows::MAX) {
                let end = window.end.min(start + Rows::MAX);
                self.batch(corpus, codec, &corpus.rows[start..end], start, &mut sum)?;
            }
            sum.limits.extend(corpus.limit(window));
        }
        Ok(sum.line(corpus, n, codec.name(), windows.len()))
    }

    /// Every ninth row: what a member lacks who was there now and then.
    fn sparse(&mut self, corpus: &Corpus, codec: Codec) -> anyhow::Result<Option<Measurement>> {
        let (n, step) = SPARSE;
        let start = first_window(corpus.rows.len());
        let rows: Vec<OwnedRow> =
            corpus.rows[start..].iter().step_by(step).take(n).cloned().collect();
        if rows.len() < n {
            return Ok(None);
        }
        (self.told)(&format!("{}: {}, sparse", corpus.name, codec.name()));
        let mut sum = Sum::default();
        self.batch(corpus, codec, &rows, start, &mut sum)?;
        Ok(sum.line(corpus, n, &format!("{}-sparse", codec.name()), 1))
    }

    /// The most rows in one frame, the base's number included.
    fn one_message(
        &mut self,
        corpus: &Corpus,
        codec: Codec,
    ) -> anyhow::Result<Option<Measurement>> {
        (self.told)(&format!("{}: {}, one message", corpus.name, codec.name()));
        let windows = windows(corpus.rows.len(), 1, ONE_MESSAGE_WINDOWS);
        let mut sum = Sum::default();
        let mut whole = 0;
        for window in &windows {
            let start = window.start;
            let base = base(corpus, codec, start);
            let fits = |n: usize| -> anyhow::Result<bool> {
                let Some(rows) = corpus.rows.get(start..start + n) else { return Ok(false) };
                Ok(codec.encode(&corpus.profile, rows, base)?.len() <= frame_capacity())
            };
            let n = most(fits)?;
            if start + n >= corpus.rows.len() {
                // The corpus ended before the frame was full.
                continue;
            }
            whole += 1;
            self.batch(corpus, codec, &corpus.rows[start..start + n], start, &mut sum)?;
        }
        let n = sum.rows.checked_div(whole).unwrap_or(0);
        Ok(sum.line(corpus, n, &format!("{}-one-message", codec.name()), whole))
    }

    /// Encodes rows that follow row `start` of the corpus, has them decoded, and compares.
    fn batch(
        &mut self,
        corpus: &Corpus,
        codec: Codec,
        rows: &[OwnedRow],
        start: usize,
        sum: &mut Sum,
    ) -> anyhow::Result<()> {
        let base = base(corpus, codec, start);
        let place =
            || format!("{}, {}, {} rows from row {start}", corpus.name, codec.name(), rows.len());
        let bytes = codec.encode(&corpus.profile, rows, base).with_context(place)?;
        sum.add(rows.len(), bytes.len());
        let (profile, base) = (corpus.profile.clone(), base.to_vec());
        let request = Request::Rows { codec, bytes, profile, base };
        let Reply::Rows(profile, back) = self.worker.ask(&request).with_context(place)? else {
            anyhow::bail!("{}: no rows came back", place());
        };
        anyhow::ensure!(profile == corpus.profile, "{}: profile {profile:?}", place());
        if let Some(at) = (0..rows.len().max(back.len())).find(|at| rows.get(*at) != back.get(*at))
        {
            anyhow::bail!(
                "{}: NOT LOSSLESS at row {at} of {}\n  went in   {:?}\n  came back {:?}",
                place(),
                rows.len(),
                rows.get(at),
                back.get(at)
            );
        }
        for row in &back {
            sum.hasher.update(&serde_json::to_vec(row)?);
        }
        Ok(())
    }

    /// Guild tables: all records as one batch, each table as one, and the rivals on typed structs.
    ///
    /// # Errors
    /// Records that cannot be encoded, or that came back different.
    pub fn tables(&mut self, tables: &Tables) -> anyhow::Result<Vec<Measurement>> {
        let all: Vec<_> = tables.tables.iter().flat_map(|(_, records)| records).cloned().collect();
        let mut lines = vec![self.records(tables, "records", &[&all])?];
        let each: Vec<_> = tables.tables.iter().map(|(_, records)| &records[..]).collect();
        lines.push(self.records(tables, "records-per-table", &each)?);
        // Only tables of the known schema have a type that the rivals can encode.
        let Ok(typed) = serde_json::from_str::<Typed>(&tables.json) else { return Ok(lines) };
        for rival in Rival::ALL {
            (self.told)(&format!("{}: {}", tables.name, rival.name()));
            let bytes = rival.write(&typed)?;
            let len = bytes.len();
            let place = || format!("{}, {}", tables.name, rival.name());
            let reply = self.worker.ask(&Request::Tables { rival, bytes }).with_context(place)?;
            let Reply::Tables(back) = reply else { anyhow::bail!("{}: no tables", place()) };
            let same = serde_json::from_str::<Typed>(&back)? == typed;
            anyhow::ensure!(same, "{}: NOT LOSSLESS", place());
            let mut sum = Sum::default();
            sum.add(tables.len(), len);
            sum.hasher.update(back.as_bytes());
            lines.extend(sum.plain_line(&tables.name, tables.len(), rival.name(), 1));
        }
        Ok(lines)
    }

    fn records(
        &mut self,
        tables: &Tables,
        mode: &str,
        batches: &[&[guildsync_wire::lua::Value]],
    ) -> anyhow::Result<Measurement> {
        (self.told)(&format!("{}: {mode}", tables.name));
        let place = || format!("{}, {mode}", tables.name);
        let mut sum = Sum::default();
        for values in batches {
            let bytes = encode_records(values).with_context(place)?;
            sum.add(values.len(), bytes.len());
            let reply = self.worker.ask(&Request::Records { bytes }).with_context(place)?;
            let Reply::Records(back) = reply else { anyhow::bail!("{}: no records", place()) };
            let expected: Vec<Tree> = values.iter().map(Tree::of).collect();
            for at in 0..expected.len().max(back.len()) {
                let (put, got) = (expected.get(at), back.get(at));
                anyhow::ensure!(
                    put == got,
                    "{}: NOT LOSSLESS at record {at}\n  went in   {put:?}\n  came back {got:?}",
                    place()
                );
            }
            sum.hasher.update(&serde_json::to_vec(&back)?);
        }
        let line = sum.plain_line(&tables.name, tables.len(), mode, 1);
        line.with_context(|| format!("{}: no records", place()))
    }
}

/// What a mean is made of.
#[derive(Debug, Default)]
struct Sum {
    rows: usize,
    bytes: usize,
    frames: usize,
    limits: Vec<f64>,
    hasher: blake3::Hasher,
}

impl Sum {
    fn add(&mut self, rows: usize, bytes: usize) {
        self.rows += rows;
        self.bytes += bytes;
        self.frames += frames(bytes);
    }

    fn line(self, corpus: &Corpus, n: usize, mode: &str, windows: usize) -> Option<Measurement> {
        self.plain_line(&corpus.name, n, mode, windows)
    }

    fn plain_line(self, corpus: &str, n: usize, mode: &str, windows: usize) -> Option<Measurement> {
        let (rows, count) = (self.rows as f64, windows as f64);
        let limits = self.limits.len() as f64;
        (self.rows > 0).then(|| Measurement {
            corpus: corpus.to_owned(),
            n,
            mode: mode.to_owned(),
            bytes_per_entry: self.bytes as f64 / rows,
            frames: self.frames as f64 / count,
            bytes: self.bytes as f64 / count,
            windows,
            limit: (limits > 0.0).then(|| self.limits.iter().sum::<f64>() / limits),
            hash: self.hasher.finalize().to_hex()[..16].to_owned(),
        })
    }
}

/// Where the first window of a corpus of `len` rows begins.
fn first_window(len: usize) -> usize {
    if len > 10_000 { 10_000 } else { (len / 2).min(1000) }
}

/// Windows of `n` rows, at most `most`, none of which needs overlap another.
fn windows(len: usize, n: usize, most: usize) -> Vec<Range<usize>> {
    let start = first_window(len);
    let room = len - start;
    let count = most.min(room / n);
    let step = if count > 1 { (room - n) / (count - 1) } else { 0 };
    (0..count).map(|at| start + at * step).map(|start| start..start + n).collect()
}

/// The rows before row `start`, where the codec needs any.
fn base(corpus: &Corpus, codec: Codec, start: usize) -> &[OwnedRow] {
    match codec.needs_base() {
        true => &corpus.rows[start.saturating_sub(Base::ROWS)..start],
        false => &[],
    }
}

/// The largest number that fits: doubled until one does not, then halved in between. Sizes grow with
/// nearly every row, not with every: a few more are tried behind the answer.
fn most(fits: impl Fn(usize) -> anyhow::Result<bool>) -> anyhow::Result<usize> {
    let mut beyond = 1;
    while fits(beyond)? {
        beyond *= 2;
    }
    let mut best = beyond / 2;
    while beyond - best > 1 {
        let middle = usize::midpoint(best, beyond);
        match fits(middle)? {
            true => best = middle,
            false => beyond = middle,
        }
    }
    for more in best + 1..best + 4 {
        if fits(more)? {
            best = more;
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_those_of_the_method() {
        assert_eq!(
            windows(20_000, 1000, 5),
            [10_000, 12_250, 14_500, 16_750, 19_000].map(|s| s..s + 1000)
        );
        let only = |window: Range<usize>| vec![window];
        assert_eq!(windows(20_000, 10_000, 1), only(10_000..20_000));
        assert_eq!(windows(2614, 1000, 5), only(1000..2000), "the 1,000 rows after the first");
        assert_eq!(windows(2614, 1, 200).len(), 200);
        assert_eq!(windows(2614, 4096, 2), []);
        assert_eq!(windows(40, 5, 100), [20..25, 25..30, 30..35, 35..40]);
    }

    #[test]
    fn the_fullest_message_is_found() {
        for limit in [0, 1, 2, 3, 84, 250, 1000] {
            assert_eq!(most(|n| Ok(n <= limit)).unwrap(), limit);
        }
        assert_eq!(most(|n| Ok(n <= 100 || n == 102)).unwrap(), 102);
    }
}
