//! Which message belongs to which session, and what becomes of those that belong to none.

use guildsync_types::MemberName;

use super::{Ended, TableSync};
use crate::event::{Action, Ctx, Refusal, To};
use crate::message::{Busy, Message, Open, Refused, Reply, SessionId};
use crate::report::{Failure, Outcome, Side};
use crate::session::{Phase, Session};

impl TableSync {
    pub(super) fn received(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        message: Message,
        out: &mut Vec<Action>,
    ) {
        if self.guild.is_none() || from == self.me {
            return;
        }
        match message {
            Message::WhoIsOnline { status } => self.was_asked(from, status, out),
            Message::Presence { status, last_sync } => {
                self.is_present(from, status, last_sync, out);
            }
            Message::Open(open) => self.opened(ctx, from, &open, out),
            other => self.in_session(ctx, from, other, out),
        }
    }

    /// Somebody opens a session, or a round of one.
    fn opened(&mut self, ctx: Ctx<'_>, from: MemberName, open: &Open, out: &mut Vec<Action>) {
        let reply = |reply, out: &mut Vec<Action>| {
            let (session, round) = (open.session, open.round);
            let message = Message::Reply { session, round, reply };
            out.push(Action::Send { to: To::Member(from.clone()), message });
        };
        if let Some(why) = self.busy_at_all() {
            reply(Reply::Busy(why), out);
            return;
        }
        match self.sessions.get(&from) {
            Some(ours) if ours.side == Side::Initiator => {
                let both_open = matches!(ours.phase, Phase::Opening { .. });
                // Both opened at once: the session of the one whose name sorts first takes place.
                if !both_open || self.me < from {
                    if !both_open {
                        reply(Reply::Busy(Busy::Syncing), out);
                    }
                    return;
                }
                self.sessions.remove(&from);
                self.saved.unfinished.remove(&from);
            }
            Some(ours) if ours.id != open.session => {
                // What was before is over, as the other side sees it.
                if let Some(before) = self.sessions.remove(&from) {
                    let outcome = match before.phase {
                        Phase::Lingering => Outcome::Complete,
                        _ => Outcome::Failed(Failure::Gone),
                    };
                    self.finish(ctx, before, outcome, out);
                }
            }
            _ => {}
        }
        if self.n_active(Some(&from)) >= self.config.sessions.max(1) {
            reply(Reply::Busy(Busy::Syncing), out);
            return;
        }
        let Some(own) = &self.guild else { return };
        if !self.sessions.contains_key(&from) {
            let Self { me, config, frame, saved, .. } = self;
            let logs = &mut saved.logs;
            let turn = crate::session::Turn { ctx, me, own, config, frame: *frame, logs, out };
            let session = Session::asked(&turn, open, from.clone());
            self.sessions.insert(from.clone(), session);
        }
        self.with(ctx, &from, out, |turn, one| {
            one.hear(turn.ctx.now);
            one.opened(turn, open)
        });
    }

    /// A message that belongs to a session.
    fn in_session(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        message: Message,
        out: &mut Vec<Action>,
    ) {
        let Some(id) = message.session() else { return };
        let is_ours = self.sessions.get(&from).is_some_and(|one| one.id == id);
        if !is_ours {
            self.of_no_session(from, id, &message, out);
            return;
        }
        let refused = from.clone();
        let mut stale = false;
        self.with(ctx, &from, out, |turn, one| {
            if !one.is_round_of(&message) {
                stale = true;
                return None;
            }
            one.hear(turn.ctx.now);
            match (one.side, message) {
                (Side::Initiator, Message::Reply { reply, .. }) => one.replied(turn, reply),
                (Side::Initiator, Message::Records { number, last, batch, .. }) => {
                    one.came(turn, number, batch, last)
                }
                (Side::Initiator, Message::Ack { next, done, .. }) => {
                    one.acknowledged(turn, next, done)
                }
                (Side::Initiator, Message::Close { why: Refused::UnknownSession, .. }) => {
                    one.forgotten(turn)
                }
                (Side::Initiator, Message::Close { why: Refused::Nonsense, .. }) => {
                    let why = Refused::Nonsense.to_string();
                    one.part(turn, &why)
                }
                (Side::Responder, Message::RequestMetadata { ask, .. }) => {
                    one.asked_for_more(turn, ask);
                    None
                }
                (Side::Responder, Message::Pull { first, primed, wanted, coming, .. }) => {
                    one.pulled_from(turn, first, primed, wanted, coming)
                }
                (Side::Responder, Message::Records { number, last, batch, .. }) => {
                    one.pushed(turn, number, batch, last)
                }
                (Side::Responder, Message::Ack { next, .. }) => one.sent_arrived(turn, next),
                (_, Message::Close { why, .. }) => Some(Outcome::Failed(Failure::Refused(why))),
                _ => {
                    stale = true;
                    None
                }
            }
        });
        if stale {
            out.push(Action::Refuse { from: refused, why: Refusal::Stale });
        }
    }

    /// A message of a session that this member is not in, or not any more.
    fn of_no_session(
        &mut self,
        from: MemberName,
        id: SessionId,
        message: &Message,
        out: &mut Vec<Action>,
    ) {
        let is_it = |ended: &&Ended| ended.peer == from && ended.session == id;
        let answer = match (message, self.ended.iter().find(is_it)) {
            // Its last batch again: the acknowledgement was lost.
            (Message::Records { round, .. }, Some(ended)) if *round == ended.round => {
                let Ended { round, next, done, .. } = *ended;
                Some(Message::Ack { session: id, round, next, done })
            }
            // Whoever says these began the session and waits for an answer.
            (
                Message::Records { .. } | Message::Pull { .. } | Message::RequestMetadata { .. },
                _,
            ) => {
                let why = Refusal::NotASession(id);
                out.push(Action::Refuse { from: from.clone(), why });
                Some(Message::Close { session: id, why: Refused::UnknownSession })
            }
            _ => {
                let why = Refusal::NotASession(id);
                out.push(Action::Refuse { from: from.clone(), why });
                None
            }
        };
        if let Some(message) = answer {
            out.push(Action::Send { to: To::Member(from), message });
        }
    }
}
