//! How much a document may be.

use guildsync_sections::{
    Body, Change, ChangeError, DOCUMENT_BYTES_MAX, Document, ITEMS_MAX, Label, MergeError, Plain,
    Policy, SECTIONS_MAX, Slot,
};

use super::apart::{author, body, label, publish};

fn numbered(n: usize) -> Vec<(Label, Plain)> {
    (0..n).map(|at| (label(&format!("Section {at}")), body("x"))).collect()
}

fn sheet(sections: Vec<(Label, Plain)>) -> Result<Document, ChangeError> {
    Document::publish(author(0, 0), label("Raid"), Policy::open(), sections)
}

#[test]
fn a_document_has_256_sections_and_not_one_more() {
    let mut document = sheet(numbered(SECTIONS_MAX)).unwrap();
    assert_eq!(document.sections().len(), 256);
    // Everything in one edit: nothing was left out of it.
    let edit = document.slot(Slot::Structure)[0].edit().clone();
    assert_eq!((edit.items.len(), ITEMS_MAX), (257, 257));
    assert_eq!(Document::decode(document.id(), &document.encode()).unwrap(), document);
    let full = MergeError::Full { what: "sections", limit: 256 };
    assert_eq!(sheet(numbered(SECTIONS_MAX + 1)), Err(full.clone().into()));
    let before = document.clone();
    let name = label("One more");
    let section = document.new_section(&name);
    let set = Change::Set { section, name, body: body("x") };
    assert_eq!(document.change(author(1, 1), vec![set.clone()]), Err(full.clone().into()));
    assert_eq!(document, before);
    // One that was removed still has its place.
    let remove = Change::Remove(document.sections()[0].id);
    assert_eq!(document.change(author(1, 1), vec![remove]), Ok(true));
    assert_eq!(document.change(author(1, 1), vec![set]), Err(full.into()));
}

#[test]
fn a_document_is_a_mebibyte_at_most() {
    let large = |text: &str| {
        Body { rows: vec![vec![text.repeat(4096); 15]], ..Body::default() }.plain().unwrap()
    };
    // 256 bytes for each version, 8 for each place in the order, and the body.
    let fits = (DOCUMENT_BYTES_MAX - 256) / (large("x").bytes().len() + 256 + 8);
    let sections = |n: usize| (0..n).map(|at| (label(&format!("{at}")), large("x"))).collect();
    let full = MergeError::Full { what: "bytes", limit: DOCUMENT_BYTES_MAX };
    assert_eq!(sheet(sections(fits + 1)), Err(full.clone().into()));
    let document = sheet(sections(fits)).unwrap();
    // The structure and each of these bodies are signed alone, so that a part can carry whole edits.
    let edits = document.versions().map(|one| one.edit().hash(document.id()));
    assert_eq!(edits.collect::<std::collections::BTreeSet<_>>().len(), 1 + fits);
    // A conflict takes room as well.
    let mut both = document.clone();
    let one = document.sections()[0];
    let set = |text| Change::Set { section: one.id, name: one.name.clone(), body: large(text) };
    assert_eq!(both.change(author(1, 1), vec![set("y")]), Ok(true));
    let mut other = document.clone();
    assert_eq!(other.change(author(2, 2), vec![set("z")]), Ok(true));
    let before = both.clone();
    assert_eq!(both.merge(other.versions().cloned()), Err(full));
    assert_eq!(both, before);
}

#[test]
fn an_empty_document_is_one() {
    let document = publish(0, &[]);
    assert!(document.sections().is_empty());
    assert_eq!(Document::decode(document.id(), &document.encode()).unwrap(), document);
}
