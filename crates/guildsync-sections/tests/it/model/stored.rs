//! What a store keeps: it reads back as it was, and what is damaged is refused.

use guildsync_sections::{Change, Document, DocumentId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::apart::{Apart, author, body, check_shown, label, publish, steps};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_document_reads_back_as_it_was(steps in steps(24)) {
        for document in Apart::new(3, &[false, true]).run(&steps).copies {
            let bytes = document.encode();
            let read = Document::decode(document.id(), &bytes).unwrap();
            prop_assert_eq!(&read, &document);
            prop_assert_eq!(read.digest(), document.digest());
            prop_assert_eq!(read.encode(), bytes.clone());
            // The id is part of all that is signed.
            prop_assert!(Document::decode(DocumentId([1; 8]), &bytes).is_err());
        }
    }

    #[test]
    fn damage_is_refused_or_gives_a_document(
        steps in steps(12),
        flips in vec((any::<Index>(), 0u32..8), 200),
    ) {
        let apart = Apart::new(2, &[]).run(&steps);
        let document = &apart.copies[0];
        let bytes = document.encode();
        for (at, bit) in flips {
            let mut damaged = bytes.clone();
            damaged[at.index(bytes.len())] ^= 1 << bit;
            // A flipped number of versions or of an edit can leave a document; what is in it is signed.
            if let Ok(read) = Document::decode(document.id(), &damaged) {
                check_shown(&read);
                prop_assert!(read.versions().all(|one| apart.made.contains_key(&one.id())));
            }
        }
    }

    #[test]
    fn any_bytes_are_no_document(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(Document::decode(DocumentId([1; 8]), &bytes).is_err());
    }
}

/// A document of two sections, one of them with a conflict.
fn sample() -> Document {
    let base = publish(0, &["Ash", "Birch"]);
    let mut both = base.clone();
    for at in [1, 2] {
        let mut copy = base.clone();
        let section = base.sections()[0].id;
        let set = Change::Set { section, name: label("Ash"), body: body(&format!("by {at}")) };
        copy.change(author(at, at as u64), vec![set]).unwrap();
        both.merge(copy.versions().cloned()).unwrap();
    }
    both
}

#[test]
fn what_is_cut_off_or_has_more_behind_it_is_refused() {
    let document = sample();
    let bytes = document.encode();
    for len in 0..bytes.len() {
        assert!(Document::decode(document.id(), &bytes[..len]).is_err(), "{len}");
    }
    for more in 0..=255 {
        let longer = [&bytes[..], &[more]].concat();
        assert!(Document::decode(document.id(), &longer).is_err(), "{more}");
    }
}

#[test]
fn a_flip_of_any_bit_that_is_signed_is_refused() {
    let document = sample();
    let bytes = document.encode();
    let mut places = Vec::new();
    let find = |part: &[u8]| {
        let at = bytes.windows(part.len()).position(|window| window == part).unwrap();
        at..at + part.len()
    };
    for version in document.versions() {
        places.extend(version.body().map(|body| find(body.bytes())));
        places.extend(version.body().map(|body| find(&body.hash().0)));
        let edit = version.edit();
        places.extend([find(&edit.key.0), find(&edit.signature.0)]);
        places.extend([find(edit.editor.as_str().as_bytes())]);
        places.extend(edit.items.iter().map(|item| find(&item.0)));
    }
    assert!(places.len() > 20);
    for place in places {
        for bit in place.start * 8..place.end * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let read = Document::decode(document.id(), &damaged);
            assert!(read.is_err(), "bit {bit} of {} in {place:?}", bytes.len() * 8);
        }
    }
}
