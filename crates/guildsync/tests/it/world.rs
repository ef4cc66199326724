//! Replicas whose frames are carried by hand: virtual time, a fixed latency, nothing lost but on purpose.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use guildsync::log::{Log, Profiles};
use guildsync::sections::{self, Author, Document, Shelf};
use guildsync::tables::{self, Tables};
use guildsync::transport::{ChannelProfile, Recipient, SendResult};
use guildsync::types::{MemberName, Reason, SecretKey, Time};
use guildsync::wire::alphabet::Alphabet;
use guildsync::wire::frame::VERSION;
use guildsync::{Config, Input, Local, Notice, Output, Replica};

pub(crate) const LATENCY_MS: u64 = 50;

pub(crate) struct Member {
    pub(crate) replica: Replica,
    key: SecretKey,
    /// What is on disk.
    durable: Durable,
    pub(crate) notices: Vec<Notice>,
}

#[derive(Clone, Default)]
pub(crate) struct Durable {
    profiles: Profiles,
    pub(crate) tables: Tables,
    table_sync: tables::Saved,
    pub(crate) shelf: Shelf,
    section_sync: sections::Saved,
}

impl Durable {
    fn of(replica: &Replica) -> Self {
        let table_sync = replica.table_sync().saved().clone();
        let (profiles, tables) = (replica.profiles().clone(), replica.tables().clone());
        let (shelf, section_sync) =
            (replica.sheets().clone(), replica.section_sync().saved().clone());
        Self { profiles, tables, table_sync, shelf, section_sync }
    }
}

/// A frame that left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Left {
    pub(crate) at: Time,
    pub(crate) from: MemberName,
    pub(crate) to: Recipient,
    pub(crate) frame: Bytes,
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) members: BTreeMap<MemberName, Member>,
    config: Config,
    channel: ChannelProfile,
    leader: Option<MemberName>,
    flying: VecDeque<(Time, MemberName, MemberName, Bytes)>,
    pub(crate) left: Vec<Left>,
    /// Of what arrives, every so manieth frame does not; 0 for none.
    pub(crate) lose_every: usize,
    n_arrived: usize,
    drawn: u64,
    /// Whose program ends when it is to make new records durable, before it has.
    pub(crate) ends_before_records: Option<MemberName>,
    /// The same of a sheet.
    pub(crate) ends_before_sheets: Option<MemberName>,
    /// Whose frames are of the next version, and who understands only those.
    pub(crate) translate: Option<MemberName>,
}

/// The frame in the next version's first byte; answers about versions are the same in all.
fn translated(frame: Bytes, alphabet: Alphabet) -> Bytes {
    if frame.starts_with(b"speaks ") {
        return frame;
    }
    let (mut plain, mut out) = (Vec::new(), Vec::new());
    alphabet.decode(&frame, &mut plain).unwrap();
    plain[0] ^= (VERSION ^ (VERSION + 1)) << 4;
    alphabet.encode(&plain, &mut out);
    out.into()
}

pub(crate) fn name(text: &str) -> MemberName {
    MemberName::new(text).unwrap()
}

impl World {
    pub(crate) fn of(names: &[&str], channel: ChannelProfile, config: Config) -> Self {
        let mut world = Self {
            now: Time(1_700_000_000_000),
            members: BTreeMap::new(),
            config,
            channel,
            leader: None,
            flying: VecDeque::new(),
            left: Vec::new(),
            lose_every: 0,
            n_arrived: 0,
            drawn: 1,
            ends_before_records: None,
            ends_before_sheets: None,
            translate: None,
        };
        for who in names {
            let key = SecretKey::from_seed(&[world.members.len() as u8 + 1; 32]);
            let durable = Durable::default();
            let replica = world.replica(who, &key, &durable);
            let member = Member { replica, key, durable, notices: Vec::new() };
            world.members.insert(name(who), member);
        }
        world
    }

