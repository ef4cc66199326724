//! Merging is a union: neither order nor repetition nor cutting into pieces makes a difference, and nothing
//! is lost.

use guildsync_sections::{Author, Body, Change, Document, Policy, Slot, VERSIONS_MAX, Version};
use guildsync_types::Hash;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::apart::{Apart, author, body, check_shown, ids, label, publish, steps};

fn merged(a: &Document, b: &Document) -> Document {
    let mut a = a.clone();
    a.merge(b.versions().cloned()).unwrap();
    a
}

#[track_caller]
fn same(a: &Document, b: &Document) {
    assert_eq!((a.digest(), a.encode()), (b.digest(), b.encode()));
    assert_eq!(a, b);
}

fn everything(apart: &Apart) -> Document {
    apart.copies.iter().skip(1).fold(apart.copies[0].clone(), |all, one| merged(&all, one))
}

/// Authors, some of whom publish for themselves, after what they did apart.
fn apart(most: usize) -> impl Strategy<Value = Apart> {
    (2usize..5, vec(any::<bool>(), 4), steps(most))
        .prop_map(|(n, publish_too, steps)| Apart::new(n, &publish_too).run(&steps))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn merging_is_commutative_associative_and_idempotent(apart in apart(24)) {
        let [a, b] = [&apart.copies[0], &apart.copies[1]];
        let c = apart.copies.last().unwrap();
        let ab = merged(a, b);
        same(&ab, &merged(b, a));
        same(&merged(&ab, c), &merged(a, &merged(b, c)));
        same(&merged(&ab, c), &merged(&merged(c, a), b));
        for one in [a, b] {
            same(&merged(&ab, one), &ab);
            same(&merged(one, &ab), &ab);
            same(&merged(one, one), one);
        }
    }

    #[test]
    fn nothing_is_lost_and_the_same_is_shown_everywhere(apart in apart(40)) {
        let all = everything(&apart);
        prop_assert_eq!(ids(&all), apart.all_left());
        check_shown(&all);
        for at in 0..apart.copies.len() {
            let others = apart.copies.iter().cycle().skip(at).take(apart.copies.len());
            let whole = others.cloned().reduce(|a, b| merged(&a, &b)).unwrap();
            same(&whole, &all);
            prop_assert_eq!(whole.title(), all.title());
        }
    }

    #[test]
    fn single_versions_come_in_any_order_and_twice(
        apart in apart(24),
        order in vec(any::<Index>(), 100),
    ) {
        let all = everything(&apart);
        let mut left: Vec<&Version> = apart.made.values().collect();
        let is_structure = |one: &&Version| one.item().slot == Slot::Structure;
        let first = left.iter().copied().find(is_structure).unwrap();
        let mut one_by_one = Document::of(all.id(), [first.clone()]).unwrap();
        let mut order = order.iter().cycle();
        while !left.is_empty() {
            let version = left.remove(order.next().unwrap().index(left.len()));
            let before = one_by_one.clone();
            let is_new = one_by_one.merge([version.clone()]).unwrap();
            prop_assert_eq!(is_new, one_by_one != before);
            prop_assert!(!one_by_one.merge([version.clone()]).unwrap());
            check_shown(&one_by_one);
        }
        same(&one_by_one, &all);
        same(&Document::of(all.id(), apart.made.values().cloned()).unwrap(), &all);
        same(&Document::of(all.id(), apart.made.values().rev().cloned()).unwrap(), &all);
    }

    #[test]
    fn a_pick_settles(apart in apart(32), seconds in 0u64..9) {
        let all = everything(&apart);
        for (slot, version) in all.conflicts() {
            let version = version.id();
            let picked = |at| {
                let mut settled = all.clone();
                let pick = Change::Pick { slot, version };
                assert_eq!(settled.change(author(at, seconds), vec![pick]), Ok(true));
                settled
            };
            let settled = picked(3);
            let wanted = |one: &&Version| one.id() == version;
            let wanted = all.slot(slot).iter().find(wanted).unwrap();
            prop_assert_eq!(settled.slot(slot).len(), 1);
            prop_assert!(settled.slot(slot)[0].says_the_same_as(wanted));
            prop_assert_eq!(settled.slot(slot)[0].body(), wanted.body());
            prop_assert_eq!(settled.conflicts().len(), all.conflicts().iter().filter(|(at, _)| *at != slot).count());
            // What was settled does not come back, and two who settle it alike do not disagree.
            same(&merged(&all, &settled), &settled);
            let both = merged(&settled, &picked(2));
            prop_assert!(both.conflicts().iter().all(|(at, _)| *at != slot));
        }
    }
}

