//! What time does to a session: answers that do not come, limits, pauses.

use guildsync_types::Time;

use super::{Frame, Phase, Session, Turn};
use crate::config::{Ack, Config};
use crate::message::{Message, Refused};
use crate::report::{Failure, Outcome, Side};
use crate::transfer::Outgoing;

impl Session {
    /// When something is due, as far as this session is concerned.
    pub(crate) fn deadline(&self, config: &Config, frame: Frame) -> Time {
        let limit = self.began + config.limit_ms;
        let patience = match self.phase {
            Phase::Answering { .. } => config.answer_ms.saturating_mul(24),
            Phase::Lingering => config.answer_ms.saturating_mul(4),
            _ => patience(config.answer_ms, self.attempts),
        };
        let mut due = limit.min(self.heard + patience);
        if let Some(pause) = self.pause.filter(|_| self.merging.is_none()) {
            due = due.min(pause);
        }
        if self.outgoing.as_ref().is_some_and(|out| may_go_on(out, config)) {
            due = due.min(self.heard + (frame.ms * 2).max(50));
        }
        due
    }

    /// A time has passed.
    pub(crate) fn tick(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        let now = turn.ctx.now;
        if now >= self.began + turn.config.limit_ms {
            self.say(turn, Message::Close { session: self.id, why: Refused::TimedOut });
            return Some(Outcome::Failed(Failure::TimedOut));
        }
        if let Some(outcome) = self.merge_next(turn) {
            return Some(outcome);
        }
        if self.outgoing.as_ref().is_some_and(|out| may_go_on(out, turn.config)) {
            // The channel decides how fast; that it does not keep up is nobody's silence.
            self.heard = self.heard.max(now);
            return self.pump(turn);
        }
        let patience = match self.phase {
            Phase::Answering { .. } => turn.config.answer_ms.saturating_mul(24),
            Phase::Lingering => turn.config.answer_ms.saturating_mul(4),
            _ => patience(turn.config.answer_ms, self.attempts),
        };
        if now < self.heard + patience || self.merging.is_some() {
            return None;
        }
        let waits = turn.ctx.waits_for.is_some_and(|waits| waits(&self.peer));
        if waits {
            self.heard = now;
            return None;
        }
        match (&self.phase, self.side) {
            (Phase::Lingering, _) => Some(Outcome::Complete),
            (_, Side::Responder) => Some(Outcome::Failed(Failure::Silent)),
            (_, Side::Initiator) => self.ask_again(turn),
        }
    }
}

/// Whether more batches may be made.
fn may_go_on(out: &Outgoing, config: &Config) -> bool {
    !out.is_over() && (config.ack != Ack::Chunk || out.acked() == out.next())
}

/// How long an answer is waited for: longer each time.
fn patience(answer_ms: u64, attempts: u32) -> u64 {
    let grown = answer_ms.saturating_mul(3u64.saturating_pow(attempts.min(8)));
    grown / 2u64.pow(attempts.min(8))
}
