//! Coordination of one profile: who has answered, whom to ask, what to send to whom.
//!
//! Every member goes through [`Stage`]s. Under both plans nobody waits for a silent member longer
//! than one timeout, after which it is asked once more and otherwise passed over.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use guildsync_log::{Frontier, Log, Segment};
use guildsync_types::{MemberName, ProfileId, Time, WriterId};

use crate::config::{Config, SyncPlan};
use crate::event::{Action, Outcome, Report, Stage};
use crate::message::{Epoch, Message, To};
use crate::summary::Summary;

mod serve;

#[derive(Debug, Clone)]
pub(crate) struct Coordination {
    profile: ProfileId,
    epoch: Epoch,
    started: Time,
    members: BTreeMap<MemberName, Member>,
    /// Those whose turn has not come, first come first.
    queue: VecDeque<MemberName>,
    requests: BTreeMap<u64, Request>,
    /// What was asked of whom: the same is not asked twice, whatever the answer was.
    asked: BTreeSet<(MemberName, WriterId, u64)>,
    /// The queue pauses until then.
    resume_at: Option<Time>,
    draining: bool,
    report: Report,
    reported: bool,
}

#[derive(Debug, Clone)]
struct Member {
    stage: Stage,
    frontier: Frontier,
    /// Chains that member and coordinator hold different branches of.
    forked: Vec<WriterId>,
    deadline: Option<Time>,
    asked_again: bool,
}

#[derive(Debug, Clone)]
struct Request {
    of: MemberName,
    wants: Vec<(WriterId, u64)>,
    to_group: bool,
    deadline: Time,
}

impl Coordination {
    pub(crate) fn new(profile: ProfileId, epoch: Epoch, now: Time) -> Self {
        Self {
            profile,
            epoch,
            started: now,
            members: BTreeMap::new(),
            queue: VecDeque::new(),
            requests: BTreeMap::new(),
            asked: BTreeSet::new(),
            resume_at: None,
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
            forked: Vec::new(),
            deadline: Some(now + config.collect_ms),
            asked_again: false,
        };
        self.members.insert(member, fresh);
        self.reported = false;
    }

    /// A member left: it comes back as a new one.
    pub(crate) fn forget(&mut self, member: &MemberName) {
        self.members.remove(member);
        self.queue.retain(|queued| queued != member);
        self.requests.retain(|_, request| request.of != *member);
        self.asked.retain(|(asked, ..)| asked != member);
    }

    pub(crate) fn drain(&mut self) {
        self.draining = true;
        self.queue.clear();
        self.members.retain(|_, member| member.stage == Stage::Current);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        let members = self.members.values().filter_map(|member| member.deadline);
        let requests = self.requests.values().map(|request| request.deadline);
        let pause = self.resume_at.filter(|_| !self.queue.is_empty());
        members.chain(requests).chain(pause).min()
    }

    pub(crate) fn send(&mut self, to: To, message: Message, out: &mut Vec<Action>) {
        self.report.n_messages += 1;
        out.push(Action::Send { to, message });
    }

    /// A member said what it has; `None` is what was announced.
    pub(crate) fn replied(
        &mut self,
        from: &MemberName,
        term: u64,
        log: &Log,
        summary: Option<&Summary>,
        out: &mut Vec<Action>,
    ) {
        let Some(member) = self.members.get_mut(from).filter(|_| term == self.epoch.term) else {
            return;
        };
        if matches!(member.stage, Stage::Queued | Stage::Current) {
            return;
        }
        // No summary means: what was announced, which may be less than the log holds by now.
        if let Some(summary) = summary {
            member.frontier = summary.frontier();
            member.forked = Summary::of(log).forked(summary);
        }
        member.deadline = None;
        self.queue.push_back(from.clone());
        self.stage(from, Stage::Queued, out);
    }

    /// Segments were heard: if they were sent to the group, its members have them too.
    pub(crate) fn heard(&mut self, request: u64, segments: &[Segment]) {
        if self.requests.get(&request).is_some_and(|r| r.to_group) {
            segments.iter().for_each(|segment| self.group_has(segment));
        }
    }

