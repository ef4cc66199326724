//! Two or more members, their machines and tables, and a channel of whole messages between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use guildsync_tables::message::Message;
use guildsync_tables::schema::unified;
use guildsync_tables::{
    Action, Config, Ctx, Event, GuildName, Merge, Record, RecordId, Refusal, Report, Saved,
    TableKind, TableState, TableSync, Tables, To, Updated,
};
use guildsync_types::{MemberName, Time};
use guildsync_wire::lua::{Limits, Value, parse_value};

pub(super) const START_MS: u64 = 1_735_000_000_000;
pub(super) const CLOCK: u64 = START_MS / 1000;
/// Bytes of a frame and the milliseconds it takes: so much is under way at a time.
const FRAME: (usize, u64) = (240, 100);
/// How long a message takes.
const LATENCY_MS: u64 = 100;

pub(super) fn member(name: &str) -> MemberName {
    MemberName::new(name).unwrap()
}

pub(super) fn guild(name: &str) -> GuildName {
    GuildName::new(name).unwrap()
}

/// A record with Lua data.
pub(super) fn record(table: TableKind, own: &str, id: &str, seconds: u64, data: &str) -> Record {
    let Value::Table(data) = parse_value(data, &Limits::default()).unwrap() else { panic!() };
    let id = RecordId::new(id).unwrap();
    Record::new(table, guild(own), id, Updated::at(seconds), data).unwrap()
}

pub(super) fn news(id: u64, seconds: u64, title: &str) -> Record {
    let data = format!(
        "{{ title = \"{title}\", content = \"Bring flasks and food.\", category = \"General\" }}"
    );
    record(TableKind::News, "Rest-Eonar", &format!("{id:018}"), seconds, &data)
}

pub(super) fn row(name: &str, seconds: u64, level: u32) -> Record {
    let data = format!(
        "{{ name = \"{name}\", class = \"Shaman\", level = {level}, rank = \"Member\", roles = {{}} }}"
    );
    record(TableKind::Roster, "Rest-Eonar", name, seconds, &data)
}

pub(super) fn setup(own: &str, seconds: u64, linked: &[&str]) -> Record {
    let guilds: String = linked.iter().map(|name| format!("{{ name = \"{name}\" }}, ")).collect();
    let id = own.to_lowercase().replace([' ', '-'], "");
    record(TableKind::Setup, own, &id, seconds, &format!("{{ guilds = {{ {guilds} }} }}"))
}

/// One member.
pub(super) struct One {
    pub name: MemberName,
    pub own: GuildName,
    pub tables: Tables,
    pub sync: TableSync,
    pub saved: Saved,
    pub skew: i64,
    pub reports: Vec<Report>,
    pub refusals: Vec<Refusal>,
    /// How far the tables were, each time it was told.
    pub states: Vec<[TableState; 5]>,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub at: u64,
    pub from: usize,
    pub to: usize,
    pub message: Message,
}

pub(super) struct World {
    pub ones: Vec<One>,
    pub now: u64,
    pub queue: VecDeque<Sent>,
    pub trace: Vec<Sent>,
    /// Numbers of messages that are lost.
    pub lost: BTreeSet<usize>,
    /// What somebody does to messages on their way.
    pub tamper: fn(&mut Sent),
}

impl World {
    pub(super) fn new(members: &[(&str, &str)], config: &Config) -> Self {
        let ones = members.iter().map(|(name, own)| {
            let name = member(name);
            let mut sync = TableSync::new(name.clone(), config.clone(), Saved::default());
            sync.use_frame(FRAME.0, FRAME.1);
            let (tables, saved) = (Tables::new(), Saved::default());
            let (reports, refusals, states) = (Vec::new(), Vec::new(), Vec::new());
            One { name, own: guild(own), tables, sync, saved, skew: 0, reports, refusals, states }
        });
        let (queue, trace, lost) = (VecDeque::new(), Vec::new(), BTreeSet::new());
        let ones = ones.collect();
        let mut world = Self { ones, now: START_MS, queue, trace, lost, tamper: |_| {} };
        for one in 0..world.ones.len() {
            world.introduce(one);
        }
        world
    }

    /// Tells a member what its program has to know.
    pub(super) fn introduce(&mut self, one: usize) {
        let online: BTreeSet<MemberName> = self.ones.iter().map(|one| one.name.clone()).collect();
        self.step(one, Event::Guild(self.ones[one].own.clone()));
        self.step(one, Event::Online(online));
    }

    /// A member's program ends and begins again with what was made durable.
    pub(super) fn restart(&mut self, one: usize) {
        let it = &mut self.ones[one];
        let saved = Saved::decode(&it.saved.encode()).unwrap();
        it.sync = TableSync::new(it.name.clone(), it.sync.config().clone(), saved);
        it.sync.use_frame(FRAME.0, FRAME.1);
        self.queue.retain(|sent| sent.to != one);
        self.introduce(one);
    }

    pub(super) fn give(&mut self, one: usize, records: impl IntoIterator<Item = Record>) {
        for record in records {
            let merged = self.ones[one].tables.merge(record, CLOCK).merged;
            assert!(merged.is_change(), "{merged:?}");
        }
    }

