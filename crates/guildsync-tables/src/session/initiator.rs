//! The initiator's side: it opens, compares, pulls what it lacks and pushes what the other side lacks.

use guildsync_types::MemberName;
use guildsync_wire::negotiate::Dialect;

use super::{Phase, ROUNDS_MAX, Session, Turn, UNMOVED_MAX};
use std::collections::VecDeque;

use crate::config::{Compare, SetupRule, Together};
use crate::kind::TableKind;
use crate::log::Step;
use crate::message::{Ask, Cell, Done, Message, Open, Reply, SessionId};
use crate::report::{Failure, Outcome, Side, TableState};
use crate::saved::Unfinished;
use crate::scope;

/// Bytes of a reply before the sketch in it.
const REPLY_BYTES: usize = 16;
/// The fewest and the most points of a first sketch.
const POINTS: (usize, usize) = (16, 64);
impl Session {
    /// Begins a session, or goes on with one.
    pub(crate) fn open(
        turn: &mut Turn<'_, '_>,
        id: SessionId,
        peer: MemberName,
        cut: Option<u64>,
        unfinished: Option<&Unfinished>,
    ) -> Self {
        let open = Open {
            session: id,
            round: 0,
            cut,
            ask: None,
            guilds: Vec::new(),
            cells: Default::default(),
        };
        let phase = Phase::Opening(open);
        let mut session = Self::new(turn, id, peer, Side::Initiator, phase);
        session.cut = cut;
        let mut round = 0;
        if let Some(unfinished) = unfinished {
            session.began_clock = unfinished.began;
            session.report.tables = unfinished.tables;
            round = unfinished.round.wrapping_add(1);
            let states = unfinished.tables.map(|table| table.state);
            let n = states.iter().filter(|state| **state == TableState::Completed).count();
            session.log(turn, Step::Initiate, format!("goes on; {n} of 5 tables were complete"));
        } else {
            let since = cut.map_or("all".to_owned(), |_| "what changed lately".to_owned());
            session.log(turn, Step::Initiate, format!("begins: {since}"));
        }
        if turn.config.tables == Together::OneByOne {
            session.plan.alone = Some(turn.config.order.tables().iter().copied().collect());
        }
        session.open_round(turn, round);
        session
    }

    /// Opens a round: says what there is here of what the plan compares.
    fn open_round(&mut self, turn: &mut Turn<'_, '_>, round: u8) {
        self.begin_round(turn, round);
        let mut guilds = scope::federation(turn.ctx.tables, turn.own, turn.config.guilds);
        if let Some(only) = &self.plan.guilds {
            guilds.retain(|guild| only.contains(&scope::tag(guild)));
        }
        self.guilds = guilds.iter().cloned().collect();
        if self.plan.alone.is_some() {
            // A table by itself is compared whole.
            self.cut = None;
        }
        let alone = self.alone();
        let is_compared = |cell: &Cell| match (cell, alone) {
            (Cell::Older, _) => self.cut.is_some(),
            (Cell::Setup, None) => self.plan.setup,
            (Cell::Newer(_), None) => true,
            (Cell::Setup, Some(table)) => table == TableKind::Setup,
            (Cell::Newer(table), Some(alone)) => *table == alone,
        };
        let mut cells = self.view(turn).summaries();
        for cell in Cell::ALL.iter().filter(|cell| !is_compared(cell)) {
            cells[cell.index()] = Default::default();
        }
        let ask = match turn.config.compare {
            _ if turn.config.dialect == Dialect::Text => Ask::Metadata,
            Compare::Fewest => {
                let len = turn.frame.bytes.saturating_sub(REPLY_BYTES) / 4;
                Ask::Sketch { from: 0, len: len.clamp(POINTS.0, POINTS.1) as u16 }
            }
            Compare::Hashes => Ask::Hashes,
            Compare::Metadata => Ask::Metadata,
        };
        let open = Open {
            session: self.id,
            round,
            cut: self.cut,
            ask: Some(ask),
            guilds: guilds.iter().map(scope::tag).collect(),
            cells,
        };
        self.said_at = turn.ctx.tables.n_writes();
        self.phase = Phase::Opening(open.clone());
        self.say(turn, Message::Open(open));
        self.heard = turn.ctx.now;
    }

    /// The table that this round is about, if it is about one alone.
    fn alone(&self) -> Option<TableKind> {
        self.plan.alone.as_ref().and_then(|tables| tables.front().copied())
    }

    /// Begins another round, if there were not too many.
    fn again(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        if self.report.rounds >= ROUNDS_MAX {
            return Some(Outcome::Failed(Failure::KeepsChanging));
        }
        self.open_round(turn, self.round.wrapping_add(1));
        None
    }

