//! A raid of replicas: each with profiles, a key and a session; messages in order, virtual time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use guildsync_leader::{
    Action, Backlog, Config, Ctx, Event, Message, Outcome, Pace, Refusal, Report, Session, Stage,
    To,
};
use guildsync_log::{AcceptError, Frontier, Log, Profile, Profiles, Segment};
use guildsync_types::{MemberName, ProfileId, ProfileName, Reason, SecretKey, Stamp, Time};

pub(crate) struct Member {
    pub(crate) key: SecretKey,
    pub(crate) profiles: Profiles,
    pub(crate) session: Session,
    /// Whether it reads what it is sent.
    pub(crate) answers: bool,
    /// Whether it does anything at all: a program that stands still.
    pub(crate) asleep: bool,
    /// For whom its entries still wait for the channel.
    pub(crate) backlog: BTreeSet<MemberName>,
}

/// One message, as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Spoken {
    pub(crate) at: Time,
    pub(crate) from: MemberName,
    pub(crate) to: To,
    pub(crate) message: Message,
    pub(crate) bytes: usize,
}

/// Members by name, the group they are in, and everything that was said.
pub(crate) struct Raid {
    config: Config,
    pub(crate) members: BTreeMap<MemberName, Member>,
    pub(crate) group: BTreeSet<MemberName>,
    pub(crate) leader: Option<MemberName>,
    pub(crate) now: Time,
    wire: VecDeque<(MemberName, MemberName, Bytes)>,
    /// "A -> group: PROFILE_ANNOUNCE", in order.
    pub(crate) said: Vec<String>,
    /// The same in full.
    pub(crate) spoken: Vec<Spoken>,
    pub(crate) refused: Vec<(MemberName, Refusal)>,
    pub(crate) reports: Vec<Report>,
    pub(crate) stages: Vec<(MemberName, Stage)>,
}

pub(crate) fn name(text: &str) -> MemberName {
    MemberName::new(text).unwrap()
}

pub(crate) fn profile(text: &str) -> Profile {
    Profile::open(ProfileName::new(text).unwrap())
}

impl Raid {
    /// Replicas named so, none of them grouped, all with the profile "Default".
    pub(crate) fn of(names: &[&str], config: Config) -> Self {
        // Heartbeats never end: those tests that are about them bring their own.
        Self::beating(names, Config { heartbeat_ms: 0, ..config })
    }

    /// The same with heartbeats: such a raid never comes to rest, it is run for a while.
    pub(crate) fn beating(names: &[&str], config: Config) -> Self {
        let mut raid = Self {
            config,
            members: BTreeMap::new(),
            group: BTreeSet::new(),
            leader: None,
            now: Time(1_000_000),
            wire: VecDeque::new(),
            said: Vec::new(),
            spoken: Vec::new(),
            refused: Vec::new(),
            reports: Vec::new(),
            stages: Vec::new(),
        };
        names.iter().for_each(|n| raid.add(n));
        raid
    }

    pub(crate) fn add(&mut self, who: &str) {
        let seed = self.members.len() as u8 + 1;
        let member = Member {
            key: SecretKey::from_seed(&[seed; 32]),
            profiles: Profiles::default(),
            session: Session::new(name(who), self.config.clone()),
            answers: true,
            asleep: false,
            backlog: BTreeSet::new(),
        };
        self.members.insert(name(who), member);
    }

    /// Starts a member's program again: what is durable stays, its session is a new one.
    pub(crate) fn restart(&mut self, who: &str) {
        let session = Session::new(name(who), self.config.clone());
        self.member(who).session = session;
        self.wire.retain(|(_, to, _)| *to != name(who));
        let (members, leader) = (self.group.clone(), self.leader.clone().unwrap());
        self.step(&name(who), Event::GroupChanged { members, leader });
    }

    /// Tells everyone what the channel is like.
    pub(crate) fn use_pace(&mut self, pace: Pace) {
        self.members.values_mut().for_each(|member| member.session.use_pace(pace));
    }

    pub(crate) fn member(&mut self, who: &str) -> &mut Member {
        self.members.get_mut(&name(who)).unwrap()
    }

    pub(crate) fn log(&self, who: &str) -> &Log {
        self.members[&name(who)].profiles.active()
    }

