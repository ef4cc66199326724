//! The machine: section sync of one member.
//!
//! Whoever writes sends it to the raid; whoever hears of a version that is not here asks the one that has
//! it; what is asked for once is answered to all. Announcements ([`trickle`]) find whatever was lost.

mod announce;
mod cursor;
mod known;
mod members;
mod serve;
mod spread;
mod take;
mod trickle;
mod want;
mod whole;

use std::collections::{BTreeMap, VecDeque};

use guildsync_types::hash::Domain;
use guildsync_types::{Digest, Hash, MemberName, Time};

use crate::config::Config;
use crate::document::MergeError;
use crate::event::{Action, Ctx, Event, Refusal, To};
use crate::message::{Ask, Message, What};
use crate::name::DocumentId;
use crate::rights::Raid;
use crate::saved::Saved;
use crate::version::Version;
use cursor::Pointing;
use known::Known;
use serve::{Overheard, Serving};
use spread::{Streaming, Unsaid};
use take::Incoming;
use trickle::Trickle;
use want::Want;

/// The most documents of which anything is remembered.
const KNOWN_MAX: usize = 64;

/// Section sync of one member.
///
/// A pure machine: events in, actions out, and no clock of its own. Without a raid it does nothing.
#[derive(Debug)]
pub struct SectionSync {
    me: MemberName,
    config: Config,
    saved: Saved,
    raid: Raid,
    /// Bytes of a message that one frame carries.
    frame_bytes: usize,
    /// How long one frame takes once the first burst is spent, in milliseconds.
    frame_ms: u64,
    known: BTreeMap<DocumentId, Known>,
    /// `None` without a raid.
    trickle: Option<Trickle>,
    /// When to announce what was just written, for whoever missed it.
    confirm: Vec<Time>,
    /// When the last piece of something came from whom.
    pieces: BTreeMap<MemberName, Time>,
    /// What this member wrote and has not said yet.
    unsaid: BTreeMap<DocumentId, Unsaid>,
    /// What is being sent to all.
    streaming: Vec<Streaming>,
    /// Questions to others that they answer to all.
    overheard: VecDeque<Overheard>,
    /// Versions of others that are wanted here.
    wants: BTreeMap<DocumentId, Want>,
    /// Streams of others of which something came.
    incoming: BTreeMap<(MemberName, DocumentId, u16), Incoming>,
    /// What is taken into the shelf now, and of which version it is all.
    taking: VecDeque<(DocumentId, Option<Digest>)>,
    /// What others asked for and is answered here unless somebody else does.
    serving: Vec<Serving>,
    /// Which answers went lately: who asked for what, and when that was answered.
    answered: VecDeque<(Time, MemberName, Hash)>,
    /// Who was told lately that something is refused.
    told: VecDeque<(Time, MemberName, DocumentId)>,
    pointing: Pointing,
    n_streams: u16,
    n_draws: u64,
}

impl SectionSync {
    /// The sync of member `me`; `saved` is what an earlier run left behind.
    #[must_use]
    pub fn new(me: MemberName, config: Config, saved: Saved) -> Self {
        Self {
            me,
            config,
            saved,
            raid: Raid::default(),
            frame_bytes: usize::MAX,
            frame_ms: 0,
            known: BTreeMap::new(),
            trickle: None,
            confirm: Vec::new(),
            pieces: BTreeMap::new(),
            unsaid: BTreeMap::new(),
            streaming: Vec::new(),
            overheard: VecDeque::new(),
            wants: BTreeMap::new(),
            incoming: BTreeMap::new(),
            taking: VecDeque::new(),
            serving: Vec::new(),
            answered: VecDeque::new(),
            told: VecDeque::new(),
            pointing: Pointing::default(),
            n_streams: 0,
            n_draws: 0,
        }
    }

    /// Who this is.
    #[must_use]
    pub fn me(&self) -> &MemberName {
        &self.me
    }

    /// The policies.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Changes the policies.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Says what the channel carries: how many bytes of a message a frame has, and how long one takes once
    /// the first burst is spent, in milliseconds.
    pub fn use_frame(&mut self, bytes: usize, ms: u64) {
        (self.frame_bytes, self.frame_ms) = (bytes, ms);
    }

    /// What has to be kept from run to run.
    #[must_use]
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// The raid as it is known.
    #[must_use]
    pub fn raid(&self) -> &Raid {
        &self.raid
    }

    /// Takes in one event and appends what is to be done.
    pub fn step(&mut self, ctx: Ctx<'_>, event: Event, out: &mut Vec<Action>) {
        self.notice(ctx);
        match event {
            Event::Raid(raid) => self.set_raid(ctx, raid),
            Event::Edited(document) => self.edited(ctx, document, out),
            Event::Point { document, section } => self.point(ctx, document, section, out),
            Event::Fetch { document, what } => self.fetch(ctx, document, what, out),
            Event::Received { from, message } if self.takes_part() => {
                self.received(ctx, from, message, out);
            }
            Event::Received { .. } => {}
            Event::Piece { from } => {
                if self.raid.members.contains(&from) {
                    self.pieces.insert(from, ctx.now);
                }
            }
            Event::Taken { document, result } => self.taken(ctx, document, result, out),
            Event::Tick => {}
        }
        self.tick(ctx, out);
    }

