//! What durability costs: a new store with an import-sized commit, one award, opening again.
//!
//! The disk decides most of it; the ratio of one award to an import of 10,000 entries is what the
//! code decides.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use guildsync_log::{Draft, Log, Profile};
use guildsync_store::{Opened, Store, read};
use guildsync_types::{MemberName, Points, Reason, Stamp};

const ENTRIES: u64 = 10_000;

fn drafts(n: u64) -> Vec<Draft> {
    let log = Log::new(Profile::default_profile());
    let name = |text: String| MemberName::new(&text).expect("a name");
    let reason = |text: String| Reason::new(&text).expect("a reason");
    let draft = |i: u64| {
        let stamp = Stamp::new(1_600_000_000 + i * 60, 0).expect("a time");
        let points = Points::from_hundredths(500 + (i % 9) as i64 * 100).expect("points");
        let target = name(format!("Member{}", (b'a' + (i % 25) as u8) as char));
        log.award(
            stamp,
            &name("Oakhand".into()),
            &target,
            points,
            &reason(format!("Boss {}", i % 60)),
        )
        .expect("in range")
    };
    (0..n).map(draft).collect()
}

fn append(opened: &mut Opened, drafts: &[Draft]) {
    let active = opened.profiles.active_id();
    let log = opened.profiles.get_mut(&active).expect("the active profile");
    log.append(opened.store.key(), drafts).expect("allowed");
    opened.store.commit(&opened.profiles).expect("durable");
}

fn imported(path: &Path, drafts: &[Draft]) -> Opened {
    let mut opened = Store::create(path, None).expect("a new store");
    append(&mut opened, drafts);
    opened
}

fn store(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut n = 0;
    let mut path = || {
        n += 1;
        folder.path().join(format!("{n}.gsync"))
    };
    let (import, award) = (drafts(ENTRIES), drafts(1));
    let mut group = c.benchmark_group("store");
    group.sample_size(10);
    group.bench_function("create, append and commit 10 k entries", |b| {
        b.iter_batched(&mut path, |path| imported(&path, &import), BatchSize::PerIteration);
    });
    let mut opened = imported(&path(), &import);
    group.bench_function("append one award and commit it", |b| {
        b.iter(|| append(&mut opened, &award));
    });
    group.bench_function("commit nothing", |b| {
        b.iter(|| opened.store.commit(&opened.profiles).expect("nothing to do"));
    });
    let kept = opened.store.path().to_owned();
    drop(opened);
    group
        .bench_function("read 10 k entries", |b| b.iter(|| black_box(read(&kept)).expect("sound")));
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
