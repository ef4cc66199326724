//! One session: a conversation of two members, in rounds.
//!
//! Here is what both sides share: records that come and go, counting, the log. What the initiator decides
//! is in `initiator`, `compare` and `exchange`, what the other side answers in `responder`. A round compares what there is at its
//! beginning; whatever interrupts it, the next one begins by comparing again, and what was merged is not
//! sent twice.

mod compare;
mod exchange;
mod initiator;
mod receive;
mod responder;
mod send;
mod time;

use std::collections::{BTreeSet, VecDeque};

use guildsync_types::{MemberName, Time};
use guildsync_wire::lua::to_compact;

use crate::compare::{Salt, View};
use crate::config::{Config, LogLevel};
use crate::event::{Action, Ctx, To};
use crate::kind::TableKind;
use crate::log::{Line, Logs, Step};
use crate::message::{Cell, Cells, Done, GuildTag, Last, Message, Open, SessionId, Wanted};
use crate::name::GuildName;
use crate::record::{Record, RecordKey};
use crate::report::{Progress, Report, Side, TableState};
use crate::schema::unified;
use crate::transfer::{Incoming, Outgoing};

/// Batches are made while fewer frames than this wait for the channel.
const BACKLOG_FRAMES: usize = 6;
/// Of what was pulled, so many records prime what is pushed.
const PULLED_BASE: usize = 128;
/// Rounds in a row without effect after which two sides are left as different as they are.
pub(crate) const UNMOVED_MAX: u32 = 2;
/// Rounds after which tables that change all the time are left for another session.
pub(crate) const ROUNDS_MAX: u32 = 24;

/// What a session's step may look at and add to.
pub(crate) struct Turn<'a, 'b> {
    pub(crate) ctx: Ctx<'a>,
    pub(crate) me: &'a MemberName,
    pub(crate) own: &'a GuildName,
    pub(crate) config: &'a Config,
    pub(crate) frame: Frame,
    pub(crate) logs: &'b mut Logs,
    pub(crate) out: &'b mut Vec<Action>,
}

/// What the channel carries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// Bytes of a message that a frame carries.
    pub(crate) bytes: usize,
    /// Milliseconds that a frame takes once the first burst is spent.
    pub(crate) ms: u64,
}

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) peer: MemberName,
    pub(crate) side: Side,
    pub(crate) round: u8,
    pub(crate) cut: Option<u64>,
    /// When it began, or went on.
    pub(crate) began: Time,
    /// When it first began, in seconds since 1970.
    pub(crate) began_clock: u64,
    pub(crate) report: Report,
    guilds: BTreeSet<GuildName>,
    plan: Plan,
    salt: Salt,
    differ: Cells,
    /// What a transfer is primed with: records that both sides have, as comparing has shown. Empty where
    /// the two could not be sure to choose the same.
    base: Vec<Record>,
    pub(crate) phase: Phase,
    outgoing: Option<Outgoing>,
    incoming: Option<Incoming>,
    /// What is being merged.
    merging: Option<Merging>,
    /// Merges of an earlier round that were not done when it ended.
    n_void: u32,
    /// What went to the initiator in this round: the other direction builds on it.
    pulled: Vec<Record>,
    /// Of what goes to the other side, the keys of which it has another version, where that is known.
    older_there: BTreeSet<RecordKey>,
    /// Before this time nothing more is merged.
    pause: Option<Time>,
    /// How many writes old the tables were when this side said what it has. Where they have changed since
    /// then, it is not sure what is common.
    said_at: u64,
    /// Records in this round, of how many.
    done: u32,
    total: u32,
    /// The other side: whether the opening left tables out, which a later round may bring.
    is_partial: bool,
    /// Rounds in a row that ended with different sides and changed nothing here.
    unmoved: u32,
    /// What had changed here when the round began.
    changed_before: u32,
    /// What the last batch was acknowledged with.
    last_done: Option<Done>,
    /// When the other side was last heard, or asked.
    heard: Time,
    attempts: u32,
}

