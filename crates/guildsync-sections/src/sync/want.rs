//! What is wanted from others, and when to ask for it.
//!
//! Of many who lack the same one asks: each waits for a moment of its own, longer in larger raids, and who
//! hears the question of another waits for the answer. Whoever announced the version is asked, then others
//! who have it, then everyone. Waits grow, and end.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_types::{Digest, MemberName, Time};

use super::SectionSync;
use crate::event::{Action, Ctx, Refusal, To};
use crate::message::{Ask, Message, What};
use crate::name::DocumentId;
use crate::report::Report;
use crate::rights::Deed;
use crate::version::{Have, Tag};

/// How often is asked before it counts as given up.
const ATTEMPTS_MAX: u32 = 8;
/// How many holders are remembered.
const HOLDERS_MAX: usize = 8;
/// How often holders are asked by name before everyone is.
const NAMED_ATTEMPTS: u32 = 2;
/// How many of those who may publish are asked whether they have what others pass on.
const VOUCHERS_MAX: usize = 3;
/// How long pieces alone can put off the next question, in milliseconds.
const PIECES_MS_MAX: u64 = 120_000;

/// A version that is wanted.
#[derive(Debug)]
pub(super) struct Want {
    /// Which; the latest that was heard of.
    pub(super) target: Digest,
    /// Who has it, the latest to say so last.
    holders: Vec<MemberName>,
    /// When to ask, or to ask again.
    pub(super) due: Time,
    /// Until when an answer to the last question may begin, this member's or one that it heard.
    answer_by: Time,
    /// Who was asked by name in that question.
    answerer: Option<MemberName>,
    /// Questions since something came.
    attempts: u32,
    /// Questions in all.
    asked: u32,
    /// What was last said to be here, if all of it is shown here: what is aside may be of other versions.
    pub(super) said: Option<Have>,
    /// Whether all of it is asked for: what is here and the rest do not make it whole.
    wants_all: bool,
    /// Whether only those are asked who may do what is in it.
    vouchers_only: bool,
    began: Time,
    /// Bytes that came for it, as they travelled, and who sent how many parts.
    pub(super) bytes: u64,
    pub(super) served: BTreeMap<MemberName, u32>,
    /// Sections that came.
    pub(super) sections: u32,
    /// The version before.
    before: Option<Digest>,
}

impl Want {
    fn hold(&mut self, member: &MemberName) {
        self.holders.retain(|holder| holder != member);
        self.holders.push(member.clone());
        if self.holders.len() > HOLDERS_MAX {
            self.holders.remove(0);
        }
    }

    /// The document was thrown away here: what was said to be here is not any more.
    pub(super) fn forget_what_was_here(&mut self) {
        if self.before.take().is_some() {
            self.said = None;
        }
    }

    /// A member is gone: it will not answer.
    pub(super) fn lost(&mut self, now: Time, member: &MemberName) {
        let asked = self.holders.last() == Some(member);
        self.holders.retain(|holder| holder != member);
        if asked && self.attempts > 0 {
            self.due = now;
        }
    }
}

impl SectionSync {
    /// Somebody has a version that is not here.
    pub(super) fn want(
        &mut self,
        ctx: Ctx<'_>,
        document: DocumentId,
        target: Digest,
        holder: &MemberName,
    ) {
        let due = ctx.now + self.some_time();
        let before = ctx.shelf.get(document).map(|held| held.digest());
        let want = self.wants.entry(document).or_insert_with(|| Want {
            target,
            holders: Vec::new(),
            due,
            answer_by: Time(0),
            answerer: None,
            attempts: 0,
            asked: 0,
            vouchers_only: false,
            wants_all: false,
            said: None,
            began: ctx.now,
            bytes: 0,
            served: BTreeMap::new(),
            sections: 0,
            before,
        });
        if want.target != target {
            want.target = target;
            want.answerer = None;
            want.attempts = 0;
            want.vouchers_only = false;
        }
        want.hold(holder);
    }

    /// Somebody passed on what its editors may not do, as far as is known here: those who may are asked
    /// whether they have it, and nobody else.
    pub(super) fn want_voucher(&mut self, ctx: Ctx<'_>, document: DocumentId, target: Digest) {
        let who = self.who_may(ctx.shelf, document, Deed::Publish).clone();
        let may = |member: &&MemberName| {
            **member != self.me
                && self.raid.leader.as_ref() != Some(*member)
                && who.includes(member, &self.raid)
        };
        let others = self.raid.members.iter().filter(may).take(VOUCHERS_MAX - 1).cloned();
        let leader = self.raid.leader.iter().filter(|leader| **leader != self.me).cloned();
        let vouchers: Vec<MemberName> = others.chain(leader).collect();
        for voucher in &vouchers {
            self.want(ctx, document, target, voucher);
        }
        if let Some(want) = self.wants.get_mut(&document) {
            want.holders = vouchers;
            want.vouchers_only = true;
            want.attempts = 0;
            want.due = ctx.now;
        }
    }

    /// Until when something is on its way from the one who was asked, or from one of those who have what is
    /// wanted. What others send may be anything.
    fn is_coming(&self, now: Time, want: &Want) -> Option<Time> {
        let from = match &want.answerer {
            Some(answerer) => std::slice::from_ref(answerer),
            None => &want.holders,
        };
        let last = from.iter().filter_map(|holder| self.pieces.get(holder)).max()?;
        let silent = *last + self.config.times.silence;
        (silent > now && now.since(want.began) < PIECES_MS_MAX).then_some(silent)
    }

    /// A part of a stream came: the rest of it is waited for.
    pub(super) fn expect_more(&mut self, now: Time, document: DocumentId, wait: u64) {
        if let Some(want) = self.wants.get_mut(&document) {
            want.due = now + wait;
            want.attempts = 0;
        }
    }

