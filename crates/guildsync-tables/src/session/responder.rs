//! The other side: it says what differs and what it has, sends what it is asked for, and takes what comes.
//! It compares nothing.

use std::collections::BTreeSet;

use guildsync_types::MemberName;
use guildsync_types::bugs::{Bug, planted};
use guildsync_wire::negotiate::Dialect;

use super::{Phase, Session, Turn};
use crate::compare::Compared;
use crate::config::Ack;
use crate::kind::TableKind;
use crate::log::Step;
use crate::message::{
    Ask, Cell, CellSummary, Cells, Content, Done, Last, Message, Open, Refused, Reply, Wanted,
};
use crate::record::Record;
use crate::report::{Outcome, Side, TableState};
use crate::scope::{self, Agreed};
use crate::sketch::{POINTS_MAX, Sketch};
use crate::transfer::Incoming;

impl Session {
    /// A session that the other side begins.
    pub(crate) fn asked(turn: &Turn<'_, '_>, open: &Open, peer: MemberName) -> Self {
        Self::new(turn, open.session, peer, Side::Responder, Phase::Answering { pull: None })
    }

    /// The other side opens a round.
    pub(crate) fn opened(&mut self, turn: &mut Turn<'_, '_>, open: &Open) -> Option<Outcome> {
        let is_again = self.report.rounds > 0 && open.round == self.round;
        let went_on = matches!(self.phase, Phase::Answering { pull: Some(_) });
        if is_again && (went_on || self.incoming.is_some() || self.last_done.is_some()) {
            // It was answered, and the initiator has heard that: this one came late.
            return None;
        }
        let ours = scope::federation(turn.ctx.tables, turn.own, turn.config.guilds);
        self.begin_round(turn, open.round);
        self.phase = Phase::Answering { pull: None };
        self.cut = open.cut;
        self.is_partial = open.cells[1..5].iter().any(|cell| *cell == CellSummary::default());
        let (session, round) = (self.id, self.round);
        let is_first = self.guilds.is_empty();
        match scope::agree(&open.guilds, &ours) {
            Agreed::Scope(guilds) => self.guilds = guilds,
            Agreed::Fewer(tags) => {
                let reply = Reply::Scope(tags);
                self.say(turn, Message::Reply { session, round, reply });
                return None;
            }
            Agreed::NotFederated => {
                let why = Refused::NotFederated;
                self.say(turn, Message::Reply { session, round, reply: Reply::Refused(why) });
                let why = crate::report::Failure::Refused(why);
                return Some(Outcome::Failed(why));
            }
        }
        self.differ = differing(&open.cells, &self.view(turn).summaries());
        self.report.widened |= self.differ.has(Cell::Older);
        if is_first {
            self.log(turn, Step::Readiness, "is ready".to_owned());
        }
        if self.differ.is_empty() {
            let (count, content) = (0, Content::Untold);
            let reply = Reply::Ready { differ: self.differ, count, content };
            self.say(turn, Message::Reply { session, round, reply });
            for table in *turn.config.order.tables() {
                if open.cells[table.index()] != CellSummary::default() {
                    self.set_state(turn, table, TableState::Completed);
                }
            }
            return self.linger(turn, self.is_partial);
        }
        self.said_at = turn.ctx.tables.n_writes();
        let n_there: u64 = Cell::ALL
            .iter()
            .filter(|cell| self.differ.has(**cell))
            .map(|cell| u64::from(open.cells[cell.index()].count))
            .sum();
        let here = self.view(turn).compared(self.differ);
        // If nothing is asked for, all of it is common.
        let base = here.base(&BTreeSet::new());
        let count = here.count() as u32;
        let content = content(&here, open.ask.unwrap_or(Ask::Hashes), n_there);
        self.base = base;
        let concerned = self.tables_of(turn, self.differ);
        for table in turn.config.order.tables() {
            let is_compared = open.cells[table.index()] != CellSummary::default();
            if is_compared && !concerned.contains(table) && !self.differ.has(Cell::Setup) {
                self.set_state(turn, *table, TableState::Completed);
            }
        }
        self.set_state(turn, concerned[0], TableState::InProgress);
        let names: Vec<&str> = concerned.iter().map(|table| table.name()).collect();
        self.log(
            turn,
            Step::Compare,
            format!("differs in {}; {count} records here", names.join(", ")),
        );
        let reply = Reply::Ready { differ: self.differ, count, content };
        self.say(turn, Message::Reply { session, round, reply });
        self.incoming = None;
        None
    }