    /// Goes on with the next table, where each has a round of its own; else the session is complete.
    fn next_alone(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        let tables = self.plan.alone.as_mut()?;
        if tables.pop_front() == Some(TableKind::Setup) {
            self.plan.guilds = None;
        }
        if !tables.is_empty() {
            self.open_round(turn, self.round.wrapping_add(1));
            return None;
        }
        let failed: Vec<&str> = self.plan.failed.iter().map(|table| table.name()).collect();
        let why = self.report.errors.last().cloned().unwrap_or_default();
        Some(match failed.is_empty() {
            true => Outcome::Complete,
            false => Outcome::Error(format!("{}: {why}", failed.join(", "))),
        })
    }

    /// What came makes no sense. If all tables were under way, each gets a round of its own, so that one
    /// that fails stops no other; if one was, it has failed.
    pub(crate) fn part(&mut self, turn: &mut Turn<'_, '_>, why: &str) -> Option<Outcome> {
        self.log(turn, Step::Receive, why.to_owned());
        self.report.error(why.to_owned());
        if let Some(failed) = self.alone() {
            self.plan.failed.push(failed);
            return self.next_alone(turn);
        }
        let is_open = |table: &TableKind| {
            let state = self.report.tables[table.index()].state;
            state != TableState::Completed && (self.plan.setup || *table != TableKind::Setup)
        };
        let tables: VecDeque<TableKind> =
            turn.config.order.tables().iter().copied().filter(is_open).collect();
        let text = format!("goes on table by table: {} are left", tables.len());
        self.log(turn, Step::Initiate, text);
        self.plan.alone = Some(tables);
        self.again(turn)
    }

    /// The other side answered.
    pub(crate) fn replied(&mut self, turn: &mut Turn<'_, '_>, reply: Reply) -> Option<Outcome> {
        if let (Phase::Asking { .. }, Reply::Ready { content, count, .. }) = (&self.phase, &reply) {
            let (content, count) = (content.clone(), *count);
            return self.told(turn, count, content);
        }
        let Phase::Opening(open) = &self.phase else { return None };
        let n_here: u32 = open.cells.iter().map(|cell| cell.count).sum();
        let (differ, count, content) = match reply {
            Reply::Busy(why) => {
                self.log(turn, Step::Readiness, format!("the other side is busy: {why}"));
                return Some(Outcome::Failed(Failure::Busy(why)));
            }
            Reply::Refused(why) => return Some(Outcome::Failed(Failure::Refused(why))),
            Reply::Scope(guilds) => {
                if self.report.rounds >= ROUNDS_MAX {
                    return Some(Outcome::Failed(Failure::KeepsChanging));
                }
                let n = guilds.len();
                self.log(turn, Step::Readiness, format!("the two sides share {n} guilds"));
                self.plan.guilds = Some(guilds);
                self.open_round(turn, self.round.wrapping_add(1));
                return None;
            }
            Reply::Ready { differ, count, content } => (differ, count, content),
        };
        self.attempts = 0;
        self.log(turn, Step::Readiness, "the other side is ready".to_owned());
        self.differ = differ;
        self.report.widened |= differ.has(Cell::Older);
        if differ.has(Cell::Older) {
            let text = "what is older than the cut differs: all of it is compared".to_owned();
            self.log(turn, Step::Compare, text);
        }
        let concerned = self.tables_of(turn, differ);
        let (alone, setup) = (self.alone(), self.plan.setup);
        let known_same = |table: &TableKind| match alone {
            Some(alone) => *table == alone && differ.is_empty(),
            None => !concerned.contains(table) && (setup || *table != TableKind::Setup),
        };
        if !differ.has(Cell::Setup) {
            let same = turn.config.order.tables().iter().copied().filter(known_same);
            for table in same.collect::<Vec<_>>() {
                self.set_state(turn, table, TableState::Completed);
            }
        }
        if differ.is_empty() {
            return match alone {
                Some(_) => self.next_alone(turn),
                None => Some(Outcome::Complete),
            };
        }
        self.set_state(turn, concerned[0], TableState::InProgress);
        let keeps_setup = turn.config.setup == SetupRule::WhereMissing && count > 0;
        if differ.has(Cell::Setup) && keeps_setup && open_setup(n_here, self, turn) {
            let text = "both sides have linked guilds: setup stays as it is on each".to_owned();
            self.log(turn, Step::Compare, text);
            self.plan.setup = false;
            return match alone {
                Some(_) => self.next_alone(turn),
                None => self.again(turn),
            };
        }
        self.compare(turn, count, content, None)
    }

