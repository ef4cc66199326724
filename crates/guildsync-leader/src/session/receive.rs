//! What a member does with a message. What it does with entries is in `session::entries`.

use guildsync_log::Log;
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{Digest, MemberName};

use super::Session;
use crate::announcements::Announcement;
use crate::answer;
use crate::coordination::Announce;
use crate::event::{Action, Ctx, Refusal};
use crate::follow::listed;
use crate::message::{
    Announced, Answer, Base, Cause, Epoch, Has, Heads, MemberTag, Message, Named, Tag, To, Want,
};
use crate::requests::profile_tag;

/// Announcements that are overtaken on their way are not that far apart.
const FAR_BELOW: u64 = 64;
/// How many members at a time tell a coordinator that its term is over.
const CORRECTING: u64 = 3;
/// Frames behind which no correction is queued.
const CORRECTING_BACKLOG: usize = 4;
/// How often a coordinator of the past is corrected, in milliseconds.
const CORRECT_MS: u64 = 2_000;

impl Session {
    pub(super) fn received(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        message: Message,
        out: &mut Vec<Action>,
    ) {
        if let Err(why) = self.receive(ctx, &from, message, out) {
            out.push(Action::Refuse { from, why });
        }
    }

    fn receive(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        message: Message,
        out: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        let epoch = message.term().map(|term| Epoch { term, coordinator: from.clone() });
        if let Some(why) = self.off() {
            // Who coordinates is noted all the same, or a later manual sync would come too late.
            self.epoch = self.epoch.take().max(epoch);
            return Err(why);
        }
        if !self.group.as_ref().is_some_and(|group| group.members.contains(from)) {
            return Err(Refusal::NotInGroup);
        }
        if self.epoch.as_ref().is_some_and(|epoch| epoch.coordinator == *from) {
            self.heard = ctx.now;
        }
        if let Some(epoch) = epoch {
            self.hear_coordinator(ctx, from, epoch, &message, out)?;
        }
        match message {
            Message::ManualSyncStart { .. } => Ok(()),
            Message::ProfileAnnounce { at, profile, switch, answer, digest, heads } => {
                if self.leading.as_ref().is_some_and(|l| Some(&l.epoch) == self.epoch.as_ref()) {
                    // It answered with an epoch of its own.
                    return Ok(());
                }
                let announced = (at, profile, digest, heads);
                self.announced(ctx, from, announced, switch, answer, out)
            }
            Message::RequestLogList { profile, announced } => {
                self.list_wanted(ctx, from, profile, announced, out)
            }
            Message::LogListReply { at, has } => {
                let profile = match &has {
                    Has::Listed { profile, .. } => known(ctx, *profile)?.profile().id,
                    _ => match self.announcements.get(at) {
                        Some(known) => known.profile,
                        None => return Ok(()),
                    },
                };
                self.with_coordination(ctx, profile, out, |coordination, work| {
                    coordination.replied(work, from, at, has);
                });
                Ok(())
            }
            Message::RequestMyMissing { profile, request, answer, base, wants } => {
                let log = known(ctx, profile)?;
                self.entries_wanted(ctx, log, from, (request, answer), base.as_ref(), &wants, out)
            }
            Message::SendMissingLogs { profile, request, batch } => {
                self.batch(ctx, from, known(ctx, profile)?, request, batch, out)
            }
            Message::LogEntry { profile, batch } => {
                self.batch(ctx, from, known(ctx, profile)?, 0, batch, out)
            }
        }
    }

    /// Whether to go along with whoever says that it coordinates.
    fn hear_coordinator(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        epoch: Epoch,
        message: &Message,
        out: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        let by_hand = matches!(message, Message::ManualSyncStart { cause: Cause::ByHand, .. });
        if by_hand && !self.may_start(ctx, from) {
            return Err(Refusal::NotAnOfficer);
        }
        let is_manual = by_hand || self.manual.as_ref() == Some(&epoch);
        if let Err(why) = self.follow(ctx, epoch.clone()) {
            self.correct(ctx, &why, out);
            return Err(why);
        }
        if is_manual {
            self.manual = Some(epoch);
        } else if self.leads_group()
            && matches!(message, Message::ProfileAnnounce { .. })
            && self.insists(ctx.now)
        {
            // A former leader has not heard yet that it leads no more, or somebody took over while
            // this one could not speak.
            self.start(ctx, None, out);
        }
        Ok(())
    }

    /// A coordinator whose term is over is told of the present one: by the one who holds it, or, if that
    /// one does not speak any more, by some of the others in turn.
    fn correct(&mut self, ctx: Ctx<'_>, why: &Refusal, out: &mut Vec<Action>) {
        let Refusal::StaleEpoch { stale } = why else { return };
        if ctx.now < self.corrected + CORRECT_MS {
            return;
        }
        self.corrected = ctx.now;
        let Some(mut leading) = self.leading.take() else {
            let others = self.others();
            let mine = MemberTag::of(&self.me);
            let rank = others.iter().filter(|other| MemberTag::of(other) < mine).count() as u64;
            let turn = (ctx.now.0 / CORRECT_MS + rank) % (others.len() as u64 + 1);
            if let Some(newest) = self.epoch.as_ref().filter(|_| turn < CORRECTING) {
                let profile = profile_tag(ctx.profiles.active_id());
                // Of the same coordinator it may just be late; or its program has started again.
                let is_same = newest.coordinator == stale.coordinator;
                let n = if is_same { 1 } else { Announced::OF_ANOTHER };
                let announced = Some(Announced { term: newest.term, n });
                let message = Message::RequestLogList { profile, announced };
                Self::send(&stale.coordinator, message, out);
            }
            return;
        };
        // One announcement says it; what waits already may be what the other has not heard yet.
        let is_quiet = ctx.backlog.frames <= CORRECTING_BACKLOG;
        let first = leading.profiles.keys().next().copied();
        if let Some(id) = first.filter(|_| is_quiet && Some(&leading.epoch) == self.epoch.as_ref())
        {
            let announce = Announce { to: To::Group, answer: false, whole: true };
            self.announce(ctx, &mut leading, id, announce, out);
        }
        self.leading = Some(leading);
    }

