//! Coordination of one profile: who has answered, whom to ask, what to send to whom.
//!
//! Every member goes through [`Stage`]s. Under both plans nobody waits for a silent member longer
//! than its first timeout; it is announced to again some times and otherwise passed over, until it
//! says something.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use guildsync_log::{Frontier, Log, Segment};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, ProfileId, Time};

use crate::announcements::{Announcement, Announcements};
use crate::config::{Config, Pace, SyncPlan};
use crate::event::{Action, Backlog, Outcome, Report, Stage};
use crate::message::{Message, To};
use crate::policy::Policies;
use crate::requests::{Requests, later};

mod heartbeat;
mod member;
mod replies;
mod serve;

use heartbeat::Heartbeat;
use member::Member;

/// How long summaries are gathered once the first window has passed, in milliseconds.
const GATHER_MS: u64 = 150;
/// How long announcements wait for one another while bulk waits for the channel, in milliseconds.
const AFTER_BACKLOG_MS: u64 = 500;
/// How long nobody may answer before the first window closes, in milliseconds.
const QUIET_MS: u64 = 400;

#[derive(Debug, Clone)]
pub(crate) struct Coordination {
    profile: ProfileId,
    term: u64,
    me: MemberName,
    /// The plan that those who are being served are served by.
    plan: SyncPlan,
    started: Time,
    /// Until when the first summaries are awaited; it closes early once none has come for a while.
    window: Time,
    /// When to serve those who are queued.
    serve_at: Option<Time>,
    members: BTreeMap<MemberName, Member>,
    /// Those whose turn has not come, first come first.
    queue: VecDeque<MemberName>,
    /// Those whose turn came while what they were sent before still waited here.
    deferred: BTreeSet<MemberName>,
    /// The queue pauses until then.
    resume_at: Option<Time>,
    /// What went to the group and may still be on its way.
    broadcasts: Vec<Broadcast>,
    heartbeat: Heartbeat,
    draining: bool,
    report: Report,
    reported: bool,
}

/// Entries that went to the group.
#[derive(Debug, Clone)]
struct Broadcast {
    /// Whoever holds this can read them,
    base: Frontier,
    /// and then holds this.
    reaches: Frontier,
    sent: Time,
    until: Time,
}

/// What a step may look at and use.
pub(crate) struct Work<'a> {
    pub(crate) now: Time,
    pub(crate) log: &'a Log,
    pub(crate) config: &'a Config,
    pub(crate) pace: Pace,
    pub(crate) backlog: Backlog<'a>,
    pub(crate) announcements: &'a Announcements,
    pub(crate) requests: &'a mut Requests,
    pub(crate) out: &'a mut Vec<Action>,
}

/// An announcement that is due: the session numbers and sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announce {
    pub(crate) to: To,
    /// Whether also those are to answer who confirmed before.
    pub(crate) answer: bool,
    /// Whether the profile is named in full.
    pub(crate) whole: bool,
}

impl Coordination {
    pub(crate) fn new(log: &Log, term: u64, me: &MemberName, now: Time, config: &Config) -> Self {
        let profile = log.profile().id;
        Self {
            profile,
            term,
            me: me.clone(),
            plan: Policies::of(log, config).plan,
            started: now,
            window: now + config.collect_ms,
            serve_at: None,
            members: BTreeMap::new(),
            queue: VecDeque::new(),
            deferred: BTreeSet::new(),
            resume_at: None,
            broadcasts: Vec::new(),
            heartbeat: Heartbeat::new(now, config),
            draining: false,
            report: Report { profile, ..Report::default() },
            reported: false,
        }
    }

    /// Waits for the summary of a member that was told of what lies up to `announced`.
    pub(crate) fn expect(
        &mut self,
        member: MemberName,
        announced: Frontier,
        now: Time,
        config: &Config,
    ) {
        let fresh = Member {
            stage: Stage::Awaited,
            frontier: announced,
            unknown: Vec::new(),
            forked: Vec::new(),
            deadline: Some(now + config.collect_ms),
            attempt: 1,
            since: now,
            busy_until: now,
        };
        self.members.insert(member, fresh);
        self.reported = false;
    }

