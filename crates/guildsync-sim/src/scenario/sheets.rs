//! What sheets cost: a raid publishes, edits, joins and turns pages, and every frame is counted.
//!
//! Raids of the real replicas, as in the other scenarios; nobody syncs logs, whose cost is told apart. A sheet
//! is the generator's, with 20 sections. What is counted begins with an act and ends 10 s after the last
//! member has what it made: announcements are in it.

use std::collections::{BTreeMap, BTreeSet};

use guildsync::log::Profiles;
use guildsync::sections::{DocumentId, Label, Message, Policy};
use guildsync::transport::ChannelProfile;
use guildsync::types::{Digest, SecretKey};
use guildsync::wire::alphabet::Alphabet;
use guildsync::wire::frame::Frame;
use guildsync::{Config, Replica};
use serde::Serialize;

use crate::channel::Weather;
use crate::corpus::sheet::{Sheet, SheetSection, assignments};
use crate::dice::Dice;
use crate::run::name;
use crate::sheets::cells;
use crate::trace::Record;
use crate::world::{Newcomer, Setup, World};

/// How many sections a sheet has.
pub const SECTIONS: usize = 20;
/// How many members a raid has.
pub const MEMBERS: usize = 40;
/// How many members hold the sheet when [`MEMBERS`] others join.
pub const HOLDERS: usize = 5;
/// What is sent in this time after all have what was made still belongs to the cost, in virtual milliseconds.
pub const SETTLE_MS: u64 = 10_000;
/// A cursor that takes longer to a screen counts as this long: then the next one is moved.
pub const CURSOR_MS_MAX: u64 = 10_000;
/// Longer than this nothing is waited for, in virtual milliseconds.
const PATIENCE_MS: u64 = 600_000;
/// How long a raid is left alone before something is measured, and by how much that differs from seed to
/// seed: announcements are as rare as they become.
const REST_MS: u64 = 300_000;
const REST_MORE_MS: u64 = 64_000;
/// How long nothing is done where that is what is measured.
const IDLE_MS: u64 = 1_800_000;
/// Names begin with any of so many.
const NAMES: usize = 600;
/// 15 January 2025, 12:00 UTC.
const EPOCH_MS: u64 = 1_736_942_400_000;

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Which versions somebody has.
    Announcement,
    /// Somebody asks for a document, or says that they will answer.
    Question,
    /// A part of a document, or a piece of one.
    Content,
    /// A piece of somebody else's part, passed on.
    PassedOn,
    /// Somebody asks for pieces that were lost.
    Repair,
    /// Which section is on screen.
    Cursor,
    /// Anything else.
    Other,
}

/// What something took.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Whether all had it in the end.
    pub is_everywhere: bool,
    /// From the act until the last one had it.
    pub virtual_seconds: f64,
    /// Frames of everybody, announcements included.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The frames by what they are about.
    pub kinds: BTreeMap<Kind, u64>,
    /// Frames of those who had it before.
    pub holder_frames: u64,
    /// Frames with questions of one who did not, at most: for a document, and for lost pieces of one.
    pub questions_max: u64,
    /// The most bytes that such a frame has.
    pub question_bytes_max: usize,
    /// What broke off the run, if anything did.
    pub failure: Option<String>,
}

/// A raid with a sheet.
#[derive(Debug)]
pub struct Raid {
    world: World,
    sheet: Sheet,
    document: DocumentId,
    dice: Dice,
}

/// Publishing to a raid in which nobody has the sheet.
#[must_use]
pub fn publish(seed: u64, loss: f64) -> (Cost, Vec<Record>) {
    let mut raid = Raid::new(seed, MEMBERS, MEMBERS);
    raid.set_loss(loss);
    raid.rest();
    let cost = raid.count(1, Raid::publish);
    (cost, raid.world.trace.into_records())
}

/// Editing a section of a sheet that all have; the section as it is then comes back, too.
#[must_use]
pub fn edit(seed: u64, loss: f64) -> (Cost, SheetSection, Vec<Record>) {
    let mut raid = Raid::with_a_sheet(seed, MEMBERS, MEMBERS);
    raid.set_loss(loss);
    let nth = raid.dice.below(SECTIONS);
    let cost = raid.count(1, |raid| raid.world.edit_sheet(0, raid.document, nth, seed));
    let mut shown = raid.world.shelf(0).get(raid.document).map(cells::sheet).unwrap_or(raid.sheet);
    (cost, shown.sections.swap_remove(nth), raid.world.trace.into_records())
}