    /// The other side needs more to see the difference.
    pub(crate) fn asked_for_more(&mut self, turn: &mut Turn<'_, '_>, ask: Ask) {
        let here = self.view(turn).compared(self.differ);
        if here.count() == 0 {
            return;
        }
        let content = match ask {
            Ask::Sketch { from, len } if usize::from(from) + usize::from(len) <= POINTS_MAX => {
                sketch(&here, from, len)
            }
            Ask::Sketch { .. } | Ask::Hashes => Content::Hashes(hashes(&here)),
            Ask::Metadata => Content::Metadata(here.metadata()),
        };
        let (session, round) = (self.id, self.round);
        let (differ, count) = (self.differ, here.count() as u32);
        let reply = Reply::Ready { differ, count, content };
        self.say(turn, Message::Reply { session, round, reply });
    }

    /// The other side asks for records.
    pub(crate) fn pulled_from(
        &mut self,
        turn: &mut Turn<'_, '_>,
        first: u32,
        primed: bool,
        wanted: Wanted,
        coming: u32,
    ) -> Option<Outcome> {
        let Phase::Answering { pull } = &mut self.phase else { return None };
        if let Some((begun, before)) = pull
            && *before == wanted
            && first >= *begun
            && self.outgoing.as_ref().is_some_and(|out| first <= out.next())
        {
            if let Some(outgoing) = &mut self.outgoing {
                outgoing.arrived(first);
            }
            // What went may still be on its way; the first of it that did not come is sent again.
            let waits = turn.ctx.waits_for.is_some_and(|waits| waits(&self.peer));
            if !waits && !self.send_again(turn, first) {
                return self.pump(turn);
            }
            return None;
        }
        *pull = Some((first, wanted.clone()));
        let here = self.view(turn).compared(self.differ);
        let records = find(&here, &wanted);
        self.base = match &wanted {
            Wanted::Hashes(hashes) if primed && !self.has_changed(turn) => {
                here.base(&hashes.iter().copied().collect())
            }
            _ => Vec::new(),
        };
        let rights = &turn.config.rights;
        let (records, withheld): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|record| rights.may_send(turn.me, record));
        if !withheld.is_empty() {
            self.report.withheld += withheld.len() as u32;
            let n = withheld.len();
            let text =
                format!("{n} records stay here: the other side takes them from officers only");
            self.log(turn, Step::Send, text);
        }
        let records = Self::in_order(turn, records);
        self.total += records.len() as u32 + coming;
        self.pulled.extend(records.iter().cloned());
        if records.is_empty() || turn.config.dialect == Dialect::Text {
            // Nothing says to the initiator what it would be primed with.
            self.base.clear();
        }
        let base = self.base.clone();
        self.prepare(turn, first, records, &base)
    }

    /// Records come from the initiator.
    pub(crate) fn pushed(
        &mut self,
        turn: &mut Turn<'_, '_>,
        number: u32,
        batch: crate::message::Batch,
        last: Option<Last>,
    ) -> Option<Outcome> {
        if self.incoming.is_none() {
            self.incoming = Some(Incoming::new(0, self.base_behind_pull()));
        }
        let next = self.incoming.as_ref().map_or(0, Incoming::next);
        if number < next && self.merging.is_none() {
            // It came before: the acknowledgement was lost.
            let done = self.last_done.unwrap_or(Done::Batches);
            let (session, round) = (self.id, self.round);
            self.say(turn, Message::Ack { session, round, next, done });
            return None;
        }
        let outcome = self.batch(turn, number, batch, last);
        if outcome.is_none() && number > self.incoming.as_ref().map_or(0, Incoming::next) {
            // One before it is missing.
            let next = self.incoming.as_ref().map_or(0, Incoming::next);
            if self.merging.is_none() && last.is_some() {
                let (session, round, done) = (self.id, self.round, Done::Batches);
                self.say(turn, Message::Ack { session, round, next, done });
            }
        }
        outcome
    }

    /// A batch from the initiator is merged.
    pub(super) fn pushed_batch(
        &mut self,
        turn: &mut Turn<'_, '_>,
        tables: &[TableKind],
        last: Option<Last>,
    ) -> Option<Outcome> {
        let next = self.incoming.as_ref().map_or(0, Incoming::next);
        let (session, round) = (self.id, self.round);
        let Some(Last { digest }) = last else {
            self.complete_before(turn, tables, next);
            if turn.config.ack == Ack::Chunk {
                let done = Done::Batches;
                self.say(turn, Message::Ack { session, round, next, done });
            }
            return self.merge_next(turn);
        };
        let is_equal = self.view(turn).digest(self.differ) == digest;
        let done = if is_equal { Done::Equal } else { Done::Different };
        self.last_done = Some(done);
        self.say(turn, Message::Ack { session, round, next, done });
        let text = if is_equal {
            "has everything: both sides are equal"
        } else {
            "has everything that came"
        };
        self.log(turn, Step::Acknowledge, text.to_owned());
        for table in self.tables_of(turn, self.differ) {
            self.set_state(turn, table, TableState::Completed);
        }
        let goes_on = !is_equal || self.differ.has(Cell::Setup) || self.is_partial;
        self.linger(turn, goes_on)
    }

    /// The tables before the one that a batch ends in are complete: the initiator is told, as the policy says.
    fn complete_before(&mut self, turn: &mut Turn<'_, '_>, tables: &[TableKind], next: u32) {
        let Some(&now) = tables.last() else { return };
        let place = turn.config.order.place(now);
        let mut bits = 0;
        for table in self.tables_of(turn, self.differ) {
            let is_done = self.report.tables[table.index()].state == TableState::Completed;
            if turn.config.order.place(table) < place && !is_done {
                self.set_state(turn, table, TableState::Completed);
                bits |= 1 << table.index();
            }
        }
        self.set_state(turn, now, TableState::InProgress);
        if bits != 0 && turn.config.ack == Ack::Table {
            let (session, round, done) = (self.id, self.round, Done::Tables(bits));
            self.say(turn, Message::Ack { session, round, next, done });
        }
    }

    /// Everything is acknowledged. The initiator may go on with another round: then this side waits a
    /// little before it calls the session complete.
    fn linger(&mut self, turn: &Turn<'_, '_>, goes_on: bool) -> Option<Outcome> {
        self.phase = Phase::Lingering;
        self.heard = turn.ctx.now;
        (!goes_on).then_some(Outcome::Complete)
    }
}

