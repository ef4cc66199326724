//! Tests of lines: laws, then what is refused.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const ALL: [Delimiter; 5] =
    [Delimiter::Pipe, Delimiter::Colon, Delimiter::Semicolon, Delimiter::Comma, Delimiter::Tab];

fn delimiter() -> impl Strategy<Value = Delimiter> {
    proptest::sample::select(&ALL[..])
}

/// Any text, and text that is mostly what needs escaping or separates.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), r"[\\|:;,\t\r\n=ABnpcsmt]{0,24}"]
}

/// A line: its word, and its fields, some with a key.
type Line = (String, Vec<(Option<String>, String)>);

fn line() -> impl Strategy<Value = Line> {
    let key = proptest::option::of("[a-z0-9]{0,5}");
    ("[A-Z_]{1,9}", vec((key, text()), 0..6))
}

fn whole(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// All lines of a text, or what is wrong with it: for each its word and fields as they are.
fn read(text: &str, delimiter: Delimiter) -> Result<Vec<(String, Vec<String>)>, LineError> {
    let (mut lines, mut all) = (Lines::new(text, delimiter), Vec::new());
    while lines.word().is_some() {
        let (word, mut fields) = lines.take()?;
        let mut taken = Vec::new();
        while !fields.is_empty() {
            taken.push(fields.next("the field", "there", whole)?);
        }
        fields.finish()?;
        all.push((word.to_owned(), taken));
    }
    lines.finish()?;
    Ok(all)
}

proptest! {
    #[test]
    fn what_is_written_reads_back(lines in vec(line(), 1..6), delimiter in delimiter()) {
        let mut out = LineWriter::new(delimiter);
        for (word, fields) in &lines {
            out.word(word);
            for (key, value) in fields {
                match key {
                    Some(key) => out.field(key, value),
                    None => out.value(value),
                }
            }
        }
        let text = out.finish();
        let mut left = Lines::new(&text, delimiter);
        for (n, (word, fields)) in (1..).zip(&lines) {
            prop_assert_eq!(left.word(), Some(word.as_str()));
            let (found, mut f) = left.take().unwrap();
            prop_assert_eq!((found, f.line()), (word.as_str(), n));
            for (key, value) in fields {
                prop_assert!(!f.is_empty());
                let field = match key {
                    Some(key) => {
                        prop_assert!(f.has(key) && !f.has("another"));
                        format!("{key}={value}")
                    }
                    None => value.clone(),
                };
                prop_assert_eq!(f.next("the field", "there", whole), Ok(field));
            }
            prop_assert!(f.is_empty());
            f.finish().unwrap();
        }
        left.finish().unwrap();
    }

    #[test]
    fn any_text_is_read_or_refused_by_its_line(text in text(), delimiter in delimiter()) {
        match read(&text, delimiter) {
            Ok(lines) => {
                prop_assert_eq!(lines.len(), text.split('\n').count());
                // Fields as `text::split` has them, the word as it stands.
                for ((word, fields), line) in lines.iter().zip(text.split('\n')) {
                    let rest = line.strip_prefix(word.as_str()).unwrap();
                    let behind = rest.strip_prefix(delimiter.as_char());
                    let split = behind.map(|behind| crate::text::split(behind, delimiter).unwrap());
                    prop_assert_eq!(fields, &split.unwrap_or_default());
                }
            }
            Err(LineError { line, why: LineFault::Escape(fault) }) => {
                let line = text.split('\n').nth(line - 1).unwrap();
                let (TextError::UnknownEscape { at, .. } | TextError::DanglingBackslash { at }) = fault;
                prop_assert_eq!(line.as_bytes()[at], b'\\', "{}", line);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn lines_are_taken_as_they_stand_however_they_are_read(text in text(), delimiter in delimiter()) {
        let (mut lines, mut raw) = (Lines::new(&text, delimiter), Lines::new(&text, delimiter));
        for (n, line) in (1..).zip(text.split('\n')) {
            let word = lines.word().unwrap();
            prop_assert_eq!(lines.take_line(), Ok((n, line)));
            let behind = line.split_once(delimiter.as_char()).map(|(_, behind)| (n, behind));
            prop_assert_eq!(raw.take_raw(word).ok(), behind);
        }
        prop_assert_eq!(lines.word(), None);
        lines.finish().unwrap();
        raw.finish().unwrap();
    }

    #[test]
    fn a_number_and_a_value_have_one_spelling(text in "[0-9+ a-f]{0,6}", n: u32) {
        prop_assert_eq!(number::<u32>(&n.to_string()), Some(n));
        prop_assert!(number::<u64>(&text).is_none_or(|n| n.to_string() == text));
        prop_assert!(shown::<i16>(&text).is_none_or(|n| n.to_string() == text));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let at = |text: &str, read: fn(&mut Lines<'_>) -> Result<(), LineError>| {
        let mut lines = Lines::new(text, Delimiter::Colon);
        lines.take().unwrap();
        read(&mut lines).unwrap_err().to_string()
    };
    assert_eq!(at("A", |lines| lines.take().map(drop)), "line 2: the line is not there");
    assert_eq!(
        at("A\n", |lines| lines.clone().finish()),
        "line 2: the line is not one that belongs there"
    );
    let raw = |lines: &mut Lines<'_>| lines.take_raw("HEX").map(drop);
    assert_eq!(at("A\nHEX", raw), "line 2: the line is not HEX:...");
    assert_eq!(at("A\nHEXA:00", raw), "line 2: the line is not HEX:...");
    let n = |lines: &mut Lines<'_>| lines.take()?.1.take("n", "a number", number::<u8>).map(drop);
    for text in
        ["A\nB", "A\nB:", "A\nB:n", "A\nB:n=", "A\nB:n=x", "A\nB:n=256", "A\nB:m=1", "A\nB:nn=1"]
    {
        assert_eq!(at(text, n), "line 2: n is not a number", "{text}");
    }
    assert_eq!(at("A\nB:n=1\\p", n), "line 2: unknown escape `\\p` at byte 5");
    assert_eq!(at("A\nB:n=1\\", n), "line 2: the line ends inside an escape at byte 5");
    let none = |lines: &mut Lines<'_>| lines.take()?.1.finish();
    assert_eq!(at("A\nB:", none), "line 2: the next field is not one that belongs there");
}

#[test]
fn a_field_has_its_whole_key_and_no_other() {
    let (_, fields) = Lines::new("A;next=1;last=2", Delimiter::Semicolon).take().unwrap();
    let keys = ["next", "nex", "ext", "", "last"];
    assert_eq!(keys.map(|key| fields.has(key)), [true, false, false, false, false]);
}

#[test]
fn the_lines_are_these() {
    let written = ALL.map(|delimiter| {
        let mut out = LineWriter::new(delimiter);
        out.word("A");
        out.field("k", "|:;,\t=");
        out.raw("00ff");
        out.line("SND;DATA");
        out.finish()
    });
    let expected = [
        "A|k=\\p:;,\\t=|00ff\nSND;DATA",
        "A:k=|\\c;,\\t=:00ff\nSND;DATA",
        "A;k=|:\\s,\\t=;00ff\nSND;DATA",
        "A,k=|:;\\m\\t=,00ff\nSND;DATA",
        "A\tk=|:;,\\t=\t00ff\nSND;DATA",
    ];
    assert_eq!(written, expected);
}

#[test]
fn a_megabyte_of_delimiters_or_of_line_feeds_costs_a_field_at_a_time() {
    let pipes = "|".repeat(1 << 20);
    let (word, mut fields) = Lines::new(&pipes, Delimiter::Pipe).take().unwrap();
    assert_eq!((word, fields.next("the field", "there", whole)), ("", Ok(String::new())));
    // Still to be read, and kept nowhere.
    assert_eq!(fields.next, Some(2));
    assert!(fields.finish().is_err());
    let feeds = "\n".repeat(1 << 20);
    let mut lines = Lines::new(&feeds, Delimiter::Pipe);
    assert_eq!(lines.take_line(), Ok((1, "")));
    assert_eq!(lines.finish().unwrap_err().line, 2);
}
