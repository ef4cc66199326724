//! The machine: table sync of one member. It knows who is there, whose turn it is, and which message
//! belongs to which session; what is said in a session is in [`Session`].

mod messages;
mod presence;
mod users;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use guildsync_types::{MemberName, Time};

use crate::config::{Config, Mode, Ready};
use crate::event::{Action, Ctx, Event, To};
use crate::log::Step;
use crate::message::{Busy, Done, Message, Refused, SessionId, Status};
use crate::name::GuildName;
use crate::report::{Failure, Outcome, Side};
use crate::saved::Saved;
use crate::session::{Frame, Phase, Session, Turn};

/// Sessions that are over and whose last word may have been lost.
const ENDED_MAX: usize = 32;

/// Table sync of one member.
///
/// A pure machine: events in, actions out, and no clock of its own. Nothing happens before
/// [`Event::Guild`] has said which guild the member is in.
#[derive(Debug)]
pub struct TableSync {
    me: MemberName,
    config: Config,
    saved: Saved,
    guild: Option<GuildName>,
    online: BTreeSet<MemberName>,
    fighting: bool,
    grouped: bool,
    frame: Frame,
    /// Whom to sync with next, and how far back.
    queue: VecDeque<(MemberName, Mode)>,
    sessions: BTreeMap<MemberName, Session>,
    /// Sessions of the other side's that are over: what it is told if it asks once more.
    ended: VecDeque<Ended>,
    n_sessions: u32,
}

/// A session that is over, as this side answered it.
#[derive(Debug)]
struct Ended {
    peer: MemberName,
    session: SessionId,
    round: u8,
    next: u32,
    done: Done,
}

impl TableSync {
    /// The sync of member `me`; `saved` is what an earlier run left behind.
    #[must_use]
    pub fn new(me: MemberName, config: Config, saved: Saved) -> Self {
        Self {
            me,
            config,
            saved,
            guild: None,
            online: BTreeSet::new(),
            fighting: false,
            grouped: false,
            frame: Frame { bytes: usize::MAX, ms: 0 },
            queue: VecDeque::new(),
            sessions: BTreeMap::new(),
            ended: VecDeque::new(),
            n_sessions: 0,
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

    /// Changes the policies; sessions that run go by the new ones from their next step on.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Says what the channel carries: how many bytes of a message a frame has, and how long one takes once
    /// the first burst is spent, in milliseconds.
    pub fn use_frame(&mut self, bytes: usize, ms: u64) {
        self.frame = Frame { bytes, ms };
    }

    /// What has to be kept from run to run: unfinished sessions, when each member was synced, the logs.
    #[must_use]
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// With whom a session runs, on which side.
    pub fn running(&self) -> impl Iterator<Item = (&MemberName, Side)> {
        self.sessions.iter().map(|(peer, session)| (peer, session.side))
    }

    /// Takes in one event and appends what is to be done.
    pub fn step(&mut self, ctx: Ctx<'_>, event: Event, out: &mut Vec<Action>) {
        match event {
            Event::Guild(guild) => self.guild = Some(guild),
            Event::Online(members) => self.set_online(ctx, members, out),
            Event::Situation { fighting, grouped } => {
                (self.fighting, self.grouped) = (fighting, grouped);
            }
            Event::Start { with, mode } => self.start(ctx, with, mode, out),
            Event::Reset => self.reset(ctx, out),
            Event::Ask => {
                if self.guild.is_some() {
                    let message = Message::WhoIsOnline { status: self.status() };
                    out.push(Action::Send { to: To::Everyone, message });
                }
            }
            Event::Received { from, message } => self.received(ctx, from, message, out),
            Event::Piece { from } => {
                if let Some(session) = self.sessions.get_mut(&from) {
                    session.hear(ctx.now);
                }
            }
            Event::Unreachable(member) => {
                self.with(ctx, &member, out, |_, _| Some(Outcome::Failed(Failure::Gone)));
            }
            Event::Merged { from, session, merges } => {
                self.with(ctx, &from, out, |turn, one| match one.id == session {
                    true => one.merged(turn, &merges),
                    false => None,
                });
            }
            Event::Tick => {}
        }
        self.tick(ctx, out);
        self.next_user(ctx, out);
    }

    /// When [`Event::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.sessions.values().map(|one| one.deadline(&self.config, self.frame)).min()
    }

    /// Whether no session runs and none waits for its turn.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let lingers = |one: &Session| one.phase == Phase::Lingering;
        self.queue.is_empty() && self.sessions.values().all(lingers)
    }