    fn replica(&self, who: &str, key: &SecretKey, durable: &Durable) -> Replica {
        let Durable { profiles, tables, table_sync, shelf, section_sync } = durable.clone();
        let replica = Replica::new(name(who), key.clone(), profiles, self.config.clone());
        let replica = replica.with_tables(tables, table_sync);
        let mut replica = replica.with_sheets(shelf, section_sync);
        replica.use_channel(self.channel);
        replica
    }

    pub(crate) fn log(&self, who: &str) -> &Log {
        self.members[&name(who)].replica.profiles().active()
    }

    /// An award in the active profile; durable, and told to the group if there is one.
    pub(crate) fn award(&mut self, who: &str) {
        self.append(who);
        self.commit(who);
    }

    /// An award that is not durable yet.
    pub(crate) fn append(&mut self, who: &str) {
        let now = self.now;
        let member = self.members.get_mut(&name(who)).unwrap();
        let log = member.replica.profiles().active();
        let (id, stamp) = (log.profile().id, Replica::stamp(log, now));
        // What no codec could foresee.
        self.drawn =
            self.drawn.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let drawn = self.drawn >> 33;
        let target = name(&format!("M{}", char::from(b'a' + (drawn % 20) as u8)));
        let reason = Reason::new(&format!("Boss {}", drawn / 20 % 30)).unwrap();
        let delta = (drawn / 600 % 1_000 + 1).to_string().parse().unwrap();
        let draft = log.award(stamp, &name(who), &target, delta, &reason).unwrap();
        member.replica.append(&id, &[draft]).unwrap();
    }

    pub(crate) fn commit(&mut self, who: &str) {
        let member = self.members.get_mut(&name(who)).unwrap();
        member.durable = Durable::of(&member.replica);
        self.step(&name(who), Input::Committed);
    }

    /// The program ends and is started again: what was durable is there.
    pub(crate) fn restart(&mut self, who: &str) {
        let (key, durable) =
            (self.members[&name(who)].key.clone(), self.members[&name(who)].durable.clone());
        self.flying.retain(|(_, _, to, _)| *to != name(who));
        let replica = self.replica(who, &key, &durable);
        self.members.get_mut(&name(who)).unwrap().replica = replica;
        if let Some(leader) = self.leader.clone() {
            let members = self.group();
            self.step(&name(who), Input::Group { members, leader });
        }
    }

    fn group(&self) -> BTreeSet<MemberName> {
        self.members.keys().cloned().collect()
    }

    /// All are in one group.
    pub(crate) fn form(&mut self, leader: &str) {
        self.leader = Some(name(leader));
        for who in self.group() {
            let (members, leader) = (self.group(), name(leader));
            self.step(&who, Input::Group { members, leader });
        }
    }

