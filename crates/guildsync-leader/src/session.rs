//! The session: one replica's part in its group, as follower, as coordinator, or alone.
//!
//! Pure: it is told events, looks at the data through [`Ctx`], and asks for actions. Coordination of
//! one profile lives in `coordination`, a member's side of it in `follow`, what a member does with a
//! message in `session::receive`; here is who is told what, and `session::lead` is who coordinates.

use guildsync_log::Segment;
use guildsync_types::{MemberName, ProfileId, Time};

use crate::announcements::{Announcements, tag};
use crate::answer::{self, Answers};
use crate::config::{Config, Pace, Ready};
use crate::coordination::{Coordination, Work};
use crate::event::{Action, Ctx, Event, Refusal};
use crate::follow::Following;
use crate::held::Held;
use crate::live::Live;
use crate::message::{Answer, Epoch, Message, Tag, To};
use crate::requests::{Asking, Requests, profile_tag};

mod announcing;
mod entries;
mod group;
mod lead;
mod receive;

use announcing::Leading;
use group::Group;

/// Leader-coordinated log sync as one member of a group lives it.
#[derive(Debug, Clone)]
pub struct Session {
    me: MemberName,
    config: Config,
    pace: Pace,
    enabled: bool,
    group: Option<Group>,
    /// The newest epoch seen in this group.
    epoch: Option<Epoch>,
    /// The newest epoch that was begun by hand: its coordinator need not be the leader.
    manual: Option<Epoch>,
    leading: Option<Leading>,
    announcements: Announcements,
    following: Following,
    requests: Requests,
    answers: Answers,
    held: Held,
    live: Live,
    /// When the coordinator, or the group if nobody coordinates yet, was last heard of.
    heard: Time,
    /// When this member last corrected a coordinator of the past.
    corrected: Time,
    /// How often this member took back what somebody else coordinated, and since when.
    insisted: (u32, Time),
}

impl Session {
    /// A session of member `me`, not in a group yet.
    #[must_use]
    pub fn new(me: MemberName, config: Config) -> Self {
        Self {
            me,
            config,
            pace: Pace::default(),
            enabled: true,
            group: None,
            epoch: None,
            manual: None,
            leading: None,
            announcements: Announcements::default(),
            following: Following::default(),
            requests: Requests::default(),
            answers: Answers::default(),
            held: Held::default(),
            live: Live::default(),
            heard: Time(0),
            corrected: Time(0),
            insisted: (0, Time(0)),
        }
    }

    /// Says what the channel is like.
    pub fn use_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// The policies.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Takes in one event and appends what is to be done.
    pub fn step(&mut self, ctx: Ctx<'_>, event: Event, out: &mut Vec<Action>) {
        match event {
            Event::GroupChanged { members, leader } => {
                self.group_changed(ctx, Group::new(&self.me, members, leader), out);
            }
            Event::Left => self.leave(),
            Event::Received { from, message } => self.received(ctx, from, message, out),
            Event::Piece { from } => self.piece(ctx, &from),
            Event::Unreachable(member) => self.requests.unreachable(&member, ctx.now),
            Event::Appended { profile, segment } => self.appended(ctx, profile, &segment, out),
            Event::Accepted { from, profile, request, outcome } => {
                self.accepted(ctx, &from, profile, request, &outcome, out);
            }
            Event::Switched => self.switched(ctx, out),
            Event::ManualSync => self.manual_sync(ctx, out),
            Event::SetEnabled(enabled) => self.set_enabled(ctx, enabled, out),
            Event::Tick => {}
        }
        self.advance(ctx, out);
    }

