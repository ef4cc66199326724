//! What comes from outside, or is built by hand: refused with a typed error, never a panic, and nothing
//! is changed.

use guildsync_log::{AcceptError, AppendError, Branch, Change, Draft, Log, Profile, Role, Segment};
use guildsync_types::hash::Domain;
use guildsync_types::{EntryId, Hash, ProfileId, SecretKey, Stamp, WriterId};

use crate::world::*;

fn link(previous: Hash, draft: &Draft) -> Hash {
    Hash::of(Domain::Entry).with(&previous.0).with(&draft.to_bytes()).finish()
}

/// The hash behind `drafts`, which follow `base`.
fn head(base: Hash, drafts: &[Draft]) -> Hash {
    drafts.iter().fold(base, link)
}

fn start(profile: &ProfileId, writer: WriterId) -> Hash {
    Hash::of(Domain::ChainStart).with(&profile.0).with(&writer.0).finish()
}

/// What a liar seals: `drafts` behind `base`, said to be `writer`'s from `first` on.
fn lie(
    key: &SecretKey,
    log: &Log,
    (writer, first): (WriterId, u64),
    base: Hash,
    drafts: Vec<Draft>,
    branch: Option<Branch>,
) -> Segment {
    let last = first.wrapping_add(drafts.len() as u64).wrapping_sub(1);
    let seal = key.seal(&log.profile().id, last, head(base, &drafts));
    Segment { writer, first, drafts, seal, branch }
}

fn note(seconds: u64) -> Draft {
    change(seconds, Change::Note { about: None })
}

#[test]
fn impossible_segments_are_refused() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "5");
    let me = key(1).writer();
    let before = log.heads();
    let at = |root, first| Some(Branch { root, first, base: Hash([7; 32]) });
    let base = start(&log.profile().id, me);
    for segment in [
        lie(&key(1), &log, (me, 1), base, vec![], None),
        lie(&key(1), &log, (me, 0), base, vec![], None),
        lie(&key(1), &log, (me, 0), base, vec![note(1)], None),
        lie(&key(1), &log, (me, u64::MAX), base, vec![note(1)], None),
        lie(&key(1), &log, (me, u64::MAX - 1), base, vec![note(1), note(2)], None),
        lie(&key(1), &log, (WriterId([9; 16]), 1), Hash([7; 32]), vec![note(1)], at(me, 0)),
        lie(&key(1), &log, (WriterId([9; 16]), 1), Hash([7; 32]), vec![note(1)], at(me, 2)),
    ] {
        let refused = log.accept(segment.clone()).unwrap_err();
        assert!(matches!(refused, AcceptError::Malformed { .. }), "{segment:?}: {refused}");
        assert!(log.restore(segment).is_err());
    }
    let far = lie(&key(1), &log, (me, u64::MAX - 1), base, vec![note(1)], None);
    assert!(log.accept(far).unwrap().waits_for_earlier);
    assert!(!log.salvage(WriterId([9; 16]), at(me, 0), &[note(1)]));
    assert!(!log.salvage(WriterId([9; 16]), at(me, u64::MAX), &[note(1)]));
    assert_eq!(log.heads(), before);
}

/// Values that have no bytes of their own: nobody could read them back.
fn unreadable() -> Vec<Draft> {
    let of = EntryId { writer: key(1).writer(), seq: 0 };
    let origin = |origin| Draft { origin: Some(origin), ..note(1) };
    vec![
        Draft { stamp: Stamp::new(Stamp::SECONDS_MAX, 0).unwrap().end_of_second(), ..note(1) },
        origin(0),
        origin(u32::MAX),
        change(1, Change::Unknown { kind: 2, bytes: vec![0] }),
        change(1, Change::Unknown { kind: 77, bytes: vec![0; Change::UNKNOWN_BYTES_MAX + 1] }),
        change(1, Change::Undo { of, hash: Hash([0; 32]) }),
    ]
}

#[test]
fn entries_that_could_not_be_read_back_are_refused_everywhere() {
    let mut drafts = unreadable();
    // The last stamp there is can be read back; one beyond cannot.
    let last = drafts.remove(0);
    assert_eq!(Draft::from_bytes(&last.to_bytes()), Ok(last.clone()));
    let mut log = open();
    log.append(&key(1), std::slice::from_ref(&last)).unwrap();
    assert_eq!(log.entries().next().unwrap().draft, last);
    if Stamp::from_packed(Stamp::MAX.packed()).is_err() {
        drafts.push(Draft { stamp: Stamp::MAX, ..note(1) });
    }
    let before = log.heads();
    for draft in drafts {
        assert_ne!(Draft::from_bytes(&draft.to_bytes()).ok().as_ref(), Some(&draft));
        let refused = log.append(&key(2), std::slice::from_ref(&draft)).unwrap_err();
        assert!(
            matches!(refused, AppendError::Unreadable { .. } | AppendError::UnknownEntry { .. }),
            "{refused}"
        );
        let (writer, profile) = (key(2).writer(), log.profile().id);
        let sealed =
            lie(&key(2), &log, (writer, 1), start(&profile, writer), vec![draft.clone()], None);
        let refused = log.accept(sealed).unwrap_err();
        assert!(matches!(refused, AcceptError::Malformed { .. }), "{refused}");
        assert!(!log.salvage(writer, None, &[draft]));
        assert_eq!((log.heads(), log.entries().count()), (before.clone(), 1));
    }
}

