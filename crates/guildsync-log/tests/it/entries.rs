//! Entries and their bytes.

use guildsync_log::{Basis, Change, Draft, Role, Segment};
use guildsync_types::hash::to_hex;
use guildsync_types::{
    EntryId, Hash, MemberName, Points, PolicyName, PolicyValue, PublicKey, Reason, Signature,
    Stamp, WriterId,
};
use guildsync_wire::bytes::{Reader, Writer};
use proptest::prelude::*;

use crate::world::*;

fn member() -> impl Strategy<Value = MemberName> {
    "[A-Za-zøÅ']{1,12}(-[A-Za-z']{1,9})?".prop_map(|text| MemberName::from_entry(&text).unwrap())
}

fn amount() -> impl Strategy<Value = Points> {
    (-Points::HUNDREDTHS_MAX..=Points::HUNDREDTHS_MAX)
        .prop_map(|h| Points::from_hundredths(h).unwrap())
}

fn entry_id() -> impl Strategy<Value = (EntryId, Hash)> {
    (any::<[u8; 16]>(), 1u64.., any::<[u8; 32]>())
        .prop_map(|(w, seq, hash)| (EntryId { writer: WriterId(w), seq }, Hash(hash)))
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (member(), amount(), amount(), any::<bool>()).prop_map(|(target, delta, total, sets)| {
            let basis = if sets { Basis::Total } else { Basis::Delta };
            Change::Points { target, delta, total, basis }
        }),
        proptest::option::of(member()).prop_map(|about| Change::Note { about }),
        entry_id().prop_map(|(of, hash)| Change::Undo { of, hash }),
        entry_id().prop_map(|(of, hash)| Change::Adopt { of, hash }),
        (any::<[u8; 16]>(), member(), any::<bool>()).prop_map(|(w, member, owner)| Change::Grant {
            writer: WriterId(w),
            member,
            role: if owner { Role::Owner } else { Role::Officer },
        }),
        (any::<[u8; 16]>(), any::<u64>())
            .prop_map(|(w, cut)| Change::Revoke { writer: WriterId(w), cut }),
        "[a-zA-Zß]{1,64}".prop_map(|n| Change::ProfileCreated { name: profile_name(&n) }),
        "[a-zA-Zß]{1,64}".prop_map(|n| Change::ProfileRenamed { name: profile_name(&n) }),
        (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(key, half)| {
            let mut proof = [0; 64];
            proof[..32].copy_from_slice(&half);
            Change::Continues { key: PublicKey(key), proof: Signature(proof) }
        }),
        ("[a-z0-9-]{1,32}", "[^\\pC]{0,16}").prop_map(|(name, value)| Change::PolicySet {
            name: PolicyName::new(&name).unwrap(),
            value: PolicyValue::new(&value).unwrap(),
        }),
        (11u64.., proptest::collection::vec(any::<u8>(), 0..90))
            .prop_map(|(kind, bytes)| Change::Unknown { kind, bytes }),
    ]
}

pub(crate) fn draft() -> impl Strategy<Value = Draft> {
    let stamp = (0..=Stamp::SECONDS_MAX, any::<u16>()).prop_map(|(s, c)| Stamp::new(s, c).unwrap());
    let text = "[^\0]{0,60}".prop_map(|text| Reason::new(&text).unwrap());
    let origin = proptest::option::of(1..u32::MAX);
    (stamp, member(), any_change(), text, origin).prop_map(
        |(stamp, actor, change, reason, origin)| Draft { stamp, actor, change, reason, origin },
    )
}