/// Forty who have nothing join five who have the sheet.
#[must_use]
pub fn join(seed: u64, loss: f64) -> (Cost, Vec<Record>) {
    let mut raid = Raid::with_a_sheet(seed, HOLDERS + MEMBERS, HOLDERS);
    raid.set_loss(loss);
    let cost = raid.count(HOLDERS, |raid| {
        let everyone: BTreeSet<usize> = (0..raid.world.len()).collect();
        raid.world.set_group(&everyone, 0);
    });
    (cost, raid.world.trace.into_records())
}

/// So many times one turns everyone's page, [`CURSOR_MS_MAX`] apart: how long each screen took to follow,
/// in virtual milliseconds.
#[must_use]
pub fn cursor(seed: u64, loss: f64, moves: usize) -> Vec<u64> {
    let mut raid = Raid::with_a_sheet(seed, MEMBERS, MEMBERS);
    raid.set_loss(loss);
    let mut took = Vec::new();
    for _ in 0..moves {
        let (began, n_before) = (raid.world.now(), raid.world.shown().len());
        let nth = raid.dice.below(SECTIONS);
        raid.world.point(0, raid.document, nth);
        raid.world.run_until(began + CURSOR_MS_MAX);
        let section = raid.world.shelf(0).get(raid.document).map(|held| held.sections()[nth].id);
        let shown = &raid.world.shown()[n_before..];
        took.extend((1..MEMBERS).map(|member| {
            let is_it = |at: &&crate::sheets::side::Shown| {
                at.member == member && Some(at.section) == section
            };
            shown.iter().find(is_it).map_or(CURSOR_MS_MAX, |shown| shown.at - began)
        }));
    }
    took
}

/// Frames a minute of a raid that has a sheet and does nothing.
#[must_use]
pub fn idle(seed: u64) -> f64 {
    let mut raid = Raid::with_a_sheet(seed, MEMBERS, MEMBERS);
    let before = raid.world.trace.frames;
    raid.world.run_until(raid.world.now() + IDLE_MS);
    (raid.world.trace.frames - before) as f64 / (IDLE_MS as f64 / 60_000.0)
}

impl Raid {
    /// The first `grouped` of so many members are a raid. The first leads it, and has a sheet to publish.
    #[must_use]
    pub fn new(seed: u64, members: usize, grouped: usize) -> Self {
        let setup = Setup {
            seed,
            channel: ChannelProfile::retail(),
            weather: Weather::calm(),
            config: Config::default(),
            epoch_ms: EPOCH_MS,
            tell_ms: (0, 0),
            disk_ms: (2, 2),
            keeps_disks: false,
            records: true,
            watches: false,
        };
        let mut dice = Dice::for_purpose(seed, 30);
        // Whose moment comes first is drawn from names: each seed has others.
        let first = dice.below(NAMES);
        let newcomer = |member| {
            let key = SecretKey::from_seed(&dice.bytes());
            Newcomer {
                name: name(first + member),
                key,
                profiles: Profiles::default(),
                has_program: true,
            }
        };
        let mut world = World::new(setup, (0..members).map(newcomer).collect());
        world.be_without_logs();
        world.set_group(&(0..grouped).collect(), 0);
        let sheet = assignments(seed, SECTIONS);
        let title = Label::new(&sheet.title).ok();
        let document = title.map_or(DocumentId([0; 8]), |title| DocumentId::of_title(&title));
        Self { world, sheet, document, dice }
    }

    /// The same, when all in the raid have had the sheet for some minutes.
    #[must_use]
    pub fn with_a_sheet(seed: u64, members: usize, grouped: usize) -> Self {
        let mut raid = Self::new(seed, members, grouped);
        raid.rest();
        raid.count(1, Self::publish);
        raid.rest();
        raid
    }

    /// From now on each receiver misses this share of the frames.
    pub fn set_loss(&mut self, loss: f64) {
        self.world.channel.set_weather(Weather { loss, ..Weather::calm() });
    }

    fn publish(&mut self) {
        self.world.publish_sheet(0, &self.sheet, Policy::default());
    }

