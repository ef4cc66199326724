//! A session that is interrupted after exactly so many frames: it goes on by itself, ends as it would have,
//! and sends again no more than what was on its way.

use guildsync::Input;
use guildsync::tables::Mode;

use super::side::Kill;
use super::{Failure, Run, TableBase};
use crate::dice::Dice;
use crate::run::name;

/// Records of as many batches as these may go again: what was on its way, in both directions.
const BATCHES_AGAIN: u64 = 6;
/// How long a session may be at it, restarts included, in virtual milliseconds.
const ENDS_MS: u64 = 90 * 60_000;

/// Who is killed, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// Whether it is who began the session, or the other one.
    pub initiator: bool,
    /// After how many frames of the session, whoever sent them: from 1 on.
    pub frames: u64,
}

/// What an interrupted session took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interrupted {
    /// Frames of the session when nobody interrupts it.
    pub frames_smooth: u64,
    /// Records in them.
    pub records_smooth: u64,
    /// Records that went after the interruption.
    pub records_after: u64,
    /// Keys in which the two differed then.
    pub missing: u64,
}

/// Interrupts a seed's session there.
///
/// # Errors
/// What is wrong with how it went on.
pub fn interrupted(
    seed: u64,
    base: &TableBase,
    interruption: Interruption,
) -> Result<Interrupted, Failure> {
    let smooth = smooth(seed, base)?;
    let mut run = Run::new(seed, base, false);
    match run.interrupt(smooth, interruption) {
        Ok(done) => Ok(done),
        Err(what) => Err(run.failure(what)),
    }
}

/// Frames and records of a seed's session when nobody interrupts it.
///
/// # Errors
/// What is wrong with it.
pub fn smooth(seed: u64, base: &TableBase) -> Result<(u64, u64), Failure> {
    let mut run = Run::new(seed, base, false);
    match run.session() {
        Ok(done) => Ok(done),
        Err(what) => Err(run.failure(what)),
    }
}

impl Run {
    /// The records are dealt out, and the first member syncs with the second.
    fn session(&mut self) -> Result<(u64, u64), String> {
        self.deal()?;
        let frames = self.world.trace.frames;
        let carried = self.world.side().sums.carried;
        self.begin_session();
        self.world.advance(1_000)?;
        self.rest()?;
        self.are_equal()?;
        Ok((self.world.trace.frames - frames, self.world.side().sums.carried - carried))
    }

    fn begin_session(&mut self) {
        let with = Some(vec![name(1)]);
        self.world.give(0, Input::TableStart { with, mode: Some(Mode::All) });
    }

    fn are_equal(&mut self) -> Result<(), String> {
        let books = &self.world.side().books;
        match super::books::difference(books.now(0), books.now(1)) {
            None => Ok(()),
            Some(why) => Err(format!("the two do not hold the same: {why}")),
        }
    }

    pub(super) fn interrupt(
        &mut self,
        smooth: (u64, u64),
        interruption: Interruption,
    ) -> Result<Interrupted, String> {
        let Interruption { initiator, frames } = interruption;
        self.deal()?;
        let victim = usize::from(!initiator);
        let pause_ms = self.dice.scale(100.0, 100_000.0) as u64;
        self.world.side().kill = Some(Kill { victim, frames, pause_ms, is_due: false });
        self.begin_session();
        let began = self.world.now();
        while self.world.side().kill.is_some() {
            self.world.advance(10)?;
            if self.world.now() > began + ENDS_MS {
                return Err(format!("{frames} frames were never sent"));
            }
        }
        // What the other side tries again meanwhile reaches nobody, and is no part of going on.
        self.world.advance(pause_ms)?;
        let side = self.world.side();
        let (before, largest) = (side.sums.carried, side.sums.largest);
        let on_disk = [side.books.on_disk(0), side.books.on_disk(1)];
        let keys: std::collections::BTreeSet<_> =
            on_disk[0].keys().chain(on_disk[1].keys()).collect();
        let missing = keys.iter().filter(|key| on_disk[0].get(key) != on_disk[1].get(key)).count();
        self.world.advance(1_000)?;
        self.rest()?;
        match self.are_equal() {
            Ok(()) => self.world.seen.hit("restart: goes on by itself"),
            // That a session was begun may not have been on the disk yet.
            Err(_) if initiator && frames <= 2 => {
                self.world.seen.hit("restart: asked for again");
                self.begin_session();
                self.world.advance(1_000)?;
                self.rest()?;
                self.are_equal()?;
            }
            Err(why) => {
                return Err(format!("after frame {frames}, of {}: {why}", smooth.0));
            }
        }
        let side = self.world.side();
        let after = side.sums.carried - before;
        let (missing, largest) = (missing as u64, largest.max(side.sums.largest));
        if after > missing + BATCHES_AGAIN * largest {
            return Err(format!(
                "after frame {frames}, of {}: {after} records went, though {missing} were missing and \
                 a batch has {largest} at most",
                smooth.0
            ));
        }
        let (frames_smooth, records_smooth) = smooth;
        Ok(Interrupted { frames_smooth, records_smooth, records_after: after, missing })
    }

    /// Interrupts the session of a seed somewhere.
    pub(super) fn interrupt_somewhere(&mut self) -> Result<(), String> {
        let smooth = smooth(self.options.seed, &self.base).map_err(|why| why.what)?;
        let mut dice = Dice::for_purpose(self.options.seed, 6);
        let frames = dice.between(1, smooth.0.max(1));
        let interruption = Interruption { initiator: dice.happens(0.5), frames };
        let side = if interruption.initiator { "initiator" } else { "responder" };
        self.world.seen.hit_named("restart of", side);
        self.world.seen.hit_named("restart after frame", &bucket(frames));
        self.interrupt(smooth, interruption).map(drop)
    }
}

/// Frames up to eight by themselves, then by the power of two that they reach.
fn bucket(frames: u64) -> String {
    match frames {
        0..=8 => format!("{frames:02}"),
        _ => format!("{:02} and more", frames.next_power_of_two() / 2),
    }
}
