//! Records that come from the other side: kept until their turn, checked, merged, counted.

use guildsync_types::bugs::{Bug, planted};

use super::{Merging, Phase, Session, Turn};
use crate::config::Yield;
use crate::event::{Action, Refusal};
use crate::kind::TableKind;
use crate::log::Step;
use crate::message::{Batch, Last, Message, Refused};
use crate::record::Record;
use crate::report::{Outcome, Side, TableState};
use crate::tables::{Merge, Merged};
use crate::transfer::BatchError;

impl Session {
    /// The initiator gets a batch of what it asked for.
    pub(crate) fn came(
        &mut self,
        turn: &mut Turn<'_, '_>,
        number: u32,
        batch: Batch,
        last: Option<Last>,
    ) -> Option<Outcome> {
        match self.phase {
            Phase::Pulling { .. } => self.batch(turn, number, batch, last),
            _ => None,
        }
    }

    /// Takes in a batch of records.
    pub(super) fn batch(
        &mut self,
        turn: &mut Turn<'_, '_>,
        number: u32,
        batch: Batch,
        last: Option<Last>,
    ) -> Option<Outcome> {
        let incoming = self.incoming.as_mut()?;
        match incoming.keep(number, batch, last) {
            Ok(true) => {
                self.attempts = 0;
                self.merge_next(turn)
            }
            Ok(false) => None,
            // It is sent again when its turn has come.
            Err(BatchError::TooEarly) => None,
            Err(why) => self.spoilt(turn, &why),
        }
    }

    /// A batch makes no sense: nothing of it is taken. The initiator goes on with each table by itself; the
    /// other side says so and leaves.
    pub(super) fn spoilt(&mut self, turn: &mut Turn<'_, '_>, why: &BatchError) -> Option<Outcome> {
        let text = why.to_string();
        let from = self.peer.clone();
        turn.out.push(Action::Refuse { from, why: Refusal::Nonsense(text.clone()) });
        if self.side == Side::Initiator {
            return self.part(turn, &text);
        }
        self.say(turn, Message::Close { session: self.id, why: Refused::Nonsense });
        self.report.error(text.clone());
        Some(Outcome::Error(text))
    }

    /// Hands the next batch over, if it is here and nothing else is being merged.
    pub(super) fn merge_next(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        if self.merging.is_some()
            || self.n_void > 0
            || self.pause.is_some_and(|until| turn.ctx.now < until)
        {
            return None;
        }
        self.pause = None;
        let taken = match self.incoming.as_mut()?.take() {
            Ok(taken) => taken?,
            Err(why) => return self.spoilt(turn, &why),
        };
        self.report.chunks_processed += 1;
        let n_came = taken.records.len();
        if self.side == Side::Initiator {
            self.pulled.extend(taken.records.iter().cloned());
        }
        let rights = &turn.config.rights;
        let (records, refused): (Vec<_>, Vec<_>) = taken.records.into_iter().partition(|record| {
            let may = planted(Bug::RightsNotChecked) || rights.may_send(&self.peer, record);
            self.guilds.contains(record.guild()) && may
        });
        if let Some(first) = refused.first() {
            self.report.refused += refused.len() as u32;
            let (n, id, table) = (refused.len(), first.id(), first.table());
            let who = self.peer.as_str();
            let text =
                format!("{n} records, such as {id} of {table}, that {who} may not write here");
            self.log(turn, Step::Receive, text.clone());
            self.report.error(text);
        }
        self.log_records(turn, Step::Receive, "received", &records);
        self.done += n_came as u32;
        let tables: Vec<TableKind> = records.iter().map(Record::table).collect();
        if let Some(&table) = tables.first() {
            self.set_state(turn, table, TableState::InProgress);
        }
        let is_asked = !records.is_empty();
        self.merging = Some(Merging { tables, is_asked, last: taken.last });
        if !is_asked {
            return self.count_merged(turn, &[]);
        }
        let (from, session) = (self.peer.clone(), self.id);
        turn.out.push(Action::Merge { from, session, records });
        None
    }

    /// A batch is merged and durable.
    pub(crate) fn merged(&mut self, turn: &mut Turn<'_, '_>, merges: &[Merge]) -> Option<Outcome> {
        if self.n_void > 0 {
            self.n_void -= 1;
            return self.merge_next(turn);
        }
        self.count_merged(turn, merges)
    }

    fn count_merged(&mut self, turn: &mut Turn<'_, '_>, merges: &[Merge]) -> Option<Outcome> {
        let Merging { tables, last, .. } = self.merging.take()?;
        let mut n_changed = 0;
        for (table, merge) in tables.iter().zip(merges) {
            self.report.count(*table, *merge);
            n_changed += u32::from(merge.merged.is_change());
            if merge.conflict {
                let won = if merge.merged == Merged::Older { "the one here" } else { "the other" };
                let text = format!("two versions of one second in {table}: {won} counts");
                self.log(turn, Step::Receive, text);
            }
        }
        if !tables.is_empty() {
            let text =
                format!("merged {} records, {n_changed} of them changed something", tables.len());
            self.log(turn, Step::Receive, text);
            self.tell_progress(turn);
        }
        if let Yield::Every { records, pause_ms } = turn.config.yields
            && !tables.is_empty()
        {
            let n_pauses = (tables.len() as u64).div_ceil(u64::from(records.max(1)));
            self.pause = Some(turn.ctx.now + pause_ms * n_pauses);
        }
        match self.side {
            Side::Initiator => self.pulled_batch(turn, last),
            Side::Responder => self.pushed_batch(turn, &tables, last),
        }
    }
}