    /// A member has just what is here. If it was the last to say that it has what is wanted, that is part of
    /// this: documents only grow.
    pub(super) fn agrees(&mut self, document: DocumentId, member: &MemberName) {
        if self.wants.get(&document).is_some_and(|want| want.holders.last() == Some(member)) {
            self.wants.remove(&document);
        }
    }

    /// What came cannot be read, or is not all of the version: the rest has to be asked for, unless an
    /// answer is on its way. Where `is_answer` was one, all of it has to be.
    pub(super) fn want_more(&mut self, now: Time, document: DocumentId, is_answer: bool) {
        let soon = now + self.some_time();
        if let Some(want) = self.wants.get_mut(&document) {
            want.wants_all = is_answer && want.asked > 0;
            want.due = if is_answer { soon } else { soon.max(want.answer_by) };
            want.attempts = 0;
        }
    }

    /// Somebody else asks. What they are answered may be all that is wanted here.
    pub(super) fn overhear(&mut self, ctx: Ctx<'_>, ask: &Ask) {
        let wait = self.answer_wait(ctx, 1);
        let ours = self.tags(ctx, ask.document);
        let Some(want) = self.wants.get_mut(&ask.document) else { return };
        let covers = match &ask.what {
            What::Everything => true,
            What::Rest(theirs) => theirs.is_subset(&ours),
            What::Structure | What::Sections(_) => false,
        };
        if covers && ask.target == Some(want.target) {
            want.answer_by = want.answer_by.max(ctx.now + wait);
            want.answerer.clone_from(&ask.whom);
            want.due = want.due.max(want.answer_by);
            want.attempts = want.attempts.max(1);
        }
    }

    pub(super) fn tick_wants(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let due = self.wants.iter().filter(|(_, want)| want.due <= ctx.now);
        for document in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            let coming = self.wants.get(&document).and_then(|want| self.is_coming(ctx.now, want));
            match (coming, self.wants.get_mut(&document)) {
                (Some(until), Some(want)) => want.due = until,
                _ => self.ask(ctx, document, out),
            }
        }
    }

    fn ask(&mut self, ctx: Ctx<'_>, document: DocumentId, out: &mut Vec<Action>) {
        let tags = self.tags(ctx, document);
        let is_all_shown = self.saved.aside(document).is_empty();
        let Some(want) = self.wants.get_mut(&document) else { return };
        let is_here = self.known.get(&document).is_some_and(|known| known.has(want.target));
        if is_here {
            self.wants.remove(&document);
            return;
        }
        if want.vouchers_only && want.attempts as usize >= want.holders.len() {
            self.wants.remove(&document);
            return;
        }
        if want.attempts >= ATTEMPTS_MAX {
            self.wants.remove(&document);
            let why = Refusal::GaveUp(document);
            return out.push(Action::Refuse { from: self.me.clone(), why });
        }
        let at = want.holders.len().saturating_sub(1 + want.attempts as usize);
        let whom = match want.vouchers_only || want.attempts < NAMED_ATTEMPTS {
            true => want.holders.get(at).cloned(),
            false => None,
        };
        want.answerer.clone_from(&whom);
        want.attempts += 1;
        want.asked += 1;
        // A question that another asked has been waited for already.
        let nth = want.attempts.min(want.asked);
        let base = ctx.shelf.get(document).map(|held| held.digest());
        want.said = Some(Have::of(&tags)).filter(|_| is_all_shown && !want.wants_all);
        let what =
            if tags.is_empty() || want.wants_all { What::Everything } else { What::Rest(tags) };
        let target = Some(want.target);
        let message = Message::Ask(Ask { document, target, base, whom, what });
        out.push(Action::Send { to: To::Raid, message });
        let wait = self.answer_wait(ctx, nth) + self.some_time() / 4;
        if let Some(want) = self.wants.get_mut(&document) {
            want.due = ctx.now + wait;
            want.answer_by = want.due;
        }
    }

    /// How long an answer to the nth question may take to begin.
    fn answer_wait(&self, ctx: Ctx<'_>, nth: u32) -> u64 {
        let times = &self.config.times;
        let queued = ctx.backlog_frames as u64 * self.frame_ms;
        let doubled = times.answer << (nth.saturating_sub(1)).min(16);
        doubled.min(times.ask_max) + queued.min(times.ask_max)
    }

    /// The short names of all that is here of a document, shown or aside.
    pub(super) fn tags(&self, ctx: Ctx<'_>, document: DocumentId) -> BTreeSet<Tag> {
        let mut tags = self.saved.tags(document);
        if let Some(held) = ctx.shelf.get(document) {
            tags.extend(held.versions().map(crate::version::Version::tag));
        }
        tags
    }

    /// A version is here whole: says what its transfer was.
    pub(super) fn finish(&mut self, ctx: Ctx<'_>, document: DocumentId, out: &mut Vec<Action>) {
        let Some(held) = ctx.shelf.get(document) else { return };
        let is_here =
            |want: &Want| self.known.get(&document).is_some_and(|known| known.has(want.target));
        if !self.wants.get(&document).is_some_and(is_here) {
            return;
        }
        let Some(want) = self.wants.remove(&document) else { return };
        let sections = held.sections();
        let text: usize = sections.iter().map(|section| section.body.bytes().len()).sum();
        out.push(Action::Finished(Box::new(Report {
            document,
            before: want.before,
            after: held.digest(),
            fetched: want.sections,
            reused: (sections.len() as u32).saturating_sub(want.sections),
            bytes: want.bytes,
            saved: (text as u64).saturating_sub(want.bytes),
            took_ms: ctx.now.since(want.began),
            asked: want.asked,
            served: want.served,
        })));
    }
}