    fn rest(&mut self) {
        let ms = REST_MS + self.dice.between(0, REST_MORE_MS);
        self.world.run_until(self.world.now() + ms);
    }

    /// Lets something happen and counts what it takes until all in the raid have what the leader has. The
    /// first `holders` members have it before.
    fn count(&mut self, holders: usize, act: impl FnOnce(&mut Self)) -> Cost {
        let began = self.world.now();
        let n_before = self.world.trace.records().len();
        let before = (self.world.trace.frames, self.world.trace.bytes);
        let sent_before = self.world.frames_of.clone();
        act(self);
        while !self.is_everywhere() && self.world.failures.is_empty() {
            match self.world.next_at().filter(|next| *next <= began + PATIENCE_MS) {
                Some(next) => self.world.run_until(next),
                None => break,
            }
        }
        let done = self.world.now();
        self.world.run_until(done + SETTLE_MS);
        let sent = self.world.frames_of.iter().zip(sent_before).map(|(now, then)| now - then);
        let (kinds, asked) = self.kinds(n_before);
        let name_of = |member| self.world.member(member).name.as_str().to_owned();
        let joiners = (holders..self.world.len()).map(name_of);
        let asked: Vec<&(u64, usize)> = joiners.filter_map(|name| asked.get(&name)).collect();
        Cost {
            is_everywhere: self.is_everywhere(),
            virtual_seconds: (done - began) as f64 / 1000.0,
            frames: self.world.trace.frames - before.0,
            bytes: self.world.trace.bytes - before.1,
            kinds,
            holder_frames: sent.take(holders).sum(),
            questions_max: asked.iter().map(|(n, _)| *n).max().unwrap_or(0),
            question_bytes_max: asked.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0),
            failure: self.world.failures.first().cloned(),
        }
    }

    /// Whether all in the raid have what the leader has.
    fn is_everywhere(&self) -> bool {
        let digest = |member: usize| -> Option<Digest> {
            let replica: &Replica = self.world.member(member).replica()?;
            Some(replica.sheets().get(self.document)?.digest())
        };
        let leaders = digest(0);
        leaders.is_some() && self.world.group().iter().all(|member| digest(*member) == leaders)
    }

    /// How many of the frames since a record are about what; how many of each member's are questions, and
    /// the longest of those.
    fn kinds(&self, since: usize) -> (BTreeMap<Kind, u64>, BTreeMap<String, (u64, usize)>) {
        let (mut kinds, mut asked) = (BTreeMap::new(), BTreeMap::<String, (u64, usize)>::new());
        for record in &self.world.trace.records()[since..] {
            let Record::Frame { from, bytes, result, .. } = record else { continue };
            if result != "Sent" {
                continue;
            }
            let digits = |at: usize| u8::from_str_radix(bytes.get(at..at + 2)?, 16).ok();
            let frame: Vec<u8> = (0..bytes.len()).step_by(2).filter_map(digits).collect();
            let kind = kind(&frame);
            *kinds.entry(kind).or_default() += 1;
            if matches!(kind, Kind::Question | Kind::Repair) {
                let (n, longest) = asked.entry(from.clone()).or_default();
                (*n, *longest) = (*n + 1, frame.len().max(*longest));
            }
        }
        (kinds, asked)
    }
}

/// What a frame is about.
#[must_use]
pub fn kind(frame: &[u8]) -> Kind {
    let mut plain = Vec::new();
    if Alphabet::NoNul.decode(frame, &mut plain).is_err() {
        return Kind::Other;
    }
    match Frame::decode(&plain) {
        Ok(Frame::Whole { payload, .. }) => {
            match Message::from_bytes(&bytes::Bytes::copy_from_slice(payload)) {
                Ok(Message::Announce(_)) => Kind::Announcement,
                Ok(Message::Ask(_) | Message::Answering { .. }) => Kind::Question,
                Ok(Message::Part(_)) => Kind::Content,
                Ok(Message::Cursor(_)) => Kind::Cursor,
                _ => Kind::Other,
            }
        }
        Ok(Frame::First { .. } | Frame::Further { .. }) => Kind::Content,
        Ok(Frame::RelayedFirst { .. } | Frame::RelayedFurther { .. }) => Kind::PassedOn,
        Ok(Frame::Request(_)) => Kind::Repair,
        _ => Kind::Other,
    }
}