    fn received(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        message: Message,
        out: &mut Vec<Action>,
    ) {
        match message {
            Message::Announce(list) => self.heard_announcement(ctx, &from, &list),
            Message::Ask(ask) => self.asked(ctx, &from, ask, out),
            Message::Answering { document, target, asker } => {
                self.somebody_answers(ctx, &from, document, target, &asker);
            }
            Message::Part(part) => self.heard_part(ctx, from, part, out),
            Message::Cursor(cursor) => self.heard_cursor(ctx, from, cursor, out),
            Message::Later { stamp, seconds } => {
                self.heard_of_later(ctx, &from, stamp, seconds, out);
            }
            Message::Refused { document, deed, who } => {
                out.push(Action::Refuse { from, why: Refusal::RefusedBy { document, deed, who } });
            }
        }
    }

    /// When [`Event::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        if !self.takes_part() {
            return None;
        }
        // Without a moment to announce it takes part again after a pause: at once.
        let trickle = Some(self.trickle.as_ref().map_or(Time(0), Trickle::deadline));
        let unsaid = self.unsaid.values().map(|unsaid| unsaid.due);
        let wants = self.wants.values().map(|want| want.due);
        let serving = self.serving.iter().map(|one| one.due);
        let times = wants.chain(serving).chain(trickle).chain(self.confirm.iter().copied());
        times.chain(unsaid).chain(self.pointing.deadline()).min()
    }

    /// Whether nothing is under way: nothing wanted, nothing half received, nothing to be said but
    /// announcements.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let is_said = self.unsaid.is_empty() && self.confirm.is_empty();
        let is_quiet = is_said && self.pointing.is_quiet();
        is_quiet && self.wants.is_empty() && self.serving.is_empty() && self.taking.is_empty()
    }

    fn tick(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        if !self.takes_part() {
            return;
        }
        if self.trickle.is_none() {
            self.start_announcing(ctx.now);
            self.point_again(ctx.now);
        }
        self.tick_unsaid(ctx, out);
        self.tick_announcements(ctx, out);
        self.tick_wants(ctx, out);
        self.tick_serving(ctx, out);
        self.tick_cursor(ctx, out);
    }

    /// Takes note of what is on the shelf.
    fn notice(&mut self, ctx: Ctx<'_>) {
        for document in ctx.shelf.iter() {
            self.known.entry(document.id()).or_default().is_now(document);
        }
        let is_of_use = |id: &DocumentId, known: &Known| {
            ctx.shelf.get(*id).is_some() || self.wants.contains_key(id) || known.is_warned()
        };
        self.known.retain(|id, known| is_of_use(id, known));
        // Nothing is read in the light of what was thrown away here, and nothing of it is part of ours.
        let gone = self.known.iter_mut().filter(|(id, _)| ctx.shelf.get(**id).is_none());
        gone.for_each(|(_, known)| known.is_gone());
        for (id, want) in &mut self.wants {
            if ctx.shelf.get(*id).is_none() {
                want.forget_what_was_here();
            }
        }
        while self.known.len() > KNOWN_MAX {
            let strange = self.known.keys().find(|id| ctx.shelf.get(**id).is_none()).copied();
            let Some(strange) = strange else { break };
            self.known.remove(&strange);
        }
    }

    /// The user asks for a document, or a part of it.
    fn fetch(&mut self, ctx: Ctx<'_>, document: DocumentId, what: What, out: &mut Vec<Action>) {
        if !self.takes_part() {
            return out.push(Action::Refuse { from: self.me.clone(), why: Refusal::NoRaid });
        }
        let base = ctx.shelf.get(document).map(|held| held.digest());
        let ask = Ask { document, target: None, base, whom: None, what };
        out.push(Action::Send { to: To::Raid, message: Message::Ask(ask) });
    }

    /// Takes versions into the shelf; they are all of version `whole`, if that is known.
    fn take(
        &mut self,
        document: DocumentId,
        versions: Vec<Version>,
        whole: Option<Digest>,
        out: &mut Vec<Action>,
    ) {
        self.taking.push_back((document, whole));
        out.push(Action::Take { document, versions });
    }

    /// What was taken is durable, or was not taken.
    fn taken(
        &mut self,
        ctx: Ctx<'_>,
        document: DocumentId,
        result: Result<bool, MergeError>,
        out: &mut Vec<Action>,
    ) {
        let at = self.taking.iter().position(|(taken, _)| *taken == document);
        let whole = at.and_then(|at| self.taking.remove(at)).and_then(|(_, whole)| whole);
        let Some(held) = ctx.shelf.get(document).filter(|_| result.is_ok()) else {
            if let Err(why) = result {
                let why = Refusal::NotTaken { document, why };
                out.push(Action::Refuse { from: self.me.clone(), why });
            }
            self.wants.remove(&document);
            return;
        };
        let digest = held.digest();
        if result == Ok(true) {
            out.push(Action::Changed { document, digest });
        }
        if let Some(whole) = whole {
            self.known.entry(document).or_default().absorb(whole);
            if self.saved.clear(document) {
                out.push(Action::Save);
            }
            self.finish(ctx, document, out);
            if whole == digest {
                // Whoever sent it said it to all: nobody needs to say it again.
                self.trickle.iter_mut().for_each(Trickle::heard);
            } else {
                // The other side lacks something of ours.
                self.start_announcing(ctx.now);
            }
        }
        self.follow_pending(ctx, document, out);
        self.point_to_new_version(ctx, document, digest);
    }

    /// A number that differs from member to member and from draw to draw, and is the same in every run.
    fn draw(&mut self) -> u64 {
        self.n_draws += 1;
        let hash = Hash::of(Domain::Version).with(self.me.folded().as_bytes());
        u64::from_le_bytes(hash.with(&self.n_draws.to_le_bytes()).finish().digest().0)
    }

    /// A moment within what the raid's size spreads its members over.
    fn some_time(&mut self) -> u64 {
        let spread = self.config.times.spread_each * self.raid.members.len() as u64;
        self.draw() % spread.max(1)
    }
}