/// What a session waits for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Phase {
    /// The initiator: for the answer to its opening.
    Opening(Open),
    /// The initiator: for more of what the other side has.
    Asking {
        /// What was asked for.
        ask: crate::message::Ask,
        /// The sketch that did not do.
        sketch: Option<crate::sketch::Sketch>,
    },
    /// The initiator: for records.
    Pulling {
        /// What was asked for.
        wanted: Wanted,
        /// Whether the answer builds on what is common.
        primed: bool,
        /// What is asked for after that.
        later: VecDeque<Wanted>,
        /// What goes to the other side after that, if it is still the newest here.
        coming: Vec<Record>,
    },
    /// The initiator: until what it sends has arrived.
    Pushing,
    /// The other side: for whatever comes.
    Answering {
        /// What it was asked for last, and from which batch on.
        pull: Option<(u32, Wanted)>,
    },
    /// The other side: everything was acknowledged, and the initiator may open again.
    Lingering,
}

/// What the initiator compares in its rounds.
#[derive(Debug)]
struct Plan {
    /// Whether setup is compared, or stays as it is on each side.
    setup: bool,
    /// The guilds that both sides share, once the other side has said so.
    guilds: Option<Vec<GuildTag>>,
    /// Tables that are still to come, where each has a round of its own; else `None`.
    alone: Option<VecDeque<TableKind>>,
    /// Tables that failed when they had one.
    failed: Vec<TableKind>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { setup: true, guilds: None, alone: None, failed: Vec::new() }
    }
}

#[derive(Debug)]
struct Merging {
    tables: Vec<TableKind>,
    /// Whether somebody does it, and will say so.
    is_asked: bool,
    last: Option<Last>,
}

impl Session {
    fn new(turn: &Turn<'_, '_>, id: SessionId, peer: MemberName, side: Side, phase: Phase) -> Self {
        let initiator = if side == Side::Initiator { turn.me } else { &peer };
        Self {
            salt: Salt::new(id, 0, initiator),
            report: Report::new(id, peer.clone(), side),
            id,
            peer,
            side,
            round: 0,
            cut: None,
            began: turn.ctx.now,
            began_clock: turn.ctx.clock,
            guilds: BTreeSet::new(),
            plan: Plan::default(),
            differ: Cells::NONE,
            base: Vec::new(),
            phase,
            outgoing: None,
            incoming: None,
            merging: None,
            n_void: 0,
            pulled: Vec::new(),
            older_there: BTreeSet::new(),
            pause: None,
            said_at: 0,
            done: 0,
            total: 0,
            is_partial: false,
            unmoved: 0,
            changed_before: 0,
            last_done: None,
            heard: turn.ctx.now,
            attempts: 0,
        }
    }

    /// What the initiator's own transfer is primed with: that, and what has just come the other way.
    fn base_behind_pull(&self) -> Vec<Record> {
        let mut base = self.base.clone();
        base.extend(self.pulled.iter().take(PULLED_BASE).cloned());
        base
    }

    /// Forgets what belonged to the last round.
    fn begin_round(&mut self, turn: &Turn<'_, '_>, round: u8) {
        let initiator = if self.side == Side::Initiator { turn.me } else { &self.peer };
        self.salt = Salt::new(self.id, round, initiator);
        self.round = round;
        self.differ = Cells::NONE;
        self.base.clear();
        self.pulled.clear();
        self.older_there.clear();
        (self.outgoing, self.incoming, self.pause) = (None, None, None);
        self.n_void += u32::from(self.merging.take().is_some_and(|merging| merging.is_asked));
        (self.done, self.total, self.last_done) = (0, 0, None);
        self.changed_before = self.report.merged();
        self.report.rounds += 1;
    }

