//! Memory of each side during a session of 10,000 records, beside what its tables alone take.
//!
//! Two replicas talk over a queue in virtual time, without stores. Every allocation in a side's step counts
//! for that side, the frames that it sends until they are handed over. The peak is the most that a side has
//! allocated at any moment, its tables included; the floor is what the larger side's tables take when they are
//! read anew after the session.
//!
//! ```text
//! cargo run --release -p guildsync-bench --example table_memory
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use guildsync::log::Profiles;
use guildsync::tables::schema::unified;
use guildsync::tables::{GuildName, Record, Saved, Tables};
use guildsync::transport::{ChannelProfile, SendResult};
use guildsync::types::{MemberName, SecretKey, Time};
use guildsync::wire::lua::Value;
use guildsync::wire::records::{Memory, Stream};
use guildsync::{Config, Input, Moment, Output, Replica};
use guildsync_bench::corpus::tables::Sizes;
use guildsync_bench::table_cost::CLOCK;
use guildsync_bench::table_cost::differ::{self, Counts, Sides};
use guildsync_bench::table_cost::records::Set;
use guildsync_bench::table_cost::session::NAMES;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn used() -> i64 {
    ALLOCATOR.current_usage() as i64
}

/// Records read anew: they share nothing with others.
fn fresh(records: &[Record]) -> anyhow::Result<Vec<Record>> {
    let read = |record: &Record| Ok(unified::from_value(&unified::to_value(record))?);
    records.iter().map(read).collect()
}

fn load(records: &[Record]) -> anyhow::Result<Tables> {
    Ok(Tables::load(fresh(records)?, [], []))
}

/// One side: its replica, what it has allocated, the most of that, and in which step.
struct Member {
    replica: Replica,
    live: i64,
    peak: i64,
    peak_at: (usize, &'static str),
}

struct Pair {
    members: [Member; 2],
    now: Time,
    n_steps: usize,
    air: VecDeque<(Time, usize, Bytes)>,
}

impl Pair {
    fn new(sides: &Sides, guild: &GuildName) -> anyhow::Result<Self> {
        let mut members = Vec::new();
        for (name, records) in NAMES.into_iter().zip(sides) {
            let before = used();
            let me = MemberName::new(name)?;
            let key = SecretKey::from_seed(blake3::hash(name.as_bytes()).as_bytes());
            let mut replica = Replica::new(me, key, Profiles::default(), Config::default())
                .with_tables(load(records)?, Saved::default());
            replica.use_channel(ChannelProfile::retail());
            let live = used() - before;
            members.push(Member { replica, live, peak: live, peak_at: (0, "begin") });
        }
        let members: [Member; 2] =
            members.try_into().map_err(|_| anyhow::anyhow!("two members"))?;
        let mut pair = Self { members, now: CLOCK, n_steps: 0, air: VecDeque::new() };
        let names: Vec<MemberName> =
            pair.members.iter().map(|one| one.replica.me().clone()).collect();
        let members: BTreeSet<MemberName> = names.iter().cloned().collect();
        for one in 0..2 {
            pair.step(one, "begin", Input::SetEnabled(false));
            pair.step(one, "begin", Input::Guild(guild.clone()));
            let (members, leader) = (members.clone(), names[0].clone());
            pair.step(one, "begin", Input::Group { members, leader });
        }
        let with = Some(vec![names[1].clone()]);
        pair.step(0, "begin", Input::TableStart { with, mode: None });
        Ok(pair)
    }

    fn step(&mut self, one: usize, what: &'static str, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.n_steps += 1;
            let before = used();
            ALLOCATOR.reset_peak_usage();
            let mut out = Vec::new();
            let member = &mut self.members[one];
            member.replica.step(Moment::from(self.now), input, &mut out);
            let peak = member.live + ALLOCATOR.peak_usage() as i64 - before;
            if peak > member.peak {
                (member.peak, member.peak_at) = (peak, (self.n_steps, what));
            }
            for output in out {
                match output {
                    Output::Send { frame, .. } => {
                        let copy = Bytes::copy_from_slice(&frame);
                        drop(frame);
                        // The copy is on its way, and nobody's.
                        member.live -= copy.len() as i64;
                        self.air.push_back((self.now + 100, 1 - one, copy));
                        inputs.push_back(Input::Sent(SendResult::Sent));
                    }
                    Output::Commit => inputs.push_front(Input::Committed),
                    Output::Tell(_) => {}
                }
            }
            member.live += used() - before;
        }
    }