    /// The other side acknowledged something.
    pub(crate) fn acknowledged(
        &mut self,
        turn: &mut Turn<'_, '_>,
        next: u32,
        done: Done,
    ) -> Option<Outcome> {
        if self.phase != Phase::Pushing {
            return None;
        }
        let outgoing = self.outgoing.as_mut()?;
        if next > outgoing.acked() {
            self.attempts = 0;
        }
        outgoing.arrived(next);
        let (is_all, acked) =
            (outgoing.is_over() && outgoing.acked() == outgoing.next(), outgoing.acked());
        match done {
            Done::Batches if !is_all && turn.config.ack != crate::config::Ack::Chunk => {
                // The other side waits for this one.
                self.send_again(turn, acked);
                None
            }
            Done::Batches => self.pump(turn),
            Done::Tables(bits) => {
                for table in TableKind::ALL {
                    if bits & 1 << table.index() != 0 {
                        self.set_state(turn, table, TableState::Completed);
                    }
                }
                self.pump(turn)
            }
            Done::Equal | Done::Different if !is_all => None,
            Done::Equal | Done::Different => {
                self.log(turn, Step::Acknowledge, "the other side has everything".to_owned());
                let tables = self.tables_of(turn, self.differ);
                for table in tables {
                    self.set_state(turn, table, TableState::Completed);
                }
                self.end_round(turn, done == Done::Equal)
            }
        }
    }

    /// Both directions are done.
    fn end_round(&mut self, turn: &mut Turn<'_, '_>, is_equal: bool) -> Option<Outcome> {
        if self.differ.has(Cell::Setup) && self.plan.alone.is_none() {
            // What one may not send the other stays as it is on each side.
            self.plan.setup = is_equal;
            self.plan.guilds = None;
            return self.again(turn);
        }
        let (report, rights) = (&self.report, &turn.config.rights);
        let short = report.missing.saturating_sub(report.received() + report.refused);
        let keeps_some = !rights.is_open() && !rights.is_officer(&self.peer) && short > 0;
        let explained = report.withheld + report.refused + report.held > 0 || keeps_some;
        let is_unmoved = report.merged() == self.changed_before;
        self.unmoved = if is_unmoved { self.unmoved + 1 } else { 0 };
        let complete = |session: &mut Self, turn: &mut Turn<'_, '_>| match session.plan.alone {
            Some(_) => session.next_alone(turn),
            None => Some(Outcome::Complete),
        };
        match is_equal {
            true => complete(self, turn),
            false if explained => complete(self, turn),
            false if short == 0 && self.unmoved >= UNMOVED_MAX => {
                let text = "the other side did not take all that it lacks".to_owned();
                self.log(turn, Step::Complete, text.clone());
                self.report.error(text);
                complete(self, turn)
            }
            false if short > 0 && report.rounds > 2 => {
                Some(Outcome::Error(format!("{short} records that were told of never came")))
            }
            false => self.again(turn),
        }
    }

    /// Nobody answered: says it again, or gives up for now.
    pub(super) fn ask_again(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        self.attempts += 1;
        if self.attempts > turn.config.attempts {
            return Some(Outcome::Failed(Failure::Silent));
        }
        self.heard = turn.ctx.now;
        let (session, round) = (self.id, self.round);
        match &self.phase {
            Phase::Opening(open) => {
                let message = Message::Open(open.clone());
                self.say(turn, message);
            }
            Phase::Asking { ask, .. } => {
                let ask = *ask;
                self.say(turn, Message::RequestMetadata { session, round, ask });
            }
            Phase::Pulling { .. } => self.send_pull(turn),
            Phase::Pushing => {
                let acked = self.outgoing.as_ref().map_or(0, crate::transfer::Outgoing::acked);
                let last = self.outgoing.as_ref().map_or(0, |out| out.next().saturating_sub(1));
                self.send_again(turn, acked.min(last));
            }
            Phase::Answering { .. } | Phase::Lingering => {}
        }
        None
    }

    /// The other side knows nothing of the session, since it began anew: so does the round.
    pub(crate) fn forgotten(&mut self, turn: &mut Turn<'_, '_>) -> Option<Outcome> {
        self.again(turn)
    }

    /// What is kept of it while it is interrupted.
    pub(crate) fn unfinished(&self) -> Unfinished {
        let tables = self.report.tables;
        let (session, round, cut) = (self.id, self.round, self.cut);
        Unfinished { session, round, cut, began: self.began_clock, tables }
    }
}

/// Whether this side has setup of its own to keep.
fn open_setup(n_here: u32, session: &Session, turn: &Turn<'_, '_>) -> bool {
    let setups = turn.ctx.tables.of(TableKind::Setup);
    n_here > 0 && setups.filter(|one| session.guilds.contains(one.guild())).count() > 0
}