proptest! {
    #[test]
    fn every_entry_reads_back_from_its_bytes(draft in draft()) {
        prop_assert_eq!(Draft::from_bytes(&draft.to_bytes()).unwrap(), draft);
    }

    #[test]
    fn every_entry_comes_back_from_the_log_as_it_went_in(
        draft in draft().prop_filter("rules of its own", |draft| !has_rules(&draft.change))
    ) {
        let mut log = open();
        log.append(&key(1), std::slice::from_ref(&draft)).unwrap();
        prop_assert_eq!(log.entry(id(&key(1), 1)).unwrap().draft, draft);
    }

    #[test]
    fn arbitrary_bytes_are_an_entry_with_those_bytes_or_an_error(bytes: Vec<u8>) {
        if let Ok(draft) = Draft::from_bytes(&bytes) {
            prop_assert_eq!(draft.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_changed_byte_of_a_segment_is_refused(at_byte: prop::sample::Index, flip in 1u8..) {
        let mut log = open();
        let drafts: Vec<Draft> = (0..3).map(|i| award(&log, 10 + i, "Brindle", "5")).collect();
        let mut w = Writer::new();
        log.append(&key(1), &drafts).unwrap().encode(&mut w);
        let mut bytes = w.into_vec();
        let place = at_byte.index(bytes.len());
        bytes[place] ^= flip;
        let mut other = open();
        if let Ok(segment) = Segment::decode(&mut Reader::new(&bytes)) {
            let taken = other.accept(segment);
            prop_assert!(taken.is_err() || taken.is_ok_and(|a| a.n_added() == 0));
        }
        prop_assert!(other.is_empty());
    }
}

/// Kinds that name other entries, writers or profiles, which an append checks.
fn has_rules(change: &Change) -> bool {
    matches!(
        change,
        Change::Undo { .. }
            | Change::Grant { .. }
            | Change::Revoke { .. }
            | Change::Adopt { .. }
            | Change::ProfileCreated { .. }
            | Change::Continues { .. }
    )
}

/// The canonical bytes are what is hashed, stored and sent: changing them breaks every store.
#[test]
fn the_bytes_of_entries_are_these() {
    let golden = [
        // kind, stamp, "Oakhand", "Imported", occurrence 1, "Brindle", 12.5, -3
        (
            imported(1_630_624_903, "Brindle", "12.5", "-3", Basis::Total),
            "01 80809ce495a618 07 4f616b68616e64 08 496d706f72746564 01 \
             07 4272696e646c65 c413 d704",
        ),
        // a note about nobody, stamped one second after 1970 began
        (change(1, Change::Note { about: None }), "02 808004 07 4f616b68616e64 00 00 00"),
        // a revoke at entry 300
        (
            change(2, Change::Revoke { writer: WriterId([0xab; 16]), cut: 300 }),
            "05 808008 07 4f616b68616e64 00 00 abababababababababababababababab ac02",
        ),
        // "sync-plan" is "queue"
        (
            policy(3, "sync-plan", "queue"),
            "0a 80800c 07 4f616b68616e64 00 00 09 73796e632d706c616e 05 7175657565",
        ),
    ];
    for (draft, hex) in golden {
        let hex: String = hex.split_whitespace().collect();
        assert_eq!(to_hex(&draft.to_bytes()), hex, "{draft:?}");
    }
}

#[test]
fn an_entry_says_who_whom_how_much_when_and_why() {
    let mut log = open();
    give(&mut log, &key(1), 1_630_624_903, "Brindle", "12.5");
    let entry = log.entry(id(&key(1), 1)).unwrap();
    assert_eq!(entry.id.seq, 1);
    assert_eq!(entry.draft.stamp.to_string(), "2021-09-02 23:21:43");
    assert_eq!(
        (entry.draft.actor.as_str(), entry.draft.reason.as_str()),
        ("Oakhand", "Attendance")
    );
    let Change::Points { target, delta, total, basis } = entry.draft.change else { panic!() };
    assert_eq!((target.as_str(), delta, total), ("Brindle", points("12.5"), points("12.5")));
    assert_eq!(basis, Basis::Delta);
}

#[test]
fn an_unknown_kind_is_kept_passed_on_and_never_counted() {
    let mut log = open();
    let unknown = change(5, Change::Unknown { kind: 77, bytes: vec![1, 2, 3] });
    let segment = log.append(&key(1), std::slice::from_ref(&unknown)).unwrap();
    let mut w = Writer::new();
    segment.encode(&mut w);
    let bytes = w.into_vec();
    let mut other = open();
    other.accept(Segment::decode(&mut Reader::new(&bytes)).unwrap()).unwrap();
    assert_eq!(other.entry(id(&key(1), 1)).unwrap().draft, unknown);
    assert!(other.standings().is_empty());
}
