//! Records that go to the other side: in batches, as fast as the channel takes them.

use guildsync_wire::negotiate::Dialect;

use super::{BACKLOG_FRAMES, Session, Turn};
use crate::config::Ack;
use crate::log::Step;
use crate::message::{Batch, Change, Last, Message};
use crate::record::Record;
use crate::report::Outcome;
use crate::transfer::Outgoing;

impl Session {
    /// Makes records ready to be sent: packed, or as they are in the text dialect.
    pub(super) fn prepare(
        &mut self,
        turn: &mut Turn<'_, '_>,
        first: u32,
        records: Vec<Record>,
        base: &[Record],
    ) -> Option<Outcome> {
        for record in &records {
            self.report.tables[record.table().index()].sent += 1;
        }
        self.log_records(turn, Step::Send, "sending", &records);
        let known = |record: &Record| self.older_there.contains(record.key());
        let change = |record: Record| {
            let change = match (record.is_deleted(), known(&record)) {
                (true, _) => Change::Delete,
                (false, true) => Change::Update,
                (false, false) => Change::Add,
            };
            (change, record)
        };
        let is_plain = turn.config.dialect == Dialect::Text;
        let records: Vec<_> = match is_plain {
            true => records.into_iter().map(change).collect(),
            // What it means is told in text alone.
            false => records.into_iter().map(|record| (Change::Add, record)).collect(),
        };
        let outgoing = match is_plain {
            true => Ok(Outgoing::plain(first, records)),
            false => Outgoing::packed(first, records, base),
        };
        match outgoing {
            Ok(outgoing) => self.outgoing = Some(outgoing),
            Err(why) => return self.spoilt(turn, &why.into()),
        }
        self.pump(turn)
    }

    /// Sends batches, as long as the channel keeps up.
    pub(crate) fn pump(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        // Whatever else waits for the channel, something of this session does too.
        let waits = turn.ctx.waits_for.is_some_and(|waits| waits(&self.peer));
        let mut frames = if waits { turn.ctx.backlog_frames } else { 0 };
        while frames < BACKLOG_FRAMES {
            let digest_cells = self.differ;
            let outgoing = self.outgoing.as_mut()?;
            if turn.config.ack == Ack::Chunk && outgoing.acked() < outgoing.next() {
                break;
            }
            let (number, batch, is_last) = match outgoing.make() {
                Ok(Some(made)) => made,
                Ok(None) => break,
                Err(why) => return self.spoilt(turn, &why.into()),
            };
            let bytes = match &batch {
                Batch::Packed { bytes, .. } => bytes.len(),
                Batch::Plain(records) => records.len() * 300,
            };
            frames += 1 + bytes / turn.frame.bytes.max(1);
            let last = is_last.then(|| Last { digest: self.view(turn).digest(digest_cells) });
            self.report.chunks_sent += 1;
            self.heard = self.heard.max(turn.ctx.now);
            let (session, round) = (self.id, self.round);
            self.say(turn, Message::Records { session, round, number, last, batch });
        }
        None
    }

    /// The initiator has what was sent up to here.
    pub(crate) fn sent_arrived(&mut self, turn: &mut Turn<'_, '_>, next: u32) -> Option<Outcome> {
        self.outgoing.as_mut()?.arrived(next);
        self.pump(turn)
    }

    /// Sends a batch again.
    pub(super) fn send_again(&mut self, turn: &mut Turn<'_, '_>, number: u32) -> bool {
        let Some((batch, is_last)) = self.outgoing.as_ref().and_then(|out| out.again(number))
        else {
            return false;
        };
        let last = is_last.then(|| Last { digest: self.view(turn).digest(self.differ) });
        let (session, round) = (self.id, self.round);
        self.say(turn, Message::Records { session, round, number, last, batch });
        true
    }
}