#[test]
fn two_who_publish_the_same_have_one_document_without_conflict() {
    let names = ["Ash", "Birch", "Ash", "Ash"];
    let both = merged(&publish(0, &names), &publish(1, &names));
    assert_eq!(both.versions().count(), 2 * (1 + names.len()));
    assert!(both.conflicts().is_empty());
    assert!(both.sections().iter().all(|section| section.conflicts().next().is_none()));
    let shown: Vec<&str> = both.sections().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(shown, names);
    // An edit of what both say replaces both.
    let mut both = both;
    let one = both.sections()[2];
    let set = Change::Set { section: one.id, name: one.name.clone(), body: body("new") };
    let slot = Slot::Section(one.id);
    assert_eq!(both.change(author(2, 1), vec![set]), Ok(true));
    assert_eq!(both.slot(slot).len(), 1);
}

/// Edits of the first section, by so many authors at once.
fn siblings(n: usize) -> Vec<Document> {
    let base = publish(0, &["Ash"]);
    let id = base.sections()[0].id;
    let edit = |at: usize| {
        let mut copy = base.clone();
        let (name, body) = (label("Ash"), body(&format!("by {at}")));
        let set = Change::Set { section: id, name, body };
        copy.change(author(at, 10 + (at as u64 * 5) % 7), vec![set]).unwrap();
        copy
    };
    (0..n).map(edit).collect()
}

#[test]
fn of_nine_siblings_the_same_eight_are_kept_whatever_the_order() {
    let mut copies = siblings(VERSIONS_MAX + 1);
    let whole = copies.iter().cloned().reduce(|a, b| merged(&a, &b)).unwrap();
    let slot = Slot::Section(whole.sections()[0].id);
    assert_eq!(whole.slot(slot).len(), VERSIONS_MAX);
    let mut all: Vec<&Version> = copies.iter().map(|copy| &copy.slot(slot)[0]).collect();
    all.sort_by_key(|one| std::cmp::Reverse((one.edit().stamp, one.id())));
    let kept: Vec<Hash> = whole.slot(slot).iter().map(Version::id).collect();
    assert_eq!(kept, all[..VERSIONS_MAX].iter().map(|one| one.id()).collect::<Vec<_>>());
    let dropped = all[VERSIONS_MAX].clone();
    for _ in 0..copies.len() {
        copies.rotate_left(1);
        same(&copies.iter().cloned().reduce(|a, b| merged(&a, &b)).unwrap(), &whole);
        same(&copies.iter().rev().cloned().reduce(|a, b| merged(&a, &b)).unwrap(), &whole);
    }
    // What did not fit is nothing new, however often it comes.
    let mut again = whole.clone();
    assert_eq!(again.merge([dropped]), Ok(false));
    same(&again, &whole);
}

#[test]
fn an_own_version_that_lost_is_not_swept_away_by_who_never_saw_it() {
    // One author's version loses to another's; the author then edits what is shown.
    let base = publish(0, &["Ash"]);
    let section = base.sections()[0].id;
    let set = |text: &str| Change::Set { section, name: label("Ash"), body: body(text) };
    let edited = |copy: &Document, author: Author<'_>, text: &str| {
        let mut copy = copy.clone();
        assert_eq!(copy.change(author, vec![set(text)]), Ok(true));
        copy
    };
    let (lost, shown) = (edited(&base, author(1, 1), "lost"), edited(&base, author(2, 2), "shown"));
    let again = edited(&merged(&lost, &shown), author(1, 3), "again");
    // Who edits gives up what they had said themselves: it is replaced, by them, there and everywhere.
    let slot = Slot::Section(section);
    assert_eq!(again.slot(slot).len(), 1);
    assert!(again.slot(slot)[0].replaces(&lost.slot(slot)[0]));
    same(&merged(&lost, &again), &again);
    let third = edited(&again, author(3, 4), "third");
    same(&merged(&merged(&third, &lost), &shown), &third);
}

#[test]
fn a_document_without_structure_is_none_and_an_error_changes_nothing() {
    let document = publish(0, &["Ash"]);
    let section = document.versions().nth(1).unwrap().clone();
    let error = Document::of(document.id(), [section]).unwrap_err().to_string();
    assert_eq!(error, "the document's structure is missing: ask for it");
    let large = Body { rows: vec![vec!["x".repeat(4096); 15]], ..Body::default() }.plain().unwrap();
    let large = (0..18).map(|at| (label(&format!("{at}")), large.clone())).collect();
    let error = Document::publish(author(0, 0), label("Raid"), Policy::open(), large).unwrap_err();
    assert!(error.to_string().contains("more than 1048576 bytes"), "{error}");
}