    /// How this member is.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.busy_at_all() {
            Some(why) => Status::Busy(why),
            None if self.n_active(None) >= self.config.sessions => Status::Busy(Busy::Syncing),
            None => Status::Ready,
        }
    }

    /// Why this member syncs with nobody now.
    fn busy_at_all(&self) -> Option<Busy> {
        match self.config.ready {
            _ if !self.config.enabled => Some(Busy::Disabled),
            _ if self.fighting => Some(Busy::Fighting),
            Ready::Ungrouped if self.grouped => Some(Busy::Grouped),
            Ready::Grouped if !self.grouped => Some(Busy::Ungrouped),
            _ => None,
        }
    }

    /// Sessions under way, but for the one with `but`.
    fn n_active(&self, but: Option<&MemberName>) -> usize {
        let counts = |(peer, one): (&MemberName, &Session)| {
            Some(peer) != but && one.phase != Phase::Lingering
        };
        self.sessions.iter().filter(|one| counts(*one)).count()
    }

    fn tick(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let is_due = |one: &Session| one.deadline(&self.config, self.frame) <= ctx.now;
        let due: Vec<MemberName> =
            self.sessions.iter().filter(|(_, one)| is_due(one)).map(|(p, _)| p.clone()).collect();
        for peer in due {
            self.with(ctx, &peer, out, |turn, one| one.tick(turn));
        }
    }

    /// Lets a session do something; if that ends it, it is over.
    fn with(
        &mut self,
        ctx: Ctx<'_>,
        peer: &MemberName,
        out: &mut Vec<Action>,
        act: impl FnOnce(&mut Turn<'_, '_>, &mut Session) -> Option<Outcome>,
    ) {
        let Some(mut session) = self.sessions.remove(peer) else { return };
        let Some(own) = &self.guild else { return };
        let Self { me, config, frame, saved, .. } = self;
        let mut turn = Turn { ctx, me, own, config, frame: *frame, logs: &mut saved.logs, out };
        match act(&mut turn, &mut session) {
            None => {
                if let Some(kept) = self.saved.unfinished.get_mut(peer)
                    && session.side == Side::Initiator
                    && kept.round != session.round
                {
                    *kept = session.unfinished();
                    out.push(Action::Save);
                }
                self.sessions.insert(peer.clone(), session);
            }
            Some(outcome) => self.finish(ctx, session, outcome, out),
        }
    }

    fn finish(
        &mut self,
        ctx: Ctx<'_>,
        mut session: Session,
        outcome: Outcome,
        out: &mut Vec<Action>,
    ) {
        let peer = session.peer.clone();
        if let Some((round, next, done)) = session.last_word() {
            self.ended.retain(|ended| ended.peer != peer);
            let (peer, session) = (peer.clone(), session.id);
            self.ended.push_back(Ended { peer, session, round, next, done });
            while self.ended.len() > ENDED_MAX {
                self.ended.pop_front();
            }
        }
        if outcome == Outcome::Complete {
            self.saved.synced.insert(peer.clone(), ctx.clock);
        }
        let is_interrupted =
            matches!(outcome, Outcome::Failed(Failure::Silent | Failure::Gone | Failure::Busy(_)));
        if session.side == Side::Initiator {
            match is_interrupted && session.began_anything() {
                true => self.saved.unfinished.insert(peer, session.unfinished()),
                false => self.saved.unfinished.remove(&peer),
            };
        }
        session.report.took_ms = ctx.now.since(session.began);
        session.report.outcome = outcome;
        if let Some(own) = &self.guild {
            let Self { me, config, frame, saved, .. } = self;
            let mut turn = Turn { ctx, me, own, config, frame: *frame, logs: &mut saved.logs, out };
            session.log(&mut turn, Step::Complete, session.report.outcome.to_string());
        }
        out.push(Action::Save);
        out.push(Action::Finished(Box::new(session.report)));
    }

    fn reset(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        self.queue.clear();
        for (peer, session) in std::mem::take(&mut self.sessions) {
            let message = Message::Close { session: session.id, why: Refused::Reset };
            out.push(Action::Send { to: To::Member(peer), message });
            self.finish(ctx, session, Outcome::Failed(Failure::Reset), out);
        }
        self.saved.unfinished.clear();
        out.push(Action::Save);
    }
}