    /// When [`Event::Tick`] is due, if ever.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let leading = self.leading.iter().flat_map(|l| l.profiles.values());
        let mine = [
            self.requests.deadline(),
            self.following.deadline(),
            self.held.deadline(),
            self.live.deadline(),
            self.takeover_at(),
        ];
        leading.filter_map(Coordination::deadline).chain(mine.into_iter().flatten()).min()
    }

    /// Whether nothing is awaited but heartbeats: no answer, no turn, no repetition.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let mut leading = self.leading.iter().flat_map(|l| l.profiles.values());
        leading.all(Coordination::is_settled)
            && self.requests.is_empty()
            && self.following.is_settled()
            && self.held.is_empty()
            && self.live.is_empty()
    }

    /// Who coordinates, as far as this member knows.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// Whether this member coordinates.
    #[must_use]
    pub fn is_coordinator(&self) -> bool {
        self.leading.is_some()
    }

    /// Why this member takes no part, if so.
    fn off(&self) -> Option<Refusal> {
        match self.config.ready {
            _ if !self.enabled => Some(Refusal::Disabled),
            Ready::Ungrouped => Some(Refusal::NotReady),
            Ready::Grouped | Ready::Anywhere => None,
        }
    }

    fn is_grouped(&self) -> bool {
        self.group.as_ref().is_some_and(Group::is_shared)
    }

    fn appended(
        &mut self,
        ctx: Ctx<'_>,
        profile: ProfileId,
        segment: &Segment,
        out: &mut Vec<Action>,
    ) {
        let Some(log) =
            ctx.profiles.get(&profile).filter(|_| self.off().is_none() && self.is_grouped())
        else {
            return;
        };
        let frame = self.pace.frame_bytes;
        let Some(batch) = answer::live(log, &self.announcements, segment, frame, &self.config)
        else {
            return;
        };
        let message = Message::LogEntry { profile: profile_tag(profile), batch };
        let again = (self.config.repeat_ms > 0).then_some(ctx.now + self.config.repeat_ms);
        self.live.say(message, again, out);
        self.group_heard(profile, std::slice::from_ref(segment));
    }

    /// A piece of something longer arrived: whoever sends it is busy, not silent.
    fn piece(&mut self, ctx: Ctx<'_>, from: &MemberName) {
        if self.epoch.as_ref().is_some_and(|epoch| epoch.coordinator == *from) {
            self.heard = ctx.now;
        }
        let deadline = ctx.now + self.config.answer_ms;
        self.requests.progress(from, deadline);
        self.held.progress(deadline);
        self.following.progress(ctx.now, &self.config);
    }

    fn advance(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        self.live.advance(ctx.now, out);
        for silent in self.requests.advance(ctx.now, &self.config, out) {
            for coordination in self.leading.iter_mut().flat_map(|l| l.profiles.values_mut()) {
                coordination.did_not_send(&silent, out);
            }
        }
        self.follow_up(ctx, out);
        self.ask_for_held(ctx, out);
        self.take_over(ctx, out);
        self.lead(ctx, out);
    }

    /// Says again what differs; where the coordinator does not send it, others are asked.
    fn follow_up(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let announcements = &self.announcements;
        let log = |profile| ctx.profiles.get(&profile);
        let known = |at| announcements.get(at);
        let given_up = self.following.advance(ctx.now, &self.config, log, known, out);
        for (profile, at) in given_up {
            let (Some(log), Some(known)) = (log(profile), self.announcements.get(at)) else {
                continue;
            };
            let mine = log.frontier();
            let theirs = known.changed(&Default::default(), &mine);
            let lacking = mine.lacks(&theirs.frontier);
            let lacking = lacking.map(|(w, first, _)| (tag(&mine, w), first));
            let wants: Vec<(Tag, u64)> =
                lacking.chain(theirs.unknown.iter().map(|&(tag, _)| (tag, 1))).collect();
            let mut others = self.others();
            if wants.is_empty() || others.is_empty() {
                continue;
            }
            let asking = Asking { of: others.remove(0), wants, others };
            let deadline = ctx.now + self.config.answer_ms;
            let me = Answer::Me;
            self.requests.ask(log, vec![asking], me, None, deadline, out);
        }
    }

    /// Coordinates, if this member does, and sends the announcements that are due.
    fn lead(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let Some(mut leading) = self.leading.take() else { return };
        self.take_on(ctx, &mut leading, out);
        let mut due = Vec::new();
        for (id, coordination) in &mut leading.profiles {
            let Some(mut work) = self.work(ctx, *id, out) else { continue };
            let before = sends(work.out);
            let announces = coordination.advance(&mut work);
            let n_sent = sends(work.out) - before + announces.len();
            coordination.count(n_sent);
            due.extend(announces.into_iter().map(|announce| (*id, announce)));
        }
        for (id, announce) in due {
            self.announce(ctx, &mut leading, id, announce, out);
        }
        let over = |c: &Coordination| {
            c.is_draining() && c.deadline().is_none() && !self.requests.concerns(c.profile())
        };
        self.leading = (!leading.profiles.values().all(over)).then_some(leading);
    }

    /// What a coordination of a profile works with; `leading` must have been taken out.
    fn work<'a>(
        &'a mut self,
        ctx: Ctx<'a>,
        profile: ProfileId,
        out: &'a mut Vec<Action>,
    ) -> Option<Work<'a>> {
        Some(Work {
            now: ctx.now,
            log: ctx.profiles.get(&profile)?,
            config: &self.config,
            pace: self.pace,
            backlog: ctx.backlog,
            announcements: &self.announcements,
            requests: &mut self.requests,
            out,
        })
    }

    /// Lets the coordination of a profile do something, if this member coordinates it.
    fn with_coordination(
        &mut self,
        ctx: Ctx<'_>,
        profile: ProfileId,
        out: &mut Vec<Action>,
        act: impl FnOnce(&mut Coordination, &mut Work<'_>),
    ) {
        let Some(mut leading) = self.leading.take() else { return };
        if let Some(coordination) = leading.profiles.get_mut(&profile)
            && let Some(mut work) = self.work(ctx, profile, out)
        {
            let before = sends(work.out);
            act(coordination, &mut work);
            coordination.count(sends(work.out) - before);
        }
        self.leading = Some(leading);
    }

    /// The other members, in the order in which this one asks them for help.
    fn others(&self) -> Vec<MemberName> {
        self.group.as_ref().map_or_else(Vec::new, |group| group.others(&self.me))
    }

    fn group_heard(&mut self, profile: ProfileId, segments: &[Segment]) {
        if let Some(leading) = &mut self.leading
            && let Some(coordination) = leading.profiles.get_mut(&profile)
        {
            coordination.group_heard(segments);
        }
    }

    fn send(to: &MemberName, message: Message, out: &mut Vec<Action>) {
        out.push(Action::Send { to: To::Member(to.clone()), message });
    }
}

fn sends(out: &[Action]) -> usize {
    out.iter().filter(|action| matches!(action, Action::Send { .. })).count()
}
