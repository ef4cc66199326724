//! A raid at the level of messages: members, a clock, and a channel that takes time and loses frames.
//!
//! A message takes as many frames as its bytes need; a sender has a burst of ten and then one a second. One
//! frame can be lost by each receiver; of a longer message the link below repairs what is lost, so that it
//! only comes later.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_sections::{
    Action, Body, Change, Config, Ctx, Document, DocumentId, Event, Label, Message, Plain, Policy,
    Raid, Refusal, Report, Saved, SectionId, SectionSync, Shelf, To,
};
use guildsync_types::{MemberName, SecretKey, Time};

/// Bytes of a message that a frame carries.
pub(crate) const FRAME: usize = 250;
const LATENCY_MS: u64 = 120;
const BURST: u64 = 10;
const FRAME_MS: u64 = 1_000;

pub(crate) struct Member {
    pub(crate) name: MemberName,
    pub(crate) key: SecretKey,
    pub(crate) shelf: Shelf,
    pub(crate) sync: SectionSync,
    pub(crate) shown: Vec<(Time, DocumentId, SectionId)>,
    pub(crate) refusals: Vec<(MemberName, Refusal)>,
    pub(crate) reports: Vec<Report>,
    pub(crate) actions: Vec<Action>,
    /// Frames sent, by the message's name.
    pub(crate) frames: BTreeMap<&'static str, usize>,
    pub(crate) sent: Vec<(Time, Message)>,
    /// When the sender's budget is full again.
    free: u64,
    pub(crate) is_online: bool,
    /// How many seconds its clock runs behind.
    pub(crate) behind: u64,
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) members: Vec<Member>,
    /// What is on its way: when, for whom, from whom.
    mail: BTreeMap<(Time, u64), (usize, usize, Option<Message>)>,
    n: u64,
    /// Of a thousand frames so many are lost, by each receiver for itself.
    pub(crate) loss: u64,
    seed: u64,
    pub(crate) leader: usize,
    pub(crate) assistants: Vec<usize>,
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(crate) fn body(words: &[&str]) -> Plain {
    let row = |word: &&str| vec![format!("mark {word}"), "Tank".into(), (*word).to_owned()];
    Body {
        header: vec!["Icon".into(), "Role".into(), "Who".into()],
        rows: words.iter().map(row).collect(),
        note: Some(format!("stand with {}", words.join(" and "))),
        ..Body::default()
    }
    .plain()
    .unwrap()
}

/// A sheet of `n` sections of eight rows, each with a note of forty words that no codec makes short.
pub(crate) fn sheet(n: usize) -> Vec<(Label, Plain)> {
    let names = ["Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine"];
    let mut state = 7u64;
    let mut section = |at: usize| {
        let words: Vec<&str> = (0..8).map(|row| names[(at * 7 + row * 3 + at / 5) % 10]).collect();
        let mut body = body(&words).open().unwrap();
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (0..6)
                .map(|n| char::from(b'a' + (state >> (16 + 5 * n)) as u8 % 26))
                .collect::<String>()
        };
        body.note = Some((0..40).map(|_| word()).collect::<Vec<_>>().join(" "));
        (label(&format!("{} {}", names[at % 10], at / 10 + 1)), body.plain().unwrap())
    };
    (0..n).map(&mut section).collect()
}

impl World {
    pub(crate) fn new(members: usize) -> Self {
        Self::with(members, Config::default())
    }

    pub(crate) fn with(members: usize, config: Config) -> Self {
        let member = |at: usize| {
            let name = MemberName::new(&format!("Member{at:02}-Eonar")).unwrap();
            let mut sync = SectionSync::new(name.clone(), config.clone(), Saved::default());
            sync.use_frame(FRAME, FRAME_MS);
            Member {
                name,
                key: SecretKey::from_seed(&[at as u8 + 1; 32]),
                shelf: Shelf::default(),
                sync,
                shown: Vec::new(),
                refusals: Vec::new(),
                reports: Vec::new(),
                actions: Vec::new(),
                frames: BTreeMap::new(),
                sent: Vec::new(),
                free: 0,
                is_online: false,
                behind: 0,
            }
        };
        Self {
            now: Time(1_750_000_000_000),
            members: (0..members).map(member).collect(),
            mail: BTreeMap::new(),
            n: 0,
            loss: 0,
            seed: 1,
            leader: 0,
            assistants: vec![1],
        }
    }

