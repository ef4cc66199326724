//! The two plans: members in turn by whisper, or together by group.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_log::{Frontier, Segment};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, Time};

use super::{AFTER_BACKLOG_MS, Broadcast, Coordination, Member, Work};
use crate::announcements::tag;
use crate::answer::{messages, n_entries};
use crate::event::{Action, Outcome, Stage};
use crate::message::{Answer, MemberTag, Tag, To};
use crate::plan::{self, Delivery};
use crate::requests::Asking;

/// Frames that may wait for the channel when the next member's turn comes.
const BACKLOG_MAX: usize = 8;

impl Coordination {
    /// The queue of seed 000: whoever's turn it is gets what it lacks by whisper and is asked for
    /// what it has; `at_once` members at a time, a pause after each.
    pub(super) fn serve_in_turn(&mut self, work: &mut Work<'_>, at_once: usize, pause_ms: u64) {
        let n_current = |c: &Self| c.members.values().filter(|m| m.stage == Stage::Current).count();
        // A pause that is over is no deadline any more, also while others are being served.
        self.resume_at = self.resume_at.filter(|&resume_at| resume_at > work.now);
        if work.backlog.frames > BACKLOG_MAX && !self.queue.is_empty() {
            // Whoever was served last still is, as far as the channel is concerned.
            self.resume_at = self.resume_at.max(Some(work.now + AFTER_BACKLOG_MS));
        }
        while n_current(self) < at_once
            && self.resume_at.is_none()
            && let Some(name) = self.queue.pop_front()
        {
            self.stage(&name, Stage::Current, work.out);
            let Some(member) = self.members.get(&name) else { continue };
            let base = member.frontier.min(&work.log.frontier());
            let segments = work.log.since(&base);
            let wants = self.wanted_from(work, &name);
            self.send_segments(work, &To::Member(name.clone()), &base, segments);
            if wants.is_empty() {
                self.stage(&name, Stage::Done, work.out);
            } else {
                let asking = Asking { of: name.clone(), wants, others: Vec::new() };
                let deadline = work.now + work.config.answer_ms;
                work.requests.ask(work.log, vec![asking], Answer::Me, None, deadline, work.out);
            }
            self.resume_at = (pause_ms > 0).then_some(work.now + pause_ms);
        }
    }

    /// What came from the member whose turn it is goes to the group once.
    pub(super) fn say_again(&mut self, work: &mut Work<'_>, outcome: &Outcome) {
        if self.members.len() < 2 {
            return;
        }
        let new = outcome.added.iter().filter_map(|(&w, &(first, _))| work.log.segment(w, first));
        let segments: Vec<Segment> = new.collect();
        let mut base = work.log.frontier();
        for member in self.members.values() {
            base = base.min(&member.frontier);
        }
        segments.iter().for_each(|segment| base.set(segment.writer, segment.first - 1));
        self.send_segments(work, &To::Group, &base, segments);
    }

    /// The group plan: once those who answer in time have answered, what the coordinator lacks is
    /// asked of whoever has it, and what others lack goes out, whichever way is cheaper.
    pub(super) fn serve_together(&mut self, work: &mut Work<'_>) {
        let awaited = self.members.values().any(|m| m.stage == Stage::Awaited);
        let due = self.serve_at.is_some_and(|at| at <= work.now);
        if self.draining || !due {
            return;
        }
        if awaited && planted(Bug::SilentBlocks) {
            self.serve_at = None;
            return;
        }
        if awaited && work.now < self.window {
            self.serve_at = Some(self.window);
            return;
        }
        self.serve_at = None;
        self.ask_for_more(work);
        if planted(Bug::NothingDelivered) {
            return;
        }
        self.deliver(work);
    }

