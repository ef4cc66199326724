//! What is demanded once nothing goes wrong any more: everyone has the same sheets with everything that was
//! written, screens follow the last cursor, and then there is silence.

use std::collections::BTreeSet;

use guildsync::Replica;
use guildsync::sections::DocumentId;

use super::{Run, users};
use crate::channel::Weather;

/// How often members are compared, in virtual milliseconds.
const LOOK_EVERY_MS: u64 = 250;
/// How long all may take to become equal, in virtual milliseconds.
const HEAL_MS: u64 = 600_000;
/// More for each section that there is, where somebody writes text: fifteen frames each, for each member.
const TEXT_SECTION_MS: u64 = 1_500;
/// How long until screens have followed the cursor.
const CURSOR_MS: u64 = 60_000;
/// How long a raid in agreement has until its announcements are as rare as they become.
const QUIET_AFTER_MS: u64 = 200_000;
/// The most frames of a quiet minute: two announcements may meet in it, of three frames each.
const QUIET_FRAMES: u64 = 12;

impl Run {
    /// Nothing goes wrong any more; wrong clocks stay wrong. Everyone is on line and in the raid.
    pub(super) fn calm(&mut self) -> Result<(), String> {
        self.world.channel.heal();
        self.world.be_prompt();
        self.world.sheets.books.iter_mut().for_each(|books| books.is_calm = true);
        self.world.drop_late_frames();
        let everyone: BTreeSet<usize> = (0..self.world.len()).collect();
        for member in 0..self.world.len() {
            self.world.log_on(member);
            self.world.set_sheet_config(member, self.options.configs[member].clone());
        }
        let leader = self.world.leader().unwrap_or(0);
        self.world.set_group(&everyone, leader);
        self.world.advance(1_000)
    }

    /// Everyone becomes equal within the bound, and nothing is lost.
    pub(super) fn heal(&mut self) -> Result<(), String> {
        let began = self.world.now();
        let bound = self.bound_ms();
        while let Some(why) = self.difference() {
            if self.world.now() > began + bound {
                return Err(format!("not equal within {} s: {why}", bound / 1000));
            }
            self.world.advance(LOOK_EVERY_MS)?;
        }
        self.heal_ms = self.heal_ms.max(self.world.now() - began);
        self.check_complete()
    }

    /// Where nothing is lost on the way it takes no longer; some frames are, at first.
    pub(super) fn heal_in_mild_weather(&mut self) -> Result<(), String> {
        self.world.channel.set_weather(self.options.faults.mild_weather());
        self.world.advance(20_000)?;
        self.world.channel.set_weather(Weather::calm());
        self.heal()
    }

    fn bound_ms(&self) -> u64 {
        use guildsync::sections::Dialect;
        let is_text = self.options.configs.iter().any(|one| one.dialect == Dialect::Text);
        let sections = |member| {
            let held = self.world.shelf(member).iter();
            held.map(|document| document.versions().count() as u64).sum::<u64>()
        };
        let most = (0..self.world.len()).map(sections).max().unwrap_or(0);
        let text = if is_text { TEXT_SECTION_MS * self.world.len() as u64 } else { 0 };
        HEAL_MS + most * (text + 200)
    }

    /// Who has not the same as the others.
    fn difference(&self) -> Option<String> {
        let hash = self.world.shelf(0).state_hash();
        let differs = |member: &usize| self.world.shelf(*member).state_hash() != hash;
        let member = (1..self.world.len()).find(differs)?;
        let digests = |member| {
            let held = self.world.shelf(member).iter();
            held.map(|held| format!("{} {:?}", held.id(), held.digest())).collect::<Vec<_>>()
        };
        Some(format!("member {member} has {:?}, member 0 {:?}", digests(member), digests(0)))
    }

    fn check_complete(&mut self) -> Result<(), String> {
        let world = &self.world;
        let Some(books) = &world.sheets.books else { return Ok(()) };
        (0..world.len()).try_for_each(|member| books.check_complete(member, world.shelf(member)))
    }

