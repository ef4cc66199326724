//! What changes do, and which are refused.

use guildsync_sections::{
    Change, ChangeError, Content, Document, Edit, Item, MergeError, NAMED_MAX, Policy,
    SECTIONS_MAX, SEEN_MAX, SectionId, Slot, Version, Who,
};
use guildsync_types::{Hash, MemberName, SecretKey, Signature, WriterId};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::apart::{author, body, label, publish};

fn set(document: &Document, nth: usize, text: &str) -> Change {
    let one = document.sections()[nth];
    Change::Set { section: one.id, name: one.name.clone(), body: body(text) }
}

/// Reads back as a store and as another member reads it.
#[track_caller]
fn reads_back(document: &Document) {
    assert_eq!(Document::decode(document.id(), &document.encode()).unwrap(), *document);
}

#[test]
fn a_change_of_nothing_makes_no_version() {
    let mut document = publish(0, &["Ash", "Birch"]);
    let digest = document.digest();
    let structure = document.structure().clone();
    let same = vec![
        set(&document, 1, "Birch"),
        Change::Title(structure.title),
        Change::Order(structure.order),
        Change::Policy(structure.policy),
    ];
    assert_eq!(document.change(author(1, 1), same), Ok(false));
    assert_eq!(document.change(author(1, 1), vec![]), Ok(false));
    assert_eq!(document.digest(), digest);
}

#[test]
fn changes_of_one_edit_add_up_and_are_signed_once() {
    let mut document = publish(0, &["Ash", "Birch"]);
    let order: Vec<_> = document.sections().iter().rev().map(|one| one.id).collect();
    let changes = vec![
        Change::Title(label("New")),
        set(&document, 0, "first"),
        Change::Policy(Policy::default()),
        set(&document, 0, "second"),
        Change::Order(order.clone()),
    ];
    assert_eq!(document.change(author(1, 1), changes), Ok(true));
    let structure = document.structure();
    assert_eq!((structure.title.as_str(), &structure.order), ("New", &order));
    assert_eq!(structure.policy, Policy::default());
    assert_eq!(document.sections()[1].body, &body("second"));
    let new = document.versions().filter(|one| one.edit().stamp == author(1, 1).stamp);
    let edits: Vec<Hash> = new.map(|one| one.edit().hash(document.id())).collect();
    assert!(edits.len() == 2 && edits[0] == edits[1]);
    assert_eq!(document.slot(Slot::Structure)[0].edit().items.len(), 2);
}

#[test]
fn what_is_not_there_cannot_be_removed_or_picked() {
    let mut document = publish(0, &["Ash"]);
    let before = document.clone();
    let section = SectionId([9; 8]);
    let error = document.change(author(0, 1), vec![set(&before, 0, "x"), Change::Remove(section)]);
    assert_eq!(error, Err(ChangeError::NoSection(section)));
    for slot in [Slot::Structure, Slot::Section(section)] {
        let pick = Change::Pick { slot, version: Hash([0; 32]) };
        let error = document.change(author(0, 1), vec![pick]);
        assert!(matches!(error, Err(ChangeError::NoVersion { .. })));
    }
    assert_eq!(document, before);
}

#[test]
fn a_pick_with_other_changes_of_the_same_settles_too() {
    let base = publish(0, &["Ash"]);
    let mut both = base.clone();
    for at in [1, 2] {
        let mut copy = base.clone();
        let changes =
            vec![Change::Title(label(&format!("By {at}"))), set(&base, 0, &format!("{at}"))];
        copy.change(author(at, at as u64), changes).unwrap();
        both.merge(copy.versions().cloned()).unwrap();
    }
    let conflicts: Vec<(Slot, Hash)> =
        both.conflicts().iter().map(|(slot, one)| (*slot, one.id())).collect();
    assert_eq!(conflicts.len(), 2);
    let mut changes: Vec<Change> =
        conflicts.into_iter().map(|(slot, version)| Change::Pick { slot, version }).collect();
    changes.push(Change::Policy(Policy::default()));
    changes.push(set(&both, 0, "new"));
    assert_eq!(both.change(author(3, 9), changes), Ok(true));
    assert!(both.conflicts().is_empty());
    assert_eq!(both.title().as_str(), "By 1");
    assert_eq!(both.structure().policy, Policy::default());
    assert_eq!(both.sections()[0].body, &body("new"));
}

