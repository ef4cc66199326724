//! What is written reads back equal, in all three forms.

use guildsync_files::sheets::{SheetError, read, write_csv, write_json, write_lua};
use guildsync_sections::{Body, Label};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::{label, sheet};

const CELLS: [&str; 20] = [
    "", "", "", "Skull", "Brindle", "a,b", "\"", "\n", "\r\n", "\t", "#note", "##", "#END", "#end",
    "#1", "\\", "Section", "ñ?B", "\u{feff}", "\u{1}7",
];

const FIELDS: [&str; 16] = [
    "GUID",
    "Section Name",
    "Section Rows",
    "Section Metadata",
    "Section More",
    "Section Index",
    "NeedsProcessing",
    "Section Metadata.",
    "Section Metadata.GUID",
    "Section Metadata.Note",
    "Section Metadata.Group Rows",
    "Section Metadata.[1]",
    "[1]",
    "[1.0]",
    "[\"[x]\"]",
    "[",
];

const TEXTS: [&str; 14] = [
    "{}",
    "{1}",
    "{1, 2}",
    "{1,2}",
    "\"a\"",
    "'a'",
    "true",
    "-0.5",
    "{[1] = \"a\", [\"x\"] = {}}",
    "{{\"odd\"}}",
    "nil",
    "os.execute(\"x\")",
    "",
    "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}",
];

fn any_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(texts).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

fn any_body() -> impl Strategy<Value = Body> {
    let cells = || vec(any_of(&CELLS), 0..5);
    let text =
        || proptest::option::of(vec(any_of(&CELLS), 0..4).prop_map(|lines| lines.join("\n")));
    let group_rows = vec(prop_oneof![0..10u32, any::<u32>()], 0..4);
    let more = btree_map(any_of(&FIELDS), any_of(&TEXTS), 0..6);
    (cells(), vec(cells(), 0..6), text(), text(), group_rows, more).prop_map(
        |(header, rows, note, warning, group_rows, more)| Body {
            header,
            rows,
            note,
            warning,
            group_rows,
            more,
        },
    )
}

const NAMES: [&str; 10] = ["A", "B", "Section", "#new", "##", "Gate, \"Ash\"", " ", "17", "ñ", "="];

fn any_label() -> impl Strategy<Value = Label> {
    let text = prop_oneof![
        3 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned),
        1 => "[^\\p{Cc}]{1,20}",
    ];
    text.prop_map(|text| label(&text))
}

fn any_sections() -> impl Strategy<Value = Vec<(Label, Body)>> {
    vec((any_label(), any_body()), 0..5)
}

/// Changes some bytes of a text.
fn damaged() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
}

proptest! {
    #[test]
    fn lua_reads_back_equal(title in any_label(), sections in any_sections()) {
        let read = sheet(&write_lua(&title, &sections).unwrap());
        prop_assert_eq!(&read.sections, &sections);
        prop_assert_eq!(read.title, Some(title));
        prop_assert!(read.local.is_empty() && read.report.unread.is_empty());
    }

    #[test]
    fn json_reads_back_equal(title in any_label(), sections in any_sections()) {
        let read = sheet(&write_json(&title, &sections).unwrap());
        prop_assert_eq!(&read.sections, &sections);
        prop_assert_eq!(read.title, Some(title));
    }

    #[test]
    fn csv_reads_back_equal_filled_up_too(title in any_label(), sections in any_sections()) {
        let written = match write_csv(&title, &sections) {
            Err(SheetError::Nul { .. }) => return Ok(()),
            written => written.unwrap(),
        };
        let read = sheet(&written);
        prop_assert_eq!(&read.sections, &sections);
        prop_assert_eq!(read.title, Some(title));

        let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(written.as_bytes());
        let mut filled = csv::Writer::from_writer(Vec::new());
        for record in csv.records() {
            let mut record = record.unwrap();
            while record.len() < 9 {
                record.push_field("");
            }
            filled.write_record(&record).unwrap();
        }
        let filled = String::from_utf8(filled.into_inner().unwrap()).unwrap();
        prop_assert_eq!(sheet(&filled).sections, sections);
    }

    #[test]
    fn damaged_text_reads_or_is_refused(sections in any_sections(), damage in damaged()) {
        let title = label("T");
        let forms = [write_lua(&title, &sections), write_json(&title, &sections), write_csv(&title, &sections)];
        for text in forms.into_iter().flatten() {
            let mut bytes = text.into_bytes();
            for (index, byte) in &damage {
                let index = index.index(bytes.len());
                bytes[index] = *byte;
            }
            _ = read(bytes.as_slice());
        }
    }

    #[test]
    fn a_cut_inside_lua_or_json_is_refused(sections in any_sections(), cut: prop::sample::Index) {
        let title = label("T");
        for text in [write_lua(&title, &sections).unwrap(), write_json(&title, &sections).unwrap()] {
            let text = text.trim_end();
            let cut = cut.index(text.len());
            prop_assert!(read(&text.as_bytes()[..cut]).is_err());
        }
    }
}
