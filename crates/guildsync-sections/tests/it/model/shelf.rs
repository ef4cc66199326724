//! All documents of a member, and the stamp of what is written now.

use guildsync_sections::{
    Author, Change, Document, DocumentId, MergeError, Policy, SHELF_MAX, Shelf,
};
use guildsync_types::Stamp;
use proptest::prelude::*;

use super::apart::{author, body, label, publish};

fn at(seconds: u64, count: u16) -> Stamp {
    Stamp::new(seconds, count).unwrap()
}

fn titled(title: &str, stamp: Stamp) -> Document {
    let author = Author { stamp, ..author(0, 0) };
    Document::publish(author, label(title), Policy::open(), vec![]).unwrap()
}

fn shelf(documents: impl IntoIterator<Item = Document>) -> Shelf {
    let mut shelf = Shelf::default();
    documents.into_iter().for_each(|document| shelf.put(document).unwrap());
    shelf
}

proptest! {
    #[test]
    fn a_stamp_never_goes_back_and_is_never_an_hour_ahead(
        clocks in prop::collection::vec(1_000_000u64..1_000_000 + 8 * 3600, 1..20),
        first in (1_000_000u64..1_000_000 + 16 * 3600, any::<u16>()),
    ) {
        let document = titled("Raid", at(first.0, first.1));
        let id = document.id();
        let mut shelf = shelf([document]);
        for (n, seconds) in clocks.into_iter().enumerate() {
            let clock = at(seconds, 0);
            let newest = shelf.get(id).unwrap().stamp();
            let stamp = shelf.stamp(id, clock);
            prop_assert!(stamp >= clock);
            if newest.seconds() < seconds + 3600 {
                prop_assert!(stamp > newest);
                prop_assert!(stamp.seconds() <= seconds + 3600);
            } else {
                // Somebody's clock was wrong: that is not followed.
                prop_assert_eq!(stamp, clock);
            }
            prop_assert_eq!(shelf.stamp(DocumentId([0; 8]), clock), clock);
            let mut document = shelf.get(id).unwrap().clone();
            let title = Change::Title(label(&format!("Raid {n}")));
            let author = Author { stamp, ..author(0, 0) };
            prop_assert!(document.change(author, vec![title]).unwrap());
            shelf.put(document).unwrap();
        }
    }
}

#[test]
fn an_hour_ahead_is_the_border() {
    let table = [
        (1_000, 0, 1_000, 0, at(1_000, 1)),
        (1_000, 7, 900, 0, at(1_000, 8)),
        (1_000, 7, 1_001, 0, at(1_001, 0)),
        (4_599, 3, 1_000, 0, at(4_599, 4)),
        (4_600, 3, 1_000, 0, at(1_000, 0)),
        (1_000, u16::MAX, 900, 0, at(1_001, 0)),
    ];
    for (newest, count, clock, clock_count, wanted) in table {
        let shelf = shelf([titled("Raid", at(newest, count))]);
        let id = DocumentId::of_title(&label("Raid"));
        assert_eq!(shelf.stamp(id, at(clock, clock_count)), wanted, "{newest} {count} {clock}");
    }
}

#[test]
fn the_state_hash_tells_shelves_apart_and_nothing_else_does() {
    let (one, other) = (publish(0, &["Ash"]), titled("Other", at(5, 0)));
    let both = shelf([one.clone(), other.clone()]).state_hash();
    assert_eq!(shelf([other.clone(), one.clone()]).state_hash(), both);
    let mut edited = one.clone();
    let section = one.sections()[0].id;
    let set = Change::Set { section, name: label("Ash"), body: body("new") };
    edited.change(author(1, 1), vec![set]).unwrap();
    let hashes = [
        both,
        Shelf::default().state_hash(),
        shelf([one.clone()]).state_hash(),
        shelf([other.clone()]).state_hash(),
        shelf([edited, other.clone()]).state_hash(),
    ];
    for (at, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..at].contains(hash), "{at}");
    }
    let mut less = shelf([one.clone(), other.clone()]);
    assert_eq!(less.remove(other.id()), Some(other));
    assert_eq!(less.state_hash(), hashes[2]);
}

#[test]
fn twelve_documents_find_room_and_the_latest_of_a_title_is_found() {
    let documents = (0..SHELF_MAX).map(|n| titled(&format!("Raid {n}"), at(5, 0)));
    let mut full = shelf(documents);
    let before = full.clone();
    let error = MergeError::Full { what: "documents beside it", limit: 12 };
    let more = titled("More", at(5, 0));
    assert_eq!(full.merge(more.id(), more.versions().cloned()), Err(error.clone()));
    assert_eq!(full.put(more), Err(error));
    assert_eq!(full, before);
    // What is there already can still change.
    let mut renamed = full.iter().next().unwrap().clone();
    let title = label("Renamed");
    renamed.change(author(1, 9), vec![Change::Title(title.clone())]).unwrap();
    let versions: Vec<_> = renamed.versions().cloned().collect();
    assert_eq!(full.merge(renamed.id(), versions.clone()), Ok(true));
    assert_eq!(full.merge(renamed.id(), versions), Ok(false));
    assert_eq!(full.titled(&title), Some(&renamed));
    assert_eq!((full.len(), full.titled(&label("Nothing"))), (12, None));
    let (early, late) = (titled("Early", at(5, 0)), titled("Late", at(7, 0)));
    let alike = [early, late].map(|mut one| {
        let author = Author { stamp: at(one.stamp().seconds() + 1, 0), ..author(0, 0) };
        one.change(author, vec![Change::Title(label("Same"))]).unwrap();
        one
    });
    assert_eq!(shelf(alike.clone()).titled(&label("Same")), Some(&alike[1]));
}