    /// Lets everything happen.
    fn run(&mut self) {
        loop {
            let frame = self.air.front().map(|(at, ..)| *at);
            let due = |one: usize| Some((self.members[one].replica.deadline()?, one));
            let due = [due(0), due(1)].into_iter().flatten().min();
            let is_over = self.members.iter().all(|one| one.replica.is_settled());
            match (frame, due) {
                (None, _) if is_over => return,
                (Some(at), due) if due.is_none_or(|(due, _)| at <= due) => {
                    let Some((at, to, bytes)) = self.air.pop_front() else { return };
                    self.now = self.now.max(at);
                    let from = self.members[1 - to].replica.me().clone();
                    let len = bytes.len() as i64;
                    self.step(to, "frame", Input::Frame { from, bytes });
                    // What was nobody's is the receiver's to drop.
                    self.members[to].live += len;
                }
                (_, Some((due, one))) => {
                    self.now = due.max(self.now + 1);
                    self.step(one, "tick", Input::Tick);
                }
                _ => return,
            }
        }
    }
}

fn session(name: &str, sides: &Sides, guild: &GuildName) -> anyhow::Result<()> {
    let mut pair = Pair::new(sides, guild)?;
    let begins: Vec<i64> = pair.members.iter().map(|one| one.live).collect();
    pair.run();
    let mut floors = Vec::new();
    for one in &pair.members {
        let records: Vec<Record> = one.replica.tables().iter().cloned().collect();
        let before = used();
        let tables = load(&records)?;
        floors.push(used() - before);
        drop(tables);
    }
    let [mine, theirs] = &pair.members;
    let is_equal = mine.replica.tables().state_hash() == theirs.replica.tables().state_hash();
    let larger = floors.iter().copied().max().unwrap_or(1).max(1);
    println!("{name}: equal {is_equal}, the larger side's tables {}", mb(larger));
    for ((who, one), (begin, floor)) in
        ["initiator", "responder"].iter().zip(&pair.members).zip(begins.iter().zip(&floors))
    {
        println!(
            "  {who}: tables at the end {}, begins with {}, peak {} = {:.2} x (step {} of {}, {}), ends with {}",
            mb(*floor),
            mb(*begin),
            mb(one.peak),
            one.peak as f64 / larger as f64,
            one.peak_at.0,
            pair.n_steps,
            one.peak_at.1,
            mb(one.live),
        );
    }
    Ok(())
}

fn mb(bytes: i64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

/// What the parts take by themselves.
fn parts(set: &Set) -> anyhow::Result<()> {
    let part = |name: &str, before: i64| println!("  {name}: {}", mb(used() - before));
    println!("parts");
    let before = used();
    let values: Vec<Value> = set.records.iter().map(unified::to_value).collect();
    part("10,000 records as the codec's values", before);
    for memory in [Memory::Small, Memory::Large] {
        let before = used();
        let mut stream = Stream::sized(&[], memory)?;
        part(&format!("{memory:?} stream, new"), before);
        let mut bytes = 0;
        for batch in values.chunks(200) {
            if !stream.has_room_for(batch) {
                println!("  (the stream is full after {bytes} bytes)");
                break;
            }
            bytes += stream.encode(batch)?.len();
        }
        part(&format!("{memory:?} stream, all 10,000 learnt, {bytes} bytes"), before);
    }
    let before = used();
    let records = set.records.clone();
    part("copies of 10,000 records that share their data", before);
    drop(records);
    let before = used();
    let lists: BTreeMap<u64, Vec<Record>> =
        set.records.iter().fold(BTreeMap::new(), |mut all, one| {
            let short = one.hash().0.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
            all.entry(short).or_insert_with(Vec::new).push(one.clone());
            all
        });
    part("the same in a list for each short hash", before);
    drop(lists);
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let set = Set::generated(Sizes::LARGE)?;
    session("all missing, pulled", &differ::all_missing(&set, 1), &set.guild)?;
    session("all missing, pushed", &differ::all_missing(&set, 0), &set.guild)?;
    session("1,000 differ", &differ::recent(&set, Counts::of(1_000))?, &set.guild)?;
    session("10 differ", &differ::recent(&set, Counts::of(10))?, &set.guild)?;
    parts(&set)
}
