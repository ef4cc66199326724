//! All three machines in one raid: forty members, a channel that loses every tenth frame, a new leader in the
//! middle; awards all the time, two members who sync their tables, and a sheet that is published, edited and
//! pointed at meanwhile.
//!
//! All three share one link, and none of them may starve another: how long each thing may take is stated here
//! and holds for every seed.

use std::collections::BTreeSet;

use guildsync::leader::Config as LeaderConfig;
use guildsync::log::{Log, Profiles};
use guildsync::sections::{Config as SheetConfig, DocumentId, Label, Policy, Who};
use guildsync::tables::{
    Config as TableConfig, Outcome as SessionOutcome, Record as TableRecord, RecordId, Rights,
    TableKind, Tables, Updated,
};
use guildsync::transport::ChannelProfile;
use guildsync::types::{SecretKey, WriterId};
use guildsync::{Input, Replica};
use serde::Serialize;

use crate::channel::Weather;
use crate::corpus::sheet::{Sheet, assignments};
use crate::dice::Dice;
use crate::many::{Numbers, Outcome};
use crate::run::{Failure, name};
use crate::sheets::books::Books;
use crate::tables::options::guild;
use crate::tables::side::{One, Side};
use crate::tables::users::content;
use crate::tables::volume::Volume;
use crate::trace::Record;
use crate::world::{Act, Edit, Newcomer, Setup, World};

mod demands;

/// How many members.
pub const MEMBERS: usize = 40;
/// What is lost of all frames, at each receiver by itself.
pub const LOSS: f64 = 0.1;
/// How long things happen, in virtual milliseconds; the leader changes in the middle.
const BUSY_MS: u64 = 240_000;
/// Mean times between two awards, two edits and two moves of the cursor.
const AWARD_EVERY_MS: f64 = 4_000.0;
const EDIT_EVERY_MS: f64 = 15_000.0;
const POINT_EVERY_MS: u64 = 10_000;
/// How many records each of the two who sync tables has and the other lacks.
const RECORDS: usize = 60;
/// How often it is looked at who has what.
const LOOK_EVERY_MS: u64 = 100;

/// How long things took, in virtual milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Awards.
    pub awards: u64,
    /// The longest from an award's acknowledgement until every member had it.
    pub award_ms_max: u64,
    /// What 99 of 100 ways of an award to a member took, at most, in any run.
    pub award_ms_99: u64,
    /// Moves of the cursor that each member was to follow.
    pub points: u64,
    /// Ways of those to screens.
    pub ways: u64,
    /// Of those ways, how many were not over before the cursor moved on.
    pub missed: u64,
    /// What 90 of 100 ways of a cursor to a screen took, at most, in any run.
    pub cursor_ms_90: u64,
    /// The longest until the session of tables was over.
    pub session_ms_max: u64,
    /// The longest until everyone had the sheet.
    pub sheet_ms_max: u64,
    /// The longest until all were equal, from when nobody did anything any more.
    pub settle_ms_max: u64,
}

impl Numbers for Times {
    fn add(&mut self, other: &Self) {
        self.awards += other.awards;
        self.points += other.points;
        self.ways += other.ways;
        self.missed += other.missed;
        for (most, ms) in [
            (&mut self.award_ms_max, other.award_ms_max),
            (&mut self.award_ms_99, other.award_ms_99),
            (&mut self.cursor_ms_90, other.cursor_ms_90),
            (&mut self.session_ms_max, other.session_ms_max),
            (&mut self.sheet_ms_max, other.sheet_ms_max),
            (&mut self.settle_ms_max, other.settle_ms_max),
        ] {
            *most = (*most).max(ms);
        }
    }

