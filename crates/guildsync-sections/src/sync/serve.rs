//! Answering others.
//!
//! Whoever asks names one who has what it wants, and that one answers, to all. Where nobody is named,
//! everyone who has it waits for a moment of their own, says that they will answer, and gives way to
//! whoever said so first.

use std::collections::BTreeSet;

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::hash::Domain;
use guildsync_types::{Digest, Hash, MemberName, Time};

use super::SectionSync;
use crate::event::{Action, Ctx, To};
use crate::item::Slot;
use crate::message::{Answer, Ask, Batch, Message, Part, What};
use crate::name::DocumentId;
use crate::version::{Have, Version};

/// How many questions wait to be answered, and how many answers are remembered.
const SERVING_MAX: usize = 64;
const ANSWERED_MAX: usize = 256;

/// A question that is answered here unless somebody else does.
#[derive(Debug)]
pub(super) struct Serving {
    /// Who asked just this, the first one first.
    pub(super) askers: Vec<MemberName>,
    ask: Ask,
    /// When it came.
    at: Time,
    /// When something is to be done about it.
    pub(super) due: Time,
    /// Whether it has been said that this member will answer.
    is_said: bool,
}

/// A question to somebody else, who answers it to all.
#[derive(Debug)]
pub(super) struct Overheard {
    at: Time,
    ask: Ask,
    whom: MemberName,
}

/// Whether the answer to one question holds all that another asks for.
fn covers(ask: &Ask, other: &Ask) -> bool {
    match (&ask.what, &other.what) {
        (What::Everything, What::Everything | What::Rest(_)) => true,
        (What::Rest(have), What::Rest(other)) => have.is_subset(other),
        (What::Rest(have), What::Everything) => have.is_empty(),
        _ => false,
    }
}

impl SectionSync {
    /// Somebody asks.
    pub(super) fn asked(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        ask: Ask,
        out: &mut Vec<Action>,
    ) {
        self.overhear(ctx, &ask);
        if !self.can_answer(ctx, &ask) || self.is_streaming(ctx.now, &ask) {
            return;
        }
        let is_named = ask.whom.as_ref() == Some(&self.me) || planted(Bug::AllHoldersAnswer);
        match &ask.whom {
            Some(whom) if !is_named => {
                let whom = whom.clone();
                self.overheard.push_back(Overheard { at: ctx.now, ask, whom });
                if self.overheard.len() > SERVING_MAX {
                    self.overheard.pop_front();
                }
            }
            // What somebody else asked for goes to all.
            _ if self.is_served(from, &ask) => {}
            _ if self.raid.members.len() == 2 => self.answer(ctx, from, &ask, out),
            _ if self.serving.len() < SERVING_MAX => {
                let wait = if is_named { self.config.times.hold } else { self.some_time() };
                let (askers, at, due) = (vec![from.clone()], ctx.now, ctx.now + wait);
                self.serving.push(Serving { askers, ask, at, due, is_said: is_named });
            }
            _ => {}
        }
    }

    /// Whether somebody is about to be answered who asked for no less. Who asks the same is remembered:
    /// others may have heard them first, and answer them by name.
    fn is_served(&mut self, from: &MemberName, ask: &Ask) -> bool {
        let is_it = |one: &&mut Serving| one.ask.document == ask.document && covers(&one.ask, ask);
        let Some(one) = self.serving.iter_mut().find(is_it) else { return false };
        let is_same = one.ask.what == ask.what && one.ask.base == ask.base;
        if is_same && one.askers.len() < SERVING_MAX && !one.askers.contains(from) {
            one.askers.push(from.clone());
        }
        true
    }

    /// Whether somebody else was asked for no less, who answers to all: before, or at the same time and
    /// comes first by name.
    fn is_answered_by_another(&mut self, now: Time, one: &Serving) -> bool {
        let times = &self.config.times;
        let is_sending = |heard: &Overheard| {
            let last =
                self.pieces.get(&heard.whom).is_some_and(|at| now.since(*at) < times.silence);
            last || now.since(heard.at) < times.answer
        };
        let members = &self.raid.members;
        self.overheard.retain(|heard| members.contains(&heard.whom) && is_sending(heard));
        let me = self.me.folded();
        let is_before =
            |heard: &Overheard| heard.at + times.hold < one.at || heard.whom.folded() < me;
        let ask = &one.ask;
        let is_it =
            |heard: &Overheard| heard.ask.document == ask.document && covers(&heard.ask, ask);
        one.ask.whom.is_some()
            && self.overheard.iter().any(|heard| is_it(heard) && is_before(heard))
    }

    /// Whether what is asked for, or something newer, is here.
    fn can_answer(&self, ctx: Ctx<'_>, ask: &Ask) -> bool {
        let is_here = ctx.shelf.get(ask.document).is_some();
        let known = self.known.get(&ask.document);
        is_here && ask.target.is_none_or(|target| known.is_some_and(|known| known.has(target)))
    }

    /// Whether what is asked for is on its way to all.
    fn is_streaming(&mut self, now: Time, ask: &Ask) -> bool {
        self.streaming.retain(|stream| stream.until > now);
        let Some(have) = ask.have() else { return false };
        self.streaming.iter().any(|stream| {
            let is_it = stream.document == ask.document
                && ask.target.is_none_or(|asked| asked == stream.target);
            let is_all = stream.beyond == Some(Have::default()) || stream.beyond == Some(have);
            let is_readable = stream.base.is_none() || stream.base == ask.base;
            let is_edit =
                stream.base.is_some() && stream.base == ask.base && stream.beyond.is_none();
            is_it && ((is_all && is_readable) || is_edit)
        })
    }

