//! Pulling and pushing, as the initiator goes about it.

use std::collections::{BTreeSet, VecDeque};

use super::{Phase, Session, Turn};
use crate::config::{Ack, Request};
use crate::log::Step;
use crate::message::{Done, Last, Message, Wanted};
use crate::record::Record;
use crate::report::Outcome;
use crate::transfer::Incoming;

impl Session {
    /// Asks for what is missing and says what is coming; or goes on to that at once.
    pub(super) fn pull(
        &mut self,
        turn: &mut Turn<'_, '_>,
        wanted: Wanted,
        n_wanted: u32,
        coming: Vec<Record>,
    ) -> Option<Outcome> {
        let (wanted, n_wanted, primed) = self.leave_out_held(turn, wanted, n_wanted);
        if n_wanted > 0 && !primed {
            // The other side cannot know what is common.
            self.base.clear();
        }
        self.report.missing += n_wanted;
        self.total = n_wanted + coming.len() as u32;
        self.incoming = Some(Incoming::new(0, self.base.clone()));
        if n_wanted == 0 {
            return self.push(turn, coming);
        }
        let mut later: VecDeque<Wanted> = match (turn.config.request, wanted) {
            (Request::Single, Wanted::Hashes(all)) => {
                all.into_iter().map(|one| Wanted::Hashes(vec![one])).collect()
            }
            (Request::Single, Wanted::Keys(all)) => {
                all.into_iter().map(|one| Wanted::Keys(vec![one])).collect()
            }
            (_, wanted) => VecDeque::from([wanted]),
        };
        let Some(wanted) = later.pop_front() else { return self.push(turn, coming) };
        self.phase = Phase::Pulling { wanted, primed, later, coming };
        self.send_pull(turn);
        None
    }

    /// What was held here already, since its time has not come, is not asked for again. Also says whether
    /// the other side can tell from the request what is common: if all is asked for that it alone has.
    fn leave_out_held(
        &mut self,
        turn: &Turn<'_, '_>,
        wanted: Wanted,
        n_wanted: u32,
    ) -> (Wanted, u32, bool) {
        let Wanted::Hashes(mut hashes) = wanted else { return (wanted, n_wanted, false) };
        let held: BTreeSet<u32> =
            turn.ctx.tables.held().map(|record| self.salt.short(record.hash())).collect();
        hashes.retain(|hash| !held.contains(hash));
        let left = hashes.len() as u32;
        self.report.held += n_wanted - left;
        let is_whole = left == n_wanted && turn.config.request == Request::Batch;
        let primed = is_whole && !self.has_changed(turn);
        (Wanted::Hashes(hashes), left, primed)
    }

    /// The request as it stands now.
    pub(super) fn send_pull(&mut self, turn: &mut Turn<'_, '_>) {
        let Phase::Pulling { wanted, primed, coming, .. } = &self.phase else { return };
        let (wanted, primed, coming) = (wanted.clone(), *primed, coming.len() as u32);
        let first = self.incoming.as_ref().map_or(0, Incoming::next);
        let what = match &wanted {
            Wanted::All => "all records".to_owned(),
            Wanted::Hashes(hashes) => format!("{} records", hashes.len()),
            Wanted::Keys(keys) => format!("{} records", keys.len()),
        };
        self.log(turn, Step::Request, format!("asks for {what}; {coming} are coming"));
        let (session, round) = (self.id, self.round);
        self.say(turn, Message::Pull { session, round, first, primed, coming, wanted });
        self.heard = turn.ctx.now;
    }

    /// A batch of what was asked for is merged.
    pub(super) fn pulled_batch(
        &mut self,
        turn: &mut Turn<'_, '_>,
        last: Option<Last>,
    ) -> Option<Outcome> {
        if last.is_none() {
            if turn.config.ack == Ack::Chunk {
                let next = self.incoming.as_ref().map_or(0, Incoming::next);
                let (session, round, done) = (self.id, self.round, Done::Batches);
                self.say(turn, Message::Ack { session, round, next, done });
            }
            return self.merge_next(turn);
        }
        let Phase::Pulling { wanted, later, coming, .. } = &mut self.phase else { return None };
        if let Some(next) = later.pop_front() {
            *wanted = next;
            if let Some(incoming) = &mut self.incoming {
                incoming.restart();
            }
            self.send_pull(turn);
            return None;
        }
        let coming = std::mem::take(coming);
        if !self.incoming.as_ref().is_some_and(Incoming::was_primed) {
            // The other side was not sure what is common, or had nothing to say it with.
            self.base.clear();
        }
        let n_short =
            self.report.missing.saturating_sub(self.report.received() + self.report.refused);
        if n_short > 0 {
            let text = format!("{n_short} records that were told of did not come");
            self.log(turn, Step::Receive, text);
        }
        self.push(turn, coming)
    }

    /// Sends what the other side lacks: what is still here as it was, and may be sent.
    fn push(&mut self, turn: &mut Turn<'_, '_>, coming: Vec<Record>) -> Option<Outcome> {
        let tables = turn.ctx.tables;
        let is_current = |record: &Record| {
            tables.get(record.key()).is_some_and(|now| now.hash() == record.hash())
        };
        let (mut going, mut withheld) = (Vec::new(), 0);
        for record in coming.into_iter().filter(is_current) {
            match turn.config.rights.may_send(turn.me, &record) {
                true => going.push(record),
                false => withheld += 1,
            }
        }
        if withheld > 0 {
            self.report.withheld += withheld;
            let text = format!(
                "{withheld} records stay here: the other side takes them from officers only"
            );
            self.log(turn, Step::Send, text);
        }
        self.total = self.done + going.len() as u32;
        let going = Self::in_order(turn, going);
        let base = self.base_behind_pull();
        self.phase = Phase::Pushing;
        self.heard = turn.ctx.now;
        self.prepare(turn, 0, going, &base)
    }
}
