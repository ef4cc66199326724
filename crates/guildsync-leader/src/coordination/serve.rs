//! The two plans: members in turn by whisper, or together by group.

use std::collections::BTreeMap;

use guildsync_log::{Frontier, Log, Segment};
use guildsync_types::{MemberName, Time, WriterId};

use super::{Coordination, Request};
use crate::config::Config;
use crate::event::{Action, Stage};
use crate::message::To;
use crate::plan::{self, Delivery};

impl Coordination {
    /// The queue of seed 000: whoever's turn it is gets what it lacks by whisper and is asked for
    /// what it has; `at_once` members at a time, a pause after each.
    pub(super) fn serve_in_turn(
        &mut self,
        now: Time,
        log: &Log,
        config: &Config,
        (at_once, pause_ms): (usize, u64),
        ask: &mut dyn FnMut() -> u64,
        out: &mut Vec<Action>,
    ) {
        let n_current = |c: &Self| c.members.values().filter(|m| m.stage == Stage::Current).count();
        // A pause that is over is no deadline any more, also while others are being served.
        self.resume_at = self.resume_at.filter(|&resume_at| resume_at > now);
        while n_current(self) < at_once
            && self.resume_at.is_none()
            && let Some(name) = self.queue.pop_front()
        {
            self.stage(&name, Stage::Current, out);
            let segments = self.lacking(&name, log);
            if !segments.is_empty() {
                self.send_segments(To::Member(name.clone()), 0, segments, out);
            }
            let wants = self.wanted_from(&name, log);
            if wants.is_empty() {
                self.stage(&name, Stage::Done, out);
            } else {
                let deadline = now + config.answer_ms;
                let request = Request { of: name, wants, to_group: false, deadline };
                self.request(ask(), request, out);
            }
            self.resume_at = (pause_ms > 0).then_some(now + pause_ms);
        }
    }

    /// The group plan: once all who answer in time have answered, what the coordinator lacks is
    /// asked of whoever has it, and then what others lack goes out, whichever way is cheaper.
    pub(super) fn serve_together(
        &mut self,
        now: Time,
        log: &Log,
        config: &Config,
        ask: &mut dyn FnMut() -> u64,
        out: &mut Vec<Action>,
    ) {
        let collecting = self.members.values().any(|m| m.stage == Stage::Awaited && !m.asked_again);
        if self.draining || collecting || !self.requests.is_empty() {
            return;
        }
        for (of, wants) in self.wanted(log) {
            let wants: Vec<_> = wants
                .into_iter()
                .filter(|&(writer, first)| self.asked.insert((of.clone(), writer, first)))
                .collect();
            if wants.is_empty() {
                continue;
            }
            let to_group = self.members.len() > 1;
            let request = Request { of, wants, to_group, deadline: now + config.answer_ms };
            self.request(ask(), request, out);
        }
        if self.requests.is_empty() {
            self.deliver(log, out);
        }
    }

    /// Sends every queued member what it lacks.
    fn deliver(&mut self, log: &Log, out: &mut Vec<Action>) {
        let queued: Vec<MemberName> = self.queue.drain(..).collect();
        let mut behind = Vec::new();
        for name in &queued {
            // Forked chains go whole and by whisper: the group's frontiers say nothing about them.
            let forked: Vec<Segment> = match self.members.get_mut(name) {
                Some(member) => std::mem::take(&mut member.forked)
                    .into_iter()
                    .filter_map(|writer| log.segment(writer, 1))
                    .collect(),
                None => continue,
            };
            if !forked.is_empty() {
                self.send_segments(To::Member(name.clone()), 0, forked, out);
            }
            let Some(member) = self.members.get(name) else { continue };
            if member.frontier.n_lacking(&log.frontier()) > 0 {
                behind.push((name.clone(), member.frontier.clone()));
            }
        }
        for Delivery { to, base } in plan::deliveries(&behind, &log.frontier()) {
            let segments = log.since(&base);
            self.send_segments(to, 0, segments, out);
        }
        for name in queued {
            if let Some(member) = self.members.get_mut(&name) {
                member.frontier = member.frontier.max(&log.frontier());
            }
            self.stage(&name, Stage::Done, out);
        }
    }

    /// What one member lacks, forked chains whole.
    fn lacking(&mut self, name: &MemberName, log: &Log) -> Vec<Segment> {
        let Some(member) = self.members.get_mut(name) else { return Vec::new() };
        let forked = member.forked.iter().filter_map(|&writer| log.segment(writer, 1));
        let segments = log.since(&member.frontier).into_iter().chain(forked).collect();
        member.frontier = member.frontier.max(&log.frontier());
        segments
    }

    /// What one member has and the coordinator lacks.
    fn wanted_from(&self, name: &MemberName, log: &Log) -> Vec<(WriterId, u64)> {
        let Some(member) = self.members.get(name) else { return Vec::new() };
        let mine = log.frontier();
        let lacking = mine.lacks(&member.frontier).map(|(writer, first, _)| (writer, first));
        lacking.chain(member.forked.iter().map(|&writer| (writer, 1))).collect()
    }

    /// What the coordinator lacks, each writer's entries asked of the queued member that has most.
    fn wanted(&self, log: &Log) -> BTreeMap<MemberName, Vec<(WriterId, u64)>> {
        let mut best: BTreeMap<WriterId, (u64, &MemberName, u64)> = BTreeMap::new();
        let mine: Frontier = log.frontier();
        let mut wanted: BTreeMap<MemberName, Vec<(WriterId, u64)>> = BTreeMap::new();
        for name in &self.queue {
            let Some(member) = self.members.get(name) else { continue };
            for (writer, first, last) in mine.lacks(&member.frontier) {
                if best.get(&writer).is_none_or(|&(most, ..)| last > most) {
                    best.insert(writer, (last, name, first));
                }
            }
            for &writer in &member.forked {
                wanted.entry(name.clone()).or_default().push((writer, 1));
            }
        }
        for (writer, (_, name, first)) in best {
            wanted.entry(name.clone()).or_default().push((writer, first));
        }
        wanted
    }
}
