//! What is packed reads back, whatever it is and whatever both have already.

use proptest::prelude::*;

use super::any::{Streamed, author, document, streamed};
use crate::body::{Body, COLUMNS_MAX, Plain, ROWS_MAX};
use crate::document::Document;
use crate::edit::Author;
use crate::message::Carried;
use crate::name::Label;
use crate::pack::{pack, unpack};
use crate::rights::Policy;
use crate::version::Version;
use guildsync_types::Stamp;

fn carry(version: &Version) -> Carried {
    let (item, edit) = (version.item().clone(), version.edit().clone());
    Carried { item, edit, body: version.body().cloned() }
}

/// Packs a stream's parts and reads them where nothing is remembered.
fn reads_back(stream: &Streamed) {
    let Streamed { document, base, parts } = stream;
    let mut earlier = Vec::new();
    let mut packed = Vec::new();
    for part in parts {
        packed.push(pack(*document, base.as_ref(), &earlier, part).unwrap());
        earlier.extend(part.iter().cloned());
    }
    let read = || {
        let mut earlier = Vec::new();
        for (bytes, part) in packed.iter().zip(parts) {
            let read = unpack(*document, base.as_ref(), &earlier, bytes).unwrap();
            assert_eq!(&read, part);
            earlier.extend(read);
        }
    };
    read();
    // Another thread remembers nothing.
    std::thread::scope(|scope| scope.spawn(read).join().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_packed_reads_back(stream in streamed()) {
        reads_back(&stream);
    }

    #[test]
    fn a_document_reads_back_whole_and_against_another_version(
        document in document(),
        base in document(),
        cut in any::<prop::sample::Index>(),
    ) {
        let carried: Vec<Carried> = document.versions().map(carry).collect();
        let (first, second) = carried.split_at(cut.index(carried.len()));
        let parts = vec![first.to_vec(), second.to_vec()];
        let id = document.id();
        reads_back(&Streamed { document: id, base: None, parts: parts.clone() });
        reads_back(&Streamed { document: id, base: Some(document), parts: parts.clone() });
        // Whatever the base is: its sections may have nothing to do with these.
        reads_back(&Streamed { document: base.id(), base: Some(base), parts });
    }
}

/// A document of these bodies.
fn sheet(bodies: Vec<Body>) -> Document {
    let (name, key) = author(0);
    let author =
        Author { name: &name, key: &key, stamp: Stamp::new(1_750_000_000, 0).unwrap(), after: 0 };
    let section =
        |(at, body): (usize, Body)| (Label::new(&format!("{at}")).unwrap(), body.plain().unwrap());
    let sections: Vec<(Label, Plain)> = bodies.into_iter().enumerate().map(section).collect();
    Document::publish(author, Label::new("Raid").unwrap(), Policy::open(), sections).unwrap()
}

#[test]
fn the_largest_bodies_read_back() {
    let spaces = || Some(" ".repeat(4096));
    let bodies = [
        // Everything empty, as much as there may be of it.
        Body {
            header: vec![String::new(); COLUMNS_MAX],
            rows: vec![vec![String::new(); COLUMNS_MAX]; ROWS_MAX],
            note: spaces(),
            warning: spaces(),
            group_rows: vec![u32::MAX; ROWS_MAX],
            more: (0..64).map(|at| (at.to_string(), String::new())).collect(),
        },
        // As many rows without a cell.
        Body { rows: vec![Vec::new(); ROWS_MAX], ..Body::default() },
        // As much text.
        Body { rows: vec![vec!["x y".repeat(1365); 15]], ..Body::default() },
        Body { more: [("\u{0}".repeat(4096), "\n".repeat(4096))].into(), ..Body::default() },
    ];
    let document = sheet(bodies.to_vec());
    let carried: Vec<Carried> = document.versions().map(carry).collect();
    let parts: Vec<Vec<Carried>> = carried.iter().map(|one| vec![one.clone()]).collect();
    reads_back(&Streamed { document: document.id(), base: None, parts: parts.clone() });
    reads_back(&Streamed { document: document.id(), base: Some(document), parts });
}

#[test]
fn a_full_document_primes_what_is_packed_against_it() {
    // A mebibyte of words without letters: nothing takes more room as records.
    let body = Body {
        rows: vec![vec![String::new(); COLUMNS_MAX]; 1],
        note: Some(" ".repeat(4096)),
        warning: Some(" ".repeat(4096)),
        ..Body::default()
    };
    let document = sheet(vec![body; 120]);
    let carried: Vec<Carried> = document.versions().map(carry).collect();
    let parts = vec![carried[..2].to_vec(), carried[2..4].to_vec()];
    reads_back(&Streamed { document: document.id(), base: Some(document), parts });
}