    /// What was sent to this coordinator is merged and durable.
    pub(crate) fn accepted(
        &mut self,
        request: u64,
        log: &Log,
        outcome: &Outcome,
        out: &mut Vec<Action>,
    ) {
        self.report.n_received += outcome.added.values().map(|(a, b)| b - a + 1).sum::<u64>();
        self.report.n_refused += outcome.n_refused as u64;
        let Some(request) = self.requests.remove(&request) else { return };
        if !request.to_group && (self.draining || self.members.len() > 1) {
            // What is new here is new to the others: once to the whole group.
            let new = outcome.added.iter().filter_map(|(&w, &(first, _))| log.segment(w, first));
            let segments: Vec<Segment> = new.collect();
            if !segments.is_empty() {
                segments.iter().for_each(|segment| self.group_has(segment));
                self.send_segments(To::Group, 0, segments, out);
            }
        }
        if self.members.get(&request.of).is_some_and(|m| m.stage == Stage::Current)
            && !self.requests.values().any(|other| other.of == request.of)
        {
            self.stage(&request.of, Stage::Done, out);
        }
    }

    /// Does what is due.
    pub(crate) fn advance(
        &mut self,
        now: Time,
        log: &Log,
        config: &Config,
        ask: &mut dyn FnMut() -> u64,
        out: &mut Vec<Action>,
    ) {
        self.pass_over_silent(now, config, out);
        match config.plan {
            SyncPlan::Queue { at_once, pause_ms } => {
                self.serve_in_turn(now, log, config, (at_once.max(1), pause_ms), ask, out);
            }
            SyncPlan::Broadcast => self.serve_together(now, log, config, ask, out),
        }
        let busy = |m: &Member| !matches!(m.stage, Stage::Done | Stage::Silent);
        let over = self.requests.is_empty() && !self.members.values().any(busy);
        if over && !self.reported {
            self.reported = true;
            self.report.took_ms = now.since(self.started);
            let at = |stage| {
                let there = self.members.iter().filter(move |(_, m)| m.stage == stage);
                there.map(|(name, _)| name.clone()).collect()
            };
            (self.report.done, self.report.silent) = (at(Stage::Done), at(Stage::Silent));
            out.push(Action::Finished(self.report.clone()));
        }
    }

    fn pass_over_silent(&mut self, now: Time, config: &Config, out: &mut Vec<Action>) {
        let overdue = |m: &Member| m.deadline.is_some_and(|deadline| deadline <= now);
        let late: Vec<MemberName> =
            self.members.iter().filter(|(_, m)| overdue(m)).map(|(n, _)| n.clone()).collect();
        for name in late {
            let Some(member) = self.members.get_mut(&name) else { continue };
            if member.asked_again {
                member.deadline = None;
                self.stage(&name, Stage::Silent, out);
                continue;
            }
            member.asked_again = true;
            member.deadline = Some(now + config.answer_ms);
            let epoch = self.epoch.clone();
            let message = Message::RequestLogList { epoch, profile: self.profile };
            self.send(To::Member(name), message, out);
        }
        self.requests_overdue(now, config, out);
    }

    /// Another member that has the entries is asked; if there is none, the one asked is passed over.
    fn requests_overdue(&mut self, now: Time, config: &Config, out: &mut Vec<Action>) {
        let overdue = |r: &Request| r.deadline <= now;
        let late: Vec<u64> =
            self.requests.iter().filter(|(_, r)| overdue(r)).map(|(&id, _)| id).collect();
        for id in late {
            let Some(mut request) = self.requests.remove(&id) else { continue };
            self.queue.retain(|queued| *queued != request.of);
            self.stage(&request.of, Stage::Silent, out);
            let has_all = |(_, m): &(&MemberName, &Member)| {
                m.stage != Stage::Silent
                    && request.wants.iter().all(|&(writer, first)| m.frontier.last(writer) >= first)
            };
            let Some((other, _)) = self.members.iter().find(has_all) else { continue };
            request.of = other.clone();
            request.deadline = now + config.answer_ms;
            self.request(id, request, out);
        }
    }

    fn request(&mut self, id: u64, request: Request, out: &mut Vec<Action>) {
        let message = Message::RequestMyMissing {
            profile: self.profile,
            request: id,
            to_group: request.to_group,
            wants: request.wants.clone(),
        };
        self.send(To::Member(request.of.clone()), message, out);
        self.requests.insert(id, request);
    }

    fn send_segments(
        &mut self,
        to: To,
        request: u64,
        segments: Vec<Segment>,
        out: &mut Vec<Action>,
    ) {
        self.report.n_sent += segments.iter().map(|s| s.drafts.len() as u64).sum::<u64>();
        let message = Message::SendMissingLogs { profile: self.profile, request, segments };
        self.send(to, message, out);
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
            let held = member.frontier.last(segment.writer);
            if held + 1 >= segment.first && held < segment.last() {
                member.frontier.set(segment.writer, segment.last());
            }
        }
    }
}