    /// Some move the cursor, now and then at once, while somebody edits: whoever follows ends on the
    /// section that was pointed to last.
    pub(super) fn follow(&mut self) -> Result<(), String> {
        let books = self.world.sheets.books.as_mut();
        books.into_iter().for_each(|books| books.forget_cursors());
        for _ in 0..2 + self.dice.below(3) {
            let Self { world, options, dice, .. } = self;
            if dice.happens(0.4) {
                users::edit(world, options, 1, false, dice);
            }
            users::point(world, options, dice);
            let pause = if dice.happens(0.4) { 0 } else { dice.scale(20.0, 3_000.0) as u64 };
            self.world.advance(pause)?;
        }
        let began = self.world.now();
        // A cursor may wait for its version of the document.
        let mut equal_at = began;
        loop {
            self.world.advance(LOOK_EVERY_MS)?;
            let bound = self.bound_ms();
            let (why, most) = match self.difference() {
                Some(why) => {
                    equal_at = self.world.now();
                    (why, bound)
                }
                None => match self.astray() {
                    Some(why) => (why, equal_at - began + CURSOR_MS),
                    None => break,
                },
            };
            if self.world.now() > began + most {
                return Err(why);
            }
        }
        self.cursor_ms = self.cursor_ms.max(self.world.now() - began);
        self.check_complete()
    }

    /// Whose screen does not show what was pointed to last, if anything was and that is still there.
    fn astray(&self) -> Option<String> {
        let books = self.world.sheets.books.as_ref()?;
        let (stamp, by, document, section) = books.last_cursor()?;
        self.world.shelf(0).get(document)?.section(section)?;
        let is_astray = |member: &usize| {
            let shown = self.world.screen(*member);
            let follows = self.options.configs[*member].follow || *member == by;
            follows && shown.is_none_or(|at| (at.document, at.section) != (document, section))
        };
        let member = (0..self.world.len()).find(is_astray)?;
        let shown: Option<(DocumentId, _)> =
            self.world.screen(member).map(|at| (at.document, at.section));
        Some(format!(
            "member {member}'s screen shows {shown:?}; member {by} pointed last, at {stamp}, to {section:?} of {document}"
        ))
    }

    /// Every program is killed and starts again: what it held is what its disk holds.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        self.settle()?;
        for member in 0..self.world.len() {
            let held = self.world.shelf(member).state_hash();
            self.world.kill(member);
            self.world.start(member);
            if self.world.shelf(member).state_hash() != held {
                return Err(format!("member {member} held what is not on its disk"));
            }
            if self.world.screen(member).is_some() {
                return Err(format!("member {member}'s screen shows something after a restart"));
            }
        }
        users::edit(&mut self.world, &self.options, 2, true, &mut self.dice);
        self.world.advance(5_000)?;
        self.heal()
    }

    /// Runs until nobody waits for anything.
    fn settle(&mut self) -> Result<(), String> {
        let until = self.world.now() + self.bound_ms();
        loop {
            self.world.advance(1_000)?;
            let is_settled = |one: usize| {
                let rests = self.world.member(one).replica().is_none_or(Replica::is_settled);
                rests && !self.world.member(one).is_writing()
            };
            match (0..self.world.len()).find(|one| !is_settled(*one)) {
                None => return Ok(()),
                Some(member) if self.world.now() > until => {
                    return Err(format!("member {member} still waits for something"));
                }
                Some(_) => {}
            }
        }
    }

    /// Members in agreement are nearly silent, and nothing that the channel refused is still to be sent.
    pub(super) fn quiet(&mut self) -> Result<(), String> {
        self.settle()?;
        self.world.advance(QUIET_AFTER_MS)?;
        let before = self.world.trace.frames;
        self.world.advance(60_000)?;
        let n = self.world.trace.frames - before;
        if n > QUIET_FRAMES {
            return Err(format!(
                "{n} frames in a minute in which nothing happened, {QUIET_FRAMES} may be"
            ));
        }
        self.settle()?;
        match (0..self.world.len()).find(|member| self.world.owes(*member) > 0) {
            None => Ok(()),
            Some(member) => Err(format!("member {member} never sent frames that were refused")),
        }
    }
}