    fn words(&self) -> String {
        let s = |ms: u64| ms as f64 / 1000.0;
        format!(
            "{} awards, everywhere within {:.1} s, 99 % of ways within {:.1} s; {} moves of the cursor, 90 % of \
             ways within {:.1} s, {} of {} missed; tables synced within {:.1} s, the sheet everywhere within \
             {:.1} s, all equal {:.1} s after the last act",
            self.awards,
            s(self.award_ms_max),
            s(self.award_ms_99),
            self.points,
            s(self.cursor_ms_90),
            self.missed,
            self.ways,
            s(self.session_ms_max),
            s(self.sheet_ms_max),
            s(self.settle_ms_max),
        )
    }
}

/// An award, and who lacks it.
#[derive(Debug)]
struct Award {
    at: u64,
    writer: WriterId,
    last: u64,
    lack: BTreeSet<usize>,
}

struct Run {
    world: World,
    dice: Dice,
    phase: &'static str,
    /// The two who sync tables.
    pair: (usize, usize),
    sheet: Sheet,
    /// Awards that some lack.
    awards: Vec<Award>,
    /// Ways of awards to members.
    ways: Vec<u64>,
    /// When and by whom the cursor was moved.
    points: Vec<(u64, usize)>,
    times: Times,
}

/// Runs a seed. With `records`, everything that happened comes back with the outcome.
#[must_use]
pub fn run(seed: u64, records: bool) -> (Outcome<Times>, Vec<Record>) {
    let options = format!("seed {seed}: {MEMBERS} members on retail, {LOSS} of all frames lost");
    let mut run = match Run::new(seed, records) {
        Ok(run) => run,
        Err(what) => {
            let failure = Some(Failure { phase: "begin", at_ms: 0, what });
            return (Outcome { seed, options, failure, ..Outcome::default() }, Vec::new());
        }
    };
    let failed = run.phases().err();
    let Run { world, phase, times, .. } = run;
    let failure = failed.map(|what| Failure { phase, at_ms: world.now(), what });
    Outcome::of(world, options, failure, times)
}

impl Run {
    fn new(seed: u64, records: bool) -> Result<Self, String> {
        let mut dice = Dice::for_purpose(seed, 11);
        let keys: Vec<SecretKey> =
            (0..MEMBERS).map(|_| SecretKey::from_seed(&dice.bytes())).collect();
        let mut ones = Vec::new();
        let mut newcomers = Vec::new();
        for (i, key) in keys.into_iter().enumerate() {
            let volume = Volume::new(key.clone(), Dice::for_purpose(seed, 3000 + i as u64))?;
            ones.push(One::new(name(i), guild(0), TableConfig::default(), volume));
            let profiles = Profiles::default();
            newcomers.push(Newcomer { name: name(i), key, profiles, has_program: true });
        }
        let mut side = Side::new(ones, Rights::default(), None);
        side.is_alone = false;
        let setup = Setup {
            seed,
            channel: ChannelProfile::retail(),
            weather: Weather { loss: LOSS, ..Weather::calm() },
            config: LeaderConfig::default(),
            epoch_ms: 1_733_083_200_000,
            tell_ms: (0, 100),
            disk_ms: (1, 10),
            keeps_disks: true,
            records,
            watches: true,
        };
        let mut world = World::with_tables(setup, newcomers, side);
        world.sheets.books = Some(Box::new(Books::new(MEMBERS)));
        let config = SheetConfig { publish: Who::Everyone, ..SheetConfig::default() };
        (0..MEMBERS).for_each(|member| world.set_sheet_config(member, config.clone()));
        let one = dice.below(MEMBERS);
        let pair = (one, (one + 1 + dice.below(MEMBERS - 1)) % MEMBERS);
        let sheet = assignments(seed, 15 + dice.below(11));
        let (awards, ways, points) = (Vec::new(), Vec::new(), Vec::new());
        let times = Times::default();
        Ok(Self { world, dice, phase: "begin", pair, sheet, awards, ways, points, times })
    }

