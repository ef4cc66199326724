//! Nothing is coded twice by one thread.

use std::thread;

use super::any::author;
use crate::body::Body;
use crate::document::Document;
use crate::edit::Author;
use crate::message::Carried;
use crate::name::Label;
use crate::pack::{coded, pack, unpack};
use crate::rights::Policy;
use guildsync_types::Stamp;

fn document(seconds: u64) -> Document {
    let (name, key) = author(0);
    let author =
        Author { name: &name, key: &key, stamp: Stamp::new(seconds, 0).unwrap(), after: 0 };
    let label = |text: &str| Label::new(text).unwrap();
    let body = Body { rows: vec![vec!["Tank".into(), "Brindle".into()]], ..Body::default() };
    let sections = ["Ash", "Birch"].map(|name| (label(name), body.plain().unwrap()));
    Document::publish(author, label("Raid"), Policy::open(), sections.to_vec()).unwrap()
}

fn carried(document: &Document) -> Vec<Carried> {
    let carry = |version: &crate::version::Version| {
        let (item, edit) = (version.item().clone(), version.edit().clone());
        Carried { item, edit, body: version.body().cloned() }
    };
    document.versions().map(carry).collect()
}

/// How often anything was coded meanwhile.
fn coded_by<T>(what: impl FnOnce() -> T) -> (u64, T) {
    let before = coded();
    let done = what();
    (coded() - before, done)
}

#[test]
fn the_same_part_is_coded_once_written_and_read() {
    let document = document(1_750_000_000);
    let (id, part) = (document.id(), carried(&document));
    let write = || pack(id, None, &[], &part).unwrap();
    let (n, bytes) = coded_by(write);
    assert_eq!(n, 1);
    assert_eq!(coded_by(write), (0, bytes.clone()));
    for _ in 0..40 {
        // Whoever wrote it reads it too.
        assert_eq!(coded_by(|| unpack(id, None, &[], &bytes).unwrap()), (0, part.clone()));
    }
    // Against something else it is something else.
    let (base, earlier) = (Some(&document), &part[..1]);
    let (n, against) = coded_by(|| pack(id, base, &[], &part).unwrap());
    assert_eq!((n, against.len() < bytes.len()), (1, true));
    assert_eq!(coded_by(|| unpack(id, base, &[], &against).unwrap()).0, 0);
    assert_eq!(coded_by(|| pack(id, None, earlier, &part[1..]).unwrap()).0, 1);
    assert_eq!(coded_by(|| pack(id, None, &[], &part[1..]).unwrap()).0, 1);
    for earlier in [&part[..1], &part[1..2]] {
        assert_eq!(coded_by(|| pack(id, None, earlier, &part[2..]).unwrap()).0, 1);
    }
    // A body that is left out, another edit of the same.
    let bare = part.iter().map(|one| Carried { body: None, ..one.clone() }).collect::<Vec<_>>();
    let (n, bytes) = coded_by(|| pack(id, None, &[], &bare).unwrap());
    assert_eq!((n, unpack(id, None, &[], &bytes).unwrap()), (1, bare));
    let later = carried(&self::document(1_750_000_001));
    let (n, bytes) = coded_by(|| pack(id, None, &[], &later).unwrap());
    assert_eq!((n, unpack(id, None, &[], &bytes).unwrap()), (1, later));
}

#[test]
fn forty_readers_of_one_part_code_it_once_for_each_thread() {
    let document = document(1_750_000_000);
    let (id, part) = (document.id(), carried(&document));
    let bytes = pack(id, None, &[], &part).unwrap();
    let readers = || {
        let read = || (0..10).for_each(|_| drop(unpack(id, None, &[], &bytes).unwrap()));
        coded_by(read).0
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(readers)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 1);
        }
    });
    assert_eq!(readers(), 0);
}

#[test]
fn what_is_damaged_is_not_remembered() {
    let document = document(1_750_000_000);
    let (id, part) = (document.id(), carried(&document));
    let bytes = pack(id, None, &[], &part).unwrap().to_vec();
    for len in [bytes.len() - 1, bytes.len() - 2] {
        assert!(unpack(id, None, &[], &bytes[..len]).is_err());
        assert!(unpack(id, None, &[], &bytes[..len]).is_err());
    }
    assert_eq!(unpack(id, None, &[], &bytes).unwrap(), part);
}
