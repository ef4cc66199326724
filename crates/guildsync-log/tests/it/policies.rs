//! Policies of a profile: registers that the newest entry wins.

use std::collections::BTreeMap;

use guildsync_log::{AppendError, Change, Frontier, Log, Profile, Role};
use guildsync_types::{PolicyName, PolicyValue};
use proptest::prelude::*;

use crate::world::*;

const OWNER: u8 = 1;
const OFFICER: u8 = 2;
const STRANGER: u8 = 3;

/// An owned profile in which one writer is officer since second 2.
fn owned() -> Log {
    let creation = change(1, Change::ProfileCreated { name: profile_name("Raid-Team-A") });
    let mut log = Log::new(Profile::owned(key(OWNER).writer(), &creation).unwrap());
    let (writer, role) = (key(OFFICER).writer(), Role::Officer);
    let grant = change(2, Change::Grant { writer, member: name("Mossback"), role });
    log.append(&key(OWNER), &[creation, grant]).unwrap();
    log
}

/// "sync-plan=queue manual-sync=anyone": the policies as text, by name.
fn told(log: &Log) -> String {
    log.policies().map(|p| format!("{}={}", p.name, p.value)).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_newest_value_counts_whatever_comes_last() {
    let mut log = open();
    log.append(&key(1), &[policy(20, "sync-plan", "queue")]).unwrap();
    log.append(&key(2), &[policy(10, "sync-plan", "broadcast")]).unwrap();
    log.append(&key(2), &[policy(11, "manual-sync", "anyone")]).unwrap();
    assert_eq!(told(&log), "manual-sync=anyone sync-plan=queue");
    assert_eq!((log.policy("sync-plan"), log.policy("loot")), (Some("queue"), None));
    let set_by: Vec<_> = log.policies().map(|p| p.set_by).collect();
    assert_eq!(set_by, [id(&key(2), 2), id(&key(1), 1)]);
    // Of two at one time, the one that replay takes later.
    let (low, high) = match key(1).writer() < key(2).writer() {
        true => (1, 2),
        false => (2, 1),
    };
    log.append(&key(high), &[policy(30, "sync-plan", "high")]).unwrap();
    log.append(&key(low), &[policy(30, "sync-plan", "low")]).unwrap();
    assert_eq!(log.policy("sync-plan"), Some("high"));
}

#[test]
fn an_empty_value_is_back_to_the_default() {
    let mut log = open();
    log.append(&key(1), &[policy(10, "sync-plan", "queue"), policy(20, "sync-plan", "")]).unwrap();
    assert_eq!((log.policy("sync-plan"), log.policies().count()), (None, 0));
    log.append(&key(2), &[policy(15, "sync-plan", "broadcast")]).unwrap();
    assert_eq!(log.policy("sync-plan"), None, "what was set before stays taken back");
}

#[test]
fn owners_and_officers_set_policies_and_nobody_else_does() {
    let mut log = owned();
    log.append(&key(OFFICER), &[policy(10, "manual-sync", "anyone")]).unwrap();
    assert_eq!(log.policy("manual-sync"), Some("anyone"));
    log.append(&key(OWNER), &[policy(11, "manual-sync", "officers")]).unwrap();
    assert_eq!(log.policy("manual-sync"), Some("officers"));
    let refused = log.append(&key(STRANGER), &[policy(12, "manual-sync", "anyone")]).unwrap_err();
    assert!(matches!(refused, AppendError::NoRole { .. }), "{refused}");
}

#[test]
fn a_policy_beyond_a_revokes_cut_does_not_count_until_an_owner_adopts_it() {
    let mut log = owned();
    log.append(&key(OFFICER), &[policy(10, "sync-plan", "queue")]).unwrap();
    let mut away = log.clone();
    let (writer, cut) = (key(OFFICER).writer(), 1);
    log.append(&key(OWNER), &[change(20, Change::Revoke { writer, cut })]).unwrap();
    // The officer knows nothing of it, and backdates.
    away.append(&key(OFFICER), &[policy(15, "sync-plan", "broadcast")]).unwrap();
    pull(&mut log, &away);
    assert_eq!(told(&log), "sync-plan=queue", "the one below the cut still counts");
    let verdicts: Vec<_> = log.audit().map(|line| line.verdict.name()).collect();
    assert_eq!(verdicts, ["counts", "counts", "counts", "no-role", "counts"]);
    let of = id(&key(OFFICER), 2);
    let adopt = Change::Adopt { of, hash: log.entry_hash(of).unwrap() };
    log.append(&key(OWNER), &[change(40, adopt)]).unwrap();
    assert_eq!(told(&log), "sync-plan=broadcast");
    // Whoever takes everything in the reverse order ends with the same.
    let mut other = Log::new(log.profile().clone());
    for segment in log.since(&Frontier::new()).into_iter().rev() {
        other.accept(segment).unwrap();
    }
    assert_eq!((told(&other), other.heads()), (told(&log), log.heads()));
}

#[test]
fn of_more_than_64_policies_the_later_ones_have_no_effect() {
    let mut log = open();
    let name = |n: usize| format!("policy-{n:03}");
    let all: Vec<_> = (0..70).map(|n| policy(10, &name(n), "on")).collect();
    log.append(&key(1), &all).unwrap();
    assert_eq!((log.len(), log.policies().count()), (70, Log::POLICIES_MAX));
    assert_eq!((log.policy(&name(63)), log.policy(&name(64))), (Some("on"), None));
    // Those that are set may change, and one that is taken back leaves its place to the next.
    log.append(&key(1), &[policy(11, &name(3), "off"), policy(12, &name(4), "")]).unwrap();
    log.append(&key(1), &[policy(13, &name(69), "on")]).unwrap();
    assert_eq!((log.policy(&name(3)), log.policy(&name(69))), (Some("off"), Some("on")));
    assert_eq!(log.policies().count(), Log::POLICIES_MAX);
}

proptest! {
    /// Against an oracle that knows nothing of logs: the greatest (time, writer, number) wins.
    #[test]
    fn any_order_of_arrival_gives_the_same_policies(
        (steps, order) in proptest::collection::vec((0u8..4, 0u64..20, any::<u8>(), "[ab]{0,2}"), 1..240)
            .prop_flat_map(|steps| {
                let n = steps.len();
                (Just(steps), Just((0..n).collect::<Vec<_>>()).prop_shuffle())
            })
    ) {
        let mut logs = vec![open(); 4];
        let (mut published, mut said) = (Vec::new(), Vec::new());
        for (by, seconds, policy_n, value) in &steps {
            // A few names often, so that they meet; many names at times, so that the room ends.
            let policy_n = if *policy_n < 64 { policy_n % 5 } else { *policy_n };
            let set = format!("policy-{policy_n}");
            let log = &mut logs[usize::from(*by)];
            let segment = log.append(&key(*by), &[policy(*seconds, &set, value)]).unwrap();
            said.push(((*seconds, segment.writer, segment.first), set, value.clone()));
            published.push(segment);
        }
        let mut log = open();
        for i in order {
            log.accept(published[i].clone()).unwrap();
        }
        said.sort();
        let mut expected: BTreeMap<PolicyName, PolicyValue> = BTreeMap::new();
        for (_, set, value) in said {
            let (set, value) = (PolicyName::new(&set).unwrap(), PolicyValue::new(&value).unwrap());
            if value.is_empty() {
                expected.remove(&set);
            } else if expected.contains_key(&set) || expected.len() < 64 {
                expected.insert(set, value);
            }
        }
        let held: BTreeMap<PolicyName, PolicyValue> =
            log.policies().map(|p| (p.name.clone(), p.value.clone())).collect();
        prop_assert_eq!(held, expected);
        // It goes to another store's log as it is.
        let mut copy = open();
        pull(&mut copy, &log);
        prop_assert_eq!(copy.policies().collect::<Vec<_>>(), log.policies().collect::<Vec<_>>());
    }
}
