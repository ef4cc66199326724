//! Comparing, which the initiator does alone: who lacks what, and how more is found out where the first
//! answer does not say it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Phase, Session, Turn};
use crate::log::Step;
use crate::message::{Ask, Content, Message, Metadata, Wanted};
use crate::record::{Record, RecordKey};
use crate::report::Outcome;
use crate::sketch::{POINTS_MAX, Sketch, difference};

/// What a short hash takes in a list, in bytes, roughly.
const HASH_BYTES: f64 = 3.0;

impl Session {
    /// Finds out who lacks what, or asks for more to find out. `before`: what a sketch said so far.
    pub(super) fn compare(
        &mut self,
        turn: &mut Turn<'_, '_>,
        count: u32,
        content: Content,
        before: Option<Sketch>,
    ) -> Option<Outcome> {
        if let Content::Metadata(theirs) = content {
            return self.compare_metadata(turn, theirs);
        }
        let here = self.view(turn).compared(self.differ);
        let (mine, theirs) = match tell_apart(&here.shorts(), count, content, before) {
            Told::Apart { mine, theirs } => (mine, theirs),
            Told::All => return self.pull(turn, Wanted::All, count, Vec::new()),
            Told::TooLittle(sketch) => {
                let n_here = here.count();
                return self.ask(turn, count, n_here, sketch);
            }
        };
        let only_here: Vec<Record> =
            mine.iter().flat_map(|short| here.of(*short)).cloned().collect();
        self.base = if self.has_changed(turn) { Vec::new() } else { here.base(&mine) };
        let text = format!("{} records lack here, {} may lack there", theirs.len(), mine.len());
        self.log(turn, Step::Compare, text);
        let n_theirs = theirs.len() as u32;
        self.pull(turn, Wanted::Hashes(theirs.into_iter().collect()), n_theirs, only_here)
    }

    /// Asks for more of what the other side has, in whatever way takes the fewest bytes.
    fn ask(
        &mut self,
        turn: &mut Turn<'_, '_>,
        count: u32,
        n_here: usize,
        sketch: Option<Sketch>,
    ) -> Option<Outcome> {
        let least = (i64::from(count) - n_here as i64).unsigned_abs() as usize;
        let points = sketch.as_ref().map_or(0, Sketch::end);
        // Four times as many points as did not do, and as many as the counts alone ask for.
        let end = (points.max(16) * 4).max(least + least / 8 + 16);
        let list_bytes = f64::from(count) * HASH_BYTES;
        let is_sketch = end <= POINTS_MAX && ((end - points) * 4) as f64 <= list_bytes;
        let ask = match is_sketch {
            true => Ask::Sketch { from: points as u16, len: (end - points) as u16 },
            false => Ask::Hashes,
        };
        let text = match ask {
            Ask::Sketch { len, .. } => {
                format!("more differs than a first sketch tells: {len} more points")
            }
            _ => format!("much differs: all {count} short hashes"),
        };
        self.log(turn, Step::Compare, text);
        self.phase = Phase::Asking { ask, sketch: sketch.filter(|_| is_sketch) };
        let (session, round) = (self.id, self.round);
        self.say(turn, Message::RequestMetadata { session, round, ask });
        self.heard = turn.ctx.now;
        None
    }

    /// More of what the other side has.
    pub(crate) fn told(
        &mut self,
        turn: &mut Turn<'_, '_>,
        count: u32,
        content: Content,
    ) -> Option<Outcome> {
        let Phase::Asking { ask, sketch } = &mut self.phase else { return None };
        let fits = match (&content, *ask) {
            (Content::Sketch { from, values }, Ask::Sketch { from: asked, len }) => {
                *from == asked && values.len() == usize::from(len)
            }
            (Content::Hashes(_), Ask::Hashes) | (Content::Metadata(_), Ask::Metadata) => true,
            _ => false,
        };
        if !fits {
            return None;
        }
        self.attempts = 0;
        let sketch = sketch.take();
        self.compare(turn, count, content, sketch)
    }

    /// Compares metadata, as the seeds do: by id and time, then the flag, then the content's hash.
    fn compare_metadata(
        &mut self,
        turn: &mut Turn<'_, '_>,
        theirs: Vec<Metadata>,
    ) -> Option<Outcome> {
        let compared = self.view(turn).compared(self.differ);
        let mut here: BTreeMap<RecordKey, Record> =
            compared.records().map(|record| (record.key().clone(), record.clone())).collect();
        let (mut wanted, mut going) = (Vec::new(), Vec::new());
        for theirs in theirs {
            let key = crate::tables::key(theirs.table, &theirs.guild, &theirs.id);
            match here.remove(&key) {
                None => wanted.push(key),
                Some(mine) if self.salt.short(mine.hash()) == theirs.hash => {}
                Some(mine) => {
                    let age =
                        |default: bool, seconds: u64, deleted: bool| (!default, seconds, deleted);
                    let updated = theirs.updated;
                    let their_age = age(updated.is_default(), updated.seconds(), theirs.deleted);
                    let updated = mine.updated();
                    let my_age = age(updated.is_default(), updated.seconds(), mine.is_deleted());
                    if their_age >= my_age {
                        wanted.push(key);
                    }
                    if my_age >= their_age {
                        self.older_there.insert(mine.key().clone());
                        going.push(mine);
                    }
                }
            }
        }
        going.extend(here.into_values());
        let text = format!("{} records lack here, {} may lack there", wanted.len(), going.len());
        self.log(turn, Step::Compare, text);
        let n_wanted = wanted.len() as u32;
        self.pull(turn, Wanted::Keys(wanted), n_wanted, going)
    }
}

/// What an answer says to who has these short hashes.
enum Told {
    /// Which of them the other side lacks, and which it alone has.
    Apart { mine: BTreeSet<u32>, theirs: BTreeSet<u32> },
    /// There is nothing here: everything lacks.
    All,
    /// Not enough to know it; what a sketch said so far.
    TooLittle(Option<Sketch>),
}

fn tell_apart(shorts: &[u32], count: u32, content: Content, before: Option<Sketch>) -> Told {
    let here = || shorts.iter().copied().collect::<BTreeSet<u32>>();
    match content {
        Content::Untold if count == 0 => Told::Apart { mine: here(), theirs: BTreeSet::new() },
        Content::Untold if shorts.is_empty() => Told::All,
        Content::Untold | Content::Metadata(_) => Told::TooLittle(None),
        Content::Hashes(there) => {
            let (here, there) = (here(), there.into_iter().collect::<BTreeSet<u32>>());
            Told::Apart { mine: &here - &there, theirs: &there - &here }
        }
        Content::Sketch { from, values } => {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let Ok(more) = Sketch::from_bytes(usize::from(from), &bytes) else {
                return Told::TooLittle(None);
            };
            let sketch = match before {
                Some(mut sketch) if sketch.end() == more.start() => match sketch.extend(&more) {
                    Ok(()) => sketch,
                    Err(_) => return Told::TooLittle(None),
                },
                _ => more,
            };
            let ours = Sketch::of(shorts, sketch.start(), sketch.len());
            let found = ours.ok().and_then(|ours| difference(shorts, &ours, &sketch, count).ok());
            match found {
                Some(found) => Told::Apart {
                    mine: found.only_mine.into_iter().collect(),
                    theirs: found.only_theirs.into_iter().collect(),
                },
                None => Told::TooLittle(Some(sketch)),
            }
        }
    }
}