    pub(super) fn step(&mut self, one: usize, event: Event) {
        let names: Vec<MemberName> = self.ones.iter().map(|one| one.name.clone()).collect();
        let mut out = Vec::new();
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let it = &mut self.ones[one];
            let clock = (self.now / 1000).saturating_add_signed(it.skew);
            let (now, tables) = (Time(self.now), &it.tables);
            // A message of records is four frames or so.
            let backlog_frames = self.queue.iter().filter(|sent| sent.from == one).count() * 4;
            let queue = &self.queue;
            let waits = |name: &MemberName| {
                let is_for = |sent: &Sent| sent.from == one && names[sent.to] == *name;
                queue
                    .iter()
                    .any(|sent| is_for(sent) && matches!(sent.message, Message::Records { .. }))
            };
            let ctx = Ctx { now, clock, tables, backlog_frames, waits_for: Some(&waits) };
            it.sync.step(ctx, event, &mut out);
            for action in out.drain(..) {
                let it = &mut self.ones[one];
                match action {
                    Action::Send { to, message } => {
                        let to: Vec<usize> = (0..self.ones.len())
                            .filter(|other| match &to {
                                To::Everyone => *other != one,
                                To::Member(name) => self.ones[*other].name == *name,
                            })
                            .collect();
                        for to in to {
                            let at = self.now + LATENCY_MS;
                            let mut sent = Sent { at, from: one, to, message: message.clone() };
                            (self.tamper)(&mut sent);
                            let number = self.trace.len();
                            self.trace.push(sent.clone());
                            if !self.lost.contains(&number) {
                                self.queue.push_back(sent);
                            }
                        }
                    }
                    Action::Merge { from, session, records } => {
                        let merge = |record| it.tables.merge(record, clock);
                        let merges: Vec<Merge> = records.into_iter().map(merge).collect();
                        events.push_back(Event::Merged { from, session, merges });
                    }
                    Action::Save => it.saved = it.sync.saved().clone(),
                    Action::Finished(report) => it.reports.push(*report),
                    Action::Refuse { why, .. } => it.refusals.push(why),
                    Action::Progress(progress) => it.states.push(progress.tables),
                    _ => {}
                }
            }
        }
    }

    /// Delivers the next message, or lets time pass until the next deadline. Whether anything was left.
    pub(super) fn go_on(&mut self) -> bool {
        let next = self.queue.front().map(|sent| sent.at);
        let due = self.ones.iter().filter_map(|one| one.sync.deadline()).map(|due| due.0).min();
        match (next, due) {
            (Some(at), due) if due.is_none_or(|due| due > at) => {
                self.now = self.now.max(at);
                let Some(sent) = self.queue.pop_front() else { return false };
                let from = self.ones[sent.from].name.clone();
                self.step(sent.to, Event::Received { from, message: sent.message });
                true
            }
            (_, Some(due)) => {
                self.now = self.now.max(due);
                let is_due = |one: &One| one.sync.deadline().is_some_and(|due| due.0 <= self.now);
                let due: Vec<usize> =
                    (0..self.ones.len()).filter(|one| is_due(&self.ones[*one])).collect();
                due.into_iter().for_each(|one| self.step(one, Event::Tick));
                true
            }
            _ => false,
        }
    }

    /// Goes on until nothing is left to do.
    pub(super) fn run(&mut self) {
        for _ in 0..200_000 {
            if !self.go_on() {
                return;
            }
        }
        panic!("it goes on for ever: {:?}", self.trace.iter().rev().take(6).collect::<Vec<_>>());
    }

    /// Starts a session and runs it to its end.
    pub(super) fn sync(&mut self, one: usize, with: usize) -> &Report {
        let with = Some(vec![self.ones[with].name.clone()]);
        self.step(one, Event::Start { with, mode: None });
        self.run();
        self.ones[one].reports.last().expect("a report")
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.trace.iter().map(|sent| sent.message.name()).collect()
    }
}

/// What a union of tables must be, by an own reading of the rules: of each key the version that is not
/// default content, the latest, the deleted one, the one with the greatest hash.
pub(super) fn union<'a>(all: impl IntoIterator<Item = &'a Tables>) -> Vec<String> {
    let mut best: BTreeMap<String, &Record> = BTreeMap::new();
    for record in all.into_iter().flat_map(Tables::iter) {
        let key = format!("{:?}", record.key());
        let rank = |one: &Record| {
            let seconds = one.updated().seconds();
            (seconds != 915_148_800, seconds, one.is_deleted(), one.hash().0)
        };
        if best.get(&key).is_none_or(|old| rank(old) < rank(record)) {
            best.insert(key, record);
        }
    }
    let mut texts: Vec<String> = best.values().map(|record| text(record)).collect();
    texts.sort();
    texts
}

pub(super) fn text(record: &Record) -> String {
    guildsync_wire::lua::to_compact(&unified::to_value(record))
}

pub(super) fn texts(tables: &Tables) -> Vec<String> {
    let mut texts: Vec<String> = tables.iter().map(text).collect();
    texts.sort();
    texts
}
