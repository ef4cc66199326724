//! What a member does with entries that come: they are opened, or wait until they can be, or are asked for.

use std::cell::LazyCell;

use guildsync_log::Log;
use guildsync_types::{MemberName, ProfileId, WriterId};

use super::Session;
use crate::announcements::{Unknown, tag};
use crate::batch::{OpenError, open};
use crate::event::{Action, Ctx, Outcome, Refusal};
use crate::held::{Needs, Waiting};
use crate::message::{Answer, Batch, MemberTag, Message, Tag};
use crate::requests::{Asking, profile_tag};

/// How long what is live may take before what it lacks is asked for: its repetition may bring it.
const REPAIR_MS: u64 = 500;
/// How far apart members ask for the same, at most: the first one's answer goes to all.
const JITTER_MS: u64 = 1_000;

impl Session {
    /// Entries came. If they cannot be opened yet, they wait.
    pub(super) fn batch(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        log: &Log,
        request: u32,
        batch: Batch,
        out: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        let profile = log.profile().id;
        // What is live mostly has no base.
        let mine = LazyCell::new(|| log.frontier());
        let base = match &batch.base {
            None => Ok(None),
            Some(base) => self.announcements.resolve(base, &mine).map(Some),
        };
        let needed = |missing: Vec<(WriterId, u64)>| {
            let missing = missing.into_iter();
            Needs::Entries(missing.map(|(w, first)| (tag(&mine, w), first)).collect())
        };
        let needs = match base {
            Err(Unknown::Announcement(at)) => Needs::Announcement(at),
            Err(Unknown::Writer(tag)) => Needs::Entries(vec![(tag, 1)]),
            Ok(base) => match open(log, base.as_ref(), &batch) {
                Ok(segments) => {
                    if request == 0 || self.requests.is_for_group(request, from) {
                        self.group_heard(profile, &segments);
                    }
                    let from = from.clone();
                    out.push(Action::Accept { from, profile, request, segments });
                    return Ok(());
                }
                Err(OpenError::LacksBase { missing }) => needed(missing),
                Err(OpenError::Gap { missing }) if base.is_none() => needed(missing),
                // Right behind a base that is held there is no gap, either, unless other entries are held
                // under the same numbers: a chain was forked, and what was read is nonsense.
                Err(why) => {
                    self.requests.unread(request, from, ctx.now);
                    self.following.doubt(ctx.now, profile);
                    return Err(Refusal::BadBatch(why.to_string()));
                }
            },
        };
        let wait = match &needs {
            // Whoever missed an announcement has not answered it and will be announced to again.
            Needs::Announcement(_) => self.config.collect_ms,
            Needs::Entries(_) if request == 0 => self.config.repeat_ms + REPAIR_MS,
            Needs::Entries(_) => self.config.answer_ms,
        };
        let [jitter, ..] = MemberTag::of(&self.me).0;
        let due = ctx.now + wait + u64::from(jitter) * JITTER_MS / 256;
        let waiting =
            Waiting { from: from.clone(), profile, request, batch, needs, due, asked: false };
        match self.held.keep(waiting) {
            true => Ok(()),
            false => Err(Refusal::TooManyWait),
        }
    }

    /// Tries the batches of a profile that wait.
    pub(super) fn try_held(&mut self, ctx: Ctx<'_>, profile: ProfileId, out: &mut Vec<Action>) {
        let Some(log) = ctx.profiles.get(&profile) else { return };
        for waiting in self.held.take(profile) {
            let Waiting { from, request, batch, due, asked, .. } = waiting;
            let before = out.len();
            let refused = self.batch(ctx, &from, log, request, batch, out);
            if let Err(why) = refused {
                out.push(Action::Refuse { from, why });
            } else if out.len() == before {
                self.held.again(due, asked);
            }
        }
    }

    /// Asks for what batches have waited for too long.
    pub(super) fn ask_for_held(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        for mut waiting in self.held.take_due(ctx.now) {
            if waiting.asked {
                continue;
            }
            let Some(log) = ctx.profiles.get(&waiting.profile) else { continue };
            let deadline = ctx.now + self.config.answer_ms;
            if matches!(waiting.needs, Needs::Entries(_)) && self.following.awaits(waiting.profile)
            {
                // The coordinator knows what is missing here and is about to send it. (An announcement
                // it does not send again by itself.)
                waiting.due = deadline;
                self.held.keep(waiting);
                continue;
            }
            match &waiting.needs {
                // Whoever coordinates now does not know what was announced in another term.
                Needs::Announcement(at) if Some(at.term) != self.epoch.as_ref().map(|e| e.term) => {
                }
                Needs::Announcement(at) => {
                    let coordinator = self.epoch.as_ref().map(|epoch| &epoch.coordinator);
                    let whom = coordinator.filter(|c| **c != self.me).unwrap_or(&waiting.from);
                    let profile = profile_tag(waiting.profile);
                    let message = Message::RequestLogList { profile, announced: Some(*at) };
                    Self::send(whom, message, out);
                }
                Needs::Entries(wants) => {
                    let profile = waiting.profile;
                    let wants: Vec<(Tag, u64)> = wants
                        .iter()
                        .filter(|&&(tag, first)| !self.requests.covers(profile, tag, first))
                        .copied()
                        .collect();
                    let mut others = self.others();
                    others.retain(|other| *other != waiting.from);
                    if let Some(epoch) = &self.epoch {
                        others.sort_by_key(|other| *other != epoch.coordinator);
                    }
                    if !wants.is_empty() {
                        // Others may have missed the same.
                        let answer = if others.is_empty() { Answer::Me } else { Answer::Group };
                        let asking = Asking { of: waiting.from.clone(), wants, others };
                        self.requests.ask(log, vec![asking], answer, None, deadline, out);
                    }
                }
            }
            waiting.asked = true;
            waiting.due = ctx.now + self.config.answer_ms * 3;
            self.held.keep(waiting);
        }
    }

    pub(super) fn accepted(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        profile: ProfileId,
        request: u32,
        outcome: &Outcome,
        out: &mut Vec<Action>,
    ) {
        let Some(log) = ctx.profiles.get(&profile) else { return };
        self.requests.answered(request, from);
        let mine = LazyCell::new(|| log.frontier());
        if !self.requests.is_empty() {
            self.requests.settle(profile, &mine);
        }
        self.with_coordination(ctx, profile, out, |coordination, work| {
            coordination.accepted(work, from, request, outcome);
        });
        self.following.advanced(ctx.now, log, &self.announcements, &self.config);
        if outcome.n_refused > 0 || !outcome.diverged.is_empty() {
            // Read against other entries under the same numbers, anything may come out.
            self.following.doubt(ctx.now, profile);
        }
        if !outcome.added.is_empty() {
            self.try_held(ctx, profile, out);
        }
        let behind = outcome.early.iter().map(|&w| (tag(&mine, w), mine.last(w) + 1));
        let forked = outcome.diverged.iter().map(|&w| (tag(&mine, w), 1));
        let wants: Vec<(Tag, u64)> = behind
            .chain(forked)
            .filter(|&(tag, first)| !self.requests.covers(profile, tag, first))
            .collect();
        if !wants.is_empty() {
            let others = self.epoch.iter().map(|epoch| epoch.coordinator.clone());
            let others: Vec<MemberName> =
                others.filter(|other| *other != self.me && other != from).collect();
            let asking = Asking { of: from.clone(), wants, others };
            let deadline = ctx.now + self.config.answer_ms;
            self.requests.ask(log, vec![asking], Answer::Me, None, deadline, out);
        }
    }
}