    /// An award in the active profile, broadcast if grouped.
    pub(crate) fn award(&mut self, who: &str, target: &str, delta: &str) {
        self.now = self.now + 1000;
        let (stamp, actor) = (self.now.stamp(), name(who));
        let member = self.member(who);
        let id = member.profiles.active_id();
        let log = member.profiles.get_mut(&id).unwrap();
        let reason = Reason::new("Attendance").unwrap();
        let draft =
            log.award(stamp, &actor, &name(target), delta.parse().unwrap(), &reason).unwrap();
        let key = member.key.clone();
        let log = self.member(who).profiles.get_mut(&id).unwrap();
        let segment = log.append(&key, &[draft]).unwrap();
        self.step(&name(who), Event::Appended { profile: id, segment });
    }

    /// The group is these, led by the first; everyone in it, now or before, is told.
    pub(crate) fn form(&mut self, names: &[&str]) {
        self.form_led_by(names, names[0]);
    }

    pub(crate) fn form_led_by(&mut self, names: &[&str], leader: &str) {
        let members: BTreeSet<MemberName> = names.iter().map(|n| name(n)).collect();
        let left: Vec<MemberName> = self.group.difference(&members).cloned().collect();
        self.group = members.clone();
        self.leader = Some(name(leader));
        // What was under way from or to whoever left is lost with the group.
        self.wire.retain(|(from, to, _)| !left.contains(from) && !left.contains(to));
        for gone in left {
            self.step(&gone, Event::Left);
        }
        for member in &members {
            let (members, leader) = (members.clone(), name(leader));
            self.step(member, Event::GroupChanged { members, leader });
        }
    }

