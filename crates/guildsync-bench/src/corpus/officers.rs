//! What `Entry` values of ten officers' replicas hold: writers, contiguous seqs, counts, notes, undos.
//!
//! Each officer appends from an own replica. Some awards are made by two officers who have not heard
//! of each other yet: both begin a second's count, and the totals that they saw lack the other's.
//! What is drawn becomes real [`guildsync_log::Entry`] values, and these the columns to measure.

use guildsync_log::batch::{from_rows, to_rows};
use guildsync_sim::corpus::draw::{Draw, Zipf};
use guildsync_sim::corpus::guild::Guild;
use guildsync_wire::bytes::Writer;

use super::{Corpus, Known};
use crate::row::{OwnedRow, from_columns, to_columns};

/// What the kind column says, see [`guildsync_log::batch`].
const NOTE: u8 = 2;
const UNDO: u8 = 3;
const PROFILE: &str = "Raid-Team-A";
const WRITERS: usize = 10;
/// Seconds between two events, on average.
const GAP: f64 = 300.0;
const BULK: f64 = 0.3;
const NOTES: f64 = 0.03;
const UNDOS: f64 = 0.004;
/// How often a second officer awards at the same moment.
const CONCURRENT: f64 = 0.05;

/// `n` entries of ten writers in replay order.
#[must_use]
pub fn officers(seed: u64, n: usize) -> Corpus {
    let mut draw = Draw::new(seed);
    let guild = Guild::new(&mut draw);
    let writers = (0..WRITERS)
        .map(|_| [draw.any().to_le_bytes(), draw.any().to_le_bytes()].concat())
        .collect();
    draw.forget();
    let totals = vec![0; guild.roster.len()];
    let mut logs =
        Logs { guild, writers, seqs: [0; WRITERS], totals, rows: Vec::new(), last: (0, 0) };
    let by_writer = Zipf::new(WRITERS, 1.2);
    let mut bits = Vec::new();
    while logs.rows.len() < n {
        let second = logs.guild.next_second(&mut draw, GAP);
        let writer = draw.rank(&by_writer);
        let before = logs.totals.clone();
        // A live entry's stamp comes after every one that its writer knows.
        let first = if second == logs.last.0 { logs.last.1 + 1 } else { 0 };
        logs.event(&mut draw, writer, second, first, None);
        if draw.happens(CONCURRENT) {
            let other = (writer + 1 + draw.below(WRITERS - 1)) % WRITERS;
            logs.event(&mut draw, other, second, first, Some(before));
        }
        bits.resize(logs.rows.len(), draw.bits());
    }
    let mut rows = logs.rows;
    let by_replay = |row: &OwnedRow| (row.seconds, row.count, row.writer.clone(), row.seq);
    rows.sort_by_key(by_replay);
    rows.truncate(n);
    bits.truncate(n);
    Corpus {
        name: "generated-entries".to_owned(),
        profile: PROFILE.to_owned(),
        rows: through_entries(&rows),
        known: Known::Bits(bits),
        entries: true,
    }
}

/// The same rows, made of the entries that they stand for.
fn through_entries(rows: &[OwnedRow]) -> Vec<OwnedRow> {
    let entries = from_rows(&to_columns(PROFILE, rows)).expect("rows that are entries");
    let entries = entries.iter().map(|entry| (entry.id, &entry.draft));
    from_columns(&to_rows(PROFILE.as_bytes(), entries)).expect("texts").1
}

#[derive(Debug)]
struct Logs {
    guild: Guild,
    writers: Vec<Vec<u8>>,
    seqs: [u64; WRITERS],
    totals: Vec<i64>,
    rows: Vec<OwnedRow>,
    /// The second and the count of the last entry that everybody knows.
    last: (u64, u16),
}

impl Logs {
    /// What one officer appends at one moment; `seen` are the totals it knows, where not everybody's.
    fn event(
        &mut self,
        draw: &mut Draw,
        writer: usize,
        second: u64,
        first: u16,
        mut seen: Option<Vec<i64>>,
    ) {
        let (reason, delta) = self.guild.award(draw);
        let mut row = OwnedRow {
            seconds: second,
            writer: self.writers[writer].clone(),
            actor: self.guild.actors[writer].clone(),
            reason: self.guild.reasons[reason].0.clone(),
            ..OwnedRow::default()
        };
        if !self.rows.is_empty() && draw.happens(UNDOS) {
            let of = &self.rows[draw.below(self.rows.len())];
            row.kind = UNDO;
            let mut body = Writer::new();
            body.raw(&of.writer);
            body.varint(of.seq);
            row.body = body.into_vec();
            // The hash of what is undone: as good as random.
            row.body.extend((0..4).flat_map(|_| draw.any().to_le_bytes()));
            return self.push(writer, first, row);
        }
        if draw.happens(NOTES) {
            row.kind = NOTE;
            let about = draw.happens(0.5).then(|| draw.rank(&self.guild.by_target));
            row.target = about.map(|target| self.guild.roster[target].clone());
            return self.push(writer, first, row);
        }
        let targets = match draw.happens(BULK) {
            true => self.guild.attendance(draw),
            false => vec![draw.rank(&self.guild.by_target)],
        };
        for (count, target) in (first..).zip(targets) {
            self.totals[target] += delta;
            let total = match &mut seen {
                Some(seen) => {
                    seen[target] += delta;
                    seen[target]
                }
                None => self.totals[target],
            };
            let target = Some(self.guild.roster[target].clone());
            let row = OwnedRow { target, delta: delta * 100, total: total * 100, ..row.clone() };
            self.push(writer, count, row);
        }
    }

    fn push(&mut self, writer: usize, count: u16, row: OwnedRow) {
        self.seqs[writer] += 1;
        self.last = self.last.max((row.seconds, count));
        self.rows.push(OwnedRow { seq: self.seqs[writer], count, ..row });
    }
}
