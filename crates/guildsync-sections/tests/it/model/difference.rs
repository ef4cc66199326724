//! A sheet imported again: what is the same stays the same, ids and versions included.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_sections::{Change, Document, Label, Plain, SECTIONS_MAX, SectionId};
use guildsync_types::Hash;
use proptest::collection::vec;
use proptest::prelude::*;

use super::apart::{Apart, author, body, label, publish, sections, steps};

fn listed() -> impl Strategy<Value = Vec<(Label, Plain)>> {
    let names = ["Ash", "Birch", "Cedar", "0"];
    vec((0..names.len(), 0u8..3), 0..8).prop_map(move |sections| {
        let section = |(name, text): (usize, u8)| (label(names[name]), body(&text.to_string()));
        sections.into_iter().map(section).collect()
    })
}

/// Of each section of a document: which of that name it is, its id, its version, its body.
fn places(document: &Document) -> BTreeMap<(Label, usize), (SectionId, Hash, Plain)> {
    let mut nth: BTreeMap<Label, usize> = BTreeMap::new();
    let place = |one: guildsync_sections::Section<'_>| {
        let nth = nth.entry(one.name.clone()).or_default();
        *nth += 1;
        ((one.name.clone(), *nth), (one.id, one.version.id(), one.body.clone()))
    };
    document.sections().into_iter().map(place).collect()
}

fn has(document: &Document) -> Vec<(Label, Plain)> {
    let sections = document.sections();
    sections.into_iter().map(|one| (one.name.clone(), one.body.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_import_gives_exactly_its_sections_and_leaves_what_is_the_same(
        steps in steps(16),
        first in listed(),
        second in listed(),
    ) {
        let mut document = Apart::new(2, &[]).run(&steps).copies.remove(0);
        for wanted in [first, second] {
            let before = places(&document);
            let changes = document.difference(wanted.clone());
            document.change(author(1, 20), changes).unwrap();
            prop_assert_eq!(&has(&document), &wanted);
            let ids: BTreeSet<SectionId> = document.sections().iter().map(|one| one.id).collect();
            prop_assert_eq!(ids.len(), wanted.len());
            for (place, (id, version, body)) in places(&document) {
                if let Some((id_before, version_before, body_before)) = before.get(&place) {
                    prop_assert_eq!(id, *id_before);
                    prop_assert_eq!(version == *version_before, body == *body_before);
                }
            }
            // The same once more is nothing new.
            let digest = document.digest();
            let changes = document.difference(wanted);
            prop_assert!(!document.change(author(0, 30), changes).unwrap());
            prop_assert_eq!(document.digest(), digest);
        }
    }

    #[test]
    fn two_who_import_the_same_into_the_same_do_not_disagree(wanted in listed()) {
        let base = publish(0, &["Ash", "Birch", "Ash", "Elm"]);
        let mut both = base.clone();
        for at in [1, 2] {
            let mut copy = base.clone();
            copy.change(author(at, at as u64), base.difference(wanted.clone())).unwrap();
            both.merge(copy.versions().cloned()).unwrap();
        }
        prop_assert!(both.conflicts().is_empty());
        prop_assert_eq!(has(&both), wanted);
    }
}

#[test]
fn a_section_taken_out_and_put_back_often_does_not_fill_the_document() {
    let mut document = publish(0, &["Ash", "Birch"]);
    let ids =
        |document: &Document| document.sections().iter().map(|one| one.id).collect::<Vec<_>>();
    let first = ids(&document);
    for _ in 0..SECTIONS_MAX + 2 {
        for names in [&["Ash"][..], &["Ash", "Birch"]] {
            let changes = document.difference(sections(names));
            assert_eq!(document.change(author(1, 1), changes), Ok(true));
        }
    }
    // It is the section it was.
    assert_eq!(ids(&document), first);
    let mut document = publish(0, &["Ash", "Birch"]);
    document.change(author(1, 1), vec![Change::Remove(first[1])]).unwrap();
    assert_eq!(document.new_section(&label("Birch")), first[1]);
}
