//! Comparing 10,000 records with 10,000 as a session does, in memory: opening, answer, pull request.
//!
//! The *whole* is all that both machines do until the initiator has written its request, every message
//! written and read included. Its parts:
//! - *opening*: the initiator's digests over its records
//! - *answer*: the other side's digests, what it has by short hash, and its sketch
//! - *difference*: what the initiator has by short hash, its own sketch, what differs, and which records
//!   the transfer is going to be primed with
//!
//! Not in it: channel, store, and the records themselves, which travel afterwards.

use std::collections::BTreeSet;
use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use guildsync_tables::message::Message;
use guildsync_tables::{
    Action, Config, Ctx, Dialect, Event, GuildName, RecordId, Saved, TableKind, TableSync, Tables,
};
use guildsync_types::{MemberName, Time};
use guildsync_wire::lua::Table;

const RECORDS: u64 = 10_000;
const NOW: Time = Time(1_736_942_400_000);
/// Bytes of a message that a frame of the retail channel carries.
const FRAME_BYTES: usize = 249;

/// Seven tenths members, the others news and events; every one of `changed` is newer than on the other side.
fn tables(changed: impl Fn(u64) -> bool) -> Tables {
    let guild = GuildName::new("The Long Watch-Greyhollow").expect("a name");
    let mut tables = Tables::new();
    for n in 0..RECORDS {
        let (kind, id) = match n % 20 {
            0..14 => (TableKind::Roster, format!("Member{:04x}-Greyhollow", n * 40_503 % 65_536)),
            14..17 => (TableKind::News, format!("2024{:010}", n * 7_919 % 1_000_003)),
            _ => (TableKind::Calendar, format!("2023{:010}", n * 7_919 % 1_000_003)),
        };
        let mut data = Table::new();
        data.insert("name", id.as_str());
        data.insert("content", "Raid at eight, bring what you need for the night.");
        data.insert("level", 60 + (n % 21) as i64);
        // Older than any cut, unless it changed a day ago.
        let age_days = if changed(n) { 1 } else { 10 + n % 600 };
        let clock = NOW.0 / 1000 - age_days * 86_400;
        let id = RecordId::new(&id).expect("an id");
        tables.set(kind, guild.clone(), id, data, clock).expect("a record");
    }
    tables
}

/// Two machines and what each holds.
struct Pair<'a> {
    names: [MemberName; 2],
    machines: [TableSync; 2],
    tables: [&'a Tables; 2],
}

impl<'a> Pair<'a> {
    fn new(tables: [&'a Tables; 2]) -> Self {
        let names = ["Oakhand", "Brindle"].map(|name| MemberName::new(name).expect("a name"));
        let machines = names.clone().map(|me| {
            let mut machine = TableSync::new(me, Config::default(), Saved::default());
            machine.use_frame(FRAME_BYTES, 1_000);
            machine
        });
        let mut pair = Self { names: names.clone(), machines, tables };
        let online: BTreeSet<MemberName> = names.into_iter().collect();
        let guild = GuildName::new("The Long Watch-Greyhollow").expect("a name");
        for one in 0..2 {
            pair.step(one, Event::Guild(guild.clone()));
            pair.step(one, Event::Online(online.clone()));
        }
        pair
    }

    /// One event; the message that the machine sends, written.
    fn step(&mut self, one: usize, event: Event) -> Option<Bytes> {
        let tables = self.tables[one];
        let (clock, backlog_frames, waits_for) = (NOW.0 / 1000, 0, None);
        let ctx = Ctx { now: NOW, clock, tables, backlog_frames, waits_for };
        let mut actions = Vec::new();
        self.machines[one].step(ctx, event, &mut actions);
        actions.into_iter().find_map(|action| match action {
            Action::Send { message, .. } => Some(message.to_bytes(Dialect::Compact)),
            _ => None,
        })
    }

    fn open(&mut self) -> Bytes {
        let with = Some(vec![self.names[1].clone()]);
        self.step(0, Event::Start { with, mode: None }).expect("an opening")
    }

    fn hear(&mut self, one: usize, bytes: &Bytes) -> Option<Bytes> {
        let message = Message::from_bytes(black_box(bytes)).expect("a message");
        let from = self.names[1 - one].clone();
        self.step(one, Event::Received { from, message })
    }
}

fn compare(criterion: &mut Criterion) {
    let theirs = tables(|_| false);
    let mut group = criterion.benchmark_group("compare 10,000 with 10,000");
    for differences in [0u64, 10, 20] {
        let every = RECORDS.checked_div(differences);
        let mine = tables(|n| every.is_some_and(|every| n % every == 3));
        let fresh = || Pair::new([&mine, &theirs]);
        let opened = || {
            let mut pair = fresh();
            let opening = pair.open();
            (pair, opening)
        };
        let answered = || {
            let (mut pair, opening) = opened();
            let answer = pair.hear(1, &opening).expect("an answer");
            (pair, answer)
        };
        // What one session leaves behind is put away outside of the time.
        let size = BatchSize::PerIteration;
        group.bench_function(BenchmarkId::new("whole", differences), |bencher| {
            let whole = |pair: &mut Pair<'_>| {
                let opening = pair.open();
                let answer = pair.hear(1, &opening).expect("an answer");
                pair.hear(0, &answer)
            };
            bencher.iter_batched_ref(fresh, whole, size);
        });
        group.bench_function(BenchmarkId::new("opening", differences), |bencher| {
            bencher.iter_batched_ref(fresh, |pair| pair.open(), size);
        });
        group.bench_function(BenchmarkId::new("answer", differences), |bencher| {
            bencher.iter_batched_ref(opened, |(pair, opening)| pair.hear(1, opening), size);
        });
        group.bench_function(BenchmarkId::new("difference", differences), |bencher| {
            bencher.iter_batched_ref(answered, |(pair, answer)| pair.hear(0, answer), size);
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = compare
}
criterion_main!(benches);