    /// Asks the queued members for what the coordinator lacks, each writer's entries of the one that
    /// has most.
    fn ask_for_more(&mut self, work: &mut Work<'_>) {
        let mut best: BTreeMap<Tag, (u64, u64, Vec<MemberName>)> = BTreeMap::new();
        let mine = work.log.frontier();
        let mut forked: BTreeMap<MemberName, Vec<(Tag, u64)>> = BTreeMap::new();
        for name in &self.queue {
            let Some(member) = self.members.get(name) else { continue };
            for (writer, first, last) in lacking(&mine, member) {
                let (most, from, holders) = best.entry(writer).or_insert((last, first, Vec::new()));
                match last.cmp(most) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => holders.push(name.clone()),
                    std::cmp::Ordering::Greater => {
                        (*most, *from, *holders) = (last, first, vec![name.clone()]);
                    }
                }
            }
            for &writer in &member.forked {
                forked.entry(name.clone()).or_default().push((tag(&mine, writer), 1));
            }
        }
        let mut to_all: BTreeMap<MemberName, Asking> = BTreeMap::new();
        let mut to_me = to_all.clone();
        for (writer, (last, first, holders)) in best {
            if work.requests.covers(self.profile, writer, first) {
                continue;
            }
            // Whoever is nearest to the front of everyone's list: the same for all who would choose.
            let Some(of) = holders.iter().min_by_key(|name| MemberTag::of(name)).cloned() else {
                continue;
            };
            let others: Vec<MemberName> = holders.into_iter().filter(|name| *name != of).collect();
            let askings = match self.others_lack(work, writer, last) {
                true => &mut to_all,
                false => &mut to_me,
            };
            let new = || Asking { of: of.clone(), wants: Vec::new(), others };
            askings.entry(of.clone()).or_insert_with(new).wants.push((writer, first));
        }
        // Whoever holds other entries under the same numbers cannot code against what is here.
        let is_in_doubt = !forked.is_empty();
        for (of, wants) in forked {
            let new = Asking { of: of.clone(), wants: Vec::new(), others: Vec::new() };
            to_me.entry(of).or_insert(new).wants.extend(wants);
        }
        let deadline = work.now + work.config.answer_ms;
        for (askings, answer) in [(to_all, Answer::Group), (to_me, Answer::Me)] {
            let askings: Vec<Asking> = askings.into_values().collect();
            let base = (!is_in_doubt).then(|| work.announcements.base(&mine, work.log, false));
            work.requests.ask(work.log, askings, answer, base, deadline, work.out);
        }
    }

    /// Whether the answer is of use to others than the coordinator.
    fn others_lack(&self, work: &Work<'_>, writer: Tag, last: u64) -> bool {
        let known = crate::announcements::find(&work.log.frontier(), writer);
        let lacks = |m: &Member| match known {
            Some(writer) => m.frontier.last(writer) < last,
            None => !m.unknown.iter().any(|&(tag, has)| tag == writer && has >= last),
        };
        self.members.values().any(|m| m.stage != Stage::Silent && lacks(m))
    }

    /// Sends every queued member what it lacks.
    fn deliver(&mut self, work: &mut Work<'_>) {
        // Whoever's entries still wait for the channel is served again when they have gone: otherwise what
        // waits would only grow.
        let waits = |name: &MemberName| work.backlog.waits_for(name);
        let all = std::mem::take(&mut self.deferred).into_iter().chain(self.queue.drain(..));
        let (deferred, queued): (BTreeSet<_>, BTreeSet<_>) = all.partition(waits);
        if !deferred.is_empty() {
            self.serve_at = Some(work.now + AFTER_BACKLOG_MS);
            self.deferred = deferred;
        }
        let mine = work.log.frontier();
        let mut behind = Vec::new();
        for name in &queued {
            let Some(member) = self.members.get(name) else { continue };
            if member.frontier.n_lacking(&mine) > 0 {
                behind.push((name.clone(), member.frontier.min(&mine)));
            }
        }
        for Delivery { to, base } in plan::deliveries(&behind, &mine, work.pace) {
            let segments = work.log.since(&base);
            match &to {
                To::Group => self.send_segments(work, &to, &base, segments),
                To::Member(name) => self.share(work, name, &base, segments),
            }
        }
        for name in queued {
            if let Some(member) = self.members.get_mut(&name) {
                member.frontier = member.frontier.max(&mine);
            }
            self.stage(&name, Stage::Done, work.out);
        }
    }

    /// Sends much to one member with the help of members that have it all: each sends some writers'
    /// entries from its own budget.
    fn share(
        &mut self,
        work: &mut Work<'_>,
        to: &MemberName,
        base: &Frontier,
        segments: Vec<Segment>,
    ) {
        let mine = work.log.frontier();
        let has_all = |(name, m): &(&MemberName, &Member)| {
            let has_said = matches!(m.stage, Stage::Queued | Stage::Done);
            let is_free = work.now >= m.busy_until;
            *name != to && has_said && is_free && m.frontier.n_lacking(&mine) == 0
        };
        let mut helpers: Vec<MemberName> =
            self.members.iter().filter(has_all).map(|(name, _)| name.clone()).collect();
        helpers.sort_by_key(MemberTag::of);
        helpers.truncate(work.config.helpers);
        let n_entries: Vec<u64> = segments.iter().map(|s| s.drafts.len() as u64).collect();
        let shares = plan::shares(&n_entries, helpers.len(), work.pace);
        let name = work.announcements.base(base, work.log, false);
        let mut mine_to_send = Vec::new();
        for (share, helper) in
            shares.iter().zip(std::iter::once(None).chain(helpers.iter().map(Some)))
        {
            let part = share.iter().map(|&at| &segments[at]);
            match helper {
                None => mine_to_send.extend(part.cloned()),
                Some(helper) => {
                    let wants = part.map(|s| (tag(&mine, s.writer), s.first)).collect();
                    let message = work.requests.help(work.log, wants, to, Some(name.clone()));
                    work.out.push(Action::Send { to: To::Member(helper.clone()), message });
                }
            }
        }
        self.send_segments(work, &To::Member(to.clone()), base, mine_to_send);
    }

    /// Sends what lies beyond `base`, which all receivers hold.
    fn send_segments(
        &mut self,
        work: &mut Work<'_>,
        to: &To,
        base: &Frontier,
        segments: Vec<Segment>,
    ) {
        if segments.is_empty() {
            return;
        }
        self.report.n_sent += n_entries(&segments);
        // Whoever has not answered may not have heard the announcement.
        let missed = *to == To::Group
            && self.members.values().any(|m| matches!(m.stage, Stage::Awaited | Stage::Silent));
        let lasts: Vec<_> = segments.iter().map(|s| (s.writer, s.first, s.last())).collect();
        let all =
            messages(work.log, work.announcements, Some((base, missed)), segments, 0, work.config);
        let bytes: usize = all.iter().map(|m| m.to_bytes(work.config.dialect).len()).sum();
        for message in all {
            work.out.push(Action::Send { to: to.clone(), message });
        }
        // How long that takes on the channel, behind what waits already.
        let frames = bytes.div_ceil(work.pace.frame_bytes.max(1)) + work.backlog.frames;
        // Half as long again: what is lost of it is sent again.
        let frames_ms = frames as u64 * work.pace.frame_ms;
        let until = work.now + (frames_ms + frames_ms / 2 + work.config.answer_ms / 2);
        if *to == To::Group {
            let reaches: Frontier = lasts.iter().map(|&(writer, _, last)| (writer, last)).collect();
            let (base, reaches, sent) = (base.clone(), base.max(&reaches), work.now);
            self.broadcasts.push(Broadcast { base, reaches, sent, until });
        }
        for (name, member) in &mut self.members {
            let is_for = match to {
                To::Group => matches!(member.stage, Stage::Queued | Stage::Done),
                To::Member(to) => to == name,
            };
            if is_for {
                member.busy_until = member.busy_until.max(until);
                if planted(Bug::BusyForGood) {
                    member.busy_until = Time(u64::MAX);
                }
                lasts.iter().for_each(|&(writer, first, last)| member.gets(writer, first, last));
            }
        }
        self.heartbeat.changed(work.now, work.config);
    }

    /// What one member has and the coordinator lacks.
    fn wanted_from(&self, work: &Work<'_>, name: &MemberName) -> Vec<(Tag, u64)> {
        let mine = work.log.frontier();
        let Some(member) = self.members.get(name) else { return Vec::new() };
        let lacking = lacking(&mine, member).into_iter().map(|(writer, first, _)| (writer, first));
        lacking.chain(member.forked.iter().map(|&writer| (tag(&mine, writer), 1))).collect()
    }
}

/// What a member has and `mine` lacks: writer, first and last.
fn lacking(mine: &Frontier, member: &Member) -> Vec<(Tag, u64, u64)> {
    if planted(Bug::OneWay) {
        return Vec::new();
    }
    let known = mine.lacks(&member.frontier).map(|(w, first, last)| (tag(mine, w), first, last));
    known.chain(member.unknown.iter().map(|&(tag, last)| (tag, 1, last))).collect()
}
