//! Bytes that nobody packed: an error, or versions that are no larger than a batch may be.

use guildsync_wire::lua::{Table, Value};
use guildsync_wire::records::{DECODED_BYTES_MAX, Memory, RECORDS_MAX, Stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::any::{author, document, streamed};
use crate::body::Plain;
use crate::document::Document;
use crate::edit::Author;
use crate::message::Carried;
use crate::name::Label;
use crate::pack::context::Context;
use crate::pack::{pack, unpack};
use crate::rights::Policy;

/// Reads bytes; whatever they are, what comes of them is bounded by what a batch of records may be. What
/// reading takes is bounded with it: each step of it gives a piece of a record.
#[track_caller]
fn is_bounded(base: Option<&Document>, earlier: &[Carried], bytes: &[u8]) -> bool {
    let document = base.map_or(crate::name::DocumentId([3; 8]), Document::id);
    let Ok(read) = unpack(document, base, earlier, bytes) else { return false };
    assert!(read.len() <= RECORDS_MAX);
    let bodies = read.iter().filter_map(|one| one.body.as_ref());
    assert!(bodies.map(|body| body.bytes().len()).sum::<usize>() <= DECODED_BYTES_MAX);
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_bytes_do_no_harm(
        base in proptest::option::of(document()),
        bytes in vec(any::<u8>(), 0..300),
    ) {
        is_bounded(base.as_ref(), &[], &bytes);
        // No edits, then a batch.
        is_bounded(base.as_ref(), &[], &[&[0, 0x1a][..], &bytes].concat());
    }

    #[test]
    fn damage_does_no_harm(
        stream in streamed(),
        flips in vec((any::<Index>(), 0u32..8), 24),
        cuts in vec(any::<Index>(), 16),
    ) {
        let base = stream.base.as_ref();
        let (last, earlier) = stream.parts.split_last().unwrap();
        let earlier = earlier.concat();
        let bytes = pack(stream.document, base, &earlier, last).unwrap();
        for (at, bit) in flips {
            let mut damaged = bytes.to_vec();
            damaged[at.index(bytes.len())] ^= 1 << bit;
            is_bounded(base, &earlier, &damaged);
            // Read with something else in mind than it was written with.
            is_bounded(None, &earlier, &damaged);
            is_bounded(base, &[], &bytes);
        }
        for cut in cuts {
            is_bounded(base, &earlier, &bytes[..cut.index(bytes.len())]);
        }
    }
}

fn base() -> Document {
    let (name, key) = author(0);
    let author = Author { name: &name, key: &key, stamp: Default::default(), after: 0 };
    let label = |text| Label::new(text).unwrap();
    let body: Plain = crate::body::Body::default().plain().unwrap();
    Document::publish(author, label("Raid"), Policy::open(), vec![(label("Ash"), body)]).unwrap()
}

#[test]
fn what_is_cut_off_is_refused() {
    let base = base();
    let carry = |version: &crate::version::Version| {
        let (item, edit) = (version.item().clone(), version.edit().clone());
        Carried { item, edit, body: version.body().cloned() }
    };
    let part: Vec<Carried> = base.versions().map(carry).collect();
    let bytes = pack(base.id(), None, &[], &part).unwrap();
    for len in 0..bytes.len() {
        assert!(unpack(base.id(), None, &[], &bytes[..len]).is_err(), "{len}");
    }
    // A coder has a few bits to spare at its end: what stands there means nothing.
    for more in 0..=255 {
        let longer = [&bytes[..], &[more]].concat();
        let read = unpack(base.id(), None, &[], &longer);
        assert!(read.is_err() || read == Ok(part.clone()), "{more}");
        let longer = [&bytes[..], &[more; 9]].concat();
        assert!(unpack(base.id(), None, &[], &longer).is_err(), "{more}");
    }
}

fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Table {
    let mut table = Table::new();
    values.into_iter().for_each(|value| table.push(value));
    table
}

fn record(fields: &[(&str, Value)]) -> Value {
    let mut table = Table::new();
    for (name, value) in fields {
        table.insert(*name, value.clone());
    }
    table.into()
}

/// What reading says of records by somebody who keeps to no rule.
fn said(records: &[Value]) -> String {
    let base = base();
    let context = Context::new(base.id(), Some(&base), &[]);
    let mut stream = Stream::sized(&context.values(), Memory::Small).unwrap();
    let bytes = [&[0][..], &stream.encode(records).unwrap()].concat();
    match unpack(base.id(), Some(&base), &[], &bytes) {
        Ok(read) => format!("{} items", read.len()),
        Err(why) => why.to_string(),
    }
}

#[test]
fn records_that_nobody_writes_are_refused() {
    let (name, first) = (("n", Value::from("Ash")), ("e", Value::from(0)));
    let notes: Value = list([false, false]).into();
    let section = |more: &[(&str, Value)]| {
        let whole = [name.clone(), first.clone(), ("h", Table::new().into()), ("t", notes.clone())];
        record(&[&whole[..], more].concat())
    };
    let structure = |more: &[(&str, Value)]| {
        record(&[&[name.clone(), first.clone(), ("k", 1.into())][..], more].concat())
    };
    let removed =
        |more: &[(&str, Value)]| record(&[&[first.clone(), ("k", 2.into())][..], more].concat());
    let row = |cell: Value| record(&[("i", 1.into()), ("m", cell)]);
    assert_eq!(said(&[section(&[]), row("x".into()), structure(&[])]), "2 items");
    let numbers = [i64::MIN, i64::MIN + 1, -9, 0, 99, i64::MAX];
    for number in numbers {
        let not_known = "a section that is not known";
        for records in [
            section(&[("d", number.into())]),
            removed(&[("d", number.into())]),
            structure(&[("o", list([number]).into())]),
        ] {
            assert!(said(&[records]).contains(not_known), "{number}");
        }
        let seen = |values: Table| section(&[("q", values.into())]);
        let mut list_of =
            vec![list([1, number, 1]), list([number - i64::from(number == 99) * 100])];
        if number == 0 {
            list_of = vec![list([1, 0])];
        }
        for values in list_of.into_iter().map(seen) {
            let said = said(&[values]);
            assert!(said.contains("count") || said.contains("writer"), "{number}: {said}");
        }
        if number != 0 {
            assert!(
                said(&[record(&[name.clone(), ("e", number.into())])]).contains("no such edit")
            );
        }
        let group_rows = section(&[("g", list([number]).into())]);
        if !(0..=i64::from(u32::MAX)).contains(&number) {
            assert!(said(&[group_rows]).contains("a group row is a number"), "{number}");
        }
    }
    let long = Value::from("x".repeat(101));
    let table: [(Value, &str); 18] = [
        (row("x".into()), "an item begins with its head"),
        (1.into(), "an item begins with its head"),
        (record(std::slice::from_ref(&name)), "no such edit"),
        (record(&[("n", long), first.clone()]), "a name is 1 to 100 bytes"),
        (record(&[("n", 1.into()), first.clone()]), "a name is 1 to 100 bytes"),
        (record(std::slice::from_ref(&first)), "a section without a name"),
        (record(&[first.clone(), ("d", 1.into())]), "a section without a name"),
        (removed(&[]), "a section without a name has no id"),
        (record(&[first.clone(), ("k", 1.into())]), "a document without a title"),
        (record(&[name.clone(), first.clone(), ("k", 3.into())]), "an item of no kind"),
        (record(&[name.clone(), first.clone(), ("k", "1".into())]), "an item of no kind"),
        (record(&[name.clone(), first.clone()]), "a list is missing"),
        (section(&[("b", "12".into())]), "a hash is 64 hex digits"),
        (section(&[("g", 1.into())]), "group rows are a list"),
        (section(&[("x", record(&[("a", 1.into())]))]), "a further field has a name and a text"),
        (structure(&[("p", "\u{100}".into())]), "a policy that is none"),
        (structure(&[("o", 1.into())]), "an order is a list"),
        (section(&[("d", "12".into())]), "a section's id is 16 hex digits"),
    ];
    for (record, wanted) in table {
        let said = said(std::slice::from_ref(&record));
        assert!(said.contains(wanted), "{record:?}: {said}");
    }
    assert!(said(&[section(&[]), row(1.into())]).contains("a cell is a text"));
    let rows = vec![row("x".into()); 501];
    assert!(said(&[vec![section(&[])], rows].concat()).contains("501 rows, 500 is the most"));
}

#[test]
fn the_shortest_bytes_for_the_most_records_are_bounded() {
    // Bytes of one kind steer a decoder into always the same choice.
    for byte in [0, 1, 0x55, 0x7f, 0x80, 0xaa, 0xfe, 0xff] {
        for len in [1, 2, 3, 5, 8, 16, 64, 300, 2_000] {
            let bytes = [&[0, 0x1a][..], &vec![byte; len]].concat();
            is_bounded(None, &[], &bytes);
            is_bounded(Some(&base()), &[], &bytes);
        }
    }
}