    /// Delivers messages and lets deadlines pass until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        self.settle_counting();
    }

    /// As `settle`; returns how many deadlines passed.
    pub(crate) fn settle_counting(&mut self) -> usize {
        for n in 0..10_000 {
            self.deliver();
            let deadline = self.members.values().filter_map(|m| m.session.deadline()).min();
            if deadline.is_none() {
                return n;
            }
            self.tick();
        }
        panic!("the raid never comes to rest: {:?}", self.said.last());
    }

    /// Delivers messages and lets deadlines pass for so many milliseconds.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        for _ in 0..10_000 {
            self.deliver();
            let awake = self.members.values().filter(|m| !m.asleep);
            let deadline = awake.filter_map(|m| m.session.deadline()).min();
            let Some(deadline) = deadline.filter(|deadline| *deadline <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(deadline);
            for who in self.members.keys().cloned().collect::<Vec<_>>() {
                self.step(&who, Event::Tick);
            }
        }
        panic!("busy for ever: {:?}", self.said.last());
    }

    /// Loses what is on the way to a member; how many messages that were.
    pub(crate) fn lose(&mut self, whom: &str) -> usize {
        let before = self.wire.len();
        self.wire.retain(|(_, to, _)| *to != name(whom));
        before - self.wire.len()
    }

    /// Loses the first `n` messages that are on the way to a member.
    pub(crate) fn lose_first(&mut self, whom: &str, n: usize) {
        let mut left = n;
        self.wire.retain(|(_, to, _)| {
            let lost = left > 0 && *to == name(whom);
            left -= usize::from(lost);
            !lost
        });
    }

    /// Lets time pass until the next deadline.
    pub(crate) fn tick(&mut self) {
        let deadline = self.members.values().filter_map(|m| m.session.deadline()).min();
        self.now = self.now.max(deadline.unwrap());
        for who in self.members.keys().cloned().collect::<Vec<_>>() {
            self.step(&who, Event::Tick);
        }
    }

    /// Lets what is on the way to a member arrive in the reverse order.
    pub(crate) fn reverse(&mut self, whom: &str) {
        let (mut of, others): (VecDeque<_>, VecDeque<_>) =
            self.wire.drain(..).partition(|(_, to, _)| *to == name(whom));
        of.make_contiguous().reverse();
        self.wire = others.into_iter().chain(of).collect();
    }

    /// Delivers what is on the way, without letting time pass.
    pub(crate) fn deliver(&mut self) {
        while self.deliver_one() {}
    }

    pub(crate) fn deliver_one(&mut self) -> bool {
        let Some((from, to, bytes)) = self.wire.pop_front() else { return false };
        let message = Message::from_bytes(&bytes).unwrap();
        let (answers, asleep) = (self.members[&to].answers, self.members[&to].asleep);
        if self.group.contains(&to) && answers && !asleep {
            self.step(&to, Event::Received { from, message });
        }
        true
    }

    pub(crate) fn step(&mut self, who: &MemberName, event: Event) {
        if self.members[who].asleep {
            return;
        }
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let mut actions = Vec::new();
            let now = self.now;
            let member = self.members.get_mut(who).unwrap();
            let waits = |other: &MemberName| member.backlog.contains(other);
            let backlog = Backlog { frames: 0, waits_for: Some(&waits) };
            let writer = member.key.writer();
            let ctx = Ctx { now, writer, profiles: &member.profiles, backlog };
            member.session.step(ctx, event, &mut actions);
            for action in actions {
                self.act(who, action, &mut events);
            }
        }
    }

    fn act(&mut self, who: &MemberName, action: Action, events: &mut VecDeque<Event>) {
        match action {
            Action::Send { to, message } => self.send(who, &to, &message),
            Action::CreateProfile(profile) => {
                self.members.get_mut(who).unwrap().profiles.add(profile).unwrap();
            }
            Action::SwitchProfile(id) => {
                self.members.get_mut(who).unwrap().profiles.switch(&id).unwrap();
                events.push_back(Event::Switched);
            }
            Action::Accept { from, profile, request, segments } => {
                let member = self.members.get_mut(who).unwrap();
                let log = member.profiles.get_mut(&profile).unwrap();
                let mut outcome = Outcome::default();
                for segment in segments {
                    let writer = segment.writer;
                    match log.accept(segment) {
                        Ok(accepted) => {
                            if accepted.waits_for_earlier {
                                outcome.early.push(writer);
                            }
                            outcome.added.extend(accepted.added);
                        }
                        // As `guildsync::Replica` does.
                        Err(AcceptError::Diverged { .. } | AcceptError::Seal(_)) => {
                            outcome.diverged.push(writer);
                        }
                        Err(_) => outcome.n_refused += 1,
                    }
                }
                events.push_back(Event::Accepted { from, profile, request, outcome });
            }
            Action::Progress { member, stage, .. } => self.stages.push((member, stage)),
            Action::Finished(report) => self.reports.push(report),
            Action::Refuse { why, .. } => self.refused.push((who.clone(), why)),
            other => panic!("{other:?}"),
        }
    }

    fn send(&mut self, from: &MemberName, to: &To, message: &Message) {
        let whom = match to {
            To::Group => "group".to_owned(),
            To::Member(member) => member.to_string(),
        };
        self.said.push(format!("{from} -> {whom}: {}", message.name()));
        let bytes = message.to_bytes(self.config.dialect);
        self.spoken.push(Spoken {
            at: self.now,
            from: from.clone(),
            to: to.clone(),
            message: message.clone(),
            bytes: bytes.len(),
        });
        assert_eq!(Message::from_bytes(&bytes).unwrap(), *message);
        let receivers: Vec<MemberName> = match to {
            To::Group => self.group.iter().filter(|&member| member != from).cloned().collect(),
            To::Member(member) => vec![member.clone()],
        };
        for receiver in receivers {
            self.wire.push_back((from.clone(), receiver, bytes.clone()));
        }
    }

    /// When messages of this kind were sent, in milliseconds from `since` on.
    pub(crate) fn times(&self, since: Time, what: &str) -> Vec<u64> {
        let of = |s: &&Spoken| s.at >= since && s.message.name() == what;
        self.spoken.iter().filter(of).map(|s| s.at.since(since)).collect()
    }

    /// A segment of a member's own from its entry `first` on.
    pub(crate) fn own(&self, who: &str, first: u64) -> Segment {
        self.log(who).segment(self.members[&name(who)].key.writer(), first).unwrap()
    }

    /// How often a message of this name was sent.
    pub(crate) fn n_said(&self, what: &str) -> usize {
        self.said.iter().filter(|line| line.ends_with(what)).count()
    }

    /// Whether these members' state hashes are equal.
    pub(crate) fn agree(&self, names: &[&str]) -> bool {
        let mut hashes = names.iter().map(|n| self.members[&name(n)].profiles.state_hash());
        let first = hashes.next();
        hashes.all(|hash| Some(hash) == first)
    }

    /// Lets a member hold what another holds, as if they had synced long ago.
    pub(crate) fn copy(&mut self, from: &str, to: &str) {
        let profiles = self.members[&name(from)].profiles.clone();
        for log in profiles.iter() {
            let id: ProfileId = log.profile().id;
            let mine = &mut self.member(to).profiles;
            if mine.get(&id).is_none() {
                mine.add(log.profile().clone()).unwrap();
            }
            for segment in log.since(&Frontier::new()) {
                mine.get_mut(&id).unwrap().accept(segment).unwrap();
            }
        }
    }
}

/// A stamp far from those that awards get.
pub(crate) fn long_ago() -> Stamp {
    Stamp::new(5, 0).unwrap()
}