    fn chance(&mut self) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % 1000
    }

    pub(crate) fn seed(mut self, seed: u64, loss: u64) -> Self {
        (self.seed, self.loss) = (seed, loss);
        self
    }

    /// These are in the raid now.
    pub(crate) fn raid(&mut self, online: impl IntoIterator<Item = usize>) {
        let online: BTreeSet<usize> = online.into_iter().collect();
        let name = |at: &usize| self.members[*at].name.clone();
        let raid = Raid {
            members: online.iter().map(name).collect(),
            leader: Some(name(&self.leader)).filter(|_| online.contains(&self.leader)),
            assistants: self.assistants.iter().map(name).collect(),
        };
        for at in 0..self.members.len() {
            let is_online = online.contains(&at);
            if self.members[at].is_online || is_online {
                self.members[at].is_online = is_online;
                let raid = if is_online { raid.clone() } else { Raid::default() };
                self.step(at, Event::Raid(raid));
            }
        }
    }

    pub(crate) fn all(&mut self) {
        self.raid(0..self.members.len());
    }

    pub(crate) fn step(&mut self, at: usize, event: Event) {
        let mut queue = vec![event];
        while let Some(event) = queue.pop() {
            let mut out = Vec::new();
            let member = &mut self.members[at];
            let waits = member.free.saturating_sub(self.now.0 + BURST * FRAME_MS);
            let backlog_frames = waits.div_ceil(FRAME_MS) as usize;
            let clock = self.now.0 / 1000 - member.behind;
            let ctx = Ctx { now: self.now, clock, shelf: &member.shelf, backlog_frames };
            member.sync.step(ctx, event, &mut out);
            for action in out {
                if let Some(event) = self.act(at, action) {
                    queue.push(event);
                }
            }
        }
    }

    fn act(&mut self, at: usize, action: Action) -> Option<Event> {
        let member = &mut self.members[at];
        member.actions.push(action.clone());
        match action {
            Action::Send { to, message } => self.send(at, &to, message),
            Action::Take { document, versions } => {
                let result = member.shelf.merge(document, versions);
                return Some(Event::Taken { document, result });
            }
            Action::Show { document, section, .. } => {
                member.shown.push((self.now, document, section));
            }
            Action::Refuse { from, why } => member.refusals.push((from, why)),
            Action::Finished(report) => member.reports.push(*report),
            _ => {}
        }
        None
    }

    fn send(&mut self, at: usize, to: &To, message: Message) {
        let bytes = message.to_bytes(self.members[at].sync.config().dialect);
        let frames = bytes.len().div_ceil(FRAME);
        let member = &mut self.members[at];
        *member.frames.entry(message.name()).or_default() += frames;
        member.sent.push((self.now, message.clone()));
        let full = self.now.0.saturating_sub(BURST * FRAME_MS);
        member.free = member.free.max(full) + frames as u64 * FRAME_MS;
        let arrives =
            Time(member.free.saturating_sub(BURST * FRAME_MS).max(self.now.0)) + LATENCY_MS;
        let read = Message::from_bytes(&bytes).expect("what is written is read");
        assert_eq!(read, message);
        for other in 0..self.members.len() {
            let is_for = match to {
                To::Raid => other != at,
                To::Member(name) => self.members[other].name == *name,
            };
            if !is_for || !self.members[other].is_online {
                continue;
            }
            let lost = self.chance() < self.loss;
            if lost && frames == 1 {
                continue;
            }
            let delay = if lost { 1_500 } else { self.chance() % 60 };
            self.n += 1;
            self.mail.insert((arrives + delay, self.n), (other, at, Some(read.clone())));
            for nth in 1..frames as u64 {
                self.n += 1;
                let came =
                    Time(arrives.0.saturating_sub(nth * FRAME_MS).max(self.now.0 + LATENCY_MS));
                self.mail.insert((came, self.n), (other, at, None));
            }
        }
    }

    /// A member removes a document where it is.
    pub(crate) fn remove(&mut self, at: usize, id: DocumentId) {
        let member = &mut self.members[at];
        member.shelf.remove(id, member.key.writer());
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        loop {
            let deadline = |member: &Member| member.sync.deadline().filter(|_| member.is_online);
            let timer = (0..self.members.len())
                .filter_map(|at| Some((deadline(&self.members[at])?, at)))
                .min();
            let mail = self.mail.first_key_value().map(|((due, _), _)| *due);
            match (mail, timer) {
                (Some(due), timer) if due <= end && timer.is_none_or(|(t, _)| due <= t) => {
                    self.now = self.now.max(due);
                    let Some((_, (to, from, message))) = self.mail.pop_first() else { break };
                    if self.members[to].is_online {
                        let from = self.members[from].name.clone();
                        let event = match message {
                            Some(message) => Event::Received { from, message },
                            None => Event::Piece { from },
                        };
                        self.step(to, event);
                    }
                }
                (_, Some((due, at))) if due <= end => {
                    self.now = self.now.max(due);
                    self.step(at, Event::Tick);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    pub(crate) fn publish(
        &mut self,
        at: usize,
        title: &str,
        policy: Policy,
        n: usize,
    ) -> DocumentId {
        let id = DocumentId::of_title(&label(title));
        let member = &mut self.members[at];
        let author = member.shelf.author(id, &member.name, &member.key, self.now.stamp());
        let document = Document::publish(author, label(title), policy, sheet(n)).unwrap();
        member.shelf.put(document).unwrap();
        self.step(at, Event::Edited(id));
        id
    }

    pub(crate) fn change(&mut self, at: usize, id: DocumentId, changes: Vec<Change>) {
        let member = &mut self.members[at];
        let author = member.shelf.author(id, &member.name, &member.key, self.now.stamp());
        let mut document = member.shelf.get(id).unwrap().clone();
        if document.change(author, changes).unwrap() {
            member.shelf.put(document).unwrap();
            self.step(at, Event::Edited(id));
        }
    }

    /// Sets the body of the nth section.
    pub(crate) fn edit(
        &mut self,
        at: usize,
        id: DocumentId,
        nth: usize,
        words: &[&str],
    ) -> SectionId {
        let document = self.members[at].shelf.get(id).unwrap();
        let section = document.sections()[nth];
        let (section, name) = (section.id, section.name.clone());
        self.change(at, id, vec![Change::Set { section, name, body: body(words) }]);
        section
    }

    /// For so long nothing of what a member says leaves it.
    pub(crate) fn lock(&mut self, at: usize, ms: u64) {
        self.members[at].free = self.now.0 + BURST * FRAME_MS + ms;
    }

    /// How many messages of this name a member has sent.
    pub(crate) fn said(&self, at: usize, name: &str) -> usize {
        self.members[at].sent.iter().filter(|(_, message)| message.name() == name).count()
    }

    /// Everyone who is in the raid has the same.
    pub(crate) fn is_equal(&self) -> bool {
        let online = self.members.iter().filter(|member| member.is_online);
        let hashes: BTreeSet<_> = online.map(|member| member.shelf.state_hash()).collect();
        hashes.len() == 1
    }

    /// Everything that is on its way is lost.
    pub(crate) fn lose_mail(&mut self) {
        self.mail.clear();
    }

    /// Lets time pass until something is so.
    pub(crate) fn until(&mut self, so: impl Fn(&Self) -> bool) {
        let end = self.now + 300_000;
        while !so(self) {
            assert!(self.now < end, "it is not so after five minutes");
            self.run(50);
        }
    }

    /// Frames that all members together sent, of messages with these names.
    pub(crate) fn frames(&self, names: &[&str]) -> usize {
        let all = self.members.iter().flat_map(|member| &member.frames);
        all.filter(|(name, _)| names.contains(name)).map(|(_, n)| n).sum()
    }

    pub(crate) fn forget_frames(&mut self) {
        self.members.iter_mut().for_each(|member| member.frames.clear());
    }

    /// A member's program starts anew with what was durable.
    pub(crate) fn restart(&mut self, at: usize) {
        let member = &mut self.members[at];
        let saved = Saved::decode(&member.sync.saved().encode()).unwrap();
        let config = member.sync.config().clone();
        member.sync = SectionSync::new(member.name.clone(), config, saved);
        member.sync.use_frame(FRAME, FRAME_MS);
        member.is_online = false;
    }
}