    /// A member left: it comes back as a new one.
    pub(crate) fn forget(&mut self, member: &MemberName) {
        self.members.remove(member);
        self.unqueue(member);
    }

    pub(crate) fn drain(&mut self) {
        self.draining = true;
        self.serve_at = None;
        self.queue.clear();
        self.deferred.clear();
        self.heartbeat.stop();
        self.members.retain(|_, member| member.stage == Stage::Current);
    }

    pub(crate) fn profile(&self) -> ProfileId {
        self.profile
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining
    }

    /// Whether nothing is awaited but heartbeats.
    pub(crate) fn is_settled(&self) -> bool {
        self.queue.is_empty()
            && self.serve_at.is_none()
            && self.members.values().all(|m| matches!(m.stage, Stage::Done | Stage::Silent))
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        let members = self.members.values().filter_map(|member| member.deadline);
        let pause = self.resume_at.filter(|_| !self.queue.is_empty());
        let serve = self.serve_at.into_iter().chain(self.heartbeat.due());
        members.chain(pause).chain(serve).min()
    }

    /// So many messages were sent for this coordination.
    pub(crate) fn count(&mut self, n_messages: usize) {
        self.report.n_messages += n_messages as u64;
    }

    /// Segments were heard that went to the group: its members have them too.
    pub(crate) fn group_heard(&mut self, segments: &[Segment]) {
        segments.iter().for_each(|segment| self.group_has(segment));
    }

    /// What was sent to this coordinator is merged and durable; `from` has it.
    pub(crate) fn accepted(
        &mut self,
        work: &mut Work<'_>,
        from: &MemberName,
        request: u32,
        outcome: &Outcome,
    ) {
        self.report.n_received += outcome.added.values().map(|(a, b)| b - a + 1).sum::<u64>();
        self.report.n_refused += outcome.n_refused as u64;
        if let Some(member) = self.members.get_mut(from) {
            // Of what it sent it can lack nothing.
            for (&writer, &(_, last)) in &outcome.added {
                member.frontier.set(writer, last.max(member.frontier.last(writer)));
            }
        }
        if !outcome.added.is_empty() {
            let mine = work.log.frontier();
            self.members.values_mut().for_each(|member| member.learn(&mine));
            self.heartbeat.changed(work.now, work.config);
        }
        if request != 0 && matches!(self.plan, SyncPlan::Queue { .. }) {
            self.say_again(work, outcome);
        }
        // What a member was asked for may have come from somebody else.
        let has_sent = |(name, member): &(&MemberName, &Member)| {
            member.stage == Stage::Current && !work.requests.is_of(self.profile, name)
        };
        let done: Vec<MemberName> =
            self.members.iter().filter(has_sent).map(|(name, _)| name.clone()).collect();
        done.iter().for_each(|name| self.stage(name, Stage::Done, work.out));
        if self.plan == SyncPlan::Broadcast && !self.draining {
            self.queue_those_behind(work);
        }
    }

    /// What is new here and was not heard by the group is new to others.
    fn queue_those_behind(&mut self, work: &mut Work<'_>) {
        let mine = work.log.frontier();
        let lacks = |m: &Member| m.stage == Stage::Done && m.frontier.n_lacking(&mine) > 0;
        let behind: Vec<MemberName> =
            self.members.iter().filter(|(_, m)| lacks(m)).map(|(name, _)| name.clone()).collect();
        for name in behind {
            self.queue.push_back(name.clone());
            self.stage(&name, Stage::Queued, work.out);
            self.serve_at = Some(self.serve_at.unwrap_or(work.now + GATHER_MS));
        }
    }