#[test]
fn what_nobody_could_read_again_is_refused() {
    let mut document = publish(0, &["Ash"]);
    let before = document.clone();
    let order = |n: usize| Change::Order((0..n).map(|at| SectionId([at as u8; 8])).collect());
    let members = |n: usize| {
        let member = |at| MemberName::new(&format!("Member{at}-Eonar")).unwrap();
        Policy { point: Who::Members((0..n).map(member).collect()), ..Policy::open() }
    };
    let full = |limit| match limit {
        SECTIONS_MAX => MergeError::Full { what: "sections", limit },
        _ => MergeError::Full { what: "members in one rule", limit },
    };
    let refused = [
        (order(SECTIONS_MAX + 1), SECTIONS_MAX),
        (Change::Policy(members(NAMED_MAX + 1)), NAMED_MAX),
    ];
    for (change, limit) in refused {
        let error = document.change(author(1, 1), vec![change]);
        assert_eq!(error, Err(ChangeError::Merge(full(limit))));
        assert_eq!(document, before);
    }
    let policy = members(NAMED_MAX + 1);
    let error = Document::publish(author(0, 0), label("Raid"), policy, vec![]);
    assert_eq!(error, Err(ChangeError::Merge(full(NAMED_MAX))));
    let most = vec![order(SECTIONS_MAX), Change::Policy(members(NAMED_MAX))];
    assert_eq!(document.change(author(1, 1), most), Ok(true));
    reads_back(&document);
}

#[test]
fn a_section_that_more_edit_than_can_be_named_still_reads_back() {
    let mut document = publish(0, &["Ash"]);
    let slot = Slot::Section(document.sections()[0].id);
    let mut before = document.slot(slot)[0].clone();
    for at in 0..2 * SEEN_MAX as u32 {
        let mut seed = [200; 32];
        seed[..4].copy_from_slice(&at.to_le_bytes());
        let key = SecretKey::from_seed(&seed);
        let author = guildsync_sections::Author { key: &key, ..author(1, at.into()) };
        let changes = vec![set(&document, 0, &format!("by {at}"))];
        assert_eq!(document.change(author, changes), Ok(true));
        let [version] = document.slot(slot) else { panic!("one version") };
        assert!(version.replaces(&before));
        assert!(version.item().seen.len() <= SEEN_MAX);
        before = version.clone();
    }
    reads_back(&document);
}

/// A version as anybody could sign it who keeps to no rule.
fn forged(document: &Document, key: &SecretKey, item: Item) -> Version {
    let mut edit = Edit {
        editor: author(0, 0).name.clone(),
        key: key.public(),
        stamp: author(0, 5).stamp,
        items: [item.hash(document.id())].into(),
        signature: Signature([0; 64]),
    };
    edit.signature = key.sign(&edit.hash(document.id()));
    Version::new(document.id(), item, Arc::new(edit), Some(body("forged"))).unwrap()
}

#[test]
fn a_count_at_its_end_harms_nothing() {
    let key = SecretKey::from_seed(&[99; 32]);
    let document = publish(0, &["Ash"]);
    let section = document.sections()[0].id;
    let content = Content::Section { name: label("Ash"), body: body("forged").hash() };
    let victim: WriterId = author(1, 0).key.writer();
    let seen =
        |writers: &[WriterId]| BTreeMap::from_iter(writers.iter().map(|one| (*one, u32::MAX)));
    let slot = Slot::Section(section);
    for seen in [seen(&[]), seen(&[victim]), seen(&[victim, author(0, 0).key.writer()])] {
        let mut document = document.clone();
        let item = Item { slot, count: u32::MAX, seen, content: content.clone() };
        document.merge([forged(&document, &key, item)]).unwrap();
        for at in 0..4 {
            // Whoever edits, and however often: no panic, and the document stays one.
            for (who, author) in [author(1, 9), author(2, 9), author(0, 9)].iter().enumerate() {
                let changes = vec![set(&document, 0, &format!("{at} by {who}"))];
                drop(document.change(*author, changes));
                let own = guildsync_sections::Author { key: &key, ..*author };
                drop(document.change(own, vec![set(&document, 0, &format!("{at} by forger"))]));
                super::apart::check_shown(&document);
                reads_back(&document);
            }
        }
    }
}
