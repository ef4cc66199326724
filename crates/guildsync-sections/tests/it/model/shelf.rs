//! All documents of a member, and the stamp of what is written now.

use guildsync_sections::{
    Author, Change, ChangeError, Document, DocumentId, LEFT_BEHIND_MAX, MergeError, Policy,
    SHELF_MAX, Shelf,
};
use guildsync_types::Stamp;
use proptest::prelude::*;

use super::apart::{author, body, label, publish, sections};

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
    assert_eq!(less.remove(other.id(), author(0, 0).key.writer()), Some(other));
    assert_eq!(less.state_hash(), hashes[2]);
}

#[test]
fn twelve_documents_find_room_and_the_latest_of_a_title_is_found() {
    let documents = (0..SHELF_MAX).map(|n| titled(&format!("Raid {n}"), at(5, 0)));
    let mut full = shelf(documents);
    let before = full.clone();
    let error = MergeError::ShelfFull;
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

#[test]
fn what_is_published_anew_replaces_what_its_author_removed_and_nothing_else() {
    let first = publish(0, &["Ash", "Oak"]);
    let id = first.id();
    let (mut own, mut others) = (shelf([first.clone()]), shelf([first]));
    let edit = |shelf: &mut Shelf, by: usize, nth: usize, text: &str, seconds: u64| {
        let mut document = shelf.get(id).unwrap().clone();
        let (section, name) = {
            let section = document.sections()[nth];
            (section.id, section.name.clone())
        };
        let (name_of, key) = (author(by, 0).name, author(by, 0).key);
        let writes = shelf.author(id, name_of, key, author(by, seconds).stamp);
        let set = Change::Set { section, name, body: body(text) };
        document.change(writes, vec![set]).unwrap();
        shelf.put(document).unwrap();
    };
    // The first edits far more often than once a second; the second edits the other section meanwhile.
    for nth in 0..500 {
        edit(&mut own, 0, 0, &format!("text {nth}"), 1);
    }
    others.merge(id, own.get(id).unwrap().versions().cloned()).unwrap();
    edit(&mut others, 1, 1, "of the second", 2);
    // The first removes it, and publishes it anew within the second.
    let Author { name, key, stamp, .. } = author(0, 1);
    own.remove(id, key.writer()).unwrap();
    let anew = own.author(id, name, key, stamp);
    let anew =
        Document::publish(anew, label("Raid"), Policy::open(), sections(&["Ash", "Oak"])).unwrap();
    own.put(anew).unwrap();
    others.merge(id, own.get(id).unwrap().versions().cloned()).unwrap();
    let text = |shelf: &Shelf| {
        let sections = shelf.get(id).unwrap().sections();
        sections.iter().map(|section| section.body.clone()).collect::<Vec<_>>()
    };
    assert_eq!(text(&own), [body("Ash"), body("Oak")]);
    assert_eq!(text(&others)[0], body("Ash"), "of the first's 501 versions none is left");
    let conflicts = others.get(id).unwrap().conflicts().len();
    assert_eq!(conflicts, 1, "what the second wrote was not the first's to remove");
    // Edited after that, and after it came back from somebody else, it stays so.
    own.remove(id, key.writer()).unwrap();
    own.merge(id, others.get(id).unwrap().versions().cloned()).unwrap();
    edit(&mut own, 0, 0, "at last", 1);
    others.merge(id, own.get(id).unwrap().versions().cloned()).unwrap();
    assert_eq!(text(&others)[0], body("at last"));
    assert_eq!(others.get(id), own.get(id));
}

#[test]
fn what_removed_documents_leave_behind_is_little_and_the_latest() {
    let mut shelf = Shelf::default();
    let mut ids = Vec::new();
    for nth in 0..LEFT_BEHIND_MAX + 10 {
        let document = titled(&format!("Raid {nth}"), at(1_750_000_000 + nth as u64, 0));
        ids.push(document.id());
        shelf.put(document).unwrap();
        // Nothing of another's key is left behind.
        let stranger = author(3, 0).key.writer();
        let before = shelf.left_behind().clone();
        let document = shelf.remove(ids[nth], stranger).unwrap();
        assert_eq!(shelf.left_behind(), &before);
        shelf.put(document).unwrap();
        shelf.remove(ids[nth], author(0, 0).key.writer()).unwrap();
        assert!(shelf.left_behind().len() <= LEFT_BEHIND_MAX);
    }
    let last = |nth: usize| shelf.left_behind().get(&ids[nth]).copied();
    assert_eq!((last(9), last(10).is_some(), last(73).is_some()), (None, true, true));
}

#[test]
fn a_number_that_cannot_be_followed_is_an_error() {
    let document = titled("Raid", at(5, 0));
    let mut shelf = Shelf::default();
    shelf.leave_behind(document.id(), u32::MAX);
    // It came back from somebody who has less of it, and was removed again.
    shelf.leave_behind(document.id(), 5);
    let Author { name, key, stamp, .. } = author(0, 0);
    let author = shelf.author(document.id(), name, key, stamp);
    let anew = Document::publish(author, label("Raid"), Policy::open(), vec![]);
    assert_eq!(anew, Err(ChangeError::Overtaken));
}
