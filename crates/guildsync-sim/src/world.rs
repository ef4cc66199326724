//! The world: many replicas, one channel, one game, in virtual time.
//!
//! The real [`guildsync::Replica`] runs here unchanged. Everything that happens is an event in one queue, ordered by
//! time and then by when it was put there, so a seed gives one run. Replicas are stepped only when
//! something is for them: a frame, the game, their disk, their user, or the deadline they named.
//!
//! - here: the queue, and events as they come due
//! - [`member`]: one member's machine: program, clock, disk
//! - `program`: stepping a replica and carrying out what it wants
//! - `debts`: what the channel refused and is still to be sent
//! - `game`: who is on line, who is in the group, who leads, and when each is told
//! - [`acts`]: what people do with the program; `records`, [`sheets`]: the same for tables and sheets, and
//!   what is durable of them

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use bytes::Bytes;
use guildsync::Config;
use guildsync::log::Profiles;
use guildsync::transport::ChannelProfile;
use guildsync::types::{MemberName, SecretKey, Time};

use crate::channel::{Arrivals, Channel, Weather};
use crate::coverage::Coverage;
use crate::decode::Ear;
use crate::dice::Dice;
use crate::oracle::Oracle;
use crate::sheets::side::Side as Sheets;
use crate::tables::side::Side;
use crate::trace::Trace;

pub mod acts;
mod debts;
mod game;
pub mod member;
mod program;
mod records;
mod sending;
pub mod sheets;

pub use acts::Act;
use debts::Debts;
pub use member::Member;
use member::{Work, Writing};
pub(crate) use records::Edit;
pub use sheets::SheetAct;

/// How a world is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// What the channel carries.
    pub channel: ChannelProfile,
    /// What else it does.
    pub weather: Weather,
    /// Every replica's policies.
    pub config: Config,
    /// The clock's time when the world begins, in milliseconds since 1970.
    pub epoch_ms: u64,
    /// Shortest and longest time until a member is told what the game knows.
    pub tell_ms: (u64, u64),
    /// Shortest and longest time that a commit takes.
    pub disk_ms: (u64, u64),
    /// Whether disks keep what is committed, so that members can crash.
    pub keeps_disks: bool,
    /// Whether records are kept for a trace.
    pub records: bool,
    /// Whether messages are decoded for the coverage, and logs checked as they grow.
    pub watches: bool,
}

/// One who is to be in the world.
#[derive(Debug)]
pub struct Newcomer {
    /// The name.
    pub name: MemberName,
    /// The writer's key.
    pub key: SecretKey,
    /// What it holds.
    pub profiles: Profiles,
    /// Whether its machine has the program: a member without it hears all and never answers.
    pub has_program: bool,
}

/// A moment at which a member's log grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Virtual milliseconds.
    pub at: u64,
    /// Whose log.
    pub member: usize,
    /// Entries in its active profile now.
    pub n_entries: usize,
}

/// The world.
#[derive(Debug)]
pub struct World {
    setup: Setup,
    now: u64,
    queue: BinaryHeap<Reverse<Due>>,
    n_queued: u64,
    members: Vec<Member>,
    by_name: BTreeMap<MemberName, usize>,
    group: BTreeSet<usize>,
    leader: Option<usize>,
    told: Arc<Roster>,
    /// What becomes of frames.
    pub channel: Channel,
    /// What must be true.
    pub oracle: Oracle,
    /// What was sent.
    pub trace: Trace,
    /// What was reached.
    pub seen: Coverage,
    /// What went wrong, the first first.
    pub failures: Vec<String>,
    /// Frames sent, by member.
    pub frames_of: Vec<u64>,
    /// Bytes sent, by member.
    pub bytes_of: Vec<u64>,
    /// When whose log grew.
    pub growth: Vec<Growth>,
    /// Steps of replicas so far.
    pub n_steps: u64,
    /// The deliberate fault of the world itself, if any.
    pub sabotage: Option<Sabotage>,
    debts: Debts,
    ear: Ear,
    dice: Dice,
    arrivals: Arrivals,
    receivers: Vec<usize>,
    second: (u64, u64),
    /// `None`: members have no tables.
    tables: Option<Box<Side>>,
    pub(crate) sheets: Sheets,
}

/// Faults of an environment that breaks its promises: the oracle must notice each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// Commits are reported done that never reach the disk.
    CommitsAreLost,
    /// A wiped store keeps its key.
    WipedStoreKeepsItsKey,
    /// The channel gives what one member sent as somebody else's.
    SendersAreSwapped,
    /// Deadlines are never told.
    NoTicks,
    /// What is appended is announced before it is durable.
    SendsBeforeDurable,
}

/// Who is in the group and who leads it, as the game tells at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Roster {
    members: BTreeSet<MemberName>,
    leader: Option<MemberName>,
}

