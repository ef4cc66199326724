//! What telling the difference takes alone: by our session, by lists, and by two ways that are not ours.
//!
//! Two members each hold so many records and lack half of the difference each. Counted is what is said
//! behind the opening until the initiator knows which short hashes differ; asking for records and sending
//! them is the same for all. Bisection and `PinSketch` are computed on the same number of short hashes.

use std::collections::HashSet;

use guildsync::tables::sketch::element;
use guildsync::transport::ChannelProfile;
use serde::Serialize;

use super::machines::{Said, until_known};
use super::records::Set;
use super::session::Way;
use crate::corpus::tables::Sizes;

/// Records of each side.
pub const RECORDS: [usize; 2] = [700, 10_000];
/// Differences, half of them on each side.
pub const DIFFERENCES: [usize; 4] = [10, 20, 100, 1_000];
/// Bytes of a frame that a scheme can use, as in `guildsync-tables/benches/sketch.rs`.
const FRAME: usize = 240;

/// Bytes, frames and messages of one way.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Records of each side.
    pub records: usize,
    /// How many differ.
    pub differences: usize,
    /// The way.
    pub way: &'static str,
    /// Bytes.
    pub bytes: usize,
    /// Frames.
    pub frames: usize,
    /// Messages, one after the other.
    pub messages: usize,
}

/// All ways for all sizes.
///
/// # Errors
/// None in practice.
pub fn all() -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for records in RECORDS {
        for differences in DIFFERENCES {
            let (sides, guild) = halves(records, differences)?;
            for (way, name) in [
                (Way::Ours, "ours"),
                (Way::Hashes, "list of short hashes"),
                (Way::Metadata, "metadata"),
                (Way::Text, "metadata as text"),
            ] {
                let said = until_known(&sides, &guild, &way.config())?;
                lines.push(line(records, differences, name, said));
            }
            let (mine, theirs) = elements(records, differences / 2);
            lines.push(line(records, differences, "bisection", bisection(&mine, &theirs)));
            let bytes = 4 * differences;
            let frames = ChannelProfile::retail().framing().frames_for(bytes);
            let said = Said { messages: 1, bytes, frames };
            lines.push(line(records, differences, "PinSketch of the right size", said));
        }
    }
    Ok(lines)
}

fn line(records: usize, differences: usize, way: &'static str, said: Said) -> Line {
    let Said { messages, bytes, frames } = said;
    Line { records, differences, way, bytes, frames, messages }
}

/// Two sides with `records` each, of which the other lacks half of `differences`.
fn halves(
    records: usize,
    differences: usize,
) -> anyhow::Result<(super::differ::Sides, guildsync::tables::GuildName)> {
    let half = differences / 2;
    let tenth = (records + half) / 10;
    let sizes = Sizes { roster: records + half - 3 * tenth, news: 2 * tenth, calendar: tenth };
    let set = Set::generated(sizes)?;
    // Spread over all tables: every so-manieth record is of one side alone.
    let step = set.len() / differences;
    let is_of = |at: usize, side: usize| match at.is_multiple_of(step) && at / step < differences {
        true => (at / step) % 2 == side,
        false => true,
    };
    let side = |side: usize| {
        let own = set.records.iter().enumerate().filter(|(at, _)| is_of(*at, side));
        own.map(|(_, record)| record.clone()).collect::<Vec<_>>()
    };
    Ok(([side(0), side(1)], set.guild.clone()))
}

/// Two sets of `count` elements of a seeded generator (splitmix64), `half` of each only there.
fn elements(count: usize, half: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut state, mut seen) = (super::SEED << 40, HashSet::new());
    let numbers = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        element(z ^ z >> 31)
    });
    let all: Vec<u32> = numbers.filter(|&x| seen.insert(x)).take(count + half).collect();
    (all[..count].to_vec(), all[half..].to_vec())
}

/// Each message answers the digests before it, for every range that differs with 16 digests of four bytes,
/// or with its elements when they are 16 at most.
fn bisection(mine: &[u32], theirs: &[u32]) -> Said {
    let within = |set: &[u32], (from, to): (u64, u64)| -> Vec<u32> {
        set.iter().copied().filter(|&x| (from..to).contains(&u64::from(x))).collect()
    };
    let sides = [mine, theirs];
    let mut said = Said::default();
    let mut open = vec![(0u64, 1 << 32)];
    while !open.is_empty() {
        // After the first message, two bytes tell which of each sixteen ranges differ.
        let mut size = if said.messages == 0 { 0 } else { 2 };
        let mut next = Vec::new();
        for (from, to) in open {
            let here = within(sides[said.messages % 2], (from, to));
            if here.len() <= 16 {
                size += 1 + 4 * here.len();
                continue;
            }
            size += 1 + 16 * 4;
            let width = (to - from) / 16;
            let parts = (0..16).map(|part| (from + part * width, from + (part + 1) * width));
            next.extend(parts.filter(|&part| within(mine, part) != within(theirs, part)));
        }
        said.messages += 1;
        said.bytes += size;
        said.frames += size.div_ceil(FRAME);
        open = next;
    }
    said
}
