//! Bodies and labels as bytes: one form, and limits.

use guildsync_sections::{
    BODY_BYTES_MAX, Body, BodyError, COLUMNS_MAX, FIELDS_MAX, Label, LabelError, Plain, ROWS_MAX,
    TEXT_BYTES_MAX,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::messages::any;

proptest! {
    #[test]
    fn a_body_reads_back_and_has_one_form(body in any::body(), other in any::body()) {
        let (plain, other_plain) = (body.plain().unwrap(), other.plain().unwrap());
        let read = Plain::read(plain.bytes()).unwrap();
        prop_assert_eq!(read.open().unwrap(), body.clone());
        prop_assert_eq!(plain.open().unwrap(), body.clone());
        prop_assert_eq!((read.hash(), read.bytes()), (plain.hash(), plain.bytes()));
        prop_assert_eq!(plain == other_plain, body == other);
        for len in 0..plain.bytes().len() {
            prop_assert!(Plain::read(&plain.bytes()[..len]).is_err());
        }
    }

    #[test]
    fn what_is_read_from_damaged_bytes_is_in_its_one_form(
        body in any::body(),
        flips in vec((any::<Index>(), 0u32..8), 20),
    ) {
        let plain = body.plain().unwrap();
        for (at, bit) in flips {
            let mut damaged = plain.bytes().to_vec();
            damaged[at.index(plain.bytes().len())] ^= 1 << bit;
            if let Ok(read) = Plain::read(&damaged) {
                prop_assert_ne!(read.hash(), plain.hash());
                let again = read.open().unwrap().plain().unwrap();
                prop_assert_eq!(again.bytes(), &damaged[..]);
            }
        }
    }

    #[test]
    fn any_bytes_as_a_body_do_no_harm(bytes in vec(any::<u8>(), 0..100)) {
        if let Ok(read) = Plain::read(&bytes) {
            let again = read.open().unwrap().plain().unwrap();
            prop_assert_eq!(again.bytes(), &bytes[..]);
        }
    }

    #[test]
    fn labels_keep_their_text(text in any::<String>()) {
        let is_label = (1..=100).contains(&text.len()) && !text.chars().any(char::is_control);
        match Label::new(&text) {
            Ok(label) => prop_assert_eq!((label.as_str(), is_label), (&text[..], true)),
            Err(_) => prop_assert!(!is_label),
        }
    }
}

#[test]
fn forms_that_no_body_has_are_refused() {
    // Header, rows, note, warning, group rows, further fields.
    let table: [(&[u8], &str); 12] = [
        (&[0, 0, 0, 0, 0, 0], "an empty body"),
        (&[0x80, 0, 0, 0, 0, 0, 0], "a count in two bytes that needs one"),
        (&[0, 0, 2, 1, b'x', 0, 0, 0], "a text that is there in another way"),
        (&[0, 0, 0, 0, 0, 2, 1, b'a', 0, 1, b'a', 0], "a field twice"),
        (&[0, 0, 0, 0, 0, 2, 1, b'b', 0, 1, b'a', 0], "fields out of order"),
        (&[0, 0, 0, 0, 0, 0, 0], "bytes behind it"),
        (&[1, 1, 0xff, 0, 0, 0, 0, 0], "letters that are no UTF-8"),
        (&[65, 0, 0, 0, 0, 0], "more columns than bytes"),
        (&[0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0], "a group row over 32 bits"),
        (&[0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0], "four billion rows"),
        (&[0, 1], "a row that is not there"),
        (&[], "nothing"),
    ];
    for (at, (bytes, what)) in table.into_iter().enumerate() {
        assert_eq!(Plain::read(bytes).is_ok(), at == 0, "{what}");
    }
}

#[test]
fn a_body_may_be_so_large_and_no_larger() {
    let texts = |n: usize, len: usize| vec!["x".repeat(len); n];
    let more = |n: usize| (0..n).map(|at| (at.to_string(), String::new())).collect();
    let body = Body::default;
    type Case = (&'static str, usize, Box<dyn Fn(usize) -> Body>);
    let table: [Case; 9] = [
        ("columns", COLUMNS_MAX, Box::new(move |n| Body { header: texts(n, 1), ..body() })),
        ("rows", ROWS_MAX, Box::new(move |n| Body { rows: vec![vec![]; n], ..body() })),
        (
            "cells in a row",
            COLUMNS_MAX,
            Box::new(move |n| Body { rows: vec![texts(n, 0)], ..body() }),
        ),
        ("group rows", ROWS_MAX, Box::new(move |n| Body { group_rows: vec![7; n], ..body() })),
        ("further fields", FIELDS_MAX, Box::new(move |n| Body { more: more(n), ..body() })),
        (
            "bytes in a text",
            TEXT_BYTES_MAX,
            Box::new(move |n| Body { note: Some("x".repeat(n)), ..body() }),
        ),
        (
            "bytes in a text",
            TEXT_BYTES_MAX,
            Box::new(move |n| Body { header: texts(1, n), ..body() }),
        ),
        (
            "bytes in a text",
            TEXT_BYTES_MAX,
            Box::new(move |n| Body { more: [("x".repeat(n), String::new())].into(), ..body() }),
        ),
        // Fifteen cells of 4096 bytes and their lengths leave this much for the last one.
        (
            "bytes",
            BODY_BYTES_MAX,
            Box::new(move |n| {
                let mut row = texts(15, 4096);
                row.push("x".repeat(n - 15 * 4098 - 9));
                Body { rows: vec![row], ..body() }
            }),
        ),
    ];
    for (what, limit, of) in table {
        let plain = of(limit).plain().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(Plain::read(plain.bytes()).unwrap(), plain, "{what}");
        let error = of(limit + 1).plain().unwrap_err();
        assert_eq!(error, BodyError::TooMany { what, found: limit + 1, limit });
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[test]
fn labels_say_what_is_wrong_with_them() {
    let long = "ö".repeat(51);
    let table = [
        ("", LabelError::Empty),
        (&long, LabelError::TooLong { text: "ö".repeat(20), len: 102 }),
        ("a\tb", LabelError::Control { text: "a\tb".into() }),
        ("\u{7f}", LabelError::Control { text: "\u{7f}".into() }),
        ("\u{85}", LabelError::Control { text: "\u{85}".into() }),
    ];
    for (text, wanted) in table {
        assert_eq!(Label::new(text), Err(wanted));
    }
    for text in [" ", "a", &"ö".repeat(50), "|cff00ff00\"quoted\"|r", "\u{1f525}"] {
        assert_eq!(Label::new(text).unwrap().to_string(), text);
    }
}