    /// Does what is due; returns the announcements to send.
    pub(crate) fn advance(&mut self, work: &mut Work<'_>) -> Vec<Announce> {
        let mut announces = self.announce_again(work);
        self.go_by_policy(work);
        match self.plan {
            SyncPlan::Queue { at_once, pause_ms } => {
                self.serve_at = None;
                self.serve_in_turn(work, at_once.max(1), pause_ms);
            }
            SyncPlan::Broadcast => self.serve_together(work),
        }
        let busy = |m: &Member| !matches!(m.stage, Stage::Done | Stage::Silent);
        let over = !work.requests.concerns(self.profile) && !self.members.values().any(busy);
        if over && !self.reported {
            self.reported = true;
            self.report.took_ms = work.now.since(self.started);
            let at = |stage| {
                let there = self.members.iter().filter(move |(_, m)| m.stage == stage);
                there.map(|(name, _)| name.clone()).collect()
            };
            (self.report.done, self.report.silent) = (at(Stage::Done), at(Stage::Silent));
            work.out.push(Action::Finished(self.report.clone()));
        }
        if self.heartbeat.is_due(work.now, work.backlog.frames, work.config) {
            announces.push(Announce { to: To::Group, answer: false, whole: false });
        }
        announces
    }

    /// Takes up the plan that the profile's policy says, once nobody is in the middle of the old one.
    fn go_by_policy(&mut self, work: &Work<'_>) {
        let plan = Policies::of(work.log, work.config).plan;
        if plan != self.plan && self.is_settled() {
            self.plan = plan;
            self.resume_at = None;
        }
    }

    /// Announces once more to those who have not answered, together where they are several.
    fn announce_again(&mut self, work: &mut Work<'_>) -> Vec<Announce> {
        let overdue = |m: &Member| m.deadline.is_some_and(|deadline| deadline <= work.now);
        let late: Vec<MemberName> =
            self.members.iter().filter(|(_, m)| overdue(m)).map(|(n, _)| n.clone()).collect();
        let mut again = BTreeSet::new();
        for name in late {
            if work.backlog.frames > 0 && !self.broadcasts.is_empty() {
                // What is on its way to the group counts for more than who has not answered.
                if let Some(member) = self.members.get_mut(&name) {
                    member.deadline = Some(work.now + AFTER_BACKLOG_MS);
                }
                continue;
            }
            let Some(member) = self.members.get_mut(&name) else { continue };
            if member.attempt >= work.config.attempts {
                member.deadline = None;
                if planted(Bug::SilentBlocks) {
                    continue;
                }
                self.stage(&name, Stage::Silent, work.out);
                continue;
            }
            member.deadline = Some(work.now + later(work.config.collect_ms, member.attempt));
            member.attempt += 1;
            again.insert(name);
        }
        let to = match again.len() {
            0 => return Vec::new(),
            1 => To::Member(again.into_iter().next().unwrap_or_else(|| self.me.clone())),
            _ => To::Group,
        };
        vec![Announce { to, answer: false, whole: true }]
    }

    /// A member did not send what it was asked for.
    pub(crate) fn did_not_send(&mut self, member: &MemberName, out: &mut Vec<Action>) {
        self.unqueue(member);
        self.stage(member, Stage::Silent, out);
    }

    fn unqueue(&mut self, member: &MemberName) {
        self.queue.retain(|queued| queued != member);
        self.deferred.remove(member);
    }

    fn stage(&mut self, name: &MemberName, stage: Stage, out: &mut Vec<Action>) {
        if let Some(member) = self.members.get_mut(name)
            && member.stage != stage
        {
            member.stage = stage;
            let (profile, member) = (self.profile, name.clone());
            out.push(Action::Progress { profile, member, stage });
        }
    }

    /// Every member that held what lies before a segment holds the segment now.
    fn group_has(&mut self, segment: &Segment) {
        for member in self.members.values_mut() {
            member.gets(segment.writer, segment.first, segment.last());
        }
    }
}

/// What the announcement of a log says.
pub(crate) fn announcement(log: &Log, pace: Pace) -> Announcement {
    // At most five bytes a writer with a hundred thousand entries, and the rest of the message.
    let most = pace.frame_bytes.saturating_sub(40) / 5;
    Announcement::of(log, most.clamp(20, Message::ITEMS_MAX))
}