#[derive(Debug)]
struct Due {
    at: u64,
    n: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Arrive { to: usize, from: usize, frame: Bytes },
    Tick { member: usize },
    Durable { member: usize, run: u64 },
    Told { member: usize, roster: Arc<Roster> },
    Start { member: usize },
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.n).cmp(&(other.at, other.n))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Due {}

impl World {
    /// More steps than this in one virtual second are a live-lock.
    pub const STEPS_PER_SECOND_MAX: u64 = 400_000;

    /// A world in which everyone is on line, with the program running, and nobody is grouped.
    #[must_use]
    pub fn new(setup: Setup, newcomers: Vec<Newcomer>) -> Self {
        Self::put_together(setup, newcomers, None)
    }

    fn put_together(setup: Setup, newcomers: Vec<Newcomer>, tables: Option<Box<Side>>) -> Self {
        let n = newcomers.len();
        let purpose = |purpose| Dice::for_purpose(setup.seed, purpose);
        let channel = Channel::new(setup.channel, setup.weather.clone(), n, purpose(1));
        let by_name = newcomers.iter().enumerate().map(|(i, one)| (one.name.clone(), i)).collect();
        let mut world = Self {
            now: 0,
            queue: BinaryHeap::new(),
            n_queued: 0,
            members: Vec::new(),
            by_name,
            group: BTreeSet::new(),
            leader: None,
            told: Arc::default(),
            channel,
            oracle: Oracle::new(),
            trace: Trace::new(setup.records),
            seen: Coverage::default(),
            failures: Vec::new(),
            frames_of: vec![0; n],
            bytes_of: vec![0; n],
            growth: Vec::new(),
            n_steps: 0,
            sabotage: None,
            debts: Debts::new(n),
            ear: Ear::new(setup.channel),
            dice: purpose(2),
            arrivals: Arrivals::default(),
            receivers: Vec::new(),
            second: (0, 0),
            tables,
            sheets: Sheets::new(n),
            setup,
        };
        for (i, one) in newcomers.into_iter().enumerate() {
            let dice = Dice::for_purpose(world.setup.seed, 1000 + i as u64);
            world.members.push(Member::new(one, world.setup.keeps_disks, dice));
            world.start(i);
        }
        world
    }

    /// Virtual milliseconds since the world began.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// How many members there are, on line or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A member.
    #[must_use]
    pub fn member(&self, member: usize) -> &Member {
        &self.members[member]
    }

    /// A member's running program, to be tampered with.
    pub fn tamper(&mut self, member: usize) -> Option<&mut guildsync::Replica> {
        self.members[member].replica.as_mut()
    }

    /// A member's logs: the running program's, or what is on its disk.
    #[must_use]
    pub fn profiles(&self, member: usize) -> &Profiles {
        self.members[member].profiles()
    }

    /// How the world was set up.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// When the next event is due, if any is.
    #[must_use]
    pub fn next_at(&self) -> Option<u64> {
        self.queue.peek().map(|Reverse(due)| due.at)
    }

    /// Runs everything that is due up to and with `until`, and lets the time be that. Stops at the first
    /// failure.
    pub fn run_until(&mut self, until: u64) {
        while let Some(at) = self.next_at().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            if let Some(Reverse(due)) = self.queue.pop() {
                self.happen(due.what);
            }
            if !self.failures.is_empty() {
                return;
            }
        }
        self.now = self.now.max(until);
    }

    /// Frames that would arrive much later than they were sent do not arrive any more.
    pub fn drop_late_frames(&mut self) {
        let soon = self.now + 5_000;
        let is_late = |what: &What| matches!(what, What::Arrive { .. });
        self.queue.retain(|Reverse(due)| due.at <= soon || !is_late(&due.what));
    }

    /// Says that something is wrong.
    pub fn fail(&mut self, what: String) {
        self.trace.event(self.now, format_args!("FAILURE: {what}"));
        self.failures.push(what);
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Arrive { to, from, frame } => self.arrive(to, from, frame),
            What::Tick { member } => self.tick(member),
            What::Durable { member, run } if self.members[member].run == run => {
                self.durable(member);
            }
            What::Durable { .. } => {}
            What::Told { member, roster } => self.hear_game(member, &roster),
            What::Start { member } if self.members[member].online => self.start(member),
            What::Start { .. } => {}
        }
        self.kill_due();
    }

    fn at(&mut self, at: u64, what: What) {
        self.n_queued += 1;
        self.queue.push(Reverse(Due { at, n: self.n_queued, what }));
    }

    /// What a member's clock says.
    fn clock(&self, member: usize) -> Time {
        self.members[member].clock(self.setup.epoch_ms + self.now)
    }

    fn count_step(&mut self) {
        self.n_steps += 1;
        let second = self.now / 1000;
        if self.second.0 != second {
            self.second = (second, 0);
        }
        self.second.1 += 1;
        if self.second.1 == Self::STEPS_PER_SECOND_MAX {
            self.fail("a live-lock: far too many steps in one second".to_owned());
        }
    }
}
