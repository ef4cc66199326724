//! The tables of a replica: what their sync is told, what it wants done, and what time does to them.
//!
//! Records are merged at the end of a step, right before its [`Output::Commit`]: whatever else happens in
//! that step is decided on, and says, what is durable.

use std::collections::BTreeSet;

use guildsync_tables::message::{Message, SessionId};
use guildsync_tables::{
    Action, Config, Ctx, Event, Purge, Record, RecordKey, Saved, TableSync, Tables, To,
};
use guildsync_transport::{Priority, Recipient};
use guildsync_types::{MemberName, Time};

use super::{Notice, Output, Replica};
use crate::moment::Moment;

/// How often it is looked whether the data of deleted records may go, in seconds.
const PURGE_EVERY_S: u64 = 86_400;

/// The most frames that a message takes which overtakes bulk.
const CONTROL_FRAMES: usize = 4;

/// Tables, their sync, and what is between two commits.
#[derive(Debug)]
pub(super) struct TableSide {
    pub(super) tables: Tables,
    pub(super) sync: TableSync,
    /// What is to be merged at the end of this step: from whom, in which session.
    merging: Vec<(MemberName, SessionId, Vec<Record>)>,
    /// What the sync is told once the store says that everything is durable.
    pending: Vec<Event>,
    /// Something else than a merge has to become durable.
    is_unsaved: bool,
    /// When it was last looked what may go, by the clock.
    purged_at: Option<u64>,
    is_fighting: bool,
    is_grouped: bool,
    /// The present as of the last step: deadlines of the clock are told by it.
    seen: Option<Moment>,
}

impl TableSide {
    pub(super) fn new(me: MemberName) -> Self {
        Self {
            tables: Tables::new(),
            sync: TableSync::new(me, Config::default(), Saved::default()),
            merging: Vec::new(),
            pending: Vec::new(),
            is_unsaved: false,
            purged_at: None,
            is_fighting: false,
            is_grouped: false,
            seen: None,
        }
    }

    /// Whether something has to become durable before the next step.
    pub(super) fn must_commit(&self) -> bool {
        self.is_unsaved || !self.pending.is_empty()
    }

    /// Everything is durable: what the sync is told of that.
    pub(super) fn committed(&mut self) -> Vec<Event> {
        self.is_unsaved = false;
        std::mem::take(&mut self.pending)
    }

    /// Whether there is something that the sync is told of once it is durable.
    pub(super) fn tells_early(&self) -> bool {
        !self.pending.is_empty()
    }

    /// What the sync is told before it is durable: a deliberate bug.
    pub(super) fn too_early(&mut self) -> Vec<Event> {
        self.is_unsaved = true;
        std::mem::take(&mut self.pending)
    }

    /// When something is due. A clock that is set meanwhile is taken into account at the next step.
    pub(super) fn deadline(&self) -> Option<Time> {
        let is_purged = self.purges() && self.tables.all_kept().next().is_some();
        let purge = is_purged.then(|| self.purged_at.map_or(0, |at| at + PURGE_EVERY_S));
        let by_clock = self.tables.next_release().into_iter().chain(purge).min();
        let when = |seconds| self.seen.map_or(Time(0), |seen| seen.when(seconds));
        by_clock.map(when).into_iter().chain(self.sync.deadline()).min()
    }

    fn purges(&self) -> bool {
        self.sync.config().purge != Purge::Never
    }

    /// Ends a step: merges what came, takes in what was held until now, and drops old data.
    pub(super) fn settle(&mut self, moment: Moment) {
        let clock = moment.seconds();
        self.seen = Some(moment);
        for (from, session, records) in self.merging.drain(..) {
            let merges = records.into_iter().map(|record| self.tables.merge(record, clock));
            self.pending.push(Event::Merged { from, session, merges: merges.collect() });
        }
        if self.tables.next_release().is_some_and(|release| release <= clock) {
            self.tables.release(clock);
            self.is_unsaved = true;
        }
        // A clock that was set back would put it off.
        let is_due = self.purged_at.is_none_or(|at| clock < at || clock >= at + PURGE_EVERY_S);
        if is_due {
            self.purged_at = Some(clock);
            let gone: Vec<RecordKey> = self.tables.purge(self.sync.config().purge, clock);
            self.is_unsaved |= !gone.is_empty();
        }
    }
}

impl Replica {
    /// Goes on with the tables of a store, and with what their sync kept there; until then there are none.
    #[must_use]
    pub fn with_tables(mut self, tables: Tables, saved: Saved) -> Self {
        let (config, pace) = (self.tables.sync.config().clone(), self.pace());
        self.tables.sync = TableSync::new(self.me.clone(), config, saved);
        self.tables.sync.use_frame(pace.frame_bytes, pace.frame_ms);
        self.tables.tables = tables;
        self
    }

    /// Changes the policies of table sync.
    pub fn set_table_config(&mut self, config: Config) {
        self.tables.sync.set_config(config);
    }

