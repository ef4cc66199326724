//! The pure replica: logs, tables, sheets, what syncs each, and link together; frames and commits as values.
//!
//! Nothing leaves a replica that is not durable: what a step put into the logs or the tables becomes
//! visible to others only in the step that follows its [`Output::Commit`].
//!
//! Logs, tables and sheets share the link and nothing else: `act` carries out what the session of the logs
//! wants, `table_side` what table sync wants, `sheet_side` what section sync wants, `receive` decides whose a
//! message is.

use std::collections::BTreeSet;

use guildsync_leader::{Config, Epoch, Event, Pace, Session};
use guildsync_log::Profiles;
use guildsync_sections as sections;
use guildsync_store::Data;
use guildsync_tables as tables;
use guildsync_transport::{ChannelProfile, Link};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, SecretKey, Time};
use guildsync_wire::negotiate::Courtesy;

use crate::counters::{Counters, Counting};
use crate::moment::Moment;

mod act;
mod receive;
mod sheet_side;
mod signals;
mod table_side;
mod write;

use sheet_side::SheetSide;
use table_side::TableSide;

pub use signals::{Input, Notice, Output};

/// One member's logs, tables, sheets, key and sessions.
#[derive(Debug)]
pub struct Replica {
    me: MemberName,
    key: SecretKey,
    profiles: Profiles,
    session: Session,
    tables: TableSide,
    sheets: SheetSide,
    channel: ChannelProfile,
    /// Made when it is first needed: its numbers begin with the time of that.
    link: Option<Link>,
    courtesy: Courtesy<MemberName>,
    counting: Counting,
    /// What the session is told once the store says that everything is durable.
    pending: Vec<Event>,
}

impl Replica {
    /// A replica of member `me`, not grouped, without tables ([`Replica::with_tables`]) and
    /// without sheets ([`Replica::with_sheets`]).
    #[must_use]
    pub fn new(me: MemberName, key: SecretKey, profiles: Profiles, config: Config) -> Self {
        let session = Session::new(me.clone(), config);
        let tables = TableSide::new(me.clone());
        let sheets = SheetSide::new(me.clone());
        let channel = ChannelProfile::open();
        Self {
            me,
            key,
            profiles,
            session,
            tables,
            sheets,
            channel,
            link: None,
            courtesy: Courtesy::default(),
            counting: Counting::default(),
            pending: Vec::new(),
        }
    }

    /// Says which channel frames go to from now on: [`ChannelProfile::open`] unless told otherwise.
    /// What was under way is forgotten.
    pub fn use_channel(&mut self, channel: ChannelProfile) {
        self.channel = channel;
        self.link = None;
        let pace = self.pace();
        self.session.use_pace(pace);
        self.tables.sync.use_frame(pace.frame_bytes, pace.frame_ms);
        self.sheets.sync.use_frame(pace.frame_bytes, pace.frame_ms);
    }

    fn pace(&self) -> Pace {
        let framing = self.channel.framing();
        let frame_ms = self.channel.rate.frame_ms(framing.limit());
        Pace { frame_bytes: framing.whole_bytes_max(), frame_ms }
    }

    /// Who this is.
    #[must_use]
    pub fn me(&self) -> &MemberName {
        &self.me
    }

    /// The logs.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The logs, to change: commit before the next step.
    pub fn profiles_mut(&mut self) -> &mut Profiles {
        &mut self.profiles
    }

