//! Tables come back as they were committed, however they came about.

use guildsync_store::{Data, Opened, Store};
use guildsync_tables::{Purge, RecordKey, TableKind, Tables};
use proptest::prelude::*;

use crate::disk::Disk;
use crate::support::{CLOCK, active, all, award, commit_all, key, member, set};

/// What happens to tables between commits.
#[derive(Debug, Clone)]
enum Op {
    /// Writes a record of so many.
    Set(usize),
    /// Deletes one, if it is there.
    Delete(usize),
    /// A record of a time to come arrives.
    Hold(usize),
    /// Time passes, in days: what is held is taken in, old data goes.
    Pass(u64),
    /// The tables are replaced by a copy of themselves.
    Copy,
    /// A copy is laid aside.
    LayAside,
    /// The tables are replaced by the copy that was laid aside, which has been changed since.
    TakeUp(usize),
    /// The tables are replaced by others that hold the same.
    Others,
    /// A session with somebody was completed.
    Synced(u64),
    /// All is made durable.
    Commit,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..40_usize).prop_map(Op::Set),
        4 => (0..40_usize).prop_map(Op::Delete),
        2 => (0..40_usize).prop_map(Op::Hold),
        1 => (1..40_u64).prop_map(Op::Pass),
        1 => Just(Op::Copy),
        1 => Just(Op::LayAside),
        1 => (0..40_usize).prop_map(Op::TakeUp),
        1 => Just(Op::Others),
        1 => (0..3_u64).prop_map(Op::Synced),
        4 => Just(Op::Commit),
    ]
}

/// The table and the id of one of 40 records; ids that are the beginning of others are among them.
fn one_of(which: usize) -> (TableKind, String) {
    (TableKind::ALL[which % 5], "1".repeat(1 + which / 5))
}

fn key_of(tables: &Tables, which: usize) -> Option<RecordKey> {
    let (table, id) = one_of(which);
    let found = tables.of(table).find(|record| record.id().as_str() == id);
    found.map(|record| record.key().clone())
}

fn reopen(disk: &Disk) -> Opened {
    Store::open_with_backend(disk.clone(), key(1)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_was_committed_is_there_again_and_nothing_else(ops in prop::collection::vec(op(), 1..60)) {
        let disk = Disk::default();
        let mut opened = Store::create_with_backend(disk.clone(), key(1)).unwrap();
        let mut aside = Tables::new();
        let (mut day, mut n) = (0, 0);
        for op in ops {
            n += 1;
            let clock = CLOCK + day * 86_400;
            let tables = &mut opened.tables;
            match op {
                Op::Set(which) => {
                    let (table, id) = one_of(which);
                    set(tables, table, &id, day * 86_400 + n);
                }
                Op::Delete(which) => {
                    if let Some(key) = key_of(tables, which) {
                        tables.delete(&key, clock).unwrap();
                    }
                }
                Op::Hold(which) => {
                    let (table, id) = one_of(which);
                    let ahead = (day + 1 + n % 5) * 86_400;
                    tables.merge(set(&mut Tables::new(), table, &id, ahead), clock);
                }
                Op::Pass(days) => {
                    day += days;
                    let clock = CLOCK + day * 86_400;
                    tables.release(clock);
                    tables.purge(Purge::AfterDays(30), clock);
                }
                Op::Copy => *tables = tables.clone(),
                Op::LayAside => aside = tables.clone(),
                Op::TakeUp(which) => {
                    let (table, id) = one_of(which);
                    set(&mut aside, table, &id, day * 86_400 + n);
                    std::mem::swap(tables, &mut aside);
                }
                Op::Others => {
                    let [records, kept, held] = all(tables);
                    *tables = Tables::load(records, kept, held);
                }
                Op::Synced(who) => {
                    let who = member(["Brindle", "Tansy", "Quill"][who as usize]);
                    opened.table_sync.synced.insert(who, clock);
                }
                Op::Commit => {
                    commit_all(&mut opened).unwrap();
                    let on_disk = reopen(&disk.after_power_failure());
                    prop_assert_eq!(all(&on_disk.tables), all(&opened.tables));
                    prop_assert_eq!(&on_disk.table_sync, &opened.table_sync);
                }
            }
        }
        commit_all(&mut opened).unwrap();
        let (before, saved) = (all(&opened.tables), opened.table_sync.clone());
        drop(opened);
        let again = reopen(&disk);
        prop_assert_eq!(all(&again.tables), before);
        prop_assert_eq!(again.table_sync, saved);
    }
}

#[test]
fn a_commit_of_the_logs_alone_leaves_the_tables_as_they_are_on_disk() {
    let disk = Disk::default();
    let mut opened = Store::create_with_backend(disk.clone(), key(1)).unwrap();
    let first = set(&mut opened.tables, TableKind::News, "7", 1);
    commit_all(&mut opened).unwrap();
    set(&mut opened.tables, TableKind::News, "7", 2);
    award(active(&mut opened.profiles), &key(1), 1);
    opened.store.commit(&opened.profiles).unwrap();
    let on_disk = reopen(&disk.after_power_failure());
    assert_eq!(on_disk.tables.get(first.key()), Some(&first));
    assert_eq!(on_disk.profiles.state_hash(), opened.profiles.state_hash());
    // It is not forgotten: the next commit of the tables writes it.
    commit_all(&mut opened).unwrap();
    assert_eq!(all(&reopen(&disk.after_power_failure()).tables), all(&opened.tables));
}

#[test]
fn a_commit_with_nothing_new_writes_nothing() {
    let disk = Disk::default();
    let mut opened = Store::create_with_backend(disk.clone(), key(1)).unwrap();
    for n in 0..50 {
        set(&mut opened.tables, TableKind::News, &n.to_string(), n);
    }
    commit_all(&mut opened).unwrap();
    let n_syncs = disk.n_syncs();
    commit_all(&mut opened).unwrap();
    let copy = opened.tables.clone();
    let tables = Some((&copy, &opened.table_sync));
    opened.store.commit(Data { profiles: &opened.profiles, tables, sheets: None }).unwrap();
    let [records, kept, held] = all(&copy);
    let others = Tables::load(records, kept, held);
    let tables = Some((&others, &opened.table_sync));
    opened.store.commit(Data { profiles: &opened.profiles, tables, sheets: None }).unwrap();
    assert_eq!(disk.n_syncs(), n_syncs);
}
