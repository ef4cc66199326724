//! Assignment sheets, read and written in three forms.

mod laws;
mod saved;
mod table;

use std::collections::BTreeMap;

use guildsync_files::input::InputError;
use guildsync_files::sheets::{Form, Sheet, SheetError, detect, read, write_csv};
use guildsync_sections::{Body, BodyError, Label};

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn sheet(text: &str) -> Sheet {
    read(text.as_bytes()).unwrap()
}

fn told(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

fn cells(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// A section as it is meant.
fn body(header: &[&str], rows: &[&[&str]]) -> Body {
    let rows = rows.iter().map(|row| cells(row)).collect();
    Body { header: cells(header), rows, ..Body::default() }
}

fn more(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn every_form_is_told_by_its_content() {
    let section = r#"["Section Name"] = "A", ["Section Header"] = {}, ["Section Rows"] = {}"#;
    let json = r#"{"format":"guildsync-sheet","version":1,"sections":[{"name":"A"}]}"#;
    let table = [
        (format!("TWRA_Assignments = {{ data = {{ {{ {section} }} }} }}\n"), Form::Lua),
        (format!("-- saved\n\nTWRA_Assignments={{data={{[1]={{{section}}}}}}}\n"), Form::Lua),
        (format!("TWRA_ImportString={{[\"data\"]={{[1]={{{section},}},}}}}\n"), Form::Lua),
        (format!("{{ data = {{ {{ {section} }} }} }}"), Form::Lua),
        (format!("{{ [1] = {{ {section} }} }}"), Form::Lua),
        (format!("{{ {{ {section} }} }}"), Form::Lua),
        (format!("{{ {section} }}"), Form::Lua),
        (
            "VFdSQV9JbXBvcnRTdHJpbmc9e1siZGF0YSJdPXtb\nMV09e1siU2VjdGlvbiBOYW1lIl09IkEifX19".into(),
            Form::Lua,
        ),
        (
            "VFdSQV9JbXBvcnRTdHJpbmc9e1siZGF0YSJdPXtbMV09e1siU2VjdGlvbiBOYW1lIl09IkEifX19IA=="
                .into(),
            Form::Lua,
        ),
        (
            "VFdSQV9JbXBvcnRTdHJpbmc9e1siZGF0YSJdPXtbMV09e1siU2VjdGlvbiBOYW1lIl09IkEiLH19fSA="
                .into(),
            Form::Lua,
        ),
        (json.to_owned(), Form::Json),
        (format!("\u{feff}\r\n{json}\r\n"), Form::Json),
        ("Section\nA\n".to_owned(), Form::Csv),
        ("Section,#title,T\nA".to_owned(), Form::Csv),
        ("\u{feff}\"Section\";\r\n\"A\";\r\n".to_owned(), Form::Csv),
        ("Section\t\t\nA\t\t\n".to_owned(), Form::Csv),
    ];
    for (text, form) in table {
        assert_eq!(detect(text.as_bytes()), Ok(form), "{text}");
        assert_eq!(sheet(&text).sections, [(label("A"), Body::default())], "{text}");
    }
}

#[test]
fn what_is_no_sheet_is_named_with_what_to_do() {
    let table = [
        ("", "the file is empty"),
        ("Dear guild", "there is no sheet in it (it holds \"Dear guild\"); expected TWRA.lua"),
        ("Sections,2\n", "there is no sheet in it (it holds \"Sections,2"),
        ("DBM = {}\n", "there is no sheet in it (it holds DBM)"),
        ("TWRA_Assignments = { timestamp = 1 }\n", "there is no sheet in it (it holds timestamp)"),
        ("{}", "there is no sheet in it (it holds nothing)"),
        ("{ a = 1 }", "there is no sheet in it (it holds a)"),
        (r#"{"a":1}"#, "there is no sheet in it (it holds JSON without a format)"),
        (
            r#"{"format":"guildsync-archive"}"#,
            "there is no sheet in it (it holds JSON of guildsync",
        ),
        (
            "TWRA_Assignments = { data = {\n",
            "line 2, column 1: the file was cut off inside a table",
        ),
        (r#"{"format":"guildsync-sheet","sections":["#, "line 1, column 40: EOF while parsing"),
        ("Section\nA,\"cut", "line 2: a quotation mark has no partner: the file was cut off"),
        ("Section\nA\0", "line 2, column 2: a NUL byte"),
        (
            "Section\nA,\u{1}\n,x\n",
            "line 3: the first column is empty: put the section's name there",
        ),
        ("TWRA_Assignments = { version = 3, data = {} }\n", "the sheet has version 3, 2 is known"),
        (r#"{"format":"guildsync-sheet","version":2}"#, "the sheet has version 2, 1 is known"),
    ];
    for (text, start) in table {
        assert!(told(text).starts_with(start), "{}", told(text));
    }
    let utf16 = read(&b"\xff\xfeS\0"[..]).unwrap_err();
    assert_eq!(utf16, SheetError::Input(InputError::Utf16));
    // No letter is taken for the marker of a packed text.
    for name in [&b"\xf1andu"[..], b"EspA\xf1A", b"\xf1A-b"] {
        let latin = [b"TWRA_Assignments = { \"", name, b"\" }\n"].concat();
        let error = read(latin.as_slice()).unwrap_err();
        assert!(error.to_string().contains("not UTF-8"), "{error}");
    }
}

#[test]
fn json_takes_what_may_be_left_out_and_refuses_what_it_does_not_know() {
    let json = |section: &str| {
        format!(r#"{{"format":"guildsync-sheet","version":1,"title":"T","sections":[{section}]}}"#)
    };
    let read_back = sheet(&json(
        r#"{"name":"A","rows":[["x"],[]],"note":"n\nm","warning":"","groups":[2,1],"more":{"b":"{}"}}"#,
    ));
    assert_eq!(read_back.title, Some(label("T")));
    let expected = Body {
        note: Some("n\nm".into()),
        warning: Some(String::new()),
        group_rows: vec![2, 1],
        more: more(&[("b", "{}")]),
        ..body(&[], &[&["x"], &[]])
    };
    assert_eq!(read_back.sections, [(label("A"), expected)]);
    assert_eq!((read_back.report.sections, read_back.report.rows), (1, 2));
    let table = [
        (r#"{"name":"A","nots":"x"}"#, "unknown field `nots`"),
        (r#"{"name":"A","rows":[[1]]}"#, "invalid type: integer `1`, expected a string"),
        (r#"{"name":"A","groups":[-1]}"#, "invalid value: integer `-1`"),
        (r#"{"rows":[]}"#, "missing field `name`"),
        (r#"{"name":""}"#, "section 1: a title or a section's name is empty: give it one"),
        (
            r#"{"name":"A"},{"name":"a\nb"}"#,
            "section 2: the name \"a\\nb\" holds a control character",
        ),
    ];
    for (section, said) in table {
        assert!(told(&json(section)).contains(said), "{}", told(&json(section)));
    }
}

/// Nothing is cut short: what cannot be kept is an error that names its section and the limit.
#[test]
fn limits_are_errors_that_name_the_section() {
    let long = "x".repeat(5000);
    let wide = r#""c","#.repeat(65);
    let lua = |section: &str| {
        format!(
            "TWRA_Assignments = {{ data = {{ {{ [\"Section Name\"] = \"A\", {section} }} }} }}\n"
        )
    };
    let table = [
        (lua(&format!("[\"Section Header\"] = {{ {wide} }}")), "65 columns, 64 is the most"),
        (lua(r#"["Section Rows"] = { [501] = {} }"#), "501 rows, 500 is the most"),
        (lua(r#"["Section Rows"] = { [4000000000] = {} }"#), "4000000000 rows, 500 is the most"),
        (lua(r#"["Section Rows"] = { { [65] = 1 } }"#), "65 cells in a row, 64 is the most"),
        (lua(&format!("x = \"{long}\"")), "5002 bytes in a text, 4096 is the most"),
        (format!("Section\nA{}", "\nA,x".repeat(502)), "501 rows, 500 is the most"),
        (format!("Section\nA{}\n", ",x".repeat(65)), "65 columns, 64 is the most"),
        (format!("Section\nA\nA,{long}\n"), "5000 bytes in a text, 4096 is the most"),
    ];
    for (text, said) in table {
        let told = told(&text);
        assert!(told.starts_with("section \"A\": a section has ") && told.contains(said), "{told}");
    }
    let many: String = (0..257).map(|n| format!("S{n},a\n")).collect();
    assert_eq!(
        told(&format!("Section\n{many}")),
        "the sheet has more than 256 sections: split it in two"
    );
    let broad = body(&[&long], &[]);
    let why = BodyError::TooMany { what: "bytes in a text", found: 5000, limit: 4096 };
    let error = write_csv(&label("T"), &[(label("A"), broad)]).unwrap_err();
    assert_eq!(error, SheetError::Section { section: "A".into(), why });
}

#[test]
fn the_report_says_what_was_read() {
    let text =
        "TWRA_SavedVariables = {}\nTWRA_Assignments = { isExample = true, other = 1, data = {
        { [\"Section Name\"] = \"A\", [\"Section Rows\"] = { { \"x\", y = 1 } } }, x = 1 } }\n";
    let report = sheet(text).report;
    assert!(report.is_example);
    let shown = report.to_string();
    let expected = "1 sections with 1 rows\nit is the addon's example\nnot read: TWRA_SavedVariables, \
        TWRA_Assignments.other, 1 entries of data without a number, 1 entries without a number in row 1 \
        of section \"A\"\n";
    assert_eq!(shown, expected);
}