    /// What has to be durable: what [`Output::Commit`] asks for.
    #[must_use]
    pub fn data(&self) -> Data<'_> {
        let TableSide { tables, sync, .. } = &self.tables;
        let tables = Some((tables, sync.saved()));
        let sheets = Some((&self.sheets.shelf, self.sheets.sync.saved()));
        Data { profiles: &self.profiles, tables, sheets }
    }

    /// Whether this replica coordinates its group.
    #[must_use]
    pub fn is_coordinator(&self) -> bool {
        self.session.is_coordinator()
    }

    /// Whom this member takes for its group's coordinator.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.session.epoch()
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let link = self.link.as_ref().and_then(Link::deadline);
        let (tables, sheets) = (self.tables.deadline(), self.sheets.sync.deadline());
        self.session.deadline().into_iter().chain(tables).chain(sheets).chain(link).min()
    }

    /// Whether nothing is under way: no answer awaited, nothing queued, no piece missing. Heartbeats do
    /// not count.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let sessions = self.session.is_settled()
            && self.tables.sync.is_settled()
            && self.sheets.sync.is_settled();
        sessions && self.link.as_ref().is_none_or(Link::is_idle)
    }

    /// What was counted so far, and what waits now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let queued = self.link.as_ref().map(Link::queued).unwrap_or_default();
        Counters { queued, ..self.counting.counters }
    }

    /// Takes in one input and appends what is to be done. Time only goes forward; the clock is set by people.
    pub fn step(&mut self, moment: impl Into<Moment>, input: Input, out: &mut Vec<Output>) {
        let moment: Moment = moment.into();
        self.take(moment, input, out);
        self.tables.settle(moment);
        self.sheets.settle();
        while planted(Bug::AckBeforeDurable) && self.tables.tells_early() {
            let events = self.tables.too_early();
            events.into_iter().for_each(|event| self.tell_tables(moment, event, out));
            self.tables.settle(moment);
        }
        while planted(Bug::CommitForgotten) && self.must_commit() {
            self.committed(moment, out);
            self.tables.settle(moment);
            self.sheets.settle();
        }
        while let Some((to, frame)) = self.link(moment.now).poll(moment.now) {
            out.push(Output::Send { to, frame });
        }
        if self.must_commit() {
            out.push(Output::Commit);
        }
    }

    fn take(&mut self, moment: Moment, input: Input, out: &mut Vec<Output>) {
        let now = moment.now;
        match input {
            Input::Frame { from, bytes } => self.receive(moment, from, &bytes, out),
            Input::Group { members, leader } => {
                if members.len() < 2 {
                    self.counting.start_over();
                }
                self.link(now).set_group(now, &members);
                let (online, raid, leads) = (members.clone(), members.clone(), leader.clone());
                self.tell_session(moment, Event::GroupChanged { members, leader }, out);
                self.tell_online(moment, online, out);
                self.tell_raid(moment, raid, Some(leads), out);
            }
            Input::Sent(result) => self.sent(moment, result, out),
            Input::Left => {
                self.counting.start_over();
                self.link(now).set_group(now, &BTreeSet::new());
                self.tell_session(moment, Event::Left, out);
                let alone = BTreeSet::from([self.me.clone()]);
                self.tell_online(moment, alone.clone(), out);
                self.tell_raid(moment, alone, None, out);
            }
            Input::ManualSync => self.tell_session(moment, Event::ManualSync, out),
            Input::SetEnabled(enabled) => {
                if !enabled {
                    self.counting.start_over();
                }
                self.tell_session(moment, Event::SetEnabled(enabled), out);
            }
            Input::Switched => self.tell_session(moment, Event::Switched, out),
            Input::TableStart { with, mode } => {
                self.tell_tables(moment, tables::Event::Start { with, mode }, out);
            }
            Input::TableReset => self.tell_tables(moment, tables::Event::Reset, out),
            Input::TableAsk => self.tell_tables(moment, tables::Event::Ask, out),
            Input::Guild(guild) => self.tell_tables(moment, tables::Event::Guild(guild), out),
            Input::Fighting(fighting) => self.tell_fighting(moment, fighting, out),
            Input::Assistants(assistants) => self.tell_assistants(moment, assistants, out),
            Input::Point { document, section } => {
                self.tell_sheets(moment, sections::Event::Point { document, section }, out);
            }
            Input::SheetFetch { document, what } => {
                self.tell_sheets(moment, sections::Event::Fetch { document, what }, out);
            }
            Input::Tick => {
                self.tell_session(moment, Event::Tick, out);
                self.tell_tables(moment, tables::Event::Tick, out);
                self.tell_sheets(moment, sections::Event::Tick, out);
            }
            Input::Committed => self.committed(moment, out),
        }
    }

    fn must_commit(&self) -> bool {
        !self.pending.is_empty() || self.tables.must_commit() || self.sheets.must_commit()
    }

    /// Tells all three what was waiting for a commit.
    fn committed(&mut self, moment: Moment, out: &mut Vec<Output>) {
        let events = std::mem::take(&mut self.pending);
        let (of_tables, of_sheets) = (self.tables.committed(), self.sheets.committed());
        events.into_iter().for_each(|event| self.tell_session(moment, event, out));
        of_tables.into_iter().for_each(|event| self.tell_tables(moment, event, out));
        of_sheets.into_iter().for_each(|event| self.tell_sheets(moment, event, out));
    }

    /// The link, as of now.
    fn link(&mut self, now: Time) -> &mut Link {
        let (me, channel) = (&self.me, self.channel);
        self.link.get_or_insert_with(|| Link::new(me.clone(), channel, (now.0 / 100) as u16))
    }
}