/// What there is here, told as was asked for, or in fewer bytes.
fn content(here: &Compared<'_>, ask: Ask, n_there: u64) -> Content {
    let count = here.count();
    match ask {
        _ if count == 0 => Content::Untold,
        Ask::Metadata => Content::Metadata(here.metadata()),
        Ask::Hashes => Content::Hashes(hashes(here)),
        Ask::Sketch { from, len } => {
            let end = usize::from(from) + usize::from(len);
            // A list of everything always does, and so it is taken where it is no longer.
            if count <= usize::from(len) {
                return Content::Hashes(hashes(here));
            }
            // Nothing there: everything is asked for anyway. Very different: no sketch does.
            let apart = n_there.abs_diff(count as u64);
            if n_there == 0 || apart as usize >= end || end > POINTS_MAX {
                return Content::Untold;
            }
            sketch(here, from, len)
        }
    }
}

fn hashes(here: &Compared<'_>) -> Vec<u32> {
    let mut hashes = here.shorts();
    hashes.dedup();
    hashes
}

fn sketch(here: &Compared<'_>, from: u16, len: u16) -> Content {
    let sketch = Sketch::of(&here.shorts(), usize::from(from), usize::from(len));
    let Ok(sketch) = sketch else { return Content::Untold };
    let values = sketch.to_bytes();
    let value = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    Content::Sketch { from, values: values.chunks(4).map(value).collect() }
}

/// The wanted records.
fn find(here: &Compared<'_>, wanted: &Wanted) -> Vec<Record> {
    match wanted {
        Wanted::All => here.records().cloned().collect(),
        Wanted::Hashes(hashes) => hashes.iter().flat_map(|hash| here.of(*hash)).cloned().collect(),
        Wanted::Keys(keys) => {
            let keys: BTreeSet<_> = keys.iter().collect();
            here.records().filter(|one| keys.contains(one.key())).cloned().collect()
        }
    }
}

/// The cells that differ; setup alone where that does.
fn differing(theirs: &[CellSummary; 6], ours: &[CellSummary; 6]) -> Cells {
    let is_compared = |cell: &Cell| theirs[cell.index()] != CellSummary::default();
    let differs = |cell: &Cell| {
        let is_seen = *cell != Cell::Older || !planted(Bug::CutNotWidened);
        is_seen && theirs[cell.index()] != ours[cell.index()]
    };
    let differ = Cell::ALL.into_iter().filter(|cell| is_compared(cell) && differs(cell));
    let differ = differ.fold(Cells::NONE, Cells::with);
    match differ.has(Cell::Setup) {
        true => Cells::NONE.with(Cell::Setup),
        false => differ,
    }
}