    /// Somebody else will answer.
    pub(super) fn somebody_answers(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        document: DocumentId,
        target: Digest,
        asker: &MemberName,
    ) {
        let known = self.known.get(&document);
        let is_ours = known.is_some_and(|known| known.has(target));
        if ctx.shelf.get(document).is_none() || !is_ours {
            return self.want(ctx, document, target, from);
        }
        let me = self.me.folded();
        self.serving.retain(|one| {
            let is_same = one.ask.document == document && one.askers.contains(asker);
            // Of two who said so at once, the first by name answers.
            !is_same || (one.is_said && me < from.folded())
        });
    }

    /// Somebody sends a document to all: who asked here for just that is answered.
    pub(super) fn somebody_sends(&mut self, ctx: Ctx<'_>, part: &Part) {
        let Answer::Document { beyond } = part.answer else { return };
        let base = match &part.batch {
            Batch::Packed { base, .. } => *base,
            Batch::Plain(_) => None,
        };
        let held = ctx.shelf.get(part.document).map(|held| held.digest());
        self.serving.retain(|one| {
            let is_it = one.ask.document == part.document && one.ask.have() == Some(beyond);
            let is_all = Some(part.target) == held || Some(part.target) == one.ask.target;
            !(is_it && is_all && (base.is_none() || base == one.ask.base))
        });
    }

    pub(super) fn tick_serving(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let due = self.serving.extract_if(.., |one| one.due <= ctx.now);
        for mut one in due.collect::<Vec<_>>() {
            if self.is_answered_by_another(ctx.now, &one) {
                continue;
            }
            // What stands behind other messages, such as this member's word that it will answer, may be said by
            // somebody else before its turn comes; where anybody may answer, somebody else will.
            let patience = one.at + self.config.times.again;
            let queued = self.queued(ctx, 0);
            if queued > 0 && ctx.now < patience {
                one.due = (ctx.now + queued).min(patience);
                self.serving.push(one);
                continue;
            }
            if queued > 0 && one.ask.whom.is_none() {
                continue;
            }
            if one.is_said {
                if let Some(asker) = one.askers.first() {
                    self.answer(ctx, asker, &one.ask, out);
                }
                continue;
            }
            let Some(held) = ctx.shelf.get(one.ask.document) else { continue };
            let Some(asker) = one.askers.first().cloned() else { continue };
            let (document, target) = (held.id(), held.digest());
            let message = Message::Answering { document, target, asker };
            out.push(Action::Send { to: To::Raid, message });
            one.is_said = true;
            one.due = ctx.now + self.config.times.yield_to;
            self.serving.push(one);
        }
    }

    /// Answers, unless this was just answered.
    fn answer(&mut self, ctx: Ctx<'_>, asker: &MemberName, ask: &Ask, out: &mut Vec<Action>) {
        let Some(held) = ctx.shelf.get(ask.document) else { return };
        if !self.may_answer(ctx, asker, ask, held.digest()) {
            return;
        }
        let (answer, versions): (_, Vec<Version>) = match &ask.what {
            What::Structure => (Answer::Structure, held.versions().cloned().collect()),
            What::Sections(ids) => {
                let slots = ids.iter().flat_map(|id| held.slot(Slot::Section(*id)));
                (Answer::Sections, slots.cloned().collect())
            }
            What::Everything => {
                let beyond = Have::default();
                (Answer::Document { beyond }, held.beyond(&BTreeSet::new()))
            }
            What::Rest(have) => (Answer::Document { beyond: Have::of(have) }, held.beyond(have)),
        };
        let base = ask.base.and_then(|base| self.known.get(&ask.document)?.version(base).cloned());
        let to = match answer {
            Answer::Structure | Answer::Sections => To::Member(asker.clone()),
            Answer::Document { .. } | Answer::Edit => To::Raid,
        };
        self.send_parts(ctx, to, held, answer, base.as_ref(), versions, out);
    }

    /// Whether a question is not one that was answered just now: the answer may still be on its way, and
    /// nobody can make this member say the same over and over.
    fn may_answer(&mut self, ctx: Ctx<'_>, asker: &MemberName, ask: &Ask, present: Digest) -> bool {
        let queued = ctx.backlog_frames as u64 * self.frame_ms;
        // A first answer may have been lost: then the same question comes again after this time.
        let wait = self.config.times.answer * 3 / 4 + queued;
        self.answered.retain(|(at, ..)| ctx.now.since(*at) < wait.max(1));
        let what = match &ask.what {
            What::Structure => 0u8,
            What::Sections(_) => 1,
            What::Everything => 2,
            What::Rest(_) => 3,
        };
        let hash = Hash::of(Domain::Version).with(&ask.document.0).with(&present.0).with(&[what]);
        let hash = match &ask.what {
            What::Sections(ids) => ids.iter().fold(hash, |hash, id| hash.with(&id.0)),
            What::Rest(tags) => tags.iter().fold(hash, |hash, tag| hash.with(&tag.0.to_le_bytes())),
            What::Structure | What::Everything => hash,
        };
        let hash = hash.finish();
        // What went to the raid has answered everyone who asks for the same.
        let to_all = what >= 2;
        let is_same =
            |(_, who, said): &(Time, MemberName, Hash)| *said == hash && (to_all || who == asker);
        let by_asker = self.answered.iter().filter(|(_, who, _)| who == asker).count();
        if self.answered.iter().any(is_same) || by_asker >= 4 || self.answered.len() >= ANSWERED_MAX
        {
            return false;
        }
        self.answered.push_back((ctx.now, asker.clone(), hash));
        true
    }
}