    /// The tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables.tables
    }

    /// The tables, to change: commit before the next step.
    pub fn tables_mut(&mut self) -> &mut Tables {
        &mut self.tables.tables
    }

    /// Table sync.
    #[must_use]
    pub fn table_sync(&self) -> &TableSync {
        &self.tables.sync
    }

    pub(super) fn tell_tables(&mut self, moment: Moment, event: Event, out: &mut Vec<Output>) {
        let mut actions = Vec::new();
        let link = self.link.as_ref();
        let waits = |member: &MemberName| link.is_some_and(|link| link.has_bulk_for(member));
        let ctx = Ctx {
            now: moment.now,
            clock: moment.seconds(),
            tables: &self.tables.tables,
            backlog_frames: self.backlog_frames(),
            waits_for: Some(&waits),
        };
        self.tables.sync.step(ctx, event, &mut actions);
        for action in actions {
            self.act_on_tables(moment, action, out);
        }
    }

    /// Says who is on the channel, and whether this member is grouped or fights: for now the group is the
    /// channel.
    pub(super) fn tell_online(
        &mut self,
        moment: Moment,
        members: BTreeSet<MemberName>,
        out: &mut Vec<Output>,
    ) {
        self.tables.is_grouped = members.len() > 1;
        self.tell_situation(moment, out);
        self.tell_tables(moment, Event::Online(members), out);
    }

    pub(super) fn tell_fighting(&mut self, moment: Moment, fighting: bool, out: &mut Vec<Output>) {
        self.tables.is_fighting = fighting;
        self.tell_situation(moment, out);
    }

    fn tell_situation(&mut self, moment: Moment, out: &mut Vec<Output>) {
        let (fighting, grouped) = (self.tables.is_fighting, self.tables.is_grouped);
        self.tell_tables(moment, Event::Situation { fighting, grouped }, out);
    }

    fn act_on_tables(&mut self, moment: Moment, action: Action, out: &mut Vec<Output>) {
        let notice = match action {
            Action::Send { to, message } => {
                self.counting.counters.messages_sent += 1;
                let to = match to {
                    To::Everyone => Recipient::Group,
                    To::Member(member) => Recipient::Member(member),
                };
                let bytes = message.to_bytes(self.tables.sync.config().dialect);
                // A long answer must not keep others' short ones waiting, and is waited for as records are.
                let is_long = bytes.len() > CONTROL_FRAMES * self.channel.frame_bytes_max;
                let priority = match message {
                    Message::Records { .. } => Priority::Bulk,
                    _ if is_long => Priority::Bulk,
                    _ => Priority::Control,
                };
                return self.push(moment.now, to, priority, bytes, out);
            }
            Action::Merge { from, session, records } => {
                return self.tables.merging.push((from, session, records));
            }
            Action::Save => {
                self.tables.is_unsaved = true;
                return;
            }
            Action::Progress(progress) => Notice::TableProgress(progress),
            Action::Presence { member, status, last_sync } => {
                Notice::Presence { member, status, last_sync }
            }
            Action::Finished(report) => Notice::TableFinished(report),
            Action::Refuse { from, why } => Notice::TableRefused { from, why },
            _ => return,
        };
        out.push(Output::Tell(notice));
    }
}

#[cfg(test)]
mod tests {
    use guildsync_tables::{GuildName, RecordId, TableKind};
    use guildsync_types::SecretKey;
    use guildsync_wire::lua::Table;

    use super::*;
    use crate::replica::Input;

    #[test]
    fn what_is_merged_is_seen_after_its_step_and_told_of_after_its_commit() {
        let me = MemberName::new("Ann").unwrap();
        let key = SecretKey::from_seed(&[1; 32]);
        let mut replica = Replica::new(me.clone(), key, Default::default(), Default::default());
        let moment = Moment::from(Time(1_700_000_000_000));
        let (guild, id) = (GuildName::new("Thorns").unwrap(), RecordId::new("7").unwrap());
        let mut others = Tables::new();
        let record = others.set(TableKind::News, guild, id, Table::new(), moment.seconds());
        let (session, records) = (SessionId(1), vec![record.unwrap().clone()]);
        let mut out = Vec::new();
        replica.act_on_tables(moment, Action::Merge { from: me, session, records }, &mut out);
        assert!(replica.tables().is_empty(), "the rest of the step sees what is durable");
        replica.step(moment, Input::Tick, &mut out);
        assert_eq!((replica.tables().len(), out.pop()), (1, Some(Output::Commit)));
        assert!(matches!(replica.tables.pending[..], [Event::Merged { .. }]));
        // Until the store has said so, nobody hears of it.
        replica.step(moment, Input::Tick, &mut out);
        assert_eq!((replica.tables.pending.len(), out.pop()), (1, Some(Output::Commit)));
        replica.step(moment, Input::Committed, &mut out);
        assert!(replica.tables.pending.is_empty() && out.last() != Some(&Output::Commit));
    }
}