    /// A member creates and makes active what is announced, and says what it has of it.
    fn announced(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        (at, profile, digest, heads): (Announced, Named, Digest, Option<Heads>),
        switch: bool,
        answer: bool,
        out: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        let fresh: Log;
        let log = match &profile {
            Named::Whole(profile) => match ctx.profiles.get(&profile.id) {
                Some(log) => log,
                None => {
                    out.push(Action::CreateProfile(profile.clone()));
                    fresh = Log::new(profile.clone());
                    &fresh
                }
            },
            Named::Tag(tag) => match known(ctx, *tag) {
                Ok(log) => log,
                Err(_) => {
                    let message = Message::RequestLogList { profile: *tag, announced: Some(at) };
                    Self::send(from, message, out);
                    return Ok(());
                }
            },
        };
        let id = log.profile().id;
        if switch && self.config.auto_switch && ctx.profiles.active_id() != id {
            out.push(Action::SwitchProfile(id));
        }
        let is_told = heads.is_some() || self.announcements.get(at).is_some();
        let announcement = match (heads, self.announcements.get(at)) {
            (Some(heads), _) => Announcement { profile: id, digest, heads },
            (None, Some(known)) => Announcement { digest, ..known.clone() },
            (None, None) => {
                if log.digest() != digest && !planted(Bug::HeartbeatNotCompared) {
                    let message =
                        Message::RequestLogList { profile: profile_tag(id), announced: Some(at) };
                    Self::send(from, message, out);
                    return Ok(());
                }
                Announcement { profile: id, digest, heads: Heads::default() }
            }
        };
        if is_told {
            // Numbers that begin far below those that are known: the coordinator has started over.
            let newest = self.announcements.newest(id).map(|(newest, _)| newest);
            if newest.is_some_and(|newest| newest.term == at.term && newest.n > at.n + FAR_BELOW) {
                self.announcements.forget_term(at.term);
            }
            self.announcements.insert(at, announcement.clone());
        }
        let config = &self.config;
        self.following.announced(ctx.now, log, from, (at, &announcement), answer, config, out);
        self.try_held(ctx, id, out);
        Ok(())
    }

    /// Somebody wants to know what is here, or missed an announcement.
    fn list_wanted(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        profile: Tag,
        announced: Option<Announced>,
        out: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        if let Some(at) = announced
            && self.hear_of(ctx, at, out)
        {
            return Ok(());
        }
        let log = known(ctx, profile)?;
        let again = announced.and_then(|at| Some((at, self.announced_before(ctx, at)?)));
        if let (Some((at, message)), Some(leading)) = (again, &mut self.leading) {
            if let Some(to) = leading.repeat_to(at, from, ctx.now, self.config.collect_ms) {
                out.push(Action::Send { to, message });
            }
        } else if let Some(mut leading) = self.leading.take() {
            let (to, id) = (To::Member(from.clone()), log.profile().id);
            let announce = Announce { to, answer: false, whole: true };
            self.announce(ctx, &mut leading, id, announce, out);
            self.leading = Some(leading);
        } else {
            let at = Announced::NONE;
            Self::send(from, Message::LogListReply { at, has: listed(log, false) }, out);
        }
        Ok(())
    }

    /// Somebody wants entries.
    fn entries_wanted(
        &mut self,
        ctx: Ctx<'_>,
        log: &Log,
        from: &MemberName,
        (request, answer): (u32, Answer),
        base: Option<&Base>,
        wants: &[Want],
        out: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        let to = match answer {
            Answer::Me => To::Member(from.clone()),
            Answer::Group => To::Group,
            Answer::Member(tag) => {
                let others = self.others();
                let other = others.into_iter().find(|member| MemberTag::of(member) == tag);
                To::Member(other.ok_or(Refusal::NotInGroup)?)
            }
        };
        if !self.answers.is_new(ctx.now, from, request) {
            return Ok(());
        }
        let to_asker = To::Member(from.clone());
        let to = match base {
            None if to == to_asker || to == To::Group => {
                match self.answers.share(ctx.now, log.profile().id, wants, from, to) {
                    Some(to) => to,
                    None => return Ok(()),
                }
            }
            _ => to,
        };
        let segments = answer::wanted(log, wants, &self.me)?;
        let mine = log.frontier();
        let base = base.and_then(|base| self.announcements.resolve(base, &mine).ok());
        let base = base.map(|base| base.min(&mine));
        let is_as_asked = to == to_asker || to == To::Group && answer == Answer::Group;
        let number = if is_as_asked { request } else { 0 };
        let all = answer::messages(
            log,
            &self.announcements,
            base.as_ref().map(|base| (base, false)),
            segments,
            number,
            &self.config,
        );
        for message in all {
            out.push(Action::Send { to: to.clone(), message });
        }
        Ok(())
    }
}

/// The profile that a tag means.
fn known<'a>(ctx: Ctx<'a>, profile: Tag) -> Result<&'a Log, Refusal> {
    let mut fitting = ctx.profiles.iter().filter(|log| profile.names(log.profile().id));
    let first = fitting.next().ok_or(Refusal::UnknownProfile(profile))?;
    match fitting.next() {
        None => Ok(first),
        Some(_) => Err(Refusal::UnknownProfile(profile)),
    }
}
