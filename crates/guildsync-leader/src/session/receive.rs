//! What a member does with a message, and with what became of the segments in it.

use guildsync_log::{Log, Profile, Segment};
use guildsync_types::{MemberName, ProfileId, WriterId};

use super::Session;
use crate::event::{Action, Ctx, Outcome, Refusal};
use crate::message::{Epoch, Message, To};
use crate::summary::Summary;

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
        if !self.enabled {
            // Who coordinates is noted all the same, or a later manual sync would come too late.
            self.epoch = self.epoch.take().max(message.epoch().cloned());
            return Err(Refusal::Disabled);
        }
        if !self.group.as_ref().is_some_and(|group| group.members.contains(from)) {
            return Err(Refusal::NotInGroup);
        }
        match message {
            Message::ManualSyncStart { epoch } => {
                if !self.may_start(ctx, from) {
                    return Err(Refusal::NotAnOfficer);
                }
                self.manual = Some(epoch.clone());
                self.follow(from, epoch)?;
            }
            Message::ProfileAnnounce { epoch, profile, switch, summary } => {
                let term = epoch.term;
                let by_hand = self.manual.as_ref() == Some(&epoch);
                self.follow(from, epoch)?;
                if self.leads_group() && !by_hand {
                    // A former leader has not heard yet that it leads no more.
                    self.start(ctx, false, out);
                    return Ok(());
                }
                self.announced(ctx, from, term, profile, switch, &summary, out);
            }
            Message::RequestLogList { epoch, profile } => {
                let term = epoch.term;
                self.follow(from, epoch)?;
                let log = known(ctx, profile)?;
                let summary = Some(Summary::of(log));
                let message = Message::LogListReply { term, profile, summary };
                out.push(Action::Send { to: To::Member(from.clone()), message });
            }
            Message::LogListReply { term, profile, summary } => {
                let log = known(ctx, profile)?;
                if let Some(coordination) = self.coordination(profile) {
                    coordination.replied(from, term, log, summary.as_ref(), out);
                }
            }
            Message::RequestMyMissing { profile, request, to_group, wants } => {
                let log = known(ctx, profile)?;
                let segment = |(writer, first): (WriterId, u64)| log.segment(writer, first);
                let segments: Vec<Segment> = wants.into_iter().filter_map(segment).collect();
                let to = if to_group { To::Group } else { To::Member(from.clone()) };
                let message = Message::SendMissingLogs { profile, request, segments };
                out.push(Action::Send { to, message });
            }
            Message::SendMissingLogs { profile, request, segments } => {
                known(ctx, profile)?;
                if let Some(coordination) = self.coordination(profile) {
                    coordination.heard(request, &segments);
                }
                let from = from.clone();
                out.push(Action::Accept { from, profile, request, segments });
            }
            Message::LogEntry { profile, segment } => {
                known(ctx, profile)?;
                let (from, segments) = (from.clone(), vec![segment]);
                out.push(Action::Accept { from, profile, request: 0, segments });
            }
        }
        Ok(())
    }

    /// Goes along with a coordinator unless a later one is known.
    fn follow(&mut self, from: &MemberName, epoch: Epoch) -> Result<(), Refusal> {
        if epoch.coordinator != *from {
            return Err(Refusal::NotTheCoordinator);
        }
        if self.epoch.as_ref().is_some_and(|newest| epoch < *newest) {
            return Err(Refusal::StaleEpoch { stale: epoch });
        }
        if self.leading.as_ref().is_some_and(|leading| leading.epoch < epoch) {
            self.drain();
        }
        self.epoch = Some(epoch);
        Ok(())
    }

    /// A member creates and makes active what is announced, and says what it has of it.
    fn announced(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        term: u64,
        profile: Profile,
        switch: bool,
        theirs: &Summary,
        out: &mut Vec<Action>,
    ) {
        let id = profile.id;
        let mine = match ctx.profiles.get(&id) {
            Some(log) => Summary::of(log),
            None => {
                let mine = Summary::of(&Log::new(profile.clone()));
                out.push(Action::CreateProfile(profile));
                mine
            }
        };
        if switch && self.config.auto_switch && ctx.profiles.active_id() != id {
            out.push(Action::SwitchProfile(id));
        }
        let summary = (mine.digest() != theirs.digest()).then_some(mine);
        let message = Message::LogListReply { term, profile: id, summary };
        out.push(Action::Send { to: To::Member(from.clone()), message });
    }

    pub(super) fn accepted(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        profile: ProfileId,
        request: u64,
        outcome: &Outcome,
        out: &mut Vec<Action>,
    ) {
        let Some(log) = ctx.profiles.get(&profile) else { return };
        if let Some(coordination) = self.coordination(profile) {
            coordination.accepted(request, log, outcome, out);
        }
        self.repairs.settle(profile, &outcome.added);
        let behind = outcome.early.iter().map(|&w| (w, log.frontier().last(w) + 1));
        let forked = outcome.diverged.iter().map(|&w| (w, 1));
        for (writer, first) in behind.chain(forked) {
            let request = self.next_request(ctx);
            let deadline = ctx.now + self.config.answer_ms;
            self.repairs.ask(profile, (writer, first), request, from, deadline, out);
        }
    }
}

fn known<'a>(ctx: Ctx<'a>, profile: ProfileId) -> Result<&'a Log, Refusal> {
    ctx.profiles.get(&profile).ok_or(Refusal::UnknownProfile(profile))
}