    fn view<'a>(&'a self, turn: &Turn<'a, '_>) -> View<'a> {
        let Self { guilds, cut, salt, .. } = self;
        View { tables: turn.ctx.tables, guilds, cut: *cut, salt: *salt }
    }

    pub(crate) fn say(&self, turn: &mut Turn<'_, '_>, message: Message) {
        turn.out.push(Action::Send { to: To::Member(self.peer.clone()), message });
    }

    pub(crate) fn log(&self, turn: &mut Turn<'_, '_>, step: Step, text: String) {
        let (at, session, peer) = (turn.ctx.clock, self.id, self.peer.clone());
        let line = Line { at, session, peer, step, text };
        turn.logs.push(self.side, turn.config.log_lines, line);
    }

    /// Logs records: an example, or all of them with their data.
    fn log_records(&self, turn: &mut Turn<'_, '_>, step: Step, what: &str, records: &[Record]) {
        let Some(first) = records.first() else { return };
        match turn.config.log {
            LogLevel::Summary => {
                let text = format!(
                    "{what} {} records, such as {} of {}",
                    records.len(),
                    first.id(),
                    first.table()
                );
                self.log(turn, step, text);
            }
            LogLevel::Trace => {
                for record in records {
                    let text = format!("{what} {}", to_compact(&unified::to_value(record)));
                    self.log(turn, step, text);
                }
            }
        }
    }

    /// A table is now this far; the user is told.
    fn set_state(&mut self, turn: &mut Turn<'_, '_>, table: TableKind, state: TableState) {
        let row = &mut self.report.tables[table.index()];
        if row.state == state {
            return;
        }
        row.state = state;
        if state == TableState::Completed {
            let row = *row;
            let text = format!("{table} is complete: {} came, {} went", row.received, row.sent);
            self.log(turn, Step::Table, text);
            turn.out.push(Action::Save);
        }
        self.tell_progress(turn);
    }

    fn tell_progress(&self, turn: &mut Turn<'_, '_>) {
        let tables = self.report.tables.map(|row| row.state);
        let Self { id: session, peer, side, done, total, .. } = self;
        let (session, side, done, total) = (*session, *side, *done, *total);
        let peer = peer.clone();
        turn.out.push(Action::Progress(Progress { session, peer, side, tables, done, total }));
    }

    /// The tables of some cells, in order.
    fn tables_of(&self, turn: &Turn<'_, '_>, cells: Cells) -> Vec<TableKind> {
        let is_in = |table: &TableKind| match table {
            TableKind::Setup => cells.has(Cell::Setup),
            table => cells.has(Cell::Newer(*table)) || cells.has(Cell::Older),
        };
        turn.config.order.tables().iter().copied().filter(is_in).collect()
    }

    /// Sorts records as the tables are gone through.
    fn in_order(turn: &Turn<'_, '_>, mut records: Vec<Record>) -> Vec<Record> {
        let order = &turn.config.order;
        let place = |record: &Record| order.place(record.table());
        records.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.key().cmp(b.key())));
        records
    }

    /// Whether the tables are other ones than when this side said what it has.
    fn has_changed(&self, turn: &Turn<'_, '_>) -> bool {
        self.said_at != turn.ctx.tables.n_writes()
    }

    /// Takes note that the other side is there. That alone is no progress: what was asked for may still
    /// not be what it says.
    pub(crate) fn hear(&mut self, now: Time) {
        self.heard = self.heard.max(now);
    }

    /// Whether a message is about the present round; what ends a session is about all of them.
    pub(crate) fn is_round_of(&self, message: &Message) -> bool {
        match message {
            Message::Reply { round, .. }
            | Message::RequestMetadata { round, .. }
            | Message::Pull { round, .. }
            | Message::Records { round, .. }
            | Message::Ack { round, .. } => *round == self.round,
            _ => true,
        }
    }

    /// Whether the other side has answered at all.
    pub(crate) fn began_anything(&self) -> bool {
        self.report.rounds > 1 || !matches!(self.phase, Phase::Opening(_))
    }

    /// What the other side was told last, if that may have been lost: round, next batch, what is done.
    pub(crate) fn last_word(&self) -> Option<(u8, u32, Done)> {
        let next = self.incoming.as_ref().map(Incoming::next)?;
        (self.side == Side::Responder).then_some((self.round, next, self.last_done?))
    }
}