    fn phases(&mut self) -> Result<(), String> {
        self.begin()?;
        self.phase = "busy";
        self.busy()?;
        self.phase = "equal";
        self.become_equal()?;
        self.phase = "demands";
        self.check_times()
    }

    /// Two members have tables, each with records that the other lacks; the raid forms.
    fn begin(&mut self) -> Result<(), String> {
        let (one, other) = self.pair;
        for i in 0..2 * RECORDS {
            let id = RecordId::new(&format!("{i:018}")).map_err(|why| why.to_string())?;
            let updated = Updated::at(1_733_000_000 + i as u64);
            let data = content(&mut self.dice);
            let record = TableRecord::new(TableKind::News, guild(0), id, updated, data);
            let record = record.map_err(|why| why.to_string())?;
            let member = if i % 2 == 0 { one } else { other };
            self.world.edit(member, Edit::Take(Box::new(record)));
        }
        self.world.advance(5_000)?;
        self.world.set_group(&(0..MEMBERS).collect(), 0);
        self.world.advance(10_000)
    }

    /// Awards, edits and moves of the cursor, while a sheet and tables spread.
    fn busy(&mut self) -> Result<(), String> {
        let began = self.world.now();
        let end = began + BUSY_MS;
        let (sheet, publisher) = (self.sheet.clone(), self.dice.below(MEMBERS));
        self.world.publish_sheet(publisher, &sheet, Policy::open());
        let with = Some(vec![name(self.pair.1)]);
        self.world.give(self.pair.0, Input::TableStart { with, mode: None });
        let mut award_at = began + self.dice.wait(AWARD_EVERY_MS);
        let mut edit_at = began + 30_000;
        let mut point_at = began + 30_000;
        let leads_at = began + BUSY_MS / 2 + self.dice.between(0, 20_000) - 10_000;
        while self.world.now() < end {
            let now = self.world.now();
            if now >= award_at {
                self.award()?;
                award_at = now + self.dice.wait(AWARD_EVERY_MS);
            }
            if now >= edit_at {
                let editor = self.dice.below(MEMBERS);
                let (nth, seed) = (self.dice.below(64), self.dice.raw());
                self.world.edit_sheet(editor, self.document(), nth, seed);
                edit_at = now + self.dice.wait(EDIT_EVERY_MS);
            }
            if now >= point_at {
                self.point(now);
                point_at = now + POINT_EVERY_MS;
            }
            if now >= leads_at && self.world.leader() == Some(0) {
                self.world.set_leader(1 + self.dice.below(MEMBERS - 1));
            }
            self.world.advance(LOOK_EVERY_MS)?;
            self.look(began)?;
        }
        Ok(())
    }

    fn document(&self) -> DocumentId {
        let title = Label::new(&self.sheet.title);
        title.map_or(DocumentId([0; 8]), |title| DocumentId::of_title(&title))
    }

    fn award(&mut self) -> Result<(), String> {
        let author = self.dice.below(MEMBERS);
        if self.world.member(author).is_writing() {
            return Ok(());
        }
        let before = self.world.profiles(author).active().frontier();
        let targets = vec![self.dice.below(MEMBERS)];
        self.world.act(author, Act::Award { targets, hundredths: 500 });
        while self.world.member(author).is_writing() {
            self.world.advance(1)?;
        }
        let after = self.world.profiles(author).active().frontier();
        if let Some((writer, _, last)) = before.lacks(&after).next() {
            let lack = (0..MEMBERS).filter(|member| *member != author).collect();
            self.awards.push(Award { at: self.world.now(), writer, last, lack });
            self.times.awards += 1;
        }
        Ok(())
    }

    /// Somebody who has the sheet turns everyone's screen.
    fn point(&mut self, now: u64) {
        let member = self.dice.below(MEMBERS);
        if self.world.shelf(member).get(self.document()).is_some() {
            self.points.push((now, member));
            self.times.points += 1;
            self.world.point(member, self.document(), self.dice.below(64));
        }
    }
}