    pub(crate) fn step(&mut self, who: &MemberName, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut out = Vec::new();
            let now = self.now;
            let member = self.members.get_mut(who).unwrap();
            member.replica.step(now, input, &mut out);
            for output in out {
                let member = self.members.get_mut(who).unwrap();
                match output {
                    Output::Send { to, frame } => {
                        inputs.push_back(Input::Sent(SendResult::Sent));
                        self.send(who, to, frame);
                    }
                    Output::Commit => {
                        let durable = Durable::of(&member.replica);
                        let is_new =
                            durable.tables.state_hash() != member.durable.tables.state_hash();
                        let is_sheet = durable.shelf != member.durable.shelf;
                        if is_new && self.ends_before_records.as_ref() == Some(who) {
                            self.ends_before_records = None;
                            return self.restart(who.as_ref());
                        }
                        if is_sheet && self.ends_before_sheets.as_ref() == Some(who) {
                            self.ends_before_sheets = None;
                            return self.restart(who.as_ref());
                        }
                        member.durable = durable;
                        inputs.push_front(Input::Committed);
                    }
                    Output::Tell(notice) => member.notices.push(notice),
                }
            }
        }
    }

    fn send(&mut self, from: &MemberName, to: Recipient, frame: Bytes) {
        let receivers: Vec<MemberName> = match &to {
            Recipient::Group => self.group().into_iter().filter(|member| member != from).collect(),
            Recipient::Member(member) => vec![member.clone()],
        };
        for receiver in receivers {
            let due = self.now + LATENCY_MS;
            self.flying.push_back((due, from.clone(), receiver, frame.clone()));
        }
        self.left.push(Left { at: self.now, from: from.clone(), to, frame });
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        for _ in 0..200_000 {
            let frame = self.flying.front().map(|(due, ..)| *due);
            let tick = self.members.values().filter_map(|m| m.replica.deadline()).min();
            let Some(next) = frame.into_iter().chain(tick).min().filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            if frame.is_some_and(|due| due <= self.now) {
                let (_, from, to, bytes) = self.flying.pop_front().unwrap();
                self.n_arrived += 1;
                let other = self.translate.as_ref().is_some_and(|who| *who == from || *who == to);
                let bytes = if other { translated(bytes, self.channel.alphabet) } else { bytes };
                if self.lose_every == 0 || !self.n_arrived.is_multiple_of(self.lose_every) {
                    self.step(&to, Input::Frame { from, bytes });
                }
            } else {
                for who in self.group() {
                    if self.members[&who].replica.deadline().is_some_and(|due| due <= self.now) {
                        self.step(&who, Input::Tick);
                    }
                }
            }
        }
        panic!("busy for ever");
    }

    /// Changes a member's tables; durable.
    pub(crate) fn change_tables(&mut self, who: &str, change: impl FnOnce(&mut Tables)) {
        change(self.members.get_mut(&name(who)).unwrap().replica.tables_mut());
        self.commit(who);
    }

    /// A member changes or makes a document, with no commit yet.
    pub(crate) fn put_sheet(
        &mut self,
        who: &str,
        change: impl FnOnce(Author<'_>, &Shelf) -> Option<Document>,
    ) {
        let stamp = self.now.stamp();
        let member = self.members.get_mut(&name(who)).unwrap();
        let me = name(who);
        let author = Author { name: &me, key: &member.key, stamp, after: 0 };
        if let Some(document) = change(author, member.replica.sheets()) {
            member.replica.put_sheet(document).unwrap();
        }
    }

    pub(crate) fn durable(&self, who: &str) -> &Durable {
        &self.members[&name(who)].durable
    }

    pub(crate) fn agree(&self) -> bool {
        let mut hashes = self.members.values().map(|m| m.replica.profiles().state_hash());
        let first = hashes.next();
        hashes.all(|hash| Some(hash) == first)
    }
}

/// Local replicas meet in a group led by the first, for a minute.
pub(crate) fn meet(locals: &mut [&mut Local], start: Time) {
    let names: Vec<MemberName> = locals.iter().map(|local| local.replica().me().clone()).collect();
    let members: BTreeSet<MemberName> = names.iter().cloned().collect();
    let mut inputs: VecDeque<(usize, Input)> = VecDeque::new();
    for at in 0..locals.len() {
        let (members, leader) = (members.clone(), names[0].clone());
        inputs.push_back((at, Input::Group { members, leader }));
    }
    for second in 0..60 {
        let now = start + second * 1_000;
        (0..locals.len()).for_each(|at| inputs.push_back((at, Input::Tick)));
        while let Some((at, input)) = inputs.pop_front() {
            let mut out = Vec::new();
            locals[at].step(now, input, &mut out).unwrap();
            for output in out {
                let Output::Send { to, frame } = output else { continue };
                inputs.push_back((at, Input::Sent(SendResult::Sent)));
                let hears = |to: &Recipient, who: &MemberName| match to {
                    Recipient::Group => true,
                    Recipient::Member(member) => member == who,
                };
                for (receiver, who) in names.iter().enumerate() {
                    if receiver != at && hears(&to, who) {
                        let (from, bytes) = (names[at].clone(), frame.clone());
                        inputs.push_back((receiver, Input::Frame { from, bytes }));
                    }
                }
            }
        }
    }
    for local in locals {
        local.step(start + 60_000, Input::Left, &mut Vec::new()).unwrap();
    }
}