#[test]
fn nobody_appends_to_the_chain_of_another_by_calling_it_a_branch_of_its_own() {
    let mut log = open();
    give(&mut log, &key(1), 10, "Brindle", "5");
    let (victim, liar) = (key(1).writer(), key(2).writer());
    let (_, head) = log.heads().get(victim).unwrap();
    let before = log.heads();
    for first in [1, 2] {
        let branch = Some(Branch { root: liar, first, base: head });
        let lie = lie(&key(2), &log, (victim, 2), head, vec![note(11)], branch);
        let refused = log.accept(lie).unwrap_err();
        assert_eq!(refused, AcceptError::Misplaced { writer: victim });
        assert_eq!((log.heads(), log.len()), (before.clone(), 1));
    }
}

#[test]
fn a_branch_is_what_its_first_entry_says_also_when_it_is_held() {
    // The liar forks its own chain, and lies about the branch's entries afterwards.
    let (mut a, mut b) = (open(), open());
    give(&mut a, &key(2), 10, "Brindle", "1");
    give(&mut b, &key(2), 10, "Brindle", "2");
    a.accept(b.segment(key(2).writer(), 1).unwrap()).unwrap();
    let (writer, branch) = a.forks()[0];
    let before = (a.heads(), a.len());
    for seconds in 0..8 {
        let lie = lie(&key(2), &a, (writer, 1), branch.base, vec![note(seconds)], Some(branch));
        assert!(matches!(a.accept(lie), Err(AcceptError::Diverged { .. })));
        assert_eq!((a.heads(), a.len()), before);
    }
}

#[test]
fn a_refused_branch_moves_nothing() {
    let mut log = open();
    for seconds in 10..13 {
        give(&mut log, &key(1), seconds, "Brindle", "1");
    }
    let root = key(1).writer();
    let hash = |seq| log.entry_hash(EntryId { writer: root, seq }).unwrap();
    let branch = Branch { root, first: 2, base: hash(1) };
    let whole = log.segment(root, 2).unwrap();
    let writer = WriterId::of_fork(root, &hash(2));
    // The first entry is right, the rest does not lead to the seal.
    let drafts = vec![whole.drafts[0].clone(), note(99)];
    let segment = Segment { writer, drafts, branch: Some(branch), ..whole };
    let before = log.heads();
    assert!(matches!(log.accept(segment), Err(AcceptError::Diverged { .. })));
    assert_eq!(log.heads(), before);
}

/// An owned profile, which the owner 1 begins.
fn owned() -> Log {
    let creation = change(1, Change::ProfileCreated { name: profile_name("Raid-Team-A") });
    let mut log = Log::new(Profile::owned(key(1).writer(), &creation).unwrap());
    log.append(&key(1), &[creation]).unwrap();
    log
}

#[test]
fn a_stranger_is_not_let_in_for_saying_that_it_continues_someone() {
    let mut log = owned();
    let profile = log.profile().id;
    for (n, old) in [(20, key(1)), (21, key(3))] {
        // The owner's key, which did not sign; a stranger's, which did but never had a role.
        let new = key(n);
        let proof = key(3).hand_over(&profile, new.writer());
        let continues = change(5, Change::Continues { key: old.public(), proof });
        assert!(log.append(&new, std::slice::from_ref(&continues)).is_err());
        let base = start(&profile, new.writer());
        let lie = lie(&new, &log, (new.writer(), 1), base, vec![continues], None);
        assert!(log.accept(lie).unwrap().waits_for_role);
        assert_eq!((log.len(), log.chains().count()), (1, 1));
    }
}

#[test]
fn whoever_continues_a_writer_waits_for_the_grant_of_that_one() {
    let mut log = owned();
    let mut there = log.clone();
    let (old, new) = (key(2), key(9));
    let grant = |n: &SecretKey| Change::Grant {
        writer: n.writer(),
        member: name("Oakhand"),
        role: Role::Officer,
    };
    let granted = there.append(&key(1), &[change(2, grant(&old))]).unwrap();
    let proof = old.hand_over(&log.profile().id, new.writer());
    let continues = change(10, Change::Continues { key: old.public(), proof });
    let award = award(&there, 11, "Brindle", "5");
    let handed = there.append(&new, &[continues, award]).unwrap();
    assert!(log.accept(handed).unwrap().waits_for_role);
    log.accept(granted).unwrap();
    assert_eq!((log.heads(), standings(&log)), (there.heads(), "Brindle 5".into()));
}

#[test]
fn a_creators_chain_has_one_beginning_also_as_a_branch() {
    let log = owned();
    let root = key(1).writer();
    let base = start(&log.profile().id, root);
    let drafts = vec![change(99, Change::ProfileCreated { name: profile_name("Mine") })];
    let writer = WriterId::of_fork(root, &head(base, &drafts));
    let branch = Some(Branch { root, first: 1, base });
    let lie = lie(&key(1), &log, (writer, 1), base, drafts, branch);
    let refused = log.clone().accept(lie).unwrap_err();
    assert!(matches!(refused, AcceptError::NotTheCreation { .. }), "{refused}");
}
